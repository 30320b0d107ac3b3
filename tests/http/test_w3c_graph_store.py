"""The exchanges of the W3C's test suite for the Graph Store Protocol, one test for each of its 19, named by its id.

Rewritten for this server after the manifest ``sparql/sparql11/http-rdf-update`` of w3c/rdf-tests (W3C Test Suite
License and W3C 3-clause BSD License). Graphs are named indirectly (section 4.2). Where this server differs, the test
says so and what the Recommendation allows: the default graph is the union of what sources say and what follows, which
nobody writes to (403); ``multipart/form-data`` is not read (415); a graph that is replaced is answered by 200 with what
has changed, where the suite has 204 (section 5.3 has either).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import rdflib
from rdflib.compare import isomorphic
from starlette.testclient import TestClient

from tests.http.writing import AUTH, writable

ONE, TWO, FOUR = (f"https://w3id.org/foedus/graph/asserted/person-{number}" for number in (1, 2, 4))
PREFIXES: Final = "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix v: <http://www.w3.org/2006/vcard/ns#> . "
TURTLE: Final = {"Content-Type": "text/turtle; charset=utf-8"}
CARD: Final = '<http://example.org/person/1> a foaf:Person ; foaf:businessCard [ a v:VCard ; v:fn "%s" ] . '
NAME: Final = '<http://example.org/person/1> foaf:name "Jane Doe" . '
ALICE: Final = '[] a foaf:Person ; foaf:businessCard [ a v:VCard ; v:given-name "Alice" ] . '


@pytest.fixture(scope="module")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with writable(store, tmp_path_factory.mktemp("w3c-graph-store")) as opened:
        yield opened


def send(client: TestClient, method: str, graph: str | None, data: str = "", **headers: str) -> Any:
    parameters = {} if graph is None else {"graph": graph}
    content = PREFIXES + data if data else ""
    return client.request(method, "/graph-store", params=parameters, content=content, headers=AUTH | TURTLE | headers)


def holds(client: TestClient, place: str, data: str) -> bool:
    """Whether a graph says what some Turtle says."""
    answer = client.get(place, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/turtle")
    said = rdflib.Graph().parse(data=answer.text, format="turtle")
    return isomorphic(said, rdflib.Graph().parse(data=PREFIXES + data, format="turtle"))


def test_put_and_post_and_delete(client: TestClient) -> None:
    """The exchanges that build on each other, in the order of the suite."""
    place = f"/graph-store?graph={ONE}"
    # put__initial_state, get_of_put__initial_state
    assert send(client, "PUT", ONE, CARD % "John Doe").status_code == 201
    assert holds(client, place, CARD % "John Doe")
    # put__graph_already_in_store, get_of_put__graph_already_in_store
    assert send(client, "PUT", ONE, CARD % "Jane Doe").status_code == 200
    assert holds(client, place, CARD % "Jane Doe")
    # post__existing_graph, get_of_post__existing_graph
    assert send(client, "POST", ONE, NAME).status_code == 200
    assert holds(client, place, CARD % "Jane Doe" + NAME)
    # head_on_an_existing_graph
    head = client.head(place)
    assert (head.status_code, head.content) == (200, b"")
    # post__multipart_formdata: not read; get_of_post__multipart_formdata: nothing has changed
    form = {"Content-Type": "multipart/form-data; boundary=a6fe4cd636164618814be9f8d3d1a0de"}
    answer = send(client, "POST", ONE, "--a6fe4cd636164618814be9f8d3d1a0de--", **form)
    assert answer.status_code == 415 and "text/turtle" in answer.json()["error"]
    assert holds(client, place, CARD % "Jane Doe" + NAME)


def test_delete(client: TestClient) -> None:
    """delete__existing_graph, get_of_delete__existing_graph, delete__nonexistent_graph."""
    assert send(client, "PUT", TWO, NAME).status_code == 201
    assert send(client, "DELETE", TWO).status_code == 200
    assert client.get("/graph-store", params={"graph": TWO}).status_code == 404
    assert send(client, "DELETE", TWO).status_code == 404


def test_post__create__new_graph(client: TestClient) -> None:
    """With get_of_post__create__new_graph, and get_of_post__after_noop: to add nothing changes nothing."""
    made = send(client, "POST", None, ALICE)
    assert made.status_code == 201
    place = urlsplit(made.headers["location"])
    assert holds(client, f"{place.path}?{place.query}", ALICE)
    added = client.post(f"{place.path}?{place.query}", content="", headers=AUTH | TURTLE)
    assert added.status_code == 200 and added.json()["inserted"] == 0
    assert holds(client, f"{place.path}?{place.query}", ALICE)


def test_put__default_graph(client: TestClient) -> None:
    """With get_of_put__default_graph: read, and not written to."""
    answer = client.put("/graph-store?default", content=PREFIXES + ALICE, headers=AUTH | TURTLE)
    assert answer.status_code == 403 and "default graph" in answer.json()["error"]
    read = client.get("/graph-store?default", headers={"Accept": "text/turtle"})
    assert read.status_code == 200 and len(rdflib.Graph().parse(data=read.text, format="turtle")) > 1000


def test_put__mismatched_payload(client: TestClient) -> None:
    """What is sent as RDF/XML and is Turtle."""
    answer = send(client, "PUT", FOUR, CARD % "Jane Doe", **{"Content-Type": "application/rdf+xml"})
    assert answer.status_code == 400 and "does not parse as application/rdf+xml" in answer.json()["error"]


def test_head_on_a_nonexisting_graph(client: TestClient) -> None:
    assert client.head("/graph-store", params={"graph": FOUR}).status_code == 404
