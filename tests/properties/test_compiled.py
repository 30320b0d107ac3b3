"""The compiled reasoner against the reference, on random ontologies and data of every kind of axiom."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given

from kg.reasoning import CompiledReasoner, ReferenceReasoner
from kg.reasoning.reference import _semantics
from tests.conformance.reports import assert_same_reports
from tests.properties.ontologies import (
    CLASHES,
    COMPARING,
    COUNTED,
    COUNTING,
    DATED,
    EQUALITY,
    HIERARCHY,
    ODD,
    SETTINGS,
    graphs,
    triples,
)


def agree(text: str) -> None:
    held = triples(text)
    expected, found = ReferenceReasoner().close(held), CompiledReasoner().close(held)
    assert found.inferred == expected.inferred
    # Of what is the same, the compiled reasoner names one in a report and owlrl each: rules are compared.
    assert_same_reports(found.inconsistencies, expected.inconsistencies, nodes=False)


@given(text=graphs(HIERARCHY))
@SETTINGS
def test_hierarchies_and_restrictions(text: str) -> None:
    agree(text)


@given(text=graphs(HIERARCHY, EQUALITY, CLASHES))
@SETTINGS
def test_equality_and_clashes(text: str) -> None:
    agree(text)


@given(text=graphs(HIERARCHY, ODD))
@SETTINGS
def test_data_that_state_axioms(text: str) -> None:
    agree(text)


@given(text=graphs(COUNTING, facts=COUNTED))
@SETTINGS
def test_numbers_that_are_the_same_as_nodes(text: str) -> None:
    agree(text)


@given(text=graphs(COMPARING, facts=DATED))
@SETTINGS
def test_dates_and_moments(text: str) -> None:
    agree(text)


class Everything(_semantics()):  # type: ignore[misc]
    """owlrl as it comes: every triple is offered to every rule in every round."""

    def rules(self, t: Any, cycle_num: int) -> None:
        self._apply(t, cycle_num)


@given(text=graphs(HIERARCHY, EQUALITY, CLASHES, ODD))
@SETTINGS
def test_what_the_reference_passes_by_changes_nothing(text: str) -> None:
    held = triples(text)
    found = ReferenceReasoner().close(held)
    with patch("kg.reasoning.reference._semantics", lambda: Everything):
        expected = ReferenceReasoner().close(held)
    assert found.inferred == expected.inferred
    assert {str(report) for report in found.inconsistencies} == {str(report) for report in expected.inconsistencies}
