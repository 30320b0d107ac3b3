"""Correlates of War militarized interstate disputes 5.0: MIDB, a row a participant, and MIDA, a row a dispute.

Participants come and go, so a dispute becomes an armed conflict for each pair of opposing participants that took part
at the same time, from the later of their begins to the earlier of their ends. Only where one of the two used force
(hostility level 4) or was at war (5) is it an armed conflict; threats and displays of force have no class in the
graph and are set aside. An originator (``orig`` 1) on side A (``sidea`` 1) is the initiator. MIDA tells which
disputes went on when the data end (``ongo2014``); without it, all end when MIDB says.

Reference:
    Codebook for the Militarized Interstate Dispute Data, version 5.0 (https://correlatesofwar.org/data-sets/mids/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.errors import ParseError
from kg.importing.dates import from_parts, later
from kg.importing.records import Layout, Record, Table, read_table
from kg.importing.states import Unresolved, states
from kg.importing.writing import Import, Publication, Writer, identifier
from kg.vocab import FOEDUS

__all__ = ["read_mid"]

_DATES: Final = ("stday", "stmon", "styear", "endday", "endmon", "endyear")
_PARTICIPANTS: Final = Layout(
    ("dispnum", "stabb", "ccode", *_DATES, "sidea", "fatality", "hostlev", "orig"),
    frozenset({"revstate", "revtype1", "revtype2", "fatalpre", "hiact", "version", "dispnum3", "dispnum4"}),
    ("dispnum", "ccode"),
)
_DISPUTES: Final = Layout(
    ("dispnum", *_DATES, "outcome", "settle", "numa", "numb", "hostlev"),
    frozenset(
        {
            "fatality",
            "fatalpre",
            "maxdur",
            "mindur",
            "hiact",
            "recip",
            "ongo2010",
            "ongo2014",
            "version",
            "dispnum3",
            "dispnum4",
            "link1",
            "link2",
            "link3",
        }
    ),
    ("dispnum",),
)
_FORCE: Final = 4
_STOPS: Final = 2014
_SOURCE: Final = Publication(
    slug="cow-mid-5",
    title="Militarized Interstate Disputes 5.0",
    producer="Correlates of War project",
    coverage=(
        f"Disputes of states in which force was threatened, displayed or used, from 1816 to {_STOPS}; only those in "
        "which a side used force were imported."
    ),
    published="2020",
    covers=(FOEDUS.ArmedConflict,),
)


@dataclass(frozen=True)
class _Participant:
    table: Table
    row: Record
    state: NamedNode
    side_a: bool
    level: int
    begin: str
    end: str | None


def read_mid(paths: Sequence[Path]) -> Import:
    """Import disputes.

    Args:
        paths: MIDB, and MIDA where at hand, in any order.

    Raises:
        ParseError: a file is neither, there is no MIDB, or a cell cannot be read.
    """
    writer = Writer("mid")
    disputes: dict[str, list[_Participant]] = defaultdict(list)
    overviews: list[Table] = []
    participants = 0
    for path in paths:
        try:
            table = read_table(path, _PARTICIPANTS)
        except ParseError as fault:
            try:
                table = read_table(path, _DISPUTES)
            except ParseError:
                raise fault from None
            writer.take(table)
            overviews.append(table)
            continue
        writer.take(table)
        participants += 1
        for row in table:
            one = _participant(writer, table, row)
            if one is not None:
                disputes[row["dispnum"]].append(one)
    if not participants:
        raise ParseError(str(paths[0]), "has no participants; name the file MIDB too")
    ongoing = {
        row["dispnum"] for table in overviews for row in table if (row.get("ongo2014") or row.get("ongo2010")) == "1"
    }
    made: dict[str, list[NamedNode]] = {}
    for number, found in disputes.items():
        made[number] = _dispute(writer, number, found, number in ongoing)
    for table in overviews:
        for row in table:
            if made.get(row["dispnum"]):
                writer.claim(_SOURCE, f"mida-{row['dispnum']}", table, [row.number], made[row["dispnum"]])
            else:
                writer.aside(table, row.number, row.line, "no participants that fought")
    return writer.finish()


def _participant(writer: Writer, table: Table, row: Record) -> _Participant | None:
    if row["sidea"] not in ("0", "1"):
        raise table.fault(row.line, f"sidea: {row['sidea']!r} is neither 0 nor 1")
    if row["hostlev"] not in ("-9", "1", "2", "3", "4", "5"):
        raise table.fault(row.line, f"hostlev: {row['hostlev']!r} is not one of 1 to 5 or -9")
    try:
        begin = from_parts(row["styear"], row["stmon"], row["stday"])
        end = from_parts(row["endyear"], row["endmon"], row["endday"])
    except ValueError as fault:
        raise table.fault(row.line, str(fault)) from fault
    try:
        state = states().cow(row["ccode"])
    except Unresolved as fault:
        writer.aside(table, row.number, row.line, str(fault))
        return None
    if begin is None:
        writer.aside(table, row.number, row.line, "year of begin missing")
        return None
    return _Participant(table, row, state, row["sidea"] == "1", int(row["hostlev"]), begin, end)


def _dispute(writer: Writer, number: str, found: Sequence[_Participant], ongoing: bool) -> list[NamedNode]:
    """The conflicts of the pairs of one dispute."""
    nodes: dict[tuple[str, int], list[NamedNode]] = {(p.table.path, p.row.number): [] for p in found}
    everything: list[NamedNode] = []
    for a in (p for p in found if p.side_a):
        for b in (p for p in found if not p.side_a):
            node = _pair(writer, number, a, b, ongoing)
            if node is not None:
                everything.append(node)
                nodes[a.table.path, a.row.number].append(node)
                nodes[b.table.path, b.row.number].append(node)
    for p in found:
        own = nodes[p.table.path, p.row.number]
        if own:
            writer.claim(_SOURCE, f"midb-{number}-{p.row['ccode']}-{p.row.number}", p.table, [p.row.number], own)
        else:
            writer.aside(p.table, p.row.number, p.row.line, _why(p, found))
    return everything


def _why(p: _Participant, found: Sequence[_Participant]) -> str:
    against = [other for other in found if other.side_a != p.side_a]
    if not against:
        return "no opponent"
    if max(p.level, *(other.level for other in against)) < _FORCE:
        return "threat or display of force only"
    return "no opponent that fought at the same time"


def _pair(writer: Writer, number: str, a: _Participant, b: _Participant, ongoing: bool) -> NamedNode | None:
    if max(a.level, b.level) < _FORCE or a.state == b.state:
        return None
    begin = later(a.begin, b.begin)
    ends = [end for end in (a.end, b.end) if end is not None]
    if any(end[: len(begin)] < begin[: len(end)] for end in ends):
        return None
    end: str | NamedNode = FOEDUS.Unknown
    as_of = None
    if ongoing and all(end.startswith(str(_STOPS)) for end in ends):
        end, as_of = FOEDUS.Ongoing, str(_STOPS)
    elif len(ends) == 2:
        end = _earlier(ends[0], ends[1])
    names = f"{states().label(a.state)} with {states().label(b.state)}"
    node = writer.node(
        identifier("conflict", f"mid-{number}-{a.row['ccode']}-{b.row['ccode']}-{a.row.number}-{b.row.number}"),
        FOEDUS.ArmedConflict,
        f"dispute of {names}, {begin[:4]} (MID {number})",
        (FOEDUS.sideA, a.state),
        (FOEDUS.sideB, b.state),
        (FOEDUS.initiator, a.state if a.row["orig"] == "1" else None),
        (FOEDUS.intensity, Literal(str(max(a.level, b.level)))),
        begin=begin,
        end=end,
        as_of=as_of,
    )
    writer.notation(node, number)
    return node


def _earlier(one: str, other: str) -> str:
    if one.startswith(other) or other.startswith(one):
        return min(one, other, key=len)
    return min(one, other)
