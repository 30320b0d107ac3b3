"""USING put into an update: what it means, held against Oxigraph's own reading of the same update with USING."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.http.refusals import Refused
from kg.http.updating import with_dataset
from kg.lexemes import settled

DATA = """GRAPH <x:g> { <x:a> <x:p> 1 , 2 } GRAPH <x:h> { <x:b> <x:p> 1 } GRAPH <x:where> { <x:c> <x:p> 1 }
 <x:d> <x:p> 1"""
USING = "USING <x:g> USING NAMED <x:h>"
CASES = [
    (
        "INSERT { GRAPH <x:o> { ?s <x:q> 1 } } WHERE { ?s <x:p> 1 }",
        f"INSERT {{ GRAPH <x:o> {{ ?s <x:q> 1 }} }} {USING} WHERE {{ ?s <x:p> 1 }}",
    ),
    (
        "delete{graph ?g{?s ?p 1}}where{graph ?g{?s ?p 1}}",
        f"DELETE {{ GRAPH ?g {{ ?s ?p 1 }} }} {USING} WHERE {{ GRAPH ?g {{ ?s ?p 1 }} }}",
    ),
    (
        "DELETE WHERE # } {\n { GRAPH ?where { ?s ?p 1 } }",
        f"DELETE {{ GRAPH ?g {{ ?s ?p 1 }} }} {USING} WHERE {{ GRAPH ?g {{ ?s ?p 1 }} }}",
    ),
    (
        "DELETEWHERE{GRAPH <x:h> {?s ?p 1}}",
        f"DELETE {{ GRAPH <x:h> {{ ?s ?p 1 }} }} {USING} WHERE {{ GRAPH <x:h> {{ ?s ?p 1 }} }}",
    ),
    ("INSERT DATA { GRAPH <x:o> { <x:s> <x:p> 'WHERE {' } }", "INSERT DATA { GRAPH <x:o> { <x:s> <x:p> 'WHERE {' } }"),
    (
        "PREFIX where: <x:> INSERT { GRAPH where:o { ?s a where:where } } "
        "WHERE { ?s where:p 1 { SELECT ?s WHERE { ?s ?p 1 } } }",
        f"INSERT {{ GRAPH <x:o> {{ ?s a <x:where> }} }} {USING} "
        "WHERE { ?s <x:p> 1 { SELECT ?s WHERE { ?s ?p 1 } } }",
    ),
    (
        "DELETE WHERE { GRAPH <x:h> { ?s ?p 1 } } ; INSERT { GRAPH <x:o> { ?s ?p 3 } } WHERE { ?s ?p 1 }",
        f"DELETE {{ GRAPH <x:h> {{ ?s ?p 1 }} }} {USING} WHERE {{ GRAPH <x:h> {{ ?s ?p 1 }} }} ; "
        f"INSERT {{ GRAPH <x:o> {{ ?s ?p 3 }} }} {USING} WHERE {{ ?s ?p 1 }}",
    ),
    (
        "INSERT { GRAPH <x:o> { ?s <x:q> 1 } } WHERE { ?s ?p ?o FILTER(?o<2&&(?o>0)) } ; "
        "INSERT { GRAPH <x:o> { ?s <x:r> 1 } } WHERE { ?s ?p 1 }",
        f"INSERT {{ GRAPH <x:o> {{ ?s <x:q> 1 }} }} {USING} WHERE {{ ?s ?p ?o FILTER(?o < 2 && ?o > 0) }} ; "
        f"INSERT {{ GRAPH <x:o> {{ ?s <x:r> 1 }} }} {USING} WHERE {{ ?s ?p 1 }}",
    ),
    ("CLEAR GRAPH <x:g>", "CLEAR GRAPH <x:g>"),
]


def after(update: str) -> set[pyoxigraph.Quad]:
    store = pyoxigraph.Store()
    store.update(f"INSERT DATA {{ {DATA} }}")
    store.update(update)
    return set(store)


@pytest.mark.parametrize(("given_", "same"), CASES)
def test_means_what_using_means(given_: str, same: str) -> None:
    assert after(with_dataset(settled(given_), ["x:g"], ["x:h"])) == after(same)


def test_the_cases_can_fail() -> None:
    assert sum(after(given_) != after(same) for given_, same in CASES) >= 3


def test_without_graphs_the_text_is_as_it_was() -> None:
    for text, _ in CASES:
        assert with_dataset(text, [], []) == text


@pytest.mark.parametrize(
    "text", ["WITHx:g DELETE {} WHERE {}", "DELETE {} USINGx:g WHERE {}", "with<x:g>INSERT{}WHERE{}"]
)
def test_a_conflict(text: str) -> None:
    with pytest.raises(Refused, match="USING or WITH"):
        with_dataset(text, ["x:g"], [])


@given(
    st.lists(
        st.sampled_from([*"{}()<>'\"#\n ", "WHERE", "DELETE", "INSERT", "x:y", "?where", "DATA", ";"]), max_size=20
    )
)
def test_any_text_comes_through(parts: list[str]) -> None:
    text = "".join(parts)
    left = with_dataset(text, ["x:g"], [])
    # Nothing that was there gets lost.
    assert len(left) >= len(text)
