"""One test a rule of the OWL 2 RL/RDF rule set that the ontology relies on, named as in the specification's tables."""

from __future__ import annotations

import tracemalloc

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat, Triple

from kg.columns import Columns, Dictionary
from kg.reasoning import CompiledReasoner, Reasoner, ReferenceReasoner, describe_steps, justify
from kg.reasoning.base import is_noise
from kg.reasoning.compiled import open_state
from kg.vocab import FOEDUS, OWL, RDF
from tests.conformance.test_owl_rl_rules import INFERENCES

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
YEARS = ("gYear (compared as written)",)

JUSTIFIED = frozenset(
    {
        "prp-dom",
        "prp-rng",
        "prp-symp",
        "prp-trp",
        "prp-spo1",
        "prp-spo2",
        "prp-eqp1",
        "prp-eqp2",
        "prp-inv1",
        "prp-inv2",
        "cls-int1",
        "cls-int2",
        "cls-uni",
        "cls-svf1",
        "cls-svf2",
        "cls-avf",
        "cls-hv1",
        "cls-hv2",
        "cax-sco",
        "cax-eqc1",
        "cax-eqc2",
        "scm-sco",
        "scm-spo",
        "scm-dom1",
        "scm-dom2",
        "scm-rng1",
        "scm-rng2",
        "scm-int",
        "scm-uni",
    }
)
"""The rules that proofs are told by."""

RULES = [case for case in INFERENCES if case[0] in JUSTIFIED]

CLASHES = [
    ("cax-adc", "[] a owl:AllDisjointClasses ; owl:members ( :A :B ) . :x a :A , :B ."),
    ("cax-dw", ":A owl:disjointWith :B . :x a :A , :B ."),
    ("prp-irp", ":p a owl:IrreflexiveProperty . :x :p :x ."),
    ("cls-nothing2", ":x a owl:Nothing ."),
]


def triples(text: str) -> list[Triple]:
    return [q.triple for q in pyoxigraph.parse(PREFIXES + text, format=RdfFormat.TURTLE)]


@pytest.fixture(params=[ReferenceReasoner, CompiledReasoner], ids=["reference", "compiled"])
def reasoner(request: pytest.FixtureRequest) -> Reasoner:
    engine: Reasoner = request.param()
    return engine


def test_every_rule_that_proofs_are_told_by_has_a_case() -> None:
    assert {case[0] for case in RULES} == JUSTIFIED


@pytest.mark.parametrize(("rule", "premises", "conclusion"), RULES, ids=[r[0] for r in RULES])
def test_rule(rule: str, premises: str, conclusion: str, reasoner: Reasoner) -> None:
    (wanted,) = triples(conclusion)
    closure = reasoner.close(triples(premises))
    assert wanted in closure.inferred
    assert not closure.inconsistencies
    step = justify(triples(premises))[wanted]
    assert step.rule == rule
    assert step.premises


@pytest.mark.parametrize(("rule", "premises", "conclusion"), RULES, ids=[r[0] for r in RULES])
def test_rule_needs_every_premise(rule: str, premises: str, conclusion: str, reasoner: Reasoner) -> None:
    (wanted,) = triples(conclusion)
    given = triples(premises)
    step = justify(given)[wanted]
    for premise in step.premises:
        fewer = [t for t in given if t != premise]
        assert wanted not in reasoner.close(fewer).inferred


@pytest.mark.parametrize(("rule", "premises"), CLASHES, ids=[c[0] for c in CLASHES])
def test_clash(rule: str, premises: str, reasoner: Reasoner) -> None:
    closure = reasoner.close(triples(premises))
    assert closure.inconsistencies
    assert all(clash.message for clash in closure.inconsistencies)
    assert not any("ErrorMessage" in str(t) for t in closure.inferred)


def test_literals_never_become_subjects(reasoner: Reasoner) -> None:
    closure = reasoner.close(triples(':p owl:inverseOf :q ; rdfs:range :C . :x :p "text" .'))
    assert not closure.inferred


def test_what_was_given_is_not_inferred_again(reasoner: Reasoner) -> None:
    given = triples(":A rdfs:subClassOf :B . :x a :A , :B .")
    assert not reasoner.close(given).inferred


