"""A revision is a build: whatever facts come and go, every stage ends where it would have begun anew."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg.accepting import accept
from kg.errors import InconsistencyError
from kg.revising import Basis, Difference
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies
from kg.vocab import FOEDUS, GRAPH, RDF
from tests.properties.test_hanging import ontology
from tests.properties.worlds import World, turtle, worlds

STAGES = ("accepted", "derived", "inferred")
EAST, WEST = NamedNode("urn:east"), NamedNode("urn:west")


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[Triple], set[int], list[set[int]]]:
    """All that may be said, what of it is said at first, and what is turned round at each step."""
    world: World = draw(worlds())
    parsed = {quad.triple for quad in pyoxigraph.parse(turtle(world), format=RdfFormat.TURTLE)}
    # One alliance is part of another, which is part of a third: a policy may leave that one out.
    alliances = sorted(t.subject.value for t in parsed if t.predicate == RDF.type and t.object == FOEDUS.Alliance)
    parts = {Triple(NamedNode(a), FOEDUS.partOf, EAST) for a in alliances[:1]} | {Triple(EAST, FOEDUS.partOf, WEST)}
    said = sorted(parsed | parts, key=str)
    subjects = sorted({str(t.subject) for t in said})
    places = st.sets(st.integers(0, len(said) - 1), max_size=6)
    missing = draw(places)
    steps = []
    for _ in range(draw(st.integers(1, 3))):
        whole = draw(st.sets(st.sampled_from(subjects), max_size=2))
        steps.append(draw(places) | {i for i, t in enumerate(said) if str(t.subject) in whole})
    return said, set(range(len(said))) - missing, steps


def store_of(triples: set[Triple]) -> EmbeddedStore:
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    # The same word from two sources is one word.
    store.insert(GRAPH.asserted("one"), triples)
    store.insert(GRAPH.asserted("other"), sorted(triples, key=str)[::3])
    return store


def stages(basis: Basis) -> dict[str, set[Triple]]:
    decode = basis.facts.dictionary
    return {
        "accepted": set(accept(basis.reading, basis.policy)),
        "derived": set(basis.derivation.derived.decode(decode)),
        "inferred": set(basis.closure.closure.inferred.decode(decode)),
    }


def differs(difference: Difference, basis: Basis) -> tuple[set[Triple], set[Triple]]:
    dictionary = basis.facts.dictionary
    return set(difference.added.decode(dictionary)), set(difference.removed.decode(dictionary))


@pytest.fixture(scope="module")
def shipped() -> dict[str, Policy]:
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    return policies(store, [GRAPH.ontology])


@given(walk=walks(), name=st.sampled_from(["facts", "reported", "alleged", "alleged"]), without=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_revision_is_a_build_of_the_changed_facts(
    walk: tuple[list[Triple], set[int], list[set[int]]], name: str, without: bool, shipped: dict[str, Policy]
) -> None:
    said, first, steps = walk
    policy = shipped[name]
    if without:
        policy = Policy("without", policy.modalities, excluded_alliances=frozenset({WEST}))
    held = {said[place] for place in first}
    before = Basis.of(store_of(held), policy)
    known = stages(before)
    for step in steps:
        flipped = {said[place] for place in step}
        try:
            wanted = stages(Basis.of(store_of(held ^ flipped), policy))
        except InconsistencyError:
            with pytest.raises(InconsistencyError):
                before.changed(flipped - held, flipped & held)
            continue
        revision = before.changed(flipped - held, flipped & held)
        held ^= flipped
        found = stages(revision.basis)
        for stage in STAGES:
            assert found[stage] == wanted[stage], stage
            difference = differs(getattr(revision, stage), revision.basis)
            assert difference == (wanted[stage] - known[stage], known[stage] - wanted[stage]), stage
        assert stages(before) == known
        before, known = revision.basis, wanted
