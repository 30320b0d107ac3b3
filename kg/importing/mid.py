"""Correlates of War militarized interstate disputes 5.0: MIDB, a row a participant, and MIDA, a row a dispute.

Participants come and go, so a dispute becomes a node for each pair of opposing participants that took part at the
same time, from the later of their begins to the earlier of their ends. Where one end is missing (``-9``), the other is
the last day on which the two can have stopped, and no more: the end is then the month or the year that holds all days
up to it, or unknown where no one year does, and the summary tells the bound. What the node is depends on the higher of
their hostility levels (``hostlev``): use of force (4) and war (5) make it an armed conflict; threat to use force (2)
and display of force (3) a militarized dispute, from which a kind of hostility of its own follows and never an attack.
A pair of which neither took militarized action (1) is set aside. Who went how far and the fatality level of each
stand in the summary of the node.

An originator (``orig`` 1) on side A (``sidea`` 1) is the initiator of an armed conflict. MIDA tells which disputes
went on when the data end (``ongo2014``); without it, all end when MIDB says. Whether a state was revisionist, its
highest action and how a dispute was settled are not imported.

References:
    Codebook for the Militarized Interstate Dispute Data, version 5.0, variables of MIDA and MIDB
        (https://correlatesofwar.org/data-sets/mids/); the page gives 2020 as the year of version 5.0.
    Glenn Palmer and others, The MID5 Dataset, 2011–2014: Procedures, coding rules, and description, Conflict
        Management and Peace Science 39(4), 2022.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.errors import ParseError
from kg.importing.dates import from_parts, later
from kg.importing.records import Layout, Record, Table, read_any
from kg.importing.results import Import
from kg.importing.states import Unresolved, states
from kg.importing.writing import Publication, Span, Writer, identifier
from kg.vocab import FOEDUS, XSD

__all__ = ["read_mid"]

_DATES: Final = ("stday", "stmon", "styear", "endday", "endmon", "endyear")
_ONGOING: Final = ("ongo2014", "ongo2010")
_NUMBERS: Final = """
    dispnum ccode sidea revstate revtype1 revtype2 fatality fatalpre hiact hostlev orig outcome settle maxdur mindur
    recip numa numb version dispnum3 dispnum4
