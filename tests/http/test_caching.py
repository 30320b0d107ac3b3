"""Answers that are kept: the same as before, never of a graph that has been replaced, within bounds."""

from __future__ import annotations

import random
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2 as httpx
import pytest
from pyoxigraph import Literal, NamedNode, Triple
from starlette.testclient import TestClient

from kg.http.formats import GRAPHS, ROWS
from kg.store import EmbeddedStore
from kg.vocab import GRAPH
from tests.http.conftest import serving

MARK = NamedNode("https://example.org/mark")
PLAIN = "SELECT ?who ?whom { ?who foedus:betrays ?whom }"
NODE = "https://w3id.org/foedus/id/state/BLR"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def fresh(store: Path) -> Iterator[TestClient]:
    with serving(store, workers=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def patient(store: Path) -> Iterator[TestClient]:
    """What holds by a day is worked out when first asked for, which takes its time on a busy machine."""
    with serving(store, workers=1, timeout=60.0) as opened:
        yield opened


def lookups(client: TestClient) -> tuple[int, int]:
    text = client.get("/metrics").text
    values = dict(line.split(" ") for line in text.splitlines() if line.startswith("foedus_cache_lookups_total"))
    hits, misses = (values[f'foedus_cache_lookups_total{{result="{result}"}}'] for result in ("hit", "miss"))
    return int(float(hits)), int(float(misses))


def kept(client: TestClient) -> float:
    return next(
        float(x.split(" ")[1]) for x in client.get("/metrics").text.splitlines() if x.startswith("foedus_cache_bytes ")
    )


def seen(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(answer.headers.multi_items()), answer.content


ASKED = [
    *((f"/sparql?query={quote(PLAIN)}", media) for media in ROWS),
    *((f"/sparql?query={quote('ASK { ?s ?p ?o }')}", media) for media in ROWS),
    *((f"/sparql?query={quote(f'DESCRIBE <{NODE}>')}", media) for media in GRAPHS),
    *(("/sparql", media) for media in GRAPHS),
    *(("/.well-known/void", media) for media in GRAPHS),
    *(("/id/state/BLR", media) for media in (*GRAPHS, "text/html")),
    *((f"/questions/allies-supplying-adversary?state=Armenia{more}", media)
      for more in ("", "&known-by=2024-06-30", "&policy=alleged")
      for media in ("application/json", "text/csv", "text/html", "application/sparql-results+xml")),
]  # fmt: skip


@pytest.mark.parametrize(("path", "media"), ASKED)
def test_an_answer_kept_is_the_answer(patient: TestClient, path: str, media: str) -> None:
    client = patient
    before = lookups(client)
    headers = {"Accept": media}
    made = client.get(path, headers=headers | {"Cache-Control": "no-cache"})
    again = client.get(path, headers=headers)
    assert made.status_code == 200 and made.headers["Content-Type"].startswith(media)
    assert seen(again) == seen(made)
    assert "accept" in made.headers["Vary"].lower() and made.headers["Cache-Control"] == "no-cache"
    assert lookups(client) == (before[0] + 1, before[1] + 1)
    assert "foedus-generation" not in made.headers


def test_what_is_asked_differently_is_answered_differently(fresh: TestClient) -> None:
    path = f"/sparql?query={quote(PLAIN)}"
    bodies = {media: fresh.get(path, headers={"Accept": media}).content for media in ROWS}
    for media, body in bodies.items():
        assert fresh.get(path, headers={"Accept": media}).content == body
    assert len(set(bodies.values())) == 4  # JSON, XML, CSV, TSV
    here, there = (fresh.get("/sparql", headers={"Host": host}).text for host in ("one.example", "two.example"))
    assert "one.example" in here and "two.example" in there


def test_post(fresh: TestClient) -> None:
    got = fresh.get(f"/sparql?query={quote(PLAIN)}")
    form = fresh.post("/sparql", content=f"query={quote(PLAIN)}", headers=FORM)
    assert lookups(fresh) == (1, 1) and form.content == got.content
    direct = {"Content-Type": "application/sparql-query"}
    for hits in (1, 2):
        assert fresh.post("/sparql", content=PLAIN, headers=direct).content == got.content
        assert lookups(fresh) == (hits, 2)
    # What GET is answered is not what a form without a query is answered.
    assert fresh.get("/sparql?x=1").status_code == 200
    assert fresh.post("/sparql", content="x=1", headers=FORM).status_code == 400
    assert fresh.post("/sparql", content=f"query={quote(PLAIN)}&update=CLEAR+ALL", headers=FORM).status_code == 403


def test_unchanged(fresh: TestClient) -> None:
    path = "/questions/allies-supplying-adversary?state=Armenia"
    first = fresh.get(path)
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        answer = fresh.get(path, headers={"If-None-Match": known})
        assert answer.status_code == 304 and answer.content == b"" and answer.headers["ETag"] == etag
        assert {"cache-control", "vary"} <= set(answer.headers)
    assert fresh.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert fresh.get(path, headers={"Accept": "text/csv", "If-None-Match": etag}).status_code == 200
    assert fresh.head(path, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"/sparql?query={quote(PLAIN)}", {}),
        (f"/sparql?query={quote(PLAIN)}", {"Cache-Control": "no-cache"}),
        (f"/sparql?query={quote(PLAIN)}", {"Authorization": "Bearer x"}),
        (f"/sparql?query={quote('SELECT (RAND() AS ?x) {}')}", {}),
        ("/questions", {}),
    ],
)
def test_any_answer_is_unchanged_to_who_knows_any(store: Path, method: str, path: str, fields: dict[str, str]) -> None:
    with serving(store, workers=1, cache=0) as client:
        answer = client.request(method, path, headers={"If-None-Match": "*", **fields})
        assert answer.status_code == 304 and answer.content == b""
        assert "content-type" not in answer.headers and "content-length" not in answer.headers
        missing = client.request(method, "/no-such-page", headers={"If-None-Match": "*", **fields})
        assert missing.status_code == 404
        counted = client.get("/metrics").text
        assert re.search(rf'requests_total{{[^}}]*method="{method}"[^}}]*status="304"[^}}]*}} 1', counted), counted
        # What is asked for with POST is none that the client could know.
        posted = client.post("/sparql", content=f"query={quote(PLAIN)}", headers={**FORM, "If-None-Match": "*"})
        assert posted.status_code == 200


