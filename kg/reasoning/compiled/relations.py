"""Relations as sorted arrays of numbers: members of a class, or pairs of a property packed into one number each.

A pair of ``x`` and ``y`` is packed as ``x << 32 | y``, so that a sorted array of pairs is sorted by ``x`` and all pairs
of one ``x`` lie together. A relation that grows keeps its big sorted array and a few small ones beside it, so that a
little more costs little.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.columns import Numbers, expanded, found_in

__all__ = ["LOW", "Relation", "left", "right", "swap"]

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


class Relation:
    """A set of numbers that grows.

    Attributes:
        added: what was added after the relation was first filled, one array each time.

    Example:
        >>> relation = Relation(np.array([1, 5]))
        >>> relation.add(np.array([5, 7]))
        array([7])
        >>> relation.all(), relation.contains(np.array([5, 6]))
        (array([1, 5, 7]), array([ True, False]))
    """

    __slots__ = ("_reversed", "_runs", "added")

    def __init__(self, numbers: Numbers = NOTHING) -> None:
        self._runs: list[Numbers] = [numbers] if len(numbers) else []
        self._reversed: list[Numbers] | None = None
        self.added: list[Numbers] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def add(self, numbers: Numbers) -> Numbers:
        """Add sorted distinct numbers, and give back those that were new."""
        for run in self._runs:
            if not len(numbers):
                return numbers
            known = found_in(numbers, run)
            if known.any():
                numbers = numbers[~known]
        if len(numbers):
            self.added.append(numbers)
            _push(self._runs, numbers)
            if self._reversed is not None:
                _push(self._reversed, np.sort(swap(numbers)))
        return numbers

    def all(self) -> Numbers:
        """All numbers, sorted."""
        if len(self._runs) > 1:
            self._runs = [np.sort(np.concatenate(self._runs))]
        return self._runs[0] if self._runs else NOTHING

    def contains(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of the numbers are in the relation."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        for run in self._runs:
            found |= found_in(numbers, run)
        return found

    def reversed_runs(self) -> list[Numbers]:
        """The pairs the other way round, as sorted arrays; kept from the first call on."""
        if self._reversed is None:
            self._reversed = [np.sort(swap(run)) for run in self._runs]
        return self._reversed

    @property
    def has_reversed(self) -> bool:
        """Whether the pairs are kept the other way round too."""
        return self._reversed is not None

    def pairs_from(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """For each key the pairs that begin with it.

        Args:
            keys: first numbers, best sorted; one may come twice.

        Returns:
            Positions in ``keys``, and for each the second number of a pair.
        """
        return _expand(keys, self._runs)

    def pairs_to(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """For each key the pairs that end with it, as :meth:`pairs_from`."""
        return _expand(keys, self.reversed_runs())


def _push(runs: list[Numbers], numbers: Numbers) -> None:
    runs.append(numbers)
    # What is about as big as what lies before it is put together with it; the big array stays as it is for long.
    while len(runs) > 1 and len(runs[-1]) * 2 >= len(runs[-2]):
        last = runs.pop()
        runs[-1] = np.sort(np.concatenate([runs[-1], last]))
    if len(runs) > _RUNS:
        runs[1:] = [np.sort(np.concatenate(runs[1:]))]


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
