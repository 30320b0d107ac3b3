"""The access log: one line of JSON a request, written some at a time.

To write is a call of the system, which at every request would cost more than to answer what has been answered before.
Lines wait for a tenth of a second at most, and are written before the server ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from starlette.types import Scope

__all__ = ["AccessLog", "Described", "quoted", "quoted_agent", "quoted_request"]

_access = logging.getLogger("kg.http.access")
_WAIT: Final = 0.1
"""Seconds for which a line may wait."""
_MANY: Final = 256
"""Lines that are written at once whatever the time."""
_LONGEST_AGENT: Final = 200

Described = tuple[str, str, str]
"""What a line says of the request: the method with the path, the name of the client's software, the client's address;
each as JSON has it."""


quoted = json.dumps


def quoted_request(method: str, path: str) -> str:
    """A request as JSON has it."""
    return f'{quoted(method)}, "path": {quoted(path)}'


def quoted_agent(agent: bytes) -> str:
    """The client's software as JSON has it."""
    return quoted(agent.decode("latin-1")[:_LONGEST_AGENT])


class AccessLog:
    """Lines that wait to be written.

    Example:
        >>> log = AccessLog()
        >>> scope = {"client": ("::1", 4), "method": "GET", "path": "/ns", "headers": [(b"user-agent", b"curl")]}
        >>> AccessLog.described(scope)
        ('"GET", "path": "/ns"', '"curl"', '"::1"')
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._millisecond, self._time = 0, ""

    @staticmethod
    def described(scope: Scope) -> Described:
        """What a line says of a request."""
        client, agent = scope.get("client"), b""
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = value
        return (
            quoted_request(scope["method"], scope["path"]),
            quoted_agent(agent),
            quoted(client[0]) if client else "null",
        )

    def add(self, described: Described, status: int, size: int, seconds: float, *, whole: bool = True) -> None:
        """Note a request that has been answered.

        Args:
            described: the request.
            status: status of the answer.
            size: bytes of its body.
            seconds: how long it took.
            whole: whether all of it was sent.
        """
        if not _access.isEnabledFor(logging.INFO):
            return
        now = int(time.time() * 1000)
        if now != self._millisecond:
            self._millisecond = now
            self._time = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds")
        asked, agent, client = described
        # Written out, for it is done at every request; what comes from outside is quoted as JSON has it.
        self._lines.append(
            f'{{"time": "{self._time}", "client": {client}, "method": {asked}, "status": {status}, "bytes": {size}, '
            f'"whole": {"true" if whole else "false"}, "ms": {round(1000 * seconds, 1)}, "agent": {agent}}}'
        )
        if len(self._lines) >= _MANY:
            self.flush()
        elif self._timer is None:
            self._timer = _later(self.flush)

    def flush(self) -> None:
        """Write the lines that wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            lines = "\n".join(self._lines)
            self._lines.clear()
            # Straight to the handlers: the line of the source that logs is of no interest here.
            _access.handle(logging.LogRecord(_access.name, logging.INFO, __file__, 0, lines, None, None))


def _later(flush: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(_WAIT, flush)
