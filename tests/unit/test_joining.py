"""Tables joined by what they share are all combinations of their rows that agree, taken one by one."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.rules import joining
from kg.rules.indexes import Flags
from kg.rules.joining import joined
from kg.rules.relations import Condition, Joined, Relation

NAMES = "abcde"


@st.composite
def tables(draw: st.DrawFn) -> list[Relation]:
    found = []
    for _ in range(draw(st.integers(1, 4))):
        names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
        size = draw(st.integers(0, 7)) if names else draw(st.integers(0, 1))
        values = st.lists(st.integers(0, 3), min_size=size, max_size=size)
        found.append(Relation({name: np.array(draw(values), dtype=np.int64) for name in names}, size))
    return found


def different(one: str, other: str) -> Condition:
    def holds(now: Joined) -> Flags:
        sides = []
        for name in (one, other):
            place = now.source(name)
            assert place is not None
            sides.append(now.relations[place].columns[name][now.rows[place]])
        return np.asarray(sides[0] != sides[1])

    return Condition(frozenset((one, other)), holds)


def one_by_one(relations: list[Relation], unequal: list[tuple[str, str]]) -> list[tuple[int, ...]]:
    found = []
    for rows in product(*(range(relation.size) for relation in relations)):
        said: dict[str, set[int]] = {}
        for relation, row in zip(relations, rows, strict=True):
            for name, column in relation.columns.items():
                said.setdefault(name, set()).add(int(column[row]))
        if all(len(values) == 1 for values in said.values()) and all(said[a] != said[b] for a, b in unequal):
            found.append(rows)
    return found


@pytest.mark.parametrize(
    "limits",
    [{}, {"_CLOSE": 3, "_PART": 2}, {"_SPARSE": 0}, {"_KEYS": 4}, {"_KEYS": 0, "_SPARSE": 0, "_CLOSE": 1}],
    ids=["as it is", "in small parts", "sought", "compared afterwards", "all compared afterwards"],
)
@settings(max_examples=150, deadline=None)
@given(relations=tables(), data=st.data())
def test_all_that_agree_and_nothing_else(limits: dict[str, int], relations: list[Relation], data: Any) -> None:
    available = sorted({name for relation in relations for name in relation.columns})
    pairs = [(a, b) for a in available for b in available if a < b]
    unequal = data.draw(st.lists(st.sampled_from(pairs), max_size=3)) if pairs else []
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in limits.items():
            patch.setattr(joining, name, limit)
        now = joined(relations, [different(a, b) for a, b in unequal])
    rows = list(zip(*(part.tolist() for part in now.rows), strict=True))
    assert sorted(rows) == one_by_one(relations, unequal)
    assert now.size == len(rows)
