"""One end for all that a request takes: looking up, signing in, the head of the answer and its body.

The time limit of :mod:`urllib.request` is one for each piece that arrives, so that a server that sends a byte at a time
is waited for without end, and a request that is sent again with credentials has it twice.
"""

from __future__ import annotations

import time
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, TypeVar
from urllib.request import HTTPHandler, HTTPSHandler, Request

__all__ = ["PunctualHTTPHandler", "PunctualHTTPSHandler", "ends_at"]

_C = TypeVar("_C", bound=HTTPConnection)


def ends_at(request: Request, end: float) -> None:
    """Give a request an end, also where it is sent again with credentials.

    Args:
        request: the request.
        end: when it has to be answered, by the monotonic clock.
    """
    request.__dict__["end"] = end


class PunctualHTTPHandler(HTTPHandler):
    """Opens requests that have an end."""

    def http_open(self, req: Request) -> HTTPResponse:
        """See :class:`urllib.request.HTTPHandler`."""
        return self.do_open(partial(_connection, HTTPConnection, req), req)


class PunctualHTTPSHandler(HTTPSHandler):
    """The same over TLS."""

    def https_open(self, req: Request) -> HTTPResponse:
        """See :class:`urllib.request.HTTPSHandler`."""
        return self.do_open(partial(_connection, HTTPSConnection, req), req, context=self._context)  # type: ignore[attr-defined]


def _connection(kind: type[_C], request: Request, host: str, *, timeout: float, **options: Any) -> _C:
    end = request.__dict__["end"]
    connection = kind(host, timeout=min(timeout, _left(end)), **options)
    connection.response_class = partial(_Answer, end=end)  # type: ignore[assignment]
    return connection


def _left(end: float) -> float:
    """Seconds that are left.

    Raises:
        TimeoutError: there are none.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Answer(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, end: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = BufferedReader(_Arriving(sock, end))


class _Arriving(RawIOBase):
    """What arrives on a socket until an end."""

    def __init__(self, sock: socket, end: float) -> None:
        self._sock, self._end = sock, end
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._end))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
