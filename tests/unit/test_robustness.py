"""The robustness table: every cell worked out again from a world in which all definitions differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, Triple

from kg import KnowledgeGraph
from kg.drafting import Draft
from kg.errors import UnknownName
from kg.robustness import by_order
from kg.store.embedded import EmbeddedStore
from kg.vocab import FOEDUS, GRAPH, XSD
from tests.fiction import fact, graph, node, pact, transfer, war

USUAL = "ally supplying adversary: Norland, bound to Osteria: the "
COLUMNS = [
    "conclusion",
    "usual",
    "any obligation",
    "fighting only",
    "rivalry only",
    "definite only",
    "by order",
    "policy alleged",
    "policy facts",
    "policy reported",
    "without the pact",
    "without the league",
]


def ordered(name: str, day: str) -> str:
    return f'e:{name} f:orderedOn "{day}"^^xsd:gYear .\n'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Norland owes Osteria defense under the pact from 2000 to 2009, and nonaggression under the league until 2020.

    Pellmark fought Osteria in 2005 and has been its rival from June 2007 on; by an allegation Quarria was too, before.
    """
    return graph(
        tmp_path_factory.mktemp("robustness"),
        pact("Norland", "Osteria", end="2009-12-31"),
        pact("Norland", "Osteria", name="league", kind="Nonaggression", end="2020"),
        war(begin="2005-01-01", end="2005-12-31"),
        fact("feud", "Rivalry", rival="Osteria Pellmark", begin="2007-06-01", end="2019-12-31"),
        fact("grudge", "Rivalry", rival="Osteria Quarria", begin="2004", end="2006", claimed="Alleged"),
        # In the war only; in the feud only; either, depending on the day.
        transfer("rifles", begin="2005-03-01", end="2005-04-01"),
        transfer("tanks", begin="2008-03-01", end="2008-04-01", claimed="Reported"),
        transfer("boats", begin="2006", end="2007"),
        # Delivered after the pact ended and ordered before; the other way round there is nothing to be had.
        transfer("jets", begin="2011", end="2012") + ordered("jets", "2008"),
        transfer("maps", begin="2005", end="2005") + ordered("maps", "1998"),
        transfer("radios", recipient="Quarria", begin="2005", end="2005"),
        fact("strike", "Incursion", actor="Norland", target="Osteria", begin="2015", end="2015"),
    )


def test_every_cell(world: KnowledgeGraph) -> None:
    columns, rows = world.robustness(without=["the pact", "the league"])
    assert columns == COLUMNS
    table = {row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in rows}
    assert len(table) == len(rows)

    def cells(**given: str) -> dict[str, str]:
        names = {name.replace(" ", "_"): name for name in COLUMNS[1:]}
        return {name: given.get(key, "") for key, name in names.items()}

    policies = {"policy_alleged": "definite", "policy_facts": "definite", "policy_reported": "definite"}
    common = {"usual": "definite", "any_obligation": "definite", "definite_only": "definite", "by_order": "definite"}
    both = {**common, "without_the_league": "definite"}
    assert table == {
        USUAL + "rifles": cells(**both, **policies, fighting_only="definite"),
        USUAL + "tanks": cells(**both, **{**policies, "policy_facts": ""}, rivalry_only="definite"),
        # They ended some time in 2007: the feud may have begun by then or not.
        USUAL + "boats": cells(
            usual="possible",
            any_obligation="possible",
            rivalry_only="possible",
            by_order="possible",
            policy_alleged="possible",
            policy_facts="possible",
            policy_reported="possible",
            without_the_league="possible",
        ),
        # By delivery only the league binds; by order the pact does too.
        USUAL + "jets": cells(any_obligation="definite", by_order="definite"),
        USUAL + "maps": cells(
            **{k: v for k, v in both.items() if k != "by_order"}, **policies, fighting_only="definite"
        ),
        USUAL + "radios": cells(policy_alleged="definite"),
        "ally attacking ally: Norland, bound to Osteria: the strike": cells(
            **common, **policies, fighting_only="definite", without_the_pact="definite"
        ),
        "unanswered obligation: Norland, bound to Osteria: the war": cells(
            **both, **policies, fighting_only="definite"
        ),
    }


def test_a_treaty_is_left_out_with_its_phases(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        fact("treaty", "Alliance"),
        pact("Norland", "Osteria", name="phase"),
        "e:phase f:partOf e:treaty .\n",
        war(),
        transfer(),
    )
    columns, rows = made.robustness(without=["the treaty", "the phase"])
    assert columns[-2:] == ["without the treaty", "without the phase"]
    assert rows and all(row[1] and row[-2:] == ["", ""] for row in rows)


def test_the_table_tells_every_definition_from_every_other(world: KnowledgeGraph) -> None:
    columns, rows = world.robustness(without=["the pact", "the league"])
    told = [tuple(row[number] for row in rows) for number in range(1, len(columns))]
    assert len(set(told)) == len(told) - 1, "only the policy of the graph itself is the usual definition"


def test_there_is_no_column_for_orders_where_none_is_dated(store: Path) -> None:
    columns, rows = KnowledgeGraph.open(store).robustness()
    assert "by order" not in columns and not any(c.startswith("without") for c in columns)
    assert all(len(row) == len(columns) for row in rows)
    (supplying,) = [row for row in rows if row[0].startswith("ally supplying adversary: Belarus, bound to Armenia")]
    cells = dict(zip(columns[1:], supplying[1:], strict=True))
    assert cells == {name: "" if name in ("definite only", "policy facts") else "possible" for name in columns[1:]}


def test_definitions_are_tried_under_the_policy_asked_for(world: KnowledgeGraph) -> None:
    columns, rows = world.robustness(policy="facts")
    usual = {row[0] for row in rows if row[columns.index("usual")]}
    assert USUAL + "rifles" in usual and USUAL + "tanks" not in usual


def test_an_order_takes_the_place_of_a_delivery() -> None:
    day = _literal("1998")
    kept = Triple(node("other"), FOEDUS.begin, _literal("2000"))
    ordered = Triple(node("deal"), FOEDUS.orderedOn, day)
    delivered = Triple(node("deal"), FOEDUS.begin, _literal("2005"))
    changed = by_orders(kept, ordered, delivered)
    assert kept in changed
    assert changed - {kept} == {
        Triple(node("deal"), prop, day) for prop in (FOEDUS.orderedOn, FOEDUS.begin, FOEDUS.end)
    }
    assert by_orders(kept) == {kept}


def by_orders(*said: Triple) -> set[Triple]:
    store = EmbeddedStore()
    store.insert(GRAPH.asserted("x"), said)
    draft = Draft(store)
    by_order(draft)
    return set(draft.match())


def _literal(year: str) -> Literal:
    return Literal(year, datatype=XSD.gYear)


def test_an_unknown_alliance(world: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName):
        world.robustness(without=["NATO"])
