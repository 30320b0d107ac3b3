"""Relations as sorted arrays of numbers: members of a class, or pairs of a property packed into one number each.

A pair of ``x`` and ``y`` is packed as ``x << 32 | y``, so that a sorted array of pairs is sorted by ``x`` and all pairs
of one ``x`` lie together. A relation that grows keeps its big sorted array and a few small ones beside it, and one that
shrinks a small array of what is gone, so that a little more or less costs little.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.columns import Numbers, expanded, found_in, pack

__all__ = ["LOW", "NOTHING", "Relation", "Run", "left", "right", "swap"]

LOW: Final = np.int64(0xFFFFFFFF)
_SHIFT: Final = np.int64(32)
_RUNS: Final = 4
"""So many small arrays may lie beside the big one before they are put together."""
NOTHING: Final = np.empty(0, dtype=np.int64)


def left(pairs: Numbers) -> Numbers:
    """The first of each pair."""
    return pairs >> _SHIFT


def right(pairs: Numbers) -> Numbers:
    """The second of each pair."""
    return pairs & LOW


def swap(pairs: Numbers) -> Numbers:
    """Pairs the other way round, in their order."""
    return (pairs << _SHIFT) | (pairs >> _SHIFT)


class Run:
    """A sorted array of numbers that never changes, so that relations may share it."""

    __slots__ = ("_reversed", "numbers")

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self._reversed: Numbers | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def reversed(self) -> Numbers:
        """The pairs the other way round, sorted; kept from the first call on."""
        if self._reversed is None:
            self._reversed = np.sort(swap(self.numbers))
        return self._reversed

    @property
    def has_reversed(self) -> bool:
        """Whether the pairs are kept the other way round too."""
        return self._reversed is not None


class Relation:
    """A set of numbers that grows and shrinks; a copy costs little and shares the arrays.

    Attributes:
        added: what was added after the relation was first filled or copied, one array each time.

    Example:
        >>> relation = Relation(np.array([1, 5]))
        >>> relation.add(np.array([5, 7]))
        array([7])
        >>> relation.all(), relation.contains(np.array([5, 6]))
        (array([1, 5, 7]), array([ True, False]))
        >>> smaller = relation.copy()
        >>> smaller.remove(np.array([1, 2]))
        array([1])
        >>> smaller.all(), relation.all()
        (array([5, 7]), array([1, 5, 7]))
    """

    __slots__ = ("_gone", "_runs", "added")

    def __init__(self, numbers: Numbers = NOTHING) -> None:
        self._runs: list[Run] = [Run(numbers)] if len(numbers) else []
        # What is in a run and yet no longer in the relation.
        self._gone: Numbers = NOTHING
        self.added: list[Numbers] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs)) - len(self._gone)

    def copy(self) -> Relation:
        """The same set, which changes apart from this one."""
        new = Relation()
        new._runs, new._gone = list(self._runs), self._gone
        return new

    def add(self, numbers: Numbers) -> Numbers:
        """Add sorted distinct numbers, and give back those that were new."""
        back = NOTHING
        if len(self._gone):
            gone = found_in(numbers, self._gone)
            back, numbers = numbers[gone], numbers[~gone]
            self._gone = self._gone[~found_in(self._gone, back)]
        for run in self._runs:
            if not len(numbers):
                break
            known = found_in(numbers, run.numbers)
            if known.any():
                numbers = numbers[~known]
        if len(numbers):
            _push(self._runs, numbers)
        new = np.sort(np.concatenate((back, numbers))) if len(back) else numbers
        if len(new):
            self.added.append(new)
        return new

    def remove(self, numbers: Numbers) -> Numbers:
        """Remove sorted distinct numbers, and give back those that were there."""
        numbers = numbers[self.contains(numbers)]
        if len(numbers):
            self._gone = np.sort(np.concatenate((self._gone, numbers)))
            if len(self._gone) > len(self):
                self.all()
        return numbers

    def all(self) -> Numbers:
        """All numbers, sorted."""
        if len(self._gone):
            left_over = [run.numbers[~found_in(run.numbers, self._gone)] for run in self._runs]
            self._runs, self._gone = [Run(numbers) for numbers in left_over if len(numbers)], NOTHING
        if len(self._runs) > 1:
            self._runs = [Run(np.sort(np.concatenate([run.numbers for run in self._runs])))]
        return self._runs[0].numbers if self._runs else NOTHING

    def contains(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of the numbers are in the relation."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        for run in self._runs:
            found |= found_in(numbers, run.numbers)
        if len(self._gone):
            found &= ~found_in(numbers, self._gone)
        return found

    @property
    def has_reversed(self) -> bool:
        """Whether most pairs are kept the other way round too."""
        return bool(self._runs) and self._runs[0].has_reversed

    def pairs_from(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """For each key the pairs that begin with it.

        Args:
            keys: first numbers, best sorted; one may come twice.

        Returns:
            Positions in ``keys``, and for each the second number of a pair.
        """
        places, seconds = _expand(keys, [run.numbers for run in self._runs])
        if len(self._gone) and len(places):
            kept = ~found_in(pack(keys[places], seconds), self._gone)
            places, seconds = places[kept], seconds[kept]
        return places, seconds

    def pairs_to(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """For each key the pairs that end with it, as :meth:`pairs_from`."""
        places, firsts = _expand(keys, [run.reversed for run in self._runs])
        if len(self._gone) and len(places):
            kept = ~found_in(pack(firsts, keys[places]), self._gone)
            places, firsts = places[kept], firsts[kept]
        return places, firsts

    def count_from(self, keys: Numbers) -> Numbers:
        """With how many pairs each key begins."""
        return _counts(keys, [run.numbers for run in self._runs]) - _counts(keys, [self._gone])

    def count_to(self, keys: Numbers) -> Numbers:
        """With how many pairs each key ends."""
        return _counts(keys, [run.reversed for run in self._runs]) - _counts(keys, [np.sort(swap(self._gone))])


def _push(runs: list[Run], numbers: Numbers) -> None:
    runs.append(Run(numbers))
    # What is about as big as what lies before it is put together with it; the big array stays as it is for long.
    while len(runs) > 1 and len(runs[-1]) * 2 >= len(runs[-2]):
        last = runs.pop()
        runs[-1] = Run(np.sort(np.concatenate([runs[-1].numbers, last.numbers])))
    if len(runs) > _RUNS:
        runs[1:] = [Run(np.sort(np.concatenate([run.numbers for run in runs[1:]])))]


def _counts(keys: Numbers, runs: list[Numbers]) -> Numbers:
    count = np.zeros(len(keys), dtype=np.int64)
    for run in runs:
        count += np.searchsorted(run, (keys + 1) << _SHIFT) - np.searchsorted(run, keys << _SHIFT)
    return count


def _expand(keys: Numbers, runs: list[Numbers]) -> tuple[Numbers, Numbers]:
    places, seconds = [], []
    for run in runs:
        low = np.searchsorted(run, keys << _SHIFT)
        place, at = expanded(low, np.searchsorted(run, (keys + 1) << _SHIFT) - low)
        if len(place):
            places.append(place)
            seconds.append(right(run[at]))
    if not places:
        return NOTHING, NOTHING
    if len(places) == 1:
        return places[0], seconds[0]
    return np.concatenate(places), np.concatenate(seconds)
