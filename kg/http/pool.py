"""The workers: as many processes as queries may run at once, each of which can be ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from kg.http.frames import DATA, END, HEAD, HEADER, Head, Job
from kg.http.refusals import Refused

__all__ = ["Pool", "Running", "Settings"]

_log = logging.getLogger("kg.http")
_T = TypeVar("_T")
_BUFFER: Final = 1 << 20
"""Bytes of an answer that the server holds while the client reads, twice over."""
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

    @property
    def for_writing(self) -> Settings:
        """The limits of those who change the graph: one at a time."""
        return replace(self, workers=1, waiting=self.writes_waiting, timeout=self.write_timeout, max_rows=None)


class Pool:
    """Workers that take one job at a time.

    Args:
        settings: the limits.
        event: called with ``"timeout"``, ``"busy"`` and ``"worker"`` when a query is ended, a request is turned away,
            and a worker is replaced.
    """

    def __init__(self, settings: Settings, event: Callable[[str], None] = lambda name: None) -> None:
        self._settings, self._event = settings, event
        self._idle: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self._all: set[asyncio.subprocess.Process] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._closed = False

    @property
    def busy(self) -> int:
        """How many workers are at work or being replaced."""
        return self._settings.workers - self._idle.qsize()

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
        await asyncio.gather(*(self._end(process) for process in list(self._all)))

    async def run(self, job: Job) -> Running:
        """Begin a job; returns when it is known what stands above the body of its answer.

        Raises:
            Refused: all workers are busy, or the time is up (503).
        """
        process = await self._take()
        running = Running(self, process, self._settings.timeout)
        try:
            await running.begin(job)
        except BaseException:
            await running.close()
            raise
        return running

    async def _take(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise Refused(503, "the server is stopping")
        if self._idle.empty() and self._waiting >= self._settings.waiting:
            self._event("busy")
            raise Refused(503, "too many requests at once; try again")
        self._waiting += 1
        try:
            while True:
                process = await asyncio.wait_for(self._idle.get(), self._settings.timeout)
                if process.returncode is None:
                    return process
                self.replace(process)
        except TimeoutError as fault:
            self._event("busy")
            limit = f"no worker came free within {self._settings.timeout:g} seconds; try again"
            raise Refused(503, limit) from fault
        finally:
            self._waiting -= 1

    def free(self, process: asyncio.subprocess.Process) -> None:
        """Take back a worker that has done its job."""
        self._idle.put_nowait(process)

    def replace(self, process: asyncio.subprocess.Process) -> None:
        """End a worker and start another in its place."""
        if process.returncode is None:
            process.kill()
        if self._closed:
            return
        self._event("worker")
        task = asyncio.get_running_loop().create_task(self._replacement(process))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def timed_out(self) -> None:
        """Count a query that was ended."""
        self._event("timeout")

    async def _replacement(self, process: asyncio.subprocess.Process) -> None:
        await self._end(process)
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
        home = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kg.http.worker",
            str(settings.store.resolve()),
            *options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_BUFFER,
            env={k: v for k, v in os.environ.items() if k != "FOEDUS_TOKEN"} | {"PYTHONPATH": path},
            # Ctrl-C on the terminal is for the server, which lets requests under way finish.
            start_new_session=True,
        )
        self._all.add(process)
        try:
            running = Running(self, process, _START)
            await running.begin(Job("ready"))
            if running.head.status != 200:
                raise Refused(503, (await running.whole()).decode())
            await running.whole()
        except BaseException:
            await self._end(process)
            raise
        self._idle.put_nowait(process)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        # The pipe that is left is only closed when it has been read to its end.
        assert process.stdout is not None
        while await process.stdout.read(1 << 16):
            pass
        self._all.discard(process)


class Running:
    """A job under way. Its time runs while the worker works, and stands still while the client reads.

    Attributes:
        head: what stands above the body, once the job has begun.
    """

    head: Head

    def __init__(self, pool: Pool, process: asyncio.subprocess.Process, timeout: float) -> None:
        self._pool, self._process = pool, process
        self._limit = self._left = timeout
        self._done = False

    async def begin(self, job: Job) -> None:
        """Hand the job to the worker and wait for the head."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(job.encode())
            await self._in_time(self._process.stdin.drain())
        except (BrokenPipeError, ConnectionResetError) as fault:
            raise _gone() from fault
        kind, data = await self._frame()
        assert kind == HEAD
        self.head = Head(**json.loads(data))

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, piece by piece."""
        while True:
            kind, data = await self._frame()
            if kind == END:
                self._done = True
                return
            assert kind == DATA
            yield data

    async def whole(self) -> bytes:
        """The body."""
        return b"".join([data async for data in self.chunks()])

    async def close(self) -> None:
        """Give the worker back, or end it where it is not done."""
        if self._done:
            self._pool.free(self._process)
        else:
            self._pool.replace(self._process)

    async def _frame(self) -> tuple[bytes, bytes]:
        assert self._process.stdout is not None
        try:
            head = await self._in_time(self._process.stdout.readexactly(HEADER.size))
            kind, length = HEADER.unpack(head)
            return kind, await self._in_time(self._process.stdout.readexactly(length))
        except asyncio.IncompleteReadError as fault:
            raise _gone() from fault

    async def _in_time(self, doing: Awaitable[_T]) -> _T:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return await asyncio.wait_for(doing, max(self._left, 0.001))
        except TimeoutError as fault:
            self._pool.timed_out()
            limit = f"the query took longer than the {self._limit:g} seconds that it may take, and was ended"
            raise Refused(503, limit) from fault
        finally:
            self._left -= loop.time() - began


def _gone() -> Refused:
    return Refused(503, "the query ended the process that ran it, most likely for want of memory")
