"""The store behind a SPARQL 1.1 endpoint.

Only graphs below ``https://w3id.org/foedus/graph/`` are ours; others on the same server are neither read nor changed.
A build writes into staging graphs (``graph/staging/BUILD/…``) and then switches. SPARQL 1.1 Update says that a request
should be atomic (section 3.2); Oxigraph and Fuseki keep to it, Virtuoso does each operation of a request by itself, and
limits the size of a transaction. So the switch works with and without:

1. a journal triple says that the build is whole and being switched to;
2. one request makes every graph equal to its staging graph, by deleting what is not in it and inserting what is;
3. the journal triple goes, then the staging graphs.

Before 1 nothing that readers see has changed; after 1 anybody may do 2 and 3 again, as often as need be.
``MOVE`` would not do: cut off in the middle, it leaves half a graph with no other half. Deleting is conditional on the
journal, so that somebody who finishes a switch that its own builder finishes too does no harm. Whoever next opens or
builds the store finishes a switch that was cut off; what an unfinished build left is dropped by the next build.

Where no graph is in use yet there is nothing to lose, and a build writes where its graphs belong; without the catalog,
which comes last, they are not opened, and the next build removes them.

Servers hold what a request changes in memory, some with a kilobyte a triple and more. A switch of more than
:data:`AT_ONCE` triples is therefore done in parts, one request each, and who reads meanwhile reads some of the old
graph and some of the new, as in Virtuoso at any size.

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

import pyoxigraph
from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
)

from kg.errors import QueryError, StoreError
from kg.settings import RemoteSettings, remote_settings
from kg.store.embedded import EmbeddedStore, readable
from kg.store.transport import Transport
from kg.terms import PREFIXES, Term
from kg.vocab import GRAPH, RDF

__all__ = ["AT_ONCE", "NEAR", "PATIENCE", "RemoteStore"]

_STAGING: Final = f"{GRAPH.base}staging/"
_JOURNAL: Final = NamedNode(f"{GRAPH.base}journal")
_SWITCHING: Final = NamedNode(f"{GRAPH.base}journal#Switching")
_NOTHING: Final = f"{GRAPH.base}none"
"""A graph that is never there: the default graph of a query for which none is named."""

_BATCH: Final = 1000
_BATCH_BYTES: Final = 200_000
"""Triples and bytes of an update: servers compile its text, and those tested refuse what is much larger."""

_LOAD_BYTES: Final = 4_000_000
_CAPS: Final = 1000
"""Caps on the rows of an answer are multiples of this, or of 1,024."""

NEAR: Final = 250_000
"""Triples of a graph up to which it is fetched once rather than asked for piece by piece."""

_RELATIVE: Final = re.compile(r"<[^<>:\s]*>")
"""What may be a relative IRI."""

AT_ONCE: Final = 200_000
"""Triples that one request copies or deletes inside the server."""

PATIENCE: Final = 600.0
"""Seconds that one request may take, where it is on the server that a build has come to depend."""

_HEX: Final = "0123456789abcdef"
_DEEPEST: Final = 8


class RemoteStore:
    """Named graphs on a SPARQL 1.1 server.

    Args:
        transport: what sends requests to it.
        build: name of the build that writes it, or ``None`` for the graphs in use.
        first: whether there is nothing in use, so that the build needs no staging area.
    """

    def __init__(self, transport: Transport, build: str | None = None, *, first: bool = False) -> None:
        self._transport = transport
        self._build = build
        self._staged = build is not None and not first
        self._graphs: list[NamedNode] | None = None
        self._near = EmbeddedStore()
        self._is_near: dict[NamedNode, bool] = {}

    @classmethod
    def open(cls, place: str | RemoteSettings) -> RemoteStore:
        """Connect to a store that has been built, to read; a switch that was cut off is finished first.

        Args:
            place: URL of the SPARQL endpoint, or all its settings.

        Raises:
            StoreError: the endpoint cannot be reached, is none, or holds no graph of ours.
        """
        store = cls.connect(place)
        store.finish_switch()
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
        return self.settings.query_url

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
        form = _form(text, prefixes)
        reaches = re.search(r"\bGRAPH\b", text, re.IGNORECASE) is not None
        named = list(self.graphs() if named_graphs is None else named_graphs) if reaches else []
        if self._virtuoso and not self._build and all(self._fetched(g) for g in {*default_graphs, *named}):
            return self._near.query(
                text, default_graphs=list(default_graphs), named_graphs=named_graphs, prefixes=prefixes
            )
        text = _with_prefixes(text, prefixes)
        parameters = {"default-graph-uri": [self.there(g) for g in default_graphs] or [_NOTHING]}
        # Once a request names any graph, those that it does not name cannot be reached by GRAPH.
        if reaches:
            parameters["named-graph-uri"] = [self.there(g) for g in named]
        if form is QueryTriples:
            return self._constructed(text, parameters)
        solutions = self._ask(text, parameters)
        if (form is QueryBoolean) != isinstance(solutions, QueryBoolean):
            raise self._no_endpoint()
        return solutions

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
        return (
            Triple(subject or row["s"], predicate or row["p"], row["o"] if obj is None else obj)
            for row in self._rows(f"{{ {parts} }}", [v for v in (s, p, o) if v.startswith("?")])
        )

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
        return self._counted(_all_of(self.there(graph)))

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """See :meth:`kg.store.base.Store.insert`: in batches, by the Graph Store Protocol where its URL is known.

        Raises:
            StoreError: the server refuses or cannot be reached, or a triple has a blank node, which could not be told
                to be the same in two batches.
        """
        there = self.there(graph)
        self._forget()
        by_protocol = self._transport.settings.graph_store_url is not None
        limit = _LOAD_BYTES if by_protocol else _BATCH_BYTES
        for lines in _batches(triples, limit, None if by_protocol else _BATCH):
            if by_protocol:
                self._transport.load(there, "".join(lines).encode(), in_bulk=self._build is not None)
            else:
                # No blank nodes: a graph is a set, and a batch sent twice is as good as sent once.
                self._transport.update(f"INSERT DATA {{ GRAPH <{there}> {{\n{''.join(lines)}}} }}", repeatable=True)

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
        head, template, where = _construct_parts(rule)
        using = "".join(f"USING <{self.there(g)}>\n" for g in graphs)
        text = f"{head}INSERT {{ GRAPH <{self.there(graph)}> {{{template}}} }}\n{using}WHERE {where}"
        self._forget()
        self._transport.update(self._hint() + text, repeatable=False)

    def add(self, graph: NamedNode, source: NamedNode) -> None:
        """Add what a graph holds to another, inside the server.

        Raises:
            StoreError: the server refuses, or cannot be reached.
        """
        self._forget()
        for text in self._copies(self.there(source), self.there(graph), self.count(source)):
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

    def select(self, text: str) -> list[pyoxigraph.QuerySolution]:
        """The rows of a SELECT query with the names that graphs have on the server, all of them.

        Raises:
            QueryError: the server does not accept the query.
            StoreError: the server does not answer, or cuts the answer short.
        """
        return self._select(text)

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
            ours = f"{_STAGING}{self._build}/" if self._staged else GRAPH.base
            names = [name for name in self._names(ours) if self._staged or not _is_hidden(name)]
            self._graphs = [NamedNode(GRAPH.base + name.removeprefix(ours)) for name in names]
        return list(self._graphs)

    # A build and its switch

    def stage(self) -> RemoteStore:
        """Where to build; what unfinished builds left is removed, a switch that was cut off is finished.

        Raises:
            StoreError: the server takes no updates.
        """
        self.finish_switch()
        left, used = self._names(_STAGING), [name for name in self._names(GRAPH.base) if not _is_hidden(name)]
        first = GRAPH.catalog.value not in used
        self._drop([*left, *used] if first else left)
        return RemoteStore(self._transport, build=uuid4().hex, first=first)

    def aside(self, graph: NamedNode, use: str) -> NamedNode:
        """A graph on the server that is not put to use with the others of this staging area.

        Args:
            graph: what it belongs to.
            use: what it is for.
        """
        return NamedNode(f"{_STAGING}{self._build}-{use}/{graph.value.removeprefix(GRAPH.base)}")

    def switch(self, before: Callable[[str], None] = lambda step: None) -> RemoteStore:
        """Put the graphs that were built to use, see the module.

        Args:
            before: called with the name of each step before it is taken.
        """
        if not self._staged:
            return RemoteStore(self._transport)
        area = f"{_STAGING}{self._build}"
        before("journal")
        entry = f"GRAPH {_JOURNAL} {{ <{area}> {RDF.type} {_SWITCHING} }}"
        self._transport.update(f"INSERT DATA {{ {entry} }}", repeatable=True)
        used = RemoteStore(self._transport)
        used._switch_to(area, before)
        return used

    def finish_switch(self) -> None:
        """Finish a switch that was cut off, if there is any.

        Raises:
            StoreError: there is one, and the server takes no updates from us.
        """
        for row in self._select(f"SELECT ?area WHERE {{ GRAPH {_JOURNAL} {{ ?area {RDF.type} {_SWITCHING} }} }}"):
            area = row["area"]
            assert isinstance(area, NamedNode)
            try:
                self._switch_to(area.value)
            except StoreError as fault:
                raise StoreError(
                    f"{self.url}: putting a new graph to use was interrupted; open it with credentials that may write, "
                    f"or build it again ({fault})"
                ) from fault

    def _switch_to(self, area: str, before: Callable[[str], None] = lambda step: None) -> None:
        staged = self._names(f"{area}/")
        held = f"GRAPH {_JOURNAL} {{ <{area}> {RDF.type} {_SWITCHING} }}"
        finals = {GRAPH.base + name.removeprefix(f"{area}/"): name for name in staged}
        used = [name for name in self._names(GRAPH.base) if not _is_hidden(name)] if staged else []
        with self.allowing(PATIENCE):
            counts = {name: self._counted(_all_of(name)) for name in (*used, *staged)}
            steps = []
            for final in used:
                for part, only in self._parts(final, counts[final]):
                    kept = f"FILTER NOT EXISTS {{ GRAPH <{finals[final]}> {part} }}" if final in finals else ""
                    graph = f"GRAPH <{final}> {part}"
                    steps.append(f"DELETE {{ {graph} }} WHERE {{ {graph} {only} {held} {kept} }}")
            for final, name in finals.items():
                steps += self._copies(name, final, counts[name])
            before("switch")
            at_once = sum(counts.values()) <= AT_ONCE
            for text in [" ;\n".join(steps)] if steps and at_once else steps:
                self._transport.update(text, repeatable=True)
            before("unjournal")
            self._transport.update(f"DELETE DATA {{ {held} }}", repeatable=True)
            before("clean")
            self._drop(staged)
        self._forget()

    def _drop(self, names: Sequence[str]) -> None:
        with self.allowing(PATIENCE):
            for name in names:
                for part, only in self._parts(name, self._counted(_all_of(name)))[1:]:
                    graph = f"GRAPH <{name}> {part}"
                    self._transport.update(f"DELETE {{ {graph} }} WHERE {{ {graph} {only} }}", repeatable=True)
                self._transport.update(f"DROP SILENT GRAPH <{name}>", repeatable=True)

    def _copies(self, source: str, graph: str, count: int) -> list[str]:
        """Updates that add a graph of so many triples to another."""
        return [
            f"INSERT {{ GRAPH <{graph}> {part} }} WHERE {{ GRAPH <{source}> {part} {only} }}"
            for part, only in self._parts(source, count)
        ]

    def _parts(self, name: str, count: int) -> list[tuple[str, str]]:
        """Patterns, with filters, that make up a graph of so many triples, each of about :data:`AT_ONCE` at most."""
        if count <= AT_ONCE:
            return [("{ ?s ?p ?o }", "")]
        parts = []
        for row in self._select(f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ {_all_of(name)} }} GROUP BY ?p"):
            part, digits = f"{{ ?s {row['p']} ?o }}", [""]
            while int(row["n"].value) > AT_ONCE * len(digits):
                digits = [before + digit for before in digits for digit in _HEX]
            parts += [(part, f'FILTER(STRSTARTS(MD5(STR(?s)), "{start}"))' if start else "") for start in digits]
        return parts

    def _forget(self) -> None:
        """Ask anew what the server holds."""
        self._graphs = None
        self._near = EmbeddedStore()
        self._is_near.clear()

    # Asking

    def there(self, graph: NamedNode) -> str:
        """Name of a graph on the server, where a staging area has names of its own."""
        if not self._staged or graph.value.startswith(_STAGING):
            return graph.value
        return f"{_STAGING}{self._build}/{graph.value.removeprefix(GRAPH.base)}"

    @property
    def _virtuoso(self) -> bool:
        return "Virtuoso" in self._transport.server

    def _hint(self) -> str:
        """What makes a server take the patterns of a query in the order in which they are written, as ours are meant.

        Virtuoso's planner tries orders for minutes on patterns as large as those of the rules.
        """
        return 'DEFINE sql:select-option "order"\n' if self._virtuoso else ""

    def _names(self, below: str) -> list[str]:
        """The graphs on the server whose names begin so."""
        ours = f'FILTER(STRSTARTS(STR(?g), "{below}"))'
        text = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {ours} }}"
        if self._transport.server.startswith("Oxigraph"):
            # It knows its graphs, and need not look at every triple.
            text = f"SELECT ?g WHERE {{ GRAPH ?g {{ }} {ours} FILTER EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
        return sorted(row["g"].value for row in self._select(text))

    def _rows(self, pattern: str, variables: Sequence[str], part: str = "") -> list[pyoxigraph.QuerySolution]:
        """All rows of a pattern over the graphs that it names, in as many answers as the server's cap needs.

        Rows are counted first. Where an answer is short of the count, the rows are parted by a digest of their values:
        parts are whole whatever the order, which servers need not keep from page to page, and need no sorting.
        """
        where = pattern
        if part:
            text = ", ".join(f"STR({v})" for v in variables)
            where = f'{{ {pattern} FILTER(STRSTARTS(MD5(CONCAT({text}, "")), "{part}")) }}'
        rows = self._select(f"SELECT {' '.join(variables) or '*'} WHERE {where}", whole=False)
        if not _is_round(len(rows)):
            return rows
        count = self._counted(where)
        if len(rows) >= count:
            return rows
        if len(part) == _DEEPEST or not variables:
            raise self._short(len(rows), count)
        return [row for digit in _HEX for row in self._rows(pattern, variables, part + digit)]

    def _select(self, text: str, *, whole: bool = True) -> list[pyoxigraph.QuerySolution]:
        solutions = self._ask(text, {}, whole=whole)
        if not isinstance(solutions, QuerySolutions):
            raise self._no_endpoint()
        return list(solutions)

    def _counted(self, where: str) -> int:
        (row,) = self._select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {where} }}")
        return int(row["n"].value)

    def _ask(
        self, text: str, parameters: Mapping[str, Sequence[str]], *, whole: bool = True
    ) -> QuerySolutions | QueryBoolean:
        # In XML, for the JSON of one server calls true 1.
        body, media_type = self._transport.query(self._hint() + text, QueryResultsFormat.XML.media_type, parameters)
        if media_type != QueryResultsFormat.XML.media_type:
            raise self._no_endpoint(media_type)
        if whole:
            rows = body.count(b"<result>")
            if _is_round(rows):
                self._check_whole(text, parameters, rows)
        try:
            return pyoxigraph.parse_query_results(body, format=QueryResultsFormat.XML)
        except SyntaxError as fault:
            raise self._no_endpoint(media_type) from fault

    def _constructed(self, text: str, parameters: Mapping[str, Sequence[str]]) -> QueryTriples:
        body, media_type = self._transport.query(self._hint() + text, RdfFormat.N_TRIPLES.media_type, parameters)
        form = RdfFormat.from_media_type(media_type)
        near = pyoxigraph.Store()
        try:
            if form is None:
                raise self._no_endpoint(media_type)
            near.extend(pyoxigraph.parse(body, format=form))
        except SyntaxError as fault:
            raise self._no_endpoint(media_type) from fault
        if _is_round(len(near)):
            raise self._short(len(near), None)
        # The only way to a QueryTriples is a query.
        triples = near.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(triples, QueryTriples)
        return triples

    def _check_whole(self, text: str, parameters: Mapping[str, Sequence[str]], rows: int) -> None:
        match = re.search(r"\bSELECT\b", text, re.IGNORECASE)
        if match is None:
            return
        counting = f"{text[: match.start()]}SELECT (COUNT(*) AS ?n) WHERE {{ {{ {text[match.start() :]}\n}} }}"
        counted = self._ask(counting, parameters, whole=False)
        assert isinstance(counted, QuerySolutions)
        count = int(next(iter(counted))["n"].value)
        if rows < count:
            raise self._short(rows, count)

    def _short(self, rows: int, count: int | None) -> StoreError:
        of = f" of {count:,}" if count is not None else ""
        return StoreError(
            f"{self.url}: the server cut the answer after {rows:,}{of} rows; ask for less, page with ORDER BY, LIMIT "
            "and OFFSET, or raise its limit (ResultSetMaxRows in Virtuoso)"
        )

    def _no_endpoint(self, media_type: str = "another kind of result") -> StoreError:
        return StoreError(f"{self.url}: is not a SPARQL endpoint: it answers a query with {media_type}")


def _all_of(name: str) -> str:
    return f"GRAPH <{name}> {{ ?s ?p ?o }}"


def _is_hidden(name: str) -> bool:
    return name.startswith(_STAGING) or name == _JOURNAL.value


def _is_round(rows: int) -> bool:
    """Whether an answer of so many rows may have been cut by a server's cap."""
    return rows > 0 and (rows % _CAPS == 0 or rows % 1024 == 0)


