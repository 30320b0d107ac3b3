"""The forward reasoner: the relational rules of OWL 2 RL, run in this process without a detour through rdflib.

It does what the ontology needs and says by name what else it finds and does not do; :func:`unsupported` tells
beforehand whether there is any. Where it is complete it gives exactly what the reference gives, many times faster,
which is what re-computing under other assumptions asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from pyoxigraph import NamedNode, Triple

from kg.errors import Inconsistency
from kg.reasoning.base import Certificate, Closure, is_noise
from kg.reasoning.justification import Chainer
from kg.terms import local_name
from kg.vocab import OWL, RDF

__all__ = ["ForwardReasoner", "unsupported"]

_PREDICATES: Final = frozenset(
    {
        OWL.allValuesFrom,
        OWL.disjointWith,
        OWL.equivalentClass,
        OWL.equivalentProperty,
        OWL.hasValue,
        OWL.intersectionOf,
        OWL.inverseOf,
        OWL.members,
        OWL.onProperty,
        OWL.propertyChainAxiom,
        OWL.someValuesFrom,
        OWL.unionOf,
    }
)
_TYPES: Final = frozenset(
    {
        OWL.AllDisjointClasses,
        OWL.AnnotationProperty,
        OWL.AsymmetricProperty,
        OWL.Class,
        OWL.DatatypeProperty,
        OWL.IrreflexiveProperty,
        OWL.NamedIndividual,
        OWL.Nothing,
        OWL.ObjectProperty,
        OWL.Ontology,
        OWL.Restriction,
        OWL.SymmetricProperty,
        OWL.Thing,
        OWL.TransitiveProperty,
    }
)


def unsupported(triples: Iterable[Triple]) -> tuple[str, ...]:
    """The kinds of axiom in some triples that the forward reasoner does not use, by name.

    Example:
        >>> cat = NamedNode("https://example.org/cat")
        >>> unsupported([Triple(cat, OWL.sameAs, cat)])
        ('sameAs',)
    """
    found = set()
    for triple in triples:
        predicate, obj = triple.predicate, triple.object
        if predicate.value.startswith(OWL.base) and predicate not in _PREDICATES:
            found.add(local_name(predicate.value))
        if (
            predicate == RDF.type
            and isinstance(obj, NamedNode)
            and obj.value.startswith(OWL.base)
            and obj not in _TYPES
        ):
            found.add(local_name(obj.value))
    return tuple(sorted(found))


class ForwardReasoner:
    """The relational rules of OWL 2 RL, forward.

    Example:
        >>> from kg.vocab import FOEDUS, RDFS
        >>> cat = NamedNode("https://example.org/cat")
        >>> given = [Triple(cat, RDF.type, FOEDUS.State), Triple(FOEDUS.State, RDFS.subClassOf, FOEDUS.Actor)]
        >>> [t.object.value for t in ForwardReasoner().close(given).inferred]
        ['https://w3id.org/foedus/ns#Actor']
    """

    name = "forward"

    def close(self, triples: Iterable[Triple]) -> Closure:
        """See :meth:`kg.reasoning.base.Reasoner.close`."""
        given = set(triples)
        chainer = Chainer(given)
        chainer.run()
        inferred = frozenset(t for t in chainer.steps if not is_noise(t.subject, t.predicate, t.object))
        certificate = Certificate(
            engine="kg forward",
            axioms=sum(1 for t in given if t.predicate.value.startswith(OWL.base)),
            unsupported=unsupported(given),
            given=len(given),
            inferred=len(inferred),
        )
        return Closure(inferred, tuple(sorted(set(_clashes(chainer)))), certificate)


def _clashes(chainer: Chainer) -> Iterator[Inconsistency]:
    for prop in chainer.members(OWL.IrreflexiveProperty):
        for x, y in chainer.pairs(prop):
            if x == y:
                yield _clash("prp-irp", f"{_name(x)} {_name(prop)} itself, which nothing can", x, prop)
    for prop in chainer.members(OWL.AsymmetricProperty):
        both = set(chainer.pairs(prop))
        for x, y in both:
            if (y, x) in both:
                yield _clash("prp-asyp", f"{_name(x)} and {_name(y)} are {_name(prop)} each other", x, y, prop)
    disjoint = [(one, two, "cax-dw") for one, two in chainer.pairs(OWL.disjointWith)]
    for axiom in chainer.members(OWL.AllDisjointClasses):
        for _, head in (pair for pair in chainer.pairs(OWL.members) if pair[0] == axiom):
            disjoint += [(one, two, "cax-adc") for one, two in combinations(chainer.items(head), 2)]
    for one, two, rule in disjoint:
        for x in set(chainer.members(one)) & set(chainer.members(two)):
            yield _clash(rule, f"{_name(x)} cannot be {_name(one)} and {_name(two)} at once", x, one, two)
    for x in chainer.members(OWL.Nothing):
        yield _clash("cls-nothing2", f"{_name(x)} is of a class that can have no members", x)


def _clash(rule: str, words: str, *nodes: object) -> Inconsistency:
    return Inconsistency(f"{words} ({rule})", tuple(sorted(n.value for n in nodes if isinstance(n, NamedNode))))


def _name(term: object) -> str:
    return local_name(term.value) if isinstance(term, NamedNode) else str(term)
