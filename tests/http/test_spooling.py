"""Answers that go by way of a file: every piece, in its order, whoever is faster."""

from __future__ import annotations

import asyncio
import errno
import tempfile
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.http.channel import Channel
from kg.http.frames import DATA, END, Head, Job, frame
from kg.http.line import Line
from kg.http.refusals import Refused
from kg.http.running import Running
from kg.http.spooling import Room, Spooled

MADE = [b"%d " % number * 50 for number in range(60)]


class Making:
    """Makes the pieces of an answer, each after some turns of the loop."""

    def __init__(self, pieces: Sequence[bytes], pauses: Sequence[int] = (), fault: Refused | None = None) -> None:
        self.wanted, self.stuck = asyncio.Event(), False
        self.left = list(pieces)
        self._pauses, self._fault, self._asked = [*pauses], fault, False
        self.closed = False

    async def piece(self) -> bytes | None:
        assert not self._asked, "two ask at once"
        self._asked = True
        for _ in range(self._pauses.pop() if self._pauses else 0):
            await asyncio.sleep(0)
        self._asked = False
        if not self.left and self._fault is not None:
            raise self._fault
        return self.left.pop(0) if self.left else None

    def close(self) -> None:
        self.closed = True


async def read(spooled: Spooled, pauses: Sequence[int] = ()) -> bytes:
    left, data = [*pauses], b""
    while (piece := await spooled.piece()) is not None:
        data += piece
        for _ in range(left.pop() if left else 0):
            await asyncio.sleep(0)
    assert await spooled.piece() is None
    await spooled.close()
    return data


def spooled(making: Making, size: int = 1 << 20) -> tuple[Spooled, Room]:
    room = Room(size)
    return Spooled(cast(Running, making), room), room


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=40),
    st.lists(st.integers(0, 5), max_size=40),
    st.lists(st.integers(0, 5), max_size=40),
    st.integers(0, 300),
    st.integers(0, 60),
)
def test_every_piece_in_its_order(
    pieces: list[bytes], making: list[int], reading: list[int], size: int, wanted: int
) -> None:
    async def run() -> None:
        made = Making(pieces, making)
        answer, room = spooled(made, size)
        for _ in range(wanted):
            await asyncio.sleep(0)
        made.wanted.set()
        assert await read(answer, reading) == b"".join(pieces)
        assert room.left == size

    asyncio.run(run())


async def _wait_for(made: Making, left: int) -> None:
    async with asyncio.timeout(5):
        while len(made.left) > left:
            await asyncio.sleep(0.001)


def test_nobody_need_read_for_the_worker_to_be_done() -> None:
    async def run() -> None:
        made = Making(MADE)
        answer, room = spooled(made)
        await asyncio.sleep(0.01)
        assert made.left == MADE  # while nobody wants the worker it waits
        made.wanted.set()
        await _wait_for(made, 0)
        assert room.left == (1 << 20) - sum(map(len, MADE))
        assert await read(answer) == b"".join(MADE)

    asyncio.run(run())


def test_where_there_is_no_room_the_worker_waits() -> None:
    async def run() -> None:
        made = Making(MADE)
        answer, room = spooled(made, len(b"".join(MADE[:20])))
        made.wanted.set()
        await _wait_for(made, 39)
        await asyncio.sleep(0.01)
        assert len(made.left) == 39 and room.left == 0  # one more is at hand
        assert made.stuck
        assert await read(answer) == b"".join(MADE)

    asyncio.run(run())


def test_a_full_disk_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)

    async def run() -> None:
        made = Making(MADE)
        answer, room = spooled(made)
        made.wanted.set()
        await asyncio.sleep(0.01)
        assert len(made.left) == len(MADE) - 1 and room.left == 1 << 20
        assert await read(answer) == b"".join(MADE)

    asyncio.run(run())


def test_what_ends_the_answer_comes_after_what_was_made() -> None:
    async def run() -> None:
        made = Making(MADE, fault=Refused(503, "too long"))
        answer, _ = spooled(made)
        made.wanted.set()
        await _wait_for(made, 0)
        async with asyncio.timeout(5):
            while not made.closed:  # whoever has yet to read what was made keeps no worker by that
                await asyncio.sleep(0.001)
        data = b""
        with pytest.raises(Refused, match="too long"):
            while (piece := await answer.piece()) is not None:
                data += piece
        await answer.close()
        assert data == b"".join(MADE)

    asyncio.run(run())


def test_who_leaves_gives_the_room_back() -> None:
    async def run() -> None:
        made = Making(MADE)
        answer, room = spooled(made)
        made.wanted.set()
        await _wait_for(made, 10)
        await answer.piece()
        await answer.close()
        assert room.left == 1 << 20

    asyncio.run(run())


class Nowhere:
    """A process and its pipes that lead nowhere."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@pytest.mark.parametrize("wanted", [True, False])
def test_a_worker_that_is_ended_when_all_of_the_answer_is_here(wanted: bool) -> None:
    async def run() -> None:
        nowhere: Any = Nowhere()
        channel = Channel(nowhere)
        channel.connection_made(nowhere)
        channel.input = nowhere
        line = Line(channel, 4, lambda: None, lambda line: None)
        job = Running(Job("x"), 1, lambda: None, lambda job: None)
        line.add(job)
        body = b"".join(frame(DATA, piece) for piece in MADE)
        channel.data_received(Head(200, "text/plain").encode() + body + frame(END))
        room = Room(1 << 20)
        answer = Spooled(job, room)
        if wanted:
            job.wanted.set()
        line.end(None)
        await asyncio.sleep(0.01)
        assert await read(answer) == b"".join(MADE)
        assert room.left == 1 << 20

    asyncio.run(run())
