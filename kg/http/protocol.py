"""The SPARQL 1.1 Protocol (W3C Recommendation, 21 March 2013), section 2: what a request asks. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from kg.errors import BadParameter
from kg.http.datasets import has_dataset
from kg.http.refusals import Refused
from kg.lexemes import keywords
from kg.terms import iri, near_misses

__all__ = [
    "FORM",
    "QUERY",
    "READ_ONLY",
    "UPDATE",
    "Outline",
    "SparqlRequest",
    "SparqlUpdate",
    "calls_out",
    "media_of",
    "outline",
    "parameters",
    "read_request",
    "text_of",
    "varies",
]

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"

READ_ONLY: Final = "this endpoint is read-only: it answers queries and takes no updates"
_OF_QUERIES: Final = ("default-graph-uri", "named-graph-uri")
_OF_UPDATES: Final = ("using-graph-uri", "using-named-graph-uri")
_OPTIONS: Final = ("policy", "known-by")
"""What a query may say beyond the protocol."""
_VARYING_WORDS: Final = ("NOW", "RAND", "UUID", "BNODE", "\\U")
_VARYING: Final = re.compile(r"(?<![?$\w])\w*(?:NOW|RAND|UUID|BNODE)|\\u", re.IGNORECASE)


@dataclass(frozen=True)
class SparqlRequest:
    """What is asked of the endpoint.

    Attributes:
        query: the query, or ``None`` where the description of the service is asked for.
        default_graphs: ``default-graph-uri``.
        named_graphs: ``named-graph-uri``.
        options: the other parameters, such as ``policy``.
    """

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def has_dataset(self) -> bool:
        """Whether the request says what the dataset is, which then counts whatever the query says."""
        return bool(self.default_graphs or self.named_graphs)

    def option(self, name: str) -> str | None:
        """Another parameter, ``None`` where it is missing or empty."""
        return next((value for key, value in self.options if key == name and value), None)


@dataclass(frozen=True)
class SparqlUpdate:
    """What is to be changed.

    Attributes:
        update: the update.
        default_graphs: ``using-graph-uri``.
        named_graphs: ``using-named-graph-uri``.
    """

    update: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def read_request(
    method: str, query_string: bytes, content_type: str | None, body: bytes, *, writable: bool = False
) -> SparqlRequest | SparqlUpdate:
    """What a request to the endpoint asks.

    Args:
        method: ``GET``, ``HEAD`` or ``POST``.
        query_string: the query string, as it came.
        content_type: the field ``Content-Type``.
        body: the body.
        writable: whether updates are taken.

    Raises:
        Refused: the protocol does not allow it (400), it is an update where none is taken (403), or the body is of the
            wrong type (415).

    Example:
        >>> read_request("GET", b"query=ASK%20%7B%7D", None, b"").query
        'ASK {}'
        >>> read_request("POST", b"", UPDATE, b"CLEAR ALL", writable=True).update
        'CLEAR ALL'
    """
    address = parameters(query_string, "the address")
    if method != "POST":
        if writable and any(name == "update" for name, _ in address):
            raise Refused(400, "an update is sent by POST, in a form or as the body")
        return _request(address, required=False)
    media = media_of(content_type, "the body")
    if media == FORM:
        form = parameters(body, "the form")
        if writable and any(name == "update" for name, _ in [*address, *form]):
            return _update(address, form)
        if any(name == "query" for name, _ in address) and any(name == "query" for name, _ in form):
            raise Refused(400, "the query is given twice: in the address and in the form")
        return _request([*address, *form], required=True)
    if media == QUERY:
        if any(name == "query" for name, _ in address):
            raise Refused(400, "the query is given twice: in the address and as the body")
        return _request([*address, ("query", text_of(body, "the query"))], required=True)
    if media == UPDATE:
        if writable:
            return _update(address, [("update", text_of(body, "the update"))])
        raise Refused(403, READ_ONLY)
    given = f"not {media!r}" if media else "and the request names none"
    raise Refused(415, f"the content type of a query is {QUERY} or {FORM}, {given}")


def media_of(content_type: str | None, what: str) -> str:
    """The media type of a body, in small letters; empty where there is none.

    Args:
        content_type: the field ``Content-Type``.
        what: the body, in words.

    Raises:
        Refused: the body is in another character set than UTF-8 (415).

    Example:
        >>> media_of("text/turtle; charset=UTF-8", "the graph")
        'text/turtle'
    """
    media, _, rest = (content_type or "").partition(";")
    charset = re.search(r'(?:^|;)\s*charset\s*=\s*"?([^\s";]+)', rest, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, f"{what} must be in UTF-8, not in {charset[1]}")
    return media.strip().lower()


def parameters(data: bytes, where: str) -> list[tuple[str, str]]:
    """Names and values of an address or a form, decoded once.

    Raises:
        Refused: they are not UTF-8, or too many.

    Example:
        >>> parameters(b"query=%2525&x=a+b", "the form")
        [('query', '%25'), ('x', 'a b')]
    """
    try:
        text = data.decode("ascii") if data.isascii() else data.decode()
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except UnicodeDecodeError as fault:
        raise Refused(400, f"{where}: not text in UTF-8") from fault
    except ValueError as fault:
        raise Refused(400, f"{where}: {fault}") from fault


@dataclass(frozen=True)
class Outline:
    """What a query looks like from outside, without parsing it.

    Attributes:
        remote: whether it may call another endpoint.
        dataset: whether it says what its dataset is.
    """

    remote: bool
    dataset: bool


def outline(query: str) -> Outline:
    """What a query looks like: strings, IRIs, comments, variables and local names are none of its keywords.

    Oxigraph's parser wants no space behind a keyword: ``SERVICEx:y`` calls ``x:y``. So a word or a prefix that holds
    the letters counts.

    Args:
        query: a settled text, see :func:`kg.lexemes.settled`.

    Example:
        >>> outline("SELECT ?from FROM <x:service> { ?service a 'LOAD' } # SERVICE")
        Outline(remote=False, dataset=True)
        >>> outline("ASK { SERVICE <x:y> { } }")
        Outline(remote=True, dataset=False)
    """
    return Outline(any("SERVICE" in word for word in keywords(query)), has_dataset(query))


def calls_out(update: str) -> bool:
    """Whether an update may read from elsewhere: with ``LOAD`` or ``SERVICE``, also where no space follows.

    Args:
        update: a settled text, see :func:`kg.lexemes.settled`.

    Example:
        >>> calls_out("LOADx:y"), calls_out("INSERT DATA { <x:load> <x:p> 'SERVICE' }")
        (True, False)
    """
    return any("LOAD" in word or "SERVICE" in word for word in keywords(update))


def varies(query: str) -> bool:
    """Whether a query may have another answer each time: by ``NOW``, ``RAND``, ``UUID``, ``STRUUID`` or ``BNODE``.

    What merely looks like it counts too, and so does any escape that could spell such a name.

    Example:
        >>> varies("SELECT (NOW() AS ?t) {}"), varies("SELECT ?now { ?now a ?rand }")
        (True, False)
    """
    raised = query.upper()
    # Most queries have nothing of the kind, which is found out sooner so.
    return any(word in raised for word in _VARYING_WORDS) and _VARYING.search(query) is not None


def _request(given: Sequence[tuple[str, str]], *, required: bool) -> SparqlRequest:
    if any(name == "update" for name, _ in given):
        raise Refused(403, READ_ONLY)
    queries = [value for name, value in given if name == "query"]
    if len(queries) > 1:
        raise Refused(400, f"there are {len(queries)} queries; a request has one")
    if required and not queries:
        raise Refused(400, "no query: the form needs a field called query")
    _of_the_other(given, _OF_UPDATES, "an update", _OF_QUERIES)
    default_graphs, named_graphs = (_graphs(given, name) for name in _OF_QUERIES)
    rest = tuple((name, value) for name, value in given if name not in ("query", *_OF_QUERIES))
    for name, _ in rest:
        # What other endpoints take may be sent here too, but what was meant to narrow an answer must not go unnoticed.
        if name not in _OPTIONS and (near := near_misses(name.replace("_", "-"), [*_OPTIONS, *_OF_QUERIES])):
            raise Refused(400, f"a query has no parameter {name}", near)
    return SparqlRequest(queries[0] if queries else None, default_graphs, named_graphs, rest)


def _update(address: Sequence[tuple[str, str]], given: Sequence[tuple[str, str]]) -> SparqlUpdate:
    if any(name == "update" for name, _ in address):
        raise Refused(400, "the update belongs into the form or the body, not into the address")
    everything = [*address, *given]
    if any(name == "query" for name, _ in everything):
        raise Refused(400, "a request has a query or an update, not both")
    updates = [value for name, value in given if name == "update"]
    if len(updates) > 1:
        raise Refused(400, f"there are {len(updates)} updates; a request has one, whose parts are separated by ;")
    _of_the_other(everything, _OF_QUERIES, "a query", _OF_UPDATES)
    using, named = (_graphs(everything, name) for name in _OF_UPDATES)
    return SparqlUpdate(updates[0], using, named)


def _of_the_other(given: Sequence[tuple[str, str]], names: Sequence[str], owner: str, instead: Sequence[str]) -> None:
    """Refuse what would say what the dataset is, and does not apply.

    Raises:
        Refused: it is given (400).
    """
    for name, _ in given:
        if name in names:
            raise Refused(400, f"{name} goes with {owner}; what goes with this is {' and '.join(instead)}")


def _graphs(given: Sequence[tuple[str, str]], parameter: str) -> tuple[str, ...]:
    """The graphs that a parameter names, each once: a dataset is a set of graphs, which Oxigraph takes for a list.

    Raises:
        Refused: one is no IRI.
    """
    try:
        return tuple(dict.fromkeys(iri(value).value for name, value in given if name == parameter))
    except ValueError as fault:
        wrong = next(value for name, value in given if name == parameter and not _is_iri(value))
        raise Refused(400, str(BadParameter(parameter, wrong, "an absolute IRI"))) from fault


def _is_iri(value: str) -> bool:
    try:
        iri(value)
    except ValueError:
        return False
    return True


def text_of(data: bytes, what: str) -> str:
    """A body as text.

    Raises:
        Refused: it is not in UTF-8 (400).
    """
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise Refused(400, f"{what}: not text in UTF-8") from fault
