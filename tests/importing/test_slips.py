"""Cells that no published file has, and that would be taken for something: each is an error with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import ParseError
from kg.importing import import_files
from tests.importing.conftest import ACD, ATOP, DYADIC, DYADS, MIDA, MIDB, SIPRI, TD, TSS, acd, dyad, member, mida, midb
from tests.importing.tables import accounted_for, reasons, table
from tests.importing.test_quirks import deal

FOUGHT = {"year": 2020, "gwno_a": 371, "gwno_b": 373, "start_date2": "2020-09-27", "start_prec2": 1}
RIVALS = [8, "Armenia-Azerbaijan", 371, 373, 1991, 2020, 1, "", "", "", "", ""]


def refused(source: str, path: Path) -> ParseError:
    with pytest.raises(ParseError) as caught:
        import_files(source, [path])
    return caught.value


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"year": 2050}, "none of 1946 to 2024"),
        ({"year": 1900}, "none of 1946 to 2024"),
        ({"intensity_level": 9}, "intensity_level: '9' is none of 1, 2"),
        ({"gwno_b": "373,,640"}, "gwno_b: '373,,640' is no list of numbers"),
        ({"gwno_a_2nd": "x"}, "gwno_a_2nd: 'x' is no list of numbers"),
        ({"start_date2": "2020-02-30"}, "no day of the calendar"),
        ({"start_date2": "0190-09-27"}, "start_date2: the year 190 is before 1946"),
    ],
)
def test_ucdp(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    rows = [acd(**FOUGHT), acd(**FOUGHT | {"conflict_id": 901} | cells)]
    fault = refused("ucdp-acd", table(tmp_path / "acd.csv", ACD, rows))
    assert message in str(fault) and fault.line == 3
    rows = [dyad(**FOUGHT), dyad(**FOUGHT | {"dyad_id": 71} | cells)]
    fault = refused("ucdp-dyadic", table(tmp_path / "dyadic.csv", DYADIC, rows))
    assert message.replace("2024", "2023") in str(fault) and fault.line == 3


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"ep_end": 2}, "ep_end: '2' is neither 0 nor 1"),
        ({"ep_end": "yes"}, "ep_end: 'yes' is neither 0 nor 1"),
        ({"conflict_id": "x1"}, "conflict_id: 'x1' is no number"),
        ({"year": 2024, "start_date2": "2042-01-01"}, "begins on 2042-01-01, after 2024"),
    ],
)
def test_episodes_of_ucdp(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    rows = [acd(**FOUGHT), acd(**FOUGHT | {"conflict_id": 901} | cells)]
    fault = refused("ucdp-acd", table(tmp_path / "acd.csv", ACD, rows))
    assert message in str(fault) and fault.line == 3


def test_several_numbers_of_ucdp_stay_fine(tmp_path: Path) -> None:
    for listed in ("373, 640", "373;640", "373 640", "373,640"):
        rows = [acd(**FOUGHT | {"gwno_b": listed})]
        assert import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, rows)]).used == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"atopid": "abc"}, "atopid: 'abc' is no number"),
        ({"phase": "-3"}, "phase: '-3' is no number"),
        ({"yrexit": 2950}, "2950 is yet to come"),
        ({"yrent": 2950}, "2950 is yet to come"),
        ({"yrent": 12}, "the year 12 is before 1815, with which the data begin"),
        ({"yrent": -9, "yrexit": 1814}, "the year 1814 is before 1815, with which the data begin"),
        ({"atopid": 1.5}, "atopid: '1.5' is no number"),
        ({"defense": 0.5}, "defense: '0.5' is neither 0 nor 1"),
    ],
)
def test_atop(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    good = member(1, 2, "1993/2/1", "1999/1/1", "D")
    bad = [
        changed.get(column, cell) for column, cell in zip(ATOP, member(1, 20, "1993/2/1", "1999/1/1", "D"), strict=True)
    ]
    fault = refused("atop-members", table(tmp_path / "members.csv", ATOP, [good, bad]))
    assert message in str(fault) and fault.line == 3


@pytest.mark.parametrize("number", ["2.5", "inf", "nan", "+20", "2_0", "2e1", "20.", "\u0662\u0660"])
def test_a_number_of_a_state_that_is_not_whole_is_of_no_state(tmp_path: Path, number: str) -> None:
    rows = [member(1, 2, "1993/2/1", "1999/1/1", "D"), member(1, 20, "1993/2/1", "1999/1/1", "D")]
    rows[1][ATOP.index("member")] = number
    result = import_files("atop-members", [table(tmp_path / "members.csv", ATOP, rows)])
    assert reasons(result) == {f"Correlates of War number {number} is not in the list of states": 1}


def test_members_of_alliances_without_any_year(tmp_path: Path) -> None:
    row = member(1, 2, "-9/-9/-9", "-9/-9/-9", "D")
    path = table(tmp_path / "members.csv", ATOP, [row])
    assert reasons(import_files("atop-members", [path])) == {"year of entry missing": 1}
    fault = refused("atop-members", table(path, ATOP[:-1], [row[:-1]]))
    assert "no row has a year of entry or of exit" in str(fault) and fault.line == 2


def test_versions_of_atop(tmp_path: Path) -> None:
    row = member(1, 2, "1993/2/1", "1999/1/1", "D")
    fault = refused("atop-members", table(tmp_path / "members.csv", ATOP, [[*row[:-1], "99"]]))
    assert "'99' is no version of ATOP" in str(fault)


@pytest.mark.parametrize("year", [1700, 2950])
def test_years_of_pairs_of_atop(tmp_path: Path, year: int) -> None:
    rows = [[2, 20, 1950, 1, 0, 0, 0, 0], [2, 20, year, 1, 0, 0, 0, 0]]
    fault = refused("atop-dyads", table(tmp_path / "dyads.csv", DYADS, rows))
    assert f"year: '{year}'" in str(fault) and fault.line == 3


def test_a_rivalry_that_ends_in_times_to_come(tmp_path: Path) -> None:
    rows = [RIVALS, [9, "Iran-Iraq", 630, 645, 1958, 2500, 1, "", "", "", "", ""]]
    fault = refused("rivalry", table(tmp_path / "tss.csv", TSS, rows))
    assert "2500 is yet to come" in str(fault) and fault.line == 3


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"positional": 2}, "positional: '2' is neither 0 nor 1"),
        ({"interventionary": "yes"}, "interventionary: 'yes' is neither 0 nor 1"),
        ({"spatial": 0.5}, "spatial: '0.5' is neither 0 nor 1"),
        ({"tssr_id": "x1"}, "tssr_id: 'x1' is no number"),
        ({"tssr_id": 1.5}, "tssr_id: '1.5' is no number"),
        ({"start": 191}, "start: the year 191 is before 1494"),
    ],
)
def test_rivalries(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    odd = [cells.get(column, cell) for column, cell in zip(TSS, [9, *RIVALS[1:]], strict=True)]
    fault = refused("rivalry", table(tmp_path / "tss.csv", TSS, [RIVALS, odd]))
    assert message in str(fault) and fault.line == 3


def test_rivalries_of_the_earlier_list(tmp_path: Path) -> None:
    rows = [[n, "A-B", 160, 200, 1966, 2010, "World", "spatial", "", ""] for n in (1, "1a")]
    fault = refused("rivalry", table(tmp_path / "td.csv", TD, rows))
    assert "rivalryno: '1a' is no number" in str(fault) and fault.line == 3


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"orig": 2}, "orig: '2' is none of 0, 1"),
        ({"styear": 1812}, "the year 1812 is before 1816"),
        ({"endyear": 2015}, "the year 2015 is after 2014, with which the data end"),
        ({"styear": 2016, "endyear": 2016}, "the year 2016 is after 2014"),
    ],
)
def test_participants_in_disputes(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    rows = [midb(7, 2, "1/3/1980", "1/5/1980", sidea=1), midb(7, 40, "1/3/1980", "1/5/1980", **cells)]
    fault = refused("mid", table(tmp_path / "MIDB.csv", MIDB, rows))
    assert message in str(fault) and fault.line == 3


@pytest.mark.parametrize("column", ["styear", "endyear"])
@pytest.mark.parametrize(("year", "message"), [(2015, "is after 2014"), (1812, "is before 1816")])
def test_a_dispute_for_which_the_data_do_not_speak(tmp_path: Path, column: str, year: int, message: str) -> None:
    sides = [midb(7, state, "1/3/1980", "1/5/1980", sidea=int(state == 2)) for state in (2, 40)]
    odd = mida(8, **{column: year})
    paths = [table(tmp_path / "MIDB.csv", MIDB, sides), table(tmp_path / "MIDA.csv", MIDA, [mida(7), odd])]
    with pytest.raises(ParseError, match=f"{column}: the year {year} {message}") as caught:
        import_files("mid", paths)
    assert caught.value.line == 3


def test_a_dispute_that_may_or_may_not_go_on(tmp_path: Path) -> None:
    sides = [midb(7, state, "1/3/1980", "1/5/1980", sidea=int(state == 2)) for state in (2, 40)]
    paths = [table(tmp_path / "MIDB.csv", MIDB, sides), table(tmp_path / "MIDA.csv", MIDA, [mida(7, ongo2014=3)])]
    with pytest.raises(ParseError, match="ongo2014: '3' is neither 0 nor 1") as caught:
        import_files("mid", paths)
    assert caught.value.line == 2


def test_a_state_before_the_list_begins(tmp_path: Path) -> None:
    columns = ["stateabb", "ccode", "statenme", "styear", "endyear"]
    rows = [["ARM", 371, "Armenia", 1991, 2016], ["BLR", 370, "Belarus", 191, 2016]]
    fault = refused("states", table(tmp_path / "cow.csv", columns, rows))
    assert "the year 191 is before 1816" in str(fault) and fault.line == 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (deal("Chad", "France", "1890", order=1890), "delivery: the year 1890 is before 1950"),
        (deal("Chad", "France", "1949; 1951", order=1948), "delivery: the year 1949 is before 1950"),
        (deal("Chad", "France", "1970; 2010", order=1980), "delivery: the year 1970 is before 1980, that of the order"),
    ],
)
def test_deliveries_of_sipri_before_their_time(tmp_path: Path, row: list[object], message: str) -> None:
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, [deal("Chad", "France", "1950", order=1948), row])
    fault = refused("sipri", path)
    assert message in str(fault) and fault.line == 3


@pytest.mark.parametrize("years", ["1971", ""])
@pytest.mark.parametrize(("order", "year"), [("0000", 0), ("0016", 16), (1016, 1016), (1899, 1899)])
def test_orders_of_sipri_before_their_time(tmp_path: Path, order: object, year: int, years: str) -> None:
    late = deal("Chad", "France", years)
    late[SIPRI.index("Year of order")] = order
    fault = refused("sipri", table(tmp_path / "deliveries-to-2024.csv", SIPRI, [deal("Chad", "France", "1970"), late]))
    assert f"Year of order: the year {year} is before 1900" in str(fault) and fault.line == 3
    late[SIPRI.index("Year of order")] = 1900
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, [deal("Chad", "France", "1970"), late])
    assert accounted_for(import_files("sipri", [path]))


@pytest.mark.parametrize("years", ["1971", ""])
@pytest.mark.parametrize("column", ["Year of order", "Number ordered", "Number delivered", "Year(s) of delivery"])
@pytest.mark.parametrize("flag", ["x", "??", "1"])
def test_flags_of_sipri(tmp_path: Path, column: str, flag: str, years: str) -> None:
    columns, rows = [*SIPRI], [deal("Chad", "France", "1970"), deal("Chad", "France", years)]
    place = columns.index(column) + 1
    if columns[place].strip():
        columns.insert(place, "")
        rows = [[*row[:place], "", *row[place:]] for row in rows]
    rows[1][place] = flag
    fault = refused("sipri", table(tmp_path / "deliveries-to-2024.csv", columns, rows))
    assert f"the column after {column!r}: {flag!r} is neither empty nor '?'" in str(fault) and fault.line == 3


@pytest.mark.parametrize("row", [deal("Chad", "France", "2010; 2099"), deal("Chad", "France", "2010", order=2099)])
def test_years_of_sipri(tmp_path: Path, row: list[object]) -> None:
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, [deal("Chad", "France", "2009"), row])
    fault = refused("sipri", path)
    assert "2099 is yet to come" in str(fault) and fault.line == 3


@pytest.mark.parametrize("odd", ["\0", "\x07", "\x1b"])
def test_control_characters(tmp_path: Path, odd: str) -> None:
    rows = [RIVALS, [9, f"Iran-{odd}Iraq", 630, 645, 1958, 2020, 1, "", "", "", "", ""]]
    fault = refused("rivalry", table(tmp_path / "tss.csv", TSS, rows))
    assert f"U+{ord(odd):04X}" in str(fault) and fault.line == 3


def test_a_line_of_another_encoding_in_a_file_of_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "deliveries-to-2024.csv"
    table(path, SIPRI, [deal("Côte d'Ivoire", "France", "2009"), deal("Chad", "France", "2010")])
    row = ",".join(str(cell) for cell in deal("Côte d'Ivoire", "France", "2011"))
    path.write_bytes(path.read_bytes() + row.encode("cp1252") + b"\n")
    fault = refused("sipri", path)
    assert "is UTF-8, and something else here" in str(fault) and fault.line == 4
    table(path, SIPRI, [deal("Côte d'Ivoire", "France", "2009")], "cp1252")
    assert import_files("sipri", [path]).used == 1
