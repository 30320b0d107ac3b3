"""Lists of states: State System Membership of the Correlates of War project, and the list of Gleditsch and Ward.

A number that the list of states that ships does not have becomes a new state; one that it has gains the name that the
list gives it, where that name is new. When a state was a member of the system has no class in the graph, and is left
out.

References:
    Correlates of War Project, State System Membership, v2016.
    Kristian S. Gleditsch and Michael D. Ward, A Revised List of Independent States since the Congress of Vienna, 1999.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.records import Layout, Record, Table, read_any
from kg.importing.states import Unresolved, states
from kg.importing.writing import Import, Publication, Writer, identifier
from kg.vocab import FOEDUS, RDF, RDFS, SKOS

__all__ = ["read_states"]

_DAY: Final = r"\d\d[:/-]\d\d[:/-]\d{4}"
_COW: Final = Layout(
    ("stateabb", "ccode", "statenme", "styear", "endyear"),
    frozenset({"stmonth", "stday", "endmonth", "endday", "version"}),
    ("ccode", "statenme"),
)
_GW: Final = Layout(
    ("gwcode", "statename"),
    frozenset({"stateid", "stateabb", "begin", "end", "startdate", "enddate", "microstate"}),
    ("gwcode", "statename"),
    bare=(
        ("gwcode", r"\d{1,3}"),
        ("stateid", r"[A-Z]{2,3}"),
        ("statename", r".+"),
        ("begin", _DAY),
        ("end", _DAY),
    ),
)
_SOURCES: Final = {
    "cow": Publication(
        slug="cow-states",
        title="State System Membership (Correlates of War)",
        producer="Correlates of War project",
        coverage="Members of the system of states from 1816, with their numbers.",
        not_before="2017",
    ),
    "gw": Publication(
        slug="gw-states",
        title="List of independent states (Gleditsch and Ward)",
        producer="Gleditsch and Ward",
        coverage="Independent states and microstates from 1816, with their numbers.",
        not_before="1999",
    ),
}


def read_states(paths: Sequence[Path]) -> Import:
    """Import lists of states.

    Args:
        paths: files of either list; that of Gleditsch and Ward may lack a header, as they offer it.

    Raises:
        ParseError: a file is neither, or a number cannot be read.
    """
    writer = Writer("states")
    named: dict[NamedNode, str] = {}
    for path in paths:
        layout, table = read_any(path, (_COW, _GW))
        numbering = "cow" if layout is _COW else "gw"
        writer.take(table)
        writer.dataset(_SOURCES[numbering])
        for row in table:
            _state(writer, numbering, table, row, named)
    return writer.finish()


def _state(writer: Writer, numbering: str, table: Table, row: Record, named: dict[NamedNode, str]) -> None:
    cow = numbering == "cow"
    number, name = (row["ccode"], row["statenme"]) if cow else (row["gwcode"], row["statename"])
    if not re.fullmatch(r"[1-9]\d{0,2}", number):
        raise table.fault(row.line, f"{number!r} is no number of a state")
    code = FOEDUS.cowCode if cow else FOEDUS.gwCode
    try:
        node = states().cow(number) if cow else states().gw(number)
        new = False
    except Unresolved:
        node, new = identifier("state", f"{numbering}-{number}"), True
    if new and node not in named:
        writer.add(node, RDF.type, FOEDUS.State)
        writer.add(node, RDFS.label, name)
        named[node] = name
        writer.note("states are new to the list that ships")
    elif (named.get(node) != name) and not states().knows_name(name):
        writer.add(node, SKOS.altLabel, name)
        writer.note("names are new to the list that ships")
    writer.add(node, code, Literal(int(number)))
    if cow and new and re.fullmatch(r"[A-Z]{3}", row["stateabb"]):
        writer.add(node, FOEDUS.cowAbbreviation, Literal(row["stateabb"]))
    writer.uses(table, [row.number])
