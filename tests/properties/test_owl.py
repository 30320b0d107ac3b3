"""OWL 2 RL over random worlds: classification, shortcuts, the grounded form, and what no inferred graph may hold."""

from __future__ import annotations

from functools import cache

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg.building import add_view
from kg.documents import read_document
from kg.exporting import grounded_owl
from kg.reasoning import CompiledReasoner, ReferenceReasoner, justify
from kg.resources import ontology_files
from kg.store.embedded import EmbeddedStore
from kg.trust import policies
from kg.vocab import FOEDUS, GRAPH, OWL, RDF
from tests.proofs import SHORTCUTS
from tests.properties.worlds import BASE, World, episodes, obligations, turtle, worlds

SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Recording(ReferenceReasoner):
    """The reference reasoner, which also keeps what it was given."""

    def close(self, triples):  # type: ignore[no-untyped-def]
        self.given = list(triples)
        self.closure = super().close(self.given)
        return self.closure


@cache
def ontology() -> tuple[Triple, ...]:
    return tuple(triple for path in ontology_files() for triple in read_document(path).triples)


def reason(world: World, policy: str) -> tuple[EmbeddedStore, Recording]:
    store, reasoner = EmbeddedStore(), Recording()
    store.insert(GRAPH.ontology, ontology())
    store.insert(GRAPH.asserted("world"), (q.triple for q in pyoxigraph.parse(turtle(world), format=RdfFormat.TURTLE)))
    add_view(store, policies(store, [GRAPH.ontology])[policy], reasoner=reasoner)
    return store, reasoner


def pairs(triples: object, prop: NamedNode) -> set[tuple[str, str]]:
    return {
        (t.subject.value.removeprefix(BASE), t.object.value.removeprefix(BASE))
        for t in triples  # type: ignore[attr-defined]
        if t.predicate == prop
    }


def supplied(world: World, policy: str) -> set[tuple[str, str]]:
    """Who, by the oracle, supplied an adversary of whom while owing defense."""
    kinds = {o.key: (o.kind, o.obligor, o.obligee) for o in obligations(world, policy)}
    found = set()
    for rule, legs, _, _ in episodes(world, policy):
        if rule == "ally-supplying-adversary":
            kind, obligor, obligee = kinds[legs[0]]  # type: ignore[index]
            if kind == "Defense":
                found.add((obligor, obligee))
    return found


@given(world=worlds())
@SLOW
def test_plain_owl_contains_every_dated_conclusion(world: World) -> None:
    store, _ = reason(world, "alleged")
    dated = supplied(world, "alleged")
    plain = ReferenceReasoner().close(grounded_owl(store, "alleged"))
    assert plain.inconsistencies == ()
    assert dated <= pairs(plain.inferred, FOEDUS.betrays)
    assert dated <= pairs(store.triples(GRAPH.inferred("alleged")), FOEDUS.betrays)


@given(world=worlds())
@SLOW
def test_classes_are_those_of_the_oracle(world: World) -> None:
    store, _ = reason(world, "alleged")
    kinds = {o.key: o.kind for o in obligations(world, "alleged")}
    expected = {"AllySupplyingAdversary": 0, "AllyAttackingAlly": 0, "UnansweredObligation": 0, "ComplicitAlly": 0}
    expected["DividedLoyalty"] = 0
    for rule, legs, _, _ in episodes(world, "alleged"):
        name = "".join(part.title() for part in rule.split("-"))
        expected[name] += rule != "ally-supplying-adversary" or kinds[legs[0]] == "Defense"  # type: ignore[index]
    types = [t.object for t in store.triples(GRAPH.inferred("alleged")) if t.predicate == RDF.type]
    assert {name: types.count(getattr(FOEDUS, name)) for name in expected} == expected
    betrayals = sum(count for name, count in expected.items() if name != "DividedLoyalty")
    assert types.count(FOEDUS.Betrayal) == betrayals


@given(world=worlds())
@SLOW
def test_inferred_graph_is_clean_and_every_triple_has_a_step(world: World) -> None:
    store, reasoner = reason(world, "reported")
    steps = justify(reasoner.given)
    for triple in store.triples(GRAPH.inferred("reported")):
        assert "Literal" not in type(triple.subject).__name__
        assert triple.predicate != OWL.sameAs
        assert triple.predicate not in SHORTCUTS or triple.subject != triple.object
        assert "ErrorMessage" not in str(triple)
    assert CompiledReasoner().close(reasoner.given).inferred == reasoner.closure.inferred
    age = {triple: number for number, triple in enumerate(steps)}
    for triple, step in steps.items():
        assert all(age[premise] < age[triple] for premise in step.premises if premise in age), "a step leans on itself"


@pytest.mark.parametrize("classes", [("State", "Person"), ("ArmsTransfer", "ArmedConflict"), ("Claim", "Source")])
def test_disjoint_classes_clash(classes: tuple[str, str]) -> None:
    thing = NamedNode(BASE + "thing")
    triples = [*ontology(), *(Triple(thing, RDF.type, getattr(FOEDUS, name)) for name in classes)]
    report = ReferenceReasoner().close(triples).inconsistencies
    assert report
    assert any(BASE + "thing" in clash.nodes for clash in report)
