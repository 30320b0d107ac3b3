"""What a conclusion hangs on, against brute force over random worlds in which claims are passed on.

Withdrawing each set and drawing the conclusions anew ends the conclusion, no smaller set does, and no set is missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, combinations

import pyoxigraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg import drafting, scenarios
from kg.accepting import Reading, accept
from kg.building import add_view
from kg.documents import read_document
from kg.inquiries import Inquiries
from kg.reasoning import CompiledReasoner
from kg.resources import ontology_files
from kg.rules import describe, load_rules, run_rules
from kg.store.embedded import EmbeddedStore
from kg.vocab import FOEDUS, GRAPH
from tests.properties.worlds import World, turtle, worlds

FEW = 5
"""Of how many claims every subset is tried out; of more, the largest that should not end the conclusion."""

Target = str | tuple[str, str, str]
Family = set[frozenset[str]]
Facts = frozenset[Triple]


@cache
def ontology() -> tuple[Triple, ...]:
    files = [triple for path in ontology_files() for triple in read_document(path).triples]
    return (*files, *describe(load_rules()))


def built(text: str, policy: str) -> Inquiries:
    """A world in Turtle with what follows from it under one policy."""
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    store.insert(GRAPH.asserted("world"), (q.triple for q in pyoxigraph.parse(text, format=RdfFormat.TURTLE)))
    graph = Inquiries(store, policy=policy)
    add_view(store, graph.trust_policies()[policy], reasoner=CompiledReasoner(), proofs=False)
    return graph


HANDS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(["Asserts", "Asserts", "Accuses", "Denies"]),
        st.sampled_from(["Fact", "Fact", "Reported", "Alleged"]),
        st.booleans(),
    ),
    max_size=6,
)
"""Claims that pass others on or deny them: which, how, how surely, and whether what is passed on was passed on too."""
TWICE = st.lists(st.integers(0, 40), max_size=3)
"""Claims that the other source has too."""


def passed_on(world: World, hands: list[tuple[int, str, str, bool]], twice: list[int]) -> str:
    told = [
        (f"{node.name}-claim{number}", claim.source) for node in world.nodes for number, claim in enumerate(node.claims)
    ]
    lines = []
    for number, (which, stance, modality, further) in enumerate(hands):
        target = f"hand{number - 1}" if further and number else told[which % len(told)][0]
        lines.append(
            f"e:hand{number} a f:Claim ; f:claims e:{target} ; f:stance f:{stance} ; f:modality f:{modality} ; "
            f"f:attributedTo e:speaker ; f:reportedBy e:source{number % 2} ."
        )
    for which in twice:
        claim, source = told[which % len(told)]
        lines.append(f"e:{claim} f:reportedBy e:source{1 - source} .")
    return turtle(world) + "\n".join(lines) + "\n"


def targets(graph: Inquiries) -> tuple[list[Target], list[Target]]:
    """Shortcuts, and nodes that count."""
    view = graph.policy
    shortcuts = [key for key in scenarios.conclusions(graph.store, view) if isinstance(key, tuple)]
    graphs = (GRAPH.accepted(view), GRAPH.derived(view))
    nodes = {t.subject for g in graphs for t in graph.store.triples(g) if t.predicate == FOEDUS.status}
    return sorted(shortcuts), sorted(n.value for n in nodes if isinstance(n, NamedNode))


def still_counts(graph: Inquiries, facts: Facts, node: str) -> bool:
    """Whether a node counts, by accepting and running the rules alone, which takes little time."""
    store, asserted = EmbeddedStore(), GRAPH.asserted("world")
    policy = graph.trust_policies()[graph.policy]
    store.insert(asserted, facts)
    accepted, derived = GRAPH.accepted(policy.view), GRAPH.derived(policy.view)
    store.insert(accepted, accept(Reading.of(store, [asserted]), policy))
    run_rules(store, load_rules(), [asserted, accepted], derived)
    return any(True for _ in store.match([accepted, derived], NamedNode(node), FOEDUS.status))


def follows(graph: Inquiries, facts: Facts, target: Target) -> bool:
    """Whether something follows from changed facts when all is drawn anew."""
    policy = graph.trust_policies()[graph.policy]
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    store.insert(GRAPH.asserted("changed"), facts)
    add_view(store, policy, reasoner=CompiledReasoner(), proofs=False)
    if isinstance(target, tuple):
        return Triple(*map(NamedNode, target)) in set(store.triples(GRAPH.inferred(policy.view)))
    graphs = [GRAPH.accepted(policy.view), GRAPH.derived(policy.view)]
    return any(True for _ in store.match(graphs, NamedNode(target), FOEDUS.status))


def without_claims(graph: Inquiries, claims: set[NamedNode]) -> Facts:
    draft = drafting.Draft(graph.store)
    drafting.withdraw_claims(draft, claims)
    return frozenset(draft.match())


def subsets(items: Iterable[str]) -> Iterable[frozenset[str]]:
    ordered = sorted(items)
    return map(frozenset, chain.from_iterable(combinations(ordered, n) for n in range(len(ordered) + 1)))


def minimal(family: Iterable[frozenset[str]]) -> Family:
    found: Family = set()
    for one in sorted(family, key=len):
        if not any(other <= one for other in found):
            found.add(one)
    return found


def largest_without(family: Iterable[frozenset[str]], items: frozenset[str]) -> Family:
    """The largest sets of items that hold no set of the family: what is left when one of each is kept back."""
    kept: Family = {frozenset()}
    for one in family:
        kept = minimal(back | {item} if back.isdisjoint(one) else back for back in kept for item in one)
    return {items - back for back in kept}


def check(found: list[frozenset[str]], items: frozenset[str], ends: Callable[[frozenset[str]], bool]) -> None:
    assert len(set(found)) == len(found) and [len(way) for way in found] == sorted(map(len, found))
    if len(items) <= FEW:
        assert set(found) == minimal(way for way in subsets(items) if ends(way))
        return
    assert set(found) == minimal(found)
    assert all(way <= items and ends(way) for way in found)
    assert not any(ends(way) for way in largest_without(found, items))


def hanging(graph: Inquiries, target: Target, ends: Callable[[Facts], bool]) -> None:
    explanation = graph.explain(target if isinstance(target, tuple) else NamedNode(target))
    claims = frozenset(explanation.carried)
    by_iri = {claim: NamedNode(claim) for claim in claims}
    check(
        explanation.hangs_on(),
        claims,
        lambda way: ends(without_claims(graph, {by_iri[claim] for claim in way})),
    )
    sources = frozenset(source for carried in explanation.carried.values() for source in carried.sources)

    def without(gone: frozenset[str]) -> Facts:
        draft = drafting.Draft(graph.store)
        for source in sorted(gone):
            if draft.subjects(FOEDUS.reportedBy, NamedNode(source)):
                drafting.retract(draft, NamedNode(source))
        return frozenset(draft.match())

    check(explanation.hangs_on(by_source=True), sources, lambda way: ends(without(way)))


SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@given(
    world=worlds(),
    hands=HANDS,
    twice=TWICE,
    policy=st.sampled_from(["facts", "reported", "alleged", "alleged"]),
    picks=st.lists(st.integers(0, 1000), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_what_a_node_hangs_on(
    world: World, hands: list[tuple[int, str, str, bool]], twice: list[int], policy: str, picks: list[int]
) -> None:
    graph = built(passed_on(world, hands, twice), policy)
    _, nodes = targets(graph)
    # What rests on claims that are passed on comes first, for there is most to get wrong; then episodes.
    carried = {node: any(c.carriers for c in graph.explain(NamedNode(str(node))).carried.values()) for node in nodes}
    ordered = sorted(nodes, key=lambda node: (not carried[node], "/episode/" not in str(node), node))
    for pick in picks[: len(nodes)]:
        node = str(ordered[pick % min(len(ordered), 8)])
        hanging(graph, node, lambda facts, node=node: not still_counts(graph, facts, node))  # type: ignore[misc]


@given(
    world=worlds(),
    hands=HANDS,
    twice=TWICE,
    policy=st.sampled_from(["reported", "alleged"]),
    pick=st.integers(0, 1000),
)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_what_a_shortcut_hangs_on(
    world: World, hands: list[tuple[int, str, str, bool]], twice: list[int], policy: str, pick: int
) -> None:
    graph = built(passed_on(world, hands, twice), policy)
    shortcuts, _ = targets(graph)
    # The betrayals first: they have the most proofs.
    ordered = sorted(shortcuts, key=lambda key: ("betrays" not in key[1], key))
    if ordered:
        target = ordered[pick % min(len(ordered), 6)]
        hanging(graph, target, lambda facts: not follows(graph, facts, target))


def test_brute_force_and_complements_agree() -> None:
    """The check itself, on a family whose smallest sets are known."""
    ways = [frozenset("a"), frozenset("bc")]
    items = frozenset("abcdefg")
    assert largest_without(ways, items) == {items - set("ab"), items - set("ac")}

    def ends(gone: frozenset[str]) -> bool:
        return any(way <= gone for way in ways)

    check(ways, items, ends)
    for wrong in ([frozenset("a")], [frozenset("a"), frozenset("bcd")], [*ways, frozenset("d")]):
        try:
            check(wrong, items, ends)
        except AssertionError:
            continue
        raise AssertionError(wrong)
