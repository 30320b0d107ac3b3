"""Descriptions: VoID, nodes, terms, pages, health, metrics, OpenAPI."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from prometheus_client.parser import text_string_to_metric_families
from pyoxigraph import QuerySolutions
from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.http import served
from kg.http.describing import _service, _void
from kg.http.served import Served, ServedGraph
from kg.questions import load_questions
from kg.statistics import Statistics
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID
from kg.vocab import FOEDUS, GRAPH
from tests.http.conftest import serving

VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
ID = "https://w3id.org/foedus/id/"


def test_void_counts(client: TestClient, graph: KnowledgeGraph) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    described = rdflib.Graph().parse(data=answer.text, format="turtle")
    dataset = rdflib.URIRef("http://test.example/.well-known/void")
    counted = graph.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert isinstance(counted, QuerySolutions)
    assert str(described.value(dataset, VOID.triples)) == next(counted)["n"].value
    assert "not a verdict" in answer.text and "http://www.w3.org/ns/dcat#Dataset" in answer.text


def never(graph: ServedGraph) -> dict[str, int]:
    raise AssertionError("it is counted")


def test_what_the_catalog_says_is_not_counted(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Served(store, None).graph()
    found = counted._counts(), counted._classes()
    for name in ("_counts", "_classes"):
        monkeypatch.setattr(ServedGraph, name, never)
    read = Served(store, None).graph()
    assert (read.statistics.counts, read.statistics.classes) == found
    sizes = Served(store, None).graph().sizes
    assert sizes == {graph: sum(1 for _ in read.store.triples(graph)) for graph in read.store.graphs()}


def test_a_long_graph_of_which_the_catalog_says_nothing_is_not_counted(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "_LONG", 10)
    monkeypatch.setattr(served, "noted_sizes", lambda store: {})
    monkeypatch.setattr(Statistics, "noted", lambda store, view: None)
    graph = Served(store, None).graph()
    described = rdflib.Graph()
    for triple in (*_void(graph, "http://x"), *_service(graph, "http://x", writable=False)):
        described.parse(data=f"{triple} .", format="nt")
    assert (None, VOID.distinctSubjects, None) not in described
    assert (rdflib.URIRef(GRAPH.ontology.value), VOID.triples, None) in described


def test_every_individual_has_a_page_and_a_description(client: TestClient, graph: KnowledgeGraph) -> None:
    found = graph.sparql("SELECT DISTINCT ?s { ?s a ?c FILTER(STRSTARTS(STR(?s), STR(id:))) } ORDER BY ?s")
    assert isinstance(found, QuerySolutions)
    # Blank nodes of files stay blank nodes for readers.
    nodes = [row["s"].value for row in found if not row["s"].value.startswith(GENID)]
    assert len(nodes) > 300
    for node in nodes[::7]:
        path = "/id/" + node.removeprefix(ID)
        page = client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200 and page.text.startswith("<!doctype html>"), node
        assert f"<{node}>" in client.get(path, headers={"Accept": "application/n-triples"}).text


def test_every_term_has_a_place(client: TestClient) -> None:
    page = client.get("/ns", headers={"Accept": "text/html"}).text
    assert set(re.findall(r'<tr id="(\w+)"', page)) == {t.value.removeprefix(FOEDUS.base) for t in FOEDUS}
    turtle = client.get("/ns", headers={"Accept": "text/turtle"}).text
    assert len(rdflib.Graph().parse(data=turtle, format="turtle")) > 1000


def test_what_is_not_there(client: TestClient) -> None:
    answer = client.get("/id/alliance/cto")
    assert answer.status_code == 404 and "/id/alliance/csto" in answer.json()["did_you_mean"]
    assert client.get("/id/a%20b").status_code == 404
    answer = client.get("/question")
    assert answer.status_code == 404 and answer.json()["did_you_mean"] == ["/questions"]
    assert client.post("/questions").status_code == 405


def test_text_of_the_graph_is_no_markup(client: TestClient) -> None:
    answer = client.get(
        "/questions/adversaries", params={"state": "<script>x</script>"}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/json"


def test_front_page(client: TestClient) -> None:
    assert "not a verdict" in client.get("/").text


def test_health_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"
    text = client.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counted = {s.labels["route"] for s in families["foedus_requests"].samples if s.name.endswith("_total")}
    assert "/health" in counted


def test_openapi(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    validate(document, cls=OpenAPIV31SpecValidator)
    for question in load_questions():
        route = document["paths"][f"/questions/{question.name}"]["get"]
        assert {p.name for p in question.parameters} <= {p["name"] for p in route["parameters"]}
    assert "/questions/{name}" not in document["paths"]
    examples = [p for path in document["paths"].values() for op in path.values() for p in op.get("parameters", ())
                if p.get("examples") or p.get("example")]  # fmt: skip
    assert len(examples) > 50


@pytest.mark.parametrize(("origins", "allowed"), [((), None), (("https://a.example",), "https://a.example")])
def test_cors_is_off_unless_asked(graph: KnowledgeGraph, origins: tuple[str, ...], allowed: str | None) -> None:
    assert isinstance(graph.store, EmbeddedStore)
    assert graph.store.path is not None
    with serving(graph.store.path, workers=1, cors=origins) as client:
        answer = client.get("/sparql?query=ASK{}", headers={"Origin": "https://a.example"})
        assert answer.headers.get("access-control-allow-origin") == allowed
