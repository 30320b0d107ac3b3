"""The schema: its closure under table 9 of the OWL 2 RL/RDF rules, and its lists.

Schema triples are few, so sets of Python do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from pyoxigraph import NamedNode

from kg.vocab import OWL, RDF, RDFS

__all__ = ["PROPERTIES", "TYPES", "Axioms", "Pairs"]

Pairs: TypeAlias = set[tuple[int, int]]

PROPERTIES: Final = (
    RDF.first,
    RDF.rest,
    RDFS.domain,
    RDFS.range,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    OWL.allValuesFrom,
    OWL.assertionProperty,
    OWL.complementOf,
    OWL.differentFrom,
    OWL.disjointWith,
    OWL.distinctMembers,
    OWL.equivalentClass,
    OWL.equivalentProperty,
    OWL.hasKey,
    OWL.hasValue,
    OWL.intersectionOf,
    OWL.inverseOf,
    OWL.maxCardinality,
    OWL.maxQualifiedCardinality,
    OWL.members,
    OWL.onClass,
    OWL.onProperty,
    OWL.oneOf,
    OWL.propertyChainAxiom,
    OWL.propertyDisjointWith,
    OWL.someValuesFrom,
    OWL.sourceIndividual,
    OWL.targetIndividual,
    OWL.targetValue,
    OWL.unionOf,
)
"""The properties whose triples are axioms, or parts of one."""
LISTED: Final = (
    OWL.distinctMembers,
    OWL.hasKey,
    OWL.intersectionOf,
    OWL.members,
    OWL.oneOf,
    OWL.propertyChainAxiom,
    OWL.unionOf,
)
"""Those of them whose objects are lists."""
TYPES: Final = (
    OWL.AllDifferent,
    OWL.AllDisjointClasses,
    OWL.AllDisjointProperties,
    OWL.AsymmetricProperty,
    OWL.Class,
    OWL.DatatypeProperty,
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.ObjectProperty,
    OWL.SymmetricProperty,
    OWL.TransitiveProperty,
    RDF.Property,
)
"""The classes whose members are axioms."""


class Axioms:
    """The axioms of a graph, closed under the rules of the schema vocabulary (scm-*).

    Args:
        pairs: the pairs of a property, by number.
        members: the members of a class, by number.
        number: the number of a term of the vocabularies.
    """

    def __init__(
        self,
        pairs: Callable[[int], Iterable[tuple[int, int]]],
        members: Callable[[int], Iterable[int]],
        number: Callable[[NamedNode], int],
    ) -> None:
        self.number = number
        self._pairs: dict[NamedNode, Pairs] = {p: set(pairs(number(p))) for p in PROPERTIES}
        self._members: dict[NamedNode, set[int]] = {c: set(members(number(c))) for c in TYPES}
        self._first = dict(sorted(self._pairs[RDF.first], reverse=True))
        self._rest = dict(sorted(self._pairs[RDF.rest], reverse=True))
        self._nil = number(RDF.nil)
        self._close()

    def pairs(self, prop: NamedNode) -> Pairs:
        """The pairs of a property of the schema vocabulary, closed."""
        return self._pairs[prop]

    def members(self, cls: NamedNode) -> set[int]:
        """The members of a class of the schema vocabulary."""
        return self._members[cls]

    def by_subject(self, prop: NamedNode) -> dict[int, set[int]]:
        """Objects by subject."""
        return _by_first(self._pairs[prop])

    def items(self, head: int) -> list[int]:
        """The items of a list; none where it does not end in ``rdf:nil``, which the rules ask of a list."""
        items: list[int] = []
        seen = set()
        while head != self._nil:
            if head in seen or head not in self._first or head not in self._rest:
                return []
            seen.add(head)
            items.append(self._first[head])
            head = self._rest[head]
        return items

    def broken_lists(self) -> bool:
        """Whether an axiom is about a list that does not end, or goes on in more than one way: it is not used whole."""
        first, rest = self.by_subject(RDF.first), self.by_subject(RDF.rest)
        for prop in LISTED:
            for _, head in self._pairs[prop]:
                if head == self._nil:
                    continue
                if not self.items(head):
                    return True
                node = head
                while node != self._nil:
                    if len(first[node]) > 1 or len(rest[node]) > 1:
                        return True
                    node = self._rest[node]
        return False

    def lists(self, prop: NamedNode) -> list[tuple[int, list[int]]]:
        """Subjects of a property with the items of the lists that are its objects."""
        return [(subject, self.items(head)) for subject, head in sorted(self._pairs[prop])]

    def restrictions(self, prop: NamedNode) -> list[tuple[int, int, int]]:
        """Restrictions of a kind, such as ``owl:hasValue``: class, property restricted, value."""
        on = self.by_subject(OWL.onProperty)
        return [(cls, p, value) for cls, value in sorted(self._pairs[prop]) for p in sorted(on.get(cls, ()))]

    def _size(self) -> int:
        return sum(map(len, self._pairs.values()))

    def _close(self) -> None:
        size = -1
        while size != self._size():
            size = self._size()
            self._close_hierarchy(RDFS.subClassOf, OWL.equivalentClass, self._members[OWL.Class], classes=True)
            declared = (OWL.ObjectProperty, OWL.DatatypeProperty, RDF.Property)
            properties = set().union(*(self._members[kind] for kind in declared))
            self._close_hierarchy(RDFS.subPropertyOf, OWL.equivalentProperty, properties, classes=False)
            self._domains_and_ranges()
            self._restrictions()
            classes = self._pairs[RDFS.subClassOf]
            classes |= {(cls, part) for cls, parts in self.lists(OWL.intersectionOf) for part in parts}  # scm-int
            classes |= {(part, cls) for cls, parts in self.lists(OWL.unionOf) for part in parts}  # scm-uni

    def _close_hierarchy(self, below: NamedNode, same: NamedNode, declared: set[int], *, classes: bool) -> None:
        hierarchy, equal = self._pairs[below], self._pairs[same]
        # scm-cls, scm-op, scm-dp
        hierarchy |= {(x, x) for x in declared}
        equal |= {(x, x) for x in declared}
        if classes:
            thing, nothing = self.number(OWL.Thing), self.number(OWL.Nothing)
            hierarchy |= {(x, thing) for x in declared} | {(nothing, x) for x in declared}
        hierarchy |= equal | {(y, x) for x, y in equal}  # scm-eqc1, scm-eqp1
        above = _by_first(hierarchy)
        for start in list(above):  # scm-sco, scm-spo
            reached: set[int] = set()
            frontier = list(above[start])
            while frontier:
                node = frontier.pop()
                if node not in reached:
                    reached.add(node)
                    frontier.extend(above.get(node, ()))
            above[start] = reached
            hierarchy |= {(start, node) for node in reached}
        equal |= {(x, y) for x, y in hierarchy if (y, x) in hierarchy}  # scm-eqc2, scm-eqp2

    def _domains_and_ranges(self) -> None:
        above = self.by_subject(RDFS.subClassOf)
        below = _by_first((y, x) for x, y in self._pairs[RDFS.subPropertyOf])
        for kind in (RDFS.domain, RDFS.range):  # scm-dom1, scm-dom2, scm-rng1, scm-rng2
            pairs = self._pairs[kind]
            pairs |= {(p, over) for p, cls in pairs for over in above.get(cls, ())}
            pairs |= {(under, cls) for p, cls in pairs for under in below.get(p, ())}

    def _restrictions(self) -> None:
        classes = self._pairs[RDFS.subClassOf]
        above, over = self.by_subject(RDFS.subClassOf), self.by_subject(RDFS.subPropertyOf)
        for kind in (OWL.hasValue, OWL.someValuesFrom, OWL.allValuesFrom):
            found = self.restrictions(kind)
            index: dict[tuple[int, int], set[int]] = defaultdict(set)
            for cls, p, value in found:
                index[p, value].add(cls)
            for cls, p, value in found:
                # scm-hv, scm-svf2 and, the other way round, scm-avf2
                for q in over.get(p, ()):
                    for other in index.get((q, value), ()):
                        classes.add((other, cls) if kind == OWL.allValuesFrom else (cls, other))
                if kind != OWL.hasValue:  # scm-svf1, scm-avf1
                    for wider in above.get(value, ()):
                        classes |= {(cls, other) for other in index.get((p, wider), ())}


def _by_first(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for x, y in pairs:
        found[x].add(y)
    return found
