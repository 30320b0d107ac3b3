"""A worker as the server sees it: a process, and the messages that go there and back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol, cast

from kg.http.frames import DATA, HEADER

__all__ = ["Channel", "Process"]

_BUFFER: Final = 1 << 20
"""Bytes of an answer that the server holds while the client reads."""


class Process(Protocol):
    """The process of a worker."""

    def kill(self) -> None:
        """End it, whatever it does."""

    def gone(self) -> None:
        """Take note that it has ended."""


class Channel(asyncio.Protocol):
    """The pipes of a worker. The pieces of a body are handed on as they come, in whatever size.

    Args:
        process: its process.

    Attributes:
        input: the pipe to it.
        heard: called when there are messages to take, and when no more will come.
    """

    input: asyncio.WriteTransport

    def __init__(self, process: Process) -> None:
        self._process = process
        self._messages: deque[tuple[bytes, bytes]] = deque()
        self._rest = b""
        self._due = 0  # bytes of a body's message that are still to come
        self._held = 0
        self._paused = self._over = False
        self.heard: Callable[[], None] = _nothing
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def alive(self) -> bool:
        """Whether the worker is there."""
        return not self._over

    def send(self, message: bytes) -> None:
        """Send a message."""
        if not self._over:
            self.input.write(message)

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
        if not self._ended.done():
            self._process.kill()
            if self._paused:  # else it would not be noticed that it has ended
                self._paused = False
                self._output.resume_reading()

    async def ended(self) -> None:
        """Wait until it has ended."""
        await asyncio.shield(self._ended)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the pipe from the worker."""
        # Transports of uvloop are none by their class.
        self._output = cast(asyncio.ReadTransport, transport)

    def data_received(self, data: bytes) -> None:
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

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the worker has ended, or is about to."""
        self._over = True
        if not self._ended.done():
            self._process.kill()
            self._process.gone()
            self.input.close()
            self._ended.set_result(None)
        self.heard()


def _nothing() -> None:
    pass
