"""The values of literals: which are the same (dt-eq) and which differ (dt-diff).

Two literals have one value if they denote the same thing, however they are spelled, and whichever of two datatypes one
of which contains the other they name: ``"1"^^xsd:integer`` and ``"1.0"^^xsd:decimal``. A literal that does not read as
what its datatype says has no value, nor has one of a datatype that OWL 2 RL does not know, such as ``xsd:date`` or
``xsd:gYear``.

Reference:
    OWL 2 Web Ontology Language Profiles (second edition), section 4.2; OWL 2 Structural Specification (second edition),
    section 4; XML Schema 1.1, part 2. Values are compared by identity: one moment given in two time zones is two
    values, equal and not identical, of which a functional property can have but one (section 4.7), and so are positive
    and negative zero (section 4.2).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Hashable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from pyoxigraph import Literal

from kg.columns import Dictionary, Numbers, pack
from kg.reasoning.compiled.datatypes import space_of

__all__ = ["differing", "same_values", "value_of", "values"]

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_FLOAT: Final = re.compile(rf"{_DECIMAL.pattern}([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_MOMENT: Final = re.compile(
    r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


def value_of(literal: Literal) -> Hashable:
    """Something that two literals have in common just where they have one value; ``None`` where there is no value.

    Example:
        >>> from kg.terms import PREFIXES
        >>> from pyoxigraph import NamedNode
        >>> one, other = (NamedNode(PREFIXES["xsd"] + name) for name in ("byte", "decimal"))
        >>> value_of(Literal("+1", datatype=one)) == value_of(Literal("1.00", datatype=other))
        True
        >>> value_of(Literal("one", datatype=one)) is None
        True
    """
    if literal.language:
        return "text", literal.value, literal.language.lower()
    name, space = space_of(literal.datatype)
    read = " ".join(literal.value.split())
    match space:
        case "string":
            return space, {"string": literal.value, "normalizedString": _normal(literal.value)}.get(name, read)
        case "decimal":
            pattern = _DECIMAL if name == "decimal" else _WHOLE
            return (space, Decimal(read)) if pattern.fullmatch(read) else None
        case "double" | "float":
            return (space, _float(read, single=space == "float")) if _FLOAT.fullmatch(read) else None
        case "boolean":
            return (space, _BOOLEANS[read]) if read in _BOOLEANS else None
        case "hexBinary" | "base64Binary":
            return _bytes(space, read.replace(" ", ""))
        case "anyURI":
            return space, read
        case "dateTime":
            return _moment(read)
    return None


def values(literals: Numbers, dictionary: Dictionary) -> Numbers:
    """A number for the value of each literal, -1 where it has none."""
    known: dict[Hashable, int] = {None: -1}
    found = []
    for number in literals.tolist():
        term = dictionary.term(number)
        assert isinstance(term, Literal)
        found.append(known.setdefault(value_of(term), len(known)))
    return np.array(found, dtype=np.int64)


def same_values(literals: Numbers, worth: Numbers) -> Numbers:
    """Pairs of literals that have one value (dt-eq): enough of them that all others follow.

    Args:
        literals: numbers of literals.
        worth: the number of the value of each.

    Example:
        >>> same_values(np.array([4, 6, 7]), np.array([1, 2, 1])) == pack(np.array([4]), np.array([7]))
        array([ True])
    """
    order = np.argsort(worth, kind="stable")
    literals, worth = literals[order], worth[order]
    alike = (worth[1:] == worth[:-1]) & (worth[1:] >= 0)
    return pack(literals[:-1][alike], literals[1:][alike])


def differing(literals: Numbers, worth: Numbers, same: Numbers) -> list[Numbers]:
    """Literals that are the same and differ in value (dt-diff, eq-diff1): those of each value that is contradicted.

    Args:
        literals: numbers of literals.
        worth: the number of the value of each.
        same: for each number the one that stands for all that are the same.
    """
    literals, worth = literals[worth >= 0], worth[worth >= 0]
    stands = same[literals]
    kinds = np.unique(np.stack([stands, worth]), axis=1)
    doubtful, times = np.unique(kinds[0], return_counts=True)
    return [literals[stands == one] for one in doubtful[times > 1].tolist()]


def _normal(text: str) -> str:
    return re.sub(r"[\t\n\r]", " ", text)


def _float(text: str, *, single: bool) -> str:
    number = float(text.replace("INF", "inf"))
    if single:
        with np.errstate(over="ignore"):
            number = float(np.float32(number))
    return repr(number)


def _bytes(space: str, text: str) -> Hashable:
    try:
        return space, bytes.fromhex(text) if space == "hexBinary" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _moment(text: str) -> Hashable:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, zone = (found[7] or "").rstrip("0"), found[8] or ""
    midnight = (hour, minute, second) == (24, 0, 0) and fraction in ("", ".")
    leaping = 2000 + year % 400  # Python knows no other years than 1 to 9999: one that leaps as this does stands for it
    try:
        moment = datetime(leaping, month, day, 0 if midnight else hour, minute, second)
    except ValueError:
        return None
    if midnight:
        moment += timedelta(days=1)
    year += moment.year - leaping
    zone = "Z" if zone in ("+00:00", "-00:00") else zone
    return "dateTime", year, moment.replace(year=2000), fraction.rstrip("."), zone