def test_what_is_left_out_is_kept_all_the_same(fresh: TestClient) -> None:
    path = f"/sparql?query={quote(PLAIN)}"
    assert fresh.get(path, headers={"If-None-Match": "*"}).status_code == 304
    again = fresh.get(path)
    assert again.status_code == 200 and again.content and lookups(fresh) == (1, 1)


def test_unchanged_without_an_answer_that_is_kept(store: Path) -> None:
    with serving(store, workers=1, cache=0) as client:
        first = client.get(f"/sparql?query={quote(PLAIN)}")
        again = client.get(f"/sparql?query={quote(PLAIN)}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert lookups(client)[0] == 0 and kept(client) == 0


def test_head(fresh: TestClient) -> None:
    path = f"/sparql?query={quote(PLAIN)}"
    made = fresh.head(path)
    assert made.status_code == 200 and made.content == b""
    got = fresh.get(path)
    again = fresh.head(path)
    assert again.content == b"" and again.headers == got.headers
    assert made.headers["ETag"] == got.headers["ETag"]
    assert lookups(fresh) == (1, 2)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT (now ( ) AS ?x) {}",
        "SELECT (NOW # a comment\n () AS ?x) {}",
        "SELECT (StrUUID() AS ?x) {}",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (BNODE('a') AS ?x) {}",
        "SELECT ?x { ?x ?p ?o } LIMIT -1",
        "SELECT (EXISTS { SERVICE <x:y> {} } AS ?x) {}",
    ],
)
def test_what_is_not_kept(fresh: TestClient, query: str) -> None:
    answers = [fresh.get("/sparql", params={"query": query}) for _ in range(3)]
    assert lookups(fresh)[0] == 0
    assert all("ETag" not in answer.headers for answer in answers)
    if "RAND" in query or "UUID()" in query:
        assert len({answer.content for answer in answers}) == 3
        assert answers[0].headers["Cache-Control"] == "no-store"


def test_pages_about_the_server_are_not_kept(fresh: TestClient) -> None:
    for path in ("/health", "/metrics", "/openapi.json", "/nowhere"):
        fresh.get(path)
        fresh.get(path)
    assert lookups(fresh)[0] == 0


def test_memory_is_bounded(store: Path) -> None:
    size = 200_000
    with serving(store, workers=1, cache=size) as client:
        for number in range(60):
            query = f"SELECT * {{ ?s ?p ?o }} LIMIT {100 + number}"
            body = client.get("/sparql", params={"query": query}).content
            assert client.get("/sparql", params={"query": query}).content == body
            assert kept(client) <= size
        assert kept(client) > size / 2
        # The first have had to go, the last are still there.
        hits, _ = lookups(client)
        client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 100"})
        client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 159"})
        assert lookups(client)[0] == hits + 1


