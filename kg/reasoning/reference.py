"""The reference reasoner: owlrl, correct and slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import Inconsistency
from kg.reasoning.base import Certificate, Closure, is_noise
from kg.terms import local_name
from kg.vocab import OWL

if TYPE_CHECKING:
    import rdflib

__all__ = ["ReferenceReasoner"]

_ERROR = "http://www.daml.org/2002/03/agents/agent-ont#"


class ReferenceReasoner:
    """OWL 2 RL by owlrl (RDFLib/OWL-RL).

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
        import owlrl
        import rdflib

        given = set(triples)
        graph = rdflib.Graph()
        for triple in given:
            graph.add((_to_rdflib(triple.subject), _to_rdflib(triple.predicate), _to_rdflib(triple.object)))
        before = set(graph)
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
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
            nodes = tuple(sorted({w.strip("'\"<>,.()") for w in words.split() if "://" in w}))
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
