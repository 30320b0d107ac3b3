"""Sending to a server what was built, and seeing that it arrived.

A graph is put to use only if the server holds as many triples of it as were sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from kg.errors import StoreError
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.store.switching import PATIENCE
from kg.store.transport import TooSlow
from kg.vocab import GRAPH

__all__ = ["Loading", "name_of"]


class Loading:
    """Sends the graphs of a build, and knows how much of each.

    Args:
        staged: an empty staging area.
        near: the graph that was built.
        progress: called with the name of each stage as it begins.
        before: called with the name of each step on the server before it is taken.

    Attributes:
        sent: how many triples the server is to hold of each graph that it was sent, or was told to make.
        busy: whether the server may still be at work on what it did not finish in time.
    """

    def __init__(
        self,
        staged: RemoteStore,
        near: EmbeddedStore,
        progress: Callable[[str], None],
        before: Callable[[str], None],
    ) -> None:
        self.staged, self.near, self.progress, self.before = staged, near, progress, before
        self.sent: dict[NamedNode, int] = {}
        self.busy = False

    def send(self, graph: NamedNode, triples: Iterable[Triple] | None = None, *, into: NamedNode | None = None) -> int:
        """Send a graph, or what is given of it, under its own name or another; how many triples it has.

        Args:
            graph: the graph.
            triples: what to send, where not all that was built of it.
            into: the name that it gets, where not its own.

        Raises:
            StoreError: the server does not take it.
        """
        count = 0

        def counted() -> Iterator[Triple]:
            nonlocal count
            for triple in self.near.triples(graph) if triples is None else triples:
                count += 1
                yield triple

        self.progress(f"loading {name_of(graph)}")
        self.before("load")
        try:
            with self.staged.allowing(PATIENCE if self.busy else self.staged.settings.timeout):
                self.staged.insert(into or graph, counted())
        except TooSlow as fault:
            if not self.busy:
                raise
            raise StoreError(
                f"{self.staged.url}: the server takes nothing while it is busy with a rule that it did not finish in "
                "time; restart it, and build with --rule-timeout 0"
            ) from fault
        self.sent[into or graph] = count
        return count

    def check(self) -> None:
        """See that the server holds what was sent.

        Raises:
            StoreError: it does not.
        """
        with self.staged.allowing(PATIENCE):
            if others := sorted(map(name_of, set(self.staged.graphs()) - self.sent.keys())):
                raise StoreError(
                    f"{self.staged.url}: somebody else builds there too, and wrote {others[0]}; build again when they "
                    "are done"
                )
            for graph, count in self.sent.items():
                if (there := self.staged.count(graph)) != count:
                    raise self._lost(graph, count, there)

    def _lost(self, graph: NamedNode, count: int, there: int) -> StoreError:
        url, settings = self.staged.url, self.staged.settings
        if there:
            return StoreError(
                f"{url}: the server holds {there:,} of the {count:,} triples of {name_of(graph)}, because it lost "
                "some, takes some for the same, or somebody else builds there too; the graph in use stays as it was"
            )
        by, option = settings.update_url, "--update-url"
        if settings.graph_store_url is not None:
            by, option = settings.graph_store_url, "--graph-store-url"
        return StoreError(
            f"{url}: nothing of {name_of(graph)} is there, which {by} was sent; see whether that is the address for it "
            f"({option}), and of the same store; the graph in use stays as it was"
        )

    def expect(self, graphs: Iterable[NamedNode]) -> None:
        """Count graphs that the server has made itself too: they are to be as those here."""
        self.sent |= {graph: sum(1 for _ in self.near.triples(graph)) for graph in graphs}


def name_of(graph: NamedNode) -> str:
    """What a graph is called in messages.

    Example:
        >>> name_of(GRAPH.derived("reported"))
        'derived/reported'
    """
    return graph.value.removeprefix(GRAPH.base)
