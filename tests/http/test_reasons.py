"""Why, and why not, over HTTP."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse
from starlette.testclient import TestClient

from kg import KnowledgeGraph

TRIPLE = {"subject": "Belarus", "predicate": "betrays", "object": "Armenia"}


def test_explain_as_json(client: TestClient, graph: KnowledgeGraph) -> None:
    told = client.get("/explain", params=TRIPLE).json()
    wanted = json.loads(json.dumps(graph.explain(("Belarus", "betrays", "Armenia")).to_dict()))
    assert told["proofs"] == wanted["proofs"]
    assert "not a verdict" in told["note"]


def test_explain_in_other_forms(client: TestClient) -> None:
    words = client.get("/explain", params=TRIPLE, headers={"Accept": "text/plain"}).text
    assert "Belarus betrays Armenia" in words and "no verdict" in words
    ET.fromstring(client.get("/explain", params=TRIPLE, headers={"Accept": "image/svg+xml"}).content)
    trig = client.get("/explain", params=TRIPLE, headers={"Accept": "application/trig"}).content
    quads = list(parse(trig, format=RdfFormat.TRIG))
    assert len(quads) > 10
    for media, short, form in (("n-quads", "nq", RdfFormat.N_QUADS), ("ld+json", "jsonld", RdfFormat.JSON_LD)):
        answer = client.get("/explain", params=TRIPLE, headers={"Accept": f"application/{media}"})
        dataset = Dataset(parse(answer.content, format=form))
        dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
        wanted = Dataset(quads)
        wanted.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
        assert dataset == wanted
        assert client.get("/explain", params={**TRIPLE, "format": short}).content == answer.content
    assert "<svg" in client.get("/explain", params=TRIPLE, headers={"Accept": "text/html"}).text


def test_explain_a_node(client: TestClient) -> None:
    rows = client.get("/questions/betrayals?iris=true").json()["rows"]
    node = next(v for v in rows[0].values() if isinstance(v, str) and "/id/" in v and "/state/" not in v)
    assert client.get("/explain", params={"node": node}).json()["proofs"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/explain", 400, "name what to explain"),
        ("/explain?subject=Belarus", 400, "subject, predicate and object"),
        ("/explain?nod=x", 400, "explain takes: node"),
        ("/explain?node=nothing-of-the-kind", 400, "no node is called"),
        ("/explain?subject=Armenia&predicate=betrays&object=Belarus", 404, "/why-not says"),
        ("/why-not/allies-supplying-adversary?supplier=Belarus&state=Armenia", 400, "there is such a row"),
        ("/why-not/allies-supplying-adversry", 404, "allies-supplying-adversary"),
        ("/why-not/allies-supplying-adversary?suplier=Belarus", 400, "supplier"),
    ],
)
def test_refused(client: TestClient, path: str, status: int, says: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["error"]


def test_why_not(client: TestClient) -> None:
    path = "/why-not/allies-supplying-adversary?supplier=Kazakhstan&state=Armenia"
    told = client.get(path).json()
    assert [(leg["name"], leg["holds"]) for leg in told["legs"]] == [
        ("obligation", True),
        ("supply", False),
        ("hostility", True),
    ]
    assert "supply: fails" in client.get(path, headers={"Accept": "text/plain"}).text


def test_why_not_of_no_question_says_of_which(client: TestClient) -> None:
    answer = client.get("/why-not")
    assert answer.status_code == 404 and "/why-not/NAME" in answer.json()["error"]
    offered = answer.json()["did_you_mean"]
    assert "/why-not/allies-supplying-adversary" in offered
    assert all(path in client.get("/openapi.json").json()["paths"] for path in offered)
