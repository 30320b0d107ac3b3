"""SIPRI trade register: one row a deal, with the years of its deliveries.

A row becomes a transfer for each run of years in which something was delivered; quantity and trend-indicator value
are of the deal as a whole and stay with it only where it has one run, so that no sum counts them twice. ``?`` after a
figure marks an estimate, ``*`` after a recipient a non-state group and ``**`` an organization. A supplier that SIPRI
calls uncertain is claimed as no more than possible.

The register numbers no deals. A deal is known by a digest of its whole row, so that it is one node out of whatever
extracts, and no two deals share a node; rows that are equal are deals of their own, told by how many came before in
their file. Which edition a file is of is said by what stands before its header or by its name, and never by its last
delivery, for an extract may end early. Files of several editions are refused, for a deal that went on from one to the
next would count twice; where a file does not say, a note does.

Reference:
    SIPRI Arms Transfers Database, Sources and Methods
        (https://www.sipri.org/databases/armstransfers/sources-and-methods).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.dates import come
from kg.importing.records import Layout, Record, Table, one_edition, read_table
from kg.importing.results import Import
from kg.importing.states import Unresolved, states
from kg.importing.writing import Publication, Writer, decimal, identifier
from kg.rows import runs
from kg.vocab import FOEDUS, SKOS, XSD

__all__ = ["read_sipri"]

_ORDERED: Final = "Year of order"
_ORDERED_NUMBER: Final = "Number ordered"
_DELIVERED: Final = "Number delivered"
_YEARS: Final = "Year(s) of delivery"
_TIV: Final = "SIPRI TIV of delivered weapons"
_FIGURES: Final = ("SIPRI TIV per unit", "SIPRI TIV for total order", _TIV)
_LAYOUT: Final = Layout(
    (
        "Recipient",
        "Supplier",
        _ORDERED,
        _ORDERED_NUMBER,
        "Weapon designation",
        "Weapon description",
        _DELIVERED,
        _YEARS,
        "Comments",
    ),
    frozenset({"status", "Status", *_FIGURES}),
    ("Recipient", "Supplier"),
    (_ORDERED,),
    frozenset({_ORDERED, _ORDERED_NUMBER, _DELIVERED, _YEARS}),
    # The register writes a figure that is whole without a point.
    frozenset({_ORDERED, _ORDERED_NUMBER, _DELIVERED, _YEARS, *_FIGURES}),
)
_FLAGGED: Final = (
    (_ORDERED, "year of order"),
    (_ORDERED_NUMBER, "number ordered"),
    (_DELIVERED, "number delivered"),
    (_YEARS, "years of delivery"),
)
_UNKNOWN: Final = re.compile(r"unknown\b", re.IGNORECASE)
_DOUBTFUL: Final = re.compile(r"supplier uncertain", re.IGNORECASE)
_FIRST_YEAR: Final = 1950
_FIRST_ORDER: Final = 1900
"""What is delivered from 1950 on was not ordered before: an earlier year is a slip."""

_TELLING: Final = sorted({*_LAYOUT.required, *_LAYOUT.optional, *(f"{column}?" for column in _LAYOUT.flags)})
"""The columns of which a deal is told, whatever their order in the file."""

_SERIES: Final = "sipri-trade-register"
_TITLE: Final = "SIPRI Arms Transfers Database, trade register"
_EDITION: Final = re.compile(r"deliveries[\W_]*to[\W_]*((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_GENERATED: Final = re.compile(r"generated\W*(\d{1,2} [a-z]+ \d{4})", re.IGNORECASE)


def read_sipri(paths: Sequence[Path]) -> Import:
    """Import trade registers.

    Args:
        paths: files of one edition of the trade register, with deliveries of any years.

    Raises:
        ParseError: a file is no trade register or of another edition, or a cell cannot be read.
    """
    writer = Writer("sipri")
    registers = []
    for path in paths:
        table = read_table(path, _LAYOUT)
        writer.take(table)
        rows = [
            Record(r.number, r.line, {name: " ".join(cell.split()) for name, cell in r.cells.items()}) for r in table
        ]
        years = [_years(table, row) for row in rows]
        last = max((year for found in years for year in found), default=None)
        if last is None:
            raise table.fault(rows[0].line, "no row has a year of delivery")
        registers.append((table, rows, years, _publication(table, last)))
    stated = [(table, _named(publication)) for table, *_, publication in registers if publication.published is not None]
    one_edition(stated, "the edition")
    if len(registers) > 1 and len(stated) < len(registers):
        writer.note("files may be of several editions; a deal that they tell in two ways counts twice", len(registers))
    editions = _editions([publication for *_, publication in registers])
    for table, rows, years, publication in registers:
        edition = editions[publication.slug]
        if edition.published is None:
            writer.note("files do not say of which edition they are; they count as published after their last delivery")
        seen: Counter[str] = Counter()
        for row, found in zip(rows, years, strict=True):
            digest = hashlib.sha256("\x1f".join(row.get(column) for column in _TELLING).encode()).hexdigest()[:16]
            seen[digest] += 1
            if seen[digest] > 1:
                writer.note(f"rows of {table.file} equal an earlier one and are taken for deals of their own")
            key = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
            _transfer(writer, edition, table, row, key, found)
    return writer.finish()


def _editions(publications: Sequence[Publication]) -> dict[str, Publication]:
    """Each edition once: extracts of one may have their last deliveries in different years."""
    editions: dict[str, Publication] = {}
    for publication in publications:
        other = editions.setdefault(publication.slug, publication)
        editions[publication.slug] = max(other, publication, key=lambda edition: edition.years or (0, 0))
    return editions


def _named(publication: Publication) -> str:
    """What tells an edition from others, in words."""
    return repr(publication.title.removeprefix(_TITLE).lstrip(", "))


def _publication(table: Table, last: int) -> Publication:
    """The edition of a file whose last delivery is of some year."""
    what = (
        f"Deliveries of major conventional weapons from {_FIRST_YEAR}{{}}, by year; small arms and most ammunition are "
        "not recorded."
    )
    title, producer = _TITLE, "Stockholm International Peace Research Institute"
    named = _EDITION.search(table.preamble) or _EDITION.search(table.file)
    if named is not None and int(named[1]) >= last:
        return Publication(
            slug=f"{_SERIES}-{named[1]}",
            title=f"{title}, deliveries to {named[1]}",
            producer=producer,
            coverage=what.format(f" to {named[1]}"),
            published=f"{int(named[1]) + 1}",
            years=(_FIRST_YEAR, int(named[1])),
            series=_SERIES,
        )
    generated = _day_generated(table.preamble)
    if generated is not None and generated.year >= last:
        return Publication(
            slug=f"{_SERIES}-of-{generated.isoformat()}",
            title=f"{title} as of {generated.isoformat()}",
            producer=producer,
            coverage=what.format(""),
            published=generated.isoformat(),
            years=(_FIRST_YEAR, last),
            series=_SERIES,
        )
    return Publication(
        slug=f"{_SERIES}-edition-unknown-{last}",
        title=f"{title}, edition unknown, last delivery {last}",
        producer=producer,
        coverage=f"{what.format('')} Whether this is an extract, and when it was published, is not known.",
        not_before=f"{last}-12-31",
        years=(_FIRST_YEAR, last),
        series=_SERIES,
    )


def _day_generated(preamble: str) -> date | None:
    found = _GENERATED.search(preamble)
    try:
        return None if found is None else datetime.strptime(found[1], "%d %B %Y").date()
    except ValueError:
        return None


def _transfer(writer: Writer, publication: Publication, table: Table, row: Record, key: str, years: list[int]) -> None:
    estimates = _estimates(table, row)
    if not years:
        writer.aside(table, row.number, row.line, "nothing delivered yet")
        return
    for role in ("Supplier", "Recipient"):
        if _UNKNOWN.match(row[role]):
            writer.aside(table, row.number, row.line, f"{role.lower()} unknown")
            return
    try:
        supplier, supplied_by = _party(writer, row["Supplier"])
        recipient, supplied_to = _party(writer, row["Recipient"])
    except Unresolved as fault:
        writer.aside(table, row.number, row.line, str(fault))
        return
    if supplier == recipient:
        writer.aside(table, row.number, row.line, "supplier and recipient are one state")
        return
    found = runs(years)
    count = _whole(table, row, _DELIVERED)
    whole: list[tuple[NamedNode, Literal | str | None]]
    if len(found) == 1:
        whole = [
            (FOEDUS.quantity, None if count is None else Literal(count)),
            (FOEDUS.trendIndicatorValue, _figure(table, row, _TIV)),
        ]
    else:
        total = "" if count is None else f" {count} were delivered in all of them."
        whole = [(FOEDUS.summary, f"One of {len(found)} runs of years in which a deal was delivered.{total}")]
    parts = []
    for first, last in found:
        suffix = f"-{first}" if len(found) > 1 else ""
        when = str(first) if first == last else f"{first}-{last}"
        designation, description = row["Weapon designation"], row["Weapon description"]
        weapon = designation if designation == description else f"{designation} ({description})"
        node = writer.node(
            identifier("transfer", f"sipri-{key}{suffix}"),
            FOEDUS.ArmsTransfer,
            f"{designation} from {supplied_by} to {supplied_to}, {when} (SIPRI)",
            (FOEDUS.supplier, supplier),
            (FOEDUS.recipient, recipient),
            (FOEDUS.weapon, weapon),
            (FOEDUS.orderedOn, Literal(row[_ORDERED], datatype=XSD.gYear)),
            (SKOS.editorialNote, estimates),
            *whole,
            begin=str(first),
            end=str(last),
        )
        parts.append(node)
    doubtful = _DOUBTFUL.search(row["Comments"]) is not None
    if doubtful:
        writer.note("rows whose supplier SIPRI calls uncertain are claimed as Speculated")
    if len(found) > 1:
        writer.note("deals were delivered in several runs of years and are a transfer a run")
    modality = FOEDUS.Speculated if doubtful else FOEDUS.Fact
    writer.claim(publication, key, table, [row.number], parts, modality)


def _party(writer: Writer, name: str) -> tuple[NamedNode, str]:
    plain = name.rstrip("*").strip()
    if not name.endswith("*"):
        state = states().named(name)
        return state, states().label(state)
    if _UNKNOWN.match(plain):
        raise Unresolved("recipient unknown")
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain.lower())
    return writer.organization(identifier("organization", f"sipri-{'-'.join(words.split())}"), plain), plain


def _estimates(table: Table, row: Record) -> str | None:
    for column, _ in _FLAGGED:
        flag = row.get(f"{column}?")
        if flag not in ("", "?"):
            raise table.fault(row.line, f"the column after {column!r}: {flag!r} is neither empty nor '?'")
    doubted = [words for column, words in _FLAGGED if row.get(f"{column}?")]
    return f"An estimate of SIPRI: {', '.join(doubted)}." if doubted else None


def _years(table: Table, row: Record) -> list[int]:
    ordered = _year(table, row, _ORDERED, row[_ORDERED], "; is the record torn?")
    parts = (part.strip().strip("()") for part in row[_YEARS].split(";") if part.strip())
    years = [_year(table, row, _YEARS, text) for text in parts]
    for year in years:
        if year < _FIRST_YEAR:
            message = f"{_YEARS}: the year {year} is before {_FIRST_YEAR}, with which the data begin"
            raise table.fault(row.line, message)
        if year < ordered:
            raise table.fault(row.line, f"{_YEARS}: the year {year} is before {ordered}, that of the order")
    if ordered < _FIRST_ORDER:
        raise table.fault(row.line, f"{_ORDERED}: the year {ordered} is before {_FIRST_ORDER}, and too early to be one")
    return years


def _year(table: Table, row: Record, column: str, text: str, hint: str = "") -> int:
    if not re.fullmatch(r"\d{4}", text):
        raise table.fault(row.line, f"{column}: {text!r} is no year{hint}")
    try:
        return come(int(text))
    except ValueError as fault:
        raise table.fault(row.line, f"{column}: {fault}") from fault


def _whole(table: Table, row: Record, column: str) -> int | None:
    text = row[column].strip("()")
    if not text:
        return None
    if not re.fullmatch(r"\d+", text):
        raise table.fault(row.line, f"{column}: {text!r} is no whole number")
    return int(text)


def _figure(table: Table, row: Record, column: str) -> Literal | None:
    text = row.get(column)
    if text and not re.fullmatch(r"\d+(\.\d+)?", text):
        raise table.fault(row.line, f"{column}: {text!r} is no figure")
    return decimal(text)
