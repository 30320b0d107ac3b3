"""Asking an endpoint that is shaped like that of Wikidata: in batches, page by page, and reading only.

A public endpoint ends a query after a minute, limits the rows of an answer and turns away who asks too much. So each
query is about a few items, asked for in pages of a total order, and one at a time; waits that the endpoint asks for are
kept. A page whose size looks like a limit is followed by another, and an answer that ends in the middle is an error.

References:
    Wikidata Query Service, User Manual, section Query limits
    (https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual).
    Wikimedia Foundation, User-Agent policy (https://meta.wikimedia.org/wiki/User-Agent_policy).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import pyoxigraph
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions

from kg.errors import QueryError, StoreError
from kg.settings import endpoint_settings
from kg.store.transport import Transport
from kg.terms import Term

__all__ = ["NAMESPACES", "Endpoint", "Row"]

NAMESPACES: Final = {
    "p": "http://www.wikidata.org/prop/",
    "pq": "http://www.wikidata.org/prop/qualifier/",
    "pqv": "http://www.wikidata.org/prop/qualifier/value/",
    "pr": "http://www.wikidata.org/prop/reference/",
    "prov": "http://www.w3.org/ns/prov#",
    "ps": "http://www.wikidata.org/prop/statement/",
    "psv": "http://www.wikidata.org/prop/statement/value/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "wd": "http://www.wikidata.org/entity/",
    "wdno": "http://www.wikidata.org/prop/novalue/",
    "wds": "http://www.wikidata.org/entity/statement/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "wikibase": "http://wikiba.se/ontology#",
}
"""The namespaces of Wikidata's RDF (Wikibase, RDF Dump Format, section Prefixes used)."""

Row: TypeAlias = dict[str, Term]
"""The bound variables of one solution."""

_BATCH: Final = 50
_PAGE: Final = 5000
_FORMS: Final = {form.media_type: form for form in (QueryResultsFormat.XML, QueryResultsFormat.JSON)}
_ACCEPT: Final = f"{QueryResultsFormat.XML.media_type}, {QueryResultsFormat.JSON.media_type};q=0.9"
_SIGNING_IN: Final = "put them in the URL or in the settings file, or ask whoever runs it why it turns you away"


class Endpoint:
    """One SPARQL endpoint.

    Args:
        url: where it is.
        transport: what sends requests to it; where not given, one with the settings of the URL.
        batch: items that one query is about.
        page: rows that are asked for at once.

    Raises:
        UsageError: the URL is none.
    """

    def __init__(self, url: str, *, transport: Transport | None = None, batch: int = _BATCH, page: int = _PAGE) -> None:
        self._transport = transport or Transport(endpoint_settings(url), signing_in=_SIGNING_IN)
        self._batch, self._page = batch, page

    @property
    def url(self) -> str:
        """Its URL, without credentials."""
        return self._transport.settings.query_url

    def about(self, items: Iterable[NamedNode], variables: str, pattern: str) -> Iterator[Row]:
        """All rows of a pattern for the values of ``?item``.

        Args:
            items: the items, in any number.
            variables: what is selected, such as ``"?item ?name"``; distinct rows, in their order.
            pattern: the group, without its braces.

        Raises:
            StoreError: there is no whole answer.
        """
        ordered = sorted(map(str, items))
        for start in range(0, len(ordered), self._batch):
            values = " ".join(ordered[start : start + self._batch])
            yield from self.all(variables, f"VALUES ?item {{ {values} }} {pattern}")

    def all(self, variables: str, pattern: str) -> Iterator[Row]:
        """All rows of a pattern, see :meth:`about`."""
        prefixes = "".join(f"PREFIX {name}: <{base}> " for name, base in NAMESPACES.items() if f"{name}:" in pattern)
        text = f"{prefixes}SELECT DISTINCT {variables} WHERE {{ {pattern} }} ORDER BY {variables}"
        offset, last = 0, None
        while True:
            page = self._ask(f"{text} LIMIT {self._page} OFFSET {offset}", variables)
            if page and page == last:
                raise StoreError(f"{self.url}: gives the same page again and again; it has to keep to OFFSET")
            yield from page
            if not page or (len(page) < self._page and not _is_round(len(page))):
                return
            offset, last = offset + len(page), page

    def _ask(self, text: str, variables: str) -> list[Row]:
        try:
            body, media_type = self._transport.query(text, _ACCEPT, {})
        except QueryError as fault:
            # The user wrote no query.
            raise StoreError(str(fault)) from fault
        form = _FORMS.get(media_type)
        if form is None:
            raise StoreError(f"{self.url}: is not a SPARQL endpoint: it answers a query with {media_type}")
        try:
            solutions = pyoxigraph.parse_query_results(body, format=form)
            if not isinstance(solutions, QuerySolutions):
                raise StoreError(f"{self.url}: is not a SPARQL endpoint: it answers a SELECT with true or false")
            names = [variable.value for variable in solutions.variables]
            if not {f"?{name}" for name in names} >= set(variables.split()):
                raise StoreError(f"{self.url}: answers another question than it was asked")
            return [
                {name: value for name, value in zip(names, solution, strict=True) if value is not None}
                for solution in solutions
            ]
        except SyntaxError as fault:
            raise StoreError(
                f"{self.url}: its answer is cut off half-way or damaged; ask again, or for less (--state, --language)"
            ) from fault


def _is_round(rows: int) -> bool:
    """Whether so many rows may be all that a server gives at once."""
    return rows > 0 and (rows % 100 == 0 or rows % 1024 == 0)
