"""Everything that can go wrong, in one tree.

::

    KgError
    ├── UsageError (ValueError)            the caller asked for something that cannot be
    │   ├── UnknownName (LookupError)      no such question, parameter, state, policy, …; carries near misses
    │   ├── BadParameter                   a value of the wrong kind for a parameter
    │   └── QueryError                     SPARQL that does not parse or is not a read query
    ├── ParseError (ValueError)            a file that is not Turtle, a header that is not right
    │   └── RuleError                      a rule that says what the compiled executor cannot do
    ├── ValidationError (ValueError)       data that breaks shapes; carries every violation
    ├── InconsistencyError (ValueError)    data that contradicts the ontology; carries the report
    └── StoreError (OSError)               a store that is missing, damaged or cannot be written

``exit_code`` is what the command line ends with: 1 findings, 2 usage, 3 could not do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

__all__ = [
    "BadParameter",
    "Inconsistency",
    "InconsistencyError",
    "KgError",
    "ParseError",
    "QueryError",
    "RuleError",
    "StoreError",
    "UnknownName",
    "UsageError",
    "ValidationError",
    "Violation",
    "is_damage",
]

_FEW: Final = 10
"""How many contradictions a message tells of: a line of thousands would help nobody."""


class KgError(Exception):
    """Root of all errors that this package raises on purpose."""

    exit_code: ClassVar[int] = 3


class UsageError(KgError, ValueError):
    """The request itself is wrong; nothing was done."""

    exit_code = 2


class UnknownName(UsageError, LookupError):
    """A name that stands for nothing here.

    Attributes:
        kind: what was looked for, such as ``"state"`` or ``"question"``.
        name: the name as given.
        near: the closest names that do exist, best first.
    """

    def __init__(self, kind: str, name: str, near: Sequence[str] = (), hint: str = "") -> None:
        self.kind, self.name, self.near = kind, name, tuple(near)
        message = f"no {kind} is called {name!r}"
        if self.near:
            message += "; did you mean " + " or ".join(repr(n) for n in self.near) + "?"
        if hint:
            message += ("" if self.near else ".") + f" {hint}"
        super().__init__(message)


class BadParameter(UsageError):
    """A value that does not fit its parameter.

    Attributes:
        parameter: name of the parameter.
        value: the value as given.
    """

    def __init__(self, parameter: str, value: str, expected: str) -> None:
        self.parameter, self.value = parameter, value
        super().__init__(f"{parameter}: {value!r} is not {expected}")


class QueryError(UsageError):
    """SPARQL that is not well formed, or is not a query that reads."""


class ParseError(KgError, ValueError):
    """A file whose text is not what it should be.

    Attributes:
        file: name of the file.
        line: line of the fault, counted from 1, or ``None`` where it is not known.
    """

    exit_code = 1

    def __init__(self, file: str, message: str, line: int | None = None) -> None:
        self.file, self.line = file, line
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")


class RuleError(ParseError):
    """A dated rule that uses a construct which the compiled executor does not know; a store may still run it."""


@dataclass(frozen=True, order=True)
class Violation:
    """One fault that validation found.

    Attributes:
        file: file in which the node is described.
        node: IRI of the node.
        path: IRI of the property at fault, or ``""``.
        value: the offending value, or ``""``.
        message: what is wrong and what to do.
        severity: ``"Violation"``, ``"Warning"`` or ``"Info"``.
    """

    file: str
    node: str
    path: str
    value: str
    message: str
    severity: str = "Violation"


class ValidationError(KgError, ValueError):
    """Data that breaks shapes.

    Attributes:
        violations: every fault found, sorted.
    """

    exit_code = 1

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        count = len(self.violations)
        super().__init__(f"{count} {'violation' if count == 1 else 'violations'} of the shapes; nothing was built")


@dataclass(frozen=True, order=True)
class Inconsistency:
    """One contradiction between the data and the ontology.

    Attributes:
        message: what clashes, in words.
        nodes: IRIs that take part.
        rule: the rule of OWL 2 RL/RDF that finds it, such as ``"cax-dw"``; ``""`` where the reasoner does not tell.
        triples: what clashes, given or inferred: subject, predicate and object as N-Triples has them.
    """

    message: str
    nodes: tuple[str, ...] = ()
    rule: str = ""
    triples: tuple[tuple[str, str, str], ...] = ()


class InconsistencyError(KgError, ValueError):
    """Data that contradicts the ontology.

    Attributes:
        inconsistencies: every contradiction found; the message tells the first few.
    """

    exit_code = 1

    def __init__(self, inconsistencies: Sequence[Inconsistency]) -> None:
        self.inconsistencies = tuple(inconsistencies)
        count = len(self.inconsistencies)
        told = [i.message for i in self.inconsistencies[:_FEW]]
        told += [f"and {count - _FEW:,} more"] if count > _FEW else []
        super().__init__(f"the data contradict the ontology: {'; '.join(told)}")


class StoreError(KgError, OSError):
    """A store that is missing, damaged, in use or not writable."""


def is_damage(fault: Exception) -> bool:
    """Whether a database came upon damage in its files.

    Example:
        >>> is_damage(RuntimeError("Corruption: block checksum mismatch")), is_damage(RuntimeError("no such function"))
        (True, False)
    """
    return str(fault).startswith("Corruption")
