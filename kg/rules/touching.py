"""Which rows of a rule a change of the facts can touch.

A row is touched where one of its patterns meets a triple that came or went, or where an EXISTS of it does. What is
found here may be too much and is never too little: the rows are solved again, before and after the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.columns import Columns, Numbers, distinct, found_in
from kg.rules.indexes import Flags
from kg.rules.plan import Atom, Branch, Constant, Exists, Place, Variable, variables
from kg.rules.relations import Relation, distinct_rows
from kg.rules.solving import Solver

__all__ = ["Touch"]


@dataclass(frozen=True)
class Touch:
    """A change, as the rules of one stratum see it.

    Attributes:
        change: the triples that came or went.
        before: what solves over the triples before the change.
        after: what solves over those after it.
    """

    change: Columns
    before: Solver
    after: Solver

    def seeds(self, branch: Branch) -> list[Relation] | None:
        """Values of some variables of a branch that every row touched has; ``None`` where any row may be touched."""
        found: list[Relation] = []
        stars: dict[Place, list[Atom]] = {}
        for atom in branch.atoms:
            stars.setdefault(atom.subject, []).append(atom)
        for subject, star in stars.items():
            nodes = self._subjects(star)
            if not len(nodes):
                continue
            if not isinstance(subject, Variable):
                if bool((nodes == self.before.dictionary.find(subject.term)).any()):
                    return None
                continue
            nodes = self._marked(star, nodes)
            if len(nodes):
                found.append(Relation({subject.name: nodes}, len(nodes)))
        for exists in branch.existences:
            for inner in exists.branches:
                seeds = self.seeds(inner)
                if seeds is None:
                    return None
                for seed in seeds:
                    outward = self._outward(branch, inner, seed)
                    if outward is None:
                        return None
                    found += outward
        return found

    def _subjects(self, star: Sequence[Atom]) -> Numbers:
        """The subjects of what came or went and fits one of some patterns."""
        fits = np.zeros(len(self.change), dtype=bool)
        for atom in star:
            fits |= self._fits(atom)
        return distinct(self.change.subject[fits])

    def _fits(self, atom: Atom) -> Flags:
        fits: Flags = self.change.predicate == self.before.dictionary.find(atom.predicate)
        if isinstance(atom.object, Constant):
            fits = fits & (self.change.object == self.before.dictionary.find(atom.object.term))
        return fits

    def _marked(self, star: Sequence[Atom], nodes: Numbers) -> Numbers:
        """Those of some nodes that have, before or after, all that the patterns say outright."""
        find = self.before.dictionary.find
        marks = tuple(sorted((find(a.predicate), find(a.object.term)) for a in star if isinstance(a.object, Constant)))
        if not marks:
            return nodes
        held = np.zeros(len(nodes), dtype=bool)
        for index in (self.before.index, self.after.index):
            held |= found_in(nodes, index.members(marks))
        return nodes[held]

    def _outward(self, branch: Branch, inner: Branch, seed: Relation) -> list[Relation] | None:
        """What rows of an EXISTS say of the rows outside."""
        mentioned = set(variables(Exists((inner,))))
        shared = sorted(mentioned & branch.matched & inner.matched)
        if not shared:
            return None
        if set(shared) <= seed.columns.keys():
            return [_once({name: seed.columns[name] for name in shared})]
        # Filters of the EXISTS may speak of the row outside; without them there are more rows, which does no harm.
        patterns = Branch(atoms=inner.atoms, tables=inner.tables)
        found = []
        for solver in (self.before, self.after):
            solutions = solver.solve(patterns, seed)
            if solutions.size:
                found.append(_once({name: solutions.numbers(name) for name in shared}))
        return found


def _once(columns: dict[str, Numbers]) -> Relation:
    places = distinct_rows(list(columns.values()))
    return Relation({name: column[places] for name, column in columns.items()}, len(places))
