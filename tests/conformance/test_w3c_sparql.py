"""The W3C's test suites for SPARQL 1.1 and 1.0 against ``kg serve``, over HTTP, with every deviation named.

The suites are fetched, or taken from the folder that ``$FOEDUS_W3C_SPARQL`` names (:mod:`tests.conformance.w3c_suite`).
A group is a test: its cases deviate as :data:`DEVIATIONS` says, and in no other way. A case that comes to pass must
leave that list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

import pytest
import rdflib

from tests.conformance.w3c_manifests import Suite
from tests.conformance.w3c_results import read_results, same_results
from tests.conformance.w3c_served import Served, fill
from tests.conformance.w3c_suite import FOLDER_VARIABLE, Unavailable, suite_folder
from tests.http.conftest import Server
from tests.http.writing import TOKEN

pytestmark = pytest.mark.xdist_group("w3c-sparql")

GROUPS: Final = {
    "dawg-data-r2": {
        "algebra": 14, "ask": 4, "basic": 27, "bnode-coreference": 1, "boolean-effective-value": 7, "bound": 1,
        "cast": 7, "construct": 5, "dataset": 15, "distinct": 11, "expr-builtin": 24, "expr-equals": 12, "expr-ops": 7,
        "graph": 12, "i18n": 5, "open-world": 18, "optional": 7, "optional-filter": 6, "reduced": 2, "regex": 4,
        "solution-seq": 13, "sort": 13, "syntax-sparql1": 81, "syntax-sparql2": 53, "syntax-sparql3": 51,
        "syntax-sparql4": 12, "syntax-sparql5": 2, "triple-match": 4, "type-promotion": 30,
    },
    "sparql11": {
        "add": 8, "aggregates": 28, "basic-update": 13, "bind": 10, "bindings": 10, "clear": 4, "construct": 6,
        "copy": 6, "csv-tsv-res": 6, "delete": 19, "delete-data": 6, "delete-insert": 16, "delete-where": 6, "drop": 4,
        "exists": 5, "functions": 61, "grouping": 6, "json-res": 4, "move": 6, "negation": 11, "project-expression": 7,
        "property-path": 24, "service": 7, "subquery": 14, "syntax-fed": 3, "syntax-query": 86, "syntax-update-1": 54,
        "syntax-update-2": 1, "update-silent": 13,
    },
}  # fmt: skip
"""The groups that are run, with the number of their cases."""

LEFT_OUT: Final = {
    "sparql11/entailment": (
        66,
        "the cases have data of their own; the server entails over what it was built from",
    ),
    "sparql11/protocol": (34, "the cases are in prose; tests/http/test_w3c_protocol.py has them"),
    "sparql11/service-description": (3, "the cases are in prose; tests/http/test_w3c_results.py has them"),
}
"""The groups that are not, with the number of their cases and why. ``http-rdf-update`` has no manifest; its cases are
in tests/http/test_w3c_graph_store.py."""

ROWS, GRAPH, PARSED = "other rows", "another graph", "it was taken"
FAULT, FORBIDDEN = "400: the query does not parse", "403: "
UNTOUCHED, UNNAMED = "the default graph is as it was", "403: the default graph cannot be written"
MOVED = "400: DEFAULT is the unnamed graph, which is empty here"
CALLS, UNKNOWN = "403: LOAD and SERVICE are not allowed", "400: the query cannot be answered: The custom function"

VALUES: Final = (
    "Oxigraph keeps the value of a number, not its spelling (01 is 1), and xsd:integer for the types below it"
)
STRINGS: Final = (
    "made for RDF 1.0; since RDF 1.1 every literal has a type: xsd:string or rdf:langString if none is written"
)
POINT: Final = "made for SPARQL 1.0; since SPARQL 1.1 no number ends in a point"
SHARED: Final = "a graph of the store that is both FROM and FROM NAMED has the same blank nodes in both"
FUNCTION: Final = "a query that calls a function which nobody knows is refused, rather than answered without"
ESCAPES: Final = "Oxigraph reads \\u escapes in IRIs and strings alone"
SERVICE: Final = "queries call no other endpoint, by design; that is looked at before the text is parsed"
LOADING: Final = "updates read nothing from elsewhere, by design; that is looked at before the text is parsed"
DEFAULT: Final = "the default graph of updates is empty and cannot be written, by design"
EVERYTHING: Final = "graphs that are not of sources cannot be emptied, by design"

DEVIATIONS: Final = {
    "dawg-data-r2/basic": {"term-6": (ROWS, POINT), "term-7": (FAULT, POINT)},
    "dawg-data-r2/dataset": dict.fromkeys(("dawg-dataset-09", "dawg-dataset-10", "dawg-dataset-12"), (ROWS, SHARED)),
    "dawg-data-r2/distinct": {
        "distinct-1": (ROWS, VALUES),
        "distinct-2": (ROWS, STRINGS),
        "distinct-9": (ROWS, f"{VALUES}; {STRINGS}"),
    },
    "dawg-data-r2/expr-builtin": {
        "dawg-datatype-2": (ROWS, STRINGS),
        **dict.fromkeys(("dawg-str-1", "dawg-str-2"), (ROWS, VALUES)),
        **dict.fromkeys(("sameTerm-simple", "sameTerm-eq", "sameTerm-not-eq"), (ROWS, VALUES)),
    },
    "dawg-data-r2/expr-equals": dict.fromkeys(("eq-graph-1", "eq-graph-2"), (ROWS, VALUES)),
    "dawg-data-r2/open-world": {
        "open-eq-01": (ROWS, VALUES),
        "date-2": (ROWS, "to Oxigraph a day without a time zone is not the same day in UTC; here that is an error"),
    },
    "dawg-data-r2/optional-filter": {
        "dawg-optional-filter-005-simplified": (ROWS, "one of two readings of double braces; the other one passes"),
    },
    "dawg-data-r2/syntax-sparql1": {
        "syntax-lit-08": (FAULT, POINT),
        **dict.fromkeys(("syntax-expr-05", "syntax-order-05", "syntax-order-06"), (UNKNOWN, FUNCTION)),
    },
    "dawg-data-r2/syntax-sparql2": {
        **{f"syntax-function-0{number}": (UNKNOWN, FUNCTION) for number in range(1, 5)},
        **dict.fromkeys(("syntax-esc-04", "syntax-esc-05"), (FAULT, ESCAPES)),
    },
    "dawg-data-r2/syntax-sparql3": {
        "syn-bad-26": (PARSED, "Oxigraph has no rule of the longest token: ?x<?a&&?b>?y is two comparisons to it"),
    },
    "sparql11/add": {"add01": (MOVED, DEFAULT), "add02": (MOVED, DEFAULT), "add07": (UNNAMED, DEFAULT)},
    "sparql11/aggregates": {
        "agg-empty-group": (ROWS, "what is expected lacks ?x, which the query selects, and has a group of nothing"),
    },
    "sparql11/basic-update": {
        **dict.fromkeys(("insert-data-spo1", "insert-where-04", "insert-using-01"), (UNNAMED, DEFAULT)),
        "insert-where-01": (UNTOUCHED, DEFAULT),
        "insert-where-02": (GRAPH, DEFAULT),
        "insert-where-same-bnode": ("400: the update cannot be carried out: The graph", DEFAULT),
    },
    "sparql11/clear": {
        "dawg-clear-default-01": (UNTOUCHED, DEFAULT),
        **dict.fromkeys(("dawg-clear-named-01", "dawg-clear-all-01"), (FORBIDDEN, EVERYTHING)),
    },
    "sparql11/copy": {"copy01": (MOVED, DEFAULT), "copy02": (MOVED, DEFAULT), "copy06": (UNNAMED, DEFAULT)},
    "sparql11/csv-tsv-res": dict.fromkeys(("csv03", "tsv03"), (ROWS, VALUES)),
    "sparql11/delete": dict.fromkeys(
        ("dawg-delete-01", "dawg-delete-05", "dawg-delete-using-01"), (UNTOUCHED, DEFAULT)
    ),
    "sparql11/delete-data": dict.fromkeys(("dawg-delete-data-01", "dawg-delete-data-05"), (UNTOUCHED, DEFAULT)),
    "sparql11/delete-insert": {
        f"dawg-delete-insert-{name}": (UNTOUCHED, DEFAULT) for name in ("01", "01b", "01c", "02", "04", "04b", "05b")
    },
    "sparql11/delete-where": dict.fromkeys(("dawg-delete-where-01", "dawg-delete-where-05"), (UNTOUCHED, DEFAULT)),
    "sparql11/drop": {
        "dawg-drop-default-01": (UNTOUCHED, DEFAULT),
        **dict.fromkeys(("dawg-drop-named-01", "dawg-drop-all-01"), (FORBIDDEN, EVERYTHING)),
    },
    "sparql11/functions": {
        **dict.fromkeys(("strdt03", "strlang03"), (ROWS, STRINGS)),
        "bnode01": (ROWS, "to Oxigraph BNODE(\"x\") is the same node in every row"),
    },
    "sparql11/move": {"move01": (MOVED, DEFAULT), "move02": (MOVED, DEFAULT), "move06": (UNNAMED, DEFAULT)},
    "sparql11/service": {
        f"service{number}": ("403: SERVICE is not allowed", SERVICE) for number in ("1", "2", "3", "4a", "5", "6", "7")
    },
    "sparql11/syntax-fed": {f"test_{number}": ("403: SERVICE is not allowed", SERVICE) for number in (1, 2, 3)},
    "sparql11/syntax-query": {"test_4": (UNKNOWN, FUNCTION)},
    "sparql11/syntax-update-1": {f"test_{number}": (CALLS, LOADING) for number in (1, 2, 3, 4, 37, 41, 47, 48, 49)},
    "sparql11/update-silent": dict.fromkeys(("load-silent", "load-into-silent"), (CALLS, LOADING)),
}  # fmt: skip
"""By group and case, how what is served deviates, and why."""


@pytest.fixture(scope="module")
def suite(pytestconfig: pytest.Config) -> Suite:
    assert pytestconfig.cache is not None
    try:
        return Suite(suite_folder(pytestconfig.cache.mkdir("w3c-sparql")))
    except Unavailable as fault:
        pytest.skip(f"{fault}; ${FOLDER_VARIABLE} may name a folder that has them")


@pytest.fixture(scope="module")
def served(suite: Suite, store: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("w3c") / "store"
    fill(place, store, suite, [case for group in _groups() for case in suite.cases(group)])  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOEDUS_TOKEN", TOKEN)
        server = Server("--store", place, "--writable", "--timeout", 20)
    opened = Served(server, suite)
    yield opened
    opened.close()
    server.stop()


def _groups() -> list[str]:
    return [f"{suite}/{group}" for suite, groups in GROUPS.items() for group in groups]


def test_every_group_is_accounted_for(suite: Suite) -> None:
    run = {f"{suite}/{group}": count for suite, groups in GROUPS.items() for group, count in groups.items()}
    assert suite.groups() == run | {group: count for group, (count, _) in LEFT_OUT.items()}
    assert not DEVIATIONS.keys() - run.keys()


@pytest.mark.parametrize(
    ("rows", "others", "same"),
    [
        ("VALUES (?a ?b) { (1 2) (3 4) }", "VALUES (?b ?a) { (4 3) (2 1) }", True),
        ("VALUES ?a { 1 1 }", "VALUES ?a { 1 }", False),
        ("VALUES ?a { 1 1 2 }", "VALUES ?a { 1 2 2 }", False),
        ("VALUES ?a { 1 UNDEF }", "VALUES ?a { 1 2 }", False),
        ("VALUES ?a { 1 }", "VALUES ?a { 1.0 }", False),
        ("VALUES ?a { 'a' }", "VALUES ?a { 'a'@en }", False),
        ("{ BIND (BNODE() AS ?a) }", "{ BIND (BNODE() AS ?a) }", True),
        ("{ BIND (BNODE() AS ?a) BIND (?a AS ?b) }", "{ BIND (BNODE() AS ?a) BIND (BNODE() AS ?b) }", False),
    ],
)
def test_what_is_the_same(rows: str, others: str, same: bool) -> None:
    """That the comparison finds differences, without the suites."""
    one, other = (read_results(_answer(text), "srj") for text in (rows, others))
    assert same_results(one, other) is same


def test_order_and_number_of_rows() -> None:
    up, down, twice = (_answer(f"VALUES ?a {{ {row} }}") for row in ("1 2", "2 1", "1 1 2"))
    assert not same_results(read_results(up, "srj", is_ordered=True), read_results(down, "srj"))
    assert same_results(read_results(twice, "srj"), read_results(up, "srj"), is_lax=True)
    assert not same_results(read_results(up, "srj"), read_results(twice, "srj"), is_lax=True)


def _answer(pattern: str) -> bytes:
    answer = rdflib.Graph().query(f"SELECT * WHERE {{ {pattern} }}")
    return answer.serialize(format="json") or b""


@pytest.mark.parametrize("group", _groups())
def test_group(
    suite: Suite,
    served: Served,
    group: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    # The spelling of literals is part of the cases; rdflib warns of those that are wrong on purpose.
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    monkeypatch.setattr(logging.getLogger("rdflib.term"), "disabled", True)
    cases = suite.cases(group)
    found = {case.name: deviation for case in cases if (deviation := served.deviation(case)) is not None}
    known = DEVIATIONS.get(group, {})
    fresh = {name: how for name, how in found.items() if name not in known or not how.startswith(known[name][0])}
    assert not fresh, "cases that deviate, or deviate otherwise than the list says"
    assert found.keys() == known.keys(), "cases that pass and are in the list"
    record_property("w3c-sparql", [len(cases) - len(found), len(found)])
