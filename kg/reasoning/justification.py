"""Why a triple follows: one step of the OWL 2 RL/RDF rules for each, whichever engine found it.

Steps are found by running the relational rules forward from what was given and keeping, for every new triple, the first
rule and premises that gave it. A premise is always older than what follows from it, so no chain of steps leans on
itself. The names of the rules are those of OWL 2 Web Ontology Language Profiles (second edition), section 4.3, tables
5 to 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from kg.terms import PREFIXES
from kg.vocab import FOEDUS, OWL, RDF, RDFS

__all__ = ["Step", "derivations", "describe_steps", "justify", "list_items", "make_step"]

_Node: TypeAlias = object


@dataclass(frozen=True)
class Step:
    """One step of reasoning.

    Attributes:
        rule: name of the entailment rule, such as ``"prp-spo2"``.
        premises: the triples that the rule was applied to, data and axioms together.
        axiom: the term whose axiom was used.
    """

    rule: str
    premises: tuple[Triple, ...]
    axiom: NamedNode


def justify(given: Iterable[Triple]) -> dict[Triple, Step]:
    """A step for every triple that the relational rules add.

    Args:
        given: schema and data, as given to a reasoner.

    Example:
        >>> cat = NamedNode("https://example.org/cat")
        >>> data = [Triple(cat, RDF.type, FOEDUS.State), Triple(FOEDUS.State, RDFS.subClassOf, FOEDUS.Actor)]
        >>> justify(data)[Triple(cat, RDF.type, FOEDUS.Actor)].rule
        'cax-sco'
    """
    chainer = _Chainer(given)
    chainer.run()
    return chainer.steps


def derivations(given: Iterable[Triple]) -> dict[Triple, tuple[Step, ...]]:
    """Every step by which a triple follows from the closure of what was given, for every triple that follows.

    Unlike those of :func:`justify`, steps may lean on each other in a circle; whoever puts them together to proofs
    has to leave out what leans on itself.

    Args:
        given: schema and data, as given to a reasoner.
    """
    chainer = _Chainer(given)
    chainer.run()
    found: dict[Triple, dict[Step, None]] = defaultdict(dict)
    for subject, prop, obj, step in chainer.conclusions():
        if not isinstance(subject, Literal) and isinstance(prop, NamedNode):
            triple = Triple(subject, prop, obj)  # type: ignore[arg-type]
            if triple in chainer.steps and triple not in step.premises:
                found[triple][step] = None
    return {triple: tuple(steps) for triple, steps in found.items()}


class _Chainer:
    """Naive forward chaining: small, and fast enough for graphs of the size of an article.

    Attributes:
        steps: for every triple that was added, in the order in which they were, the first step that gave it.
    """

    def __init__(self, given: Iterable[Triple]) -> None:
        self.steps: dict[Triple, Step] = {}
        self._known: set[Triple] = set()
        self._pairs: dict[_Node, dict[_Node, list[_Node]]] = defaultdict(lambda: defaultdict(list))
        self._members: dict[_Node, list[_Node]] = defaultdict(list)
        # The order of the steps must not depend on the order of the input.
        for triple in sorted(given, key=str):
            self._add(triple)

    def _add(self, triple: Triple) -> bool:
        if triple in self._known:
            return False
        self._known.add(triple)
        self._pairs[triple.predicate][triple.subject].append(triple.object)
        if triple.predicate == RDF.type:
            self._members[triple.object].append(triple.subject)
        return True

    def pairs(self, prop: _Node) -> list[tuple[_Node, _Node]]:
        """Subjects and objects of a property, so far."""
        return [(s, o) for s, objects in self._pairs[prop].items() for o in objects] if prop in self._pairs else []

    def _objects(self, subject: _Node, prop: _Node) -> list[_Node]:
        return list(self._pairs[prop].get(subject, ())) if prop in self._pairs else []

    def items(self, head: _Node) -> list[_Node]:
        """The items of an RDF list; none where it does not end in ``rdf:nil``."""
        return list_items(head, self._objects)

    def run(self) -> None:
        """Apply the rules until nothing is new."""
        while self._round():
            pass

    def _round(self) -> bool:
        """Apply every rule once to all that is known; whether anything was new."""
        new = False
        for subject, prop, obj, step in list(self.conclusions()):
            if isinstance(subject, Literal) or not isinstance(prop, NamedNode):
                continue
            if subject == obj and prop in (RDFS.subClassOf, RDFS.subPropertyOf):
                continue
            triple = Triple(subject, prop, obj)  # type: ignore[arg-type]
            if self._add(triple):
                self.steps[triple] = step
                new = True
        return new

    def conclusions(self) -> Iterator[tuple[_Node, _Node, _Node, Step]]:
        """What every rule concludes from all that is known."""
        yield from self._properties()
        yield from self._classes()
        yield from self._schema()

    def _properties(self) -> Iterator[tuple[_Node, _Node, _Node, Step]]:
        for prop, cls in self.pairs(RDFS.domain):
            for x, y in self.pairs(prop):
                yield x, RDF.type, cls, make_step("prp-dom", prop, (x, prop, y), (prop, RDFS.domain, cls))
        for prop, cls in self.pairs(RDFS.range):
            for x, y in self.pairs(prop):
                yield y, RDF.type, cls, make_step("prp-rng", prop, (x, prop, y), (prop, RDFS.range, cls))
        for prop in self._members.get(OWL.SymmetricProperty, ()):
            for x, y in self.pairs(prop):
                yield y, prop, x, make_step("prp-symp", prop, (x, prop, y), (prop, RDF.type, OWL.SymmetricProperty))
        for prop in self._members.get(OWL.TransitiveProperty, ()):
            for x, y in self.pairs(prop):
                for z in self._objects(y, prop):
                    kind = (prop, RDF.type, OWL.TransitiveProperty)
                    yield x, prop, z, make_step("prp-trp", prop, (x, prop, y), (y, prop, z), kind)
        for below, above in self.pairs(RDFS.subPropertyOf):
            for x, y in self.pairs(below):
                yield x, above, y, make_step("prp-spo1", below, (x, below, y), (below, RDFS.subPropertyOf, above))
        for name, axiom, forth in (
            ("prp-eqp1", OWL.equivalentProperty, True),
            ("prp-eqp2", OWL.equivalentProperty, False),
        ):
            for p, q in self.pairs(axiom):
                source, target = (p, q) if forth else (q, p)
                for x, y in self.pairs(source):
                    yield x, target, y, make_step(name, p, (x, source, y), (p, axiom, q))
        for name, forth in (("prp-inv1", True), ("prp-inv2", False)):
            for p, q in self.pairs(OWL.inverseOf):
                source, target = (p, q) if forth else (q, p)
                for x, y in self.pairs(source):
                    yield y, target, x, make_step(name, p, (x, source, y), (p, OWL.inverseOf, q))
        for prop, head in self.pairs(OWL.propertyChainAxiom):
            chain = self.items(head)
            for path in self._paths(chain):
                links = [(path[i], chain[i], path[i + 1]) for i in range(len(chain))]
                yield path[0], prop, path[-1], make_step("prp-spo2", prop, *links, (prop, OWL.propertyChainAxiom, head))

    def _paths(self, chain: list[_Node]) -> Iterator[tuple[_Node, ...]]:
        paths: list[tuple[_Node, ...]] = [(x, y) for x, y in self.pairs(chain[0])]
        for link in chain[1:]:
            paths = [(*path, y) for path in paths for y in self._objects(path[-1], link)]
        yield from paths

    def _classes(self) -> Iterator[tuple[_Node, _Node, _Node, Step]]:
        for below, above in self.pairs(RDFS.subClassOf):
            for x in self._members.get(below, ()):
                yield (
                    x,
                    RDF.type,
                    above,
                    make_step("cax-sco", below, (x, RDF.type, below), (below, RDFS.subClassOf, above)),
                )
        for name, forth in (("cax-eqc1", True), ("cax-eqc2", False)):
            for c, d in self.pairs(OWL.equivalentClass):
                source, target = (c, d) if forth else (d, c)
                for x in self._members.get(source, ()):
                    yield x, RDF.type, target, make_step(name, c, (x, RDF.type, source), (c, OWL.equivalentClass, d))
        for cls, head in self.pairs(OWL.intersectionOf):
            parts = self.items(head)
            axiom = (cls, OWL.intersectionOf, head)
            for x in self._members.get(parts[0], ()):
                if all(Triple(x, RDF.type, part) in self._known for part in parts[1:]):  # type: ignore[arg-type]
                    yield x, RDF.type, cls, make_step("cls-int1", cls, *((x, RDF.type, part) for part in parts), axiom)
            for x in self._members.get(cls, ()):
                for part in parts:
                    yield x, RDF.type, part, make_step("cls-int2", cls, (x, RDF.type, cls), axiom)
        for cls, head in self.pairs(OWL.unionOf):
            for part in self.items(head):
                for x in self._members.get(part, ()):
                    yield x, RDF.type, cls, make_step("cls-uni", cls, (x, RDF.type, part), (cls, OWL.unionOf, head))
        for cls, filler in self.pairs(OWL.someValuesFrom):
            for prop in self._objects(cls, OWL.onProperty):
                axioms = (cls, OWL.someValuesFrom, filler), (cls, OWL.onProperty, prop)
                for x, y in self.pairs(prop):
                    if filler == OWL.Thing:
                        yield x, RDF.type, cls, make_step("cls-svf2", cls, (x, prop, y), *axioms)
                    elif not isinstance(y, Literal) and Triple(y, RDF.type, filler) in self._known:  # type: ignore[arg-type]
                        yield x, RDF.type, cls, make_step("cls-svf1", cls, (x, prop, y), (y, RDF.type, filler), *axioms)
        for cls, filler in self.pairs(OWL.allValuesFrom):
            for prop in self._objects(cls, OWL.onProperty):
                axioms = (cls, OWL.allValuesFrom, filler), (cls, OWL.onProperty, prop)
                for x in self._members.get(cls, ()):
                    for y in self._objects(x, prop):
                        yield y, RDF.type, filler, make_step("cls-avf", cls, (x, RDF.type, cls), (x, prop, y), *axioms)
        for cls, value in self.pairs(OWL.hasValue):
            for prop in self._objects(cls, OWL.onProperty):
                axioms = (cls, OWL.hasValue, value), (cls, OWL.onProperty, prop)
                for x in self._members.get(cls, ()):
                    yield x, prop, value, make_step("cls-hv1", cls, (x, RDF.type, cls), *axioms)
                for x, y in self.pairs(prop):
                    if y == value:
                        yield x, RDF.type, cls, make_step("cls-hv2", cls, (x, prop, y), *axioms)

    def _schema(self) -> Iterator[tuple[_Node, _Node, _Node, Step]]:
        for name, prop in (("scm-sco", RDFS.subClassOf), ("scm-spo", RDFS.subPropertyOf)):
            for x, y in self.pairs(prop):
                for z in self._objects(y, prop):
                    yield x, prop, z, make_step(name, x, (x, prop, y), (y, prop, z))
        for kind, table in ((RDFS.domain, "scm-dom"), (RDFS.range, "scm-rng")):
            for p, cls in self.pairs(kind):
                for above in self._objects(cls, RDFS.subClassOf):
                    yield p, kind, above, make_step(f"{table}1", p, (p, kind, cls), (cls, RDFS.subClassOf, above))
            for below, above in self.pairs(RDFS.subPropertyOf):
                for cls in self._objects(above, kind):
                    premises = (above, kind, cls), (below, RDFS.subPropertyOf, above)
                    yield below, kind, cls, make_step(f"{table}2", below, *premises)
        for name, axiom in (("scm-int", OWL.intersectionOf), ("scm-uni", OWL.unionOf)):
            for cls, head in self.pairs(axiom):
                for part in self.items(head):
                    below, above = (cls, part) if name == "scm-int" else (part, cls)
                    yield below, RDFS.subClassOf, above, make_step(name, cls, (cls, axiom, head))


def list_items(head: _Node, objects: Callable[[_Node, _Node], Sequence[_Node]]) -> list[_Node]:
    """The items of an RDF list; none where it does not end in ``rdf:nil``.

    Args:
        head: the list.
        objects: gives the values of a property of a node.
    """
    items: list[_Node] = []
    seen: set[_Node] = set()
    while head != RDF.nil:
        first, rest = objects(head, RDF.first), objects(head, RDF.rest)
        if head in seen or not first or not rest:
            return []
        seen.add(head)
        items.append(first[0])
        head = rest[0]
    return items


def make_step(rule: str, axiom: _Node, *premises: tuple[_Node, _Node, _Node]) -> Step:
    """A step out of its parts, which have to be such that triples can be made of them."""
    return Step(rule, tuple(Triple(*p) for p in premises), axiom)  # type: ignore[arg-type]


def describe_steps(steps: Mapping[Triple, Step], wanted: Iterable[Triple]) -> Iterator[Triple]:
    """The steps behind some triples, all the way down, as RDF.

    Every triple that was inferred is a ``foedus:InferredStatement`` with its rule, the term whose axiom was used and
    its premises; a premise that was given is a plain ``rdf:Statement``.
    """
    frontier = sorted((t for t in wanted if t in steps), key=str)
    seen = set(frontier)
    while frontier:
        triple = frontier.pop()
        node = _statement(triple)
        yield from _spoken(node, triple)
        step = steps.get(triple)
        if step is None:
            yield Triple(node, RDF.type, RDF.Statement)
            continue
        yield Triple(node, RDF.type, FOEDUS.InferredStatement)
        yield Triple(node, FOEDUS.entailmentRule, Literal(step.rule))
        yield Triple(node, FOEDUS.usesAxiom, step.axiom)
        for premise in step.premises:
            yield Triple(node, FOEDUS.hasPremise, _statement(premise))
            if premise not in seen:
                seen.add(premise)
                frontier.append(premise)


def _statement(triple: Triple) -> NamedNode:
    digest = sha256(str(triple).encode()).hexdigest()[:20]
    return NamedNode(f"{PREFIXES['id']}statement/{digest}")


def _spoken(node: NamedNode, triple: Triple) -> Iterator[Triple]:
    yield Triple(node, RDF.subject, triple.subject)
    yield Triple(node, RDF.predicate, triple.predicate)
    yield Triple(node, RDF.object, triple.object)
