"""Tables as they come: encodings, preambles, separators, torn records, and faults that name the line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kg.errors import ParseError
from kg.importing.dates import from_parts, later
from kg.importing.records import Layout, read_table
from kg.importing.states import Unresolved, states
from kg.rows import runs

LAYOUT = Layout(("id", "name", "year"), frozenset({"note", "figure"}), ("id",), ("year",), frozenset({"year"}))
PLAIN = "id,name,year,note\n1,Côte,2001,a\n2,B,2002,\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PLAIN, "utf-8"),
        (PLAIN, "utf-8-sig"),
        (PLAIN, "cp1252"),
        (PLAIN.replace("\n", "\r\n"), "cp1252"),
        (PLAIN.replace(",", ";"), "utf-8"),
        (PLAIN.replace(",", "\t"), "utf-8"),
        ("A register\nnot for sale\n\n" + PLAIN, "cp1252"),
    ],
)
def test_a_table_in_many_clothes(tmp_path: Path, text: str, encoding: str) -> None:
    rows = list(read_table(write(tmp_path / "t.csv", text, encoding), LAYOUT))
    assert [(row["name"], row["year"], row.get("note"), row.get("figure")) for row in rows] == [
        ("Côte", "2001", "a", ""),
        ("B", "2002", "", ""),
    ]
    header = text.replace("\r", "").split("\n").index(PLAIN.split("\n")[0].translate(_separator(text)))
    assert [(row.number, row.line) for row in rows] == [(1, header + 2), (2, header + 3)]


def _separator(text: str) -> dict[int, str]:
    return {ord(","): next(c for c in ";\t," if c in text)}


def test_a_compressed_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(PLAIN.encode()))
    assert len(read_table(path, LAYOUT)) == 2
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(ParseError, match="cannot be read"):
        read_table(path, LAYOUT)


def test_a_line_break_in_quotes_moves_the_lines_that_follow(tmp_path: Path) -> None:
    rows = list(read_table(write(tmp_path / "t.csv", 'id,name,year\n1,"a\nb",2001\n2,c,2002\n'), LAYOUT))
    assert [(row.line, row["name"]) for row in rows] == [(2, "a\nb"), (4, "c")]


@pytest.mark.parametrize("padding", ["", ",", ",,"])
def test_a_torn_record_is_mended(tmp_path: Path, padding: str) -> None:
    path = write(tmp_path / "t.csv", f"id,year,name,note\n1,2001,to\nrn,x{padding}\n2,2002,whole,y\n")
    table = read_table(path, LAYOUT)
    assert [(row["name"], row["note"]) for row in table] == [("to rn", "x"), ("whole", "y")]
    assert table.mended == (1,)
    assert [row.number for row in table] == [1, 2]


def test_whole_numbers_lose_their_point_in_columns_of_whole_numbers_alone(tmp_path: Path) -> None:
    layout = Layout(("id", "name", "year"), frozenset({"figure"}), ("id",), ("year",), whole=frozenset({"id", "year"}))
    for quote in ("", '"'):
        text = f"id,name,year,figure\n-1.0,{quote}3.0{quote},2001.00,2.0\n1.5,b,2002.0,\n"
        rows = list(read_table(write(tmp_path / "t.csv", text), layout))
        assert [[*row.cells.values()] for row in rows] == [["-1", "3.0", "2001", "2.0"], ["1.5", "b", "2002", ""]]


def test_flags_belong_to_the_column_before(tmp_path: Path) -> None:
    (row,) = read_table(write(tmp_path / "t.csv", "id,name,year, \n1,a,2001,?\n"), LAYOUT)
    assert row["year?"] == "?"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a,b\n1,2\n", 1, "another kind of file"),
        ("id,name\n1,a\n", 1, "lacks the column 'year'"),
        ("id,name,year,nmae\n1,a,2001,x\n", 1, "unknown column 'nmae' .near 'name'.: another edition"),
        ("id,name, ,year\n1,a,,2001\n", 1, "column 3 has no name"),
        ("id,name,year,name\n1,a,2001,b\n", 1, "two columns are called 'name'"),
        ("id,name,year\n", 1, "no records"),
        ("id,name,year\n1,a,2001\n2,b,2002,3,4\n", 3, "5 cells where the header has 3"),
        ("id,name,year\n1,a,2001\n,b,2002\n", 3, "without a key"),
        ("id,name,year,note\n1,a,2001\n2,b,2002,c\n", 2, "3 cells where the header has 4"),
        ('id,name,year\n1,a,2001\n2,"b" c,2002\n', 3, "cannot be read"),
        ('id,name,year\n1,"a,2001\n', 2, "cannot be read"),
    ],
)
def test_faults_name_the_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        read_table(write(tmp_path / "t.csv", text), LAYOUT)
    assert caught.value.line == line and caught.value.file.endswith("t.csv")


def test_neither_encoding(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(PLAIN.encode("cp1252") + b"3,\x81,2003,\n")
    with pytest.raises(ParseError, match="neither UTF-8 nor cp1252") as caught:
        read_table(path, LAYOUT)
    assert caught.value.line == 4


def test_dates() -> None:
    assert from_parts("1991", "12", "25") == from_parts("1991.0", "12.0", "25.0") == "1991-12-25"
    assert from_parts("1991", "99", "25") == "1991"
    assert from_parts("0", "0", "0") is None and from_parts("", "", "") is None
    with pytest.raises(ValueError, match="no day"):
        from_parts("1991", "2", "30")
    assert from_parts("1815", "1", "-9", since=1815) == "1815-01"
    with pytest.raises(ValueError, match="the year 1814 is before 1815"):
        from_parts("1814", "12", "31", since=1815)
    for year in ("inf", "nan", "1e400", "1815.5", "long ago"):
        with pytest.raises(ValueError, match=year.removesuffix("e400")):
            from_parts(year, "1", "1")
    assert later("1991-05", "1991-05-03") == "1991-05"
    assert runs([3, 1, 2, 2, 7]) == [(1, 3), (7, 7)]


def test_the_two_numberings_are_kept_apart() -> None:
    known = states()
    assert known.label(known.cow("679")) == known.label(known.gw("678")) == "Yemen"
    assert known.cow("970") != known.gw("970")
    with pytest.raises(Unresolved, match="Gleditsch and Ward number 679"):
        known.gw("679")
    assert known.named("cote D'IVOIRE") == known.named("Ivory Coast")


def test_a_plain_table_reads_the_same_by_either_road(tmp_path: Path) -> None:
    """One table is cut by the parser in C; a quoted cell sends the same table down the other road."""
    quick = read_table(write(tmp_path / "a.csv", "id,name,year,note\n1,NA,2001,\n02,B c,2002,1.0\n"), LAYOUT)
    slow = read_table(write(tmp_path / "b.csv", 'id,name,year,note\n1,"NA",2001,\n02,B c,2002,1.0\n'), LAYOUT)
    assert list(quick) == list(slow) and len(quick) == 2


def test_a_plain_table_of_many_columns_is_read_without_a_warning(tmp_path: Path) -> None:
    wide = [f"c{number}" for number in range(150)]
    text = "\n".join((",".join(["id", *wide]), ",".join(["1"] * 151))) + "\n"
    assert len(read_table(write(tmp_path / "t.csv", text), Layout(("id",), frozenset(wide), ("id",)))) == 1
