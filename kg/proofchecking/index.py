"""Triples as they stand, found by subject or by object: all that the checks read of a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.terms import Term, curie
from kg.vocab import RDF, RDFS

__all__ = ["Index"]


class Index:
    """Triples by subject and property, and by property and object; nodes go by their IRI."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._terms: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._subjects: dict[tuple[str, str], set[str]] = defaultdict(set)
        for triple in triples:
            subject, prop, obj = triple.subject, triple.predicate.value, triple.object
            assert isinstance(subject, NamedNode | BlankNode)
            self._terms[subject.value][prop].append(obj)
            if isinstance(obj, NamedNode | BlankNode):
                self._subjects[prop, obj.value].add(subject.value)

    def nodes(self, subject: str, prop: NamedNode) -> frozenset[str]:
        """IRIs of the nodes that a subject has as values of a property."""
        terms = self._terms.get(subject, {}).get(prop.value, ())
        return frozenset(t.value for t in terms if isinstance(t, NamedNode | BlankNode))

    def texts(self, subject: str, prop: NamedNode) -> frozenset[str]:
        """Texts of the literals that a subject has as values of a property."""
        terms = self._terms.get(subject, {}).get(prop.value, ())
        return frozenset(t.value for t in terms if isinstance(t, Literal))

    def subjects(self, prop: NamedNode, obj: str) -> frozenset[str]:
        """The subjects that have a node as value of a property."""
        return frozenset(self._subjects.get((prop.value, obj), ()))

    def roles(self, subject: str) -> Mapping[str, frozenset[str]]:
        """All properties of a subject whose values are nodes."""
        return {
            prop: frozenset(t.value for t in terms if isinstance(t, NamedNode | BlankNode))
            for prop, terms in self._terms.get(subject, {}).items()
        }

    def literals(self, subject: str) -> Mapping[str, frozenset[str]]:
        """All properties of a subject whose values are literals."""
        return {
            prop: frozenset(t.value for t in terms if isinstance(t, Literal))
            for prop, terms in self._terms.get(subject, {}).items()
        }

    def holds(self, subject: str, prop: str, obj: str, *, literally: bool) -> bool:
        """Whether a triple is there; a literal is taken for its text only where asked."""
        terms = self._terms.get(subject, {}).get(prop, ())
        return any(
            isinstance(t, NamedNode | BlankNode) or (literally and isinstance(t, Literal))
            for t in terms
            if _value(t) == obj
        )

    def items(self, head: str) -> tuple[str, ...]:
        """The items of an RDF list, as far as it is one."""
        found: list[str] = []
        seen: set[str] = set()
        while head not in seen and (first := self._terms.get(head, {}).get(RDF.first.value)):
            seen.add(head)
            found.append(_value(first[0]))
            head = min(self.nodes(head, RDF.rest), default="")
        return tuple(found)

    def below(self, cls: NamedNode) -> frozenset[str]:
        """A class and those that are subclasses of it by any number of axioms."""
        found, frontier = {cls.value}, [cls.value]
        while frontier:
            new = self.subjects(RDFS.subClassOf, frontier.pop()) - found
            found |= new
            frontier.extend(new)
        return frozenset(found)

    def names(self, node: str) -> frozenset[str]:
        """What a node may be called: its labels, or its IRI in short."""
        return self.texts(node, RDFS.label) | {curie(node)}


def _value(term: Term) -> str:
    return str(term) if isinstance(term, Triple) else term.value
