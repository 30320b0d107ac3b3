"""How long a request may take to arrive: who sends one byte now and then must not hold a connection for ever.

A connection keeps the time here. What is too late before it is known what is asked, the connection answers itself; a
body that is too late is told to whoever reads it, who refuses it as anything else is refused.
"""

from __future__ import annotations

from typing import Final

from starlette.types import Message, Receive, Scope

from kg.http.refusals import Refused

__all__ = ["ARRIVING", "LONGEST_ADDRESS", "LONGEST_HEAD", "Arrival", "in_time"]

ARRIVING: Final = "foedus.arriving"
"""Extension of the scope: the :class:`Arrival` of a request whose body was not whole when its fields were."""
LONGEST_HEAD: Final = 1 << 20
"""Bytes that the address and the fields of a request may have."""
LONGEST_ADDRESS: Final = (1 << 16) - 1
"""Bytes that an address may have: httptools counts places in it in 16 bits."""
_PACE: Final = 1 << 12
"""Bytes of a body that win its client another second."""


class Arrival:
    """The time of a client whose turn it is to send: from the first byte on, and anew once the fields are whole.

    Args:
        limit: seconds in which the first line and the fields have to be there, and then a body; that has a second more
            for every 4,096 bytes that have come.

    Attributes:
        refused: why the rest is not waited for, once it is not.
    """

    __slots__ = ("_head", "_last", "_limit", "_since", "_size", "refused")

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._since: float | None = None
        self._last: float | None = None
        self._head, self._size = True, 0
        self.refused: Refused | None = None

    @property
    def awaited(self) -> bool:
        """Whether it is the client's turn."""
        return self._since is not None

    def begin(self, now: float, *, head: bool) -> None:
        """Wait for the first line and the fields, or for a body."""
        self._since, self._head, self._size = now, head, 0

    def add(self, size: int) -> None:
        """Take note of bytes of the body."""
        self._size += size

    def pause(self, now: float) -> None:
        """Take note that nothing has been read up to now, however much was sent."""
        if self._since is not None:
            self._since = now

    def end(self) -> None:
        """Wait for nothing more, for the request is whole."""
        self._since = None

    def end_by(self, last: float) -> None:
        """Wait no longer than to a point in time, for the server is stopping."""
        self._last = last

    def left(self, now: float) -> float:
        """Seconds that are left.

        Example:
            >>> arrival = Arrival(30)
            >>> arrival.begin(100, head=False)
            >>> arrival.add(40_960)
            >>> arrival.left(105)
            35.0
        """
        assert self._since is not None
        until = self._since + self._limit + self._size / _PACE
        return (until if self._last is None else min(until, self._last)) - now

    def refuse(self) -> Refused:
        """Wait no longer."""
        if self._last is not None:
            self.refused = Refused(503, "the server is stopping")
        elif self._head:
            self.refused = Refused(408, f"the request line and the fields were not whole after {self._limit:g} seconds")
        else:
            self.refused = Refused(
                408, f"the body came too slowly: it has {self._limit:g} seconds, and one more for every {_PACE} bytes"
            )
        return self.refused


def in_time(scope: Scope, receive: Receive) -> Receive:
    """What receives a body as long as it comes in time.

    Args:
        scope: the request.
        receive: what receives it; it wakes when the time is up.

    Raises:
        Refused: by what is returned: the time is up (408), or the server is stopping (503).
    """
    arrival: Arrival | None = scope.get("extensions", {}).get(ARRIVING)
    if arrival is None:
        return receive

    whole = False

    async def received() -> Message:
        nonlocal whole
        message: Message | None = None
        if arrival.refused is None or whole:
            message = await receive()
            whole = not message.get("more_body", False)
        if message is None or (arrival.refused is not None and not whole):
            assert arrival.refused is not None
            raise arrival.refused
        return message

    return received
