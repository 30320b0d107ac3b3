"""Every question over HTTP gives the rows of the embedded API; wrong parameters are errors that help."""

from __future__ import annotations

import csv
import io
import json
import shlex

import jsonschema
import pytest
import rdflib
from pyoxigraph import QueryResultsFormat
from rdflib.query import Result
from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.questions import Question, load_questions

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")


def example(question: Question) -> dict[str, str]:
    """The parameters in the example of a question."""
    words = shlex.split(question.example)[3:]
    return {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}


@pytest.mark.parametrize("question", load_questions(), ids=lambda question: question.name)
def test_rows_are_those_of_the_library(client: TestClient, graph: KnowledgeGraph, question: Question) -> None:
    own = {p.name for p in question.parameters} | {"policy", "known-by"}
    given = {name: value for name, value in example(question).items() if name in own}
    wanted = graph.ask(question, **{name.replace("-", "_"): value for name, value in given.items()})
    url = f"/questions/{question.name}"
    plain = client.get(url, params=given)
    assert plain.status_code == 200, plain.text
    assert plain.json()["rows"] == list(wanted)
    assert plain.json()["columns"] == list(wanted.columns)
    table = client.get(url, params=given, headers={"Accept": "text/csv"})
    assert list(csv.reader(io.StringIO(table.text)))[1:] == wanted.table()
    rows = client.get(url, params=given, headers={"Accept": "application/sparql-results+json"})
    assert rows.json() == json.loads(wanted.to_sparql(QueryResultsFormat.JSON))
    for media, form in (("application/sparql-results+xml", "xml"), ("text/tab-separated-values", "tsv")):
        answer = client.get(url, params=given, headers={"Accept": media})
        assert answer.headers["content-type"].startswith(media)
        assert len(Result.parse(io.BytesIO(answer.content), format=form)) == len(wanted)
    page = client.get(url, params=given, headers={"Accept": "text/html"})
    assert page.text.startswith("<!doctype html>") and "not a verdict" in page.text


def test_answers_are_as_openapi_says(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    some = 0
    for question in load_questions():
        url = f"/questions/{question.name}"
        schema = paths[url]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for given in ({}, {"iris": "true"}):
            answer = client.get(url, params=example(question) | given).json()
            jsonschema.validate(answer, schema, cls=jsonschema.Draft202012Validator)
            some += len(answer["rows"])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**answer, "rows": [{"no_such_column": 1}]}, schema)
    assert some > 200


def test_betrayals_are_no_verdicts(client: TestClient) -> None:
    for question in load_questions():
        if question.area == "betrayals":
            answer = client.get(f"/questions/{question.name}").json()
            assert not answer["rows"] or "not a verdict" in " ".join(answer["notes"])


@pytest.mark.parametrize(
    ("path", "status", "near"),
    [
        ("allies-supplying-adversry", 404, ["allies-supplying-adversary"]),
        ("allies-supplying-adversary?state=Armenja", 400, ["Armenia"]),
        ("allies-supplying-adversary?stat=Armenia", 400, ["state"]),
        ("allies-supplying-adversary?policy=fact", 400, ["facts"]),
        ("allies-supplying-adversary?overlap=Possibel", 400, ["Possible"]),
        ("allies-supplying-adversary?format=jsn", 400, ["json"]),
        ("allies-supplying-adversary?on=yesterday", 400, []),
        ("allies-supplying-adversary?known-by=soon", 400, []),
        ("allies-supplying-adversary?state=ARM&state=AZE", 400, []),
        ("allies-supplying-adversary?iris=perhaps", 400, []),
        ("vocabulary?term=Membrship", 400, ["Membership"]),
        ("vocabulary?term=xyzzy", 400, []),
        ("allies-supplying-adversary?state=%FF", 400, []),
    ],
)
def test_errors_say_what_is_right(client: TestClient, path: str, status: int, near: list[str]) -> None:
    answer = client.get(f"/questions/{path}")
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error", "did_you_mean"} and body["did_you_mean"][: len(near)] == near


def test_a_wrong_parameter_lists_the_right_ones(client: TestClient) -> None:
    error = client.get("/questions/allies-supplying-adversary?x=1").json()["error"]
    names = (
        "state, supplier, adversary, on, from, to, obligation-kind, hostility-kind, without, one-sided, grain, overlap"
    )
    assert f"takes: {names}" in error


def test_known_by(client: TestClient) -> None:
    rows = client.get("/questions/betrayals", params={"known-by": "1990-01-01"}).json()["rows"]
    assert rows == []
    assert client.get("/questions/betrayals").json()["rows"] != []


def test_list_as_json_page_and_rdf(client: TestClient) -> None:
    names = [question.name for question in load_questions()]
    assert [q["name"] for q in client.get("/questions").json()["questions"]] == names
    assert "<table>" in client.get("/questions", headers={"Accept": "text/html"}).text
    turtle = client.get("/questions", headers={"Accept": "text/turtle"}).text
    described = rdflib.Graph().parse(data=turtle, format="turtle")
    found = set(described.subjects(rdflib.RDF.type, SH.SPARQLExecutable))
    assert {str(node).rpartition("/")[2] for node in found} == set(names)
    for node in found:
        rdflib.plugins.sparql.prepareQuery(str(described.value(node, SH.select)))


def test_iris(client: TestClient) -> None:
    answer = client.get("/questions/allies-supplying-adversary?iris=true&format=csv")
    assert "https://w3id.org/foedus/id/state/BLR" in answer.text


QUESTION = "/questions/allies-supplying-adversary"


def test_what_a_question_takes_is_listed_whole(client: TestClient) -> None:
    told = client.get(f"{QUESTION}?polcy=facts").json()
    assert told["error"].endswith("grain, overlap, policy, known-by, iris, format") and told["did_you_mean"] == [
        "policy"
    ]
    name = next(question.name for question in load_questions() if not question.policy)
    assert ", policy" not in client.get(f"/questions/{name}?polcy=facts").json()["error"]


@pytest.mark.parametrize(
    ("name", "value", "near"),
    [
        ("obligation-kind", "Defense", ["foedus:DefenseObligation"]),
        ("hostility-kind", "conflict", ["foedus:ConflictHostility"]),
        ("obligation-kind", "no such thing", []),
    ],
)
def test_classes_that_there_are_are_listed(client: TestClient, name: str, value: str, near: list[str]) -> None:
    answer = client.get(QUESTION, params={name: value})
    assert answer.status_code == 400 and answer.json()["did_you_mean"] == near
    assert f"foedus:{name.partition('-')[0].title()}" in answer.json()["error"].partition("There are: ")[2]


def test_a_span_that_ends_before_it_begins(client: TestClient) -> None:
    answer = client.get(f"{QUESTION}?from=2020-01-01&to=2019-01-01")
    assert (
        answer.status_code == 400 and "to: '2019-01-01' is not a day on or after 2020-01-01" in answer.json()["error"]
    )
    assert client.get(f"{QUESTION}?from=2020-01-01&to=2020-01-01").status_code == 200
