"""The interface of reasoners, and what every closure must be free of.

A reasoner takes triples, schema and data together, and returns what OWL 2 RL adds to them (OWL 2 Web Ontology Language
Profiles, section 4.3), less what says nothing: a literal as a subject, a reflexive ``owl:sameAs`` or
``rdfs:subClassOf``, membership in ``owl:Thing``, axiomatic triples about the vocabularies of RDF, RDFS, OWL and XSD.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from pyoxigraph import NamedNode, Triple

from kg.errors import Inconsistency
from kg.terms import BUILT_IN, GENID
from kg.vocab import OWL, RDF, RDFS

__all__ = ["REFLEXIVE", "Certificate", "Closure", "Reasoner", "is_noise"]

REFLEXIVE: Final = (OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)
"""Properties that relate everything to itself, which says nothing."""


@dataclass(frozen=True)
class Certificate:
    """What a reasoner did.

    Attributes:
        engine: name and version of the engine.
        axioms: how many schema triples it was given.
        unsupported: the kinds of axiom that it did not use, by name.
        given: how many triples it was given.
        inferred: how many it added.
    """

    engine: str
    axioms: int
    unsupported: tuple[str, ...]
    given: int
    inferred: int


@dataclass(frozen=True)
class Closure:
    """What follows from some triples.

    Attributes:
        inferred: the triples added, without noise and without those given.
        inconsistencies: contradictions found, as data; raising is up to the caller.
        certificate: what was done.
    """

    inferred: frozenset[Triple]
    inconsistencies: tuple[Inconsistency, ...]
    certificate: Certificate


class Reasoner(Protocol):
    """An OWL 2 RL reasoner."""

    name: str

    def close(self, triples: Iterable[Triple]) -> Closure:
        """Everything that OWL 2 RL adds to the triples."""
        ...


def is_noise(subject: object, predicate: object, obj: object) -> bool:
    """Whether an entailed triple says nothing worth keeping.

    Example:
        >>> is_noise(OWL.Class, RDF.type, OWL.Thing)
        True
    """
    if not isinstance(subject, NamedNode) or subject.value.startswith((*BUILT_IN, GENID)):
        return True
    # An anonymous class is a step on the way; the named classes that it leads to are kept.
    if not isinstance(obj, NamedNode) or obj.value.startswith(GENID):
        return True
    if predicate in REFLEXIVE and subject == obj:
        return True
    if obj == OWL.Thing or subject == OWL.Nothing:
        return True
    # Types in the vocabularies themselves (owl:Class, rdf:Property, rdfs:Resource) repeat the declarations.
    return predicate == RDF.type and obj.value.startswith(BUILT_IN)
