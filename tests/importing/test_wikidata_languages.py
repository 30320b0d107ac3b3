"""Names in other languages change what people can ask by, and no answer."""

from __future__ import annotations

import re

import pytest

from kg import KnowledgeGraph
from kg.documents import read_document
from kg.questions import load_questions
from kg.resources import graph_files
from kg.vocab import RDFS

NAMED = re.compile(r"(aa|fr|zz) \d+\Z")
GIVEN: dict[str, dict[str, str]] = {
    "attribution-chain": {"about": "alliance/csto"},
    "evidence": {"about": "alliance/csto"},
    "obligations-network": {"year": "2020"},
    "timeline": {"state": "Armenia", "other": "Belarus"},
    "unbalanced-triads": {"year": "2024"},
    "what-is": {"node": "alliance/csto"},
}


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> tuple[KnowledgeGraph, KnowledgeGraph]:
    """The facts that ship, and the same with a name in three more languages for everything that has one."""
    lines = [
        f'{triple.subject} {RDFS.label} "{tag} {number}"@{tag} .\n'
        for path in graph_files()
        for number, triple in enumerate(read_document(path).triples)
        if triple.predicate == RDFS.label
        for tag in ("aa", "fr", "zz")
    ]
    path = tmp_path_factory.mktemp("names") / "names.nt"
    path.write_text("".join(lines), encoding="utf-8")
    plain, _ = KnowledgeGraph.build()
    named, _ = KnowledgeGraph.build([*graph_files(), path])
    return plain, named


@pytest.mark.parametrize("name", [question.name for question in load_questions()])
def test_no_answer_changes(graphs: tuple[KnowledgeGraph, KnowledgeGraph], name: str) -> None:
    one, other = (graph.ask(name, **GIVEN.get(name, {})).table() for graph in graphs)
    # What a node is lists its names.
    assert one == [row for row in other if not (row[1:2] == ["rdfs:label"] and NAMED.match(row[2]))]
    # Nothing that ships is an unbalanced triad.
    assert one or name not in GIVEN or name == "unbalanced-triads"


def test_no_explanation_changes(graphs: tuple[KnowledgeGraph, KnowledgeGraph]) -> None:
    episodes = "SELECT DISTINCT ?n WHERE { VALUES ?k { foedus:Betrayal foedus:Obligation foedus:Hostility } ?n a ?k }"
    nodes = [row["n"].value for row in graphs[0].sparql(f"PREFIX foedus: <https://w3id.org/foedus/ns#> {episodes}")]  # type: ignore[union-attr]
    assert len(nodes) > 10
    for node in nodes:
        one, other = (graph.explain(node) for graph in graphs)
        assert one == other
