"""Triples as columns of numbers: what reasoning over a long record is done on.

A :class:`Dictionary` gives every term a number, in the order in which terms first come; :class:`Columns` holds three
arrays of such numbers. Numbers stay below 2³¹, so that two of them pack into one 64-bit integer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import count
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode, Triple

from kg.terms import BUILT_IN, GENID, Term

__all__ = ["Columns", "Dictionary", "Kind", "Numbers", "distinct", "expanded", "found_in", "pack"]

Numbers: TypeAlias = NDArray[np.int64]


_PART: Final = 200_000
"""How many triples are written out at once: enough to be quick, and few enough to take little room."""


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

    Example:
        >>> from pyoxigraph import NamedNode
        >>> dictionary = Dictionary()
        >>> dictionary.number(NamedNode("https://example.org/a")), dictionary.number(NamedNode("https://example.org/b"))
        (0, 1)
        >>> dictionary.term(1)
        <NamedNode value=https://example.org/b>
    """

    __slots__ = ("_kinds", "_numbers", "_terms")

    def __init__(self) -> None:
        self._numbers: dict[Term, int] = {}
        self._terms: list[Term] = []
        self._kinds: NDArray[np.uint8] = np.empty(0, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._terms)

    def number(self, term: Term) -> int:
        """The number of a term, a new one where it has none."""
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self._terms)
            self._terms.append(term)
        return number

    def find(self, term: Term) -> int:
        """The number of a term, -1 where it has none."""
        return self._numbers.get(term, -1)

    def numbers(self, terms: Iterable[Term]) -> Numbers:
        """The numbers of some terms, new ones where they have none.

        Returns:
            One number a term, in their order.
        """
        given, first = list(terms), len(self._terms)
        found = np.fromiter(map(self._numbers.setdefault, given, count(first)), dtype=np.int64, count=len(given))
        if len(self._numbers) < first + len(given):
            # A term that came before leaves a number unused; those after it move up.
            fresh = found >= first
            used = np.unique(found[fresh])
            given = [given[place] for place in (used - first).tolist()]
            found[fresh] = first + np.searchsorted(used, found[fresh])
            self._numbers.update(zip(given, count(first), strict=False))
        self._terms.extend(given)
        return found

    def term(self, number: int) -> Term:
        """The term of a number.

        Raises:
            IndexError: no term has it.
        """
        return self._terms[number]

    def terms(self, numbers: Numbers) -> list[Term]:
        """The terms of some numbers, in their order."""
        known = self._terms
        return [known[number] for number in numbers.tolist()]

    def kinds(self) -> NDArray[np.uint8]:
        """The :class:`Kind` of each term, by number; found once for each term and kept.

        Example:
            >>> dictionary = Dictionary()
            >>> _ = dictionary.number(NamedNode("https://example.org/a")), dictionary.number(Literal("a"))
            >>> dictionary.kinds().tolist()
            [0, 3]
        """
        new = self._terms[len(self._kinds) :]
        if new:
            found = np.fromiter(map(_kind, new), dtype=np.uint8, count=len(new))
            self._kinds = np.concatenate((self._kinds, found))
        return self._kinds


def _kind(term: Term) -> Kind:
    if isinstance(term, NamedNode):
        value = term.value
        if value.startswith(BUILT_IN):
            return Kind.VOCABULARY
        return Kind.ANONYMOUS if value.startswith(GENID) else Kind.NAMED
    if isinstance(term, Literal):
        return Kind.LITERAL
    return Kind.TRIPLE if isinstance(term, Triple) else Kind.ANONYMOUS


