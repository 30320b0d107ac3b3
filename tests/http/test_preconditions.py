"""``If-Match`` and ``If-None-Match`` of a change: of two who read the same graph, the second is told of the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.writing import AUTH, MINE, OTHER, STATES, TURTLE, writable

ONE = "<https://example.org/s> <https://example.org/p> 1 ."
TWO = "<https://example.org/s> <https://example.org/p> 2 ."


@pytest.fixture(scope="module")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with writable(store, tmp_path_factory.mktemp("writable")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def mine(client: TestClient) -> None:
    """A graph that says one thing."""
    assert write(client, "PUT", MINE, ONE).status_code in (200, 201)


def read(client: TestClient, graph: str, media: str = "text/turtle", **fields: str) -> Any:
    answer = client.get("/graph-store", params={"graph": graph}, headers={"Accept": media, **fields})
    assert answer.status_code in (200, 304), answer.text
    return answer


def write(client: TestClient, method: str, graph: str, text: str = "", **fields: str) -> Any:
    headers = {**AUTH, **TURTLE, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return client.request(method, "/graph-store", params={"graph": graph}, content=text or None, headers=headers)


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
)
def test_who_comes_second_is_told(client: TestClient, media: str) -> None:
    tag = read(client, MINE, media).headers["etag"]
    assert write(client, "PUT", MINE, TWO, If_Match=tag).status_code == 200
    for method in ("PUT", "POST", "DELETE"):
        refused = write(client, method, MINE, ONE if method != "DELETE" else "", If_Match=tag)
        assert refused.status_code == 412 and "nothing was written" in refused.json()["error"]
    assert "2" in read(client, MINE).text
    assert write(client, "PUT", MINE, ONE, If_Match=f'"other", {read(client, MINE).headers["etag"]}').status_code == 200


def test_a_validator_is_strong_and_of_one_form(client: TestClient) -> None:
    tags = [read(client, MINE, media).headers["etag"] for media in ("text/turtle", "application/n-triples")]
    assert len(set(tags)) == 2 and all(tag.startswith('"') for tag in tags)
    # A weak one says that it means about the same, which is not enough to write upon.
    assert write(client, "PUT", MINE, TWO, If_Match=f"W/{tags[0]}").status_code == 412


def test_a_change_of_another_graph_is_none_of_this(client: TestClient) -> None:
    tag = read(client, MINE).headers["etag"]
    assert write(client, "PUT", OTHER, ONE).status_code in (200, 201)
    assert write(client, "PUT", MINE, TWO, If_Match=tag).status_code == 200


def test_it_still_tells_whether_what_was_read_is_fresh(client: TestClient) -> None:
    first = read(client, MINE)
    again = read(client, MINE, **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.headers["etag"] == first.headers["etag"]
    assert write(client, "PUT", MINE, TWO).status_code == 200
    fresh = read(client, MINE, **{"If-None-Match": first.headers["etag"]})
    assert fresh.status_code == 200 and "2" in fresh.text


def test_any_graph_that_is_there(client: TestClient) -> None:
    assert write(client, "PUT", MINE, TWO, If_Match="*").status_code == 200
    missing = f"{MINE}-missing"
    assert write(client, "PUT", missing, TWO, If_Match="*").status_code == 412
    assert write(client, "DELETE", missing, If_Match="*").status_code == 404  # as it would be without


def test_only_where_there_is_none(client: TestClient) -> None:
    new = f"{MINE}-new"
    assert write(client, "PUT", new, ONE, If_None_Match="*").status_code == 201
    refused = write(client, "PUT", new, TWO, If_None_Match="*")
    assert refused.status_code == 412 and "there already" in refused.json()["error"]
    tag = read(client, new).headers["etag"]
    assert write(client, "PUT", new, TWO, If_None_Match=f"W/{tag}").status_code == 412
    assert write(client, "PUT", new, TWO, If_None_Match='"other.ttl"').status_code == 200


def test_a_graph_that_a_build_read(client: TestClient) -> None:
    tag = read(client, STATES, "application/n-triples").headers["etag"]
    refused = write(client, "POST", STATES, ONE, If_Match=tag.replace(".nt", "x.nt"))
    assert refused.status_code == 412
    assert write(client, "POST", STATES, ONE, If_Match=tag).status_code == 200
    assert write(client, "POST", STATES, TWO, If_Match=tag).status_code == 412
