"""Files that were cut, saved by other programs, or are no tables: an error that says so, or exactly what is whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from kg.errors import ParseError
from kg.importing import import_files
from kg.importing.records import Layout, read_table
from tests.importing.conftest import TSS
from tests.importing.tables import table

LAYOUT = Layout(
    ("id", "name", "year"), frozenset({"note", "figure", "more"}), ("id", "name"), ("year",), frozenset({"year"})
)
WHOLE = """id,name,year, ,note,figure,more
1,Côte,1990,?,a;b,1.5,
2,Spain,1991,,"b, c",,
3,France,1992,,,,
4,Åland,1993,,of the rest,2,7
"""


def rows_of(path: Path) -> list[dict[str, str]]:
    return [row.cells for row in read_table(path, LAYOUT)]


def test_a_file_cut_at_any_byte_is_refused_with_a_line_or_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    path, data = tmp_path / "t.csv", WHOLE.encode()
    path.write_bytes(data)
    whole, refused = rows_of(path), 0
    for count in range(len(data)):
        path.write_bytes(data[:count])
        try:
            found = read_table(path, LAYOUT)
        except ParseError as fault:
            assert fault.line is not None and 1 <= fault.line <= data[:count].count(b"\n") + 1
            refused += 1
            continue
        rows = [row.cells for row in found]
        assert len(rows) == data[:count].rstrip(b"\n").count(b"\n") and not found.mended
        # Within its last cell a record looks whole; that the line has no end is then all that can be seen.
        assert rows[:-1] == whole[: len(rows) - 1]
        assert rows[-1] == whole[len(rows) - 1] or (found.is_open and rows[-1] | {"more": "7"} == whole[3])
    assert refused > len(data) * 0.9


def test_a_list_cut_within_its_last_row_never_loses_that_row(tmp_path: Path) -> None:
    rows = [
        [6, "Portugal-Spain", 235, 230, 1494, 1516, 1, "", "", "", "", ""],
        [7, "France-Spain", 220, 230, 1494, 1700, "", 1, "", "", "", 1],
    ]
    path = table(tmp_path / "tss.csv", TSS, rows)
    data = path.read_bytes()
    last = data.rstrip(b"\n").rindex(b"\n") + 1
    for count in range(last + 1, len(data) - 2):
        path.write_bytes(data[:count])
        with pytest.raises(ParseError) as caught:
            import_files("rivalry", [path])
        assert caught.value.line == 3
    path.write_bytes(data[:-1])
    assert import_files("rivalry", [path]).notes == ("1 last line of tss.csv has no line end; is the file whole?",)


def test_a_torn_record_that_was_padded_on_both_sides_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,name,year,note,figure,more\n1,a,1990,b,,\n,2,3,,,\n2,c,1991,,,\n", encoding="utf-8")
    found = read_table(path, LAYOUT)
    assert [(row["note"], row["figure"], row["more"]) for row in found] == [("b", "2", "3"), ("", "", "")]
    assert found.mended == (1,)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("\n", "\r").encode(),
        WHOLE.encode("utf-16"),
        b"\xfe\xff" + WHOLE.encode("utf-16-be"),
        WHOLE.replace("id,name,year, ,note", "ID,NAME,YEAR, ,NOTE").encode(),
    ],
    ids=["bare carriage returns", "UTF-16", "UTF-16, big end first", "capitals"],
)
def test_tables_as_other_programs_save_them(tmp_path: Path, text: bytes) -> None:
    plain, path = tmp_path / "plain.csv", tmp_path / "t.csv"
    plain.write_bytes(WHOLE.encode())
    path.write_bytes(text)
    assert list(read_table(path, LAYOUT)) == list(read_table(plain, LAYOUT))


@pytest.mark.parametrize("quote", ["", '"'])
def test_names_of_rows_that_r_writes_are_no_column(tmp_path: Path, quote: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{quote}{quote},id,name,year\n{quote}1{quote},7,a,1990\n{quote}2{quote},8,b,1991\n")
    assert rows_of(path) == [{"id": "7", "name": "a", "year": "1990"}, {"id": "8", "name": "b", "year": "1991"}]


def test_archives_and_workbooks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for member, message in (("t.csv", "is a ZIP archive: unpack it"), ("xl/workbook.xml", "is an Excel workbook")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, WHOLE)
        with pytest.raises(ParseError, match=message):
            read_table(path, LAYOUT)
    for data, message in ((b"\xd0\xcf\x11\xe0abc", "is an Excel workbook"), (b"RDX3\nX\n", "is an R data file")):
        path.write_bytes(data)
        with pytest.raises(ParseError, match=message):
            read_table(path, LAYOUT)


def test_utf16_that_was_cut_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(WHOLE.encode("utf-16")[:-21])
    with pytest.raises(ParseError, match="begins as UTF-16 and is cut") as caught:
        read_table(path, LAYOUT)
    assert caught.value.line == 5
