"""It keeps standing: time limits, many at once, large answers, rebuilt graphs."""

from __future__ import annotations

import random
import resource
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

from pyoxigraph import Literal, NamedNode, Triple
from starlette.testclient import TestClient

from kg.store import EmbeddedStore
from kg.vocab import GRAPH
from tests.http.conftest import SLOW, Server, serving

MARK = NamedNode("https://example.org/mark")
MARKS = GRAPH.asserted("states")


def test_a_slow_query_is_ended_and_its_slot_is_free_at_once(store: Path) -> None:
    with serving(store, workers=1, timeout=1.0) as client:
        client.get("/sparql?query=ASK{}")
        began = time.monotonic()
        answer = client.get("/sparql", params={"query": SLOW})
        assert answer.status_code == 503 and "1 seconds" in answer.json()["error"]
        assert time.monotonic() - began < 2
        began = time.monotonic()
        assert client.get("/sparql?query=ASK{}").status_code == 200
        assert time.monotonic() - began < 1
        assert 'foedus_query_events_total{event="timeout"} 1.0' in client.get("/metrics").text


def test_too_many_at_once(store: Path) -> None:
    # One is under way, one is tried by the spare worker, and two wait: of twelve, eight are too many.
    with serving(store, workers=1, waiting=2, timeout=3.0) as client, ThreadPoolExecutor(12) as threads:
        client.get("/sparql?query=ASK{}")
        answers = list(threads.map(lambda _: client.get("/sparql", params={"query": SLOW}), range(12)))
        assert {answer.status_code for answer in answers} == {429, 503}
        turned_away = [answer for answer in answers if answer.status_code == 429]
        assert all("requests of yours" in a.json()["error"] and a.headers["retry-after"] == "1" for a in turned_away)
        assert client.get("/sparql?query=ASK{}").status_code == 200


def test_nobody_waits_for_the_slow_queries_of_others(store: Path) -> None:
    took, stop = [], threading.Event()
    with serving(store, workers=2, timeout=4.0) as client:

        def slow() -> None:
            while not stop.is_set():
                assert client.get("/sparql", params={"query": f"{SLOW} #{random.random()}"}).status_code == 503

        threads = [threading.Thread(target=slow) for _ in range(8)]
        for thread in threads:
            thread.start()
        for number in range(20):
            time.sleep(0.2)
            began = time.monotonic()
            assert client.get("/sparql", params={"query": f"ASK {{}} #{number}"}).status_code == 200
            took.append(time.monotonic() - began)
        stop.set()
        for thread in threads:
            thread.join()
        assert 'event="anew"} 0.0' not in client.get("/metrics").text
    # Without a worker for what is quick, half of them would wait for as long as a query may take.
    assert sorted(took)[10] < 1


def test_rows(store: Path) -> None:
    with serving(store, workers=1, max_rows=100) as client:
        for limit, status in ((100, 200), (101, 413)):
            for form in ("SELECT ?s ?p ?o", "CONSTRUCT { ?s ?p ?o }"):
                answer = client.get("/sparql", params={"query": f"{form} {{ ?s ?p ?o }} LIMIT {limit}"})
                assert answer.status_code == status, answer.text
        assert client.get("/sparql", params={"query": "SELECT ?x { ?s ?p ?o } LIMIT 101"}).status_code == 413


def test_a_large_answer_streams_and_is_whole(client: TestClient) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = 0
    query = "SELECT ?x ?y { ?x ?p ?o . ?y ?q ?r } LIMIT 300000"
    with client.stream("GET", "/sparql", params={"query": query}, headers={"Accept": "text/csv"}) as answer:
        lines = 0
        for data in answer.iter_bytes():
            size += len(data)
            lines += data.count(b"\n")
    assert lines == 300_001 and size > 10_000_000
    # The client of these tests keeps what it is sent; the server adds nothing to speak of.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * size / 1024


def test_a_rebuilt_graph_is_picked_up_without_a_lost_request(store: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    shutil.copytree(store, place)
    query = f"SELECT ?o {{ <{MARK.value}> <{MARK.value}> ?o }}"
    statuses, stop = [], threading.Event()
    with serving(place, workers=2) as client:

        def ask() -> None:
            while not stop.is_set():
                statuses.append(client.get("/questions/allies-supplying-adversary?state=Armenia").status_code)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            for number in range(3):
                rebuilt = EmbeddedStore.open(place).copy()
                rebuilt.insert(GRAPH.asserted("states"), [Triple(MARK, MARK, Literal(number))])
                rebuilt.publish(place)
                answer = client.get("/sparql", params={"query": query}).json()
                assert len(answer["results"]["bindings"]) == number + 1
        finally:
            stop.set()
            thread.join()
    assert len(statuses) > 3 and set(statuses) == {200}


def test_an_answer_that_spans_a_rebuild_is_whole_and_of_one_graph(
    store: Path, tmp_path: Path, start: Callable[..., Server]
) -> None:
    place = tmp_path / "store"
    shutil.copytree(store, place)
    known = f"{{ SELECT ?o {{ <{MARK.value}> <{MARK.value}> ?o }} }}"
    # Each row says what the mark was, and there are more of them than lie between a server and its client.
    many = " ".join(f"{{ SELECT ?{v} {{ ?{v} ?{v}p ?{v}o }} LIMIT 700 }}" for v in "xy")

    def rebuild(number: int) -> None:
        rebuilt = EmbeddedStore.open(place).copy()
        kept = [triple for triple in rebuilt.triples(MARKS) if triple.subject != MARK]
        rebuilt.drop(MARKS)
        rebuilt.insert(MARKS, [*kept, Triple(MARK, MARK, Literal(number))])
        rebuilt.publish(place)

    def ask(query: str) -> Iterator[str]:
        request = Request(server.url(f"sparql?query={quote(query)}"), headers={"Accept": "text/csv"})
        with urlopen(request, timeout=60) as answer:
            for line in answer:
                yield line.decode().rstrip()

    rebuild(1)
    server = start("--store", place, "--timeout", 30)
    rows = ask(f"SELECT ?o ?x ?y {{ {known} {many} }}")
    first = [next(rows) for _ in range(1000)]
    rebuild(2)
    assert list(ask(f"SELECT ?o {{ {known} }}")) == ["o", "2"]
    assert [row.partition(",")[0] for row in (*first, *rows)] == ["o", *["1"] * 490_000]


def test_a_store_that_goes_bad_leaves_the_last_good_graph(store: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    shutil.copytree(store, place)
    with serving(place, workers=1) as client:
        (place / "current").write_text("generation-of-nothing\n")
        assert client.get("/health").status_code == 200
