"""ATOP, directed dyad-years: one row a year in which one state owes another something.

Direction matters: ``ccode1`` owes ``ccode2``. Runs of years are one interval: an alliance of two for a run of years
with any obligation, and in it a provision for each run of years in which both owe each other the same, and one that
binds its obligor alone for each run of years in which one does. A row in which nothing is owed belongs to the pair
where the other direction owes something, and is set aside where neither does. The data set does not say under which
treaty.

Several files are extracts of one edition: a run of years may stand in more than one, and the last year of all of them
is where the data stop.

Reference:
    Brett Ashley Leeds, Alliance Treaty Obligations and Provisions (ATOP) Codebook (http://www.atopdata.org).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

import pandas as pd
from pyoxigraph import Literal, NamedNode

from kg.importing.atop import FIRST_YEAR, KINDS, publication
from kg.importing.records import Layout, Table, read_table
from kg.importing.results import Import
from kg.importing.states import Unresolved, states
from kg.importing.writing import Publication, Span, Writer, identifier
from kg.rows import runs
from kg.vocab import FOEDUS, SKOS

__all__ = ["read_atop_dyads"]

_COLUMNS: Final = tuple(f"atop_{kind}" for kind in KINDS)
_WHOLE: Final = ("ccode1", "ccode2", "year")
_LAYOUT: Final = Layout((*_WHOLE, *_COLUMNS), frozenset({"version"}), _WHOLE)
_VERSIONS: Final = {2018: "5.1"}


def read_atop_dyads(paths: Sequence[Path]) -> Import:
    """Import directed dyad-years.

    Args:
        paths: files with a row a directed pair of states and year.

    Raises:
        ParseError: a file is another data set or edition, or a cell cannot be read.
    """
    writer = Writer("atop-dyads")
    tables = []
    for path in paths:
        table = read_table(path, _LAYOUT)
        writer.take(table)
        tables.append(table)
    parts = [_numbers(table).assign(file=place) for place, table in enumerate(tables)]
    frame = pd.concat(parts).rename_axis("row").reset_index()
    _all_distinct(tables, frame)
    last = int(frame["year"].max())
    source = publication(
        "atop-dyads",
        "ATOP directed dyad-years",
        _VERSIONS.get(last, ""),
        last,
        f"By year and pair of states, without the treaty; an alliance of {last} is cut off there and not ended.",
    )
    pairs = _pairs(writer, tables, frame)
    for (low, high), rows in groupby(_years(pairs), key=lambda found: found[:2]):
        _pair(writer, source, tables, str(low), str(high), list(rows), last)
    return writer.finish()


def _numbers(table: Table) -> pd.DataFrame:
    frame = table.frame[[*_WHOLE, *_COLUMNS, "#line"]].copy()
    for column in (*_WHOLE, *_COLUMNS):
        numbers = pd.to_numeric(frame[column], errors="coerce")
        wrong = numbers.isna() | (numbers % 1 != 0)
        if column in _COLUMNS:
            wrong |= ~numbers.isin([0, 1])
        if column == "year":
            wrong |= ~numbers.between(FIRST_YEAR, date.today().year)
        if wrong.any():
            row = frame[wrong].iloc[0]
            raise table.fault(int(row["#line"]), f"{column}: {row[column]!r} is not a number that it can be")
        frame[column] = numbers.astype(int)
    return frame


def _all_distinct(tables: Sequence[Table], frame: pd.DataFrame) -> None:
    """Refuse a pair and year that stands twice, in one file or in two."""
    twice = frame.duplicated(list(_WHOLE))
    if twice.any():
        later = frame[twice].iloc[0]
        same = (frame[list(_WHOLE)] == later[list(_WHOLE)]).all(axis=1)
        first, table = frame[same].iloc[0], tables[later["file"]]
        other = tables[first["file"]]
        place = f"an earlier record, line {first['#line']}" if other is table else f"{other.path}:{first['#line']}"
        pair = f"{later['ccode1']} and {later['ccode2']} in {later['year']}"
        raise table.fault(int(later["#line"]), f"{pair} stand in {place}; keep one of the two")


def _pairs(writer: Writer, tables: Sequence[Table], frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the pairs and years in which either owes the other anything; the others are set aside."""
    numbers = sorted({*frame["ccode1"].unique().tolist(), *frame["ccode2"].unique().tolist()})
    nodes, unlisted = {}, {}
    for number in numbers:
        try:
            nodes[number] = states().cow(str(number)).value
        except Unresolved as fault:
            unlisted[number] = str(fault)
    frame["low"] = frame[["ccode1", "ccode2"]].min(axis=1)
    frame["high"] = frame[["ccode1", "ccode2"]].max(axis=1)
    # A bit an obligation, those of the state of the lower number first.
    owed = sum(frame[column] * (1 << place) for place, column in enumerate(_COLUMNS))
    frame["owed"] = owed * (frame["ccode1"] == frame["low"]).map({True: 1, False: 1 << len(_COLUMNS)})
    owing = frame.groupby(["low", "high", "year"])["owed"].transform("sum") > 0
    unresolved = frame["ccode1"].isin(unlisted) | frame["ccode2"].isin(unlisted)
    same = ~unresolved & (frame["ccode1"].map(nodes) == frame["ccode2"].map(nodes))
    left = unresolved | same | ~owing
    for row in frame[left].itertuples():
        if row.ccode1 in unlisted or row.ccode2 in unlisted:
            reason = unlisted.get(row.ccode1) or unlisted[row.ccode2]
        elif nodes[row.ccode1] == nodes[row.ccode2]:
            reason = "both numbers belong to one state"
        else:
            reason = "no obligation is coded"
        writer.aside(tables[row.file], int(row.row), int(frame.loc[row.Index, "#line"]), reason)
    return frame[~left]


