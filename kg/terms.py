"""RDF terms: made at the border from what people write, shown to people as names.

Terms are those of Oxigraph (:class:`pyoxigraph.NamedNode`, :class:`pyoxigraph.Literal`); ``str()`` of one is its
N-Triples form, escaped, which is the only form in which a value ever enters the text of a query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

__all__ = ["BUILT_IN", "GENID", "PREFIXES", "Term", "curie", "expand", "iri", "local_name", "near_misses"]

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "foedus": "https://w3id.org/foedus/ns#",
    "graph": "https://w3id.org/foedus/graph/",
    "id": "https://w3id.org/foedus/id/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "wd": "http://www.wikidata.org/entity/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

GENID: Final = PREFIXES["id"] + "genid/"
"""Where loading puts blank nodes; written out they become blank nodes again."""
BUILT_IN: Final = tuple(PREFIXES[p] for p in ("rdf", "rdfs", "owl", "xsd"))
"""The vocabularies of RDF and OWL themselves."""

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+\Z")


def iri(text: str) -> NamedNode:
    """An absolute IRI (RFC 3987), refused when it holds anything that could end it early in a query.

    Raises:
        ValueError: the text is not an absolute IRI.

    Example:
        >>> iri("https://w3id.org/foedus/id/state/ARM").value
        'https://w3id.org/foedus/id/state/ARM'
    """
    if not _IRI.match(text):
        raise ValueError(f"{text!r} is not an absolute IRI")
    return NamedNode(text)


def expand(text: str) -> NamedNode | None:
    """The IRI that a person may mean: in full, in angle brackets, by prefix, or as a path such as ``alliance/csto``.

    Example:
        >>> expand("foedus:Betrayal").value
        'https://w3id.org/foedus/ns#Betrayal'
        >>> expand("alliance/csto").value
        'https://w3id.org/foedus/id/alliance/csto'
        >>> expand("not an IRI") is None
        True
    """
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES:
        text = PREFIXES[prefix] + local
    elif not colon and "/" in text:
        text = PREFIXES["id"] + text
    return NamedNode(text) if _IRI.match(text) else None


def curie(node: str) -> str:
    """The shortest way to write an IRI: by prefix where one fits, else in full.

    Example:
        >>> curie("https://w3id.org/foedus/ns#Betrayal")
        'foedus:Betrayal'
        >>> curie("https://w3id.org/foedus/id/state/ARM")
        'id:state/ARM'
    """
    prefix = max((p for p in PREFIXES if node.startswith(PREFIXES[p])), key=lambda p: len(PREFIXES[p]), default=None)
    return f"{prefix}:{node[len(PREFIXES[prefix]) :]}" if prefix else node


def local_name(node: str) -> str:
    """What stands after the last ``#`` or ``/`` of an IRI.

    Example:
        >>> local_name("https://w3id.org/foedus/ns#Betrayal")
        'Betrayal'
    """
    return re.split(r"[#/]", node.rstrip("#/"))[-1]


def near_misses(text: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names closest to what was written, best first, whatever the case.

    Example:
        >>> near_misses("Armenja", ["Armenia", "Austria", "Azerbaijan"])
        ['Armenia']
    """
    from difflib import get_close_matches

    by_fold: dict[str, str] = {}
    for name in sorted(names):
        by_fold.setdefault(name.casefold(), name)
    return [by_fold[m] for m in get_close_matches(text.casefold(), list(by_fold), n=count, cutoff=0.7)]
