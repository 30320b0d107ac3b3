"""The addresses of the server, and what is done at each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from fastapi import FastAPI, Request
from starlette.responses import Response

from kg.explaining import QUESTIONS
from kg.http import openapi, pages
from kg.http.answering import body_within, require_plain, respond
from kg.http.asking import QUESTION_FORMS
from kg.http.authorizing import may_write, require_writer
from kg.http.formats import GRAPHS
from kg.http.frames import Job
from kg.http.negotiation import choose
from kg.http.parameters import question_parameters, with_parameters
from kg.http.pool import Pool, Settings
from kg.http.protocol import SparqlRequest, SparqlUpdate, media_of, read_request, text_of
from kg.http.refusals import Refused
from kg.http.requesting import (
    Making,
    accept_of,
    base_of,
    given,
    graph_named,
    job_of,
    listed,
    posted,
    query_job,
    question_job,
)
from kg.http.telemetry import Metrics
from kg.questions import load_question, load_questions
from kg.terms import PREFIXES, iri
from kg.vocab import FOEDUS, GRAPH

__all__ = ["PAGES", "Handler", "Often", "add_routes"]

Handler: TypeAlias = Callable[..., Awaitable[Response]]
"""What makes a response of a request."""

PAGES: Final = (
    "/sparql",
    "/graph-store",
    "/questions",
    "/explain",
    "/why-not",
    "/what-if",
    "/ns",
    "/health",
    "/metrics",
    "/openapi.json",
)
"""What is offered to whoever asks for a page that is not there."""


@dataclass(frozen=True)
class Often:
    """What is asked most, which need not go through the framework.

    Attributes:
        handlers: handlers of GET and HEAD by path, and by ``POST`` and the path.
        jobs: what makes the job of a GET, by path, see :class:`kg.http.direct.Direct`.
    """

    handlers: Mapping[str, Handler]
    jobs: Mapping[str, Making]


def add_routes(app: FastAPI, pool: Pool, writers: Pool | None, metrics: Metrics, settings: Settings) -> Often:
    """Add every route to an application.

    Args:
        app: the application.
        pool: the workers that answer.
        writers: the workers that change the graph, where it can be changed.
        metrics: what ``/metrics`` shows.
        settings: what is served, within which limits.
    """
    routes = _Routes(app, pool, writers, metrics, settings)
    routes.add()
    return Often(routes.handlers, routes.jobs)


class _Routes:
    """The handlers, and the list of their addresses; of what is asked most, see :class:`Often`."""

    def __init__(self, app: FastAPI, pool: Pool, writers: Pool | None, metrics: Metrics, settings: Settings) -> None:
        self._app, self._pool, self._metrics, self._settings = app, pool, metrics, settings
        self._writers = writers
        self.handlers: dict[str, Handler] = {"/sparql": self.sparql, "POST /sparql": self.sparql}
        self.jobs: dict[str, Making] = {"/sparql": self._query}

    def add(self) -> None:
        """Add every route."""
        self._get("/", self.front, openapi.FRONT)
        self._get("/sparql", self.sparql, openapi.SPARQL)
        self._app.add_api_route("/sparql", self.sparql, methods=["POST"], **openapi.SPARQL_POST)
        self._app.add_api_route("/sparql", self.options, methods=["OPTIONS"], include_in_schema=False)
        self._get("/graph-store", self.read_graph, openapi.GRAPH_GET)
        for method, described in openapi.GRAPH_WRITES.items():
            self._app.add_api_route("/graph-store", self.write_graph, methods=[method], **described)
        self._app.add_api_route("/graph-store", self.graph_options, methods=["OPTIONS"], include_in_schema=False)
        self._get("/questions", self.questions, openapi.QUESTIONS)
        for question in load_questions():
            path = f"/questions/{question.name}"
            making = self.jobs[path] = _answering(question_job(question.name, path))
            asking = self.handlers[path] = self._asking(question.name, making)
            handler = with_parameters(asking, question_parameters(question))
            self._get(f"/questions/{question.name}", handler, openapi.question(question))
        self._get("/questions/{name}", self.no_question, {"include_in_schema": False})
        self._get("/explain", with_parameters(self.explain, openapi.EXPLAIN_PARAMETERS), openapi.EXPLAIN)
        for name, roles in QUESTIONS.items():
            handler = with_parameters(self._why_not(name), openapi.why_not_parameters(load_question(name), roles))
            self._get(f"/why-not/{name}", handler, openapi.why_not(name))
        self._get("/why-not", self.why_not_what, {"include_in_schema": False})
        self._get("/why-not/{name}", self.no_why_not, {"include_in_schema": False})
        what_if = with_parameters(self.what_if, openapi.WHAT_IF_PARAMETERS)
        self._get("/what-if", what_if, openapi.WHAT_IF)
        self._app.add_api_route("/what-if", self.what_if_posted, methods=["POST"], **openapi.WHAT_IF_POST)
        self._get("/id/{path:path}", self.node, openapi.NODE)
        self._get("/graph/{path:path}", self.named_graph, openapi.NAMED_GRAPH)
        self._get("/ns", self.terms, openapi.TERMS)
        self._get("/ns/{name:path}", self.module, openapi.MODULE)
        self._get("/.well-known/void", self.void, openapi.VOID)
        self._get("/health", self.health, openapi.HEALTH)
        self._get("/metrics", self.metrics, openapi.METRICS)
        self._get("/openapi.json", self.openapi, openapi.OPENAPI)

    def _get(self, path: str, handler: Handler, described: dict[str, Any]) -> None:
        self._app.add_api_route(path, handler, methods=["GET"], **described)
        self._app.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)

    async def _do(self, request: Request, job_name: str, /, **arguments: Any) -> Response:
        return await self._done(request, job_of(job_name, accept_of(request), **arguments))

    async def _done(self, request: Request, job: Job) -> Response:
        if request.method == "HEAD":
            job = replace(job, body=False)
        return await respond(request, self._pool, job, stall=self._settings.timeout)

    async def front(self) -> Response:
        return Response(pages.front(), media_type="text/html")

    async def sparql(self, request: Request) -> Response:
        token, shown = self._settings.token, request.headers.get("authorization")
        limit = self._settings.max_write if may_write(shown, token) else self._settings.max_body
        if request.method == "POST":
            require_plain(request)
        body = await body_within(request, limit) if request.method == "POST" else b""
        kind = request.headers.get("content-type")
        writable = token is not None
        asked = read_request(request.method, request.scope["query_string"], kind, body, writable=writable)
        if isinstance(asked, SparqlUpdate):
            require_writer(shown, token)
            using, named = asked.default_graphs, asked.named_graphs
            base = f"{base_of(request)}/sparql"
            return await self._change(request, "update", update=asked.update, using=using, using_named=named, base=base)
        if asked.query is None:
            return await self._do(request, "service", base=base_of(request), writable=writable)
        return await self._done(request, query_job(asked, accept_of(request)))

    def _query(self, query_string: bytes, accept: str | None) -> Job | None:
        asked = read_request("GET", query_string, None, b"", writable=self._settings.token is not None)
        return query_job(asked, accept) if isinstance(asked, SparqlRequest) and asked.query is not None else None

    async def options(self) -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})

    async def read_graph(self, request: Request) -> Response:
        graph, default = graph_named(request.scope["query_string"])
        if graph is None and not default:
            raise Refused(400, "which graph? write ?default, or ?graph= and an IRI")
        return await self._do(request, "read-graph", graph=graph)

    async def write_graph(self, request: Request) -> Response:
        require_writer(request.headers.get("authorization"), self._settings.token)
        graph, default = graph_named(request.scope["query_string"])
        if graph is None and not default and request.method != "POST":
            raise Refused(400, "which graph? write ?graph= and an IRI")
        content, media = "", ""
        if request.method != "DELETE":
            require_plain(request)
            media = media_of(request.headers.get("content-type"), "the graph")
            if media not in GRAPHS:
                given = f"not {media!r}" if media else "and the request names none"
                raise Refused(415, f"the content type of a graph is one of {', '.join(GRAPHS)}, {given}")
            content = text_of(await body_within(request, self._settings.max_write), "the graph")
        what = {"method": request.method, "graph": graph, "default": default, "media": media, "content": content}
        conditions = {"if_match": listed(request, "if-match"), "if_none_match": listed(request, "if-none-match")}
        return await self._change(request, "write-graph", **what, **conditions, base=base_of(request))

    async def graph_options(self) -> Response:
        writing = ("DELETE", "POST", "PUT") if self._settings.token is not None else ()
        return Response(status_code=204, headers={"Allow": ", ".join(sorted(("GET", "HEAD", "OPTIONS", *writing)))})

    async def _change(self, request: Request, job_name: str, /, **arguments: Any) -> Response:
        assert self._writers is not None
        job = Job(job_name, None, arguments)
        return await respond(request, self._writers, job, stall=self._settings.timeout)

    async def questions(self, request: Request) -> Response:
        return await self._do(
            request, "questions", base=base_of(request), parameters=given(request.scope["query_string"], ("format",))
        )

    def _asking(self, name: str, making: Making) -> Handler:
        async def ask(request: Request) -> Response:
            query_string = request.scope["query_string"]
            job = making(query_string, accept_of(request))
            if job is not None:
                return await self._done(request, job)
            base, parameters = base_of(request), given(query_string)
            return await self._do(request, "question-described", name=name, base=base, parameters=parameters)

        return ask

    async def no_question(self, request: Request, name: str) -> Response:
        load_question(name)
        raise Refused(404, "no such page", PAGES)

    async def explain(self, request: Request) -> Response:
        return await self._do(request, "explain", parameters=given(request.scope["query_string"]))

    def _why_not(self, name: str) -> Handler:
        async def ask(request: Request) -> Response:
            return await self._do(request, "why-not", name=name, parameters=given(request.scope["query_string"]))

        return ask

    async def why_not_what(self, request: Request) -> Response:
        offered = [f"/why-not/{name}" for name in QUESTIONS]
        raise Refused(404, "why something does not follow is asked of a question: /why-not/NAME", offered)

    async def no_why_not(self, request: Request, name: str) -> Response:
        return await self._do(request, "why-not", name=name, parameters=[])

    async def what_if(self, request: Request) -> Response:
        return await self._do(request, "what-if", parameters=given(request.scope["query_string"]))

    async def what_if_posted(self, request: Request) -> Response:
        require_plain(request)
        body = await body_within(request, self._settings.max_body)
        parameters = posted(request.scope["query_string"], request.headers.get("content-type"), body)
        return await self._do(request, "what-if", parameters=parameters)

    async def node(self, request: Request, path: str) -> Response:
        return await self._page(request, "node", PREFIXES["id"] + path)

    async def named_graph(self, request: Request, path: str) -> Response:
        return await self._page(request, "named-graph", GRAPH.base + path)

    async def _page(self, request: Request, job: str, named: str) -> Response:
        """What is at an IRI of this graph."""
        try:
            wanted = iri(named).value
        except ValueError as fault:
            raise Refused(404, f"{named!r} is no name of anything") from fault
        return await self._do(request, job, iri=wanted, parameters=given(request.scope["query_string"], ("format",)))

    async def module(self, request: Request, name: str) -> Response:
        try:
            wanted = iri(f"{FOEDUS.base.removesuffix('#')}/{name}").value
        except ValueError as fault:
            raise Refused(404, f"{name!r} is no name of a module") from fault
        parameters = given(request.scope["query_string"], ("format",))
        return await self._do(request, "terms", module=wanted, parameters=parameters)

    async def terms(self, request: Request) -> Response:
        return await self._do(request, "terms", parameters=given(request.scope["query_string"], ("format",)))

    async def void(self, request: Request) -> Response:
        return await self._do(
            request, "void", base=base_of(request), parameters=given(request.scope["query_string"], ("format",))
        )

    async def health(self) -> Response:
        return Response(await self._pool.state(), media_type="application/json")

    async def metrics(self) -> Response:
        return Response(self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def openapi(self) -> Response:
        return Response(openapi.text(self._app), media_type="application/json")


def _answering(making: Making) -> Making:
    """What makes the jobs of a question, but for requests that want the question itself: in RDF, with no value."""

    def make(query_string: bytes, accept: str | None) -> Job | None:
        job = making(query_string, accept)
        assert job is not None
        described = not job.arguments["parameters"] and choose(job.accept, _QUESTION) in GRAPHS
        return None if described else job

    return make


_QUESTION: Final = (*QUESTION_FORMS, *GRAPHS)
