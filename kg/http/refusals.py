"""What is refused, with which status, in one shape: ``{"error": …, "did_you_mean": […]}``, or a page of the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kg.errors import KgError, StoreError, UnknownName, UsageError
from kg.explaining.search import NotInferred
from kg.http import pages
from kg.http.formats import HTML, JSON, content_type
from kg.http.negotiation import choose

__all__ = ["VARIES", "Refused", "body_of", "refusal", "told"]

VARIES: Final[Mapping[str, str]] = {"Vary": "Accept"}
"""Field of a refusal, whose form depends on what was asked for."""
_PAUSE: Final = "1"
"""Seconds after which whoever was turned away may try again."""
_WANTED: Final = ("question", "conclusion", "page")
"""What a missing one of is 404: the thing that the address names; any other wrong name is a wrong parameter, 400."""

_STATUS: Final[Mapping[type[KgError], int]] = {NotInferred: 404, UsageError: 400, StoreError: 503}
"""The status of each kind of error; the first that fits counts, and what is not here is our fault, 500."""


class Refused(KgError):
    """A request that is not answered.

    Attributes:
        status: the status code.
        near: what may have been meant.
        headers: fields of the response.
        details: what else the body says, by name.
    """

    def __init__(
        self,
        status: int,
        message: str,
        near: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self.status, self.near, self.headers = status, tuple(near), dict(headers or {})
        self.details = dict(details or {})
        if status in (429, 503):
            self.headers.setdefault("Retry-After", _PAUSE)
        super().__init__(message)


def refusal(fault: KgError) -> Refused:
    """An error of the library as a refusal.

    Example:
        >>> refusal(UnknownName("state", "Armenja", ["Armenia"])).status
        400
        >>> refusal(UnknownName("question", "alliez")).status
        404
    """
    if isinstance(fault, Refused):
        return fault
    near = fault.near if isinstance(fault, UnknownName) else ()
    status = next((code for kind, code in _STATUS.items() if isinstance(fault, kind)), 500)
    if isinstance(fault, UnknownName) and fault.kind in _WANTED:
        status = 404
    return Refused(status, _for_the_web(str(fault)), near)


def body_of(fault: Refused) -> bytes:
    r"""The body of a refusal.

    Example:
        >>> body_of(Refused(404, "no such page", ["/questions"]))
        b'{"error": "no such page", "did_you_mean": ["/questions"]}\n'
    """
    text = json.dumps({"error": str(fault), "did_you_mean": list(fault.near), **fault.details}, ensure_ascii=False)
    return text.encode("utf-8", "replace") + b"\n"


def told(fault: Refused, accept: str | None) -> tuple[str, bytes]:
    r"""A refusal in the form that is wanted: its media type, and the body.

    Args:
        fault: the refusal.
        accept: the field ``Accept`` of the request.

    Example:
        >>> told(Refused(404, "no such page"), "text/html,*/*;q=0.8")[0], told(Refused(404, "no such page"), "*/*")[0]
        ('text/html; charset=utf-8', 'application/json')
    """
    if choose(accept, (JSON, HTML)) != HTML:
        return JSON, body_of(fault)
    details = json.dumps(fault.details, ensure_ascii=False, indent=1) if fault.details else ""
    return content_type(HTML), pages.refused(str(fault), fault.near, details).encode("utf-8", "replace")


def _for_the_web(message: str) -> str:
    """The message with addresses in the place of command lines."""
    message = message.replace("`kg ask --list` lists them", "/questions lists them")
    message = message.replace("`kg why-not` says", "/why-not says")
    message = re.sub(r"`kg ask ([a-z-]+)` shows it, `kg explain` says why", r"/questions/\1 shows it", message)
    return re.sub(r"(?<= )--(?=[a-z])", "", message)
