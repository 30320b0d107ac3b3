"""Questions over history: what they must answer, and what must not appear, in small made-up worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from kg import Answer, KnowledgeGraph
from kg.errors import BadParameter, UnknownName, UsageError
from tests.fiction import claim, fact, graph, pact, transfer, war

QUESTION: Final = "allies-supplying-adversary"


def cells(answer: Answer, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in answer]


# ------------------------------------------------------------------------------------------ day grain and year grain


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """An ally of 30 May, and arms of 2 April of the same year."""
    return graph(
        tmp_path_factory.mktemp("spring"),
        pact("Norland", "Osteria", begin="2005-05-30", end="2009-12-31"),
        transfer(begin="2005-04-02", end="2005-04-02"),
        war(begin="2005-01-10", end="2006-12-20"),
    )


def test_an_ally_of_may_is_none_in_april_at_day_grain(spring: KnowledgeGraph) -> None:
    assert not spring.ask(QUESTION)
    assert not spring.ask(QUESTION, grain="day")


def test_at_year_grain_both_are_in_the_year(spring: KnowledgeGraph) -> None:
    (row,) = spring.ask(QUESTION, grain="year")
    assert (row["from"], row["until"], row["overlap"], row["grain"]) == ("2005-01-01", "2005-12-31", "definite", "year")
    assert len(spring.ask(QUESTION, grain="year", on="2005-11-01")) == 1
    assert not spring.ask(QUESTION, grain="year", on="2006-01-01")
    assert not spring.ask(QUESTION, grain="year", **{"from": "2006-01-01"})
    assert not spring.ask(QUESTION, grain="year", to="2004-12-31")
    assert not spring.ask(QUESTION, grain="year", state="Norland")


def test_the_query_as_it_stands_says_which_grain_a_row_is_of(spring: KnowledgeGraph) -> None:
    assert {row["grain"] for row in spring.ask(QUESTION, grain="year")} == {"year"}
    with pytest.raises(UnknownName, match="day, year"):
        spring.ask(QUESTION, grain="month")


def test_every_row_of_day_grain_is_one_of_year_grain(tmp_path: Path) -> None:
    world = graph(
        tmp_path,
        pact("Norland", "Osteria", begin="2001", end="2005-06"),
        transfer(begin="2005-05", end="2007"),
        war(begin="2005-06-15", end="2005-07-15"),
    )
    by_day, by_year = world.ask(QUESTION), world.ask(QUESTION, grain="year")
    key = ("supplier", "adversary", "state", "obligation", "transfer")
    assert set(cells(by_day, *key)) and set(cells(by_day, *key)) <= set(cells(by_year, *key))
    assert cells(by_day, "overlap") == [("possible",)]
    assert cells(by_year, "overlap") == [("definite",)]


@pytest.mark.parametrize("grain", ["day", "year"])
def test_a_war_does_not_end_before_it_begins(tmp_path: Path, grain: str) -> None:
    """Its end is known to the year and its begin to the day: however the year is read, it meets the pact."""
    world = graph(
        tmp_path,
        pact("Norland", "Osteria", begin="1982-02-10", end="1982-03-27"),
        transfer(begin="1982-03-01", end="1982-03-20"),
        war(begin="1982-03-20", end="1982"),
    )
    assert cells(world.ask(QUESTION, grain=grain), "overlap") == [("definite",)]


# --------------------------------------------------------------------------------------------------------- filters


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Norland is bound to Osteria by defense and, from 2010, to Pellmark by consultation; it arms Pellmark."""
    return graph(
        tmp_path_factory.mktemp("world"),
        pact("Norland", "Osteria", end="2020-12-31"),
        pact("Norland", "Osteria", name="calm", kind="Nonaggression", end="2020-12-31"),
        pact("Norland", "Pellmark", name="talks", kind="Consultation", begin="2010", end="2020-12-31"),
        pact("Quarria", "Osteria", name="friends", begin="2006", end="2007"),
        transfer(begin="2005-03-01", end="2005-03-31"),
        transfer("late", begin="2011-03-01", end="2011-03-31"),
        transfer("aid", supplier="Norland", recipient="Osteria", begin="2005-03-15", end="2005-04-15"),
        transfer("gift", supplier="Quarria", recipient="Pellmark", begin="2005-02-01", end="2005-02-28"),
        transfer("peace", supplier="Quarria", recipient="Osteria", begin="2008-02-01", end="2008-02-28"),
        war(begin="2005-01-01", end="2005-12-31"),
        fact("feud", "Rivalry", rival="Pellmark Osteria", begin="2001-01-01", end="2012-12-31"),
        'e:late f:trendIndicatorValue "2.5"^^xsd:decimal .\n',
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"hostility_kind": "foedus:Rivalry"}, "did you mean 'foedus:RivalryHostility'"),
        ({"hostility_kind": "foedus:State"}, "There are: foedus:ConflictHostility"),
        ({"obligation_kind": "foedus:DefenseProvision"}, "There are: foedus:ConsultationObligation"),
        ({"without": "Pellmark"}, "no alliance is called 'Pellmark'"),
    ],
)
def test_a_kind_or_an_alliance_that_is_none(world: KnowledgeGraph, given: dict[str, str], says: str) -> None:
    with pytest.raises(UnknownName) as fault:
        world.ask(QUESTION, **given)
    assert says in str(fault.value)


