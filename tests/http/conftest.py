"""A server of the session: inside this process without a socket, and as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.http.app import make_app
from kg.http.pool import Settings

ROOT = Path(__file__).parents[2]
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@contextmanager
def serving(store: Path, **settings: object) -> Iterator[TestClient]:
    """A client of a server without a socket."""
    app = make_app(Settings(store, **settings))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://test.example", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def client(store: Path) -> Iterator[TestClient]:
    with serving(store, workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def graph(store: Path) -> KnowledgeGraph:
    return KnowledgeGraph.open(store)


class Server:
    """A ``kg serve`` of its own, or what a program of Python serves that says so in the same words."""

    def __init__(self, *args: object, program: str = "") -> None:
        self.lines: list[str] = []
        serve = ["-c", program] if program else ["-m", "kg.cli", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            [sys.executable, *serve, *map(str, args)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._started = threading.Event()
        self._address = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._started.wait(30), "\n".join(self.lines)
        assert self._address, "\n".join(self.lines)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if found := re.search(r"at (http://\S+/) ", line):
                self._address = found[1]
                self._started.set()
        self._started.set()

    def url(self, path: str) -> str:
        return self._address + path

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(30)
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture(scope="session")
def server(store: Path) -> Iterator[Server]:
    started = Server("--store", store, "--timeout", 5)
    yield started
    started.stop()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Starts servers that end with the test."""
    started: list[Server] = []

    def begin(*args: object, program: str = "") -> Server:
        started.append(Server(*args, program=program))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
