"""Why a triple follows, found backwards: the steps that give one triple, out of a closure that can be looked up.

:func:`kg.reasoning.derivations` works out every step of a closure. Here only those are found that end in one triple, by
reading the same rules from their conclusions to their premises, so that it takes as long as the steps asked for and not
as long as the closure. Memberships in anonymous classes, which a closure need not hold, are worked out on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from kg.reasoning.justification import Step, derivations, list_items, make_step
from kg.terms import GENID
from kg.vocab import OWL, RDF, RDFS

__all__ = ["Closed", "Retracer"]

_Node: TypeAlias = object
_Said: TypeAlias = tuple[_Node, _Node, _Node]


class Closed(Protocol):
    """Data with all that follows from them, to look up; axioms and what is anonymous may be missing."""

    def is_given(self, triple: Triple) -> bool:
        """Whether a triple is among the data from which the rest follows."""
        ...

    def holds(self, triple: Triple) -> bool:
        """Whether a triple is among the data or follows from them."""
        ...

    def objects(self, subject: NamedNode, prop: NamedNode) -> Iterable[_Node]:
        """At least the nodes to which a property leads from a node."""
        ...

    def subjects(self, prop: NamedNode, obj: _Node) -> Iterable[_Node]:
        """At least the nodes from which a property leads to a node."""
        ...


class Retracer:
    """Finds the steps behind triples of a closure.

    Args:
        axioms: the axioms from which the closure was made. The data may not add any.
        closed: the data with all that follows.

    Example:
        >>> cat = NamedNode("https://example.org/cat")
        >>> class Cats:
        ...     def is_given(self, triple):
        ...         return triple == Triple(cat, RDF.type, NamedNode("https://example.org/Cat"))
        ...     def holds(self, triple):
        ...         return self.is_given(triple)
        ...     def objects(self, subject, prop):
        ...         return []
        ...     def subjects(self, prop, obj):
        ...         return []
        >>> kinds = [NamedNode(f"https://example.org/{name}") for name in ("Cat", "Animal")]
        >>> retracer = Retracer([Triple(kinds[0], RDFS.subClassOf, kinds[1])], Cats())
        >>> [step.rule for step in retracer.steps(Triple(cat, RDF.type, kinds[1]))]
        ['cax-sco']
    """

    def __init__(self, axioms: Iterable[Triple], closed: Closed) -> None:
        self._closed = closed
        self._axioms = frozenset(axioms)
        self._of_axioms = derivations(self._axioms)
        self._objects: dict[tuple[_Node, _Node], list[_Node]] = defaultdict(list)
        self._subjects: dict[tuple[_Node, _Node], list[_Node]] = defaultdict(list)
        for triple in sorted({*self._axioms, *self._of_axioms}, key=str):
            self._objects[triple.subject, triple.predicate].append(triple.object)
            self._subjects[triple.predicate, triple.object].append(triple.subject)
        self._lists = {
            head: list_items(head, lambda node, prop: self._objects.get((node, prop), []))
            for prop in (OWL.intersectionOf, OWL.unionOf, OWL.propertyChainAxiom)
            for (_, p), heads in list(self._objects.items())
            for head in heads
            if p == prop
        }
        self._parts: dict[_Node, list[tuple[_Node, _Node]]] = defaultdict(list)
        for (cls, prop), heads in list(self._objects.items()):
            if prop == OWL.intersectionOf:
                for head in heads:
                    for part in dict.fromkeys(self._lists[head]):
                        self._parts[part].append((cls, head))
        self._asked: set[Triple] = set()

    def steps(self, triple: Triple) -> Iterator[Step]:
        """Every step by which a triple follows from the closure; none where it is given, or does not follow.

        Args:
            triple: the triple, of named nodes.
        """
        if triple in self._axioms or self._closed.is_given(triple):
            return
        seen: set[Step] = set()
        for step in self._candidates(triple):
            if step not in seen and triple not in step.premises and all(map(self._holds, step.premises)):
                seen.add(step)
                yield step

    def _holds(self, triple: Triple) -> bool:
        if triple in self._axioms or triple in self._of_axioms or self._closed.holds(triple):
            return True
        cls = triple.object
        if triple.predicate != RDF.type or not isinstance(cls, NamedNode) or not cls.value.startswith(GENID):
            return False
        if triple in self._asked:
            return False
        # What would lean on itself proves nothing.
        self._asked.add(triple)
        try:
            return any(True for _ in self.steps(triple))
        finally:
            self._asked.discard(triple)

    def _candidates(self, triple: Triple) -> Iterator[Step]:
        """Steps that end in a triple; whether their premises hold is not settled yet."""
        yield from self._of_axioms.get(triple, ())
        x, prop, y = triple.subject, triple.predicate, triple.object
        if isinstance(x, NamedNode):
            yield from self._property(x, prop, y)
            if prop == RDF.type:
                yield from self._membership(x, y)

    def _property(self, x: NamedNode, prop: NamedNode, y: _Node) -> Iterator[Step]:
        kinds = self._objects.get((prop, RDF.type), ())
        if OWL.SymmetricProperty in kinds:
            yield make_step("prp-symp", prop, (y, prop, x), (prop, RDF.type, OWL.SymmetricProperty))
        if OWL.TransitiveProperty in kinds:
            for z in self._closed.objects(x, prop):
                yield make_step("prp-trp", prop, (x, prop, z), (z, prop, y), (prop, RDF.type, OWL.TransitiveProperty))
        for below in self._subjects.get((RDFS.subPropertyOf, prop), ()):
            yield make_step("prp-spo1", below, (x, below, y), (below, RDFS.subPropertyOf, prop))
        for one, same in self._both_ways(prop, OWL.equivalentProperty):
            source = same if one == prop else one
            rule = "prp-eqp2" if one == prop else "prp-eqp1"
            yield make_step(rule, one, (x, source, y), (one, OWL.equivalentProperty, same))
        for one, inverse in self._both_ways(prop, OWL.inverseOf):
            source = inverse if one == prop else one
            rule = "prp-inv2" if one == prop else "prp-inv1"
            yield make_step(rule, one, (y, source, x), (one, OWL.inverseOf, inverse))
            if one == inverse:
                yield make_step("prp-inv1", one, (y, one, x), (one, OWL.inverseOf, inverse))
        for head in self._objects.get((prop, OWL.propertyChainAxiom), ()):
            chain = self._lists[head]
            for path in self._paths(x, chain, y):
                links = [(path[i], chain[i], path[i + 1]) for i in range(len(chain))]
                yield make_step("prp-spo2", prop, *links, (prop, OWL.propertyChainAxiom, head))
        for cls in self._subjects.get((OWL.hasValue, y), ()):
            if prop in self._objects.get((cls, OWL.onProperty), ()):
                axioms = (cls, OWL.hasValue, y), (cls, OWL.onProperty, prop)
                yield make_step("cls-hv1", cls, (x, RDF.type, cls), *axioms)

    def _membership(self, x: NamedNode, cls: _Node) -> Iterator[Step]:
        for below in self._subjects.get((RDFS.subClassOf, cls), ()):
            yield make_step("cax-sco", below, (x, RDF.type, below), (below, RDFS.subClassOf, cls))
        for one, same in self._both_ways(cls, OWL.equivalentClass):
            source = same if one == cls else one
            rule = "cax-eqc2" if one == cls else "cax-eqc1"
            yield make_step(rule, one, (x, RDF.type, source), (one, OWL.equivalentClass, same))
        for head in self._objects.get((cls, OWL.intersectionOf), ()):
            parts = ((x, RDF.type, part) for part in self._lists[head])
            if self._lists[head]:
                yield make_step("cls-int1", cls, *parts, (cls, OWL.intersectionOf, head))
        for whole, head in self._parts.get(cls, ()):
            yield make_step("cls-int2", whole, (x, RDF.type, whole), (whole, OWL.intersectionOf, head))
        for head in self._objects.get((cls, OWL.unionOf), ()):
            for part in self._lists[head]:
                yield make_step("cls-uni", cls, (x, RDF.type, part), (cls, OWL.unionOf, head))
        for value in self._objects.get((cls, OWL.hasValue), ()):
            for prop in self._objects.get((cls, OWL.onProperty), ()):
                axioms = (cls, OWL.hasValue, value), (cls, OWL.onProperty, prop)
                yield make_step("cls-hv2", cls, (x, prop, value), *axioms)
        yield from self._restricted(x, cls)
        for prop in self._subjects.get((RDFS.domain, cls), ()):
            for y in self._closed.objects(x, _named(prop)):
                yield make_step("prp-dom", prop, (x, prop, y), (prop, RDFS.domain, cls))
        for prop in self._subjects.get((RDFS.range, cls), ()):
            for s in self._closed.subjects(_named(prop), x):
                yield make_step("prp-rng", prop, (s, prop, x), (prop, RDFS.range, cls))

    def _restricted(self, x: NamedNode, cls: _Node) -> Iterator[Step]:
        for filler in self._objects.get((cls, OWL.someValuesFrom), ()):
            for prop in self._objects.get((cls, OWL.onProperty), ()):
                axioms = (cls, OWL.someValuesFrom, filler), (cls, OWL.onProperty, prop)
                for y in self._closed.objects(x, _named(prop)):
                    if filler == OWL.Thing:
                        yield make_step("cls-svf2", cls, (x, prop, y), *axioms)
                    elif not isinstance(y, Literal):
                        yield make_step("cls-svf1", cls, (x, prop, y), (y, RDF.type, filler), *axioms)
        for whole in self._subjects.get((OWL.allValuesFrom, cls), ()):
            for prop in self._objects.get((whole, OWL.onProperty), ()):
                axioms = (whole, OWL.allValuesFrom, cls), (whole, OWL.onProperty, prop)
                for s in self._closed.subjects(_named(prop), x):
                    yield make_step("cls-avf", whole, (s, RDF.type, whole), (s, prop, x), *axioms)

    def _both_ways(self, term: _Node, axiom: NamedNode) -> Iterator[tuple[_Node, _Node]]:
        """The statements of an axiom in which a term stands on either side."""
        yield from ((other, term) for other in self._subjects.get((axiom, term), ()) if other != term)
        yield from ((term, other) for other in self._objects.get((term, axiom), ()))

    def _paths(self, x: NamedNode, chain: list[_Node], y: _Node) -> Iterator[tuple[_Node, ...]]:
        """The ways from one node to another along some properties.

        Nodes are reached from both ends, always going on from where fewer have been reached.
        """
        if not chain:
            return
        ahead: list[dict[_Node, list[_Node]]] = [{x: []}]
        back: list[dict[_Node, list[_Node]]] = [{y: []}]
        while len(ahead) + len(back) - 2 < len(chain):
            reached: dict[_Node, list[_Node]] = defaultdict(list)
            if len(ahead[-1]) <= len(back[-1]):
                prop = _named(chain[len(ahead) - 1])
                for node in ahead[-1]:
                    if isinstance(node, NamedNode):
                        for other in dict.fromkeys(self._closed.objects(node, prop)):
                            reached[other].append(node)
                ahead.append(reached)
            else:
                prop = _named(chain[len(chain) - len(back)])
                for node in back[-1]:
                    for other in dict.fromkeys(self._closed.subjects(prop, node)):
                        reached[other].append(node)
                back.append(reached)
        for middle in ahead[-1]:
            if middle in back[-1]:
                for start in _ways(ahead, middle):
                    for end in _ways(back, middle):
                        yield (*reversed(start), middle, *end)


def _ways(levels: list[dict[_Node, list[_Node]]], node: _Node, depth: int = -1) -> Iterator[tuple[_Node, ...]]:
    """The ways from a node of a level back to the first one, without the node itself."""
    before = levels[depth][node]
    if not before:
        yield ()
    for other in before:
        for rest in _ways(levels, other, depth - 1):
            yield (other, *rest)


def _named(term: _Node) -> NamedNode:
    assert isinstance(term, NamedNode)
    return term
