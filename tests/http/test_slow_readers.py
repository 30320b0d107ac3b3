"""Who reads an answer slowly keeps no worker from others, or only for so long, and never the state of the server."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.http.pool import Settings
from tests.http.conftest import Server
from tests.http.test_connections import Talk, request
from tests.http.test_direct import metric

LARGE = f"/sparql?query={quote('SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 3000000')}"
ROWS = 200_000
LONG = f"/sparql?query={quote(f'SELECT ?a ?d {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {ROWS}')}"
CSV = "Accept: text/csv"


class Slow:
    """A client that takes about 2.5 MB a second of an answer, and does not let it lie."""

    def __init__(self, server: Server) -> None:
        self._talk = Talk(server)
        self._talk.send(request(LARGE, CSV))
        self._left = threading.Event()
        self.received, self.last, self.ended = 0, b"", False
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while not self._left.wait(0.1):
            try:
                data = self._talk.socket.recv(1 << 18)
            except ConnectionError:
                data = b""
            if not data:
                self.ended = True
                return
            self.received, self.last = self.received + len(data), (self.last + data)[-5:]

    def leave(self) -> None:
        self._left.set()
        self._thread.join()
        self._talk.close()


class Begun:
    """A client that takes the beginning of an answer, and the rest when it is told to."""

    def __init__(self, server: Server) -> None:
        self._talk = http.client.HTTPConnection(server.url("")[len("http://") :].rstrip("/"), timeout=60)
        self._talk.request("GET", LONG, headers={"Accept": "text/csv"})
        self._answer = self._talk.getresponse()
        assert self._answer.status == 200 and self._answer.readline() == b"a,d\r\n"
        self._read = b""

    def read_until(self, end: float) -> None:
        """Take 200 kB a second."""
        while time.monotonic() < end:
            self._read += self._answer.read(40_000)
            time.sleep(0.2)

    def rows(self) -> int:
        """How many rows there are, all of which are whole."""
        lines = (self._read + self._answer.read()).split(b"\r\n")
        self._talk.close()
        assert lines.pop() == b"" and all(line.count(b",") == 1 for line in lines)
        return len(lines)


@pytest.fixture
def kept(store: Path, start: Callable[..., Server]) -> Iterator[tuple[Server, list[Slow]]]:
    """A server that sets nothing aside, with as many slow readers as workers, those for what is quick among them."""
    server = start("--store", store, "--timeout", 1, "--spool", 0)
    slow = [Slow(server) for _ in range(2 * Settings.workers)]
    began = time.monotonic()
    while not all(each.received for each in slow) and time.monotonic() - began < 10:
        time.sleep(0.05)
    yield server, slow
    for each in slow:
        each.leave()


def test_the_state_is_told_while_no_worker_is_free(kept: tuple[Server, list[Slow]]) -> None:
    server, slow = kept
    talk = Talk(server)
    began = time.monotonic()
    status, fields, body = talk.ask(request("/health"))
    assert time.monotonic() - began < 0.5
    assert status == b"HTTP/1.1 200 OK" and fields[b"content-type"] == b"application/json"
    assert json.loads(body).keys() == {"status", "policy", "graphs"}
    talk.close()
    assert all(each.received and not each.ended for each in slow)


def test_a_worker_comes_free_when_others_wait(kept: tuple[Server, list[Slow]]) -> None:
    server, slow = kept
    talk = Talk(server)
    began = time.monotonic()
    # It waits for half of the five seconds that it may, and is not turned away.
    assert talk.ask(request(f"/sparql?query={quote('ASK {}')}"))[0] == b"HTTP/1.1 200 OK"
    took = time.monotonic() - began
    talk.close()
    assert 2 < took < 4.5
    assert metric(server, 'foedus_query_events_total{event="slow-reader"}') == 1
    while not any(each.ended for each in slow) and time.monotonic() - began < 30:
        time.sleep(0.1)
    (cut,) = [each for each in slow if each.ended]
    # It has no end, so that the client knows that it is not whole.
    assert cut.received > 1_000_000 and cut.last != b"0\r\n\r\n"
    assert not any("Traceback" in line for line in server.lines)


def test_an_answer_whose_time_is_up_keeps_no_worker(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 1)
    slow = [Slow(server) for _ in range(2 * Settings.workers)]
    other, answers = Talk(server), []
    for number in range(6):
        began = time.monotonic()
        status = other.ask(request(f"/sparql?query={quote(f'ASK {{}} # {number}')}"))[0]
        answers.append((status.decode(), round(time.monotonic() - began, 1)))
        time.sleep(0.5)
    for each in slow:
        each.leave()
    other.close()
    assert {status for status, _ in answers} == {"HTTP/1.1 200 OK"}, answers


def test_a_slow_reader_is_left_alone_where_nobody_waits(kept: tuple[Server, list[Slow]]) -> None:
    server, slow = kept
    time.sleep(8)
    assert all(each.received > 10_000_000 and not each.ended for each in slow)
    assert metric(server, 'foedus_query_events_total{event="slow-reader"}') == 0


def test_what_is_read_slowly_goes_into_a_file_while_others_wait(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 20)
    begun = [Begun(server) for _ in range(2 * Settings.workers)]
    other, began = Talk(server), time.monotonic()
    for number in range(10):
        assert other.ask(request(f"/sparql?query={quote(f'ASK {{}} # {number}')}"))[0] == b"HTTP/1.1 200 OK"
    assert time.monotonic() - began < 15
    other.close()
    assert metric(server, 'foedus_query_events_total{event="spooled"}') >= 1
    assert metric(server, 'foedus_query_events_total{event="slow-reader"}') == 0
    assert [each.rows() for each in begun] == [ROWS] * len(begun)


def test_who_has_read_for_long_keeps_nobody_waiting_and_is_not_cut_off(
    store: Path, start: Callable[..., Server]
) -> None:
    server = start("--store", store, "--timeout", 2, "--workers", 1)
    begun = Begun(server)
    begun.read_until(time.monotonic() + 14)  # seven times as long as the answer may take
    other = Talk(server)
    assert other.ask(request(f"/sparql?query={quote('ASK {}')}"))[0] == b"HTTP/1.1 200 OK"
    other.close()
    assert begun.rows() == ROWS
    assert metric(server, 'foedus_query_events_total{event="slow-reader"}') == 0


def test_who_takes_little_but_steadily_is_not_cut_off(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 2)
    begun = Begun(server)
    begun.read_until(time.monotonic() + 8)
    assert begun.rows() == ROWS


def test_who_leaves_in_the_middle_gives_the_worker_back(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 30, "--workers", 1)
    talk = Talk(server)
    talk.send(request(LARGE, CSV))
    talk.socket.recv(1 << 20)
    talk.close()
    began = time.monotonic()
    while metric(server, "foedus_requests_under_way") > 1 and time.monotonic() - began < 10:
        time.sleep(0.1)
    assert time.monotonic() - began < 5
    assert server.stop() == 0
    (line,) = [json.loads(line) for line in server.lines if line.startswith("{") and "sparql" in line]
    assert line["whole"] is False and not any("Traceback" in line for line in server.lines)


def test_a_slow_reader_does_not_keep_a_server_from_stopping(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 2)
    slow = Slow(server)
    time.sleep(0.5)
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 17
    slow.leave()
    assert slow.received and slow.last != b"0\r\n\r\n"
    assert not any("Traceback" in line for line in server.lines), server.lines
