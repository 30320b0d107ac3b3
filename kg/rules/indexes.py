"""Triples by predicate, sorted both ways, so that patterns are looked up rather than searched for.

A subject and an object pack into one 64-bit number, and the numbers of a predicate are kept sorted: all pairs of a
subject are then neighbours, and :func:`numpy.searchsorted` finds them. Nothing here changes once made; a change gives
a new index that shares with the old one every predicate that it leaves alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.columns import Columns, Numbers, distinct, expanded, found_in, pack

__all__ = ["Flags", "Index", "Pairs", "objects_of"]

Flags: TypeAlias = NDArray[np.bool_]

_LOW = np.int64(0xFFFFFFFF)


class Pairs:
    """The subjects and objects of one predicate, each pair once.

    Args:
        packed: subject and object of each, packed, sorted and distinct.
    """

    def __init__(self, packed: Numbers) -> None:
        self.packed = packed

    def __len__(self) -> int:
        return len(self.packed)

    @cached_property
    def subjects(self) -> Numbers:
        """The subject of each pair, sorted."""
        return self.packed >> 32

    @cached_property
    def objects(self) -> Numbers:
        """The object of each pair, in the order of the subjects."""
        return self.packed & _LOW

    @cached_property
    def turned(self) -> Numbers:
        """Object and subject of each, packed and sorted."""
        return np.sort(_swapped(self.packed))

    @cached_property
    def functional(self) -> bool:
        """Whether no subject has two objects."""
        return not bool((self.subjects[1:] == self.subjects[:-1]).any())

    @cached_property
    def breadth(self) -> float:
        """How many subjects an object has, in the mean."""
        return len(self) / max(1, 1 + int(np.count_nonzero(np.diff(self.turned >> 32))))

    def having(self, obj: int) -> Numbers:
        """The subjects with an object, sorted."""
        first, last = np.searchsorted(self.turned, np.array([obj, obj + 1], dtype=np.int64) << 32)
        return self.turned[first:last] & _LOW

    def changed(self, added: Numbers, removed: Numbers) -> Pairs:
        """The same after some pairs have come and others, that were there, have gone; both sorted and distinct."""
        new = Pairs(_replaced(self.packed, added, removed))
        if "turned" in self.__dict__:
            new.turned = _replaced(self.turned, *(np.sort(_swapped(part)) for part in (added, removed)))
        if "breadth" in self.__dict__:
            # It says how to search, not what is found, and a change in the mean is too small to matter.
            new.breadth = self.breadth
        return new

    def of_subjects(self, subjects: Numbers) -> tuple[Numbers, Numbers]:
        """Where in :attr:`objects` the run of each subject begins, and how long it is."""
        return _runs(self.packed, subjects)

    def of_objects(self, objects: Numbers) -> Numbers:
        """The subjects that have any of some distinct objects, sorted and distinct."""
        first, counts = _runs(self.turned, objects)
        return distinct(self.turned[expanded(first, counts)[1]] & _LOW)


_NO_PAIRS = Pairs(np.empty(0, dtype=np.int64))


class Index:
    """The triples of some predicates.

    Args:
        pairs: the pairs of each predicate, by its number.
    """

    def __init__(self, pairs: Mapping[int, Pairs]) -> None:
        self.pairs = dict(pairs)
        self._members: dict[tuple[tuple[int, int], ...], Numbers] = {}
        self._aligned: dict[tuple[tuple[tuple[int, int], ...], int], Numbers] = {}

    @classmethod
    def of(cls, columns: Columns, predicates: Iterable[int]) -> Index:
        """The triples of some columns whose predicate is one of a few."""
        wanted = sorted({p for p in predicates if p >= 0})
        if not len(columns) or not wanted:
            return cls({})
        # Predicates are few: one small number each, which sorts in linear time.
        code = np.full(max(int(columns.predicate.max()), wanted[-1]) + 1, len(wanted), dtype=np.uint16)
        code[wanted] = np.arange(len(wanted))
        codes = code[columns.predicate]
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(wanted) + 1))
        packed = pack(columns.subject[order[: ends[-2]]], columns.object[order[: ends[-2]]])
        starts = [0, *ends.tolist()]
        return cls({p: Pairs(distinct(packed[starts[i] : starts[i + 1]])) for i, p in enumerate(wanted)})

    def of_predicate(self, predicate: int) -> Pairs:
        """The pairs of a predicate, none where it has none."""
        return self.pairs.get(predicate, _NO_PAIRS)

    def members(self, marks: tuple[tuple[int, int], ...]) -> Numbers:
        """The subjects that have all of some predicates with their objects, sorted."""
        known = self._members.get(marks)
        if known is None:
            (predicate, obj), *others = marks
            known = self.of_predicate(predicate).having(obj)
            for predicate, obj in others:
                known = known[found_in(known, self.of_predicate(predicate).having(obj))]
            self._members[marks] = known
        return known

    def aligned(self, marks: tuple[tuple[int, int], ...], predicate: int) -> Numbers:
        """The object of each member of a kind, -1 where it has none; the predicate is functional."""
        known = self._aligned.get((marks, predicate))
        if known is None:
            known = objects_of(self.of_predicate(predicate), self.members(marks))
            self._aligned[marks, predicate] = known
        return known

    def extended(self, columns: Columns, predicates: Iterable[int]) -> Index:
        """The same with what more triples say of a few predicates."""
        pairs = dict(self.pairs)
        for predicate, more in Index.of(columns, predicates).pairs.items():
            if len(more):
                pairs[predicate] = Pairs(distinct(np.concatenate((self.of_predicate(predicate).packed, more.packed))))
        return Index(pairs)

    def changed(self, added: Columns, removed: Columns) -> Index:
        """The same after some triples have come and others, that were there, have gone.

        Args:
            added: triples whose predicates are among those that the index is of.
            removed: likewise.
        """
        touched = np.union1d(added.predicate, removed.predicate).tolist()
        more, less = (Index.of(part, touched) for part in (added, removed))
        pairs = dict(self.pairs)
        for predicate in touched:
            change = more.of_predicate(predicate).packed, less.of_predicate(predicate).packed
            pairs[predicate] = self.of_predicate(predicate).changed(*change)
        return Index(pairs)

    def holds(self, predicate: int, packed: Numbers) -> Flags:
        """Which of some pairs a predicate has."""
        return found_in(packed, self.of_predicate(predicate).packed)


def objects_of(pairs: Pairs, subjects: Numbers) -> Numbers:
    """The object of each subject, -1 where it has none; the predicate is functional."""
    if not len(pairs):
        return np.full(len(subjects), -1, dtype=np.int64)
    places = np.searchsorted(pairs.subjects, subjects)
    places[places == len(pairs)] = 0
    return np.where(pairs.subjects[places] == subjects, pairs.objects[places], -1)


def _swapped(packed: Numbers) -> Numbers:
    return (packed << 32) | (packed >> 32)


def _replaced(ordered: Numbers, added: Numbers, removed: Numbers) -> Numbers:
    """Sorted numbers after some have come and others, that were there, have gone."""
    if len(removed):
        ordered = np.delete(ordered, np.searchsorted(ordered, removed))
    return np.insert(ordered, np.searchsorted(ordered, added), added) if len(added) else ordered


def _runs(packed: Numbers, keys: Numbers) -> tuple[Numbers, Numbers]:
    first = np.searchsorted(packed, keys << 32)
    return first, np.searchsorted(packed, (keys + 1) << 32) - first
