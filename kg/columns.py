"""Triples as columns of numbers: what reasoning over a long record is done on.

A :class:`Dictionary` gives every term a number, in the order in which terms first come; :class:`Columns` holds three
arrays of such numbers. Numbers stay below 2³¹, so that two of them pack into one 64-bit integer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property
from itertools import count
from typing import Final, TypeAlias

import numpy as np
import pyoxigraph
from numpy.typing import NDArray
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple

from kg.terms import BUILT_IN, GENID, Term

__all__ = ["Columns", "Dictionary", "Kind", "Numbers", "coded", "distinct", "expanded", "found_in", "pack"]

Numbers: TypeAlias = NDArray[np.int64]

_PART: Final = 200_000
"""How many triples are written out at once: enough to be quick, and few enough to take little room."""
_BYTES: Final = 1 << 24
"""How many bytes are read at once, likewise."""
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
        return cls._of_table(np.array(flat, dtype=np.int64))

    @classmethod
    def described(
        cls, nodes: Iterable[tuple[NamedNode, Iterable[tuple[NamedNode, Term]]]], dictionary: Dictionary
    ) -> Columns:
        """Predicates and objects by subject as columns.

        Example:
            >>> node, dictionary = NamedNode("urn:a"), Dictionary()
            >>> Columns.described([(node, [(node, node), (node, NamedNode("urn:b"))])], dictionary).object.tolist()
            [0, 1]
        """
        number = cache(dictionary.number)
        flat = [
            part
            for node, pairs in nodes
            for subject in (number(node),)
            for predicate, obj in pairs
            for part in (subject, number(predicate), number(obj))
        ]
        return cls._of_table(np.array(flat, dtype=np.int64))

    @classmethod
    def read(cls, data: bytes, dictionary: Dictionary) -> Columns:
        r"""N-Triples as columns, in their order, far quicker than by way of terms.

        Args:
            data: lines as ``str()`` writes terms, with one space between them; comments only in lines of their own.
            dictionary: gives the numbers.

        Example:
            >>> dictionary = Dictionary()
            >>> Columns.read(b'# seen\n<urn:a> <urn:b> "c d" .\n', dictionary).object.tolist()
            [2]
            >>> dictionary.term(2).value
            'c d'
        """
        parts, begin = [], 0
        while begin < len(data):
            end = data.find(b"\n", begin + _BYTES) + 1 or len(data)
            lines = data[begin:end].decode().split("\n")
            split = [line.split(" ", 2) for line in lines if line and line[0] != "#"]
            flat = [term for subject, predicate, rest in split for term in (subject, predicate, rest[:-2])]
            parts.append(cls._of_table(dictionary.numbers_of_written(flat)))
            begin = end
        return cls.joined(parts)

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

    def where(self, chosen: NDArray[np.bool_] | Numbers | slice) -> Columns:
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
        return cls._of_table(np.array(list(rows), dtype=np.int64))

    @classmethod
    def _of_table(cls, numbers: Numbers) -> Columns:
        """Triples given as their numbers, three after three."""
        rows = numbers.reshape(-1, 3)
        return cls(*(np.ascontiguousarray(rows[:, place]) for place in range(3)))

    def n_triples(self, dictionary: Dictionary) -> Iterator[bytes]:
        r"""The triples as N-Triples (RDF 1.1 N-Triples), in parts, without making an object of each.

        Args:
            dictionary: their terms.

        Example:
            >>> from pyoxigraph import Literal
            >>> node, dictionary = NamedNode("https://example.org/a"), Dictionary()
            >>> b"".join(Columns.encode([Triple(node, node, Literal("a"))], dictionary).n_triples(dictionary))
            b'<https://example.org/a> <https://example.org/a> "a" .\n'
        """
        for begin in range(0, len(self), _PART):
            few = self.where(slice(begin, begin + _PART))
            pieces = [".\n"] * (4 * len(few))
            for place, numbers in enumerate((few.subject, few.predicate, few.object)):
                pieces[place::4] = dictionary.written(numbers)
            # Each line but the first begins with a space, which the grammar allows.
            yield " ".join(pieces).encode()

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


def coded(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """The numbers sorted, each once, and for each number its place among those.

    Args:
        numbers: numbers of terms, or -1.

    Example:
        >>> [part.tolist() for part in coded(np.array([7, -1, 7, 3]))]
        [[-1, 3, 7], [2, 0, 2, 1]]
    """
    if not len(numbers):
        return numbers, numbers
    # Numbers of terms are dense: marking them off is quicker than sorting them.
    places = np.zeros(int(numbers.max()) + 2, dtype=np.int64)
    places[numbers + 1] = 1
    held: Numbers = np.flatnonzero(places)
    places[held] = np.arange(len(held))
    return held - 1, places[numbers + 1]


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
