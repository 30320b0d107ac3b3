"""Queries and questions, in a worker."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any, Final

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from kg.answers import Answer
from kg.errors import UnknownName, UsageError
from kg.http import pages
from kg.http.datasets import each_once
from kg.http.formats import GRAPHS, HTML, JSON, ROWS
from kg.http.frames import Job
from kg.http.protocol import Outline, SparqlRequest, outline, varies
from kg.http.refusals import Refused
from kg.http.replies import CHUNK, Reply, agreed
from kg.http.served import Served, ServedGraph
from kg.http.words import mentions
from kg.lexemes import settled
from kg.questions import Question, load_question
from kg.sentences import CATEGORY
from kg.store.depth import check_depth
from kg.terms import PREFIXES, near_misses

__all__ = ["question", "sparql"]

_NO_SERVICE: Final = "SERVICE is not allowed here: queries of this endpoint call no other endpoint"
_OUTLINED: Final = ("SERVICE", "FROM")
_USUAL: Final = Outline(remote=False, dataset=False)
"""What queries look like that need not be taken apart."""

_SHARED: Final = ("policy", "known-by")
_OURS: Final = ("iris", "format")
"""What the address of every question takes besides its own parameters."""

_question = cache(load_question)
_Result = QuerySolutions | QueryBoolean | QueryTriples


def sparql(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """Answer a query of somebody's own."""
    given = job.arguments
    asked = SparqlRequest(given["query"], tuple(given["default_graphs"]), tuple(given["named_graphs"]))
    query, looks = asked.query or "", _USUAL
    if mentions(query, _OUTLINED):
        query = settled(query)
        asked, looks = replace(asked, query=query), outline(query)
    if looks.remote:
        raise Refused(403, _NO_SERVICE)
    check_depth(query)
    if varies(query):
        reply.varies()
    policy, known_by = given["policy"], given["known_by"]
    # A dataset that is named is what it is: no day of knowledge changes it.
    dated = known_by and not (looks.dataset or asked.has_dataset)
    graph = served.graph(f"{policy} {known_by}" if dated else None)

    def run() -> _Result:
        return _run(graph, asked, own=looks.dataset, policy=policy, known_by=known_by)

    result = run()
    kinds = GRAPHS if isinstance(result, QueryTriples) else ROWS
    media = agreed(job, *kinds)
    reply.begin(media, Vary="Accept")
    if not reply.wants_body:
        return
    if max_rows is not None and not isinstance(result, QueryBoolean):
        # A row takes a byte at least: an answer that is held back whole can be counted, and refused, before it leaves.
        reply.hold = min(CHUNK, max_rows + 1)

        def count() -> None:
            again = run()
            assert not isinstance(again, QueryBoolean)
            if sum(1 for _ in islice(again, max_rows + 1)) > max_rows:
                raise Refused(413, f"the answer has more than {max_rows} rows; ask for fewer with LIMIT")

        reply.before_first = count
    try:
        result.serialize(reply, kinds[media])  # type: ignore[arg-type]
    except PermissionError as fault:  # of a worker, which has no way to the network
        raise Refused(403, _NO_SERVICE) from fault


def _run(graph: ServedGraph, asked: SparqlRequest, *, own: bool, policy: str | None, known_by: str | None) -> _Result:
    query = asked.query or ""
    if asked.has_dataset:
        return graph.store.query(
            query,
            default_graphs=[NamedNode(g) for g in asked.default_graphs],
            named_graphs=[NamedNode(g) for g in asked.named_graphs],
            prefixes=PREFIXES,
        )
    if own:
        return graph.as_served.query_as_written(each_once(query))
    return graph.sparql(query, policy=policy, known_by=known_by)


def question(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """Answer one of the questions that ship."""
    asked = _question(job.arguments["name"])
    parameters: dict[str, Any] = dict(job.arguments["parameters"])
    names = [*(p.name for p in asked.parameters), *(_SHARED if asked.policy else ()), *_OURS]
    policy, known_by = parameters.pop("policy", None), parameters.pop("known-by", None)
    iris = _switch("iris", parameters.pop("iris", None))
    media = agreed(job, *QUESTION_FORMS)
    values = {}
    for name, value in parameters.items():
        try:
            parameter = asked.parameter(name)
        except UnknownName:
            near = near_misses(name.replace("_", "-"), names)
            raise UnknownName("parameter", name, near, f"{asked.name} takes: {', '.join(names)}") from None
        if parameter.name in values:
            raise Refused(400, f"{parameter.name} is given twice")
        values[parameter.name] = value
    missing = [p for p in asked.parameters if p.required and p.name not in values]
    if missing and media == HTML:
        reply.whole(HTML, pages.question(asked, values, None, job.arguments["path"]))
        return
    if missing:
        raise Refused(400, f"{asked.name} needs {missing[0].name}: {missing[0].help}. It takes: {', '.join(names)}")
    graph = served.graph(f"{policy} {known_by}" if known_by else None)
    answer = graph.ask(asked, policy=policy, known_by=known_by, **values)
    if max_rows is not None and len(answer) > max_rows:
        raise Refused(413, f"the answer has more than {max_rows} rows; ask for less")
    match media:
        case "application/json":
            reply.whole(media, json.dumps(_plain(asked, answer, iris), ensure_ascii=False, indent=1) + "\n")
        case "text/csv":
            reply.whole(media, _csv(answer, iris))
        case "text/html":
            reply.whole(media, pages.question(asked, values, answer, job.arguments["path"]))
        case _:
            reply.whole(media, answer.to_sparql(ROWS[media]))


QUESTION_FORMS: Final = (
    JSON,
    "text/csv",
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/tab-separated-values",
    HTML,
)
"""The forms of the answer to a question; JSON and CSV are plain, with names in the place of nodes."""


def _plain(asked: Question, answer: Answer, iris: bool) -> dict[str, Any]:
    rows = [
        {
            name: term.value if iris and isinstance(term, NamedNode) else answer.value(term)
            for name, term in zip(answer.columns, row, strict=True)
        }
        for row in answer.terms
    ]
    notes = [*([CATEGORY] if asked.area == "betrayals" and rows else []), *answer.notes]
    return {"question": asked.name, "columns": list(answer.columns), "rows": rows, "notes": notes}


def _csv(answer: Answer, iris: bool) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink)  # RFC 4180: lines end in CR LF
    writer.writerow(answer.columns)
    for row in answer.terms:
        writer.writerow(term.value if iris and isinstance(term, NamedNode) else answer.text(term) for term in row)
    return sink.getvalue()


def _switch(name: str, value: str | None) -> bool:
    if value is None:
        return False
    if value.lower() not in ("true", "false", "1", "0"):
        raise UsageError(f"{name}: {value!r} is not true or false")
    return value.lower() in ("true", "1")
