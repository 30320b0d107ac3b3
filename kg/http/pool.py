"""The workers: as many processes as queries may run at once, each of which can be ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from kg.http.channel import Channel, Gone
from kg.http.frames import DATA, END, HEAD, Head, Job
from kg.http.refusals import Refused

__all__ = ["Pool", "Running", "Settings"]

_log = logging.getLogger("kg.http")
_START: Final = 60.0
"""Seconds in which a worker has to start."""


@dataclass(frozen=True)
class Settings:
    """What a server serves, and within which limits.

    Attributes:
        store: the store, a folder.
        policy: name of the trust policy that holds where a request names none; that of the store where not given.
        timeout: seconds that a query may take, and that a client may leave an answer lying.
        max_rows: rows or triples that an answer may have; any number where not given.
        max_body: bytes that the body of a request may have.
        workers: how many queries run at once.
        waiting: how many more may wait for their turn.
        cors: origins whose pages may ask; none where empty.
        cache: bytes that answers kept for later may take; 0 keeps none.
        token: what a request must show to change the graph; nobody may where not given.
        write_timeout: seconds that a change may take, with all that follows from it.
        max_write: bytes that the body of a request to change the graph may have.
        writes_waiting: how many changes may wait while one is made.
        union_after: seconds for which a graph must have been the same before its parts are copied into one, see
            :mod:`kg.http.unions`; never where not given.
    """

    store: Path
    policy: str | None = None
    timeout: float = 10.0
    max_rows: int | None = None
    max_body: int = 1 << 20
    workers: int = max(2, os.cpu_count() or 2)
    waiting: int = 64
    cors: tuple[str, ...] = ()
    cache: int = 64 << 20
    token: str | None = field(default=None, repr=False)
    write_timeout: float = 600.0
    max_write: int = 64 << 20
    writes_waiting: int = 16
    union_after: float | None = 3.0

    @property
    def for_writing(self) -> Settings:
        """The limits of those who change the graph: one at a time."""
        return replace(self, workers=1, waiting=self.writes_waiting, timeout=self.write_timeout, max_rows=None)


class Pool:
    """Workers that take one job at a time.

    Args:
        settings: the limits.
        unions: says in which folder workers find unions of graphs, see :class:`kg.http.unions.Unions`.
        event: called with ``"timeout"``, ``"busy"`` and ``"worker"`` when a query is ended, a request is turned away,
            and a worker is replaced.
    """

    def __init__(
        self,
        settings: Settings,
        event: Callable[[str], None] = lambda name: None,
        unions: Callable[[], Path | None] = lambda: None,
    ) -> None:
        self._settings, self._event, self._unions = settings, event, unions
        self._idle: list[Channel] = []
        self._turns: deque[asyncio.Future[Channel]] = deque()
        self._all: set[Channel] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the workers, and wait until they can be asked.

        Raises:
            Refused: they cannot.
        """
        await asyncio.gather(*(self._add() for _ in range(self._settings.workers)))

    async def close(self) -> None:
        """End the workers."""
        self._closed = True
        for task in list(self._starting):
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(self._end(channel) for channel in list(self._all)))

    async def run(self, job: Job) -> Running:
        """Begin a job; returns when it is known what stands above the body of its answer.

        Raises:
            Refused: all workers are busy, or the time is up (503).
        """
        running = Running(self, await self._take(), self._settings.timeout)
        try:
            await running.begin(job)
        except BaseException:
            running.close()
            raise
        return running

    async def _take(self) -> Channel:
        if self._closed:
            raise Refused(503, "the server is stopping")
        while self._idle:
            channel = self._idle.pop()
            if channel.alive:
                return channel
            self.replace(channel)
        if len(self._turns) >= self._settings.waiting:
            self._event("busy")
            raise Refused(503, "too many requests at once; try again")
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Channel] = loop.create_future()
        timer = loop.call_later(self._settings.timeout, _too_late, turn)
        self._turns.append(turn)
        try:
            return await turn
        except TimeoutError as fault:
            self._event("busy")
            limit = f"no worker came free within {self._settings.timeout:g} seconds; try again"
            raise Refused(503, limit) from fault
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.free(turn.result())
            raise
        finally:
            timer.cancel()
            if turn in self._turns:
                self._turns.remove(turn)

    def free(self, channel: Channel) -> None:
        """Take back a worker that has done its job."""
        if not channel.alive:
            self.replace(channel)
            return
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(channel)
                return
        self._idle.append(channel)

    def replace(self, channel: Channel) -> None:
        """End a worker and start another in its place."""
        channel.kill()
        if self._closed:
            return
        self._event("worker")
        task = asyncio.get_running_loop().create_task(self._replacement(channel))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def timed_out(self) -> None:
        """Count a query that was ended."""
        self._event("timeout")

    async def _replacement(self, channel: Channel) -> None:
        await self._end(channel)
        pause = 0.1
        while not self._closed:
            try:
                await self._add()
                return
            except (OSError, Refused) as fault:
                _log.error("no new worker: %s", fault)
                await asyncio.sleep(pause)
                pause = min(2 * pause, 10.0)

    async def _add(self) -> None:
        settings = self._settings
        options = [f"--policy={settings.policy}"] if settings.policy else []
        options += [f"--max-rows={settings.max_rows}"] if settings.max_rows is not None else []
        unions = self._unions()
        options += [f"--unions={unions}"] if unions is not None else []
        channel = await Channel.start([str(settings.store.resolve()), *options])
        self._all.add(channel)
        try:
            running = Running(self, channel, _START)
            await running.begin(Job("ready"))
            said = await running.whole()
            if running.head.status != 200:
                raise Refused(503, said.decode())
        except BaseException:
            await self._end(channel)
            raise
        self.free(channel)

    async def _end(self, channel: Channel) -> None:
        channel.kill()
        await channel.ended()
        self._all.discard(channel)


class Running:
    """A job under way. Its time runs while the worker works, and stands still while the client reads.

    Attributes:
        head: what stands above the body, once the job has begun.
    """

    head: Head

    def __init__(self, pool: Pool, channel: Channel, timeout: float) -> None:
        self._pool, self._channel = pool, channel
        self._limit = self._left = timeout
        self._done = self._closed = False

    async def begin(self, job: Job) -> None:
        """Hand the job to the worker and wait for the head."""
        self._channel.send(job.encode())
        kind, data = await self._message()
        assert kind == HEAD
        self.head = Head(**json.loads(data))

    async def piece(self) -> bytes | None:
        """The next piece of the body, ``None`` at its end."""
        if self._done:
            return None
        kind, data = await self._message()
        if kind == END:
            self._done = True
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
        """Give the worker back, or end it where it is not done."""
        if self._closed:
            return
        self._closed = True
        if self._done:
            self._pool.free(self._channel)
        else:
            self._pool.replace(self._channel)

    async def _message(self) -> tuple[bytes, bytes]:
        if not self._channel.waits:
            return await self._channel.receive(0)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return await self._channel.receive(max(self._left, 0.001))
        except TimeoutError as fault:
            self._pool.timed_out()
            limit = f"the query took longer than the {self._limit:g} seconds that it may take, and was ended"
            raise Refused(503, limit) from fault
        except Gone as fault:
            raise Refused(503, "the query ended the process that ran it, most likely for want of memory") from fault
        finally:
            self._left -= loop.time() - began


def _too_late(turn: asyncio.Future[Channel]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
