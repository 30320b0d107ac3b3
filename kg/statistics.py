"""How much there is in a graph or a union of graphs, in the words of VoID (W3C Interest Group Note, 3 March 2011).

A build notes it in the catalog, where its columns are at hand: to count a long record when somebody asks takes longer
than anybody may ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode, Triple

from kg.columns import Columns, Dictionary, Numbers, distinct, pack
from kg.store.base import Readable
from kg.terms import PREFIXES
from kg.vocab import GRAPH, RDF, VOID

__all__ = ["COUNTED", "Statistics", "distinct_triples", "noted_sizes", "sized"]

COUNTED: Final = ("triples", "distinctSubjects", "distinctObjects", "properties", "classes", "entities")
"""What is counted; names of terms of VoID."""
_ENTITIES: Final = f"<{PREFIXES['id']}"
_BITS: Final = 63


@dataclass(frozen=True)
class Statistics:
    """How much a union of graphs holds.

    Attributes:
        counts: a number for each name of :data:`COUNTED`.
        classes: how many nodes are of each class, by its IRI.
    """

    counts: Mapping[str, int]
    classes: Mapping[str, int]

    @classmethod
    def of(cls, parts: Sequence[Columns], dictionary: Dictionary) -> Statistics:
        """Count.

        Args:
            parts: the triples; what comes twice, in one or in two, counts once.
            dictionary: their terms.

        Example:
            >>> dictionary, thing = Dictionary(), NamedNode("https://w3id.org/foedus/id/state/ARM")
            >>> columns = Columns.encode([Triple(thing, RDF.type, NamedNode("urn:State"))], dictionary)
            >>> found = Statistics.of([columns, columns], dictionary)
            >>> found.counts["triples"], found.counts["entities"], found.classes
            (1, 1, {'urn:State': 1})
        """
        kind = dictionary.find(RDF.type)
        typing = Columns.joined(part.where(part.predicate == kind) for part in parts)
        pairs = distinct(pack(typing.object, typing.subject))
        numbers, members = np.unique(pairs >> np.int64(32), return_counts=True)
        named = zip(dictionary.written(numbers), members.tolist(), strict=True)
        classes = {cls[1:-1]: count for cls, count in sorted(named) if cls.startswith("<") and cls[1] != "<"}
        typed = dictionary.written(distinct(typing.subject))
        counts = {
            "triples": distinct_triples(parts, dictionary),
            "distinctSubjects": _held([part.subject for part in parts], dictionary),
            "distinctObjects": _held([part.object for part in parts], dictionary),
            "properties": _held([part.predicate for part in parts], dictionary),
            "classes": len(classes),
            "entities": sum(node.startswith(_ENTITIES) for node in typed),
        }
        return cls(counts, classes)

    @classmethod
    def noted(cls, store: Readable, view: str) -> Statistics | None:
        """What the catalog says of the union that answers under a trust policy; ``None`` where it says nothing.

        Args:
            store: the store.
            view: name of the view.
        """
        union = GRAPH.union(view)
        counts: dict[str, int] = {}
        classes: dict[str, int] = {}
        for triple in store.match([GRAPH.catalog], union):
            name = triple.predicate.value.removeprefix(VOID.base)
            if name in COUNTED and isinstance(triple.object, Literal):
                counts[name] = int(triple.object.value)
            elif triple.predicate == VOID.classPartition and isinstance(triple.object, NamedNode):
                said = {t.predicate: t.object for t in store.match([GRAPH.catalog], triple.object)}
                of, entities = said.get(_CLASS), said.get(VOID.entities)
                if isinstance(of, NamedNode) and isinstance(entities, Literal):
                    classes[of.value] = int(entities.value)
        return cls(counts, dict(sorted(classes.items()))) if len(counts) == len(COUNTED) else None

    def entries(self, view: str) -> Iterator[Triple]:
        """What the catalog is to say of the union that answers under a trust policy.

        Args:
            view: name of the view.
        """
        union = GRAPH.union(view)
        for name, count in self.counts.items():
            yield Triple(union, getattr(VOID, name), Literal(count))
        for number, (cls, count) in enumerate(sorted(self.classes.items())):
            # Not a blank node, whose name would be another with each build.
            part = NamedNode(f"{union.value}#class-{number}")
            yield Triple(union, VOID.classPartition, part)
            yield Triple(part, _CLASS, NamedNode(cls))
            yield Triple(part, VOID.entities, Literal(count))


_CLASS: Final = getattr(VOID, "class")


def sized(sizes: Mapping[NamedNode, int]) -> Iterator[Triple]:
    """What the catalog is to say of how many triples graphs hold; of one that holds none it says nothing.

    Args:
        sizes: a number for each graph.

    Example:
        >>> [entry.object.value for entry in sized({GRAPH.ontology: 7, GRAPH.catalog: 0})]
        ['7']
    """
    return (Triple(graph, VOID.triples, Literal(size)) for graph, size in sizes.items() if size)


def noted_sizes(store: Readable) -> dict[NamedNode, int]:
    """How many triples each graph holds, as far as the catalog says."""
    return {
        triple.subject: int(triple.object.value)
        for triple in store.match([GRAPH.catalog], None, VOID.triples)
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, Literal)
    }


def _held(parts: Iterable[Numbers], dictionary: Dictionary) -> int:
    """How many different numbers there are: to mark them off is quicker than to sort them."""
    marks = np.zeros(len(dictionary), dtype=np.bool_)
    for numbers in parts:
        marks[numbers] = True
    return int(np.count_nonzero(marks))


def distinct_triples(parts: Sequence[Columns], dictionary: Dictionary) -> int:
    """How many different triples there are.

    Args:
        parts: the triples.
        dictionary: their terms.
    """
    bits = len(dictionary).bit_length()
    predicates = distinct(np.concatenate([distinct(part.predicate) for part in parts] or [np.empty(0, np.int64)]))
    if not len(predicates):
        return 0
    if 2 * bits + len(predicates).bit_length() <= _BITS:
        # In place: a long record has millions of triples, and this is where a build takes most room.
        key = np.concatenate([np.searchsorted(predicates, part.predicate) for part in parts])
        begin = 0
        for part in parts:
            some = key[begin : begin + len(part)]
            for numbers in (part.subject, part.object):
                some <<= bits
                some |= numbers
            begin += len(part)
        key.sort()
        return 1 + int(np.count_nonzero(key[1:] != key[:-1]))
    # There are so many terms that two of them and a property do not fit into one number.
    table = np.concatenate([np.stack([part.subject, part.predicate, part.object]) for part in parts], axis=1)
    return int(np.unique(table, axis=1).shape[1])
