"""Values of literals: as rdflib reads them, and by identity where XML Schema tells identity from equality."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import rdflib
from owlrl.DatatypeHandling import AltXSDToPYTHON
from pyoxigraph import Literal, NamedNode
from rdflib.term import XSDToPython, _toPythonMapping

from kg.columns import Dictionary
from kg.reasoning.compiled.datatypes import ill_formed
from kg.reasoning.compiled.values import value_of
from kg.reasoning.reference import _value
from kg.terms import PREFIXES

NUMBERS = ("1", "01", "+1", "-1", "0", "-0", "+0", "1.0", "1.50", "1.5", ".5", "0.5", "1e0", "1E0", "15e-1", "one", "")
SPELLED = [
    *product(NUMBERS, ("integer", "decimal", "byte", "double")),
    *product(("a b", "a", "1", "http://x/"), ("string", "anyURI")),
    (" a  b ", "string"),
    *product(("true", "false", "1", "0"), ("boolean",)),
    *product(("6869", "68", "aGk="), ("hexBinary", "base64Binary")),
]


def literal(text: str, kind: str) -> Literal:
    return Literal(text, datatype=NamedNode(PREFIXES["xsd"] + kind))


@pytest.mark.filterwarnings("ignore")
def test_values_are_the_same_where_rdflib_reads_the_same() -> None:
    read = {}
    for spelled in SPELLED:
        text, kind = spelled
        theirs = _value(rdflib.Literal(text, datatype=rdflib.XSD[kind], normalize=False))
        read[spelled] = value_of(literal(text, kind)), theirs
    both = [spelled for spelled, values in read.items() if None not in values]
    assert len(both) > 50
    for one, other in combinations(both, 2):
        alike = {read[one][side] == read[other][side] for side in (0, 1)}
        assert len(alike) == 1, (one, other)
    alone = {spelled for spelled, (ours, theirs) in read.items() if (ours is None) != (theirs is None)}
    # rdflib reads what is between two forms as bytes of either, and numbers with an exponent as decimals.
    assert {kind for _, kind in alone} <= {"hexBinary", "base64Binary", "decimal"}, alone


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("2001-01-01T00:00:00Z", "dateTime"), ("2001-01-01T00:00:00.0+00:00", "dateTime"), True),
        (("2001-01-01T00:00:00Z", "dateTime"), ("2001-01-01T01:00:00+01:00", "dateTime"), False),
        (("2001-01-01T00:00:00Z", "dateTime"), ("2001-01-01T00:00:00", "dateTime"), False),
        (("2000-12-31T24:00:00Z", "dateTime"), ("2001-01-01T00:00:00Z", "dateTimeStamp"), True),
        (("12000-02-29T00:00:00", "dateTime"), ("12000-02-29T00:00:00.00", "dateTime"), True),
        (("-0004-02-29T00:00:00", "dateTime"), ("0004-02-29T00:00:00", "dateTime"), False),
        (("0", "double"), ("-0", "double"), False),
        (("NaN", "double"), ("NaN", "double"), True),
        (("INF", "double"), ("+INF", "double"), True),
        (("1", "double"), ("1", "float"), False),
        (("0.1", "float"), ("0.100000001", "float"), True),
        (("1e400", "float"), ("INF", "float"), True),
        (("1", "double"), ("1", "decimal"), False),
        (("a\tb", "normalizedString"), ("a b", "string"), True),
        (("a\tb", "string"), ("a b", "string"), False),
        ((" a  b ", "token"), ("a b", "string"), True),
        (("12345678901234567890123456789012345", "integer"), ("12345678901234567890123456789012346", "integer"), False),
    ],
)  # fmt: skip
def test_identity(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    values = value_of(literal(*one)), value_of(literal(*other))
    assert None not in values and (values[0] == values[1]) is same


def test_words_of_a_language() -> None:
    assert value_of(Literal("a", language="EN")) == value_of(Literal("a", language="en"))
    assert value_of(Literal("a", language="en")) != value_of(Literal("a", language="de"))
    assert value_of(Literal("a", language="en")) != value_of(Literal("a"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [("one", "integer"), ("1.0", "integer"), ("1e0", "decimal"), ("2001-02-29T00:00:00", "dateTime"), ("x", "dateTime"),
     ("2001-01-01", "date"), ("2001", "gYear"), ("2001-01-01T24:00:01", "dateTime"), ("xyz", "hexBinary")],
)  # fmt: skip
def test_what_has_no_value(text: str, kind: str) -> None:
    assert value_of(literal(text, kind)) is None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("text", "kind", "well"),
    [("a-1", "Name", True), ("x:a", "Name", True), ("1", "Name", False), ("a b", "Name", False),
     ("\u00e9", "NCName", True), ("x:a", "NCName", False),
     ("1", "NMTOKEN", True), ("a b", "NMTOKEN", False), ("", "NMTOKEN", False),
     ("2000-01-01T00:00:00Z", "dateTimeStamp", True), ("2000-01-01T00:00:00", "dateTimeStamp", False),
     ("2000-13-01T00:00:00Z", "dateTimeStamp", False)],
)  # fmt: skip
def test_what_is_well_formed_is_the_same_before_and_after_owlrl_has_run(
    text: str, kind: str, well: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    dictionary = Dictionary()
    number = dictionary.number(literal(text, kind))
    for taught in (True, False):
        # What owlrl teaches rdflib stays when it is done.
        for datatype in AltXSDToPYTHON.keys() - XSDToPython.keys():
            if taught:
                monkeypatch.setitem(_toPythonMapping, datatype, AltXSDToPYTHON[datatype])
            else:
                monkeypatch.delitem(_toPythonMapping, datatype)
        assert list(ill_formed(np.array([number]), dictionary)) == [number] * (not well)
        assert (_value(rdflib.Literal(text, datatype=rdflib.XSD[kind], normalize=False)) is not None) is well
