"""Numbers of states in the lists that data sets use: where a list gave a state several in turn, the one of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow

from kg.exporting.years import Ints

__all__ = ["Numbering", "Numbers", "days", "new_year"]

_NONE: Final = -1


@dataclass(frozen=True)
class Numbering:
    """A span of days over which a list gives a number to a state.

    Attributes:
        first: its first day.
        last: its last day, ``None`` where it goes on.
        number: the number.
    """

    first: date
    last: date | None
    number: int

    def __str__(self) -> str:
        return f"{self.number} {self.first.year}-{self.last.year if self.last else ''}"


class Numbers:
    """The numbers of states in one list.

    Of several numbers the one of the day counts. Where none stands on the day, it is the next that does, and after all
    of them the last. A state of several numbers of which nobody says when they stand goes by the lowest.

    Args:
        carried: the numbers of each state, in the order of the states.
        numberings: for states by their place, when which number stands.

    Example:
        >>> from datetime import date
        >>> germany = Numbering(date(1816, 1, 1), date(1945, 5, 8), 255)
        >>> west = Numbering(date(1955, 5, 5), date(1990, 10, 2), 260)
        >>> again = Numbering(date(1990, 10, 3), None, 255)
        >>> numbers = Numbers([[2], [255, 260], []], {1: [germany, west, again]})
        >>> numbers.on(np.array([1, 1, 1, 0, 2]), new_year(np.array([1940, 1950, 1991, 1991, 1991]))).to_pylist()
        [255, 260, 255, 2, None]
        >>> numbers.told()
        ['2', '255 1816-1945; 260 1955-1990; 255 1990-', '']
    """

    def __init__(self, carried: Sequence[Sequence[int]], numberings: Mapping[int, Sequence[Numbering]]) -> None:
        self._carried: Final = [sorted(numbers) for numbers in carried]
        self._numberings: Final = {
            state: sorted(spans, key=lambda span: (span.last or date.max, span.first))
            for state, spans in numberings.items()
        }
        # The last place is that of no state.
        self._lowest: Final = np.array([*(numbers[0] if numbers else _NONE for numbers in self._carried), _NONE])

    def on(self, states: Ints, when: Ints) -> Any:
        """The number of each of some states on a day of its own, null where it has none.

        Args:
            states: places of the states, below 0 for no state.
            when: the days, as :func:`days` writes them.
        """
        found = self._lowest[np.where(states < 0, len(self._carried), states)]
        for state, spans in self._numberings.items():
            here = states == state
            ends = np.array([_written(span.last or date.max) for span in spans])
            place = np.minimum(np.searchsorted(ends, when[here]), len(spans) - 1)
            found[here] = np.array([span.number for span in spans])[place]
        return pyarrow.array(found, mask=found == _NONE)

    def latest(self) -> Any:
        """The last number of each state, null where it has none."""
        states = np.arange(len(self._carried))
        return self.on(states, np.full(len(states), _written(date.max)))

    def told(self) -> list[str]:
        """All numbers of each state in words, with the years of those of which somebody says when they stand."""
        told = []
        for state, numbers in enumerate(self._carried):
            spans = self._numberings.get(state, [])
            rest = set(numbers) - {span.number for span in spans}
            told.append("; ".join([*map(str, spans), *map(str, sorted(rest))]))
        return told


def days(texts: Sequence[str]) -> Ints:
    """Days as whole numbers that sort as they do.

    Example:
        >>> days(["1990-10-03"]).tolist()
        [19901003]
    """
    return np.array([int(text.replace("-", "")) for text in texts], dtype=np.int64)


def new_year(years: Ints) -> Ints:
    """The first day of each of some years, as :func:`days` writes it."""
    return years * 10_000 + 101


def _written(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
