"""Tables of solutions and how they are joined.

Tables are joined in two steps. First only the distinct values of the variables that tables share are joined, which are
few: pairs of states, say, and not the thousands of transfers between them. Then the rows behind each combination are
unfolded one table after the other, in parts of bounded size, and each filter is applied as soon as it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kg.columns import Numbers, expanded, pack
from kg.rules.indexes import Flags

__all__ = ["Condition", "Joined", "Relation", "distinct_rows", "joined"]

_PART = 1 << 20
"""How many rows may be unfolded at once."""


@dataclass
class Relation:
    """A table of solutions.

    Attributes:
        columns: the numbers of the terms, by variable.
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


def joined(relations: Sequence[Relation], conditions: Sequence[Condition]) -> Joined:
    """Every combination of rows, one a table, that agree on what they share and meet all conditions."""
    groups = [_Groups(relation, _shared(relation, relations)) for relation in relations]
    if any(not relation.size for relation in relations):
        return Joined(relations, [np.empty(0, dtype=np.int64) for _ in relations], 0)
    waiting = list(conditions)
    combined = _join_groups(groups, waiting)
    return _unfold(groups, combined, waiting)


def _shared(relation: Relation, relations: Sequence[Relation]) -> list[str]:
    return [name for name in relation.columns if sum(name in other.columns for other in relations) > 1]


class _Groups:
    """The rows of a table, brought together by what they share with other tables."""

    def __init__(self, relation: Relation, names: list[str]) -> None:
        self.relation, self.names = relation, names
        codes = _codes([relation.columns[name] for name in names], relation.size)
        self.order = np.argsort(codes, kind="stable")
        ordered = codes[self.order]
        starts = np.ones(len(ordered), dtype=bool)
        starts[1:] = ordered[1:] != ordered[:-1]
        self.first = np.flatnonzero(starts)
        self.counts = np.diff(np.append(self.first, len(ordered)))
        self.sample = self.order[self.first]
        self.single = len(self.first) == relation.size

    def values(self, name: str) -> Numbers:
        """The value of a shared variable in each group."""
        return self.relation.columns[name][self.sample]


def _codes(columns: Sequence[Numbers], size: int) -> Numbers:
    if not columns:
        return np.zeros(size, dtype=np.int64)
    code = columns[0]
    for part in columns[1:]:
        if len(code) and int(code.max()) >= 1 << 31:
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = pack(code, part)
    return code


def _join_groups(groups: Sequence[_Groups], waiting: list[Condition]) -> list[Numbers]:
    """The combinations of groups that agree: of each table, the group in each combination."""
    pending = set(range(len(groups)))
    at = min(pending, key=lambda i: len(groups[i].first))
    chosen: dict[int, Numbers] = {at: np.arange(len(groups[at].first))}
    values = {name: groups[at].values(name) for name in groups[at].names}
    pending.remove(at)
    while True:
        values, chosen = _filter_groups(groups, chosen, values, waiting)
        if not pending:
            break

        def cost(i: int, known: Mapping[str, Numbers] = values) -> tuple[bool, float]:
            common = [name for name in groups[i].names if name in known]
            return not common, len(groups[i].first) / 1000.0 ** len(common)

        at = min(pending, key=cost)
        pending.remove(at)
        group = groups[at]
        common = [name for name in group.names if name in values]
        size = len(next(iter(chosen.values())))
        both = _codes([np.concatenate((values[name], group.values(name))) for name in common], size + len(group.first))
        left, right = both[:size], both[size:]
        order = np.argsort(right, kind="stable")
        ordered = right[order]
        first = np.searchsorted(ordered, left)
        runs, places = expanded(first, np.searchsorted(ordered, left, side="right") - first)
        values = {name: part[runs] for name, part in values.items()}
        chosen = {i: part[runs] for i, part in chosen.items()}
        chosen[at] = order[places]
        for name in group.names:
            if name not in values:
                values[name] = group.values(name)[chosen[at]]
    return [chosen[i] for i in range(len(groups))]


def _filter_groups(
    groups: Sequence[_Groups], chosen: dict[int, Numbers], values: Mapping[str, Numbers], waiting: list[Condition]
) -> tuple[dict[str, Numbers], dict[int, Numbers]]:
    found = dict(values)
    for condition in [c for c in waiting if c.names and c.names <= found.keys()]:
        waiting.remove(condition)
        keep = condition.holds(_samples(groups, chosen))
        found = {name: part[keep] for name, part in found.items()}
        chosen = {i: part[keep] for i, part in chosen.items()}
    return found, chosen


def _samples(groups: Sequence[_Groups], chosen: Mapping[int, Numbers]) -> Joined:
    places = sorted(chosen)
    rows = [groups[i].sample[chosen[i]] for i in places]
    return Joined([groups[i].relation for i in places], rows, len(rows[0]))


def _unfold(groups: Sequence[_Groups], chosen: list[Numbers], waiting: list[Condition]) -> Joined:
    relations = [group.relation for group in groups]
    size = len(chosen[0])
    counts = [group.counts[part] for group, part in zip(groups, chosen, strict=True)]
    weight = np.ones(size)
    for part in counts:
        weight *= part
    bounds = _parts(weight)
    steps = sorted((i for i in range(len(groups)) if not groups[i].single), key=lambda i: int(counts[i].sum()))
    shared = {name for group in groups for name in group.names}
    found = []
    for begin, end in pairwise(bounds):
        rows = [group.sample[part[begin:end]] for group, part in zip(groups, chosen, strict=True)]
        combos = np.arange(begin, end)
        now = Joined(relations, rows, end - begin)
        left = list(waiting)
        known = shared.union(*(groups[i].relation.columns for i in range(len(groups)) if groups[i].single))
        for step in (None, *steps):
            if step is not None:
                group, picked = groups[step], chosen[step][combos]
                runs, places = expanded(group.first[picked], group.counts[picked])
                rows = [part[runs] for part in now.rows]
                rows[step] = group.order[places]
                now, combos = Joined(relations, rows, len(runs)), combos[runs]
                known |= group.relation.columns.keys()
            for condition in [c for c in left if c.names <= known]:
                left.remove(condition)
                keep = condition.holds(now)
                now, combos = now.where(keep), combos[keep]
        found.append(now)
    if len(found) == 1:
        return found[0]
    rows = [np.concatenate([part.rows[i] for part in found]) for i in range(len(groups))]
    return Joined(relations, rows, sum(part.size for part in found))


def _parts(weight: NDArray[np.float64]) -> list[int]:
    """Where to cut combinations so that no part unfolds to much more than it may."""
    if not len(weight):
        return [0, 0]
    part = (np.cumsum(weight) / _PART).astype(np.int64)
    return [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(weight)]
