"""What shapes look at: which nodes a change can have made conform or not, and what has to be read to check them.

From SHACL shapes the chains of properties are read that lead from a node to everything its checking depends on: paths,
the classes of values, targets, and the patterns of SPARQL constraints. Backwards along the chains, a change leads to
the nodes to check again; forwards, a node leads to the triples that checking it needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import rdflib
from pyoxigraph import Triple
from rdflib import RDF, Variable
from rdflib.plugins.sparql.parserutils import CompValue

__all__ = ["Chain", "Facts", "Unreadable", "Walk", "chains"]

Chain: TypeAlias = tuple[tuple[str, bool], ...]
"""IRIs of properties, each with whether it is followed from subject to object; ``""`` is any property."""

_Term: TypeAlias = object

_SH: Final = rdflib.Namespace("http://www.w3.org/ns/shacl#")
_TYPE: Final = (str(RDF.type), True)
_NESTED: Final = (_SH.property, _SH.node, _SH["not"], _SH.qualifiedValueShape)
_NESTED_LISTS: Final = (_SH["and"], _SH["or"], _SH.xone)
_PAIRED: Final = (_SH.equals, _SH.disjoint, _SH.lessThan, _SH.lessThanOrEquals)


class Unreadable(Exception):
    """Shapes use something of which it is not known here what it looks at."""


def chains(shapes: rdflib.Graph) -> frozenset[Chain]:
    """The chains of properties along which shapes look, each from the node that is checked.

    Args:
        shapes: shapes, in SHACL Core and SHACL-SPARQL.

    Raises:
        Unreadable: a shape has a repeated path, or a SPARQL constraint whose patterns do not hang together.
    """
    found: set[Chain] = set()
    targets = (_SH.targetClass, _SH.targetSubjectsOf, _SH.targetObjectsOf, _SH.property, _SH.path, _SH.sparql)
    for shape in {subject for prop in targets for subject in shapes.subjects(prop, None)}:
        found.update(_of_shape(shapes, shape))
        found.update(((str(p), True),) for p in shapes.objects(shape, _SH.targetSubjectsOf))
        found.update(((str(p), False),) for p in shapes.objects(shape, _SH.targetObjectsOf))
    return frozenset(chain for chain in found if chain) | {(_TYPE,)}


def _of_shape(shapes: rdflib.Graph, shape: rdflib.term.Node) -> Iterator[Chain]:
    path = shapes.value(shape, _SH.path)
    starts = [()] if path is None else _of_path(shapes, path)
    for paired in _PAIRED:
        yield from (((str(p), True),) for p in shapes.objects(shape, paired))
    inner: set[Chain] = {()}
    if (shape, _SH["class"], None) in shapes:
        inner.add((_TYPE,))
    if (shape, _SH.closed, None) in shapes:
        inner.add((("", True),))
    parts = [part for prop in _NESTED for part in shapes.objects(shape, prop)]
    for prop in _NESTED_LISTS:
        parts += [part for head in shapes.objects(shape, prop) for part in shapes.items(head)]
    for part in parts:
        inner.update(_of_shape(shapes, part))
    for constraint in shapes.objects(shape, _SH.sparql):
        inner.update(_of_query(shapes, str(shapes.value(constraint, _SH.select))))
    for start in starts:
        yield from (start + rest for rest in inner)


def _of_path(shapes: rdflib.Graph, path: rdflib.term.Node) -> list[Chain]:
    if isinstance(path, rdflib.URIRef):
        return [((str(path), True),)]
    if (path, RDF.first, None) in shapes:
        joined: list[Chain] = [()]
        for part in shapes.items(path):
            joined = [head + tail for head in joined for tail in _of_path(shapes, part)]
        return joined
    inverse, alternatives = shapes.value(path, _SH.inversePath), shapes.value(path, _SH.alternativePath)
    if inverse is not None:
        return [tuple((p, not ahead) for p, ahead in reversed(chain)) for chain in _of_path(shapes, inverse)]
    if alternatives is not None:
        return [chain for part in shapes.items(alternatives) for chain in _of_path(shapes, part)]
    raise Unreadable(f"a path that is repeated or optional: {path}")


def _of_query(shapes: rdflib.Graph, select: str) -> set[Chain]:
    """Chains along the patterns of a SPARQL constraint, from ``$this`` outwards."""
    from rdflib.plugins.sparql import prepareQuery

    names = {
        str(shapes.value(d, _SH.prefix)): str(shapes.value(d, _SH.namespace)) for d in shapes.objects(None, _SH.declare)
    }
    edges = list(_patterns(prepareQuery(select, initNs=names).algebra))
    reached: dict[_Term, Chain] = {Variable("this"): ()}
    terms = {edge[1] for edge in edges if isinstance(edge[1], Variable)}
    found: set[Chain] = set()
    # What is said of a property that a variable stands for belongs to the vocabulary, not to the data.
    waiting = [edge for edge in edges if edge[0] not in terms]
    while waiting:
        left: list[tuple[_Term, _Term, _Term]] = []
        for subject, prop, obj in waiting:
            if not isinstance(prop, rdflib.URIRef | Variable):
                raise Unreadable(f"a property path in a constraint: {prop}")
            name = str(prop) if isinstance(prop, rdflib.URIRef) else ""
            if subject in reached:
                chain, end = (*reached[subject], (name, True)), obj
            elif obj in reached:
                chain, end = (*reached[obj], (name, False)), subject
            else:
                left.append((subject, prop, obj))
                continue
            found.add(chain)
            if isinstance(end, Variable):
                reached.setdefault(end, chain)
        if len(left) == len(waiting):
            raise Unreadable("patterns of a constraint do not hang together")
        waiting = left
    return found


def _patterns(part: object) -> Iterator[tuple[_Term, _Term, _Term]]:
    if isinstance(part, CompValue):
        # rdflib keeps what it has worked out of a nested group as an attribute, beside the text it came from.
        worked_out = {**part, **vars(part)}
        yield from worked_out.pop("triples", ())
        for value in worked_out.values():
            yield from _patterns(value)
    elif isinstance(part, list):
        for item in part:
            yield from _patterns(item)


class Walk(ABC):
    """Triples that can be walked along chains in either direction."""

    @abstractmethod
    def along(self, prop: str, node: object, *, ahead: bool) -> Iterable[Triple]:
        """The triples of a property, ``""`` for any, that begin with a node, or end with it.

        Args:
            prop: IRI of the property.
            node: the node.
            ahead: whether the node is the subject; else it is the object.
        """

    def affected(self, changed: Iterable[Triple], looked_along: Iterable[Chain]) -> set[_Term]:
        """The nodes whose checking along some chains comes upon any of some changed triples."""
        by_name: Mapping[str, list[Triple]] = _by_predicate(changed)
        found: set[_Term] = set()
        for chain in looked_along:
            for place, (name, ahead) in enumerate(chain):
                nodes = {t.subject if ahead else t.object for t in by_name.get(name, ())}
                for earlier, forward in reversed(chain[:place]):
                    before = (t for n in nodes for t in self.along(earlier, n, ahead=not forward))
                    nodes = {t.subject if forward else t.object for t in before}
                found |= nodes
        return found

    def read(self, node: _Term, looked_along: Iterable[Chain]) -> set[Triple]:
        """The triples that checking a node along some chains comes upon."""
        found: set[Triple] = set()
        for chain in looked_along:
            nodes: set[_Term] = {node}
            for name, ahead in chain:
                triples = [t for n in nodes for t in self.along(name, n, ahead=ahead)]
                found.update(triples)
                nodes = {t.object if ahead else t.subject for t in triples}
        return found


class Facts(Walk):
    """Some triples, indexed to be walked.

    Args:
        triples: any triples.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._ahead: dict[tuple[str, _Term], list[Triple]] = defaultdict(list)
        self._back: dict[tuple[str, _Term], list[Triple]] = defaultdict(list)
        for triple in triples:
            for name in (triple.predicate.value, ""):
                self._ahead[name, triple.subject].append(triple)
                self._back[name, triple.object].append(triple)

    def along(self, prop: str, node: object, *, ahead: bool) -> Iterable[Triple]:
        """See :meth:`Walk.along`."""
        return (self._ahead if ahead else self._back).get((prop, node), ())


def _by_predicate(triples: Iterable[Triple]) -> dict[str, list[Triple]]:
    found: dict[str, list[Triple]] = defaultdict(list)
    for triple in triples:
        found[triple.predicate.value].append(triple)
        found[""].append(triple)
    return found
