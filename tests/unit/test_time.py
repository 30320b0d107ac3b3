from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.time import OPEN_ABOVE, Bounds, day_bounds, parse_when


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2018", date(2018, 1, 1), date(2018, 12, 31)),
        ("2023-09", date(2023, 9, 1), date(2023, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("2024-06-12", date(2024, 6, 12), date(2024, 6, 12)),
    ],
)
def test_a_date_spans_what_it_leaves_open(text: str, first: date, last: date) -> None:
    assert day_bounds(text) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "18", "2018-13", "2018-00", "2018-02-30", "12 June 2024", "2018Z", "٢٠١٨", "2018-1", "0000"]
)
def test_what_is_no_date_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|calendar") as caught:
        day_bounds(text)
    assert repr(text) in str(caught.value)


def test_an_option_wants_one_day() -> None:
    assert parse_when("2020-11-09") == date(2020, 11, 9)
    with pytest.raises(ValueError, match="not one day"):
        parse_when("2020")


DAYS = st.dates(date(2000, 1, 1), date(2003, 12, 31))


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    begin = sorted([draw(DAYS), draw(DAYS)])
    end = sorted([draw(DAYS), draw(DAYS)])
    return Bounds(begin[0], begin[1], end[0], end[1])


@given(bounds(), bounds())
def test_definite_is_stronger_than_possible_and_both_are_symmetric(one: Bounds, two: Bounds) -> None:
    assert one.definitely_overlaps(two) == two.definitely_overlaps(one)
    assert one.possibly_overlaps(two) == two.possibly_overlaps(one)
    if one.definitely_overlaps(two):
        assert one.possibly_overlaps(two)


@given(bounds(), bounds(), st.data())
def test_definite_holds_under_every_reading(one: Bounds, two: Bounds, data: st.DataObject) -> None:
    def reading(b: Bounds) -> tuple[date, date]:
        begin = data.draw(st.dates(b.begin_earliest, b.begin_latest))
        end = data.draw(st.dates(b.end_earliest, b.end_latest))
        return begin, end

    (b1, e1), (b2, e2) = reading(one), reading(two)
    meet = b1 <= e2 and b2 <= e1
    if one.definitely_overlaps(two):
        assert meet
    if meet:
        assert one.possibly_overlaps(two)


def test_a_war_within_a_year_definitely_meets_deliveries_around_it() -> None:
    war = Bounds(*day_bounds("2020"), *day_bounds("2020"))
    deliveries = Bounds(*day_bounds("2018"), *day_bounds("2022"))
    assert war.definitely_overlaps(deliveries)
    assert not war.definitely_overlaps(Bounds(*day_bounds("2020"), OPEN_ABOVE, OPEN_ABOVE))
