"""What literals are of: dt-type2, with the datatypes that contain theirs, and dt-not-type.

A literal is of its own datatype and of those that contain it, as in owlrl; that the value 1 would also do as an
``xsd:byte`` is not said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode

from kg.columns import Dictionary, Kind, Numbers
from kg.reasoning.compiled.relations import NOTHING, Relation, right
from kg.terms import PREFIXES

__all__ = ["DATATYPES", "ill_formed", "literals", "space_of", "types_of"]

_XSD: Final = PREFIXES["xsd"]
_WITHIN: Final = {
    "integer": "decimal",
    "nonNegativeInteger": "integer",
    "nonPositiveInteger": "integer",
    "negativeInteger": "nonPositiveInteger",
    "positiveInteger": "nonNegativeInteger",
    "long": "integer",
    "int": "long",
    "short": "int",
    "byte": "short",
    "unsignedLong": "nonNegativeInteger",
    "unsignedInt": "unsignedLong",
    "unsignedShort": "unsignedInt",
    "unsignedByte": "unsignedShort",
    "dateTimeStamp": "dateTime",
    "normalizedString": "string",
    "token": "normalizedString",
    "language": "token",
    "Name": "token",
    "NCName": "Name",
    "NMTOKEN": "token",
}
"""The datatypes of OWL 2 RL (Profiles, section 4.2) with the one that contains each (XML Schema, part 2)."""
_OTHERS: Final = ["decimal", "double", "float", "string", "boolean", "hexBinary", "base64Binary", "anyURI", "dateTime"]
_KNOWN: Final = frozenset(_WITHIN) | frozenset(_OTHERS)
DATATYPES: Final = frozenset(NamedNode(_XSD + name) for name in _KNOWN)
"""The datatypes by IRI."""
_ANY_TEXT: Final = frozenset({"string", "normalizedString", "token"})
_START: Final = (
    r":A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME: Final = rf"[{_START}\-.0-9\u00B7\u0300-\u036F\u203F-\u2040]"
_READ: Final = {
    "NMTOKEN": re.compile(rf"{_NAME}+"),
    "Name": re.compile(rf"[{_START}]{_NAME}*"),
    "NCName": re.compile(rf"(?!.*:)[{_START}]{_NAME}*"),
    "dateTimeStamp": re.compile(r".*(Z|[+-][0-9]{2}:[0-9]{2})"),
}
"""How a literal of a datatype that rdflib does not know reads (XML, section 2.3); rdflib reads the rest of a moment."""


def space_of(datatype: NamedNode) -> tuple[str, str]:
    """The local name of a datatype of OWL 2 RL and that of the widest one that contains it; empty for any other.

    Example:
        >>> space_of(NamedNode("http://www.w3.org/2001/XMLSchema#byte"))
        ('byte', 'decimal')
    """
    name = space = datatype.value.removeprefix(_XSD)
    if name not in _KNOWN:
        return "", ""
    while space in _WITHIN:
        space = _WITHIN[space]
    return name, space


def literals(facts: Mapping[int, Relation], dictionary: Dictionary) -> Numbers:
    """The literals among the objects of some relations."""
    is_literal = dictionary.kinds() == Kind.LITERAL
    objects = [right(held.all()) for key, held in facts.items() if key >= 0]
    return np.unique(np.concatenate([NOTHING, *(some[is_literal[some]] for some in objects)]))


def types_of(numbers: Numbers, dictionary: Dictionary) -> Iterator[tuple[int, Numbers]]:
    """The datatypes of some literals, each with its members."""
    members: dict[str, list[int]] = defaultdict(list)
    for number in numbers.tolist():
        term = dictionary.term(number)
        assert isinstance(term, Literal)
        name = term.datatype.value.removeprefix(_XSD)
        while name in _KNOWN:
            members[name].append(number)
            name = _WITHIN.get(name, "")
    for name, some in members.items():
        yield dictionary.number(NamedNode(_XSD + name)), np.array(some, dtype=np.int64)


def ill_formed(numbers: Numbers, dictionary: Dictionary) -> Iterator[int]:
    """The literals that do not read as what their datatype says."""
    for number in numbers.tolist():
        term = dictionary.term(number)
        assert isinstance(term, Literal)
        name = term.datatype.value.removeprefix(_XSD)
        if name not in _KNOWN or name in _ANY_TEXT or (name == "integer" and term.value.isdecimal()):
            continue
        pattern = _READ.get(name)
        if pattern is not None and not pattern.fullmatch(" ".join(term.value.split())):
            yield number
            continue
        import rdflib

        known = _WITHIN[name] if pattern is not None else name
        if rdflib.Literal(term.value, datatype=rdflib.XSD[known]).ill_typed:
            yield number
