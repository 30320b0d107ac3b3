"""Whole answers of a SPARQL 1.1 endpoint, which is asked with the names that graphs have there.

Some servers cut a long answer off without a word. An answer of a number of rows that looks like such a cap is counted
on the server; one that was cut is fetched in parts where that can be done, and is an error elsewhere.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

import pyoxigraph
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolution, QuerySolutions, QueryTriples, RdfFormat

from kg.errors import QueryError, StoreError
from kg.store.transport import Transport

__all__ = ["Endpoint"]

_CAPS: Final = 1000
"""Caps on the rows of an answer are multiples of this, or of 1,024."""

_HEX: Final = "0123456789abcdef"
"""Digits of the digests by which rows are parted."""
_DEEPEST: Final = 8
_END: Final = re.compile(rb"</(?:[\w.-]+:)?sparql\s*>")
_TAIL: Final = 1_000


class Endpoint:
    """What can be asked of a server.

    Args:
        transport: what sends requests to it.

    Attributes:
        transport: the same; updates go by it.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    @property
    def url(self) -> str:
        """URL of the endpoint, without credentials."""
        return self.transport.settings.query_url

    @property
    def is_virtuoso(self) -> bool:
        """Whether the server is Virtuoso, as far as it has answered."""
        return "Virtuoso" in self.transport.server

    @property
    def hint(self) -> str:
        """What makes a server take the patterns of a query in the order in which they are written, as ours are meant.

        Virtuoso's planner tries orders for minutes on patterns as large as those of the rules.
        """
        return 'DEFINE sql:select-option "order"\n' if self.is_virtuoso else ""

    def answer(
        self, text: str, form: type, parameters: Mapping[str, Sequence[str]]
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """The answer to a query.

        Args:
            text: the query.
            form: what kind of answer it has.
            parameters: parameters of the SPARQL 1.1 Protocol, such as ``default-graph-uri``.

        Raises:
            QueryError: the server does not accept the query.
            StoreError: the server does not answer, or cuts the answer short.
        """
        if form is QueryTriples:
            return self._constructed(text, parameters)
        solutions = self._ask(text, parameters)
        if (form is QueryBoolean) != isinstance(solutions, QueryBoolean):
            raise self._no_endpoint()
        return solutions

    def select(self, text: str, *, whole: bool = True) -> list[QuerySolution]:
        """The rows of a SELECT query of ours.

        Args:
            text: the query.
            whole: whether it is an error that the server cuts the answer short.

        Raises:
            StoreError: the server does not accept the query, does not answer, or cuts the answer short.
        """
        try:
            solutions = self._ask(text, {}, whole=whole)
        except QueryError as fault:  # which is not one of those who asked
            raise StoreError(f"{fault}; is it an endpoint of SPARQL 1.1?") from fault
        if not isinstance(solutions, QuerySolutions):
            raise self._no_endpoint()
        return list(solutions)

    def rows(self, pattern: str, variables: Sequence[str], part: str = "") -> list[QuerySolution]:
        """All rows of a pattern over the graphs that it names, in as many answers as the server's cap needs.

        Rows are counted first. Where an answer is short of the count, the rows are parted by a digest of their values:
        parts are whole whatever the order, which servers need not keep from page to page, and need no sorting.

        Args:
            pattern: a group graph pattern.
            variables: its variables, with their question marks.
            part: how the digests of the rows begin, where not all are wanted.

        Raises:
            StoreError: the server does not answer, or cuts even the smallest part short.
        """
        where = pattern
        if part:
            text = ", ".join(f"STR({v})" for v in variables)
            where = f'{{ {pattern} FILTER(STRSTARTS(MD5(CONCAT({text}, "")), "{part}")) }}'
        rows = self.select(f"SELECT {' '.join(variables) or '*'} WHERE {where}", whole=False)
        if not _is_round(len(rows)):
            return rows
        count = self.count(where)
        if len(rows) >= count:
            return rows
        if len(part) == _DEEPEST or not variables:
            raise self._short(len(rows), count)
        return [row for digit in _HEX for row in self.rows(pattern, variables, part + digit)]

    def size(self, graph: str) -> int:
        """How many triples a graph has."""
        return self.count(f"GRAPH <{graph}> {{ ?s ?p ?o }}")

    def names(self, below: str) -> list[str]:
        """The graphs on the server whose names begin so, sorted."""
        ours = f'FILTER(STRSTARTS(STR(?g), "{below}"))'
        text = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {ours} }}"
        if self.transport.server.startswith("Oxigraph"):
            # It knows its graphs, and need not look at every triple.
            text = f"SELECT ?g WHERE {{ GRAPH ?g {{ }} {ours} FILTER EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
        return sorted(row["g"].value for row in self.select(text))

    def count(self, where: str) -> int:
        """How many rows a pattern over the graphs that it names has."""
        (row,) = self.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {where} }}")
        return int(row["n"].value)

    def _ask(
        self, text: str, parameters: Mapping[str, Sequence[str]], *, whole: bool = True
    ) -> QuerySolutions | QueryBoolean:
        # In XML, for the JSON of one server calls true 1.
        body, media_type = self.transport.query(self.hint + text, QueryResultsFormat.XML.media_type, parameters, _ends)
        if media_type != QueryResultsFormat.XML.media_type:
            raise self._no_endpoint(media_type)
        if whole:
            rows = body.count(b"<result>")
            if _is_round(rows):
                self._check_whole(text, parameters, rows)
        try:
            # What is wrong with a row would come out where it is read, far from here.
            read = pyoxigraph.parse_query_results(body, format=QueryResultsFormat.XML)
            if isinstance(read, QuerySolutions):
                deque(read, maxlen=0)
            return pyoxigraph.parse_query_results(body, format=QueryResultsFormat.XML)
        except SyntaxError as fault:
            raise StoreError(
                f"{self.url}: the answer is no SPARQL result in XML, {fault}; is it an endpoint?"
            ) from fault

    def _constructed(self, text: str, parameters: Mapping[str, Sequence[str]]) -> QueryTriples:
        body, media_type = self.transport.query(self.hint + text, RdfFormat.N_TRIPLES.media_type, parameters)
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


def _ends(body: bytes) -> bool:
    """Whether an answer in XML that has a beginning has an end."""
    return b"<sparql" not in body[:_TAIL] or _END.search(body, max(len(body) - _TAIL, 0)) is not None


def _is_round(rows: int) -> bool:
    """Whether an answer of so many rows may have been cut by a server's cap."""
    return rows > 0 and (rows % _CAPS == 0 or rows % 1024 == 0)