def test_a_large_answer_is_not_kept(client: TestClient) -> None:
    before, query = kept(client), "SELECT ?x ?y { ?x ?p ?o . ?y ?q ?r } LIMIT 30000"
    hits, _ = lookups(client)
    for _ in range(2):
        assert len(client.get("/sparql", params={"query": query}).content) > 1 << 20
    assert lookups(client)[0] == hits and kept(client) == before


def test_a_graph_that_is_built_anew_is_never_answered_stale(store: Path, tmp_path: Path) -> None:
    """Facts change at random; whoever asks after a change, by whichever way, is answered from the changed graph."""
    place = tmp_path / "store"
    shutil.copytree(store, place)
    draw = random.Random(7)
    count = f"SELECT ?o {{ <{MARK.value}> <{MARK.value}> ?o }} ORDER BY ?o"
    current = EmbeddedStore.open(place).copy()
    values: set[int] = set()
    finished, stop = [0], threading.Event()
    faults: list[str] = []
    with serving(place, workers=2) as client:

        def ask() -> tuple[set[int], str]:
            if draw.random() < 0.5:
                answer = client.get("/sparql", params={"query": count})
            else:
                answer = client.post("/sparql", content=f"query={quote(count)}", headers=FORM)
            assert answer.status_code == 200
            return {int(row["o"]["value"]) for row in answer.json()["results"]["bindings"]}, answer.headers["ETag"]

        def watch() -> None:
            # Whoever asks all the time never sees an older graph after a newer one, nor one before that was finished.
            newest = -1
            while not stop.is_set():
                least = finished[0]
                answer = client.get("/sparql", params={"query": f"SELECT ?o {{ <{MARK.value}> a ?o }}"})
                version = max((int(r["o"]["value"]) for r in answer.json()["results"]["bindings"]), default=0)
                if version < max(newest, least):
                    faults.append(f"{version} after {max(newest, least)}")
                newest = max(newest, version)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            etags = [ask()[1]]
            for version in range(1, 9):
                changed = current.copy()
                value = draw.randrange(5)
                values ^= {value}
                changed.drop(GRAPH.asserted("states"))
                facts = [Triple(MARK, MARK, Literal(value)) for value in values]
                a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
                changed.insert(GRAPH.asserted("states"), [*facts, Triple(MARK, a, Literal(version))])
                changed.publish(place)
                finished[0] = version
                for _ in range(draw.randrange(1, 4)):
                    told, etag = ask()
                    assert told == values
                assert etag not in etags
                etags.append(etag)
                stale = client.get("/sparql", params={"query": count}, headers={"If-None-Match": etags[-2]})
                assert stale.status_code == 200
        finally:
            stop.set()
            thread.join()
    assert faults == []


def test_the_log_and_the_counts_know_of_answers_kept(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="kg.http.access"), serving(store, workers=1) as client:
        for _ in range(2):
            client.get(f"/sparql?query={quote(PLAIN)}")
        counted = client.get("/metrics").text
    # Written some at a time, and all of them before the server ends.
    lines = [x for r in caplog.records if r.name == "kg.http.access" for x in r.getMessage().splitlines()]
    assert len(lines) == 3 and all('"path": "/sparql", "status": 200' in line for line in lines[:2])
    assert 'foedus_requests_total{method="GET",route="/sparql",status="200"} 2.0' in counted


def test_the_order_of_fields_does_not_matter(fresh: TestClient) -> None:
    path = f"/sparql?query={quote(PLAIN)}"
    for fields in (
        {"Accept": "text/csv", "Origin": "https://x.example"},
        {"Origin": "https://x.example", "Accept": "text/csv"},
    ):
        assert fresh.get(path, headers=fields).status_code == 200
    assert lookups(fresh) == (1, 1)


def test_a_body_is_not_taken_for_fields(fresh: TestClient) -> None:
    """What a request may have in its body must not make it another request."""
    direct = {"Content-Type": "application/sparql-query"}
    fresh.headers.pop("accept")
    one = fresh.post("/sparql", content=PLAIN, headers=direct | {"Accept": "text/csv"})
    two = fresh.post("/sparql", content=f"{PLAIN}\naccept:text/csv", headers=direct)
    assert one.status_code == 200 and two.status_code == 400
    assert lookups(fresh) == (0, 1)
