"""Requests that come again byte for byte: the same answers as ever, counted and logged, and never stale."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg.http.caching import Caching
from kg.http.keeping import AS_SENT, Again, Kept, Shelf
from kg.http.telemetry import Metrics
from kg.http.unions import Unions
from kg.store import EmbeddedStore
from kg.vocab import GRAPH
from tests.http.conftest import Server

MARK = NamedNode("https://example.org/mark")
COUNT = f"/sparql?query={quote(f'SELECT ?o {{ <{MARK.value}> <{MARK.value}> ?o }}')}"
BETRAYS = f"/sparql?query={quote('SELECT ?who ?whom { ?who foedus:betrays ?whom }')}"
Starting = Callable[..., Server]


class Talk:
    """One connection, and what is said over it."""

    def __init__(self, server: Server) -> None:
        host, _, port = server.url("").removeprefix("http://").rstrip("/").partition(":")
        self.socket = socket.create_connection((host, int(port)), 20)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, *, head_only: bool = False) -> tuple[bytes, dict[bytes, bytes], bytes]:
        status = self._file.readline().rstrip()
        fields = {}
        while line := self._file.readline().strip():
            name, _, value = line.partition(b":")
            fields[name] = value.strip()
        size = 0 if head_only else int(fields.get(b"content-length", b"0"))
        return status, fields, self._file.read(size)

    def ask(self, data: bytes, **how: bool) -> tuple[bytes, dict[bytes, bytes], bytes]:
        self.send(data)
        status, fields, body = self.read(**how)
        fields.pop(b"date")
        return status, fields, body

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def request(path: str, *fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: x.example", *fields, "", ""]).encode()


@pytest.fixture
def served(store: Path, start: Starting) -> Server:
    return start("--store", store)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("media", ["application/sparql-results+json", "text/csv", "text/html"])
def test_the_same_answer_again_and_again(server: Server, method: str, media: str) -> None:
    path = "/questions/allies-supplying-adversary?state=Armenia"
    asked = request(path, f"Accept: {media}", method=method)
    anew = request(path, f"Accept: {media}", "Cache-Control: no-cache", method=method)
    head = method == "HEAD"
    talk = Talk(server)
    talk.ask(request(path, f"Accept: {media}"))
    fresh = talk.ask(anew, head_only=head)
    assert fresh[0] == b"HTTP/1.1 200 OK" and fresh[1][b"x-content-type-options"] == b"nosniff"
    for _ in range(4):
        status, fields, body = talk.ask(asked, head_only=head)
        if head:  # only an answer that is kept knows how long it is
            assert int(fields.pop(b"content-length")) > 100
        assert (status, fields, body) == fresh
    etag = fresh[1][b"etag"].decode()
    known = request(path, f"Accept: {media}", f"If-None-Match: {etag}", method=method)
    unchanged = [talk.ask(known, head_only=True) for _ in range(4)]
    assert unchanged[0][0].startswith(b"HTTP/1.1 304") and all(each == unchanged[0] for each in unchanged)
    assert unchanged[0][1] == {b"etag": etag.encode(), b"cache-control": b"no-cache", b"vary": b"Accept"}
    talk.close()


def test_however_the_bytes_arrive(server: Server) -> None:
    asked = request(BETRAYS, "Accept: text/csv")
    talk = Talk(server)
    wanted = [talk.ask(asked) for _ in range(3)][-1]
    # Two at once; one in two parts; the end of one with the beginning of the next.
    for parts, count in (([asked + asked], 2), ([asked[:30], asked[30:]], 1), ([asked + asked[:50], asked[50:]], 2)):
        for part in parts:
            talk.send(part)
            time.sleep(0.05)
        for _ in range(count):
            status, fields, body = talk.read()
            fields.pop(b"date")
            assert (status, fields, body) == wanted
    # Behind one that takes longer, in its turn.
    slower = request(f"{COUNT}%23{time.time()}", "Accept: text/csv")
    talk.send(slower + asked)
    time.sleep(0.01)
    talk.send(asked)
    assert [talk.read()[2] for _ in range(3)] == [b"o\r\n", wanted[2], wanted[2]]
    talk.close()


@pytest.mark.parametrize("form", [False, True])
def test_posted_again_and_again(store: Path, start: Starting, form: bool) -> None:
    served = start("--store", store)
    query = "SELECT ?who ?whom { ?who foedus:betrays ?whom }"
    body = f"query={quote(query)}" if form else query
    media = "application/x-www-form-urlencoded" if form else "application/sparql-query"
    head = request(
        "/sparql", "Accept: text/csv", f"Content-Type: {media}", f"Content-Length: {len(body)}", method="POST"
    )
    other = body.replace("whom", "whon")
    talk = Talk(served)
    wanted = talk.ask(request(BETRAYS, "Accept: text/csv"))[2]
    answers = [talk.ask(head + body.encode()) for _ in range(5)]
    assert all(answer == answers[0] for answer in answers) and answers[0][0].endswith(b"200 OK")
    assert answers[0][2] == wanted and wanted.count(b"\r\n") == 2
    # The same head with another body is another request, and one in two parts is the same.
    assert talk.ask(head + other.encode())[2] == wanted.replace(b"whom", b"whon")
    talk.send(head)
    time.sleep(0.05)
    assert talk.ask(body.encode()) == answers[0]
    # Nothing is kept for one who asks for it anew.
    anew = head.replace(b"Accept:", b"Cache-Control: no-cache\r\nAccept:") + body.encode()
    assert [talk.ask(anew)[0] for _ in range(3)] == 3 * [b"HTTP/1.1 200 OK"]
    metrics = talk.ask(request("/metrics"))[2].decode()
    talk.close()
    assert 'foedus_requests_total{method="POST",route="/sparql",status="200"} 10.0' in metrics
    # One that was kept already, but for the first where a query and a form are kept apart.
    assert f'foedus_cache_lookups_total{{result="hit"}} {6 if form else 5}.0' in metrics
    assert served.stop() == 0
    told = [json.loads(line) for line in served.lines if line.startswith("{")]
    assert [line["method"] for line in told if line["path"] == "/sparql"] == ["GET", *10 * ["POST"]]


def test_a_post_that_comes_again_passes_the_framework_by(store: Path) -> None:
    kept = Kept({"type": "http.response.start", "status": 200, "headers": []}, b"x", b'"e"', b"key")
    caching = Caching(nobody, store, 1 << 20, b"", Metrics(), Unions(store, None, None))
    caching._kept.put(kept)
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/sparql",
        "headers": [],
        "client": None,
        "query_string": b"",
    }
    scope["extensions"] = {AS_SENT: {"bytes": b"POST"}}
    asyncio.run(caching._again(kept, scope, nobody, b"", 0))
    assert caching._kept.spelled(b"POST") is not None


async def nobody(*_: object) -> None:
    """Somebody who takes whatever comes."""


def test_a_connection_that_is_to_be_closed_is(server: Server) -> None:
    for asked in (request(BETRAYS, "Connection: close"), request(BETRAYS, version="1.0")):
        for _ in range(3):
            talk = Talk(server)
            status, fields, body = talk.ask(asked)
            assert status.endswith(b"200 OK") and fields[b"connection"] == b"close" and body
            assert talk.socket.recv(1) == b""
            talk.close()


def test_a_connection_that_lies_idle_is_closed_and_one_in_use_is_not(server: Server) -> None:
    asked = request(BETRAYS, "Accept: text/csv")
    talk = Talk(server)
    for _ in range(4):  # 8 seconds, longer than an idle connection is kept
        talk.ask(asked)
        time.sleep(2)
    talk.ask(asked)
    assert talk.socket.recv(1) == b""
    talk.close()


def test_what_may_not_be_kept_is_not(server: Server) -> None:
    asked = request(f"/sparql?query={quote('SELECT (RAND() AS ?x) {}')}", "Accept: text/csv")
    talk = Talk(server)
    assert len({talk.ask(asked)[2] for _ in range(5)}) == 5
    talk.close()


def test_counted_and_logged(served: Server) -> None:
    asked = request(BETRAYS, "Accept: text/csv", 'User-Agent: a "quoted" one')
    talk = Talk(served)
    size = max([len(talk.ask(asked)[2]) for _ in range(20)])
    metrics = talk.ask(request("/metrics"))[2].decode()
    talk.close()
    assert 'foedus_requests_total{method="GET",route="/sparql",status="200"} 20.0' in metrics
    assert 'foedus_request_seconds_count{route="/sparql"} 20.0' in metrics
    assert f"foedus_sent_bytes_total {20 * size}.0" in metrics
    assert 'foedus_cache_lookups_total{result="hit"} 19.0' in metrics
    assert 'foedus_cache_lookups_total{result="miss"} 1.0' in metrics
    assert served.stop() == 0  # at once: what waits to be written is written before
    lines = [json.loads(line) for line in served.lines if line.startswith("{")]
    told = [line for line in lines if line["path"] == "/sparql"]
    assert len(told) == 20
    for line in told:
        assert (line["status"], line["bytes"], line["agent"]) == (200, size, 'a "quoted" one')
        assert (line["client"], line["method"], line["whole"]) == ("127.0.0.1", "GET", True)
        assert line["time"].endswith("+00:00") and line["ms"] >= 0


def test_never_stale(store: Path, tmp_path: Path, start: Starting) -> None:
    place = tmp_path / "store"
    shutil.copytree(store, place)
    server = start("--store", place)
    talk = Talk(server)
    asked = request(COUNT, "Accept: text/csv")
    current = EmbeddedStore.open(place).copy()
    for number in range(6):
        for _ in range(5):
            assert talk.ask(asked)[2].count(b"\n") == 1 + number
        current.insert(GRAPH.asserted("states"), [Triple(MARK, MARK, Literal(number))])
        current.publish(place)
    talk.close()


def test_spellings_count_against_the_bound() -> None:
    shelf, size = Shelf(50_000), 0
    counted = Metrics().requests("/", "GET", 200)
    for number in range(200):
        kept = Kept({"type": "http.response.start", "status": 200}, b"x" * 100, b'"e"', b"key %d" % number)
        shelf.put(kept)
        for spelling in range(20):
            shelf.spell(b"%d %d" % (number, spelling), Again(kept, 200, b"", b"x" * 100, counted, ("", "", "")))
        assert shelf.size <= 50_000
        size = max(size, shelf.size)
    spelled = [n for n in range(200) if shelf.spelled(b"%d 0" % n) is not None]
    # Those of answers given up are gone with them; one answer has at most so many.
    assert spelled == [n for n in range(200) if shelf.get(b"key %d" % n) is not None] and len(spelled) < 20
    assert size > 30_000 and shelf.spelled(b"199 19") is None
    shelf.put(Kept({"type": "http.response.start", "status": 200}, b"y", b'"e"', b"key 199"))
    assert shelf.spelled(b"199 0") is None
    shelf.clear()
    assert shelf.size == 0 and shelf.spelled(b"198 0") is None


@pytest.mark.parametrize(
    ("version", "fields", "says"),
    [
        ("1.1", [], "one field Host, not none"),
        ("1.1", ["Host: a.example", "Host: b.example"], "one field Host, not 2"),
        ("1.0", ["Host: a.example", "Host: b.example"], "one field Host, not 2"),
        ("1.1", ["Host: a b"], "the field Host is no address"),
        ("1.1", ["Host: a.example/path"], "the field Host is no address"),
        ("1.1", ["Host: a.example", "Authorization: Bearer one", "Authorization: Bearer two"], "one field Authoriz"),
    ],
)
def test_fields_that_a_proxy_could_read_otherwise(server: Server, version: str, fields: list[str], says: str) -> None:
    for path in ("/sparql?query=ASK%7B%7D", "/health", "/questions/betrayals?state=Armenia"):
        for _ in range(2):
            talk = Talk(server)
            status, found, body = talk.ask("\r\n".join([f"GET {path} HTTP/{version}", *fields, "", ""]).encode())
            talk.close()
            assert status == b"HTTP/1.1 400 Bad Request" and says in json.loads(body)["error"]
            assert found[b"content-type"] == b"application/json"


def test_http_1_0_may_leave_the_host_out(server: Server) -> None:
    talk = Talk(server)
    assert talk.ask(b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n\r\n")[0] == b"HTTP/1.1 200 OK"
    talk.close()
