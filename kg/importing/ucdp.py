"""What the two UCDP data sets share: parties, types of conflict, and dates with a code of precision.

Parties are numbered by Gleditsch and Ward, several in one cell, and states that support a side with troops stand in
cells of their own (``gwno_a_2nd``, ``gwno_b_2nd``). They fight on that side, but the days of an episode are those of
its primary parties. So a row is up to three pairs of sides: the primary parties, with the days of the episode; whoever
supports side A and the primary parties of side B, and all of side A and whoever supports side B, with years alone.

Precision (``start_prec`` and its like) 1 is a known day. The codes from 2 on stand for dates of which more and more
was assigned; what exactly is not relied upon: of 2 to 5 only the year is taken, and of 6 and 7 nothing, where the year
of the row stands in. A date without a code may be assigned too, to the last day of a month or of the year.

Several files of one version are extracts of it: the years of an episode may stand in more than one.

References:
    UCDP/PRIO Armed Conflict Dataset Codebook; UCDP Dyadic Dataset Codebook (https://ucdp.uu.se/downloads/): the date
        is that on which the episode reached 25 deaths, as precise as known, and 31 December by default.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.records import Layout, Record, Table, one_edition, read_table
from kg.importing.results import Import
from kg.importing.states import Unresolved, states
from kg.importing.writing import Publication, Span, Writer, identifier
from kg.vocab import FOEDUS

__all__ = ["COMMON", "PRODUCER", "UNUSED", "WHOLE", "DataSet", "Spell", "coarse"]

COMMON: Final = (
    "conflict_id",
    "side_a",
    "side_b",
    "year",
    "intensity_level",
    "type_of_conflict",
    "start_date2",
    "start_prec2",
    "gwno_a",
    "gwno_a_2nd",
    "gwno_b",
    "gwno_b_2nd",
    "version",
)
UNUSED: Final = frozenset(
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
)
"""Columns of both that nothing is made of; a file may lack them."""
WHOLE: Final = frozenset(
    {
        "dyad_id",
        "conflict_id",
        "side_a_id",
        "side_b_id",
        "incompatibility",
        "year",
        "intensity_level",
        "cumulative_intensity",
        "type_of_conflict",
        "start_prec",
        "start_prec2",
        "ep_end",
        "ep_end_prec",
        "gwno_a",
        "gwno_a_2nd",
        "gwno_b",
        "gwno_b_2nd",
        "gwno_loc",
        "region",
    }
)
"""Columns of either that hold whole numbers."""
_FIRST_YEAR: Final = 1946
PRODUCER: Final = "Uppsala Conflict Data Program"
Side = tuple[NamedNode, ...]
_Sides = Mapping[str, tuple[Side, Side]]
"""The pairs of sides of a row by the column that makes states secondary parties, and under no name the primary ones."""
_Year = tuple[Table, Record, _Sides]
"""A row, and its pairs of sides; none where it was set aside."""
_SECONDARY: Final = {"gwno_a_2nd": "a", "gwno_b_2nd": "b"}
"""The columns of secondary parties, each with the side that they support."""
_INTENSITIES: Final = ("1", "2")
_FLAGS: Final = ("", "0", "1")
_NUMBERS: Final = re.compile(r"(\d+(\s*[,;\s]\s*\d+)*)?")
_TYPES: Final = {"1": "extrasystemic", "2": "interstate", "3": "intrastate", "4": "internationalized intrastate"}


@dataclass
class Spell:
    """Years of a conflict without a gap and with the same sides.

    Attributes:
        a: states of side A.
        b: states of side B.
        secondary: the column that names the states of one side, where they support it; "" for primary parties.
        rows: the rows, each with its file, in the order of the years.
        first: whether the episode begins with it.
    """

    a: Side
    b: Side
    secondary: str = ""
    rows: list[tuple[Table, Record]] = field(default_factory=list)
    first: bool = True

    @property
    def years(self) -> tuple[int, int]:
        """First and last year."""
        return int(self.rows[0][1]["year"]), int(self.rows[-1][1]["year"])

    def begin(self) -> str:
        """When it began: with the episode, as precisely as that is known, or in the year of its first row.

        An extract may lack the years before, in which the episode was fought with other sides. On which day of the
        year a secondary party came in is not told.
        """
        table, head = self.rows[0]
        begin = coarse(table, head, "start_date2", head["start_prec2"])
        if self.secondary or not self.first:
            begin = None
        return head["year"] if begin is None or begin[:4] < head["year"] else begin

    def intensities(self) -> str:
        """The highest code of intensity, as UCDP writes it."""
        return max(row["intensity_level"] for _, row in self.rows)


@dataclass(frozen=True)
class DataSet:
    """What sets one of the two apart.

    Attributes:
        importer: what ``kg import`` calls it.
        slug: how the identifiers of its editions begin.
        title: its title, without the version.
        what: what it has a row a year of.
        layout: its columns.
        number: the column that numbers that.
        word: what is going on, for labels.
        notation: its number, from a row.
        span: when a spell began and ended, given the last year of the data.
    """

    importer: str
    slug: str
    title: str
    what: str
    layout: Layout
    number: str
    word: str
    notation: Callable[[Record], str]
    span: Callable[[Spell, int], Span]

    def read(self, paths: Sequence[Path]) -> Import:
        """Import files, a node a spell.

        Raises:
            ParseError: a file is another data set or edition, or a cell cannot be read.
        """
        writer = Writer(self.importer)
        found: dict[tuple[Publication, int, str], list[_Year]] = defaultdict(list)
        versions: list[tuple[Table, str]] = []
        for path in paths:
            table = read_table(path, self.layout)
            writer.take(table)
            publication, last = _edition(table, self.slug, self.title, self.what)
            versions.append((table, table.frame["version"].iloc[0]))
            one_edition(versions, "version")
            for row in table:
                number = row[self.number]
                if not re.fullmatch(r"\d+", number):
                    raise table.fault(row.line, f"{self.number}: {number!r} is no number")
                if writer.repeats(table, row, "version", row["version"], self.number, number, "year", row["year"]):
                    continue
                found[publication, last, number].append((table, row, _sides(writer, table, row)))
        for (publication, last, number), rows in found.items():
            for secondary in ("", *_SECONDARY):
                for spell in _spells(rows, secondary):
                    self._write(writer, publication, number, spell, last)
        return writer.finish()

    def _write(self, writer: Writer, publication: Publication, number: str, spell: Spell, stops: int) -> None:
        first, last = spell.years
        years = f"{first}-{last}" if first < last else first
        name, parties = f"{number}-{first}", {"a": _names(spell.a), "b": _names(spell.b)}
        if spell.secondary:
            side = _SECONDARY[spell.secondary]
            name += f"-{spell.secondary.replace('_', '-')}"
            parties[side] += f" in support of side {side.upper()}"
        node = writer.node(
            identifier("conflict", f"{publication.slug}-{name}"),
            FOEDUS.ArmedConflict,
            f"{self.word} of {parties['a']} with {parties['b']}, {years} (UCDP)",
            *((FOEDUS.sideA, state) for state in spell.a),
            *((FOEDUS.sideB, state) for state in spell.b),
            (FOEDUS.intensity, Literal(spell.intensities())),
            **self.span(spell, stops),
        )
        writer.notation(node, self.notation(spell.rows[0][1]))
        places = [(table, row.number) for table, row in spell.rows]
        writer.claim_together(publication, name, places, [node])


def _sides(writer: Writer, table: Table, row: Record) -> _Sides:
    """The pairs of sides of a row; none where the row was set aside."""
    kind = row["type_of_conflict"]
    if kind not in _TYPES:
        raise table.fault(row.line, f"type_of_conflict: {kind!r} is none of {', '.join(_TYPES)}")
    if row["intensity_level"] not in _INTENSITIES:
        listed = ", ".join(_INTENSITIES)
        raise table.fault(row.line, f"intensity_level: {row['intensity_level']!r} is none of {listed}")
    if row.get("ep_end") not in _FLAGS:
        raise table.fault(row.line, f"ep_end: {row['ep_end']!r} is neither 0 nor 1")
    for column in ("gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd"):
        if not _NUMBERS.fullmatch(row[column]):
            raise table.fault(row.line, f"{column}: {row[column]!r} is no list of numbers")
    try:
        a, b, with_a, with_b = (_states(row[name]) for name in ("gwno_a", "gwno_b", *_SECONDARY))
    except Unresolved as fault:
        writer.aside(table, row.number, row.line, str(fault))
        return {}
    if not a | with_a or not b | with_b:
        side = "B" if a | with_a else "A"
        writer.aside(table, row.number, row.line, f"{_TYPES[kind]}: no state on side {side}")
        return {}
    if (a | with_a) & (b | with_b):
        writer.aside(table, row.number, row.line, "one state on both sides")
        return {}
    pairs = {"": (a, b), "gwno_a_2nd": (with_a - a, b), "gwno_b_2nd": (a | with_a, with_b - b)}
    return {name: (_side(one), _side(other)) for name, (one, other) in pairs.items() if one and other}


def _states(cell: str) -> set[NamedNode]:
    return {states().gw(part) for part in re.split(r"[,;\s]+", cell) if part}


def _side(parties: set[NamedNode]) -> Side:
    return tuple(sorted(parties, key=str))


def _spells(rows: Sequence[_Year], secondary: str) -> Iterator[Spell]:
    """Runs of years of one conflict or dyad, in order, with the same sides and the same begin of the episode.

    A year without these sides is none of a run, but of the episode: states that come in after it did not begin it.
    """
    spell: Spell | None = None
    before: Record | None = None
    for table, row, pairs in sorted(rows, key=lambda item: int(item[1]["year"])):
        sides = pairs.get(secondary)
        same = before is not None and int(row["year"]) - int(before["year"]) <= 1
        same = same and before is not None and row["start_date2"] == before["start_date2"]
        before = row
        if spell is not None and (not same or sides != (spell.a, spell.b)):
            yield spell
            spell = None
        if sides is not None:
            spell = spell or Spell(*sides, secondary, first=not same)
            spell.rows.append((table, row))
    if spell is not None:
        yield spell


def coarse(table: Table, row: Record, column: str, precision: str) -> str | None:
    """A date only as precise as its code says; ``None`` where not even the year is known.

    Without a code the last day of a month or a year is read as that month or year, since UCDP assigns such days to
    dates that it does not know better.
    """
    text = row[column][:10]
    if not text:
        return None
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if match is None:
        raise table.fault(row.line, f"{column}: {text!r} is no date (YYYY-MM-DD)")
    year, month, day = map(int, match.groups())
    if year < _FIRST_YEAR:
        raise table.fault(row.line, f"{column}: the year {year} is before {_FIRST_YEAR}, with which the data begin")
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise table.fault(row.line, f"{column}: {text!r} is no day of the calendar")
    if not precision:
        last = day == calendar.monthrange(year, month)[1]
        return text if not last else text[:4] if month == 12 else text[:7]
    if precision not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise table.fault(row.line, f"precision {precision!r} of {column} is not one of 1 to 7")
    return {"1": text, "6": None, "7": None}.get(precision, text[:4])


def _names(side: Side) -> str:
    """The states of a side, in words."""
    labels = sorted(states().label(state) for state in side)
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def _edition(table: Table, slug: str, title: str, what: str) -> tuple[Publication, int]:
    """The edition of a file, from its column ``version`` such as ``24.1``, and its last year."""
    frame = table.frame
    versions = list(dict.fromkeys(frame["version"]))
    if len(versions) != 1 or not re.fullmatch(r"\d\d\.\d", versions[0]):
        wrong = frame.index[~frame["version"].str.fullmatch(r"\d\d\.\d") | (frame["version"] != versions[0])]
        line = int(frame.loc[wrong[0], "#line"])
        raise table.fault(line, f"version: {frame.loc[wrong[0], 'version']!r} is not one version such as '24.1'")
    version = versions[0]
    # Version YY.1 comes out in the year 20YY and ends with the year before; a part of a file may end earlier.
    last = 2000 + int(version[:2]) - 1
    for line, year in zip(frame["#line"], frame["year"], strict=True):
        if not re.fullmatch(r"\d{4}", year) or not _FIRST_YEAR <= int(year) <= last:
            message = f"year: {year!r} is none of {_FIRST_YEAR} to {last}, for which version {version} speaks"
            raise table.fault(int(line), message)
    publication = Publication(
        slug=f"{slug}-{version}",
        title=f"{title} {version}",
        producer=PRODUCER,
        coverage=(
            f"{what} from {_FIRST_YEAR} to {last}, in years with at least 25 deaths in battle; only conflicts that "
            "have a state on each side were imported. From 2015 on the government of Yemen is that of Ansarallah in "
            "them, so that those who fight it fight Yemen; and states with troops in a mission of the United Nations "
            "that takes part in a conflict are on the side that the mission supports."
        ),
        published=f"20{version[:2]}",
        covers=(FOEDUS.ArmedConflict,),
        years=(_FIRST_YEAR, last),
        series=slug,
    )
    return publication, last
