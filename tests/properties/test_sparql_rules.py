"""OWL 2 RL inside a SPARQL engine against the compiled reasoner: facts that ship, random ontologies, every refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pyoxigraph import NamedNode, Quad, QuerySolutions, Triple

from kg import KnowledgeGraph
from kg.documents import without_blank_nodes
from kg.errors import Inconsistency
from kg.facts import reasoner_input
from kg.reasoning import CompiledReasoner
from kg.reasoning.sparql import Closed, Inexpressible, close_inside
from kg.vocab import GRAPH
from tests.conformance.reports import rule_of
from tests.properties.ontologies import CLASHES, DECLARED, EQUALITY, HIERARCHY, NODES, ODD, graphs, triples

DATA, WORK, INFERRED = (NamedNode(f"https://example.org/{name}") for name in ("data", "work", "inferred"))
EX = "https://example.org/"
SETTINGS = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class Near:
    """An engine in this process."""

    def __init__(self) -> None:
        self.database = pyoxigraph.Store()

    def update(self, text: str) -> None:
        self.database.update(text)

    def select(self, text: str) -> Iterable[Any]:
        rows = self.database.query(text)
        assert isinstance(rows, QuerySolutions)
        return rows

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        self.database.extend(Quad(t.subject, t.predicate, t.object, graph) for t in triples)

    def held(self, graph: NamedNode) -> set[Triple]:
        return {quad.triple for quad in self.database.quads_for_pattern(None, None, None, graph)}


def inside(schema: Iterable[Triple], data: Iterable[Triple]) -> tuple[set[Triple], Closed]:
    near = Near()
    near.insert(DATA, data)
    closed = close_inside(near, schema, DATA, WORK, INFERRED)
    return near.held(INFERRED), closed


def reports(found: Iterable[Inconsistency]) -> set[tuple[str, tuple[str, ...]]]:
    """What is said of what; of two that are each other's, the compiled reasoner may name them in one order alone."""
    return {(rule_of(report), report.nodes) for report in found}


def parted(text: str) -> tuple[set[Triple], set[Triple]]:
    """Axioms and data of a text, blank nodes named as in a store."""
    named = {
        q.triple
        for q in without_blank_nodes(
            [Quad(t.subject, t.predicate, t.object) for t in sorted(triples(text), key=str)], "x"
        )
    }
    nodes = {NamedNode(EX + node[1:]) for node in NODES}
    properties = {f"{EX}p{number}" for number in range(4)}
    data = {t for t in named if t.subject in nodes and (t.predicate.value in properties or is_member(t))}
    return named - data, data


def is_member(triple: Triple) -> bool:
    return triple.predicate.value.endswith("#type") and str(triple.object).startswith(f"<{EX}C")


def compare(text: str) -> str:
    """Compare the two; why SPARQL cannot say it, where it cannot."""
    schema, data = parted(text)
    expected = CompiledReasoner().close(schema | data)
    try:
        found, closed = inside(schema, data)
    except Inexpressible as reason:
        return str(reason)
    assert found == expected.inferred
    assert reports(closed.inconsistencies) == reports(expected.inconsistencies)
    assert closed.certificate.inferred == len(found) and closed.certificate.given == len(schema | data)
    assert closed.certificate.unsupported == expected.certificate.unsupported
    return ""


@pytest.mark.parametrize("policy", ["facts", "reported", "alleged"])
def test_the_facts_that_ship(policy: str) -> None:
    store = KnowledgeGraph.build()[0].store
    given_, ontology = set(reasoner_input(store, policy)), set(store.triples(GRAPH.ontology))
    expected = CompiledReasoner().close(given_)
    found, closed = inside(given_ & ontology, given_ - ontology)
    assert len(found) > 400 and found == expected.inferred
    assert (closed.inconsistencies, closed.certificate.axioms) == ((), expected.certificate.axioms)


told: dict[str, int] = {}


@given(text=graphs(HIERARCHY))
@SETTINGS
def test_hierarchies_and_restrictions(text: str) -> None:
    reason = compare(text)
    told[reason] = told.get(reason, 0) + 1


@given(text=graphs(HIERARCHY, EQUALITY, CLASHES))
@SETTINGS
def test_equality_and_clashes(text: str) -> None:
    compare(text)


@given(text=graphs(HIERARCHY, CLASHES))
@SETTINGS
def test_clashes(text: str) -> None:
    compare(text)


