"""Where answers are kept: as many as fit, those asked for least lately given up first."""

from __future__ import annotations

from typing import Final

from cachetools import LRUCache
from starlette.types import Message

from kg.http.accesslog import Described
from kg.http.telemetry import Requests

__all__ = ["AS_SENT", "Again", "Kept", "Shelf"]

AS_SENT: Final = "foedus.as_sent"
"""Extension of the scope: the bytes of a request, where they came alone and whole."""

_OVERHEAD: Final = 2048
"""Bytes that an answer takes beside its body and its request, about."""
_SPELLINGS: Final = 8
"""How many spellings of one request are kept: each client software writes its own fields."""


class Kept:
    """An answer as it was sent."""

    __slots__ = ("body", "etag", "key", "length", "size", "spellings", "start")

    def __init__(self, start: Message, body: bytes, etag: bytes, key: bytes) -> None:
        self.start, self.etag, self.key, self.length = start, etag, key, len(body)
        self.body: Message = {"type": "http.response.body", "body": body}
        self.size = len(body) + len(key) + _OVERHEAD
        self.spellings: list[bytes] = []


class Again:
    """The answer to one spelling of a request, rendered.

    Args:
        kept: the answer.
        status: its status; 304 where the client has it.
        fields: the fields above the body, which follow those that every answer has.
        body: the body.
        counted: where the request is counted.
        described: what the log says of it, without the address of the client.
    """

    __slots__ = ("body", "counted", "described", "fields", "key", "status")

    def __init__(
        self, kept: Kept, status: int, fields: bytes, body: bytes, counted: Requests, described: Described
    ) -> None:
        self.key, self.status, self.fields, self.body = kept.key, status, fields, body
        self.counted, self.described = counted, described

    @property
    def size(self) -> int:
        """Bytes that it takes beside the answer, about."""
        return len(self.fields) + _OVERHEAD // 2


class Shelf:
    """Answers by what makes them differ, and by each spelling of a request that has been asked for more than once.

    Args:
        size: bytes that all may take.

    Example:
        >>> shelf = Shelf(10_000)
        >>> shelf.put(Kept({"type": "http.response.start", "status": 200}, b"1,2", b'"a"', b"/sparql?query=1"))
        >>> shelf.get(b"/sparql?query=1").body["body"], shelf.get(b"/sparql?query=2"), shelf.size
        (b'1,2', None, 2066)
    """

    def __init__(self, size: int) -> None:
        self._spelled: dict[bytes, Again] = {}
        self._kept = _Answers(size, self._spelled)

    @property
    def size(self) -> int:
        """Bytes that all take, about."""
        return int(self._kept.currsize)

    def clear(self) -> None:
        """Give up everything."""
        self._kept.clear()
        self._spelled.clear()

    def get(self, key: bytes) -> Kept | None:
        """The answer that is kept, if it is."""
        return self._kept.get(key)

    def put(self, kept: Kept) -> None:
        """Keep an answer, unless it is larger than all may be."""
        if kept.size <= self._kept.maxsize:
            self._kept.pop(kept.key, None)
            self._kept[kept.key] = kept

    def spell(self, spelling: bytes, again: Again) -> None:
        """Keep a spelling of a request whose answer is kept."""
        kept = self.get(again.key)
        if kept is None or spelling in self._spelled or len(kept.spellings) >= _SPELLINGS:
            return
        size = kept.size + len(spelling) + again.size
        if size <= self._kept.maxsize:
            kept.size = size
            kept.spellings.append(spelling)
            self._spelled[spelling] = again
            self._kept[again.key] = kept  # its size is taken anew; others go for it

    def knows(self, spelling: bytes) -> bool:
        """Whether there may be an answer to a request that is spelled like this."""
        return spelling in self._spelled

    def spelled(self, spelling: bytes) -> Again | None:
        """The answer to a request that is spelled like this."""
        again = self._spelled.get(spelling)
        if again is not None:
            self._kept.get(again.key)  # it has just been asked for
        return again


class _Answers(LRUCache[bytes, Kept]):
    """Answers, each of which takes its spellings along when it goes."""

    def __init__(self, size: int, spelled: dict[bytes, Again]) -> None:
        super().__init__(size, getsizeof=lambda kept: kept.size)
        self._spelled = spelled

    def __delitem__(self, key: bytes) -> None:
        for spelling in self[key].spellings:
            self._spelled.pop(spelling, None)
        super().__delitem__(key)
