"""Which statements an update can change: patterns that all of them fit, found without carrying it out.

The terms in a pattern are those that Oxigraph itself reads: what an operation adds or takes away is written as an
``INSERT`` whose variables are bound to a mark, and carried out on an empty store. Where a text is not quite as expected
the pattern is anything, which costs time and no correctness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.lexemes import LEXEME, keywords
from kg.terms import PREFIXES

__all__ = ["ANYTHING", "Pattern", "emptied", "moves_unnamed", "touched", "unnamed"]

Pattern: TypeAlias = tuple[
    NamedNode | BlankNode | Triple | None,
    NamedNode | None,
    NamedNode | BlankNode | Literal | Triple | None,
    NamedNode | BlankNode | DefaultGraph | None,
]
"""Subject, predicate, object and graph of statements; ``None`` is any."""

ANYTHING: Final[Pattern] = (None, None, None, None)
_MARK: Final = NamedNode("urn:foedus:any")
_ANY_BASE: Final = "https://foedus.example/"
_STUMBLED: Final = re.compile(r"error at (\d+):(\d+)(.*)", re.DOTALL)
_LONG_GROUP: Final = 20_000
"""How long a group may be for it to be seen whether it finds anything, in characters: the engine plans it first."""
_EVERY: Final = f"{_MARK} {_MARK} {_MARK}"
_REFERENCE: Final = "(DEFAULT|(?:GRAPH )?T)"
_DATA: Final = re.compile("(?:INSERT|DELETE) ?DATA G")
_SHORT: Final = re.compile("DELETE ?WHERE G")
_LONG: Final = re.compile("(WITH T )?(?:DELETE G )?(?:INSERT G )?(?:USING (?:NAMED )?T )*WHERE G")
_CLEARED: Final = re.compile("(?:CLEAR|DROP) (?:SILENT )?(DEFAULT|NAMED|ALL|GRAPH T)")
_MOVED: Final = re.compile(f"(ADD|MOVE|COPY) (?:SILENT )?{_REFERENCE} TO {_REFERENCE}")
_CREATE: Final = re.compile("CREATE (?:SILENT )?GRAPH T")


class _Unexpected(Exception):
    """A text is not quite as expected."""


@dataclass
class _Operation:
    """One operation: its words, and T for each IRI and G for each group in braces; and the texts of these."""

    words: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def touched(update: str, base: str) -> frozenset[Pattern]:
    """Patterns such that an update changes nothing that fits none of them.

    Args:
        update: a settled SPARQL Update that parses.
        base: the IRI against which relative ones in it are read.

    Example:
        >>> touched("DELETE { GRAPH <x:g> { ?s <x:p> 1 } } WHERE { GRAPH ?g { ?s ?p 1 } }", "x:y") == {
        ...     (None, NamedNode("x:p"), Literal(1), NamedNode("x:g"))
        ... }
        True
        >>> touched("CLEAR ALL", "x:y") == {ANYTHING}
        True
    """
    try:
        parts = list[str]()
        for prologue, operation in _operations(update):
            for text in (*operation.groups, *(f"{{ {term} ?p ?o }}" for term in operation.terms)):
                if not _is_group(text, prologue):
                    raise _Unexpected
            parts += _added(operation, prologue)
        return frozenset(map(_pattern, _carried_out(parts, base)))
    except _Unexpected:
        return frozenset({ANYTHING})


def emptied(update: str, base: str) -> frozenset[NamedNode | None]:
    """The named graphs that an update empties as a whole, if it has it so plainly; ``None`` is every one.

    Args:
        update: a settled SPARQL Update that parses.
        base: the IRI against which relative ones in it are read.

    Example:
        >>> sorted(graph.value for graph in emptied("DROP GRAPH <x:g> ; COPY <x:a> TO <x:b>", "x:y"))
        ['x:b', 'x:g']
    """
    parts = []
    try:
        for prologue, operation in _operations(update):
            form = " ".join(operation.words)
            cleared, moved = _CLEARED.fullmatch(form), _MOVED.fullmatch(form)
            if cleared and cleared[1] in ("NAMED", "ALL"):
                return frozenset({None})
            terms = list(operation.terms)
            if moved and moved[1] == "ADD":
                terms = []
            elif moved and moved[1] == "COPY":
                terms = [] if moved[3] == "DEFAULT" else terms[-1:]
            if cleared or moved:
                parts += [_whole(term, prologue) for term in terms]
        return frozenset(quad.graph_name for quad in _carried_out(parts, base))
    except _Unexpected:
        return frozenset()


def unnamed(update: str, base: str) -> list[int]:
    """Which operations look for what the unnamed graph says and for nothing else, counted from 1.

    Args:
        update: a settled SPARQL Update that parses.
        base: the IRI against which relative ones in it are read.

    Example:
        >>> unnamed("INSERT { GRAPH <x:g> { ?s ?p 1 } } WHERE { ?s ?p 1 } ; CLEAR ALL ; DELETE WHERE { ?s ?p 2 }", "x:")
        [1, 3]
    """
    found = []
    try:
        for number, (prologue, operation) in enumerate(_operations(update), 1):
            form = " ".join(operation.words)
            matches = _SHORT.fullmatch(form) or _LONG.fullmatch(form)
            if matches and not {"WITH", "USING"}.intersection(operation.words):
                found += [number] * _finds_nothing(operation.groups[-1], prologue, base)
    except _Unexpected:
        return []
    return found


def moves_unnamed(update: str) -> bool:
    """Whether an update plainly copies, moves or adds the unnamed graph.

    Args:
        update: a settled SPARQL Update that parses.

    Example:
        >>> moves_unnamed("CLEAR DEFAULT ; COPY DEFAULT TO <x:g>"), moves_unnamed("COPY <x:g> TO DEFAULT")
        (True, False)
    """
    try:
        moved = [_MOVED.fullmatch(" ".join(operation.words)) for _, operation in _operations(update)]
    except _Unexpected:
        return False
    return any(one is not None and one[2] == "DEFAULT" for one in moved)


def _finds_nothing(group: str, prologue: str, base: str) -> bool:
    """Whether a group without ``GRAPH`` finds nothing where there is nothing."""
    if len(group) > _LONG_GROUP or "GRAPH" in keywords(group):
        return False
    try:
        found = pyoxigraph.Store().query(f"{prologue}ASK {group}", base_iri=base, prefixes=PREFIXES)
    except (OSError, RuntimeError, SyntaxError, ValueError) as fault:
        raise _Unexpected from fault
    return not found


def _carried_out(parts: Iterable[str], base: str) -> pyoxigraph.Store:
    """What some updates make of nothing.

    Raises:
        _Unexpected: one of them is none.
    """
    store = pyoxigraph.Store()
    try:
        for part in parts:
            store.update(part, base_iri=base, prefixes=PREFIXES)
    except (SyntaxError, RuntimeError, ValueError) as fault:
        raise _Unexpected from fault
    return store


def _pattern(quad: Quad) -> Pattern:
    subject, predicate, obj, graph = (
        None if term == _MARK or isinstance(term, BlankNode | Triple) else term for term in quad
    )
    return subject, predicate, obj, graph


def _added(operation: _Operation, prologue: str) -> Iterator[str]:
    """Updates that add, to an empty store, all that an operation may add or take away, with marks for variables.

    Raises:
        _Unexpected: it is not known what that is.
    """
    form = " ".join(operation.words)
    cleared = _CLEARED.fullmatch(form)
    if _DATA.fullmatch(form):
        yield f"{prologue}INSERT DATA {operation.groups[0]}"
    elif _SHORT.fullmatch(form):
        yield f"{prologue}INSERT {operation.groups[0]} WHERE {_marked(operation.groups[0])}"
    elif modified := _LONG.fullmatch(form):
        graph = f"WITH {operation.terms[0]} " if modified[1] else ""
        for template in operation.groups[:-1]:
            yield f"{prologue}{graph}INSERT {template} WHERE {_marked(template)}"
    elif _MOVED.fullmatch(form) or (cleared and cleared[1] not in ("NAMED", "ALL")):
        yield from (_whole(term, prologue) for term in operation.terms)
        if "DEFAULT" in operation.words:
            yield f"{prologue}INSERT DATA {{ {_EVERY} }}"
    elif form and not _CREATE.fullmatch(form):
        raise _Unexpected


def _whole(graph: str, prologue: str) -> str:
    """An update that adds a mark to a graph, for anything in it."""
    return f"{prologue}INSERT DATA {{ GRAPH {graph} {{ {_EVERY} }} }}"


def _marked(template: str) -> str:
    """A group that binds every variable of a template to the mark."""
    names = sorted({m[0][1:] for m in LEXEME.finditer(template) if m[0].startswith(("?", "$"))})
    variables, values = " ".join(f"?{name}" for name in names), " ".join([str(_MARK)] * len(names))
    return f"{{ VALUES ({variables}) {{ ({values}) }} }}" if names else "{}"


def _operations(update: str) -> Iterator[tuple[str, _Operation]]:
    """The operations of an update, each with the prologue that holds for it.

    Raises:
        _Unexpected: there is something between them, or an escape that may spell anything.
    """
    prologue = ""
    for operation in _parts(update):
        while operation.words[:2] in (["BASE", "T"], ["PREFIX", "T"]):
            count = 1 if operation.words[0] == "BASE" else 2
            prologue += f"{operation.words[0]} {' '.join(operation.terms[:count])}\n"
            del operation.words[: 1 + count], operation.terms[:count]
        yield prologue, operation


def _is_group(text: str, prologue: str) -> bool:
    """Whether the parser too takes a text for one group, which ends where it ends.

    It is parsed with a character behind it that stands nowhere, so that no more is done than to parse it: the parser
    stumbles over that, or else over something before. Within a string or an IRI it would want a sign that closes it.
    """
    query = f"{prologue}SELECT * {text}"
    try:
        pyoxigraph.Store().query(f"{query}\x01", base_iri=_ANY_BASE, prefixes=PREFIXES)
    except SyntaxError as fault:
        place = _STUMBLED.match(fault.msg)
        end = (query.count("\n") + 1, len(query) - query.rfind("\n"))
        return place is not None and '"' not in place[3] and (int(place[1]), int(place[2])) >= end
    return False


def _parts(update: str) -> Iterator[_Operation]:
    """The parts of an update between semicolons.

    Raises:
        _Unexpected: there is something between them, or an escape that may spell anything.
    """
    if "\\u" in update.lower():
        raise _Unexpected
    operation, depth, begun, seen = _Operation(), 0, 0, 0
    for match in LEXEME.finditer(update):
        kind, text = match.lastgroup, match[0]
        if depth == 0:
            for between in update[seen : match.start()].split():
                if between.strip(";"):
                    raise _Unexpected
                yield operation
                operation = _Operation()
            if text.startswith("<") or kind == "prefix":
                operation.words.append("T")
                operation.terms.append(text)
            elif kind == "word":
                operation.words.append(text.upper())
            elif text == "{":
                begun = match.start()
            elif not text.startswith("#"):
                raise _Unexpected
        if kind in ("open", "close"):
            depth += 1 if kind == "open" else -1
            if depth == 0:
                operation.words.append("G")
                operation.groups.append(update[begun : match.end()])
        seen = match.end()
    if depth or update[seen:].strip().strip(";"):
        raise _Unexpected
    yield operation
