"""The compiled reasoner, rule by rule: OWL 2 Profiles (second edition), section 4.3, tables 4 to 9.

Each case is named by its rule and has premises and what follows; without any one of the premises it must not follow.
Rules without premises, that only conclude what is noise, are shown by what follows from that.
"""

from __future__ import annotations

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat, Triple

from kg.reasoning import CompiledReasoner, ReferenceReasoner
from tests.conformance.reports import assert_same_reports, rule_of

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
MAX1 = ':C owl:onProperty :p ; owl:maxCardinality "1"^^xsd:nonNegativeInteger . :u a :C ; :p :y1 , :y2 .'
MAXQ = ':C owl:onProperty :p ; owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger . :u a :C ; :p :y1 , :y2 .'

INFERENCES = [
    ("eq-ref", ":x :p :y . owl:sameAs rdfs:subPropertyOf :like .", ":x :like :x ."),
    ("eq-sym", ":x owl:sameAs :y .", ":y owl:sameAs :x ."),
    ("eq-trans", ":x owl:sameAs :y . :y owl:sameAs :z .", ":x owl:sameAs :z ."),
    ("eq-rep-s", ":x owl:sameAs :y . :x :p :z .", ":y :p :z ."),
    ("eq-rep-p", ":p owl:sameAs :q . :x :p :z .", ":x :q :z ."),
    ("eq-rep-o", ":z owl:sameAs :y . :x :p :z .", ":x :p :y ."),
    ("prp-dom", ":p rdfs:domain :C . :x :p :y .", ":x a :C ."),
    ("prp-rng", ":p rdfs:range :C . :x :p :y .", ":y a :C ."),
    ("prp-fp", ":p a owl:FunctionalProperty . :x :p :y1 , :y2 .", ":y1 owl:sameAs :y2 ."),
    ("prp-ifp", ":p a owl:InverseFunctionalProperty . :x1 :p :y . :x2 :p :y .", ":x1 owl:sameAs :x2 ."),
    ("prp-symp", ":p a owl:SymmetricProperty . :x :p :y .", ":y :p :x ."),
    ("prp-trp", ":p a owl:TransitiveProperty . :x :p :y . :y :p :z .", ":x :p :z ."),
    ("prp-spo1", ":p rdfs:subPropertyOf :q . :x :p :y .", ":x :q :y ."),
    ("prp-spo2", ":q owl:propertyChainAxiom ( :p1 :p2 :p3 ) . :x :p1 :a . :a :p2 :b . :b :p3 :y .", ":x :q :y ."),
    ("prp-eqp1", ":p owl:equivalentProperty :q . :x :p :y .", ":x :q :y ."),
    ("prp-eqp2", ":p owl:equivalentProperty :q . :x :q :y .", ":x :p :y ."),
    ("prp-inv1", ":p owl:inverseOf :q . :x :p :y .", ":y :q :x ."),
    ("prp-inv2", ":p owl:inverseOf :q . :x :q :y .", ":y :p :x ."),
    (
        "prp-key",
        ":C owl:hasKey ( :p :q ) . :x a :C ; :p :a ; :q :b . :y a :C ; :p :a ; :q :b .",
        ":x owl:sameAs :y .",
    ),
    ("cls-int1", ":C owl:intersectionOf ( :A :B ) . :x a :A , :B .", ":x a :C ."),
    ("cls-int2", ":C owl:intersectionOf ( :A :B ) . :x a :C .", ":x a :A ."),
    ("cls-uni", ":C owl:unionOf ( :A :B ) . :x a :B .", ":x a :C ."),
    ("cls-svf1", ":R owl:someValuesFrom :A ; owl:onProperty :p . :x :p :y . :y a :A .", ":x a :R ."),
    ("cls-svf2", ":R owl:someValuesFrom owl:Thing ; owl:onProperty :p . :x :p :y .", ":x a :R ."),
    ("cls-avf", ":R owl:allValuesFrom :A ; owl:onProperty :p . :x a :R ; :p :y .", ":y a :A ."),
    ("cls-hv1", ":R owl:hasValue :v ; owl:onProperty :p . :x a :R .", ":x :p :v ."),
    ("cls-hv2", ":R owl:hasValue :v ; owl:onProperty :p . :x :p :v .", ":x a :R ."),
    ("cls-maxc2", MAX1, ":y1 owl:sameAs :y2 ."),
    ("cls-maxqc3", MAXQ + " :C owl:onClass :D . :y1 a :D . :y2 a :D .", ":y1 owl:sameAs :y2 ."),
    ("cls-maxqc4", MAXQ + " :C owl:onClass owl:Thing .", ":y1 owl:sameAs :y2 ."),
    ("cls-oo", ":C owl:oneOf ( :x ) .", ":x a :C ."),
    ("cax-sco", ":A rdfs:subClassOf :B . :x a :A .", ":x a :B ."),
    ("cax-eqc1", ":A owl:equivalentClass :B . :x a :A .", ":x a :B ."),
    ("cax-eqc2", ":A owl:equivalentClass :B . :x a :B .", ":x a :A ."),
    ("dt-eq", ':R owl:hasValue 1 ; owl:onProperty :p . :x :p "01"^^xsd:byte .', ":x a :R ."),
    ("dt-type2", ':R owl:someValuesFrom xsd:integer ; owl:onProperty :p . :x :p "1"^^xsd:byte .', ":x a :R ."),
    ("scm-sco", ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .", ":A rdfs:subClassOf :C ."),
    ("scm-eqc1", ":A owl:equivalentClass :B .", ":B rdfs:subClassOf :A ."),
    ("scm-eqc2", ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A .", ":A owl:equivalentClass :B ."),
    ("scm-spo", ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .", ":p rdfs:subPropertyOf :r ."),
    ("scm-eqp1", ":p owl:equivalentProperty :q .", ":q rdfs:subPropertyOf :p ."),
    ("scm-eqp2", ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .", ":p owl:equivalentProperty :q ."),
    ("scm-dom1", ":p rdfs:domain :A . :A rdfs:subClassOf :B .", ":p rdfs:domain :B ."),
    ("scm-dom2", ":q rdfs:domain :A . :p rdfs:subPropertyOf :q .", ":p rdfs:domain :A ."),
    ("scm-rng1", ":p rdfs:range :A . :A rdfs:subClassOf :B .", ":p rdfs:range :B ."),
    ("scm-rng2", ":q rdfs:range :A . :p rdfs:subPropertyOf :q .", ":p rdfs:range :A ."),
    # A class is below itself and a property too; a property that is put above the hierarchy shows it.
    ("scm-cls", ":A a owl:Class . rdfs:subClassOf rdfs:subPropertyOf :below .", ":A :below :A ."),
    ("scm-op", ":p a owl:ObjectProperty . rdfs:subPropertyOf rdfs:subPropertyOf :below .", ":p :below :p ."),
    ("scm-dp", ":p a owl:DatatypeProperty . rdfs:subPropertyOf rdfs:subPropertyOf :below .", ":p :below :p ."),
    (
        "scm-hv",
        ":A owl:hasValue :v ; owl:onProperty :p . :B owl:hasValue :v ; owl:onProperty :q . :p rdfs:subPropertyOf :q .",
        ":A rdfs:subClassOf :B .",
    ),
    *(
        (
            f"scm-{short}1",
            f":A owl:{long} :X ; owl:onProperty :p . :B owl:{long} :Y ; owl:onProperty :p . :X rdfs:subClassOf :Y .",
            ":A rdfs:subClassOf :B .",
        )
        for short, long in (("svf", "someValuesFrom"), ("avf", "allValuesFrom"))
    ),
    *(
        (
            f"scm-{short}2",
            f":A owl:{long} :X ; owl:onProperty :p . :B owl:{long} :X ; owl:onProperty :q . :p rdfs:subPropertyOf :q .",
            conclusion,
        )
        for short, long, conclusion in (
            ("svf", "someValuesFrom", ":A rdfs:subClassOf :B ."),
            ("avf", "allValuesFrom", ":B rdfs:subClassOf :A ."),
        )
    ),
    ("scm-int", ":C owl:intersectionOf ( :A :B ) .", ":C rdfs:subClassOf :B ."),
    ("scm-uni", ":C owl:unionOf ( :A :B ) .", ":B rdfs:subClassOf :C ."),
]

CLASHES = [
    ("eq-diff1", ":x owl:sameAs :y ; owl:differentFrom :y ."),
    ("eq-diff2", "[ a owl:AllDifferent ; owl:members ( :z :x :y ) ] . :x owl:sameAs :y ."),
    ("eq-diff3", "[ a owl:AllDifferent ; owl:distinctMembers ( :z :x :y ) ] . :x owl:sameAs :y ."),
    ("prp-irp", ":p a owl:IrreflexiveProperty . :x :p :x ."),
    ("prp-asyp", ":p a owl:AsymmetricProperty . :x :p :y . :y :p :x ."),
    ("prp-pdw", ":p owl:propertyDisjointWith :q . :x :p :y ; :q :y ."),
    ("prp-adp", "[ a owl:AllDisjointProperties ; owl:members ( :r :p :q ) ] . :x :p :y ; :q :y ."),
    (
        "prp-npa1",
        "[ owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y ] . :x :p :y .",
    ),
    ("prp-npa2", '[ owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue "v" ] . :x :p "v" .'),
    ("cls-nothing2", ":x a owl:Nothing ."),
    ("cls-com", ":A owl:complementOf :B . :x a :A , :B ."),
    ("cls-maxc1", ':C owl:onProperty :p ; owl:maxCardinality "0"^^xsd:nonNegativeInteger . :u a :C ; :p :y .'),
    (
        "cls-maxqc1",
        ':C owl:onProperty :p ; owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onClass :D .'
        " :u a :C ; :p :y . :y a :D .",
    ),
    (
        "cls-maxqc2",
        ':C owl:onProperty :p ; owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onClass owl:Thing .'
        " :u a :C ; :p :y .",
    ),
    ("cax-dw", ":A owl:disjointWith :B . :x a :A , :B ."),
    ("cax-adc", "[ a owl:AllDisjointClasses ; owl:members ( :D :A :B ) ] . :x a :A , :B ."),
    ("dt-diff", ":p a owl:FunctionalProperty . :x :p 1 , 2 ."),
    ("dt-not-type", ':x :p "seven"^^xsd:integer .'),
]


AXIOMATIC = [
    ("cls-thing", "owl:Class", "owl:Thing"),
    ("cls-nothing1", "owl:Class", "owl:Nothing"),
    ("prp-ap", "owl:AnnotationProperty", "rdfs:label"),
    ("dt-type1", "rdfs:Datatype", "xsd:integer"),
]
"""Rules without premises: the class in which they put a term of the vocabularies."""
TABLES = """
    eq-ref eq-sym eq-trans eq-rep-s eq-rep-p eq-rep-o eq-diff1 eq-diff2 eq-diff3
    prp-ap prp-dom prp-rng prp-fp prp-ifp prp-irp prp-symp prp-asyp prp-trp prp-spo1 prp-spo2
    prp-eqp1 prp-eqp2 prp-pdw prp-adp prp-inv1 prp-inv2 prp-key prp-npa1 prp-npa2
    cls-thing cls-nothing1 cls-nothing2 cls-int1 cls-int2 cls-uni cls-com cls-svf1 cls-svf2 cls-avf
    cls-hv1 cls-hv2 cls-maxc1 cls-maxc2 cls-maxqc1 cls-maxqc2 cls-maxqc3 cls-maxqc4 cls-oo
    cax-sco cax-eqc1 cax-eqc2 cax-dw cax-adc dt-type1 dt-type2 dt-eq dt-diff dt-not-type
    scm-cls scm-sco scm-eqc1 scm-eqc2 scm-op scm-dp scm-spo scm-eqp1 scm-eqp2
    scm-dom1 scm-dom2 scm-rng1 scm-rng2 scm-hv scm-svf1 scm-svf2 scm-avf1 scm-avf2 scm-int scm-uni
"""
RULES = {*TABLES.split()}
"""The rules of tables 4 to 9, all of them."""


def triples(text: str) -> set[Triple]:
    return {quad.triple for quad in pyoxigraph.parse(PREFIXES + text, format=RdfFormat.TURTLE)}


@pytest.mark.parametrize(("premises", "conclusion"), [c[1:] for c in INFERENCES], ids=[c[0] for c in INFERENCES])
def test_inference(premises: str, conclusion: str) -> None:
    given, (wanted,) = triples(premises), triples(conclusion)
    closure = CompiledReasoner().close(given)
    assert wanted in closure.inferred
    assert not closure.inconsistencies
    assert closure.inferred == ReferenceReasoner().close(given).inferred


@pytest.mark.parametrize(("premises", "conclusion"), [c[1:] for c in INFERENCES], ids=[c[0] for c in INFERENCES])
def test_inference_needs_its_premises(premises: str, conclusion: str) -> None:
    given, (wanted,) = triples(premises), triples(conclusion)
    assert [one for one in given if wanted in CompiledReasoner().close(given - {one}).inferred] == []


@pytest.mark.parametrize(("rule", "premises"), CLASHES, ids=[c[0] for c in CLASHES])
def test_inconsistency(rule: str, premises: str) -> None:
    given = triples(premises)
    clashes = CompiledReasoner().close(given).inconsistencies
    assert {rule_of(clash) for clash in clashes} == {clash.rule for clash in clashes} == {rule}
    said = {
        tuple(map(str, (t.subject, t.predicate, t.object))) for t in {*given, *CompiledReasoner().close(given).inferred}
    }
    if rule not in ("eq-diff2", "eq-diff3"):
        assert all(clash.triples and said >= set(clash.triples) for clash in clashes)
    reference = ReferenceReasoner().close(given).inconsistencies
    # What owlrl calls the element of two complementary classes is one of the classes.
    assert_same_reports(clashes, reference, nodes=rule != "cls-com")


@pytest.mark.parametrize(("rule", "premises"), CLASHES, ids=[c[0] for c in CLASHES])
def test_inconsistency_needs_its_premises(rule: str, premises: str) -> None:
    given = triples(premises)
    assert [one for one in given if CompiledReasoner().close(given - {one}).inconsistencies] == []


@pytest.mark.parametrize(("cls", "term"), [a[1:] for a in AXIOMATIC], ids=[a[0] for a in AXIOMATIC])
def test_axiom(cls: str, term: str) -> None:
    # That the term is of the class is not told; what follows from it of other things is.
    held = f":p a owl:FunctionalProperty . {term} :p :v . :R owl:onProperty :p ; owl:hasValue :w . "
    given = triples(f"{held} {cls} rdfs:subClassOf :R .")
    (wanted,) = triples(":v owl:sameAs :w .")
    closure = CompiledReasoner().close(given)
    assert wanted in closure.inferred
    assert closure.inferred == ReferenceReasoner().close(given).inferred
    assert [one for one in given if wanted in CompiledReasoner().close(given - {one}).inferred] == []
    none = triples(f"{cls} rdfs:subClassOf owl:Nothing .")
    clashes = CompiledReasoner().close(none).inconsistencies
    assert {clash.rule for clash in clashes} == {"cls-nothing2"}
    assert_same_reports(clashes, ReferenceReasoner().close(none).inconsistencies, nodes=False)


def test_every_rule_of_the_tables_has_its_case() -> None:
    names = [case[0] for case in (*INFERENCES, *CLASHES, *AXIOMATIC)]
    assert len(names) == len(set(names))
    assert {*names} == RULES
