"""One job of a worker: it waits for its turn, is begun, and its answer is read as it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from kg.http.channel import Channel
from kg.http.frames import ANSWER, DATA, END, HEAD, Head, Job, answer_in
from kg.http.refusals import Refused

__all__ = ["UNDER_WAY", "Running"]

UNDER_WAY: Final = "foedus.under_way"
"""Extension of the scope: the job that was begun for a request before it came to the framework, if one was."""

_SOON: Final = 0.1
"""Seconds that a job may still take when nobody waits for it: to start another worker takes longer."""
_GONE: Final = "the query ended the process that ran it, most likely for want of memory"


class Running:
    """A job that waits or is under way. Its time runs while the worker works, and stands still while the client reads.

    Args:
        job: the job.
        limit: seconds for which it may wait, and then again seconds that it may take.
        event: called with ``"busy"`` or ``"timeout"`` when it has waited or taken too long.
        ended: called once, when the worker is free or must be ended, or is no longer waited for.

    Attributes:
        since: when it was handed in.
        when_begun: called once, later than the job is handed in: when it is known what stands above the body of the
            answer, or that there is none.
        channel: the worker, once there is one.
        done: whether the worker has done all of it.
        head: what stands above the body, once that is known.
        body: all of the body, where it came with the head.
        fault: why there is no answer, where there is none.
    """

    head: Head

    def __init__(self, job: Job, limit: float, event: Callable[[str], None], ended: Callable[[Running], None]) -> None:
        self._job, self._limit, self._event, self._ended = job.encode(), limit, event, ended
        self._loop = asyncio.get_running_loop()
        self.since = time.perf_counter()
        self._left = limit
        self._until = self._loop.time() + limit
        self._timer = self._loop.call_later(limit, self._late)
        self._closed = self._read = False
        self.when_begun: Callable[[], None] = _nothing
        self.channel: Channel | None = None
        self.done = False
        self.body: bytes | None = None
        self.fault: Refused | None = None

    def start(self, channel: Channel) -> None:
        """Hand the job to a worker."""
        self.channel = channel
        self._until = self._loop.time() + self._limit
        channel.heard = self._begin
        channel.send(self._job)

    async def begun(self) -> None:
        """Wait until it is known what stands above the body.

        Raises:
            Refused: no worker came free, or the time is up (503).
        """
        waiter: asyncio.Future[None] = self._loop.create_future()
        self.when_begun = lambda: _wake(waiter)
        try:
            await waiter
        except BaseException:
            self.abandon()
            raise
        self.check()

    def check(self) -> None:
        """Go on only if the answer has begun.

        Raises:
            Refused: there is none (503).
        """
        if self.fault is not None:
            raise self.fault

    async def piece(self) -> bytes | None:
        """The next piece of the body, ``None`` at its end.

        Raises:
            Refused: the time is up, or the worker has ended (503).
        """
        if self.body is not None and not self._read:
            self._read = True
            return self.body
        if self.done:
            return None
        kind, data = await self._message()
        if kind == END:
            self.done = True
            return None
        assert kind == DATA
        return data

    async def whole(self) -> bytes:
        """The body."""
        pieces = []
        while (piece := await self.piece()) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Give the worker back, or have it ended where it is not done."""
        if self._closed:
            return
        self._closed = True
        self._timer.cancel()
        if self.channel is not None:
            self.channel.heard = _nothing
        self._ended(self)

    def abandon(self) -> None:
        """Give up a job whose answer has not begun; a worker that is done soon need not be ended."""
        self.when_begun = self.close
        if self.channel is None:
            self.close()
        elif not self._closed:
            self._timer.cancel()
            self._timer = self._loop.call_later(_SOON, self.close)

    def _begin(self) -> None:
        """Take the first message of the worker, or note that there will be none."""
        assert self.channel is not None
        message = self.channel.take()
        if message is None:
            self._fail(_GONE)
            return
        kind, data = message
        if kind == ANSWER:
            self.head, self.body = answer_in(data)
            self.done = True
            self.close()  # the next job need not wait until this answer has been passed on
        else:
            assert kind == HEAD
            self.head = Head.decode(data)
            self.channel.heard = _nothing
            self._timer.cancel()
            self._left = self._until - self._loop.time()
        self.when_begun()

    def _late(self) -> None:
        # There is one timer for the time to wait and the time to run: it is set again where it has gone off too soon.
        left = self._until - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._late)
        elif self.channel is None:
            self._event("busy")
            self._fail(f"no worker came free within {self._limit:g} seconds; try again")
        else:
            self._event("timeout")
            self._fail(self._too_long())

    def _too_long(self) -> str:
        return f"the query took longer than the {self._limit:g} seconds that it may take, and was ended"

    def _fail(self, why: str) -> None:
        self.fault = Refused(503, why)
        self.close()
        self.when_begun()

    async def _message(self) -> tuple[bytes, bytes]:
        assert self.channel is not None
        message = self.channel.take()
        if message is not None:
            return message
        if not self.channel.alive:
            raise Refused(503, _GONE)
        waiter: asyncio.Future[None] = self._loop.create_future()
        self.channel.heard = lambda: _wake(waiter)
        began = self._loop.time()
        try:
            async with asyncio.timeout(max(self._left, 0.001)):
                await waiter
        except TimeoutError as fault:
            self._event("timeout")
            raise Refused(503, self._too_long()) from fault
        finally:
            self.channel.heard = _nothing
            self._left -= self._loop.time() - began
        message = self.channel.take()
        if message is None:
            raise Refused(503, _GONE)
        return message


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _nothing() -> None:
    pass
