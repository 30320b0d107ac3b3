"""SIPRI trade register: one row a deal, with the years of its deliveries.

A row becomes a transfer for each run of years in which something was delivered; quantity and trend-indicator value
are of the deal as a whole and stay with it only where it has one run, so that no sum counts them twice. ``?`` after a
figure marks an estimate, ``*`` after a recipient a non-state group and ``**`` an organization. A supplier that SIPRI
calls uncertain is claimed as no more than possible.

Reference:
    SIPRI Arms Transfers Database, Sources and Methods
        (https://www.sipri.org/databases/armstransfers/sources-and-methods).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.dates import runs
from kg.importing.records import Layout, Record, Table, read_table
from kg.importing.states import Unresolved, states
from kg.importing.writing import Import, Publication, Writer, decimal, identifier
from kg.vocab import FOEDUS, SKOS, XSD

__all__ = ["read_sipri"]

_ORDERED: Final = "Year of order"
_ORDERED_NUMBER: Final = "Number ordered"
_DELIVERED: Final = "Number delivered"
_YEARS: Final = "Year(s) of delivery"
_TIV: Final = "SIPRI TIV of delivered weapons"
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
    frozenset({"status", "Status", "SIPRI TIV per unit", "SIPRI TIV for total order", _TIV}),
    ("Recipient", "Supplier"),
    (_ORDERED,),
    frozenset({_ORDERED, _ORDERED_NUMBER, _DELIVERED, _YEARS}),
)
_FLAGGED: Final = ((_ORDERED, "year of order"), (_ORDERED_NUMBER, "number ordered"), (_DELIVERED, "number delivered"))
_UNKNOWN: Final = re.compile(r"unknown\b", re.IGNORECASE)
_DOUBTFUL: Final = re.compile(r"supplier uncertain", re.IGNORECASE)
_FIRST_YEAR: Final = 1950


def read_sipri(paths: Sequence[Path]) -> Import:
    """Import trade registers.

    Args:
        paths: files of the trade register, with deliveries of any years.

    Raises:
        ParseError: a file is no trade register, or a cell cannot be read.
    """
    writer = Writer("sipri")
    for path in paths:
        table = read_table(path, _LAYOUT)
        writer.take(table)
        years = {row.number: _years(table, row) for row in table}
        everything = [year for found in years.values() for year in found]
        if not everything:
            raise table.fault(int(table.frame["#line"].iloc[0]), "no row has a year of delivery")
        last = max(everything)
        publication = Publication(
            slug=f"sipri-trade-register-{last}",
            title=f"SIPRI Arms Transfers Database, trade register, deliveries to {last}",
            producer="Stockholm International Peace Research Institute",
            coverage=(
                f"Deliveries of major conventional weapons from {_FIRST_YEAR} to {last}, by year; small arms and most "
                f"ammunition are not recorded. This file has deliveries from {min(everything)}."
            ),
            published=f"{last + 1}",
        )
        for row in table:
            _transfer(writer, publication, table, row, years[row.number])
    return writer.finish()


def _transfer(writer: Writer, publication: Publication, table: Table, row: Record, years: list[int]) -> None:
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
    parts = []
    for place, (first, last) in enumerate(found, 1):
        suffix = f"-{place}" if len(found) > 1 else ""
        when = str(first) if first == last else f"{first}-{last}"
        designation, description = row["Weapon designation"], row["Weapon description"]
        weapon = designation if designation == description else f"{designation} ({description})"
        node = writer.node(
            identifier("transfer", f"{publication.slug}-{row.number}{suffix}"),
            FOEDUS.ArmsTransfer,
            f"{designation} from {supplied_by} to {supplied_to}, {when} (SIPRI)",
            (FOEDUS.supplier, supplier),
            (FOEDUS.recipient, recipient),
            (FOEDUS.weapon, weapon),
            (FOEDUS.orderedOn, Literal(row[_ORDERED], datatype=XSD.gYear)),
            (SKOS.editorialNote, _estimates(row)),
            begin=str(first),
            end=str(last),
        )
        if len(found) == 1:
            if count is not None:
                writer.add(node, FOEDUS.quantity, Literal(count))
            value = _figure(table, row, _TIV)
            if value is not None:
                writer.add(node, FOEDUS.trendIndicatorValue, value)
        else:
            total = "" if count is None else f" {count} were delivered in all of them."
            note = f"One of {len(found)} runs of years in which a deal was delivered.{total}"
            writer.add(node, FOEDUS.summary, note)
        parts.append(node)
    doubtful = _DOUBTFUL.search(row["Comments"]) is not None
    if doubtful:
        writer.note("rows whose supplier SIPRI calls uncertain are claimed as Speculated")
    if len(found) > 1:
        writer.note("deals were delivered in several runs of years and are a transfer a run")
    modality = FOEDUS.Speculated if doubtful else FOEDUS.Fact
    writer.claim(publication, str(row.number), table, [row.number], parts, modality)


def _party(writer: Writer, name: str) -> tuple[NamedNode, str]:
    plain = name.rstrip("*").strip()
    if not name.endswith("*"):
        state = states().named(name)
        return state, states().label(state)
    if _UNKNOWN.match(plain):
        raise Unresolved("recipient unknown")
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain.lower())
    return writer.organization(identifier("organization", f"sipri-{'-'.join(words.split())}"), plain), plain


def _estimates(row: Record) -> str | None:
    doubted = [words for column, words in _FLAGGED if row.get(f"{column}?") == "?"]
    return f"An estimate of SIPRI: {', '.join(doubted)}." if doubted else None


def _years(table: Table, row: Record) -> list[int]:
    if not re.fullmatch(r"\d{4}", row[_ORDERED]):
        raise table.fault(row.line, f"{_ORDERED}: {row[_ORDERED]!r} is no year; is the record torn?")
    years = [part.strip().strip("()") for part in row[_YEARS].split(";") if part.strip()]
    for text in years:
        if not re.fullmatch(r"\d{4}", text):
            raise table.fault(row.line, f"{_YEARS}: {text!r} is no year")
    return [int(text) for text in years]


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
