from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kg.terms import PREFIXES, curie, expand, iri, local_name, near_misses


@given(st.sampled_from(sorted(PREFIXES)), st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True))
def test_short_and_long_forms_say_the_same(prefix: str, local: str) -> None:
    assert expand(f"{prefix}:{local}") == NamedNode(PREFIXES[prefix] + local)
    assert expand(curie(PREFIXES[prefix] + local)) == NamedNode(PREFIXES[prefix] + local)


@pytest.mark.parametrize(
    "text", ["", "Armenia", "https://e.org/a b", "https://e.org/>", 'https://e.org/"', "https://e.org/{", "x:"]
)
def test_what_could_end_an_iri_early_is_no_iri(text: str) -> None:
    with pytest.raises(ValueError, match="not an absolute IRI"):
        iri(text)


@given(st.text())
def test_a_literal_never_breaks_out_of_its_quotes(text: str) -> None:
    from pyoxigraph import QuerySolutions, Store

    answer = Store().query(f"SELECT ?x WHERE {{ VALUES ?x {{ {Literal(text)} }} }}")
    assert isinstance(answer, QuerySolutions)
    assert [row["x"] for row in answer] == [Literal(text)]


def test_names_from_iris() -> None:
    assert local_name("https://w3id.org/foedus/id/state/ARM") == "ARM"
    assert expand("<https://example.org/x>") == NamedNode("https://example.org/x")
    assert curie("https://example.org/x") == "https://example.org/x"


def test_near_misses_keep_their_case_and_ignore_that_of_the_question() -> None:
    assert near_misses("armenja", ["Armenia", "Albania"])[0] == "Armenia"
    assert near_misses("zzz", ["Armenia"]) == []
