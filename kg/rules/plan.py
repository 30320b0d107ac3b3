"""What a rule is compiled to: branches of patterns, filters and bindings, and a template.

A query is brought into a form without nesting. Each branch is a conjunction; a UNION makes several, and so does an
OPTIONAL (what it adds, or nothing where there is none). Sub-selects are taken apart, for they say nothing but in which
order an engine should join.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from kg.terms import Term

__all__ = [
    "Atom",
    "Binary",
    "Binding",
    "Branch",
    "Call",
    "Choice",
    "Constant",
    "Exists",
    "Expression",
    "Junction",
    "Mould",
    "Negation",
    "Place",
    "Plan",
    "Table",
    "Variable",
    "existences",
    "variables",
]


@dataclass(frozen=True)
class Variable:
    """A variable, in a pattern or in an expression; one that its scope does not bind has no name."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A term written in the rule."""

    term: Term


@dataclass(frozen=True)
class Binary:
    """A comparison of two values by one of the operators ``= != < > <= >=``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Junction:
    """``&&`` (``every``) or ``||`` of several conditions."""

    every: bool
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Negation:
    """``!`` of a condition."""

    part: Expression


@dataclass(frozen=True)
class Choice:
    """``IF(condition, yes, no)``."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True)
class Call:
    """A function of SPARQL 1.1 (section 17.4), by its name in capitals."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Exists:
    """Whether some branch has a solution that agrees with the row (SPARQL 1.1, section 8.1)."""

    branches: tuple[Branch, ...]


Expression: TypeAlias = Variable | Constant | Binary | Junction | Negation | Choice | Call | Exists
Place: TypeAlias = Variable | Constant


@dataclass(frozen=True)
class Atom:
    """A triple pattern; its predicate is a constant."""

    subject: Place
    predicate: Term
    object: Place

    @property
    def names(self) -> Iterator[str]:
        """The variables of the pattern."""
        return (place.name for place in (self.subject, self.object) if isinstance(place, Variable))


@dataclass(frozen=True)
class Mould:
    """A triple of the template."""

    subject: Place
    predicate: Place
    object: Place

    @property
    def places(self) -> tuple[Place, Place, Place]:
        """Its three places, in order."""
        return self.subject, self.predicate, self.object


@dataclass(frozen=True)
class Table:
    """Rows of terms given by VALUES."""

    names: tuple[str, ...]
    rows: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True)
class Binding:
    """``BIND(expression AS ?name)``."""

    name: str
    expression: Expression


@dataclass(frozen=True)
class Branch:
    """A conjunction of patterns, with the filters and bindings on it."""

    atoms: tuple[Atom, ...] = ()
    tables: tuple[Table, ...] = ()
    bindings: tuple[Binding, ...] = ()
    filters: tuple[Expression, ...] = ()

    @property
    def matched(self) -> frozenset[str]:
        """The variables that patterns and tables bind."""
        return frozenset(name for atom in self.atoms for name in atom.names).union(*(t.names for t in self.tables))

    @cached_property
    def existences(self) -> tuple[Exists, ...]:
        """The EXISTS in its filters and bindings, those inside another EXISTS left out."""
        expressions = (*self.filters, *(binding.expression for binding in self.bindings))
        return tuple(exists for expression in expressions for exists in existences(expression))

    @property
    def bound(self) -> frozenset[str]:
        """Those, and the ones made by BIND."""
        return self.matched | {binding.name for binding in self.bindings}


@dataclass(frozen=True)
class Plan:
    """A compiled rule.

    Attributes:
        name: id of the rule.
        stratum: a rule runs after every rule of a lower stratum.
        branches: the conjunctions any of which makes the rule hold.
        template: the triples that each solution makes.
    """

    name: str
    stratum: int
    branches: tuple[Branch, ...]
    template: tuple[Mould, ...]


def variables(expression: Expression) -> Iterator[str]:
    """The variables that an expression mentions; of an EXISTS, all that it mentions."""
    match expression:
        case Variable(name):
            yield name
        case Exists(branches):
            for branch in branches:
                yield from branch.matched
                for part in (*(b.expression for b in branch.bindings), *branch.filters):
                    yield from variables(part)
        case _:
            for part in _parts(expression):
                yield from variables(part)


def existences(expression: Expression) -> Iterator[Exists]:
    """The EXISTS in an expression, those inside another EXISTS left out."""
    if isinstance(expression, Exists):
        yield expression
    else:
        for part in _parts(expression):
            yield from existences(part)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Binary(_, left, right):
            return left, right
        case Junction(_, parts) | Call(_, parts):
            return parts
        case Negation(part):
            return (part,)
        case Choice(condition, yes, no):
            return condition, yes, no
        case _:
            return ()
