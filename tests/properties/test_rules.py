"""The dated rules against the oracle: the very same episodes in every random world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import pyoxigraph
import pytest
from hypothesis import Phase, find, given, settings
from pyoxigraph import NamedNode, QuerySolutions, QueryTriples, RdfFormat, Triple

from kg.accepting import Reading, accept
from kg.columns import Columns, Dictionary
from kg.documents import read_document
from kg.resources import graph_files, ontology_files
from kg.rules import load_rules, run_rules
from kg.rules.deriving import derive as derive_by_columns
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies
from kg.vocab import GRAPH
from tests.properties.worlds import (
    BASE,
    NS,
    Episode,
    World,
    accepted,
    episodes,
    hostilities,
    obligations,
    turtle,
    worlds,
)

RULES = load_rules()
LEGS = {
    "ally-supplying-adversary": ("obligationLeg", "supplyLeg", "hostilityLeg"),
    "ally-attacking-ally": ("obligationLeg", "attackLeg"),
    "unanswered-obligation": ("obligationLeg", "triggerLeg"),
    "complicit-ally": ("obligationLeg", "acquiescenceLeg", "toleratedLeg", "hostilityLeg"),
    "divided-loyalty": ("firstLoyaltyLeg", "secondLoyaltyLeg", "hostilityLeg"),
}


@pytest.fixture(scope="module")
def shipped() -> dict[str, Policy]:
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    return policies(store, [GRAPH.ontology])


def derive(world: World, policy: Policy) -> tuple[EmbeddedStore, Sequence[NamedNode]]:
    """The world accepted and run through the rules."""
    store, graph = EmbeddedStore(), GRAPH.asserted("world")
    store.insert(graph, (q.triple for q in pyoxigraph.parse(turtle(world), format=RdfFormat.TURTLE)))
    store.insert(GRAPH.accepted(policy.view), accept(Reading.of(store, [graph]), policy))
    run_rules(store, RULES, [graph, GRAPH.accepted(policy.view)], GRAPH.derived(policy.view))
    return store, [graph, GRAPH.accepted(policy.view), GRAPH.derived(policy.view)]


def rows(store: EmbeddedStore, graphs: Sequence[NamedNode], query: str) -> list[tuple[str, ...]]:
    answer = store.query(f"PREFIX f: <{NS}>\n" + query, default_graphs=graphs)
    assert isinstance(answer, QuerySolutions)
    return [tuple(term.value.removeprefix(BASE).removeprefix(NS) for term in solution) for solution in answer]


def derived_episodes(store: EmbeddedStore, graphs: Sequence[NamedNode]) -> set[Episode]:
    """What the store says, with every leg spelled out by the nodes and states behind it."""
    keys: dict[str, object] = {}
    for node, ours, theirs, provision in rows(
        store,
        graphs,
        """SELECT ?o ?m1 ?m2 ?p WHERE { ?o a f:Obligation ; f:obligor ?x ; f:obligee ?y ; f:underProvision ?p ;
           <http://www.w3.org/ns/prov#wasDerivedFrom> ?m1, ?m2 . ?m1 f:member ?x . ?m2 f:member ?y }""",
    ):
        keys[node] = (ours, theirs, provision)
    for node, event, hostile, against in rows(
        store, graphs, "SELECT ?h ?e ?x ?y WHERE { ?h f:arisesFrom ?e ; f:hostile ?x ; f:against ?y }"
    ):
        keys[node] = (event, hostile, against)
    found: set[Episode] = set()
    for rule, legs in LEGS.items():
        patterns = " ".join(f"f:{leg} ?l{i} ;" for i, leg in enumerate(legs))
        variables = " ".join(f"?l{i}" for i in range(len(legs)))
        for *values, overlap, status in rows(
            store,
            graphs,
            f"SELECT {variables} ?overlap ?status WHERE {{ ?e f:derivedByRule "
            f"<https://w3id.org/foedus/id/rule/{rule}> ; {patterns} f:overlap ?overlap ; f:status ?status }}",
        ):
            found.add((rule, tuple(keys.get(v, v) for v in values), overlap, status))
    return found


@pytest.mark.parametrize("policy", ["facts", "reported", "alleged"])
@given(world=worlds())
@settings(max_examples=150, deadline=None)
def test_same_episodes_as_the_oracle(world: World, policy: str, shipped: dict[str, Policy]) -> None:
    store, graphs = derive(world, shipped[policy])
    assert derived_episodes(store, graphs) == episodes(world, policy)


@given(world=worlds())
@settings(max_examples=40, deadline=None)
def test_same_bounds_as_the_oracle(world: World, shipped: dict[str, Policy]) -> None:
    store, graphs = derive(world, shipped["reported"])
    bounds = "; ".join(f"f:{b} ?{b}" for b in ("beginEarliest", "beginLatest", "endEarliest", "endLatest"))
    variables = "?beginEarliest ?beginLatest ?endEarliest ?endLatest"
    found = {
        node: (status, tuple(date.fromisoformat(day) for day in days))
        for node, status, *days in rows(
            store, graphs, f"SELECT ?n ?s {variables} WHERE {{ ?n f:acceptedThrough ?c ; f:status ?s ; {bounds} }}"
        )
    }
    assert found == {name: (status, span) for name, (_, status, span) in accepted(world, "reported").items()}
    spans = sorted(
        (obligor, obligee, overlap, *days)
        for obligor, obligee, overlap, *days in rows(
            store,
            graphs,
            f"SELECT ?x ?y ?overlap {variables} WHERE {{ ?o a f:Obligation ; f:obligor ?x ; f:obligee ?y ; "
            f"f:overlap ?overlap ; {bounds} }}",
        )
    )
    assert spans == sorted(
        (o.obligor, o.obligee, "Definite" if o.when.definite else "Possible", *(d.isoformat() for d in o.when.span))
        for o in obligations(world, "reported")
    )


