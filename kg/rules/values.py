"""What terms are worth in a comparison: the operator mapping of SPARQL 1.1 (section 17.3) on whole columns.

A term is of a family, such as the dates, and has a rank within it: dates count seconds from 1970-01-01, and one
comparison of dates is one comparison of numbers. Terms of two families have no order, which is an error in the sense
of SPARQL: a filter drops the row, and IF and BIND leave their variable unbound.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal

from kg.columns import Dictionary, Numbers, distinct

__all__ = [
    "BOOLEAN",
    "DATE",
    "INSTANT",
    "LANGUAGE",
    "MONTH",
    "NODE",
    "NUMBER",
    "STRING",
    "UNKNOWN",
    "UNSUPPORTED",
    "YEAR",
    "ZONED",
    "Values",
]

NODE: Final = 0
DATE: Final = 1
STRING: Final = 2
NUMBER: Final = 3
BOOLEAN: Final = 4
INSTANT: Final = 5
YEAR: Final = 6
MONTH: Final = 7
LANGUAGE: Final = 8
UNKNOWN: Final = 9
"""Neither a term of a datatype that has no order, nor one that is ill-formed, is comparable to anything."""
UNSUPPORTED: Final = 10
"""What SPARQL engines order and compiled rules do not."""
ZONED: Final = 16
"""Added to the family of a date with a time zone."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMERIC = (
    "integer decimal double float int long short byte nonNegativeInteger positiveInteger nonPositiveInteger "
    "negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte"
)
_FAMILY = {
    "date": DATE,
    "string": STRING,
    "boolean": BOOLEAN,
    "dateTime": INSTANT,
    "gYear": YEAR,
    "gYearMonth": MONTH,
    **dict.fromkeys(_NUMERIC.split(), NUMBER),
    **dict.fromkeys(("time", "duration", "dayTimeDuration", "yearMonthDuration"), UNSUPPORTED),
    **dict.fromkeys(("gMonth", "gMonthDay", "gDay"), UNSUPPORTED),
}
_FORM = {
    DATE: re.compile(r"(-?\d{4,})-(\d\d)-(\d\d)()()()(Z|[+-]\d\d:\d\d)?\Z", re.ASCII),
    INSTANT: re.compile(r"(-?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?\Z", re.ASCII),
    YEAR: re.compile(r"(-?\d{4,})()()()()()(Z|[+-]\d\d:\d\d)?\Z", re.ASCII),
    MONTH: re.compile(r"(-?\d{4,})-(\d\d)()()()()(Z|[+-]\d\d:\d\d)?\Z", re.ASCII),
}
_UNSEEN = -1
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Values:
    """Family and rank of the terms of a dictionary, each worked out when it is first compared.

    Args:
        dictionary: the terms.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self._families = np.full(0, _UNSEEN, dtype=np.int8)
        self._ranks = np.zeros(0, dtype=np.float64)

    def of(self, numbers: Numbers) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        """Family and rank of each of some terms; the number -1 is of no family."""
        missing = len(self.dictionary) + 1 - len(self._families)
        if missing > 0:
            # The last place belongs to the number -1.
            self._families[-1:] = _UNSEEN
            room = max(missing, len(self._families) // 4)
            self._families = np.concatenate((self._families, np.full(room, _UNSEEN, dtype=np.int8)))
            self._ranks = np.concatenate((self._ranks, np.zeros(room)))
            self._families[-1] = UNKNOWN
        families = self._families[numbers]
        unseen = families == _UNSEEN
        if unseen.any():
            for number in distinct(numbers[unseen]).tolist():
                self._families[number], self._ranks[number] = _worth(self.dictionary.term(number))
            families = self._families[numbers]
        return families, self._ranks[numbers]


def _worth(term: object) -> tuple[int, float]:
    if not isinstance(term, Literal):
        return NODE, 0.0
    if term.language:
        return LANGUAGE, 0.0
    family = _FAMILY.get(term.datatype.value.removeprefix(_XSD), UNKNOWN)
    if family in (STRING, UNKNOWN, UNSUPPORTED):
        return family, 0.0
    if family == BOOLEAN:
        return (BOOLEAN, float(term.value in ("true", "1"))) if term.value in _BOOLEANS else (UNKNOWN, 0.0)
    if family == NUMBER:
        return _number(term.value)
    match = _FORM[family].match(term.value)
    seconds = _seconds(match) if match else None
    if match is None or seconds is None:
        return UNKNOWN, 0.0
    return family + (ZONED if match[7] else 0), seconds


_BOOLEANS = ("true", "false", "1", "0")


def _number(text: str) -> tuple[int, float]:
    try:
        value = float(text) if text in ("INF", "-INF", "NaN") else float(Decimal(text))
    except (InvalidOperation, ValueError):
        return UNKNOWN, 0.0
    return NUMBER, value


def _seconds(match: re.Match[str]) -> float | None:
    """Seconds from 1970-01-01 of a calendar that has a year 0 (XML Schema 1.1), ``None`` for no such day."""
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    if not 1 <= month <= 12 or not 1 <= day <= _LENGTHS[month - 1]:
        return None
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return None
    # Days before a year that begins in March, so that the leap day comes last.
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 719469
    seconds = days * 86400 + int(match[4] or 0) * 3600 + int(match[5] or 0) * 60 + float(match[6] or 0)
    if match[7] and match[7] != "Z":
        sign = -1 if match[7][0] == "-" else 1
        seconds -= sign * (int(match[7][1:3]) * 3600 + int(match[7][4:6]) * 60)
    return seconds
