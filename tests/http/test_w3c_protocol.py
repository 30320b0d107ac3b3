"""The exchanges of the W3C's test suite for the SPARQL 1.1 Protocol, one test for each of its 34, named by its id.

Rewritten for this server after the manifest ``sparql/sparql11/protocol`` of w3c/rdf-tests (W3C Test Suite License and
W3C 3-clause BSD License). Graphs are those that this server lets be written, and what the suite clears is here a graph
of its own: ``CLEAR ALL`` would clear what follows from sources, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from tests.http.writing import AUTH, TURTLE, UPDATE, ask, writable

BASE: Final = "https://w3id.org/foedus/graph/asserted/w3c-"
ONE, TWO, THREE = (f"{BASE}data{number}" for number in (1, 2, 3))
ABSENT: Final = "http://kasei.us/2009/09/sparql/data/data0.rdf"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY: Final = {"Content-Type": "application/sparql-query"}
ROWS: Final = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
}
RDF: Final = {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"}
DOCUMENTS: Final = "PREFIX dc: <http://purl.org/dc/terms/> PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
BOTH: Final = f"ASK {{ <{ONE}> a ?type . <{TWO}> a ?type . }}"
NAMED: Final = f"ASK {{ GRAPH ?g1 {{ <{ONE}> a ?type }} GRAPH ?g2 {{ <{TWO}> a ?type }} }}"


@pytest.fixture(scope="module")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with the three graphs of the suite, each of which says that it is a document."""
    with writable(store, tmp_path_factory.mktemp("w3c-protocol")) as opened:
        said = " ".join(f"GRAPH <{g}> {{ <{g}> a foaf:Document }}" for g in (ONE, TWO, THREE))
        text = f"{DOCUMENTS} INSERT DATA {{ {said} }}"
        assert opened.post("/sparql", content=text, headers=AUTH | UPDATE).status_code == 200
        yield opened


def asked(client: TestClient, method: str = "GET", **request: Any) -> bool:
    answer = client.request(method, "/sparql", **request)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] in ROWS
    return bool(answer.json()["boolean"])


def test_query_post_form(client: TestClient) -> None:
    parameters = {"default-graph-uri": ABSENT}
    assert asked(client, "POST", params=parameters, content="query=ASK%20%7B%7D", headers=FORM)


def test_query_dataset_default_graphs_get(client: TestClient) -> None:
    assert asked(client, params={"query": BOTH, "default-graph-uri": [ONE, TWO]})
    assert not asked(client, params={"query": BOTH, "default-graph-uri": [ONE, THREE]})


def test_query_dataset_default_graphs_post(client: TestClient) -> None:
    assert asked(client, "POST", params={"default-graph-uri": [ONE, TWO]}, content=BOTH, headers=QUERY)
    assert not asked(client, "POST", params={"default-graph-uri": [ONE, THREE]}, content=BOTH, headers=QUERY)


def test_query_dataset_named_graphs_post(client: TestClient) -> None:
    assert asked(client, "POST", params={"named-graph-uri": [ONE, TWO]}, content=NAMED, headers=QUERY)
    assert not asked(client, "POST", params={"named-graph-uri": [ONE, THREE]}, content=NAMED, headers=QUERY)


def test_query_dataset_named_graphs_get(client: TestClient) -> None:
    assert asked(client, params={"query": NAMED, "named-graph-uri": [ONE, TWO]})
    assert not asked(client, params={"query": NAMED, "named-graph-uri": [TWO]})


def test_query_dataset_full(client: TestClient) -> None:
    text = f"ASK {{ <{THREE}> a ?type GRAPH ?g1 {{ <{ONE}> a ?type }} GRAPH ?g2 {{ <{TWO}> a ?type }} }}"
    named = {"named-graph-uri": [ONE, TWO]}
    assert asked(client, "POST", params={"default-graph-uri": THREE} | named, content=text, headers=QUERY)
    assert not asked(client, "POST", params={"default-graph-uri": TWO} | named, content=text, headers=QUERY)


def test_query_multiple_dataset(client: TestClient) -> None:
    """The dataset of the request counts, not that of the query."""
    text = NAMED.replace("ASK", f"ASK FROM <{THREE}>")
    assert asked(client, "POST", params={"named-graph-uri": [ONE, TWO]}, content=text, headers=QUERY)
    text = BOTH.replace("ASK", f"ASK FROM <{ONE}> FROM <{TWO}>")
    assert not asked(client, "POST", params={"named-graph-uri": [ONE, TWO]}, content=text, headers=QUERY)


