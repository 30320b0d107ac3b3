"""The routes, and how errors look."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Match

from kg import __version__
from kg.errors import KgError
from kg.explaining import QUESTIONS
from kg.http import openapi, pages
from kg.http.answering import body_within, refuse, respond
from kg.http.asking import CATEGORY
from kg.http.formats import SHORT
from kg.http.frames import Job
from kg.http.pool import Pool, Settings
from kg.http.protocol import SparqlRequest, parameters, read_request
from kg.http.refusals import Refused, refusal
from kg.http.telemetry import Metrics, Telemetry
from kg.questions import load_question, load_questions
from kg.terms import PREFIXES, iri, near_misses

__all__ = ["make_app"]

_log = logging.getLogger("kg.http")
_Handler = Callable[..., Awaitable[Response]]
_PAGES: Final = ("/sparql", "/questions", "/explain", "/why-not", "/ns", "/health", "/metrics", "/openapi.json")
_HEADERS: Final = ["Accept", "Content-Type"]


def make_app(settings: Settings) -> FastAPI:
    """The server as an ASGI application; its workers live as long as its lifespan.

    Args:
        settings: what is served, within which limits.
    """
    metrics = Metrics()
    pool = Pool(settings, metrics.event)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await pool.start()
            yield
        finally:
            await pool.close()

    app = FastAPI(
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
    _Routes(app, pool, metrics, settings).add()
    app.add_exception_handler(HTTPException, _http_error(app))
    app.add_exception_handler(KgError, _refused)
    app.add_exception_handler(Exception, _unforeseen)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors, allow_methods=["GET", "HEAD", "POST"], allow_headers=_HEADERS
        )
    app.add_middleware(Telemetry, metrics=metrics)
    return app


class _Routes:
    """The handlers, and the list of their addresses."""

    def __init__(self, app: FastAPI, pool: Pool, metrics: Metrics, settings: Settings) -> None:
        self._app, self._pool, self._metrics, self._settings = app, pool, metrics, settings

    def add(self) -> None:
        """Add every route."""
        self._get("/", self.front, openapi.FRONT)
        self._get("/sparql", self.sparql, openapi.SPARQL)
        self._app.add_api_route("/sparql", self.sparql, methods=["POST"], **openapi.SPARQL_POST)
        self._app.add_api_route("/sparql", self.options, methods=["OPTIONS"], include_in_schema=False)
        self._get("/questions", self.questions, openapi.QUESTIONS)
        for question in load_questions():
            handler = openapi.with_parameters(self._asking(question.name), openapi.question_parameters(question))
            self._get(f"/questions/{question.name}", handler, openapi.question(question))
        self._get("/questions/{name}", self.no_question, {"include_in_schema": False})
        self._get("/explain", openapi.with_parameters(self.explain, openapi.EXPLAIN_PARAMETERS), openapi.EXPLAIN)
        for name, roles in QUESTIONS.items():
            handler = openapi.with_parameters(
                self._why_not(name), openapi.why_not_parameters(load_question(name), roles)
            )
            self._get(f"/why-not/{name}", handler, openapi.why_not(name))
        self._get("/why-not/{name}", self.no_why_not, {"include_in_schema": False})
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
        accept = request.headers.get("accept")
        short = dict(arguments.get("parameters", ())).get("format")
        if short is not None:
            if short not in SHORT:
                listed = f"format: {short!r} is none of {', '.join(SHORT)}"
                raise Refused(400, listed, near_misses(short, SHORT))
            accept = SHORT[short]
        if "parameters" in arguments:
            arguments["parameters"] = [(k, v) for k, v in arguments["parameters"] if k != "format"]
        job = Job(job_name, accept, arguments, body=request.method != "HEAD")
        return await respond(request, self._pool, job, stall=self._settings.timeout)

    async def front(self) -> Response:
        return Response(pages.front(), media_type="text/html")

    async def sparql(self, request: Request) -> Response:
        body = await body_within(request, self._settings.max_body) if request.method == "POST" else b""
        kind = request.headers.get("content-type")
        asked = read_request(request.method, request.scope["query_string"], kind, body)
        if asked.query is None:
            return await self._do(request, "service", base=_base(request))
        return await self._do(request, "sparql", **_query_arguments(asked))

    async def options(self) -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})

    async def questions(self, request: Request) -> Response:
        return await self._do(request, "questions", base=_base(request), parameters=_given(request, ("format",)))

    def _asking(self, name: str) -> _Handler:
        async def ask(request: Request) -> Response:
            given = _given(request)
            return await self._do(request, "question", name=name, path=request.url.path, parameters=given)

        return ask

    async def no_question(self, request: Request, name: str) -> Response:
        load_question(name)
        raise Refused(404, "no such page", _PAGES)

    async def explain(self, request: Request) -> Response:
        return await self._do(request, "explain", parameters=_given(request))

    def _why_not(self, name: str) -> _Handler:
        async def ask(request: Request) -> Response:
            return await self._do(request, "why-not", name=name, parameters=_given(request))

        return ask

    async def no_why_not(self, request: Request, name: str) -> Response:
        return await self._do(request, "why-not", name=name, parameters=[])

    async def node(self, request: Request, path: str) -> Response:
        try:
            wanted = iri(PREFIXES["id"] + path).value
        except ValueError as fault:
            raise Refused(404, f"{path!r} is no name of anything") from fault
        return await self._do(request, "node", iri=wanted, parameters=_given(request, ("format",)))

    async def terms(self, request: Request) -> Response:
        return await self._do(request, "terms", parameters=_given(request, ("format",)))

    async def void(self, request: Request) -> Response:
        return await self._do(request, "void", base=_base(request), parameters=_given(request, ("format",)))

    async def health(self, request: Request) -> Response:
        return await self._do(request, "ready")

    async def metrics(self) -> Response:
        return Response(self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def openapi(self) -> Response:
        return Response(openapi.text(self._app), media_type="application/json")


def _query_arguments(asked: SparqlRequest) -> dict[str, Any]:
    return {
        "query": asked.query,
        "default_graphs": asked.default_graphs,
        "named_graphs": asked.named_graphs,
        "policy": asked.option("policy"),
        "known_by": asked.option("known-by"),
    }


def _given(request: Request, names: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """The parameters of the address, once each, without those left empty."""
    found = parameters(request.scope["query_string"], "the address")
    seen: set[str] = set()
    for name, _ in found:
        if name in seen:
            raise Refused(400, f"{name} is given twice")
        if names is not None and name not in names:
            listed = f"no parameter is called {name!r}. This takes: {', '.join(names)}"
            raise Refused(400, listed, near_misses(name, names))
        seen.add(name)
    return [(name, value) for name, value in found if value]


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
