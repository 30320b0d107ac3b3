"""Each check finds what it should find and nothing else, and finds no fault in the facts that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

from kg import KnowledgeGraph
from kg.verifying import Check, load_checks

CASES = Path(__file__).parent / "checks"
CHECKS = load_checks()
NAMES = [check.name for check in CHECKS]
TRIGGER, QUIET = "https://example.org/should-trigger/", "https://example.org/should-not-trigger/"


def rows(answer: object) -> list[tuple[str, str]]:
    assert isinstance(answer, QuerySolutions)
    assert [variable.value for variable in answer.variables] == ["node", "error"]
    found = []
    for solution in answer:
        node, error = solution["node"], solution["error"]
        assert isinstance(node, NamedNode)
        assert isinstance(error, Literal)
        assert error.value
        found.append((node.value, error.value))
    return found


def case(name: str) -> Store:
    store = Store()
    store.load(path=str(CASES / f"{name}.ttl"), format=RdfFormat.TURTLE)
    return store


def subjects(store: Store, base: str) -> set[str]:
    return {q.subject.value for q in store if isinstance(q.subject, NamedNode) and q.subject.value.startswith(base)}


def test_each_check_has_a_case_and_each_case_a_check() -> None:
    assert sorted(path.stem for path in CASES.glob("*.ttl")) == NAMES
    assert len(NAMES) == 9


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_summary_is_written_for_people(check: Check) -> None:
    assert check.summary and not check.summary.endswith(".")
    assert "ORDER BY" in check.text


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_an_empty_store_has_no_faults(check: Check) -> None:
    assert rows(Store().query(check.text)) == []


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_case(check: Check) -> None:
    store = case(check.name)
    found = rows(store.query(check.text))
    assert {node for node, _ in found} == subjects(store, TRIGGER)
    assert subjects(store, QUIET)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("policy", ["facts", "reported", "alleged"])
@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_what_is_built_has_no_faults(graph: KnowledgeGraph, league: KnowledgeGraph, check: Check, policy: str) -> None:
    assert rows(graph.sparql(check.text, policy=policy)) == []
    assert rows(league.sparql(check.text, policy=policy)) == []
