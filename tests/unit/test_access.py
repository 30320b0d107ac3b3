"""Views that a store lacks are worked out when they are asked for, in whatever order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from pyoxigraph import Literal, Triple

from kg import KnowledgeGraph
from kg.store.embedded import EmbeddedStore
from kg.vocab import DCTERMS, GRAPH
from tests.versions import of_version

QUESTION = "allies-supplying-adversary"


@pytest.fixture(scope="module")
def one_view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("one-view") / "store"
    KnowledgeGraph.build(one_view=True, place=place)
    return place


@pytest.mark.parametrize("order", [*permutations(["alleged", "facts", "reported"])])
def test_every_view_answers_as_if_it_had_been_built(one_view: Path, order: tuple[str, ...]) -> None:
    lacking, whole = KnowledgeGraph.open(one_view), KnowledgeGraph.open()
    for policy in (*order, *order):
        assert lacking.ask(QUESTION, policy=policy).terms == whole.ask(QUESTION, policy=policy).terms
        for graph in (GRAPH.accepted(policy), GRAPH.derived(policy), GRAPH.inferred(policy), GRAPH.proofs(policy)):
            assert set(lacking.store.triples(graph)) == set(whole.store.triples(graph))
    catalogs = [set(graph.store.triples(GRAPH.catalog)) for graph in (lacking, whole)]
    assert catalogs[0] == catalogs[1]


def test_the_catalog_tells_of_no_view_that_is_left_behind(one_view: Path) -> None:
    """A build in a remote store notes the engine of what is derived, too."""
    store = EmbeddedStore.open(one_view).copy()
    store.insert(GRAPH.catalog, [Triple(GRAPH.derived("reported"), DCTERMS.creator, Literal("some server"))])
    graph = KnowledgeGraph(store)
    graph.ask(QUESTION, policy="facts")
    assert not any("reported" in str(entry.subject) for entry in graph.store.triples(GRAPH.catalog))


def test_only_what_is_asked_under_is_taken_along(one_view: Path) -> None:
    graph = KnowledgeGraph.open(one_view)
    graph.ask(QUESTION, policy="facts")
    assert isinstance(graph.store, EmbeddedStore)
    assert GRAPH.derived("reported") not in graph.store.graphs()
    assert not any("reported" in str(entry.subject) for entry in graph.store.triples(GRAPH.catalog))
    graph.ask(QUESTION)
    assert GRAPH.derived("reported") in graph.store.graphs()
    known = KnowledgeGraph.open(one_view).ask(QUESTION, known_by="2024-01-01", policy="alleged")
    assert known.terms == KnowledgeGraph.open().ask(QUESTION, known_by="2024-01-01", policy="alleged").terms


def test_a_graph_of_another_version_is_told_of(one_view: Path) -> None:
    assert not KnowledgeGraph.open(one_view).ask(QUESTION).notes
    [note] = KnowledgeGraph(of_version(one_view, "0.0.1")).ask(QUESTION).notes
    assert "built by foedus 0.0.1" in note and "kg build" in note