def test_query_get(client: TestClient) -> None:
    assert asked(client, params={"query": "ASK {}", "default-graph-uri": ABSENT})


@pytest.mark.parametrize(
    ("text", "types"),
    [
        pytest.param("SELECT (1 AS ?value) {}", ROWS, id="query_content_type_select"),
        pytest.param("ASK {}", ROWS, id="query_content_type_ask"),
        pytest.param("DESCRIBE <http://example.org/>", RDF, id="query_content_type_describe"),
        pytest.param("CONSTRUCT { <s> <p> 1 } WHERE {}", RDF, id="query_content_type_construct"),
    ],
)
def test_query_content_type(client: TestClient, text: str, types: set[str]) -> None:
    answer = client.post("/sparql", params={"default-graph-uri": ABSENT}, content=text, headers=QUERY)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] in types


def update(client: TestClient, text: str, **parameters: Any) -> None:
    answer = client.post("/sparql", params=parameters, content=DOCUMENTS + text, headers=AUTH | UPDATE)
    assert answer.status_code == 200, answer.text


def test_update_dataset_default_graph(client: TestClient) -> None:
    into = f"{BASE}default-graph"
    update(
        client,
        f"INSERT {{ GRAPH <{into}> {{ ?s a dc:BibliographicResource }} }} WHERE {{ ?s a foaf:Document }}",
        **{"using-graph-uri": ONE},
    )
    assert ask(client, f"ASK {{ GRAPH <{into}> {{ <{ONE}> a dcterms:BibliographicResource }} }}")
    assert not ask(client, f"ASK {{ GRAPH <{into}> {{ <{TWO}> ?p ?o }} }}")


def test_update_dataset_default_graphs(client: TestClient) -> None:
    into = f"{BASE}default-graphs"
    update(
        client,
        f"INSERT {{ GRAPH <{into}> {{ ?s a dc:BibliographicResource }} }} WHERE {{ ?s a foaf:Document }}",
        **{"using-graph-uri": [ONE, TWO]},
    )
    both = " . ".join(f"<{g}> a dcterms:BibliographicResource" for g in (ONE, TWO))
    assert ask(
        client, f"ASK {{ GRAPH <{into}> {{ {both} }} FILTER NOT EXISTS {{ GRAPH <{into}> {{ <{THREE}> ?p ?o }} }} }}"
    )


def test_update_dataset_named_graphs(client: TestClient) -> None:
    into = f"{BASE}named-graphs"
    update(
        client,
        f"INSERT {{ GRAPH <{into}> {{ ?s a dc:BibliographicResource }} }} "
        "WHERE { GRAPH ?g { ?s a foaf:Document } }",
        **{"using-named-graph-uri": [ONE, TWO]},
    )
    both = " . ".join(f"<{g}> a dcterms:BibliographicResource" for g in (ONE, TWO))
    assert ask(
        client, f"ASK {{ GRAPH <{into}> {{ {both} }} FILTER NOT EXISTS {{ GRAPH <{into}> {{ <{THREE}> ?p ?o }} }} }}"
    )


def test_update_dataset_full(client: TestClient) -> None:
    into = f"{BASE}full"
    update(
        client,
        f"INSERT {{ GRAPH <{into}> {{ ?s <http://example.org/in> ?in }} }} WHERE {{ "
        "{ GRAPH ?g { ?s a foaf:Document } BIND(?g AS ?in) } UNION { ?s a foaf:Document BIND('default' AS ?in) } }",
        **{"using-graph-uri": ONE, "using-named-graph-uri": TWO},
    )
    found = f"<{ONE}> <http://example.org/in> 'default' . <{TWO}> <http://example.org/in> <{TWO}>"
    assert ask(
        client, f"ASK {{ GRAPH <{into}> {{ {found} }} FILTER NOT EXISTS {{ GRAPH <{into}> {{ <{THREE}> ?p ?o }} }} }}"
    )


def test_update_post_form(client: TestClient) -> None:
    text = f"update=CLEAR+SILENT+GRAPH+%3C{BASE}none%3E"
    assert client.post("/sparql", content=text, headers=AUTH | FORM).status_code == 200


