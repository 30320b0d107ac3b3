"""What a worker has open: the generation of the store in use, and one graph a trust policy."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from kg.access import Scope
from kg.api import KnowledgeGraph
from kg.errors import QueryError, StoreError
from kg.http.concluding import Conclusions
from kg.http.unions import asks_the_union, is_fewer
from kg.statistics import Statistics, noted_sizes
from kg.store.embedded import EmbeddedStore
from kg.store.holding import Hold
from kg.terms import PREFIXES

__all__ = ["Served", "ServedGraph", "ServedStore", "mark_of", "pointer_state"]

_log = logging.getLogger("kg.http")
_LONG: Final = 500_000
"""Of a graph of more triples nothing is counted while somebody waits."""
_KEPT: Final = 4
"""How many graphs under a day of knowledge are kept; each is a copy in memory."""


class ServedStore(EmbeddedStore):
    """A store that can also leave it to a query which graphs it is about, and knows the union of some of its graphs."""

    _union: pyoxigraph.Store | None = None
    _held_union: Hold | None = None
    _united: Sequence[NamedNode] = ()
    is_fewer: bool = False
    """Whether there is a union, which holds fewer triples than its graphs do, one by one."""

    @property
    def has_union(self) -> bool:
        """Whether there is a union."""
        return self._union is not None

    def unite(self, graphs: Sequence[NamedNode], place: Path) -> None:
        """Answer from now on from a union what is asked of these graphs together.

        Args:
            graphs: the graphs.
            place: their union, see :mod:`kg.http.unions`.

        Raises:
            OSError: it cannot be read.
        """
        held = Hold(place)
        held.take()
        self._union, self._united, self._held_union = pyoxigraph.Store.read_only(str(place)), graphs, held
        self.is_fewer = is_fewer(place)

    def hold(self) -> None:
        """See :meth:`kg.store.embedded.EmbeddedStore.hold`."""
        super().hold()
        if self._held_union is not None:
            self._held_union.take()

    def let_be(self) -> None:
        """See :meth:`kg.store.embedded.EmbeddedStore.let_be`."""
        super().let_be()
        if self._held_union is not None:
            self._held_union.let_go()

    def query(
        self,
        text: str,
        *,
        default_graphs: Sequence[NamedNode] = (),
        named_graphs: Sequence[NamedNode] | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """See :meth:`kg.store.base.Store.query`."""
        if self._union is not None and default_graphs == self._united and not named_graphs and asks_the_union(text):
            try:
                return self._union.query(
                    text, base_iri=PREFIXES["id"], prefixes=None if prefixes is None else dict(prefixes)
                )
            except (SyntaxError, RuntimeError):
                pass  # worded below
        return super().query(text, default_graphs=default_graphs, named_graphs=named_graphs, prefixes=prefixes)

    def query_as_written(self, text: str) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Answer a query over the graphs of its own ``FROM`` clauses.

        Raises:
            QueryError: the text does not parse, is not a query, or calls a function that is not known.
        """
        try:
            return self._database.query(text, base_iri=PREFIXES["id"], prefixes=PREFIXES)
        except (SyntaxError, RuntimeError):
            super().query(text, prefixes=PREFIXES)  # words the fault
            raise QueryError("the query does not parse") from None


class ServedGraph(KnowledgeGraph):
    """A graph of one generation, with what its descriptions need."""

    @property
    def as_served(self) -> ServedStore:
        """The store."""
        assert isinstance(self.store, ServedStore)
        return self.store

    @cached_property
    def scope(self) -> Scope:
        """What answers under the graph's own policy."""
        return self._scope(None, None)

    @cached_property
    def sizes(self) -> Mapping[NamedNode, int]:
        """How many triples each graph of the store holds: what the catalog says, else counted."""
        noted = noted_sizes(self.store)
        found = {}
        for graph in self.store.graphs():
            if graph not in noted:
                answer = self.store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", default_graphs=[graph])
                assert isinstance(answer, QuerySolutions)
                noted[graph] = int(next(answer)["n"].value)
            found[graph] = noted[graph]
        return found

    @cached_property
    def statistics(self) -> Statistics:
        """What is in the union of the graphs that answer: what the catalog says, else counted.

        Of a long graph of which the catalog does not say it, nothing: to count it takes longer than anybody may ask.
        """
        noted = Statistics.noted(self.store, self.scope.policy.view)
        if noted is not None:
            return noted
        if sum(self.sizes.get(graph, 0) for graph in self.scope.graphs) > _LONG:
            return Statistics({}, {})
        return Statistics(self._counts(), self._classes())

    def _classes(self) -> dict[str, int]:
        classes = self.sparql("SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(ISIRI(?c)) } GROUP BY ?c")
        assert isinstance(classes, QuerySolutions)
        return dict(sorted((row["c"].value, int(row["n"].value)) for row in classes))

    def _counts(self) -> dict[str, int]:
        counted = {
            "triples": "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }",
            "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
            "distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
            "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
            "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c FILTER(ISIRI(?c)) }",
            "entities": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(STRSTARTS(STR(?s), STR(id:))) }",
        }
        counts = {}
        for name, query in counted.items():
            answer = self.sparql(query)
            assert isinstance(answer, QuerySolutions)
            counts[name] = int(next(answer)["n"].value)
        return counts


