"""Reading files of RDF: every fault names the file and the line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple

from kg.columns import Columns, Dictionary
from kg.errors import ParseError
from kg.terms import GENID, PREFIXES
from kg.vocab import XSD
from kg.vouching import vouched

__all__ = ["Document", "parsed", "read_document", "read_documents", "source_named", "without_blank_nodes"]

_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}

_MORE: Final = rb"[\w.~:@!$&'()*+,;=/-]*+"
_IRI: Final = rb"<https?://[A-Za-z0-9.-]++(?:/%b)?+(?:\?%b)?+(?:#%b)?+>" % (_MORE, _MORE, _MORE)
_STRING: Final = rb'"(?:[^"\\\x00-\x1f\x7f]++|\\[tbnrf"\\])*+"'
_KIND: Final = rb"(?:@[a-z]{1,8}(?:-[a-z0-9]{1,8})*+|\^\^(?!%b)%b)?+" % (re.escape(str(XSD.string).encode()), _IRI)
_PLAIN: Final = re.compile(rb"(?:#[^\n]*+\n)?+(?:%b %b (?:%b|%b%b) \.\n)*+" % (_IRI, _IRI, _IRI, _STRING, _KIND))
"""Lines whose terms are valid, and written as ``str()`` writes them, beyond doubt: such as importers write."""

_DEEPEST: Final = 500
"""How deep JSON-LD may be nested: its parser calls itself, and ends the process at some thousands."""
_JSON: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True)
class Document:
    """One file of RDF.

    Attributes:
        name: name of the source in the store, from the file's name.
        file: the file as the caller named it.
        digest: SHA-256 of its bytes, lower-case hexadecimal.
        importer: what ``kg import`` of this version made of it, such as ``"sipri"``, where nobody changed it since;
            empty for any other file.
    """

    name: str
    file: str
    digest: str
    importer: str
    _held: bytes | tuple[Triple, ...] = field(repr=False)

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """What it says, each triple once; blank nodes have become IRIs."""
        if isinstance(self._held, tuple):
            return self._held
        return tuple(quad.triple for quad in pyoxigraph.parse(self._held, format=RdfFormat.N_TRIPLES))

    def columns(self, dictionary: Dictionary) -> Columns:
        """The same as columns, in its order.

        Args:
            dictionary: gives the numbers.
        """
        if isinstance(self._held, tuple):
            return Columns.encode(self._held, dictionary)
        return Columns.read(self._held, dictionary)

    def emptied(self) -> Document:
        """The same without what it says, which takes much room and is of no more use once it is loaded."""
        return replace(self, _held=())

    def n_triples(self) -> bytes:
        """The same as N-Triples."""
        if isinstance(self._held, bytes):
            return self._held
        written = pyoxigraph.serialize(self._held, format=RdfFormat.N_TRIPLES)
        assert isinstance(written, bytes)
        return written


def read_document(path: Path, name: str | None = None) -> Document:
    """Read one file: Turtle, N-Triples, RDF/XML or JSON-LD, by its suffix.

    Args:
        path: the file.
        name: name of the source, the stem of the file where not given.

    Raises:
        ParseError: the file cannot be read, has another suffix, or does not parse.

    Example:
        >>> from kg.resources import resource
        >>> read_document(resource("graph", "states.ttl")).name
        'states'
    """
    name = name or source_named(path)
    form = _FORMATS.get(path.suffix)
    if form is None:
        raise ParseError(str(path), f"what {path.suffix or 'no suffix'} means is not known; use {', '.join(_FORMATS)}")
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ParseError(str(path), f"cannot be read: {fault.strerror}") from fault
    digest = hashlib.sha256(data).hexdigest()
    importer = vouched(data)
    if importer and path.suffix == ".nt" and _is_plain(data):
        return Document(name, str(path), digest, importer, data)
    try:
        quads = parsed(data, form, PREFIXES["id"])
    except SyntaxError as fault:
        raise ParseError(str(path), _plain(fault.msg), fault.lineno) from fault
    except ValueError as fault:
        raise ParseError(str(path), str(fault)) from fault
    triples = dict.fromkeys(quad.triple for quad in without_blank_nodes(quads, name))
    return Document(name, str(path), digest, importer, tuple(triples))


def parsed(data: bytes, form: RdfFormat, base: str) -> list[Quad]:
    """What a text in RDF says.

    Args:
        data: the text, in UTF-8.
        form: its format.
        base: what relative IRIs are read against.

    Raises:
        SyntaxError: it does not parse.
        ValueError: it is no text, or nested too deep.

    Example:
        >>> parsed(b"[" * 501 + b"]" * 501, RdfFormat.JSON_LD, "urn:base")
        Traceback (most recent call last):
        ...
        ValueError: brackets are nested more than 500 deep
    """
    if form == RdfFormat.JSON_LD:
        depth = 0
        for token in _JSON.findall(data):
            depth += (token in b"[{") - (token in b"]}")
            if depth > _DEEPEST:
                raise ValueError(f"brackets are nested more than {_DEEPEST} deep")
    return list(pyoxigraph.parse(data, format=form, base_iri=base))


def read_documents(paths: Sequence[Path]) -> list[Document]:
    """Read several files; two files of one name become two sources.

    Raises:
        ParseError: one of the files is at fault.
    """
    documents: list[Document] = []
    taken: set[str] = set()
    for path in paths:
        name = base = source_named(path)
        count = 1
        while name in taken:
            count += 1
            name = f"{base}-{count}"
        taken.add(name)
        documents.append(read_document(path, name))
    return documents


def _is_plain(data: bytes) -> bool:
    """Whether a file can be read without a parser: what a parser would refuse, or ``str()`` write otherwise, is not."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text and _PLAIN.fullmatch(data) is not None


def source_named(path: Path) -> str:
    """Name of the source that a file holds, unless another has it already.

    Example:
        >>> source_named(Path("facts/Two treaties.ttl"))
        'Two-treaties'
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).strip("-.") or "source"


def _plain(message: str) -> str:
    return re.sub(r"^Parser error (at|between) .*?: ", "", message)


def without_blank_nodes(quads: Collection[Quad], name: str | None = None) -> list[Quad]:
    """Blank nodes under names that depend on nothing but what is said of them (RDF Dataset Canonicalization 1.0).

    Args:
        quads: what is said, all of it.
        name: name of the source, part of the new names; where not given, a digest of what is said of blank nodes, so
            that the same statements sent twice are about the same nodes and others are about others.
    """
    anonymous = [q for q in quads if isinstance(q.subject, BlankNode) or isinstance(q.object, BlankNode)]
    if not anonymous:
        return list(quads)
    dataset = pyoxigraph.Dataset(anonymous)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    if name is None:
        text = pyoxigraph.serialize(sorted(dataset, key=str), format=RdfFormat.N_QUADS)
        assert isinstance(text, bytes)
        name = hashlib.sha256(text).hexdigest()[:16]

    def named(term: Any) -> Any:
        return NamedNode(f"{GENID}{name}/{term.value}") if isinstance(term, BlankNode) else term

    known = [q for q in quads if not (isinstance(q.subject, BlankNode) or isinstance(q.object, BlankNode))]
    return known + [Quad(named(q.subject), q.predicate, named(q.object), q.graph_name) for q in dataset]
