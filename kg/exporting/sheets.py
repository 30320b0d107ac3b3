"""The tables and their columns: what each means, in which unit, from which premises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.exporting.record import HOSTILITIES, OBLIGATIONS

__all__ = ["FLAG", "TABLES", "Column", "Sheet"]

FLAG: Final = "0 or 1"
"""The unit of columns that say whether something is so."""

SILENT: Final = "; empty where it does not and no data set at hand speaks for the year"
SPANS: Final = ", separated by semicolons, each with the years from and to which it stands where there are several"


@dataclass(frozen=True)
class Column:
    """One column: name, type of Table Schema, what it says, its unit, whence it comes, and the list of its codes."""

    name: str
    type: str
    says: str
    unit: str = ""
    source: str = "as coded by the sources that count"
    codes: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table: name of its file, what a row is, its columns, and those that tell rows apart."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def _state(role: str, says: str) -> tuple[Column, ...]:
    listed, then = "list of states", "at the time, empty where there is none"
    return (
        Column(f"{role}_name", "string", f"{says}: English name", source=listed),
        Column(f"{role}_iso3", "string", f"{says}: ISO 3166-1 alpha-3 code, empty where there is none", source=listed),
        Column(f"{role}_cow", "integer", f"{says}: Correlates of War number {then}", source=listed),
        Column(f"{role}_gw", "integer", f"{says}: Gleditsch and Ward number {then}", source=listed),
    )


def _flags(names: Sequence[str], says: str, source: str) -> tuple[Column, ...]:
    return tuple(
        column
        for name in names
        for column in (
            Column(
                name,
                "integer",
                f"1 where {says.format(name)} on some day of the year under some reading, 0 where not{SILENT}",
                FLAG,
                source,
            ),
            Column(
                f"{name}_definite",
                "integer",
                f"1 where {says.format(name)} in the year under every reading, 0 where not{SILENT}",
                FLAG,
                source,
            ),
        )
    )


_YEAR: Final = Column("year", "integer", "the year", "calendar year", "computed")
_GRAIN: Final = Column(
    "grain", "string", "whether dates were compared by day or by year", source="computed", codes="grain"
)
_BOND_KIND: Final = Column(
    "kind", "string", "kind of the obligation", source="alliance sources, such as ATOP", codes="obligation"
)
_SUPPLY: Final = (
    Column(
        "transfers",
        "integer",
        f"transfers of major arms whose delivery can have touched the year{SILENT}",
        "transfers",
        "arms-transfer sources, such as SIPRI",
    ),
    Column(
        "transfers_definite",
        "integer",
        "of these, those whose delivery touched it under every reading",
        "transfers",
        "arms-transfer sources, such as SIPRI",
    ),
    Column(
        "transfers_with_tiv",
        "integer",
        "of the transfers, those with a trend-indicator value; a deal delivered in several runs of years has none",
        "transfers",
        "SIPRI",
    ),
    Column(
        "tiv_spread",
        "number",
        "sum of the values, each spread evenly over the years of its delivery, which is an assumption",
        "SIPRI trend-indicator value, millions",
        "SIPRI, computed",
    ),
)
_WHEN: Final = (
    Column(
        "begin_earliest",
        "date",
        "first day on which it can have begun, empty where no source bounds it",
        "day",
        "computed from the dates of the sources",
    ),
    Column(
        "begin_latest",
        "date",
        "last day on which it can have begun, empty where no source bounds it",
        "day",
        "computed from the dates of the sources",
    ),
    Column(
        "end_earliest",
        "date",
        "first day on which it can have ended, empty where no source bounds it",
        "day",
        "computed from the dates of the sources",
    ),
    Column(
        "end_latest",
        "date",
        "last day on which it can have ended, empty where no source bounds it",
        "day",
        "computed from the dates of the sources",
    ),
    Column(
        "overlap",
        "string",
        "definite where the premises meet under every reading of their dates, else possible",
        source="computed",
        codes="overlap",
    ),
    Column(
        "status",
        "string",
        "how sure the weakest premise is: fact, reported, alleged or speculated",
        source="claims of the sources",
        codes="status",
    ),
)
_BOUND: Final = _flags(OBLIGATIONS, "an obligation of {0} was in force", "alliance sources, such as ATOP")
_HOSTILE: Final = _flags(HOSTILITIES, "hostility through {0} held", "conflict and rivalry sources, such as UCDP")

TABLES: Final = (
    Sheet(
        "states",
        "a state",
        (
            Column("name", "string", "English name", source="list of states"),
            Column("iso3", "string", "ISO 3166-1 alpha-3 code", source="list of states"),
            Column("cow", "integer", "Correlates of War number, the last of several", source="list of states"),
            Column("gw", "integer", "Gleditsch and Ward number, the last of several", source="list of states"),
            Column("cow_numbers", "string", f"all its Correlates of War numbers{SPANS}", source="list of states"),
            Column("gw_numbers", "string", f"all its Gleditsch and Ward numbers{SPANS}", source="list of states"),
            Column(
                "id",
                "string",
                "identifier in the graph, after https://w3id.org/foedus/id/ where it is no full IRI",
                source="graph",
            ),
        ),
        ("id",),
    ),
    Sheet(
        "directed-dyad-year",
        "an ordered pair of states and a year in which the one owed the other an obligation, supplied it with arms or "
        "was hostile to it",
        (
            _YEAR,
            *_state("one", "the state that owes, supplies or is hostile"),
            *_state("other", "the state towards which it is or does so"),
            *_BOUND,
            *_SUPPLY,
            *_HOSTILE,
            _GRAIN,
        ),
        ("year", "one_name", "other_name"),
    ),
    Sheet(
        "triad-year",
        "a supplier, a state to which it owed an obligation, an adversary of that state which it supplied with arms, "
        "and a year",
        (
            _YEAR,
            *_state("supplier", "the state that supplied"),
            *_state("state", "the state to which it owed an obligation"),
            *_state("adversary", "the state that was hostile to it and received arms"),
            *_BOUND,
            Column(
                "alliances",
                "string",
                "the alliances under which the supplier owed the state something, separated by semicolons",
                source="alliance sources, such as ATOP",
            ),
            Column(
                "supplier_owes_adversary",
                "integer",
                f"1 where the supplier owed the adversary something too in that year, 0 where not{SILENT}",
                FLAG,
                "alliance sources, such as ATOP",
            ),
            *_SUPPLY,
            *_HOSTILE,
            Column(
                "overlap",
                "string",
                "definite where an obligation, a transfer and a hostility of the year are definite, else possible",
                source="computed",
                codes="overlap",
            ),
            Column(
                "episodes",
                "integer",
                "how many conclusions of day grain touch the year; 0 where the premises share the year and no day",
                "episodes",
                "computed",
            ),
            _GRAIN,
        ),
        ("year", "supplier_name", "state_name", "adversary_name"),
    ),
    Sheet(
        "episode",
        "a conclusion: premises that meet in time, with a betrayal as one kind of it",
        (
            Column("episode", "string", "identifier in the graph, to be explained", source="graph"),
            Column(
                "kind",
                "string",
                "its kinds, separated by semicolons; empty where no kind is defined for its premises",
                source="ontology",
                codes="conclusion",
            ),
            *_state("obligor", "the state that owes"),
            *_state("obligee", "the state that is owed"),
            *_state("second_obligee", "the other state that is owed, where loyalty is divided"),
            *_state("adversary", "the hostile state"),
            replace(_BOND_KIND, name="obligation_kind"),
            Column("alliance", "string", "the alliance from which it follows", source="alliance sources, such as ATOP"),
            Column("conduct", "string", "the transfer, or what was let happen"),
            Column("hostility_kind", "string", "kind of the hostility", codes="hostility"),
            Column("hostility", "string", "the conflict, dispute, incursion or rivalry from which it follows"),
            *_WHEN,
            Column(
                "coverage",
                "string",
                "where it rests on silence, whether a source sets out to record help",
                source="sources",
                codes="coverage",
            ),
            _GRAIN,
        ),
        ("episode",),
    ),
    Sheet(
        "obligation-interval",
        "an obligation of one state to another under one alliance",
        (
            Column("obligation", "string", "identifier in the graph", source="graph"),
            *_state("obligor", "the state that owes"),
            *_state("obligee", "the state that is owed"),
            _BOND_KIND,
            Column("alliance", "string", "the alliance from which it follows", source="alliance sources, such as ATOP"),
            Column("alliance_id", "string", "identifier of the alliance in the graph", source="graph"),
            *_WHEN,
            _GRAIN,
        ),
        ("obligation",),
    ),
)
"""The tables, in the order of the codebook."""
