"""Tables of solutions, and combinations of their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kg.columns import Numbers, pack
from kg.rules.indexes import Flags

__all__ = ["Condition", "Joined", "Relation", "distinct_rows"]


@dataclass
class Relation:
    """A table of solutions.

    Attributes:
        columns: the numbers of the terms, by variable; one that tables share is nowhere unbound.
        size: how many rows it has; a table without columns may have one.
        ordering: family and rank of the terms, by variable, where they have been asked for.
    """

    columns: dict[str, Numbers]
    size: int
    ordering: dict[str, tuple[NDArray[np.int8] | int, NDArray[np.float64]]] = field(default_factory=dict)


@dataclass
class Joined:
    """Combinations of rows of several tables.

    Attributes:
        relations: the tables.
        rows: the rows that take part, one array a table, all of one length.
        size: how many combinations there are.
    """

    relations: Sequence[Relation]
    rows: list[Numbers]
    size: int

    def source(self, name: str) -> int | None:
        """Which table has a variable."""
        return next((i for i, relation in enumerate(self.relations) if name in relation.columns), None)

    def where(self, chosen: Flags | Numbers) -> Joined:
        """Some of the combinations."""
        rows = [part[chosen] for part in self.rows]
        return Joined(self.relations, rows, len(rows[0]) if rows else int(np.count_nonzero(chosen)))


@dataclass(frozen=True)
class Condition:
    """A filter with the variables that must be there before it can be applied."""

    names: frozenset[str]
    holds: Callable[[Joined], Flags]


def distinct_rows(columns: Sequence[Numbers]) -> Numbers:
    """Places of the first of each distinct row, ascending.

    Rows are told apart by a hash of 64 bits, and two rows of one hash are then compared.

    Example:
        >>> distinct_rows([np.array([1, 1, 2, 1]), np.array([5, 6, 5, 5])]).tolist()
        [0, 1, 2]
    """
    if len(columns) == 1 or not len(columns[0]):
        return np.sort(np.unique(columns[0], return_index=True)[1])
    if len(columns) == 2 and min(int(part.min()) for part in columns) >= 0:
        return np.sort(np.unique(pack(columns[0], columns[1]), return_index=True)[1])
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for part in columns:
        mixed = (mixed ^ part.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed, kind="stable")
    ordered = mixed[order]
    same_hash = ordered[1:] == ordered[:-1]
    if same_hash.any():
        same_row = np.ones(len(same_hash), dtype=bool)
        for part in columns:
            same_row &= part[order[1:]] == part[order[:-1]]
        if (same_hash & ~same_row).any():
            order = np.lexsort(columns)
            same_hash = np.ones(len(order) - 1, dtype=bool)
            for part in columns:
                same_hash &= part[order[1:]] == part[order[:-1]]
    return np.sort(order[np.concatenate(([True], ~same_hash))])
