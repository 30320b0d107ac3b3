"""Triples as columns and back."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

import kg.columns.triples as columns
from kg.columns import Columns, Dictionary, Kind
from kg.store.columnar import ColumnReader
from kg.store.embedded import EmbeddedStore
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


@given(triples=TRIPLES)
def test_read_without_making_terms(triples: list[Triple]) -> None:
    written = pyoxigraph.serialize(triples, format=RdfFormat.N_TRIPLES)
    assert isinstance(written, bytes)
    quick, slow = Dictionary(), Dictionary()
    try:
        columns._BYTES = 40  # type: ignore[misc]
        read = Columns.read(b"# a line that says nothing\n" + written, quick)
    finally:
        columns._BYTES = 1 << 24  # type: ignore[misc]
    encoded = Columns.encode(triples, slow)
    assert list(read.rows()) == list(encoded.rows())
    assert list(read.decode(quick)) == triples
    assert quick.kinds().tolist() == slow.kinds().tolist()
    assert [slow.find(term) for term in map(quick.term, range(len(quick)))] == list(range(len(slow)))


@given(triples=TRIPLES)
def test_looked_up_as_in_a_store(triples: list[Triple]) -> None:
    graph, dictionary, store = NamedNode("urn:graph"), Dictionary(), EmbeddedStore()
    # Loading gives blank nodes other names.
    triples = [t for t in triples if not isinstance(t.subject, BlankNode) and not isinstance(t.object, BlankNode)]
    store.insert(graph, triples)
    once = list(dict.fromkeys(triples))
    reader = ColumnReader(Columns.encode(once, dictionary), dictionary)
    named = NamedNode("urn:b?c=%20#é")
    for subject in (None, named):
        for predicate in (None, named):
            for obj in (None, named, Literal("")):
                found = Counter(reader.match([graph], subject, predicate, obj))
                assert found == Counter(store.match([graph], subject, predicate, obj))
    assert Counter(reader.triples(graph)) == Counter(once)


def test_a_triple_as_a_term() -> None:
    node = NamedNode("urn:n")
    triple, dictionary = Triple(node, node, Triple(node, node, Literal("x y"))), Dictionary()
    held = Columns.encode([triple], dictionary)
    (written,) = held.n_triples(dictionary)
    assert [quad.triple for quad in pyoxigraph.parse(written, format=RdfFormat.N_TRIPLES)] == [triple]
    again = Dictionary()
    assert list(Columns.read(written, again).decode(again)) == [triple]
    assert again.kinds().tolist() == [Kind.NAMED, Kind.TRIPLE]


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