def test_update_post_direct(client: TestClient) -> None:
    text = f"CLEAR SILENT GRAPH <{BASE}none>"
    assert client.post("/sparql", content=text, headers=AUTH | UPDATE).status_code == 200


def test_update_base_uri(client: TestClient) -> None:
    """A relative IRI is read against one that the service chooses: here its own."""
    graph = f"{BASE}base"
    update(client, f"INSERT DATA {{ GRAPH <{graph}> {{ <http://example.org/s> <http://example.org/p> <test> }} }}")
    text = f"SELECT ?o WHERE {{ GRAPH <{graph}> {{ <http://example.org/s> <http://example.org/p> ?o }} }}"
    (row,) = client.post("/sparql", content=text, headers=QUERY).json()["results"]["bindings"]
    assert row["o"] == {"type": "uri", "value": "http://test.example/test"}


def test_query_post_direct(client: TestClient) -> None:
    assert asked(client, "POST", content="ASK {}", headers=QUERY)


CONFLICT: Final = (
    "PREFIX foaf: <http://xmlns.com/foaf/0.1/> WITH <http://example/addresses> "
    "DELETE { ?person foaf:givenName 'Bill' } INSERT { ?person foaf:givenName 'William' } "
    "WHERE { ?person foaf:givenName 'Bill' }"
)


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        pytest.param("PUT", {"params": {"query": "ASK {}"}, "headers": FORM}, id="bad_query_method"),
        pytest.param("GET", {"params": {"query": ["ASK {}", "SELECT * {}"]}}, id="bad_multiple_queries"),
        pytest.param("POST", {"content": "ASK {}", "headers": {"Content-Type": "text/plain"}},
                     id="bad_query_wrong_media_type"),
        pytest.param("POST", {"content": "query=ASK%20%7B%7D"}, id="bad_query_missing_form_type"),
        pytest.param("POST", {"content": "ASK {}"}, id="bad_query_missing_direct_type"),
        pytest.param("POST", {"content": "ASK {}".encode("utf-16"),
                              "headers": {"Content-Type": "application/sparql-query; charset=UTF-16"}},
                     id="bad_query_non_utf8"),
        pytest.param("GET", {"params": {"query": "ASK {"}}, id="bad_query_syntax"),
        pytest.param("GET", {"params": {"update": "CLEAR ALL"}}, id="bad_update_get"),
        pytest.param("POST", {"content": "update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", "headers": FORM},
                     id="bad_multiple_updates"),
        pytest.param("POST", {"content": "CLEAR NAMED", "headers": {"Content-Type": "text/plain"}},
                     id="bad_update_wrong_media_type"),
        pytest.param("POST", {"content": "update=CLEAR%20NAMED"}, id="bad_update_missing_form_type"),
        pytest.param("POST", {"content": "CLEAR NAMED".encode("utf-16"),
                              "headers": {"Content-Type": "application/sparql-update; charset=UTF-16"}},
                     id="bad_update_non_utf8"),
        pytest.param("POST", {"content": "update=CLEAR%20XYZ", "headers": FORM}, id="bad_update_syntax"),
        pytest.param("POST", {"params": {"using-named-graph-uri": "http://example/people"}, "content": CONFLICT,
                              "headers": UPDATE}, id="bad_update_dataset_conflict"),
    ],
)  # fmt: skip
def test_bad(client: TestClient, method: str, request_: dict[str, Any]) -> None:
    """The suite wants 4xx; with the token shown, so that it is the request that is refused and not the caller."""
    request_ = request_ | {"headers": AUTH | request_.get("headers", {})}
    answer = client.request(method, "/sparql", **request_)
    assert answer.status_code in (400, 405, 415), answer.text
    assert {"error", "did_you_mean"} <= answer.json().keys()


def test_graphs_can_be_read_back(client: TestClient) -> None:
    """What the tests above stand on: the three graphs are as they were put there."""
    for graph in (ONE, TWO, THREE):
        answer = client.get("/graph-store", params={"graph": graph}, headers={"Accept": "application/n-triples"})
        assert (
            answer.text
            == f"<{graph}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Document> .\n"
        )
    assert TURTLE["Content-Type"] in RDF
