"""The SPARQL 1.1 Protocol, exchange by exchange, after section 2 of the Recommendation."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import RdfFormat
from rdflib.compare import isomorphic
from rdflib.query import Result, ResultRow
from starlette.testclient import TestClient

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
BETRAYS = "SELECT ?who ?whom { ?who foedus:betrays ?whom }"
ARMENIA = "https://w3id.org/foedus/id/state/ARM"
STATES = "https://w3id.org/foedus/graph/asserted/states"
INFERRED = "https://w3id.org/foedus/graph/inferred/reported"
ROWS = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
GRAPHS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}


def parsed(data: bytes, media: str) -> rdflib.Graph:
    """RDF as rdflib reads it; its reader of JSON-LD warns of itself, so that Oxigraph reads that."""
    if GRAPHS[media] == "json-ld":
        triples = [quad.triple for quad in pyoxigraph.parse(data, format=RdfFormat.JSON_LD)]
        data, media = pyoxigraph.serialize(triples, format=RdfFormat.N_TRIPLES) or b"", "application/n-triples"
    return rdflib.Graph().parse(data=data, format=GRAPHS[media])


def value(client: TestClient, query: str, **parameters: Any) -> str:
    """The one cell of an answer."""
    answer = client.get("/sparql", params={"query": query, **parameters}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text)))[1][0]


def test_get(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": BETRAYS})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/sparql-results+json"
    assert answer.json()["results"]["bindings"][0]["whom"]["value"] == ARMENIA


def test_post_form(client: TestClient) -> None:
    assert (
        client.post("/sparql", data={"query": BETRAYS}).json() == client.get(f"/sparql?query={quote(BETRAYS)}").json()
    )


def test_post_direct(client: TestClient) -> None:
    answer = client.post("/sparql", content=BETRAYS, headers=DIRECT)
    assert answer.json() == client.get("/sparql", params={"query": BETRAYS}).json()


def test_a_form_is_decoded_once(client: TestClient) -> None:
    answer = client.post("/sparql", content=urlencode({"query": 'SELECT ("%25+%" AS ?x) {}'}), headers=FORM)
    assert answer.json()["results"]["bindings"][0]["x"]["value"] == "%25+%"


def test_head(client: TestClient) -> None:
    answer = client.head("/sparql", params={"query": BETRAYS}, headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_options(client: TestClient) -> None:
    answer = client.options("/sparql")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize("media", ROWS)
def test_rows(client: TestClient, media: str) -> None:
    answer = client.get("/sparql", params={"query": BETRAYS}, headers={"Accept": media})
    assert answer.headers["content-type"].partition(";")[0] == media
    rows = Result.parse(io.BytesIO(answer.content), format=ROWS[media])
    assert [str(row[1]) for row in rows if isinstance(row, ResultRow)] == [ARMENIA]


@pytest.mark.parametrize("media", ["application/sparql-results+json", "application/sparql-results+xml"])
def test_truth(client: TestClient, media: str) -> None:
    answer = client.get("/sparql", params={"query": "ASK { ?who foedus:betrays ?whom }"}, headers={"Accept": media})
    assert Result.parse(io.BytesIO(answer.content), format=ROWS[media]).askAnswer is True


@pytest.mark.parametrize("media", ["text/csv", "text/tab-separated-values"])
def test_truth_in_a_word(client: TestClient, media: str) -> None:
    answer = client.get("/sparql", params={"query": "ASK { foedus:x foedus:y foedus:z }"}, headers={"Accept": media})
    assert (answer.status_code, answer.text.strip()) == (200, "false")


@pytest.mark.parametrize("query", [f"DESCRIBE <{ARMENIA}>", f"CONSTRUCT WHERE {{ <{ARMENIA}> ?p ?o }}"])
@pytest.mark.parametrize("media", GRAPHS)
def test_graphs(client: TestClient, media: str, query: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": media})
    assert answer.headers["content-type"].partition(";")[0] == media
    read = parsed(answer.content, media)
    plain = client.get("/sparql", params={"query": query}, headers={"Accept": "application/n-triples"})
    assert len(read) > 5 and isomorphic(read, parsed(plain.content, "application/n-triples"))


def test_default_graph_is_the_union(client: TestClient) -> None:
    # A state's code is asserted, that it betrays is inferred.
    query = "ASK { ?who foedus:iso3 'BLR' ; foedus:betrays ?whom }"
    assert client.get("/sparql", params={"query": query}).json()["boolean"] is True


def test_a_graph_on_its_own(client: TestClient) -> None:
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH <%s> { ?who foedus:betrays ?whom } }"
    assert (value(client, inside % INFERRED), value(client, inside % STATES)) == ("1", "0")


COUNT = "SELECT (COUNT(*) AS ?n) { ?s foedus:iso3 ?o }"
NAMED = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


def test_default_graph_uri(client: TestClient) -> None:
    assert value(client, COUNT, **{"default-graph-uri": INFERRED}) == "0"
    assert int(value(client, COUNT, **{"default-graph-uri": [INFERRED, STATES]})) > 150


def test_named_graph_uri(client: TestClient) -> None:
    assert value(client, NAMED, **{"named-graph-uri": STATES}) == "1"
    assert value(client, NAMED, **{"named-graph-uri": [STATES, INFERRED]}) == "2"
    assert value(client, COUNT, **{"named-graph-uri": STATES}) == "0"
    assert value(client, NAMED, **{"default-graph-uri": STATES}) == "0"


def test_dataset_of_a_post(client: TestClient) -> None:
    accept = {"Accept": "text/csv"}
    form = client.post("/sparql", data={"query": NAMED, "named-graph-uri": [STATES, INFERRED]}, headers=accept)
    direct = client.post("/sparql", params={"named-graph-uri": STATES}, content=NAMED, headers=accept | DIRECT)
    assert (form.text.split()[1], direct.text.split()[1]) == ("2", "1")


def test_from(client: TestClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM <%s> { ?s foedus:iso3 ?o }"
    assert value(client, query % INFERRED) == "0" and int(value(client, query % STATES)) > 150
    # What the protocol says counts more than what the query says.
    assert value(client, query % STATES, **{"default-graph-uri": INFERRED}) == "0"


def test_policy(client: TestClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?who foedus:betrays ?whom }"
    assert (value(client, query, policy="facts"), value(client, query, policy="alleged")) == ("0", "2")


def test_known_by_and_a_dataset_of_its_own(client: TestClient) -> None:
    day = {"known-by": "1990-01-01"}
    for _ in range(2):
        assert value(client, "SELECT (COUNT(*) AS ?n) { ?who foedus:betrays ?whom }", **day) == "0"
        assert int(value(client, f"SELECT (COUNT(*) AS ?n) FROM <{STATES}> {{ ?s foedus:iso3 ?o }}", **day)) > 150


@pytest.mark.parametrize("media", GRAPHS)
def test_no_query_is_answered_by_the_service_description(client: TestClient, media: str) -> None:
    answer = client.get("/sparql", headers={"Accept": media})
    described = parsed(answer.content, media)
    asked = described.query(
        """PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        SELECT ?name ?regime { ?service a sd:Service ; sd:endpoint <http://test.example/sparql> ;
          sd:supportedLanguage sd:SPARQL11Query ; sd:defaultDataset/sd:namedGraph ?g .
          ?g sd:name ?name ; sd:entailmentRegime ?regime ; sd:graph [ a sd:Graph ] }"""
    )
    regimes = {str(name): str(regime).rpartition("/")[2] for name, regime in asked}  # type: ignore[misc]
    assert regimes[STATES] == "Simple" and regimes[INFERRED] == "OWL-RDF-Based"
    assert "union of what sources say" in answer.text


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        ({"params": {"query": "SELECT ?x {"}}, 400, "line 1, column 12"),
        ({"params": {"query": ""}}, 400, "does not parse"),
        ({"params": {"query": "INSERT DATA { <x:a> <x:b> <x:c> }"}}, 400, "does not parse"),
        ({"params": {"query": [BETRAYS, BETRAYS]}}, 400, "2 queries"),
        ({"params": {"query": BETRAYS, "default-graph-uri": "no iri"}}, 400, "default-graph-uri"),
        ({"params": {"query": "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}}, 403, "SERVICE"),
        ({"params": {"query": "PREFIX x: <http://127.0.0.1:9/> ASK {SERVICEx:y{?s ?p ?o}}"}}, 403, "SERVICE"),
        ({"params": {"query": "ASK { FILTER(1<2)SERVICE#>\n <http://127.0.0.1:9/> { } }"}}, 403, "SERVICE"),
        ({"params": {"query": "ASK { FILTER(1<2)#>'''\n SERVICE <http://127.0.0.1:9/> { } #'''\n }"}}, 403, "SERVICE"),
        ({"params": {"query": "ASK {" + "{" * 20_000}}, 400, "nested"),
        ({"params": {"query": BETRAYS, "policy": "factz"}}, 400, "'facts'"),
        ({"params": {"query": BETRAYS, "polcy": "facts"}}, 400, "no parameter polcy"),
        ({"params": {"query": BETRAYS, "known_by": "1990-01-01"}}, 400, "no parameter known_by"),
        ({"params": {"query": BETRAYS, "using-graph-uri": STATES}}, 400, "using-graph-uri goes with an update"),
        ({"params": {"query": BETRAYS}, "headers": {"Accept": "image/png"}}, 406, "application/sparql-results+json"),
        ({"params": {"query": f"DESCRIBE <{ARMENIA}>"}, "headers": {"Accept": "text/csv"}}, 406, "text/turtle"),
        ({"params": {"update": "CLEAR ALL"}}, 403, "read-only"),
        ({"method": "POST", "data": {"update": "CLEAR ALL"}}, 403, "read-only"),
        ({"method": "POST", "content": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update"}}, 403,
         "read-only"),
        ({"method": "POST", "data": {"x": "y"}}, 400, "no query"),
        ({"method": "POST", "content": b"\xff", "headers": DIRECT}, 400, "UTF-8"),
        ({"method": "POST", "content": b"query=%ff", "headers": FORM}, 400, "UTF-8"),
        ({"method": "POST", "content": BETRAYS, "headers": {"Content-Type": "text/plain"}}, 415, "sparql-query"),
        ({"method": "POST", "content": BETRAYS}, 415, "names none"),
        ({"method": "POST", "content": BETRAYS, "headers": DIRECT, "params": {"query": BETRAYS}}, 400, "twice"),
        ({"method": "POST", "content": b" " * 2_000_000, "headers": DIRECT}, 413, "1048576 bytes"),
        ({"method": "PUT"}, 405, "GET, HEAD, OPTIONS, POST"),
    ],
)  # fmt: skip
def test_refused(client: TestClient, request_: dict[str, object], status: int, says: str) -> None:
    answer = client.request(**{"method": "GET", "url": "/sparql"} | request_)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    body = json.loads(answer.content)
    assert set(body) == {"error", "did_you_mean"} and says in body["error"]


def test_what_other_endpoints_take_does_no_harm(client: TestClient) -> None:
    plain = client.get("/sparql", params={"query": BETRAYS})
    more = {"query": BETRAYS, "format": "json", "output": "json", "timeout": "0", "debug": "on"}
    assert client.get("/sparql", params=more).content == plain.content


def test_words_in_strings_and_comments_are_no_service(client: TestClient) -> None:
    query = "SELECT (COUNT(*) AS ?service) { ?s rdfs:label 'SERVICE <x:y>' } # SERVICE <x:y> {}"
    assert value(client, query) == "0"
