"""Strings that rules make and compare; each distinct string is worked on once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from string import ascii_letters, digits
from typing import Final, TypeGuard
from urllib.parse import urljoin

import numpy as np
from pyoxigraph import Literal, NamedNode

from kg.columns import Dictionary, Numbers, coded
from kg.rules.comparing import OPERATORS, Truth
from kg.terms import PREFIXES
from kg.vocab import XSD

__all__ = ["Texts", "compare_texts", "concatenated", "hashed", "lexical", "named", "plain", "pooled"]

_UNRESERVED: Final = (ascii_letters + digits + "-._~/").encode()
"""What may stand in any path (RFC 3986, section 2.3)."""


@dataclass(frozen=True)
class Texts:
    """Strings, each distinct one once; ``None`` is an error."""

    codes: Numbers
    pool: list[str | None]


def pooled(numbers: Numbers, dictionary: Dictionary) -> tuple[Numbers, list[object]]:
    """Numbers as places in a pool of distinct terms; ``None`` stands for -1."""
    distinct, codes = coded(numbers)
    return codes, [None if n < 0 else dictionary.term(n) for n in distinct.tolist()]


def lexical(numbers: Numbers, dictionary: Dictionary) -> Texts:
    """STR of each term; an IRI is taken from between its brackets, without making a term of it."""
    distinct, codes = coded(numbers)
    known = distinct[distinct >= 0]
    texts: list[str | None] = [
        written[1:-1] if written[0] == "<" and written[1] != "<" else None for written in dictionary.written(known)
    ]
    if None in texts:
        for place, number in enumerate(known.tolist()):
            if texts[place] is None and isinstance(term := dictionary.term(number), Literal):
                texts[place] = term.value
    return Texts(codes, texts if len(known) == len(distinct) else [None, *texts])


def plain(term: object) -> str | None:
    """The text of a plain string, ``None`` for any other term."""
    return term.value if isinstance(term, Literal) and term.datatype == XSD.string else None


def compare_texts(operator: str, one: Texts, two: Texts) -> Truth:
    """Strings compared by their code points."""
    ranks = {text: i for i, text in enumerate(sorted({t for t in (*one.pool, *two.pool) if t is not None}))}
    first, second = (
        np.array([-1 if t is None else ranks[t] for t in side.pool], dtype=np.int64)[side.codes] for side in (one, two)
    )
    error = (first < 0) | (second < 0)
    return Truth(OPERATORS[operator](first, second) & ~error, error if error.any() else None)


def hashed(given: Texts) -> Texts:
    """SHA256 of each, in hexadecimal."""
    return Texts(given.codes, [None if t is None else sha256(t.encode()).hexdigest() for t in given.pool])


def concatenated(parts: Sequence[str | Texts], size: int) -> Texts:
    """CONCAT of columns and of strings that are the same in every row.

    Args:
        parts: what comes one after the other.
        size: how many rows there are.
    """
    texts = [part for part in parts if isinstance(part, Texts)]
    if not texts:
        return Texts(np.zeros(size, dtype=np.int64), ["".join(p for p in parts if isinstance(p, str))])
    single = len(texts) == 1
    rows = []
    for part in parts:
        if isinstance(part, str):
            rows.append(repeat(part))
        else:
            rows.append(part.pool if single else list(map(part.pool.__getitem__, part.codes.tolist())))  # type: ignore[arg-type]
    codes = texts[0].codes if single else np.arange(size)
    if any(None in text.pool for text in texts):
        return Texts(codes, [None if None in row else "".join(row) for row in zip(*rows, strict=False)])
    return Texts(codes, list(map("".join, zip(*rows, strict=False))))


def named(pool: Sequence[str | None], dictionary: Dictionary) -> Numbers:
    """The number of each text as an IRI, -1 where it is none."""
    if _surely_iris(pool):
        return dictionary.numbers_of_written(map("<%s>".__mod__, pool))
    nodes = list(map(_node, pool))
    numbers = np.full(len(nodes), -1, dtype=np.int64)
    numbers[[node is not None for node in nodes]] = dictionary.numbers(n for n in nodes if n)
    return numbers


def _surely_iris(pool: Sequence[str | None]) -> TypeGuard[Sequence[str]]:
    """Whether all of some texts are absolute IRIs beyond doubt, seen at once and without making any."""
    try:
        joined = "\n" + "\n".join(pool)  # type: ignore[arg-type]
    except TypeError:
        return False
    begun = joined.count("\nhttps://") == len(pool)
    return begun and joined.encode().translate(None, _UNRESERVED) == b"\n:" * len(pool)


def _node(text: str | None) -> NamedNode | None:
    if text is None:
        return None
    for written in (text, urljoin(PREFIXES["id"], text)):  # a relative IRI is read against the base, as in the store
        try:
            return NamedNode(written)
        except ValueError:
            continue
    return None