def test_the_certificate_counts() -> None:
    certificate = ReferenceReasoner().close(triples(":A rdfs:subClassOf :B . :x a :A .")).certificate
    assert certificate.engine.startswith("owlrl ")
    assert (certificate.given, certificate.inferred, certificate.unsupported) == (2, 1, ())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (":p a owl:ReflexiveProperty .", ("ReflexiveProperty",)),
        *(
            (f":C owl:onProperty :p ; owl:{name} {count} .", (name,))
            for name, count in (
                ("cardinality", 1),
                ("minCardinality", 1),
                ("minQualifiedCardinality", 1),
                ("qualifiedCardinality", 1),
                ("maxCardinality", 2),
                ("maxQualifiedCardinality", 3),
            )
        ),
        (":C owl:onProperty :p ; owl:maxCardinality 0 , 1 .", ()),
        (":C owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :D .", ()),
        *(
            (f":x owl:{name} :y .", (name,))
            for name in (
                "bottomDataProperty",
                "bottomObjectProperty",
                "datatypeComplementOf",
                "disjointUnionOf",
                "hasSelf",
                "onDataRange",
                "onDatatype",
                "onProperties",
                "topDataProperty",
                "topObjectProperty",
                "withRestrictions",
            )
        ),
        *((f":p rdfs:range owl:{name} .", (name,)) for name in ("rational", "real")),
        (":x owl:sameAs :y . :C owl:oneOf ( :x :y ) .", ()),
        (":x :p 1 , 2 .", ()),
        ("owl:differentFrom rdfs:domain :D . :x :p 1 , 2 .", ("dt-diff",)),
        (":C owl:unionOf :l . :l rdf:first :A ; rdf:rest () , ( :B ) .", ("List (not well-formed)",)),
        (":p rdfs:range <http://www.w3.org/2001/XMLSchema#integer> . :x :p 1 .", ("dt-not-type",)),
        (
            ':p rdfs:range <http://www.w3.org/2001/XMLSchema#integer> . :x :p "one" .',
            ("dt-not-type",),
        ),
        (":C owl:onProperty :p ; owl:maxCardinality :n . :n owl:sameAs 1 .", ()),
        (":C owl:onProperty :p ; owl:maxCardinality :n . :n owl:sameAs 2 .", ("maxCardinality",)),
        (':x :p "2000"^^xsd:gYear , "2001"^^xsd:gYear .', ()),
        *(
            (f'{axiom} :x :p "2000"^^xsd:gYear . {fact}', named)
            for axiom, fact, named in (
                (":p a owl:FunctionalProperty .", "", ()),
                (":p a owl:FunctionalProperty .", ':x :p "2001"^^xsd:gYear .', YEARS),
                (":p a owl:FunctionalProperty .", ":x :p 2000 .", YEARS),
                (
                    ":p a owl:FunctionalProperty .",
                    ':x :p "2000-01-01"^^xsd:date .',
                    ("date (compared as written)", *YEARS),
                ),
                (":C owl:onProperty :p ; owl:maxCardinality 1 . :x a :C .", ':x :p "2001"^^xsd:gYear .', YEARS),
                (":p a owl:InverseFunctionalProperty .", ':y :p "2001"^^xsd:gYear .', YEARS),
                (":C owl:hasKey ( :p ) .", ':y :p "2001"^^xsd:gYear .', YEARS),
                (":p owl:propertyDisjointWith :q .", ':x :q "2001"^^xsd:gYear .', YEARS),
                (':R owl:onProperty :p ; owl:hasValue "2001"^^xsd:gYear .', "", YEARS),
                (':C owl:oneOf ( "2001"^^xsd:gYear ) .', "", YEARS),
                (
                    '[ owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue "2001"^^xsd:gYear ] .',
                    "",
                    YEARS,
                ),
            )
        ),
        (':p a owl:FunctionalProperty . :x :p "2000-01-01T00:00:00"^^xsd:dateTime , 1 .', ()),
        (':p a owl:FunctionalProperty . :x :p "one"^^xsd:integer , 1 .', ()),
        (':p a owl:FunctionalProperty . :x :p "one"@en , 1 .', ()),
    ],
)
def test_what_the_compiled_reasoner_does_not_use_it_says(text: str, named: tuple[str, ...]) -> None:
    assert CompiledReasoner().close(triples(text)).certificate.unsupported == named


@pytest.mark.parametrize(
    "said",
    [
        ":C owl:maxCardinality 1 . :n owl:sameAs 1 .",
        ":C owl:maxCardinality :n . :n owl:sameAs 1 .",
        ":C owl:maxCardinality :n . :n owl:sameAs :m . :m owl:sameAs 1 .",
        ":C owl:maxCardinality 1 . :q a owl:FunctionalProperty . :x :q 1 , :n .",
        ":C owl:maxQualifiedCardinality 1 ; owl:onClass owl:Thing . :n owl:sameAs 1 .",
    ],
)
def test_a_number_counts_as_what_is_the_same_as_it(said: str, reasoner: Reasoner) -> None:
    (wanted,) = triples(":y owl:sameAs :z .")
    closure = reasoner.close(triples(f":C owl:onProperty :p . {said} :x a :C ; :p :y , :z ."))
    assert wanted in closure.inferred
    assert not closure.inconsistencies


