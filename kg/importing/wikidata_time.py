"""Dates as Wikidata gives them: a day, how precise it is, and a calendar.

``wikibase:timeValue`` always names a day; ``wikibase:timePrecision`` says how much of it is meant. Wikibase writes days
of the Julian calendar as days of the Gregorian one, and leaves what is less precise in the calendar it was given in. A
year before the common era is shifted by one, as in XML Schema 1.1, so that 0000 is 1 BCE.

References:
    Wikibase, RDF Dump Format, section Time (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format#Time).
    Wikibase, JulianDateTimeValueCleaner, getStandardValue.
    Wikidata, Help:Dates, section Time datatype, for the codes of precision.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kg.importing.dates import when

__all__ = ["GREGORIAN", "JULIAN", "Moment"]

GREGORIAN: Final = "http://www.wikidata.org/entity/Q1985727"
"""The proleptic Gregorian calendar."""
JULIAN: Final = "http://www.wikidata.org/entity/Q1985786"
"""The proleptic Julian calendar."""

_YEAR: Final = 9
_MONTH: Final = 10
_DAY: Final = 11
_UNITS: Final = {
    0: "billion years",
    1: "hundred million years",
    2: "ten million years",
    3: "million years",
    4: "hundred thousand years",
    5: "ten thousand years",
    6: "millennium",
    7: "century",
    8: "decade",
    9: "year",
    10: "month",
    11: "day",
    12: "hour",
    13: "minute",
    14: "second",
}
_TIME: Final = re.compile(r"([+-]?)0*(\d{4,16})-(\d{2})-(\d{2})(?:T.*)?\Z", re.ASCII)


@dataclass(frozen=True, order=True)
class Moment:
    """One value of time.

    Attributes:
        time: the day, as ``wikibase:timeValue`` writes it.
        precision: code of what is meant of it, 0 (a billion years) to 14 (a second); 9 is a year, 10 a month, 11 a day.
        calendar: IRI of the calendar.
    """

    time: str
    precision: int
    calendar: str = GREGORIAN

    @property
    def date(self) -> str | None:
        """The year, the month or the day that is meant, or ``None`` where none of them says it.

        Decades, centuries and all that is before the common era are no year. A Julian month is no month of ours, so
        that only its year is kept; a Julian year is taken by its number, which is off by days.

        Example:
            >>> Moment("1991-12-25T00:00:00Z", 9).date, Moment("1991-12-25T00:00:00Z", 10).date
            ('1991', '1991-12')
            >>> Moment("1990-01-01T00:00:00Z", 8).date is None, Moment("-0500-01-01T00:00:00Z", 9).date is None
            (True, True)
            >>> Moment("1699-12-01T00:00:00Z", 10, JULIAN).date
            '1699'
        """
        match = _TIME.match(self.time)
        if match is None or not _YEAR <= self.precision <= max(_UNITS) or not 1 <= self.year <= 9999:
            return None
        year, month, day = f"{self.year:04d}", match[3], match[4]
        if self.precision >= _DAY:
            text = f"{year}-{month}-{day}"
        elif self.precision == _MONTH and self.calendar != JULIAN:
            text = f"{year}-{month}"
        else:
            text = year
        try:
            when(text)
        except ValueError:
            return None
        return text

    @property
    def year(self) -> int:
        """Number of the year, 0 or less before the common era; 0 also where the text is no date.

        Example:
            >>> Moment("-0500-01-01T00:00:00Z", 9).year
            -500
        """
        match = _TIME.match(self.time)
        return int(f"{match[1]}{match[2]}") if match else 0

    @property
    def words(self) -> str:
        """What :attr:`date` leaves out, in words; ``""`` where it says all.

        Example:
            >>> Moment("1990-01-01T00:00:00Z", 8).words
            '1990-01-01, precise to the decade'
            >>> Moment("1699-12-01T00:00:00Z", 10, JULIAN).words
            '1699-12-01, precise to the month, in the Julian calendar'
        """
        said = self.date
        # A day is written in the Gregorian calendar whatever the calendar was.
        julian = self.calendar == JULIAN and self.precision < _DAY
        if said is not None and not julian:
            return ""
        unit = _UNITS.get(self.precision)
        text = f"{self.time.partition('T')[0]}, {f'precise to the {unit}' if unit else 'with no precision known'}"
        return f"{text}, in the Julian calendar" if julian else text
