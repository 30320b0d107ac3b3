"""States by number and by name, as the list of states that ships gives them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.documents import read_document
from kg.importing.dates import whole
from kg.resources import resource
from kg.spellings import Spellings
from kg.terms import curie
from kg.vocab import FOEDUS, RDF, RDFS, SKOS

__all__ = ["States", "Unresolved", "more_states", "states"]


class Unresolved(LookupError):
    """A state that the list does not have; the message is the reason a row is set aside for."""


class States:
    """The list of states, by Correlates of War number, by Gleditsch and Ward number, and by name.

    The two numberings are never mixed: 970 is Nauru in one and Kiribati in the other.

    Args:
        more: files of facts that describe further states, such as ``kg import states`` writes.

    Raises:
        ParseError: one of the files cannot be read.

    Example:
        >>> states().cow("970").value == states().gw("970").value
        False
        >>> states().named("Viet Nam").value
        'https://w3id.org/foedus/id/state/VNM'
    """

    def __init__(self, more: Sequence[Path] = ()) -> None:
        self._cow: Final[dict[int, NamedNode]] = {}
        self._gw: Final[dict[int, NamedNode]] = {}
        names = defaultdict[str, set[NamedNode]](set)
        self._labels: Final[dict[NamedNode, str]] = {}
        self._territories: Final[set[NamedNode]] = set()
        files = (resource("graph", "states.ttl"), *more)
        for subject, predicate, value in (triple for file in files for triple in read_document(file).triples):
            if not isinstance(subject, NamedNode):
                continue
            if predicate == FOEDUS.cowCode and isinstance(value, Literal):
                self._cow[int(value.value)] = subject
            elif predicate == FOEDUS.gwCode and isinstance(value, Literal):
                self._gw[int(value.value)] = subject
            elif predicate in (RDFS.label, SKOS.altLabel) and isinstance(value, Literal):
                names[value.value].add(subject)
                if predicate == RDFS.label:
                    self._labels.setdefault(subject, value.value)
            elif predicate == RDF.type and value == FOEDUS.Territory:
                self._territories.add(subject)
        self._names: Final = Spellings(names)

    def cow(self, number: str) -> NamedNode:
        """The state of a Correlates of War number.

        Raises:
            Unresolved: no state has it.
        """
        return self._numbered(self._cow, number, "Correlates of War")

    def gw(self, number: str) -> NamedNode:
        """The state of a Gleditsch and Ward number.

        Raises:
            Unresolved: no state has it.
        """
        return self._numbered(self._gw, number, "Gleditsch and Ward")

    def named(self, name: str) -> NamedNode:
        """The state of a name, in whatever spelling.

        Raises:
            Unresolved: no state has it, several have, or it is a territory.
        """
        found = self._names.find(name)
        if not found:
            raise Unresolved(f"{name} is not in the list of states")
        if len(found) > 1:
            raise Unresolved(f"{name} may mean {', '.join(sorted(curie(node.value) for node in found))}")
        (node,) = found
        if node in self._territories:
            raise Unresolved(f"{name} is a territory, not a state")
        return node

    def knows_name(self, name: str) -> bool:
        """Whether anything has this name."""
        return bool(self._names.find(name))

    def label(self, state: NamedNode) -> str:
        """The short English name of a state."""
        return self._labels[state]

    def _numbered(self, table: dict[int, NamedNode], number: str, numbering: str) -> NamedNode:
        try:
            return table[whole(number)]
        except (KeyError, ValueError):
            raise Unresolved(f"{numbering} number {number or '(empty)'} is not in the list of states") from None


_MORE: ContextVar[States | None] = ContextVar("_MORE", default=None)


def states() -> States:
    """The list of states that ships, with what :func:`more_states` adds."""
    return _MORE.get() or _shipped()


@contextmanager
def more_states(files: Sequence[Path]) -> Iterator[None]:
    """While it lasts, further states are known.

    Args:
        files: files of facts that describe them, such as ``kg import states`` writes.

    Raises:
        ParseError: one of the files cannot be read.
    """
    token = _MORE.set(States(files) if files else None)
    try:
        yield
    finally:
        _MORE.reset(token)


@cache
def _shipped() -> States:
    return States()