@pytest.mark.parametrize(
    ("question", "kind", "says"),
    [
        ("obligations", "rivalry", "There are: foedus:ConsultationObligation"),
        ("conflicts", "foedus:ArmsTransfer", "There are: foedus:ArmedConflict, foedus:Incursion"),
        ("betrayals", "supplying", "There are: foedus:AllyAttackingAlly"),
    ],
)
def test_a_kind_that_a_question_does_not_list(world: KnowledgeGraph, question: str, kind: str, says: str) -> None:
    with pytest.raises(UnknownName) as fault:
        world.ask(question, kind=kind)
    assert says in str(fault.value) and "genid" not in str(fault.value)


@pytest.mark.parametrize(("question", "kind"), [("obligations", "foedus:Obligation"), ("betrayals", "betrayal")])
def test_the_kind_of_all_that_is_listed_means_any(world: KnowledgeGraph, question: str, kind: str) -> None:
    found = list(world.ask(question, kind=kind))
    assert found and found == list(world.ask(question))


@pytest.mark.parametrize("grain", ["day", "year"])
def test_filters(world: KnowledgeGraph, grain: str) -> None:
    def deals(**given: Any) -> list[str]:
        return sorted({row["transfer"] for row in world.ask(QUESTION, grain=grain, **given)})

    assert deals() == ["the deal", "the late"]
    assert deals(obligation_kind="foedus:OffenseObligation") == []
    assert deals(obligation_kind="foedus:NonaggressionObligation") == ["the deal", "the late"]
    assert deals(hostility_kind="foedus:ConflictHostility") == ["the deal"]
    assert deals(hostility_kind="foedus:IncursionHostility") == []
    assert deals(**{"from": "2006-01-01"}) == ["the late"]
    assert deals(to="2006-01-01") == ["the deal"]
    assert deals(without="the pact") == []
    assert deals(without="the calm") == ["the deal", "the late"]
    assert deals(one_sided=True) == ["the deal"]
    assert deals(one_sided=False) == ["the deal", "the late"]
    assert deals(overlap="possible") == []
    alliances = {row["alliance"] for row in world.ask(QUESTION, grain=grain, obligation_kind="foedus:Obligation")}
    assert alliances == {"the pact", "the calm"}


@pytest.mark.parametrize("grain", ["day", "year"])
def test_what_is_owed_under_an_alliance_left_out_is_owed_to_nobody(tmp_path: Path, grain: str) -> None:
    world = graph(
        tmp_path,
        pact("Norland", "Osteria"),
        pact("Norland", "Pellmark", name="league", kind="Consultation"),
        pact("Norland", "Pellmark", name="branch", kind="Nonaggression"),
        "e:branch f:partOf e:league .\n",
        transfer(),
        war(),
    )

    def deals(**given: Any) -> list[tuple[Any, ...]]:
        return cells(world.ask(QUESTION, grain=grain, **given), "alliance", "transfer")

    assert deals() == [("the pact", "the deal")]
    assert deals(one_sided=True) == []
    # The league goes with its branch, and the branch goes alone.
    assert deals(one_sided=True, without="the league") == [("the pact", "the deal")]
    assert deals(one_sided=True, without="the branch") == []
    assert deals(one_sided=True, without="the pact") == []


