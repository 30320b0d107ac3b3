"""The SPARQL 1.1 Protocol (W3C Recommendation, 21 March 2013), section 2.1: what a request asks. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from kg.errors import BadParameter
from kg.http.refusals import Refused
from kg.terms import iri

__all__ = ["FORM", "QUERY", "UPDATE", "Outline", "SparqlRequest", "outline", "parameters", "read_request"]

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"

_READ_ONLY: Final = "this endpoint is read-only: it answers queries and takes no updates"
_LEXEME: Final = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*' '''
    r"""|<[^\x00-\x20<>"{}|^`\\]*>|\#[^\n\r]*|\\.|[?$@]\w+"""
    r"""|(?P<prefix>[\w.%-]*):(?:[\w:.%-]|\\.)*|(?P<word>\w+)|(?P<open>[({\[])|(?P<close>[)}\]])""",
    re.DOTALL | re.VERBOSE,
)


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


def read_request(method: str, query_string: bytes, content_type: str | None, body: bytes) -> SparqlRequest:
    """What a request to the endpoint asks.

    Args:
        method: ``GET``, ``HEAD`` or ``POST``.
        query_string: the query string, as it came.
        content_type: the field ``Content-Type``.
        body: the body.

    Raises:
        Refused: the protocol does not allow it (400), it is an update (403), or the body is of the wrong type (415).

    Example:
        >>> read_request("GET", b"query=ASK%20%7B%7D", None, b"").query
        'ASK {}'
    """
    address = parameters(query_string, "the address")
    if method != "POST":
        return _request(address, required=False)
    media = (content_type or "").partition(";")[0].strip().lower()
    charset = re.search(r';\s*charset\s*=\s*"?([^\s";]+)', content_type or "", re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, f"the body must be in UTF-8, not in {charset[1]}")
    if media == FORM:
        form = parameters(body, "the form")
        if any(name == "query" for name, _ in address) and any(name == "query" for name, _ in form):
            raise Refused(400, "the query is given twice: in the address and in the form")
        return _request([*address, *form], required=True)
    if media == QUERY:
        if any(name == "query" for name, _ in address):
            raise Refused(400, "the query is given twice: in the address and as the body")
        return _request([*address, ("query", _decoded(body, "the query"))], required=True)
    if media == UPDATE:
        raise Refused(403, _READ_ONLY)
    given = f"not {media!r}" if media else "and the request names none"
    raise Refused(415, f"the content type of a query is {QUERY} or {FORM}, {given}")


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
        depth: how deep its brackets are nested.
    """

    remote: bool
    dataset: bool
    depth: int


def outline(query: str) -> Outline:
    """What a query looks like: strings, IRIs, comments, variables and local names are none of its keywords.

    Oxigraph's parser wants no space behind a keyword: ``SERVICEx:y`` calls ``x:y``. So a word or a prefix that holds
    the letters counts.

    Example:
        >>> outline("SELECT ?from FROM <x:service> { ?service a 'LOAD' } # SERVICE")
        Outline(remote=False, dataset=True, depth=1)
        >>> outline("ASK { SERVICE <x:y> { } }")
        Outline(remote=True, dataset=False, depth=2)
    """
    remote, dataset, depth, deepest = False, False, 0, 0
    for match in _LEXEME.finditer(query):
        kind = match.lastgroup
        if kind in ("word", "prefix"):
            word = match[kind].upper()
            remote = remote or "SERVICE" in word
            dataset = dataset or word == "FROM"
        elif kind:
            depth += 1 if kind == "open" else -1
            deepest = max(deepest, depth)
    return Outline(remote, dataset, deepest)


def _request(given: Sequence[tuple[str, str]], *, required: bool) -> SparqlRequest:
    if any(name == "update" for name, _ in given):
        raise Refused(403, _READ_ONLY)
    queries = [value for name, value in given if name == "query"]
    if len(queries) > 1:
        raise Refused(400, f"there are {len(queries)} queries; a request has one")
    if required and not queries:
        raise Refused(400, "no query: the form needs a field called query")
    graphs: dict[str, list[str]] = {"default-graph-uri": [], "named-graph-uri": []}
    for name, value in given:
        if name in graphs:
            try:
                graphs[name].append(iri(value).value)
            except ValueError as fault:
                raise Refused(400, str(BadParameter(name, value, "an absolute IRI"))) from fault
    rest = tuple((name, value) for name, value in given if name != "query" and name not in graphs)
    return SparqlRequest(
        queries[0] if queries else None,
        tuple(graphs["default-graph-uri"]),
        tuple(graphs["named-graph-uri"]),
        rest,
    )


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise Refused(400, f"{what}: not text in UTF-8") from fault
