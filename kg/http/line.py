"""A worker with the jobs that it has been handed: the first is under way, and those behind are at hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Final

from kg.http.channel import Channel
from kg.http.frames import ANSWER
from kg.http.running import Running

__all__ = ["Line"]

_QUICK: Final = 0.02
"""Seconds that a job may take behind which others are handed to the same worker."""
_SHORT: Final = 0.5
"""Seconds that an answer may keep a worker that others want before the rest of it goes into a file."""
_SOON: Final = 0.1
"""Seconds that a job may take that nobody waits for: to start another worker takes longer."""


class Line:
    """A worker and its jobs.

    Where jobs are quick, most of their time would go into the worker and the server waiting for each other. So a worker
    whose last job was quick may be handed some more before it has done the next. When one turns out not to be quick,
    those behind it are given to other workers; this one does them too, and nobody listens.

    Args:
        channel: the worker.
        most: how many jobs it may have.
        freed: called when it has done one.
        lost: called when it has ended, or has to be.
        spare: whether it is for jobs that are quick alone.

    Attributes:
        channel: the worker.
        spare: whether it is for jobs that are quick alone.
    """

    def __init__(
        self,
        channel: Channel,
        most: int,
        freed: Callable[[], None],
        lost: Callable[[Line], None],
        *,
        spare: bool = False,
    ) -> None:
        self.channel, self.spare, self._most, self._freed, self._lost = channel, spare, most, freed, lost
        self._jobs: deque[Running | None] = deque()  # none where nobody waits for it any more
        self._began = self._wanted = 0.0
        self._quick = self._streams = False
        channel.heard = self._hear

    def __len__(self) -> int:
        """How many jobs the worker has."""
        return len(self._jobs)

    @property
    def has_room(self) -> bool:
        """Whether it may be handed a job."""
        if not self._jobs:
            return self.channel.alive
        if not self._quick or self._streams or len(self._jobs) >= self._most:
            return False
        return perf_counter() - self._began < _QUICK and self.channel.alive

    def add(self, job: Running) -> None:
        """Hand the worker a job."""
        if not self._jobs:
            self._began = perf_counter()
        self._jobs.append(job)
        job.line = self
        self.channel.send(job.message)

    def give_up(self, job: Running) -> None:
        """Wait no longer for a job."""
        if job not in self._jobs:  # the worker was ended before its answer was
            job.line = None
            return
        first = job is self._jobs[0]
        self._jobs[self._jobs.index(job)] = None
        job.line = None
        if first and self._streams:
            self._lost(self)

    def take_back(self, *, first: bool = False) -> list[Running]:
        """The jobs behind the first, for others to do; the first too where that is wanted."""
        jobs = [job for job in list(self._jobs)[0 if first else 1 :] if job is not None]
        for job in jobs:
            self.give_up(job)
        return jobs

    @property
    def clients(self) -> list[str]:
        """Who waits for what the worker does, once for each job."""
        return [job.client for job in self._jobs if job is not None]

    @property
    def behind(self) -> list[str]:
        """Who waits for the jobs behind the first, once for each job."""
        return [job.client for job in list(self._jobs)[1:] if job is not None]

    def at_it(self, now: float) -> float:
        """Seconds for which the worker has been at the job under way; 0 without one."""
        return now - self._began if self._jobs else 0.0

    @property
    def is_waited_for(self) -> bool:
        """Whether anybody waits for what the worker does."""
        return bool(self._jobs) and self._jobs[0] is not None

    def is_late(self, now: float) -> bool:
        """Whether the worker has to be ended, for what it does takes too long, or nobody waits for it."""
        if not self._jobs or self._streams:
            return False
        first, taken = self._jobs[0], now - self._began
        return taken > (_SOON if first is None else first.limit)

    def held(self, now: float) -> float:
        """Seconds for which an answer has kept the worker from others, as parts of what it may take; else 0.

        One for which there is no room has kept it from its beginning; one that is still being put into a file, from
        when others wanted the worker: until then nobody was in a hurry.
        """
        first = self._jobs[0] if self._streams else None
        if first is None or not first.wanted.is_set():
            return 0.0
        return (now - (self._began if first.stuck else self._wanted)) / first.limit

    @property
    def streams(self) -> bool:
        """Whether the answer of the job under way has begun, and more of it is to come."""
        return self._streams

    def want(self, now: float) -> bool:
        """Say that others want the worker, if an answer has kept it for some time; whether that had not been said."""
        first = self._jobs[0] if self._streams else None
        if first is None or first.wanted.is_set() or now - self._began < _SHORT:
            return False
        first.wanted.set()
        self._wanted = now
        return True

    @property
    def may_begin_anew(self) -> bool:
        """Whether the job under way can be given to another worker, for nothing of its answer has left."""
        return self.is_waited_for and not self._streams

    def is_slow(self, now: float) -> bool:
        """Whether jobs wait behind one that is not quick."""
        return len(self._jobs) > 1 and now - self._began > _QUICK

    def end(self, why: str | None) -> list[Running]:
        """End the worker.

        Args:
            why: why the job under way has no answer; it is not told where the answer has begun.

        Returns:
            The jobs that it has not begun.
        """
        self.channel.kill()
        self.channel.heard = _nothing
        behind = self.take_back()
        first = self._jobs[0] if self._jobs else None
        self._jobs.clear()
        if first is not None:
            if self._streams:
                first.hear()
            else:
                first.fail(why)
        return behind

    def go_on(self) -> None:
        """Go on to the next job when the first has been answered, unless the worker has been ended meanwhile."""
        if self._jobs:
            self._next()
            self._hear()

    def _next(self) -> Running | None:
        first, now = self._jobs.popleft(), perf_counter()
        self._quick = not self._streams and now - self._began < _QUICK
        self._began, self._streams = now, False
        self._freed()
        return first

    def _hear(self) -> None:
        while self._jobs and not self._streams and (message := self.channel.take()) is not None:
            kind, data = message
            if kind == ANSWER:
                first = self._next()
                if first is not None:
                    first.line = None
                    first.answer(data)
                continue
            self._streams = True
            first = self._jobs[0]
            if first is None:
                self._lost(self)
                return
            first.begin(data, perf_counter() - self._began)
            return
        if self._streams and self._jobs[0] is not None:
            self._jobs[0].hear()
        elif not self.channel.alive:
            self._lost(self)


def _nothing() -> None:
    pass
