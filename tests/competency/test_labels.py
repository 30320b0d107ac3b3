"""Nodes in words, few of them and many at once."""

from __future__ import annotations

import pytest

from kg import KnowledgeGraph
from kg.vocab import FOEDUS


def test_many_nodes_are_called_as_few_are(graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    names = graph._scope(None, None).names
    nodes = {row["node"] for row in graph.sparql("SELECT ?node WHERE { ?node ?property ?value }")}  # type: ignore[union-attr]
    few = names.labels(nodes)
    monkeypatch.setattr("kg.sentences._MANY", 0)
    many = names.labels(nodes)
    assert few == many
    derived = {row["node"].value for row in graph.sparql("SELECT ?node { ?node foedus:derivedByRule ?rule }")}  # type: ignore[union-attr]
    assert derived and derived <= many.keys()
    assert FOEDUS.Betrayal.value in many
