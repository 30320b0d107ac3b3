"""Changing what sources say, and drawing the conclusions anew: on a copy, which then takes the place of the graph."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple

from kg.accepting import Reading
from kg.building import Facts, add_view
from kg.documents import without_blank_nodes
from kg.errors import InconsistencyError, UnknownName
from kg.http.refusals import Refused
from kg.serializing import serialize
from kg.store.embedded import EmbeddedStore, readable
from kg.store.generations import Overtaken
from kg.terms import PREFIXES
from kg.trust import policies, policy_named
from kg.validation import validate_change
from kg.views import asserted_graphs, base_graphs, built_policy
from kg.vocab import DCTERMS, FOEDUS, GRAPH

__all__ = ["Change", "Writable", "change", "check_syntax", "source_name"]

_ASSERTED: Final = f"{GRAPH.base}asserted/"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_VIEWS: Final = tuple(f"{GRAPH.base}{kind}/" for kind in ("accepted", "derived", "inferred", "proofs"))
_INFERRED: Final = f"{GRAPH.base}inferred/"
_ATTEMPTS: Final = 3
"""How often a change is made anew because the graph was built anew meanwhile."""
_SHOWN: Final = 100
"""How many violations an error lists."""


@dataclass(frozen=True)
class Change:
    """What a request changes.

    Attributes:
        added: the statements that were not there.
        removed: the statements that are gone.
        generation: name of the generation in which this is so; the old one where nothing changes.
    """

    added: frozenset[Quad]
    removed: frozenset[Quad]
    generation: str

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    @property
    def graphs(self) -> list[str]:
        """The graphs that it changes."""
        return sorted({_graph(quad) for quad in self.added | self.removed})

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON has it: how many statements, in which graphs."""
        return {
            "inserted": len(self.added),
            "deleted": len(self.removed),
            "graphs": self.graphs,
            "generation": self.generation,
        }


class Writable(EmbeddedStore):
    """A copy in memory that can be changed at will."""

    @classmethod
    def of(cls, store: EmbeddedStore) -> Writable:
        """A copy of a store."""
        return cls(store.copy()._database)

    def update(self, text: str, base: str) -> None:
        """Carry out a SPARQL Update.

        Args:
            text: the update.
            base: the IRI against which relative ones in it are read.

        Raises:
            Refused: it does not parse, or cannot be carried out, such as ``CREATE`` of a graph that exists (400).
        """
        check_syntax(text, base)
        try:
            self._database.update(text, base_iri=base, prefixes=PREFIXES)
        except (RuntimeError, ValueError) as fault:
            raise Refused(400, f"the update cannot be carried out: {fault}") from fault

    def put(self, quads: Iterable[Quad]) -> None:
        """Add statements."""
        self._database.extend(quads)

    def take(self, quads: Iterable[Quad]) -> None:
        """Take statements away."""
        for quad in quads:
            self._database.remove(quad)

    def lacks(self, other: EmbeddedStore) -> frozenset[Quad]:
        """What another store has and this one has not."""
        return frozenset(quad for quad in other.quads() if quad not in self._database)


def check_syntax(text: str, base: str) -> None:
    """Whether a text is an update.

    Raises:
        Refused: it does not parse (400).
    """
    try:
        pyoxigraph.Store().update(text, base_iri=base, prefixes=PREFIXES)
    except SyntaxError as fault:
        raise Refused(400, f"the update does not parse: {readable(fault.msg, text)}") from fault
    except (RuntimeError, ValueError):  # it parses; whether it can be carried out depends on the graph
        return


def source_name(graph: str) -> str:
    """The name of the source that an asserted graph is about.

    Raises:
        Refused: the graph is not one that may be written (403).

    Example:
        >>> source_name("https://w3id.org/foedus/graph/asserted/states")
        'states'
    """
    name = graph.removeprefix(_ASSERTED)
    if graph.startswith(_ASSERTED) and _NAME.fullmatch(name):
        return name
    if graph.startswith(_ASSERTED):
        raise Refused(403, f"{graph}: the name of a source has letters, digits and _.- in it, 128 at most")
    what = graph or "the default graph"
    if graph.startswith(_VIEWS):
        what += " holds what follows from the sources, which is worked out anew with every change, and"
    raise Refused(403, f"{what} cannot be written; only {_ASSERTED}NAME can, one graph a source")


