"""A worker as the server sees it: a process, and the messages that go there and back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, cast

from kg.http.frames import DATA, HEADER

__all__ = ["Channel", "environment"]

_BUFFER: Final = 1 << 20
"""Bytes of an answer that the server holds while the client reads."""


_TUNABLES: Final = "glibc.malloc.tcache_count=2000"
"""A query allocates and frees many small pieces: where the C library keeps more at hand it takes a tenth less time."""


def environment() -> dict[str, str]:
    """The environment of a process that the server starts: it finds this package, and not the token."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    tunables = ":".join(filter(None, [_TUNABLES, os.environ.get("GLIBC_TUNABLES")]))
    inherited = {k: v for k, v in os.environ.items() if k != "FOEDUS_TOKEN"}
    return inherited | {"PYTHONPATH": path, "GLIBC_TUNABLES": tunables}


class Channel(asyncio.SubprocessProtocol):
    """The pipes of a worker. The pieces of a body are handed on as they come, in whatever size.

    Attributes:
        heard: called when there are messages to take, and when no more will come.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._messages: deque[tuple[bytes, bytes]] = deque()
        self._rest = b""
        self._due = 0  # bytes of a body's message that are still to come
        self._held = 0
        self._paused = self._over = False
        self.heard: Callable[[], None] = _nothing
        self._ended: asyncio.Future[None] = self._loop.create_future()

    @classmethod
    async def start(cls, arguments: Sequence[str]) -> Channel:
        """A worker of its own.

        Args:
            arguments: its arguments, see :mod:`kg.http.worker`.

        Raises:
            OSError: no process can be started.
        """
        _, channel = await asyncio.get_running_loop().subprocess_exec(
            cls,
            sys.executable,
            "-m",
            "kg.http.worker",
            *arguments,
            stderr=None,
            env=environment(),
            # Ctrl-C on the terminal is for the server, which lets requests under way finish.
            start_new_session=True,
        )
        return channel

    @property
    def alive(self) -> bool:
        """Whether the worker is there."""
        return not self._over

    def send(self, message: bytes) -> None:
        """Send a message."""
        if not self._over:
            cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0)).write(message)

    def take(self) -> tuple[bytes, bytes] | None:
        """The next message, if there is one: its kind, and what is in it; of a body as much as is there."""
        if not self._messages:
            return None
        message = self._messages.popleft()
        self._held -= len(message[1])
        if self._paused and self._held < _BUFFER // 2:
            self._paused = False
            self._output.resume_reading()
        return message

    def kill(self) -> None:
        """End the worker, whatever it does."""
        self._over = True
        with contextlib.suppress(ProcessLookupError):
            self._transport.kill()

    async def ended(self) -> None:
        """Wait until it has ended."""
        await asyncio.shield(self._ended)

    @property
    def _output(self) -> asyncio.ReadTransport:
        return cast(asyncio.ReadTransport, self._transport.get_pipe_transport(1))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the process."""
        # Transports of uvloop are none by their class.
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what comes apart."""
        if self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        while at < size:
            if self._due:
                piece = data[at : at + self._due]
                at += len(piece)
                self._due -= len(piece)
                self._add(DATA, piece)
                continue
            if size - at < HEADER.size:
                break
            kind, length = HEADER.unpack_from(data, at)
            if kind == DATA:
                self._due = length
            elif size - at - HEADER.size < length:
                break
            else:
                begin = at + HEADER.size
                self._add(kind, data[begin : begin + length])
                at += length
            at += HEADER.size
        self._rest = data[at:]
        if self._held > _BUFFER and not self._paused and not self._over:
            self._paused = True
            self._output.pause_reading()
        if self._messages:
            self.heard()

    def _add(self, kind: bytes, data: bytes) -> None:
        self._messages.append((kind, data))
        self._held += len(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Note that the worker has closed a pipe: it has ended, or is about to."""
        self._over = True
        self.heard()

    def process_exited(self) -> None:
        """Note that the worker has ended."""
        self._over = True
        self.heard()
        # Else it would be left to the garbage collector to close the pipes.
        self._transport.close()
        if not self._ended.done():
            self._ended.set_result(None)


def _nothing() -> None:
    pass
