"""Triples in columns, looked up as in a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from pyoxigraph import NamedNode, Triple

from kg.columns import Columns, Dictionary, Numbers
from kg.terms import Term

__all__ = ["ColumnReader"]


class ColumnReader:
    """Looks triples up in columns, of which all count as one graph, whichever graphs are asked for.

    Args:
        columns: the triples.
        dictionary: their terms.

    Example:
        >>> one, two, dictionary = NamedNode("urn:1"), NamedNode("urn:2"), Dictionary()
        >>> columns = Columns.encode([Triple(one, two, two), Triple(two, one, two)], dictionary)
        >>> [str(triple) for triple in ColumnReader(columns, dictionary).match([], predicate=one)]
        ['<urn:2> <urn:1> <urn:2>']
    """

    def __init__(self, columns: Columns, dictionary: Dictionary) -> None:
        self._columns, self._dictionary = columns, dictionary

    @cached_property
    def _by_predicate(self) -> tuple[Numbers, Numbers]:
        order = np.argsort(self._columns.predicate, kind="stable")
        return order, self._columns.predicate[order]

    def match(
        self,
        graphs: Sequence[NamedNode],
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
    ) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Readable.match`."""
        find = self._dictionary.find
        found = self._columns
        if subject is not None:
            found = found.where(found.about(np.array([find(subject)], dtype=np.int64)))
        if predicate is not None and subject is None:
            order, ordered = self._by_predicate
            first, last = np.searchsorted(ordered, [find(predicate), find(predicate) + 1])
            found = found.where(order[first:last])
        elif predicate is not None:
            found = found.where(found.predicate == find(predicate))
        if obj is not None:
            found = found.where(found.object == find(obj))
        return found.decode(self._dictionary)

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Readable.triples`."""
        return self._columns.decode(self._dictionary)
