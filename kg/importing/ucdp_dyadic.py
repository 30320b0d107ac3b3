"""UCDP Dyadic Dataset: one row a pair of opponents and year.

A node is a run of years with the same states on each side. The first run of primary parties begins on the day on which
the episode began, as precisely as that is known; of secondary parties, and of ends, the data set tells the year.

Reference:
    UCDP Dyadic Dataset Codebook (https://ucdp.uu.se/downloads/).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kg.importing.records import Layout
from kg.importing.results import Import
from kg.importing.ucdp import COMMON, UNUSED, WHOLE, DataSet, Spell
from kg.importing.writing import Span
from kg.vocab import FOEDUS

__all__ = ["read_ucdp_dyadic"]


def read_ucdp_dyadic(paths: Sequence[Path]) -> Import:
    """Import pairs of opponents in armed conflicts.

    Args:
        paths: files of the UCDP Dyadic Dataset.

    Raises:
        ParseError: a file is another data set or edition, or a cell cannot be read.
    """
    return _DATA_SET.read(paths)


def _span(spell: Spell, stops: int) -> Span:
    first, last = spell.years
    begin = spell.begin()
    if int(begin[:4]) > first:
        begin = str(first)
    if last == stops:
        return {"begin": begin, "end": FOEDUS.Ongoing, "as_of": str(stops)}
    return {"begin": begin, "end": str(last), "as_of": None}


_DATA_SET: Final = DataSet(
    "ucdp-dyadic",
    "ucdp-dyadic",
    "UCDP Dyadic Dataset",
    "Pairs of opponents in armed conflicts",
    Layout(("dyad_id", *COMMON), UNUSED, ("dyad_id", "conflict_id", "year", "type_of_conflict"), whole=WHOLE),
    "dyad_id",
    "fighting",
    lambda row: f"{row['conflict_id']} {row['dyad_id']}",
    _span,
)
