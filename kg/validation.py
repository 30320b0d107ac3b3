"""Checking data against the shapes, before anything is built from them.

The shapes are plain SHACL in ``ontology/shapes/``, one file a module of the ontology: any SHACL processor can run them.
This module runs them over the union of some documents and says for each fault in which document it is.
Of the ontology it adds only the ``rdfs:subClassOf`` axioms between named classes: a shape for a class then sees the
nodes of its subclasses, and nothing else is inferred. Beside the shapes that ship it reports terms that the vocabulary
does not have, for to a shape a misspelt property is just one property more.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyoxigraph
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from kg.errors import ParseError, Violation
from kg.reach import Chain, Facts, Unreadable, Walk, chains
from kg.resources import ontology_files, shape_files
from kg.store.base import Readable
from kg.terms import local_name, near_misses
from kg.vocab import FOEDUS, RDFS

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result

__all__ = ["validate", "validate_change"]

_RdfTriple: TypeAlias = tuple[rdflib.IdentifiedNode, rdflib.URIRef, rdflib.IdentifiedNode | rdflib.Literal]

_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")

_TARGETS = frozenset({_SH.targetClass, _SH.targetNode, _SH.targetObjectsOf, _SH.targetSubjectsOf})


def validate(
    documents: Mapping[str, Collection[Triple]],
    *,
    shapes: Sequence[Path] | None = None,
) -> list[Violation]:
    """Every fault of some documents, taken together.

    A node may be described in one document and referred to in another, so documents that need each other, such as an
    article and the list of states, are checked in one call.

    Args:
        documents: what each document says, by the name of its file. Nothing is changed in them.
        shapes: files of shapes, in Turtle, to use in the place of those that ship.

    Returns:
        The faults, sorted. The file is the one that states what is at fault; where something is missing, the first in
        which the node is described; and for a node described nowhere, the first that refers to it. For a path of
        several properties the first is given.

    Raises:
        ParseError: a file of shapes cannot be parsed or is not well-formed SHACL.

    Example:
        >>> from kg.vocab import RDF
        >>> kind = Triple(NamedNode("https://example.org/war"), RDF.type, FOEDUS.ArmedConflict)
        >>> for fault in validate({"war.ttl": [kind]}):
        ...     print(fault.message.split(".")[0])
        A node has exactly one English rdfs:label
        Nobody claims this
        An armed conflict has at least one foedus:sideA
        An armed conflict has at least one foedus:sideB
    """
    data = _Data()
    stated: dict[tuple[str, ...], str] = {}
    mentioned: dict[str, str] = {}
    found: set[Violation] = set()
    chosen = _shipped_shapes() if shapes is None else _shapes(shapes)
    with _quiet():
        for number, (file, triples) in enumerate(documents.items()):
            for triple in triples:
                predicate, obj = triple.predicate, triple.object
                if isinstance(obj, Triple):
                    found.add(_quoted(file, triple, str(number)))
                    continue
                copy = _to_rdflib(triple, str(number))
                data.add(copy)
                whole = (_name(copy[0]), predicate.value, str(copy[2]))
                for part in (whole, whole[:2], whole[:1]):
                    stated.setdefault(part, file)
                if isinstance(obj, NamedNode):
                    mentioned.setdefault(obj.value, file)
                if shapes is None:
                    found.update(_unknown_terms(file, copy))
        for triple in _subclass_axioms():
            data.add(_to_rdflib(triple))
        for node, path, value, message, severity in _results(data, chosen):
            parts = ((node, path, value), (node, path), (node,))
            file = next((stated[part] for part in parts if part in stated), mentioned.get(node, ""))
            found.add(Violation(file, node, path, value, message, severity))
    return sorted(found)


_chains = lru_cache(maxsize=1)(chains)


def _looked_along(changed: Iterable[Triple], shapes: rdflib.Graph) -> frozenset[Chain] | None:
    """The chains along which shapes look, or ``None`` where a change may bear on everything."""
    # Schema among the data, blank nodes and triples about triples are rare, and too much may depend on them.
    if any(
        not isinstance(t.subject, NamedNode)
        or isinstance(t.object, BlankNode | Triple)
        or t.subject.value.startswith(FOEDUS.base)
        or t.predicate == RDFS.subClassOf
        for t in changed
    ):
        return None
    try:
        return _chains(shapes)
    except Unreadable:
        return None


def validate_change(
    store: Readable,
    sources: Mapping[NamedNode, str],
    added: Iterable[Quad],
    removed: Iterable[Quad],
    *,
    shapes: Sequence[Path] | None = None,
) -> list[Violation]:
    """The faults that a change of a store can have made; only what the change bears on is read and checked.

    The time depends on the change, not on the size of the store, except where schema is changed among the data: then
    all of it is checked.

    Args:
        store: the store after the change.
        sources: the graphs to check together, each with the name by which a fault says where it is, in the order in
            which they are looked through for that.
        added: the statements of those graphs that were not there.
        removed: the statements that are gone.
        shapes: files of shapes, in Turtle, to use in the place of those that ship.

    Returns:
        The faults of every node that the change bears on, as :func:`validate` describes them.

    Example:
        >>> from kg.store.embedded import EmbeddedStore
        >>> from kg.vocab import GRAPH, RDF
        >>> store, graph = EmbeddedStore(), GRAPH.asserted("wars")
        >>> kind = Triple(NamedNode("https://example.org/war"), RDF.type, FOEDUS.ArmedConflict)
        >>> store.insert(graph, [kind])
        >>> len(validate_change(store, {graph: "wars"}, [Quad(*kind, graph)], []))
        4
    """
    chosen = _shipped_shapes() if shapes is None else _shapes(shapes)
    held = _Held(store, tuple(sources), removed)
    found: set[Violation] = set()
    fresh: list[Quad] = []
    for quad in added:
        if isinstance(quad.object, Triple):
            # It is no part of what shapes see.
            assert isinstance(quad.graph_name, NamedNode)
            found.add(_quoted(sources[quad.graph_name], quad.triple))
        else:
            fresh.append(quad)
    new = held.unknown_before(fresh)
    changed = new | {t for t in held.removed if not isinstance(t.object, Triple) and not held.stands(t)}
    looked_along = _looked_along(changed, chosen)
    if looked_along is None:
        return validate({name: list(store.triples(graph)) for graph, name in sources.items()}, shapes=shapes)
    nodes = [node for node in held.affected(changed, looked_along) if not isinstance(node, Triple)]
    names = {_name(_term(node, "")) for node in nodes}  # type: ignore[arg-type]
    data = _Data()
    with _quiet():
        for triple in {triple for node in nodes for triple in held.read(node, looked_along)}:
            if not isinstance(triple.object, Triple) and held.stands(triple):
                data.add(_to_rdflib(triple))
        for triple in _subclass_axioms():
            data.add(_to_rdflib(triple))
        if shapes is None:
            for quad in fresh:
                if quad.triple in new:
                    assert isinstance(quad.graph_name, NamedNode)
                    found.update(_unknown_terms(sources[quad.graph_name], _to_rdflib(quad.triple)))
        for node, path, value, message, severity in _results(data, chosen):
            if node in names:
                graph = held.place(node, path, value)
                file = sources[graph] if graph is not None else ""
                found.add(Violation(file, node, path, value, message, severity))
    return sorted(found)


class _Held(Walk):
    """What a store says, and what it said before a change.

    Args:
        store: the store after the change.
        graphs: the graphs looked at.
        removed: the statements that are gone.
    """

    def __init__(self, store: Readable, graphs: Sequence[NamedNode], removed: Iterable[Quad]) -> None:
        self._store = store
        self._graphs = graphs
        self.removed = frozenset(quad.triple for quad in removed)
        self._gone = Facts(self.removed)
        self._described: dict[NamedNode, dict[str, list[Triple]]] = {}

    def along(self, prop: str, node: object, *, ahead: bool) -> Iterable[Triple]:
        """See :meth:`kg.reach.Walk.along`."""
        found = list(self._gone.along(prop, node, ahead=ahead))
        if not ahead:
            predicate = NamedNode(prop) if prop else None
            found.extend(self._store.match(self._graphs, predicate=predicate, obj=node))  # type: ignore[arg-type]
        elif isinstance(node, NamedNode):
            found.extend(self._description(node).get(prop, ()))
        return found

    def _description(self, node: NamedNode) -> dict[str, list[Triple]]:
        """What is said of a node, by property; read once, for most chains begin with it."""
        if node not in self._described:
            told = self._described[node] = defaultdict(list)
            for triple in self._store.match(self._graphs, node):
                told[triple.predicate.value].append(triple)
                told[""].append(triple)
        return self._described[node]

    def stands(self, triple: Triple) -> bool:
        """Whether the store says a triple after the change."""
        return any(True for _ in self._in(self._graphs, triple))

    def unknown_before(self, added: Collection[Quad]) -> set[Triple]:
        """Which of the statements added were said nowhere before."""
        places: dict[Triple, set[NamedNode]] = {}
        for quad in added:
            assert isinstance(quad.graph_name, NamedNode)
            places.setdefault(quad.triple, set()).add(quad.graph_name)
        return {
            triple
            for triple, here in places.items()
            if triple not in self.removed and not any(self._in([g for g in self._graphs if g not in here], triple))
        }

    def place(self, node: str, path: str, value: str) -> NamedNode | None:
        """The graph that states what is at fault, or describes a node, or speaks of it."""
        try:
            described = NamedNode(node)
        except ValueError:  # a literal, of which nothing is said
            return None
        for graph in self._graphs if path else ():
            stated = self._store.match([graph], described, NamedNode(path))
            if any(not isinstance(t.object, Triple) and str(_term(t.object, "")) == value for t in stated):
                return graph
        for predicate in (NamedNode(path), None) if path else (None,):
            for graph in self._graphs:
                stated = self._store.match([graph], described, predicate)
                if any(not isinstance(t.object, Triple) for t in stated):
                    return graph
        return next((g for g in self._graphs if any(self._store.match([g], obj=described))), None)

    def _in(self, graphs: Sequence[NamedNode], triple: Triple) -> Iterator[Triple]:
        return self._store.match(graphs, triple.subject, triple.predicate, triple.object)  # type: ignore[arg-type]


class _Data(rdflib.Graph):
    """A graph that parses a query once: SHACL puts the same few for every node, and parsing takes most of the time."""

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        query = _parsed(query_object) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


@cache
def _parsed(query: str) -> Query:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(query)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from logging each ill-formed literal with a traceback: the shapes report it."""

    def mute(record: logging.LogRecord) -> bool:
        return False

    logger = logging.getLogger("rdflib.term")
    logger.addFilter(mute)
    try:
        yield
    finally:
        logger.removeFilter(mute)


