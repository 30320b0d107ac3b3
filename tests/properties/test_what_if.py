"""A what-if equals a build from scratch on the changed data, over random worlds and random changes.

A change is made twice: to the graph, by the means that a user has, and to the plain Python world, by this file. What
follows must be the same, and the graph that was asked must not have changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat

from kg import scenarios
from kg.building import add_view
from kg.errors import UnknownName, UsageError, ValidationError
from kg.explaining import QUESTIONS
from kg.inquiries import Inquiries
from kg.reasoning import CompiledReasoner, Reasoner, ReferenceReasoner
from kg.store.embedded import EmbeddedStore
from kg.vocab import GRAPH
from tests.properties.test_hanging import built, ontology
from tests.properties.worlds import BASE, Claim, Node, World, readings, turtle, worlds

Conclusions = dict[Any, scenarios.Conclusion]


@dataclass(frozen=True)
class Change:
    """A change as a user makes it, and the world that it leads to; ``None`` where it has to be refused."""

    options: dict[str, Any]
    world: World | None


# -------------------------------------------------------------------- changes


def dropped(world: World, names: set[str]) -> World:
    """The world without some nodes: nothing points at them any more."""
    nodes = (node for node in world.nodes if node.name not in names)
    kept = (replace(n, roles=tuple((p, v) for p, v in n.roles if v not in names)) for n in nodes)
    return replace(world, nodes=tuple(kept))


@st.composite
def retracted_claims(draw: st.DrawFn, world: World) -> Change:
    told = [(node.name, number) for node in world.nodes for number in range(len(node.claims))]
    gone = set(draw(st.lists(st.sampled_from(told), min_size=1, max_size=4, unique=True)))
    nodes = (
        replace(n, claims=tuple(c for number, c in enumerate(n.claims) if (n.name, number) not in gone))
        for n in world.nodes
    )
    options = {"retract": [f"{BASE}{name}-claim{number}" for name, number in sorted(gone)]}
    return Change(options, replace(world, nodes=tuple(nodes)))


@st.composite
def retracted_node(draw: st.DrawFn, world: World) -> Change:
    name = draw(st.sampled_from([node.name for node in world.nodes]))
    return Change({"retract": [BASE + name]}, dropped(world, {name}))


@st.composite
def retracted_source(draw: st.DrawFn, world: World) -> Change:
    used = sorted({claim.source for node in world.nodes for claim in node.claims})
    gone = draw(st.sampled_from(used))
    nodes = (replace(n, claims=tuple(c for c in n.claims if c.source != gone)) for n in world.nodes)
    return Change({"retract": [BASE + world.sources[gone].name]}, replace(world, nodes=tuple(nodes)))


@st.composite
def left_alliance(draw: st.DrawFn, world: World) -> Change:
    spells = world.of("Membership")
    spell = draw(st.sampled_from(spells))
    state, alliance = spell.role("member")[0], spell.role("alliance")[0]
    mine = [s for s in spells if s.role("member") == [state] and s.role("alliance") == [alliance]]
    options: dict[str, Any] = {"withdraw": (BASE + state, BASE + alliance)}
    since = draw(st.none() | st.dates(date(1999, 1, 1), date(2007, 12, 31)))
    if since is None:
        return Change(options, dropped(world, {s.name for s in mine}))
    options["since"] = since.isoformat()
    later = {s.name for s in mine if s.begin and readings(s.begin)[0] > since}
    over = {s.name for s in mine if s.end and s.end[0].isdigit() and readings(s.end)[1] <= since} - later
    closed = {s.name for s in mine} - later - over
    if not later and not closed:
        return Change(options, None)
    nodes = (replace(n, end=since.isoformat()) if n.name in closed else n for n in world.nodes)
    return Change(options, dropped(replace(world, nodes=tuple(nodes)), later))


@st.composite
def redated(draw: st.DrawFn, world: World) -> Change:
    """A SPARQL Update: all of a kind begin and end in other years."""
    kind = draw(st.sampled_from(["ArmsTransfer", "Incursion", "ArmedConflict", "Membership"]))
    first = draw(st.integers(1999, 2005))
    years = (str(first), str(first + draw(st.integers(0, 2))))
    update = f"""DELETE {{ ?x foedus:begin ?b ; foedus:end ?e ; foedus:ongoingAsOf ?a }}
        INSERT {{ ?x foedus:begin "{years[0]}"^^xsd:gYear ; foedus:end "{years[1]}"^^xsd:gYear }}
        WHERE {{ ?x a foedus:{kind} OPTIONAL {{ ?x foedus:begin ?b }} OPTIONAL {{ ?x foedus:end ?e }}
            OPTIONAL {{ ?x foedus:ongoingAsOf ?a }} }}"""
    nodes = (replace(n, begin=years[0], end=years[1]) if n.kind == kind else n for n in world.nodes)
    return Change({"update": update}, replace(world, nodes=tuple(nodes)))


@st.composite
def added(draw: st.DrawFn, world: World) -> Change:
    """A file of facts, with or without claims of their own."""
    one, two = draw(st.lists(st.sampled_from(world.states), min_size=2, max_size=2, unique=True))
    alliance = draw(st.sampled_from(world.of("Alliance")))
    year = str(draw(st.integers(2000, 2006)))
    claims = draw(st.sampled_from([(), (Claim(0, "Asserts", "Fact"),), (Claim(0, "Asserts", "Alleged"),)]))
    news = [
        Node("new-transfer", "ArmsTransfer", year, year, claims, (("supplier", one), ("recipient", two))),
        Node("new-incursion", "Incursion", year, year, claims, (("actor", one), ("target", two))),
        Node("new-member", "Membership", year, "Ongoing", claims, (("member", one), ("alliance", alliance.name))),
    ]
    chosen = draw(st.lists(st.sampled_from(news), min_size=1, max_size=3, unique_by=lambda node: node.name))
    text = turtle(replace(world, nodes=tuple(chosen)))
    # What nobody claims is assumed: as good as a fact that an undated source states.
    last = len(world.sources)
    assumed = replace(world.sources[0], name="assumption", published=None, not_before=None)
    full = tuple(n if n.claims else replace(n, claims=(Claim(last, "Asserts", "Fact"),)) for n in chosen)
    after = replace(world, sources=(*world.sources, assumed), nodes=(*world.nodes, *full))
    return Change({"assume": text}, after)


CHANGES: list[Callable[[World], st.SearchStrategy[Change]]] = [
    retracted_claims,
    retracted_node,
    retracted_source,
    left_alliance,
    redated,
    added,
]


@st.composite
def changed_worlds(draw: st.DrawFn) -> tuple[World, Change]:
    world = draw(worlds())
    return world, draw(draw(st.sampled_from(CHANGES))(world))


# -------------------------------------------------------------------- the comparison


def from_scratch(world: World, policy: str, reasoner: Reasoner) -> Conclusions:
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    text = turtle(world)
    store.insert(GRAPH.asserted("changed"), (q.triple for q in pyoxigraph.parse(text, format=RdfFormat.TURTLE)))
    known = Inquiries(store, policy=policy).trust_policies()
    add_view(store, known[policy], reasoner=reasoner)
    return dict(scenarios.conclusions(store, policy))


def quads(graph: Inquiries) -> list[str]:
    assert isinstance(graph.store, EmbeddedStore)
    return sorted(map(str, graph.store.quads()))


def compare(world: World, change: Change, policy: str, reasoner: Reasoner, *, on_disk: bool = False) -> None:
    graph = built(turtle(world), policy)
    with tempfile.TemporaryDirectory() as folder:
        if on_disk:
            graph.store.publish(Path(folder) / "store")
            graph = Inquiries(EmbeddedStore.open(Path(folder) / "store"), policy=policy)
        before, conclusions = quads(graph), dict(scenarios.conclusions(graph.store, policy))
        options = dict(change.options)
        if "assume" in options:
            file = Path(folder) / "more.ttl"
            file.write_text(options["assume"], encoding="utf-8")
            options["assume"] = [file]
        if change.world is None:
            try:
                graph.scenario(**options)
            except UsageError:
                assert quads(graph) == before
                return
            raise AssertionError("the change ought to be refused")
        expected = from_scratch(change.world, policy, reasoner)
        try:
            result = graph.scenario(**options)
        except UsageError as fault:
            assert "no claim of this graph is admitted" in str(fault)
            assert not expected and not conclusions
            return
        assert dict(scenarios.conclusions(result.after.store, policy)) == expected
        difference = result.difference
        assert {c.key: c for c in difference.gained} == {k: expected[k] for k in expected.keys() - conclusions.keys()}
        assert {c.key: c for c in difference.lost} == {k: conclusions[k] for k in conclusions.keys() - expected.keys()}
        both = (k for k in expected.keys() & conclusions.keys() if expected[k] != conclusions[k])
        assert dict(difference.altered) == {conclusions[k]: expected[k] for k in both}
        assert quads(graph) == before


POLICIES = st.sampled_from(["facts", "reported", "alleged", "alleged"])
SLOW = [HealthCheck.too_slow]


@given(case=changed_worlds(), policy=POLICIES)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_a_what_if_is_a_build_of_the_changed_world(case: tuple[World, Change], policy: str) -> None:
    compare(*case, policy, CompiledReasoner())


@given(case=changed_worlds(), policy=st.sampled_from(["reported", "alleged"]))
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_the_same_with_the_reference_reasoner(case: tuple[World, Change], policy: str) -> None:
    compare(*case, policy, ReferenceReasoner())


@given(case=changed_worlds(), policy=POLICIES)
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_a_store_on_disk_is_not_touched(case: tuple[World, Change], policy: str) -> None:
    compare(*case, policy, CompiledReasoner(), on_disk=True)


@given(world=worlds(), kind=st.sampled_from(["Incursion", "Membership", "Alliance"]), policy=POLICIES)
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_a_change_that_breaks_a_shape_changes_nothing(world: World, kind: str, policy: str) -> None:
    graph = built(turtle(world), policy)
    before = quads(graph)
    update = f"DELETE {{ ?c foedus:claims ?x }} WHERE {{ ?x a foedus:{kind} . ?c foedus:claims ?x }}"
    if not world.of(kind):
        return
    try:
        graph.scenario(update=update)
    except ValidationError as fault:
        assert {BASE + node.name for node in world.of(kind)} <= {violation.node for violation in fault.violations}
        assert quads(graph) == before
    else:
        raise AssertionError("what nobody claims breaks a shape")


ROLES = ("ally", "state", "adversary")


@given(
    world=worlds(),
    policy=POLICIES,
    question=st.sampled_from(sorted(QUESTIONS)),
    chosen=st.tuples(*(st.none() | st.integers(0, 3) for _ in ROLES)),
)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_why_not_finds_what_is_missing_where_and_only_where_nothing_follows(
    world: World, policy: str, question: str, chosen: tuple[int | None, ...]
) -> None:
    graph = built(turtle(world), policy)
    states = dict(zip(ROLES, chosen, strict=True))
    values = {
        name.replace("-", "_"): BASE + world.states[number % len(world.states)]
        for name, role in QUESTIONS[question].items()
        if (number := states[role]) is not None
    }
    rows = 0
    with suppress(UnknownName):
        rows = len(graph.ask(question, **values))
    try:
        answer = graph.why_not(question, **values)
    except UsageError:
        assert rows
        return
    assert not rows
    assert not all(leg.holds for leg in answer.legs)
    for leg in answer.legs:
        assert bool(leg.found) == leg.holds
        assert bool(leg.shortfalls) != leg.holds
