"""Axioms to rules: tables 4 to 7 of the OWL 2 RL/RDF rules, one rule object for each use of an axiom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from pyoxigraph import NamedNode

from kg.reasoning.compiled.axioms import Axioms, Pairs
from kg.reasoning.compiled.findings import Clash, Keyed, MaxCardinality, Same
from kg.reasoning.compiled.rules import (
    AllValues,
    Chain,
    Copy,
    Domain,
    HasValue,
    Intersection,
    Range,
    Rule,
    SomeValues,
    Swap,
    Transitive,
    Valued,
)
from kg.vocab import OWL, RDF, RDFS

__all__ = ["compile_axioms", "different", "needed", "vocabulary_read"]


def compile_axioms(axioms: Axioms, cardinality: Callable[[int], frozenset[int]]) -> list[Rule]:
    """The rules of a graph's axioms.

    What another rule gives by way of a class or property in between is left out, so that each fact travels each way
    once.

    Args:
        axioms: the axioms, closed.
        cardinality: which of none and one a value says.
    """
    rules = (*_properties(axioms), *_classes(axioms), *_restrictions(axioms, cardinality), *_clashes(axioms))
    return list(dict.fromkeys(rules))


def needed(rules: list[Rule], silent: Callable[[int], bool]) -> list[Rule]:
    """The rules without those that only add to what nobody reads and nobody is told.

    Args:
        rules: all rules.
        silent: whether all that a relation may hold is left out of results.
    """
    while True:
        read = {key for rule in rules for key in rule.reads}
        kept = [r for r in rules if r.writes is None or r.writes in read or not silent(r.writes)]
        if len(kept) == len(rules):
            return kept
        rules = kept


def _direct(pairs: Pairs) -> Pairs:
    """A closed hierarchy without reflexive steps and without those that two shorter ones make up."""
    above: dict[int, set[int]] = {}
    for x, y in pairs:
        if x != y:
            above.setdefault(x, set()).add(y)
    empty: set[int] = set()

    def strictly(x: int, y: int) -> bool:
        return x not in above.get(y, empty)

    return {
        (x, z)
        for x, reached in above.items()
        for z in reached
        if not any(y not in (x, z) and z in above.get(y, empty) and strictly(x, y) and strictly(y, z) for y in reached)
    }


def _properties(axioms: Axioms) -> Iterator[Rule]:
    over = axioms.by_subject(RDFS.subPropertyOf)
    above = axioms.by_subject(RDFS.subClassOf)
    yield from (Copy(p, q) for p, q in _direct(axioms.pairs(RDFS.subPropertyOf)))
    for kind, make in ((RDFS.domain, Domain), (RDFS.range, Range)):
        pairs = axioms.pairs(kind)
        for p, cls in pairs:
            implied = any(
                other != cls and cls in above[other] and other not in above[cls] for other in _objects(pairs, p)
            ) or any(q != p and p not in over[q] and (q, cls) in pairs for q in over[p])
            if not implied:
                yield make(p, ~cls)
    yield from (Swap(p, p) for p in axioms.members(OWL.SymmetricProperty))
    yield from (Transitive(p, p) for p in axioms.members(OWL.TransitiveProperty))
    for p, q in axioms.pairs(OWL.inverseOf):
        yield Swap(p, q)
        yield Swap(q, p)
    for p, chain in axioms.lists(OWL.propertyChainAxiom):
        if chain:
            yield Chain(tuple(chain), p) if len(chain) > 1 else Copy(chain[0], p)
    yield from (Same(p) for p in axioms.members(OWL.FunctionalProperty))
    yield from (Same(p, inverse=True) for p in axioms.members(OWL.InverseFunctionalProperty))
    for cls, properties in axioms.lists(OWL.hasKey):
        if properties:
            yield Keyed(~cls, tuple(properties))


def _objects(pairs: Pairs, subject: int) -> Iterator[int]:
    return (y for x, y in pairs if x == subject)


def _classes(axioms: Axioms) -> Iterator[Rule]:
    yield from (Copy(~c, ~d) for c, d in _direct(axioms.pairs(RDFS.subClassOf)))
    for cls, parts in axioms.lists(OWL.intersectionOf):
        if parts:
            keys = tuple(dict.fromkeys(~part for part in parts))
            yield Intersection(keys, ~cls)


def _restrictions(axioms: Axioms, cardinality: Callable[[int], frozenset[int]]) -> Iterator[Rule]:
    thing = axioms.number(OWL.Thing)
    for cls, p, filler in axioms.restrictions(OWL.someValuesFrom):
        yield Domain(p, ~cls) if filler == thing else SomeValues(p, ~filler, ~cls)
    for cls, p, filler in axioms.restrictions(OWL.allValuesFrom):
        yield AllValues(~cls, p, ~filler)
    for cls, p, value in axioms.restrictions(OWL.hasValue):
        yield Valued(~cls, value, p)
        yield HasValue(p, value, ~cls)
    for cls, p, value in axioms.restrictions(OWL.maxCardinality):
        allowed = cardinality(value)
        if 0 in allowed:
            yield MaxCardinality("cls-maxc1", "{x} has {y} for {1}, of which {0} allows none", p, ~cls, None, (cls, p))
        if 1 in allowed:
            yield Same(p, ~cls)
    on_class = axioms.by_subject(OWL.onClass)
    for cls, p, value in axioms.restrictions(OWL.maxQualifiedCardinality):
        allowed = cardinality(value)
        for filler in sorted(on_class.get(cls, ())):
            counted = None if filler == thing else ~filler
            if 0 in allowed:
                rule = "cls-maxqc2" if counted is None else "cls-maxqc1"
                words = "{x} has {y} of {2} for {1}, of which {0} allows none"
                yield MaxCardinality(rule, words, p, ~cls, counted, (cls, p, filler))
            if 1 in allowed:
                yield Same(p, ~cls, counted)


def _clashes(axioms: Axioms) -> Iterator[Rule]:
    number = axioms.number
    yield Clash("cls-nothing2", "{x} is of a class that can have no members", ~number(OWL.Nothing))
    yield Clash("eq-diff1", "{x} is different from itself", number(OWL.differentFrom), reflexive=True)
    for p in axioms.members(OWL.IrreflexiveProperty):
        yield Clash("prp-irp", "{x} {0} itself, which nothing can", p, about=(p,), reflexive=True)
    for p in axioms.members(OWL.AsymmetricProperty):
        yield Clash("prp-asyp", "{x} and {y} are {0} each other", p, p, about=(p,), turned=True)
    words = "{x} cannot be both {0} and {1} of {y}"
    for p, q in axioms.pairs(OWL.propertyDisjointWith):
        yield Clash("prp-pdw", words, p, q, (p, q))
    for p, q in _members(axioms, OWL.AllDisjointProperties, (OWL.members,)):
        yield Clash("prp-adp", words, p, q, (p, q))
    words = "{x} cannot be {0} and {1} at once"
    for rule, prop in (("cax-dw", OWL.disjointWith), ("cls-com", OWL.complementOf)):
        for c, d in axioms.pairs(prop):
            yield Clash(rule, words, ~c, ~d, (c, d))
    for c, d in _members(axioms, OWL.AllDisjointClasses, (OWL.members,)):
        yield Clash("cax-adc", words, ~c, ~d, (c, d))
    asserted, sources = axioms.by_subject(OWL.assertionProperty), axioms.pairs(OWL.sourceIndividual)
    for rule, prop in (("prp-npa1", OWL.targetIndividual), ("prp-npa2", OWL.targetValue)):
        targets = axioms.by_subject(prop)
        for node, source in sources:
            for target in targets.get(node, ()):
                for p in asserted.get(node, ()):
                    exactly = source << 32 | target
                    yield Clash(rule, "it is denied that {x} {0} {y}", p, about=(p,), exactly=exactly)


def different(axioms: Axioms) -> Iterator[tuple[str, int]]:
    """What is listed as different from itself: eq-diff2, eq-diff3."""
    for rule, prop in (("eq-diff2", OWL.members), ("eq-diff3", OWL.distinctMembers)):
        for node, items in axioms.lists(prop):
            if node in axioms.members(OWL.AllDifferent):
                yield from ((rule, x) for x, count in Counter(items).items() if count > 1)


def _members(axioms: Axioms, cls: NamedNode, properties: Iterable[NamedNode]) -> Iterator[tuple[int, int]]:
    """Two by two, what the lists of the members of a class hold."""
    for prop in properties:
        for node, items in axioms.lists(prop):
            if node in axioms.members(cls):
                yield from combinations(items, 2)


def vocabulary_read(rules: list[Rule], number: Callable[[NamedNode], int]) -> frozenset[int]:
    """Which of ``rdf:type`` and ``owl:sameAs`` the rules read as properties like any other."""
    read = {key for rule in rules for key in rule.reads}
    return frozenset({number(RDF.type), number(OWL.sameAs)} & read)
