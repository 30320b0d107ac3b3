"""The shapes for data: pairs of exemplars, and proof that every message can come up.

An exemplar is a small file of made-up facts, checked together with ``exemplars/world.ttl``. ``NAME_PASS.ttl`` has no
fault; ``NAME_XFAIL.ttl`` has exactly the faults that the table below lists, and no other.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.documents import read_documents
from kg.errors import ParseError, Violation
from kg.resources import graph_files, ontology_files, policy_file, resource, shape_files
from kg.terms import curie
from kg.validation import validate
from kg.vocab import FOEDUS, RDF, RDFS

EXEMPLARS = Path(__file__).parent / "exemplars"
BLANK = BlankNode("b")
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")


class Fault(NamedTuple):
    """What is expected of one finding: node, path and value as CURIEs, and how the message begins."""

    node: str
    path: str
    value: str
    says: str
    file: str = ""

    def fits(self, found: Violation, file: str) -> bool:
        facts = (curie(found.node), curie(found.path), curie(found.value), found.file, found.severity)
        wanted = (self.node, self.path, self.value, self.file or file, "Violation")
        return facts == wanted and found.message.startswith(self.says)


FAULTS: dict[str, set[Fault]] = {
    "annotation_of_another_claim": {
        Fault(
            "id:example/evidence",
            "foedus:evidence",
            "id:example/pact-claim",
            "Claim and annotation must point at each other:",
        ),
        Fault(
            "id:example/evidence",
            "foedus:evidence",
            "id:example/transfer-claim",
            "Claim and annotation must point at each other:",
        ),
        Fault(
            "id:example/passage",
            "",
            "id:example/passage",
            "The passage stands in another source than the claim is",
        ),
    },
    "asserted_betrayal": {
        Fault("id:example/treason", "rdf:type", "", "An episode, and with it every kind of betrayal, is concluded"),
        Fault("id:state/XNO", "foedus:betrays", "", "foedus:betrays is derived by reasoning and is never asserted"),
    },
    "asserted_hostility": {
        Fault("id:example/enmity", "rdf:type", "", "A hostility is derived from conflicts, incursions and"),
        Fault(
            "id:example/enmity",
            "foedus:hostile",
            "",
            "foedus:hostile is derived by the rules and is never asserted",
        ),
    },
    "asserted_obligation": {
        Fault("id:example/duty", "rdf:type", "", "An obligation is derived from memberships and provisions and"),
        Fault(
            "id:example/duty",
            "foedus:obligor",
            "",
            "foedus:obligor is derived by the rules and is never asserted",
        ),
    },
    "claim_without_passage": {
        Fault(
            "id:example/transfer-claim",
            "",
            "id:example/transfer-claim",
            "This claim is found in an article and no passage is given",
        ),
    },
    "claim_without_source": {
        Fault(
            "id:example/transfer-claim",
            "foedus:attributedTo",
            "",
            "This is a claim with no source: nobody is named as the one",
        ),
    },
    "code_twice": {
        Fault("id:state/XSO", "foedus:iso3", "", "Another node has the same ISO alpha-3 code (foedus:iso3)"),
        Fault(
            "id:state/XNO",
            "foedus:iso3",
            "",
            "Another node has the same ISO alpha-3 code (foedus:iso3)",
            "world.ttl",
        ),
    },
    "conditions_on_membership": {
        Fault(
            "id:example/membership-claim",
            "foedus:claims",
            "id:example/membership",
            "The stance foedus:Conditions does not go with this",
        ),
    },
    "dispute_with_force": {
        Fault("id:example/standoff", "foedus:hostilityLevel", "4", "foedus:hostilityLevel is 2 for a threat"),
        Fault("id:example/standoff", "foedus:party", "", "A militarized dispute has exactly two foedus:party"),
    },
    "end_before_begin": {
        Fault(
            "id:example/transfer",
            "foedus:end",
            "2030-05",
            "The end lies before the begin under every reading of the two",
        ),
    },
    "intends_on_transfer": {
        Fault(
            "id:example/plan-claim",
            "foedus:claims",
            "id:example/transfer",
            "The stance foedus:Intends does not go with this",
        ),
    },
    "malformed_date": {
        Fault("id:example/transfer", "foedus:begin", "2027-02-29", "This is no date"),
        Fault("id:example/transfer", "foedus:end", "foedus:Never", "This is no date"),
        Fault("id:example/transfer", "foedus:orderedOn", "2027-11-01Z", "This is no date"),
    },
    "member_twice": {
        Fault("id:example/membership", "foedus:member", "", "A membership has exactly one foedus:member"),
    },
    "misspelt_term": {
        Fault(
            "id:example/transfer",
            "foedus:suplier",
            "id:state/XNO",
            "The vocabulary has no property foedus:suplier",
        ),
        Fault("id:example/transfer", "foedus:supplier", "", "An arms transfer has exactly one foedus:supplier"),
    },
    "numbering_of_another_state": {
        Fault("id:example/numbering", "foedus:stateNumber", "992", "The state does not carry this number of the list"),
    },
    "party_on_both_sides": {
        Fault(
            "id:example/war",
            "foedus:initiator",
            "id:state/XWE",
            "The initiator stands on neither side of the conflict",
        ),
        Fault("id:example/war", "foedus:sideA", "id:state/XNO", "A party stands on both sides"),
    },
    "passage_digest": {
        Fault(
            "id:example/passage",
            "foedus:paragraph",
            "0",
            "A passage has exactly one foedus:paragraph, a whole number",
        ),
        Fault(
            "id:example/passage",
            "foedus:passageDigest",
            "0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F",
            "A passage has exactly one foedus:passageDigest, the SHA-256",
        ),
    },
    "passage_in_another_source": {
        Fault(
            "id:example/passage",
            "",
            "id:example/passage",
            "The passage stands in another source than the claim is",
        ),
    },
    "policy_of_nothing": {
        Fault("id:example/policy", "foedus:admitsModality", "", "This policy admits nothing"),
    },
    "predicts_on_conflict": {
        Fault(
            "id:example/outlook-claim",
            "foedus:claims",
            "id:example/war",
            "The stance foedus:Predicts does not go with this",
        ),
    },
    "seen_going_on": {
        Fault("id:example/membership", "foedus:end", "", "foedus:ongoingAsOf says until when a source saw something"),
    },
    "selector_backwards": {
        Fault("id:example/selector", "oa:start", "60", "The selector is empty or runs backwards: oa:start must be"),
    },
    "selector_past_the_end": {
        Fault("id:example/selector", "oa:end", "501", "This is a selector past the end of the text, which has 500"),
    },
    "state_without_code": {
        Fault("id:state/cow-990", "", "id:state/cow-990", "A state carries at least one code: foedus:iso3,"),
        Fault("id:state/cow-990", "rdfs:label", "", "A node has exactly one English rdfs:label"),
    },
    "stronger_than_carrier": {
        Fault(
            "id:example/word",
            "foedus:modality",
            "foedus:Reported",
            "This claim is put more surely than any claim that passes it on",
        ),
        Fault(
            "id:example/word",
            "foedus:modality",
            "foedus:Reported",
            "This claim is put more surely than any claim that passes it on",
        ),
    },
    "three_rivals": {
        Fault("id:example/rivalry", "foedus:rival", "", "A rivalry has exactly two foedus:rival, the two states"),
    },
    "transfer_to_itself": {
        Fault("id:example/transfer", "foedus:supplier", "id:state/XNO", "Supplier and recipient are the same"),
    },
    "unclaimed_node": {
        Fault("id:example/transfer", "foedus:claims", "", "Nobody claims this"),
    },
    "unknown_modality": {
        Fault("id:example/transfer-claim", "foedus:modality", "foedus:Certain", "This is no modality"),
    },
    "unknown_state": {
        Fault(
            "id:example/transfer",
            "foedus:recipient",
            "id:state/XZZ",
            "The value of foedus:recipient is not described as an actor",
        ),
    },
}


def read(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)]


@cache
def check(name: str) -> list[Violation]:
    return validate({"world.ttl": read(EXEMPLARS / "world.ttl"), name: read(EXEMPLARS / name)})


def check_text(turtle: str) -> list[Violation]:
    prefixes = """
        @prefix ex: <https://w3id.org/foedus/id/example/> . @prefix foedus: <https://w3id.org/foedus/ns#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."""
    return validate({"text.ttl": [quad.triple for quad in parse(prefixes + turtle, format=RdfFormat.TURTLE)]})


