"""SPARQL 1.1 Graph Store HTTP Protocol (W3C Recommendation, 21 March 2013), section by section."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.compare import isomorphic
from starlette.testclient import TestClient

from tests.http.conftest import serving
from tests.http.test_protocol import GRAPHS, parsed
from tests.http.writing import AUTH, INFERRED, MINE, STATES, TURTLE, ask, writable

FIRST = "<x:s> <x:p> 1 . <x:s> <x:q> [ <x:r> 'two'@en ] ."
SECOND = "<x:s> <x:p> 2 ."


@pytest.fixture(scope="module")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with writable(store, tmp_path_factory.mktemp("graph-store")) as opened:
        yield opened


def say(client: TestClient, method: str, data: str = "", graph: str | None = MINE, **headers: str) -> Any:
    parameters = {} if graph is None else {"graph": graph}
    return client.request(method, "/graph-store", params=parameters, content=data, headers=AUTH | TURTLE | headers)


def held(client: TestClient, graph: str = MINE) -> rdflib.Graph:
    answer = client.get("/graph-store", params={"graph": graph}, headers={"Accept": "application/n-triples"})
    return parsed(answer.content if answer.status_code == 200 else b"", "application/n-triples")


@pytest.fixture(autouse=True)
def nothing(client: TestClient) -> None:
    """Each test begins without the graph, whichever ran before."""
    say(client, "DELETE")


def written(data: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=data, format="turtle")


def test_the_life_of_a_graph(client: TestClient) -> None:
    """5.3 PUT makes and replaces, 5.5 POST adds, 5.2 GET and 5.6 HEAD read, 5.4 DELETE ends it."""
    assert say(client, "GET").status_code == 404
    assert say(client, "DELETE").status_code == 404
    made = say(client, "PUT", FIRST)
    assert made.status_code == 201 and made.json()["inserted"] == 3
    assert made.headers["location"] == f"http://test.example/graph-store?graph={quote(MINE, safe='')}"
    assert isomorphic(held(client), written(FIRST)) and ask(client, "ASK { <x:s> <x:q>/<x:r> 'two'@en }")
    # What was read, put back, changes nothing.
    same = say(client, "PUT", client.get("/graph-store", params={"graph": MINE}).text)
    assert (same.status_code, same.json()["inserted"], same.json()["deleted"]) == (200, 0, 0)
    replaced = say(client, "PUT", SECOND)
    assert replaced.status_code == 200 and "location" not in replaced.headers
    assert isomorphic(held(client), written(SECOND))
    assert say(client, "POST", FIRST).status_code == 200
    assert isomorphic(held(client), written(FIRST + SECOND))
    head = client.head("/graph-store", params={"graph": MINE})
    assert (head.status_code, head.content) == (200, b"") and head.headers["content-type"].startswith("text/turtle")
    assert say(client, "DELETE").status_code == 200
    assert say(client, "GET").status_code == 404 and client.head(f"/graph-store?graph={MINE}").status_code == 404
    assert not ask(client, "ASK { <x:s> ?p ?o }")


def test_5_5_post_without_a_graph_makes_one(client: TestClient) -> None:
    answer = say(client, "POST", SECOND, graph=None)
    assert answer.status_code == 201
    place = urlsplit(answer.headers["location"])
    assert place.netloc == "test.example"
    read = client.get(f"{place.path}?{place.query}", headers={"Accept": "application/n-triples"})
    assert isomorphic(parsed(read.content, "application/n-triples"), written(SECOND))
    assert client.delete(f"{place.path}?{place.query}", headers=AUTH).status_code == 200


@pytest.mark.parametrize("media", GRAPHS)
def test_5_2_get_in_every_form(client: TestClient, media: str) -> None:
    answer = client.get("/graph-store", params={"graph": STATES}, headers={"Accept": media})
    assert answer.status_code == 200 and answer.headers["content-type"].partition(";")[0] == media
    assert len(parsed(answer.content, media)) == len(held(client, STATES)) > 1000


@pytest.mark.parametrize("media", GRAPHS)
def test_5_3_put_in_every_form(client: TestClient, media: str) -> None:
    graph = f"https://w3id.org/foedus/graph/asserted/{GRAPHS[media]}"
    if GRAPHS[media] == "json-ld":
        data = '{"@id": "x:s", "x:p": [{"@value": "one"}]}'
    else:
        data = written("<x:s> <x:p> 'one' .").serialize(format=GRAPHS[media])
    answer = say(client, "PUT", data, graph, **{"Content-Type": f"{media}; charset=UTF-8"})
    assert answer.status_code == 201, answer.text
    assert isomorphic(held(client, graph), written("<x:s> <x:p> 'one' ."))


def test_the_default_graph_is_what_queries_are_about(store: Path, tmp_path: Path) -> None:
    # Oxigraph counts what stands in two graphs twice in their union, so the graph is one to which nothing was added.
    with writable(store, tmp_path) as client:
        answer = client.get("/graph-store?default", headers={"Accept": "application/n-triples"})
        count = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}).json()
    triples = {quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)}
    assert len(triples) == int(count["results"]["bindings"][0]["n"]["value"])


def test_an_inferred_graph_is_read_and_not_written(client: TestClient) -> None:
    assert client.get("/graph-store", params={"graph": INFERRED}).status_code == 200
    for method in ("PUT", "POST", "DELETE"):
        answer = say(client, method, SECOND, INFERRED)
        assert answer.status_code == 403 and "worked out" in answer.json()["error"]


def test_4_relative_iris_are_read_against_the_graph(client: TestClient) -> None:
    say(client, "PUT", "<#a> <x:p> <../b> .")
    assert ask(client, f"ASK {{ <{MINE}#a> <x:p> <https://w3id.org/foedus/graph/b> }}")


def test_an_empty_graph_is_none(client: TestClient) -> None:
    say(client, "PUT", SECOND)
    assert say(client, "POST", "").json()["inserted"] == 0
    assert say(client, "PUT", "").json()["deleted"] == 1
    assert say(client, "GET").status_code == 404


def test_options(client: TestClient) -> None:
    answer = client.options("/graph-store")
    assert (answer.status_code, answer.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST, PUT")


def test_options_of_a_server_that_is_read_only(store: Path) -> None:
    with serving(store, workers=1) as reading:
        assert reading.options("/graph-store").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        ({"method": "GET"}, 400, "which graph"),
        ({"method": "PUT"}, 400, "which graph"),
        ({"method": "DELETE"}, 400, "which graph"),
        ({"params": {"graph": MINE, "default": ""}}, 400, "one graph"),
        ({"params": {"graph": [MINE, STATES]}}, 400, "one graph"),
        ({"params": {"graph": "relative"}}, 400, "absolute IRI"),
        ({"params": {"graph": ""}}, 400, "absolute IRI"),
        ({"method": "GET", "params": {"graph": "x:none"}}, 404, "no graph"),
        ({"method": "GET", "params": {"graph": STATES}, "headers": {"Accept": "image/png"}}, 406, "text/turtle"),
        ({"method": "PATCH", "params": {"graph": MINE}}, 405, "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ({"params": {"default": ""}}, 403, "default graph"),
        ({"params": {"graph": "x:g"}}, 403, "asserted/NAME"),
        ({"params": {"graph": "https://w3id.org/foedus/graph/asserted/../x"}}, 403, "name of a source"),
        ({"params": {"graph": f"{MINE}/x"}}, 403, "name of a source"),
        ({"headers": {"Content-Type": "text/plain"}}, 415, "text/turtle"),
        ({"headers": {"Content-Type": ""}}, 415, "names none"),
        ({"headers": {"Content-Type": "multipart/form-data"}}, 415, "text/turtle"),
        ({"content": "no turtle"}, 400, "does not parse"),
        ({"content": b"\xff"}, 400, "UTF-8"),
        ({"content": "<a", "headers": {"Content-Type": "application/rdf+xml"}}, 400, "does not parse"),
        ({"content": '{"@id": "x:g", "@graph": [{"@id": "x:s", "x:p": 1}]}',
          "headers": {"Content-Type": "application/ld+json"}}, 400, "named graphs"),
        ({"content": "<x:s> a <https://w3id.org/foedus/ns#ArmedConflict> ."}, 422, "the shapes"),
    ],
)  # fmt: skip
def test_refused(client: TestClient, request_: dict[str, Any], status: int, says: str) -> None:
    request_ = {"method": "PUT", "url": "/graph-store", "content": SECOND} | request_
    if request_["method"] == "PUT" and "params" not in request_ and status != 400:
        request_["params"] = {"graph": MINE}
    if request_["content"] != SECOND:
        request_["params"] = {"graph": MINE}
    request_["headers"] = AUTH | TURTLE | request_.get("headers", {})
    answer = client.request(**request_)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["error"] and {"error", "did_you_mean"} <= set(answer.json())


ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY a "{text}"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">
<rdf:Description rdf:about="x:s"><x:p>&a;</x:p></rdf:Description></rdf:RDF>"""
XML = {"Content-Type": "application/rdf+xml"}


