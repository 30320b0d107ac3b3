"""A function that nobody knows is the fault of the query, wherever in it it stands and whichever way it comes."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Server
from tests.http.test_connections import Talk, request

CALLS = [
    "SELECT (<x:f>(1) AS ?x) {}",
    "SELECT (xsd:foo('1') AS ?x) {}",
    "SELECT ?s { ?s a foedus:State } ORDER BY <x:f>(?s)",
    "SELECT (SUM(<x:f>(1)) AS ?x) {}",
    "CONSTRUCT { <x:a> <x:b> ?x } { BIND(<x:f>(1) AS ?x) }",
    "DESCRIBE ?x { BIND(<x:f>(1) AS ?x) }",
    "ASK FROM <x:g> { FILTER(<x:f>(1)) }",
    "ASK { GRAPH ?g { FILTER(<x:f>(1)) } }",
]


@pytest.mark.parametrize("query", CALLS)
@pytest.mark.parametrize("parameters", [{}, {"policy": "facts"}, {"default-graph-uri": "https://example.org/g"}])
def test_by_way_of_the_framework(client: TestClient, query: str, parameters: dict[str, str]) -> None:
    answer = client.get("/sparql", params={"query": query} | parameters)
    assert answer.status_code == 400
    assert "function <" in answer.json()["error"] and "not supported" in answer.json()["error"]


@pytest.mark.parametrize("query", CALLS)
def test_directly(server: Server, query: str) -> None:
    talk = Talk(server)
    status, _, body = talk.ask(request(f"/sparql?query={quote(query)}"))
    talk.close()
    assert status == b"HTTP/1.1 400 Bad Request"
    assert "not supported" in json.loads(body)["error"]
