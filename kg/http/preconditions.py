"""Writing only if nobody else has: ``If-Match`` and ``If-None-Match`` (RFC 9110, sections 13.1.1 and 13.1.2).

A graph has a strong validator in each form, made of the digest that the catalog has of what the graph says. Who read it
sends one back with a change, which is refused if the graph says something else by then.
"""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.http.formats import SHORT
from kg.http.refusals import Refused
from kg.store.embedded import EmbeddedStore
from kg.vocab import FOEDUS, GRAPH

__all__ = ["require", "validator"]

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_FORMS: Final = {media: short for short, media in SHORT.items()}


def validator(store: EmbeddedStore, graph: NamedNode, media: str) -> str:
    """The field ``ETag`` of a graph in one of its forms.

    Args:
        store: the store as it was opened.
        graph: one of its graphs.
        media: the media type.
    """
    return f'"{_state(store, graph)}.{_FORMS[media]}"'


def require(store: EmbeddedStore, graph: NamedNode, if_match: str | None, if_none_match: str | None) -> None:
    """Go on only if a graph is as a request takes it to be.

    Args:
        store: the store as it was opened.
        graph: the graph, which need not be there.
        if_match: the field ``If-Match``: validators one of which it has to have, or ``*`` for any graph that is there.
        if_none_match: the field ``If-None-Match``: those that it must not have, or ``*``.

    Raises:
        Refused: it is not (412).
    """
    there = any(True for _ in store.triples(graph))
    if if_match is not None and not (there and _is_among(if_match, store, graph, weak=False)):
        now = "says something else by now" if there else "is not there"
        raise Refused(412, f"the graph {graph.value} {now}: read it anew; nothing was written")
    if if_none_match is not None and there and _is_among(if_none_match, store, graph, weak=True):
        raise Refused(412, f"the graph {graph.value} is there already; nothing was written")


def _is_among(listed: str, store: EmbeddedStore, graph: NamedNode, *, weak: bool) -> bool:
    """Whether the validator of a graph, in whatever form it was read, is among those listed."""
    if listed.strip() == "*":
        return True
    tags = (match[2] for match in _TAG.finditer(listed) if weak or not match[1])
    return _state(store, graph) in {tag.rpartition(".")[0] for tag in tags}


def _state(store: EmbeddedStore, graph: NamedNode) -> str:
    """What tells what a graph says from what it said before: its digest, or else the generation of the store."""
    for triple in store.match([GRAPH.catalog], graph, FOEDUS.textDigest):
        if isinstance(triple.object, Literal):
            return triple.object.value
    return str(store.opened)