def test_exemplars_come_in_pairs() -> None:
    names = {f"{name}_{kind}.ttl" for name in FAULTS for kind in ("PASS", "XFAIL")}
    assert {path.name for path in EXEMPLARS.iterdir()} == names | {"world.ttl"}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_good_exemplar_has_no_fault(name: str) -> None:
    assert check(f"{name}_PASS.ttl") == []


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_bad_exemplar_has_exactly_the_faults_expected(name: str) -> None:
    found = check(f"{name}_XFAIL.ttl")
    missing = {fault for fault in FAULTS[name] if not any(fault.fits(v, f"{name}_XFAIL.ttl") for v in found)}
    extra = [v for v in found if not any(fault.fits(v, f"{name}_XFAIL.ttl") for fault in FAULTS[name])]
    assert (missing, extra) == (set(), [])
    assert found == sorted(found)


def test_an_unknown_modality_is_answered_with_the_four_known_ones() -> None:
    (found,) = check("unknown_modality_XFAIL.ttl")
    assert all(f"foedus:{name}" in found.message for name in ("Fact", "Reported", "Alleged", "Speculated"))


def test_the_facts_that_ship_have_no_fault() -> None:
    documents = read_documents([*graph_files(), policy_file()])
    assert validate({document.file: document.triples for document in documents}) == []


