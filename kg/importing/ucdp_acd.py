"""UCDP/PRIO Armed Conflict Dataset: one row a conflict and year, with the end of each episode.

A node is a run of years of one episode with the same states on each side. It begins on the day on which the episode
began, as precisely as that is known, or in the year in which the sides changed; it ends with the episode, or where
the sides change, or is ongoing as of the last year of the data.

Reference:
    UCDP/PRIO Armed Conflict Dataset Codebook (https://ucdp.uu.se/downloads/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.records import Layout, Record, Table, read_table
from kg.importing.ucdp import COMMON, Side, Spell, coarse, edition, names, sides, spells
from kg.importing.writing import Import, Publication, Writer, identifier
from kg.vocab import FOEDUS

__all__ = ["read_ucdp_acd"]

_LAYOUT: Final = Layout(
    (*COMMON, "ep_end", "ep_end_date"),
    frozenset(
        {
            "location",
            "side_a_id",
            "side_a_2nd",
            "side_b_id",
            "side_b_2nd",
            "incompatibility",
            "territory_name",
            "cumulative_intensity",
            "start_date",
            "start_prec",
            "ep_end_prec",
            "gwno_loc",
            "region",
        }
    ),
    ("conflict_id", "year", "type_of_conflict"),
)


def read_ucdp_acd(paths: Sequence[Path]) -> Import:
    """Import armed conflicts.

    Args:
        paths: files of the UCDP/PRIO Armed Conflict Dataset.

    Raises:
        ParseError: a file is another data set or edition, or a cell cannot be read.
    """
    writer = Writer("ucdp-acd")
    for path in paths:
        table = read_table(path, _LAYOUT)
        writer.take(table)
        publication, last = edition(
            table, "ucdp-prio-acd", "UCDP/PRIO Armed Conflict Dataset", "Armed conflicts of states"
        )
        conflicts: dict[str, list[tuple[Record, Side, Side]]] = defaultdict(list)
        for row in table:
            if writer.repeats(
                table, row, "version", row["version"], "conflict_id", row["conflict_id"], "year", row["year"]
            ):
                continue
            found = sides(writer, table, row)
            if found is not None:
                conflicts[row["conflict_id"]].append((row, *found))
        for number, rows in conflicts.items():
            for spell in spells(rows):
                _conflict(writer, publication, table, number, spell, last)
    return writer.finish()


def _conflict(writer: Writer, publication: Publication, table: Table, number: str, spell: Spell, stops: int) -> None:
    head, tail = spell.rows[0], spell.rows[-1]
    first, last = spell.years
    begin = coarse(table, head, "start_date2", head["start_prec2"]) if spell.first else None
    end: str | NamedNode = str(last)
    as_of = None
    if tail["ep_end"] == "1":
        end = coarse(table, tail, "ep_end_date", tail.get("ep_end_prec")) or str(last)
    elif last == stops:
        end, as_of = FOEDUS.Ongoing, str(stops)
    begin = begin or str(first)
    if isinstance(end, str) and end[: len(begin)] < begin[: len(end)]:
        raise table.fault(tail.line, f"the episode ends on {end}, before it begins on {begin}")
    node = writer.node(
        identifier("conflict", f"{publication.slug}-{number}-{first}"),
        FOEDUS.ArmedConflict,
        f"conflict of {names(spell.a)} with {names(spell.b)}, {f'{first}-{last}' if first < last else first} (UCDP)",
        *((FOEDUS.sideA, state) for state in spell.a),
        *((FOEDUS.sideB, state) for state in spell.b),
        (FOEDUS.intensity, Literal(spell.intensities())),
        begin=begin,
        end=end,
        as_of=as_of,
    )
    writer.notation(node, number)
    writer.claim(publication, f"{number}-{first}", table, [row.number for row in spell.rows], [node])