@given(world=worlds())
@settings(max_examples=60, deadline=None)
def test_nothing_ends_before_it_begins_and_what_is_definite_ends_with_its_first_premise(
    world: World, shipped: dict[str, Policy]
) -> None:
    store, graphs = derive(world, shipped["reported"])
    dated = rows(store, graphs, "SELECT ?n ?b ?e WHERE { ?n f:beginEarliest ?b ; f:endEarliest ?e }")
    assert [node for node, begin, end in dated if end < begin] == []
    begun = rows(store, graphs, "SELECT ?n ?b ?e WHERE { ?n f:beginLatest ?b ; f:endLatest ?e }")
    assert [node for node, begin, end in begun if end < begin] == []
    ends = rows(
        store,
        graphs,
        """SELECT ?n ?e (MIN(?end) AS ?first) WHERE {
             ?n f:overlap f:Definite ; f:endEarliest ?e ; <http://www.w3.org/ns/prov#wasDerivedFrom> ?premise .
             ?premise f:endEarliest ?end FILTER NOT EXISTS { ?premise a f:Acquiescence }
           } GROUP BY ?n ?e""",
    )
    assert [node for node, end, first in ends if end != first] == []


@given(world=worlds())
@settings(max_examples=30, deadline=None)
def test_hostilities_go_both_ways_and_never_to_oneself(world: World, shipped: dict[str, Policy]) -> None:
    store, graphs = derive(world, shipped["reported"])
    found = set(rows(store, graphs, "SELECT ?e ?x ?y WHERE { ?h f:arisesFrom ?e ; f:hostile ?x ; f:against ?y }"))
    assert found == {h.key for h in hostilities(world, "reported")}
    assert found == {(event, y, x) for event, x, y in found}
    assert all(x != y for _, x, y in found)


def differences(store: EmbeddedStore, graphs: Sequence[NamedNode]) -> dict[str, set[Triple]]:
    """By rule, the triples that only one of the two executors makes; the graphs are facts and what is derived."""
    found = {}
    for rule in RULES:
        answer = store.query(rule.text, default_graphs=graphs)
        assert isinstance(answer, QueryTriples)
        dictionary = Dictionary()
        facts = Columns.joined([Columns.encode(store.triples(graph), dictionary) for graph in graphs])
        triples = list(derive_by_columns([rule], facts, dictionary).decode(dictionary))
        assert len(triples) == len(set(triples))
        if unlike := set(answer) ^ set(triples):
            found[rule.name] = unlike
    return found


@pytest.mark.parametrize("policy", ["reported", "alleged"])
@given(world=worlds())
@settings(max_examples=60, deadline=None)
def test_columns_and_sparql_agree_rule_by_rule(world: World, policy: str, shipped: dict[str, Policy]) -> None:
    assert not differences(*derive(world, shipped[policy]))


@given(world=worlds())
@settings(max_examples=40, deadline=None)
def test_columns_and_sparql_agree_through_all_strata(world: World, shipped: dict[str, Policy]) -> None:
    store, (asserted, accepted_graph, derived) = derive(world, shipped["alleged"])
    dictionary = Dictionary()
    facts = Columns.joined([Columns.encode(store.triples(graph), dictionary) for graph in (asserted, accepted_graph)])
    found = list(derive_by_columns(RULES, facts, dictionary).decode(dictionary))
    assert len(found) == len(set(found))
    assert set(found) == set(store.triples(derived))


@pytest.mark.parametrize("policy", ["facts", "reported", "alleged"])
def test_columns_and_sparql_agree_on_the_article(policy: str, shipped: dict[str, Policy]) -> None:
    store, graphs = EmbeddedStore(), []
    for path in graph_files():
        graphs.append(GRAPH.asserted(path.stem))
        store.insert(graphs[-1], read_document(path).triples)
    store.insert(GRAPH.accepted(policy), accept(Reading.of(store, graphs), shipped[policy]))
    graphs.append(GRAPH.accepted(policy))
    count = run_rules(store, RULES, graphs, GRAPH.derived(policy))
    assert count > 90
    assert not differences(store, [*graphs, GRAPH.derived(policy)])


def test_worlds_hold_every_kind_of_episode(shipped: dict[str, Policy]) -> None:
    """The comparison would be empty praise if random worlds seldom had episodes to find."""
    thorough = settings(max_examples=2000, deadline=None, database=None, phases=[Phase.generate])
    for rule in LEGS:
        world = find(worlds(), partial(_has_episode, rule), settings=thorough)
        assert any(found[0] == rule for found in derived_episodes(*derive(world, shipped["alleged"])))


def _has_episode(rule: str, world: World) -> bool:
    return any(episode[0] == rule for episode in episodes(world, "alleged"))
