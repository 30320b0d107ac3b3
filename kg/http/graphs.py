"""What is known of each named graph: not what it says, which ``GRAPH`` and the graph store answer; in a worker."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from kg.http import pages
from kg.http.formats import GRAPHS, HTML
from kg.http.frames import Job
from kg.http.refusals import Refused
from kg.http.replies import Reply, agreed
from kg.http.served import Served, ServedGraph
from kg.naming import Names
from kg.serializing import serialize
from kg.terms import near_misses
from kg.vocab import GRAPH, RDF, VOID

__all__ = ["named_graph"]


def named_graph(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """How large a graph is, and what the catalog says of it: where it was read from, or what drew what follows.

    What answers under a policy is described too.

    Raises:
        Refused: there is no such graph (404).
    """
    graph, wanted = served.graph(), NamedNode(job.arguments["iri"])
    media = agreed(job, HTML, *GRAPHS)
    told = set(graph.store.match([GRAPH.catalog], wanted))
    size = graph.sizes.get(wanted)
    if size is None and told and wanted.value.startswith(GRAPH.union("").value):
        # No graph of the store: what answers under a policy, with its parts by class.
        told |= {t for part in list(told) for t in _of_part(graph, part.object)}
    elif size is None:
        known = [name.value.removeprefix(GRAPH.base) for name in graph.sizes]
        near = near_misses(wanted.value.removeprefix(GRAPH.base), known)
        raise Refused(404, f"there is no graph {wanted.value}", [pages.address(GRAPH.base + name) for name in near])
    told.add(Triple(wanted, RDF.type, VOID.Dataset))
    if size is not None:
        told.add(Triple(wanted, VOID.triples, Literal(size)))
    if media != HTML:
        reply.whole(media, serialize(told, GRAPHS[media]))
        return
    out = sorted(((t.predicate, t.object) for t in told if t.subject == wanted), key=str)
    labels = Names(graph.store, graph.scope.graphs).labels([term for pair in out for term in pair])
    reply.whole(media, pages.node(wanted.value.removeprefix(GRAPH.base), wanted.value, out, [], labels))


def _of_part(graph: ServedGraph, part: object) -> Iterator[Triple]:
    return graph.store.match([GRAPH.catalog], part) if isinstance(part, NamedNode) else iter(())