def test_the_caller_s_triples_stay_as_they_are() -> None:
    triples = read(EXEMPLARS / "unclaimed_node_XFAIL.ttl")
    before = list(triples)
    validate({"a.ttl": triples})
    assert triples == before


def test_a_node_described_in_another_document_is_known() -> None:
    world, example = read(EXEMPLARS / "world.ttl"), read(EXEMPLARS / "unknown_state_PASS.ttl")
    assert validate({"example.ttl": example, "world.ttl": world}) == []
    alone = {found.value for found in validate({"example.ttl": example})}
    assert "https://w3id.org/foedus/id/state/XWE" in alone


DATES = [
    ('"2018"^^xsd:gYear', True),
    ('"0001"^^xsd:gYear', True),
    ('"0000"^^xsd:gYear', False),
    ('"18"^^xsd:gYear', False),
    ('"-0044"^^xsd:gYear', False),
    ('"2018Z"^^xsd:gYear', False),
    ('"2018-01"^^xsd:gYear', False),
    ('"2018-12"^^xsd:gYearMonth', True),
    ('"2018-13"^^xsd:gYearMonth', False),
    ('"2018-00"^^xsd:gYearMonth', False),
    ('"2020-02-29"^^xsd:date', True),
    ('"2000-02-29"^^xsd:date', True),
    ('"1900-02-29"^^xsd:date', False),
    ('"2019-02-29"^^xsd:date', False),
    ('"2018-04-31"^^xsd:date', False),
    ('"2018-12-31"^^xsd:date', True),
    ('"2018-12-31+01:00"^^xsd:date', False),
    ('"2018-12-31T00:00:00"^^xsd:dateTime', False),
    ('"2018"', False),
    ("2018", False),
    ("foedus:Ongoing", False),
    ("foedus:Unknown", False),
]
SPANS = [
    ('"2018"^^xsd:gYear', '"2018"^^xsd:gYear', True),
    ('"2018-06"^^xsd:gYearMonth', '"2018"^^xsd:gYear', True),
    ('"2018"^^xsd:gYear', '"2018-01-01"^^xsd:date', True),
    ('"2018-06-30"^^xsd:date', '"2018-06"^^xsd:gYearMonth', True),
    ('"2018-06-30"^^xsd:date', '"2018-06-30"^^xsd:date', True),
    ('"2018-06-30"^^xsd:date', "foedus:Ongoing", True),
    ('"2018"^^xsd:gYear', '"2017"^^xsd:gYear', False),
    ('"2018-06"^^xsd:gYearMonth', '"2018-05-31"^^xsd:date', False),
    ('"2018-06-30"^^xsd:date', '"2018-06-29"^^xsd:date', False),
    ('"2018-01-01"^^xsd:date', '"2017-12"^^xsd:gYearMonth', False),
]


@cache
def dated() -> set[tuple[str, str]]:
    """The nodes and properties with a wrong date, where each date and each span above stands on a node of its own."""
    lines = [f"ex:begin-{n} foedus:begin {text} ." for n, (text, _) in enumerate(DATES)]
    lines += [f"ex:end-{n} foedus:end {text} ." for n, (text, _) in enumerate(DATES)]
    lines += [f"ex:span-{n} foedus:begin {begin} ; foedus:end {end} ." for n, (begin, end, _) in enumerate(SPANS)]
    return {(curie(found.node), curie(found.path)) for found in check_text("\n".join(lines))}


