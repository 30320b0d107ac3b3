"""Connections that answer a request they have answered before without reading it anew.

Most of what a small answer costs is to take its request apart and to pass it through the layers above. A request whose
bytes are those of an earlier one, and whose answer is kept, needs none of that: see :mod:`kg.http.caching`, which says
what is kept and for how long. A plain one that is new goes to a worker at once, see :mod:`kg.http.direct`. Everything
else goes the way of uvicorn, and so does one whose answer turns out to be large, late or refused: with the job that was
begun for it.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import Any, ClassVar, Final, cast

from httptools import HttpParserInvalidMethodError
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from kg.http.arriving import ARRIVING, LONGEST_ADDRESS, LONGEST_HEAD, Arrival
from kg.http.caching import Caching, rendered
from kg.http.direct import Asked, Direct
from kg.http.keeping import AS_SENT, Again
from kg.http.refusals import Refused, body_of
from kg.http.running import UNDER_WAY
from kg.http.telemetry import NOSNIFF

__all__ = ["Connection", "connection_with"]

_LONGEST: Final = 1 << 13
"""Bytes that a request may have to be recognised."""
_MOST_BEHIND: Final = 1 << 16
"""Bytes that may come behind a request under way before the client has to wait."""
_LEFT: Final = 499
"""The status of a request whose client did not wait for the answer."""
_REQUEST_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) [!-~]+ HTTP/1\.[01]\r?\n")
_CLOSE: Final = (b"connection", b"close")
_APART: Final = 1 << 16
"""Bytes from which on a body is sent apart from what stands above it, rather than copied."""
_STOPPING: Final = 5.0
"""Seconds that the rest of a body is waited for once the server is told to stop."""


class _Joined:
    """A transport that sends the head of an answer together with the beginning of its body.

    Each on its own would be a call of the system more, and would wake the client for the head alone.

    Args:
        transport: the transport.
        loop: the loop in which it is used.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send data; a head waits for what follows at once, if anything does."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines([head, data])
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self._head = data
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send the head."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close, when all is sent."""
        self.flush()
        self._transport.close()


