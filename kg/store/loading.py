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
    """Loads parts of graphs one after the other, on a thread of its own.

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
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loading")
        self._parts: deque[Future[None]] = deque()

    def put(self, graph: NamedNode, parts: Iterable[bytes]) -> None:
        """Have parts of a graph loaded; waits for a part put before, where many have not been loaded yet.

        Args:
            graph: the graph.
            parts: N-Triples, see :meth:`EmbeddedStore.load`.

        Raises:
            StoreError: a part put before could not be loaded.
        """
        for part in parts:
            if len(self._parts) > _WAITING:
                self._parts.popleft().result()
            self._parts.append(self._thread.submit(self._store.load, graph, part))

    def wait(self) -> None:
        """Wait until all that was put is loaded.

        Raises:
            StoreError: some of it could not be.
        """
        while self._parts:
            self._parts.popleft().result()

    def __enter__(self) -> Loading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._thread.shutdown(cancel_futures=True)
