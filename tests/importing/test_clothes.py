"""Every importer on every form in which its file comes: what is read as it is, and what is refused with its line."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kg.cli import main
from kg.errors import ParseError
from kg.importing import OFFERS, import_files
from tests.importing.conftest import (
    ACD,
    ATOP,
    DYADIC,
    DYADS,
    MIDA,
    MIDB,
    SIPRI,
    TD,
    TSS,
    acd,
    dyad,
    member,
    mida,
    midb,
)
from tests.importing.tables import table

Rows = tuple[Sequence[str], Sequence[Sequence[object]]]

DEAL = ["Côte d'Ivoire", "France", 1970, "", 2, "?", "X-1", "tank", 2, "", "1971; 1972", "New", "Là", "1", "2", "2"]
FIGHT = {"year": 1982, "gwno_a": 160, "gwno_b": 200, "side_a": "Là", "start_date2": "1982-04-02", "start_prec2": 1}
COW = ["stateabb", "ccode", "statenme", "styear", "endyear"]
GW = ["gwcode", "stateid", "statename", "begin", "end"]
KINDS: dict[str, Rows] = {
    "sipri": (SIPRI, [DEAL, DEAL]),
    "rivalry tss": (TSS, [[n, "Là-Bas", 160, 200, 1965, 1999, 1, 1, "", "", 1, ""] for n in (1, 2)]),
    "rivalry td": (TD, [[n, "Là-Bas", 160, 200, 1966, 2010, "World", "spatial", "", ""] for n in (1, 2)]),
    "ucdp-acd": (ACD, [acd(**FIGHT, conflict_id=n) for n in (1, 2)]),
    "ucdp-dyadic": (DYADIC, [dyad(**FIGHT, dyad_id=n) for n in (1, 2)]),
    "atop-members": (ATOP, [member(n, state, "1990/1/1", "0/0/0", "D") for n in (1, 2) for state in (2, 20)]),
    "atop-dyads": (DYADS, [[a, b, 2018, 1, 0, 0, 0, 0] for a, b in ((2, 20), (20, 2))]),
    "mid": (MIDB, [midb(7, 2, "1/3/1980", "1/5/1980", sidea=1, hostlev=3), midb(7, 40, "1/3/1980", "1/5/1980")]),
    "states cow": (COW, [["ARM", 371, "Arménie la Neuve", 1991, 2016], ["BLR", 370, "Là", 1991, 2016]]),
    "states gw": (GW, [[260, "DEU", "Là", "1949-09-21", "2020-12-31"], [371, "ARM", "Bas", "", ""]]),
}


def text_of(kind: str, separator: str = ",", *, quoting: int = csv.QUOTE_MINIMAL) -> str:
    columns, rows = KINDS[kind]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([columns, *rows])
    return out.getvalue()


def read(folder: Path, kind: str, data: bytes) -> tuple[str, ...]:
    path = folder / "file.csv"
    path.write_bytes(data)
    return import_files(kind.partition(" ")[0], [path]).lines


PREAMBLE = "".join(f"A note, the {n}th; with “quotes”\n" for n in range(1, 11)) + "\n"
FORMS: dict[str, Callable[[str], bytes]] = {
    "a byte-order mark": lambda kind: text_of(kind).encode("utf-8-sig"),
    "cp1252": lambda kind: text_of(kind).encode("cp1252"),
    "line ends of Windows": lambda kind: text_of(kind).replace("\n", "\r\n").encode(),
    "semicolons": lambda kind: text_of(kind, ";").encode(),
    "tabs": lambda kind: text_of(kind, "\t").encode(),
    "every cell quoted": lambda kind: text_of(kind, quoting=csv.QUOTE_ALL).encode(),
    "gzip": lambda kind: gzip.compress(text_of(kind).encode()),
    "a preamble of eleven lines in cp1252": lambda kind: (PREAMBLE + text_of(kind)).encode("cp1252"),
    "empty lines at the end": lambda kind: (text_of(kind) + "\n\n").encode(),
    "no line end at the end": lambda kind: text_of(kind).removesuffix("\n").encode(),
}


def test_every_importer_of_files_is_here() -> None:
    assert {kind.partition(" ")[0] for kind in KINDS} == set(OFFERS) - {"wikidata"}


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_reads_the_same_in_every_form(tmp_path: Path, kind: str, form: str) -> None:
    plain = read(tmp_path, kind, text_of(kind).encode())
    assert plain and read(tmp_path, kind, FORMS[form](kind)) == plain


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"sipri"}))
def test_columns_may_stand_in_any_order(tmp_path: Path, kind: str) -> None:
    """Not those of SIPRI: a column without a name belongs to the one before it."""
    columns, rows = KINDS[kind]
    turned = "\n".join(",".join(f'"{cell}"' for cell in reversed(row)) for row in [columns, *rows])
    assert read(tmp_path, kind, turned.encode()) == read(tmp_path, kind, text_of(kind).encode())


def with_points(kind: str, only: str | None = None) -> Rows:
    """The table with its whole numbers as a program writes them that takes a column with gaps for one of fractions."""
    columns, rows = KINDS[kind]
    turned = [
        [
            f"{cell}.0" if only in (None, column) and re.fullmatch(r"-?\d+", str(cell)) else cell
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in rows
    ]
    return columns, turned


@pytest.mark.parametrize("kind", KINDS)
def test_whole_numbers_may_be_written_with_a_point(tmp_path: Path, kind: str) -> None:
    columns, _ = KINDS[kind]
    plain = read(tmp_path, kind, text_of(kind).encode())
    for column in (None, *filter(str.strip, columns)):
        _, rows = with_points(kind, column)
        text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [columns, *rows])
        assert read(tmp_path, kind, text.encode()) == plain, column
        assert read(tmp_path, kind, text.replace('"', "").encode()) == plain, column


@pytest.mark.parametrize("kind", ["rivalry tss", "ucdp-acd", "ucdp-dyadic", "atop-members", "mid"])
def test_a_row_written_with_points_repeats_one_without(tmp_path: Path, kind: str) -> None:
    columns, rows = with_points(kind)
    plain, other = tmp_path / "plain.csv", tmp_path / "points.csv"
    plain.write_text(text_of(kind), encoding="utf-8")
    with other.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    result = import_files(kind.partition(" ")[0], [plain, other])
    assert [(part.reason, part.count) for part in result.set_aside] == [
        ("repeats an earlier row of plain.csv", len(rows))
    ]


def test_an_overview_of_disputes_may_be_written_with_points(tmp_path: Path) -> None:
    participants, overview = tmp_path / "MIDB.csv", tmp_path / "MIDA.csv"
    sides = [midb(7, 2, "1/3/2014", "31/12/2014", sidea=1, hostlev=4), midb(7, 40, "1/3/2014", "31/12/2014")]
    table(participants, MIDB, sides)
    KINDS["mida"] = (MIDA, [mida(7, ongo2014=1)])
    try:
        overview.write_text(text_of("mida"), encoding="utf-8")
        plain = import_files("mid", [participants, overview]).lines
        table(overview, *with_points("mida"))
    finally:
        del KINDS["mida"]
    assert import_files("mid", [participants, overview]).lines == plain
    assert any("ongoingAsOf" in line for line in plain)


def refused(folder: Path, kind: str, text: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(folder, kind, text.encode())
    assert caught.value.file.endswith("file.csv")
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_is_not_known_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    header, _, rest = text_of(kind).partition("\n")
    more = "\n".join(f"{line},1" for line in rest.splitlines())
    for before, line in (("", 1), ("A note\n\n", 3)):
        fault = refused(tmp_path, kind, f"{before}{header},surprise\n{more}\n")
        assert "unknown column 'surprise'" in str(fault) and "another edition" in str(fault) and fault.line == line


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_is_missing_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    columns, rows = KINDS[kind]
    gone = {"sipri": "Supplier", "states cow": "statenme", "states gw": "statename"}.get(kind, columns[0])
    place = list(columns).index(gone)
    kept = [[cell for n, cell in enumerate(row) if n != place] for row in [columns, *rows]]
    fault = refused(tmp_path, kind, "\n".join(",".join(f'"{cell}"' for cell in row) for row in kept))
    if kind.startswith("states"):
        assert "another kind of file" in str(fault) or "lacks the column" in str(fault)
    else:
        assert f"lacks the column '{gone}'" in str(fault), str(fault)
    assert fault.line == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_record_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    lines = text_of(kind).splitlines()
    last = len(lines)
    long = refused(tmp_path, kind, "\n".join([*lines[:-1], lines[-1] + ",1,2,3,4"]))
    assert f"cells where the header has {len(KINDS[kind][0])}" in str(long) and long.line == last
    stub = refused(tmp_path, kind, "\n".join([*lines[:-1], lines[-1].split(",")[0]]))
    assert "cell" in str(stub) and stub.line in (last - 1, last)
    quote = refused(tmp_path, kind, "\n".join([*lines[:-1], '"' + lines[-1]]))
    assert "cannot be read" in str(quote) and quote.line is not None and quote.line >= last


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_or_of_none(tmp_path: Path, kind: str) -> None:
    other = "ucdp-acd" if kind != "ucdp-acd" else "rivalry td"
    for text in (text_of(other), "<html>\n<p>Not found</p>\n", ""):
        fault = refused(tmp_path, kind, text)
        assert "another kind of file" in str(fault) or "lacks the column" in str(fault)
    path = tmp_path / "file.csv"
    path.write_bytes(text_of(kind).encode() + b'"\x81\x8d"\n')
    with pytest.raises(ParseError, match="neither UTF-8 nor cp1252") as caught:
        import_files(kind.partition(" ")[0], [path])
    assert caught.value.line == len(text_of(kind).splitlines()) + 1
    header = text_of(kind).splitlines()[0] + "\n"
    assert "no records" in str(refused(tmp_path, kind, header))


def test_an_overview_of_disputes_reads_the_same_in_every_form(tmp_path: Path) -> None:
    participants = tmp_path / "MIDB.csv"
    participants.write_text(text_of("mid"), encoding="utf-8")
    KINDS["mida"] = (MIDA, [mida(7, hostlev=3)])
    try:
        found = set()
        for form in FORMS.values():
            path = tmp_path / "file.csv"
            path.write_bytes(form("mida"))
            found.add(import_files("mid", [participants, path]).lines)
        assert len(found) == 1
    finally:
        del KINDS["mida"]


STRANGER: dict[str, tuple[int, object]] = {
    "sipri": (0, "Atlantis"),
    "rivalry tss": (2, 999),
    "rivalry td": (2, 999),
    "ucdp-acd": (ACD.index("gwno_a"), 999),
    "ucdp-dyadic": (DYADIC.index("gwno_a"), 999),
    "atop-members": (2, 999),
    "atop-dyads": (0, 999),
    "mid": (2, 999),
}
"""The column of each file in which a state stands that no list has."""


@pytest.mark.parametrize("kind", STRANGER)
def test_strict_refuses_a_row_that_is_set_aside_and_names_its_line(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    columns, rows = KINDS[kind]
    place, value = STRANGER[kind]
    odd = [*rows[-1][:place], value, *rows[-1][place + 1 :]]
    path, out = tmp_path / "file.csv", tmp_path / "facts.nt"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows[:-1], odd])
    source = kind.partition(" ")[0]
    assert main(["import", source, str(path), "--out", str(out)]) == 0 and out.exists()
    said = capfd.readouterr().err
    assert "not in the list of states (file.csv:" in said
    out.unlink()
    assert main(["import", source, str(path), "--out", str(out), "--strict"]) == 1 and not out.exists()
    assert "file.csv:" in capfd.readouterr().err
