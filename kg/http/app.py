"""The routes, and how errors look."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from kg import __version__
from kg.errors import BadParameter, KgError
from kg.explaining import QUESTIONS
from kg.http import openapi, pages
from kg.http.answering import body_within, refuse, respond
from kg.http.authorizing import may_write, require_writer
from kg.http.caching import Caching
from kg.http.direct import Direct
from kg.http.formats import GRAPHS, SHORT
from kg.http.frames import Job
from kg.http.pool import Pool, Settings
from kg.http.protocol import SparqlRequest, SparqlUpdate, parameters, read_request, text_of
from kg.http.refusals import Refused, refusal
from kg.http.running import UNDER_WAY, Running
from kg.http.telemetry import Metrics, Telemetry
from kg.http.unions import Unions
from kg.questions import load_question, load_questions
from kg.sentences import CATEGORY
from kg.terms import PREFIXES, iri, near_misses

__all__ = ["Application", "make_app"]

_log = logging.getLogger("kg.http")
_Handler = Callable[..., Awaitable[Response]]
_Making = Callable[[bytes, str | None], Job | None]
_PAGES: Final = (
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
_HEADERS: Final = ["Accept", "Content-Type"]


def make_app(settings: Settings) -> Application:
    """The server as an ASGI application; its workers live as long as its lifespan.

    Args:
        settings: what is served, within which limits.
    """
    metrics = Metrics()
    unions = Unions(settings.store, settings.policy, settings.union_after)
    pool = Pool(settings, metrics.event, lambda: unions.place)
    writers = Pool(settings.for_writing, metrics.event) if settings.token else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            unions.start()
            await pool.start()
            if writers is not None:
                await writers.start()
            yield
        finally:
            await unions.close()
            await pool.close()
            if writers is not None:
                await writers.close()
            metrics.log.flush()

    app = Application(
        title="Foedus",
        version=__version__,
        summary="A graph of states, alliances, obligations and betrayals",
        description=f"Every fact is dated and names who said it. {CATEGORY}",
        license_info={"name": "Apache-2.0 (code), CC BY 4.0 (data)", "identifier": "Apache-2.0 AND CC-BY-4.0"},
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    routes = _Routes(app, pool, writers, metrics, settings)
    routes.add()
    app.add_exception_handler(HTTPException, _http_error(app))
    app.add_exception_handler(KgError, _refused)
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(_Shortcut, handlers=routes.often)
    if settings.cors:
        writing = settings.token is not None
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors,
            allow_methods=["GET", "HEAD", "POST", *(["PUT", "DELETE"] if writing else [])],
            allow_headers=[*_HEADERS, *(["Authorization"] if writing else [])],
        )
    app.add_middleware(Telemetry, metrics=metrics)
    limits = f"{__version__} {settings.policy} {settings.max_rows} {settings.cors}".encode()
    app.cache = Caching(app.framework, settings.store, settings.cache, limits, metrics)
    # Where pages of other origins may ask, what every answer says of that is for the framework.
    app.direct = Direct(pool, {} if settings.cors else routes.jobs, app.cache, metrics)
    metrics.keeps(lambda: app.cache.bytes_kept, unions=lambda: unions.ready)
    return app


class Application(FastAPI):
    """The framework, asked only for what is not kept.

    Attributes:
        cache: the answers kept.
        direct: what is asked most without it.
    """

    cache: Caching
    direct: Direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            running: Running | None = scope.get("extensions", {}).get(UNDER_WAY)
            try:
                await self.cache(scope, receive, send)
            finally:
                if running is not None:
                    running.close()
        else:
            await self.framework(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer of the framework."""
        await super().__call__(scope, receive, send)


class _Shortcut:
    """ASGI middleware that goes straight to the handlers of what is asked most.

    The framework would look for the route among all, and for what the handler takes, at every request.

    Args:
        app: the framework.
        handlers: handlers of GET and HEAD by path, and by ``POST`` and the path.
    """

    def __init__(self, app: ASGIApp, handlers: Mapping[str, _Handler]) -> None:
        self._app, self._handlers = app, handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        handler = None
        if scope["type"] == "http":
            method, path = scope["method"], scope["path"]
            handler = self._handlers.get(path if method in ("GET", "HEAD") else f"{method} {path}")
        if handler is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await handler(request)
        except KgError as fault:
            response = await _refused(request, fault)
        await response(scope, receive, send)


