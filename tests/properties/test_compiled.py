"""The compiled reasoner against the reference, on random ontologies and data of every kind of axiom."""

from __future__ import annotations

from hypothesis import given

from kg.reasoning import CompiledReasoner, ReferenceReasoner
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
