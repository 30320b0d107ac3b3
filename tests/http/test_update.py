"""SPARQL 1.1 Protocol, section 2.2 (update operation): who may change what, and what follows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.store.embedded import EmbeddedStore
from kg.vocab import GRAPH
from tests.http.conftest import serving
from tests.http.writing import ARTICLE, AUTH, INFERRED, MINE, OTHER, STATES, TOKEN, UPDATE, ask, update, writable
from tests.versions import of_version

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NOTE = "INSERT DATA { GRAPH <%s> { <x:s> <x:p> %s } }"
BETRAYS = "ASK { id:state\\/BLR foedus:betrays id:state\\/ARM }"


@pytest.fixture(scope="module")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with writable(store, tmp_path_factory.mktemp("writable")) as opened:
        yield opened


def test_2_2_1_update_by_form(client: TestClient) -> None:
    answer = client.post("/sparql", data={"update": NOTE % (MINE, 1)}, headers=AUTH)
    assert answer.status_code == 200 and answer.json()["graphs"] == [MINE]
    assert ask(client, f"ASK {{ GRAPH <{MINE}> {{ <x:s> <x:p> 1 }} }}")


def test_2_2_2_update_as_the_body(client: TestClient) -> None:
    assert client.post("/sparql", content=NOTE % (MINE, 2), headers=AUTH | UPDATE).json()["inserted"] == 1
    # What is asserted is in the default graph of queries.
    assert ask(client, "ASK { <x:s> <x:p> 2 }")


def test_2_2_3_using_graph_uri(client: TestClient) -> None:
    update(client, f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:a> <x:v> 1 }} GRAPH <{OTHER}> {{ <x:b> <x:v> 1 }} }}")
    copy = f"INSERT {{ GRAPH <{OTHER}> {{ ?s <x:%s> 1 }} }} WHERE {{ ?s <x:v> 1 }}"
    update(client, copy % "one", **{"using-graph-uri": MINE})
    update(client, copy % "two", **{"using-graph-uri": [MINE, OTHER]})
    assert ask(client, "ASK { <x:a> <x:one> 1 . <x:a> <x:two> 1 . <x:b> <x:two> 1 }")
    assert not ask(client, "ASK { <x:b> <x:one> 1 }")


def test_2_2_3_using_named_graph_uri(client: TestClient) -> None:
    update(client, f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:c> <x:w> 1 }} GRAPH <{OTHER}> {{ <x:d> <x:w> 1 }} }}")
    text = "INSERT { GRAPH ?g { ?s <x:named> 1 } } WHERE { GRAPH ?g { ?s <x:w> 1 } }"
    form = {"update": text, "using-named-graph-uri": MINE}
    assert client.post("/sparql", data=form, headers=AUTH).json()["graphs"] == [MINE]
    assert ask(client, "ASK { <x:c> <x:named> 1 }") and not ask(client, "ASK { <x:d> <x:named> 1 }")


def test_2_2_3_the_short_form_of_delete(client: TestClient) -> None:
    update(client, f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:e> <x:u> 1 }} GRAPH <{OTHER}> {{ <x:f> <x:u> 1 }} }}")
    update(client, "DELETE WHERE { GRAPH ?g { ?s <x:u> 1 } }", **{"using-named-graph-uri": OTHER})
    assert ask(client, "ASK { <x:e> <x:u> 1 }") and not ask(client, "ASK { <x:f> <x:u> 1 }")


@pytest.mark.parametrize(
    "text",
    [
        f"WITH <{MINE}> DELETE {{ ?s ?p 7 }} WHERE {{ ?s ?p 7 }}",
        f"DELETE {{ ?s ?p 7 }} USING <{MINE}> WHERE {{ ?s ?p 7 }}",
        f"DELETE {{ ?s ?p 7 }} USING NAMED <{MINE}> WHERE {{ GRAPH ?g {{ ?s ?p 7 }} }}",
        f"CREATE SILENT GRAPH <{MINE}> ; WITH <{MINE}> DELETE {{ ?s ?p 7 }} WHERE {{ ?s ?p 7 }}",
    ],
)
@pytest.mark.parametrize("parameter", ["using-graph-uri", "using-named-graph-uri"])
def test_2_2_3_conflict_with_using_and_with(client: TestClient, text: str, parameter: str) -> None:
    answer = client.post("/sparql", params={parameter: MINE}, content=text, headers=AUTH | UPDATE)
    assert answer.status_code == 400 and "USING or WITH" in answer.json()["error"]


def test_relative_iris_are_read_against_the_endpoint(client: TestClient) -> None:
    update(client, f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:s> <x:base> <test> }} }}")
    assert ask(client, "ASK { <x:s> <x:base> <http://test.example/test> }")


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        # 2.2, table: GET is not a way to update.
        ({"method": "GET", "params": {"update": "CLEAR ALL"}}, 400, "POST"),
        ({"data": {"update": ["CLEAR ALL", "CLEAR ALL"]}}, 400, "2 updates"),
        ({"data": {"update": "CLEAR ALL", "query": "ASK {}"}}, 400, "not both"),
        ({"data": {"update": "CLEAR ALL", "default-graph-uri": MINE}}, 400, "default-graph-uri goes with a query"),
        ({"params": {"update": "CLEAR ALL"}, "data": {"x": "y"}}, 400, "not into the address"),
        ({"content": "CLEAR XYZ", "headers": UPDATE}, 400, "does not parse"),
        ({"content": "ASK {}", "headers": UPDATE}, 400, "does not parse"),
        ({"content": b"CLEAR \xff", "headers": UPDATE}, 400, "UTF-8"),
        ({"content": "update=CLEAR ALL", "headers": {"Content-Type": "text/plain"}}, 415, "sparql-query"),
        ({"content": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update; charset=utf-16"}}, 415, "16"),
        ({"data": {"update": NOTE % (MINE, 1), "using-graph-uri": "no iri"}}, 400, "'no iri'"),
        ({"content": "DELETE WHERE {" + "{" * 20_000, "headers": UPDATE}, 400, "nested"),
        ({"content": f"CREATE GRAPH <{STATES}>", "headers": UPDATE}, 400, "already exists"),
        ({"content": "LOAD <http://127.0.0.1:9/> INTO GRAPH <x:y>", "headers": UPDATE}, 403, "LOAD"),
        ({"content": "PREFIX x: <http://127.0.0.1:9/> LOADx:y", "headers": UPDATE}, 403, "LOAD"),
        ({"content": "INSERT {} WHERE { SERVICE <http://127.0.0.1:9/> {} }", "headers": UPDATE}, 403, "SERVICE"),
        ({"content": "INSERT {} WHERE { FILTER(1<2)#>'''\n } ; LOAD <http://127.0.0.1:9/> #''' }\n", "headers": UPDATE},
         403, "LOAD"),
        ({"content": "INSERT {} WHERE { SERVICESILENT<http://127.0.0.1:9/>{} }", "headers": UPDATE}, 403, "SERVICE"),
    ],
)  # fmt: skip
def test_refused(client: TestClient, request_: dict[str, Any], status: int, says: str) -> None:
    request_ = {"method": "POST", "url": "/sparql"} | request_
    request_["headers"] = request_.get("headers", {}) | AUTH
    answer = client.request(**request_)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "did_you_mean"} and says in answer.json()["error"]


@pytest.mark.parametrize(
    "text",
    [
        "CLEAR ALL",
        "DROP NAMED",
        f"CLEAR GRAPH <{INFERRED}>",
        "DROP GRAPH graph:ontology",
        "INSERT DATA { <x:s> <x:p> 1 }",
        f"INSERT DATA {{ GRAPH <{INFERRED}> {{ id:state\\/ARM foedus:betrays id:state\\/BLR }} }}",
        "INSERT DATA { GRAPH graph:catalog { <x:s> <x:p> 1 } }",
        "INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 1 } }",
        "INSERT DATA { GRAPH <https://w3id.org/foedus/graph/asserted/a/../b> { <x:s> <x:p> 1 } }",
        f"COPY <{STATES}> TO DEFAULT",
        f"MOVE GRAPH <{STATES}> TO GRAPH <x:g>",
        f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:s> <x:p> 99 }} }} ; DROP GRAPH <{INFERRED}>",
        # What is compared, and a name with marks, hide nothing.
        f"INSERT {{ GRAPH <{MINE}> {{ <x:s> <x:p> 1 }} }} WHERE {{ BIND(1 AS ?a) FILTER((?a<2)&&3>2) }} ; "
        "INSERT DATA { GRAPH graph:ontology { <x:s> <x:p> 99 } } ; "
        f"INSERT {{ GRAPH <{MINE}> {{ <x:s> <x:p> 2 }} }} WHERE {{ BIND(1 AS ?a) FILTER(?a<2&&(3>2)) }}",
        f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:s> <x:p> 1 }} }} ; DELETE {{ <x:a> <x:b> 1 }} WHERE {{ FILTER(true||"
        "<<(<x:a> <x:b> 1)>><'>)}#')} ; INSERT DATA { GRAPH graph:ontology { <x:s> <x:p> 99 } } #'\n",
        f"INSERT {{ GRAPH <{INFERRED}> {{ <x:s> <x:p> ?a·b }} }} WHERE {{ BIND(99 AS ?a·b) }} ; "
        f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:s> <x:p> 9 }} }}",
    ],
)
def test_only_asserted_graphs(client: TestClient, text: str) -> None:
    before = client.get("/graph-store", params={"graph": INFERRED}, headers={"Accept": "application/n-triples"}).content
    answer = client.post("/sparql", content=text, headers=AUTH | UPDATE)
    assert answer.status_code == 403, answer.text
    assert "asserted/" in answer.json()["error"] or "name of a source" in answer.json()["error"]
    after = client.get("/graph-store", params={"graph": INFERRED}, headers={"Accept": "application/n-triples"}).content
    assert before == after and not ask(client, "ASK { <x:s> <x:p> 99 }")


def test_the_shapes(client: TestClient) -> None:
    text = f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:war> a foedus:ArmedConflict }} }}"
    answer = client.post("/sparql", content=text, headers=AUTH | UPDATE)
    assert answer.status_code == 422
    assert {"error", "did_you_mean", "violations"} == set(answer.json())
    paths = {v["path"].rpartition("#")[2] for v in answer.json()["violations"] if v["node"] == "x:war"}
    assert {"sideA", "sideB", "label"} <= paths
    assert not ask(client, "ASK { <x:war> ?p ?o }")


def test_the_shapes_see_what_has_a_name_with_marks(client: TestClient) -> None:
    text = f"INSERT {{ GRAPH <{MINE}> {{ ?a·b a foedus:Claim }} }} WHERE {{ BIND(<x:claim> AS ?a·b) }} ; " + NOTE % (
        MINE,
        7,
    )
    assert client.post("/sparql", content=text, headers=AUTH | UPDATE).status_code == 422
    text = f"INSERT {{ GRAPH <{MINE}> {{ <x:e\u0301tat> <x:p> ?e\u0301tat }} }} WHERE {{ BIND(7 AS ?e\u0301tat) }}"
    assert client.post("/sparql", content=text, headers=AUTH | UPDATE).json()["inserted"] == 1


def test_a_withdrawal_that_leaves_a_hole_breaks_the_shapes(client: TestClient) -> None:
    assert client.post("/sparql", content=f"DROP GRAPH <{STATES}>", headers=AUTH | UPDATE).status_code == 422


def test_inferences_follow_and_come_back(client: TestClient) -> None:
    held = client.get("/graph-store", params={"graph": ARTICLE}, headers={"Accept": "text/turtle"}).content
    inferred = client.get("/graph-store", params={"graph": INFERRED}, headers={"Accept": "application/n-triples"}).text
    assert ask(client, BETRAYS)
    update(client, f"DROP GRAPH <{ARTICLE}>")
    assert not ask(client, BETRAYS)
    put = client.put(
        "/graph-store", params={"graph": ARTICLE}, content=held, headers=AUTH | {"Content-Type": "text/turtle"}
    )
    assert put.status_code == 201
    assert ask(client, BETRAYS)
    again = client.get("/graph-store", params={"graph": INFERRED}, headers={"Accept": "application/n-triples"}).text
    assert sorted(again.splitlines()) == sorted(inferred.splitlines())


def test_every_view_is_as_a_build_makes_it(store: Path, tmp_path: Path) -> None:
    with writable(store, tmp_path) as client:
        update(client, NOTE % (MINE, 1))
        update(client, f"DROP GRAPH <{MINE}>")
    before, after = EmbeddedStore.open(store), EmbeddedStore.open(tmp_path / "store")
    assert set(before.graphs()) == set(after.graphs())
    for graph in before.graphs():
        assert set(before.triples(graph)) == set(after.triples(graph)), graph


def test_a_graph_of_another_version_is_not_written_to(store: Path, tmp_path: Path) -> None:
    built = tmp_path / "built"
    of_version(store, "0.0.1").publish(built)
    with writable(built, tmp_path) as client:
        answer = client.post("/sparql", content=NOTE % (MINE, 1), headers=AUTH | UPDATE)
        assert answer.status_code == 409 and "kg build" in answer.text
        assert not ask(client, f"ASK {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }}")


def test_the_catalog_names_the_new_source(client: TestClient) -> None:
    update(client, NOTE % (OTHER, 5))
    query = f"ASK {{ GRAPH graph:catalog {{ <{OTHER}> dcterms:source 'other.nt' ; foedus:textDigest ?d }} }}"
    assert ask(client, query)
    update(client, f"DROP GRAPH <{OTHER}>")
    assert not ask(client, f"ASK {{ GRAPH graph:catalog {{ <{OTHER}> ?p ?o }} }}")


def test_blank_nodes_have_names_of_their_own(client: TestClient) -> None:
    text = f"INSERT DATA {{ GRAPH <{MINE}> {{ _:x <x:knows> _:y . _:y <x:age> %d }} }}"
    assert update(client, text % 1)["inserted"] == 2  # type: ignore[index]
    assert update(client, text % 2)["inserted"] == 2  # type: ignore[index]
    # The same once more says nothing new.
    assert update(client, text % 1)["inserted"] == 0  # type: ignore[index]
    answer = client.get("/sparql", params={"query": "SELECT ?x ?y { ?x <x:knows> ?y }"}).json()
    assert len({b[v]["value"] for b in answer["results"]["bindings"] for v in "xy"}) == 4
    assert {b["x"]["type"] for b in answer["results"]["bindings"]} == {"uri"}


def test_nothing_changed_says_so(client: TestClient) -> None:
    told = update(client, "DELETE WHERE { ?s ?p ?o }")
    assert told["inserted"] == told["deleted"] == 0 and "unnamed graph" in told["note"]  # type: ignore[index]
    assert update(client, "DROP SILENT GRAPH <x:none>")["note"] == "Nothing has changed."  # type: ignore[index]


def test_the_unnamed_graph_is_empty_and_that_is_said(client: TestClient) -> None:
    seen = f"INSERT {{ GRAPH <{OTHER}> {{ ?s <x:seen> true }} }} WHERE {{ ?s a foedus:Alliance }}"
    told = update(client, f"{seen} ; {NOTE % (OTHER, 4)}")
    assert told["inserted"] == 1 and told["note"].endswith("operation 1 could find.")  # type: ignore[index]
    plain = f"INSERT {{ GRAPH <{OTHER}> {{ ?s <x:p> 5 }} }} WHERE {{ VALUES ?s {{ <x:s> }} FILTER(1<2) }}"
    assert "note" not in update(client, plain)  # type: ignore[operator]
    answer = client.post("/sparql", content=f"COPY DEFAULT TO <{OTHER}>", headers=AUTH | UPDATE)
    assert answer.status_code == 400 and "CLEAR" in answer.json()["error"]
    assert ask(client, f"ASK {{ GRAPH <{OTHER}> {{ ?s ?p 4 }} }}")
    update(client, f"DROP GRAPH <{OTHER}>")


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer wrong-horse-battery-staple", "Bearer ", "Bearer", "Basic Og==", "é" * 30, "bearer x"],
)
def test_without_the_token(client: TestClient, authorization: str | None) -> None:
    shown = {} if authorization is None else {b"Authorization": authorization.encode()}
    for answer in (
        client.post("/sparql", data={"update": NOTE % (MINE, 6)}, headers=shown),
        client.post(
            "/sparql", content=NOTE % (MINE, 6), headers=shown | {b"Content-Type": b"application/sparql-update"}
        ),
        client.put("/graph-store", params={"graph": MINE}, headers=shown),
        client.post("/graph-store", headers=shown),
        client.delete("/graph-store", params={"graph": MINE}, headers=shown),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Bearer realm="foedus"')
        assert set(answer.json()) == {"error", "did_you_mean"}
    assert not ask(client, "ASK { <x:s> <x:p> 6 }")


def test_reading_needs_no_token(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": "ASK {}"}, headers={"Authorization": "Bearer no"}).status_code == 200
    assert client.get("/graph-store", params={"graph": STATES}).status_code == 200


def test_the_service_description_says_that_updates_are_taken(client: TestClient, store: Path) -> None:
    accept = {"Accept": "application/n-triples"}
    assert "SPARQL11Update" in client.get("/sparql", headers=accept).text
    with serving(store, workers=1) as reading:
        assert "SPARQL11Update" not in reading.get("/sparql", headers=accept).text


def test_the_token_does_not_leave_the_server(client: TestClient) -> None:
    token = AUTH["Authorization"].split()[1]
    for path in ("/openapi.json", "/metrics", "/sparql", "/health"):
        assert token not in client.get(path).text


def test_a_body_that_is_too_large(store: Path, tmp_path: Path) -> None:
    with writable(store, tmp_path, max_write=100, max_body=100) as client:
        answer = client.post("/sparql", content=" " * 200, headers=AUTH | UPDATE)
        assert answer.status_code == 413
        answer = client.put(
            "/graph-store", params={"graph": MINE}, content=" " * 200, headers=AUTH | {"Content-Type": "text/turtle"}
        )
        assert answer.status_code == 413


def test_read_only(store: Path) -> None:
    with serving(store, workers=1) as client:
        for method in ("PUT", "POST", "DELETE"):
            answer = client.request(method, "/graph-store", params={"graph": MINE}, headers=AUTH)
            assert answer.status_code == 403 and "read-only" in answer.json()["error"]
        assert client.post("/sparql", data={"update": "CLEAR ALL"}, headers=AUTH).status_code == 403
        assert client.get("/graph-store", params={"graph": STATES}).status_code == 200


def test_writers_queue_and_readers_read_on(store: Path, tmp_path: Path) -> None:
    """Of four writers one writes and one waits; the others are told to come back. Meanwhile reads are answered."""
    with writable(store, tmp_path, writes_waiting=1) as client:
        answers: list[Any] = []

        def write(number: int) -> None:
            answers.append(client.post("/sparql", content=NOTE % (MINE, number), headers=AUTH | UPDATE))

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        read = 0
        while any(thread.is_alive() for thread in threads):
            assert ask(client, BETRAYS)
            read += 1
        for thread in threads:
            thread.join()
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200, 200, 503, 503] and read > 3
        assert all(a.headers["retry-after"] for a in answers if a.status_code == 503)
        count = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { <x:s> <x:p> ?o }"}).json()
        assert count["results"]["bindings"][0]["n"]["value"] == "2"


def test_a_write_that_takes_too_long_leaves_all_as_it_was(store: Path, tmp_path: Path) -> None:
    endless = " ".join(f"GRAPH ?g{n} {{ ?s{n} ?p{n} ?o{n} }}" for n in range(4))
    text = f"INSERT {{ GRAPH <{MINE}> {{ <x:s> <x:p> 1 }} }} WHERE {{ {endless} FILTER (?o0 = ?p1) }}"
    with writable(store, tmp_path, write_timeout=0.5) as client:
        answer = client.post("/sparql", content=text, headers=AUTH | UPDATE)
        assert answer.status_code == 503 and answer.headers["retry-after"]
        assert ask(client, BETRAYS) and not ask(client, "ASK { <x:s> <x:p> 1 }")
    assert KnowledgeGraph.open(tmp_path / "store").find("BLR").value.endswith("BLR")


def test_a_build_beside_is_not_undone(store: Path, tmp_path: Path) -> None:
    """A graph built anew while a change is made keeps what it has; the change is made once more, on it."""
    from kg.http.changing import change
    from kg.http.writable import Writable

    place = tmp_path / "store"
    EmbeddedStore.open(store).publish(place)
    rounds = 0

    def make(copy: Writable) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            with Writable.of(EmbeddedStore.open(place)) as beside:
                beside.update(NOTE % (OTHER, 8), "x:y")
                beside.publish(place)
        copy.update(NOTE % (MINE, 9), "x:y")

    change(place, make)
    found = EmbeddedStore.open(place)
    assert rounds == 2
    assert len(list(found.triples(GRAPH.asserted("mine")))) == len(list(found.triples(GRAPH.asserted("other")))) == 1


def test_a_build_that_ends_while_the_change_is_written_is_not_undone(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look at the generation in use and the new one taking its place nothing gets lost."""
    from kg.http.changing import change

    place = tmp_path / "store"
    EmbeddedStore.open(store).publish(place)
    publish, beside = EmbeddedStore.publish, EmbeddedStore.open(place).copy()
    beside._database.update(NOTE % (OTHER, 8))
    ended = False

    def late(self: EmbeddedStore, path: Path, *, replacing: str | None = None) -> str:
        nonlocal ended
        if not ended:
            ended = True
            publish(beside, path)
        return publish(self, path, replacing=replacing)

    monkeypatch.setattr(EmbeddedStore, "publish", late)
    told = change(place, lambda copy: copy.update(NOTE % (MINE, 9), "x:y"))
    found = EmbeddedStore.open(place)
    assert ended and told.generation == EmbeddedStore.generation(place)
    assert len(list(found.triples(GRAPH.asserted("mine")))) == len(list(found.triples(GRAPH.asserted("other")))) == 1


