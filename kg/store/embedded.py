"""The store inside the process: Oxigraph, in memory or read from disk.

On disk a store is a folder with generations, see :mod:`kg.store.generations`, each an Oxigraph database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final

import pyoxigraph
from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, RdfFormat, Triple

from kg.errors import QueryError, StoreError, is_damage
from kg.store.faults import readable
from kg.store.generations import folder_in_use, generation_in_use, publish, published
from kg.store.holding import Hold
from kg.terms import PREFIXES, Term

__all__ = ["EmbeddedStore"]

_LOOKS: Final = 5
"""How often to look which generation is in use, where each has been replaced and removed before it could be held."""


class EmbeddedStore:
    """Named graphs in an Oxigraph database of this process.

    Attributes:
        path: the folder of the store, where it was opened.
        opened: name of the generation that was opened.
        folder: the folder of the database, where it is on disk.

    Example:
        >>> from pyoxigraph import Literal
        >>> store = EmbeddedStore()
        >>> graph, node = NamedNode("https://example.org/g"), NamedNode("https://example.org/s")
        >>> store.insert(graph, [Triple(node, node, Literal("x"))])
        >>> [g.value for g in store.graphs()]
        ['https://example.org/g']
    """

    linger: ClassVar[float] = 0.0
    """Seconds for which generations replaced before stay when this one is published."""

    def __init__(
        self, database: pyoxigraph.Store | None = None, path: Path | None = None, opened: str | None = None
    ) -> None:
        self._database = pyoxigraph.Store() if database is None else database
        # In memory, loading in bulk takes half as long again as a transaction does.
        self._in_bulk = database is not None
        self.path, self.opened = path, opened
        self.folder = None if path is None or opened is None else path / opened
        self._held: Hold | None = None

    @classmethod
    def open(cls, path: Path) -> EmbeddedStore:
        """Open the generation in use of a store on disk, to read; it stays there as long as this store does.

        Raises:
            StoreError: there is no store at the path, or it is damaged.
        """
        generation, held = _held(path)
        try:
            database = pyoxigraph.Store.read_only(str(generation))
        except (OSError, RuntimeError) as fault:
            raise _damaged(path, fault) from fault
        store = cls(database, path, generation.name)
        store._held = held
        return store

    def hold(self) -> None:
        """Keep the generation that was opened from being removed again, after :meth:`let_be`."""
        if self._held is not None:
            self._held.take()

    def let_be(self) -> None:
        """Read nothing for now: once it has been replaced, the generation that was opened may be removed."""
        if self._held is not None:
            self._held.let_go()

    @staticmethod
    def exists(path: Path) -> bool:
        """Whether a store has been published at the path."""
        return published(path)

    def publish(self, path: Path, *, replacing: str | None = None) -> str:
        """Write all graphs to disk as the generation in use, in one step; who publishes to one place does so in turn.

        Args:
            path: the folder of the store.
            replacing: the generation that has to be in use still, where it matters, as :meth:`generation` names it.

        Returns:
            Name of the new generation.

        Raises:
            Overtaken: another generation is in use by now; nothing was written.
            StoreError: the path cannot be written; what was there before stays in use.
        """
        return publish(path, self._write, replacing=replacing, linger=self.linger)

    def _write(self, folder: Path) -> None:
        """Write all graphs into an empty folder."""
        database = pyoxigraph.Store(str(folder))
        database.bulk_extend(self._database)
        database.optimize()
        database.flush()

    @staticmethod
    def generation(path: Path) -> str | None:
        """Name of the generation in use of the store at a path, ``None`` where there is no store."""
        return generation_in_use(path)

    def linked(self, folder: Path) -> pyoxigraph.Store:
        """A database of the same graphs, to write to, in a folder that does not exist yet.

        It shares the files of this one, which never change, by hard links where the file system has them.

        Raises:
            OSError: it cannot be written.
        """
        self._database.backup(str(folder))
        return pyoxigraph.Store(str(folder))

    def n_triples(self, graph: NamedNode) -> bytes:
        """A graph as N-Triples, in no particular order."""
        with self._reading():
            data = self._database.dump(format=RdfFormat.N_TRIPLES, from_graph=graph)
        assert data is not None
        return data

    def copy(self, graphs: Iterable[NamedNode] | None = None) -> EmbeddedStore:
        """See :meth:`kg.store.base.Store.copy`."""
        copy = EmbeddedStore()
        if graphs is None:
            copy._database.bulk_extend(self._database)
        else:
            for graph in graphs:
                copy.load(graph, self.n_triples(graph))
        return copy

    def query(
        self,
        text: str,
        *,
        default_graphs: Sequence[NamedNode] = (),
        named_graphs: Sequence[NamedNode] | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """See :meth:`kg.store.base.Store.query`."""
        try:
            return self._database.query(
                text,
                base_iri=PREFIXES["id"],
                default_graph=list(default_graphs),
                named_graphs=None if named_graphs is None else list(named_graphs),
                prefixes=None if prefixes is None else dict(prefixes),
            )
        except SyntaxError as fault:
            raise QueryError(f"the query does not parse: {readable(fault.msg, text)}") from fault
        except RuntimeError as fault:
            if is_damage(fault):
                raise _damaged(self.path, fault) from fault
            # A function that is not known, which is noticed when all has been parsed.
            raise QueryError(f"the query cannot be answered: {fault}") from fault

    def match(
        self,
        graphs: Sequence[NamedNode],
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
    ) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Store.match`."""
        with self._reading():
            for graph in graphs:
                for quad in self._database.quads_for_pattern(subject, predicate, obj, graph):
                    yield quad.triple

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Store.triples`."""
        return self.match([graph])

    def quads(self) -> Iterator[Quad]:
        """Every triple with its graph."""
        with self._reading():
            yield from self._database

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What reads a store on disk, whose damage shows only where it is read.

        Raises:
            StoreError: it is damaged.
        """
        try:
            yield
        except (OSError, RuntimeError) as fault:
            raise _damaged(self.path, fault) from fault

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """See :meth:`kg.store.base.Store.insert`.

        Raises:
            StoreError: the store was opened to read.
        """
        # Written out and read back, which is quicker than object by object.
        data = pyoxigraph.serialize(triples, format=RdfFormat.N_TRIPLES)
        assert data is not None
        self.load(graph, data)

    def load(self, graph: NamedNode, data: bytes) -> None:
        """Add triples to one graph.

        Args:
            graph: the graph.
            data: N-Triples, in UTF-8, whose terms are known to be valid.

        Raises:
            StoreError: the store was opened to read.
        """
        try:
            load = self._database.bulk_load if self._in_bulk else self._database.load
            load(data, format=RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
        except (OSError, RuntimeError) as fault:
            raise StoreError(f"{self.path or 'the store'}: cannot be written: {fault}") from fault

    def drop(self, graph: NamedNode) -> None:
        """See :meth:`kg.store.base.Store.drop`."""
        self._database.remove_graph(graph)

    def graphs(self) -> list[NamedNode]:
        """See :meth:`kg.store.base.Store.graphs`."""
        with self._reading():
            return sorted((g for g in self._database.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value)


def _held(path: Path) -> tuple[Path, Hold]:
    """The generation in use of a store, held.

    Raises:
        StoreError: there is no store at the path, or it is damaged.
    """
    for _ in range(_LOOKS):
        generation = folder_in_use(path)
        held = Hold(generation)
        if held.take():
            break
    return generation, held


def _damaged(path: Path | None, fault: Exception) -> StoreError:
    return StoreError(f"{path or 'the store'}: damaged, build it again ({fault})")
