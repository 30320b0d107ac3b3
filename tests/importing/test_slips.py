"""Cells that no published file has, and that would be taken for something: each is an error with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import ParseError
from kg.importing import import_files
from tests.importing.conftest import ACD, ATOP, DYADIC, DYADS, SIPRI, TSS, acd, dyad, member
from tests.importing.tables import table
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
    ],
)
def test_ucdp(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    rows = [acd(**FOUGHT), acd(**FOUGHT | {"conflict_id": 901} | cells)]
    fault = refused("ucdp-acd", table(tmp_path / "acd.csv", ACD, rows))
    assert message in str(fault) and fault.line == 3
    rows = [dyad(**FOUGHT), dyad(**FOUGHT | {"dyad_id": 71} | cells)]
    fault = refused("ucdp-dyadic", table(tmp_path / "dyadic.csv", DYADIC, rows))
    assert message.replace("2024", "2023") in str(fault) and fault.line == 3


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
    ],
)
def test_atop(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    good = member(1, 2, "1993/2/1", "1999/1/1", "D")
    bad = [
        changed.get(column, cell) for column, cell in zip(ATOP, member(1, 20, "1993/2/1", "1999/1/1", "D"), strict=True)
    ]
    fault = refused("atop-members", table(tmp_path / "members.csv", ATOP, [good, bad]))
    assert message in str(fault) and fault.line == 3


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
