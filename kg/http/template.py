"""Workers that begin at once: one process loads all that a worker needs, and each worker is a copy of it.

To start Python and load the packages takes half a second of a processor, which matters where a query that takes too
long is ended together with its process: a copy takes a fiftieth of that. The server and the process talk over a socket:
``fork ARGUMENTS`` comes with the two ends of the pipes of the new worker and is answered with the number of its
process; ``reap NUMBER`` says that a worker has ended. Until then its number is given to no other process.

Where processes cannot be copied, each worker is started on its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from kg.http.channel import Channel

__all__ = ["COPIES", "Template", "environment", "main"]

COPIES: Final = hasattr(os, "fork") and hasattr(socket, "recv_fds") and sys.platform != "darwin"
"""Whether processes can be copied on this system; on macOS its own libraries do not outlive that."""
_TUNABLES: Final = "glibc.malloc.tcache_count=2000"
"""A query allocates and frees many small pieces: where the C library keeps more at hand it takes a tenth less time."""
_LONGEST: Final = 1 << 16
"""Bytes that a message may have."""


def environment() -> dict[str, str]:
    """The environment of a process that the server starts: it finds this package, and not the token."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    tunables = ":".join(filter(None, [_TUNABLES, os.environ.get("GLIBC_TUNABLES")]))
    inherited = {k: v for k, v in os.environ.items() if k != "FOEDUS_TOKEN"}
    # A copy has none of the threads of what it is a copy of, so that has to have none.
    return inherited | {"PYTHONPATH": path, "GLIBC_TUNABLES": tunables, "OPENBLAS_NUM_THREADS": "1"}


class Template:
    """Starts workers. The process that they are copies of is started with the first, and anew should it have ended."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._socket: socket.socket | None = None

    async def worker(self, arguments: Sequence[str]) -> Channel:
        """A worker.

        Args:
            arguments: its arguments, see :mod:`kg.http.worker`.

        Raises:
            OSError: no process can be started.
        """
        if not COPIES:
            return await _apart(arguments)
        with contextlib.ExitStack() as stack:
            takes, gives = _pipe(stack)
            says, hears = _pipe(stack)
            async with self._lock:
                number = await self._fork(arguments, takes, hears)
            # What is read from first, for else a worker that ends at once would not be noticed.
            channel = Channel(_Copy(number, self))
            loop = asyncio.get_running_loop()
            await loop.connect_read_pipe(lambda: channel, os.fdopen(os.dup(says), "rb", 0))
            transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(os.dup(gives), "wb", 0))
            channel.input = transport
            return channel

    @property
    def number(self) -> int | None:
        """The number of the process that workers are copies of, ``None`` where there is none."""
        return None if self._process is None else self._process.pid

    async def close(self) -> None:
        """End the process."""
        async with self._lock:
            await self._end()

    def reap(self, number: int) -> None:
        """Let the number of a worker that has ended be given to another process."""
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.send(b"reap %d\n" % number)

    async def _fork(self, arguments: Sequence[str], *pipes: int) -> int:
        for _ in range(2):  # once more where the process has ended
            if self._socket is None:
                await self._begin()
            assert self._socket is not None
            answer = b""
            with contextlib.suppress(OSError):
                socket.send_fds(self._socket, [f"fork {json.dumps(arguments)}\n".encode()], pipes)
                answer = await asyncio.get_running_loop().sock_recv(self._socket, _LONGEST)
            if answer:
                number = int(answer)
                if number < 0:
                    raise OSError(-number, os.strerror(-number))
                return number
            await self._end()
        raise OSError("the process that workers are copies of ended at once")

    async def _begin(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "kg.http.template",
                    stdin=theirs.fileno(),
                    stdout=asyncio.subprocess.DEVNULL,
                    env=environment(),
                    # Ctrl-C on the terminal is for the server, which lets requests under way finish.
                    start_new_session=True,
                )
            except BaseException:
                ours.close()
                raise
        self._socket = ours

    async def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            await self._process.wait()
            self._process = None


def _pipe(stack: contextlib.ExitStack) -> tuple[int, int]:
    """The two ends of a pipe, which are closed in the end."""
    reading, writing = os.pipe()
    stack.callback(os.close, reading)
    stack.callback(os.close, writing)
    return reading, writing


class _Copy:
    """The process of a worker that is a copy."""

    def __init__(self, number: int, template: Template) -> None:
        self._number, self._template = number, template

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._number, signal.SIGKILL)

    def gone(self) -> None:
        self._template.reap(self._number)


class _Apart(asyncio.SubprocessProtocol):
    """The process of a worker that is none."""

    def __init__(self) -> None:
        self.channel = Channel(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Transports of uvloop are none by their class.
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.channel.connection_made(cast(asyncio.BaseTransport, self._transport.get_pipe_transport(1)))
        self.channel.input = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.channel.data_received(data)

    def process_exited(self) -> None:
        self.channel.connection_lost(None)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._transport.kill()

    def gone(self) -> None:
        # Else it would be left to the garbage collector to close the pipes.
        self._transport.close()


async def _apart(arguments: Sequence[str]) -> Channel:
    _, process = await asyncio.get_running_loop().subprocess_exec(
        _Apart,
        sys.executable,
        "-m",
        "kg.http.worker",
        *arguments,
        stderr=None,
        env=environment(),
        start_new_session=True,
    )
    return process.channel


def main() -> None:
    """Make workers until the server has gone."""
    import gc

    from kg.http import jobs  # noqa: F401 - what a worker would load, the packages of its jobs among it
    from kg.http.worker import main as work

    with socket.socket(fileno=os.dup(0)) as server:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        # What is here already stays in every copy, and need not be looked through by each.
        gc.collect()
        gc.freeze()
        while True:
            said, pipes, _, _ = socket.recv_fds(server, _LONGEST, 2)
            if not said:
                return
            for line in said.splitlines():
                what, _, rest = line.partition(b" ")
                if what == b"reap":
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(int(rest), 0)
                    continue
                try:
                    number = os.fork()
                except OSError as fault:
                    number = -(fault.errno or 1)
                if number == 0:
                    server.close()
                    for place, pipe in enumerate(pipes):
                        os.dup2(pipe, place)
                        os.close(pipe)
                    work(json.loads(rest))
                    return
                for pipe in pipes:
                    os.close(pipe)
                server.send(b"%d\n" % number)


if __name__ == "__main__":
    main()
