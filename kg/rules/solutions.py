"""Expressions over the solutions of a branch, whole columns at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from kg.columns import Dictionary, Numbers, found_in
from kg.errors import RuleError
from kg.rules.comparing import OPERATORS, Truth, compare, junction
from kg.rules.indexes import Flags
from kg.rules.plan import (
    Binary,
    Branch,
    Call,
    Choice,
    Constant,
    Exists,
    Expression,
    Junction,
    Negation,
    Variable,
    variables,
)
from kg.rules.relations import Joined, Relation, distinct_rows
from kg.rules.texts import Texts, compare_texts, concatenated, hashed, lexical, named, plain, pooled
from kg.rules.values import BOOLEAN, DATE, INSTANT, MONTH, NODE, NUMBER, STRING, YEAR, Values

__all__ = ["Solutions", "Solves"]

_RANKED = (DATE, NUMBER, BOOLEAN, INSTANT, YEAR, MONTH)
_TEXT = ("STR", "CONCAT", "SUBSTR", "SHA256")


class Solves(Protocol):
    """Where solutions come from, and those of an EXISTS too."""

    @property
    def rule(self) -> str:
        """Name of the rule, for messages."""

    @property
    def values(self) -> Values:
        """What terms are worth."""

    @property
    def dictionary(self) -> Dictionary:
        """The terms."""

    def solve(self, branch: Branch, seed: Relation | None = None) -> Solutions:
        """Every solution of a branch, given values that some variables must have."""


class Solutions:
    """The solutions of a branch; what BIND makes is worked out when it is asked for.

    Args:
        solver: where they come from.
        rows: the combinations of rows.
        bindings: expressions of the variables that BIND makes.
    """

    def __init__(self, solver: Solves, rows: Joined, bindings: Mapping[str, Expression]) -> None:
        self._solver, self._rows, self._bindings = solver, rows, bindings
        self._made: dict[str, Numbers] = {}
        self.size = rows.size

    def has(self, name: str) -> bool:
        """Whether the variable is one of the branch's."""
        return name in self._bindings or self._rows.source(name) is not None

    def makes_nodes(self, name: str) -> bool:
        """Whether a variable is made by IRI(), and so never a literal."""
        made = self._bindings.get(name)
        return isinstance(made, Call) and made.name == "IRI"

    def numbers(self, name: str) -> Numbers:
        """The numbers of a variable's terms, -1 where it is unbound."""
        known = self._made.get(name)
        if known is not None:
            return known
        place = self._rows.source(name)
        if place is not None:
            made = self._rows.relations[place].columns[name][self._rows.rows[place]]
        elif name in self._bindings:
            made = self._as_numbers(self.value(self._bindings[name]))
        else:
            made = np.full(self.size, -1, dtype=np.int64)
        self._made[name] = made
        return made

    # ------------------------------------------------------------ expressions

    def truth(self, expression: Expression) -> Truth:
        """A condition by its effective boolean value (SPARQL 1.1, section 17.2.2)."""
        match expression:
            case Binary():
                return self._compare(expression)
            case Junction(every, parts):
                return junction([self.truth(part) for part in parts], every, self.size)
            case Negation(part):
                return self.truth(part).negated()
            case Exists():
                return Truth(self._exists(expression))
            case Call("BOUND", (Variable(name),)):
                return Truth(self.numbers(name) >= 0)
        value = self.value(expression)
        if isinstance(value, Truth):
            return value
        if isinstance(value, Texts):
            known = np.array([bool(text) for text in value.pool], dtype=bool)
            wrong = np.array([text is None for text in value.pool], dtype=bool)
            return Truth(known[value.codes], wrong[value.codes])
        families, ranks = self._solver.values.of(value)
        strings = families == STRING
        true = ((families == BOOLEAN) | (families == NUMBER)) & (ranks != 0) & ~np.isnan(ranks)
        if strings.any():
            terms = self._solver.dictionary.terms(value[strings])
            true[strings] = [bool(getattr(term, "value", "")) for term in terms]
        return Truth(true, ~strings & (families != BOOLEAN) & (families != NUMBER))

    def value(self, expression: Expression) -> Numbers | Truth | Texts:
        """An expression as terms, as truth or as text, whichever it comes as."""
        match expression:
            case Variable(name):
                return self.numbers(name)
            case Constant(term):
                return np.full(self.size, self._solver.dictionary.number(term), dtype=np.int64)
            case Choice(condition, yes, no):
                tested = self.truth(condition)
                chosen = np.where(tested.true, self._as_numbers(self.value(yes)), self._as_numbers(self.value(no)))
                return chosen if tested.error is None else np.where(tested.error, -1, chosen)
            case Call("IRI", (argument,)):
                return self._iri(argument)
            case Call(name, arguments) if name != "BOUND":
                return self._text(name, arguments)
        return self.truth(expression)

    def _as_numbers(self, value: Numbers | Truth | Texts) -> Numbers:
        number = self._solver.dictionary.number
        if isinstance(value, Truth):
            true, false = number(Literal(True)), number(Literal(False))
            made = np.where(value.true, true, false)
            return made if value.error is None else np.where(value.error, -1, made)
        if isinstance(value, Texts):
            pool = np.array([-1 if t is None else number(Literal(t)) for t in value.pool], dtype=np.int64)
            return pool[value.codes]
        return value

    # ------------------------------------------------------------ comparisons

    def _ordering(self, side: Expression) -> tuple[NDArray[np.int8] | int, NDArray[np.float64]]:
        """Family, one number where all are of one, and rank of each term."""
        if isinstance(side, Variable) and side.name not in self._made:
            place = self._rows.source(side.name)
            if place is not None:
                relation, rows = self._rows.relations[place], self._rows.rows[place]
                if side.name not in relation.ordering:
                    families, ranks = self._solver.values.of(relation.columns[side.name])
                    alike = bool(len(families)) and bool((families == families[0]).all())
                    relation.ordering[side.name] = (int(families[0]) if alike else families), ranks
                family, ranks = relation.ordering[side.name]
                if isinstance(family, int):
                    # Nodes have no rank.
                    return family, np.broadcast_to(0.0, len(rows)) if family == NODE else ranks[rows]
                return family[rows], ranks[rows]
        return self._solver.values.of(self._as_numbers(self.value(side)))

    def _compare(self, test: Binary) -> Truth:
        operator, left, right = test.operator, test.left, test.right
        for one, other in ((left, right), (right, left)):
            if operator in ("=", "!=") and isinstance(one, Constant) and isinstance(one.term, NamedNode):
                numbers = self._as_numbers(self.value(other))
                same = numbers == self._solver.dictionary.number(one.term)
                unbound = numbers < 0
                error = unbound if unbound.any() else None
                found = Truth(same, error)
                return found if operator == "=" else found.negated()
        if any(isinstance(side, Call) and side.name in _TEXT for side in (left, right)):
            return compare_texts(operator, self._texts(left), self._texts(right))
        family, rank = self._ordering(left)
        others, other_rank = self._ordering(right)
        if isinstance(family, int) and isinstance(others, int) and family == others and family in _RANKED:
            return Truth(OPERATORS[operator](rank, other_rank))
        numbers, other_numbers = (self._as_numbers(self.value(side)) for side in (left, right))
        if isinstance(family, int) and isinstance(others, int) and family == others == NODE and operator in ("=", "!="):
            return Truth(OPERATORS[operator](numbers, other_numbers))
        family, others = np.broadcast_to(family, rank.shape), np.broadcast_to(others, rank.shape)
        dictionary, rule = self._solver.dictionary, self._solver.rule
        return compare(operator, (numbers, family, rank), (other_numbers, others, other_rank), dictionary, rule)

    # ------------------------------------------------------------ text

    def _texts(self, expression: Expression) -> Texts:
        value = self.value(expression)
        if isinstance(value, Texts):
            return value
        codes, terms = pooled(self._as_numbers(value), self._solver.dictionary)
        pool: list[str | None] = []
        for term in terms:
            if isinstance(term, Literal) and term.language:
                raise RuleError(self._solver.rule, f"{term}: compiled rules join no strings that have a language")
            pool.append(plain(term))
        return Texts(codes, pool)

    def _text(self, name: str, arguments: Sequence[Expression]) -> Texts:
        if name == "STR":
            value = self.value(arguments[0])
            if isinstance(value, Texts):
                return value
            return lexical(self._as_numbers(value), self._solver.dictionary)
        if name == "SHA256":
            return hashed(self._texts(arguments[0]))
        if name == "SUBSTR":
            given = self._texts(arguments[0])
            begin, length = (*map(self._whole, arguments[1:]), None)[:2]
            assert begin is not None
            start, stop = max(begin, 1) - 1, None if length is None else max(begin + length - 1, 0)
            return Texts(given.codes, [None if t is None else t[start:stop] for t in given.pool])
        return self._concatenated(arguments)

    def _whole(self, expression: Expression) -> int:
        if isinstance(expression, Constant) and isinstance(expression.term, Literal):
            try:
                return int(expression.term.value)
            except ValueError:
                pass
        raise RuleError(self._solver.rule, "compiled rules take the places of SUBSTR as whole numbers, written out")

    def _concatenated(self, arguments: Sequence[Expression]) -> Texts:
        parts: list[str | Texts] = []
        for argument in arguments:
            if isinstance(argument, Constant) and isinstance(argument.term, Literal) and not argument.term.language:
                parts.append(argument.term.value)
            else:
                parts.append(self._texts(argument))
        return concatenated(parts, self.size)

    def _iri(self, argument: Expression) -> Numbers:
        value = self.value(argument)
        given = value if isinstance(value, Texts) else None
        if given is None:
            assert not isinstance(value, Texts)
            codes, terms = pooled(self._as_numbers(value), self._solver.dictionary)
            pool = [t.value if isinstance(t, NamedNode) else plain(t) for t in terms]
            given = Texts(codes, pool)
        return named(given.pool, self._solver.dictionary)[given.codes]

    # ------------------------------------------------------------ EXISTS

    def _exists(self, test: Exists) -> Flags:
        found = np.zeros(self.size, dtype=bool)
        if not self.size:
            return found
        for branch in test.branches:
            mentioned = set(variables(Exists((branch,))))
            names = sorted(name for name in mentioned if name and self.has(name))
            if not names:
                if self._solver.solve(branch).size:
                    found[:] = True
                continue
            columns = [self.numbers(name) for name in names]
            places = distinct_rows(columns)
            seed = Relation({name: part[places] for name, part in zip(names, columns, strict=True)}, len(places))
            for name in set(names) & branch.matched:
                if bool((seed.columns[name] < 0).any()):
                    raise RuleError(self._solver.rule, f"?{name} may be unbound where an EXISTS matches it")
            # Which seeds lead to a solution; then which rows are equal to one of those.
            inner = self._solver.solve(branch, seed)
            hit = distinct_rows([inner.numbers(name) for name in names]) if inner.size else np.empty(0, dtype=np.int64)
            held = [inner.numbers(name)[hit] for name in names]
            found |= _rows_among(columns, held)
        return found


def _rows_among(rows: Sequence[Numbers], held: Sequence[Numbers]) -> Flags:
    """Which rows are among those held."""
    size, both = len(rows[0]), [np.concatenate(pair) for pair in zip(held, rows, strict=True)]
    code = both[0]
    for part in both[1:]:
        code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = code * (int(part.max(initial=0)) + 2) + part
    known = np.sort(code[: len(code) - size])
    return found_in(code[len(code) - size :], known)