def _form(text: str, prefixes: Mapping[str, str] | None) -> type:
    """What kind of answer a query has; the parser of the embedded store refuses here what it refuses there.

    Raises:
        QueryError: the text does not parse, or is not a query.
    """
    try:
        known = None if prefixes is None else dict(prefixes)
        return type(pyoxigraph.Store().query(text, base_iri=PREFIXES["id"], prefixes=known))
    except SyntaxError as fault:
        raise QueryError(f"the query does not parse: {readable(fault.msg, text)}") from fault
    except (OSError, RuntimeError) as fault:
        raise QueryError(f"the query cannot be asked: {fault}") from fault


def _with_prefixes(text: str, prefixes: Mapping[str, str] | None) -> str:
    """A query with the declarations that it uses and lacks, on its first line so that lines keep their numbers."""
    declared = set(re.findall(r"\bPREFIX\s+([\w.-]*)\s*:", text, re.IGNORECASE))
    used = {p: iri for p, iri in (prefixes or {}).items() if p not in declared and f"{p}:" in text}
    base = f"BASE <{PREFIXES['id']}> " if _RELATIVE.search(text) else ""
    return base + "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in used.items()) + text


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


def _construct_parts(text: str) -> tuple[str, str, str]:
    """Prologue, template and group of a CONSTRUCT query: a template holds no braces (SPARQL 1.1, rule 74)."""
    match = re.search(r"\bCONSTRUCT\s*\{([^{}]*)\}\s*WHERE\s*", text)
    if match is None:
        raise QueryError("a rule is written CONSTRUCT { … } WHERE { … }")
    head = "".join(line for line in text[: match.start()].splitlines(keepends=True) if not line.startswith("#"))
    return head, match[1], text[match.end() :]
