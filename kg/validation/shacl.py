"""Running SHACL: shapes are read and made fast, data are handed to pySHACL, and what it reports is read.

Of the ontology only the ``rdfs:subClassOf`` axioms between named classes are added to the data: a shape for a class
then sees the nodes of its subclasses, and nothing else is inferred.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyoxigraph
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from kg.errors import ParseError
from kg.resources import ontology_files, shape_files
from kg.terms import local_name
from kg.vocab import RDFS

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result

__all__ = ["Data", "RdfTriple", "name_of", "quiet", "read_shapes", "results", "to_rdflib", "to_term"]

RdfTriple: TypeAlias = tuple[rdflib.IdentifiedNode, rdflib.URIRef, rdflib.IdentifiedNode | rdflib.Literal]
"""A triple as rdflib has it."""

_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")

_TARGETS = frozenset({_SH.targetClass, _SH.targetNode, _SH.targetObjectsOf, _SH.targetSubjectsOf})


class Data(rdflib.Graph):
    """A graph that parses a query once: SHACL puts the same few for every node, and parsing takes most of the time."""

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """See :meth:`rdflib.Graph.query`."""
        query = _parsed(query_object) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


@cache
def _parsed(query: str) -> Query:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(query)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep rdflib from logging each ill-formed literal with a traceback: the shapes report it."""

    def mute(record: logging.LogRecord) -> bool:
        return False

    logger = logging.getLogger("rdflib.term")
    logger.addFilter(mute)
    try:
        yield
    finally:
        logger.removeFilter(mute)


def results(data: Data, shapes: rdflib.Graph) -> Iterator[tuple[str, str, str, str, str]]:
    """What shapes find in data, to which the axioms on subclasses are added.

    Args:
        data: the data.
        shapes: the shapes.

    Returns:
        For each result the focus node, the first property of the path, the value, the message and the severity.

    Raises:
        ParseError: the shapes are not well-formed SHACL.
    """
    import pyshacl
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError

    for triple in _subclass_axioms():
        data.add(to_rdflib(triple))
    try:
        _, report, text = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    except (ConstraintLoadError, ReportableRuntimeError, ShapeLoadError) as fault:
        raise ParseError("shapes", str(fault)) from fault
    if not isinstance(report, rdflib.Graph):
        raise ParseError("shapes", text)
    for result in report.objects(None, _SH.result):
        messages = sorted(str(m) for m in report.objects(result, _SH.resultMessage))
        value = report.value(result, _SH.value)
        yield (
            name_of(report.value(result, _SH.focusNode)),
            _first_property(report, report.value(result, _SH.resultPath)),
            "" if value is None else name_of(value),
            " ".join(messages),
            local_name(str(report.value(result, _SH.resultSeverity))),
        )


def _first_property(report: rdflib.Graph, path: object) -> str:
    """The first property of a SHACL path: the path itself, or what a list, an inverse or an alternative starts with."""
    if isinstance(path, rdflib.URIRef):
        return str(path)
    if isinstance(path, rdflib.BNode):
        for part in (rdflib.RDF.first, _SH.inversePath, _SH.alternativePath):
            inner = report.value(path, part)
            if inner is not None:
                return _first_property(report, inner)
    return ""


def read_shapes(files: Sequence[Path] | None) -> rdflib.Graph:
    """The shapes in some files, made ready to be run; those that ship where none are named.

    Raises:
        ParseError: a file cannot be parsed.
    """
    return _shipped_shapes() if files is None else _shapes(files)


@cache
def _shipped_shapes() -> rdflib.Graph:
    return _shapes(shape_files())


def _shapes(files: Sequence[Path]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for number, path in enumerate(files):
        try:
            quads = list(pyoxigraph.parse(path=str(path), format=RdfFormat.TURTLE))
        except SyntaxError as fault:
            raise ParseError(str(path), str(fault.msg), fault.lineno) from fault
        for quad in quads:
            graph.add(to_rdflib(quad.triple, str(number)))
    _hoist(graph)
    return graph


def _hoist(shapes: rdflib.Graph) -> None:
    """Give property shapes the targets of their node shape and let go of it; by definition the results are the same.

    pySHACL sets up a property shape anew for every node of a node shape, but only once for all nodes that it targets.
    Shapes that other shapes use, that are switched off, or that are classes at once, stay as they are.
    """
    for shape in set(shapes.subjects(_SH.property, None)):
        targets = [(p, o) for p, o in shapes.predicate_objects(shape) if p in _TARGETS]
        fixed = (None, None, shape) in shapes or (shape, _SH.deactivated, None) in shapes
        if not targets or fixed or (shape, rdflib.RDF.type, rdflib.RDFS.Class) in shapes:
            continue
        for part in list(shapes.objects(shape, _SH.property)):
            shapes.remove((shape, _SH.property, part))
            for predicate, target in targets:
                shapes.add((part, predicate, target))


@cache
def _subclass_axioms() -> tuple[Triple, ...]:
    return tuple(
        quad.triple
        for path in ontology_files()
        for quad in pyoxigraph.parse(path=str(path), format=RdfFormat.TURTLE)
        if quad.predicate == RDFS.subClassOf and isinstance(quad.subject, NamedNode)
    )


def name_of(node: object) -> str:
    """A node as faults name it."""
    return f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def to_rdflib(triple: Triple, scope: str = "") -> RdfTriple:
    """A triple for rdflib; its object is no triple.

    Args:
        triple: the triple.
        scope: what tells the blank nodes of one document from those of others.
    """
    subject, predicate, obj = triple
    assert not isinstance(subject, Triple)
    assert not isinstance(obj, Triple)
    return _node(subject, scope), rdflib.URIRef(predicate.value), to_term(obj, scope)


def _node(term: NamedNode | BlankNode, scope: str) -> rdflib.IdentifiedNode:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    return rdflib.BNode(f"{scope}-{term.value}")


def to_term(term: NamedNode | BlankNode | Literal, scope: str) -> rdflib.IdentifiedNode | rdflib.Literal:
    """A term for rdflib.

    Args:
        term: the term; a literal keeps its form, be it ill-formed.
        scope: what tells the blank nodes of one document from those of others.
    """
    if not isinstance(term, Literal):
        return _node(term, scope)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
