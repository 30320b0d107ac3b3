"""The accepting stage, case by case: what counts, how surely, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg.accepting import Reading, accept
from kg.errors import UnknownName
from kg.resources import policy_file
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies, policy_named
from kg.vocab import FOEDUS, GRAPH

PREFIXES = """
@prefix f: <https://w3id.org/foedus/ns#> . @prefix e: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:paper a f:Article ; f:publishedOn "2024-06"^^xsd:gYearMonth .
e:undated a f:Article ; f:publishedNotBefore "2023-09"^^xsd:gYearMonth .
"""


def node(name: str) -> NamedNode:
    return NamedNode(f"https://example.org/{name}")


def claim(
    name: str, of: str, stance: str = "Asserts", modality: str = "Reported", source: str = "paper", by: str = "them"
) -> str:
    return (
        f"e:{name} a f:Claim ; f:claims e:{of} ; f:stance f:{stance} ; f:modality f:{modality} ; "
        f"f:reportedBy e:{source} ; f:attributedTo e:{by} .\n"
    )


@pytest.fixture(scope="module")
def shipped() -> dict[str, Policy]:
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, (q.triple for q in pyoxigraph.parse(path=policy_file())))
    return policies(store, [GRAPH.ontology])


def accepted(turtle: str, policy: Policy) -> set[Triple]:
    store, graph = EmbeddedStore(), GRAPH.asserted("test")
    store.insert(graph, (q.triple for q in pyoxigraph.parse(PREFIXES + turtle, format=RdfFormat.TURTLE)))
    return set(accept(Reading.of(store, [graph]), policy))


def values(triples: set[Triple], subject: str, prop: NamedNode) -> set[str]:
    return {
        t.object.value.rpartition("#")[2]  # type: ignore[union-attr]
        for t in triples
        if t.subject == node(subject) and t.predicate == prop
    }


def bounds(triples: set[Triple], subject: str) -> list[str]:
    found = []
    for prop in (FOEDUS.beginEarliest, FOEDUS.beginLatest, FOEDUS.endEarliest, FOEDUS.endLatest):
        (day,) = values(triples, subject, prop)
        found.append(day)
    return found


def test_three_policies_ship(shipped: dict[str, Policy]) -> None:
    assert set(shipped) == {"alleged", "facts", "reported"}
    assert shipped["facts"].modalities < shipped["reported"].modalities < shipped["alleged"].modalities


def test_an_unknown_policy_names_the_near_one(shipped: dict[str, Policy]) -> None:
    with pytest.raises(UnknownName, match="'reported'"):
        policy_named(shipped, "reportd")


@pytest.mark.parametrize(
    ("modality", "counts"),
    [
        ("Fact", {"facts", "reported", "alleged"}),
        ("Reported", {"reported", "alleged"}),
        ("Alleged", {"alleged"}),
        ("Speculated", set()),
    ],
)
def test_a_policy_admits_by_modality(shipped: dict[str, Policy], modality: str, counts: set[str]) -> None:
    turtle = "e:t a f:ArmsTransfer .\n" + claim("c", "t", modality=modality)
    assert {name for name, policy in shipped.items() if accepted(turtle, policy)} == counts


def test_the_surest_claim_gives_the_status(shipped: dict[str, Policy]) -> None:
    turtle = "e:t a f:ArmsTransfer .\n" + claim("c", "t", modality="Reported") + claim("d", "t", modality="Fact")
    assert values(accepted(turtle, shipped["reported"]), "t", FOEDUS.status) == {"Fact"}


def test_a_denial_alone_accepts_nothing_and_beside_an_assertion_contests(shipped: dict[str, Policy]) -> None:
    denied = "e:t a f:Membership .\n" + claim("no", "t", stance="Denies")
    assert not accepted(denied, shipped["alleged"])
    both = accepted(denied + claim("yes", "t"), shipped["reported"])
    assert values(both, "t", FOEDUS.contestedBy) == {"https://example.org/no"}
    assert values(both, "t", FOEDUS.acceptedThrough) == {"https://example.org/yes"}


@pytest.mark.parametrize(
    ("stance", "kind", "counts"),
    [
        ("Intends", "AnnouncedIntent", True),
        ("Intends", "Withdrawal", False),
        ("Predicts", "Prediction", True),
        ("Predicts", "ArmsTransfer", False),
        ("Conditions", "Condition", True),
        ("Conditions", "Apology", False),
        ("Accuses", "WarPlanning", True),
    ],
)
def test_what_is_meant_or_expected_is_not_taken_for_done(
    shipped: dict[str, Policy], stance: str, kind: str, counts: bool
) -> None:
    turtle = f"e:n a f:{kind} .\n" + claim("c", "n", stance=stance)
    assert bool(accepted(turtle, shipped["reported"])) is counts


def test_a_claim_is_worth_no_more_than_the_chain_that_carries_it(shipped: dict[str, Policy]) -> None:
    turtle = (
        "e:t a f:ArmsTransfer .\n" + claim("inner", "t", modality="Fact") + claim("outer", "inner", modality="Alleged")
    )
    assert not accepted(turtle, shipped["reported"])
    assert values(accepted(turtle, shipped["alleged"]), "t", FOEDUS.status) == {"Alleged"}
    second = turtle + claim("other", "inner", modality="Reported")
    assert values(accepted(second, shipped["reported"]), "t", FOEDUS.status) == {"Reported"}


def test_a_speaker_left_out_takes_what_only_it_passes_on(shipped: dict[str, Policy]) -> None:
    turtle = "e:t a f:ArmsTransfer .\n" + claim("inner", "t", by="speaker") + claim("outer", "inner", by="agency")
    without = replace(shipped["reported"], excluded_speakers=frozenset({node("agency")}))
    assert not accepted(turtle, without)
    assert accepted(turtle + claim("direct", "t", by="other"), without)


def test_sources_and_alliances_can_be_left_out(shipped: dict[str, Policy]) -> None:
    turtle = "e:a a f:Alliance .\n" + claim("c", "a", source="paper")
    assert not accepted(turtle, replace(shipped["reported"], excluded_sources=frozenset({node("paper")})))
    assert not accepted(turtle, replace(shipped["reported"], sources=frozenset({node("undated")})))
    assert not accepted(turtle, replace(shipped["reported"], excluded_alliances=frozenset({node("a")})))
    whole = turtle + "e:b a f:Alliance ; f:partOf e:a . e:c a f:Alliance ; f:partOf e:b .\n"
    whole += claim("d", "b") + claim("e", "c")
    assert not accepted(whole, replace(shipped["reported"], excluded_alliances=frozenset({node("a")})))
    assert values(
        accepted(whole, replace(shipped["reported"], excluded_alliances=frozenset({node("c")}))), "b", FOEDUS.status
    )


@pytest.mark.parametrize(
    ("source", "day", "counts"),
    [
        ("paper", date(2024, 5, 31), False),
        ("paper", date(2024, 6, 1), True),
        ("undated", date(2023, 8, 31), False),
        ("undated", date(2023, 9, 1), True),
    ],
)
def test_known_by_leaves_out_what_cannot_have_been_published(
    shipped: dict[str, Policy], source: str, day: date, counts: bool
) -> None:
    turtle = "e:t a f:ArmsTransfer .\n" + claim("c", "t", source=source)
    assert bool(accepted(turtle, shipped["reported"].as_known_by(day))) is counts


def test_the_earlier_known_by_wins(shipped: dict[str, Policy]) -> None:
    policy = replace(shipped["reported"], known_by=date(2020, 1, 1))
    assert policy.as_known_by(date(2024, 1, 1)).known_by == date(2020, 1, 1)
    assert policy.as_known_by(None).view == "reported/known-by/2020-01-01"


@pytest.mark.parametrize(
    ("dates", "source", "expected"),
    [
        (
            'f:begin "2018"^^xsd:gYear ; f:end "2022"^^xsd:gYear',
            "paper",
            ["2018-01-01", "2018-12-31", "2022-01-01", "2022-12-31"],
        ),
        (
            'f:begin "2002"^^xsd:gYear ; f:end f:Ongoing',
            "paper",
            ["2002-01-01", "2002-12-31", "2024-06-01", "9999-12-31"],
        ),
        (
            'f:begin "2002"^^xsd:gYear ; f:end f:Unknown',
            "paper",
            ["2002-01-01", "2002-12-31", "2002-01-01", "9999-12-31"],
        ),
        ('f:begin "2002"^^xsd:gYear', "paper", ["2002-01-01", "2002-12-31", "2002-01-01", "9999-12-31"]),
        ("f:end f:Ongoing", "paper", ["0001-01-01", "2024-06-30", "2024-06-01", "9999-12-31"]),
        ("f:end f:Ongoing", "undated", ["0001-01-01", "9999-12-31", "2023-09-01", "9999-12-31"]),
        (
            'f:end f:Ongoing ; f:ongoingAsOf "2016"^^xsd:gYear',
            "paper",
            ["0001-01-01", "2016-12-31", "2016-01-01", "9999-12-31"],
        ),
        (
            'f:begin "2016"^^xsd:gYear ; f:end f:Ongoing ; f:ongoingAsOf "2016-05"^^xsd:gYearMonth',
            "paper",
            ["2016-01-01", "2016-05-31", "2016-05-01", "9999-12-31"],
        ),
        ('f:end "1999"^^xsd:gYear', "paper", ["0001-01-01", "1999-12-31", "1999-01-01", "1999-12-31"]),
        ('f:begin "2024-06-12"^^xsd:date ; f:end "2024-06-12"^^xsd:date', "paper", ["2024-06-12"] * 4),
        (
            'f:begin "1982-05-02"^^xsd:date ; f:end "1982"^^xsd:gYear',
            "paper",
            ["1982-05-02", "1982-05-02", "1982-05-02", "1982-12-31"],
        ),
        (
            'f:begin "1982-05"^^xsd:gYearMonth ; f:end "1982"^^xsd:gYear',
            "paper",
            ["1982-05-01", "1982-05-31", "1982-05-01", "1982-12-31"],
        ),
        (
            'f:begin "1983"^^xsd:gYear ; f:end "1982"^^xsd:gYear',
            "paper",
            ["1983-01-01", "1982-12-31", "1982-01-01", "1982-12-31"],
        ),
    ],
)
def test_four_bounds(shipped: dict[str, Policy], dates: str, source: str, expected: list[str]) -> None:
    turtle = f"e:m a f:Membership ; {dates} .\n" + claim("c", "m", source=source)
    assert bounds(accepted(turtle, shipped["reported"]), "m") == expected


def test_a_provision_without_dates_lasts_as_long_as_what_it_binds(shipped: dict[str, Policy]) -> None:
    turtle = "e:p a f:DefenseProvision .\n" + claim("c", "p")
    assert bounds(accepted(turtle, shipped["reported"]), "p") == ["0001-01-01"] * 2 + ["9999-12-31"] * 2


def test_who_denies_a_claim_does_not_pass_it_on(shipped: dict[str, Policy]) -> None:
    turtle = "e:t a f:ArmsTransfer .\n" + claim("inner", "t", modality="Fact")
    turtle += claim("denial", "inner", stance="Denies", modality="Alleged", by="denier")
    assert values(accepted(turtle, shipped["alleged"]), "t", FOEDUS.status) == {"Fact"}
    without = replace(shipped["alleged"], excluded_speakers=frozenset({node("denier")}))
    assert accepted(turtle, without)
