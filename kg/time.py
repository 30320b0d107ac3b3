"""Dates as sources give them, and the four bounds they leave open.

A date may be a year, a month or a day. What a source leaves open becomes a pair of bounds, and an interval four:
begin earliest and latest, end earliest and latest. Days are :class:`datetime.date` values of the proleptic Gregorian
calendar without a time zone. ``OPEN_BELOW`` and ``OPEN_ABOVE`` stand for no bound at all.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

__all__ = ["OPEN_ABOVE", "OPEN_BELOW", "Bounds", "day_bounds", "parse_when"]

OPEN_BELOW: Final = date.min
OPEN_ABOVE: Final = date.max

_WHEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)


@cache
def day_bounds(text: str) -> tuple[date, date]:
    """First and last day that a year, a month or a day can mean.

    Args:
        text: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, the lexical forms of xsd:gYear, xsd:gYearMonth and xsd:date
            (XML Schema part 2, sections 3.2.9 to 3.2.11) without a time zone.

    Raises:
        ValueError: the text has another form, or no such day exists.

    Example:
        >>> day_bounds("2023-02")
        (datetime.date(2023, 2, 1), datetime.date(2023, 2, 28))
    """
    match = _WHEN.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        assert year is not None
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, calendar.IllegalMonthError) as fault:
        raise ValueError(f"{text!r} is no day of the calendar") from fault


def parse_when(text: str) -> date:
    """One day, for options such as ``--on``.

    Raises:
        ValueError: the text is not ``YYYY-MM-DD``, or no such day exists.

    Example:
        >>> parse_when("2020-11-09")
        datetime.date(2020, 11, 9)
    """
    first, last = day_bounds(text)
    if first != last:
        raise ValueError(f"{text!r} is not one day: write YYYY-MM-DD, such as {first.isoformat()}")
    return first


@dataclass(frozen=True)
class Bounds:
    """The four days between which an interval begins and ends.

    Attributes:
        begin_earliest: first day on which it can have begun.
        begin_latest: last day on which it can have begun.
        end_earliest: first day on which it can have ended.
        end_latest: last day on which it can have ended.
    """

    begin_earliest: date
    begin_latest: date
    end_earliest: date
    end_latest: date

    def possibly_overlaps(self, other: Bounds) -> bool:
        """Whether the intervals share a day under some reading of their dates."""
        return self.begin_earliest <= other.end_latest and other.begin_earliest <= self.end_latest

    def definitely_overlaps(self, other: Bounds) -> bool:
        """Whether the intervals share a day under every reading of their dates.

        Example:
            >>> war = Bounds(date(2020, 1, 1), date(2020, 12, 31), date(2020, 1, 1), date(2020, 12, 31))
            >>> deliveries = Bounds(date(2018, 1, 1), date(2018, 12, 31), date(2022, 1, 1), date(2022, 12, 31))
            >>> deliveries.definitely_overlaps(war)
            True
        """
        return self.begin_latest <= other.end_earliest and other.begin_latest <= self.end_earliest
