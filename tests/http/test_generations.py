"""A graph that was replaced stays on disk as long as answers are made from it, and no longer."""

from __future__ import annotations

import http.client
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.http.served import Served
from kg.http.unions import make, remove
from kg.store import EmbeddedStore
from tests.http.conftest import Server
from tests.http.test_connections import Talk, request

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nobody can know who reads")

ROWS = 200_000
LONG = f"/sparql?query={quote(f'SELECT ?a ?d {{ GRAPH ?g {{ ?a ?b ?c . ?d ?e ?f }} }} LIMIT {ROWS}')}"
OTHERS = 8


@pytest.fixture
def own(store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(store, tmp_path / "store"))


def build_anew(path: Path) -> None:
    EmbeddedStore.open(path).copy().publish(path)


def folder_in_use(path: Path) -> Path:
    return path / (EmbeddedStore.generation(path) or "")


def ask(server: Server, number: int) -> None:
    talk = Talk(server)
    assert talk.ask(request(f"/sparql?query={quote(f'ASK {{}} # {number}')}"))[0] == b"HTTP/1.1 200 OK"
    talk.close()


def test_an_answer_under_way_is_whole_however_many_builds_there_are(own: Path, start: Callable[..., Server]) -> None:
    server = start("--store", own, "--timeout", 30, "--cache", 0)
    first = folder_in_use(own)
    reading = http.client.HTTPConnection(server.url("")[len("http://") :].rstrip("/"), timeout=60)
    reading.request("GET", LONG, headers={"Accept": "text/csv"})
    answer = reading.getresponse()
    assert answer.status == 200
    read = answer.read(1000)
    for number in range(3):
        build_anew(own)
        ask(server, number)
    assert (first / "CURRENT").exists()
    lines = (read + answer.read()).split(b"\r\n")  # raises where the end is lacking
    reading.close()
    assert len(lines) == ROWS + 2
    # The process that made it has nothing to do, and is no reader any more.
    began = time.monotonic()
    while first.exists() and time.monotonic() - began < 20:
        build_anew(own)
    assert not first.exists() and len(list(own.glob("generation-*"))) == 2
    for number in range(OTHERS):
        ask(server, OTHERS + number)
    assert not any("Traceback" in line for line in server.lines), server.lines


def test_a_graph_is_held_while_a_job_is_done(own: Path) -> None:
    served = Served(own, None)
    first = folder_in_use(own)
    served.rest()  # nothing is open yet
    served.graph()
    for _ in range(2):
        build_anew(own)
    assert first.exists()
    served.rest()
    build_anew(own)
    assert not first.exists()
    now = folder_in_use(own)
    before = served.graph()
    assert served.generation == now.name
    for _ in range(2):
        build_anew(own)
    assert now.exists() and served.generation == now.name
    read = served.graph()  # it has been replaced, in the middle of a job
    assert before is not read is served.graph() and served.generation != now.name
    build_anew(own)
    assert now.exists()
    served.rest()
    build_anew(own)
    assert not now.exists()


def test_a_union_is_held_too(own: Path, tmp_path: Path) -> None:
    place = tmp_path / "unions"
    place.mkdir()
    union = place / (EmbeddedStore.generation(own) or "")
    graph = Served(own, None).graph()
    make(graph.as_served, graph.scope.graphs, union)
    served = Served(own, None, place)
    assert served.graph().as_served.has_union
    assert not remove(union)
    served.rest()
    served.graph()
    assert not remove(union)
    served.rest()
    assert remove(union) and not union.exists()
