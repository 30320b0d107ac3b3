"""A server under good, slow, malformed and hostile requests at once: right answers, bounded memory, no worker lost.

``FOEDUS_BENCHMARK=full`` keeps it up for 60 seconds, otherwise it is 8.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from kg.http.template import COPIES
from tests.benchmarks.timing import FULL
from tests.http.conftest import SLOW, Server

SECONDS = 60.0 if FULL else 8.0
TIMEOUT = 1.0
GROWTH = 200 << 20
BETRAYS = "/sparql?query=" + quote("SELECT ?who ?whom { ?who foedus:betrays ?whom }")
LARGE = "/sparql?query=" + quote("SELECT ?x ?y { ?x ?p ?o . ?y ?q ?r } LIMIT 200000")


@pytest.fixture
def hostile(store: Path) -> Iterator[Server]:
    server = Server("--store", store, "--timeout", TIMEOUT)
    yield server
    server.stop()


@pytest.mark.benchmark
def test_mixed_load(hostile: Server, capsys: pytest.CaptureFixture[str]) -> None:
    host, _, number = hostile.url("").removeprefix("http://").rstrip("/").partition(":")
    port = int(number)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    waits: list[float] = []
    end = time.monotonic() + SECONDS
    draw = random.Random(3)

    def ask(method: str, path: str, body: bytes | None = None, media: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(host, port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": media} if media else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    right = {}
    for path in (BETRAYS, "/questions/allies-supplying-adversary?state=Armenia", "/id/state/BLR"):
        status, right[path] = ask("GET", path)
        assert status == 200

    def good() -> None:
        path = draw.choice(list(right))
        status, body = ask("GET", path)
        if status != 200 or body != right[path]:
            faults.append(f"good: {status}")
        counts[f"good {status}"] += 1

    def never_asked() -> None:
        began = time.monotonic()
        status, body = ask("GET", f"{BETRAYS}%23{draw.random()}")
        # However many slow ones there are, it is not turned away for want of a worker.
        if status != 200 or body != right[BETRAYS]:
            faults.append(f"new: {status}")
        waits.append(time.monotonic() - began)
        counts[f"new {status}"] += 1

    def slow() -> None:
        began = time.monotonic()
        status, _ = ask("GET", f"/sparql?query={quote(SLOW)}%23{draw.random()}")
        # It may wait for a worker as long as it may run; the rest is leeway for a machine that does other things too.
        if status != 503 or time.monotonic() - began > 2 * TIMEOUT + 20:
            faults.append(f"slow: {status} after {time.monotonic() - began:.1f} s")
        counts[f"slow {status}"] += 1

    def malformed() -> None:
        path, wanted = draw.choice(
            [("/sparql?query=SELEC", 400), ("/sparql?query=%ff", 400), ("/nowhere", 404), ("/questions/x", 404)]
        )
        status, body = ask("GET", path)
        if status not in (wanted, 503) or b"Traceback" in body or "error" not in json.loads(body):
            faults.append(f"malformed: {path} {status}")
        counts[f"malformed {status}"] += 1

    def huge() -> None:
        try:
            status, _ = ask("POST", "/sparql", b"query=" + b"x" * (3 << 20), "application/x-www-form-urlencoded")
        except OSError:  # the server need not read to the end what it refuses
            status = 413
        if status != 413:
            faults.append(f"huge: {status}")
        counts["huge"] += 1

    def loris() -> None:
        with socket.create_connection((host, port), 10) as connection:
            for byte in b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Le":
                connection.sendall(bytes([byte]))
                time.sleep(0.02)
        counts["slow-loris"] += 1

    def leaves() -> None:
        path = draw.choice([LARGE, f"/sparql?query={quote(SLOW)}"])
        with socket.create_connection((host, port), 10) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.2)
        counts["leaves"] += 1

    def large() -> None:
        try:
            status, body = ask("GET", LARGE)
        except (http.client.IncompleteRead, ConnectionError):  # cut off at the time limit, and seen to be
            counts["large, cut off"] += 1
            return
        if status not in (200, 503) or (status == 200 and len(json.loads(body)["results"]["bindings"]) != 200_000):
            faults.append(f"large: {status}")
        counts[f"large {status}"] += 1

    def again(task: Callable[[], None]) -> None:
        while time.monotonic() < end:
            try:
                task()
            except Exception as fault:
                faults.append(f"{task.__name__}: {fault!r}")

    process = psutil.Process(hostile.process.pid)
    before = memory(process)
    most = before
    tasks = (good, good, good, never_asked, slow, malformed, huge, loris, leaves, large)
    threads = [threading.Thread(target=again, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        most = max(most, memory(process))
        time.sleep(0.25)
    for thread in threads:
        thread.join()
    # Every slot is free again: as many as there are workers are answered, and what they say is right.
    deadline = time.monotonic() + 30
    while ask("GET", f"{BETRAYS}%23{draw.random()}")[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    # The last that were ended for taking too long may still be being replaced; each has to be.
    while (workers := workers_of(process)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    for path, body in right.items():
        assert ask("GET", path) == (200, body)
    # Of those who left, some have been given up a moment later.
    while not (idle := b"way 1.0\n" in ask("GET", "/metrics")[1]) and time.monotonic() < deadline:
        time.sleep(0.1)
    after = memory(process)
    with capsys.disabled():
        print(f"\n{SECONDS:.0f} s of mixed load: {dict(sorted(counts.items()))}")
        print(f"  a query never seen waits {sorted(waits)[len(waits) // 2]:.2f} s, {max(waits):.2f} s at most")
        sizes = f"{before >> 20} MiB before, {most >> 20} at most, {after >> 20} after"
        print(f"  memory of server and workers: {sizes}")
    assert faults == []
    assert hostile.process.poll() is None and workers >= 2
    assert idle
    assert most - before < GROWTH * (workers + 1)
    assert after - before < GROWTH
    assert not any("Traceback" in line for line in hostile.lines)
    assert all(counts[name] for name in ("good 200", "slow 503", "huge", "slow-loris", "leaves"))


def workers_of(process: psutil.Process) -> int:
    """How many workers a server has: children of its own, or of its child of which they are copies."""
    children = process.children()
    return sum(len(child.children()) for child in children) if COPIES else len(children)


def memory(process: psutil.Process) -> int:
    """Resident memory of a process and its children, in bytes."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
