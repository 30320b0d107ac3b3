"""Proofs over random worlds: each stands when checked by what did not make it, and nonsense is a flaw, never a crash.

The rules that the checker has written out by hand give what the rule files give: no less, no more, and the same of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import product
from typing import Any, TypeAlias
from unittest.mock import patch

import pyoxigraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Triple

from kg.building import add_view
from kg.documents import read_document
from kg.proofchecking import ProofChecker
from kg.proofchecking.dated import derive
from kg.proofchecking.evidence import Counted, Evidence
from kg.proofchecking.index import Index
from kg.reasoning import CompiledReasoner
from kg.resources import ontology_files
from kg.rules import describe, load_rules
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies
from kg.vocab import FOEDUS, GRAPH
from tests.proofs import explain_all
from tests.properties.worlds import BASE, KINDS, World, turtle, worlds

PROVISIONS = tuple(f"{kind}Provision" for kind in KINDS)
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HANDS = st.lists(
    st.tuples(
        st.sampled_from(["Asserts", "Accuses"]),
        st.sampled_from(["Fact", "Reported", "Alleged", "Speculated"]),
        st.sampled_from(["speaker", "agency"]),
        st.booleans(),
    ),
    max_size=6,
)
"""Claims that pass others on: stance, modality, by whom, and whether the claim passed on is one that was passed on."""


@cache
def ontology() -> tuple[Triple, ...]:
    files = [triple for path in ontology_files() for triple in read_document(path).triples]
    return (*files, *describe(load_rules()))


def passed_on(world: World, hands: list[tuple[str, str, str, bool]]) -> str:
    """The world with some of its claims passed on, by one hand or by several, side by side or one after the other."""
    told = [f"{node.name}-claim{number}" for node in world.nodes for number, _ in enumerate(node.claims)]
    lines = ['e:agency a f:NewsAgency ; <http://www.w3.org/2000/01/rdf-schema#label> "agency"@en .']
    for number, (stance, modality, speaker, further) in enumerate(hands):
        claim = f"hand{number - 1}" if further and number else told[number * 7 % len(told)]
        lines.append(
            f"e:hand{number} a f:Claim ; f:claims e:{claim} ; f:stance f:{stance} ; f:modality f:{modality} ; "
            f"f:attributedTo e:{speaker} ; f:reportedBy e:{world.sources[number % 2].name} ."
        )
    return turtle(world) + "\n".join(lines) + "\n"


def built(text: str, name: str, day: date | None) -> tuple[EmbeddedStore, Policy]:
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, ontology())
    store.insert(GRAPH.asserted("world"), (q.triple for q in pyoxigraph.parse(text, format=RdfFormat.TURTLE)))
    policy = policies(store, [GRAPH.ontology])[name].as_known_by(day)
    add_view(store, policy, reasoner=CompiledReasoner())
    return store, policy


@given(
    world=worlds(),
    hands=HANDS,
    policy=st.sampled_from(["facts", "reported", "alleged", "alleged"]),
    day=st.none() | st.dates(date(1999, 1, 1), date(2008, 1, 1)),
    few=st.sampled_from([0, 2000]),
)
@SLOW
def test_every_proof_of_a_random_world_stands(
    world: World, hands: list[tuple[str, str, str, bool]], policy: str, day: date | None, few: int
) -> None:
    """Also where what follows is too long for every step of it to be worked out at once."""
    store, chosen = built(passed_on(world, hands), policy, day)
    checker = ProofChecker(store, chosen)
    with patch("kg.reasons._FEW", few):
        for proof in explain_all(store, chosen.view, of_ontology=False, limit=8):
            assert [str(flaw) for flaw in checker.check(proof)] == []


Kinds: TypeAlias = dict[str, list[Counted]]

LEGS = {
    "ally-supplying-adversary": ("Obligation", "ArmsTransfer", "Hostility"),
    "ally-attacking-ally": ("Obligation", "Hostility"),
    "unanswered-obligation": ("Obligation", "Hostility"),
    "complicit-ally": ("Obligation", "Acquiescence", "ArmsTransfer", "Hostility"),
    "divided-loyalty": ("Obligation", "Obligation", "Hostility"),
}
EVENTS = {
    "hostility-from-conflict": "ArmedConflict",
    "hostility-from-dispute": "MilitarizedDispute",
    "hostility-from-incursion": "Incursion",
    "hostility-from-rivalry": "Rivalry",
}
ENOUGH = 10
"""How many obligations and hostilities are tried out as legs: every one with every other takes long."""


def name(folder: str, *words: str) -> str:
    return f"https://w3id.org/foedus/id/{folder}/{sha256(' '.join(words).encode()).hexdigest()[:20]}"


def first_stratum(kinds: Kinds, states: list[str], evidence: Evidence) -> Iterator[Counted]:
    """Whatever the first rules make of any nodes whatever, named as it would have to be."""
    memberships, provisions = kinds["Membership"], [c for kind in PROVISIONS for c in kinds[kind]]
    for ours, theirs, provision, alliance in product(memberships, memberships, provisions, kinds["Alliance"]):
        node = name("obligation", "obligation", ours.node, theirs.node, provision.node)
        made, faults = derive(node, "obligation-from-memberships", [alliance, theirs, provision, ours], evidence)
        if made and not faults:
            yield made
    for rule, kind in EVENTS.items():
        for event, one, other in product(kinds[kind], states, states):
            made, faults = derive(name("hostility", "hostility", event.node, one, other), rule, [event], evidence)
            if made and not faults:
                yield made


def second_stratum(kinds: Kinds, evidence: Evidence) -> Iterator[Counted]:
    """Whatever the further rules make of any legs whatever."""
    for rule, pools in LEGS.items():
        for legs in product(*(kinds[kind] for kind in pools)):
            made, faults = derive(name("episode", rule, *(leg.node for leg in legs)), rule, legs[::-1], evidence)
            if made and not faults:
                yield made


def told(nodes: Iterable[Counted]) -> set[tuple[str, str, str]]:
    return {
        (counted.node, prop, value)
        for counted in nodes
        for values in (counted.roles, counted.literals)
        for prop, found in values.items()
        for value in found
    }


@given(world=worlds(), policy=st.sampled_from(["reported", "alleged"]))
@SLOW
def test_the_rules_by_hand_give_what_the_rule_files_give(world: World, policy: str) -> None:
    store, chosen = built(turtle(world), policy, None)
    facts = Index(store.triples(GRAPH.asserted("world")))
    evidence = Evidence(facts, chosen)
    kinds: Kinds = defaultdict(list)
    for node in world.nodes:
        counted = evidence.counted(BASE + node.name)
        if counted is not None:
            kinds[node.kind].append(counted)
    derived = {tuple(t.value for t in triple) for triple in store.triples(GRAPH.derived(chosen.view))}
    first = list(first_stratum(kinds, [BASE + state for state in world.states], evidence))
    assert told(first) == {t for t in derived if "/id/episode/" not in t[0]}
    kinds["Obligation"] = [c for c in first if c.is_a(FOEDUS.Obligation)][:ENOUGH]
    kinds["Hostility"] = [c for c in first if c.is_a(FOEDUS.Hostility)][:ENOUGH]
    left = {c.node for c in first} - {c.node for kind in ("Obligation", "Hostility") for c in kinds[kind]}
    beyond = {t[0] for t in derived if t[2] in left}
    episodes = {t for t in derived if "/id/episode/" in t[0] and t[0] not in beyond}
    assert told(second_stratum(kinds, evidence)) == episodes


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@cache
def sound() -> tuple[ProofChecker, tuple[str, ...]]:
    text = """@prefix f: <https://w3id.org/foedus/ns#> . @prefix e: <https://example.org/> .
        e:a a f:State . e:b a f:State . e:foe a f:Rivalry ; f:rival e:a, e:b . e:list a f:Dataset .
        e:c a f:Claim ; f:claims e:foe ; f:stance f:Asserts ; f:modality f:Fact ;
          f:attributedTo e:b ; f:reportedBy e:list ."""
    store, policy = built(text, "facts", None)
    return ProofChecker(store, policy), tuple(json.dumps(proof) for proof in explain_all(store, policy.view))


@given(data=st.data(), nonsense=JSON)
@settings(max_examples=150, deadline=None)
def test_nonsense_is_a_flaw_and_never_a_crash(data: st.DataObject, nonsense: Any) -> None:
    """Anything put in the place of any part of a sound proof; all but the wording of steps has to be noticed."""
    checker, texts = sound()
    proof = json.loads(data.draw(st.sampled_from(texts)))
    assert checker.check(proof) == []
    assert checker.check(nonsense)
    places = list(slots(proof))
    holder, key = data.draw(st.sampled_from(places))
    before, holder[key] = holder[key], nonsense
    flaws = checker.check(proof)
    wording = key == "says" and "ground" in holder and isinstance(nonsense, str)
    assert flaws or wording or nonsense == before


def slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in some plain data that holds something."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from slots(value[key])
