"""The faults of whole documents: those that shapes find, and those that no shape can see.

The shapes are run over the union of some documents; for each fault it is said in which document it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import rdflib
from pyoxigraph import NamedNode, Triple

from kg.errors import Violation
from kg.terms import local_name, near_misses
from kg.validation.shacl import Data, RdfTriple, name_of, quiet, read_shapes, results, to_rdflib, to_term
from kg.vocab import FOEDUS

__all__ = ["quoted", "unknown_terms", "validate"]


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
    data = Data()
    stated: dict[tuple[str, ...], str] = {}
    mentioned: dict[str, str] = {}
    found: set[Violation] = set()
    chosen = read_shapes(shapes)
    with quiet():
        for number, (file, triples) in enumerate(documents.items()):
            for triple in triples:
                predicate, obj = triple.predicate, triple.object
                if isinstance(obj, Triple):
                    found.add(quoted(file, triple, str(number)))
                    continue
                copy = to_rdflib(triple, str(number))
                data.add(copy)
                whole = (name_of(copy[0]), predicate.value, str(copy[2]))
                for part in (whole, whole[:2], whole[:1]):
                    stated.setdefault(part, file)
                if isinstance(obj, NamedNode):
                    mentioned.setdefault(obj.value, file)
                if shapes is None:
                    found.update(unknown_terms(file, copy))
        for node, path, value, message, severity in results(data, chosen):
            parts = ((node, path, value), (node, path), (node,))
            file = next((stated[part] for part in parts if part in stated), mentioned.get(node, ""))
            found.add(Violation(file, node, path, value, message, severity))
    return sorted(found)


def unknown_terms(file: str, triple: RdfTriple) -> Iterator[Violation]:
    """Terms of a triple that the vocabulary should have and does not.

    Args:
        file: what a fault says where it is.
        triple: the triple.
    """
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
            yield Violation(file, name_of(subject), str(predicate), str(obj), message)


def quoted(file: str, triple: Triple, scope: str = "") -> Violation:
    """The fault of a triple about a triple, which no shape sees.

    Args:
        file: what the fault says where it is.
        triple: the triple.
        scope: what tells the blank nodes of one document from those of others.
    """
    message = "A triple stands where a node or a value should. Describe a foedus:Claim instead."
    assert not isinstance(triple.subject, Triple)
    return Violation(file, name_of(to_term(triple.subject, scope)), triple.predicate.value, str(triple.object), message)
