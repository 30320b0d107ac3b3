"""The codebook of the tables: what each column means, in which unit, from which premises.

One description gives both forms: Markdown for readers, and a Data Package descriptor with a Table Schema a table for
machines.

Reference:
    Data Package and Table Schema, version 1 (https://specs.frictionlessdata.io).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kg.exporting.record import HOSTILITIES, OBLIGATIONS

__all__ = ["CAUTION", "NUMBERS", "TABLES", "YEAR_GRAIN", "Column", "Coverage", "Sheet", "data_package", "markdown"]

CAUTION: Final = (
    "A betrayal is an analytic category, not a verdict: recorded conduct and a recorded obligation meet in time. It "
    "says nothing about motive, knowledge or law."
)
YEAR_GRAIN: Final = (
    "Year grain: an obligation, a transfer or a hostility is in a year if it can have been in force on any day of it, "
    "and things of one year meet. Day grain: they meet only if they can have been in force on one day; an ally from 30 "
    "May is no ally on 2 April of that year. Tables named by year are of year grain, the others of day grain, and the "
    "column grain says which. A column that ends in _definite is 1 only where it is so under every reading of the "
    "dates. What a source saw going on when it stopped is definite until then and possible afterwards. An obligation "
    "follows from two memberships that have to meet on a day: where all that is known of both is one same year they "
    "may have missed each other, so that one coded for a single year, as in ATOP's dyad-years, is not definite."
)

NUMBERS: Final = (
    "State numbers: a state to which a list gave several numbers in turn, such as Germany, Yemen or Serbia, has that "
    "of the time: of 1 January in tables named by year, of the first day on which a row can have begun in the others. "
    "Where the list has none for that day, as the Correlates of War have none for Germany between 1945 and 1955, it is "
    "the next one, and after all of them the last. In a year in which a state changes its number, other data may have "
    "rows under both, and some use a number for other years than its list does: UCDP keeps 345 for Serbia after 2006, "
    "where Gleditsch and Ward have 340, and lists of rivalries have 679 for Yemen before 1990. The table states has "
    "all numbers with their years."
)
SILENT: Final = "; empty where it does not and no data set at hand speaks for the year"
SPANS: Final = ", separated by semicolons, each with the years from and to which it stands where there are several"


@dataclass(frozen=True)
class Column:
    """One column: name, type of Table Schema, what it says, its unit, and whence it comes."""

    name: str
    type: str
    says: str
    unit: str = ""
    source: str = "as coded by the sources that count"


@dataclass(frozen=True)
class Sheet:
    """One table: name of its file, what a row is, its columns, and those that tell rows apart."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """A source: its title and what it sets out to record."""

    title: str
    note: str


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
                "0 or 1",
                source,
            ),
            Column(
                f"{name}_definite",
                "integer",
                f"1 where {says.format(name)} in the year under every reading, 0 where not{SILENT}",
                "0 or 1",
                source,
            ),
        )
    )


_YEAR: Final = Column("year", "integer", "the year", "calendar year", "computed")
_GRAIN: Final = Column("grain", "string", "whether dates were compared by day or by year", source="computed")
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
    ),
    Column(
        "status",
        "string",
        "how sure the weakest premise is: fact, reported, alleged or speculated",
        source="claims of the sources",
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
                "0 or 1",
                "alliance sources, such as ATOP",
            ),
            *_SUPPLY,
            *_HOSTILE,
            Column(
                "overlap",
                "string",
                "definite where an obligation, a transfer and a hostility of the year are definite, else possible",
                source="computed",
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
                "its kinds, such as AllySupplyingAdversary; empty where no kind is defined for its premises",
                source="ontology",
            ),
            *_state("obligor", "the state that owes"),
            *_state("obligee", "the state that is owed"),
            *_state("second_obligee", "the other state that is owed, where loyalty is divided"),
            *_state("adversary", "the hostile state"),
            Column("obligation_kind", "string", "kind of the obligation", source="alliance sources, such as ATOP"),
            Column("alliance", "string", "the alliance from which it follows", source="alliance sources, such as ATOP"),
            Column("conduct", "string", "the transfer, or what was let happen"),
            Column("hostility_kind", "string", "kind of the hostility"),
            Column("hostility", "string", "the conflict, dispute, incursion or rivalry from which it follows"),
            *_WHEN,
            Column(
                "coverage",
                "string",
                "where it rests on silence, whether a source sets out to record help",
                source="sources",
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
            Column("kind", "string", "kind of the obligation", source="alliance sources, such as ATOP"),
            Column("alliance", "string", "the alliance from which it follows", source="alliance sources, such as ATOP"),
            Column("alliance_id", "string", "identifier of the alliance in the graph", source="graph"),
            *_WHEN,
            _GRAIN,
        ),
        ("obligation",),
    ),
)
"""The tables, in the order of the codebook."""


def data_package(policy: str, years: tuple[int, int], coverage: Sequence[Coverage]) -> bytes:
    """The descriptor of the CSV files, as JSON."""
    resources = [
        {
            "name": sheet.name,
            "path": f"{sheet.name}.csv",
            "profile": "tabular-data-resource",
            "description": f"A row is {sheet.row}.",
            "encoding": "utf-8",
            "schema": {
                "fields": [_field(column) for column in sheet.columns],
                "primaryKey": list(sheet.key),
                "missingValues": [""],
            },
        }
        for sheet in TABLES
    ]
    package = {
        "profile": "tabular-data-package",
        "name": "foedus-tables",
        "title": "Obligations, arms, hostilities and the conclusions from them",
        "description": f"{CAUTION} {YEAR_GRAIN} {NUMBERS} Trust policy: {policy}. Years: {years[0]} to {years[1]}.",
        "sources": [{"title": source.title} for source in coverage],
        "resources": resources,
    }
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()


def _field(column: Column) -> dict[str, Any]:
    field = {"name": column.name, "type": column.type, "description": column.says, "source": column.source}
    return field | ({"unit": column.unit} if column.unit else {})


def markdown(
    policy: str,
    years: tuple[int, int],
    coverage: Sequence[Coverage],
    covered: Sequence[str],
    definitions: Mapping[str, str],
) -> bytes:
    """The codebook for readers.

    Args:
        policy: name of the trust policy under which the tables hold.
        years: first and last year of the tables by year.
        coverage: the sources, and what each sets out to record.
        covered: what data sets speak of, with the years.
        definitions: the ontology's definition of each class that the tables use.
    """
    lines = ["# Codebook", "", CAUTION, "", YEAR_GRAIN, "", NUMBERS, ""]
    lines += [f"Trust policy: {policy}. Years of the tables by year: {years[0]} to {years[1]}.", ""]
    lines += ["The CSV files are UTF-8 with a header; an empty cell is a missing value. `datapackage.json` says the"]
    lines += ["same to machines, and each table is there as Parquet too.", "", "## Definitions", ""]
    lines += [f"- **{label}**: {says}" for label, says in sorted(definitions.items())]
    lines += [
        "",
        "## Coverage",
        "",
        "In the tables by year an empty place means *not covered*, and 0 *not recorded, though a data set speaks for",
        "the year*. Data sets speak for these years, and an extract only for the states that it is of:",
        "",
    ]
    lines += [*(f"- {what}" for what in covered), *([""] if covered else [])]
    lines += [
        f"- **{source.title}**: {source.note or 'it does not say what it sets out to record'}" for source in coverage
    ]
    for sheet in TABLES:
        lines += ["", f"## {sheet.name}", "", f"A row is {sheet.row}.", ""]
        lines += ["| column | type | unit | meaning | source |", "|---|---|---|---|---|"]
        lines += [f"| {c.name} | {c.type} | {c.unit} | {c.says} | {c.source} |" for c in sheet.columns]
    return ("\n".join(lines) + "\n").encode()
