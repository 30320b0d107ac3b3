"""The workers: as many processes as queries may run at once, each of which can be ended."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from kg.http.channel import Channel
from kg.http.frames import Job
from kg.http.line import Line
from kg.http.refusals import Refused
from kg.http.running import Running, too_long
from kg.http.served import pointer_state

__all__ = ["Pool", "Settings"]

_log = logging.getLogger("kg.http")
_START: Final = 60.0
"""Seconds in which a worker has to start."""
_READY: Final = Job("ready")
_STOPPING: Final = "the server is stopping"
_LOOK: Final = 0.02
"""Seconds between two looks for what takes too long, as long as anything is under way."""
_AT_HAND: Final = 4
"""How many jobs a worker may have at hand where they are quick."""
_HELD: Final = 6
"""How many times its limit an answer may keep a worker while others wait for one, however slowly it is read."""
_PATIENCE: Final = 1.0
"""Seconds that the state of a graph that has just come into use is waited for, before that of the last is told."""


@dataclass(frozen=True)
class Settings:
    """What a server serves, and within which limits.

    Attributes:
        store: the store, a folder.
        policy: name of the trust policy that holds where a request names none; that of the store where not given.
        timeout: seconds that a query may take, and that a client may leave an answer lying. While others wait for a
            worker, an answer that has kept one for six times as long is cut off.
        arrival: seconds in which the fields of a request have to be there, and then its body, which has one more for
            every 4,096 bytes.
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
    arrival: float = 30.0
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
    """Workers that do one job at a time.

    Args:
        settings: the limits.
        unions: says in which folder workers find unions of graphs, see :class:`kg.http.unions.Unions`.
        event: called with ``"timeout"``, ``"busy"``, ``"slow-reader"`` and ``"worker"`` when a query is ended, a
            request is turned away, an answer is cut off that was read too slowly, and a worker is replaced.
    """

    def __init__(
        self,
        settings: Settings,
        event: Callable[[str], None] = lambda name: None,
        unions: Callable[[], Path | None] = lambda: None,
    ) -> None:
        self._settings, self._event, self._unions = settings, event, unions
        self._lines: list[Line] = []
        self._turns: deque[Running] = deque()
        self._all: set[Channel] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._closed = self._fails = False
        self._pointer = str(settings.store / "current")
        self._told: tuple[tuple[int, int, int] | None, bytes] | None = None

    async def start(self) -> None:
        """Start the workers, and wait until they can be asked.

        Raises:
            Refused: they cannot.
        """
        await asyncio.gather(*(self._add() for _ in range(self._settings.workers)))

    async def close(self) -> None:
        """End the workers."""
        self._closed = True
        while self._turns:
            self._turns.popleft().fail(_STOPPING)
        for line in list(self._lines):
            self._replace(line, _STOPPING)
        for task in list(self._starting):
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(self._end(channel) for channel in list(self._all)))

    @property
    def takes(self) -> bool:
        """Whether a job would be taken now, if only to wait."""
        if self._closed:
            return False
        waiting = len(self._turns) + sum(max(0, len(line) - 1) for line in self._lines)
        return waiting < self._settings.waiting or any(line.has_room and not len(line) for line in self._lines)

    def begin(self, job: Job) -> Running:
        """Begin a job, or have it wait for its turn.

        Raises:
            Refused: too many wait already (503).
        """
        if self._closed:
            raise Refused(503, _STOPPING)
        if not self.takes:
            self._event("busy")
            raise Refused(503, "too many requests at once; try again")
        running = Running(job, self._settings.timeout, self._late, self._give_up)
        self._turns.append(running)
        self._fill()
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(_LOOK, self._look)
        return running

    async def run(self, job: Job) -> Running:
        """Begin a job; returns when it is known what stands above the body of its answer.

        Raises:
            Refused: all workers are busy, or the time is up (503).
        """
        running = self.begin(job)
        await running.begun()
        return running

    async def state(self) -> bytes:
        """Whether the graph can be asked, as JSON has it. No worker need be free for that.

        Raises:
            Refused: it cannot: no worker can be started (503).
        """
        if self._closed or (self._fails and not self._lines):
            raise Refused(503, _STOPPING if self._closed else "no worker can be started; the log says why")
        seen = pointer_state(self._pointer)
        if self._told is None or self._told[0] != seen:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._tell(seen, await self.run(_READY))
            except (Refused, TimeoutError):
                if self._told is None:
                    raise
        assert self._told is not None
        return self._told[1]

    async def _tell(self, seen: tuple[int, int, int] | None, running: Running) -> None:
        """Take note of what a worker says of the graph.

        Raises:
            Refused: it cannot be asked (503).
        """
        said = await running.whole()
        if running.head.status != 200:
            raise Refused(503, said.decode())
        self._told = seen, said

    def _fill(self) -> None:
        """Hand jobs that wait to workers that have room, those with the fewest first."""
        while self._turns:
            line = min((line for line in self._lines if line.has_room), key=len, default=None)
            if line is None:
                return
            line.add(self._turns.popleft())

    def _look(self) -> None:
        """End what takes too long, and let nothing quick wait for what is slow."""
        now = time.perf_counter()
        for line in list(self._lines):
            if line.is_late(now):
                if line.is_waited_for:
                    self._late()
                self._replace(line, too_long(self._settings.timeout))
            elif line.is_slow(now):
                self._turns.extendleft(reversed(line.take_back()))
        limit = self._settings.timeout
        while self._turns and now - self._turns[0].since > limit:
            self._event("busy")
            self._turns.popleft().fail(f"no worker came free within {limit:g} seconds; try again")
        self._fill()
        self._relieve(now)
        busy = bool(self._turns) or any(self._lines)
        self._watch = asyncio.get_running_loop().call_later(_LOOK, self._look) if busy else None

    def _relieve(self, now: float) -> None:
        """Cut off answers that have kept their workers for long, as many as jobs wait for one and the longest first."""
        wanted = len(self._turns) - len(self._starting)
        if wanted > 0:
            for line in sorted(self._lines, key=lambda line: -line.held(now))[:wanted]:
                if line.held(now) > _HELD:
                    self._event("slow-reader")
                    self._replace(line)

    def _late(self) -> None:
        self._event("timeout")

    def _give_up(self, running: Running) -> None:
        if running.line is not None:
            running.line.give_up(running)
        elif running in self._turns:
            self._turns.remove(running)

    def _replace(self, line: Line, why: str | None = None) -> None:
        """End a worker, and start another in its place."""
        behind = line.end(why)
        if line not in self._lines:  # it has not even started
            return
        self._lines.remove(line)
        self._turns.extendleft(reversed(behind))
        if self._closed:
            return
        self._event("worker")
        task = asyncio.get_running_loop().create_task(self._replacement(line.channel))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        self._fill()

    async def _replacement(self, channel: Channel) -> None:
        await self._end(channel)
        pause = 0.1
        while not self._closed:
            try:
                await self._add()
                self._fails = False
                return
            except (OSError, Refused) as fault:
                self._fails = True
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
        line = Line(channel, 1 if settings.changing else _AT_HAND, self._fill, self._replace)
        running = Running(_READY, _START, self._late, lambda running: None)
        seen = pointer_state(self._pointer)
        line.add(running)
        try:
            async with asyncio.timeout(_START):
                await running.begun()
            await self._tell(seen, running)
        except BaseException:
            await self._end(channel)
            raise
        self._lines.append(line)
        self._fill()

    async def _end(self, channel: Channel) -> None:
        channel.kill()
        await channel.ended()
        self._all.discard(channel)