def test_a_parameter_that_is_neither_true_nor_false_is_refused(world: KnowledgeGraph) -> None:
    with pytest.raises(BadParameter, match="true or false"):
        world.ask(QUESTION, one_sided="perhaps")


# ---------------------------------------------------------------------------------------------- questions of their own


def test_both_sides_suppliers(world: KnowledgeGraph) -> None:
    (row,) = world.ask("both-sides-suppliers")
    assert {row["one_side"], row["other_side"]} == {"Osteria", "Pellmark"}
    assert (row["supplier"], row["arises_from"], row["grain"]) == ("Norland", "the war", "day")
    assert (row["transfers_to_one"], row["transfers_to_other"]) == (1, 1)
    assert (row["definite_to_one"], row["definite_to_other"]) == (1, 1)
    assert (row["from"], row["until"], row["overlap"]) == ("2005-03-15", "2005-03-31", "definite")
    # Quarria armed both sides in other years of the feud: never at one time.
    assert not world.ask("both-sides-suppliers", supplier="Quarria", hostility_kind="foedus:Hostility")
    assert len(world.ask("both-sides-suppliers", hostility_kind="foedus:Hostility")) == 2
    assert not world.ask("both-sides-suppliers", **{"from": "2006-01-01"})
    assert not world.ask("both-sides-suppliers", side="Quarria")


def test_a_supplier_of_both_sides_has_one_row_and_a_transfer_counts_once(tmp_path: Path) -> None:
    world = graph(
        tmp_path,
        war(begin="2005-01-01", end="2005-12-31"),
        # The guns meet the tanks for certain and the ships perhaps; the boots meet either perhaps.
        transfer("guns", recipient="Osteria", begin="2005-03-01", end="2005-06-15"),
        transfer("boots", recipient="Osteria", begin="2005", end="2005"),
        transfer("tanks", begin="2005-03-15", end="2005-04-15"),
        transfer("ships", begin="2005-06", end="2005-07"),
        transfer("rifles", supplier="Quarria", recipient="Osteria", begin="2005", end="2005"),
        transfer("tents", supplier="Quarria", begin="2005-05", end="2005-05"),
    )

    def rows(**given: Any) -> dict[str, tuple[Any, ...]]:
        answer = world.ask("both-sides-suppliers", **given)
        assert {(row["one_side"], row["other_side"]) for row in answer} <= {("Osteria", "Pellmark")}
        columns = ("transfers_to_one", "definite_to_one", "transfers_to_other", "definite_to_other", "overlap")
        found = dict(zip(cells(answer, "supplier"), cells(answer, *columns), strict=True))
        assert len(found) == len(answer)
        return {supplier: row for (supplier,), row in found.items()}

    norland, quarria = (2, 1, 2, 1, "definite"), (1, 0, 1, 0, "possible")
    assert rows() == {"Norland": norland, "Quarria": quarria}
    assert rows(overlap="definite") == {"Norland": norland}
    assert rows(overlap="possible") == {"Quarria": quarria}
    assert rows(**{"from": "2005-04-10"}) == {"Norland": norland, "Quarria": quarria}
    assert rows(**{"from": "2005-05-01"}) == {"Norland": (2, 0, 1, 0, "possible"), "Quarria": quarria}


def test_betrayals_by_alliance(world: KnowledgeGraph) -> None:
    answer = world.ask("betrayals-by-alliance", kind="foedus:AllySupplyingAdversary")
    assert cells(answer, "alliance", "episodes", "definite", "pairs", "grain") == [("the pact", 3, 3, 1, "day")]
    assert not world.ask("betrayals-by-alliance", without="the pact", kind="foedus:AllySupplyingAdversary")
    assert not world.ask("betrayals-by-alliance", alliance="the calm")


def test_betrayals_by_decade(world: KnowledgeGraph) -> None:
    answer = world.ask("betrayals-by-decade", kind="foedus:AllySupplyingAdversary")
    assert cells(answer, "decade", "episodes") == [(2000, 2), (2010, 1)]
    later = world.ask("betrayals-by-decade", kind="foedus:AllySupplyingAdversary", **{"from": "2010-01-01"})
    assert cells(later, "decade", "episodes") == [(2010, 1)]


