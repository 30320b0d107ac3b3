"""ATOP, member level: one row a member and phase of an alliance.

In ATOP an obligation belongs to a member: in one treaty one state may promise defense and another only consultation.
Each phase becomes an alliance that every row is a membership of, with a provision for each obligation that any member
promises. A provision that only some promise names those as the states that it binds; they owe it to every other member.
A treaty has a number and no name, so the number is what it is called by.

A treaty that was amended so that its coding changed is a phase each. ``yrexit = moexit = dayexit = 0`` is in force
when the data end.

Reference:
    Brett Ashley Leeds, Alliance Treaty Obligations and Provisions (ATOP) Codebook (http://www.atopdata.org).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.atop import FIRST_YEAR, KINDS, publication
from kg.importing.dates import from_parts, last_day, whole
from kg.importing.records import Layout, Record, Table, one_edition, read_table
from kg.importing.results import Import
from kg.importing.states import Unresolved, states
from kg.importing.writing import Publication, Writer, identifier
from kg.vocab import FOEDUS, SKOS

__all__ = ["read_atop_members"]

_OTHERS: Final = """
    cowid cow4id cowsys ineffect bilat maxphase wartime cowwar estmode pubsecr secrart proadd futmem speclgth
    length renounce proren renewlgt term termmode termcaus active conditio defcon offcon neucon concon defcoadv
    defcoloc defcocon defconum defcodem defconpr offcoadv offcoloc offcocon offconum offcodem offconpr neucoadv
    neucoloc neucocon neuconum neucodem neuconpr neucoatt concoadv concoloc concocon concoreq concopr olimob
    asymm obvary notaiden dipaid terrres seppeace thirdcom noothall specthrt statthr1 statthr2 conwtin medarb
    milcon milaid intcom subord organ1 orgpurp1 organ2 orgpurp2 base contrib armred acqterr divgains demwith
    reflnun refothio natrefal compag nomicoop conres agprois conmen ecaid interv source new4 rev4 new5 rev5
    version