"""
_WHOLE: Final = frozenset({*_DATES, *_ONGOING, *_NUMBERS.split()})
_PARTICIPANTS: Final = Layout(
    ("dispnum", "stabb", "ccode", *_DATES, "sidea", "fatality", "hostlev", "orig"),
    frozenset({"revstate", "revtype1", "revtype2", "fatalpre", "hiact", "version", "dispnum3", "dispnum4"}),
    ("dispnum", "ccode"),
    whole=_WHOLE,
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
            *_ONGOING,
            "version",
            "dispnum3",
            "dispnum4",
            "link1",
            "link2",
            "link3",
        }
    ),
    ("dispnum",),
    whole=_WHOLE,
)
_LEVELS: Final = {
    -9: "hostility level not coded",
    1: "no militarized action",
    2: "threat to use force",
    3: "display of force",
    4: "use of force",
    5: "war",
}
_FATALITIES: Final = {
    "0": "no deaths",
    "1": "1 to 25 deaths",
    "2": "26 to 100 deaths",
    "3": "101 to 250 deaths",
    "4": "251 to 500 deaths",
    "5": "501 to 999 deaths",
    "6": "1,000 or more deaths",
    "-9": "deaths not known",
}
_UNEXPLAINED: Final = {"sidea": "2", "hostlev": "0"}
"""Values that earlier editions hold now and then and that no codebook explains."""

_THREAT: Final = 2
_FORCE: Final = 4
_FIRST_YEAR: Final = 1816
_STOPS: Final = 2014
_SOURCE: Final = Publication(
    slug="cow-mid-5",
    title="Militarized Interstate Disputes 5.0",
    producer="Correlates of War project",
    coverage=f"Disputes of states in which force was threatened, displayed or used, from {_FIRST_YEAR} to {_STOPS}.",
    published="2020",
    covers=(FOEDUS.ArmedConflict, FOEDUS.MilitarizedDispute),
    years=(_FIRST_YEAR, _STOPS),
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
    spell: int

    @property
    def key(self) -> str:
        """What tells it from the other participants of its dispute, in whatever extract."""
        return self.row["ccode"] + (f".{self.spell}" if self.spell > 1 else "")

    def told(self) -> str:
        """How far it went and what it lost, in words."""
        return f"{states().label(self.state)}: {_LEVELS[self.level]}, {_FATALITIES[self.row['fatality']]}"


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
        layout, table = read_any(path, (_PARTICIPANTS, _DISPUTES))
        if layout is _DISPUTES:
            writer.take(table)
            for row in table:
                _check_years(table, row)
            overviews.append(table)
            continue
        writer.take(table)
        participants += 1
        for row in table:
            # A state may take part twice, at two times or in two roles: only an equal row is a row repeated.
            cells = (part for column in _PARTICIPANTS.required for part in (column, row[column]))
            one = None if writer.repeats(table, row, *cells) else _participant(writer, table, row, disputes)
            if one is not None:
                disputes[row["dispnum"]].append(one)
    if not participants:
        raise ParseError(str(paths[0]), "has no participants; name the file MIDB too")
    ongoing = {row["dispnum"] for table in overviews for row in table if _goes_on(table, row)}
    made: dict[str, list[NamedNode]] = {}
    for number, found in disputes.items():
        made[number] = _dispute(writer, number, found, number in ongoing)
    for table in overviews:
        for row in table:
            if writer.repeats(table, row, "MIDA dispnum", row["dispnum"]):
                continue
            if made.get(row["dispnum"]):
                writer.claim(_SOURCE, f"mida-{row['dispnum']}", table, [row.number], made[row["dispnum"]])
            else:
                writer.aside(table, row.number, row.line, "no pair of participants that took militarized action")
    return writer.finish()


def _check_years(table: Table, row: Record) -> None:
    """Refuse a dispute of years for which the data do not speak."""
    for column in ("styear", "endyear"):
        try:
            from_parts(row[column], "", "", since=_FIRST_YEAR, until=_STOPS)
        except ValueError as fault:
            raise table.fault(row.line, f"{column}: {fault}") from fault


def _goes_on(table: Table, row: Record) -> bool:
    """Whether a dispute went on when the data end."""
    column = next((column for column in _ONGOING if row.get(column)), None)
    if column is None:
        return False
    if row[column] not in ("0", "1"):
        raise table.fault(row.line, f"{column}: {row[column]!r} is neither 0 nor 1")
    return row[column] == "1"


def _participant(
    writer: Writer, table: Table, row: Record, disputes: Mapping[str, Sequence[_Participant]]
) -> _Participant | None:
    for column, codes in (
        ("sidea", ("0", "1")),
        ("orig", ("0", "1")),
        ("hostlev", tuple(map(str, _LEVELS))),
        ("fatality", tuple(_FATALITIES)),
    ):
        if row[column] == _UNEXPLAINED.get(column):
            writer.aside(table, row.number, row.line, f"{column} {row[column]}, which the codebook does not explain")
            return None
        if row[column] not in codes:
            raise table.fault(row.line, f"{column}: {row[column]!r} is none of {', '.join(codes)}")
    try:
        begin = from_parts(row["styear"], row["stmon"], row["stday"], since=_FIRST_YEAR, until=_STOPS)
        end = from_parts(row["endyear"], row["endmon"], row["endday"], since=_FIRST_YEAR, until=_STOPS)
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
    if end is not None and end[: len(begin)] < begin[: len(end)]:
        writer.aside(table, row.number, row.line, "it ends before it begins")
        return None
    earlier = sum(p.row["ccode"] == row["ccode"] for p in disputes.get(row["dispnum"], ()))
    return _Participant(table, row, state, row["sidea"] == "1", int(row["hostlev"]), begin, end, earlier + 1)


def _dispute(writer: Writer, number: str, found: Sequence[_Participant], ongoing: bool) -> list[NamedNode]:
    """The nodes of the pairs of one dispute."""
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
            writer.claim(_SOURCE, f"midb-{number}-{p.key}", p.table, [p.row.number], own)
        else:
            writer.aside(p.table, p.row.number, p.row.line, _why(p, found))
    return everything


def _why(p: _Participant, found: Sequence[_Participant]) -> str:
    against = [other for other in found if other.side_a != p.side_a]
    if not against:
        return "no opponent"
    if all(_together(p, other) is None for other in against):
        return "no opponent that took part at the same time"
    return "no militarized action by it or an opponent"


def _together(a: _Participant, b: _Participant) -> tuple[str, list[str]] | None:
    """The later of two begins and the ends that are known, ``None`` where one left before the other came."""
    begin = later(a.begin, b.begin)
    ends = [end for end in (a.end, b.end) if end is not None]
    return None if any(end[: len(begin)] < begin[: len(end)] for end in ends) else (begin, ends)


def _pair(writer: Writer, number: str, a: _Participant, b: _Participant, ongoing: bool) -> NamedNode | None:
    level, met = max(a.level, b.level), _together(a, b)
    if level < _THREAT or a.state == b.state or met is None:
        return None
    begin, ends = met
    span: Span = {"begin": begin, "end": FOEDUS.Unknown, "as_of": None}
    told = f"{a.told()}. {b.told()}. Both over the whole dispute."
    if ongoing and all(end.startswith(str(_STOPS)) for end in ends):
        span["end"], span["as_of"] = FOEDUS.Ongoing, str(_STOPS)
    elif len(ends) == 2:
        span["end"] = _earlier(ends[0], ends[1])
    elif ends:
        span["end"] = _covering(begin, ends[0]) or FOEDUS.Unknown
        told += f" One side was in it until {ends[0]}, and it ended then or before; the end of the other is missing."
    key = f"mid-{number}-{a.key}-{b.key}"
    label = f"dispute of {states().label(a.state)} with {states().label(b.state)}, {begin[:4]}"
    summary = (FOEDUS.summary, told)
    if level >= _FORCE:
        node = writer.node(
            identifier("conflict", key),
            FOEDUS.ArmedConflict,
            f"{label} (MID {number})",
            (FOEDUS.sideA, a.state),
            (FOEDUS.sideB, b.state),
            (FOEDUS.initiator, a.state if a.row["orig"] == "1" else None),
            (FOEDUS.intensity, Literal(str(level))),
            summary,
            **span,
        )
    else:
        node = writer.node(
            identifier("dispute", key),
            FOEDUS.MilitarizedDispute,
            f"{label}: {_LEVELS[level]} (MID {number})",
            *((FOEDUS.party, p.state) for p in (a, b)),
            *((FOEDUS.actor, p.state) for p in (a, b) if p.level >= _THREAT),
            (FOEDUS.hostilityLevel, Literal(str(level), datatype=XSD.integer)),
            summary,
            **span,
        )
    writer.notation(node, number)
    return node


def _covering(begin: str, end: str) -> str | None:
    """The month or the year that holds both dates, or what both are; ``None`` where they are of two years."""
    return next((begin[:length] for length in (10, 7, 4) if begin[:length] == end[:length]), None)


def _earlier(one: str, other: str) -> str:
    if one.startswith(other) or other.startswith(one):
        return min(one, other, key=len)
    return min(one, other)
