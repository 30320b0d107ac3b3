"""What is done with the numbers of terms, a whole column at a time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Numbers", "coded", "distinct", "expanded", "found_in", "pack"]

Numbers: TypeAlias = NDArray[np.int64]
"""Numbers of terms, one a row; -1 stands for none."""


def pack(high: Numbers, low: Numbers | np.int64 | int) -> Numbers:
    """Two numbers in one, ordered by the first and then the second.

    Example:
        >>> pack(np.array([1, 2]), 3) // 2**32
        array([1, 2])
    """
    packed: Numbers = (high << np.int64(32)) | low
    return packed


def distinct(numbers: Numbers, *, ordered: bool = False) -> Numbers:
    """The numbers sorted, each once.

    Args:
        numbers: any numbers.
        ordered: whether they are known to be sorted already.
    """
    if len(numbers) < 2:
        return numbers
    if not ordered:
        numbers = np.sort(numbers)
    keep = np.empty(len(numbers), dtype=np.bool_)
    keep[0] = True
    np.not_equal(numbers[1:], numbers[:-1], out=keep[1:])
    return numbers if keep.all() else numbers[keep]


def coded(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """The numbers sorted, each once, and for each number its place among those.

    Args:
        numbers: numbers of terms, or -1.

    Example:
        >>> [part.tolist() for part in coded(np.array([7, -1, 7, 3]))]
        [[-1, 3, 7], [2, 0, 2, 1]]
    """
    if not len(numbers):
        return numbers, numbers
    # Numbers of terms are dense: marking them off is quicker than sorting them.
    places = np.zeros(int(numbers.max()) + 2, dtype=np.int64)
    places[numbers + 1] = 1
    held: Numbers = np.flatnonzero(places)
    places[held] = np.arange(len(held))
    return held - 1, places[numbers + 1]


def found_in(numbers: Numbers, held: Numbers) -> NDArray[np.bool_]:
    """Which of some numbers are among those held, which are sorted."""
    if not len(held):
        return np.zeros(len(numbers), dtype=np.bool_)
    places = np.searchsorted(held, numbers)
    places[places == len(held)] = 0
    return np.asarray(held[places] == numbers)


def expanded(first: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Every place of some runs.

    Args:
        first: where each run begins.
        counts: how long it is.

    Returns:
        Of each place, the number of its run, and the place itself.

    Example:
        >>> [part.tolist() for part in expanded(np.array([4, 0]), np.array([2, 1]))]
        [[0, 0, 1], [4, 5, 0]]
    """
    runs = np.repeat(np.arange(len(counts)), counts)
    offset = first - (np.cumsum(counts) - counts)
    return runs, np.arange(len(runs)) + np.repeat(offset, counts)
