"""ATOP, directed dyad-years: one row a year in which one state owes another something.

Direction matters: ``ccode1`` owes ``ccode2``. In the graph a provision binds both members of an alliance of two, so
what becomes one is only what both owe each other in the same year. A year is in the graph once its obligation is owed
in both directions; rows in which nothing is are set aside, and what else is owed in one direction only is counted.

Runs of years are one interval: an alliance of two for a run of years with any mutual obligation, and in it a
provision for each run of years of each obligation. The data set does not say under which treaty.

Reference:
    Brett Ashley Leeds, Alliance Treaty Obligations and Provisions (ATOP) Codebook (http://www.atopdata.org).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import pandas as pd
from pyoxigraph import NamedNode

from kg.importing.atop import KINDS, publication
from kg.importing.dates import runs
from kg.importing.records import Layout, Table, read_table
from kg.importing.states import Unresolved, states
from kg.importing.writing import Import, Publication, Span, Writer, identifier
from kg.vocab import FOEDUS

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
    for path in paths:
        table = read_table(path, _LAYOUT)
        writer.take(table)
        frame = _numbers(table)
        last = int(frame["year"].max())
        source = publication(
            "atop-dyads",
            "ATOP directed dyad-years",
            _VERSIONS.get(last, ""),
            last,
            f"By year and pair of states, without the treaty; an alliance of {last} is cut off there and not ended.",
        )
        mutual = _mutual(writer, table, frame)
        for (low, high), rows in groupby(_years(mutual), key=lambda found: found[:2]):
            _pair(writer, source, table, str(low), str(high), list(rows), last)
    return writer.finish()


def _numbers(table: Table) -> pd.DataFrame:
    frame = table.frame[[*_WHOLE, *_COLUMNS, "#line"]].copy()
    for column in (*_WHOLE, *_COLUMNS):
        numbers = pd.to_numeric(frame[column], errors="coerce")
        wrong = numbers.isna() | (numbers % 1 != 0)
        if column in _COLUMNS:
            wrong |= ~numbers.isin([0, 1])
        if wrong.any():
            row = frame[wrong].iloc[0]
            raise table.fault(int(row["#line"]), f"{column}: {row[column]!r} is not a number that it can be")
        frame[column] = numbers.astype(int)
    twice = frame.duplicated(list(_WHOLE))
    if twice.any():
        raise table.fault(int(frame[twice]["#line"].iloc[0]), "the same pair and year stand in an earlier record")
    return frame


def _mutual(writer: Writer, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with an obligation owed in both directions; the others are set aside."""
    frame["row"] = frame.index
    back = frame[[*_WHOLE, *_COLUMNS]].rename(columns={"ccode1": "ccode2", "ccode2": "ccode1"})
    both = frame.merge(back, on=list(_WHOLE), how="left", suffixes=("", "_back"))
    one_way = pd.Series(False, index=both.index)
    for column in _COLUMNS:
        returned = both[f"{column}_back"].fillna(0).astype(int)
        one_way |= (both[column] == 1) & (returned == 0)
        both[column] = both[column] & returned
    owed = both[list(_COLUMNS)].any(axis=1)
    unlisted = {}
    for number in sorted({*both["ccode1"], *both["ccode2"]}):
        try:
            states().cow(str(number))
        except Unresolved as fault:
            unlisted[number] = str(fault)
    unresolved = both["ccode1"].isin(unlisted) | both["ccode2"].isin(unlisted)
    nodes = {number: states().cow(str(number)).value for number in {*both["ccode1"], *both["ccode2"]} - {*unlisted}}
    same = both["ccode1"].map(nodes) == both["ccode2"].map(nodes)
    for row in both[unresolved | same | ~owed].itertuples():
        if row.ccode1 in unlisted or row.ccode2 in unlisted:
            reason = unlisted.get(row.ccode1) or unlisted[row.ccode2]
        elif nodes[row.ccode1] == nodes[row.ccode2]:
            reason = "both numbers belong to one state"
        elif one_way[row.Index]:
            reason = "owed in one direction only, which the graph cannot say yet"
        else:
            reason = "no obligation is coded"
        writer.aside(table, int(row.row), int(both.loc[row.Index, "#line"]), reason)
    kept = both[~unresolved & ~same & owed].copy()
    more = int(one_way[kept.index].sum())
    writer.note("rows used owe something more in one direction only, which is not in the graph", more)
    kept["low"] = kept[["ccode1", "ccode2"]].min(axis=1)
    kept["high"] = kept[["ccode1", "ccode2"]].max(axis=1)
    return kept


def _years(mutual: pd.DataFrame) -> Iterator[tuple[int, ...]]:
    """The lower and the higher number, the year, the row, and the obligations, in the order of the pairs."""
    ordered = mutual.sort_values(["low", "high", "year", "row"])[["low", "high", "year", "row", *_COLUMNS]]
    rows: Iterator[tuple[int, ...]] = ordered.itertuples(index=False, name=None)
    return rows


def _pair(
    writer: Writer,
    source: Publication,
    table: Table,
    low: str,
    high: str,
    found: Sequence[tuple[int, ...]],
    stops: int,
) -> None:
    one, other = states().cow(low), states().cow(high)
    names = f"{states().label(one)} and {states().label(other)}"
    for first, last in runs([year for _, _, year, *_ in found]):
        during = [row[2:] for row in found if first <= row[2] <= last]
        key = f"atop-dyad-{low}-{high}-{first}"
        span = _dates(first, last, stops)
        alliance = writer.node(
            identifier("alliance", key), FOEDUS.Alliance, f"obligations of {names} since {first} (ATOP by year)"
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
        for place, kind in enumerate(KINDS, 2):
            owed = [row[0] for row in during if row[place]]
            for begin, end in runs(owed):
                nodes.append(
                    writer.node(
                        identifier("provision", f"{key}-{kind}-{begin}"),
                        KINDS[kind],
                        f"{kind} between {names}, {begin}-{end} (ATOP by year)",
                        (FOEDUS.providedBy, alliance),
                        **_dates(begin, end, stops),
                    )
                )
        writer.claim(source, f"{low}-{high}-{first}", table, [row[1] for row in during], nodes)


def _dates(first: int, last: int, stops: int) -> Span:
    ongoing = last == stops
    return {
        "begin": f"{first:04d}",
        "end": FOEDUS.Ongoing if ongoing else f"{last:04d}",
        "as_of": f"{stops:04d}" if ongoing else None,
    }
