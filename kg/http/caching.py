"""Answers kept as long as the graph does not change, and validators for those who keep them themselves.

A generation of a store never changes once written, so what was answered out of it stays right until another generation
takes its place. A worker says which generation it answered from; see :mod:`kg.http.replies`. RFC 9110, sections 13.1.2
and 15.4.5; RFC 9111, section 4.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.http.accesslog import AccessLog
from kg.http.arriving import in_time
from kg.http.keeping import AS_SENT, Again, Kept, Shelf
from kg.http.protocol import FORM, QUERY
from kg.http.refusals import Refused
from kg.http.replies import GENERATION
from kg.http.running import UNDER_WAY
from kg.http.served import mark_of, pointer_state
from kg.http.telemetry import Metrics
from kg.http.unions import Unions
from kg.store.embedded import EmbeddedStore

__all__ = ["LARGEST", "VARYING", "Caching", "Field", "key_of", "rendered", "without_mark"]

LARGEST: Final = 1 << 20
"""Bytes that the body of an answer may have to be kept."""
_LONGEST: Final = 1 << 16
"""Bytes that the body of a request may have for its answer to be kept."""
VARYING: Final = frozenset({b"accept", b"host", b"origin"})
"""Fields of a request that make another answer: the form, the addresses in it, and who may read it."""
Field = tuple[bytes, bytes]
"""A field of a request or an answer: its name in small letters, and its value."""
_OF_UNCHANGED: Final = frozenset({b"cache-control", b"etag", b"vary"})
"""Fields of an answer that a 304 in its place has too (RFC 9110, section 15.4.5)."""
_MARK: Final = GENERATION.lower().encode()
_QUERY_STRING: Final = b"query="
_ASIDE: Final = frozenset({b"authorization", b"content-encoding"})
"""Fields with which a request is not for everybody, or its body is not what it looks like."""
_DIGITS: Final = len(str(_LONGEST))
"""Bodies whose length has more digits are not waited for here: whoever takes them knows how long they may be."""
_EMPTY: Final[Message] = {"type": "http.response.body", "body": b""}


class Caching:
    """ASGI in front of the framework: answers what has been answered before from the same generation of the store.

    An answer is kept where it is whole, is a 200, came out of the generation that was in use when it was asked for and
    still is when it has been sent, and asked again would be the same. Which generation is in use is looked up at every
    request; of another nothing is answered. A generation whose union holds fewer triples than its graphs do is another
    once the union is there, see :mod:`kg.http.unions`.

    Args:
        app: what answers otherwise.
        store: the store that is served, a folder.
        size: bytes that all answers kept may take; with 0 none is kept, and validators are still sent and compared.
        salt: what else the answers depend on, such as the version of the software and the limits of the server.
        metrics: where it is counted and logged what is answered here.
        unions: the unions of the graphs.
    """

    def __init__(self, app: ASGIApp, store: Path, size: int, salt: bytes, metrics: Metrics, unions: Unions) -> None:
        self._app, self._store, self._pointer, self._salt = app, store, str(store / "current"), salt
        self._metrics, self._kept, self._unions = metrics, Shelf(size), unions
        self._seen: tuple[tuple[int, int, int], str | None] | None = None
        self._generation: str | None = None

    @property
    def bytes_kept(self) -> int:
        """Bytes that the answers kept take, about."""
        return self._kept.size

    def clear(self) -> None:
        """Forget every answer."""
        self._kept.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have it answered."""
        began = time.perf_counter()
        method = scope["method"]
        if method != "GET" and method != "HEAD" and not (method == "POST" and scope["path"] == "/sparql"):
            await self._aside(scope, receive, send)
            return
        path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        more: tuple[bytes, ...] = ()
        fields, known, anew, content = [], b"", False, b""
        for name, value in scope["headers"]:
            if name in VARYING:
                fields.append((name, value))
            elif name == b"if-none-match":
                known = value
            elif name == b"content-type":
                content = value
            elif name in _ASIDE or (name == b"content-length" and len(value) > _DIGITS):
                await self._aside(scope, receive, send)
                return
            elif name == b"cache-control":
                anew = b"no-cache" in value or b"no-store" in value
        if method == "POST":
            body, receive = await _read(in_time(scope, receive))
            if body is None or not _asks(content, body):
                await self._aside(scope, receive, send)
                return
            if content == FORM.encode() and body.startswith(_QUERY_STRING) and not query and b"\n" not in body:
                query = body  # the same as GET
            else:
                more = (b"body", content, body)
        key = key_of(scope["scheme"].encode(), path, query, fields, *more)
        generation = self._in_use()
        if not anew and generation is not None and UNDER_WAY not in scope.get("extensions", ()):
            kept = self._kept.get(key)
            if kept is not None:
                await self._again(kept, scope, send, known, began)
                return
            if known and method != "POST" and _opaque(etag := self._etag(generation, key)) in known:
                await self._unchanged(etag, scope, send, began)
                return
        await self._anew(key, generation, b"" if method == "POST" else known, scope, receive, send)

    async def _aside(self, scope: Scope, receive: Receive, send: Send) -> None:
        known, unchanged = b"", False
        if scope["method"] in ("GET", "HEAD"):
            known = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")

        async def passed_on(message: Message) -> None:
            nonlocal unchanged
            if message["type"] == "http.response.start":
                message["headers"] = without_mark(message["headers"])[1]
                unchanged = _is_known(known, message)
            if unchanged:
                _leave_out(message)
            await send(message)

        await self._app(scope, receive, passed_on)

    def again(self, request: bytes) -> Again | None:
        """The answer to a request that came in the same bytes before, if it is kept.

        Args:
            request: all that was read from a connection on which no other request is under way.
        """
        if not self._kept.knows(request) or self._in_use() is None:
            return None
        return self._kept.spelled(request)

    def answered(self, again: Again, client: str, seconds: float) -> None:
        """Count and log an answer that was given again.

        Args:
            again: the answer.
            client: address of the client, as JSON has it.
            seconds: how long it took.
        """
        asked, agent, _ = again.described
        described = (asked, agent, client)
        self._metrics.answered_again(again.counted, described, again.status, len(again.body), seconds)

    async def _again(self, kept: Kept, scope: Scope, send: Send, known: bytes, began: float) -> None:
        method = scope["method"]
        self._metrics.hit()
        if known and method != "POST" and _is_among(known, kept.etag):
            self._spell(kept, scope, 304, _unchanged(kept.etag), b"")
            await self._unchanged(kept.etag, scope, send, began)
            return
        body = _EMPTY if method == "HEAD" else kept.body
        self._spell(kept, scope, 200, kept.start["headers"], body["body"])
        await send(kept.start)
        await send(body)
        self._metrics.answered(scope, 200, len(body["body"]), time.perf_counter() - began)

    def _spell(self, kept: Kept, scope: Scope, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        sent = scope.get("extensions", {}).get(AS_SENT)
        if sent is not None:
            fields = rendered(headers)
            counted = self._metrics.requests(scope["path"], scope["method"], status)
            self._kept.spell(sent["bytes"], Again(kept, status, fields, body, counted, AccessLog.described(scope)))

    async def _unchanged(self, etag: bytes, scope: Scope, send: Send, began: float) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": _unchanged(etag)})
        await send(_EMPTY)
        self._metrics.answered(scope, 304, 0, time.perf_counter() - began)

    async def _anew(
        self, key: bytes, generation: str | None, known: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        start: Message | None = None
        etag, parts, size, unchanged = None, [], 0, False

        async def passed_on(message: Message) -> None:
            nonlocal start, etag, size, unchanged
            if message["type"] == "http.response.start":
                made_from, headers = without_mark(message["headers"])
                etag = self.describe(headers, made_from, key, message["status"])
                message["headers"] = headers
                unchanged = _is_known(known, message)
                if etag is not None and made_from == generation and scope["method"] != "HEAD":
                    start = dict(message)
            elif start is not None:
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > LARGEST:
                    start = None
                    parts.clear()
                # Before the client can know the answer to be whole.
                elif etag is not None and generation is not None and not message.get("more_body", False):
                    self.keep(key, generation, start, b"".join(parts), etag)
            if unchanged:
                _leave_out(message)
            await send(message)

        await self._app(scope, receive, passed_on)

    def lacks(self, key: bytes) -> str | None:
        """The generation in use, if there is one and no answer to a request is kept.

        Args:
            key: what makes the answer differ from others, see :func:`key_of`.
        """
        generation = self._in_use()
        return None if self._kept.get(key) is not None else generation

    def describe(self, headers: list[Field], made_from: str | None, key: bytes, status: int) -> bytes | None:
        """Add what an answer says of how long it is good.

        Args:
            headers: the fields above the answer.
            made_from: the generation that it was made from, empty where it may not be kept; none where it is not made
                from one.
            key: what makes it differ from others.
            status: its status.

        Returns:
            The validator of an answer that may be kept.
        """
        if made_from is not None:
            self._metrics.miss()
        if status != 200 or not made_from:
            if made_from is not None:
                headers.append((b"cache-control", b"no-store"))
            return None
        etag = next((value for name, value in headers if name.lower() == b"etag"), None)
        if etag is None:
            etag = self._etag(made_from, key)
            headers.append((b"etag", etag))
        headers.append((b"cache-control", b"no-cache"))
        if not any(name == b"vary" and b"accept" in value.lower() for name, value in headers):
            headers.append((b"vary", b"Accept"))
        return etag

    def keep(self, key: bytes, generation: str, start: Message, body: bytes, etag: bytes) -> None:
        """Keep an answer, if the generation that it was made from is still in use."""
        if self._in_use() == generation:
            self._kept.put(Kept(start, body, etag, key))

    def _in_use(self) -> str | None:
        """The generation in use, as workers mark it; what is kept of another is dropped."""
        state, fewer = pointer_state(self._pointer), self._unions.fewer
        if state is None:
            self._seen = self._generation = None
            self._kept.clear()
        elif (state, fewer) != self._seen:
            self._kept.clear()
            # Read after its state: where it is replaced in between, the next look finds another state.
            generation = EmbeddedStore.generation(self._store)
            self._seen = state, fewer
            self._generation = generation if generation is None else mark_of(generation, united=generation == fewer)
        return self._generation

    def _etag(self, generation: str, key: bytes) -> bytes:
        """A weak validator: the rows of an answer may come in another order when made again."""
        digest = blake2b(b"\0".join((self._salt, generation.encode(), key)), digest_size=16)
        return b'W/"%s"' % digest.hexdigest().encode()


def key_of(scheme: bytes, path: bytes, query: bytes, fields: Iterable[Field], *more: bytes) -> bytes:
    r"""What makes the answer to a request differ from others.

    Args:
        scheme: ``http`` or ``https``.
        path: the path, as it came.
        query: the query string, as it came.
        fields: those of the :data:`VARYING` fields that the request has, in whatever order.
        more: what else there is.

    Example:
        >>> key_of(b"http", b"/ns", b"", [(b"host", b"x"), (b"accept", b"*/*")])
        b'http\n/ns\n\naccept:*/*\nhost:x'
    """
    return b"\n".join([scheme, path, query, *sorted(b"%s:%s" % field for field in fields), *more])


def rendered(fields: Iterable[Field]) -> bytes:
    r"""Fields as they are sent.

    Example:
        >>> rendered([(b"vary", b"Accept")])
        b'vary: Accept\r\n'
    """
    return b"".join(b"%s: %s\r\n" % field for field in fields)


def _unchanged(etag: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"etag", etag), (b"cache-control", b"no-cache"), (b"vary", b"Accept")]


def _is_known(known: bytes, start: Message) -> bool:
    """Whether an answer is one that the client has said to know, with ``If-None-Match``."""
    if not known or start["status"] != 200:
        return False
    return _is_among(known, next((value for name, value in start["headers"] if name.lower() == b"etag"), None))


def _is_among(known: bytes, etag: bytes | None) -> bool:
    """Whether a validator is among those that a client has; ``*`` is any there may be."""
    return known.strip() == b"*" or (etag is not None and _opaque(etag) in known)


def _leave_out(message: Message) -> None:
    """Make a part of an answer that of a 304; the message itself, so that what is counted is what is sent."""
    if message["type"] == "http.response.start":
        message["status"] = 304
        message["headers"] = [field for field in message["headers"] if field[0].lower() in _OF_UNCHANGED]
    else:
        message["body"] = b""


def _opaque(etag: bytes) -> bytes:
    """What two validators have in common that are the same by the weak comparison (RFC 9110, section 8.8.3.2)."""
    return etag.removeprefix(b"W/")


def _asks(content: bytes, body: bytes) -> bool:
    return content.startswith(QUERY.encode()) or (content.startswith(FORM.encode()) and b"query=" in body)


def without_mark(given: Iterable[Field]) -> tuple[str | None, list[Field]]:
    """The generation that an answer says it was made from, empty where it may not be kept; and the other fields."""
    mark, others = None, []
    for field in given:
        if field[0] == _MARK:
            mark = field[1].decode()
        else:
            others.append(field)
    return mark, others


async def _read(receive: Receive) -> tuple[bytes | None, Receive]:
    """A body that is small and came in time, or ``None``; and a way to receive it again."""
    messages: list[Message] = []
    size, whole = 0, False
    while size <= _LONGEST and not whole:
        try:
            message = await receive()
        except Refused:  # which it is again, where refusals are made into answers
            break
        messages.append(message)
        size += len(message.get("body", b""))
        whole = message["type"] != "http.request" or not message.get("more_body", False)
    body = b"".join(message.get("body", b"") for message in messages)
    waiting = iter(messages)

    async def replayed() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return (body if whole and size <= _LONGEST and message["type"] == "http.request" else None), replayed
