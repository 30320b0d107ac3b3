"""The alignments: files of their own, off the road of imports, that speak of our terms and of nobody else's."""

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from kg.resources import ontology_files, resource
from kg.vocab import FOEDUS

NAMES = ["owl-time", "plover", "prov", "schema", "web-annotation", "wikidata"]
MAPPINGS = {
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    SKOS.broadMatch,
    SKOS.closeMatch,
    SKOS.exactMatch,
    SKOS.narrowMatch,
    SKOS.relatedMatch,
}
TARGETS = {
    "owl-time": "http://www.w3.org/2006/time#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "web-annotation": "http://www.w3.org/ns/oa#",
    "wikidata": "http://www.wikidata.org/entity/",
}
PLOVER = {
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "DEMAND",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
}
"""The sixteen event types of version 0.8 of the codebook."""

CODE, CAMEO = URIRef(FOEDUS.base + "ploverCode"), URIRef(FOEDUS.base + "cameoCode")


def read(path: Path) -> Graph:
    graph = Graph()
    graph.parse(path)
    return graph


def alignment(name: str) -> Graph:
    return read(resource("ontology", "alignments", f"{name}.ttl"))


def ontology() -> Graph:
    graph = Graph()
    for path in ontology_files():
        graph.parse(path)
    return graph


def test_each_vocabulary_has_its_file() -> None:
    assert sorted(path.stem for path in resource("ontology", "alignments").iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_a_header_and_names_what_it_is_aligned_with(name: str) -> None:
    graph = alignment(name)
    (header,) = graph.subjects(RDF.type, OWL.Ontology)
    assert header == URIRef(f"https://w3id.org/foedus/alignments/{name}")
    assert list(graph.objects(header, OWL.versionIRI)) == [URIRef(f"{header}/0.1.0")]
    assert list(graph.objects(header, RDFS.seeAlso))
    assert list(graph.objects(header, SKOS.editorialNote))


def test_no_module_imports_an_alignment() -> None:
    imported = {str(value) for value in ontology().objects(None, OWL.imports)}
    assert imported and not any("alignments" in value for value in imported)


@pytest.mark.parametrize("name", NAMES)
def test_every_subject_is_a_term_of_ours(name: str) -> None:
    graph, terms = alignment(name), {str(term.value) for term in FOEDUS}
    own = {str(s) for s in graph.subjects(RDF.type, OWL.AnnotationProperty)}
    headers = {str(s) for s in graph.subjects(RDF.type, OWL.Ontology)}
    assert {str(s) for s in graph.subjects()} <= terms | own | headers
    assert (own == set()) is (name != "plover")


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_every_statement_is_a_mapping_into_the_vocabulary(name: str) -> None:
    graph = alignment(name)
    mappings = [t for t in graph if str(t[0]).startswith(FOEDUS.base)]
    assert mappings
    for subject, predicate, value in mappings:
        assert predicate in MAPPINGS, subject
        assert str(value).startswith(TARGETS[name]), subject


def test_a_subclass_is_said_of_classes_and_a_subproperty_of_properties() -> None:
    terms = ontology()
    for name in TARGETS:
        graph = alignment(name)
        for subject in graph.subjects(RDFS.subClassOf):
            assert (subject, RDF.type, OWL.Class) in terms
        for subject in graph.subjects(RDFS.subPropertyOf):
            assert (subject, RDF.type, OWL.ObjectProperty) in terms


def test_wikidata_is_named_by_items_and_properties() -> None:
    for value in alignment("wikidata").objects(None, SKOS.closeMatch):
        assert re.fullmatch(r"http://www\.wikidata\.org/entity/Q[1-9]\d*", str(value))
    for value in alignment("wikidata").objects(None, SKOS.exactMatch):
        assert re.fullmatch(r"http://www\.wikidata\.org/entity/P[1-9]\d*", str(value))


def event_classes() -> set[URIRef]:
    """The classes of conduct that people describe; hostilities are derived and so have no code."""
    graph = read(resource("ontology", "conduct.ttl"))
    conduct, hostility = URIRef(FOEDUS.Conduct.value), URIRef(FOEDUS.Hostility.value)
    below = set(graph.transitive_subjects(RDFS.subClassOf, conduct))
    derived = set(graph.transitive_subjects(RDFS.subClassOf, hostility))
    return {node for node in below - derived - {conduct} if isinstance(node, URIRef)}


def test_every_event_class_has_a_plover_code() -> None:
    graph, classes = alignment("plover"), event_classes()
    assert len(classes) > 20
    assert set(graph.subjects(CODE)) == classes | {URIRef(FOEDUS.BetrayalAllegation.value)}


def test_codes_are_those_of_the_codebooks() -> None:
    graph = alignment("plover")
    for subject in graph.subjects(CODE):
        codes = {str(code) for code in graph.objects(subject, CODE)}
        assert codes <= PLOVER or codes == {"none"}, subject
        numbers = list(graph.objects(subject, CAMEO))
        assert all(isinstance(n, Literal) and re.fullmatch(r"(0[1-9]|1\d|20)\d{0,2}", str(n)) for n in numbers), subject
        assert bool(numbers) is (codes != {"none"}), subject
        assert numbers or (subject, SKOS.editorialNote, None) in graph, subject


def test_the_crosswalk_from_cameo_agrees_with_the_plover_codes() -> None:
    """Root categories of CAMEO and the event types that the crosswalk of 2021 gives them, with its two exceptions."""
    roots = {
        "03": {"AGREE"},
        "05": {"SUPPORT"},
        "07": {"AID"},
        "08": {"CONCEDE", "RETREAT"},
        "11": {"ACCUSE"},
        "13": {"THREATEN"},
        "14": {"PROTEST"},
        "15": {"MOBILIZE"},
        "16": {"SANCTION"},
        "19": {"ASSAULT"},
    }
    exceptions = {"192": {"COERCE"}, "055": {"CONCEDE"}}
    graph = alignment("plover")
    for subject, number in graph.subject_objects(CAMEO):
        expected = exceptions.get(str(number), roots[str(number)[:2]])
        assert {str(code) for code in graph.objects(subject, CODE)} & expected, (subject, number)