@given(text=graphs(HIERARCHY, ODD))
@SETTINGS
def test_axioms_about_the_vocabularies(text: str) -> None:
    compare(text)


def test_most_graphs_can_be_said_in_sparql() -> None:
    test_hierarchies_and_restrictions()
    assert told[""] > sum(count for reason, count in told.items() if reason)


@pytest.mark.parametrize(
    ("axioms", "rule"),
    [
        (":C0 rdfs:subClassOf owl:Nothing . :x0 a :C0 .", "cls-nothing2"),
        (":p0 a owl:IrreflexiveProperty . :x0 :p0 :x0 .", "prp-irp"),
        (":p0 a owl:AsymmetricProperty . :x0 :p0 :x1 . :x1 :p0 :x0 .", "prp-asyp"),
        (":p0 owl:propertyDisjointWith :p1 . :x0 :p0 :x1 ; :p1 :x1 .", "prp-pdw"),
        ("[ a owl:AllDisjointProperties ; owl:members ( :p0 :p1 ) ] . :x0 :p0 :x1 ; :p1 :x1 .", "prp-adp"),
        (":C0 owl:disjointWith :C1 . :x0 a :C0 , :C1 .", "cax-dw"),
        (":C0 owl:complementOf :C1 . :x0 a :C0 , :C1 .", "cls-com"),
        ("[ a owl:AllDisjointClasses ; owl:members ( :C0 :C1 ) ] . :x0 a :C0 , :C1 .", "cax-adc"),
        (":C0 owl:onProperty :p0 ; owl:maxCardinality 0 . :x0 a :C0 ; :p0 :x1 .", "cls-maxc1"),
        (
            ":C0 owl:onProperty :p0 ; owl:maxQualifiedCardinality 0 ; owl:onClass :C1 . "
            ":x0 a :C0 ; :p0 :x1 . :x1 a :C1 .",
            "cls-maxqc1",
        ),
        (
            "[ owl:sourceIndividual :x0 ; owl:assertionProperty :p0 ; owl:targetIndividual :x1 ] a owl:Axiom . "
            ":x0 :p0 :x1 .",
            "prp-npa1",
        ),
    ],
)
def test_contradictions(axioms: str, rule: str) -> None:
    text = DECLARED + axioms
    assert compare(text) == ""
    _, closed = inside(*parted(text))
    assert {rule_of(report) for report in closed.inconsistencies} == {rule}
    assert all(report.nodes for report in closed.inconsistencies)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (":p0 a owl:FunctionalProperty . :x0 :p0 :x1 , :x2 .", "turn out to be the same"),
        (":p0 a owl:InverseFunctionalProperty . :x0 :p0 :x2 . :x1 :p0 :x2 .", "turn out to be the same"),
        (":C0 owl:onProperty :p0 ; owl:maxCardinality 1 . :x0 a :C0 ; :p0 :x1 , :x2 .", "turn out to be the same"),
        (":C0 owl:hasKey ( :p0 ) . :x0 a :C0 ; :p0 :x2 . :x1 a :C0 ; :p0 :x2 .", "turn out to be the same"),
        (":x0 owl:sameAs :x1 .", "the axioms make terms the same"),
        (":x0 :p0 'text' .", "literals in the data"),
        (":C0 owl:onProperty :p0 ; owl:hasValue 'text' .", "a literal as value"),
        (":p0 rdfs:range owl:TransitiveProperty .", "axioms follow from data"),
        (":p0 rdfs:subPropertyOf rdfs:subClassOf .", "axioms follow from data"),
        (":p0 rdfs:subPropertyOf <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> .", "axioms follow from data"),
        ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> rdfs:subPropertyOf :p0 .", "rdf:type or owl:sameAs"),
    ],
)
def test_what_sparql_cannot_say_is_named(text: str, reason: str) -> None:
    assert reason in compare(DECLARED + text)


def test_a_functional_property_whose_values_are_one_is_no_hindrance() -> None:
    assert compare(f"{DECLARED} :p0 a owl:FunctionalProperty . :x0 :p0 :x1 . :x2 :p0 :x1 .") == ""


def test_equals_among_the_data() -> None:
    same = Triple(NamedNode(f"{EX}a"), NamedNode("http://www.w3.org/2002/07/owl#sameAs"), NamedNode(f"{EX}b"))
    with pytest.raises(Inexpressible, match="the data say that terms are the same"):
        inside([], [same])
