"""The workers: as many processes as queries may run at once, each of which can be ended."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from kg.http.channel import Channel
from kg.http.frames import Job
from kg.http.refusals import Refused
from kg.http.running import Running

__all__ = ["Pool", "Settings"]

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
        changing: whether workers change the graph, and so get ready for that.
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
    changing: bool = False

    @property
    def for_writing(self) -> Settings:
        """The limits of those who change the graph: one at a time."""
        return replace(
            self,
            workers=1,
            waiting=self.writes_waiting,
            timeout=self.write_timeout,
            max_rows=None,
            changing=True,
        )


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
        self._turns: deque[Running] = deque()
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

    @property
    def takes(self) -> bool:
        """Whether a job would be taken now, if only to wait."""
        return not self._closed and len(self._turns) < self._settings.waiting

    def begin(self, job: Job) -> Running:
        """Begin a job, or have it wait for its turn.

        Raises:
            Refused: too many wait already (503).
        """
        if self._closed:
            raise Refused(503, "the server is stopping")
        channel = self._free_one()
        if channel is None and not self.takes:
            self._event("busy")
            raise Refused(503, "too many requests at once; try again")
        running = Running(job, self._settings.timeout, self._event, self._ended)
        if channel is None:
            self._turns.append(running)
        else:
            running.start(channel)
        return running

    async def run(self, job: Job) -> Running:
        """Begin a job; returns when it is known what stands above the body of its answer.

        Raises:
            Refused: all workers are busy, or the time is up (503).
        """
        running = self.begin(job)
        await running.begun()
        return running

    def _free_one(self) -> Channel | None:
        while self._idle:
            channel = self._idle.pop()
            if channel.alive:
                return channel
            self._replace(channel)
        return None

    def _ended(self, running: Running) -> None:
        if running.channel is None:
            self._turns.remove(running)
        elif running.done:
            self._free(running.channel)
        else:
            self._replace(running.channel)

    def _free(self, channel: Channel) -> None:
        """Take back a worker that has done its job."""
        if not channel.alive:
            self._replace(channel)
        elif self._turns:
            self._turns.popleft().start(channel)
        else:
            self._idle.append(channel)

    def _replace(self, channel: Channel) -> None:
        """End a worker and start another in its place."""
        channel.kill()
        if self._closed:
            return
        self._event("worker")
        task = asyncio.get_running_loop().create_task(self._replacement(channel))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

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
        options += ["--changing"] if settings.changing else []
        channel = await Channel.start([str(settings.store.resolve()), *options])
        self._all.add(channel)
        try:
            running = Running(Job("ready"), _START, self._event, lambda running: None)
            running.start(channel)
            await running.begun()
            said = await running.whole()
            if running.head.status != 200:
                raise Refused(503, said.decode())
        except BaseException:
            await self._end(channel)
            raise
        self._free(channel)

    async def _end(self, channel: Channel) -> None:
        channel.kill()
        await channel.ended()
        self._all.discard(channel)
