"""What the server did: one line of JSON a request on the log, and counts for Prometheus."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Metrics", "Telemetry"]

_access = logging.getLogger("kg.http.access")
_ROUTES = ("sparql", "questions", "explain", "why-not", "id", "ns", "health", "metrics", "openapi.json", ".well-known")


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
            seconds = time.perf_counter() - began
            first = scope["path"].split("/")[1] if scope["path"].startswith("/") else ""
            # Labels are from a list: addresses that do not exist must not fill the memory.
            route = f"/{first}" if first in _ROUTES or not first else "other"
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "other"
            self._metrics.requests.labels(route, method, str(status)).inc()
            self._metrics.seconds.labels(route).observe(seconds)
            self._metrics.sent.inc(size)
            _access.info("%s", json.dumps(_line(scope, status, size, whole, seconds)))


def _line(scope: Scope, status: int, size: int, whole: bool, seconds: float) -> dict[str, object]:
    headers = dict(scope["headers"])
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "client": scope["client"][0] if scope.get("client") else None,
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "bytes": size,
        "whole": whole,
        "ms": round(1000 * seconds, 1),
        "agent": headers.get(b"user-agent", b"").decode("latin-1")[:200],
    }
