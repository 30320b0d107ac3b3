"""A data set in one file or in several: what is said is the same, but for the files and rows where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.importing import import_files
from kg.importing.results import Import
from kg.vocab import DCTERMS
from tests.importing.conftest import ACD, ATOP, DYADIC, DYADS, MIDB, TSS, acd, dyad, member, midb
from tests.importing.tables import accounted_for, of_kind, reasons, table

Row = list[object]
Place = tuple[str, int]

NUMBER = st.integers(1, 2)
FLAG = st.integers(0, 1)
STATE = st.sampled_from((2, 20, 365, 371, 999))
SIDES = st.sampled_from(((371, 373), (371, "373, 640"), (373, 371), (371, "")))
STARTS = st.sampled_from(("2000-01-01", "2001-12-31"))
SPELLS = ["stateabb", "ccode", "statenme", "styear", "endyear"]


def directed(pair: tuple[int, int], year: int, *owed: int) -> Row:
    return [*pair, year, *owed]


def opponents(number: int, year: int, sides: tuple[int, object], start: str, level: int) -> Row:
    fought = {"year": year, "gwno_a": sides[0], "gwno_b": sides[1], "start_date2": start, "start_prec2": 1}
    return dyad(dyad_id=number, intensity_level=level, **fought)


def conflict(number: int, year: int, sides: tuple[int, object], start: str, ended: int) -> Row:
    fought = {"year": year, "gwno_a": sides[0], "gwno_b": sides[1], "start_date2": start, "start_prec2": 1}
    return acd(conflict_id=number, ep_end=ended, ep_end_date=f"{year}-06-20" if ended else "", **fought)


def rivals(number: int, last: int, state: int, positional: object) -> Row:
    return [number, "Of old", 2, state, 1950, last, positional, "", "", "", "", ""]


def spell(number: int, first: int, last: int) -> Row:
    return ["XXX", number, f"Land of {number}", first, last]


def promise(treaty: int, state: int, entry: int, leave: str, owed: str) -> Row:
    return member(treaty, state, f"{entry}/1/1", leave, owed)


def participant(number: int, state: int, begin: int, side: int, level: int) -> Row:
    return midb(number, state, f"1/1/{begin}", f"1/1/{begin + 3}", sidea=side, hostlev=level)


def many(rows: st.SearchStrategy[Row], *key: int) -> st.SearchStrategy[list[Row]]:
    """Rows of which no two have the same cells in some columns."""
    return st.lists(rows, min_size=1, max_size=20, unique_by=lambda row: tuple(str(row[place]) for place in key))


PAIRS = st.sampled_from(((2, 20), (20, 2), (365, 371), (371, 365), (2, 999)))
LEAVES = st.sampled_from(("0/0/0", "2001/1/1", "-9/-9/-9"))
TABLES: Mapping[str, tuple[Sequence[str], st.SearchStrategy[list[Row]]]] = {
    "atop-dyads": (DYADS, many(st.builds(directed, PAIRS, st.integers(1990, 1996), *[FLAG] * 5), 0, 1, 2)),
    "ucdp-dyadic": (
        DYADIC,
        many(
            st.builds(opponents, NUMBER, st.integers(2018, 2023), SIDES, STARTS, NUMBER),
            DYADIC.index("dyad_id"),
            DYADIC.index("year"),
        ),
    ),
    "ucdp-acd": (
        ACD,
        many(
            st.builds(conflict, NUMBER, st.integers(2019, 2024), SIDES, STARTS, FLAG),
            ACD.index("conflict_id"),
            ACD.index("year"),
        ),
    ),
    "rivalry": (
        TSS,
        many(st.builds(rivals, st.integers(1, 9), st.integers(2018, 2023), STATE, st.sampled_from((1, ""))), 0),
    ),
    "states": (
        SPELLS,
        many(
            st.builds(spell, st.sampled_from((2, 20, 998)), st.integers(1816, 1900), st.integers(1990, 2016)),
            SPELLS.index("ccode"),
            SPELLS.index("styear"),
        ),
    ),
    "atop-members": (
        ATOP,
        many(
            st.builds(
                promise,
                NUMBER,
                STATE,
                st.sampled_from((-9, 1990, 1991, 1993)),
                LEAVES,
                st.sampled_from(("D", "DC", "")),
            ),
            *map(ATOP.index, ("atopid", "member", "yrent")),
        ),
    ),
    "mid": (
        MIDB,
        many(
            st.builds(participant, NUMBER, STATE, st.integers(1980, 1985), FLAG, st.integers(1, 5)),
            *map(MIDB.index, ("dispnum", "ccode", "styear")),
        ),
    ),
}
"""The columns and some rows of each data set of which files may be extracts."""

IN_ORDER = ("atop-members", "mid")
"""Data sets that tell the times that a state took part by how many came before, so that their rows keep their order."""


def said(result: Import) -> set[str]:
    """What is said, without where it stands."""
    return {line for line in result.lines if str(DCTERMS.source) not in line}


def standing(result: Import) -> dict[str, set[Place]]:
    """In which rows of which files each claim stands."""
    found: dict[str, set[Place]] = {}
    for name, claim in of_kind(result, "Claim").items():
        for text in claim["source"]:
            file, _, rows = text.partition(", ")
            for first, last in re.findall(r"(\d+)(?:-(\d+))?", rows):
                found.setdefault(name, set()).update((file, n) for n in range(int(first), int(last or first) + 1))
    return found


@pytest.mark.parametrize("source", sorted(TABLES))
@given(data=st.data())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_a_data_set_says_the_same_however_its_rows_are_spread_over_files(source: str, data: st.DataObject) -> None:
    columns, strategy = TABLES[source]
    rows = data.draw(strategy)
    files = data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    if source in IN_ORDER:
        files.sort()
    origin: dict[Place, Place] = {}
    parts: dict[int, list[Row]] = {}
    for number, (row, file) in enumerate(zip(rows, files, strict=True), 1):
        part = parts.setdefault(file, [])
        part.append(row)
        origin[f"{file}.csv", len(part)] = "whole.csv", number
    with TemporaryDirectory() as folder:
        whole = import_files(source, [table(Path(folder, "whole.csv"), columns, rows)])
        split = import_files(
            source, [table(Path(folder, f"{file}.csv"), columns, part) for file, part in sorted(parts.items())]
        )
    assert said(split) == said(whole)
    assert {name: {origin[place] for place in places} for name, places in standing(split).items()} == standing(whole)
    assert accounted_for(split) and (split.rows, split.used) == (whole.rows, whole.used)
    assert reasons(split) == reasons(whole)
