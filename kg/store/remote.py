"""The store behind a SPARQL 1.1 endpoint.

Only graphs below ``https://w3id.org/foedus/graph/`` are ours; others on the same server are neither read nor changed.
A build writes into a staging area and then switches, see :mod:`kg.store.switching`. Where no graph is in use yet there
is nothing to lose, and a build writes where its graphs belong; without the catalog, which comes last, they are not
opened, and the next build removes them. Who may not write and finds that a switch was cut off reads the staging area,
which is whole.

Graphs of up to :data:`NEAR` triples that are read whole or in many small steps, as explaining does, are fetched once.
Virtuoso does not answer all of SPARQL 1.1 as the standard says (it makes IRIs strings and unbound variables empty ones,
and its planner gives up on some patterns), so that over graphs of that size its queries are answered here as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import Final
from uuid import uuid4

from pyoxigraph import BlankNode, NamedNode, QueryBoolean, QuerySolution, QuerySolutions, QueryTriples, Triple

from kg.errors import StoreError
from kg.settings import RemoteSettings, remote_settings
from kg.store.embedded import EmbeddedStore
from kg.store.endpoint import Endpoint
from kg.store.switching import (
    STAGING,
    begin_first,
    clear,
    copies,
    finish_switch,
    first_entry,
    is_first,
    names_in_use,
    overtaken,
    switch,
    unfinished,
)
from kg.store.texts import construct_parts, form_of, with_prefixes
from kg.store.transport import Transport
from kg.terms import Term
from kg.vocab import GRAPH

__all__ = ["NEAR", "RemoteStore"]

_NOTHING: Final = f"{GRAPH.base}none"
"""A graph that is never there: the default graph of a query for which none is named."""

_BATCH: Final = 1000
_BATCH_BYTES: Final = 200_000
"""Triples and bytes of an update: servers compile its text, and those tested refuse what is much larger."""

_LOAD_BYTES: Final = 4_000_000

NEAR: Final = 250_000
"""Triples of a graph up to which it is fetched once rather than asked for piece by piece."""


class RemoteStore:
    """Named graphs on a SPARQL 1.1 server.

    Args:
        transport: what sends requests to it.
        build: name of the build that writes it, or ``None`` for the graphs in use.
        area: how the names of its graphs begin, without the last slash, where these are not the names of use.
    """

    def __init__(self, transport: Transport, build: str | None = None, *, area: str | None = None) -> None:
        self._transport, self._endpoint = transport, Endpoint(transport)
        self._build, self._area = build, area
        # A build without an area of its own writes where its graphs belong, and stands in the journal for that.
        self._first = f"{STAGING}{build}" if build is not None and area is None else None
        self._graphs: list[NamedNode] | None = None
        self._near = EmbeddedStore()
        self._is_near: dict[NamedNode, bool] = {}

    @classmethod
    def open(cls, place: str | RemoteSettings) -> RemoteStore:
        """Connect to a store that has been built, to read.

        A switch that was cut off is finished first; where the server takes no updates from us, what it was to is read.

        Args:
            place: URL of the SPARQL endpoint, or all its settings.

        Raises:
            StoreError: the endpoint cannot be reached, is none, or holds no graph of ours.
        """
        store = cls.connect(place)
        try:
            store.finish_switch()
        except StoreError:
            area = unfinished(store._endpoint)
            if area is None:
                raise
            store = cls(store._transport, area=area)
        if GRAPH.catalog not in store.graphs():
            raise StoreError(f"{store.url}: no graph here yet; make one with `kg build --store {store.url}`")
        return store

    @classmethod
    def connect(cls, place: str | RemoteSettings) -> RemoteStore:
        """A store that may be empty.

        Raises:
            UsageError: the place is no URL.
        """
        return cls(Transport(place if isinstance(place, RemoteSettings) else remote_settings(place)))

    @property
    def settings(self) -> RemoteSettings:
        """Where it is and how to get in."""
        return self._transport.settings

    @property
    def url(self) -> str:
        """URL of the endpoint, without credentials."""
        return self._endpoint.url

    @property
    def in_place(self) -> bool:
        """Whether a build writes where its graphs belong, for none is in use yet."""
        return self._first is not None

    def allowing(self, seconds: float, *, together: bool = False) -> AbstractContextManager[None]:
        """Another time limit for a while, see :meth:`kg.store.transport.Transport.allowing`."""
        return self._transport.allowing(seconds, together=together)

    def __repr__(self) -> str:
        return f"RemoteStore({self.url!r})"

    def copy(self, graphs: Iterable[NamedNode] | None = None) -> EmbeddedStore:
        """See :meth:`kg.store.base.Store.copy`."""
        near = EmbeddedStore()
        for graph in self.graphs() if graphs is None else graphs:
            near.insert(graph, self.triples(graph))
        return near

    def publish(self, path: Path) -> None:
        """Write all graphs to a store on disk, see :meth:`kg.store.embedded.EmbeddedStore.publish`."""
        self.copy().publish(path)

    def query(
        self,
        text: str,
        *,
        default_graphs: Sequence[NamedNode] = (),
        named_graphs: Sequence[NamedNode] | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """See :meth:`kg.store.base.Store.query`.

        Raises:
            StoreError: the server does not answer, or cuts the answer short.
        """
        form = form_of(text, prefixes)
        reaches = re.search(r"\bGRAPH\b", text, re.IGNORECASE) is not None
        named = list(self.graphs() if named_graphs is None else named_graphs) if reaches else []
        if self._endpoint.is_virtuoso and not self._build and all(self._fetched(g) for g in {*default_graphs, *named}):
            return self._near.query(
                text, default_graphs=list(default_graphs), named_graphs=named_graphs, prefixes=prefixes
            )
        text = with_prefixes(text, prefixes)
        parameters = {"default-graph-uri": [self.there(g) for g in default_graphs] or [_NOTHING]}
        # Once a request names any graph, those that it does not name cannot be reached by GRAPH.
        if reaches:
            parameters["named-graph-uri"] = [self.there(g) for g in named]
        answer = self._endpoint.answer(text, form, parameters)
        self._check_there()
        return answer

    def match(
        self,
        graphs: Sequence[NamedNode],
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
    ) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Store.match`."""
        near = [graph for graph in graphs if not self._build and self._fetched(graph)]
        return chain(
            self._near.match(near, subject, predicate, obj),
            self._match([graph for graph in graphs if graph not in near], subject, predicate, obj),
        )

    def _match(
        self, graphs: Sequence[NamedNode], subject: NamedNode | None, predicate: NamedNode | None, obj: Term | None
    ) -> Iterator[Triple]:
        s, p, o = (str(t) if t is not None else f"?{v}" for v, t in (("s", subject), ("p", predicate), ("o", obj)))
        if not graphs:
            return iter(())
        parts = " UNION ".join(f"{{ GRAPH <{self.there(g)}> {{ {s} {p} {o} }} }}" for g in graphs)
        rows = self._endpoint.rows(f"{{ {parts} }}", [v for v in (s, p, o) if v.startswith("?")])
        self._check_there()
        return (Triple(subject or row["s"], predicate or row["p"], row["o"] if obj is None else obj) for row in rows)

    def _fetched(self, graph: NamedNode) -> bool:
        """Whether a graph is here, fetched now if it is small; it stays as it was when it was fetched."""
        if graph not in self._is_near:
            self._is_near[graph] = self.count(graph) <= NEAR
            if self._is_near[graph]:
                self._near.insert(graph, self._match([graph], None, None, None))
        return self._is_near[graph]

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """See :meth:`kg.store.base.Store.triples`."""
        return self.match([graph])

    def count(self, graph: NamedNode) -> int:
        """How many triples a graph has."""
        size = self._endpoint.size(self.there(graph))
        self._check_there()
        return size

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """See :meth:`kg.store.base.Store.insert`: in batches, by the Graph Store Protocol where its URL is known.

        Raises:
            StoreError: the server refuses or cannot be reached, another build has begun in its place, or a triple has a
                blank node, which could not be told to be the same in two batches.
        """
        there = self.there(graph)
        self._forget()
        by_protocol = self._transport.settings.graph_store_url is not None
        verb, condition = "INSERT DATA", ""
        if self._first is not None:
            verb, condition = "INSERT", f" WHERE {{ {first_entry(self._first)} }}"
            # The catalog makes a graph in use of all that was written, and a load can have no condition.
            by_protocol = by_protocol and graph != GRAPH.catalog
        limit = _LOAD_BYTES if by_protocol else _BATCH_BYTES
        for lines in _batches(triples, limit, None if by_protocol else _BATCH):
            if self._first is not None and not is_first(self._endpoint, self._first):
                raise overtaken(self._endpoint)
            if by_protocol:
                self._transport.load(there, "".join(lines).encode(), in_bulk=self._build is not None)
            else:
                # No blank nodes: a graph is a set, and a batch sent twice is as good as sent once.
                text = f"{verb} {{ GRAPH <{there}> {{\n{''.join(lines)}}} }}{condition}"
                self._transport.update(text, repeatable=True)

    def construct_into(self, graph: NamedNode, rule: str, graphs: Sequence[NamedNode]) -> None:
        """Insert what a CONSTRUCT query makes, inside the server.

        Args:
            graph: where it goes.
            rule: the query, without ``FROM``.
            graphs: the graphs to read, as their union.

        Raises:
            QueryError: the text is not of the form ``CONSTRUCT { … } WHERE { … }``.
            StoreError: the server refuses, or whether it did it is not known.
        """
        head, template, where = construct_parts(rule)
        using = "".join(f"USING <{self.there(g)}>\n" for g in graphs)
        text = f"{head}INSERT {{ GRAPH <{self.there(graph)}> {{{template}}} }}\n{using}WHERE {where}"
        self._forget()
        self._transport.update(self._endpoint.hint + text, repeatable=False)

    def add(self, graph: NamedNode, source: NamedNode) -> None:
        """Add what a graph holds to another, inside the server.

        Raises:
            StoreError: the server refuses, or cannot be reached.
        """
        self._forget()
        for text in copies(self._endpoint, self.there(source), self.there(graph), self.count(source)):
            self._transport.update(text, repeatable=True)

    def update(self, text: str) -> None:
        """Carry out an update inside the server that does no harm when it is done twice.

        Args:
            text: a SPARQL 1.1 Update, with the names that graphs have on the server, see :meth:`there`.

        Raises:
            StoreError: the server refuses it, or cannot be reached.
        """
        self._forget()
        self._transport.update(text, repeatable=True)

    def select(self, text: str) -> list[QuerySolution]:
        """The rows of a SELECT query with the names that graphs have on the server, all of them.

        Raises:
            StoreError: the server does not accept the query, does not answer, or cuts the answer short.
        """
        return self._endpoint.select(text)

    @property
    def server(self) -> str:
        """What the server calls itself, without its version; ``"the server"`` where it does not say."""
        return re.split(r"[/ ]", self._transport.server)[0] or "the server"

    def drop(self, graph: NamedNode) -> None:
        """See :meth:`kg.store.base.Store.drop`."""
        self._forget()
        self._transport.update(f"DROP SILENT GRAPH <{self.there(graph)}>", repeatable=True)

    def graphs(self) -> list[NamedNode]:
        """See :meth:`kg.store.base.Store.graphs`: ours, without staging graphs; read once."""
        if self._graphs is None:
            ours = f"{self._area}/" if self._area else GRAPH.base
            names = self._endpoint.names(ours) if self._area else names_in_use(self._endpoint)
            self._graphs = [NamedNode(GRAPH.base + name.removeprefix(ours)) for name in names]
        return list(self._graphs)

    def there(self, graph: NamedNode) -> str:
        """Name of a graph on the server, where a staging area has names of its own."""
        if self._area is None or graph.value.startswith(STAGING):
            return graph.value
        return f"{self._area}/{graph.value.removeprefix(GRAPH.base)}"

    def _check_there(self) -> None:
        """Whether the staging area that is read was still whole after it was: its catalog is the first to go."""
        if self._area and self._build is None and not self._endpoint.size(self.there(GRAPH.catalog)):
            raise StoreError(f"{self.url}: another build was put to use meanwhile; ask again")

    # A build and its switch

    def stage(self) -> RemoteStore:
        """Where to build; what unfinished builds left is removed, a switch that was cut off is finished.

        Raises:
            StoreError: the server takes no updates, or another build begins at this moment.
        """
        self.finish_switch()
        clear(self._endpoint)
        build = uuid4().hex
        area = f"{STAGING}{build}"
        if GRAPH.catalog.value not in names_in_use(self._endpoint):
            if begin_first(self._endpoint, area):
                return RemoteStore(self._transport, build)
            if GRAPH.catalog.value not in names_in_use(self._endpoint):
                raise overtaken(self._endpoint)
        return RemoteStore(self._transport, build, area=area)

    def aside(self, graph: NamedNode, use: str) -> NamedNode:
        """A graph on the server that is not put to use with the others of this staging area.

        Args:
            graph: what it belongs to.
            use: what it is for.
        """
        return NamedNode(f"{STAGING}{self._build}-{use}/{graph.value.removeprefix(GRAPH.base)}")

    def switch(
        self, check: Callable[[], None] = lambda: None, before: Callable[[str], None] = lambda step: None
    ) -> RemoteStore:
        """Put the graphs that were built to use, see :mod:`kg.store.switching`.

        Args:
            check: raises where not all that was built is there.
            before: called with the name of each step before it is taken.
        """
        if self._first is not None:
            check()
            self._transport.update(f"DELETE DATA {{ {first_entry(self._first)} }}", repeatable=True)
        else:
            assert self._area is not None
            switch(self._endpoint, self._area, check, before)
        return RemoteStore(self._transport)

    def finish_switch(self) -> None:
        """Finish a switch that was cut off, if there is any.

        Raises:
            StoreError: there is one, and the server takes no updates from us.
        """
        if finish_switch(self._endpoint):
            self._forget()

    def _forget(self) -> None:
        """Ask anew what the server holds."""
        self._graphs = None
        self._near = EmbeddedStore()
        self._is_near.clear()


def _batches(triples: Iterable[Triple], size: int, count: int | None) -> Iterator[list[str]]:
    """Triples as lines of N-Triples, in batches of about so many bytes and at most so many triples."""
    lines: list[str] = []
    length = 0
    for triple in triples:
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            raise StoreError(f"a remote store takes no blank nodes; give {triple} an IRI")
        line = f"{triple} .\n"
        if lines and (length + len(line) > size or len(lines) == count):
            yield lines
            lines, length = [], 0
        lines.append(line)
        length += len(line)
    if lines:
        yield lines
