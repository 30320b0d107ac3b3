"""Servers to be measured, and the load for them: one client for all, in a process of its own.

The load comes from wrk (Debian package ``wrk``), which takes little of the machine that the server needs too; where it
is not installed, from ``python -m tests.benchmarks.serving``, which reads one JSON object, ``{"port", "seconds",
"connections", "targets"}``, from standard input and prints what came of it as JSON. Either asks for each target in
turn over connections that are kept, one request at a time on each.
"""

from __future__ import annotations

import asyncio
import csv
import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[2]
CONNECTIONS = 8
MEDIA = "application/sparql-results+json"
WRK = shutil.which("wrk")
SCRIPT = """
wrk.headers["Accept"] = "application/sparql-results+json"
local requests, at = {}, 0
init = function(args)
  for line in io.lines(os.getenv("TARGETS")) do requests[#requests + 1] = wrk.format("GET", line) end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency, each)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "microseconds": %d, "p99": %f, "wrong": %d}\\n', summary.requests,
    summary.duration, latency:percentile(99), errors.connect + errors.read + errors.write + errors.status))
end
"""
"""What wrk asks for, and how it says what came of it."""


@dataclass(frozen=True)
class Load:
    """What came of a load.

    Attributes:
        rate: answers a second.
        p99: seconds within which 99 of 100 were answered.
        wrong: answers that were not 200.
    """

    rate: float
    p99: float
    wrong: int


def load(port: int, targets: Sequence[str], seconds: float) -> Load:
    """Ask a server on this machine for the targets in turn, from another process.

    Args:
        port: the port.
        targets: paths with their queries; begun again when all have been asked for.
        seconds: for how long; wrk knows whole seconds.
    """
    if WRK is None:
        asked = json.dumps({"port": port, "seconds": seconds, "connections": CONNECTIONS, "targets": list(targets)})
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.serving"],
            cwd=ROOT, input=asked, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return Load(**json.loads(done.stdout))
    with tempfile.TemporaryDirectory() as folder:
        script, lines = Path(folder, "script.lua"), Path(folder, "targets")
        script.write_text(SCRIPT, encoding="utf-8")
        lines.write_text("\n".join(targets), encoding="utf-8")
        done = subprocess.run(
            [WRK, "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "--timeout", "60s", "-s", str(script),
             f"http://127.0.0.1:{port}/"],
            env={"TARGETS": str(lines)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = re.search(r"^\{.*\}$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    told = json.loads(found[0])
    return Load(told["requests"] / told["microseconds"] * 1e6, told["p99"] / 1e6, told["wrong"])


class _Client(asyncio.Protocol):
    """Asks one thing after another over one connection, with as little work as can be."""

    def __init__(self, requests: Iterator[bytes], times: list[float], wrong: list[int]) -> None:
        self._requests, self._times, self._wrong = requests, times, wrong
        self._data, self._need = b"", -1
        self.stopping, self.done = False, asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Transports of uvloop are none by their class.
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        if self.stopping:
            self._transport.close()
            return
        self._data, self._need = b"", -1
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._need < 0:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._data[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                self._wrong[0] += 1
            at = head.find(b"content-length:")
            if at >= 0:
                self._need = end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
            elif self._data.endswith(b"0\r\n\r\n") and len(self._data) > end + 4:
                self._need = len(self._data)
        if 0 <= self._need <= len(self._data):
            self._times.append(time.perf_counter() - self._began)
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._wrong[0] += 0 if self.stopping else 1
            self.done.set_result(None)


async def _drive(port: int, seconds: float, connections: int, targets: list[str]) -> Load:
    head = "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: {}\r\n\r\n"
    requests = cycle([head.format(target, port, MEDIA).encode() for target in targets])
    times: list[float] = []
    wrong = [0]
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: _Client(requests, times, wrong), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    took, answered = time.perf_counter() - began, len(times)
    for client in clients:
        client.stopping = True
    await asyncio.wait([client.done for client in clients], timeout=30)
    times.sort()
    return Load(answered / took, times[int(len(times) * 0.99)] if times else float("inf"), wrong[0])


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server, from when it can be reached to the end of the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 300
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError(f"{command[0]} did not start: {log.read_text()[-2000:]}") from None
                    time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


ENDPOINT = """
import sys, uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
graph = Graph()
graph.parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""
"""rdflib-endpoint, with a file of triples and a port."""


def ask(port: int, target: str, media: str = MEDIA) -> bytes:
    """A whole answer.

    Raises:
        AssertionError: it is not a 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("GET", target, headers={"Accept": media})
        answer = connection.getresponse()
        data = answer.read()
        assert answer.status == 200, data[:1000]
        return data
    finally:
        connection.close()


def rows(port: int, target: str) -> Counter[tuple[str, ...]]:
    """The rows of an answer, in whatever order."""
    return Counter(tuple(row) for row in csv.reader(ask(port, target, "text/csv").decode().splitlines()))


def seconds_to_read(port: int, target: str) -> tuple[float, int]:
    """How long a whole answer takes, and how many lines it has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        lines = 0
        began = time.perf_counter()
        connection.request("GET", target, headers={"Accept": "text/csv"})
        answer = connection.getresponse()
        while data := answer.read(1 << 20):
            lines += data.count(b"\n")
        return time.perf_counter() - began, lines
    finally:
        connection.close()


def main() -> None:
    """Read what is asked for, do it, print what came of it."""
    try:
        import uvloop
    except ImportError:
        result = asyncio.run(_drive(**json.load(sys.stdin)))
    else:
        result = uvloop.run(_drive(**json.load(sys.stdin)))
    print(json.dumps(result.__dict__))


if __name__ == "__main__":
    main()
