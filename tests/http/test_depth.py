"""Texts that are nested deep or chained long: refused with the reason, or answered; no worker dies of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kg.errors import QueryError
from kg.store.depth import check_depth
from tests.http.conftest import ROOT, serving

MOST = 1 << 20
TOKEN = "x" * 20
CHAINS: dict[str, Callable[[int], str]] = {
    "+": lambda n: f"SELECT ({'+'.join(['1'] * n)} AS ?x) {{}}",
    "-": lambda n: f"SELECT ({'-'.join(['1'] * n)} AS ?x) {{}}",
    "signed": lambda n: f"SELECT (1{' +1' * n} AS ?x) {{}}",
    "*": lambda n: f"SELECT ({'*'.join(['?y'] * n)} AS ?x) {{}}",
    "named": lambda n: f"SELECT ({'-'.join(['true'] * n)} AS ?x) {{}}",
    "||": lambda n: f"SELECT * {{ FILTER({'||'.join(['false'] * n)}) }}",
    "&&": lambda n: f"SELECT * {{ FILTER({'&&'.join(['?a<5'] * n)}) }}",
    "!": lambda n: f"SELECT * {{ FILTER({'!' * n}true) }}",
    "UNION": lambda n: f"SELECT * {{ {'UNION'.join(['{}'] * n)} }}",
    "OPTIONAL": lambda n: "SELECT * { " + "".join(f"OPTIONAL{{?s{i} ?p 1}}" for i in range(n)) + " } LIMIT 1",
    "MINUS": lambda n: f"SELECT * {{ ?s ?p ?o {'MINUS{?s ?p 1}' * n} }} LIMIT 1",
    "EXISTS": lambda n: f"SELECT * {{ {'FILTER EXISTS{?s ?p 1}' * n} }} LIMIT 1",
    "FILTER": lambda n: f"SELECT * {{ {'FILTER(?a)' * n} }}",
    "BIND": lambda n: "SELECT * { " + "".join(f"BIND(1 AS ?v{i})" for i in range(n)) + " }",
    "AS": lambda n: "SELECT " + "".join(f"(1AS?v{i})" for i in range(n)) + " {}",
    "COUNT": lambda n: "SELECT " + "".join(f"(COUNT(*) AS ?v{i})" for i in range(n)) + " {}",
    "HAVING": lambda n: f"SELECT (1 AS ?x) {{}} GROUP BY ?s HAVING{'(?s)' * n}",
    "SELECT": lambda n: f"SELECT * {{ {'{SELECT * {}}' * n} }}",
    "groups": lambda n: f"SELECT * {{ {'{?s ?p 1}' * n} }} LIMIT 1",
    "VALUES": lambda n: f"SELECT * {{ {'VALUES ?x{1}' * n} }}",
    ".": lambda n: "SELECT * { " + "".join(f"?s{i} ?p 1." for i in range(n)) + " } LIMIT 1",
    ";": lambda n: f"SELECT * {{ ?s ?p ?o{';?p ?o' * n} }} LIMIT 1",
    ",": lambda n: f"SELECT * {{ ?s ?p ?o{',?o' * n} }} LIMIT 1",
    "list": lambda n: f"SELECT * {{ ?s ?p ({'1 ' * n}) }} LIMIT 1",
    "lists": lambda n: f"SELECT * {{ ?s ?p ({'()' * n}) }} LIMIT 1",
    "blank": lambda n: f"SELECT * {{ ?s ?p {'[],' * n}1 }} LIMIT 1",
    "a/a": lambda n: f"SELECT * {{ ?s {'/'.join(['<x:a>'] * n)} ?o }} LIMIT 1",
    "a|a": lambda n: f"SELECT * {{ ?s ({'|'.join(['<x:a>'] * n)})* ?o }} LIMIT 1",
    "annotations": lambda n: f"SELECT * {{ ?s ?p ?o {'{|?p ?o|}' * n} }} LIMIT 1",
    "((": lambda n: f"SELECT ({'(' * n}1{')' * n} AS ?x) {{}}",
    "<((": lambda n: f"SELECT (1<{'(' * n}1>2{')' * n} AS ?x) {{}}",
    "{{": lambda n: f"SELECT * {'{' * n}{'}' * n}",
    "[[": lambda n: f"ASK {{ {'[<x:a> ' * n}1{']' * n} <x:a> 1 }}",
    "<<": lambda n: f"ASK {{ {'<<' * n}?s ?p ?o{'>> ?p ?o' * n} }}",
}
FLAT: dict[str, Callable[[int], str]] = {
    "VALUES": lambda n: f"SELECT * {{ VALUES ?x {{ {'-1 ' * n} }} }} LIMIT 1",
    "rows": lambda n: f"SELECT * {{ VALUES (?x ?y) {{ {'(1 -2)' * n} }} }} LIMIT 1",
    "IN": lambda n: f"SELECT * {{ ?s ?p ?o FILTER(?o IN ({'-1,' * n}1)) }} LIMIT 1",
    "CONCAT": lambda n: f"SELECT (STRLEN(CONCAT({'STR(1),' * n}'')) AS ?x) {{}}",
    "ORDER BY": lambda n: f"SELECT * {{}} ORDER BY{' ?s' * n}",
    "FROM": lambda n: f"SELECT * {'FROM <x:a> ' * n} {{}}",
    "a text": lambda n: f"SELECT ('{'1 + ( { ' * n}' AS ?x) {{}}",
    "a comment": lambda n: f"ASK {{}} #{'+(' * n}",
    "an IRI": lambda n: f"ASK {{ <x:{'/a-b+c' * n}> ?p ?o }}",
}


def longest(chain: Callable[[int], str]) -> int:
    """How long it may be."""
    low, high = 1, 1 << 13
    while high - low > 1:
        middle = (low + high) // 2
        try:
            check_depth(chain(middle))
        except QueryError:
            high = middle
        else:
            low = middle
    return low


@pytest.fixture(scope="module")
def one(store: Path) -> Iterator[TestClient]:
    """A client of a server with one worker, that may change the graph."""
    with serving(store, workers=1, timeout=1, union_after=None) as client:
        yield client


def ended(client: TestClient) -> float:
    """How many workers have ended other than for want of time."""
    told = dict(re.findall(r'foedus_query_events_total\{event="(\w+)"\} (.*)', client.get("/metrics").text))
    return float(told.get("worker", 0)) - float(told.get("timeout", 0))


def ask(client: TestClient, query: str) -> tuple[int, str]:
    while True:
        answer = client.post("/sparql", content=query, headers={"Content-Type": "application/sparql-query"})
        why = answer.json().get("error", "") if answer.status_code != 200 else ""
        if "no worker came free" not in why:  # another takes the place of one that took too long
            return answer.status_code, why


@pytest.mark.parametrize("kind", CHAINS)
def test_chains(one: TestClient, kind: str) -> None:
    chain = CHAINS[kind]
    most = longest(chain)
    assert most >= 390
    before = ended(one)
    status, why = ask(one, chain(most))
    # It parses; some are more than can be worked out in time, which ends the worker because of the time.
    assert status == 200 or (status == 503 and "longer than" in why) or "is not bound" in why, why
    for number in (most + 1, 10_000, int(MOST / len(chain(100_000)) * 95_000)):
        status, why = ask(one, chain(number))
        assert status == 400 and ("too long a chain" in why or "nested more than 400" in why), why
    assert ended(one) == before
    assert ask(one, "ASK {}") == (200, "")


@pytest.mark.parametrize("kind", FLAT)
def test_what_is_flat_may_be_long(one: TestClient, kind: str) -> None:
    query = FLAT[kind](MOST // len(FLAT[kind](1_000)) * 990)
    assert 500_000 < len(query) < MOST
    check_depth(query)
    status, why = ask(one, query)
    assert status == 200 or "longer than" in why


def test_updates_are_looked_at_operation_by_operation() -> None:
    one = "INSERT { ?s <x:p> ?y } WHERE { ?s ?p ?o BIND(?o + 1 AS ?y) }"
    check_depth("; ".join([one] * 5_000), "update")
    data = "<x:s> <x:p-q/r> -1, [ <x:p> (1 2 'a + b') ] ; <x:p> true ."
    check_depth(f"INSERT DATA {{ GRAPH <x:g> {{ {data * 20_000} }} }}", "update")
    with pytest.raises(QueryError, match="the update is too long a chain"):
        check_depth(f"DELETE WHERE {{ {'?s ?p ?o .' * 5_000} }}", "update")


@pytest.mark.parametrize(
    "path", [*ROOT.glob("queries/**/*.rq"), *ROOT.glob("ontology/rules/*.rq")], ids=lambda p: p.stem
)
def test_our_own(path: Path) -> None:
    check_depth(path.read_text(encoding="utf-8"))


def test_an_update(store: Path) -> None:
    with serving(store, workers=1, token=TOKEN) as client:
        answer = client.post(
            "/sparql",
            content=f"CLEAR ALL; INSERT {{}} WHERE {{ BIND({'+'.join(['1'] * 50_000)} AS ?x) }}",
            headers={"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"},
        )
        assert answer.status_code == 400 and "too long a chain" in answer.json()["error"]


def test_a_scenario(client: TestClient) -> None:
    update = f"INSERT {{}} WHERE {{ BIND({'+'.join(['1'] * 4_500)} AS ?x) }}"
    answer = client.get("/what-if", params={"update": update})
    assert answer.status_code == 400 and "the update is too long a chain" in answer.json()["error"]
