"""Reading tables as publishers and their users leave them: each record with its line, each fault with its place.

A file may be UTF-8 with or without a byte-order mark, UTF-16 with one, or cp1252, compressed with gzip, comma,
semicolon or tab separated, and begin with lines that are no table. Columns are told by their names, in any order and
whatever the case; a column that an importer does not know means another edition and is refused by name, for its
meaning would have to be guessed. A whole number is read as one also where another program wrote ``1815.0``, as many do
with a column that has gaps.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kg.errors import ParseError
from kg.importing.texts import read_text
from kg.terms import near_misses

__all__ = ["Layout", "Record", "Table", "one_edition", "read_any", "read_table"]

_PREAMBLE = 60
"""How many lines may stand before the header."""

_ROW_NAMES = "#row names"
"""What the first column is called where it has no name: R and pandas write the names of rows there."""

_UNPLAIN = re.compile(r'["\r\0]|^ | $', re.MULTILINE)
"""What makes a table one that cannot simply be cut at its separators."""
_WHOLE = re.compile(r"(-?\d+)(\.0+)?")


@dataclass(frozen=True)
class Layout:
    """The columns of a data set.

    Attributes:
        required: columns without which a file is not this data set.
        optional: columns that an importer knows of and that may be missing.
        keys: columns that no whole record leaves empty; a record that does is the rest of the one before it.
        numbers: columns that hold a whole number in every whole record.
        flags: columns after which a column without a name belongs to them and holds ``?``.
        whole: columns whose numbers are whole, so that ``1815.0`` is 1815 in them.
        bare: the columns of a tab-separated file that its publisher offers without a header, each with what its cells
            look like; nothing where there is no such file.
    """

    required: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    bare: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Record:
    """One record of a table: its number counted from 1 without the header, the line it begins on, and its cells."""

    number: int
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """The cell of a column, ``""`` where the file lacks it."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """One file.

    Attributes:
        file: name of the file, without its folders.
        path: the file as the caller named it.
        frame: cells as text, by column, indexed by the number of the record, with the line in the column ``#line``.
        mended: numbers of the records that a line break had torn in two.
        digest: SHA-256 of the text, so that a file is known under whatever path.
        preamble: what stands before the header.
        is_open: whether the last line has no end: a file that was cut in its last cell looks no different.
    """

    file: str
    path: str
    frame: pd.DataFrame
    mended: tuple[int, ...]
    digest: str = ""
    preamble: str = ""
    is_open: bool = False

    def __iter__(self) -> Iterator[Record]:
        columns = [str(column) for column in self.frame.columns[:-1]]
        cells = [self.frame[column].tolist() for column in columns]
        places = zip(self.frame.index.tolist(), self.frame["#line"].tolist(), strict=True)
        for (number, line), row in zip(places, zip(*cells, strict=True), strict=True):
            yield Record(number, line, dict(zip(columns, row, strict=True)))

    def __len__(self) -> int:
        return len(self.frame)

    def fault(self, line: int, message: str) -> ParseError:
        """An error at a line of this file."""
        return ParseError(self.path, message, line)


def read_table(path: Path, layout: Layout) -> Table:
    """Read one file.

    Args:
        path: the file.
        layout: the columns to expect.

    Raises:
        ParseError: the file cannot be read, is another data set or another edition, or a record cannot be mended.
    """
    return _read(path, read_text(path), layout)


def read_any(path: Path, layouts: Sequence[Layout]) -> tuple[Layout, Table]:
    """Read one file of several kinds, told by the header.

    Args:
        path: the file.
        layouts: the columns of each kind. A file that is none of them is held against the one it comes nearest to, so
            that the error says what is wrong with it.

    Raises:
        ParseError: as by :func:`read_table`.
    """
    text = read_text(path)
    lines = text.split("\n")[:_PREAMBLE]
    for layout in layouts:
        if layout.bare and _is_bare(lines[0], layout):
            return layout, _read(path, text, layout, "\t".join(column for column, _ in layout.bare) + "\n")

    def share(layout: Layout) -> float:
        found = (
            sum(column.casefold() in cells for column in layout.required) for line in lines for _, cells in _cut(line)
        )
        return max(found, default=0) / len(layout.required)

    nearest = max(layouts, key=share)
    return nearest, _read(path, text, nearest)


def one_edition(found: Sequence[tuple[Table, str]], what: str) -> None:
    """Refuse files of several editions: what two of them hold would count twice.

    Args:
        found: each file with the name of its edition.
        what: what such a name is one of, such as ``version``.

    Raises:
        ParseError: a file is of another edition than the first.
    """
    for table, edition in found:
        first, other = found[0]
        if edition != other:
            line = int(table.frame["#line"].iloc[0])
            message = f"is of {what} {edition}, {first.file} of {other}: import them apart, for two graphs"
            raise table.fault(line, message)


def _is_bare(line: str, layout: Layout) -> bool:
    cells = line.rstrip("\r").split("\t")
    return len(cells) == len(layout.bare) and all(
        re.fullmatch(pattern, cell.strip()) for cell, (_, pattern) in zip(cells, layout.bare, strict=True)
    )


def _read(path: Path, text: str, layout: Layout, header: str = "") -> Table:
    """The table of a text, or of one that lacks its header and is given it."""
    lines = [*io.StringIO(header + text)]
    start, separator = _header(path, lines, layout)
    preamble, body = "".join(lines[:start]), "".join(lines[start:])
    # A header that the file lacks is no line of it.
    start -= bool(header)
    reader = csv.reader(io.StringIO(body), delimiter=separator, strict=True)
    try:
        columns = _columns(path, [cell.strip() for cell in next(reader)], layout, start + 1)
        mended: Sequence[int] = ()
        frame = _plain(body, columns, separator, layout, start)
        if frame is None:
            rows, lines_of, mended = _rows(path, reader, columns, layout, start)
            if not rows:
                raise ParseError(str(path), "has a header and no records", start + 1)
            frame = pd.DataFrame(rows, columns=columns, index=range(1, len(rows) + 1), dtype=object)
            frame["#line"] = lines_of
    except csv.Error as fault:
        what = str(fault).partition(" - ")[0]
        raise ParseError(str(path), f"a record cannot be read: {what}", start + reader.line_num) from fault
    frame = frame.drop(columns=_ROW_NAMES, errors="ignore")
    for column in layout.whole.intersection(frame.columns):
        if frame[column].str.contains(".", regex=False).any():
            frame[column] = [_without_point(cell) for cell in frame[column]]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Table(path.name, str(path), frame, tuple(mended), digest, preamble, not text.endswith("\n"))


def _without_point(cell: str) -> str:
    """A whole number as its digits, and anything else as it is."""
    found = _WHOLE.fullmatch(cell)
    return found[1] if found else cell


def _is_whole(cell: str) -> bool:
    """Whether a cell is a whole number that is not negative."""
    return not cell.startswith("-") and _WHOLE.fullmatch(cell) is not None


def _plain(body: str, columns: Sequence[str], separator: str, layout: Layout, start: int) -> pd.DataFrame | None:
    """The records of a table in which nothing is quoted, torn, padded or short; ``None`` for any other.

    Such a table can be cut by a parser in C, which counts for a million cells.
    """
    _, _, records = body.replace("\r\n", "\n").partition("\n")
    if _UNPLAIN.search(records) or f" {separator}" in records or f"{separator} " in records:
        return None
    lines = records.removesuffix("\n").split("\n")
    if not all(lines) or any(line.count(separator) != len(columns) - 1 for line in lines):
        return None
    frame = pd.read_csv(
        io.StringIO(records),
        sep=separator,
        header=None,
        names=list(columns),
        dtype=object,
        keep_default_na=False,
        na_filter=False,
        quoting=csv.QUOTE_NONE,
    )
    if len(frame) != len(lines) or any((frame[key] == "").any() for key in layout.keys):
        return None
    if any(not frame[column].map(_is_whole).all() for column in layout.numbers):
        return None
    # The parser leaves a block a column; a copy is one block, to which a column can be added without a warning.
    frame = frame.copy()
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    frame["#line"] = range(start + 2, start + 2 + len(frame))
    return frame


def _cut(line: str) -> Iterator[tuple[str, set[str]]]:
    """The cells of a line by each separator, without their case; of a line that is no record by none."""
    for separator in ",;\t":
        try:
            yield separator, {cell.strip().casefold() for cell in next(csv.reader([line], delimiter=separator), [])}
        except csv.Error:
            continue


def _header(path: Path, lines: Sequence[str], layout: Layout) -> tuple[int, str]:
    """Index of the line with the header, and what separates the cells."""
    best: tuple[int, int] = (0, 0)
    for index, line in enumerate(lines[:_PREAMBLE]):
        for separator, cells in _cut(line):
            found = sum(column.casefold() in cells for column in layout.required)
            if found == len(layout.required):
                return index, separator
            best = max(best, (found, -index))
    if best[0] == 0:
        raise ParseError(str(path), f"is another kind of file; expected a header with {', '.join(layout.required)}", 1)
    nearest = -best[1]
    present = {cell for _, cells in _cut(lines[nearest]) for cell in cells}
    missing = [column for column in layout.required if column.casefold() not in present]
    raise ParseError(str(path), f"lacks the {_columns_named(missing)}; is it another edition?", nearest + 1)


def _columns(path: Path, names: list[str], layout: Layout, line: int) -> list[str]:
    """Names of the columns; one without a name is called after the column before it."""
    known = {*layout.required, *layout.optional, *(f"{column}?" for column in layout.flags)}
    written = {column.casefold(): column for column in sorted(known)}
    columns: list[str] = []
    for name in names:
        if name not in known:
            name = written.get(name.casefold(), name)
        if not name and not columns:
            name = _ROW_NAMES
        elif not name and columns and columns[-1] in layout.flags:
            name = f"{columns[-1]}?"
        elif not name:
            raise ParseError(str(path), f"column {len(columns) + 1} has no name", line)
        if name in columns:
            raise ParseError(str(path), f"two columns are called {name!r}", line)
        columns.append(name)
    unknown = [column for column in columns if column not in known and column != _ROW_NAMES]
    if unknown:
        near = near_misses(unknown[0], known, 1)
        hint = f" (near {near[0]!r})" if near else ""
        raise ParseError(str(path), f"unknown {_columns_named(unknown)}{hint}: another edition, or another file", line)
    return columns


def _columns_named(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{'column' if len(names) == 1 else 'columns'} {shown}"


def _rows(
    path: Path, reader: Iterable[list[str]], columns: Sequence[str], layout: Layout, start: int
) -> tuple[list[list[str]], list[int], list[int]]:
    rows: list[list[str]] = []
    lines: list[int] = []
    mended: list[int] = []
    keys = [columns.index(key) for key in layout.keys]
    numbers = [columns.index(column) for column in layout.numbers]
    width = len(columns)
    first = start + reader.line_num + 1  # type: ignore[attr-defined]
    for cells in reader:
        line, first = first, start + reader.line_num + 1  # type: ignore[attr-defined]
        if not any(cells):
            continue
        lacking = len(cells) < width or any(not cells[key].strip() for key in keys)
        if len(cells) != width or lacking or not all(_is_whole(cells[column].strip()) for column in numbers):
            whole = _mend(rows[-1], cells, width) if rows else None
            if whole is not None and not _begins_alike(cells, whole, [*keys, *numbers]):
                rows[-1] = whole
                mended.append(len(rows))
                continue
            if len(cells) > width or any(key >= len(cells) or not cells[key].strip() for key in keys):
                message = f"a record of {len(cells)} cells where the header has {width}, or one without a key; mend it"
                raise ParseError(str(path), message, line)
        rows.append(cells)
        lines.append(line)
    for cells, line in zip(rows, lines, strict=True):
        if len(cells) != width:
            raise ParseError(str(path), f"a record of {len(cells)} cells where the header has {width}; mend it", line)
    return [[cell.strip() for cell in row] for row in rows], lines, mended


def _begins_alike(cells: Sequence[str], before: Sequence[str], telling: Sequence[int]) -> bool:
    """Whether cells begin as the record before does, so that they are a record of their own and not the rest of it."""
    return max(telling, default=len(cells)) < len(cells) and all(
        cells[column].strip() and _is_whole(cells[column].strip()) == _is_whole(before[column].strip())
        for column in telling
    )


def _mend(torn: Sequence[str], rest: Sequence[str], width: int) -> list[str] | None:
    """Two parts of one record that a line break tore inside a cell; ``None`` where they do not make one record.

    The cells must add up. Whoever padded the first part with empty cells padded the rest too: a rest that is short
    after a record of full width is a record that was cut.
    """
    if len(torn) == width == len(rest):
        torn, rest = _trimmed(torn), _trimmed(rest)
    needed = width - len(torn) + 1
    if not 1 < needed <= len(rest) or any(cell.strip() for cell in rest[needed:]):
        return None
    # The cell that was torn may have been empty before or after the break.
    joined = " ".join(part for part in (torn[-1].strip(), rest[0].strip()) if part)
    return [*torn[:-1], joined, *rest[1:needed]]


def _trimmed(cells: Sequence[str]) -> list[str]:
    cells = list(cells)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells
