"""Requests that go to a worker past the framework: the same bytes as from it, over many kinds of request."""

from __future__ import annotations

import itertools
import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.http.direct import read_fields
from tests.http.conftest import SLOW, Server
from tests.http.test_connections import Talk

Starting = Callable[..., Server]
ANEW = "Cache-Control: no-cache"
"""What makes a request one for the framework, and changes nothing else of an answer that is not kept."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
number = itertools.count()

QUERIES = [
    "SELECT ?who ?whom { ?who foedus:betrays ?whom } ORDER BY ?who ?whom",
    "SELECT ?s ?label { ?s rdfs:label ?label } ORDER BY ?label ?s LIMIT 7",
    "SELECT (LONG AS ?long) {}".replace("LONG", 5 * "REPLACE(" + "'xxxxxxxx'" + 5 * ", 'x', 'xxxxxxxx')"),
    "SELECT ?x { ?x ?p 'nothing of the kind' }",
    "SELECT (RAND() * 0 AS ?zero) {}",
    "SELECT ?g { GRAPH ?g { ?s foedus:betrays ?o } } ORDER BY ?g",
    "SELECT ?s FROM <https://w3id.org/foedus/graph/ontology> { ?s a owl:Ontology }",
    "ASK { ?s foedus:betrays ?o }",
    "CONSTRUCT { ?s foedus:betrays ?o } { ?s foedus:betrays ?o }",
    "DESCRIBE <https://w3id.org/foedus/id/state/none>",
    "SELECT ?who { ?who nobody:knows ?this }",
    "SELECT ?who { ?who ",
    "SELECT ('\u00e4\u2603\U0001f600' AS ?text) {}",
    "ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    "INSERT DATA { <x:a> <x:b> <x:c> }",
    f"ASK {'{' * 500}{'}' * 500}",
    "SELECT ?s { ?s ?p ?o } LIMIT 4001",  # more rows than there may be
    "",
]
MORE = [
    "", "&policy=facts", "&policy=nobody", "&known-by=2024-01-01", "&known-by=never",
    "&update=CLEAR%20ALL", "&query=ASK%7B%7D",
    "&default-graph-uri=https://w3id.org/foedus/graph/ontology", "&named-graph-uri=no%20iri", "&x=%FF", "&x=%zz&y=%",
    "&a=1;b=2", "&&=", "?x=1", "&x=#part", "&x=\u00e4", "&x=\"<>\\^`{|}", "&x=a b",
]  # fmt: skip
QUESTIONS = [
    "allies-supplying-adversary?state=Armenia", "allies-supplying-adversary?state=Armenja",
    "allies-supplying-adversary",
    "allies-supplying-adversary?state=Armenia&format=csv", "allies-supplying-adversary?state=Armenia&format=docx",
    "allies-supplying-adversary?state=Armenia&state=Armenia", "allies-supplying-adversary?state=Armenia&iris=maybe",
    "allies-supplying-adversary?stat=Armenia", "allies%2Dsupplying-adversary?state=Armenia", "none?state=Armenia",
]  # fmt: skip
FIELDS = [
    "Accept: text/csv", "Accept: application/sparql-results+json", "accept:\ttext/turtle, */*;q=0.1 ",
    "Accept: image/png",
    "Accept: application/sparql-results+xml;q=0.5, text/tab-separated-values", "Accept:", "ACCEPT: text/html",
    "User-Agent: a \"quoted\" one", "User-Agent: \u00e4", "Accept-Encoding: gzip", "Connection: keep-alive",
    "Connection: close",
    "Connection: Upgrade", "Upgrade: h2c", "Origin: https://example.org", "X-Forwarded-For: 203.0.113.9",
    "Content-Length: 0", "Transfer-Encoding: identity", "Expect: 100-continue", "If-None-Match: *", "Cookie: a=b; c=d",
    "Authorization: Bearer of-nothing-at-all", "Range: bytes=0-10", "Bad Name: x", "Empty-Of-All",
    "X-Long: " + 5000 * "x",
]  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """A method, what follows it on the first line, and fields."""
    method = draw(st.sampled_from(["GET"] * 8 + ["HEAD", "get", "DELETE"]))
    if draw(st.integers(0, 3)):
        query = draw(st.sampled_from(QUERIES))
        spelled = quote(query) if draw(st.booleans()) else quote(query, safe="/:?{}()*'").replace("%20", "+")
        path = f"/sparql?query={spelled}NUMBER{draw(st.sampled_from(MORE))}"
        path = draw(st.sampled_from([path] * 6 + ["/sparql?NUMBER=", "//sparql", f"http://x.example{path}"]))
    else:
        path = f"/questions/{draw(st.sampled_from(QUESTIONS))}"
        path += ("&" if "?" in path else "?") + "NUMBER="
    version = draw(st.sampled_from(["HTTP/1.1"] * 8 + ["HTTP/1.0", "HTTP/2.0", "http/1.1"]))
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=4))
    host = draw(
        st.sampled_from([["Host: x.example"]] * 6 + [[], ["Host: x.example", "Host: y.example"], ["Host: a b"]])
    )
    return method, f"{path} {version}", [*host, *fields]


@pytest.fixture(scope="module")
def limited(store: Path) -> Iterator[Server]:
    started = Server("--store", store, "--timeout", 3, "--max-rows", 4000)
    yield started
    started.stop()


@settings(max_examples=200, deadline=None)
@given(requests())
def test_the_same_bytes_as_from_the_framework(limited: Server, asked: tuple[str, str, list[str]]) -> None:
    method, line, fields = asked
    # A comment of its own makes a query one never asked before.
    line = line.replace("NUMBER=", f"n{next(number)}=").replace("NUMBER", f"%23{next(number)}")
    direct = answered(limited, spelled(method, line, fields), method)
    assert direct == answered(limited, spelled(method, line, [*fields, ANEW]), method)
    assert direct


def test_pages_of_other_origins(store: Path, start: Starting) -> None:
    server = start("--store", store, "--cors", "https://example.org")
    for fields in ([], ["Origin: https://example.org"], ["Origin: https://elsewhere.example"]):
        asked = spelled("GET", f"/sparql?query=ASK%7B%7D%23{next(number)} HTTP/1.1", ["Host: x", *fields])
        anew = asked.replace(b"\r\n\r\n", f"\r\n{ANEW}\r\n\r\n".encode())
        said = answered(server, asked, "GET")
        assert said == answered(server, anew, "GET") and b"Origin" in said


def spelled(method: str, line: str, fields: list[str]) -> bytes:
    return "\r\n".join([f"{method} {line}", *fields, "", ""]).encode()


def answered(server: Server, request: bytes, method: str) -> bytes:
    """All that a server sends until it waits for another request or closes; without what is another each second."""
    talk = Talk(server)
    talk.socket.settimeout(30)
    talk.send(request)
    said = b""
    while not _whole(said, head_only=method == "HEAD"):
        data = talk.socket.recv(1 << 16)
        if not data:
            said += b"(closed)"
            break
        said += data
    talk.close()
    said = re.sub(rb"(?m)^date: [^\r]*\r\n", b"", said)
    # How a large answer is cut into pieces is a matter of time.
    first = CONTINUE if said.startswith(CONTINUE) else b""
    head, _, body = said.removeprefix(first).partition(b"\r\n\r\n")
    return first + head + b"\n" + (_joined(body) if b"transfer-encoding: chunked" in head else body)


def _whole(said: bytes, *, head_only: bool) -> bool:
    head, found, body = said.removeprefix(CONTINUE).partition(b"\r\n\r\n")
    if not found or b"connection: close" in head:
        return False
    if head_only or re.match(rb"HTTP/1.1 (204|304)", head):
        return True
    length = re.search(rb"content-length: (\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def _joined(body: bytes) -> bytes:
    joined = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        joined, body = joined + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        if size == b"0":
            return joined + b"(end)" + body
    return joined


def test_an_answer_that_is_late(limited: Server) -> None:
    for fields in ([], [ANEW]):
        began = time.monotonic()
        request = spelled("GET", f"/sparql?query={quote(SLOW)}%23{next(number)} HTTP/1.1", ["Host: x", *fields])
        answer = answered(limited, request, "GET")
        assert answer.startswith(b"HTTP/1.1 503") and b"retry-after: 1" in answer and b"3 seconds" in answer
        assert time.monotonic() - began < 10
    assert b"200 OK" in answered(limited, spelled("GET", "/sparql?query=ASK%7B%7D HTTP/1.1", ["Host: x"]), "GET")


@pytest.mark.parametrize(
    ("fields", "accept", "agent"),
    [
        (["Host: x"], None, '""'),
        (["Host: x", "accept:  text/csv", "USER-AGENT: curl/8"], "text/csv", '"curl/8"'),
        (["Host: x", "Connection: keep-alive", "Accept-Encoding: gzip", "Cookie: a=b", "Accept:"], "", '""'),
    ],
)
def test_plain_fields(fields: list[str], accept: str | None, agent: str) -> None:
    read = read_fields("\r\n".join([*fields, "", ""]).encode())
    assert read is not None and (read.accept, read.agent) == (accept, agent)


@pytest.mark.parametrize(
    "block",
    [
        "Host: x\r\n",
        "Host: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "Host: x\r\n\r\nG",
        *(f"Host: x\r\n{field}\r\n\r\n" for field in (
            "Connection: close", "Connection: upgrade\r\nUpgrade: websocket", "Content-Length: 0", "Content-Length: 5",
            "Transfer-Encoding: chunked", "Expect: 100-continue", "Origin: https://example.org", "If-None-Match: \"a\"",
            "Cache-Control: no-cache", "Authorization: Bearer x", "X-Forwarded-For: 203.0.113.9", "a b: c", "nothing",
            "Accept: text/csv\r\nAccept: text/html",
        )),
    ],
)  # fmt: skip
def test_fields_for_the_framework(block: str) -> None:
    assert read_fields(block.encode()) is None


@pytest.fixture
def alone(store: Path, start: Starting) -> Server:
    return start("--store", store, "--timeout", 30)


def metric(server: Server, name: str) -> float:
    talk = Talk(server)
    said = talk.ask(spelled("GET", "/metrics HTTP/1.1", ["Host: x"]))[2].decode()
    talk.close()
    found = re.search(rf"(?m)^{re.escape(name)} (.*)$", said)
    return float(found[1]) if found else 0.0


def test_who_leaves(alone: Server) -> None:
    for query in ("ASK {}", "SELECT ?s { ?s ?p ?o } LIMIT 9"):
        for _ in range(20):
            talk = Talk(alone)
            talk.send(spelled("GET", f"/sparql?query={quote(query)}%23{next(number)} HTTP/1.1", ["Host: x"]))
            talk.close()
    time.sleep(1)
    # What is done at once needs no worker ended; what is not, does.
    assert metric(alone, 'foedus_query_events_total{event="worker"}') == 0
    for _ in range(2):
        talk = Talk(alone)
        talk.send(spelled("GET", f"/sparql?query={quote(SLOW)}%23{next(number)} HTTP/1.1", ["Host: x"]))
        time.sleep(0.2)
        talk.close()
    time.sleep(0.5)
    assert metric(alone, 'foedus_query_events_total{event="worker"}') == 2
    assert metric(alone, 'foedus_requests_total{method="GET",route="/sparql",status="499"}') >= 2
    assert metric(alone, "foedus_requests_under_way") == 1  # the one that asks


def test_a_request_under_way_finishes_when_the_server_stops(store: Path, start: Starting) -> None:
    server = start("--store", store, "--timeout", 2)
    talk = Talk(server)
    talk.send(spelled("GET", f"/sparql?query={quote(SLOW)} HTTP/1.1", ["Host: x"]))
    time.sleep(0.5)
    server.process.send_signal(signal.SIGINT)
    status, fields, body = talk.read()
    assert status.startswith(b"HTTP/1.1 503") and fields[b"connection"] == b"close" and b"2 seconds" in body
    assert talk.socket.recv(1) == b""
    talk.close()
    assert server.process.wait(20) == 0


def test_counted_and_logged(alone: Server) -> None:
    talk = Talk(alone)
    sizes = {}
    for status, query in ((200, "ASK {}"), (400, "ASK {")):
        line = f"/sparql?query={quote(query)} HTTP/1.1"
        sizes[status] = len(talk.ask(spelled("GET", line, ["Host: x", "User-Agent: tester"]))[2])
    talk.send(spelled("GET", f"/sparql?query={quote(SLOW)} HTTP/1.1", ["Host: x"]))
    time.sleep(0.2)
    assert metric(alone, "foedus_requests_under_way") == 2
    talk.close()
    time.sleep(0.5)
    for status in (200, 400, 499):
        assert metric(alone, f'foedus_requests_total{{method="GET",route="/sparql",status="{status}"}}') == 1
    assert metric(alone, 'foedus_cache_lookups_total{result="miss"}') == 1
    assert alone.stop() == 0
    lines = [json.loads(line) for line in alone.lines if line.startswith("{") and '"/sparql"' in line]
    assert [(line["status"], line["bytes"]) for line in lines] == [(200, sizes[200]), (400, sizes[400]), (499, 0)]
    assert lines[0]["agent"] == "tester" and lines[0]["client"] == "127.0.0.1" and lines[2]["ms"] >= 100


def test_behind_one_under_way(alone: Server) -> None:
    talk = Talk(alone)
    line = "/sparql?query={} HTTP/1.1"
    slower = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?b ?f }")
    asked = [spelled("GET", line.format(f"{slower}%23{next(number)}"), ["Host: x", "Accept: text/csv"])]
    asked += [spelled("GET", line.format(quote(f"SELECT ({n} AS ?n) {{}}")), ["Host: x"]) for n in range(300)]
    talk.send(asked[0])
    time.sleep(0.02)
    for request in asked[1:]:
        talk.send(request)
    assert talk.read()[2].startswith(b"n\r\n")
    for n in range(300):
        assert json.loads(talk.read()[2])["results"]["bindings"][0]["n"]["value"] == str(n)
    talk.close()
