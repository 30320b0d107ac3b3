"""Forms that cannot say everything: what a writer makes all the same and no parser takes is found in its bytes."""

from __future__ import annotations

from typing import Final

from kg.http.formats import GRAPHS, ROWS
from kg.http.refusals import Refused

__all__ = ["Checking", "cannot_express", "checking"]

_XML: Final = frozenset(media for media in (*GRAPHS, *ROWS) if media.endswith("xml"))
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\r"))
"""Characters that XML 1.0 has no way to write (section 2.2), as they are in UTF-8; two more are longer."""
_OTHERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_NAMELESS: Final = b"<oxprefix: "
"""What Oxigraph writes for a property whose IRI ends in no name of XML; in text ``<`` stands for nothing else."""
_LONGEST: Final = len(_NAMELESS) - 1


class Checking:
    """Looks through an answer in XML, piece by piece.

    Args:
        media: its media type.

    Example:
        >>> check = Checking("application/rdf+xml")
        >>> check(b"<oxpre")
        >>> try:
        ...     check(b"fix: ")
        ... except Refused as refused:
        ...     refused.status
        406
    """

    def __init__(self, media: str) -> None:
        self._media, self._before = media, b""

    def __call__(self, data: bytes | bytearray) -> None:
        """Look through the next piece.

        Raises:
            Refused: there is something in it that no parser would take (406).
        """
        joined = self._before + data
        if len(data.translate(None, _CONTROLS)) != len(data) or any(other in joined for other in _OTHERS):
            raise cannot_express(self._media, "a text in it has a character that XML has not")
        if _NAMELESS in joined:
            raise cannot_express(self._media, "a property in it has an IRI that does not end in a name of XML")
        self._before = joined[-_LONGEST:]


def checking(media: str) -> Checking | None:
    """What looks through an answer of a media type, where that has to be."""
    return Checking(media) if media in _XML else None


def cannot_express(media: str, why: str) -> Refused:
    """What is said where a form cannot express an answer.

    Args:
        media: the form.
        why: what it has no way to write.
    """
    others = [other for other in (GRAPHS if media in GRAPHS else ROWS) if other != media and not _alike(other, media)]
    listed = f"{', '.join(others[:-1])} or {others[-1]}"
    return Refused(406, f"{media} cannot express this answer: {why}; ask for {listed}")


def _alike(other: str, media: str) -> bool:
    return other in _XML and media in _XML
