"""What the server did: one line of JSON a request on the log, and counts for Prometheus."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Metrics", "Telemetry"]

_quoted = json.dumps
_access = logging.getLogger("kg.http.access")
_ROUTES = (
    "sparql",
    "graph-store",
    "questions",
    "explain",
    "why-not",
    "what-if",
    "id",
    "ns",
    "health",
    "metrics",
    "openapi.json",
    ".well-known",
)

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


class Metrics:
    """The counts of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ["route", "method", "status"]
        self.requests = Counter("foedus_requests", "Requests answered", names, registry=self.registry)
        self.seconds = Histogram("foedus_request_seconds", "Time to answer", ["route"], registry=self.registry)
        self.sent = Counter("foedus_sent_bytes", "Bytes of bodies sent", registry=self.registry)
        self.under_way = Gauge("foedus_requests_under_way", "Requests under way", registry=self.registry)
        self.events = Counter(
            "foedus_query_events",
            "Queries ended at the time limit, requests turned away, workers replaced",
            ["event"],
            registry=self.registry,
        )
        for event in ("timeout", "busy", "worker"):
            self.events.labels(event)
        self.lookups = Counter(
            "foedus_cache_lookups", "Answers found among those kept, and not", ["result"], registry=self.registry
        )
        self.kept = Gauge("foedus_cache_bytes", "Bytes that the answers kept take, about", registry=self.registry)
        self._lookups = {result: self.lookups.labels(result) for result in ("hit", "miss")}
        # To find them by their labels takes longer than to count.
        self._counts: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def looked_up(self, result: str) -> None:
        """Count a look for an answer that is kept, ``"hit"`` or ``"miss"``."""
        self._lookups[result].inc()

    def answered(self, scope: Scope, status: int, size: int, seconds: float, *, whole: bool = True) -> None:
        """Count and log a request.

        Args:
            scope: the request.
            status: status of the answer.
            size: bytes of its body.
            seconds: how long it took.
            whole: whether all of it was sent.
        """
        path, method = scope["path"], scope["method"]
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        # Labels are from a list: addresses that do not exist must not fill the memory.
        route = f"/{first}" if first in _ROUTES or not first else "other"
        key = (route, method if method in _METHODS else "other", status)
        counts = self._counts.get(key)
        if counts is None:
            counts = self.requests.labels(route, key[1], str(status)), self.seconds.labels(route)
            self._counts[key] = counts
        counts[0].inc()
        counts[1].observe(seconds)
        self.sent.inc(size)
        if _access.isEnabledFor(logging.INFO):
            line = _line(scope, status, size, whole, seconds)
            # Straight to the handlers: to look up which line of the source logs would take longer than all the rest.
            _access.handle(logging.LogRecord(_access.name, logging.INFO, __file__, 0, line, None, None))

    def event(self, name: str) -> None:
        """Count one of the events of the pool."""
        self.events.labels(name).inc()

    def text(self) -> bytes:
        """All counts in the text format of Prometheus."""
        return generate_latest(self.registry)


class Telemetry:
    """ASGI middleware that counts and logs each request.

    Args:
        app: what answers.
        metrics: where it is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request and its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, size, whole = time.perf_counter(), 0, 0, False

        async def counted(message: Message) -> None:
            nonlocal status, size, whole
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
            else:
                size += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            await send(message)

        self._metrics.under_way.inc()
        try:
            await self._app(scope, receive, counted)
        finally:
            self._metrics.under_way.dec()
            self._metrics.answered(scope, status, size, time.perf_counter() - began, whole=whole)


def _line(scope: Scope, status: int, size: int, whole: bool, seconds: float) -> str:
    client, agent = scope.get("client"), b""
    for name, value in scope["headers"]:
        if name == b"user-agent":
            agent = value
    # Written out, for it is done at every request; what comes from outside is quoted as JSON has it.
    return (
        f'{{"time": "{datetime.now(UTC).isoformat(timespec="milliseconds")}", '
        f'"client": {_quoted(client[0]) if client else "null"}, "method": {_quoted(scope["method"])}, '
        f'"path": {_quoted(scope["path"])}, "status": {status}, "bytes": {size}, '
        f'"whole": {"true" if whole else "false"}, "ms": {round(1000 * seconds, 1)}, '
        f'"agent": {_quoted(agent.decode("latin-1")[:200])}}}'
    )
