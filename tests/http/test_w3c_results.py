"""After the W3C's test suites for result formats and the service description, each test named by the ids of its cases.

The manifests are ``csv-tsv-res``, ``json-res`` and ``service-description`` of ``sparql/sparql11`` in w3c/rdf-tests
(W3C Test Suite License and W3C 3-clause BSD License). The rows are our own, of the kinds that the cases have; what
they must look like is taken from the specifications: SPARQL 1.1 Query Results CSV and TSV Formats (sections 3 and 4)
and JSON Format (section 3), SPARQL 1.1 Service Description (section 3).
"""

from __future__ import annotations

from typing import Any, Final

import pytest
import rdflib
from starlette.testclient import TestClient

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
TERMS: Final = """SELECT ?s ?o { VALUES (?s ?o) {
  (<http://example.org/s1> <http://example.org/s2>)
  (<http://example.org/s2> 'foo')
  (<http://example.org/s3> 'bar'@en)
  (<http://example.org/s4> 4)
  (<http://example.org/s5> 5.5)
  (<http://example.org/s6> true) } }"""
HALF: Final = "SELECT ?s ?p ?o { VALUES (?s ?p ?o) { (<x:s1> UNDEF 'a') (<x:s2> 'b' UNDEF) (UNDEF UNDEF UNDEF) } }"
CORNERS: Final = """SELECT ?o { VALUES ?o { "123"^^xsd:string "1.0e6"^^xsd:double "x,y" 'say "so"' "two\\nlines"
  "a\\ttab" "2020-11-09"^^xsd:date "back\\\\slash" "" } }"""


def answer(client: TestClient, query: str, media: str) -> str:
    got = client.get("/sparql", params={"query": query}, headers={"Accept": media})
    assert got.status_code == 200 and got.headers["content-type"].partition(";")[0] == media, got.text
    return got.content.decode()


def test_csv01(client: TestClient) -> None:
    """Terms by their bare values."""
    lines = ["s,o", "http://example.org/s1,http://example.org/s2", "http://example.org/s2,foo"]
    lines += ["http://example.org/s3,bar", "http://example.org/s4,4", "http://example.org/s5,5.5"]
    assert answer(client, TERMS, "text/csv") == "\r\n".join([*lines, "http://example.org/s6,true", ""])


def test_tsv01(client: TestClient) -> None:
    """Terms as in Turtle, numbers and booleans by their short forms."""
    rows = [line.split("\t") for line in answer(client, TERMS, "text/tab-separated-values").splitlines()]
    assert rows[0] == ["?s", "?o"]
    assert [row[1] for row in rows[1:]] == ["<http://example.org/s2>", '"foo"', '"bar"@en', "4", "5.5", "true"]


def test_csv02(client: TestClient) -> None:
    """What is not bound is an empty field."""
    assert answer(client, HALF, "text/csv") == "s,p,o\r\nx:s1,,a\r\nx:s2,b,\r\n,,\r\n"


def test_tsv02(client: TestClient) -> None:
    """What is not bound is an empty field."""
    assert answer(client, HALF, "text/tab-separated-values") == '?s\t?p\t?o\n<x:s1>\t\t"a"\n<x:s2>\t"b"\t\n\t\t\n'


def test_csv03(client: TestClient) -> None:
    """Commas, quotation marks and line breaks are quoted (RFC 4180); datatypes are left out."""
    values = ["123", "", '"x,y"', '"say ""so"""', '"two\nlines"', "a\ttab", "2020-11-09", "back\\slash", ""]
    got = answer(client, CORNERS, "text/csv").split("\r\n")
    assert got[0] == "o" and got[-1] == "" and len(got) == len(values) + 2
    assert float(got[2]) == 1e6
    assert [got[1], *got[3:-1]] == [values[0], *values[2:-1], ""]


def test_tsv03(client: TestClient) -> None:
    """Tabs, line breaks, quotation marks and backslashes are escaped; datatypes are written."""
    got = answer(client, CORNERS, "text/tab-separated-values").rstrip("\n").split("\n")
    cells = [rdflib.util.from_n3(cell) for cell in got[1:]]
    assert got[0] == "?o" and all("\t" not in cell for cell in got)
    texts = ["123", None, "x,y", 'say "so"', "two\nlines", "a\ttab", "2020-11-09", "back\\slash", ""]
    for text, cell in zip(texts, cells, strict=True):
        assert isinstance(cell, rdflib.Literal) and (text is None or str(cell) == text)
    assert isinstance(cells[1], rdflib.Literal) and float(cells[1]) == 1e6
    assert isinstance(cells[6], rdflib.Literal) and cells[6].datatype == rdflib.XSD.date


