"""Whether conditions are true, row by row: true, false or an error (SPARQL 1.1, section 17.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.columns import Dictionary, Numbers
from kg.errors import RuleError
from kg.rules.indexes import Flags
from kg.rules.values import LANGUAGE, NODE, STRING, UNKNOWN, UNSUPPORTED, ZONED

__all__ = ["OPERATORS", "Truth", "Worth", "compare", "junction"]

Worth: TypeAlias = tuple[Numbers, NDArray[np.int8], NDArray[np.float64]]
"""Number, family and rank of the terms of a column."""

OPERATORS = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_DAY_PARTS = 14 * 3600.0
"""Seconds by which a date without a time zone may be off (XML Schema part 2, section 3.2.7.4)."""


@dataclass(frozen=True)
class Truth:
    """A condition for each row: whether it is true, and where it is an error."""

    true: Flags
    error: Flags | None = None

    def negated(self) -> Truth:
        """The opposite; an error stays one."""
        return Truth(~self.true if self.error is None else ~self.true & ~self.error, self.error)


def compare(operator: str, left: Worth, right: Worth, dictionary: Dictionary, rule: str) -> Truth:
    """Two columns of terms of any families compared, by the operator mapping of SPARQL 1.1 (section 17.3).

    Args:
        operator: one of ``= != < > <= >=``.
        left: what stands left of it.
        right: what stands right of it.
        dictionary: the terms.
        rule: name of the rule, for messages.

    Raises:
        RuleError: terms are of a datatype that SPARQL engines order and compiled rules do not.
    """
    (one, family, rank), (two, others, other_rank) = left, right
    equality = operator in ("=", "!=")
    unbound, same = (one < 0) | (two < 0), one == two
    nodes = (family == NODE) | (others == NODE)
    uncertain = (family == UNKNOWN) | (family == UNSUPPORTED) | (others == UNKNOWN) | (others == UNSUPPORTED)
    alike = (family == others) & ~nodes & ~uncertain
    ranked = alike & (family != STRING) & (family != LANGUAGE)
    true = ranked & OPERATORS[operator](rank, other_rank)
    zoned = ((family ^ others) == ZONED) & ~uncertain & ~nodes
    # One side has a time zone and the other has none: certain only beyond 14 hours.
    certain = zoned & (np.abs(rank - other_rank) > _DAY_PARTS)
    true |= certain & OPERATORS[operator](rank, other_rank)
    known = ranked | certain
    if equality:
        # A node is itself and nothing else; so is text, and so are literals of kinds that have no value in common.
        settled = ~known & (nodes | same | ~uncertain)
        true |= settled & (same if operator == "=" else ~same)
        known |= settled
    else:
        strings = alike & (family == STRING)
        if strings.any():
            true[strings] = _compare_strings(operator, one[strings], two[strings], dictionary)
        known |= strings
        # What cannot be ordered is still no less and no more than itself, as Oxigraph has it.
        itself = same & uncertain & ~nodes
        true |= itself & (operator in ("<=", ">="))
        known |= itself
        refused = (family == UNSUPPORTED) & (others == UNSUPPORTED) & ~same
        if refused.any():
            term = dictionary.term(int(one[refused][0]))
            raise RuleError(rule, f"{term} has a datatype that compiled rules do not order")
    error = ~known | unbound
    return Truth(true & ~error, error if error.any() else None)


def _compare_strings(operator: str, one: Numbers, two: Numbers, dictionary: Dictionary) -> Flags:
    terms = dictionary.terms
    pairs = zip(terms(one), terms(two), strict=True)
    plain = [(str(getattr(a, "value", "")), str(getattr(b, "value", ""))) for a, b in pairs]
    return np.array([OPERATORS[operator](a, b) for a, b in plain], dtype=bool)


def junction(parts: Sequence[Truth], every: bool, size: int) -> Truth:
    """``&&`` (``every``) or ``||`` of conditions on as many rows."""
    true, false, errors = np.full(size, every), np.full(size, not every), False
    for part in parts:
        part_false = ~part.true if part.error is None else ~part.true & ~part.error
        errors |= part.error is not None
        true = true & part.true if every else true | part.true
        false = false | part_false if every else false & part_false
    return Truth(true, ~true & ~false if errors else None)
