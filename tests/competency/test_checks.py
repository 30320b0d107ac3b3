"""Each check finds what it should find and nothing else, and finds no fault in the facts that ship."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph
import pytest
import yaml
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

from kg import KnowledgeGraph
from kg.resources import resource

CASES = Path(__file__).parent / "checks"
CHECKS = sorted(resource("queries", "checks").glob("*.rq"))
NAMES = [path.stem for path in CHECKS]
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
    assert NAMES == sorted(path.stem for path in CASES.glob("*.ttl"))
    assert len(NAMES) == 9


@pytest.mark.parametrize("path", CHECKS, ids=NAMES)
def test_header(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = yaml.safe_load("\n".join(re.findall(r"^#\+ ?(.*)$", text, re.MULTILINE)))
    assert set(header) == {"summary", "severity"}
    assert header["severity"] in {"violation", "warning", "info"}
    assert header["summary"] and not header["summary"].endswith(".")


@pytest.mark.parametrize("path", CHECKS, ids=NAMES)
def test_an_empty_store_has_no_faults(path: Path) -> None:
    assert rows(pyoxigraph.Store().query(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", CHECKS, ids=NAMES)
def test_case(path: Path) -> None:
    store = case(path.stem)
    found = rows(store.query(path.read_text(encoding="utf-8")))
    assert {node for node, _ in found} == subjects(store, TRIGGER)
    assert subjects(store, QUIET)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("policy", ["facts", "reported", "alleged"])
@pytest.mark.parametrize("path", CHECKS, ids=NAMES)
def test_the_facts_that_ship_have_no_faults(graph: KnowledgeGraph, path: Path, policy: str) -> None:
    assert rows(graph.sparql(path.read_text(encoding="utf-8"), policy=policy)) == []
