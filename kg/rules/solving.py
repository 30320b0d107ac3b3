"""Branches over an index: the second executor of the rules at work.

A branch is solved star by star: all patterns about one subject are looked up side by side, as aligned columns, and the
stars are then joined. Where few values can lead to a solution, a star is looked up from those values only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kg.columns import Dictionary, Numbers, distinct, expanded, pack
from kg.rules.indexes import Flags, Index, objects_of
from kg.rules.joining import joined
from kg.rules.plan import Atom, Branch, Constant, Expression, Place, Variable, existences, variables
from kg.rules.relations import Condition, Joined, Relation
from kg.rules.solutions import Solutions
from kg.rules.values import Values

__all__ = ["Solver"]

_FEW = 4
"""A star is looked up from given values where they lead to fewer subjects than its members by this factor."""


class Solver:
    """Solves branches over an index.

    Args:
        index: the triples.
        values: what terms are worth.
        rule: name of the rule, for messages.
    """

    def __init__(self, index: Index, values: Values, rule: str = "") -> None:
        self.index, self.values, self.rule = index, values, rule
        self.dictionary: Dictionary = values.dictionary

    def solve(self, branch: Branch, seed: Relation | None = None) -> Solutions:
        """Every solution of a branch, one at a time or several times over.

        Args:
            branch: patterns, filters and bindings.
            seed: values that some variables must have.
        """
        relations = [self._table(table.names, table.rows) for table in branch.tables]
        if seed is not None:
            relations.append(seed)
        bindings = {binding.name: binding.expression for binding in branch.bindings}
        available = branch.matched.union(*(r.columns for r in relations))
        conditions = []
        for expression in branch.filters:
            needed = self._needed(expression, bindings, available)

            def holds(now: Joined, expression: Expression = expression) -> Flags:
                return Solutions(self, now, bindings).truth(expression).true

            conditions.append((any(True for _ in existences(expression)), Condition(needed, holds)))
        conditions.sort(key=lambda pair: pair[0])
        late = [c for is_late, c in conditions if is_late]
        found = self._stars(branch.atoms, relations, available)
        if found is None:
            empty = Relation({name: np.empty(0, dtype=np.int64) for name in available}, 0)
            return Solutions(self, Joined([empty], [np.empty(0, dtype=np.int64)], 0), bindings)
        if not found:
            found = [Relation({}, 1)]
        now = joined(found, [c for is_late, c in conditions if not is_late])
        for condition in late:
            now = now.where(condition.holds(now))
        return Solutions(self, now, bindings)

    def _needed(
        self, expression: Expression, bindings: Mapping[str, Expression], available: frozenset[str]
    ) -> frozenset[str]:
        names = set(variables(expression))
        for name in list(names):
            if name in bindings:
                names |= self._needed(bindings[name], bindings, available)
        return frozenset(names & available)

    def _table(self, names: Sequence[str], rows: Sequence[Sequence[object]]) -> Relation:
        rows = list(dict.fromkeys(map(tuple, rows)))  # a row given twice is one solution
        columns = {
            name: np.array([self.dictionary.number(row[i]) for row in rows], dtype=np.int64)  # type: ignore[arg-type]
            for i, name in enumerate(names)
        }
        return Relation(columns, len(rows))

    # ------------------------------------------------------------ stars

    def _stars(
        self, atoms: Sequence[Atom], relations: list[Relation], available: frozenset[str]
    ) -> list[Relation] | None:
        """The tables given and one more for each subject; ``None`` where one of them is empty."""
        stars: dict[Place, list[Atom]] = {}
        for atom in atoms:
            stars.setdefault(atom.subject, []).append(atom)
        uses: dict[str, int] = {}
        for names in [set(r.columns) for r in relations] + [{n for a in s for n in a.names} for s in stars.values()]:
            for name in names:
                uses[name] = uses.get(name, 0) + 1
        bound: dict[str, Numbers] = {}

        def learn(relation: Relation) -> None:
            for name, column in relation.columns.items():
                if uses.get(name, 0) > 1 and (name not in bound or len(column) < _FEW * len(bound[name])):
                    values = distinct(column)
                    if name not in bound or len(values) < len(bound[name]):
                        bound[name] = values

        for relation in relations:
            learn(relation)
        pending = dict(stars)
        while pending:
            looked = {subject: self._candidates(subject, star, bound) for subject, star in pending.items()}
            subject = min(looked, key=lambda s: looked[s][0])
            relation = self._star(subject, pending.pop(subject), *looked[subject][1:])
            if not relation.size:
                return None
            learn(relation)
            relations.append(relation)
        return relations

    def _marks(self, star: Sequence[Atom]) -> tuple[tuple[int, int], ...]:
        return tuple(
            sorted(
                (self.dictionary.find(a.predicate), self.dictionary.find(a.object.term))
                for a in star
                if isinstance(a.object, Constant)
            )
        )

    def _candidates(
        self, subject: Place, star: Sequence[Atom], bound: Mapping[str, Numbers]
    ) -> tuple[float, tuple[tuple[int, int], ...], tuple[str, Numbers] | None]:
        """About how many subjects must be looked at, what marks them, and the values to begin with, if any."""
        marks = self._marks(star)
        if isinstance(subject, Constant):
            return 0, marks, ("", np.array([self.dictionary.find(subject.term)], dtype=np.int64))
        whole = min(
            [len(self.index.members(marks))]
            if marks
            else [len(self.index.of_predicate(self.dictionary.find(a.predicate))) for a in star]
        )
        best: tuple[float, tuple[str, Numbers]] | None = None
        if subject.name in bound:
            best = len(bound[subject.name]), (subject.name, bound[subject.name])
        for atom in star:
            if isinstance(atom.object, Variable) and atom.object.name in bound:
                values = bound[atom.object.name]
                if len(values) > whole:
                    continue
                size = len(values) * self.index.of_predicate(self.dictionary.find(atom.predicate)).breadth
                if best is None or size < best[0]:
                    best = size, (atom.object.name, values)
        if best is not None and best[0] * _FEW < whole:
            return best[0], marks, best[1]
        return whole, marks, None

    def _star(
        self,
        subject: Place,
        star: Sequence[Atom],
        marks: tuple[tuple[int, int], ...],
        start: tuple[str, Numbers] | None,
    ) -> Relation:
        find, index = self.dictionary.find, self.index
        open_atoms = [a for a in star if isinstance(a.object, Variable)]
        whole = start is None and bool(marks)
        if start is None:
            first = index.of_predicate(find(star[0].predicate))
            subjects = index.members(marks) if marks else distinct(first.subjects, ordered=True)
        else:
            name, values = start
            subjects = values
            if isinstance(subject, Variable) and name != subject.name:
                atom = next(a for a in open_atoms if a.object == Variable(name))
                subjects = index.of_predicate(find(atom.predicate)).of_objects(values)
            for predicate, obj in marks:
                subjects = subjects[index.holds(predicate, pack(subjects, np.full(len(subjects), obj)))]
        subject_name = subject.name if isinstance(subject, Variable) else ""
        columns: dict[str, Numbers] = {subject_name: subjects}
        keep = np.ones(len(subjects), dtype=bool)
        several = []
        for atom in open_atoms:
            assert isinstance(atom.object, Variable)
            predicate, name = find(atom.predicate), atom.object.name
            pairs = index.of_predicate(predicate)
            if not pairs.functional:
                several.append(atom)
                continue
            found = index.aligned(marks, predicate) if whole else objects_of(pairs, subjects)
            keep &= (found >= 0) if name not in columns else (found == columns[name])
            columns.setdefault(name, found)
        if not keep.all():
            columns = {name: column[keep] for name, column in columns.items()}
        for atom in several:
            assert isinstance(atom.object, Variable)
            pairs, name = index.of_predicate(find(atom.predicate)), atom.object.name
            runs, places = expanded(*pairs.of_subjects(columns[subject_name]))
            columns = {known: column[runs] for known, column in columns.items()}
            found = pairs.objects[places]
            if name in columns:
                same = found == columns[name]
                columns = {known: column[same] for known, column in columns.items()}
            else:
                columns[name] = found
        size = len(columns[subject_name])
        columns.pop("", None)
        return Relation(columns, size)