def test_a_change_that_is_overtaken_each_time_says_so(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.http.changing import change
    from kg.http.refusals import Refused

    place = tmp_path / "store"
    EmbeddedStore.open(store).publish(place)
    publish, built = EmbeddedStore.publish, EmbeddedStore.open(store)

    def late(self: EmbeddedStore, path: Path, *, replacing: str | None = None) -> str:
        publish(built, path)
        return publish(self, path, replacing=replacing)

    monkeypatch.setattr(EmbeddedStore, "publish", late)
    with pytest.raises(Refused, match="built anew each time") as refused:
        change(place, lambda copy: copy.update(NOTE % (MINE, 9), "x:y"))
    assert refused.value.status == 503
    assert not list(EmbeddedStore.open(place).triples(GRAPH.asserted("mine")))


def test_two_servers_that_write_to_one_store_lose_nothing(store: Path, tmp_path: Path) -> None:
    answers: list[int] = []

    def write(server: TestClient, number: int) -> None:
        answers.append(server.post("/sparql", content=NOTE % (MINE, number), headers=AUTH | UPDATE).status_code)

    with writable(store, tmp_path) as one, serving(tmp_path / "store", token=TOKEN, workers=1) as two:
        for first in range(0, 6, 2):
            threads = [threading.Thread(target=write, args=(s, first + n)) for n, s in enumerate((one, two))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert answers == [200] * 6
        for number in range(6):
            assert ask(one, f"ASK {{ <x:s> <x:p> {number} }}") and ask(two, f"ASK {{ <x:s> <x:p> {number} }}")


def test_a_form_that_is_large_needs_the_token(client: TestClient) -> None:
    large = urlencode({"update": NOTE % (MINE, 1) + " " * (1 << 20)})
    assert client.post("/sparql", content=large, headers=FORM).status_code == 413
    assert client.post("/sparql", content=large, headers=FORM | AUTH).status_code == 200
