"""Lists of states: State System Membership of the Correlates of War project, and the list of Gleditsch and Ward.

Each row is a spell in which a state was a member of the system of states. A number that the list of states that ships
does not have becomes a new state; one that it has gains the name that the list gives it, where that name is new. What
ends on the last day of a list was still going on then. Several files of one list are extracts of one edition.

References:
    Correlates of War Project, State System Membership, v2016.
    Kristian S. Gleditsch and Michael D. Ward, A Revised List of Independent States since the Congress of Vienna, 1999.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.dates import from_parts
from kg.importing.records import Layout, Record, Table, read_any
from kg.importing.results import Import
from kg.importing.states import States, Unresolved, states
from kg.importing.writing import Publication, Writer, identifier
from kg.vocab import FOEDUS, RDF, RDFS, SKOS

__all__ = ["read_states"]

_DAY: Final = r"\d\d[:/-]\d\d[:/-]\d{4}"
_FIRST_YEAR: Final = 1816


@dataclass(frozen=True)
class _List:
    """A list: its columns, its numbering and its publication.

    Attributes:
        layout: its columns.
        number: the column of the number.
        name: the column of the name.
        code: the property of its numbering.
        find: finds a state by its number.
        dates: the first and the last day in a row, each as three texts: year, month and day.
        publication: the publication, the last year left out.
    """

    layout: Layout
    number: str
    name: str
    code: NamedNode
    find: Callable[[States, str], NamedNode]
    dates: Callable[[Table, Record], tuple[tuple[str, str, str], ...]]
    publication: Publication


def _in_columns(table: Table, row: Record) -> tuple[tuple[str, str, str], ...]:
    first = row["styear"], row.get("stmonth"), row.get("stday")
    return first, (row["endyear"], row.get("endmonth"), row.get("endday"))


def _in_texts(table: Table, row: Record) -> tuple[tuple[str, str, str], ...]:
    return tuple(_parts(table, row, names) for names in (("begin", "startdate"), ("end", "enddate")))


def _parts(table: Table, row: Record, names: Sequence[str]) -> tuple[str, str, str]:
    """A day that is written with the day first, or with the year first.

    Raises:
        ParseError: it is written otherwise.
    """
    text = next((text for name in names if (text := row.get(name))), "")
    if not text:
        return "", "", ""
    if found := re.fullmatch(r"(\d\d?)[:/-](\d\d?)[:/-](\d{4})", text):
        day, month, year = found.groups()
    elif found := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        year, month, day = found.groups()
    else:
        raise table.fault(row.line, f"{text!r} is no day such as 01:01:1816")
    return year, month, day


_COW: Final = _List(
    Layout(
        ("stateabb", "ccode", "statenme", "styear", "endyear"),
        frozenset({"stmonth", "stday", "endmonth", "endday", "version"}),
        ("ccode", "statenme"),
        whole=frozenset({"ccode", "styear", "stmonth", "stday", "endyear", "endmonth", "endday"}),
    ),
    "ccode",
    "statenme",
    FOEDUS.cowCode,
    States.cow,
    _in_columns,
    Publication(
        slug="cow-states",
        title="State System Membership (Correlates of War)",
        producer="Correlates of War project",
        coverage="Members of the system of states from 1816 to {last}, with their numbers. Who is a member when the "
        "list ends is cut off there and has not left.",
        not_before="2017",
    ),
)
_GW: Final = _List(
    Layout(
        ("gwcode", "statename"),
        frozenset({"stateid", "stateabb", "begin", "end", "startdate", "enddate", "microstate"}),
        ("gwcode", "statename"),
        whole=frozenset({"gwcode", "microstate"}),
        bare=(
            ("gwcode", r"\d{1,3}"),
            ("stateid", r"[A-Z]{2,3}"),
            ("statename", r".+"),
            ("begin", _DAY),
            ("end", _DAY),
        ),
    ),
    "gwcode",
    "statename",
    FOEDUS.gwCode,
    States.gw,
    _in_texts,
    Publication(
        slug="gw-states",
        title="List of independent states (Gleditsch and Ward)",
        producer="Gleditsch and Ward",
        coverage="Independent states and microstates from 1816 to {last}, with their numbers. Who is independent when "
        "the list ends is cut off there and has not ended.",
        not_before="1999",
    ),
)
_LISTS: Final = (_COW, _GW)


def read_states(paths: Sequence[Path]) -> Import:
    """Import lists of states.

    Args:
        paths: files of either list; that of Gleditsch and Ward may lack a header, as they offer it.

    Raises:
        ParseError: a file is neither, or a number or a day cannot be read.
    """
    writer = Writer("states")
    named: dict[NamedNode, str] = {}
    found: dict[NamedNode, list[Table]] = defaultdict(list)
    for path in paths:
        layout, table = read_any(path, [candidate.layout for candidate in _LISTS])
        writer.take(table)
        found[next(candidate.code for candidate in _LISTS if candidate.layout is layout)].append(table)
    for chosen in (candidate for candidate in _LISTS if found[candidate.code]):
        spells = [(table, row, *_days(table, row, chosen)) for table in found[chosen.code] for row in table]
        stops = max((end for *_, end in spells if end), default="")
        publication = _edition(chosen, stops)
        for table, row, begin, end in spells:
            node = _state(writer, chosen, table, row, named)
            _membership(writer, publication, chosen, table, row, node, begin, end, stops)
    return writer.finish()


def _edition(chosen: _List, stops: str) -> Publication:
    """The publication of a list that stops on some day."""
    if not stops:
        return replace(chosen.publication, coverage=chosen.publication.coverage.format(last="an unknown day"))
    last = int(stops[:4])
    return replace(
        chosen.publication,
        slug=f"{chosen.publication.slug}-{last}",
        title=f"{chosen.publication.title}, to {last}",
        coverage=chosen.publication.coverage.format(last=last),
        not_before=max(chosen.publication.not_before or "", str(last)),
        years=(_FIRST_YEAR, last),
    )


def _days(table: Table, row: Record, chosen: _List) -> tuple[str | None, str | None]:
    """The first and the last day of a row, as precise as they are.

    Raises:
        ParseError: one is none, or they are in the wrong order.
    """
    try:
        begin, end = (from_parts(*parts, since=_FIRST_YEAR) for parts in chosen.dates(table, row))
    except ValueError as fault:
        raise table.fault(row.line, str(fault)) from fault
    if begin and end and end < begin[: len(end)]:
        raise table.fault(row.line, f"{row[chosen.name]} ends on {end}, before it begins on {begin}")
    return begin, end


def _state(writer: Writer, chosen: _List, table: Table, row: Record, named: dict[NamedNode, str]) -> NamedNode:
    """The state of a row, described as far as the list that ships does not."""
    number, name = row[chosen.number], row[chosen.name]
    if not re.fullmatch(r"[1-9]\d{0,2}", number):
        raise table.fault(row.line, f"{number!r} is no number of a state")
    try:
        node, new = chosen.find(states(), number), False
    except Unresolved:
        node, new = identifier("state", f"{'cow' if chosen is _COW else 'gw'}-{number}"), True
    if new and node not in named:
        writer.add(node, RDF.type, FOEDUS.State)
        writer.add(node, RDFS.label, name)
        named[node] = name
        writer.note("states are new to the list that ships")
    elif (named.get(node) != name) and not states().knows_name(name):
        writer.add(node, SKOS.altLabel, name)
        writer.note("names are new to the list that ships")
    writer.add(node, chosen.code, Literal(int(number)))
    if chosen is _COW and new and re.fullmatch(r"[A-Z]{3}", row["stateabb"]):
        writer.add(node, FOEDUS.cowAbbreviation, Literal(row["stateabb"]))
    return node


def _membership(
    writer: Writer,
    publication: Publication,
    chosen: _List,
    table: Table,
    row: Record,
    state: NamedNode,
    begin: str | None,
    end: str | None,
    stops: str,
) -> None:
    """The spell of a row, and its claim."""
    number, since = row[chosen.number], begin or "unknown"
    if writer.repeats(table, row, chosen.number, number, "since", since):
        return
    lasts = bool(end) and end == stops
    when = f"since {since}" if lasts else f"from {since} to {end or 'unknown'}"
    node = writer.node(
        identifier("system-membership", f"{chosen.publication.slug}-{number}-{since}"),
        FOEDUS.SystemMembership,
        f"{row[chosen.name]} in the system of states {when} ({chosen.publication.producer} {number})",
        (FOEDUS.systemMember, state),
        begin=begin,
        end=FOEDUS.Ongoing if lasts else end,
        as_of=stops if lasts else None,
    )
    writer.notation(node, number)
    writer.claim(publication, f"{number}-{since}", table, [row.number], [node])
