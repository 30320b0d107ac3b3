"""Graphs as sorted lines of N-Triples, kept in memory: a store takes long to put a whole graph into words."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import pyoxigraph
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple

from kg.serializing import serialize
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID

__all__ = ["Lines", "changed", "digest", "line", "lines_of", "statements"]

Lines: TypeAlias = Mapping[str, Sequence[bytes]]
"""The lines of graphs, by their names."""

_FEW: Final = 1_000
_GENID: Final = GENID.encode()


def line(quad: Quad) -> bytes:
    """A statement as it stands in its graph, without the name of that."""
    return f"{quad.subject} {quad.predicate} {quad.object} .\n".encode()


def lines_of(store: EmbeddedStore, graph: NamedNode) -> list[bytes]:
    """All of a graph."""
    return sorted(store.n_triples(graph).splitlines(keepends=True))


def statements(lines: Iterable[bytes], graph: NamedNode) -> Iterator[Quad]:
    """What lines say in a graph."""
    for quad in pyoxigraph.parse(b"".join(lines), format=RdfFormat.N_TRIPLES, lenient=True):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


def changed(lines: Sequence[bytes], added: Iterable[Quad], removed: Iterable[Quad]) -> list[bytes]:
    r"""The lines of a graph after a change.

    Args:
        lines: all of them before it.
        added: statements that were not there.
        removed: statements that were there.

    Example:
        >>> node = NamedNode("urn:a")
        >>> changed([b"<urn:a> <urn:a> <urn:b> .\n"], [Quad(node, node, node)], [])
        [b'<urn:a> <urn:a> <urn:a> .\n', b'<urn:a> <urn:a> <urn:b> .\n']
    """
    more, less = list(map(line, added)), set(map(line, removed))
    if len(more) + len(less) > _FEW:
        return sorted([one for one in lines if one not in less] + more)
    new = list(lines)
    for one in less:
        del new[bisect_left(new, one)]
    for one in more:
        insort(new, one)
    return new


def digest(lines: Sequence[bytes]) -> str:
    """What tells a graph from others: the SHA-256 of what :func:`kg.serializing.serialize` makes of it."""
    # Its order is that of the lines, but for terms that stand for blank nodes.
    text = b"".join(lines)
    if _GENID in text:
        triples = pyoxigraph.parse(text, format=RdfFormat.N_TRIPLES, lenient=True)
        text = serialize([Triple(t.subject, t.predicate, t.object) for t in triples], RdfFormat.N_TRIPLES)
    return hashlib.sha256(text).hexdigest()