"""
_ENTRY: Final = ("yrent", "moent", "dayent")
_EXIT: Final = ("yrexit", "moexit", "dayexit")
_REQUIRED: Final = ("atopid", "member", *_ENTRY, *_EXIT, "phase", *KINDS)
_LAYOUT: Final = Layout(
    _REQUIRED,
    frozenset(_OTHERS.split()),
    ("atopid", "member", "phase"),
    whole=frozenset({*_REQUIRED, *_OTHERS.split()} - {"version"}),
)
_WORDS: Final = {
    "defense": "defense",
    "offense": "offense",
    "neutral": "neutrality",
    "nonagg": "nonaggression",
    "consul": "consultation",
}
_STOPS: Final = {"4": 2016, "5": 2018}


@dataclass(frozen=True)
class _Member:
    table: Table
    row: Record
    state: NamedNode
    kinds: tuple[str, ...]
    begin: str
    end: str | NamedNode
    spell: int = 1


def read_atop_members(paths: Sequence[Path]) -> Import:
    """Import members of alliances.

    Args:
        paths: files of ATOP's member-level data.

    Raises:
        ParseError: a file is another data set or edition, or a cell cannot be read.
    """
    writer = Writer("atop-members")
    tables = [read_table(path, _LAYOUT) for path in paths]
    editions = [_edition(table) for table in tables]
    version, last = editions[0][0], max(year for _, year in editions)
    one_edition([(table, other) for table, (other, _) in zip(tables, editions, strict=True)], "version")
    if not last:
        line = int(tables[0].frame["#line"].iloc[0])
        raise tables[0].fault(line, "no row has a year of entry or of exit, or a version that says when the data end")
    source = publication(
        "atop-members",
        "ATOP member-level data",
        version,
        last,
        f"An alliance in force at the end of {last} is cut off there and not ended.",
    )
    # The members of a treaty may stand in several files, where those are extracts.
    phases: dict[tuple[str, str], list[_Member]] = defaultdict(list)
    for table in tables:
        writer.take(table)
        for row in table:
            member = _member(writer, table, row)
            if member is not None:
                phases[row["atopid"], row["phase"]].append(member)
    for (treaty, phase), members in phases.items():
        _phase(writer, source, treaty, phase, _in_order(members), last)
    return writer.finish()


def _edition(table: Table) -> tuple[str, int]:
    versions = sorted(set(table.frame["version"])) if "version" in table.frame else [""]
    if len(versions) != 1:
        raise table.fault(int(table.frame["#line"].iloc[0]), f"has rows of the versions {', '.join(versions)}")
    # Files converted by other programs give 4.01 as 4.0100002.
    version = _version(table, versions[0])
    years = (int(date[:4]) for row in table for date in _dates(table, row) if date is not None)
    return version, max((_STOPS.get(version[:1], 0), *years))


def _version(table: Table, text: str) -> str:
    try:
        number = float(text) if text else 0.0
    except ValueError:
        number = math.inf
    if not 0 <= number < 10:
        raise table.fault(int(table.frame["#line"].iloc[0]), f"version: {text!r} is no version of ATOP")
    return f"{number:.4g}" if text else ""


def _dates(table: Table, row: Record) -> tuple[str | None, str | None]:
    """When a member entered and left, as far as that is known."""
    try:
        begin, end = (from_parts(*(row[c] for c in columns), since=FIRST_YEAR) for columns in (_ENTRY, _EXIT))
    except ValueError as fault:
        raise table.fault(row.line, str(fault)) from fault
    return begin, end


def _member(writer: Writer, table: Table, row: Record) -> _Member | None:
    for column in ("atopid", "phase"):
        if not re.fullmatch(r"\d+", row[column]):
            raise table.fault(row.line, f"{column}: {row[column]!r} is no number")
    kinds = []
    for kind in KINDS:
        if row[kind] not in ("0", "1"):
            raise table.fault(row.line, f"{kind}: {row[kind]!r} is neither 0 nor 1")
        if row[kind] == "1":
            kinds.append(kind)
    begin, left = _dates(table, row)
    end: str | NamedNode = left or FOEDUS.Unknown
    if all(row[column] == "0" for column in _EXIT):
        end = FOEDUS.Ongoing
    try:
        state = states().cow(row["member"])
    except Unresolved as fault:
        writer.aside(table, row.number, row.line, str(fault))
        return None
    if begin is None:
        writer.aside(table, row.number, row.line, "year of entry missing")
        return None
    if isinstance(end, str) and end[: len(begin)] < begin[: len(end)]:
        raise table.fault(row.line, f"the membership ends on {end}, before it begins on {begin}")
    spell = (value for column in ("atopid", "phase", "member", *_ENTRY) for value in (column, row[column]))
    if writer.repeats(table, row, *spell):
        return None
    return _Member(table, row, state, tuple(kinds), begin, end)


def _in_order(members: Sequence[_Member]) -> list[_Member]:
    """Members by date of entry and number, as ATOP lists them, whatever the order of rows and files."""
    ordered = sorted(members, key=lambda member: (member.begin, whole(member.row["member"]), str(member.end)))
    spells: Counter[NamedNode] = Counter()
    for place, member in enumerate(ordered):
        spells[member.state] += 1
        ordered[place] = replace(member, spell=spells[member.state])
    return ordered


def _phase(writer: Writer, source: Publication, treaty: str, phase: str, members: Sequence[_Member], last: int) -> None:
    base = f"atop-{treaty}" if phase == "0" else f"atop-{treaty}-{phase}"
    named = f"ATOP {treaty}" if phase == "0" else f"ATOP {treaty} phase {phase}"
    everybody = _names(members)
    own = treaty if phase == "0" else f"{treaty} {phase}"
    names = ((SKOS.altLabel, name) for name in (named, Literal(base), Literal(own)))
    main = writer.node(identifier("alliance", base), FOEDUS.Alliance, f"{named} ({everybody})", *names)
    writer.notation(main, own)
    whole = [main]
    if phase != "0":
        names = ((SKOS.altLabel, Literal(name)) for name in (f"atop-{treaty}", treaty))
        pact = writer.node(identifier("alliance", f"atop-{treaty}"), FOEDUS.Alliance, f"ATOP {treaty}", *names)
        writer.add(main, FOEDUS.partOf, pact)
        whole.append(pact)
    nodes: dict[str, list[NamedNode]] = {}
    for member in members:
        nodes[_key(base, member)] = [*whole, _membership(writer, base, named, main, member, last)]
    for kind in KINDS:
        bound = [member for member in members if kind in member.kinds]
        if not bound:
            continue
        promising = list(dict.fromkeys(member.state for member in bound))
        one_way = len(promising) < len({member.state for member in members})
        if one_way:
            writer.note("obligations bind only some members of a treaty, and are owed by those alone", len(bound))
        provision = writer.node(
            identifier("provision", f"{base}-{kind}"),
            KINDS[kind],
            f"{_WORDS[kind]} under {named}",
            (FOEDUS.providedBy, main),
            *((FOEDUS.binds, state) for state in promising if one_way),
        )
        for member in bound:
            nodes[_key(base, member)].append(provision)
    for member in members:
        name = _key(base, member)
        writer.claim(source, name, member.table, [member.row.number], nodes[name])


def _membership(writer: Writer, base: str, named: str, alliance: NamedNode, member: _Member, last: int) -> NamedNode:
    owed = [_WORDS[kind] for kind in member.kinds]
    ongoing = member.end == FOEDUS.Ongoing
    node = writer.node(
        identifier("membership", _key(base, member)),
        FOEDUS.Membership,
        f"membership of {states().label(member.state)} in {named}",
        (FOEDUS.alliance, alliance),
        (FOEDUS.member, member.state),
        (FOEDUS.summary, f"Promises {', '.join(owed)}." if owed else "Promises none of the five obligations."),
        begin=member.begin,
        end=member.end,
        as_of=last_day(last) if ongoing else None,
    )
    return node


def _key(base: str, member: _Member) -> str:
    return f"{base}-{member.row['member']}" + (f"-{member.spell}" if member.spell > 1 else "")


def _names(members: Sequence[_Member]) -> str:
    labels = list(dict.fromkeys(states().label(member.state) for member in members))
    if len(labels) <= 3:
        return ", ".join(labels)
    return f"{', '.join(labels[:2])} and {len(labels) - 2} more"
