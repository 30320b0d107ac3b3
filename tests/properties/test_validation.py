"""Checking a change finds what checking everything finds anew, over random changes of a graph in several parts.

The oracle is the check of all documents together, before and after.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg import KnowledgeGraph
from kg.errors import Violation
from kg.store.embedded import EmbeddedStore
from kg.validation import validate, validate_change
from kg.views import asserted_graphs
from kg.vocab import FOEDUS, GRAPH, RDF, RDFS

THIRD = GRAPH.asserted("third")
SCHEMA = Quad(FOEDUS.ArmedConflict, RDFS.subClassOf, FOEDUS.State, THIRD)
QUOTED = Triple(FOEDUS.State, RDF.type, FOEDUS.State)


def said(triple: Triple, graph: NamedNode | BlankNode | DefaultGraph) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


@cache
def article() -> tuple[Quad, ...]:
    """The report that ships, with those of the states that it speaks of, in graphs of their own."""
    store = KnowledgeGraph.build()[0].store
    (told,) = (graph for graph in asserted_graphs(store) if graph != GRAPH.asserted("states"))
    quads = [said(triple, told) for triple in store.triples(told)]
    states = GRAPH.asserted("states")
    listed = list(store.triples(states))
    spoken_of = {quad.object for quad in quads}
    for _ in range(4):
        # What vouches for a node comes with it.
        spoken_of |= {t.object for t in listed if t.subject in spoken_of and t.predicate != FOEDUS.claims}
        spoken_of |= {t.subject for t in listed if t.object in spoken_of and t.predicate == FOEDUS.claims}
    kept = [t for t in listed if t.subject in spoken_of and (t.object in spoken_of or t.predicate != FOEDUS.claims)]
    return tuple(sorted([*quads, *(said(t, states) for t in kept)], key=str))


def changes(quads: frozenset[Quad], dice: random.Random) -> Iterator[tuple[set[Quad], set[Quad]]]:
    """What to add and what to remove, of many kinds."""
    held = sorted(quads, key=str)
    one, other = dice.choice(held), dice.choice(held)
    graph = dice.choice([one.graph_name, other.graph_name, THIRD])
    new = NamedNode(f"https://example.org/new-{dice.randrange(3)}")
    yield {said(one.triple, graph)}, {one}
    yield set(), {one}
    yield {said(one.triple, THIRD)}, set()
    yield {Quad(one.subject, other.predicate, other.object, graph)}, set()
    yield {Quad(one.subject, one.predicate, other.object, graph)}, {one}
    yield {Quad(new, one.predicate, one.object, graph)}, set()
    yield {Quad(one.subject, one.predicate, new, graph)}, {one}
    yield {Quad(one.subject, one.predicate, Literal(f"{dice.randrange(9)}"), graph)}, set()
    yield {Quad(one.subject, RDF.type, dice.choice([FOEDUS.Claim, FOEDUS.State, FOEDUS.Membership]), graph)}, set()
    yield set(), {q for q in held if q.subject == one.subject}
    yield set(), {q for q in held if q.subject == one.subject and q.predicate == RDF.type}
    yield {Quad(one.subject, NamedNode(f"{FOEDUS.base}sideC"), one.object, graph)}, set()
    yield {Quad(one.subject, one.predicate, QUOTED, graph)}, set()


def whole(quads: frozenset[Quad], sources: dict[NamedNode, str]) -> list[Violation]:
    return validate({name: [q.triple for q in quads if q.graph_name == graph] for graph, name in sources.items()})


def compare(before: frozenset[Quad], after: frozenset[Quad], earlier: list[Violation]) -> list[Violation]:
    """Check a change both ways; the faults of all that is there after it."""
    store = EmbeddedStore()
    names = {q.graph_name for q in before | after if isinstance(q.graph_name, NamedNode)}
    sources = {graph: graph.value.rpartition("/")[2] for graph in sorted(names, key=str)}
    for graph in sources:
        store.insert(graph, [q.triple for q in after if q.graph_name == graph])
    found = validate_change(store, sources, after - before, before - after)
    everything = whole(after, sources)
    assert len(found) == len(set(found))
    if earlier:
        assert set(everything) - set(earlier) <= set(found) <= set(everything)
    else:
        assert found == everything
    return everything


@given(st.integers(0, 2**32))
@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
def test_a_change_is_checked_as_everything_is(seed: int) -> None:
    dice = random.Random(seed)
    quads, faults = frozenset(article()), list[Violation]()
    # One change on top of the other, so that the second meets the faults of the first.
    for _ in range(2):
        kinds = list(changes(quads, dice))
        added: set[Quad] = set()
        removed: set[Quad] = set()
        for more, fewer in dice.sample(kinds, dice.choice([1, 1, 2, 3])):
            added |= more
            removed |= fewer
        after = (quads - removed) | added
        faults = compare(quads, after, faults)
        quads = after


def test_the_graph_that_is_changed_conforms() -> None:
    sources = {graph: graph.value for q in article() if isinstance(graph := q.graph_name, NamedNode)}
    assert len(sources) == 2 and whole(frozenset(article()), sources) == []


def test_every_kind_of_change() -> None:
    before = frozenset(article())
    broken = [compare(before, (before - gone) | new, []) for new, gone in changes(before, random.Random(0))]
    # Some changes break nothing; a test in which none did would prove nothing.
    assert sum(map(bool, broken)) > 5


def test_schema_among_the_data_is_checked_on_everything() -> None:
    before = frozenset(article())
    assert compare(before, before | {SCHEMA}, [])
