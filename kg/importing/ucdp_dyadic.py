"""UCDP Dyadic Dataset: one row a pair of opponents and year.

A node is a run of years with the same states on each side. The first run of an episode begins on the day on which the
episode began, as precisely as that is known; the data set says no more of an end than the last year with 25 deaths.

Reference:
    UCDP Dyadic Dataset Codebook (https://ucdp.uu.se/downloads/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal

from kg.importing.records import Layout, Record, Table, read_table
from kg.importing.ucdp import COMMON, Side, Spell, coarse, edition, names, sides, spells
from kg.importing.writing import Import, Publication, Writer, identifier
from kg.vocab import FOEDUS

__all__ = ["read_ucdp_dyadic"]

_LAYOUT: Final = Layout(
    ("dyad_id", *COMMON),
    frozenset(
        {
            "location",
            "side_a_id",
            "side_a_2nd",
            "side_b_id",
            "side_b_2nd",
            "incompatibility",
            "territory_name",
            "start_date",
            "start_prec",
            "gwno_loc",
            "region",
        }
    ),
    ("dyad_id", "conflict_id", "year", "type_of_conflict"),
)


def read_ucdp_dyadic(paths: Sequence[Path]) -> Import:
    """Import pairs of opponents in armed conflicts.

    Args:
        paths: files of the UCDP Dyadic Dataset.

    Raises:
        ParseError: a file is another data set or edition, or a cell cannot be read.
    """
    writer = Writer("ucdp-dyadic")
    for path in paths:
        table = read_table(path, _LAYOUT)
        writer.take(table)
        publication, last = edition(
            table, "ucdp-dyadic", "UCDP Dyadic Dataset", "Pairs of opponents in armed conflicts"
        )
        dyads: dict[str, list[tuple[Record, Side, Side]]] = defaultdict(list)
        for row in table:
            if writer.repeats(table, row, "version", row["version"], "dyad_id", row["dyad_id"], "year", row["year"]):
                continue
            found = sides(writer, table, row)
            if found is not None:
                dyads[row["dyad_id"]].append((row, *found))
        for number, rows in dyads.items():
            for spell in spells(rows):
                _dyad(writer, publication, table, number, spell, last)
    return writer.finish()


def _dyad(writer: Writer, publication: Publication, table: Table, number: str, spell: Spell, stops: int) -> None:
    head = spell.rows[0]
    first, last = spell.years
    begin = coarse(table, head, "start_date2", head["start_prec2"]) if spell.first else None
    if begin is None or int(begin[:4]) > last:
        begin = str(first)
    open_end = last == stops
    node = writer.node(
        identifier("conflict", f"{publication.slug}-{number}-{first}"),
        FOEDUS.ArmedConflict,
        f"fighting of {names(spell.a)} with {names(spell.b)}, {f'{first}-{last}' if first < last else first} (UCDP)",
        *((FOEDUS.sideA, state) for state in spell.a),
        *((FOEDUS.sideB, state) for state in spell.b),
        (FOEDUS.intensity, Literal(spell.intensities())),
        begin=begin,
        end=FOEDUS.Ongoing if open_end else str(last),
        as_of=str(stops) if open_end else None,
    )
    writer.notation(node, f"{head['conflict_id']} {number}")
    writer.claim(publication, f"{number}-{first}", table, [row.number for row in spell.rows], [node])
