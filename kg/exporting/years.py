"""Arithmetic of the year grain: what is in force on any day of a year is in force in that year.

Intervals of years become the years that they hold, and a row of a table by year is one whole number that packs its
states and its year, so that joining tables is sorting numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from kg.columns import expanded

__all__ = ["Ints", "Spells", "expand", "held", "lookup", "match", "pack", "unpack"]

Ints: TypeAlias = NDArray[np.int64]
_YEARS: Final = 10_000
_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True)
class Spells:
    """Directed relations of pairs of states, each with the years in which it may have held and those in which it did.

    Attributes:
        one: number of the state from which each goes.
        other: number of the state to which it goes.
        first: first year in which it can have held.
        last: last year in which it can have held.
        surely_first: first year in which it held under every reading.
        surely_last: last such year; before the first where there is none.
    """

    one: Ints
    other: Ints
    first: Ints
    last: Ints
    surely_first: Ints
    surely_last: Ints

    def take(self, which: NDArray[np.bool_] | Ints) -> Spells:
        """Some of them."""
        return Spells(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def years(self, count: int, *, surely: bool = False) -> tuple[Ints, Ints]:
        """A key for each pair and year, and the place of the spell that it comes from.

        Args:
            count: how many states there are.
            surely: only the years in which it held under every reading.
        """
        first, last = (self.surely_first, self.surely_last) if surely else (self.first, self.last)
        place, year = expand(first, last)
        return pack(self.one[place], self.other[place], year, count), place


def expand(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Intervals of years as their years; an interval that ends before it begins has none.

    Returns:
        For each year the place of its interval, and the year.

    Example:
        >>> place, year = expand(np.array([1990, 2001, 1950]), np.array([1991, 2000, 1950]))
        >>> place.tolist(), year.tolist()
        ([0, 0, 2], [1990, 1991, 1950])
    """
    return expanded(first, np.maximum(last - first + 1, 0))


def pack(one: Ints, other: Ints, year: Ints, count: int) -> Ints:
    """A pair of states and a year as one number.

    Example:
        >>> pack(np.array([1]), np.array([2]), np.array([1999]), 10).tolist()
        [121999]
    """
    return (one.astype(np.int64) * count + other) * _YEARS + year


def unpack(key: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """The two states and the year of a key.

    Example:
        >>> [part.tolist() for part in unpack(np.array([121999]), 10)]
        [[1], [2], [1999]]
    """
    pair, year = np.divmod(key, _YEARS)
    one, other = np.divmod(pair, count)
    return one, other, year


def held(keys: Ints, among: Ints) -> Ints:
    """1 for each key that is among others, else 0."""
    return np.isin(keys, among).astype(np.int64)


def lookup(keys: Ints, known: Ints, values: NDArray[_Number]) -> NDArray[_Number]:
    """The value of each key, 0 where it is not known.

    Args:
        keys: what to look up.
        known: keys with a value, sorted and without repeats.
        values: their values.
    """
    if not len(known):
        return np.zeros(len(keys), values.dtype)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, values[place], values.dtype.type(0))


def match(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """All pairs of places at which two lists have the same number.

    Example:
        >>> left, right = match(np.array([5, 7, 5]), np.array([5, 6]))
        >>> left.tolist(), right.tolist()
        ([0, 2], [0, 0])
    """
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    begin = np.searchsorted(ordered, left, "left")
    place, at = expanded(begin, np.searchsorted(ordered, left, "right") - begin)
    return place, order[at]