class _Routes:
    """The handlers, and the list of their addresses.

    Attributes:
        often: handlers of what is asked most, see :class:`_Shortcut`.
        jobs: the jobs of what is asked most, see :class:`kg.http.direct.Direct`.
    """

    def __init__(self, app: FastAPI, pool: Pool, writers: Pool | None, metrics: Metrics, settings: Settings) -> None:
        self._app, self._pool, self._metrics, self._settings = app, pool, metrics, settings
        self._writers = writers
        self.often: dict[str, _Handler] = {"/sparql": self.sparql, "POST /sparql": self.sparql}
        self.jobs: dict[str, _Making] = {"/sparql": self._query}

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
            making = self.jobs[path] = _question(question.name, path)
            asking = self.often[path] = self._asking(making)
            handler = openapi.with_parameters(asking, openapi.question_parameters(question))
            self._get(f"/questions/{question.name}", handler, openapi.question(question))
        self._get("/questions/{name}", self.no_question, {"include_in_schema": False})
        self._get("/explain", openapi.with_parameters(self.explain, openapi.EXPLAIN_PARAMETERS), openapi.EXPLAIN)
        for name, roles in QUESTIONS.items():
            handler = openapi.with_parameters(
                self._why_not(name), openapi.why_not_parameters(load_question(name), roles)
            )
            self._get(f"/why-not/{name}", handler, openapi.why_not(name))
        self._get("/why-not/{name}", self.no_why_not, {"include_in_schema": False})
        what_if = openapi.with_parameters(self.what_if, openapi.WHAT_IF_PARAMETERS)
        self._get("/what-if", what_if, openapi.WHAT_IF)
        self._get("/id/{path:path}", self.node, openapi.NODE)
        self._get("/ns", self.terms, openapi.TERMS)
        self._get("/.well-known/void", self.void, openapi.VOID)
        self._get("/health", self.health, openapi.HEALTH)
        self._get("/metrics", self.metrics, openapi.METRICS)
        self._get("/openapi.json", self.openapi, openapi.OPENAPI)

    def _get(self, path: str, handler: _Handler, described: dict[str, Any]) -> None:
        self._app.add_api_route(path, handler, methods=["GET"], **described)
        self._app.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)

    async def _do(self, request: Request, job_name: str, /, **arguments: Any) -> Response:
        return await self._done(request, _job(job_name, request.headers.get("accept"), **arguments))

    async def _done(self, request: Request, job: Job) -> Response:
        if request.method == "HEAD":
            job = replace(job, body=False)
        return await respond(request, self._pool, job, stall=self._settings.timeout)

    async def front(self) -> Response:
        return Response(pages.front(), media_type="text/html")

    async def sparql(self, request: Request) -> Response:
        token, shown = self._settings.token, request.headers.get("authorization")
        limit = self._settings.max_write if may_write(shown, token) else self._settings.max_body
        body = await body_within(request, limit) if request.method == "POST" else b""
        kind = request.headers.get("content-type")
        writable = token is not None
        asked = read_request(request.method, request.scope["query_string"], kind, body, writable=writable)
        if isinstance(asked, SparqlUpdate):
            require_writer(shown, token)
            using, named = asked.default_graphs, asked.named_graphs
            base = f"{_base(request)}/sparql"
            return await self._change(request, "update", update=asked.update, using=using, using_named=named, base=base)
        if asked.query is None:
            return await self._do(request, "service", base=_base(request), writable=writable)
        return await self._done(request, _asked(asked, request.headers.get("accept")))

    def _query(self, query_string: bytes, accept: str | None) -> Job | None:
        asked = read_request("GET", query_string, None, b"", writable=self._settings.token is not None)
        return _asked(asked, accept) if isinstance(asked, SparqlRequest) and asked.query is not None else None

    async def options(self) -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})

    async def read_graph(self, request: Request) -> Response:
        graph, default = _graph_named(request)
        if graph is None and not default:
            raise Refused(400, "which graph? write ?default, or ?graph= and an IRI")
        return await self._do(request, "read-graph", graph=graph)

    async def write_graph(self, request: Request) -> Response:
        require_writer(request.headers.get("authorization"), self._settings.token)
        graph, default = _graph_named(request)
        if graph is None and not default and request.method != "POST":
            raise Refused(400, "which graph? write ?graph= and an IRI")
        content, media = "", ""
        if request.method != "DELETE":
            kind = request.headers.get("content-type")
            media = (kind or "").partition(";")[0].strip().lower()
            if media not in GRAPHS:
                given = f"not {media!r}" if media else "and the request names none"
                raise Refused(415, f"the content type of a graph is one of {', '.join(GRAPHS)}, {given}")
            content = text_of(await body_within(request, self._settings.max_write), "the graph")
        what = {"method": request.method, "graph": graph, "default": default, "media": media, "content": content}
        return await self._change(request, "write-graph", **what, base=_base(request))

    async def graph_options(self) -> Response:
        return Response(status_code=204, headers={"Allow": "DELETE, GET, HEAD, OPTIONS, POST, PUT"})

    async def _change(self, request: Request, job_name: str, /, **arguments: Any) -> Response:
        assert self._writers is not None
        job = Job(job_name, None, arguments)
        return await respond(request, self._writers, job, stall=self._settings.timeout)

    async def questions(self, request: Request) -> Response:
        return await self._do(
            request, "questions", base=_base(request), parameters=_given(request.scope["query_string"], ("format",))
        )

    def _asking(self, making: _Making) -> _Handler:
        async def ask(request: Request) -> Response:
            job = making(request.scope["query_string"], request.headers.get("accept"))
            assert job is not None
            return await self._done(request, job)

        return ask

    async def no_question(self, request: Request, name: str) -> Response:
        load_question(name)
        raise Refused(404, "no such page", _PAGES)

    async def explain(self, request: Request) -> Response:
        return await self._do(request, "explain", parameters=_given(request.scope["query_string"]))

    def _why_not(self, name: str) -> _Handler:
        async def ask(request: Request) -> Response:
            return await self._do(request, "why-not", name=name, parameters=_given(request.scope["query_string"]))

        return ask

    async def no_why_not(self, request: Request, name: str) -> Response:
        return await self._do(request, "why-not", name=name, parameters=[])

    async def what_if(self, request: Request) -> Response:
        return await self._do(request, "what-if", parameters=_given(request.scope["query_string"]))

    async def node(self, request: Request, path: str) -> Response:
        try:
            wanted = iri(PREFIXES["id"] + path).value
        except ValueError as fault:
            raise Refused(404, f"{path!r} is no name of anything") from fault
        return await self._do(
            request, "node", iri=wanted, parameters=_given(request.scope["query_string"], ("format",))
        )

    async def terms(self, request: Request) -> Response:
        return await self._do(request, "terms", parameters=_given(request.scope["query_string"], ("format",)))

    async def void(self, request: Request) -> Response:
        return await self._do(
            request, "void", base=_base(request), parameters=_given(request.scope["query_string"], ("format",))
        )

    async def health(self, request: Request) -> Response:
        return await self._do(request, "ready")

    async def metrics(self) -> Response:
        return Response(self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def openapi(self) -> Response:
        return Response(openapi.text(self._app), media_type="application/json")


def _asked(asked: SparqlRequest, accept: str | None) -> Job:
    return _job(
        "sparql",
        accept,
        query=asked.query,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        policy=asked.option("policy"),
        known_by=asked.option("known-by"),
    )


def _question(name: str, path: str) -> _Making:
    def make(query_string: bytes, accept: str | None) -> Job:
        return _job("question", accept, name=name, path=path, parameters=_given(query_string))

    return make


def _job(name: str, accept: str | None, /, **arguments: Any) -> Job:
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


def _given(query_string: bytes, names: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """The parameters of the address, once each, without those left empty."""
    found = parameters(query_string, "the address")
    seen: set[str] = set()
    for name, _ in found:
        if name in seen:
            raise Refused(400, f"{name} is given twice")
        if names is not None and name not in names:
            listed = f"no parameter is called {name!r}. This takes: {', '.join(names)}"
            raise Refused(400, listed, near_misses(name, names))
        seen.add(name)
    return [(name, value) for name, value in found if value]


def _graph_named(request: Request) -> tuple[str | None, bool]:
    """Which graph a request is about (Graph Store Protocol, section 4.2): its IRI, and whether it is the default one.

    Raises:
        Refused: both or two are named, or the IRI is not absolute (400).
    """
    found = parameters(request.scope["query_string"], "the address")
    graphs, default = [value for name, value in found if name == "graph"], any(name == "default" for name, _ in found)
    if len(graphs) + default > 1:
        raise Refused(400, "a request is about one graph: ?default, or ?graph= once")
    if not graphs:
        return None, default
    try:
        return iri(graphs[0]).value, False
    except ValueError as fault:
        raise Refused(400, str(BadParameter("graph", graphs[0], "an absolute IRI"))) from fault


def _base(request: Request) -> str:
    """The address of the server as the client knows it."""
    base = str(request.base_url).rstrip("/")
    try:
        return iri(base).value
    except ValueError as fault:
        raise Refused(400, "the field Host is no address") from fault


async def _refused(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, KgError)
    return refuse(refusal(fault))


def _http_error(app: FastAPI) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        if fault.status_code == 405:
            methods: set[str] = set()
            for route in app.routes:
                if route.matches(request.scope)[0] is not Match.NONE:
                    methods |= getattr(route, "methods", None) or set()
            allowed = ", ".join(sorted(methods))
            return refuse(Refused(405, f"{request.url.path} takes {allowed}", (), {"Allow": allowed}))
        if fault.status_code == 404:
            return refuse(Refused(404, "no such page", near_misses(request.url.path, _PAGES) or _PAGES))
        return refuse(Refused(fault.status_code, str(fault.detail)))

    return handle


async def _unforeseen(request: Request, fault: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=fault)
    return refuse(Refused(500, "something went wrong on this side; it has been logged"))