@dataclass(frozen=True)
class Columns:
    """Triples, one a position.

    Attributes:
        subject: numbers of the subjects.
        predicate: numbers of the predicates, as many.
        object: numbers of the objects, as many.

    Example:
        >>> from pyoxigraph import NamedNode
        >>> node, dictionary = NamedNode("https://example.org/a"), Dictionary()
        >>> columns = Columns.encode([Triple(node, node, node)], dictionary)
        >>> len(columns), list(columns.decode(dictionary)) == [Triple(node, node, node)]
        (1, True)
    """

    subject: Numbers
    predicate: Numbers
    object: Numbers

    @classmethod
    def empty(cls) -> Columns:
        """No triples."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing)

    @classmethod
    def encode(cls, triples: Iterable[Triple], dictionary: Dictionary) -> Columns:
        """Triples as columns, in their order; terms that are new to the dictionary get numbers."""
        number = dictionary.number
        flat = [number(term) for triple in triples for term in (triple.subject, triple.predicate, triple.object)]
        rows = np.array(flat, dtype=np.int64).reshape(-1, 3)
        return cls(*(np.ascontiguousarray(rows[:, place]) for place in range(3)))

    @classmethod
    def joined(cls, parts: Iterable[Columns]) -> Columns:
        """The triples of all parts, one part after the other; what is in two comes twice."""
        held = list(parts)
        if not held:
            return cls.empty()
        return cls(
            np.concatenate([part.subject for part in held]),
            np.concatenate([part.predicate for part in held]),
            np.concatenate([part.object for part in held]),
        )

    def __len__(self) -> int:
        return len(self.subject)

    def where(self, chosen: NDArray[np.bool_] | Numbers) -> Columns:
        """The triples at some positions."""
        return Columns(self.subject[chosen], self.predicate[chosen], self.object[chosen])

    def about(self, subjects: Numbers) -> Numbers:
        """Where the triples about some subjects are; the first call sorts, and what it sorts is kept.

        Args:
            subjects: distinct subjects.

        Returns:
            Positions, those of one subject together.

        Example:
            >>> columns = Columns(np.array([7, 5, 7]), np.array([1, 1, 1]), np.array([2, 3, 4]))
            >>> columns.about(np.array([7])).tolist()
            [0, 2]
        """
        order, ordered = self._by_subject
        first = np.searchsorted(ordered, subjects)
        counts = np.searchsorted(ordered, subjects, side="right") - first
        places: Numbers = order[expanded(first, counts)[1]]
        return places

    @cached_property
    def _by_subject(self) -> tuple[Numbers, Numbers]:
        order = np.argsort(self.subject, kind="stable")
        return order, self.subject[order]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """The triples as numbers, one by one."""
        return zip(self.subject.tolist(), self.predicate.tolist(), self.object.tolist(), strict=True)

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, int, int]]) -> Columns:
        """Triples given one by one as numbers.

        Example:
            >>> Columns.of_rows([(1, 2, 3), (4, 5, 6)]).object.tolist()
            [3, 6]
        """
        table = np.array(list(rows), dtype=np.int64).reshape(-1, 3)
        return cls(*(np.ascontiguousarray(table[:, place]) for place in range(3)))

    def n_triples(self, dictionary: Dictionary) -> Iterator[bytes]:
        r"""The triples as N-Triples (RDF 1.1 N-Triples), in parts, without making an object of each.

        Args:
            dictionary: their terms.

        Example:
            >>> node, dictionary = NamedNode("https://example.org/a"), Dictionary()
            >>> b"".join(Columns.encode([Triple(node, node, Literal("a"))], dictionary).n_triples(dictionary))
            b'<https://example.org/a> <https://example.org/a> "a" .\n'
        """
        parts = (self.subject, self.predicate, self.object)
        used = np.zeros(len(dictionary), dtype=bool)
        for part in parts:
            used[part] = True
        texts = [""] * len(dictionary)
        for number in np.flatnonzero(used).tolist():
            texts[number] = str(dictionary.term(number))
        for begin in range(0, len(self), _PART):
            rows = (map(texts.__getitem__, part[begin : begin + _PART].tolist()) for part in parts)
            yield "".join(map("%s %s %s .\n".__mod__, zip(*rows, strict=True))).encode()

    def decode(self, dictionary: Dictionary) -> Iterator[Triple]:
        """The triples as terms, in their order."""
        rows = zip(*(dictionary.terms(part) for part in (self.subject, self.predicate, self.object)), strict=True)
        return (Triple(*row) for row in rows)


def pack(high: Numbers, low: Numbers | np.int64 | int) -> Numbers:
    """Two numbers in one, ordered by the first and then the second.

    Example:
        >>> pack(np.array([1, 2]), 3) // 2**32
        array([1, 2])
    """
    packed: Numbers = (high << np.int64(32)) | low
    return packed


def distinct(numbers: Numbers, *, ordered: bool = False) -> Numbers:
    """The numbers sorted, each once.

    Args:
        numbers: any numbers.
        ordered: whether they are known to be sorted already.
    """
    if len(numbers) < 2:
        return numbers
    if not ordered:
        numbers = np.sort(numbers)
    keep = np.empty(len(numbers), dtype=np.bool_)
    keep[0] = True
    np.not_equal(numbers[1:], numbers[:-1], out=keep[1:])
    return numbers if keep.all() else numbers[keep]


def found_in(numbers: Numbers, held: Numbers) -> NDArray[np.bool_]:
    """Which of some numbers are among those held, which are sorted."""
    if not len(held):
        return np.zeros(len(numbers), dtype=np.bool_)
    places = np.searchsorted(held, numbers)
    places[places == len(held)] = 0
    return np.asarray(held[places] == numbers)


def expanded(first: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Every place of some runs.

    Args:
        first: where each run begins.
        counts: how long it is.

    Returns:
        Of each place, the number of its run, and the place itself.

    Example:
        >>> [part.tolist() for part in expanded(np.array([4, 0]), np.array([2, 1]))]
        [[0, 0, 1], [4, 5, 0]]
    """
    runs = np.repeat(np.arange(len(counts)), counts)
    offset = first - (np.cumsum(counts) - counts)
    return runs, np.arange(len(runs)) + np.repeat(offset, counts)
