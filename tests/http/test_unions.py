"""The union of the graphs: it answers as they do, and is never that of another generation."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple
from starlette.testclient import TestClient

from kg.http.served import Served, ServedGraph
from kg.http.unions import asks_the_union, make
from kg.questions import load_questions
from kg.store import EmbeddedStore
from kg.vocab import GRAPH
from tests.http.conftest import serving

MARK = NamedNode("https://example.org/mark")
ARGUMENTS = {"state": "Armenia", "supplier": "Belarus", "recipient": "Azerbaijan"}
QUERIES = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?p (COUNT(DISTINCT ?s) AS ?n) (COUNT(*) AS ?all) { ?s ?p ?o } GROUP BY ?p",
    "SELECT ?who ?whom { ?who foedus:betrays|foedus:alliedWith ?whom }",
    "SELECT ?c ?d { ?c rdfs:subClassOf* ?d }",
    "SELECT * { ?transfer foedus:supplier ?s OPTIONAL { ?transfer foedus:weapon ?w } FILTER NOT EXISTS { ?s a ?w } }",
    "SELECT ?s { ?s a foedus:State MINUS { ?s foedus:alliedWith ?o } }",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
    "DESCRIBE <https://w3id.org/foedus/id/state/BLR>",
    "ASK { ?s foedus:betrays ?o }",
    "SELECT ?g ?n { { SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g } }",
    "SELECT * { graph <https://w3id.org/foedus/graph/ontology> { ?s a ?c } }",
]


@pytest.fixture(scope="module")
def pair(store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ServedGraph, ServedGraph]:
    """The graph without the union, and with it."""
    place = tmp_path_factory.mktemp("unions")
    generation = EmbeddedStore.generation(store)
    assert generation
    plain = Served(store, None).graph()
    make(plain.store, plain.scope.graphs, place / generation)  # type: ignore[arg-type]
    united = Served(store, None, place).graph()
    assert united.as_served.has_union and not plain.as_served.has_union
    return plain, united


def said(answer: QuerySolutions | QueryBoolean | QueryTriples) -> object:
    if isinstance(answer, QuerySolutions):
        names = [str(v) for v in answer.variables]
        return names, Counter(tuple(map(str, row)) for row in answer)
    return Counter(map(str, answer)) if isinstance(answer, QueryTriples) else bool(answer)


@pytest.mark.parametrize("query", QUERIES)
def test_queries(pair: tuple[ServedGraph, ServedGraph], query: str) -> None:
    plain, united = (said(graph.sparql(query)) for graph in pair)
    assert plain == united and plain


@pytest.mark.parametrize("policy", ["alleged", "facts"])
def test_another_policy(pair: tuple[ServedGraph, ServedGraph], policy: str) -> None:
    plain, united = (said(graph.sparql(QUERIES[1], policy=policy)) for graph in pair)
    assert plain == united != said(pair[0].sparql(QUERIES[1]))


@pytest.mark.parametrize("name", [question.name for question in load_questions()])
def test_questions(pair: tuple[ServedGraph, ServedGraph], name: str) -> None:
    question = next(q for q in load_questions() if q.name == name)
    given = {
        p.variable: ARGUMENTS.get(p.name) or ("Armenia" if p.type == "state" else None) for p in question.parameters
    }
    if any(p.required and given[p.variable] is None for p in question.parameters):
        pytest.skip("needs a node that this test does not know")
    answers = [graph.ask(question, **{k: v for k, v in given.items() if v is not None}) for graph in pair]
    assert Counter(map(str, answers[0].terms)) == Counter(map(str, answers[1].terms))


@pytest.mark.parametrize(
    "query",
    [
        "ASK{GRAPH?g{?s ?p ?o}}",
        "ASK { gRaPhx:y { ?s ?p ?o } }",
        "SELECT * FROM<x:g> { ?s ?p ?o }",
        "ASK { \\u0047RAPH ?g {} }",
    ],
)
def test_queries_about_graphs_by_name_are_not_asked_of_it(query: str) -> None:
    assert not asks_the_union(query)


def united(client: TestClient) -> bool:
    return "foedus_union_ready 1.0" in client.get("/metrics").text


def test_a_server_makes_it_anew_with_the_graph(store: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    shutil.copytree(store, place)
    query = f"SELECT ?o {{ <{MARK.value}> <{MARK.value}> ?o }}"
    current = EmbeddedStore.open(place).copy()
    with serving(place, workers=2, cache=0, union_after=0.0) as client:
        for number in range(3):
            deadline = time.monotonic() + 60
            while not united(client):
                assert time.monotonic() < deadline
                assert len(client.get("/sparql", params={"query": query}).json()["results"]["bindings"]) == number
                time.sleep(0.1)
            for _ in range(3):
                assert len(client.get("/sparql", params={"query": query}).json()["results"]["bindings"]) == number
            current.insert(GRAPH.asserted("states"), [Triple(MARK, MARK, Literal(number))])
            current.publish(place)
            assert len(client.get("/sparql", params={"query": query}).json()["results"]["bindings"]) == number + 1


def test_without_a_place_for_it(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(prefix: str) -> str:
        raise OSError("no room")

    monkeypatch.setattr("kg.http.unions.tempfile.mkdtemp", full)
    with serving(store, workers=1, union_after=0.0) as client:
        assert client.get("/sparql?query=ASK{}").status_code == 200
        assert not united(client)


COUNT = f"SELECT (COUNT(*) AS ?n) {{ <{MARK.value}> ?p ?o }}"


def counted(client: TestClient) -> tuple[int, str | None]:
    answer = client.get("/sparql", params={"query": COUNT})
    return int(answer.json()["results"]["bindings"][0]["n"]["value"]), answer.headers.get("etag")


def wait_for_union(client: TestClient) -> None:
    deadline = time.monotonic() + 60
    while not united(client):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(0.5)


def test_what_two_graphs_say_is_not_answered_twice_once_there_is_a_union(store: Path, tmp_path: Path) -> None:
    current = EmbeddedStore.open(store).copy()
    for name in ("one", "two"):
        current.insert(GRAPH.asserted(name), [Triple(MARK, MARK, Literal(1))])
    current.publish(tmp_path / "store")
    with serving(tmp_path / "store", workers=2, union_after=1.0) as client:
        before = counted(client)
        wait_for_union(client)
        after = counted(client)
        assert before[0] == 2 and after[0] == 1 and before[1] != after[1]
        old = {"If-None-Match": before[1] or ""}
        assert client.get("/sparql", params={"query": COUNT}, headers=old).status_code == 200
        assert counted(client) == after


def test_without_such_a_triple_nothing_changes(store: Path) -> None:
    with serving(store, workers=1, union_after=1.0) as client:
        before = counted(client)
        wait_for_union(client)
        assert counted(client) == before


@pytest.mark.parametrize(
    "clauses",
    [
        "FROM <{0}> FROM <{0}>",
        "from graph:ontology # FROM\nFROM <{0}>",
        "FROM <{0}> FROM<{0}> FROM NAMED <{0}> FROM <{0}>",
    ],
)
def test_a_graph_named_twice_counts_once(client: TestClient, clauses: str) -> None:
    name = GRAPH.ontology.value
    head, body = "SELECT (COUNT(*) AS ?n)", "{ ?s ?p ?o }"

    def rows(query: str, *more: tuple[str, str]) -> object:
        return client.get("/sparql", params=[("query", query), *more]).json()["results"]["bindings"]

    once = rows(f"{head} FROM <{name}> {body}")
    assert rows(f"{head} {clauses.format(name)} {body}") == once
    assert rows(f"{head} {body}", *[("default-graph-uri", name)] * 2) == once
