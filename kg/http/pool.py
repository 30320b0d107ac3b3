"""The workers: as many processes as queries may run at once, each of which can be ended."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
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
from kg.http.spooling import Room
from kg.http.template import Template
from kg.http.turns import Turns

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
_WAIT: Final = 5.0
"""Seconds for which a job may wait for its turn at least, however little time it may take then."""
_LONG: Final = 0.5
"""Part of the time for which a job may wait after which answers that are read slowly are cut off for it."""
_BUSY: Final = 0.1
"""Seconds for which every worker has been at its job when jobs that wait are given to the spare one."""
_TRIAL: Final = 0.5
"""Seconds that the spare worker may take for a job, by the number of those that wait for it."""
_PATIENCE: Final = 1.0
"""Seconds that the state of a graph that has just come into use is waited for, before that of the last is told."""


@dataclass(frozen=True)
class Settings:
    """What a server serves, and within which limits.

    Attributes:
        store: the store, a folder.
        policy: name of the trust policy that holds where a request names none; that of the store where not given.
        timeout: seconds that a query may take, and that a client may leave an answer lying. An answer for which there
            was no room in a file, and that has kept a worker for as long, is cut off where others have waited for one
            for half as long.
        arrival: seconds in which the fields of a request have to be there, and then its body, which has one more for
            every 4,096 bytes.
        max_rows: rows or triples that an answer may have; any number where not given.
        max_body: bytes that the body of a request may have.
        workers: how many queries run at once.
        waiting: how many more may wait for their turn.
        cors: origins whose pages may ask; none where empty.
        cache: bytes that answers kept for later may take; 0 keeps none.
        spool: bytes that files may take with answers that are read too slowly while others wait for a worker.
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
    spool: int = 1 << 30
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

    A job that takes long must not make all others wait. So there is a spare worker, started when it is wanted first:
    while every other has been at its job for some time, it is given those that wait, to see whether they are quick. One
    that is not is taken from it when another waits, and begun anew by a worker that is not spare. One whose answer has
    begun stays, and a second spare worker is started, up to as many as there are others.

    Args:
        settings: the limits.
        template: starts workers.
        unions: says in which folder workers find unions of graphs, see :class:`kg.http.unions.Unions`.
        event: called with ``"timeout"``, ``"busy"``, ``"anew"``, ``"spooled"``, ``"slow-reader"`` and ``"worker"``
            when a query is ended, a request is turned away, a query is begun anew because it is not quick, an answer
            goes into a file because others want its worker, one is cut off that was read too slowly, and a worker is
            replaced.

    Attributes:
        room: how much files may take with what is read slowly.
    """

    def __init__(
        self,
        settings: Settings,
        template: Template,
        event: Callable[[str], None] = lambda name: None,
        unions: Callable[[], Path | None] = lambda: None,
    ) -> None:
        self._settings, self._template, self._event, self._unions = settings, template, event, unions
        self.room = Room(settings.spool)
        self._lines: list[Line] = []
        self._turns = Turns()
        self._all: set[Channel] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._closed = self._fails = False
        self._spares = 0
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
        for running in list(self._turns):
            self._turns.remove(running)
            running.fail(_STOPPING)
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

    def begin(self, job: Job, client: str) -> Running:
        """Begin a job, or have it wait for its turn.

        Args:
            job: the job.
            client: address of whoever asks.

        Raises:
            Refused: too many wait already (503), and most of them for the same client (429).
        """
        if self._closed:
            raise Refused(503, _STOPPING)
        if not self.takes:
            self._event("busy")
            self._turns.make_room(client, (name for line in self._lines for name in line.behind))
        running = Running(job, self._settings.timeout, self._late, self._give_up, client)
        self._turns.add(running)
        self._fill()
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(_LOOK, self._look)
        return running

    async def run(self, job: Job, client: str = "") -> Running:
        """Begin a job; returns when it is known what stands above the body of its answer.

        Args:
            job: the job.
            client: address of whoever asks; none where the server asks itself.

        Raises:
            Refused: all workers are busy, or the time is up (503), or the client asks too much at once (429).
        """
        running = self.begin(job, client)
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
            line = min((line for line in self._lines if line.has_room and not line.spare), key=len, default=None)
            if line is None:
                line = self._spare()
            if line is None:
                return
            running = self._turns.next(self._under_way, untried=line.spare)
            if running is None:
                return
            line.add(running)

    def _under_way(self) -> Counter[str]:
        return Counter(client for line in self._lines for client in line.clients)

    def _spare(self) -> Line | None:
        """A spare worker that has room, if all others have been busy for some time; it may have to be started."""
        now = time.perf_counter()
        others = [line for line in self._lines if not line.spare]
        if self._settings.changing or not others or any(line.at_it(now) < _BUSY for line in others):
            return None
        spares = [line for line in self._lines if line.spare]
        # One that gives out an answer cannot be asked to begin another, so that it counts as one of the others.
        wanted = len(spares) == self._spares < self._settings.workers and all(line.streams for line in spares)
        if wanted and self._turns.untried and not self._closed:
            self._spares += 1
            self._start(None, spare=True)
        return next((line for line in spares if line.has_room), None)

    def _look(self) -> None:
        """End what takes too long, and let nothing quick wait for what is slow."""
        now = time.perf_counter()
        untried = self._turns.untried
        for line in list(self._lines):
            if line.is_late(now):
                if line.is_waited_for:
                    self._late()
                self._replace(line, too_long(self._settings.timeout))
            elif line.spare and untried and line.may_begin_anew and line.at_it(now) > _TRIAL / untried:
                self._event("anew")
                first, *behind = line.take_back(first=True)
                first.tried = True
                self._turns.put_back([first, *behind])
                self._replace(line)
            elif line.is_slow(now):
                self._turns.put_back(line.take_back())
        limit = self._may_wait
        for running in self._turns.expired(now - limit):
            self._event("busy")
            running.fail(f"no worker came free within {limit:g} seconds; try again")
        self._fill()
        self._relieve(now)
        busy = bool(self._turns) or any(self._lines)
        self._watch = asyncio.get_running_loop().call_later(_LOOK, self._look) if busy else None

    def _relieve(self, now: float) -> None:
        """Have answers keep their workers no longer than they take to be made, for jobs wait for one.

        Those that keep them for longer than a query may take, for want of room, are cut off before jobs are turned away
        for that: as many as have waited for long, and the longest first. Where jobs come to their turn beside them they
        are left alone.
        """
        if len(self._turns) > len(self._starting):
            for line in self._lines:
                if line.want(now):
                    self._event("spooled")
        wanted = self._turns.older(now - _LONG * self._may_wait) - len(self._starting)
        if wanted > 0:
            for line in sorted(self._lines, key=lambda line: -line.held(now))[:wanted]:
                if line.held(now) > 1:
                    self._event("slow-reader")
                    self._replace(line)

    @property
    def _may_wait(self) -> float:
        """Seconds for which a job may wait for its turn."""
        return max(self._settings.timeout, _WAIT)

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
        self._turns.put_back(behind)
        if self._closed:
            return
        self._event("worker")
        self._start(line.channel, spare=line.spare)
        self._fill()

    def _start(self, replaced: Channel | None, *, spare: bool) -> None:
        task = asyncio.get_running_loop().create_task(self._started(replaced, spare=spare))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _started(self, replaced: Channel | None, *, spare: bool) -> None:
        if replaced is not None:
            await self._end(replaced)
        pause = 0.1
        while not self._closed:
            try:
                await self._add(spare=spare)
                self._fails = False
                return
            except (OSError, Refused) as fault:
                self._fails = True
                _log.error("no new worker: %s", fault)
                await asyncio.sleep(pause)
                pause = min(2 * pause, 10.0)

    async def _add(self, *, spare: bool = False) -> None:
        settings = self._settings
        options = [f"--policy={settings.policy}"] if settings.policy else []
        options += [f"--max-rows={settings.max_rows}"] if settings.max_rows is not None else []
        unions = self._unions()
        options += [f"--unions={unions}"] if unions is not None else []
        options += ["--changing"] if settings.changing else []
        channel = await self._template.worker([str(settings.store.resolve()), *options])
        self._all.add(channel)
        line = Line(channel, 1 if settings.changing else _AT_HAND, self._fill, self._replace, spare=spare)
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