def in_json(client: TestClient, query: str) -> Any:
    got = client.get("/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"})
    assert got.headers["content-type"] == "application/sparql-results+json"
    return got.json()


def test_jsonres01(client: TestClient) -> None:
    """All kinds of terms."""
    told = in_json(client, TERMS)
    assert told["head"]["vars"] == ["s", "o"] and set(told) == {"head", "results"}
    assert [row["o"] for row in told["results"]["bindings"]] == [
        {"type": "uri", "value": "http://example.org/s2"},
        {"type": "literal", "value": "foo"},
        {"type": "literal", "value": "bar", "xml:lang": "en"},
        {"type": "literal", "value": "4", "datatype": f"{XSD}integer"},
        {"type": "literal", "value": "5.5", "datatype": f"{XSD}decimal"},
        {"type": "literal", "value": "true", "datatype": f"{XSD}boolean"},
    ]


def test_jsonres02(client: TestClient) -> None:
    """What is not bound is left out of its row."""
    told = in_json(client, HALF)
    assert told["head"]["vars"] == ["s", "p", "o"]
    assert [set(row) for row in told["results"]["bindings"]] == [{"s", "o"}, {"s", "p"}, set()]


@pytest.mark.parametrize(("query", "truth"), [("ASK { ?s ?p ?o }", True), ("ASK { <x:a> <x:b> <x:c> }", False)])
def test_jsonres03_and_jsonres04(client: TestClient, query: str, truth: bool) -> None:
    told = in_json(client, query)
    assert told["boolean"] is truth and set(told) == {"head", "boolean"}


def described(client: TestClient, accept: str = "*/*") -> rdflib.Graph:
    got = client.get("/sparql", headers={"Accept": accept})
    assert got.status_code == 200
    return rdflib.Graph().parse(
        data=got.text, format={"text/turtle": "turtle"}[got.headers["content-type"].split(";")[0]]
    )


def test_returns_rdf(client: TestClient) -> None:
    assert len(described(client)) > 20


def test_has_endpoint_triple(client: TestClient) -> None:
    endpoint = (None, rdflib.URIRef(f"{SD}endpoint"), rdflib.URIRef("http://test.example/sparql"))
    assert endpoint in described(client)


CLASSES: Final = [
    "Service", "Language", "Function", "Aggregate", "EntailmentRegime", "EntailmentProfile", "GraphCollection",
    "Dataset", "Graph", "NamedGraph", "Feature",
]  # fmt: skip
DOMAINS: Final = {
    "endpoint": "Service", "feature": "Service", "defaultEntailmentRegime": "Service",
    "defaultSupportedEntailmentProfile": "Service", "entailmentRegime": "NamedGraph",
    "supportedEntailmentProfile": "NamedGraph", "extensionFunction": "Service", "extensionAggregate": "Service",
    "languageExtension": "Service", "supportedLanguage": "Service", "propertyFeature": "Service",
    "defaultDataset": "Service", "availableGraphs": "Service", "resultFormat": "Service", "inputFormat": "Service",
    "defaultGraph": "Dataset", "namedGraph": "GraphCollection", "name": "NamedGraph", "graph": "NamedGraph",
}  # fmt: skip
"""Section 3.4: the properties, each with the class of what it is said of."""
INSTANCES: Final = {
    "feature": ("DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"),
    "supportedLanguage": ("SPARQL10Query", "SPARQL11Query", "SPARQL11Update"),
}


def test_conforms_to_schema(client: TestClient) -> None:
    graph, sd = described(client), rdflib.Namespace(SD)
    kinds = set(graph.subject_objects(rdflib.RDF.type))
    used = {str(p).removeprefix(SD) for p in graph.predicates() if str(p).startswith(SD)}
    assert used <= set(DOMAINS) and {"endpoint", "supportedLanguage", "resultFormat", "defaultDataset"} <= used
    assert {str(c).removeprefix(SD) for _, c in kinds if str(c).startswith(SD)} <= set(CLASSES)
    for name in used:
        accepted = {DOMAINS[name], *(["Dataset"] if DOMAINS[name] == "GraphCollection" else [])}
        for subject in graph.subjects(sd[name]):
            assert {(subject, sd[cls]) for cls in accepted} & kinds, (name, subject)
    for name, allowed in INSTANCES.items():
        for value in graph.objects(None, sd[name]):
            assert not str(value).startswith(SD) or str(value).removeprefix(SD) in allowed, value
    assert len(set(graph.objects(None, sd.endpoint))) == 1
