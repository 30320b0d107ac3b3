"""The application: the routes, what stands between them and the network, and how errors look."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from kg import __version__
from kg.errors import KgError
from kg.http.answering import refuse
from kg.http.caching import Caching
from kg.http.direct import Direct
from kg.http.fields import OneOfEach
from kg.http.pool import Pool, Settings
from kg.http.refusals import Refused, refusal
from kg.http.routes import PAGES, Handler, add_routes
from kg.http.running import UNDER_WAY, Running
from kg.http.telemetry import Metrics, Telemetry
from kg.http.template import Template
from kg.http.unions import Unions
from kg.sentences import CATEGORY
from kg.terms import near_misses

__all__ = ["Application", "make_app"]

_log = logging.getLogger("kg.http")
_HEADERS: Final = ["Accept", "Content-Type"]


def make_app(settings: Settings) -> Application:
    """The server as an ASGI application; its workers live as long as its lifespan.

    Args:
        settings: what is served, within which limits.
    """
    metrics = Metrics()
    unions = Unions(settings.store, settings.policy, settings.union_after)
    template = Template()
    pool = Pool(settings, template, metrics.event, lambda: unions.place)
    writers = Pool(settings.for_writing, template, metrics.event) if settings.token else None

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
            await template.close()
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
    often = add_routes(app, pool, writers, metrics, settings)
    app.add_exception_handler(HTTPException, _http_error(app))
    app.add_exception_handler(KgError, _refused)
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(_Shortcut, handlers=often.handlers)
    if settings.cors:
        writing = settings.token is not None
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors,
            allow_methods=["GET", "HEAD", "POST", *(["PUT", "DELETE"] if writing else [])],
            allow_headers=[*_HEADERS, *(["Authorization"] if writing else [])],
        )
    app.add_middleware(OneOfEach)
    app.add_middleware(Telemetry, metrics=metrics)
    limits = f"{__version__} {settings.policy} {settings.max_rows} {settings.cors}".encode()
    app.cache = Caching(app.framework, settings.store, settings.cache, limits, metrics, unions)
    # Where pages of other origins may ask, what every answer says of that is for the framework.
    app.direct = Direct(pool, {} if settings.cors else often.jobs, app.cache, metrics)
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
            except asyncio.CancelledError:
                # Nothing else cancels a request than a server that has waited long enough to stop, which says so.
                return
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

    def __init__(self, app: ASGIApp, handlers: Mapping[str, Handler]) -> None:
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


async def _refused(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, KgError)
    return refuse(refusal(fault), request.headers)


def _http_error(app: FastAPI) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        if fault.status_code == 405:
            methods: set[str] = set()
            for route in app.routes:
                if route.matches(request.scope)[0] is not Match.NONE:
                    methods |= getattr(route, "methods", None) or set()
            allowed = ", ".join(sorted(methods))
            return refuse(Refused(405, f"{request.url.path} takes {allowed}", (), {"Allow": allowed}), request.headers)
        if fault.status_code == 404:
            return refuse(Refused(404, "no such page", near_misses(request.url.path, PAGES) or PAGES), request.headers)
        return refuse(Refused(fault.status_code, str(fault.detail)), request.headers)

    return handle


async def _unforeseen(request: Request, fault: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=fault)
    return refuse(Refused(500, "something went wrong on this side; it has been logged"), request.headers)
