"""Terms by number and numbers by term."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from itertools import count
from typing import Final

import numpy as np
import pyoxigraph
from numpy.typing import NDArray
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple

from kg.columns.numbers import Numbers, distinct
from kg.terms import BUILT_IN, GENID, Term

__all__ = ["Dictionary", "Kind"]

_TRIPLE: Final = "<<("
_BUILT_IN: Final = tuple(f"<{base}" for base in BUILT_IN)
_GENID: Final = f"<{GENID}"


class Kind(IntEnum):
    """What a term is."""

    NAMED = 0
    """An IRI, of no vocabulary below."""
    VOCABULARY = 1
    """An IRI of RDF, RDFS, OWL or XSD."""
    ANONYMOUS = 2
    """A blank node, or an IRI that stands for one."""
    LITERAL = 3
    TRIPLE = 4


class Dictionary:
    """Terms by number and numbers by term.

    A term is kept as it is written in N-Triples, and made only when it is asked for: of a long record, most never are.

    Example:
        >>> from pyoxigraph import NamedNode
        >>> dictionary = Dictionary()
        >>> dictionary.number(NamedNode("https://example.org/a")), dictionary.number(NamedNode("https://example.org/b"))
        (0, 1)
        >>> dictionary.term(1)
        <NamedNode value=https://example.org/b>
    """

    __slots__ = ("_kinds", "_numbers", "_terms", "_written")

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._written: list[str] = []
        self._terms: dict[int, Term] = {}
        self._kinds: NDArray[np.uint8] = np.empty(0, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._written)

    def number(self, term: Term) -> int:
        """The number of a term, a new one where it has none."""
        written = _written(term)
        number = self._numbers.get(written)
        if number is None:
            number = self._numbers[written] = len(self._written)
            self._written.append(written)
            self._terms[number] = term
        return number

    def find(self, term: Term) -> int:
        """The number of a term, -1 where it has none."""
        return self._numbers.get(_written(term), -1)

    def numbers(self, terms: Iterable[Term]) -> Numbers:
        """The numbers of some terms, new ones where they have none.

        Returns:
            One number a term, in their order.
        """
        return self.numbers_of_written(map(_written, terms))

    def numbers_of_written(self, terms: Iterable[str]) -> Numbers:
        """The same of terms as N-Triples have them, in the one form in which ``str()`` writes a term.

        Example:
            >>> Dictionary().numbers_of_written(["<https://example.org/a>", '"a"', "<https://example.org/a>"]).tolist()
            [0, 1, 0]
        """
        given, first = list(terms), len(self._written)
        found = np.fromiter(map(self._numbers.setdefault, given, count(first)), dtype=np.int64, count=len(given))
        if len(self._numbers) < first + len(given):
            # A term that came before leaves a number unused; those after it move up.
            fresh = found >= first
            used = distinct(found[fresh])
            given = [given[place] for place in (used - first).tolist()]
            found[fresh] = first + np.searchsorted(used, found[fresh])
            self._numbers.update(zip(given, count(first), strict=False))
        self._written.extend(given)
        return found

    def term(self, number: int) -> Term:
        """The term of a number.

        Raises:
            IndexError: no term has it.
        """
        term = self._terms.get(number)
        if term is None:
            term = self._terms[number] = _read(self._written[number])
        return term

    def terms(self, numbers: Numbers) -> list[Term]:
        """The terms of some numbers, in their order."""
        return [self.term(number) for number in numbers.tolist()]

    def written(self, numbers: Numbers) -> list[str]:
        """The terms of some numbers as N-Triples have them, in their order."""
        return list(map(self._written.__getitem__, numbers.tolist()))

    def kinds(self) -> NDArray[np.uint8]:
        """The :class:`Kind` of each term, by number; found once for each term and kept.

        Example:
            >>> from pyoxigraph import Literal
            >>> dictionary = Dictionary()
            >>> _ = dictionary.number(NamedNode("https://example.org/a")), dictionary.number(Literal("a"))
            >>> dictionary.kinds().tolist()
            [0, 3]
        """
        new = self._written[len(self._kinds) :]
        if new:
            found = np.fromiter(map(_kind, new), dtype=np.uint8, count=len(new))
            self._kinds = np.concatenate((self._kinds, found))
        return self._kinds


def _written(term: Term) -> str:
    return f"{_TRIPLE} {term} )>>" if isinstance(term, Triple) else str(term)


def _read(written: str) -> Term:
    match written[0]:
        case "<" if not written.startswith(_TRIPLE):
            return NamedNode(written[1:-1])
        case "_":
            return BlankNode(written[2:])
    (quad,) = pyoxigraph.parse(f"<urn:s> <urn:p> {written} .", format=RdfFormat.N_TRIPLES)
    term: Term = quad.object
    return term


def _kind(written: str) -> Kind:
    match written[0]:
        case "<" if not written.startswith(_TRIPLE):
            if written.startswith(_BUILT_IN):
                return Kind.VOCABULARY
            return Kind.ANONYMOUS if written.startswith(_GENID) else Kind.NAMED
        case '"':
            return Kind.LITERAL
        case "_":
            return Kind.ANONYMOUS
    return Kind.TRIPLE