def test_a_number_that_a_later_step_makes_the_same_as_a_node_still_counts(reasoner: Reasoner) -> None:
    text = """
        :C owl:onProperty :p ; owl:maxCardinality 1 . :x0 a :C ; :p 1 , :x1 .
        :D owl:onProperty :r ; owl:someValuesFrom :E ; rdfs:subClassOf :C . :y :r :z ; :p :a , :b . :z2 a :E .
        :F owl:onProperty :s ; owl:maxCardinality 1 . :w a :F ; :s :z , :z2 .
    """
    closure = reasoner.close(triples(text))
    assert {*triples(":a owl:sameAs :b . :z owl:sameAs :z2 .")} <= closure.inferred
    assert closure.certificate.unsupported == ()


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ('"2000-01-01"^^xsd:date', '"2000-01-02"^^xsd:date', False),
        ('"2000"^^xsd:gYear', '"2001"^^xsd:gYear', False),
        ('"2000"^^xsd:gYear', '"2000"', False),
        ('"00:00:00"^^xsd:time', "1", False),
        ('"2000-01-01T01:00:00+01:00"^^xsd:dateTime', '"2000-01-01T00:00:00Z"^^xsd:dateTime', True),
        ('"2000-01-01T00:00:00"^^xsd:dateTime', '"2000-01-01T00:00:00Z"^^xsd:dateTime', True),
        ('"2000-01-01T00:00:00+00:00"^^xsd:dateTime', '"2000-01-01T00:00:00.0Z"^^xsd:dateTimeStamp', False),
    ],
)
def test_literals_differ_by_the_values_that_owl_2_rl_knows(
    one: str, other: str, clash: bool, reasoner: Reasoner
) -> None:
    """OWL 2 Profiles, section 4.2; OWL 2 Structural Specification, section 4.7."""
    closure = reasoner.close(triples(f":p a owl:FunctionalProperty . :x :p {one} , {other} ."))
    assert bool(closure.inconsistencies) is clash


def test_dates_are_of_no_datatype_that_owl_2_rl_knows(reasoner: Reasoner) -> None:
    text = (
        ':R owl:onProperty :p ; owl:someValuesFrom xsd:date . :x :p "2000-01-01"^^xsd:date , "2000-13-01"^^xsd:date .'
    )
    closure = reasoner.close(triples(text))
    assert (closure.inferred, closure.inconsistencies) == (frozenset(), ())


def test_what_was_not_used_is_still_said_after_more_was_added() -> None:
    dictionary = Dictionary()
    first, more = (
        Columns.encode(triples(text), dictionary) for text in (":p a owl:ReflexiveProperty .", ":q owl:inverseOf :p .")
    )
    state = open_state(first, dictionary)
    certificate = state.changed(more, Columns.empty()).state.certificate
    assert (certificate.unsupported, certificate.given) == (("ReflexiveProperty",), 2)


def test_a_list_without_an_end_is_no_list() -> None:
    broken = triples(":C owl:unionOf :l . :l rdf:first :A . :x a :A .")
    circle = [*broken, *triples(":l rdf:rest :l .")]
    for given in (broken, circle):
        closure = CompiledReasoner().close(given)
        assert not closure.inferred
        assert closure.certificate.unsupported == ("List (not well-formed)",)
        assert not justify(given)


def test_noise_is_what_says_nothing() -> None:
    (useful,) = triples(":x a :A .")
    assert not is_noise(useful.subject, useful.predicate, useful.object)
    for text in (
        ":x a owl:Thing .",
        ":A rdfs:subClassOf :A .",
        ":x owl:sameAs :x .",
        ':x :p "text" .',
        "owl:Thing a :A .",
    ):
        (triple,) = triples(text)
        assert is_noise(triple.subject, triple.predicate, triple.object), text


def test_steps_are_described_down_to_what_was_given() -> None:
    given = triples(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :x a :A .")
    steps = justify(given)
    (wanted,) = triples(":x a :C .")
    described = list(describe_steps(steps, [wanted]))
    statements = {t.subject for t in described}
    premises = {t.object for t in described if t.predicate == FOEDUS.hasPremise}
    assert premises < statements, "every premise is described too"
    plain = {t.subject for t in described if t.predicate == RDF.type and t.object == RDF.Statement}
    assert len(plain) == len(given) or len(plain) == len(given) - 1


def test_values_of_a_key_that_nothing_else_has_make_no_products() -> None:
    """Two hundred values of each of three properties: eight million keys of one individual, none of which it shares."""
    said = "".join(f":a :{p} :{p}{n} . " for p in "pqr" for n in range(200))
    both = ":C owl:hasKey ( :p :q :r ) . :a a :C . :b a :C ; :p :p7 ; :q :q7 ; :r :r7 . :c a :C ; :p :p7 ; :q :q7 . "
    given = triples(both + said)
    tracemalloc.start()
    try:
        inferred = CompiledReasoner().close(given).inferred
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    a, b = (pyoxigraph.NamedNode(f"https://example.org/{name}") for name in "ab")
    same = {(t.subject, t.object) for t in inferred if t.predicate == OWL.sameAs and t.subject != t.object}
    assert same == {(a, b), (b, a)}
    assert peak < 30 * 2**20
