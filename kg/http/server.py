"""Serving: bind, answer until told to stop, let requests under way finish."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvicorn

from kg.http.app import make_app
from kg.http.connections import connection_with
from kg.http.pool import Settings

__all__ = ["bind", "serve"]

_BACKLOG: Final = 2048
_UNSENT: Final = 1 << 17
"""Bytes of an answer that may wait in the system until they can be sent."""
_GRACE: Final = 10
"""Seconds for which requests under way, some of which are still arriving, may take longer than the time limit once the
server is told to stop."""


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        OSError: the address is in use, or is none of this machine's; the message says what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # The protocol is named because asyncio sends small answers at once only where it reads that this is TCP.
        listening = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
        try:
            if hasattr(socket, "TCP_NOTSENT_LOWAT"):
                # Else megabytes wait in the system, and who reads slowly seems to take nothing for a long time.
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
            if os.name == "posix":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except BaseException:
            listening.close()
            raise
        return listening
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise OSError(errno.EADDRINUSE, f"port {port} of {host} is in use; choose another with --port") from fault
        raise OSError(fault.errno, f"cannot listen at {host}, port {port}: {fault.strerror or fault}") from fault


def serve(settings: Settings, listening: socket.socket, *, ready: Callable[[str], None]) -> None:
    """Serve until an interrupt or a request to terminate; requests under way finish.

    Args:
        settings: what is served, within which limits.
        listening: the socket.
        ready: called with the address once requests are answered.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("kg.http")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    others = logging.getLogger("uvicorn.error")
    others.addHandler(handler)
    # What is no request of HTTP has a line of the access log, as all that is refused, and so has an answer cut short.
    told = ("Invalid HTTP request", "ASGI callable returned without completing")
    others.addFilter(lambda record: not record.getMessage().startswith(told))
    longest = max(settings.timeout, settings.write_timeout) if settings.token else settings.timeout
    app = make_app(settings)
    config = uvicorn.Config(
        app,
        http=connection_with(app.cache, app.direct, settings.arrival),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(longest) + _GRACE,
        limit_concurrency=settings.workers + settings.waiting + settings.writes_waiting + 1000,
    )
    # The server takes note of the signal and raises it again at its end: there it has done its work.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    host, port = listening.getsockname()[:2]
    server = _Server(config, lambda: ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/"))
    with listening:
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()
