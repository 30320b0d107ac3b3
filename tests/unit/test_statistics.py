"""What the catalog says of how much there is: what counting finds, from the build on and after every change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg import KnowledgeGraph
from kg.columns import Columns, Dictionary
from kg.resources import graph_files
from kg.statistics import Statistics, distinct_triples, noted_sizes, sized
from kg.store.embedded import EmbeddedStore
from kg.views import graphs_of_view
from kg.vocab import GRAPH, RDF
from tests.fiction import graph, pact, transfer

VIEWS = ["facts", "reported", "alleged"]


def check_sizes(store: EmbeddedStore) -> None:
    """Compare what the catalog says of each graph with what is in it."""
    counted = {graph: sum(1 for _ in store.triples(graph)) for graph in store.graphs() if graph != GRAPH.catalog}
    assert noted_sizes(store).items() >= counted.items()


@pytest.fixture(scope="module")
def built() -> EmbeddedStore:
    store = KnowledgeGraph.build(graph_files())[0].store
    assert isinstance(store, EmbeddedStore)
    return store


def test_sizes_of_graphs(built: EmbeddedStore) -> None:
    check_sizes(built)


@pytest.mark.parametrize("view", VIEWS)
def test_statistics_of_a_union(built: EmbeddedStore, view: str) -> None:
    triples = set(built.match(graphs_of_view(built, view)))
    members = {(t.subject, t.object) for t in triples if t.predicate == RDF.type and isinstance(t.object, NamedNode)}
    found = Statistics.noted(built, view)
    assert found is not None
    assert found.classes == Counter(cls.value for _, cls in members)
    assert found.counts == {
        "triples": len(triples),
        "distinctSubjects": len({t.subject for t in triples}),
        "distinctObjects": len({t.object for t in triples}),
        "properties": len({t.predicate for t in triples}),
        "classes": len(found.classes),
        "entities": len({node for node, _ in members if "foedus/id/" in str(node)}),
    }


def test_what_two_sources_say_counts_once(tmp_path: Path) -> None:
    store = graph(tmp_path, pact("Norland", "Osteria"), transfer()).store
    assert isinstance(store, EmbeddedStore)
    check_sizes(store)
    found, sizes = Statistics.noted(store, "reported"), noted_sizes(store)
    assert found is not None
    both = sum(sizes.get(graph, 0) for graph in graphs_of_view(store, "reported"))
    assert found.counts["triples"] == len(set(store.match(graphs_of_view(store, "reported")))) <= both


def test_more_terms_than_fit_into_one_number() -> None:
    class Many(Dictionary):
        def __len__(self) -> int:
            return 1 << 31

    node, other = NamedNode("urn:a"), NamedNode("urn:b")
    triples = [Triple(node, node, other), Triple(node, other, node), Triple(node, node, other)]
    for dictionary in (Dictionary(), Many()):
        columns = Columns.encode(triples, dictionary)
        for parts, count in (([columns], 2), ([columns, Columns.empty(), columns], 2), ([Columns.empty()], 0), ([], 0)):
            assert distinct_triples(parts, dictionary) == count


def test_nothing_is_said_of_what_is_not_there() -> None:
    store = EmbeddedStore()
    store.insert(GRAPH.catalog, sized({GRAPH.ontology: 2, GRAPH.proofs("x"): 0}))
    assert noted_sizes(store) == {GRAPH.ontology: 2}
    store.insert(GRAPH.catalog, [Triple(GRAPH.union("x"), RDF.type, Literal("of no use"))])
    assert Statistics.noted(store, "x") is None
