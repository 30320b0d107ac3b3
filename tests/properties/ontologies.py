"""Random ontologies and data of every kind of axiom, as Turtle."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Triple

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CLASSES = [f":C{n}" for n in range(4)]
PROPERTIES = [f":p{n}" for n in range(4)]
NODES = [f":x{n}" for n in range(5)]
DECLARED = " ".join([*(f"{c} a owl:Class ." for c in CLASSES), *(f"{p} a owl:ObjectProperty ." for p in PROPERTIES)])
SETTINGS = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

cls, prop, node = st.sampled_from(CLASSES), st.sampled_from(PROPERTIES), st.sampled_from(NODES)
LITERALS = ['"1"^^xsd:integer', '"01"^^xsd:byte', '"1.0"^^xsd:decimal', '"2"^^xsd:integer', '"1"^^xsd:double', '"text"']
value = st.one_of(node, node, node, st.sampled_from(LITERALS))
some_class = st.one_of(cls, cls, st.sampled_from(["owl:Thing", "owl:Nothing"]))
filler = st.one_of(cls, cls, st.sampled_from(["owl:Thing", "xsd:decimal"]))


def form(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda values: pattern.format(*values))


def hierarchy(
    above: st.SearchStrategy[str], within: st.SearchStrategy[str], held: st.SearchStrategy[str]
) -> list[st.SearchStrategy[str]]:
    """Axioms by which things belong to classes and stand in relations.

    Args:
        above: what a class lies below.
        within: what a value has to belong to.
        held: what a value has to be.
    """
    return [
        form("{} rdfs:subClassOf {} .", cls, above),
        form("{} rdfs:subPropertyOf {} .", prop, prop),
        form("{} rdfs:domain {} .", prop, above),
        form("{} rdfs:range {} .", prop, cls),
        form("{} owl:inverseOf {} .", prop, prop),
        form("{} owl:propertyChainAxiom ( {} {} ) .", prop, prop, prop),
        form("{} owl:propertyChainAxiom ( {} {} {} ) .", prop, prop, prop, prop),
        form("{} a owl:SymmetricProperty .", prop),
        form("{} a owl:TransitiveProperty .", prop),
        form("{} owl:intersectionOf ( {} {} ) .", cls, above, cls),
        form("{} owl:unionOf ( {} {} ) .", cls, cls, cls),
        form("{} owl:oneOf ( {} {} ) .", cls, node, node),
        form("{} owl:onProperty {} ; owl:someValuesFrom {} .", cls, prop, within),
        form("{} rdfs:subClassOf [ a owl:Restriction ; owl:onProperty {} ; owl:allValuesFrom {} ] .", cls, prop, cls),
        form("[ a owl:Class ; owl:onProperty {} ; owl:someValuesFrom {} ] rdfs:subClassOf {} .", prop, within, cls),
        form("{} owl:onProperty {} ; owl:hasValue {} .", cls, prop, held),
    ]


EQUIVALENCE = [form("{} owl:equivalentClass {} .", cls, cls), form("{} owl:equivalentProperty {} .", prop, prop)]
HIERARCHY = [
    *hierarchy(some_class, filler, value),
    *(one.filter(lambda text: len(set(text.split()[::2][:2])) == 2) for one in EQUIVALENCE),
]
PLAIN = [*hierarchy(cls, cls, node), *EQUIVALENCE]
"""Axioms under which nothing clashes and nothing is the same as something else."""
EQUALITY = [
    form("{} a owl:FunctionalProperty .", prop),
    form("{} a owl:InverseFunctionalProperty .", prop),
    form("{} owl:onProperty {} ; owl:maxCardinality {} .", cls, prop, st.sampled_from(["0", "1", "2"])),
    form(
        "[ owl:onProperty {} ; owl:maxQualifiedCardinality {} ; owl:onClass {} ] owl:equivalentClass {} .",
        prop,
        st.sampled_from(["0", "1"]),
        some_class,
        cls,
    ),
    form("{} owl:hasKey ( {} ) .", cls, prop),
    form("{} owl:hasKey ( {} {} ) .", cls, prop, prop),
    form("{} owl:sameAs {} .", node, node),
    form("{} owl:sameAs {} .", st.one_of(cls, prop), st.one_of(cls, prop)),
]
CLASHES = [
    form("{} owl:differentFrom {} .", node, node),
    form("[ a owl:AllDifferent ; owl:members ( {} {} {} ) ] .", node, node, node),
    form("[ a owl:AllDisjointClasses ; owl:members ( {} {} {} ) ] .", cls, cls, cls),
    form("[ a owl:AllDisjointProperties ; owl:members ( {} {} {} ) ] .", prop, prop, prop),
    form("{} owl:disjointWith {} .", cls, cls),
    form("{} owl:complementOf {} .", cls, cls),
    form("{} owl:propertyDisjointWith {} .", prop, prop),
    form("{} a owl:IrreflexiveProperty .", prop),
    form("{} a owl:AsymmetricProperty .", prop),
    form(
        "[ owl:sourceIndividual {} ; owl:assertionProperty {} ; owl:targetIndividual {} ] a owl:Axiom .",
        node,
        prop,
        node,
    ),
]
ODD = [
    form("{} rdfs:range owl:TransitiveProperty . {} {} {} .", prop, prop, prop, prop),
    form("{} rdfs:subPropertyOf rdfs:subClassOf . {} {} {} .", prop, cls, prop, cls),
    form("{} rdfs:subPropertyOf <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> .", prop),
    form("{} rdfs:subPropertyOf owl:sameAs .", prop),
    form("owl:sameAs rdfs:subPropertyOf {} .", prop),
    form("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> rdfs:subPropertyOf {} .", prop),
]
DATA = [form("{} a {} .", node, cls), form("{} {} {} .", node, prop, value), form("{} {} {} .", node, prop, node)]
NAMED = [form("{} a {} .", node, cls), form("{} {} {} .", node, prop, node), form("{} {} {} .", node, prop, node)]
"""Data without literals."""


few_classes, few_properties = st.sampled_from(CLASSES[:2]), st.sampled_from(PROPERTIES[:2])
NUMBERS = ["0", "1", "2", '"01"^^xsd:byte', '"1.0"^^xsd:decimal', '"1"^^xsd:double', "true"]
number = st.sampled_from(NUMBERS)
COUNTING = [
    form("{} owl:onProperty {} ; owl:maxCardinality {} .", few_classes, few_properties, st.one_of(number, node)),
    form(
        "{} owl:onProperty {} ; owl:maxQualifiedCardinality {} ; owl:onClass {} .",
        few_classes,
        few_properties,
        st.one_of(number, node),
        st.one_of(few_classes, st.just("owl:Thing")),
    ),
    form("{} a owl:FunctionalProperty .", few_properties),
    form("{} owl:sameAs {} .", node, number),
    form("{} rdfs:subPropertyOf {} .", few_properties, few_properties),
]
"""Axioms that say how many values are allowed, by a number or by what is the same as one."""
COUNTED = [
    form("{} a {} .", node, few_classes),
    form("{} {} {} , {} .", node, few_properties, node, st.one_of(node, number)),
]
MOMENTS = [
    '"2000-01-01"^^xsd:date',
    '"2000-01-01Z"^^xsd:date',
    '"2000-01-02"^^xsd:date',
    '"2000-13-01"^^xsd:date',
    '"2000"^^xsd:gYear',
    '"2001"^^xsd:gYear',
    '"00:00:00"^^xsd:time',
    '"2000"',
    *(f'"2000-01-01T0{hour}:00:00{zone}"^^xsd:dateTime' for hour, zone in ((0, ""), (0, "Z"), (1, "+01:00"))),
    '"2000-01-01T00:00:00.0+00:00"^^xsd:dateTimeStamp',
]
moment = st.sampled_from(MOMENTS)
COMPARING = [
    form("{} a owl:FunctionalProperty .", few_properties),
    form("{} a owl:InverseFunctionalProperty .", few_properties),
    form("{} owl:hasKey ( {} ) .", few_classes, few_properties),
    form("{} owl:propertyDisjointWith {} .", *[few_properties] * 2),
    form("{} owl:onProperty {} ; owl:hasValue {} .", few_classes, few_properties, moment),
    form(
        "{} owl:onProperty {} ; owl:someValuesFrom xsd:{} .",
        few_classes,
        few_properties,
        st.sampled_from(["date", "dateTime", "dateTimeStamp", "gYear"]),
    ),
    form("{} rdfs:subPropertyOf {} .", few_properties, few_properties),
    form("{} owl:sameAs {} .", node, moment),
]
"""Axioms under which literals are compared."""
DATED = [form("{} a {} .", node, few_classes), form("{} {} {} .", node, few_properties, moment)]


@st.composite
def graphs(
    draw: Callable[..., list[str]], *kinds: list[st.SearchStrategy[str]], facts: list[st.SearchStrategy[str]] = DATA
) -> str:
    axioms = draw(st.lists(st.one_of(*(one for kind in kinds for one in kind)), min_size=1, max_size=7))
    data = draw(st.lists(st.one_of(*facts), min_size=1, max_size=9))
    return "\n".join([DECLARED, *axioms, *data])


def triples(text: str) -> set[Triple]:
    return {quad.triple for quad in pyoxigraph.parse(PREFIXES + text, format=RdfFormat.TURTLE)}
