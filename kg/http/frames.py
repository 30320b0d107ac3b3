"""Messages between the server and its workers: a byte that says what it is, four bytes of length, then that much.

A worker gets one ``JOB`` after another. A small answer comes back as one ``ANSWER``, another as a ``HEAD``, any number
of ``DATA`` and an ``END``.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import IO, Any, Final

__all__ = ["ANSWER", "DATA", "END", "HEAD", "HEADER", "JOB", "Head", "Job", "answer_in", "frame", "read_frame"]

HEADER: Final = struct.Struct(">cI")
JOB: Final = b"J"
ANSWER: Final = b"A"
HEAD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"
_SIZE: Final = struct.Struct(">I")


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
        return frame(HEAD, self._text())

    def encode_with(self, body: bytes | bytearray) -> bytes:
        r"""The head with all of the body as one message.

        Example:
            >>> message = Head(200, "text/plain").encode_with(b"1")
            >>> message[:1], answer_in(message[5:])
            (b'A', (Head(status=200, media='text/plain', headers={}), b'1'))
        """
        head = self._text()
        return b"".join((HEADER.pack(ANSWER, _SIZE.size + len(head) + len(body)), _SIZE.pack(len(head)), head, body))

    @staticmethod
    def decode(data: bytes) -> Head:
        """The head that is in a message."""
        return _head(data)

    @cached_property
    def fields(self) -> tuple[tuple[bytes, bytes], ...]:
        """All fields as they are sent."""
        named = {**self.headers, "Content-Type": self.media}
        return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items())

    def _text(self) -> bytes:
        return _head_text(self.status, self.media, *self.headers.items())


# Heads are alike: each is written and read once.
@lru_cache(256)
def _head_text(status: int, media: str, *headers: tuple[str, str]) -> bytes:
    return json.dumps({"status": status, "media": media, "headers": dict(headers)}).encode()


@lru_cache(256)
def _head(data: bytes) -> Head:
    return Head(**json.loads(data))


def answer_in(data: bytes) -> tuple[Head, bytes]:
    """The head and the body that are in an ``ANSWER``."""
    body = _SIZE.size + _SIZE.unpack_from(data)[0]
    return Head.decode(data[_SIZE.size : body]), data[body:]


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
