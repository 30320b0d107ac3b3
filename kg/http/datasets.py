"""The graphs that a query names itself, each once: a dataset is a set of graphs, which Oxigraph takes for a list."""

from __future__ import annotations

from kg.lexemes import LEXEME
from kg.terms import PREFIXES

__all__ = ["each_once"]


def each_once(query: str) -> str:
    """A query without the ``FROM`` clauses that name a graph which one before them names; all else is where it was.

    Example:
        >>> each_once("SELECT * FROM <x:g> FROM NAMED <x:g> FROM <x:g> {}")
        'SELECT * FROM <x:g> FROM NAMED <x:g>            {}'
        >>> each_once("PREFIX x: <x:> ASK FROM x:g FROM <x:g> FROM <x:h> {}")
        'PREFIX x: <x:> ASK FROM x:g            FROM <x:h> {}'
    """
    prefixes, named = dict(PREFIXES), set[str]()
    found = [match for match in LEXEME.finditer(query) if not match[0].startswith("#")]
    for number, match in enumerate(found[:-1]):
        word, after = match[0].upper(), found[number + 1]
        if match.lastgroup != "word":
            continue
        if word == "PREFIX" and number + 2 < len(found):
            prefixes[after["prefix"] or ""] = found[number + 2][0][1:-1]
        elif word == "FROM" and after.lastgroup != "word":
            graph = after[0]
            if after.lastgroup == "prefix":
                prefix, _, local = graph.partition(":")
                graph = f"<{prefixes.get(prefix, f'{prefix}:')}{local}>"
            if graph in named:
                begin, end = match.start(), after.end()
                query = query[:begin] + " " * (end - begin) + query[end:]
            named.add(graph)
    return query
