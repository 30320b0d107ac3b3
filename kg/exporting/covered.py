"""Which zeros say something: those of years for which a data set at hand speaks of the kind of thing.

A 0 in a table by year says that what is at hand does not record the thing though it might have. Where no data set
speaks for the year, see :mod:`kg.coverage`, there is no such thing to say, and the place stays empty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray

from kg.coverage import Spans
from kg.exporting.years import Ints

__all__ = ["Covered"]


class Covered:
    """The years for which data sets speak.

    Args:
        spans: the years for which data sets speak.

    Example:
        >>> import numpy as np
        >>> covered = Covered({"transfers": [(1950, 2024)]})
        >>> covered.silent("transfers", np.array([1949, 1950, 1949]), np.array([0, 0, 1])).to_pylist()
        [None, 0, 1]
    """

    def __init__(self, spans: Spans) -> None:
        self._spans = spans

    def told(self) -> list[str]:
        """In words, what data sets speak of and for which years.

        Example:
            >>> Covered({"rivalry": [(1816, 2010), (1494, 2020)]}).told()
            ['rivalry: 1494 to 2020, 1816 to 2010']
        """
        return [
            f"{what}: {', '.join(f'{first} to {last}' for first, last in sorted(spans))}"
            for what, spans in sorted(self._spans.items())
        ]

    def of(self, what: str, years: Ints) -> NDArray[np.bool_]:
        """Whether any data set speaks of a kind of thing for each of some years."""
        covered = np.zeros(len(years), bool)
        for first, last in self._spans.get(what, ()):
            covered |= (first <= years) & (years <= last)
        return covered

    def silent(self, what: str, years: Ints, found: Ints, values: Any = None) -> Any:
        """Values for years, empty where nothing was found and nobody speaks for the year.

        Args:
            what: the kind of thing.
            years: the years.
            found: what was found in each, 0 where nothing was.
            values: the values, what was found where not given.
        """
        empty = (found == 0) & ~self.of(what, years)
        return pyarrow.array(found if values is None else values, mask=empty)