def test_most_armed_adversaries(world: KnowledgeGraph) -> None:
    (row,) = world.ask("most-armed-adversaries")
    assert (row["adversary"], row["transfers"], row["suppliers"]) == ("Pellmark", 2, 1)
    assert (row["value"], row["transfers_with_value"]) == (2.5, 1)
    # What is not known is no number: the deal of 2005 has no value on record.
    (row,) = world.ask("most-armed-adversaries", to="2006-01-01")
    assert (row["transfers"], row["value"], row["transfers_with_value"]) == (1, None, 0)
    assert not world.ask("most-armed-adversaries", adversary="Osteria")
    assert not world.ask("most-armed-adversaries", without="the pact")


@pytest.mark.parametrize(
    ("end", "gone", "told"),
    [
        ("Ongoing", "2007", [("the pact-Norland", "a member 2000 to ongoing", "the exit", "left in 2007")]),
        ("2010", "2007-03", [("the pact-Norland", "a member 2000 to 2010", "the exit", "left in 2007-03")]),
        ("2007", "2007", []),
        ("2007-03-01", "2007", []),
        ("Ongoing", "1999", []),
    ],
)
def test_a_membership_that_outlasts_a_withdrawal(
    tmp_path: Path, end: str, gone: str, told: list[tuple[str, ...]]
) -> None:
    exit_ = fact("exit", "Withdrawal", actor="Norland", withdrawsFrom="pact", begin=gone, end=gone)
    planned = fact("plan", "Withdrawal", actor="Osteria", withdrawsFrom="pact", claimed="Alleged")
    world = graph(tmp_path, pact("Norland", end=end), pact("Osteria", end="2015"), exit_, planned)
    for state in ({}, {"state": "Norland"}):
        answer = world.ask("source-disagreements", **state)
        assert cells(answer, "thing", "says", "other_thing", "other_says") == told
        assert {row["about"] for row in answer} <= {"withdrawal"}
    assert not world.ask("source-disagreements", state="Osteria")


def test_sources_that_differ_on_dates_are_two_documents(tmp_path: Path) -> None:
    feud = {"rival": "Norland Osteria", "begin": "2001", "claimed": ""}
    again = war(
        name="again", begin="2006", end="2007", claimed="", sideA="Osteria", sideB="Pellmark", initiator="Osteria"
    )
    answer = graph(
        tmp_path,
        fact("feud", "Rivalry", end="2009", **feud),
        fact("strife", "Rivalry", end="2005", **feud),
        claim("feud-told", "feud", source="gazette"),
        claim("strife-told", "strife", source="yearbook"),
        # The sides the other way about are the same sides.
        war(),
        again,
        claim("again-told", "again", source="yearbook"),
        transfer(),
        transfer(name="sale", begin="2006", end="2008", claimed=""),
        claim("sale-told", "sale", source="yearbook"),
        # One source alone tells of Quarria's transfers; of those to Osteria the Yearbook knows the early and the late.
        transfer(name="first", supplier="Quarria"),
        transfer(name="second", supplier="Quarria", begin="2006", end="2008"),
        transfer(name="early", recipient="Osteria"),
        transfer(name="late", recipient="Osteria", begin="2006", end="2008", claimed=""),
        claim("late-told", "late", source="yearbook"),
        claim("early-denied", "early", stance="Denies", source="yearbook"),
        # Nothing is amiss where the times do not meet.
        transfer(name="afterwards", begin="2011", end="2012", claimed=""),
        claim("afterwards-told", "afterwards", source="yearbook"),
    )
    found = {
        ("the feud", "2001 to 2009", "the strife", "2001 to 2005"),
        ("the war", "2005 to 2006", "the again", "2006 to 2007"),
        ("the deal", "2005 to 2006", "the sale", "2006 to 2008"),
    }
    rows = [row for row in answer.ask("source-disagreements") if row["about"] == "dates"]
    assert {(row["thing"], row["says"], row["other_thing"], row["other_says"]) for row in rows} == found
    assert len(rows) == len(found)
    assert {(row["source"], row["other_source"]) for row in rows} == {("the Gazette", "the Yearbook")}
    some = answer.ask("source-disagreements", state="Osteria")
    assert {row["thing"] for row in some if row["about"] == "dates"} == {"the feud", "the war"}


