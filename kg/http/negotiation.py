"""Content negotiation (RFC 9110, section 12.5.1): one pure function over what is offered, best first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

__all__ = ["choose"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of HTTP
# Spaces are taken whole (``*+``): given back one by one, many of them would take the square of their number.
_PARAMETER = rf'\s*+;\s*+(?:({_TOKEN})\s*+=\s*+({_TOKEN}|"(?:[^"\\]|\\.)*+"))?+'
_RANGE = re.compile(rf"\s*+({_TOKEN})/({_TOKEN})((?:{_PARAMETER})*+)\s*+")
_EACH = re.compile(_PARAMETER)
_PIECE = re.compile(r'[^,"]++|,|"(?:[^"\\]|\\.?)*+"?', re.DOTALL)
"""Part of a field: a comma, a quoted string with or without its end, or what lies between."""
_LONGEST = 1024
"""Characters that a field may have for the choice to be remembered."""
_WEIGHT = re.compile(r"\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}", re.ASCII)
"""More digits than the three of RFC 9110 and weights above 1 are written by some clients, and it is clear what for."""


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """The offer that a client likes best.

    For each offer the most specific range that fits says how much it is wanted; ``q=0`` excludes it. Of those wanted
    alike the first offered is taken. A weight above 1 is 1. Ranges that are not well formed count for nothing.

    Args:
        accept: the field ``Accept``; anything goes where it is missing or empty.
        offers: media types without parameters, the best first.

    Returns:
        One of the offers, or ``None`` where none is acceptable.

    Example:
        >>> choose("text/csv, application/*;q=0.5", ["application/json", "text/csv"])
        'text/csv'
        >>> choose("*/*, application/json;q=0", ["application/json", "text/csv"])
        'text/csv'
        >>> choose("image/png", ["application/json", "text/csv"]) is None
        True
    """
    if accept is None or not accept.strip():
        return offers[0] if offers else None
    return _chosen(accept, tuple(offers)) if len(accept) <= _LONGEST else _chosen.__wrapped__(accept, tuple(offers))


@lru_cache(1024)
def _chosen(accept: str, offers: tuple[str, ...]) -> str | None:
    ranges = list(_ranges(accept))
    best, weight = None, 0.0
    for offer in offers:
        fits = [(specific, q) for kind, specific, q in ranges if _fits(kind, offer)]
        # Of two equally specific ranges for one type the more generous counts.
        q = max(fits, default=(0, 0.0))[1]
        if q > weight:
            best, weight = offer, q
    return best


def _ranges(accept: str) -> Iterator[tuple[str, int, float]]:
    """Each range with how specific it is and its weight."""
    for part in _parts(accept):
        match = _RANGE.fullmatch(part)
        if match is None or (match[1] == "*" and match[2] != "*"):
            continue
        weight, parameters = 1.0, 0
        for name, value in _EACH.findall(match[3]):
            if name.lower() == "q":
                weight = min(1.0, float(value)) if _WEIGHT.fullmatch(value) else -1.0
            elif name:
                parameters += 1
        if weight >= 0:
            kind = f"{match[1]}/{match[2]}".lower()
            level = 0 if kind == "*/*" else 1 if kind.endswith("/*") else 2
            yield kind, level * 100 + min(parameters, 99) * (level == 2), weight


def _parts(accept: str) -> list[str]:
    """The field at its commas, except for those between quotation marks."""
    parts = [""]
    for match in _PIECE.finditer(accept):
        if match[0] == ",":
            parts.append("")
        else:
            parts[-1] += match[0]
    return parts


def _fits(kind: str, offer: str) -> bool:
    return kind in ("*/*", offer) or (kind.endswith("/*") and offer.startswith(kind[:-1]))
