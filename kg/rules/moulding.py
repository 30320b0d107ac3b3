"""From the solutions of a rule to the triples that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kg.columns import Columns, Numbers
from kg.rules.plan import Mould, Place, Plan, Variable
from kg.rules.solutions import Solutions, Solves
from kg.rules.values import NODE

__all__ = ["Made", "moulded"]


@dataclass(frozen=True)
class Made:
    """What the solutions of one branch make, each triple of a solution once.

    Attributes:
        parts: the triples, one part a triple of the template.
        nodes: the subjects of each solution, one array a place of the template.
    """

    parts: Sequence[Columns]
    nodes: Sequence[Numbers]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """The triples as numbers, one that two solutions make twice."""
        for part in self.parts:
            yield from part.rows()


def moulded(plan: Plan, solutions: Solutions, solver: Solves) -> Made:
    """The triples that some solutions of a rule make.

    Args:
        plan: the rule.
        solutions: solutions of one of its branches.
        solver: what solved them.
    """
    columns = {place: _column(place, solutions, solver) for mould in plan.template for place in mould.places}
    parts: list[Columns] = []
    for number, mould in enumerate(plan.template):
        subject, predicate, obj = (columns[place] for place in mould.places)
        whole = (subject >= 0) & (predicate >= 0) & (obj >= 0)
        # A solution that would make a literal a subject, or a predicate, makes no triple (SPARQL 1.1, section 16.2).
        for place in (mould.subject, mould.predicate):
            if isinstance(place, Variable) and not solutions.makes_nodes(place.name):
                whole &= solver.values.of(columns[place])[0] == NODE
        for earlier in plan.template[:number]:
            if earlier.subject == mould.subject and _may_equal(earlier, mould):
                whole &= (columns[earlier.predicate] != predicate) | (columns[earlier.object] != obj)
        part = Columns(subject, predicate, obj)
        parts.append(part if whole.all() else part.where(whole))
    return Made(parts, [columns[place] for place in dict.fromkeys(mould.subject for mould in plan.template)])


def _may_equal(one: Mould, other: Mould) -> bool:
    """Whether two triples of a template, of the same subject, can be the same triple."""
    pairs = ((one.predicate, other.predicate), (one.object, other.object))
    return all(a == b or isinstance(a, Variable) or isinstance(b, Variable) for a, b in pairs)


def _column(place: Place, solutions: Solutions, solver: Solves) -> Numbers:
    if isinstance(place, Variable):
        return solutions.numbers(place.name)
    return np.broadcast_to(np.int64(solver.dictionary.number(place.term)), solutions.size)
