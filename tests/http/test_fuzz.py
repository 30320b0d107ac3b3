"""Whatever is asked, the answer is never our fault, and errors have their one shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kg.questions import load_questions
from tests.http.writing import AUTH, MINE, UPDATE, writable

WORDS = ["Armenia", "BLR", "betrays", "2020-11-09", "facts", "Possible", "-1", "%", "a b", "<x>", "id:state/ARM", ""]
VALUES = st.sampled_from(WORDS) | st.text(max_size=20)
ACCEPTS = st.sampled_from(
    ["*/*", "text/html", "text/csv;q=0.1", "text/turtle", "image/png", "application/json;q=0", ";"]
)
FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUERY_PARTS = st.lists(
    st.sampled_from(
        [
            *"{}()<>?.;,*'\"#\\",
            "SELECT ",
            "?x ",
            "ASK ",
            "CONSTRUCT ",
            "WHERE ",
            "FROM ",
            "foedus:betrays ",
            "SERVICE ",
            "GRAPH ",
            "<x:y> ",
            "1 ",
            "FILTER ",
            "BIND ",
            " AS ",
            "(<x:f>(1) AS ?y) ",
            "xsd:foo('1') ",
            "ORDER BY <x:f>(?x) ",
            "SUM(",
            "BIND(<x:f>(1) AS ?y) ",
            "UNION ",
            "\u0000",
            "é",
            "DESCRIBE ",
            "VALUES ",
        ]
    ),
    max_size=25,
).map("".join)


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert "Traceback" not in answer.text
        # Who wants pages is told on a page that a thing or a graph is not there.
        if answer.headers["content-type"].startswith("text/html"):
            assert answer.text.startswith("<!doctype html>")
        else:
            assert set(answer.json()) == {"error", "did_you_mean"}


@FUZZ
@given(st.data())
def test_routes_of_the_document(client: TestClient, data: st.DataObject) -> None:
    document = client.get("/openapi.json").json()
    path = data.draw(st.sampled_from(sorted(document["paths"])))
    operations = document["paths"][path]
    names = [p["name"] for p in operations.get("get", {}).get("parameters", ()) if p["in"] == "query"] or ["x"]
    parameters = data.draw(st.dictionaries(st.sampled_from([*names, "unknown"]), VALUES, max_size=3))
    # A day of knowledge has its own test: each works out a graph of its own.
    parameters.pop("known-by", None)
    method = data.draw(st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE"]))
    url = path.replace("{path}", data.draw(st.sampled_from(["state/ARM", "x", "a/b/c", "%00", "é"])))
    answer = client.request(method, url, params=parameters, headers={"Accept": data.draw(ACCEPTS)})
    if method == "HEAD":
        assert answer.status_code < 500
    else:
        check(answer)


@FUZZ
@given(QUERY_PARTS | st.text(max_size=50), ACCEPTS)
def test_queries(client: TestClient, query: str, accept: str) -> None:
    encoded = query.encode("utf-8", "ignore")
    headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
    check(client.post("/sparql", content=encoded, headers=headers))


@FUZZ
@given(
    st.binary(max_size=60), st.sampled_from(["application/x-www-form-urlencoded", "application/sparql-query", "x/y"])
)
def test_bodies(client: TestClient, body: bytes, media: str) -> None:
    check(client.post("/sparql", content=body, headers={"Content-Type": media}))


CALL = "BIND(<x:f>(1) AS ?x) "
UPDATE_PARTS = [
    "INSERT ", "DELETE ", "DATA ", "WHERE ", "USING ", "WITH ", "CLEAR ", "SILENT ", "ALL", "GRAPH ", "; ", CALL,
]  # fmt: skip
METHODS = st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"])
TERMS = st.sampled_from(
    ["<x:g> ", "_:b ", "a ", "1 ", "'x' ", "{", "}", ".", "[", "]", "@prefix ", "<", "\u0000", "\u00e9"]
)
RARELY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def writers(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with writable(store, tmp_path_factory.mktemp("fuzz"), workers=2) as opened:
        yield opened


@RARELY
@given(st.lists(st.sampled_from(UPDATE_PARTS) | TERMS, max_size=12).map("".join), st.booleans(), st.booleans())
def test_updates(writers: TestClient, text: str, using: bool, shown: bool) -> None:
    parameters = {"using-graph-uri": MINE} if using else {}
    content = text.encode("utf-8", "ignore")
    headers = UPDATE | (AUTH if shown else {})
    answer = writers.post("/sparql", params=parameters, content=content, headers=headers)
    assert answer.status_code < 500, answer.text
    assert shown or answer.status_code == 401


@RARELY
@given(
    METHODS,
    st.sampled_from([{}, {"default": ""}, {"graph": "x:g"}, {"graph": "nonsense"}, {"graph": MINE}]) | st.none(),
    st.sampled_from(["text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples", "x/y", ";"]),
    st.lists(TERMS, max_size=8).map("".join),
)
def test_graphs(writers: TestClient, method: str, parameters: dict[str, str] | None, media: str, text: str) -> None:
    content = text.encode("utf-8", "ignore")
    headers = AUTH | {"Content-Type": media}
    answer = writers.request(method, "/graph-store", params=parameters, content=content, headers=headers)
    assert answer.status_code < 500, answer.text


def test_every_question_with_nonsense(client: TestClient) -> None:
    for question in load_questions():
        for parameter in question.parameters:
            check(client.get(f"/questions/{question.name}", params={parameter.name: "n\u00f6nsense; DROP '\"<x>"}))


# What schemathesis makes of the OpenAPI document: requests that fit it, and requests that break it on purpose.
SCHEMATHESIS = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@SCHEMATHESIS
@given(st.data())
def test_schemathesis(client: TestClient, data: st.DataObject) -> None:
    """Operations that read: no answer is our fault, and each status is one that the document has."""
    made, documented = data.draw(cases(client))
    answer = sent(client, made)
    assert answer.status_code < 500, (made.method, made.formatted_path, made.query, answer.text)
    if (responses := documented.get(made.method.lower())) is not None:
        assert {str(answer.status_code), f"{answer.status_code // 100}XX"} & responses.keys(), (answer, responses)


@settings(SCHEMATHESIS, max_examples=40)
@given(st.data(), st.booleans())
def test_schemathesis_writes(writers: TestClient, data: st.DataObject, shown: bool) -> None:
    """Operations that write, with the token and without."""
    made, _ = data.draw(cases(writers, "post", "put", "delete"))
    answer = sent(writers, made, AUTH if shown else {})
    assert answer.status_code < 500, (made.method, made.formatted_path, made.query, answer.text)


@cache
def cases(client: TestClient, *methods: str) -> st.SearchStrategy[tuple[Any, dict[str, Any]]]:
    """Requests, each with what its path documents, by method."""
    from schemathesis import GenerationMode, openapi

    document = client.get("/openapi.json").json()
    schema = openapi.from_dict(document)
    wanted = methods or ("get", "head", "post")
    strategies = []
    for path, operations in document["paths"].items():
        documented = {
            method: operation["responses"] for method, operation in operations.items() if "responses" in operation
        }
        for method in documented:
            if method in wanted and (methods or path != "/graph-store" or method == "get"):
                operation = schema[path][method]
                for mode in GenerationMode:
                    strategies.append(st.tuples(operation.as_strategy(generation_mode=mode), st.just(documented)))
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


def sent(client: TestClient, made: Any, headers: dict[str, str] | None = None) -> Any:
    body = made.body if isinstance(made.body, str | bytes | dict | list) else b""
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    # A day of knowledge has its own test: each works out a graph of its own.
    asked = {name: value for name, value in (made.query or {}).items() if name != "known-by"}
    fields = {name: value for name, value in (made.headers or {}).items() if value.isascii() and value.isprintable()}
    fields |= {"Content-Type": made.media_type} if made.media_type else {}
    content = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return client.request(
        made.method, made.formatted_path, params=asked, content=content, headers=fields | (headers or {})
    )
