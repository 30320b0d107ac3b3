"""From a job to an HTTP response: streamed, given up when the client has gone, cut off where it cannot be finished."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from kg.http.arriving import in_time
from kg.http.frames import Job
from kg.http.pool import Pool
from kg.http.refusals import VARIES, Refused, told
from kg.http.replies import CHUNK
from kg.http.running import UNDER_WAY, Running
from kg.http.spooling import Room, Spooled

__all__ = ["Streamed", "body_within", "refuse", "require_plain", "respond"]


async def respond(request: Request, pool: Pool, job: Job, *, stall: float) -> Response:
    """The response to a job.

    Args:
        request: the request; its body has been read.
        pool: the workers.
        job: the job.
        stall: seconds for which a client may leave an answer lying.

    Raises:
        Refused: it cannot be done; there is no response yet.
    """
    running: Running | None = request.scope.get("extensions", {}).get(UNDER_WAY)
    if running is not None:
        running.check()
        return Streamed(running, stall, pool.room)
    try:
        async with _while_there(request.receive):
            running = await pool.run(job, request.client.host if request.client else "")
    except _Left:
        # Nobody waits for the answer: the worker has been taken back at once.
        return Response(status_code=499)
    return Streamed(running, stall, pool.room)


class _Left(Exception):
    """The client has left."""


@asynccontextmanager
async def _while_there(receive: Receive) -> AsyncIterator[None]:
    """A block that ends when the client leaves.

    Raises:
        _Left: it did.
    """
    task = asyncio.current_task()
    assert task is not None
    gone = False

    def leave(left: asyncio.Task[None]) -> None:
        nonlocal gone
        if not left.cancelled():
            gone = True
            task.cancel()

    left = asyncio.get_running_loop().create_task(_gone(receive))
    left.add_done_callback(leave)
    try:
        yield
    except asyncio.CancelledError:
        if not gone:
            raise
        task.uncancel()
        raise _Left from None
    finally:
        left.remove_done_callback(leave)
        left.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Streamed(Response):
    """The answer of a worker, passed on as it comes.

    Args:
        running: the job under way.
        stall: seconds for which a client may leave it lying.
        room: how much of it may go into a file while others wait for the worker.
    """

    def __init__(self, running: Running, stall: float, room: Room) -> None:
        self._running, self._stall, self._room = running, stall, room
        head = running.head
        super().__init__(status_code=head.status)
        self.raw_headers = list(head.fields)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as long as the client is there."""
        try:
            async with _while_there(receive):
                await self._answer(scope, receive, send)
        except _Left:
            return
        finally:
            self._running.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, one message of the worker behind, so that a small answer can say how long it is."""
        started, rest = False, None
        try:
            first, whole = await self._first()
            if whole:
                # All is here: nobody else need wait until the client has taken it.
                self._running.close()
                if scope["method"] != "HEAD":
                    self.headers["Content-Length"] = str(len(first))
            else:
                rest = Spooled(self._running, self._room)
            started = True
            async with asyncio.timeout(self._stall):
                await send(self._start())
                await send({"type": "http.response.body", "body": first, "more_body": not whole})
            while rest is not None and not whole:
                piece = await rest.piece()
                whole = piece is None
                async with asyncio.timeout(self._stall):
                    await send({"type": "http.response.body", "body": piece or b"", "more_body": not whole})
        except Refused as fault:
            # Once the status has left, to end without the last piece is the only way to say that it is not whole.
            if not started:
                await refuse(fault, Headers(scope=scope))(scope, receive, send)
        except TimeoutError:
            return
        finally:
            if rest is not None:
                await rest.close()

    async def _first(self) -> tuple[bytes, bool]:
        """The beginning of the body, so much that a small answer can say how long it is; and whether it is all."""
        pieces: list[bytes] = []
        size = 0
        while size < CHUNK:
            piece = await self._running.piece()
            if piece is None:
                return b"".join(pieces), True
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces), False

    def _start(self) -> Message:
        return {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}


async def body_within(request: Request, limit: int) -> bytes:
    """The body of a request.

    Raises:
        Refused: it is too large (413) or too slow (408), or the client left before it was whole (499).
    """
    refused = Refused(413, f"the body is larger than the {limit} bytes that it may have")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise refused
    receive, body, whole = in_time(request.scope, request.receive), bytearray(), False
    while not whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(499, "the client left before the body was whole")
        body += message.get("body", b"")
        if len(body) > limit:
            raise refused
        whole = not message.get("more_body", False)
    return bytes(body)


def require_plain(request: Request) -> None:
    """Refuse a body that is compressed: as it stands it would be taken for something else.

    Raises:
        Refused: it is (415).
    """
    codings = ", ".join(request.headers.getlist("content-encoding")).strip()
    if codings.lower() not in ("", "identity"):
        raise Refused(415, f"a body is taken as it is, not in {codings}", headers={"Accept-Encoding": "identity"})


def refuse(fault: Refused, fields: Headers) -> Response:
    """The response to what is refused.

    Args:
        fault: why.
        fields: the fields of the request.
    """
    media, body = told(fault, ", ".join(fields.getlist("accept")) or None)
    return Response(body, fault.status, {**fault.headers, **VARIES}, media)
