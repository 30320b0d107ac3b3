"""Inconsistencies of two reasoners side by side: the rules that were broken, and by what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from kg.errors import Inconsistency
from kg.terms import PREFIXES

__all__ = ["assert_same_reports", "rule_of"]

_WORDS: Final = {
    "'sameAs' and 'differentFrom'": ("eq-diff1",),
    "are the same and differ in value": ("dt-diff",),
    "are the same and listed as different": ("eq-diff2", "eq-diff3"),
    "Irreflexive property": ("prp-irp",),
    "asymmetric property": ("prp-asyp",),
    "usage of disjoint properties": ("prp-pdw",),
    "Disjoint properties": ("prp-adp",),
    "Negative (object)": ("prp-npa1",),
    "Negative (datatype)": ("prp-npa2",),
    "of type 'Nothing'": ("cls-nothing2",),
    "complementarity": ("cls-com",),
    "maximum cardinality": ("cls-maxc1",),
    "maximum qualified cardinality": ("cls-maxqc1", "cls-maxqc2"),
    "Disjoint classes": ("cax-dw", "cax-adc"),
    "does not match its datatype": ("dt-not-type",),
}
"""What owlrl says, with the rules of which it says it."""


def rule_of(report: Inconsistency) -> str:
    """The rule that a report of the compiled reasoner ends with."""
    found = re.search(r"\(([a-z]+-[a-z0-9-]+)\)$", report.message)
    assert found, report.message
    return found[1]


def assert_same_reports(
    compiled: Iterable[Inconsistency], reference: Iterable[Inconsistency], *, nodes: bool = True
) -> None:
    """Each report of one has its like with the other: the same rule and, where owlrl names them, the same nodes.

    owlrl names fewer nodes; all that it names the other must name too.

    Args:
        nodes: whether nodes are compared, rather than rules alone.
    """
    said = [(_rules(report), set(report.nodes) if nodes else set()) for report in reference]
    found = [(rule_of(report), set(report.nodes)) for report in compiled]
    for rules, some in said:
        assert any(rule in rules and some <= held for rule, held in found), ("only the reference", rules, some, found)
    for rule, held in found:
        assert any(rule in rules and some <= held for rules, some in said), ("only the compiled", rule, held, said)


def _rules(report: Inconsistency) -> tuple[str, ...]:
    (rules,) = (rules for words, rules in _WORDS.items() if words in report.message)
    if "cax-dw" in rules and sum(node.startswith(PREFIXES["xsd"]) for node in report.nodes) > 1:
        # That a literal is of two datatypes with no value in common is how owlrl tells some values apart.
        return ("dt-diff",)
    return rules
