"""What the parser says points at what is wrong, and lists nothing that has nothing to do with it."""

from __future__ import annotations

import pytest

from kg.errors import QueryError
from kg.store import EmbeddedStore
from kg.store.faults import readable

HELPLESS = "something is missing there, or it is whole and means nothing, as where a variable gets two values"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("garbage", "line 1, column 1, at 'garbage'"),
        ("SELECT%00 * {}", "line 1, column 7, at '%00 * {}'"),
        ("SELECT * {} garbage", "line 1, column 13, at 'garbage'"),
        ("INSERT DATA { <a> <b> <c> }", "line 1, column 1, at 'INSERT DATA { <a> <b> <c> }'"),
        ("SELECT * {}\nLIMIT 1\ngarbage", "line 3, column 1, at 'garbage'"),
        ("SELECT * { ?s ?p ?o", "line 1, column 20, at the end: the { of line 1, column 10 is not closed"),
        ("SELECT * {\n FILTER(?a < 1", "line 2, column 15, at the end: the ( of line 2, column 8 is not closed"),
        ("SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", f"line 1, column 41, at the end: {HELPLESS}"),
        ("SELECT ?x ?x {}", "line 1, column 16, at the end: Duplicated variable name in SELECT"),
        ("SELECT * { ?s ?p 'abc }", 'line 1, column 24, at the end: expected "\'" or "\\\\" or "\\\\U" or "\\\\u"'),
        ("", f"line 1, column 1, at the end: {HELPLESS}"),
    ],
)
def test_queries(query: str, said: str) -> None:
    with pytest.raises(QueryError) as fault:
        EmbeddedStore().query(query)
    assert str(fault.value) == f"the query does not parse: {said}"


def test_a_relative_iri_is_called_so() -> None:
    said = readable("error at 1:21: expected IRI parsing failed", "INSERT DATA { ?x <a> <b> }")
    assert said == "line 1, column 21, at '<b> }': an IRI that is none, or is relative where no BASE is given"


def test_what_is_no_such_message_stays() -> None:
    assert readable("something else", "ASK {}") == "something else"
