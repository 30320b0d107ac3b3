"""Loading triples into a store while the next are being worked out: the store needs no part of the interpreter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

from pyoxigraph import NamedNode

from kg.store.embedded import EmbeddedStore

__all__ = ["Loading"]

_WAITING: Final = 4
"""How many parts may wait for their turn: enough that the store never does, and few enough to take little room."""


class Loading:
    """Loads parts of graphs one after the other, on threads of its own.

    One thread makes the parts, which it shares the interpreter for, and one loads them, for which the store needs no
    part of it.

    Args:
        store: the store.

    Example:
        >>> store, graph = EmbeddedStore(), NamedNode("urn:g")
        >>> with Loading(store) as loading:
        ...     loading.put(graph, [b"<urn:s> <urn:p> <urn:o> ."])
        >>> len(list(store.triples(graph)))
        1
    """

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self._makes = ThreadPoolExecutor(1, thread_name_prefix="making")
        self._loads = ThreadPoolExecutor(1, thread_name_prefix="loading")
        self._graphs: deque[Future[None]] = deque()
        self._parts: deque[Future[None]] = deque()

    def put(self, graph: NamedNode, parts: Iterable[bytes]) -> None:
        """Have parts of a graph loaded.

        Args:
            graph: the graph.
            parts: N-Triples, see :meth:`EmbeddedStore.load`; they are asked for on another thread.

        Raises:
            StoreError: what was put before could not be loaded.
        """
        while self._graphs and self._graphs[0].done():
            self._graphs.popleft().result()
        self._graphs.append(self._makes.submit(self._make, graph, parts))

    def _make(self, graph: NamedNode, parts: Iterable[bytes]) -> None:
        for part in parts:
            if len(self._parts) > _WAITING:
                self._parts.popleft().result()
            self._parts.append(self._loads.submit(self._store.load, graph, part))

    def wait(self) -> None:
        """Wait until all that was put is loaded.

        Raises:
            StoreError: some of it could not be.
        """
        for waited in (self._graphs, self._parts):
            while waited:
                waited.popleft().result()

    def __enter__(self) -> Loading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._loads.shutdown(cancel_futures=True)
            self._makes.shutdown(cancel_futures=True)
