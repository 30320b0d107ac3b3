"""What the questions about betrayals, commitments and conduct must answer (completeness) and must not (soundness)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kg import Answer, KnowledgeGraph
from kg.errors import UnknownName, UsageError

CSTO: Final = "Collective Security Treaty Organization"
FORERUNNER: Final = "forerunner of the Collective Security Treaty Organization"
PUBLISHER: Final = "the report's unnamed publisher"
BOTH: Final = f"Politico, {PUBLISHER}"
ARMS: Final = "arms from Belarus to Azerbaijan, 2018 to 2022"
BREACH: Final = "breach of Armenia's borders in 2022"
CENTURY: Final = "armed conflict of Azerbaijan and Armenia over more than a century"
REGULAR: Final = "regular conflict of Azerbaijan and Armenia, 2018 to 2022"
RIVALRY: Final = "rivalry of Armenia and Azerbaijan"
WAR: Final = "war of 2020 over Nagorno-Karabakh"
MEMBERS: Final = ("Armenia", "Belarus", "Kazakhstan", "Russia", "Tajikistan")
EDITORS: Final = "editors of the Yearbook"


def cells(answer: Answer, *columns: str) -> list[tuple[Any, ...]]:
    """The rows, cut down to some columns, in the order of the answer."""
    return [tuple(row[column] for column in columns) for row in answer]


def column(answer: Answer, name: str) -> set[Any]:
    return {row[name] for row in answer}


# -------------------------------------------------------------------- allies that supply an adversary


def test_supply_completeness(graph: KnowledgeGraph) -> None:
    (row,) = graph.ask("allies-supplying-adversary", state="Armenia")
    assert row == {
        "supplier": "Belarus",
        "adversary": "Azerbaijan",
        "state": "Armenia",
        "obligation": "mutual defense in the CSTO",
        "alliance": CSTO,
        "transfer": ARMS,
        "hostilities": "; ".join([CENTURY, BREACH, REGULAR, RIVALRY, WAR]),
        "from": "2018-01-01",
        "until": "2022-12-31",
        "overlap": "possible",
        "status": "reported",
        "said_by": BOTH,
        "grain": "day",
    }


def test_supply_soundness(graph: KnowledgeGraph) -> None:
    assert not graph.ask("allies-supplying-adversary", supplier="Russia", policy="alleged")
    assert not graph.ask("allies-supplying-adversary", state="Azerbaijan")
    assert not graph.ask("allies-supplying-adversary", overlap="definite")
    assert not graph.ask("allies-supplying-adversary", policy="facts")
    assert not graph.ask("allies-supplying-adversary", known_by="2023-08-31")
    assert len(graph.ask("allies-supplying-adversary", known_by="2023-09-01")) == 1


def test_supply_on_a_day(graph: KnowledgeGraph) -> None:
    assert len(graph.ask("allies-supplying-adversary", on="2018-01-01")) == 1
    assert not graph.ask("allies-supplying-adversary", on="2017-12-31")
    assert not graph.ask("allies-supplying-adversary", on="2023-01-01")
    (row,) = graph.ask("allies-supplying-adversary", on="2020-06-01")
    assert row["hostilities"] == "; ".join([CENTURY, REGULAR, RIVALRY, WAR])


def test_supply_in_a_made_up_world(league: KnowledgeGraph) -> None:
    columns = ("supplier", "adversary", "state", "transfer", "from", "until", "overlap", "said_by")
    rifles = ("Cestria", "Dorane", "Borvia", "arms from Cestria to Dorane, 1921 to 1923")
    shells = ("Cestria", "Dorane", "Borvia", "shells from Cestria to Dorane in 1920")
    long = (*rifles, "1921-01-01", "1923-12-31", "definite", f"Gazette, {EDITORS}")
    short = (*shells, "1920-07-01", "1920-12-31", "possible", EDITORS)
    assert cells(league.ask("allies-supplying-adversary"), *columns) == [long, short]
    assert cells(league.ask("allies-supplying-adversary", overlap="Definite"), *columns) == [long]
    assert cells(league.ask("allies-supplying-adversary", overlap="Possible"), *columns) == [short]
    assert cells(league.ask("allies-supplying-adversary", known_by="1955-01-01"), *columns)[0][-1] == EDITORS
    # Neither a supplier that owes nothing, nor a hostility that is over, nor an obligation that is none of defense.
    assert not league.ask("allies-supplying-adversary", supplier="Estmark")
    assert not league.ask("allies-supplying-adversary", supplier="Dorane")


def test_a_day_at_the_edge_makes_an_overlap_possible(league: KnowledgeGraph) -> None:
    def overlaps(day: str) -> list[tuple[Any, ...]]:
        return cells(league.ask("allies-supplying-adversary", on=day), "overlap", "hostilities")

    both = "raid of Dorane into Borvia; rivalry of Borvia and Dorane"
    assert overlaps("1920-06-30") == []
    assert overlaps("1920-12-31") == [("possible", "rivalry of Borvia and Dorane")]
    assert overlaps("1922-05-01") == [("definite", both)]
    assert overlaps("1922-09-01") == [("definite", "rivalry of Borvia and Dorane")]


# -------------------------------------------------------------------- betrayals of all kinds


def test_betrayals_completeness(graph: KnowledgeGraph) -> None:
    columns = ("betrayer", "kind", "conduct", "from", "until", "overlap", "status", "coverage", "said_by")
    year = ("2022-01-01", "2022-12-31", "possible", "reported", "not covered", PUBLISHER)
    answer = graph.ask("betrayals", state="Armenia")
    assert cells(answer, *columns) == [
        (
            "Belarus",
            "ally supplying an adversary",
            ARMS,
            "2018-01-01",
            "2022-12-31",
            "possible",
            "reported",
            None,
            BOTH,
        ),
        *((state, "unanswered obligation", BREACH, *year) for state in MEMBERS if state != "Armenia"),
    ]
    assert column(answer, "betrayed") == {"Armenia"}
    assert column(answer, "alliance") == {CSTO}


def test_betrayals_under_allegations(graph: KnowledgeGraph) -> None:
    rows = cells(graph.ask("betrayals", betrayer="Russia", policy="alleged"), "kind", "conduct", "status", "said_by")
    assert ("complicit ally", "tacit approval of the transfers by Russia", "alleged", "Politico") in rows
    assert len(rows) == 3
    only = graph.ask("betrayals", kind="foedus:ComplicitAlly", policy="alleged")
    assert cells(only, "betrayer", "kind") == [("Russia", "complicit ally")] * 2


def test_betrayals_soundness(graph: KnowledgeGraph) -> None:
    answer = graph.ask("betrayals")
    assert "complicit ally" not in column(answer, "kind")
    assert column(answer, "betrayed") == {"Armenia"}
    assert "Armenia" not in column(answer, "betrayer")
    assert "Azerbaijan" not in column(graph.ask("betrayals", policy="alleged"), "betrayer")
    assert not graph.ask("betrayals", policy="facts")
    assert not graph.ask("betrayals", overlap="definite", policy="alleged")
    # What somebody calls a betrayal is a claim and no conclusion.
    assert "planning of a war against Armenia by CSTO members with Azerbaijan" not in column(
        graph.ask("betrayals", policy="alleged"), "conduct"
    )


def test_the_episode_of_a_row_is_one_that_the_row_stands_for(graph: KnowledgeGraph) -> None:
    answer = graph.ask("betrayals", policy="alleged")
    episodes = [dict(zip(answer.columns, terms, strict=True))["episode"] for terms in answer.terms]
    assert len(set(episodes)) == len(answer)
    assert all("/id/episode/" in str(node) for node in episodes)


def test_betrayals_in_a_made_up_world(league: KnowledgeGraph) -> None:
    columns = ("betrayer", "betrayed", "kind", "from", "overlap", "coverage")
    answer = league.ask("betrayals", state="Borvia")
    assert cells(answer, *columns) == [
        ("Aldria", "Borvia", "ally attacking an ally", "1950-09-01", "possible", None),
        ("Cestria", "Borvia", "ally supplying an adversary", "1921-01-01", "definite", None),
        ("Cestria", "Borvia", "ally supplying an adversary", "1920-07-01", "possible", None),
        ("Cestria", "Borvia", "unanswered obligation", "1922-05-01", "definite", "covered"),
    ]
    assert column(league.ask("betrayals"), "kind") == {
        "ally attacking an ally",
        "ally supplying an adversary",
        "unanswered obligation",
    }
    assert column(league.ask("betrayals", on="1922-07-01"), "betrayer") == {"Cestria"}


# -------------------------------------------------------------------- complicit allies


def test_complicit_completeness(graph: KnowledgeGraph) -> None:
    columns = (
        "ally",
        "state",
        "acquiescence",
        "supplier",
        "adversary",
        "from",
        "until",
        "overlap",
        "status",
        "said_by",
    )
    knowledge = "Russia's knowledge of the transfers and its power to stop them"
    approval = "tacit approval of the transfers by Russia"
    rest = ("Belarus", "Azerbaijan", "2018-01-01", "2022-12-31", "possible", "alleged")
    answer = graph.ask("complicit-allies", state="Armenia", policy="alleged")
    assert cells(answer, *columns) == [
        ("Russia", "Armenia", knowledge, *rest, "Ivana Stradner"),
        ("Russia", "Armenia", approval, *rest, "Politico"),
    ]


def test_complicit_soundness(graph: KnowledgeGraph) -> None:
    assert not graph.ask("complicit-allies")
    assert not graph.ask("complicit-allies", policy="facts")
    assert not graph.ask("complicit-allies", ally="Belarus", policy="alleged")
    assert not graph.ask("complicit-allies", on="2017-12-31", policy="alleged")
    assert not graph.ask("complicit-allies", overlap="definite", policy="alleged")


# -------------------------------------------------------------------- allies that attack allies


def test_attacks_completeness(league: KnowledgeGraph) -> None:
    columns = ("attacker", "attacked", "attack", "initiator", "from", "until", "overlap")
    assert cells(league.ask("allies-attacking-allies"), *columns) == [
        ("Borvia", "Aldria", "clash of Aldria and Borvia", None, "1950-09-01", "1950-09-30", "possible"),
        ("Cestria", "Aldria", "clash of Aldria and Cestria", None, "1935-04-01", "1935-04-30", "definite"),
        ("Aldria", "Borvia", "clash of Aldria and Borvia", None, "1950-09-01", "1950-09-30", "possible"),
        ("Aldria", "Cestria", "clash of Aldria and Cestria", None, "1935-04-01", "1935-04-30", "definite"),
        ("Borvia", "Cestria", "war of Borvia and Cestria", "Borvia", "1930-03-01", "1930-10-31", "definite"),
    ]


def test_attacks_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert not graph.ask("allies-attacking-allies", policy="alleged")
    # The state that did not begin the war, a war after the pact, and a raid on a state that is owed nothing.
    assert not league.ask("allies-attacking-allies", attacker="Cestria", state="Borvia")
    assert "clash of Cestria and Borvia after the League" not in column(league.ask("allies-attacking-allies"), "attack")
    assert not league.ask("allies-attacking-allies", attacker="Dorane")
    assert column(league.ask("allies-attacking-allies", overlap="possible"), "from") == {"1950-09-01"}
    assert len(league.ask("allies-attacking-allies", on="1935-04-30")) == 2
    assert not league.ask("allies-attacking-allies", on="1935-05-01")


# -------------------------------------------------------------------- unanswered obligations


def test_unanswered_completeness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    columns = ("obligor", "obligee", "attack", "attacker", "obligation", "overlap", "status", "coverage")
    rest = ("Armenia", BREACH, "Azerbaijan", "mutual defense in the CSTO", "possible", "reported", "not covered")
    assert cells(graph.ask("unanswered-obligations", state="Armenia"), *columns) == [
        (state, *rest) for state in MEMBERS if state != "Armenia"
    ]
    assert cells(league.ask("unanswered-obligations"), "obligor", "obligee", "attack", "coverage") == [
        ("Cestria", "Borvia", "raid of Dorane into Borvia", "covered"),
        ("Aldria", "Cestria", "war of Borvia and Cestria", "covered"),
    ]


def test_unanswered_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert not graph.ask("unanswered-obligations", obligor="Azerbaijan")
    assert not graph.ask("unanswered-obligations", state="Azerbaijan")
    assert not graph.ask("unanswered-obligations", on="2020-10-01")
    # Help is recorded of the one, and alleged of the other; the attacker does not owe help against itself.
    assert "Aldria" not in column(league.ask("unanswered-obligations", state="Borvia"), "obligor")
    assert not league.ask("unanswered-obligations", state="Borvia", policy="alleged")
    assert "Borvia" not in column(league.ask("unanswered-obligations"), "obligor")
    assert not league.ask("unanswered-obligations", overlap="possible")


def test_silence_is_called_silence(graph: KnowledgeGraph) -> None:
    from kg.questions import load_question

    question = load_question("unanswered-obligations")
    assert "silence" in question.question and "unknown, not as no" in question.question
    assert "category of analysis" in load_question("betrayals").question


# -------------------------------------------------------------------- divided loyalties


def test_divided_completeness(league: KnowledgeGraph) -> None:
    columns = (
        "one_side",
        "other_side",
        "one_alliance",
        "other_alliance",
        "hostilities",
        "from",
        "until",
        "overlap",
        "status",
    )
    rivals = "raid of Dorane into Borvia; rivalry of Borvia and Dorane"
    assert cells(league.ask("divided-loyalties", ally="Aldria"), *columns) == [
        (
            "Borvia",
            "Cestria",
            "League",
            "League",
            "war of Borvia and Cestria",
            "1930-03-01",
            "1930-10-31",
            "definite",
            "fact",
        ),
        ("Borvia", "Dorane", "League", "Pact of Two", rivals, "1920-07-01", "1925-12-31", "definite", "fact"),
        (
            "Cestria",
            "Dorane",
            "League",
            "Pact of Two",
            "rivalry of Cestria and Dorane",
            "1938-01-01",
            "1940-12-31",
            "definite",
            "reported",
        ),
    ]
    possible = league.ask("divided-loyalties", overlap="possible")
    assert column(possible, "hostilities") == {"clash of Aldria and Borvia"}
    assert column(possible, "ally") == {"Cestria", "Estmark"}


def test_divided_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert not graph.ask("divided-loyalties", policy="alleged")
    assert "Dorane" not in column(league.ask("divided-loyalties", policy="alleged"), "ally")
    gazette = "rivalry of Cestria and Dorane"
    assert gazette in column(league.ask("divided-loyalties"), "hostilities")
    assert gazette not in column(league.ask("divided-loyalties", policy="facts"), "hostilities")
    assert gazette not in column(league.ask("divided-loyalties", known_by="1960-04-30"), "hostilities")
    assert gazette in column(league.ask("divided-loyalties", known_by="1960-05-01"), "hostilities")
    assert not league.ask("divided-loyalties", side="Dorane", on="1941-01-01")
    assert len(league.ask("divided-loyalties", side="Dorane", on="1940-12-31")) == 1


# -------------------------------------------------------------------- obligations


def test_obligations_completeness(graph: KnowledgeGraph) -> None:
    columns = ("obligor", "obligee", "kind", "provision", "alliance", "from", "until", "overlap", "status", "said_by")
    rest = (
        "defense obligation",
        "mutual defense in the CSTO",
        CSTO,
        "2002-01-01",
        "open",
        "possible",
        "reported",
        BOTH,
    )
    expected = [(obligor, obligee, *rest) for obligee in MEMBERS for obligor in MEMBERS if obligor != obligee]
    assert cells(graph.ask("obligations"), *columns) == expected
    assert cells(graph.ask("obligations", obligee="Armenia"), *columns) == expected[:4]
    assert len(graph.ask("obligations", state="Armenia")) == 8
    assert len(graph.ask("obligations", obligor="Russia", obligee="Armenia", alliance="CSTO")) == 1


def test_obligations_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    for state in ("Azerbaijan", "Georgia", "Uzbekistan"):
        assert not graph.ask("obligations", state=state, policy="alleged")
    assert not graph.ask("obligations", on="2001-12-31")
    assert not graph.ask("obligations", policy="facts")
    assert not graph.ask("obligations", alliance=FORERUNNER)
    assert not graph.ask("obligations", kind="foedus:NonaggressionObligation")
    assert not league.ask("obligations", obligor="Dorane", obligee="Aldria", on="1941-01-01")


def test_obligations_in_a_made_up_world(league: KnowledgeGraph) -> None:
    answer = league.ask("obligations", obligor="Dorane", obligee="Aldria")
    assert cells(answer, "kind", "alliance", "from", "until", "overlap") == [
        ("defense obligation", "League", "1900-01-01", "1905-06-30", "definite"),
        ("consultation obligation", "Pact of Two", "1910-01-01", "1940-12-31", "definite"),
    ]
    assert cells(league.ask("obligations", kind="consultation obligation"), "obligor") == [("Dorane",), ("Aldria",)]
    edge = league.ask("obligations", obligor="Borvia", obligee="Cestria", on="1950-07-01")
    assert cells(edge, "overlap") == [("possible",)]
    assert not league.ask("obligations", obligor="Borvia", obligee="Cestria", on="1950-07-01", overlap="definite")


# -------------------------------------------------------------------- members, past and present


def test_members_completeness(graph: KnowledgeGraph) -> None:
    columns = ("alliance", "member", "begin", "end", "status", "said_by")
    assert cells(graph.ask("members"), *columns) == [
        *((CSTO, state, None, "ongoing", "fact", PUBLISHER) for state in MEMBERS),
        (FORERUNNER, "Azerbaijan", None, "1999", "fact", PUBLISHER),
        (FORERUNNER, "Georgia", None, "unknown", "fact", PUBLISHER),
        (FORERUNNER, "Uzbekistan", None, "unknown", "fact", PUBLISHER),
    ]
    assert cells(graph.ask("members", alliance="csto"), "member") == [(state,) for state in MEMBERS]


def test_members_soundness(graph: KnowledgeGraph) -> None:
    assert "Azerbaijan" not in column(graph.ask("members", alliance="CSTO", policy="alleged"), "member")
    assert not graph.ask("members", member="Azerbaijan", on="2000-01-01")
    assert column(graph.ask("members"), "holds") == {None}
    assert not graph.ask("members", known_by="2020-01-01")


def test_members_on_a_day(league: KnowledgeGraph) -> None:
    columns = ("alliance", "member", "begin", "end", "holds", "denied_by")
    assert cells(league.ask("members", on="1905-06-30", alliance="League"), *columns) == [
        ("League", "Aldria", "1900-01-01", "1950", "definite", None),
        ("League", "Borvia", "1900-01-01", "1950", "definite", None),
        ("League", "Cestria", "1900-01-01", "1950", "definite", None),
        ("League", "Dorane", "1900-01-01", "1905-06-30", "definite", None),
    ]
    assert not league.ask("members", on="1905-07-01", alliance="League", member="Dorane")
    answer = league.ask("members", on="1950-06-01", member="Estmark")
    assert cells(answer, *columns) == [("League", "Estmark", "1949-01-01", "unknown", "possible", "Estmark")]


def test_former_members_completeness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    departure = "departure of Azerbaijan from the forerunner of the CSTO in 1999"
    assert cells(graph.ask("former-members"), *graph.ask("former-members").columns) == [
        (FORERUNNER, "Azerbaijan", "1999", departure, "fact", PUBLISHER)
    ]
    columns = ("member", "left", "withdrawal")
    assert cells(league.ask("former-members", alliance="League"), *columns) == [
        ("Aldria", "1950", None),
        ("Borvia", "1950", None),
        ("Cestria", "1950", None),
        ("Dorane", "1905-06-30", None),
        ("Estmark", None, "departure of Estmark from the League"),
    ]


def test_former_members_soundness(graph: KnowledgeGraph) -> None:
    left = column(graph.ask("former-members", policy="alleged"), "member")
    assert left == {"Azerbaijan"}, "a plan, a condition and an unknown end are no departure"


# -------------------------------------------------------------------- roles


def test_roles_completeness(graph: KnowledgeGraph) -> None:
    answer = graph.ask("roles")
    assert cells(answer, "holder", "title", "held_in", "begin", "end", "status", "said_by") == [
        (holder, title, place, None, "ongoing", "fact", PUBLISHER)
        for holder, title, place in [
            ("Russia", "leading state", CSTO),
            ("Ivana Stradner", "research fellow", "Foundation for Defense of Democracies"),
            ("Nikol Pashinyan", "prime minister", "Armenia"),
            ("Alexander Lukashenko", "president", "Belarus"),
            ("RIA", "state news agency", "Russia"),
            ("TASS", "agency", "Russia"),
        ]
    ]
    assert cells(graph.ask("roles", held_in="Armenia"), "holder") == [("Nikol Pashinyan",)]
    assert cells(graph.ask("roles", holder="TASS", on="2023-09-15"), "holds") == [("possible",)]


def test_roles_soundness(graph: KnowledgeGraph) -> None:
    assert "Vladimir Putin" not in column(graph.ask("roles", policy="alleged"), "holder")
    assert not graph.ask("roles", known_by="2020-01-01")


# -------------------------------------------------------------------- adversaries and conflicts


def test_adversaries_completeness(graph: KnowledgeGraph) -> None:
    columns = ("adversary", "kind", "arises_from", "from", "until", "status", "said_by")
    year = ("2022-01-01", "2022-12-31")
    assert cells(graph.ask("adversaries", state="Armenia"), *columns) == [
        ("Azerbaijan", "hostility in armed conflict", CENTURY, "open", "open", "fact", PUBLISHER),
        ("Azerbaijan", "hostility in rivalry", RIVALRY, "open", "open", "fact", PUBLISHER),
        ("Azerbaijan", "hostility in armed conflict", REGULAR, "2018-01-01", "2022-12-31", "reported", "Politico"),
        ("Azerbaijan", "hostility in armed conflict", WAR, "2020-01-01", "2020-12-31", "fact", PUBLISHER),
        ("Azerbaijan", "hostility in incursion", BREACH, *year, "fact", PUBLISHER),
    ]
    assert len(graph.ask("adversaries", adversary="Armenia")) == 5
    assert len(graph.ask("adversaries", state="Armenia", kind="hostility in rivalry")) == 1


def test_adversaries_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert column(graph.ask("adversaries", policy="alleged"), "adversary") == {"Armenia", "Azerbaijan"}
    # An offensive names no state as attacked, and a war that is planned is no war.
    sources = column(graph.ask("adversaries", policy="alleged"), "arises_from")
    assert sources == {CENTURY, RIVALRY, REGULAR, WAR, BREACH}
    assert REGULAR not in column(graph.ask("adversaries", policy="facts"), "arises_from")
    assert cells(league.ask("adversaries", state="Borvia", on="1922-05-01"), "arises_from", "holds") == [
        ("rivalry of Borvia and Dorane", "definite"),
        ("raid of Dorane into Borvia", "definite"),
    ]
    assert not league.ask("adversaries", state="Borvia", on="1926-01-01")


def test_conflicts_completeness(graph: KnowledgeGraph) -> None:
    columns = ("conflict", "kind", "side_a", "side_b", "begin", "end", "as_said", "intensity", "territory", "status")
    region, offensive = "Nagorno-Karabakh", "offensive in Nagorno-Karabakh in September 2023"
    long = (None, "ongoing", "more than a century", None, None, "fact")
    assert cells(graph.ask("conflicts"), *columns) == [
        (CENTURY, "armed conflict", "Azerbaijan", "Armenia", *long),
        (RIVALRY, "rivalry", "Armenia", "Azerbaijan", None, "ongoing", None, None, None, "fact"),
        (REGULAR, "armed conflict", "Azerbaijan", "Armenia", "2018", "2022", None, None, None, "reported"),
        (WAR, "armed conflict", "Azerbaijan", "Armenia", "2020", "2020", None, "all-out war", region, "fact"),
        (BREACH, "incursion", "Azerbaijan", "Armenia", "2022", "2022", None, None, None, "fact"),
        (offensive, "offensive", "Azerbaijan", region, "2023-09", "2023-09", None, None, region, "fact"),
    ]
    assert cells(graph.ask("conflicts", territory=region), "conflict") == [(WAR,), (offensive,)]
    assert cells(graph.ask("conflicts", kind="foedus:Incursion"), "conflict", "said_by") == [(BREACH, PUBLISHER)]


def test_conflicts_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert not graph.ask("conflicts", state="Belarus", policy="alleged")
    assert not graph.ask("conflicts", state="Armenia", other="Russia")
    assert "offensive" not in column(graph.ask("conflicts", state="Armenia", other="Azerbaijan"), "kind")
    assert WAR not in column(graph.ask("conflicts", on="2021-01-01"), "conflict")
    assert cells(graph.ask("conflicts", on="2020-06-01", territory="Nagorno-Karabakh"), "holds") == [("possible",)]
    assert cells(league.ask("conflicts", state="Borvia", on="1922-08-31"), "side_a", "side_b", "holds") == [
        ("Borvia", "Dorane", "definite"),
        ("Dorane", "Borvia", "definite"),
    ]


# -------------------------------------------------------------------- arms


def test_arms_completeness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    columns = ("supplier", "recipient", "weapon", "quantity", "begin", "end", "status", "said_by", "denied_by")
    assert cells(graph.ask("arms-transfers"), *columns) == [
        ("Belarus", "Azerbaijan", "advanced weapons systems", None, "2018", "2022", "reported", BOTH, None)
    ]
    assert cells(league.ask("arms-transfers"), *columns) == [
        ("Cestria", "Dorane", "shells", None, "1920", "1920", "fact", EDITORS, None),
        (
            "Cestria",
            "Dorane",
            "field guns, rifles",
            500,
            "1921-01-01",
            "1923-12-31",
            "fact",
            f"Gazette, {EDITORS}",
            None,
        ),
        ("Dorane", "Aldria", None, None, "1926", "1926", "fact", EDITORS, None),
        ("Estmark", "Dorane", "boats", None, "1921-01-01", "unknown", "fact", EDITORS, "Estmark"),
    ]
    assert len(league.ask("arms-transfers", state="Dorane")) == 4


def test_arms_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert not graph.ask("arms-transfers", policy="facts")
    assert not graph.ask("arms-transfers", state="Russia", policy="alleged")
    assert not graph.ask("arms-transfers", on="2023-01-01")
    assert cells(graph.ask("arms-transfers", on="2022-12-31"), "holds") == [("possible",)]
    assert cells(graph.ask("arms-transfers", on="2020-05-01"), "holds") == [("definite",)]
    assert not league.ask("arms-transfers", supplier="Aldria")
    # A source that only denies brings nothing in, and one that is not yet published neither denies nor confirms.
    early = league.ask("arms-transfers", state="Estmark", known_by="1955-01-01")
    assert cells(early, "weapon", "denied_by") == [("boats", None)]


# -------------------------------------------------------------------- land and people


def test_territorial_changes_completeness(graph: KnowledgeGraph) -> None:
    columns = ("territory", "kind", "gained_by", "lost_by", "begin", "after", "status", "said_by")
    rest = ("fact", PUBLISHER)
    assert cells(graph.ask("territorial-changes"), *columns) == [
        ("four border villages", "territorial concession", "Azerbaijan", "Armenia", None, None, *rest),
        ("Nagorno-Karabakh", "territorial change", "Azerbaijan", None, "2023-09", None, *rest),
        ("strategic heights taken in 2022", "territorial change", "Azerbaijan", None, "2022", BREACH, *rest),
    ]
    assert len(graph.ask("territorial-changes", gained_by="Azerbaijan")) == 3


def test_territorial_changes_soundness(graph: KnowledgeGraph) -> None:
    # Where no source says who lost the land, nobody does.
    assert cells(graph.ask("territorial-changes", lost_by="Armenia"), "territory") == [("four border villages",)]
    assert not graph.ask("territorial-changes", gained_by="Armenia")
    assert not graph.ask("territorial-changes", territory="the Caucasus")


def test_displacements_completeness(graph: KnowledgeGraph) -> None:
    (row,) = graph.ask("displacements", destination="Armenia")
    assert row == {
        "population": "ethnic Armenians of Nagorno-Karabakh",
        "number": 100000,
        "origin": "Nagorno-Karabakh",
        "destination": "Armenia",
        "begin": None,
        "after": "return of Nagorno-Karabakh to the control of Azerbaijan in September 2023",
        "causes": "offensive in Nagorno-Karabakh in September 2023",
        "status": "fact",
        "said_by": PUBLISHER,
        "displacement": "flight of the population of Nagorno-Karabakh to Armenia",
    }


def test_displacements_soundness(graph: KnowledgeGraph) -> None:
    assert not graph.ask("displacements", destination="Azerbaijan")
    assert not graph.ask("displacements", origin="four border villages")
    assert len(graph.ask("displacements", policy="alleged")) == 1


# -------------------------------------------------------------------- diplomacy


def test_diplomatic_measures_completeness(graph: KnowledgeGraph) -> None:
    columns = ("measure", "kind", "taken_by", "target", "condition", "begin", "as_said", "after", "status", "said_by")
    ban = "no visits by Armenian officials to Belarus"
    condition = "for as long as Alexander Lukashenko remains in power"
    assert cells(graph.ask("diplomatic-measures", state="Belarus"), *columns) == [
        (
            "return of Belarus's representative from Armenia to Minsk",
            "return of an envoy",
            "Belarus",
            "Armenia",
            None,
            None,
            "subsequently",
            ban,
            "reported",
            "TASS",
        ),
        (
            "recall of Armenia's ambassador to Belarus",
            "recall of an ambassador",
            "Armenia",
            "Belarus",
            None,
            None,
            "subsequently",
            ban,
            "reported",
            "TASS",
        ),
        (
            "severance of ties between Armenia and Belarus",
            "severance of relations",
            "Armenia, Belarus",
            None,
            None,
            None,
            None,
            ARMS,
            "fact",
            PUBLISHER,
        ),
        (
            ban,
            "ban on official travel",
            "Armenia",
            "Belarus",
            condition,
            None,
            "Thursday",
            None,
            "reported",
            "Nikol Pashinyan",
        ),
    ]
    assert len(graph.ask("diplomatic-measures", kind="foedus:TravelBan")) == 1


def test_diplomatic_measures_soundness(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    assert cells(graph.ask("diplomatic-measures", policy="facts"), "kind") == [("severance of relations",)]
    assert not graph.ask("diplomatic-measures", state="Russia", policy="alleged")
    assert "diplomatic dispute" not in column(graph.ask("diplomatic-measures"), "kind")
    # A measure of no kind of its own, dated, and dependent on something.
    assert cells(league.ask("diplomatic-measures"), "kind", "taken_by", "target", "condition", "begin") == [
        ("diplomatic measure", "Borvia", "Cestria", "until Cestria apologizes", "1930-02")
    ]
    assert not league.ask("diplomatic-measures", kind="foedus:TravelBan")


# -------------------------------------------------------------------- everything between two states


def test_timeline_completeness(graph: KnowledgeGraph) -> None:
    columns = ("begin", "end", "kind", "what", "details", "holds", "status")
    answer = graph.ask("timeline", state="Armenia", other="Belarus")
    pact, told = "mutual defense in the CSTO", "No help by Belarus, bound to Armenia, is recorded."
    assert cells(answer, *columns)[:4] == [
        ("2002-01-01", "open", "defense obligation", pact, "Armenia is bound to Belarus.", "possible", "reported"),
        ("2002-01-01", "open", "defense obligation", pact, "Belarus is bound to Armenia.", "possible", "reported"),
        (
            "2018-01-01",
            "2022-12-31",
            "ally supplying an adversary",
            ARMS,
            "Conduct of Belarus, bound to Armenia.",
            "possible",
            "reported",
        ),
        ("2022-01-01", "2022-12-31", "unanswered obligation", BREACH, told, "possible", "reported"),
    ]
    assert cells(answer, "begin", "end", "kind", "status", "said_by")[4:] == [
        (None, "unknown", "diplomatic dispute", "fact", PUBLISHER),
        (None, "ongoing", "membership", "fact", PUBLISHER),
        (None, "ongoing", "membership", "fact", PUBLISHER),
        (None, "unknown", "ban on official travel", "reported", "Nikol Pashinyan"),
        (None, "unknown", "recall of an ambassador", "reported", "TASS"),
        (None, "unknown", "return of an envoy", "reported", "TASS"),
        (None, "unknown", "severance of relations", "fact", PUBLISHER),
    ]


def test_timeline_reads_the_same_both_ways(graph: KnowledgeGraph, league: KnowledgeGraph) -> None:
    for asked, state, other in [(graph, "Armenia", "Azerbaijan"), (league, "Borvia", "Cestria")]:
        there, back = asked.ask("timeline", state=state, other=other), asked.ask("timeline", state=other, other=state)
        assert there.terms == back.terms
        assert len(there) > 5


def test_timeline_of_adversaries(graph: KnowledgeGraph) -> None:
    answer = graph.ask("timeline", state="Armenia", other="Azerbaijan")
    assert cells(answer, "begin", "as_said", "kind") == [
        ("2018", None, "armed conflict"),
        ("2020", None, "armed conflict"),
        ("2022", None, "incursion"),
        (None, "more than a century", "armed conflict"),
        (None, None, "rivalry"),
        (None, None, "territorial concession"),
    ]
    alleged = column(graph.ask("timeline", state="Armenia", other="Azerbaijan", policy="alleged"), "kind")
    assert alleged - column(answer, "kind") == {"war planning"}


def test_timeline_is_in_order_of_time(league: KnowledgeGraph) -> None:
    answer = league.ask("timeline", state="Borvia", other="Cestria")
    begins = [row["begin"] for row in answer]
    assert begins == sorted(begins)
    assert cells(answer, "begin", "end", "kind", "holds")[-4:] == [
        ("1930-02", "unknown", "diplomatic measure", None),
        ("1930-03-01", "1930-10-31", "ally attacking an ally", "definite"),
        ("1930-03-01", "1930-10-31", "armed conflict", None),
        ("1951-02-01", "1951-03-31", "armed conflict", None),
    ]
    on = league.ask("timeline", state="Borvia", other="Cestria", on="1930-03-01")
    assert column(on, "holds") == {"definite", "possible"}
    assert cells(on, "kind", "holds")[-1] == ("armed conflict", "definite")


def test_timeline_soundness(graph: KnowledgeGraph) -> None:
    assert not graph.ask("timeline", state="Armenia", other="Armenia")
    assert not graph.ask("timeline", state="Georgia", other="Belarus")
    assert "membership" not in column(graph.ask("timeline", state="Armenia", other="Azerbaijan"), "kind")
    # What only one of the two takes part in, and what is planned or demanded.
    whats = column(graph.ask("timeline", state="Armenia", other="Belarus", policy="alleged"), "what")
    assert "withdrawal of Belarus from the CSTO" not in whats
    assert "protests throughout Armenia" not in whats
    assert "apology of Belarus" not in whats
    with pytest.raises(UsageError, match="needs --other"):
        graph.ask("timeline", state="Armenia")


# -------------------------------------------------------------------- all of them


QUESTIONS = [
    "adversaries",
    "allies-attacking-allies",
    "allies-supplying-adversary",
    "arms-transfers",
    "betrayals",
    "complicit-allies",
    "conflicts",
    "diplomatic-measures",
    "displacements",
    "divided-loyalties",
    "former-members",
    "members",
    "obligations",
    "roles",
    "territorial-changes",
    "unanswered-obligations",
]


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_counts_before_it_is_published(graph: KnowledgeGraph, name: str) -> None:
    assert not graph.ask(name, known_by="2023-08-31", policy="alleged")


@pytest.mark.parametrize("name", QUESTIONS)
def test_rows_are_distinct_and_fewer_under_a_stricter_policy(graph: KnowledgeGraph, name: str) -> None:
    answers = [graph.ask(name, policy=policy) for policy in ("facts", "reported", "alleged")]
    assert len(answers[0]) <= len(answers[1]) <= len(answers[2])
    for answer in answers:
        assert len(set(answer.terms)) == len(answer)


def test_a_misspelt_state_is_no_empty_answer(graph: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName, match="Azerbaijan"):
        graph.ask("adversaries", state="Azerbaijn")
