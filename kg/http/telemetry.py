"""What the server did: counts for Prometheus, and the access log."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.http.accesslog import AccessLog, Described
from kg.http.running import UNDER_WAY

__all__ = ["NOSNIFF", "Metrics", "Requests", "Telemetry"]

NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
"""Field that every answer has: it is what it says it is."""
_ROUTES: Final = (
    "sparql",
    "graph-store",
    "questions",
    "explain",
    "why-not",
    "what-if",
    "graph",
    "id",
    "ns",
    "health",
    "metrics",
    "openapi.json",
    ".well-known",
)
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
_LIMITS: Final = Histogram.DEFAULT_BUCKETS
"""Seconds at which the times to answer are parted."""


class _Times:
    """How long the answers of one route took."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts, self.total = [0] * len(_LIMITS), 0.0


class Requests:
    """The requests to one route by one method that were answered with one status."""

    __slots__ = ("_times", "answered", "sent")

    def __init__(self, times: _Times) -> None:
        self._times, self.answered, self.sent = times, 0, 0

    def add(self, size: int, seconds: float) -> None:
        """Count one.

        Args:
            size: bytes of the body of the answer.
            seconds: how long it took.
        """
        self.answered += 1
        self.sent += size
        self._times.counts[bisect_left(_LIMITS, seconds)] += 1
        self._times.total += seconds


class _Tally(Collector):
    """Counts in plain numbers: those of the Prometheus client take a lock each, at every request too much.

    All is counted in the one thread that answers requests.
    """

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str, int], Requests] = {}
        self.times: dict[str, _Times] = {}
        self.hits = self.misses = 0

    def of(self, path: str, method: str, status: int) -> Requests:
        """The count that a request belongs to."""
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        # Labels are from a list: addresses that do not exist must not fill the memory.
        route = f"/{first}" if first in _ROUTES or not first else "other"
        key = (route, method if method in _METHODS else "other", status)
        found = self.requests.get(key)
        if found is None:
            found = self.requests[key] = Requests(self.times.setdefault(route, _Times()))
        return found

    def collect(self) -> Iterator[Metric]:
        """All counts, as the Prometheus client wants them."""
        requests = CounterMetricFamily("foedus_requests", "Requests answered", labels=["route", "method", "status"])
        for (route, method, status), counted in self.requests.items():
            requests.add_metric([route, method, str(status)], counted.answered)
        yield requests
        seconds = HistogramMetricFamily("foedus_request_seconds", "Time to answer", labels=["route"])
        names = [*map(str, _LIMITS[:-1]), "+Inf"]
        for route, times in self.times.items():
            buckets = list(zip(names, map(float, accumulate(times.counts)), strict=True))
            seconds.add_metric([route], buckets, sum_value=times.total)
        yield seconds
        sent = CounterMetricFamily("foedus_sent_bytes", "Bytes of bodies sent")
        sent.add_metric([], sum(counted.sent for counted in self.requests.values()))
        yield sent
        lookups = CounterMetricFamily(
            "foedus_cache_lookups", "Answers found among those kept, and not", labels=["result"]
        )
        lookups.add_metric(["hit"], self.hits)
        lookups.add_metric(["miss"], self.misses)
        yield lookups


class Metrics:
    """The counts of one server.

    Attributes:
        under_way: how many requests are being answered.
        log: the access log.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.log = AccessLog()
        self._tally = _Tally()
        self.registry.register(self._tally)
        self.under_way = 0
        Gauge("foedus_requests_under_way", "Requests under way", registry=self.registry).set_function(
            lambda: self.under_way
        )
        self._events = Counter(
            "foedus_query_events",
            "Queries ended at the time limit, requests turned away, queries begun anew, answers spooled to disk or cut "
            "off for slow readers, workers replaced",
            ["event"],
            registry=self.registry,
        )
        for event in ("timeout", "busy", "anew", "spooled", "slow-reader", "worker"):
            self._events.labels(event)
        self._kept = Gauge("foedus_cache_bytes", "Bytes that the answers kept take, about", registry=self.registry)
        self._united = Gauge(
            "foedus_union_ready", "Whether queries are answered from a union of the graphs", registry=self.registry
        )

    def keeps(self, size: Callable[[], int], *, unions: Callable[[], bool]) -> None:
        """Say how many bytes the answers kept take, and whether there is a union, whenever that is asked for."""
        self._kept.set_function(size)
        self._united.set_function(unions)

    def hit(self) -> None:
        """Count an answer that was found among those kept."""
        self._tally.hits += 1

    def miss(self) -> None:
        """Count an answer that could be kept, and was not."""
        self._tally.misses += 1

    def requests(self, path: str, method: str, status: int) -> Requests:
        """The count that a request belongs to; there are not many of them, whatever is asked for."""
        return self._tally.of(path, method, status)

    def answered(self, scope: Scope, status: int, size: int, seconds: float, *, whole: bool = True) -> None:
        """Count and log a request.

        Args:
            scope: the request.
            status: status of the answer.
            size: bytes of its body.
            seconds: how long it took.
            whole: whether all of it was sent.
        """
        self._tally.of(scope["path"], scope["method"], status).add(size, seconds)
        self.log.add(AccessLog.described(scope), status, size, seconds, whole=whole)

    def answered_again(self, counted: Requests, described: Described, status: int, size: int, seconds: float) -> None:
        """Count and log a request that has been answered out of what is kept, as it was before."""
        self._tally.hits += 1
        self.answered_directly(counted, described, status, size, seconds)

    def answered_directly(
        self, counted: Requests, described: Described, status: int, size: int, seconds: float
    ) -> None:
        """Count and log a request that the framework has not seen."""
        counted.add(size, seconds)
        self.log.add(described, status, size, seconds)

    def event(self, name: str) -> None:
        """Count one of the events of the pool."""
        self._events.labels(name).inc()

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
        running = scope.get("extensions", {}).get(UNDER_WAY)
        began = time.perf_counter() if running is None else running.since
        status, size, whole = 0, 0, False

        async def counted(message: Message) -> None:
            nonlocal status, size, whole
            starts = message["type"] == "http.response.start"
            if starts:
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), NOSNIFF]
            else:
                whole = not message.get("more_body", False)
            await send(message)
            # In front of this an answer that the client knows becomes a 304.
            if starts:
                status = message["status"]
            else:
                size += len(message.get("body", b""))

        self._metrics.under_way += 1
        try:
            await self._app(scope, receive, counted)
        finally:
            self._metrics.under_way -= 1
            self._metrics.answered(scope, status, size, time.perf_counter() - began, whole=whole)
