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

from kg.exporting.codes import Codes
from kg.exporting.sheets import FLAG, TABLES, Column

__all__ = ["CAUTION", "NUMBERS", "YEAR_GRAIN", "Coverage", "data_package", "markdown"]

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
_SEVERAL: Final = ("conclusion",)
"""Lists of codes of which a cell may have several; an enumeration in a Table Schema would be of whole cells."""


@dataclass(frozen=True)
class Coverage:
    """A source: its title and what it sets out to record."""

    title: str
    note: str


def data_package(policy: str, years: tuple[int, int], coverage: Sequence[Coverage], codes: Codes) -> bytes:
    """The descriptor of the CSV files, as JSON."""
    resources = [
        {
            "name": sheet.name,
            "path": f"{sheet.name}.csv",
            "profile": "tabular-data-resource",
            "description": f"A row is {sheet.row}.",
            "encoding": "utf-8",
            "schema": {
                "fields": [_field(column, codes) for column in sheet.columns],
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


def _field(column: Column, codes: Codes) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.says}
    field |= {"source": column.source} | ({"unit": column.unit} if column.unit else {})
    if column.unit == FLAG:
        field["constraints"] = {"enum": [0, 1]}
    elif column.codes in _SEVERAL:
        one = "|".join(code.value for code in codes[column.codes])
        field["constraints"] = {"pattern": f"({one})(; ({one}))*"}
    elif column.codes:
        field["constraints"] = {"enum": [code.value for code in codes[column.codes]]}
    return field


def markdown(
    policy: str,
    years: tuple[int, int],
    coverage: Sequence[Coverage],
    covered: Sequence[str],
    definitions: Mapping[str, str],
    codes: Codes,
) -> bytes:
    """The codebook for readers.

    Args:
        policy: name of the trust policy under which the tables hold.
        years: first and last year of the tables by year.
        coverage: the sources, and what each sets out to record.
        covered: what data sets speak of, with the years.
        definitions: the ontology's definition of each class that the tables use.
        codes: the values of columns that can have few.
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
        for column in sheet.columns:
            if column.codes:
                lines += ["", f"Values of {column.name}:", ""]
                lines += [f"- `{code.value}`, {code.label}: {code.says}" for code in codes[column.codes]]
    return ("\n".join(lines) + "\n").encode()
