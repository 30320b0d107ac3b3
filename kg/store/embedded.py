"""The store inside the process: Oxigraph, in memory or read from disk.

On disk a store is a folder with one sub-folder a generation, each an Oxigraph database that never changes once written,
and a file ``current`` that names the one in use. Publishing writes a new generation beside the old one and then
replaces ``current`` in one step, so that a full disk, a crash or a reader in the middle always leaves a whole store.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyoxigraph
from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, RdfFormat, Triple

from kg.errors import QueryError, StoreError
from kg.terms import PREFIXES, Term

__all__ = ["EmbeddedStore", "Overtaken", "readable"]

_CURRENT = "current"
_LOCK = "lock"
_PATIENCE = 600.0
"""Seconds to wait for another process that is publishing to the same place."""
_GENERATION = "generation-"
_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_FEW = 4
_WORDS = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|[^,\[\"\n]+(?=,|$)")


class Overtaken(StoreError):
    """The generation that was to be replaced is no longer the one in use."""


class EmbeddedStore:
    """Named graphs in an Oxigraph database of this process.

    Example:
        >>> from pyoxigraph import Literal
        >>> store = EmbeddedStore()
        >>> graph, node = NamedNode("https://example.org/g"), NamedNode("https://example.org/s")
        >>> store.insert(graph, [Triple(node, node, Literal("x"))])
        >>> [g.value for g in store.graphs()]
        ['https://example.org/g']
    """

    def __init__(self, database: pyoxigraph.Store | None = None, path: Path | None = None) -> None:
        self._database = pyoxigraph.Store() if database is None else database
        self.path = path

    @classmethod
    def open(cls, path: Path) -> EmbeddedStore:
        """Open the generation in use of a store on disk, to read.

        Raises:
            StoreError: there is no store at the path, or it is damaged.
        """
        current = path / _CURRENT
        try:
            generation = path / current.read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError) as fault:
            raise StoreError(f"{path}: no store here; make one with `kg build --store {path}`") from fault
        except OSError as fault:
            raise StoreError(f"{path}: cannot be read: {fault.strerror}") from fault
        if not generation.name.startswith(_GENERATION) or not (generation / "CURRENT").exists():
            raise StoreError(f"{path}: damaged, {generation.name!r} is missing; build it again")
        try:
            return cls(pyoxigraph.Store.read_only(str(generation)), path)
        except (OSError, RuntimeError) as fault:
            raise StoreError(f"{path}: damaged, build it again ({fault})") from fault

    @staticmethod
    def exists(path: Path) -> bool:
        """Whether a store has been published at the path."""
        return (path / _CURRENT).is_file()

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
        from filelock import FileLock, Timeout

        if path.is_dir() and any(path.iterdir()) and not self.exists(path) and not _only_generations(path):
            raise StoreError(f"{path}: a folder with other files in it; name an empty or a new folder")
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path / _LOCK)
            lock.acquire(timeout=_PATIENCE)
        except Timeout as fault:
            raise StoreError(f"{path}: another process has been writing for {_PATIENCE:g} seconds; end it") from fault
        except OSError as fault:
            raise StoreError(f"{path}: cannot be written: {fault.strerror}") from fault
        try:
            previous = self.generation(path)
            if replacing is not None and previous != replacing:
                raise Overtaken(f"{path}: was built anew meanwhile; nothing was written")
            return self._write(path, previous)
        finally:
            lock.release()

    def _write(self, path: Path, previous: str | None) -> str:
        """Write a generation and put it to use, alone."""
        try:
            generation = Path(tempfile.mkdtemp(prefix=_GENERATION, dir=path))
        except OSError as fault:
            raise StoreError(f"{path}: cannot be written: {fault.strerror}") from fault
        try:
            database = pyoxigraph.Store(str(generation))
            database.bulk_extend(self._database)
            database.optimize()
            database.flush()
            del database
            pointer = path / f"{_CURRENT}.{generation.name}"
            try:
                pointer.write_text(generation.name + "\n", encoding="utf-8")
                pointer.replace(path / _CURRENT)
            finally:
                pointer.unlink(missing_ok=True)
        except OSError as fault:
            shutil.rmtree(generation, ignore_errors=True)
            raise StoreError(f"{path}: cannot be written, the old store is untouched: {fault}") from fault
        # The generation just replaced stays for those who are reading it; older ones go.
        for old in path.glob(f"{_GENERATION}*"):
            if old.name not in (generation.name, previous):
                shutil.rmtree(old, ignore_errors=True)
        return generation.name

    @staticmethod
    def generation(path: Path) -> str | None:
        """Name of the generation in use of the store at a path, ``None`` where there is no store."""
        try:
            return (path / _CURRENT).read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def copy(self) -> EmbeddedStore:
        """The same graphs in a new store in memory."""
        database = pyoxigraph.Store()
        database.bulk_extend(self._database)
        return EmbeddedStore(database)

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

    def match(
        self,
        graphs: Sequence[NamedNode],
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
    ) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Store.match`."""
        for graph in graphs:
            for quad in self._database.quads_for_pattern(subject, predicate, obj, graph):
                yield quad.triple

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Store.triples`."""
        return (quad.triple for quad in self._database.quads_for_pattern(None, None, None, graph))

    def quads(self) -> Iterator[Quad]:
        """Every triple with its graph."""
        return iter(self._database)

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
            self._database.bulk_load(data, format=RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
        except (OSError, RuntimeError) as fault:
            raise StoreError(f"{self.path or 'the store'}: cannot be written: {fault}") from fault

    def drop(self, graph: NamedNode) -> None:
        """See :meth:`kg.store.base.Store.drop`."""
        self._database.remove_graph(graph)

    def graphs(self) -> list[NamedNode]:
        """See :meth:`kg.store.base.Store.graphs`."""
        return sorted((g for g in self._database.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value)


def readable(message: str, text: str) -> str:
    """The parser's message without the sets of characters in it, and with the place in the text."""
    match = _PLACE.match(message)
    if match is None:
        return message
    line, column = int(match[1]), int(match[2])
    wanted = [word.strip() for word in _WORDS.findall(match[3]) if not word.startswith("[")]
    lines = text.splitlines()
    near = lines[line - 1][column - 1 :].strip()[:30] if line <= len(lines) else ""
    at = f"line {line}, column {column}, at {near!r}" if near else f"line {line}, column {column}, at the end"
    # A long list of what could stand there helps nobody.
    return f"{at}: expected {' or '.join(wanted)}" if 0 < len(wanted) <= _FEW else at


def _only_generations(path: Path) -> bool:
    return all(entry.name.startswith(_GENERATION) or entry.name == _LOCK for entry in path.iterdir())
