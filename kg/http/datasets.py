"""The graphs that a query names itself, each once: a dataset is a set of graphs, which Oxigraph takes for a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph
from pyoxigraph import QuerySolutions

from kg.lexemes import LEXEME
from kg.terms import PREFIXES

__all__ = ["each_once", "has_dataset"]

_FROM: Final = "FROM"
_PREFIX: Final = "PREFIX"


@dataclass(frozen=True)
class _Clause:
    """A ``FROM`` clause.

    Attributes:
        begin: where it begins.
        end: where it ends.
        graph: the graph, as it is written; empty where it is one of the named graphs.
        prologue: what was declared before it.
    """

    begin: int
    end: int
    graph: str
    prologue: str


def has_dataset(query: str) -> bool:
    """Whether a query says what its dataset is.

    Args:
        query: a settled text.

    Example:
        >>> has_dataset("PREFIX from: <x:from> SELECT ?from { ?from a from:x }"), has_dataset("ASKFROM<x:g>{}")
        (False, True)
    """
    return next(_clauses(query), None) is not None


def each_once(query: str) -> str:
    """A query without the ``FROM`` clauses that name a graph which one before them names; all else is where it was.

    Args:
        query: a settled text.

    Example:
        >>> each_once("SELECT * FROM <x:g> FROM NAMED <x:g> FROM <x:g> {}")
        'SELECT * FROM <x:g> FROM NAMED <x:g>            {}'
        >>> each_once("BASE <x:> PREFIX x: <x:> ASK FROM x:g FROMx:g FROM <g> FROM <x:h> {}")
        'BASE <x:> PREFIX x: <x:> ASK FROM x:g                  FROM <x:h> {}'
    """
    named = set[str]()
    for clause in _clauses(query):
        graph = _read(clause) if clause.graph else None
        if graph is not None and graph in named:
            query = query[: clause.begin] + " " * (clause.end - clause.begin) + query[clause.end :]
        elif graph is not None:
            named.add(graph)
    return query


def _clauses(query: str) -> Iterator[_Clause]:
    """The ``FROM`` clauses, which all stand before the first brace.

    Oxigraph wants no space between a keyword and what follows it, unless the two are a prefix that is declared.
    """
    declared, prologue, depth = set(PREFIXES), "", 0
    found = [match for match in LEXEME.finditer(query) if not match[0].startswith("#")]
    for number, match in enumerate(found[:-1]):
        after = found[number + 1]
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        word, glued = match[0].upper(), ""
        if match.lastgroup == "prefix" and match["prefix"] not in declared:
            # A keyword may be written to it.
            begun = re.match(f"{_PREFIX}|{_FROM}(?:NAMED)?", word)
            if begun is None:
                continue
            word, glued = begun[0], match[0][begun.end() :]
        elif match.lastgroup != "word":
            continue
        if depth == 0 and word == _PREFIX and (glued or number + 2 < len(found)):
            name, meant = (glued, after) if glued else (after[0], found[number + 2])
            declared.add(name.partition(":")[0])
            prologue += f"{_PREFIX} {name} {meant[0]}\n"
        elif depth == 0 and word == "BASE":
            prologue += f"BASE {after[0]}\n"
        elif depth == 0 and word.endswith((_FROM, f"{_FROM}NAMED")):
            is_named = word.endswith("NAMED") or after[0].upper().startswith("NAMED")
            begin = match.start() if glued else match.end() - len(_FROM)
            graph, end = (glued, match.end()) if glued else (after[0], after.end())
            yield _Clause(begin, end, "" if is_named else graph, prologue)


def _read(clause: _Clause) -> str | None:
    """The graph of a clause as the engine reads it; ``None`` where it does not."""
    text = f"{clause.prologue}SELECT ({clause.graph} AS ?graph) {{}}"
    try:
        found = pyoxigraph.Store().query(text, base_iri=PREFIXES["id"], prefixes=PREFIXES)
    except (SyntaxError, ValueError):
        return None
    assert isinstance(found, QuerySolutions)
    return next((str(row["graph"]) for row in found), None)
