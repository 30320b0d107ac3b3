"""The part of a long record that can bear on one conclusion.

Every axiom of the ontology that derives something of data goes along the edges of nodes: from an episode down to its
legs and what they arise from, and between two states by nodes that lead to both of them. So the proofs of one triple
need no more than what is said of the nodes found here, however long the record is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions, Triple

from kg.store.base import Store
from kg.vocab import FOEDUS, GRAPH, PROV, RDF

__all__ = ["around"]

_DEPTH: Final = 4
"""An episode leads to an obligation, that to a membership or a provision, that to an alliance or a state."""


def around(store: Store, graphs: Sequence[NamedNode], view: str, triple: Triple) -> frozenset[NamedNode]:
    """The nodes whose description can bear on a triple.

    Args:
        store: the store.
        graphs: the asserted graphs.
        view: name of the view.
        triple: the triple, of named nodes.
    """
    data = [*graphs, GRAPH.derived(view)]
    ends = [term for term in (triple.subject, triple.object) if isinstance(term, NamedNode) and term not in FOEDUS]
    found = set(ends)
    if triple.predicate != RDF.type and len(ends) == 2:
        found |= _between(store, data, GRAPH.derived(view), ends[0], ends[1])
    frontier = found - _states(store, data, found)
    for _ in range(_DEPTH):
        reached = {
            t.object
            for node in frontier
            for t in store.match(data, node)
            if isinstance(t.object, NamedNode) and t.predicate not in (RDF.type, PROV.wasDerivedFrom)
        }
        new = {node for node in reached if node not in FOEDUS} - found
        found |= new
        frontier = new - _states(store, data, new)
    return frozenset(found)


def _between(
    store: Store, data: Sequence[NamedNode], derived: NamedNode, one: NamedNode, other: NamedNode
) -> set[NamedNode]:
    """The nodes that lead to both of two nodes, by one edge each or, of what rules derive, by two."""
    text = f"""SELECT DISTINCT ?node WHERE {{
        {{ {{ SELECT DISTINCT ?node WHERE {{ ?node ?p {one} }} }}
          {{ SELECT DISTINCT ?node WHERE {{ ?node ?q {other} }} }} }}
        UNION
        {{ {{ SELECT DISTINCT ?node WHERE {{ ?a ?p {one} . GRAPH {derived} {{ ?node ?leg ?a }} }} }}
          {{ SELECT DISTINCT ?node WHERE {{ ?b ?q {other} . GRAPH {derived} {{ ?node ?leg ?b }} }} }} }} }}"""
    answer = store.query(text, default_graphs=data, named_graphs=[derived])
    assert isinstance(answer, QuerySolutions)
    return {node for (node,) in answer if isinstance(node, NamedNode)}


def _states(store: Store, data: Sequence[NamedNode], nodes: set[NamedNode]) -> set[NamedNode]:
    """Those of some nodes that are states: everything meets in them, and no axiom goes on through them."""
    return {n for n in nodes if any(True for _ in store.match(data, n, RDF.type, FOEDUS.State))}
