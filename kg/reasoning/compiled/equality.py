"""Which terms are the same: the classes of a symmetric, transitive relation, each with one that stands for it."""

from __future__ import annotations

import numpy as np

from kg.columns import Numbers
from kg.reasoning.compiled.relations import left, right

__all__ = ["representatives", "spread"]


def representatives(pairs: Numbers, count: int, known: Numbers | None = None) -> Numbers:
    """For each number the smallest that is the same.

    Args:
        pairs: packed pairs of what is the same.
        count: how many numbers there are.
        known: what was the same before.

    Example:
        >>> from kg.columns import pack
        >>> representatives(pack(np.array([3, 1]), np.array([1, 2])), 5)
        array([0, 1, 1, 1, 4])
    """
    same = np.arange(count, dtype=np.int64)
    if known is not None:
        same[: len(known)] = known
    x, y = left(pairs), right(pairs)
    while True:
        x, y = same[x], same[y]
        apart = x != y
        if not apart.any():
            return same
        x, y = x[apart], y[apart]
        # Each root is hung below a smaller one; where two compete, the loser is tried again.
        same[np.maximum(x, y)] = np.minimum(x, y)
        while True:
            higher = same[same]
            if np.array_equal(higher, same):
                break
            same = higher


def spread(same: Numbers) -> tuple[Numbers, Numbers]:
    """The members of the classes, class by class.

    Returns:
        All numbers in the order of what stands for them, and where each class begins (one more than there are numbers).
    """
    order = np.argsort(same, kind="stable").astype(np.int64)
    return order, np.searchsorted(same[order], np.arange(len(same) + 1))
