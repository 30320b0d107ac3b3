"""Who sends a request slowly, or never to its end, holds a connection only for so long, and no server that stops."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.http.conftest import Server
from tests.http.test_connections import Talk, request

PROGRAM = """
import sys
from pathlib import Path
from kg.http.pool import Settings
from kg.http.server import bind, serve
settings = Settings(Path(sys.argv[1]), arrival=1, timeout=5, token="x" * 20)
serve(settings, bind("127.0.0.1", 0), ready=lambda address: print(f"at {address} ", file=sys.stderr, flush=True))
"""
TOKEN = f"Authorization: Bearer {'x' * 20}"
ASK = request("/sparql?query=ASK%7B%7D")
QUERY = "Content-Type: application/sparql-query"
UPDATE = "Content-Type: application/sparql-update"


@pytest.fixture(scope="module")
def hasty(store: Path) -> Iterator[Server]:
    """A server that waits a second for a request."""
    started = Server(store, program=PROGRAM)
    yield started
    assert started.stop() == 0
    assert not any("Traceback" in line for line in started.lines), started.lines


@pytest.fixture
def talk(hasty: Server) -> Iterator[Talk]:
    opened = Talk(hasty)
    yield opened
    opened.close()


def body(size: int, *fields: str, path: str = "/sparql", method: str = "POST") -> bytes:
    return request(path, *(fields or (QUERY,)), f"Content-Length: {size}", method=method)


def drip(talk: Talk, data: bytes, pause: float = 0.2) -> float:
    """Send a byte now and then until the server has had enough; how long that took."""
    began = time.monotonic()
    talk.socket.settimeout(pause)
    for byte in data:
        try:
            talk.send(bytes([byte]))
            if talk.socket.recv(1, 2):  # MSG_PEEK
                break
            return time.monotonic() - began
        except TimeoutError:
            continue
        except ConnectionError:
            return time.monotonic() - began
    took = time.monotonic() - began
    talk.socket.settimeout(20)
    return took


def refused(talk: Talk, says: str, status: int = 408) -> None:
    first, fields, text = talk.read()
    assert first.startswith(b"HTTP/1.1 %d" % status), first
    assert fields[b"content-type"] == b"application/json" and fields[b"connection"] == b"close"
    assert says in json.loads(text)["error"]
    with suppress(ConnectionResetError):  # where what was sent since had not been read
        assert talk.socket.recv(1) == b""


def test_a_client_that_says_nothing(talk: Talk) -> None:
    began = time.monotonic()
    assert talk.socket.recv(1) == b""
    assert 0.5 < time.monotonic() - began < 3


@pytest.mark.parametrize("begun", [b"G", b"GET /sparql", b"GET / HTTP/1.1\r\nHost: x\r\n", ASK[:-2]])
def test_fields_that_never_end(talk: Talk, begun: bytes) -> None:
    talk.send(begun)
    refused(talk, "fields were not whole after 1 seconds")


def test_fields_that_come_byte_by_byte(talk: Talk) -> None:
    assert 0.5 < drip(talk, request("/", f"X: {'y' * 100}")) < 3
    refused(talk, "fields")


def test_a_kept_connection_has_no_more_time(talk: Talk) -> None:
    assert talk.ask(ASK)[0].endswith(b"200 OK")
    assert 0.5 < drip(talk, request("/", f"X: {'y' * 100}")) < 3
    refused(talk, "fields")


@pytest.mark.parametrize(
    "path", ["/sparql?query=ASK%7B%7D", "/sparql?query=SELECT%20(RAND()%20AS%20%3Fx)%7B%7D", "/ns"]
)
def test_a_connection_in_use_is_left_alone(talk: Talk, path: str) -> None:
    for _ in range(10):
        assert talk.ask(request(path))[0].endswith(b"200 OK")
        time.sleep(0.3)


def test_empty_lines_between_requests(talk: Talk) -> None:
    talk.ask(ASK)
    assert drip(talk, b"\r\n" * 20) < 5  # they ended the time of an idle connection


def test_fields_without_end(talk: Talk) -> None:
    talk.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    for _ in range(20):
        try:
            talk.send(b"X: %s\r\n" % (b"y" * (1 << 16)))
        except ConnectionError:
            return
    first, _, _ = talk.read()
    assert first.startswith(b"HTTP/1.1 431")


def test_fields_without_end_behind_another_request(talk: Talk) -> None:
    query = b"SELECT (COUNT(*) AS ?n) { {SELECT * {?a ?b ?c} LIMIT 3000} {SELECT * {?d ?e ?f} LIMIT 3000} }"
    talk.send(body(len(query)) + query)
    talk.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    talk.socket.settimeout(0.2)
    with suppress(TimeoutError, ConnectionError):
        for _ in range(100):
            talk.send(b"X: %s\r\n" % (b"y" * (1 << 16)))
    talk.socket.settimeout(20)
    assert talk.read()[0].endswith(b"200 OK")


@pytest.mark.parametrize(
    "head",
    [
        body(100),
        body(100_000),  # more than is looked at to find out whether the answer is kept
        body(100, "Content-Type: application/x-www-form-urlencoded"),
        body(100, UPDATE, TOKEN),
        request("/sparql", QUERY, "Transfer-Encoding: chunked", method="POST"),
        body(100, "Content-Type: text/turtle", TOKEN, path="/graph-store?graph=x:y", method="PUT"),
    ],
)
def test_a_body_that_never_ends(talk: Talk, head: bytes) -> None:
    talk.send(head)
    refused(talk, "body came too slowly")


def test_a_body_that_comes_byte_by_byte(talk: Talk) -> None:
    talk.send(body(100))
    assert 0.5 < drip(talk, b"#" * 100) < 3
    refused(talk, "body came too slowly")


def test_a_long_body_has_longer(talk: Talk) -> None:
    query = b"ASK{}" + b"#" * 49_995
    talk.send(body(len(query)))
    for begin in range(0, len(query), 10_000):
        talk.send(query[begin : begin + 10_000])
        time.sleep(0.4)
    assert talk.read()[0].endswith(b"200 OK")
    assert talk.ask(ASK)[0].endswith(b"200 OK")


def test_a_body_that_nobody_reads(talk: Talk) -> None:
    talk.send(body(10**9))
    assert talk.read()[0].startswith(b"HTTP/1.1 413")
    assert drip(talk, b"#" * 100) < 3


def test_what_is_late_behind_another_request(talk: Talk) -> None:
    talk.send(ASK + body(100))
    assert talk.read()[0].endswith(b"200 OK")
    refused(talk, "body came too slowly")


def test_late_is_counted_and_logged(hasty: Server) -> None:
    opened = Talk(hasty)
    opened.send(body(100))
    refused(opened, "body")
    opened.close()
    opened = Talk(hasty)
    metrics = opened.ask(request("/metrics"))[2].decode()
    opened.close()
    assert 'foedus_requests_total{method="POST",route="/sparql",status="408"}' in metrics


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_stalled_body_does_not_keep_a_server_from_stopping(
    store: Path, start: Callable[..., Server], size: int
) -> None:
    server = start("--store", store)
    talks = stalled, silent, partial, whole = Talk(server), Talk(server), Talk(server), Talk(server)
    stalled.send(body(size) + b"ASK")
    partial.send(ASK[:-2])
    assert whole.ask(ASK)[0].endswith(b"200 OK")
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 10
    assert silent.socket.recv(1) == partial.socket.recv(1) == b""
    refused(stalled, "stopping", 503)
    for each in talks:
        each.close()
    assert not any("Traceback" in line or "Cancel" in line for line in server.lines), server.lines


def test_a_request_under_way_is_finished_before_the_server_stops(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store)
    slow, coming = Talk(server), Talk(server)
    query = b"SELECT (COUNT(*) AS ?n) { {SELECT * {?a ?b ?c} LIMIT 3000} {SELECT * {?d ?e ?f} LIMIT 3000} }"
    slow.send(body(len(query)) + query)
    coming.send(body(100) + b"ASK{}")
    time.sleep(0.3)
    server.process.terminate()
    time.sleep(0.5)
    coming.send(b"#" * 95)
    assert coming.read()[0].endswith(b"200 OK")
    assert slow.read()[0].endswith(b"200 OK")
    slow.close()
    coming.close()
    assert server.stop() == 0
    assert not any("Traceback" in line for line in server.lines), server.lines


# ------------------------------------------------------------------------------------------------------- not requests


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"BREW /sparql HTTP/1.1\r\nHost: x\r\n\r\n", 501, "BREW is no method that this server knows"),
        (b"GETS / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "GETS is no method that this server knows"),
        (b"BREW /sparql\r\n\r\n", 400, "no request of HTTP/1.1"),
        (b"GET / HTTP/1.1\r\nHost x\r\n\r\n", 400, "no request of HTTP/1.1"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "no request of HTTP/1.1"),
        (body(4, "Transfer-Encoding: chunked", QUERY) + b"ASK{}", 400, "no request of HTTP/1.1"),
        (request(f"/sparql?query=ASK%7B%7D%23{'x' * 66_000}"), 414, "send it by POST, in a form"),
    ],
    ids=["method", "longer method", "no version", "no colon", "TLS", "two lengths", "long address"],
)
def test_what_is_no_request_is_refused_and_logged_as_all_else(
    hasty: Server, talk: Talk, sent: bytes, status: int, words: str
) -> None:
    before = len(hasty.lines)

    def logged() -> list[dict[str, object]]:
        return [line for line in map(json.loads, hasty.lines[before:]) if line["path"] == "-"]

    talk.send(sent)
    first, fields, told = talk.read()
    assert first.startswith(b"HTTP/1.1 %d " % status) and fields[b"content-type"] == b"application/json"
    assert words in json.loads(told)["error"]
    deadline = time.monotonic() + 5
    while not logged() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [line["status"] for line in logged()] == [status]
    counted = Talk(hasty)
    metrics = counted.ask(request("/metrics"))[2].decode()
    counted.close()
    assert f'foedus_requests_total{{method="other",route="other",status="{status}"}}' in metrics


@pytest.mark.parametrize("piece", [b"zz\r\n", b"5\r\nASK{}xx", b"-1\r\n", b"fffffffffffffffffffff\r\n"])
@pytest.mark.parametrize("fields", [(QUERY,), (UPDATE, TOKEN)])
def test_a_malformed_chunk_is_refused_at_once(hasty: Server, piece: bytes, fields: tuple[str, ...]) -> None:
    talk = Talk(hasty)
    began = time.monotonic()
    talk.send(request("/sparql", *fields, "Transfer-Encoding: chunked", method="POST") + b"3\r\nASK\r\n")
    time.sleep(0.1)  # the framework has it, and waits for the rest
    talk.send(piece)
    refused(talk, "no request of HTTP/1.1", status=400)
    assert time.monotonic() - began < 0.9
    talk.close()
