"""What a conclusion hangs on, against brute force: every subset of the claims behind it is withdrawn and tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, combinations

import pyoxigraph
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg.building import add_view
from kg.inquiries import Inquiries
from kg.reasoning import AutomaticReasoner
from kg.rules import load_rules, run_rules
from kg.scenarios import facts, retract, withdraw_claims
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, accept, policies
from kg.vocab import FOEDUS, GRAPH, RDF
from tests.properties.test_owl import ontology
from tests.properties.worlds import BASE, World, turtle, worlds

RULES = load_rules()
MOST = 7
SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def built(text: str, policy: str) -> tuple[Inquiries, Policy]:
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    store.insert(GRAPH.asserted("world"), (q.triple for q in pyoxigraph.parse(text, format=RdfFormat.TURTLE)))
    chosen = policies(store, [GRAPH.ontology])[policy]
    add_view(store, chosen, reasoner=AutomaticReasoner())
    return Inquiries(store, policy=policy), chosen


def episodes(held: Iterable[Triple], policy: Policy) -> set[str]:
    """The episodes that follow from some facts, by the accepting stage and the rules alone."""
    store, graph = EmbeddedStore(), GRAPH.asserted("world")
    store.insert(graph, held)
    store.insert(GRAPH.accepted(policy.view), accept(store, [graph], policy))
    run_rules(store, RULES, [graph, GRAPH.accepted(policy.view)], GRAPH.derived(policy.view))
    derived = store.match([GRAPH.derived(policy.view)], predicate=RDF.type, obj=FOEDUS.Episode)
    return {t.subject.value for t in derived if isinstance(t.subject, NamedNode)}


def brute_force(parts: Sequence[str], ends: Callable[[tuple[str, ...]], bool]) -> set[frozenset[str]]:
    """The minimal subsets that end something, by trying them all, smallest first."""
    minimal: list[frozenset[str]] = []
    for subset in chain.from_iterable(combinations(parts, size) for size in range(1, len(parts) + 1)):
        if not any(way <= frozenset(subset) for way in minimal) and ends(subset):
            minimal.append(frozenset(subset))
    return set(minimal)


def carried(world: World, carriers: Sequence[str]) -> str:
    """The world, with some of its claims passed on by claims of somebody else."""
    lines = [turtle(world), 'e:agency a f:Organization ; rdfs:label "agency"@en .']
    for number, claim in enumerate(carriers):
        lines.append(
            f"e:carrier{number} a f:Claim ; f:claims e:{claim} ; f:stance f:Asserts ; f:modality f:Fact ; "
            f"f:attributedTo e:agency ; f:reportedBy e:{world.sources[number % 2].name} ."
        )
    return "\n".join(lines) + "\n"


@st.composite
def reported(draw: st.DrawFn) -> tuple[World, str]:
    world = draw(worlds())
    claims = [f"{node.name}-claim{n}" for node in world.nodes for n, _ in enumerate(node.claims)]
    return world, carried(world, draw(st.lists(st.sampled_from(claims), max_size=3)))


@given(reported(), st.data())
@SOME
def test_minimal_sets_of_claims(drawn: tuple[World, str], data: st.DataObject) -> None:
    graph, policy = built(drawn[1], "alleged")
    held = facts(graph.store)
    found = sorted(episodes(held, policy))
    assume(found)
    episode = data.draw(st.sampled_from(found))
    explanation = graph.explain(NamedNode(episode))
    claims = sorted(explanation.carried)
    assume(len(claims) <= MOST)

    def ends(subset: tuple[str, ...]) -> bool:
        return episode not in episodes(withdraw_claims(held, [NamedNode(c) for c in subset]), policy)

    assert set(explanation.hangs_on()) == brute_force(claims, ends)


@given(reported(), st.data())
@SOME
def test_minimal_sets_of_sources(drawn: tuple[World, str], data: st.DataObject) -> None:
    world, text = drawn
    graph, policy = built(text, "alleged")
    held = facts(graph.store)
    found = sorted(episodes(held, policy))
    assume(found)
    episode = data.draw(st.sampled_from(found))

    def ends(subset: tuple[str, ...]) -> bool:
        left = held
        for source in subset:
            left = retract(left, NamedNode(source))
        return episode not in episodes(left, policy)

    sources = [BASE + source.name for source in world.sources]
    used = [s for s in sources if any(t.predicate == FOEDUS.reportedBy and t.object == NamedNode(s) for t in held)]
    assert set(graph.explain(NamedNode(episode)).hangs_on(by_source=True)) == brute_force(used, ends)
