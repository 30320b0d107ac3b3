"""Dates of Wikidata: precision, calendars, years before the common era, and what is no date at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.importing.wikidata_time import GREGORIAN, JULIAN, Moment
from kg.time import day_bounds

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))


@pytest.mark.parametrize(
    ("time", "precision", "calendar", "written", "words"),
    [
        ("1991-12-25T00:00:00Z", 11, GREGORIAN, "1991-12-25", ""),
        ("+1991-12-25T00:00:00Z", 11, GREGORIAN, "1991-12-25", ""),
        ("1991-12-25", 11, GREGORIAN, "1991-12-25", ""),
        ("1991-12-25T10:11:12Z", 14, GREGORIAN, "1991-12-25", ""),
        ("1991-12-01T00:00:00Z", 10, GREGORIAN, "1991-12", ""),
        ("1991-01-01T00:00:00Z", 9, GREGORIAN, "1991", ""),
        # Older exports leave a month or a day that is not meant at nought.
        ("1991-00-00T00:00:00Z", 9, GREGORIAN, "1991", ""),
        ("1991-05-00T00:00:00Z", 10, GREGORIAN, "1991-05", ""),
        ("0987-01-01T00:00:00Z", 9, GREGORIAN, "0987", ""),
        ("+00000000987-01-01T00:00:00Z", 9, GREGORIAN, "0987", ""),
        ("9999-12-31T00:00:00Z", 11, GREGORIAN, "9999-12-31", ""),
        # A day is written in the Gregorian calendar whatever the calendar was.
        ("1918-02-14T00:00:00Z", 11, JULIAN, "1918-02-14", ""),
        ("1373-06-01T00:00:00Z", 10, JULIAN, "1373", "1373-06-01, precise to the month, in the Julian calendar"),
        ("1373-01-01T00:00:00Z", 9, JULIAN, "1373", "1373-01-01, precise to the year, in the Julian calendar"),
        ("1990-01-01T00:00:00Z", 8, GREGORIAN, None, "1990-01-01, precise to the decade"),
        ("1901-01-01T00:00:00Z", 7, GREGORIAN, None, "1901-01-01, precise to the century"),
        ("1001-01-01T00:00:00Z", 6, GREGORIAN, None, "1001-01-01, precise to the millennium"),
        ("-13798000000-01-01T00:00:00Z", 3, GREGORIAN, None, "-13798000000-01-01, precise to the million years"),
        ("-0500-01-01T00:00:00Z", 9, GREGORIAN, None, "-0500-01-01, precise to the year"),
        ("-0043-03-13T00:00:00Z", 11, JULIAN, None, "-0043-03-13, precise to the day"),
        # The year nought of XML Schema 1.1 is 1 BCE.
        ("0000-01-01T00:00:00Z", 9, GREGORIAN, None, "0000-01-01, precise to the year"),
        ("12000-01-01T00:00:00Z", 9, GREGORIAN, None, "12000-01-01, precise to the year"),
        ("1991-02-30T00:00:00Z", 11, GREGORIAN, None, "1991-02-30, precise to the day"),
        ("1991-13-01T00:00:00Z", 10, GREGORIAN, None, "1991-13-01, precise to the month"),
        ("1991-12-25T00:00:00Z", 15, GREGORIAN, None, "1991-12-25, with no precision known"),
        ("1991-12-25T00:00:00Z", -1, GREGORIAN, None, "1991-12-25, with no precision known"),
        ("the spring", 9, GREGORIAN, None, "the spring, precise to the year"),
    ],
)
def test_dates_are_as_precise_as_they_are_meant(
    time: str, precision: int, calendar: str, written: str | None, words: str
) -> None:
    moment = Moment(time, precision, calendar)
    assert (moment.date, moment.words) == (written, words)


@given(DAYS, st.integers(-2, 16), st.sampled_from([GREGORIAN, JULIAN]))
def test_what_is_written_holds_the_day_and_is_no_more_precise_than_meant(
    day: date, precision: int, calendar: str
) -> None:
    written = Moment(f"{day.isoformat()}T00:00:00Z", precision, calendar).date
    if written is None:
        assert not 9 <= precision <= 14
        return
    first, last = day_bounds(written)
    assert first <= day <= last
    least = {9: timedelta(364), 10: timedelta(27)}.get(precision, timedelta(0))
    assert last - first >= least


@given(DAYS, st.integers(0, 14), st.sampled_from([GREGORIAN, JULIAN]))
def test_nothing_of_a_moment_is_lost(day: date, precision: int, calendar: str) -> None:
    moment = Moment(f"{day.isoformat()}T00:00:00Z", precision, calendar)
    exact = moment.date is not None and {9: 4, 10: 7}.get(precision, 10) == len(moment.date)
    assert exact or day.isoformat() in moment.words
    assert bool(moment.words) >= (calendar == JULIAN and precision < 11)


@given(st.text(max_size=30), st.integers())
def test_any_text_is_a_date_or_words(text: str, precision: int) -> None:
    moment = Moment(text, precision)
    assert moment.date is None or day_bounds(moment.date)
    assert moment.date is not None or moment.words
