"""The reference reasoner: owlrl, correct and slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import Inconsistency
from kg.reasoning.base import Certificate, Closure, is_noise
from kg.terms import local_name
from kg.vocab import OWL

if TYPE_CHECKING:
    import rdflib

__all__ = ["ReferenceReasoner"]

_ERROR = "http://www.daml.org/2002/03/agents/agent-ont#"


@cache
def _semantics() -> type:
    """The rules of owlrl, and what they lack of the specification's tables.

    owlrl 7.6 passes over the last item of every list of keys, of disjoint properties and of different individuals, so
    that one common value of any key but the last makes two things the same; over what is reflexive because of a circle
    of subclasses or subproperties; and over the values of literals (dt-eq, dt-diff). It fails where what is the same as
    a number says how many values are allowed, and takes datatypes for those of OWL 2 RL that are none (OWL 2 Profiles,
    section 4.2).

    It offers every triple to every rule in every round, which is most of its time, and sound to spare: each rule of the
    tables but eq-ref has a premise whose property, or with rdf:type whose class, is of RDF, RDFS or OWL, and owlrl
    begins with such a premise and looks up the others. A triple without either is thus offered in vain but for eq-ref,
    and what it takes part in otherwise is found from an axiom, in every round. Nor does anything follow from a thing's
    being the same as itself, but that it must not differ from itself. Both are offered until they have been once;
    nothing is left out of the graph in which the rules look.
    """
    from itertools import combinations

    import owlrl
    import rdflib
    from rdflib import OWL, RDF, RDFS, XSD

    counting = (OWL.maxCardinality, OWL.maxQualifiedCardinality)
    same = {RDFS.subClassOf: OWL.equivalentClass, RDFS.subPropertyOf: OWL.equivalentProperty}
    vocabulary = (str(RDF), str(RDFS), str(OWL))
    same_as, different_from, is_a = OWL.sameAs, OWL.differentFrom, RDF.type
    beyond = {XSD.date, XSD.time, RDF.HTML, RDF.langString}

    class Corrected(owlrl.OWLRL_Semantics):  # type: ignore[misc]
        added_triples: set[tuple[Any, Any, Any]]
        error_messages: list[str]

        def __init__(self, graph: rdflib.Graph, *options: Any, **more: Any) -> None:
            self.added_triples = set()
            self._held: set[tuple[Any, Any, Any]] = set(graph)
            self._offered: set[tuple[Any, Any, Any]] = set()
            super().__init__(graph, *options, **more)

        def store_triple(self, t: tuple[Any, Any, Any]) -> None:
            if t not in self._held and not isinstance(t[1], rdflib.Literal):
                self.added_triples.add(t)

        def empty_stored_triples(self) -> None:
            # Which is done once they are in the graph.
            self._held |= self.added_triples
            super().empty_stored_triples()

        def one_time_rules(self) -> None:
            super().one_time_rules()
            self.added_triples = {t for t in self.added_triples if t[1] != RDF.type or beyond.isdisjoint(t[::2])}
            self.error_messages = [m for m in self.error_messages if not any(f"({one})" in m for one in beyond)]
            alike: dict[Any, list[rdflib.Literal]] = {}
            for one in {o for o in self.graph.objects() if isinstance(o, rdflib.Literal)}:
                alike.setdefault(_value(one), []).append(one)
            alike.pop(None, None)
            for first, *others in alike.values():
                for other in others:
                    self.store_triple((first, OWL.sameAs, other))

        def rules(self, t: Any, cycle_num: int) -> None:
            subject, predicate, obj = t
            if predicate == same_as and subject == obj:
                idle = (subject, different_from, subject) not in self.graph
            else:
                # rdflib's own startswith takes one beginning only.
                idle = not str.startswith(obj if predicate == is_a else predicate, vocabulary)
            if not idle or cycle_num == 1:
                self._apply(t, cycle_num)
            elif t not in self._offered:
                self._equality(t, cycle_num)
            self._offered.add(t)

        def _apply(self, t: Any, cycle_num: int) -> None:
            subject, predicate, obj = t
            if predicate == OWL.sameAs and isinstance(subject, rdflib.Literal) and isinstance(obj, rdflib.Literal):
                values = _value(subject), _value(obj)
                if None not in values and values[0] != values[1]:
                    self.add_error(f"{subject} and {obj} are the same and differ in value")
            if predicate == OWL.hasKey:
                self._keys(subject, self._list(obj))
                self._equality(t, cycle_num)
            elif predicate in counting and not _is_number(obj):
                self._equality(t, cycle_num)
            else:
                super().rules(t, cycle_num)
            if predicate in same and (obj, predicate, subject) in self.graph:
                self.store_triple((subject, predicate, subject))
                self.store_triple((subject, same[predicate], subject))
            if predicate in same.values() and subject == obj:
                below = RDFS.subClassOf if predicate == OWL.equivalentClass else RDFS.subPropertyOf
                self.store_triple((subject, below, subject))
            if predicate == RDF.type and obj == OWL.AllDisjointProperties:
                for p, q in self._two_of(subject, OWL.members):
                    for x, y in self.graph.subject_objects(p):
                        if (x, q, y) in self.graph:
                            self.add_error(f"Disjoint properties {p} and {q} both hold of {x} and {y}")
            if predicate == RDF.type and obj == OWL.AllDifferent:
                for prop in (OWL.members, OWL.distinctMembers):
                    for x, y in self._two_of(subject, prop):
                        if x == y or (x, OWL.sameAs, y) in self.graph:
                            self.add_error(f"{x} and {y} are the same and listed as different")

        def _two_of(self, node: Any, prop: Any) -> Iterator[tuple[Any, Any]]:
            for head in self.graph.objects(node, prop):
                yield from combinations(self._list(head), 2)

        def _keys(self, cls: Any, properties: list[Any]) -> None:
            members = list(self.graph.subjects(RDF.type, cls))
            for x, y in combinations(members, 2):
                values = [set(self.graph.objects(x, p)) & set(self.graph.objects(y, p)) for p in properties]
                if values and all(values):
                    self.store_triple((x, OWL.sameAs, y))

    return Corrected


@cache
def _datatypes() -> frozenset[rdflib.URIRef]:
    """The datatypes of OWL 2 RL that have values to compare; owlrl takes two more for such."""
    from owlrl.XsdDatatypes import OWL_RL_Datatypes
    from rdflib import XSD

    return frozenset(one for one in OWL_RL_Datatypes if one in XSD) - {XSD.date, XSD.time}


def _is_number(node: object) -> bool:
    import rdflib

    value = _value(node) if isinstance(node, rdflib.Literal) else None
    return value is not None and value[0] == "decimal"


def _value(literal: rdflib.Literal) -> tuple[str, object] | None:
    """The value that a literal is read as, with the sort of value; ``None`` where it is none of OWL 2 RL's.

    A moment keeps its time zone: given in two, it is two values, equal and not identical (OWL 2 Structural
    Specification, section 4.7).
    """
    from datetime import datetime
    from decimal import Decimal

    from owlrl.DatatypeHandling import AltXSDToPYTHON
    from rdflib import XSD
    from rdflib.term import XSDToPython

    if literal.language:
        return "text", (str(literal), literal.language.lower())
    value, datatype = literal.value, literal.datatype or XSD.string
    if datatype not in _datatypes():
        return None
    if datatype not in XSDToPython:  # rdflib reads it only after owlrl has run
        try:
            value = AltXSDToPYTHON[datatype](str(literal))
        except ValueError:
            return None
    if literal.ill_typed or value is None:
        return None
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | Decimal):
        return "decimal", Decimal(value)
    if isinstance(value, float):
        return local_name(datatype), repr(value)
    if isinstance(value, str):
        return "anyURI" if datatype == XSD.anyURI else "string", value
    if isinstance(value, datetime):
        return "dateTime", (value.replace(tzinfo=None), value.utcoffset())
    return local_name(datatype), value


class ReferenceReasoner:
    """OWL 2 RL by owlrl (RDFLib/OWL-RL), its slips corrected.

    Example:
        >>> from kg.vocab import FOEDUS, RDF, RDFS
        >>> cat = NamedNode("https://example.org/cat")
        >>> given = [Triple(cat, RDF.type, FOEDUS.State), Triple(FOEDUS.State, RDFS.subClassOf, FOEDUS.Actor)]
        >>> [t.object.value for t in ReferenceReasoner().close(given).inferred]
        ['https://w3id.org/foedus/ns#Actor']
    """

    name = "reference"

    def close(self, triples: Iterable[Triple]) -> Closure:
        """See :meth:`kg.reasoning.base.Reasoner.close`."""
        import rdflib

        given = set(triples)
        graph = rdflib.Graph()
        for triple in given:
            graph.add((_to_rdflib(triple.subject), _to_rdflib(triple.predicate), _to_rdflib(triple.object)))
        before = set(graph)
        from owlrl import DeductiveClosure

        DeductiveClosure(_semantics(), axiomatic_triples=False, datatype_axioms=False).expand(graph)
        messages = tuple(_inconsistencies(graph))
        inferred = set()
        for entry in graph:
            if entry in before:
                continue
            subject, predicate, obj = (_from_rdflib(term) for term in entry)
            if not is_noise(subject, predicate, obj):
                inferred.add(Triple(subject, predicate, obj))  # type: ignore[arg-type]
        certificate = Certificate(
            engine=f"owlrl {version('owlrl')}",
            axioms=sum(1 for t in given if t.predicate.value.startswith(OWL.base)),
            unsupported=(),
            given=len(given),
            inferred=len(inferred),
        )
        return Closure(frozenset(inferred), messages, certificate)


def _inconsistencies(graph: rdflib.Graph) -> Iterator[Inconsistency]:
    from rdflib import RDF, URIRef

    for node in graph.subjects(RDF.type, URIRef(_ERROR + "ErrorMessage")):
        for text in graph.objects(node, URIRef(_ERROR + "error")):
            words = " ".join(str(text).split())
            parts = words.replace(",", " ").split()
            nodes = tuple(sorted({part.strip("'\"<>.()") for part in parts if "://" in part}))
            for full in nodes:
                words = words.replace(full, local_name(full))
            yield Inconsistency(words, nodes)


def _to_rdflib(term: object) -> rdflib.term.Node:
    import rdflib

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _from_rdflib(term: object) -> NamedNode | BlankNode | Literal:
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    assert isinstance(term, rdflib.Literal)
    return Literal(str(term))
