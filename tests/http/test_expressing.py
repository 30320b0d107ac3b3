"""What a form cannot express is refused, with the forms that can, and never sent as what no parser takes."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Server
from tests.http.test_connections import Talk, request

RDF_XML, JSON_LD, XML = "application/rdf+xml", "application/ld+json", "application/sparql-results+xml"
BAD = [
    ("CONSTRUCT { <x:s> <http://e.example/1> 'ok' } {}", RDF_XML, "does not end in a name"),
    ("CONSTRUCT { <x:s> <x:p> 'a\\u0001b' } {}", RDF_XML, "character"),
    ("CONSTRUCT { <x:s> <x:p> 'a\\uFFFEb' } {}", RDF_XML, "character"),
    ("CONSTRUCT { <x:s> <x:p> <<( <x:a> <x:b> <x:c> )>> } {}", JSON_LD, "triples"),
    ("SELECT ('a\\u0001b' AS ?x) {}", XML, "character"),
    ("SELECT ('\\uFFFF' AS ?x) {}", "text/xml", "character"),
]


@pytest.mark.parametrize(("query", "media", "says"), BAD)
def test_refused_with_the_others_named(client: TestClient, query: str, media: str, says: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": media})
    assert answer.status_code == 406, answer.text
    error = answer.json()["error"]
    assert error.startswith(f"{media} cannot express this answer") and says in error
    for other in error.rpartition("ask for ")[2].replace(" or ", ", ").split(", "):
        again = client.get("/sparql", params={"query": query}, headers={"Accept": other})
        assert again.status_code == 200 and again.headers["content-type"].startswith(other)


@pytest.mark.parametrize(("query", "media", "says"), BAD)
def test_directly(server: Server, query: str, media: str, says: str) -> None:
    talk = Talk(server)
    status, _, body = talk.ask(request(f"/sparql?query={quote(query)}", f"Accept: {media}"))
    talk.close()
    assert status == b"HTTP/1.1 406 Not Acceptable" and says.encode() in body


def test_what_can_be_expressed_is(client: TestClient) -> None:
    query = "SELECT ('<oxprefix: a\\t\\n\\r\\U0001F600\\uFFFD' AS ?x) {}"
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": XML})
    assert answer.status_code == 200
    assert "<oxprefix: a\t\n\r\U0001f600\ufffd" in "".join(ElementTree.fromstring(answer.content).itertext())


def test_cut_off_where_it_has_begun(server: Server) -> None:
    numbered = " ".join(f"('{'x' * 50}{n}')" for n in range(6000))
    text = f"SELECT ?x {{ VALUES ?n {{ 1 2 }} VALUES (?x) {{ {numbered} ('\\u0001') }} }}"
    talk = Talk(server)
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nAccept: {XML}\r\nContent-Type: application/sparql-query\r\n"
    talk.send(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
    received = b""
    while data := talk.socket.recv(1 << 16):
        received += data
    talk.close()
    assert received.startswith(b"HTTP/1.1 200 OK") and len(received) > 1 << 17
    assert b"\x01" not in received and not received.endswith(b"0\r\n\r\n")
