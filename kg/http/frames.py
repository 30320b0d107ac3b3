"""Messages between the server and its workers: a byte that says what it is, four bytes of length, then that much."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import IO, Any, Final

__all__ = ["DATA", "END", "HEAD", "HEADER", "JOB", "Head", "Job", "frame", "read_frame"]

HEADER: Final = struct.Struct(">cI")
JOB: Final = b"J"
HEAD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"


@dataclass(frozen=True)
class Job:
    """Something for a worker to do.

    Attributes:
        name: which of the jobs.
        accept: the field ``Accept``, or the one media type that was asked for.
        arguments: what the job needs, as JSON has it.
        body: whether the body is wanted, or only what stands above it.
    """

    name: str
    accept: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    body: bool = True

    def encode(self) -> bytes:
        """The job as a message."""
        return frame(JOB, json.dumps(vars(self)).encode())


@dataclass(frozen=True)
class Head:
    """What stands above a body.

    Attributes:
        status: the status code.
        media: the field ``Content-Type``.
        headers: further fields.
    """

    status: int
    media: str
    headers: dict[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The head as a message."""
        return frame(HEAD, json.dumps(vars(self)).encode())


def frame(kind: bytes, data: bytes = b"") -> bytes:
    r"""One message.

    Example:
        >>> frame(DATA, b"x")
        b'D\x00\x00\x00\x01x'
    """
    return HEADER.pack(kind, len(data)) + data


def read_frame(stream: IO[bytes]) -> tuple[bytes, bytes] | None:
    """The next message, or ``None`` where the other side has gone."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    kind, length = HEADER.unpack(head)
    data = stream.read(length)
    return (kind, data) if len(data) == length else None