def _results(data: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[tuple[str, str, str, str, str]]:
    import pyshacl
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError

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
            _name(report.value(result, _SH.focusNode)),
            _first_property(report, report.value(result, _SH.resultPath)),
            "" if value is None else _name(value),
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
            graph.add(_to_rdflib(quad.triple, str(number)))
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


def _unknown_terms(file: str, triple: _RdfTriple) -> Iterator[Violation]:
    subject, predicate, obj = triple
    places = [("property", str(predicate))]
    if predicate == rdflib.RDF.type:
        places.append(("class", str(obj)))
    for kind, term in places:
        if term.startswith(FOEDUS.base) and NamedNode(term) not in FOEDUS:
            name = term.removeprefix(FOEDUS.base)
            known = [local_name(node.value) for node in FOEDUS]
            near = near_misses(name, [other for other in known if other[0].isupper() is (kind == "class")])
            hint = f"Did you mean foedus:{' or foedus:'.join(near)}?" if near else "Look it up in the ontology."
            message = f"The vocabulary has no {kind} foedus:{name}. {hint}"
            yield Violation(file, _name(subject), str(predicate), str(obj), message)


def _quoted(file: str, triple: Triple, scope: str = "") -> Violation:
    message = "A triple stands where a node or a value should. Describe a foedus:Claim instead."
    assert not isinstance(triple.subject, Triple)
    return Violation(file, _name(_node(triple.subject, scope)), triple.predicate.value, str(triple.object), message)


def _name(node: object) -> str:
    return f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def _to_rdflib(triple: Triple, scope: str = "") -> _RdfTriple:
    subject, predicate, obj = triple
    assert not isinstance(subject, Triple)
    assert not isinstance(obj, Triple)
    return _node(subject, scope), rdflib.URIRef(predicate.value), _term(obj, scope)


def _node(term: NamedNode | BlankNode, scope: str) -> rdflib.IdentifiedNode:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    return rdflib.BNode(f"{scope}-{term.value}")


def _term(term: NamedNode | BlankNode | Literal, scope: str) -> rdflib.IdentifiedNode | rdflib.Literal:
    if not isinstance(term, Literal):
        return _node(term, scope)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
