"""How results look: tables that fit the terminal, CSV, Markdown, RDF result sets, violations."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from pyoxigraph import Literal, NamedNode, QueryResultsFormat

from kg.answers import Answer
from kg.errors import Inconsistency, UsageError, Violation
from kg.files import write_file
from kg.terms import curie
from kg.vocab import RDFS

__all__ = [
    "FORMATS",
    "choose_format",
    "colour",
    "emit",
    "inconsistency_text",
    "render",
    "table",
    "violation_text",
    "width",
]

FORMATS: Final = {"table": ".txt", "csv": ".csv", "json": ".json", "ttl": ".ttl", "md": ".md"}
"""The formats of an answer, and the suffix that stands for each."""

_PIPE_WIDTH: Final = 80
_RESULT_SET: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"


def width() -> int:
    """How many columns a line of the result may have: those of the terminal, 80 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPE_WIDTH


def colour() -> bool:
    """Whether the result may be coloured: on a terminal, unless ``NO_COLOR`` is set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def choose_format(given: str | None, out: Path | None, formats: dict[str, str], default: str) -> str:
    """The format asked for, by name or by the suffix of the file.

    Raises:
        UsageError: the suffix of the file stands for none.

    Example:
        >>> choose_format(None, Path("allies.csv"), FORMATS, "table")
        'csv'
    """
    if given is not None or out is None:
        return given or default
    for name, suffix in formats.items():
        if out.suffix == suffix:
            return name
    raise UsageError(f"{out}: the suffix says no format; add --format {'|'.join(formats)}")


def emit(data: str | bytes, out: Path | None) -> None:
    """Write a result to a file, or to standard output.

    Raises:
        StoreError: the file cannot be written.
    """
    raw = data.encode() if isinstance(data, str) else data
    if raw and not raw.endswith(b"\n"):
        raw += b"\n"
    if out is None:
        sys.stdout.flush()
        rest = memoryview(raw)
        while rest:  # a stream without a buffer may take only a part
            rest = rest[sys.stdout.buffer.write(rest) :]
        return
    write_file(out, raw)


def render(answer: Answer, form: str, *, iris: bool = False) -> str | bytes:
    """An answer in one of the formats."""
    match form:
        case "table":
            return table(answer.columns, answer.table(iris=iris))
        case "csv":
            return _csv(answer, iris)
        case "md":
            return _markdown(answer, iris)
        case "ttl":
            return _turtle(answer)
        case _:
            return answer.to_sparql(QueryResultsFormat.JSON)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, available: int | None = None) -> str:
    """Rows side by side, or one block a row, without its empty cells, where they would not fit.

    Args:
        columns: the heads.
        rows: the cells.
        available: columns of the terminal; asked of it where not given.

    Example:
        >>> print(table(["state", "since"], [["Armenia", "2002"], ["Belarus", "2002"]], available=20))
        state    since
        -------  -----
        Armenia  2002
        Belarus  2002
        >>> print(table(["state", "since"], [["Armenia", "2002"]], available=10))
        state  Arm
               eni
               a
        since  200
               2
    """
    if not rows:
        return ""
    room = width() if available is None else available
    clean = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(_cells(text) for text in column) for column in zip(columns, *clean, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) > room:
        return "\n\n".join(_block(columns, row, room) for row in clean)
    head = _line(columns, widths)
    lines = [click.style(head, bold=True) if colour() else head, _line(["-" * w for w in widths], widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in clean)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (w - _cells(cell)) for cell, w in zip(cells, widths, strict=True)).rstrip()


def _block(columns: Sequence[str], row: Sequence[str], room: int) -> str:
    margin = max(map(len, columns)) + 2
    lines = []
    for name, cell in zip(columns, row, strict=True):
        head = click.style(name, bold=True) if colour() else name
        for number, part in enumerate(textwrap.wrap(cell, max(room - margin, 3), break_on_hyphens=False)):
            lines.append((" " * margin if number else head + " " * (margin - len(name))) + part)
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text without line breaks and without anything a terminal could take for a command."""
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")


def _cells(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _csv(answer: Answer, iris: bool) -> str:
    import csv

    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(answer.columns)
    for row in answer.terms:
        writer.writerow(term.value if iris and isinstance(term, NamedNode) else answer.text(term) for term in row)
    return sink.getvalue()


def _markdown(answer: Answer, iris: bool) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(_plain(cell).replace("\\", "\\\\").replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(answer.columns), "|" + " --- |" * len(answer.columns), *map(line, answer.table(iris=iris))])


def _turtle(answer: Answer) -> str:
    """The answer in the vocabulary of the W3C's SPARQL test results, with the names of its nodes beside it."""
    lines = [f"@prefix rs: <{_RESULT_SET}> .", "", "[] a rs:ResultSet"]
    lines += [f"  ; rs:resultVariable {Literal(name)}" for name in answer.columns]
    for index, row in enumerate(answer.terms, 1):
        lines.append(f"  ; rs:solution [ rs:index {index}")
        for name, term in zip(answer.columns, row, strict=True):
            if term is not None:
                lines.append(f"    ; rs:binding [ rs:variable {Literal(name)} ; rs:value {term} ]")
        lines.append("  ]")
    lines += [".", ""]
    for node, label in sorted(answer.labels.items()):
        lines.append(f"{NamedNode(node)} {RDFS.label} {Literal(label)} .")
    return "\n".join(lines)


def inconsistency_text(found: Inconsistency) -> str:
    """One contradiction: the rule that finds it, and a line for each of the triples that clash."""
    lines = [f"{found.rule or 'these'}:"]
    for triple in found.triples:
        terms = (curie(term[1:-1]) if term.startswith("<") else term for term in triple)
        lines.append(f"  {' '.join(terms)}")
    return "\n".join(_plain(line) for line in lines)


def violation_text(violation: Violation) -> str:
    """One violation on two or three lines: where, what is wrong and what to do, the value at fault."""
    path = f" {curie(violation.path)}" if violation.path else ""
    kind = "" if violation.severity == "Violation" else f"{violation.severity.lower()}: "
    lines = [f"{violation.file}: {curie(violation.node)}{path}", f"  {kind}{violation.message}"]
    if violation.value:
        lines.append(f"  found: {curie(violation.value)}")
    return "\n".join(_plain(line) for line in lines)