def test_alliances_of_two_sources_that_share_most_members_are_the_same(tmp_path: Path) -> None:
    told = "".join(
        fact(f"league-{state}", "Membership", member=state, alliance="league", begin="2000", end="Ongoing", claimed="")
        + claim(f"league-{state}-told", f"league-{state}", source="yearbook")
        for state in ("Norland", "Osteria", "Pellmark", "Quarria")
    )
    league = fact("league", "Alliance", claimed="") + claim("league-told", "league", source="yearbook")
    world = graph(tmp_path, pact("Norland", "Osteria", "Pellmark"), league, told)
    answer = world.ask("source-disagreements")
    columns = ("about", "source", "thing", "says", "other_source", "other_thing", "other_says")
    thing, other = "the league-Quarria", "the pact"
    expected = ("member", "the Yearbook", thing, "Quarria is a member", "the Gazette", other, "Quarria is not listed")
    assert cells(answer, *columns) == [expected]
    assert cells(world.ask("source-disagreements", state="Quarria"), *columns) == [expected]
    assert not world.ask("source-disagreements", state="Norland")
    # Two members in common are too few to tell.
    few = graph(tmp_path, pact("Norland", "Osteria"), league, told)
    assert not few.ask("source-disagreements")


def test_unanswered_obligations(world: KnowledgeGraph) -> None:
    answer = world.ask("unanswered-obligations")
    assert cells(answer, "obligor", "obligee", "attack", "grain") == [("Norland", "Osteria", "the war", "day")]
    assert not world.ask("unanswered-obligations", without="the pact")
    assert not world.ask("unanswered-obligations", **{"from": "2006-01-01"})
    assert not world.ask("unanswered-obligations", to="2004-01-01")


def test_obligations_network(world: KnowledgeGraph) -> None:
    edges = world.ask("obligations-network", year=2006)
    found = cells(edges, "obligor", "obligee", "kinds", "alliances", "overlap", "grain")
    assert ("Norland", "Osteria", "defense obligation; nonaggression obligation", 2, "definite", "year") in found
    assert len(found) == 4
    assert len(world.ask("obligations-network", year=2009)) == 2
    assert len(world.ask("obligations-network", year=2006, state="Quarria")) == 2
    assert not world.ask("obligations-network", year=1999)
    assert len(world.ask("obligations-network", year=2006, kind="foedus:DefenseObligation", without="the pact")) == 2
    with pytest.raises(UsageError, match="--year"):
        world.ask("obligations-network")
    with pytest.raises(BadParameter, match="write YYYY"):
        world.ask("obligations-network", year="last")


def test_unbalanced_triads(world: KnowledgeGraph) -> None:
    assert not world.ask("unbalanced-triads", year=2011)
    (row,) = world.ask("unbalanced-triads", year=2011, obligation_kind="foedus:Obligation")
    assert (row["friend"], row["hostilities"], row["overlap"]) == ("Norland", "the feud", "definite")
    assert {row["one_side"], row["other_side"]} == {"Osteria", "Pellmark"}
    for given in ({"year": 2009}, {"year": 2013}, {"year": 2011, "without": "the talks"}):
        assert not world.ask("unbalanced-triads", obligation_kind="foedus:Obligation", **given)
    assert not world.ask(
        "unbalanced-triads", year=2011, obligation_kind="foedus:Obligation", hostility_kind="foedus:ConflictHostility"
    )


def test_what_is_denied_or_only_alleged_counts_for_nothing(tmp_path: Path) -> None:
    alleged = graph(
        tmp_path,
        pact("Norland", "Osteria"),
        transfer(claimed="Alleged"),
        war(),
        claim("doubt", "war-claim", stance="Denies"),
    )
    for grain in ("day", "year"):
        assert not alleged.ask(QUESTION, grain=grain)
        assert alleged.ask(QUESTION, grain=grain, policy="alleged")
    assert not alleged.ask("most-armed-adversaries")
    assert not alleged.ask("betrayals-by-decade", kind="foedus:AllySupplyingAdversary")
