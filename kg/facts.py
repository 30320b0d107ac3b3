"""What sources and the ontology say, as columns: read once, and chosen from for a reasoner."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode, Triple

from kg.accepting import Reading
from kg.columns import Columns, Dictionary, Numbers, coded
from kg.reasoning.compiled.axioms import PROPERTIES
from kg.store.base import Store
from kg.store.columnar import ColumnReader
from kg.store.embedded import EmbeddedStore
from kg.store.kept import carry, keep, kept
from kg.views import asserted_graphs
from kg.vocab import FOEDUS, GRAPH, OWL, RDF, RDFS

__all__ = ["AXIOMATIC", "Facts", "reasoner_input"]

AXIOMATIC: Final = (OWL.base, RDF.base, RDFS.base)
"""How the classes begin that make an axiom of what is of them."""
_ONTOLOGY: Final = "ontology"
_ASSERTED: Final = "asserted"
_ACCEPTED: Final = "accepted "
"""What columns are kept under, the last with the name of a view."""
_DECLARATIONS: Final = frozenset({OWL.AnnotationProperty, OWL.DatatypeProperty, OWL.NamedIndividual, OWL.Ontology})


@dataclass(frozen=True)
class Facts:
    """What the sources and the ontology of a store say, as columns: read once for every policy.

    Attributes:
        dictionary: the numbers of terms.
        ontology: the ontology's graph.
        asserted: the asserted graphs together.
        accepted: what counts under policies, by view, as far as it was kept beside the store.
    """

    dictionary: Dictionary
    ontology: Columns
    asserted: Columns
    accepted: Mapping[str, Columns] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, about: Collection[NamedNode] | None = None) -> Facts:
        """Read a store: all of it, or the ontology and what is said of some nodes."""
        if about is None and isinstance(store, EmbeddedStore) and store.folder is not None:
            found = kept(store.folder)
            if found is not None:
                dictionary, parts = found
                accepted = {n.removeprefix(_ACCEPTED): part for n, part in parts.items() if n.startswith(_ACCEPTED)}
                return cls(dictionary, parts[_ONTOLOGY], parts[_ASSERTED], accepted)
        dictionary = Dictionary()
        ontology = Columns.encode(store.triples(GRAPH.ontology), dictionary)
        asserted = (Columns.encode(_said(store, graph, about), dictionary) for graph in asserted_graphs(store))
        return cls(dictionary, ontology, Columns.joined(asserted))

    def keep(self, folder: Path) -> None:
        """Write them beside the database of a store that holds them, for :meth:`of`.

        Args:
            folder: the folder of the database.

        Raises:
            OSError: it cannot be written.
        """
        accepted = {f"{_ACCEPTED}{view}": part for view, part in self.accepted.items()}
        keep(folder, self.dictionary, {_ONTOLOGY: self.ontology, _ASSERTED: self.asserted, **accepted})

    def carry(
        self,
        before: Path,
        after: Path,
        asserted: tuple[Columns, Columns],
        accepted: Mapping[str, tuple[Columns, Columns]],
    ) -> None:
        """Write them beside the database of a store that follows another, of which they were kept, for :meth:`of`.

        Args:
            before: the folder of the earlier database.
            after: the folder of the later one.
            asserted: what the sources say more and what they say less.
            accepted: what counts more under policies and what counts less, by view.

        Raises:
            OSError: it cannot be written.
        """
        same = (Columns.empty(), Columns.empty())
        by_view = {f"{_ACCEPTED}{view}": change for view, change in accepted.items()}
        carry(before, after, self.dictionary, {_ONTOLOGY: same, _ASSERTED: asserted, **by_view})

    def encoded(self, triples: Iterable[Triple]) -> Columns:
        """Other triples in the same numbers."""
        return Columns.encode(triples, self.dictionary)

    @cached_property
    def reading(self) -> Reading:
        """What is claimed in what the sources say."""
        return Reading.of(ColumnReader(self.asserted, self.dictionary), ())

    @cached_property
    def axioms(self) -> Columns:
        """What of the ontology a reasoner is given."""
        number, schema = self.dictionary.find, self.ontology
        wanted = np.isin(schema.predicate, [number(term) for term in PROPERTIES])
        wanted |= self._types & ~np.isin(schema.object, [number(term) for term in _DECLARATIONS])
        return schema.where(wanted)

    def usable(self, accepted: Columns, derived: Columns) -> Columns:
        """What a reasoner is given, see :func:`reasoner_input`.

        Args:
            accepted: what the policy accepts.
            derived: what the dated rules derive from it.
        """
        return Columns.joined([self.axioms, self.counting(self.asserted, accepted, derived)])

    def counting(self, asserted: Columns, accepted: Columns, derived: Columns) -> Columns:
        """What of the data a reasoner is given: all of it, or that about some nodes.

        Args:
            asserted: what the sources say of the nodes.
            accepted: what the policy accepts of that.
            derived: what the dated rules derive of them.
        """
        number = self.dictionary.find
        gated = asserted.subject[(asserted.predicate == number(RDF.type)) & np.isin(asserted.object, self._gated)]
        counting = accepted.subject[accepted.predicate == number(FOEDUS.status)]
        silent = np.zeros(len(self.dictionary), dtype=bool)
        silent[gated] = True
        silent[counting] = False

        data = Columns.joined([asserted, derived])
        typing = data.predicate == number(RDF.type)
        # Only the ontology states axioms: a source that types one of its terms is not believed.
        foreign = np.isin(data.subject, [number(term) for term in FOEDUS])
        foreign[typing] |= self._within(data.object[typing], *AXIOMATIC)
        wanted = (typing | np.isin(data.predicate, self._object_properties)) & ~silent[data.subject] & ~foreign
        return data.where(wanted)

    @cached_property
    def _types(self) -> NDArray[np.bool_]:
        return np.asarray(self.ontology.predicate == self.dictionary.find(RDF.type))

    @cached_property
    def _object_properties(self) -> Numbers:
        object_property = self.dictionary.find(OWL.ObjectProperty)
        chosen: Numbers = self.ontology.subject[self._types & (self.ontology.object == object_property)]
        return chosen

    @cached_property
    def _gated(self) -> Numbers:
        """The classes of what counts only if an admitted claim vouches for it."""
        number, schema = self.dictionary.find, self.ontology
        below = schema.predicate == number(RDFS.subClassOf)
        classes = np.array([number(FOEDUS.StateOfAffairs)])
        while len(more := np.setdiff1d(schema.subject[below & np.isin(schema.object, classes)], classes)):
            classes = np.concatenate([classes, more])
        return classes

    def _within(self, numbers: Numbers, *bases: str) -> NDArray[np.bool_]:
        """Which of some numbers stand for terms of some vocabularies."""
        distinct, places = coded(numbers)
        begun = tuple(f"<{base}" for base in bases)
        passed = np.array([term.startswith(begun) for term in self.dictionary.written(distinct)], dtype=bool)
        return passed[places]


def reasoner_input(store: Store, view: str, about: Collection[NamedNode] | None = None) -> Iterator[Triple]:
    """The schema, and of the data what an OWL axiom can use: types and object properties of what counts.

    Literals and annotations are left out because no axiom of the ontology speaks of them; a node that no admitted claim
    vouches for is left out because nothing may follow from it.

    Args:
        store: the store.
        view: name of the view.
        about: the nodes of whose description alone something is to follow, where not all.
    """
    facts = Facts.of(store, about)
    counting = facts.encoded(_said(store, GRAPH.accepted(view), about))
    derived = facts.encoded(_said(store, GRAPH.derived(view), about))
    return facts.usable(counting, derived).decode(facts.dictionary)


def _said(store: Store, graph: NamedNode, about: Collection[NamedNode] | None) -> Iterator[Triple]:
    if about is None:
        return store.triples(graph)
    return chain.from_iterable(store.match([graph], node) for node in about)
