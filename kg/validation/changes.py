"""The faults that a change of a store can have made, without reading all of the store.

Shapes are read for how far they look from a node, see :mod:`kg.reach`: only what a change is within reach of is
checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import rdflib
from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from kg.errors import Violation
from kg.reach import Chain, Facts, Unreadable, Walk, chains
from kg.store.base import Readable
from kg.validation.documents import quoted, unknown_terms, validate
from kg.validation.shacl import Data, name_of, quiet, read_shapes, results, to_rdflib, to_term
from kg.vocab import FOEDUS, RDFS

__all__ = ["validate_change"]

_chains = lru_cache(maxsize=1)(chains)


def _looked_along(changed: Iterable[Triple], shapes: rdflib.Graph) -> frozenset[Chain] | None:
    """The chains along which shapes look, or ``None`` where a change may bear on everything."""
    # Schema among the data, blank nodes and triples about triples are rare, and too much may depend on them.
    if any(
        not isinstance(t.subject, NamedNode)
        or isinstance(t.object, BlankNode | Triple)
        or t.subject.value.startswith(FOEDUS.base)
        or t.predicate == RDFS.subClassOf
        for t in changed
    ):
        return None
    try:
        return _chains(shapes)
    except Unreadable:
        return None


def validate_change(
    store: Readable,
    sources: Mapping[NamedNode, str],
    added: Iterable[Quad],
    removed: Iterable[Quad],
    *,
    shapes: Sequence[Path] | None = None,
) -> list[Violation]:
    """The faults that a change of a store can have made; only what the change bears on is read and checked.

    The time depends on the change, not on the size of the store, except where schema is changed among the data: then
    all of it is checked.

    Args:
        store: the store after the change.
        sources: the graphs to check together, each with the name by which a fault says where it is, in the order in
            which they are looked through for that.
        added: the statements of those graphs that were not there.
        removed: the statements that are gone.
        shapes: files of shapes, in Turtle, to use in the place of those that ship.

    Returns:
        The faults of every node that the change bears on, as :func:`validate` describes them.

    Example:
        >>> from kg.store.embedded import EmbeddedStore
        >>> from kg.vocab import GRAPH, RDF
        >>> store, graph = EmbeddedStore(), GRAPH.asserted("wars")
        >>> kind = Triple(NamedNode("https://example.org/war"), RDF.type, FOEDUS.ArmedConflict)
        >>> store.insert(graph, [kind])
        >>> len(validate_change(store, {graph: "wars"}, [Quad(*kind, graph)], []))
        4
    """
    chosen = read_shapes(shapes)
    held = _Held(store, tuple(sources), removed)
    found: set[Violation] = set()
    fresh: list[Quad] = []
    for quad in added:
        if isinstance(quad.object, Triple):
            # It is no part of what shapes see.
            assert isinstance(quad.graph_name, NamedNode)
            found.add(quoted(sources[quad.graph_name], quad.triple))
        else:
            fresh.append(quad)
    new = held.unknown_before(fresh)
    changed = new | {t for t in held.removed if not isinstance(t.object, Triple) and not held.stands(t)}
    looked_along = _looked_along(changed, chosen)
    if looked_along is None:
        return validate({name: list(store.triples(graph)) for graph, name in sources.items()}, shapes=shapes)
    nodes = [node for node in held.affected(changed, looked_along) if not isinstance(node, Triple)]
    names = {name_of(to_term(node, "")) for node in nodes}  # type: ignore[arg-type]
    data = Data()
    with quiet():
        for triple in {triple for node in nodes for triple in held.read(node, looked_along)}:
            if not isinstance(triple.object, Triple) and held.stands(triple):
                data.add(to_rdflib(triple))
        if shapes is None:
            for quad in fresh:
                if quad.triple in new:
                    assert isinstance(quad.graph_name, NamedNode)
                    found.update(unknown_terms(sources[quad.graph_name], to_rdflib(quad.triple)))
        for node, path, value, message, severity in results(data, chosen):
            if node in names:
                graph = held.place(node, path, value)
                file = sources[graph] if graph is not None else ""
                found.add(Violation(file, node, path, value, message, severity))
    return sorted(found)


class _Held(Walk):
    """What a store says, and what it said before a change.

    Args:
        store: the store after the change.
        graphs: the graphs looked at.
        removed: the statements that are gone.
    """

    def __init__(self, store: Readable, graphs: Sequence[NamedNode], removed: Iterable[Quad]) -> None:
        self._store = store
        self._graphs = graphs
        self.removed = frozenset(quad.triple for quad in removed)
        self._gone = Facts(self.removed)
        self._described: dict[NamedNode, dict[str, list[Triple]]] = {}

    def along(self, prop: str, node: object, *, ahead: bool) -> Iterable[Triple]:
        """See :meth:`kg.reach.Walk.along`."""
        found = list(self._gone.along(prop, node, ahead=ahead))
        if not ahead:
            predicate = NamedNode(prop) if prop else None
            found.extend(self._store.match(self._graphs, predicate=predicate, obj=node))  # type: ignore[arg-type]
        elif isinstance(node, NamedNode):
            found.extend(self._description(node).get(prop, ()))
        return found

    def _description(self, node: NamedNode) -> dict[str, list[Triple]]:
        """What is said of a node, by property; read once, for most chains begin with it."""
        if node not in self._described:
            told = self._described[node] = defaultdict(list)
            for triple in self._store.match(self._graphs, node):
                told[triple.predicate.value].append(triple)
                told[""].append(triple)
        return self._described[node]

    def stands(self, triple: Triple) -> bool:
        """Whether the store says a triple after the change."""
        return any(True for _ in self._in(self._graphs, triple))

    def unknown_before(self, added: Collection[Quad]) -> set[Triple]:
        """Which of the statements added were said nowhere before."""
        places: dict[Triple, set[NamedNode]] = {}
        for quad in added:
            assert isinstance(quad.graph_name, NamedNode)
            places.setdefault(quad.triple, set()).add(quad.graph_name)
        return {
            triple
            for triple, here in places.items()
            if triple not in self.removed and not any(self._in([g for g in self._graphs if g not in here], triple))
        }

    def place(self, node: str, path: str, value: str) -> NamedNode | None:
        """The graph that states what is at fault, or describes a node, or speaks of it."""
        try:
            described = NamedNode(node)
        except ValueError:  # a literal, of which nothing is said
            return None
        for graph in self._graphs if path else ():
            stated = self._store.match([graph], described, NamedNode(path))
            if any(not isinstance(t.object, Triple) and str(to_term(t.object, "")) == value for t in stated):
                return graph
        for predicate in (NamedNode(path), None) if path else (None,):
            for graph in self._graphs:
                stated = self._store.match([graph], described, predicate)
                if any(not isinstance(t.object, Triple) for t in stated):
                    return graph
        return next((g for g in self._graphs if any(self._store.match([g], obj=described))), None)

    def _in(self, graphs: Sequence[NamedNode], triple: Triple) -> Iterator[Triple]:
        return self._store.match(graphs, triple.subject, triple.predicate, triple.object)  # type: ignore[arg-type]
