"""What a worker has open: the generation of the store in use, and one graph a trust policy."""

from __future__ import annotations

import logging
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from kg.access import Scope
from kg.api import KnowledgeGraph
from kg.errors import QueryError, StoreError
from kg.store.embedded import EmbeddedStore
from kg.terms import PREFIXES

__all__ = ["Served", "ServedGraph", "ServedStore"]

_log = logging.getLogger("kg.http")
_KEPT: Final = 4
"""How many graphs under a day of knowledge are kept; each is a copy in memory."""


class ServedStore(EmbeddedStore):
    """A store that can also leave it to a query which graphs it is about."""

    def query_as_written(self, text: str) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Answer a query over the graphs of its own ``FROM`` clauses.

        Raises:
            QueryError: the text does not parse, or is not a query.
        """
        try:
            return self._database.query(text, prefixes=PREFIXES)
        except SyntaxError:
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

    def sizes(self) -> dict[NamedNode, int]:
        """How many triples each graph of the store holds."""
        return dict(self._sizes)

    @cached_property
    def _sizes(self) -> dict[NamedNode, int]:
        answer = self.store.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
        assert isinstance(answer, QuerySolutions)
        return {row["g"]: int(row["n"].value) for row in answer}

    @cached_property
    def counts(self) -> dict[str, int]:
        """Counts over the union of the graphs that answer."""
        counted = {
            "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
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


class Served:
    """The store at a path, reopened when it is built anew.

    Args:
        path: the store.
        policy: name of the trust policy that holds where a request names none.

    Attributes:
        path: the store.
    """

    def __init__(self, path: Path, policy: str | None) -> None:
        self.path, self._policy = path, policy
        self._generation: str | None = None
        self._graphs: OrderedDict[str | None, ServedGraph] = OrderedDict()

    @property
    def generation(self) -> str | None:
        """The generation that was last asked for and could be opened."""
        return self._generation

    def graph(self, known_by: str | None = None) -> ServedGraph:
        """The graph as it is now; with a day of knowledge, one that is worked out and kept for a while.

        Raises:
            StoreError: there is no store, and there has been none.
        """
        generation = EmbeddedStore.generation(self.path)
        if generation != self._generation or not self._graphs:
            self._reopen(generation)
        if known_by not in self._graphs:
            self._graphs[known_by] = ServedGraph(self._graphs[None].as_served, policy=self._policy)
        self._graphs.move_to_end(known_by)
        self._graphs.move_to_end(None)
        while len(self._graphs) > _KEPT:
            self._graphs.popitem(last=False)
        return self._graphs[known_by]

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
