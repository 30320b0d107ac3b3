"""Strategic rivalries: the list of Thompson, Sakuwa and Suhas, and the earlier one of Thompson and Dreyer.

The two are told by their columns. Years are years; the last year that a list codes is where its coding stops, and a
rivalry that reaches it is ongoing as of it and not over. Several files of one list are extracts of one edition.

References:
    William R. Thompson, Kentaro Sakuwa and Prashant Hosur Suhas, Analyzing Strategic Rivalries in World Politics, 2021.
    William R. Thompson and David R. Dreyer, Handbook of International Rivalries, 1494-2010. Catalogues and users give
        2010, 2011 or 2012 as its year, so only the earliest is taken for a bound.
    The documentation of the R package peacesciencer dates both lists
        (https://rdrr.io/cran/peacesciencer/man/tss_rivalries.html).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.importing.dates import from_parts
from kg.importing.records import Layout, Record, Table, read_any
from kg.importing.results import Import
from kg.importing.states import Unresolved, states
from kg.importing.writing import Publication, Writer, identifier
from kg.vocab import FOEDUS

__all__ = ["read_rivalries"]


@dataclass(frozen=True)
class _List:
    slug: str
    layout: Layout
    number: str
    name: str
    first: str
    last: str
    stops: int
    authors: str
    published: str | None
    not_before: str | None

    def kinds(self, table: Table, row: Record) -> list[str]:
        """The kinds of rivalry that the row is coded as.

        Raises:
            ParseError: a flag is none.
        """
        if self.slug == "tss":
            for kind in _KINDS:
                if row.get(kind) not in ("", "0", "1"):
                    raise table.fault(row.line, f"{kind}: {row[kind]!r} is neither 0 nor 1")
            return [kind for kind in _KINDS if row.get(kind) == "1"]
        return [row.get(column) for column in ("type1", "type2", "type3") if row.get(column)]


_FIRST_YEAR: Final = 1494
_KINDS: Final = ("positional", "spatial", "ideological", "interventionary")
_LISTS: Final = (
    _List(
        slug="tss",
        layout=Layout(
            ("tssr_id", "rivalry", "ccode1", "ccode2", "start", "end"),
            frozenset({*_KINDS, "principal", "aprin"}),
            ("tssr_id", "ccode1", "ccode2"),
            whole=frozenset({"tssr_id", "ccode1", "ccode2", "start", "end", *_KINDS, "principal", "aprin"}),
        ),
        number="tssr_id",
        name="rivalry",
        first="start",
        last="end",
        stops=2020,
        authors="Thompson, Sakuwa and Suhas",
        published="2021",
        not_before=None,
    ),
    _List(
        slug="td",
        layout=Layout(
            ("rivalryno", "rivalryname", "ccode1", "ccode2", "styear", "endyear"),
            frozenset({"region", "type1", "type2", "type3"}),
            ("rivalryno", "ccode1", "ccode2"),
            whole=frozenset({"rivalryno", "ccode1", "ccode2", "styear", "endyear"}),
        ),
        number="rivalryno",
        name="rivalryname",
        first="styear",
        last="endyear",
        stops=2010,
        authors="Thompson and Dreyer",
        published=None,
        not_before="2010",
    ),
)


def read_rivalries(paths: Sequence[Path]) -> Import:
    """Import lists of rivalries.

    Args:
        paths: files of either list.

    Raises:
        ParseError: a file is neither, or a cell cannot be read.
    """
    writer = Writer("rivalry")
    found: dict[str, list[Table]] = defaultdict(list)
    for path in paths:
        layout, table = read_any(path, [candidate.layout for candidate in _LISTS])
        writer.take(table)
        found[next(candidate.slug for candidate in _LISTS if candidate.layout is layout)].append(table)
    for chosen in (candidate for candidate in _LISTS if found[candidate.slug]):
        tables = found[chosen.slug]
        # A list that goes on past the edition we know of stops where it stops.
        stops = max(chosen.stops, *(_year(table, row, chosen.last) for table in tables for row in table))
        newer = stops > chosen.stops
        publication = Publication(
            slug=f"rivalries-{chosen.slug}-{stops}",
            title=f"Strategic rivalries by {chosen.authors}, to {stops}",
            producer=chosen.authors,
            coverage=(
                "Pairs of states that see each other as competitors, as threats and as enemies, from "
                f"{_FIRST_YEAR} to {stops}; years only. A rivalry of {stops} is cut off there and not ended."
            ),
            published=None if newer else chosen.published,
            not_before=f"{stops}-12-31" if newer else chosen.not_before,
            covers=(FOEDUS.Rivalry,),
            years=(_FIRST_YEAR, stops),
            series=f"rivalries-{chosen.slug}",
        )
        for table in tables:
            for row in table:
                _rivalry(writer, publication, chosen, table, row, stops)
    return writer.finish()


def _rivalry(writer: Writer, publication: Publication, chosen: _List, table: Table, row: Record, stops: int) -> None:
    number = row[chosen.number]
    if not re.fullmatch(r"\d+", number):
        raise table.fault(row.line, f"{chosen.number}: {number!r} is no number")
    if writer.repeats(table, row, chosen.number, number):
        return
    first, last = _year(table, row, chosen.first), _year(table, row, chosen.last)
    kinds = chosen.kinds(table, row)
    if last < first:
        raise table.fault(row.line, f"the rivalry ends in {last}, before it begins in {first}")
    try:
        one, other = states().cow(row["ccode1"]), states().cow(row["ccode2"])
    except Unresolved as fault:
        writer.aside(table, row.number, row.line, str(fault))
        return
    if one == other:
        writer.aside(table, row.number, row.line, "both numbers belong to one state")
        return
    open_end = last == stops
    names = " and ".join(sorted((states().label(one), states().label(other))))
    node = writer.node(
        identifier("rivalry", f"{chosen.slug}-{number}"),
        FOEDUS.Rivalry,
        f"rivalry of {names} {f'since {first}' if open_end else f'from {first} to {last}'} ({chosen.authors} {number})",
        (FOEDUS.rival, one),
        (FOEDUS.rival, other),
        (FOEDUS.summary, f"A strategic rivalry, {' and '.join(kinds)}." if kinds else None),
        begin=f"{first:04d}",
        end=FOEDUS.Ongoing if open_end else f"{last:04d}",
        as_of=f"{stops:04d}" if open_end else None,
    )
    writer.notation(node, f"{row[chosen.name]} ({number})")
    writer.claim(publication, number, table, [row.number], [node])


def _year(table: Table, row: Record, column: str) -> int:
    try:
        text = from_parts(row[column], "", "", since=_FIRST_YEAR)
    except ValueError as fault:
        raise table.fault(row.line, f"{column}: {fault}") from fault
    if text is None:
        raise table.fault(row.line, f"{column}: {row[column]!r} is no year")
    return int(text)
