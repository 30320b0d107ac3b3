"""Answers that go into a file on disk, so that whoever reads slowly keeps no worker from others.

A worker that gives out an answer waits for its client, for the server holds little of it. That is well while nobody
else wants the worker. When somebody does, the rest of the answer goes into a file as fast as the worker makes it, and
the client reads on from there. What finds no room there is cut off in the end, see :class:`kg.http.pool.Pool`.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import suppress
from typing import IO, Final

from kg.http.refusals import Refused
from kg.http.running import Running

__all__ = ["Room", "Spooled"]

_log = logging.getLogger("kg.http")
_LARGEST: Final = 1 << 28
"""Bytes of one answer that a file takes at most."""
_PIECE: Final = 1 << 17
"""Bytes that are read back at once."""


class Room:
    """How much the files of all answers together may take.

    Args:
        size: bytes.

    Attributes:
        left: bytes that are left.
    """

    def __init__(self, size: int) -> None:
        self.left = size


class _File:
    """A queue of bytes in a file that nobody else sees, which is gone when it is closed."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._file: IO[bytes] | None = None
        self._begin = self._end = 0

    def __len__(self) -> int:
        return self._end - self._begin

    def put(self, data: bytes) -> bool:
        """Add bytes, if there is room for them."""
        if len(data) > self._room.left or self._end + len(data) > _LARGEST:
            return False
        try:
            if self._file is None:
                # Without a buffer, in which what could not be written would stay and be in the way of reading.
                self._file = tempfile.TemporaryFile(buffering=0, prefix="foedus-")  # noqa: SIM115 - close() closes it
            self._file.seek(self._end)
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError:  # the disk is full, for one: what is left of the answer is waited for
            return False
        self._end += len(data)
        self._room.left -= len(data)
        return True

    def take(self) -> bytes:
        """Take the next bytes out.

        Raises:
            Refused: they cannot be read (503).
        """
        assert self._file is not None
        try:
            self._file.seek(self._begin)
            data = self._file.read(min(_PIECE, len(self)))
        except OSError as fault:
            _log.error("an answer that went into a file cannot be read: %s", fault)
            data = b""
        if not data:
            raise Refused(503, "the rest of the answer is lost")
        self._begin += len(data)
        return data

    def close(self) -> None:
        """Give the room back."""
        self._room.left += self._end
        self._begin = self._end = 0
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


class Spooled:
    """The pieces of an answer in their order; they go by way of a file from when others want the worker.

    Args:
        running: the job, whose answer has begun.
        room: how much files may take.
    """

    def __init__(self, running: Running, room: Room) -> None:
        self._running, self._file = running, _File(room)
        self._turn = asyncio.Lock()
        self._ahead: bytes | None = None  # for which there was no room
        self._over = False
        self._fault: Refused | None = None
        self._task = asyncio.get_running_loop().create_task(self._fill())

    async def piece(self) -> bytes | None:
        """The next piece, ``None`` at the end.

        Raises:
            Refused: the time is up, the worker has ended, or the file cannot be read (503).
        """
        if self._is_at_worker():
            async with self._turn:
                # Some may have gone into the file while this was waited for.
                if self._is_at_worker():
                    piece = await self._running.piece()
                    self._over = piece is None
                    return piece
        if self._file:
            return self._file.take()
        if self._ahead is not None:
            piece, self._ahead = self._ahead, None
            return piece
        if self._fault is not None:
            raise self._fault
        return None

    def _is_at_worker(self) -> bool:
        """Whether the next piece is one that the worker has still to give."""
        return not self._file and self._ahead is None and not self._over

    async def close(self) -> None:
        """Wait for no more of the answer."""
        self._task.cancel()
        try:
            await asyncio.wait([self._task])
        finally:
            self._file.close()
        if not self._task.cancelled():
            self._task.result()

    async def _fill(self) -> None:
        """Put into the file what the worker makes, once others want it."""
        await self._running.wanted.wait()
        while self._ahead is None:
            async with self._turn:
                if self._over:
                    return
                try:
                    piece = await self._running.piece()
                except Refused as fault:
                    self._fault, piece = fault, None
                    # The client may be long in coming to it, and the worker is of no use to anybody until then.
                    self._running.close()
                if piece is None:
                    self._over = True
                elif not self._file.put(piece):
                    self._ahead, self._running.stuck = piece, True
