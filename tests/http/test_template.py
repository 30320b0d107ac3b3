"""Workers are copies of a process that has loaded everything: they come and end at once and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from kg.http import template as module
from kg.http.channel import Channel
from kg.http.frames import ANSWER, answer_in
from kg.http.protocol import SparqlRequest
from kg.http.requesting import query_job
from kg.http.template import COPIES, Template

copies = pytest.mark.skipif(not COPIES, reason="processes cannot be copied on this system")
Talk = Callable[[Template, list[str]], Awaitable[None]]


def run(talk: Talk, store: Path) -> None:
    async def begin() -> None:
        template = Template()
        try:
            await talk(template, [str(store)])
        finally:
            await template.close()

    asyncio.run(begin())


async def asked(channel: Channel, query: str) -> bytes:
    """The answer to a query, which comes as one message."""
    heard = asyncio.Event()
    channel.heard = heard.set
    channel.send(query_job(SparqlRequest(query=query), "text/csv").encode())
    await asyncio.wait_for(heard.wait(), 30)
    message = channel.take()
    assert message is not None and message[0] == ANSWER
    head, body = answer_in(message[1])
    assert head.status == 200, body
    return body


async def ended(channel: Channel) -> None:
    channel.kill()
    await asyncio.wait_for(channel.ended(), 10)


def test_a_worker_answers_and_ends(store: Path) -> None:
    async def talk(template: Template, arguments: list[str]) -> None:
        channel = await template.worker(arguments)
        assert await asked(channel, "SELECT (1 AS ?one) {}") == b"one\r\n1\r\n"
        await ended(channel)
        assert not channel.alive

    run(talk, store)


def test_without_copies_each_is_started_on_its_own(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COPIES", False)
    before = psutil.Process().children()
    test_a_worker_answers_and_ends(store)
    assert psutil.Process().children() == before


@copies
def test_a_copy_begins_in_a_fraction_of_the_time(store: Path) -> None:
    async def talk(template: Template, arguments: list[str]) -> None:
        async def taken() -> float:
            began = time.perf_counter()
            channel = await template.worker(arguments)
            await asked(channel, "ASK {}")
            taken = time.perf_counter() - began
            await ended(channel)
            return taken

        first = await taken()  # loads everything
        assert sorted([await taken() for _ in range(5)])[2] < first / 3

    run(talk, store)


@copies
def test_copies_draw_their_own_lots(store: Path) -> None:
    async def talk(template: Template, arguments: list[str]) -> None:
        channels = [await template.worker(arguments) for _ in range(3)]
        drawn = [await asked(channel, "SELECT (UUID() AS ?u) (RAND() AS ?r) {}") for channel in channels]
        assert len(set(drawn)) == 3
        for channel in channels:
            await ended(channel)

    run(talk, store)


@copies
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system does not list processes in /proc")
def test_no_process_and_no_file_is_left(store: Path) -> None:
    before = psutil.Process().children()

    async def talk(template: Template, arguments: list[str]) -> None:
        channel = await template.worker(arguments)
        process = psutil.Process(template.number)
        open_before = [psutil.Process().num_fds(), process.num_fds()]
        for way in (Channel.kill, lambda channel: channel.input.close()):  # ended, and left by the server
            for _ in range(5):
                other = await template.worker(arguments)
                await asked(other, "ASK {}")
                way(other)
                await asyncio.wait_for(other.ended(), 10)
        await asked(channel, "ASK {}")
        assert len(process.children()) == 1  # a process that has ended and is not taken note of would count
        await asyncio.sleep(0.1)
        assert [psutil.Process().num_fds(), process.num_fds()] == open_before
        await ended(channel)

    run(talk, store)
    assert psutil.Process().children() == before


@copies
def test_the_process_that_is_copied_may_end_too(store: Path) -> None:
    async def talk(template: Template, arguments: list[str]) -> None:
        channel = await template.worker(arguments)
        process = psutil.Process(template.number)
        os.kill(process.pid, signal.SIGKILL)
        assert await asked(channel, "SELECT (1 AS ?one) {}") == b"one\r\n1\r\n"
        other = await template.worker(arguments)
        assert await asked(other, "SELECT (2 AS ?two) {}") == b"two\r\n2\r\n"
        await ended(channel)
        await ended(other)

    run(talk, store)
