"""UCDP/PRIO Armed Conflict Dataset: one row a conflict and year, with the end of each episode.

A node is a run of years of one episode with the same states on each side. That of the primary parties begins on the day
on which the episode began, as precisely as that is known, or in the year in which the sides changed; it ends with the
episode, or where the sides change, or is ongoing as of the last year of the data. Of secondary parties the years are
known.

Reference:
    UCDP/PRIO Armed Conflict Dataset Codebook (https://ucdp.uu.se/downloads/).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode

from kg.importing.records import Layout
from kg.importing.results import Import
from kg.importing.ucdp import COMMON, UNUSED, WHOLE, DataSet, Spell, coarse
from kg.importing.writing import Span
from kg.vocab import FOEDUS

__all__ = ["read_ucdp_acd"]


def read_ucdp_acd(paths: Sequence[Path]) -> Import:
    """Import armed conflicts.

    Args:
        paths: files of the UCDP/PRIO Armed Conflict Dataset.

    Raises:
        ParseError: a file is another data set or edition, or a cell cannot be read.
    """
    return _DATA_SET.read(paths)


def _span(spell: Spell, stops: int) -> Span:
    (table, head), (other, tail) = spell.rows[0], spell.rows[-1]
    first, last = spell.years
    begin = spell.begin()
    end: str | NamedNode = str(last)
    as_of = None
    if tail["ep_end"] == "1":
        day = coarse(other, tail, "ep_end_date", tail.get("ep_end_prec"))
        end = str(last) if spell.secondary or day is None else day
    elif last == stops:
        end, as_of = FOEDUS.Ongoing, str(stops)
    if int(begin[:4]) > first:
        raise table.fault(head.line, f"the episode begins on {begin}, after {first}, the first year of its rows")
    if isinstance(end, str) and end[: len(begin)] < begin[: len(end)]:
        raise other.fault(tail.line, f"the episode ends on {end}, before it begins on {begin}")
    if isinstance(end, str) and end[:4] != str(last):  # the rows say in which years the sides fought
        end = str(last)
    return {"begin": begin, "end": end, "as_of": as_of}


_DATA_SET: Final = DataSet(
    "ucdp-acd",
    "ucdp-prio-acd",
    "UCDP/PRIO Armed Conflict Dataset",
    "Armed conflicts of states",
    Layout(
        (*COMMON, "ep_end", "ep_end_date"),
        UNUSED | {"cumulative_intensity", "ep_end_prec"},
        ("conflict_id", "year", "type_of_conflict"),
        whole=WHOLE,
    ),
    "conflict_id",
    "conflict",
    lambda row: row["conflict_id"],
    _span,
)