class Connection(HttpToolsProtocol):
    """A connection of HTTP/1.1.

    Attributes:
        cache: the answers kept.
        direct: what hands requests to workers.
        arrival: seconds that a request may take to arrive.
    """

    cache: ClassVar[Caching]
    direct: ClassVar[Direct]
    arrival: ClassVar[float]
    _fields: ClassVar[list[tuple[bytes, bytes]]] = []
    _rendered: ClassVar[bytes] = b""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begun = self._ended = 0
        self._active = 0.0
        self._client: str | None = None
        self._asked: Asked | None = None
        self._behind = self._came = b""
        self._stopping = False
        self._arrival = Arrival(self.arrival)
        self._watch: asyncio.TimerHandle | None = None
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection."""
        super().connection_made(cast(asyncio.Transport, _Joined(transport, self.loop)))
        self._await(head=True)

    def data_received(self, data: bytes) -> None:
        """Answer what came, or have it answered."""
        if self._asked is not None:
            self._behind += data  # in its turn
            if len(self._behind) > _MOST_BEHIND:
                self.flow.pause_reading()
            return
        if self._is_under_way() or self._begun != self._ended or self.flow.write_paused:
            self._read(data)
            return
        began = time.perf_counter()
        again = self.cache.again(data)
        if again is not None:
            self._arrival.end()
            self._send(again)
            self.cache.answered(again, self._client or self._address(), time.perf_counter() - began)
            return
        if self.limit_concurrency is None or len(self.connections) < self.limit_concurrency:
            self._asked = asked = self.direct.ask(data, self.client[0] if self.client else "")
            if asked is not None:
                self._arrival.end()
                asked.running.when_begun = self._answer
                return
        begun = self._begun
        self._read(data)
        if self._begun == self._ended == begun + 1 and len(data) <= _LONGEST and self._may_come_again():
            self.scope["extensions"] = {AS_SENT: {"bytes": data}}

    def _read(self, data: bytes) -> None:
        if self._head > LONGEST_HEAD:  # the connection is about to end
            return
        self._came = data
        super().data_received(data)
        self._came = b""
        if self._begun == self._ended:
            if not self._is_under_way() and not self._arrival.awaited:  # what came was none of a request
                self._await(head=True)
        elif self._head >= 0:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                limit = f"the address and the fields are larger than the {LONGEST_HEAD} bytes that they may have"
                self._refuse(Refused(431, limit))

    def _await(self, *, head: bool) -> None:
        """Wait for the client: for a request, or for the rest of one."""
        self._arrival.begin(self.loop.time(), head=head)
        if self._watch is None:
            self._watch = self.loop.call_later(self.arrival, self._look)

    def _look(self) -> None:
        """Look whether what is waited for is too late."""
        self._watch = None
        arrival, now = self._arrival, self.loop.time()
        if not arrival.awaited or self.transport.is_closing():
            return
        if self._asked is not None or self.flow.read_paused:
            arrival.pause(now)
        left = arrival.left(now)
        if left > 0:
            self._watch = self.loop.call_later(left, self._look)
            return
        refused = arrival.refuse()
        if self._is_under_way() or (self._begun != self._ended and self._head >= 0):
            self._refuse(refused)
        else:
            self.transport.close()

    def _is_under_way(self) -> bool:
        """Whether the framework has a request that it has not answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _refuse(self, refused: Refused) -> None:
        """Answer what has not come to the framework, and close; where that has yet to answer, when it has."""
        if self._is_under_way():
            self.cycle.keep_alive = False
            self.cycle.message_event.set()  # so that whoever waits for the body looks again
            return
        body = body_of(refused)
        fields = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), NOSNIFF, _CLOSE]
        head = (STATUS_LINE[refused.status], self._defaults(), rendered(fields), b"\r\n")
        self.transport.write(b"".join((*head, body)))
        self.transport.close()
        self.direct.refused(self._client or self._address(), refused.status, len(body))

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request of HTTP, or has too long an address, in the one shape of all that is refused."""
        url = getattr(self, "url", b"")
        if self._begun != self._ended and len(url) > LONGEST_ADDRESS:
            longest = (
                f"the address is longer than the {LONGEST_ADDRESS} bytes that it may have; send it by POST, in a form"
            )
            self._refuse(Refused(414, longest))
        else:
            refused = self._unreadable()
            self._arrival.refused = refused  # whoever waits for the rest of a body need wait no longer
            self._refuse(refused)

    def _unreadable(self) -> Refused:
        """Why what came cannot be read: while that is said, the fault that the parser found is being handled."""
        line = _REQUEST_LINE.match(self._came)
        if line is not None and isinstance(sys.exception(), HttpParserInvalidMethodError):
            return Refused(501, f"{line[1].decode()} is no method that this server knows")
        return Refused(400, "this is no request of HTTP/1.1")

    def _answer(self) -> None:
        """Answer the request under way, or leave it to the framework."""
        asked, self._asked = self._asked, None
        assert asked is not None
        answer = None
        if not self._stopping:
            answer = self.direct.answer(asked, self._client or self._address(), self._defaults())
        if answer is None:
            self._pass_on(asked)
        else:
            self.transport.write(answer)
            self._answered()
        if self._behind:
            behind, self._behind = self._behind, b""
            self.flow.resume_reading()
            self.data_received(behind)

    def _pass_on(self, asked: Asked) -> None:
        self.direct.pass_on(asked)
        limit, self.limit_concurrency = self.limit_concurrency, None  # it has been let in
        super().data_received(asked.request)
        self.limit_concurrency = limit
        self.scope["extensions"] = {UNDER_WAY: asked.running}  # type: ignore[dict-item]
        if self._stopping:
            self.cycle.keep_alive = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up what nobody waits for."""
        if self._watch is not None:
            self._watch.cancel()
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.running.close()
            self.direct.done(asked, self._client or self._address(), _LEFT, 0)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection, when a request under way has been answered."""
        if self._asked is not None:
            self._stopping = True
            return
        super().shutdown()
        if self._arrival.awaited and not self.transport.is_closing():
            self._arrival.end_by(self.loop.time() + _STOPPING)
            if self._watch is not None:
                self._watch.cancel()
            self._look()

    def _may_come_again(self) -> bool:
        # What a proxy says of the client is not the same for the same bytes on another connection.
        return self.cycle.keep_alive and not any(name.startswith(b"x-forwarded-") for name, _ in self.headers)

    def _defaults(self) -> bytes:
        fields = self.server_state.default_headers
        if fields is not Connection._fields:  # they have the time in them, and are made anew every second
            Connection._fields = fields
            Connection._rendered = rendered(fields)
        return Connection._rendered

    def _send(self, again: Again) -> None:
        head = (STATUS_LINE[again.status], self._defaults(), again.fields, b"\r\n")
        if len(again.body) < _APART:
            self.transport.write(b"".join((*head, again.body)))
        else:
            self.transport.write(b"".join(head))
            self.transport.write(again.body)
        self._answered()

    def _answered(self) -> None:
        self.server_state.total_requests += 1
        self._active = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait(self.timeout_keep_alive)

    def _address(self) -> str:
        self._client = json.dumps(self.client[0]) if self.client else "null"
        return self._client

    def _wait(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """End the connection, unless it has been of use since the time began to run."""
        left = self._active + self.timeout_keep_alive - self.loop.time()
        if self._asked is not None:
            self._wait(self.timeout_keep_alive)
        elif left > 0:
            self._wait(left)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._begun += 1
        self._head = 0
        self._await(head=True)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that what stands above the body is whole."""
        self._head = -1
        super().on_headers_complete()
        self.scope["extensions"] = {ARRIVING: self._arrival}  # type: ignore[dict-item]
        self._await(head=False)

    def on_body(self, body: bytes) -> None:
        """Note that there is more of a body."""
        self._arrival.add(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request has been read to its end."""
        self._ended += 1
        self._arrival.end()
        super().on_message_complete()


def connection_with(cache: Caching, direct: Direct, arrival: float) -> type[Connection]:
    """The connections of a server.

    Args:
        cache: the answers that it keeps.
        direct: what hands requests to its workers.
        arrival: seconds that a request may take to arrive.
    """
    return type("Connection", (Connection,), {"cache": cache, "direct": direct, "arrival": arrival})
