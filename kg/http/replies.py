"""What a job answers with, in messages for the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from kg.http.expressing import Checking, checking
from kg.http.formats import content_type
from kg.http.frames import DATA, END, HEADER, Head, Job, frame
from kg.http.negotiation import choose
from kg.http.refusals import Refused

__all__ = ["CHUNK", "GENERATION", "Reply", "agreed"]

CHUNK: Final = 1 << 17
"""How many bytes go into one message."""
GENERATION: Final = "Foedus-Generation"
"""Field that tells the server which generation an answer is from, empty where it may not be kept; no client sees it."""


def agreed(job: Job, *offers: str) -> str:
    """The media type of the answer.

    Raises:
        Refused: none that is offered is acceptable (406).

    Example:
        >>> agreed(Job("void", "text/*"), "application/json", "text/turtle")
        'text/turtle'
    """
    media = choose(job.accept, offers)
    if media is None:
        raise Refused(406, f"none of the forms that this has is acceptable: {', '.join(offers)}")
    return media


class Reply:
    """What a job answers with: a head, once, then bytes; it is a binary file that can be written to.

    Nothing is sent before the first ``hold`` bytes are there or all is done, so that what goes wrong up to then is
    still an error with a status of its own. What is all done by then leaves as one message.

    Args:
        pipe: where the messages go.
        body: whether the body is wanted.

    Attributes:
        before_first: called before the first bytes of an answer are sent that has ``hold`` of them.
        hold: how many bytes there must be before the first are sent.
        generation: says which generation of the store the answer is from; not said where there is none to ask.
    """

    def __init__(self, pipe: IO[bytes], *, body: bool = True) -> None:
        self._pipe, self._body = pipe, body
        self._head: Head | None = None
        self._check: Checking | None = None
        self._sent = False
        self._buffer = bytearray()
        self.before_first: Callable[[], None] = _nothing
        self.hold = CHUNK
        self.generation: Callable[[], str | None] | None = None

    def varies(self) -> None:
        """Say that the answer, asked for again, would be another."""
        self.generation = _nowhere

    @property
    def wants_body(self) -> bool:
        """Whether anybody reads the body."""
        return self._body

    def begin(self, media: str, *, status: int = 200, **headers: str) -> None:
        """Say what stands above the body: its media type, and further fields with underscores for hyphens."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self._head, self._check = Head(status, content_type(media), fields), checking(media)

    def whole(self, media: str, data: str | bytes, *, status: int = 200, **headers: str) -> None:
        """A head and all of the body."""
        self.begin(media, status=status, **headers)
        self.write(data.encode() if isinstance(data, str) else data)

    def write(self, data: bytes) -> int:
        """Add to the body."""
        self._buffer += data
        if len(self._buffer) >= (CHUNK if self._sent else self.hold):
            self._send()
            self._pipe.flush()
        return len(data)

    def flush(self) -> None:
        """Nothing: messages go out when they are full."""

    def end(self) -> None:
        """Send what is left.

        Raises:
            Refused: it cannot be written in the form that was begun (406).
        """
        if not self._sent:
            self._look_through()
        if self._sent:
            self._send()
            self._pipe.write(frame(END))
        else:
            self._pipe.write(self._begun().encode_with(self._buffer if self._body else b""))
        self._pipe.flush()

    def _begun(self) -> Head:
        """The head, which leaves now."""
        assert self._head is not None
        if self.generation is not None and self._head.status == 200:
            self._head.headers[GENERATION] = self.generation() or ""
        self._sent = True
        return self._head

    def _look_through(self) -> None:
        if self._check is not None:
            self._check(self._buffer)
            if b"\r" in self._buffer:  # as it stands a parser would read another end of line (XML 1.0, section 2.11)
                self._buffer = self._buffer.replace(b"\r", b"&#13;")

    def _send(self) -> None:
        self._look_through()
        if not self._sent:
            self.before_first()
            self._pipe.write(self._begun().encode())
        if self._body and self._buffer:
            self._pipe.write(HEADER.pack(DATA, len(self._buffer)))
            self._pipe.write(self._buffer)
        self._buffer.clear()

    @property
    def sent(self) -> bool:
        """Whether it is too late for another head."""
        return self._sent

    def replace(self, head: Head, data: bytes) -> None:
        """Answer something else instead."""
        self._buffer.clear()
        self._head, self._check, self.before_first = head, None, _nothing
        self._buffer += data


def _nothing() -> None:
    pass


def _nowhere() -> None:
    return None
