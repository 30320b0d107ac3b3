"""What reasoning inside a server is given: the staging area as its engine, the axioms, and the data, chosen there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import NamedNode, Triple

from kg.columns import Columns
from kg.facts import AXIOMATIC, Facts
from kg.reasoning.sparql import OPERATIONS
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.views import asserted_graphs, classes_below
from kg.vocab import FOEDUS, GRAPH, OWL, RDF

__all__ = ["Inside", "axioms", "choose"]


class Inside:
    """The staging area of a server as what reasoning wants of an engine: graphs are named as they are on the server.

    Args:
        staged: the staging area.
    """

    def __init__(self, staged: RemoteStore) -> None:
        self._staged = staged

    def there(self, graph: NamedNode) -> NamedNode:
        """A graph, as it is named on the server."""
        return NamedNode(self._staged.there(graph))

    def update(self, text: str) -> None:
        """See :meth:`kg.reasoning.sparql.Host.update`."""
        self._staged.update(text)

    def select(self, text: str) -> Iterable[Any]:
        """See :meth:`kg.reasoning.sparql.Host.select`."""
        return self._staged.select(text)

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """See :meth:`kg.reasoning.sparql.Host.insert`."""
        self._staged.insert(graph, triples)


def choose(inside: Inside, near: EmbeddedStore, view: str, data: NamedNode) -> None:
    """Put together inside a server what a reasoner is given of the data, see :func:`kg.facts.reasoner_input`.

    Args:
        inside: the staging area.
        near: the graph as it was built here, with the ontology.
        view: the trust policy to reason under, by the name of its graphs.
        data: an empty graph, as it is named on the server.

    Raises:
        StoreError: the server refuses, or cannot be reached.
    """
    into, silent = data, NamedNode(f"{data.value}/silent")
    accepted = inside.there(GRAPH.accepted(view))
    asserted = [inside.there(graph) for graph in asserted_graphs(near)]
    said = " ".join(f"USING {graph}" for graph in asserted)
    known = " ".join(f"USING {graph}" for graph in (*asserted, inside.there(GRAPH.derived(view))))
    classes = ", ".join(sorted(map(str, classes_below(near, FOEDUS.StateOfAffairs))))
    properties = near.match([GRAPH.ontology], predicate=RDF.type, obj=OWL.ObjectProperty)
    axioms = " || ".join(f'STRSTARTS(STR(?o), "{base}")' for base in AXIOMATIC)
    copies = [
        f"INSERT {{ GRAPH {into} {{ ?s {p} ?o }} }} {known} WHERE {{ ?s {p} ?o }}"
        for p in sorted({str(triple.subject) for triple in properties})
    ]
    copies.append(
        f"INSERT {{ GRAPH {into} {{ ?s {RDF.type} ?o }} }} {known} WHERE {{ ?s {RDF.type} ?o FILTER(!({axioms})) }}"
    )
    everything, quiet = f"GRAPH {into} {{ ?s ?p ?o }}", f"GRAPH {silent} {{ ?s ?c ?d }}"
    for start in range(0, len(copies), OPERATIONS):
        inside.update(" ;\n".join(copies[start : start + OPERATIONS]))
    # One request each: in one, Virtuoso does not see in the next operation all that the one before did.
    for operation in (
        f"INSERT {{ GRAPH {silent} {{ ?s {RDF.type} ?c }} }} {said} "
        f"WHERE {{ ?s {RDF.type} ?c FILTER(?c IN ({classes})) }}",
        f"DELETE {{ {quiet} }} WHERE {{ {quiet} GRAPH {accepted} {{ ?s {FOEDUS.status} ?x }} }}",
        f"DELETE {{ {everything} }} WHERE {{ {quiet} {everything} }}",
        f"DROP SILENT GRAPH {silent}",
    ):
        inside.update(operation)
    # Only the ontology states axioms: what a source says of one of its terms is not believed.
    about = f'SELECT DISTINCT ?s WHERE {{ {everything} FILTER(STRSTARTS(STR(?s), "{FOEDUS.base}")) }}'
    for row in inside.select(about):
        if row["s"] in FOEDUS:
            inside.update(f"DELETE WHERE {{ GRAPH {into} {{ {row['s']} ?p ?o }} }}")


def axioms(near: EmbeddedStore) -> Iterator[Triple]:
    """What a reasoner is given of the ontology."""
    facts = Facts.of(near, ())
    return facts.usable(Columns.empty(), Columns.empty()).decode(facts.dictionary)