def change(path: Path, make: Callable[[Writable], None]) -> Change:
    """Change a store on disk: on a copy, past the shapes, with all that follows; then the copy is in use.

    Args:
        path: the store.
        make: makes the change, in the asserted graphs alone.

    Returns:
        What has changed.

    Raises:
        Refused: it changes what cannot be written (403), breaks the shapes or contradicts the ontology (422), or the
            graph was built anew again and again meanwhile (503).
        StoreError: the store cannot be read or written.
    """
    for _ in range(_ATTEMPTS):
        generation = EmbeddedStore.generation(path)
        before = EmbeddedStore.open(path)
        after = Writable.of(before)
        make(after)
        added, removed = _changed(before, after)
        found = Change(added, removed, generation or "")
        if not found:
            return found
        _check(after, found)
        _draw_conclusions(after, found.graphs)
        try:
            return replace(found, generation=after.publish(path, replacing=generation))
        except Overtaken:
            # A build or another server was first: the change is made anew, to what is there now.
            continue
    raise Refused(503, "the graph was built anew each time before the change was made; try again")


def _changed(before: EmbeddedStore, after: Writable) -> tuple[frozenset[Quad], frozenset[Quad]]:
    """What a copy has more and what it has less; blank nodes in it get their names.

    Raises:
        Refused: that is in a graph that cannot be written (403).
    """
    original = Writable(before._database)
    fresh = original.lacks(after)
    for quad in fresh:
        source_name(_graph(quad))
    removed = after.lacks(before)
    for quad in removed:
        source_name(_graph(quad))
    after.take(fresh)
    after.put(without_blank_nodes(fresh))
    return original.lacks(after), removed


def _check(after: Writable, change: Change) -> None:
    """Hold a change against the shapes.

    Raises:
        Refused: it breaks them (422).
    """
    sources = {graph: source_name(graph.value) for graph in asserted_graphs(after)}
    gone = (NamedNode(name) for name in change.graphs)
    sources |= {graph: source_name(graph.value) for graph in gone if graph not in sources}
    found = validate_change(after, sources, change.added, change.removed)
    violations = [v for v in found if v.severity == "Violation"]
    if violations:
        listed = [
            {"source": v.file, "node": v.node, "path": v.path, "value": v.value, "message": v.message}
            for v in violations[:_SHOWN]
        ]
        count = len(violations)
        says = f"the change breaks the shapes in {count} {'place' if count == 1 else 'places'}; nothing was written"
        raise Refused(422, says, details={"violations": listed})


def _draw_conclusions(after: Writable, graphs: Collection[str]) -> None:
    """Replace what followed by what follows now, and keep the catalog in step.

    Raises:
        Refused: the data now contradict the ontology, or lack the policy in use (422).
    """
    chosen, views = built_policy(after), _views(after)
    catalog = [t for t in after.triples(GRAPH.catalog) if not _is_of(t.subject, graphs)]
    for graph in after.graphs():
        if graph == GRAPH.catalog or graph.value.startswith(_VIEWS):
            after.drop(graph)
    after.insert(GRAPH.catalog, [*catalog, *_entries(after, graphs)])
    known = policies(after, base_graphs(after))
    try:
        policy_named(known, chosen)
        facts, reading = Facts.of(after), Reading.of(after, asserted_graphs(after))
        for policy in known.values():
            # A policy whose view was not there is worked out when somebody asks under it.
            if policy.name == chosen or policy.view in views:
                add_view(after, policy, facts=facts, reading=reading)
    except UnknownName as fault:
        raise Refused(422, f"the graph is built for the policy {chosen!r}, which would be gone") from fault
    except InconsistencyError as fault:
        found = [{"message": i.message, "nodes": list(i.nodes)} for i in fault.inconsistencies[:_SHOWN]]
        raise Refused(422, f"{fault}; nothing was written", details={"inconsistencies": found}) from fault


def _views(store: EmbeddedStore) -> set[str]:
    """The names of the views that a store has; a graph without statements is in the catalog alone."""
    entries = (triple.subject for triple in store.triples(GRAPH.catalog))
    return {s.value.removeprefix(_INFERRED) for s in entries if isinstance(s, NamedNode) and _INFERRED in s.value}


def _is_of(subject: object, graphs: Collection[str]) -> bool:
    """Whether an entry of the catalog is about a view or about a graph that has changed."""
    return isinstance(subject, NamedNode) and (subject.value.startswith(_VIEWS) or subject.value in graphs)


def _entries(store: EmbeddedStore, graphs: Collection[str]) -> list[Triple]:
    """The entries of graphs that were written here: the digest is that of the graph as sorted N-Triples."""
    entries = []
    for graph in (NamedNode(name) for name in sorted(graphs)):
        if triples := list(store.triples(graph)):
            digest = hashlib.sha256(serialize(triples, RdfFormat.N_TRIPLES)).hexdigest()
            entries.append(Triple(graph, DCTERMS.source, Literal(f"{source_name(graph.value)}.nt")))
            entries.append(Triple(graph, FOEDUS.textDigest, Literal(digest)))
    return entries


def _graph(quad: Quad) -> str:
    return "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
