"""Steps found backwards are those found forwards, all the way down: of facts that ship and of random ontologies."""

from __future__ import annotations

from collections.abc import Iterable
from unittest.mock import patch

import pytest
from hypothesis import given
from pyoxigraph import NamedNode, Quad, Triple

from kg import KnowledgeGraph
from kg.building import build
from kg.documents import without_blank_nodes
from kg.facts import reasoner_input
from kg.lookups import Lookups
from kg.reasoning import derivations
from kg.reasoning.retracing import Retracer
from kg.resources import graph_files
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID
from kg.vocab import GRAPH, RDF
from tests.properties.ontologies import HIERARCHY, NODES, PLAIN, SETTINGS, graphs, triples


@pytest.fixture(scope="module")
def article() -> EmbeddedStore:
    return build(graph_files())[0]


@pytest.mark.parametrize("view", ["facts", "reported", "alleged"])
def test_every_step_of_the_article_is_found_backwards(article: EmbeddedStore, view: str) -> None:
    whole = derivations(reasoner_input(article, view))
    lookups = Lookups(article, view)
    retracer = Retracer(lookups.axioms, lookups)
    assert set(article.triples(GRAPH.inferred(view))) <= whole.keys()
    for triple, steps in whole.items():
        found = list(retracer.steps(triple))
        assert len(found) == len(set(found)) and set(found) == set(steps), triple


@pytest.mark.parametrize("view", ["facts", "reported", "alleged"])
def test_what_is_given_or_does_not_follow_has_no_steps(article: EmbeddedStore, view: str) -> None:
    given_ = set(reasoner_input(article, view))
    lookups = Lookups(article, view)
    retracer = Retracer(lookups.axioms, lookups)
    assert set(lookups.axioms) < given_
    assert not [t for t in given_ if list(retracer.steps(t))]
    assert [t for t in given_ if lookups.is_given(t)] and all(map(lookups.holds, given_ - set(lookups.axioms)))
    said = {t for graph in article.graphs() for t in article.triples(graph)}
    assert not [t for t in said - given_ if isinstance(t.subject, NamedNode) and lookups.is_given(t)]


def test_explanations_are_the_same_either_way(article: EmbeddedStore) -> None:
    forwards, backwards = KnowledgeGraph(article), KnowledgeGraph(article)
    with patch("kg.reasons._FEW", 0):
        for triple in sorted(article.triples(GRAPH.inferred("reported")), key=str)[::3]:
            words = [part.value for part in triple]
            asked = (words[0], words[1], words[2])
            assert backwards.explain(asked).to_dict() == forwards.explain(asked).to_dict()


class Small:
    """Data with what follows from them, but for what a store leaves out: memberships in anonymous classes."""

    def __init__(self, data: Iterable[Triple], following: Iterable[Triple]) -> None:
        self.data = set(data)
        told = (t for t in following if t.predicate != RDF.type or GENID not in str(t.object))
        self.all = self.data.union(told)

    def is_given(self, triple: Triple) -> bool:
        return triple in self.data

    def holds(self, triple: Triple) -> bool:
        return triple in self.all

    def objects(self, subject: NamedNode, prop: NamedNode) -> list[object]:
        return [t.object for t in self.all if (t.subject, t.predicate) == (subject, prop)]

    def subjects(self, prop: NamedNode, obj: object) -> list[object]:
        return [t.subject for t in self.all if (t.predicate, t.object) == (prop, obj)]


def compare(text: str) -> None:
    quads = [Quad(*triple) for triple in sorted(triples(text), key=str)]
    named = {quad.triple for quad in without_blank_nodes(quads, "x")}
    nodes = {NamedNode(f"https://example.org/{name[1:]}") for name in NODES}
    data = {t for t in named if t.subject in nodes}
    whole = derivations(named)
    retracer = Retracer(named - data, Small(data, whole))
    for triple, steps in whole.items():
        assert set(retracer.steps(triple)) == set(steps), triple


@given(text=graphs(PLAIN))
@SETTINGS
def test_every_step_of_random_data_is_found_backwards(text: str) -> None:
    compare(text)


@given(text=graphs(HIERARCHY))
@SETTINGS
def test_every_step_of_random_data_with_literals_is_found_backwards(text: str) -> None:
    compare(text)