@pytest.mark.parametrize(("number", "text", "conforms"), [(n, *case) for n, case in enumerate(DATES)])
def test_a_date_is_a_year_a_month_or_a_day_of_the_calendar(number: int, text: str, conforms: bool) -> None:
    assert ((f"id:example/begin-{number}", "foedus:begin") not in dated()) is conforms
    marker = text.startswith("foedus:")
    assert ((f"id:example/end-{number}", "foedus:end") not in dated()) is (conforms or marker)


@pytest.mark.parametrize(("number", "begin", "end", "conforms"), [(n, *case) for n, case in enumerate(SPANS)])
def test_an_end_is_refused_only_where_it_is_certainly_before_the_begin(
    number: int, begin: str, end: str, conforms: bool
) -> None:
    assert ((f"id:example/span-{number}", "foedus:end") not in dated()) is conforms


def test_a_blank_node_is_refused_where_a_name_is_needed() -> None:
    found = check_text('[] a foedus:Person ; rdfs:label "somebody"@en .')
    assert [v.message.split(",")[0] for v in found] == ["An actor is named by an IRI"]


def test_blank_nodes_of_two_documents_are_not_confused() -> None:
    text = "_:b0 a <http://www.w3.org/ns/oa#SpecificResource> ."
    triples = [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]
    typed = Triple(triples[0].subject, RDF.type, FOEDUS.Person)
    found = validate({"a.ttl": triples, "b.ttl": [typed]})
    assert {(v.file, v.node[:2]) for v in found} == {("b.ttl", "_:")}


def test_a_triple_in_place_of_a_node_is_refused() -> None:
    inner = Triple(FOEDUS.Fact, RDF.type, FOEDUS.Modality)
    (found,) = validate({"a.ttl": [Triple(NamedNode("https://example.org/x"), RDFS.seeAlso, inner)]})
    assert "foedus:Claim" in found.message


def test_a_term_that_the_vocabulary_lacks_gets_a_suggestion() -> None:
    (found,) = check_text("ex:node a foedus:Allliance .")
    assert (found.value, found.message) == (
        "https://w3id.org/foedus/ns#Allliance",
        "The vocabulary has no class foedus:Allliance. Did you mean foedus:Alliance?",
    )
    assert "Look it up" in check_text('ex:node foedus:zzzzzz "x" .')[0].message


@pytest.mark.parametrize(
    ("turtle", "severity", "says"),
    [
        ("ex:c a foedus:Provision .", "Warning", "Nothing follows from a provision whose kind is not given"),
        ("ex:c a foedus:Condition .", "Warning", "Nothing depends on this condition"),
        ("ex:c a foedus:Article .", "Warning", "No date of publication bounds this article"),
        ("ex:c foedus:coversClass foedus:Assistance .", "Warning", "A source said to cover a class without gaps"),
        ("ex:c a foedus:Provision .", "Violation", "A provision has exactly one foedus:providedBy"),
    ],
)
def test_what_is_only_unwise_is_a_warning(turtle: str, severity: str, says: str) -> None:
    assert severity in {v.severity for v in check_text(turtle) if v.message.startswith(says)}


