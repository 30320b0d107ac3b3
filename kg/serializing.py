"""RDF as text, the same bytes for the same statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple

from kg.terms import GENID, PREFIXES

__all__ = ["serialize"]

_PREFIXES: Final = {prefix: base for prefix, base in PREFIXES.items() if prefix not in ("graph", "id")}


def serialize(statements: Iterable[Triple] | Iterable[Quad], form: RdfFormat) -> bytes:
    """Triples or quads as text, in the order of their N-Triples form.

    Args:
        statements: all of one kind, in any order.
        form: any format of Oxigraph; quads need one that has named graphs.

    Example:
        >>> node = NamedNode("https://example.org/s")
        >>> serialize([Triple(node, node, node)], RdfFormat.N_TRIPLES).decode().split()[0]
        '<https://example.org/s>'
    """
    ordered = sorted((_anonymous(statement) for statement in statements), key=_key)
    if form not in (RdfFormat.TURTLE, RdfFormat.TRIG):
        plain = pyoxigraph.serialize(ordered, format=form)
        assert isinstance(plain, bytes)
        return plain
    data = pyoxigraph.serialize(ordered, format=form, prefixes=_PREFIXES)
    assert isinstance(data, bytes)
    # Oxigraph writes the prefixes in the order of a hash table, and also those that nothing uses.
    lines = data.decode().splitlines(keepends=True)
    count = next((i for i, line in enumerate(lines) if not line.startswith("@prefix ")), len(lines))
    body = "".join(lines[count:])
    used = [line for line in sorted(lines[:count]) if line.split()[1] in body]
    return ("".join(used) + "\n" + body).encode()


def _key(statement: Triple | Quad) -> tuple[str, str]:
    if isinstance(statement, Quad):
        return str(statement.graph_name), str(statement.triple)
    return "", str(statement)


def _anonymous(statement: Triple | Quad) -> Any:
    subject, obj = _blank(statement.subject), _blank(statement.object)
    if subject is statement.subject and obj is statement.object:
        return statement
    if isinstance(statement, Quad):
        return Quad(subject, statement.predicate, obj, statement.graph_name)  # type: ignore[arg-type]
    return Triple(subject, statement.predicate, obj)  # type: ignore[arg-type]


def _blank(term: object) -> object:
    if isinstance(term, NamedNode) and term.value.startswith(GENID):
        return BlankNode(term.value[len(GENID) :].replace("/", "-"))
    return term