def mark_of(generation: str, *, united: bool) -> str:
    """How answers are marked that were made from a generation of a store.

    Args:
        generation: its name.
        united: whether they were made from a union of its graphs that holds fewer triples than those do, one by one.
    """
    return f"{generation} united" if united else generation


def pointer_state(pointer: str) -> tuple[int, int, int] | None:
    """What is another when another generation has come into use.

    Args:
        pointer: the file that names the generation; as text, for it is looked at with every request.

    Returns:
        Its state; ``None`` where there is none.
    """
    try:
        seen = os.stat(pointer)  # noqa: PTH116
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns


class Served:
    """The store at a path, reopened when it is built anew.

    Args:
        path: the store.
        policy: name of the trust policy that holds where a request names none.
        unions: folder of the unions, see :class:`kg.http.unions.Unions`.

    Attributes:
        path: the store.
        conclusions: what a worker that changes the store keeps from one change to the next.
    """

    def __init__(self, path: Path, policy: str | None, unions: Path | None = None) -> None:
        self.path, self._policy, self._unions = path, policy, unions
        self._pointer = str(path / "current")
        self._generation: str | None = None
        self._state: tuple[int, int, int] | None = None
        self._graphs: OrderedDict[str | None, ServedGraph] = OrderedDict()
        self._held: list[ServedStore] = []
        self.conclusions = Conclusions()

    @property
    def generation(self) -> str | None:
        """The generation that was last asked for and could be opened, as its answers are marked."""
        if self._generation is None:
            return None
        return mark_of(self._generation, united=self._graphs[None].as_served.is_fewer)

    def graph(self, known_by: str | None = None) -> ServedGraph:
        """The graph as it is now; with a day of knowledge, one that is worked out and kept for a while.

        Raises:
            StoreError: there is no store, and there has been none.
        """
        state = pointer_state(self._pointer)
        if state is None or state != self._state:
            # Read after its state: where it is replaced in between, the next look finds another state.
            generation = EmbeddedStore.generation(self.path)
            if generation != self._generation or not self._graphs:
                self._reopen(generation)
            self._state = state
        store = self._graphs[None].as_served
        if store not in self._held:
            store.hold()
            self._held.append(store)
        self._unite()
        if known_by not in self._graphs:
            self._graphs[known_by] = ServedGraph(self._graphs[None].as_served, policy=self._policy)
        self._graphs.move_to_end(known_by)
        self._graphs.move_to_end(None)
        while len(self._graphs) > _KEPT:
            self._graphs.popitem(last=False)
        return self._graphs[known_by]

    def rest(self) -> None:
        """Let builds remove what is open here until a graph is asked for again, should it have been replaced."""
        for store in self._held:
            store.let_be()
        self._held.clear()

    def _unite(self) -> None:
        """Look for the union, until it is there."""
        graph = self._graphs[None]
        if self._unions is None or self._generation is None or graph.as_served.has_union:
            return
        place = self._unions / self._generation
        if place.exists():
            try:
                graph.as_served.unite(graph.scope.graphs, place)
            except (OSError, RuntimeError) as fault:
                _log.warning("the union of the graphs cannot be read: %s", fault)
                self._unions = None

    def _reopen(self, generation: str | None) -> None:
        try:
            opened = ServedGraph(ServedStore.open(self.path), policy=self._policy)
            opened.scope  # noqa: B018 - a graph that has not the policy is not served
        except StoreError as fault:
            if not self._graphs:
                raise
            # The last good graph is served until there is another.
            _log.warning("%s", fault)
            return
        self._graphs = OrderedDict({None: opened})
        self._generation = generation
