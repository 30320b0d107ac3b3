"""A what-if is a build from scratch on the changed facts, and leaves the graph that it starts from alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Triple

from kg import KnowledgeGraph
from kg.building import add_view
from kg.errors import KgError
from kg.reasoning import AutomaticReasoner, Reasoner, ReferenceReasoner
from kg.scenarios import Facts, conclusions, facts, leave, rebuild, retract, update
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy
from kg.vocab import FOEDUS, GRAPH
from tests.properties.test_hanging import built
from tests.properties.test_owl import ontology
from tests.properties.worlds import BASE, NS, World, turtle, worlds

Changing = Callable[[Facts], Facts]


@st.composite
def changes(draw: st.DrawFn, world: World) -> Changing:
    """One of the ways in which facts can be changed."""
    node = draw(st.sampled_from(world.nodes))
    match draw(st.sampled_from(["node", "claim", "source", "leave", "update", "delete"])):
        case "node":
            return lambda held: retract(held, NamedNode(BASE + node.name))
        case "claim":
            return lambda held: retract(held, NamedNode(f"{BASE}{node.name}-claim0"))
        case "source":
            source = draw(st.sampled_from(world.sources))
            return lambda held: retract(held, NamedNode(BASE + source.name))
        case "leave":
            spell = draw(st.sampled_from(world.of("Membership")))
            day = draw(st.none() | st.dates(date(2000, 1, 1), date(2006, 12, 31)))
            (state,), (alliance,) = spell.role("member"), spell.role("alliance")
            return lambda held: leave(held, NamedNode(BASE + state), NamedNode(BASE + alliance), day)
        case "update":
            one, two = draw(st.lists(st.sampled_from(world.states), min_size=2, max_size=2, unique=True))
            text = f"""INSERT DATA {{
                <{BASE}new> a foedus:ArmsTransfer ; foedus:supplier <{BASE}{one}> ; foedus:recipient <{BASE}{two}> .
                <{BASE}new-claim> a foedus:Claim ; foedus:claims <{BASE}new> ; foedus:stance foedus:Asserts ;
                  foedus:modality foedus:Fact ; foedus:reportedBy <{BASE}source0> }}"""
            return lambda held: update(held, text)
        case _:
            return lambda held: update(held, f"DELETE WHERE {{ ?node <{NS}begin> ?day }}")


def fresh(held: Facts, policy: Policy, reasoner: Reasoner) -> EmbeddedStore:
    """A build from nothing but the changed facts."""
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    store.insert(GRAPH.asserted("changed"), held)
    add_view(store, policy, reasoner=reasoner)
    return store


def hold(world: World, change: Changing, reasoner: Reasoner) -> None:
    graph, policy = built(turtle(world), "alleged")
    before = set(graph.store.quads())
    try:
        held = change(facts(graph.store))
    except KgError:  # such as leaving an alliance that the state has left already
        assume(False)
    what_if = rebuild(graph.store, held, policy, check=False)
    scratch = fresh(held, policy, reasoner)
    assert conclusions(what_if, policy.view) == conclusions(scratch, policy.view)
    for stage in (GRAPH.accepted, GRAPH.derived, GRAPH.inferred):
        assert set(what_if.triples(stage(policy.view))) == set(scratch.triples(stage(policy.view)))
    assert set(graph.store.quads()) == before


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_if_is_rebuild(data: st.DataObject) -> None:
    world = data.draw(worlds())
    hold(world, data.draw(changes(world)), AutomaticReasoner())


@given(st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_if_is_rebuild_by_the_reference_reasoner(data: st.DataObject) -> None:
    world = data.draw(worlds())
    hold(world, data.draw(changes(world)), ReferenceReasoner())


def test_the_article_changed_and_built_again(store: Path, tmp_path: Path) -> None:
    """The whole way round: the changed facts written to a file and built by the usual road."""
    from pyoxigraph import RdfFormat

    from kg.serializing import serialize

    graph = KnowledgeGraph.open(store)
    text = "DELETE WHERE { <https://w3id.org/foedus/id/conflict/nagorno-karabakh-2020> foedus:end ?day }"
    result = graph.scenario(update=text)
    file = tmp_path / "changed.nt"
    file.write_bytes(serialize(facts(result.after.store), RdfFormat.N_TRIPLES))
    again, _ = KnowledgeGraph.build([file])
    assert conclusions(result.after.store, "reported") == conclusions(again.store, "reported")
    assert result.difference


def test_a_store_on_disk_stays_as_it_is(store: Path) -> None:
    def snapshot() -> dict[str, bytes]:
        return {str(p.relative_to(store)): p.read_bytes() for p in sorted(store.rglob("*.sst"))}

    graph = KnowledgeGraph.open(store)
    files, quads = snapshot(), set(graph.store.quads())
    graph.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01")
    assert set(graph.store.quads()) == quads
    assert snapshot() == files


def test_a_change_that_breaks_a_shape_is_refused(store: Path) -> None:
    from kg.errors import ValidationError

    graph = KnowledgeGraph.open(store)
    before: set[Quad] = set(graph.store.quads())
    text = "INSERT DATA { <https://example.org/x> a foedus:ArmsTransfer }"
    with pytest.raises(ValidationError) as caught:
        graph.scenario(update=text)
    assert {v.node for v in caught.value.violations} == {"https://example.org/x"}
    assert set(graph.store.quads()) == before


def test_facts_are_those_of_every_source(store: Path) -> None:
    held = facts(KnowledgeGraph.open(store).store)
    assert any(t.predicate == FOEDUS.iso3 for t in held) and any(t.predicate == FOEDUS.supplier for t in held)
    assert all(isinstance(t, Triple) for t in held)
