"""What counts in a view and what follows from it, looked up node by node in the store.

The same choice as :func:`kg.facts.reasoner_input` makes of whole columns; for where little is asked of a long record.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Final

from pyoxigraph import NamedNode, Triple

from kg.facts import AXIOMATIC, Facts
from kg.store.base import Store
from kg.terms import Term
from kg.views import asserted_graphs, classes_below
from kg.vocab import FOEDUS, GRAPH, OWL, RDF

__all__ = ["Lookups"]

_KEPT: Final = 50_000
"""How many answers of a kind are kept."""


class Lookups:
    """A view as a reasoner sees it.

    Args:
        store: the store.
        view: name of the view.
    """

    def __init__(self, store: Store, view: str) -> None:
        self._store = store
        self._accepted, self._inferred = [GRAPH.accepted(view)], [GRAPH.inferred(view)]
        self._asserted = asserted_graphs(store)
        self._data = [*self._asserted, GRAPH.derived(view)]
        self._everything = [*self._data, *self._inferred]
        keep = lru_cache(maxsize=_KEPT)
        self.objects, self.subjects, self.holds = keep(self._objects), keep(self._subjects), keep(self._holds)
        self._counts = keep(self._node_counts)

    @cached_property
    def axioms(self) -> list[Triple]:
        """What of the ontology a reasoner is given."""
        facts = Facts.of(self._store, ())
        return list(facts.axioms.decode(facts.dictionary))

    def is_given(self, triple: Triple) -> bool:
        """Whether a reasoner is given a triple as data."""
        subject, prop, obj = triple.subject, triple.predicate, triple.object
        if not isinstance(subject, NamedNode) or subject in FOEDUS:
            return False
        if prop == RDF.type:
            if isinstance(obj, NamedNode) and obj.value.startswith(AXIOMATIC):
                return False
        elif prop not in self._properties:
            return False
        return self._is_in(self._data, triple) and self._counts(subject)

    def _holds(self, triple: Triple) -> bool:
        return self._is_in(self._inferred, triple) or self.is_given(triple)

    def _objects(self, subject: NamedNode, prop: NamedNode) -> list[Term]:
        return list(dict.fromkeys(t.object for t in self._store.match(self._everything, subject, prop)))

    def _subjects(self, prop: NamedNode, obj: Term) -> list[NamedNode]:
        found = (t.subject for t in self._store.match(self._everything, None, prop, obj))
        return list(dict.fromkeys(subject for subject in found if isinstance(subject, NamedNode)))

    def _node_counts(self, node: NamedNode) -> bool:
        """Whether an admitted claim vouches for a node, or it needs none."""
        kinds = (t.object for t in self._store.match(self._asserted, node, RDF.type))
        if self._needing_claims.isdisjoint(kinds):
            return True
        return any(True for _ in self._store.match(self._accepted, node, FOEDUS.status))

    def _is_in(self, graphs: list[NamedNode], triple: Triple) -> bool:
        assert isinstance(triple.subject, NamedNode)
        return any(True for _ in self._store.match(graphs, *triple))

    @cached_property
    def _needing_claims(self) -> set[NamedNode]:
        return classes_below(self._store, FOEDUS.StateOfAffairs)

    @cached_property
    def _properties(self) -> frozenset[Term]:
        found: Iterator[Triple] = self._store.match([GRAPH.ontology], None, RDF.type, OWL.ObjectProperty)
        return frozenset(triple.subject for triple in found)
