"""How tables of solutions are joined.

Tables are joined in two steps. First only the distinct values of the variables that tables share are joined, which are
few: pairs of states, say, and not the thousands of transfers between them. Then the rows behind each combination are
unfolded one table after the other, and each filter is applied as soon as it can be. Both go in parts of bounded size,
each part through all tables before the next is begun: what one table adds to it is still at hand when the next takes
away from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.columns import Numbers, distinct, expanded, pack
from kg.rules.relations import Condition, Joined, Relation

__all__ = ["joined"]

_PART: Final = 1 << 20
"""How many rows may be unfolded at once."""
_CLOSE: Final = 1 << 18
"""How many combinations of groups are made at once: as many as stay close to the processor."""
_SPARSE: Final = 32
"""Keys are places in a table where these are at most so many times as many; elsewhere they are sought."""
_KEYS: Final = 1 << 62
"""How many keys there may be that are told apart by their number alone."""


def joined(relations: Sequence[Relation], conditions: Sequence[Condition]) -> Joined:
    """Every combination of rows, one a table, that agree on what they share and meet all conditions."""
    groups = [_Groups(relation, _shared(relation, relations)) for relation in relations]
    if any(not relation.size for relation in relations):
        return Joined(relations, [np.empty(0, dtype=np.int64) for _ in relations], 0)
    waiting = list(conditions)
    combined = _Growing(groups, waiting).combinations()
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

    def __len__(self) -> int:
        return len(self.first)

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


@dataclass
class _Step:
    """A table that is joined to others, whose shared values are known.

    Attributes:
        at: which table.
        names: those of its shared variables whose values are known before it is joined.
        adds: the others.
        size: how many groups it has.
        codes: codes of the groups, by shared variable.
        sizes: how many codes each shared variable has.
    """

    at: int
    names: list[str]
    adds: list[str]
    size: int
    codes: Mapping[str, Numbers]
    sizes: Mapping[str, int]

    def __post_init__(self) -> None:
        # What would make numbers too large for a key is compared afterwards.
        self._keyed, places = 0, 1
        while self._keyed < len(self.names) and places * self.sizes[self.names[self._keyed]] <= _KEYS:
            places *= self.sizes[self.names[self._keyed]]
            self._keyed += 1
        keys = self._keys(self.codes, self.size)
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]
        self._starts: Numbers | None = None
        if places <= _SPARSE * self.size:
            self._starts = np.searchsorted(self._sorted, np.arange(places + 1))

    @property
    def seeks(self) -> bool:
        """Whether it adds nothing, and only takes combinations away."""
        return not self.adds

    def _keys(self, codes: Mapping[str, Numbers], size: int) -> Numbers:
        """One number for the known values of each group or combination, the same where they are the same."""
        keys = np.zeros(size, dtype=np.int64)
        for name in self.names[: self._keyed]:
            keys *= self.sizes[name]
            keys += codes[name]
        return keys

    def found(self, codes: Mapping[str, Numbers], size: int) -> tuple[Numbers, Numbers]:
        """Where the groups that may agree with each of some combinations begin, and how many there are."""
        keys = self._keys(codes, size)
        if self._starts is not None:
            first = self._starts[keys]
            return first, self._starts[keys + 1] - first
        first = np.searchsorted(self._sorted, keys)
        return first, np.searchsorted(self._sorted, keys, side="right") - first

    def unfolded(self, codes: Mapping[str, Numbers], first: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
        """Of each agreement the place of the combination, and the group."""
        if self.seeks and self._keyed == len(self.names):
            runs = np.flatnonzero(counts)
            return runs, self._order[first[runs]]
        runs, places = expanded(first, counts)
        groups: Numbers = self._order[places]
        for name in self.names[self._keyed :]:
            same = codes[name][runs] == self.codes[name][groups]
            runs, groups = runs[same], groups[same]
        return runs, groups


class _Growing:
    """Combinations of groups that agree, one table more at a time.

    Args:
        groups: the rows of each table.
        waiting: conditions; those that can be applied to groups are taken out.
    """

    def __init__(self, groups: Sequence[_Groups], waiting: list[Condition]) -> None:
        self._groups = groups
        self._codes, sizes = _encoded(groups)
        self._begin, *later = _order(groups)
        known = set(groups[self._begin].names)
        self._steps: list[_Step] = []
        for at in later:
            common = [name for name in groups[at].names if name in known]
            adds = [name for name in groups[at].names if name not in known]
            self._steps.append(_Step(at, common, adds, len(groups[at]), self._codes[at], sizes))
            known.update(adds)
        self._conditions = self._placed(waiting)
        self._found: list[dict[int, Numbers]] = []

    def _placed(self, waiting: list[Condition]) -> list[list[Condition]]:
        """The conditions to apply before each step, and after the last."""
        placed: list[list[Condition]] = []
        known = set(self._groups[self._begin].names)
        for step in (*self._steps, None):
            placed.append([])
            # Seeking leaves fewer combinations to apply them to.
            if step is None or not step.seeks:
                placed[-1] = [c for c in waiting if c.names and c.names <= known]
                waiting[:] = [c for c in waiting if c not in placed[-1]]
            if step is not None:
                known.update(step.adds)
        return placed

    def combinations(self) -> list[Numbers]:
        """Of each table, the group in each combination."""
        begin = self._groups[self._begin]
        self._grow(0, {self._begin: np.arange(len(begin))}, self._codes[self._begin])
        return [np.concatenate([part[i] for part in self._found]) for i in range(len(self._groups))]

    def _grow(self, number: int, chosen: dict[int, Numbers], codes: Mapping[str, Numbers]) -> None:
        """Join the tables from a step on."""
        if conditions := self._conditions[number]:
            now = self._samples(chosen)
            keep = np.logical_and.reduce([condition.holds(now) for condition in conditions])
            if not keep.all():
                chosen = {at: part[keep] for at, part in chosen.items()}
                codes = {name: part[keep] for name, part in codes.items()}
        if number == len(self._steps):
            self._found.append(chosen)
            return
        step = self._steps[number]
        first, counts = step.found(codes, len(chosen[self._begin]))
        for begin, end in pairwise(_parts(counts.astype(np.float64), _CLOSE)):
            few = {name: part[begin:end] for name, part in codes.items()}
            runs, places = step.unfolded(few, first[begin:end], counts[begin:end])
            more = {at: part[begin:end][runs] for at, part in chosen.items()}
            more[step.at] = places
            grown = {name: part[runs] for name, part in few.items()}
            grown.update((name, step.codes[name][places]) for name in step.adds)
            self._grow(number + 1, more, grown)

    def _samples(self, chosen: Mapping[int, Numbers]) -> Joined:
        places = sorted(chosen)
        rows = [self._groups[at].sample[chosen[at]] for at in places]
        return Joined([self._groups[at].relation for at in places], rows, len(rows[0]))


def _encoded(groups: Sequence[_Groups]) -> tuple[list[dict[str, Numbers]], dict[str, int]]:
    """The shared values of the groups of each table as small numbers, and how many of them each variable has."""
    codes: list[dict[str, Numbers]] = [{} for _ in groups]
    sizes = {}
    for name in dict.fromkeys(name for group in groups for name in group.names):
        values = {at: group.values(name) for at, group in enumerate(groups) if name in group.names}
        domain = distinct(np.concatenate(list(values.values())))
        sizes[name] = len(domain)
        for at, part in values.items():
            codes[at][name] = np.searchsorted(domain, part)
    return codes, sizes


def _order(groups: Sequence[_Groups]) -> list[int]:
    """In which order tables are joined: small ones first, and those that have most in common with the ones before."""
    pending = set(range(len(groups)))
    order = [min(pending, key=lambda at: len(groups[at]))]
    pending.remove(order[0])
    while pending:
        known = {name for at in order for name in groups[at].names}

        def cost(at: int, known: set[str] = known) -> tuple[bool, float]:
            common = [name for name in groups[at].names if name in known]
            return not common, len(groups[at]) / 1000.0 ** len(common)

        order.append(min(pending, key=cost))
        pending.remove(order[-1])
    return order


def _unfold(groups: Sequence[_Groups], chosen: list[Numbers], waiting: list[Condition]) -> Joined:
    relations = [group.relation for group in groups]
    size = len(chosen[0])
    counts = [group.counts[part] for group, part in zip(groups, chosen, strict=True)]
    weight = np.ones(size)
    for part in counts:
        weight *= part
    bounds = _parts(weight, _PART)
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


def _parts(weight: NDArray[np.float64], most: int) -> list[int]:
    """Where to cut combinations so that no part unfolds to much more than it may."""
    if not len(weight):
        return [0, 0]
    part = (np.cumsum(weight) / most).astype(np.int64)
    return [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(weight)]