def test_entities_are_not_expanded(client: TestClient) -> None:
    for text in (ENTITIES, ENTITIES.replace("DOCTYPE", "doctype"), "<!-- -->" + ENTITIES.partition("\n")[2]):
        answer = say(client, "PUT", text.format(text="b"), **XML)
        assert answer.status_code == 400 and "DOCTYPE" in answer.json()["error"]
    # What merely looks like it is text.
    plain = ENTITIES.partition("]>")[2].replace("&a;", "<!-- <!DOCTYPE --><![CDATA[<!ENTITY]]>")
    assert say(client, "PUT", plain, **XML).status_code in (200, 201)
    assert [str(o) for o in held(client).objects()] == ["<!ENTITY"]
    assert say(client, "DELETE").status_code == 200


def test_a_term_that_is_too_long(client: TestClient) -> None:
    answer = say(client, "PUT", f"<x:s> <x:p> '{'x' * (17 << 20)}' .")
    assert answer.status_code == 413 and "longer" in answer.json()["error"]


def test_a_body_that_is_nested_too_deep(client: TestClient) -> None:
    text = '{"@id":"x:a","x:b":' * 100_000 + '"c"' + "}" * 100_000
    answer = say(client, "PUT", text, **{"Content-Type": "application/ld+json"})
    assert answer.status_code == 400 and "nested more than 500 deep" in answer.json()["error"]
    assert say(client, "GET").status_code == 404


def test_bodies_in_another_coding(client: TestClient) -> None:
    latin = say(client, "PUT", SECOND, **{"Content-Type": "text/turtle; charset=latin-1"})
    assert latin.status_code == 415 and "UTF-8" in latin.json()["error"]
    zipped = say(client, "PUT", SECOND, **{"Content-Encoding": "gzip"})
    assert zipped.status_code == 415 and "gzip" in zipped.json()["error"]
    query = client.post("/sparql", data={"query": "ASK {}"}, headers={"Content-Encoding": "gzip"})
    assert query.status_code == 415
    assert say(client, "GET").status_code == 404


def test_a_posted_graph_is_what_its_relative_iris_are_about(client: TestClient) -> None:
    made = say(client, "POST", "<> <x:p> <#part> .", graph=None)
    assert made.status_code == 201
    (graph,) = made.json()["graphs"]
    assert {(str(s), str(o)) for s, _, o in held(client, graph)} == {(graph, f"{graph}#part")}
    assert say(client, "DELETE", graph=graph).status_code == 200
