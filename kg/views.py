"""Views: the graphs that answer under one trust policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeGuard

from pyoxigraph import Literal, NamedNode, Triple

from kg.store.base import Readable, Store
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDFS

__all__ = [
    "VIEWS",
    "asserted_graphs",
    "base_graphs",
    "built_policy",
    "built_version",
    "classes_below",
    "graphs_of_view",
    "is_of_view",
    "leading_to",
    "source_of",
    "view_exists",
    "written",
    "written_sources",
]


VIEWS: Final = tuple(f"{GRAPH.base}{kind}/" for kind in ("accepted", "derived", "inferred", "proofs"))
"""How the graphs begin that hold what follows under a trust policy."""


def is_of_view(subject: object) -> TypeGuard[NamedNode]:
    """Whether an entry of the catalog is about a graph of some view, or about the union that answers under it.

    Args:
        subject: subject of the entry.
    """
    return isinstance(subject, NamedNode) and subject.value.startswith((*VIEWS, GRAPH.union("").value))


def asserted_graphs(store: Store) -> list[NamedNode]:
    """The graphs that hold what sources say, one a file."""
    return [g for g in store.graphs() if g.value.startswith(f"{GRAPH.base}asserted/")]


def base_graphs(store: Store) -> list[NamedNode]:
    """The ontology's graph and the asserted ones: what no policy changes."""
    return [GRAPH.ontology, *asserted_graphs(store)]


def graphs_of_view(store: Store, view: str) -> list[NamedNode]:
    """The graphs whose union a question is asked of: ontology, asserted, accepted, derived and inferred."""
    return [*base_graphs(store), GRAPH.accepted(view), GRAPH.derived(view), GRAPH.inferred(view)]


def built_policy(store: Store) -> str:
    """Name of the trust policy that a store was built with, ``"reported"`` where it does not say."""
    for triple in store.match([GRAPH.catalog], GRAPH.catalog, FOEDUS.policyName):
        if isinstance(triple.object, Literal):
            return triple.object.value
    return "reported"


def built_version(store: Store) -> str | None:
    """The version of the software, and so of the ontology, that built a store; ``None`` where it does not say."""
    for triple in store.match([GRAPH.catalog], GRAPH.catalog, OWL.versionInfo):
        if isinstance(triple.object, Literal):
            return triple.object.value
    return None


def source_of(graph: NamedNode) -> str:
    """Name of the source that an asserted graph is about.

    Example:
        >>> source_of(GRAPH.asserted("states"))
        'states'
    """
    return graph.value.removeprefix(GRAPH.asserted("").value)


def written(graph: NamedNode) -> Triple:
    """What the catalog says of what a source says that was written over HTTP, and so stands in no file."""
    return Triple(graph, DCTERMS.provenance, Literal("written over HTTP"))


def written_sources(store: Store) -> set[str]:
    """Names of the sources that were written over HTTP since the store was built."""
    return {
        source_of(graph)
        for graph in asserted_graphs(store)
        if any(True for _ in store.match([GRAPH.catalog], graph, DCTERMS.provenance))
    }


def view_exists(store: Store, view: str) -> bool:
    """Whether the conclusions under a policy are in the store."""
    return any(True for _ in store.match([GRAPH.catalog], GRAPH.inferred(view)))


def classes_below(store: Readable, top: NamedNode) -> set[NamedNode]:
    """A class of the ontology with all its subclasses.

    Args:
        store: the store, with the ontology in its graph.
        top: the class.
    """
    return leading_to(top, lambda cls: store.match([GRAPH.ontology], None, RDFS.subClassOf, cls))


def leading_to(top: NamedNode, those: Callable[[NamedNode], Iterable[Triple]]) -> set[NamedNode]:
    """A node with all nodes that lead to it, over however many others.

    Args:
        top: the node.
        those: the triples that lead to a node.
    """
    found, frontier = {top}, [top]
    while frontier:
        for triple in those(frontier.pop()):
            if isinstance(triple.subject, NamedNode) and triple.subject not in found:
                found.add(triple.subject)
                frontier.append(triple.subject)
    return found