def test_shapes_of_the_caller_s_own_are_used_alone(tmp_path: Path) -> None:
    shapes = tmp_path / "own.ttl"
    shapes.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix foedus: <https://w3id.org/foedus/ns#> .
        foedus:Own a sh:NodeShape ; sh:targetClass foedus:State ; sh:message "no" ;
          sh:property [ sh:path foedus:iso2 ; sh:maxCount 0 ; sh:message "no codes here" ; sh:severity sh:Info ] .""",
        encoding="utf-8",
    )
    node = NamedNode("https://example.org/state")
    triples = [Triple(node, RDF.type, FOEDUS.State), Triple(node, FOEDUS.iso2, Literal("XX"))]
    assert validate({"a.ttl": triples}, shapes=[shapes]) == [
        Violation("a.ttl", node.value, FOEDUS.iso2.value, "", "no codes here", "Info")
    ]


@pytest.mark.parametrize(
    "text", ["nonsense", "<https://example.org/s> <http://www.w3.org/ns/shacl#targetClass> 1, 2 ; a <http://www.w3.org/"
             "ns/shacl#PropertyShape> ; <http://www.w3.org/ns/shacl#minCount> 1 ."]
)  # fmt: skip
def test_shapes_that_are_not_well_formed_are_refused(tmp_path: Path, text: str) -> None:
    shapes = tmp_path / "bad.ttl"
    shapes.write_text(text, encoding="utf-8")
    with pytest.raises(ParseError):
        validate({"a.ttl": []}, shapes=[shapes])


def all_shapes() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in shape_files():
        graph.parse(path)
    return graph


def test_the_shapes_are_well_formed_shacl() -> None:
    import pyshacl

    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=all_shapes(), meta_shacl=True)
    assert conforms, text


def test_there_is_a_file_of_shapes_for_every_module() -> None:
    modules = {path.name for path in ontology_files()} - {"foedus.ttl"}
    assert {path.name for path in shape_files()} == modules
    assert resource("ontology", "shapes", "hygiene.ttl") not in shape_files()


def test_every_shape_has_a_label_a_home_a_severity_and_a_message() -> None:
    shapes = all_shapes()
    nodes = set(shapes.subjects(rdflib.RDF.type, SH.NodeShape))
    assert len(nodes) > 50
    for node in nodes:
        assert str(node).startswith("https://w3id.org/foedus/shapes#") and str(node).endswith("Shape")
        assert shapes.value(node, rdflib.RDFS.label) is not None
        assert shapes.value(node, rdflib.RDFS.isDefinedBy) is not None
        for part in shapes.objects(node, SH.property):
            assert shapes.value(part, SH.message) is not None, (node, part)
            assert shapes.value(part, SH.severity) is not None, (node, part)


def test_every_class_whose_nodes_people_write_is_checked() -> None:
    targets = {str(target) for target in all_shapes().objects(None, SH.targetClass)}
    ontology = rdflib.Graph()
    for path in ontology_files():
        ontology.parse(path)
    values = {"Coverage", "EndMarker", "Modality", "Overlap", "Stance"}
    for node in ontology.subjects(rdflib.RDF.type, rdflib.OWL.Class):
        if isinstance(node, rdflib.URIRef) and node.removeprefix(FOEDUS.base) not in values:
            above = {str(c) for c in ontology.transitive_objects(node, rdflib.RDFS.subClassOf)}
            assert above & targets, node


def messages(graph: rdflib.Graph) -> Iterator[str]:
    """The messages of the shapes, up to the first place that a query fills in."""
    for message in graph.objects(None, SH.message):
        yield str(message).split("{?")[0]


def test_every_message_can_come_up() -> None:
    shapes = all_shapes()
    said = {v.message for name in FAULTS for v in check(f"{name}_XFAIL.ttl")} | {v.message for v in poor_data(shapes)}
    silent = {message for message in messages(shapes) if not any(text.startswith(message) for text in said)}
    assert silent == set()


def poor_data(shapes: rdflib.Graph) -> list[Violation]:
    """Findings for three nodes a shape: one bare, one full of junk, and one that repeats itself."""
    triples: list[Triple] = []

    def say(subject: str, predicate: str, *values: NamedNode | Literal) -> None:
        triples.extend(Triple(NamedNode(subject), NamedNode(predicate), value) for value in values)

    nowhere = [NamedNode(f"https://example.org/nowhere/{n}") for n in range(3)]
    junk: list[NamedNode | Literal] = [
        *nowhere,
        Literal("junk"),
        Literal("junk", language="en"),
        Literal("more junk", language="en"),
    ]
    for shape in shapes.subjects(rdflib.RDF.type, SH.NodeShape):
        here = f"https://example.org/{str(shape).rpartition('#')[2]}"
        for kind in ("bare", "junk", "same"):
            for target in shapes.objects(shape, SH.targetClass):
                say(f"{here}/{kind}", RDF.type.value, NamedNode(str(target)))
                triples.append(Triple(BLANK, RDF.type, NamedNode(str(target))))
            for target in shapes.objects(shape, SH.targetObjectsOf):
                say("https://example.org/pointer", str(target), NamedNode(f"{here}/{kind}"))
        for target in shapes.objects(shape, SH.targetSubjectsOf):
            say(f"{here}/bare", str(target), nowhere[0])
            say(f"{here}/junk", str(target), *junk)
        for part in shapes.objects(shape, SH.property):
            path = shapes.value(part, SH.path)
            if isinstance(path, rdflib.URIRef):
                say(f"{here}/junk", str(path), *junk)
                say(f"{here}/same", str(path), nowhere[0])
                for other in shapes.objects(part, SH.disjoint):
                    say(f"{here}/same", str(other), nowhere[0])
            else:
                for inner in shapes.objects(path, rdflib.RDF.first):
                    say(f"{here}/junk", str(inner), Literal("1"))
                    say(f"{here}/same", str(inner), Literal("1"))
    return validate({"poor.ttl": triples})
