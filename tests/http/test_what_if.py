"""``/what-if``: the same changes as the library finds, and nothing reaches the graph that is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.store.embedded import EmbeddedStore
from kg.store.kept import kept
from kg.terms import PREFIXES
from kg.vocab import XSD
from tests.http.writing import ARTICLE, update, writable

JSON = "application/json"
LEAVES = {"withdraw": "Belarus,CSTO", "from": "2017-01-01"}


def test_the_same_as_the_library(client: TestClient, graph: KnowledgeGraph) -> None:
    told = client.get("/what-if", params=LEAVES).json()
    found = graph.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01")
    assert told["says"] == found.says
    assert [c["says"] for c in told["lost"]] == [found.sentence(c) for c in found.difference.lost] != []
    assert [c["says"] for c in told["gained"]] == [found.sentence(c) for c in found.difference.gained]
    assert len(told["altered"]) == len(found.difference.altered)
    assert "not a verdict" in told["note"]


def test_the_served_graph_stays(client: TestClient) -> None:
    asked = "/questions/allies-supplying-adversary?state=Armenia"
    before = client.get(asked).json()
    assert client.get("/what-if", params=LEAVES).status_code == 200
    assert client.get(asked).json() == before


def test_in_words_and_as_a_page(client: TestClient) -> None:
    words = client.get("/what-if", params=LEAVES | {"format": "text"}).text
    assert words.startswith("What if: Belarus out of") and "Lost:" in words and "not a verdict" in words
    assert "<pre>What if" in client.get("/what-if", params=LEAVES, headers={"Accept": "text/html"}).text


def test_in_rdf(client: TestClient, graph: KnowledgeGraph) -> None:
    answer = client.get("/what-if", params=LEAVES, headers={"Accept": "application/trig"})
    assert answer.headers["content-type"].startswith("application/trig")
    assert answer.text == graph.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01").to_trig()
    assert client.post("/what-if", data=LEAVES | {"format": "trig"}).text == answer.text
    quads = client.post("/what-if", data=LEAVES | {"format": "nq"})
    assert quads.headers["content-type"] == "application/n-quads"
    assert set(parse(quads.content, format=RdfFormat.N_QUADS)) == set(parse(answer.content, format=RdfFormat.TRIG))


def test_an_update_that_changes_nothing(client: TestClient) -> None:
    told = client.get("/what-if", params={"update": "DELETE DATA { <x:a> <x:b> <x:c> }"}).json()
    assert (told["gained"], told["lost"], told["altered"]) == ([], [], [])


@pytest.mark.parametrize("how", ["data", "json"])
def test_posted(client: TestClient, how: str) -> None:
    asked = client.get("/what-if", params=LEAVES)
    told: Any = {how: LEAVES}
    answer = client.post("/what-if", **told)
    assert answer.status_code == 200 and answer.json() == asked.json()
    told = {how: LEAVES | {"format": "text"}}
    words = client.post("/what-if", **told)
    assert words.headers["content-type"].startswith("text/plain") and words.text.startswith("What if: Belarus out of")
    assert client.post("/what-if?format=text", **{how: LEAVES}).text == words.text  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["data", "json"])
def test_a_long_scenario(client: TestClient, how: str) -> None:
    filler = "".join(f"<x:s{n}> <x:p-q> 'one of many' . " for n in range(20_000))
    told: Any = {how: {"update": f"DELETE DATA {{ {filler} }}"}}
    answer = client.post("/what-if", **told)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["gained"], answer.json()["lost"]) == ([], [])
    told = {how: {"update": f"DELETE DATA {{ {filler * 2} }}"}}
    assert client.post("/what-if", **told).status_code == 413


@pytest.mark.parametrize(
    ("content", "media", "status", "says"),
    [
        (b"[]", JSON, 400, "not an object"),
        (b'"withdraw"', JSON, 400, "not an object"),
        (b"{", JSON, 400, "not JSON"),
        (b"[" * 500_000, JSON, 400, "not JSON"),
        (b'{"withdraw": 1}', JSON, 400, "not a text"),
        (b'{"withdraw": {"a": "b"}}', JSON, 400, "not a text"),
        (b'{"assume": "\\ud800"}', JSON, 400, "surrogate"),
        (b'{"withdraw": "Belarus,CSTO", "withdraw": "x,y"}', JSON, 400, "given twice"),
        (b'{"withdrw": "Belarus,CSTO"}', JSON, 400, "withdraw"),
        (b"\xff", JSON, 400, "UTF-8"),
        (b"withdraw=Belarus,CSTO", "text/plain", 415, "text/plain"),
        (b"withdraw=Belarus,CSTO", "", 415, "names none"),
        (b"withdraw=Belarus", "application/x-www-form-urlencoded", 400, "STATE,PACT"),
        (b'{"update": "INSERT {} WHERE { BIND(1%s AS ?x) }"}' % (b"+1" * 50_000), JSON, 400, "too long a chain"),
        (b'{"update": "INSERT {} WHERE { BIND(%s1%s AS ?x) }"}' % (b"(" * 9_000, b")" * 9_000), JSON, 400, "nested"),
    ],
)
def test_what_is_refused_of_a_body(client: TestClient, content: bytes, media: str, status: int, says: str) -> None:
    answer = client.post("/what-if", content=content, headers={"Content-Type": media} if media else {})
    assert answer.status_code == status, answer.text
    assert says in answer.json()["error"]


def test_a_compressed_body_is_not_taken(client: TestClient) -> None:
    answer = client.post("/what-if", json=LEAVES, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({}, 400, "nothing to change"),
        ({"from": "2017-01-01"}, 400, "goes with"),
        ({"withdraw": "Belarus"}, 400, "STATE,PACT"),
        ({"withdraw": "Belarus,CSTO", "from": "soon"}, 400, "a day"),
        ({"withdraw": "Belarus,CSTOO"}, 400, "CSTO"),
        ({"retract": "nothing-of-the-kind"}, 400, "is called"),
        ({"update": "INSERT {"}, 400, "does not parse"),
        ({"update": "LOAD <http://127.0.0.1:1/x>"}, 403, "LOAD"),
        ({"update": "PREFIX x: <x:> INSERT DATA { GRAPHx:g { x:a x:b 1 } }"}, 400, "a graph of its own"),
        ({"update": "INSERT { <x:a> <x:b> ?c } WHERE { SERVICE<http://127.0.0.1:1/> { ?a ?b ?c } }"}, 403, "SERVICE"),
        ({"update": "INSERT {} WHERE { FILTER(1<2)#>'''\n } ; LOAD <file:///etc/passwd> #''' }\n"}, 403, "LOAD"),
        ({"update": "INSERT { <x:a> <x:b> ?c } WHERE { SERVICEfoedus:x { ?a ?b ?c } }"}, 403, "SERVICE"),
        ({"update": "INSERT { <x:a> <x:b> ?x } WHERE { BIND(<x:f>(1) AS ?x) }"}, 400, "function <x:f>"),
        ({"assume": "this is no Turtle"}, 400, "Turtle"),
        ({"assume": "<x:war> a <https://w3id.org/foedus/ns#ArmedConflict> ."}, 422, "sideA"),
        ({"withdrw": "Belarus,CSTO"}, 400, "withdraw"),
    ],
)
def test_what_is_refused(client: TestClient, given: dict[str, str], status: int, says: str) -> None:
    answer = client.get("/what-if", params=given)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["error"]


def test_what_was_written_is_seen(store: Path, tmp_path: Path) -> None:
    place, asked = tmp_path / "store", {"withdraw": "Kazakhstan,CSTO"}
    with writable(store, tmp_path) as client:
        before = client.get("/what-if", params=asked).json()["lost"]
        assert before and all(conclusion["bounds"][-1:] != ["2003-12-31"] for conclusion in before)
        member = f"<{PREFIXES['id']}membership/csto-kaz> foedus:end"
        left = f'DELETE {{ {member} ?end }} INSERT {{ {member} "2003"^^xsd:gYear }} WHERE {{ {member} ?end }}'
        update(client, f"PREFIX xsd: <{XSD.base}> WITH <{ARTICLE}> {left}")
        folders = [EmbeddedStore.open(each).folder for each in (store, place)]
        assert all(folder is not None and kept(folder) is not None for folder in folders)
        after = client.get("/what-if", params=asked).json()["lost"]
        obligations = [conclusion for conclusion in after if conclusion["kind"] == "Obligation"]
        assert obligations and all(conclusion["bounds"][-1] == "2003-12-31" for conclusion in obligations)
