"""The jobs that a worker has at hand: each gets its own answer, and none waits for what is slow."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest

from kg.http import line as module
from kg.http.channel import Channel
from kg.http.frames import DATA, END, HEAD, Head, Job, frame
from kg.http.line import Line
from kg.http.running import Running
from tests.http.conftest import SLOW, serving


class Worker:
    """What a line sees of a worker."""

    def __init__(self) -> None:
        self.alive = True
        self.sent: list[bytes] = []
        self.messages: deque[tuple[bytes, bytes]] = deque()
        self.heard: Callable[[], None] = lambda: None

    def send(self, message: bytes) -> None:
        self.sent.append(message)

    def take(self) -> tuple[bytes, bytes] | None:
        return self.messages.popleft() if self.messages else None

    def kill(self) -> None:
        self.alive = False

    def says(self, *messages: bytes) -> None:
        self.messages.extend((message[:1], message[5:]) for message in messages)
        self.heard()


class Handed:
    """A line, and what came of its jobs."""

    def __init__(self, most: int = 4) -> None:
        self.worker = Worker()
        self.lost: list[Line] = []
        self.line = Line(cast(Channel, self.worker), most, lambda: None, self.lost.append)

    def has(self) -> int:
        return len(self.line)

    def room(self) -> bool:
        return self.line.has_room

    def add(self, name: str, limit: float = 9.0) -> Running:
        running = Running(Job(name), limit, lambda: None, lambda job: None)
        self.line.add(running)
        return running


def answer(text: str) -> bytes:
    return Head(200, "text/plain").encode_with(text.encode())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    return now


def test_each_gets_its_own_answer(clock: list[float]) -> None:
    handed = Handed()
    jobs = [handed.add(str(number)) for number in range(4)]
    jobs[2].line.give_up(jobs[2])  # type: ignore[union-attr]
    handed.worker.says(answer("0"), answer("1"))
    assert handed.has() == 2
    handed.worker.says(answer("2"))
    handed.worker.says(answer("3"))
    assert [job.body for job in jobs] == [b"0", b"1", None, b"3"]
    assert handed.has() == 0 and len(handed.lost) == 0 and len(handed.worker.sent) == 4


def test_room_behind_what_is_quick(clock: list[float]) -> None:
    handed = Handed(most=3)
    assert handed.room()
    handed.add("a")
    assert not handed.room()  # nobody knows whether it is quick
    handed.worker.says(answer("a"))
    handed.add("b")
    assert handed.room()
    clock[0] += 0.03
    assert not handed.room()
    handed.worker.says(answer("b"))
    handed.add("c")
    assert not handed.room()  # the one before was not
    clock[0] += 0.01
    handed.worker.says(answer("c"))
    for name in "def":
        assert handed.room()
        handed.add(name)
    assert not handed.room()


def test_what_waits_behind_a_slow_one_is_taken_back(clock: list[float]) -> None:
    handed = Handed()
    jobs = [handed.add(str(number)) for number in range(3)]
    clock[0] += 0.01
    assert not handed.line.is_slow(clock[0])
    clock[0] += 0.02
    assert handed.line.is_slow(clock[0]) and handed.line.take_back() == jobs[1:]
    assert handed.line.take_back() == [] and all(job.line is None for job in jobs[1:])
    handed.worker.says(answer("0"))
    assert [job.body for job in jobs] == [b"0", None, None] and handed.has() == 2
    # What it does now nobody waits for, so that it may not take long.
    clock[0] += 0.09
    assert not handed.line.is_late(clock[0])
    clock[0] += 0.02
    assert handed.line.is_late(clock[0]) and not handed.line.is_waited_for


def test_the_time_of_each_is_its_own(clock: list[float]) -> None:
    handed = Handed()
    handed.add("a", limit=2.0)
    handed.add("b", limit=2.0)
    clock[0] += 1.9
    assert not handed.line.is_late(clock[0])
    handed.worker.says(answer("a"))
    clock[0] += 1.9
    assert not handed.line.is_late(clock[0])
    clock[0] += 0.2
    assert handed.line.is_late(clock[0]) and handed.line.is_waited_for


def test_an_ended_worker(clock: list[float]) -> None:
    handed = Handed()
    jobs = [handed.add(str(number)) for number in range(3)]
    handed.worker.alive = False
    handed.worker.heard()
    assert len(handed.lost) == 1
    assert handed.line.end("why") == jobs[1:]
    assert str(jobs[0].fault) == "why" and jobs[1].fault is None
    assert not handed.room() and handed.line.end(None) == []


def test_a_large_answer_and_those_behind_it(clock: list[float]) -> None:
    handed = Handed()
    large, small = handed.add("large"), handed.add("small")
    handed.worker.says(Head(200, "text/plain").encode(), frame(DATA, b"x"))
    assert large.head == Head(200, "text/plain") and large.body is None and not handed.room()
    clock[0] += 1000
    assert not handed.line.is_late(clock[0])  # its own time is counted where it is read
    handed.worker.says(frame(DATA, b"y"), frame(END), answer("small"))
    pieces = []
    reading = large.whole()
    with pytest.raises(StopIteration) as stopped:
        reading.send(None)
    pieces.append(stopped.value.value)
    assert pieces == [b"xy"] and small.body == b"small" and handed.has() == 0
    # Of an answer that nobody waits for no more is read.
    given_up = handed.add("large")
    handed.line.give_up(given_up)
    assert len(handed.lost) == 0
    handed.worker.says(frame(HEAD, b"{}"))
    assert len(handed.lost) == 1


@pytest.mark.parametrize("stuck", [True, False])
def test_for_how_long_an_answer_keeps_the_worker_from_others(clock: list[float], stuck: bool) -> None:
    async def run() -> None:
        handed = Handed()
        large = handed.add("large", limit=2.0)
        handed.worker.says(Head(200, "text/plain").encode(), frame(DATA, b"x"))
        clock[0] += 10
        assert handed.line.held(clock[0]) == 0  # nobody else has wanted it
        assert handed.line.want(clock[0]) and not handed.line.want(clock[0])
        large.stuck = stuck
        # Where there is room it has the time that it takes to go there; nobody brings it forward for ever.
        assert handed.line.held(clock[0]) == (5 if stuck else 0)
        clock[0] += 3
        assert handed.line.held(clock[0]) == (6.5 if stuck else 1.5)

    asyncio.run(run())


def test_quick_ones_do_not_wait_for_slow_ones(store: Path) -> None:
    with serving(store, workers=2, timeout=4.0, cache=0) as client:
        for number in range(40):
            assert client.get(f"/sparql?query=ASK%7B%7D%23{number}").status_code == 200
        took: list[float] = []

        def slow() -> None:
            assert client.get("/sparql", params={"query": SLOW}).status_code == 503

        def quick(number: int) -> None:
            began = time.monotonic()
            for each in range(5):
                asked = f"/sparql?query={quote('ASK {}')}%23{number}-{each}"
                assert client.get(asked).json()["boolean"] is True
            took.append(time.monotonic() - began)

        threads = [threading.Thread(target=quick, args=(number,)) for number in range(8)]
        threads.insert(3, threading.Thread(target=slow))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(took) == 8 and max(took) < 3.5
