"""Triples, three aligned columns of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode, Triple

from kg.columns.dictionary import Dictionary
from kg.columns.numbers import Numbers, expanded
from kg.terms import Term

__all__ = ["Columns"]

_PART: Final = 50_000
"""How many triples are written out at once: enough to be quick, and few enough to take little room."""
_BYTES: Final = 1 << 24
"""How many bytes are read at once, likewise."""


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
