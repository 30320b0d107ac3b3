"""Triples as columns and back."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from kg import columns
from kg.columns import Columns, Dictionary
from kg.vocab import XSD

NODES = st.sampled_from([NamedNode("https://example.org/a"), NamedNode("urn:b?c=%20#é"), BlankNode("x1")])
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
LITERALS = st.one_of(
    TEXT.map(Literal),
    TEXT.map(lambda text: Literal(text, language="pt-br")),
    TEXT.map(lambda text: Literal(text, datatype=XSD.date)),
)
TRIPLES = st.lists(st.builds(Triple, NODES, NODES.filter(lambda n: isinstance(n, NamedNode)), NODES | LITERALS))


@given(triples=TRIPLES, part=st.integers(1, 4))
def test_written_out_and_read_back(triples: list[Triple], part: int) -> None:
    dictionary, usual = Dictionary(), columns._PART
    held = Columns.encode(triples, dictionary)
    try:
        columns._PART = part  # type: ignore[misc]
        written = b"".join(held.n_triples(dictionary))
    finally:
        columns._PART = usual  # type: ignore[misc]
    assert [quad.triple for quad in pyoxigraph.parse(written, format=RdfFormat.N_TRIPLES)] == triples
    assert list(held.decode(dictionary)) == triples
    assert Columns.of_rows(held.rows()).object.tolist() == held.object.tolist()


@given(rows=st.lists(st.tuples(*[st.integers(0, 5)] * 3)), subjects=st.sets(st.integers(0, 7)))
def test_about_some_subjects(rows: list[tuple[int, int, int]], subjects: set[int]) -> None:
    held = Columns.of_rows(rows)
    found = held.where(held.about(np.array(sorted(subjects), dtype=np.int64)))
    assert Counter(found.rows()) == Counter(row for row in rows if row[0] in subjects)


def test_nothing() -> None:
    assert list(Columns.empty().n_triples(Dictionary())) == []
    assert not len(Columns.of_rows([]))
    with pytest.raises(IndexError):
        Dictionary().term(0)
