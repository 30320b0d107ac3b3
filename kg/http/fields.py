"""Fields that a request has to have once: what we take for one thing and a proxy before us for another is refused."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.http.answering import refuse
from kg.http.refusals import Refused

__all__ = ["OneOfEach", "is_host"]

_HOST: Final = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")


def is_host(value: bytes) -> bool:
    """Whether a field ``Host`` may be a host and a port (RFC 3986, section 3.2.2).

    Example:
        >>> is_host(b"127.0.0.1:8000"), is_host(b"[::1]"), is_host(b"a b")
        (True, True, False)
    """
    return _HOST.fullmatch(value) is not None


class OneOfEach:
    """ASGI middleware that refuses a request without one valid ``Host``, or with several credentials.

    HTTP/1.1 wants the one (RFC 9112, section 3.2); which of several credentials counts would be a guess.

    Args:
        app: what answers the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        fault = _fault(scope) if scope["type"] == "http" else ""
        await (refuse(Refused(400, fault), Headers(scope=scope)) if fault else self._app)(scope, receive, send)


def _fault(scope: Scope) -> str:
    """What is wrong with the fields of a request; empty where nothing is."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1 or (not hosts and scope.get("http_version") == "1.1"):
        return f"a request of HTTP/1.1 has one field Host, not {len(hosts) or 'none'}"
    if not all(map(is_host, hosts)):
        return "the field Host is no address"
    if sum(name == b"authorization" for name, _ in scope["headers"]) > 1:
        return "a request has one field Authorization at most"
    return ""