def _years(pairs: pd.DataFrame) -> Iterator[tuple[int, ...]]:
    """The lower and the higher number, the year, the file, the row, and the bits owed, in the order of the pairs."""
    order = ["low", "high", "year", "file", "row"]
    ordered = pairs.sort_values(order)[[*order, "owed"]]
    columns = [ordered[column].tolist() for column in ordered.columns]
    return zip(*columns, strict=True)


def _pair(
    writer: Writer,
    source: Publication,
    tables: Sequence[Table],
    low: str,
    high: str,
    found: Sequence[tuple[int, ...]],
    stops: int,
) -> None:
    one, other = states().cow(low), states().cow(high)
    names = f"{states().label(one)} and {states().label(other)}"
    for first, last in runs([row[2] for row in found]):
        during = [row for row in found if first <= row[2] <= last]
        key = f"atop-dyad-{low}-{high}-{first}"
        span = _dates(first, last, stops)
        alliance = writer.node(
            identifier("alliance", key),
            FOEDUS.Alliance,
            f"obligations of {names} since {first} (ATOP by year)",
            (SKOS.altLabel, Literal(key)),
        )
        nodes: list[NamedNode] = [alliance]
        for state, number in ((one, low), (other, high)):
            nodes.append(
                writer.node(
                    identifier("membership", f"{key}-{number}"),
                    FOEDUS.Membership,
                    f"{states().label(state)} in the obligations of {names} since {first} (ATOP by year)",
                    (FOEDUS.alliance, alliance),
                    (FOEDUS.member, state),
                    **span,
                )
            )
        owed: dict[int, int] = {}
        for _, _, year, _, _, bits in during:
            owed[year] = owed.get(year, 0) | bits
        for place, kind in enumerate(KINDS):
            ours, theirs = 1 << place, 1 << (place + len(KINDS))
            for wanted, obligor in ((ours | theirs, None), (ours, one), (theirs, other)):
                years = [year for year, bits in owed.items() if bits & (ours | theirs) == wanted]
                for begin, end in runs(years):
                    suffix, words = "", f"{kind} between {names}"
                    if obligor is not None:
                        obligee = other if obligor == one else one
                        suffix = f"-{low if obligor == one else high}"
                        words = f"{kind} owed by {states().label(obligor)} to {states().label(obligee)}"
                    nodes.append(
                        writer.node(
                            identifier("provision", f"{key}-{kind}-{begin}{suffix}"),
                            KINDS[kind],
                            f"{words}, {begin}-{end} (ATOP by year)",
                            (FOEDUS.providedBy, alliance),
                            (FOEDUS.binds, obligor),
                            **_dates(begin, end, stops),
                        )
                    )
        rows = [(tables[file], row) for _, _, _, file, row, _ in during]
        writer.claim_together(source, f"{low}-{high}-{first}", rows, nodes)


def _dates(first: int, last: int, stops: int) -> Span:
    ongoing = last == stops
    return {
        "begin": f"{first:04d}",
        "end": FOEDUS.Ongoing if ongoing else f"{last:04d}",
        "as_of": f"{stops:04d}" if ongoing else None,
    }
