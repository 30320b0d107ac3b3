"""Results of queries, expected and answered, read with rdflib and compared as the W3C's test suites want it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

import rdflib
from rdflib import RDF, XSD, BNode, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

__all__ = ["Results", "read_graph", "read_results", "same_results"]

_RS: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_ROW: Final = Namespace("urn:row:")
Row: TypeAlias = Mapping[str, Node]


@dataclass(frozen=True)
class Results:
    """What a query answers.

    Attributes:
        variables: the names of the variables, ``None`` where the form does not tell.
        rows: the rows.
        boolean: the answer to ASK, else ``None``.
        is_ordered: whether the rows are in the order that the query wants.
    """

    variables: frozenset[str] | None = None
    rows: Sequence[Row] = ()
    boolean: bool | None = None
    is_ordered: bool = False


def read_results(data: bytes, kind: str, base: str = "urn:base:", *, is_ordered: bool = False) -> Results:
    """Rows, or the answer to ASK.

    Args:
        data: what a file or a response has in it.
        kind: how the names of such files end: ``srx``, ``srj``, ``csv``, ``tsv``, and ``ttl`` or ``rdf`` for the
            vocabulary of results.
        is_ordered: whether the order of rows counts; in the vocabulary of results they say so themselves.
    """
    if kind in ("ttl", "rdf"):
        return _from_graph(read_graph(data, kind, base))
    if kind == "csv":
        header, *lines = csv.reader(io.StringIO(data.decode(), newline=""))
        cells = [dict(zip(header, map(_cell, line), strict=True)) for line in lines]
        return Results(frozenset(header), cells, is_ordered=is_ordered)
    result = Result.parse(io.BytesIO(data), format={"srx": "xml", "srj": "json", "tsv": "tsv"}[kind])
    if result.type == "ASK":
        return Results(boolean=result.askAnswer)
    variables = frozenset(map(str, result.vars or ()))
    rows = [{str(name): term for name, term in row.items()} for row in result.bindings]
    return Results(variables, rows, is_ordered=is_ordered)


def read_graph(data: bytes, kind: str, base: str = "urn:base:") -> rdflib.Graph:
    """A graph in Turtle (``ttl``), N-Triples (``nt``) or RDF/XML (``rdf``).

    Args:
        data: what is in the file.
        kind: how its name ends.
        base: what relative IRIs are read against.
    """
    form = {"ttl": "turtle", "nt": "nt", "rdf": "xml"}[kind]
    return rdflib.Graph().parse(data=data, format=form, publicID=base)


def same_results(expected: Results, answered: Results, *, is_lax: bool = False) -> bool:
    """Whether results are the same but for the names of blank nodes, and for how computed numbers are written.

    Args:
        expected: what should be answered.
        answered: what is.
        is_lax: whether a row that is expected several times may be there fewer times, but once.
    """
    if expected.boolean is not None or answered.boolean is not None:
        return expected.boolean == answered.boolean
    if None not in (expected.variables, answered.variables) and expected.variables != answered.variables:
        return False
    if len(expected.rows) != len(answered.rows) and not is_lax:
        return False
    if isomorphic(_as_graph(expected, expected.is_ordered, is_lax), _as_graph(answered, expected.is_ordered, is_lax)):
        return not is_lax or len(answered.rows) <= len(expected.rows)
    return False


def _as_graph(results: Results, is_ordered: bool, is_lax: bool) -> rdflib.Graph:
    """Rows as a graph that is isomorphic to another if the rows are the same."""
    graph = rdflib.Graph()
    numbered: Iterable[tuple[frozenset[tuple[str, Node]], int]]
    cells = [frozenset((name, _as_compared(term)) for name, term in row.items()) for row in results.rows]
    numbered = [(row, number) for number, row in enumerate(cells)] if is_ordered else Counter(cells).items()
    for row, number in numbered:
        node = BNode()
        graph.add((node, _ROW.number, Literal(1 if is_lax else number)))
        for name, term in row:
            graph.add((node, _ROW[f"variable:{name}"], term))
    return graph


def _as_compared(term: Node) -> Node:
    """A term in the one spelling that is compared."""
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(str(term), lang=term.language.lower())
    if term.datatype in (None, XSD.string):
        return Literal(str(term))
    read = next((read for read, types in _READ.items() if term.datatype in types), None)
    try:
        return term if read is None else Literal(read(str(term)), datatype=term.datatype)
    except (ArithmeticError, ValueError):
        return term


def _decimal(text: str) -> str:
    return f"{Decimal(text).normalize():f}"


def _cell(text: str) -> Node:
    return BNode(text.removeprefix("_:")) if text.startswith("_:") else Literal(text)


def _from_graph(graph: rdflib.Graph) -> Results:
    node = graph.value(predicate=RDF.type, object=_RS.ResultSet)
    boolean = graph.value(node, _RS.boolean)
    if boolean is not None:
        return Results(boolean=str(boolean) == "true")
    found = []
    for solution in graph.objects(node, _RS.solution):
        row = {
            str(graph.value(binding, _RS.variable)): graph.value(binding, _RS.value)
            for binding in graph.objects(solution, _RS.binding)
        }
        index = graph.value(solution, _RS["index"])
        found.append((None if index is None else int(str(index)), row))
    is_ordered = bool(found) and all(index is not None for index, _ in found)
    if is_ordered:
        found.sort(key=lambda each: each[0] or 0)
    rows = [{name: term for name, term in row.items() if term is not None} for _, row in found]
    return Results(frozenset(map(str, graph.objects(node, _RS.resultVariable))), rows, is_ordered=is_ordered)


def _boolean(text: str) -> str:
    return {"1": "true", "0": "false"}.get(text, text)


def _date(text: str) -> str:
    return f"{text.removesuffix('+00:00')}Z" if text.endswith("+00:00") else text


def _float(text: str) -> str:
    return repr(float(text))


_INTEGERS: Final = (
    XSD.integer, XSD.int, XSD.long, XSD.short, XSD.byte, XSD.nonNegativeInteger, XSD.positiveInteger,
    XSD.nonPositiveInteger, XSD.negativeInteger, XSD.unsignedInt, XSD.unsignedLong, XSD.unsignedShort, XSD.unsignedByte,
)  # fmt: skip
_READ: Final[Mapping[Callable[[str], object], tuple[URIRef, ...]]] = {
    int: _INTEGERS,
    _decimal: (XSD.decimal,),
    _float: (XSD.double, XSD.float),
    _boolean: (XSD.boolean,),
    _date: (XSD.date, XSD.dateTime),
}
"""How literals are spelled that are compared by value, by their datatypes."""
