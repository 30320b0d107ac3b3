"""The graph while it is changed: it shares its files with the generation in use, and only what differs is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from kg.documents import without_blank_nodes
from kg.errors import StoreError
from kg.files import writing
from kg.http.lines import Lines, line, lines_of, statements
from kg.http.refusals import Refused
from kg.http.touching import ANYTHING, Pattern, emptied, touched
from kg.store.embedded import EmbeddedStore
from kg.store.faults import readable
from kg.store.generations import Overtaken, generation_in_use, make_room
from kg.store.making import Unfinished
from kg.terms import PREFIXES
from kg.views import VIEWS
from kg.vocab import GRAPH

__all__ = ["Quads", "Writable", "check_syntax", "graph_of", "source_name"]

Quads: TypeAlias = frozenset[Quad]

_ASSERTED: Final = f"{GRAPH.base}asserted/"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_MANY: Final = 20_000
"""From so many triples on they are loaded as a file, which is quicker than one by one."""


class Writable(Unfinished):
    """What is to follow the generation in use.

    Args:
        database: its database.
        before: the generation in use.
        place: the folder of the database.
        lines: the lines of graphs of the generation in use, as far as they are known.

    Attributes:
        before: the generation in use.
    """

    linger = 600.0

    def __init__(self, database: pyoxigraph.Store, before: EmbeddedStore, place: Path, lines: Lines) -> None:
        super().__init__(database, before.path, place)
        self.before, self._lines = before, lines
        self._touched: set[Pattern] = set()

    @classmethod
    @contextmanager
    def of(cls, store: EmbeddedStore, lines: Lines = MappingProxyType({})) -> Iterator[Writable]:
        """What is to follow the generation that was opened; gone afterwards, unless it was published.

        Args:
            store: the store, of which one generation was opened.
            lines: the lines of its graphs, as far as they are known.

        Raises:
            Overtaken: the generation is no longer in use.
            StoreError: the store's folder cannot be written.
        """
        path = store.path
        assert path is not None
        with make_room(path) as room:
            place = room / "database"
            try:
                database = store.linked(place)
            except (OSError, RuntimeError) as fault:
                if generation_in_use(path) != store.opened:
                    raise Overtaken(f"{path}: another graph came into use meanwhile; nothing was written") from fault
                raise StoreError(f"{path}: cannot be written: {fault}") from fault
            after = cls(database, store, place, lines)
            del database  # what holds on to it would keep its folder from being put to use
            try:
                yield after
            finally:
                after.let_go()

    def update(self, text: str, base: str) -> None:
        """Carry out a SPARQL Update.

        Args:
            text: the update.
            base: the IRI against which relative ones in it are read.

        Raises:
            Refused: it does not parse, or cannot be carried out, such as ``CREATE`` of a graph that exists (400), or
                it empties a graph that cannot be written (403).
            StoreError: the disk cannot be written.
        """
        check_syntax(text, base)
        # What it does is looked at afterwards, but to empty a long graph takes longer than anybody waits.
        gone = emptied(text, base)
        for graph in self.graphs():
            if (graph in gone or None in gone) and any(True for _ in self.triples(graph)):
                source_name(graph.value)
        self._touched |= touched(text, base)
        try:
            with writing(self.path):
                self._database.update(text, base_iri=base, prefixes=PREFIXES)
        except (RuntimeError, ValueError) as fault:
            raise Refused(400, f"the update cannot be carried out: {fault}") from fault

    def put(self, quads: Iterable[Quad]) -> None:
        """Add statements without blank nodes."""
        given = list(quads)
        self._touched.update(tuple(quad) for quad in given)
        self._extend(given)

    def take(self, quads: Iterable[Quad]) -> None:
        """Take statements without blank nodes away."""
        for quad in quads:
            self._touched.add(tuple(quad))
            self._database.remove(quad)

    def replace(self, graph: NamedNode, quads: Iterable[Quad]) -> None:
        """Give a graph other statements, without blank nodes; those that it has already stay as they are."""
        wanted, held = {line(quad): quad for quad in quads}, set(self._before(graph))
        self.take(statements(held - wanted.keys(), graph))
        self.put(wanted[new] for new in wanted.keys() - held)

    def revise(self, graph: NamedNode, added: Iterable[Triple], removed: Iterable[Triple]) -> None:
        """Change a graph of conclusions, or the catalog.

        Raises:
            StoreError: the disk cannot be written.
        """
        with writing(self.path):
            for triple in removed:
                self._database.remove(Quad(triple.subject, triple.predicate, triple.object, graph))
        more = list(added)
        if len(more) < _MANY:
            self._extend([Quad(triple.subject, triple.predicate, triple.object, graph) for triple in more])
        else:
            self.insert(graph, more)

    def changes(self) -> tuple[Quads, Quads]:
        """What sources say more than before and what they say less; blank nodes in it get their names.

        Raises:
            Refused: something else has changed (403).
        """
        fresh, removed = set[Quad](), set[Quad]()
        for more, less in self._differences():
            for quad in (*more, *less):
                source_name(graph_of(quad))
            fresh |= more
            removed |= less
        named = frozenset(without_blank_nodes(fresh))
        for quad in fresh - named:
            self._database.remove(quad)
        self._extend(named - fresh)
        return frozenset(q for q in named if q not in self.before._database), frozenset(removed - named)

    def _differences(self) -> Iterator[tuple[set[Quad], set[Quad]]]:
        """What there is more and less than before, in parts; what may not be changed first."""
        now, then = self._database, self.before._database
        graphs = {pattern[3] for pattern in self._touched if pattern[:3] == ANYTHING[:3]}
        if None in graphs:
            graphs = {DefaultGraph(), *self.graphs(), *self.before.graphs()}
        for graph in sorted(graphs, key=lambda g: (str(g).startswith(f"<{_ASSERTED}"), str(g))):
            assert isinstance(graph, NamedNode | DefaultGraph)
            yield self._in_all_of(graph)
        for pattern in self._touched:
            if pattern[3] in graphs:
                continue
            if None in pattern:
                after, before = (set(database.quads_for_pattern(*pattern)) for database in (now, then))
                yield after - before, before - after
            else:
                quad = Quad(*pattern)  # type: ignore[arg-type]
                here, there = quad in now, quad in then
                yield {quad} if here and not there else set(), {quad} if there and not here else set()

    def _in_all_of(self, graph: NamedNode | DefaultGraph) -> tuple[set[Quad], set[Quad]]:
        """What a graph has more than before and what it has less, by its text: a long one takes too long otherwise."""
        name = "" if isinstance(graph, DefaultGraph) else graph.value
        if not name.startswith(_ASSERTED):
            # It may be longer than memory, and that it has changed is all that matters.
            then, now = _Digest(), _Digest()
            for database, digest in ((self.before._database, then), (self._database, now)):
                database.dump(digest, RdfFormat.N_TRIPLES, from_graph=graph)  # type: ignore[arg-type]
            if then.hexdigest() != now.hexdigest():
                source_name(name)
            return set(), set()
        assert isinstance(graph, NamedNode)
        old, new = set(self._before(graph)), set(lines_of(self, graph))
        return set(statements(new - old, graph)), set(statements(old - new, graph))

    def _before(self, graph: NamedNode) -> Sequence[bytes]:
        known = self._lines.get(graph.value)
        return lines_of(self.before, graph) if known is None else known

    def _extend(self, quads: Iterable[Quad]) -> None:
        with writing(self.path):
            self._database.extend(quads)

    def fresh(self) -> EmbeddedStore:
        """An empty store that takes the place of this one when it is done, see :meth:`become`."""
        return EmbeddedStore(pyoxigraph.Store(str(self.folder.with_name("fresh"))))

    def become(self, fresh: EmbeddedStore) -> None:
        """Take what is in a fresh store for what is to follow."""
        self.let_go()
        self._database, self.folder = fresh._database, self.folder.with_name("fresh")
        fresh._database = pyoxigraph.Store()
        self.optimize()

    def _write(self, folder: Path) -> None:
        for graph in self.graphs():
            if not any(True for _ in self.triples(graph)):
                self._database.remove_graph(graph)
        super()._write(folder)


class _Digest:
    """A file that is not kept, but for what tells it from others."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b()

    def write(self, data: bytes) -> int:
        """Take note of some bytes."""
        self._hash.update(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing waits to be written."""

    def hexdigest(self) -> str:
        """What tells it from others."""
        return self._hash.hexdigest()


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
    if graph.startswith(VIEWS):
        what += " holds what follows from the sources, which is worked out anew with every change, and"
    raise Refused(403, f"{what} cannot be written; only {_ASSERTED}NAME can, one graph a source")


def graph_of(quad: Quad) -> str:
    """The name of a statement's graph, ``""`` for the default graph."""
    return "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
