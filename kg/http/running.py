"""One job: it waits for its turn, is done by a worker, and its answer is read as it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kg.http.frames import DATA, END, Head, Job, answer_in
from kg.http.refusals import Refused

if TYPE_CHECKING:
    from kg.http.line import Line

__all__ = ["UNDER_WAY", "Running", "too_long"]

UNDER_WAY: Final = "foedus.under_way"
"""Extension of the scope: the job that was begun for a request before it came to the framework, if one was."""
_GONE: Final = "the query ended the process that ran it, most likely for want of memory"


class Running:
    """A job that waits or is under way. Its time runs while the worker works, and stands still while the client reads.

    Args:
        job: the job.
        limit: seconds that it may take, once it has its turn.
        late: called when its answer has begun and takes too long.
        given_up: called when nobody waits any longer for what has not been done.
        client: address of whoever asked.

    Attributes:
        message: the job as the worker takes it.
        client: address of whoever asked.
        tried: whether a worker has found out that it is not quick.
        since: when it was handed in.
        when_begun: called once, later than the job is handed in: when it is known what stands above the body of the
            answer, or that there is none.
        line: the worker that has it, until it has done it.
        wanted: set when others want the worker while it gives out the answer.
        stuck: whether it goes on giving it out as it is read, for want of room to put it.
        head: what stands above the body, once that is known.
        body: all of the body, where it came with the head.
        fault: why there is no answer, where there is none.
    """

    head: Head

    def __init__(
        self, job: Job, limit: float, late: Callable[[], None], given_up: Callable[[Running], None], client: str = ""
    ) -> None:
        self.message, self.limit, self._late, self._given_up = job.encode(), limit, late, given_up
        self.client, self.tried = client, False
        self.since = time.perf_counter()
        self.when_begun: Callable[[], None] = _nothing
        self.line: Line | None = None
        self.wanted, self.stuck = asyncio.Event(), False
        self.body: bytes | None = None
        self.fault: Refused | None = None
        self._left = limit
        self._over = self._read = False
        self._waiter: asyncio.Future[None] | None = None

    async def begun(self) -> None:
        """Wait until it is known what stands above the body.

        Raises:
            Refused: no worker came free, or the time is up (503).
        """
        self._waiter = asyncio.get_running_loop().create_future()
        self.when_begun = self.hear
        try:
            await self._waiter
        except BaseException:
            self.close()
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
        if self._over:
            return None
        kind, data = await self._message()
        if kind == END:
            self._over = True
            assert self.line is not None
            line, self.line = self.line, None
            line.go_on()
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
        """Wait for no more of the answer."""
        if not self._over:
            self._over = True
            self.when_begun = _nothing
            self._given_up(self)

    def answer(self, data: bytes) -> None:
        """Take the answer, which came as one message."""
        self.head, self.body = answer_in(data)
        self._over = True
        self.when_begun()

    def begin(self, data: bytes, taken: float) -> None:
        """Take the head of an answer, and how long it took to come."""
        self.head = Head.decode(data)
        self._left = self.limit - taken
        self.when_begun()

    def fail(self, why: str | None = None) -> None:
        """Take note that there will be no answer."""
        self.refuse(Refused(503, why or _GONE))

    def refuse(self, fault: Refused) -> None:
        """Take note why there will be no answer."""
        self.fault = fault
        self._over = True
        self.when_begun()

    def hear(self) -> None:
        """Look again for what is waited for."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _message(self) -> tuple[bytes, bytes]:
        assert self.line is not None
        channel = self.line.channel
        message = channel.take()
        if message is not None:
            return message
        if channel.alive:
            self._waiter = asyncio.get_running_loop().create_future()
            began = time.perf_counter()
            try:
                async with asyncio.timeout(max(self._left, 0.001)):
                    await self._waiter
            except TimeoutError as fault:
                self._late()
                raise Refused(503, too_long(self.limit)) from fault
            finally:
                self._left -= time.perf_counter() - began
            message = channel.take()
        if message is None:
            raise Refused(503, _GONE)
        return message


def too_long(limit: float) -> str:
    """Why a query was ended that took longer than so many seconds."""
    return f"this took longer than the {limit:g} seconds that it may take, and was ended"


def _nothing() -> None:
    pass
