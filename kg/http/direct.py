"""From the bytes of a request to a worker and back, for what is asked most and is small.

The layers between cost more than many a query does. Here a request of the plainest kind, a GET with nothing out of the
ordinary in its fields, is made into the same job that the framework would make of it, and an answer that came as one
message into the same bytes. All else, and whatever goes another way than hoped, is left to the framework.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from kg.errors import KgError
from kg.http.accesslog import quoted, quoted_agent, quoted_request
from kg.http.caching import VARYING, Caching, Field, key_of, rendered, without_mark
from kg.http.fields import is_host
from kg.http.frames import Job
from kg.http.pool import Pool
from kg.http.running import Running
from kg.http.telemetry import NOSNIFF, Metrics

__all__ = ["Asked", "Direct", "Fields", "Jobs", "read_fields"]

Jobs = Mapping[str, Callable[[bytes, str | None], Job | None]]
"""What makes a job of a query string and the field ``Accept``, by the path; none where the framework has to answer."""

_VERSION: Final = b" HTTP/1.1\r\n"
_LONGEST: Final = 1 << 16
"""Bytes that a request may have."""
_LONGEST_FIELDS: Final = 1 << 12
_PLAIN: Final = bytes(set(range(0x21, 0x7F)) - {ord("#")})
"""What an address may be written in."""
_UNUSUAL: Final = frozenset(
    b"authorization cache-control content-length expect if-none-match origin transfer-encoding upgrade".split()
)
"""Fields that make another answer, or announce a body."""
_FORWARDED: Final = b"x-forwarded-"
"""What a proxy says of the client begins like this."""
_SCHEME: Final = b"http"


@dataclass(frozen=True, slots=True)
class Fields:
    """What the fields of a plain request say.

    Attributes:
        accept: the field ``Accept``.
        varying: the fields that make another answer.
        agent: the client's software, as the log has it.
    """

    accept: str | None
    varying: tuple[Field, ...]
    agent: str


class Asked:
    """A request under way that has not come to the framework.

    Attributes:
        request: the request, as it came.
        running: the job.
        path: the path.
        fields: what its fields say.
        key: what makes the answer differ from others.
        generation: the generation in use when it came.
    """

    __slots__ = ("fields", "generation", "key", "path", "request", "running")

    def __init__(
        self, request: bytes, running: Running, path: str, fields: Fields, key: bytes, generation: str
    ) -> None:
        self.request, self.running, self.path = request, running, path
        self.fields, self.key, self.generation = fields, key, generation


class Direct:
    """Makes jobs of requests, and the bytes of an answer of what a worker says.

    Args:
        pool: the workers.
        jobs: what can be asked for.
        cache: keeps the answers.
        metrics: where they are counted and logged.
    """

    def __init__(self, pool: Pool, jobs: Jobs, cache: Caching, metrics: Metrics) -> None:
        self._pool, self._cache, self._metrics = pool, cache, metrics
        self._jobs = {path.encode(): (path, make) for path, make in jobs.items()}

    def ask(self, request: bytes, client: str) -> Asked | None:
        """Hand a request to a worker, unless it is one for the framework.

        Args:
            request: all that was read from a connection on which no other request is under way.
            client: address of the client.
        """
        head, found, rest = request.partition(_VERSION)
        if not found or not head.startswith(b"GET /") or len(request) > _LONGEST or len(rest) > _LONGEST_FIELDS:
            return None
        path, _, query = head[4:].partition(b"?")
        known = self._jobs.get(path)
        if known is None or query.translate(None, _PLAIN):
            return None
        fields = read_fields(rest)
        if fields is None or not self._pool.takes:
            return None
        key = key_of(_SCHEME, path, query, fields.varying)
        generation = self._cache.lacks(key)
        if generation is None:
            return None
        name, make = known
        try:
            job = make(query, fields.accept)
        except KgError:
            return None
        if job is None:
            return None
        self._metrics.under_way += 1
        return Asked(request, self._pool.begin(job, client), name, fields, key, generation)

    def answer(self, asked: Asked, client: str, defaults: bytes) -> bytes | None:
        """The answer to a request, if it has come as one message; it is kept where it may be.

        Args:
            asked: the request, of whose answer it is known how it begins.
            client: address of the client, as JSON has it.
            defaults: the fields that every answer has.
        """
        running = asked.running
        body = running.body
        if running.fault is not None or body is None:
            return None
        head = running.head
        made_from, others = without_mark(head.fields)
        fields = [*others, (b"content-length", b"%d" % len(body)), NOSNIFF]
        etag = self._cache.describe(fields, made_from, asked.key, head.status)
        if etag is not None and made_from == asked.generation:
            start = {"type": "http.response.start", "status": head.status, "headers": fields}
            self._cache.keep(asked.key, asked.generation, start, body, etag)
        self.done(asked, client, head.status, len(body))
        return b"".join((STATUS_LINE[head.status], defaults, rendered(fields), b"\r\n", body))

    def done(self, asked: Asked, client: str, status: int, size: int) -> None:
        """Count and log a request that is no longer under way.

        Args:
            asked: the request.
            client: address of the client, as JSON has it.
            status: status of the answer.
            size: bytes of its body.
        """
        self.pass_on(asked)
        described = (quoted_request("GET", asked.path), asked.fields.agent, client)
        counted = self._metrics.requests(asked.path, "GET", status)
        self._metrics.answered_directly(counted, described, status, size, time.perf_counter() - asked.running.since)

    def refused(self, client: str, status: int, size: int) -> None:
        """Count and log a request of which it is not known what it asks, because not all of it could be read.

        Args:
            client: address of the client, as JSON has it.
            status: status of the answer.
            size: bytes of its body.
        """
        unread = "-"  # as logs of web servers have it
        counted = self._metrics.requests(f"/{unread}", unread, status)
        described = (quoted_request(unread, unread), quoted(unread), client)
        self._metrics.answered_directly(counted, described, status, size, 0)

    def pass_on(self, asked: Asked) -> None:
        """Leave a request to the framework, which counts it."""
        self._metrics.under_way -= 1


@lru_cache(256)
def read_fields(block: bytes) -> Fields | None:
    r"""What the fields of a request say, each client writing the same at every request.

    Args:
        block: all that follows the first line.

    Returns:
        ``None`` where they are not those of one whole request without a body, on a connection that is to be kept, that
        asks for nothing unusual.

    Example:
        >>> read_fields(b"Host: x\r\nAccept: */*\r\n\r\n").accept
        '*/*'
        >>> read_fields(b"Host: x\r\nConnection: close\r\n\r\n") is None
        True
    """
    reading = _Reading()
    try:
        reading.parser.feed_data(b"GET / HTTP/1.1\r\n" + block)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    if not reading.whole or not reading.kept:
        return None
    found = reading.fields
    names = [name for name, _ in found]
    if any(name in _UNUSUAL or name.startswith(_FORWARDED) for name in names) or names.count(b"accept") > 1:
        return None
    given = dict(found)
    if names.count(b"host") != 1 or not is_host(given[b"host"]):
        return None
    accept = given.get(b"accept")
    varying = tuple(field for field in found if field[0] in VARYING)
    agent = quoted_agent(given.get(b"user-agent", b""))
    return Fields(None if accept is None else accept.decode("latin-1"), varying, agent)


class _Reading:
    """What the parser of the framework finds."""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.fields: list[Field] = []
        self.kept = False
        self._begun = self._ended = 0

    @property
    def whole(self) -> bool:
        """Whether there was one request, and all of it."""
        return self._begun == self._ended == 1

    def on_message_begin(self) -> None:
        self._begun += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.kept = self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        self._ended += 1
