"""How often each triple is said or made: it is there for as long as one reason is left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np

from kg.columns import Columns, Numbers, distinct, found_in
from kg.rules.moulding import Made
from kg.rules.relations import distinct_rows

__all__ = ["Row", "Tally"]

Row: TypeAlias = tuple[int, int, int]
"""A triple as numbers."""


@dataclass(frozen=True)
class Tally:
    """Triples with how often each is made; a change is laid over what was there first.

    Attributes:
        first: the triples at first, each once.
        several: those of them that were made more than once, with how often.
        since: how often a triple is made now, where that has changed since.
    """

    first: Columns
    several: Mapping[Row, int] = field(default_factory=dict)
    since: Mapping[Row, int] = field(default_factory=dict)

    @classmethod
    def of(cls, made: Sequence[Made]) -> Tally:
        """Count what solutions make."""
        whole = Columns.joined(part for one in made for part in one.parts)
        if not len(whole):
            return cls(whole)
        # Two solutions make the same triple only if they have a subject in common, and few have.
        nodes = np.sort(np.concatenate([column for one in made for column in one.nodes]))
        again = nodes[1:][nodes[1:] == nodes[:-1]]
        doubtful = np.flatnonzero(found_in(whole.subject, again)) if len(again) else again
        if not len(doubtful):
            return cls(whole)
        some = whole.where(doubtful)
        keep = np.ones(len(whole), dtype=bool)
        keep[doubtful] = False
        keep[doubtful[distinct_rows([some.subject, some.predicate, some.object])]] = True
        several = {row: count for row, count in Counter(some.rows()).items() if count > 1}
        return cls(whole if keep.all() else whole.where(keep), several)

    def counts(self, rows: Iterable[Row]) -> dict[Row, int]:
        """How often each of some triples is made."""
        found, unknown = dict[Row, int](), list[Row]()
        for row in rows:
            count = self.since.get(row, self.several.get(row))
            if count is None:
                unknown.append(row)
            else:
                found[row] = count
        if unknown:
            held = self._among_first(unknown)
            found.update((row, int(row in held)) for row in unknown)
        return found

    def changed(self, more: Mapping[Row, int]) -> tuple[Tally, list[Row], list[Row]]:
        """The same after some triples are made more often, or less.

        Args:
            more: how many times more each is made.

        Returns:
            The tally, the triples that are derived now and were not, and those that were and are not.
        """
        before = self.counts(row for row, count in more.items() if count)
        after = {row: count + more[row] for row, count in before.items()}
        gained = [row for row, count in before.items() if not count and after[row]]
        lost = [row for row, count in before.items() if count and not after[row]]
        return Tally(self.first, self.several, {**self.since, **after}), gained, lost

    @cached_property
    def subjects(self) -> Numbers:
        """The subjects of the triples, sorted, each once."""
        return distinct(self.columns.subject)

    @cached_property
    def columns(self) -> Columns:
        """The triples, each once."""
        if not self.since:
            return self.first
        keep = np.ones(len(self.first), dtype=bool)
        keep[[place for place, row in self._places(self.since) if not self.since.get(row, 1)]] = False
        return Columns.joined([self.first.where(keep), Columns.of_rows(self._new)])

    def about(self, subjects: Numbers) -> Columns:
        """The triples about some distinct subjects, each once."""
        found = self.first.where(self.first.about(subjects))
        if not self.since:
            return found
        kept = [row for row in found.rows() if self.since.get(row, 1)]
        return Columns.of_rows(
            kept + [row for subject in subjects.tolist() for row in self._new_about.get(subject, ())]
        )

    @cached_property
    def _new(self) -> Sequence[Row]:
        """What was not there at first."""
        known = self._among_first(self.since)
        return [row for row, count in self.since.items() if count and row not in known]

    @cached_property
    def _new_about(self) -> Mapping[int, Sequence[Row]]:
        """The same by subject: a change of many nodes asks of each of them."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self._new:
            found[row[0]].append(row)
        return found

    def _among_first(self, rows: Iterable[Row]) -> set[Row]:
        wanted = set(rows)
        return {row for _, row in self._places(wanted) if row in wanted}

    def _places(self, rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
        """Places of the first triples that share a subject with any of some, and those triples."""
        places = self.first.about(np.array(sorted({row[0] for row in rows}), dtype=np.int64))
        return zip(places.tolist(), self.first.where(places).rows(), strict=True)
