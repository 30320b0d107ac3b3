"""From a job to an HTTP response: streamed, given up when the client has gone, cut off where it cannot be finished."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from kg.http.frames import Job
from kg.http.pool import Pool, Running
from kg.http.refusals import Refused, body_of

__all__ = ["Streamed", "body_within", "refuse", "respond"]


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
    begun = asyncio.ensure_future(pool.run(job))
    left = asyncio.ensure_future(_gone(request.receive))
    try:
        await asyncio.wait({begun, left}, return_when=asyncio.FIRST_COMPLETED)
    except BaseException:
        begun.cancel()
        raise
    finally:
        left.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await left
    if not begun.done():
        # Nobody waits for the answer: the worker is free again at once.
        begun.cancel()
        with contextlib.suppress(asyncio.CancelledError, Refused):
            await (await begun).close()
        return Response(status_code=499)
    return Streamed(begun.result(), stall)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Streamed(Response):
    """The answer of a worker, passed on as it comes.

    Args:
        running: the job under way.
        stall: seconds for which a client may leave it lying.
    """

    def __init__(self, running: Running, stall: float) -> None:
        self._running, self._stall = running, stall
        head = running.head
        super().__init__(status_code=head.status, headers={**head.headers, "Content-Type": head.media})
        del self.headers["Content-Length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, one message of the worker behind, so that a small answer can say how long it is."""
        started = False
        held = b""

        async def pass_on(message: Message) -> None:
            await asyncio.wait_for(send(message), self._stall)

        try:
            async for data in self._running.chunks():
                if held:
                    if not started:
                        started = True
                        await pass_on(self._start())
                    await pass_on({"type": "http.response.body", "body": held, "more_body": True})
                held = data
            if not started:
                if scope["method"] != "HEAD":
                    self.headers["Content-Length"] = str(len(held))
                await pass_on(self._start())
            await pass_on({"type": "http.response.body", "body": held, "more_body": False})
        except Refused as fault:
            # Once the status has left, to end without the last piece is the only way to say that it is not whole.
            if not started:
                await refuse(fault)(scope, receive, send)
        except TimeoutError:
            return
        finally:
            await self._running.close()

    def _start(self) -> Message:
        return {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}


async def body_within(request: Request, limit: int) -> bytes:
    """The body of a request.

    Raises:
        Refused: it is too large (413).
    """
    refused = Refused(413, f"the body is larger than the {limit} bytes that it may have")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise refused
    body = bytearray()
    async for data in request.stream():
        body += data
        if len(body) > limit:
            raise refused
    return bytes(body)


def refuse(fault: Refused) -> Response:
    """The response to what is refused."""
    return Response(body_of(fault), fault.status, fault.headers, "application/json")
