"""Dates as data sets write them: a column a part, parts that are missing, years alone, codes of precision."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pyoxigraph import Literal

from kg.time import day_bounds
from kg.vocab import XSD

__all__ = ["come", "from_parts", "last_day", "later", "when", "whole", "year"]

_WHOLE: Final = re.compile(r"(-?\d+)(\.0+)?", re.ASCII)


def when(text: str) -> Literal:
    """A year, a month or a day as a literal of its kind.

    Raises:
        ValueError: there is no such date.

    Example:
        >>> str(when("1991-05"))
        '"1991-05"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'
    """
    day_bounds(text)
    return Literal(text, datatype={4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}[len(text)])


def year(number: int) -> str:
    """A year as four digits.

    Example:
        >>> year(987)
        '0987'
    """
    return f"{number:04d}"


def come(number: int) -> int:
    """A year that has come: one that has not is a slip, and would move the years for which a data set speaks.

    Raises:
        ValueError: it has not.

    Example:
        >>> come(1815)
        1815
    """
    if number > date.today().year:
        raise ValueError(f"the year {number} is yet to come")
    return number


def from_parts(year_text: str, month_text: str, day_text: str, *, since: int = 1, until: int = 9998) -> str | None:
    """The date of three cells, only as precise as they are; ``None`` where the year is missing.

    Missing are empty cells, anything below one (``-9`` as in ATOP and MID), ``99`` for a month or a day, and ``9999``.

    Args:
        year_text: the cell of the year.
        month_text: the cell of the month.
        day_text: the cell of the day.
        since: the first year for which the data set speaks.
        until: the last one.

    Raises:
        ValueError: a part is no whole number, there is no such day, or the year is yet to come, before the first or
            after the last.

    Example:
        >>> from_parts("1991", "5", "-9"), from_parts("1991", "-9", "4"), from_parts("-9", "1", "1")
        ('1991-05', '1991', None)
    """
    parts = []
    for text, highest in ((year_text, 9998), (month_text, 12), (day_text, 31)):
        number = whole(text) if text else -9
        if number < 1 or number in (99, 9999):
            break
        if number > highest:
            raise ValueError(f"{text!r} is no part of a date")
        parts.append(number)
    if not parts:
        return None
    if parts[0] < since:
        raise ValueError(f"the year {parts[0]} is before {since}, with which the data begin")
    come(parts[0])
    if parts[0] > until:
        raise ValueError(f"the year {parts[0]} is after {until}, with which the data end")
    text = "-".join(f"{part:04d}" if place == 0 else f"{part:02d}" for place, part in enumerate(parts))
    day_bounds(text)
    return text


def whole(text: str) -> int:
    """A whole number, also as other programs write it, such as ``1815.0``.

    Raises:
        ValueError: it is none.

    Example:
        >>> whole("1815.0")
        1815
    """
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no whole number")
    return int(found[1])


def later(one: str, other: str) -> str:
    """The later of two dates; where one is a coarser reading of the other, the coarser one.

    Example:
        >>> later("1914-08-04", "1915"), later("1914-08-04", "1914")
        ('1915', '1914')
    """
    if one.startswith(other) or other.startswith(one):
        return min(one, other, key=len)
    return max(one, other)


def last_day(number: int) -> str:
    """The last day of a year."""
    return date(number, 12, 31).isoformat()
