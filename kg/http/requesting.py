"""From a request to a job: what its address says, and in what form the answer is wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from starlette.requests import Request

from kg.errors import BadParameter
from kg.http.formats import JSON, SHORT
from kg.http.frames import Job
from kg.http.protocol import FORM, SparqlRequest, media_of, parameters, text_of
from kg.http.refusals import Refused
from kg.terms import iri, near_misses

__all__ = [
    "Making",
    "accept_of",
    "base_of",
    "given",
    "graph_named",
    "job_of",
    "listed",
    "posted",
    "query_job",
    "question_job",
]

Making: TypeAlias = Callable[[bytes, str | None], Job | None]
"""What makes a job of a query string and the field ``Accept``; none where there is nothing to ask a worker."""


def accept_of(request: Request) -> str | None:
    """The field ``Accept``."""
    return listed(request, "accept")


def listed(request: Request, name: str) -> str | None:
    """A field of a request; where it has several lines they are one list (RFC 9110, section 5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def query_job(asked: SparqlRequest, accept: str | None) -> Job:
    """The job of a query.

    Args:
        asked: the request; it has a query.
        accept: the field ``Accept``.
    """
    return job_of(
        "sparql",
        accept,
        query=asked.query,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        policy=asked.option("policy"),
        known_by=asked.option("known-by"),
    )


def question_job(name: str, path: str) -> Making:
    """What makes the jobs of one of the questions that ship.

    Args:
        name: name of the question.
        path: its address.

    Example:
        >>> question_job("evidence", "/questions/evidence")(b"about=state/ARM&format=csv", None).accept
        'text/csv'
    """

    def make(query_string: bytes, accept: str | None) -> Job:
        return job_of("question", accept, name=name, path=path, parameters=given(query_string))

    return make


def job_of(name: str, accept: str | None, /, **arguments: Any) -> Job:
    """A job; a ``format`` among the parameters of the address counts in the place of ``Accept``.

    Args:
        name: name of the job.
        accept: the field ``Accept``.
        arguments: its arguments; what the address says is called ``parameters``.

    Raises:
        Refused: there is no such format (400).
    """
    if "parameters" not in arguments:
        return Job(name, accept, arguments)
    short = dict(arguments["parameters"]).get("format")
    if short is not None:
        if short not in SHORT:
            listed = f"format: {short!r} is none of {', '.join(SHORT)}"
            raise Refused(400, listed, near_misses(short, SHORT))
        accept = SHORT[short]
    arguments["parameters"] = [(k, v) for k, v in arguments["parameters"] if k != "format"]
    return Job(name, accept, arguments)


def given(query_string: bytes, names: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """The parameters of the address, once each, without those left empty.

    Args:
        query_string: the query string, as it came.
        names: those that are taken, where that can be told already.

    Raises:
        Refused: one is given twice, or is none of those that are taken (400).

    Example:
        >>> given(b"state=Armenia&on=")
        [('state', 'Armenia')]
    """
    return _once(parameters(query_string, "the address"), names)


def posted(query_string: bytes, content_type: str | None, body: bytes) -> list[tuple[str, str]]:
    """The parameters of the address and of a body, once each, without those left empty.

    Args:
        query_string: the query string, as it came.
        content_type: the field ``Content-Type``.
        body: a form, or an object of JSON.

    Raises:
        Refused: one is given twice or is no text (400), or the body is of another type (415).

    Example:
        >>> posted(b"format=text", "application/json", b'{"withdraw": "Belarus,CSTO"}')
        [('format', 'text'), ('withdraw', 'Belarus,CSTO')]
    """
    media = media_of(content_type, "the body")
    if media == FORM:
        found = parameters(body, "the form")
    elif media == JSON:
        found = _members(text_of(body, "the body"))
    else:
        what = f"not {media!r}" if media else "and the request names none"
        raise Refused(415, f"the content type of parameters is {FORM} or {JSON}, {what}")
    return _once([*parameters(query_string, "the address"), *found], None)


def _members(text: str) -> list[tuple[str, str]]:
    """The members of an object of JSON.

    Raises:
        Refused: it is none, or one of them is no text (400).
    """
    try:
        members = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as fault:
        raise Refused(400, f"the body: not JSON that parses: {fault}") from fault
    if not isinstance(members, list) or not text.lstrip().startswith("{"):
        raise Refused(400, 'the body: not an object of JSON, such as {"withdraw": "Belarus,CSTO"}')
    for name, value in members:
        if not isinstance(value, str):
            raise Refused(400, f"{name}: not a text in quotation marks")
        try:
            (name + value).encode()
        except UnicodeEncodeError as fault:
            raise Refused(400, "the body: half of a surrogate pair stands for no character") from fault
    return members


def _once(found: list[tuple[str, str]], names: Sequence[str] | None) -> list[tuple[str, str]]:
    seen: set[str] = set()
    for name, _ in found:
        if name in seen:
            raise Refused(400, f"{name} is given twice")
        if names is not None and name not in names:
            listed = f"no parameter is called {name!r}. This takes: {', '.join(names)}"
            raise Refused(400, listed, near_misses(name, names))
        seen.add(name)
    return [(name, value) for name, value in found if value]


def graph_named(query_string: bytes) -> tuple[str | None, bool]:
    """Which graph a request is about (Graph Store Protocol, section 4.2): its IRI, and whether it is the default one.

    Raises:
        Refused: both or two are named, or the IRI is not absolute (400).

    Example:
        >>> graph_named(b"default"), graph_named(b"graph=https://example.org/g")
        ((None, True), ('https://example.org/g', False))
    """
    found = parameters(query_string, "the address")
    graphs, default = [value for name, value in found if name == "graph"], any(name == "default" for name, _ in found)
    if len(graphs) + default > 1:
        raise Refused(400, "a request is about one graph: ?default, or ?graph= once")
    if not graphs:
        return None, default
    try:
        return iri(graphs[0]).value, False
    except ValueError as fault:
        raise Refused(400, str(BadParameter("graph", graphs[0], "an absolute IRI"))) from fault


def base_of(request: Request) -> str:
    """The address of the server as the client knows it.

    Raises:
        Refused: it is none (400).
    """
    base = str(request.base_url).rstrip("/")
    try:
        return iri(base).value
    except ValueError as fault:
        raise Refused(400, "the field Host is no address") from fault
