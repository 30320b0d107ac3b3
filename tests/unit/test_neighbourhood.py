"""What is said around a triple is enough to prove it: the same steps as from the whole graph, all the way down."""

from __future__ import annotations

import pytest

from kg.building import build, reasoner_input
from kg.explaining.neighbourhood import around
from kg.reasoning import derivations
from kg.resources import graph_files
from kg.store.embedded import EmbeddedStore
from kg.views import asserted_graphs
from kg.vocab import FOEDUS, GRAPH


@pytest.fixture(scope="module")
def article() -> EmbeddedStore:
    return build(graph_files())[0]


@pytest.mark.parametrize("view", ["facts", "reported", "alleged"])
def test_the_neighbourhood_has_every_step_of_every_proof(article: EmbeddedStore, view: str) -> None:
    whole = derivations(reasoner_input(article, view))
    inferred = sorted(article.triples(GRAPH.inferred(view)), key=str)
    # Shortcuts all, for states meet in thousands of nodes; of the rest every third will do.
    chosen = [t for n, t in enumerate(inferred) if n % 3 == 0 or t.predicate in FOEDUS]
    assert chosen
    for triple in chosen:
        about = around(article, asserted_graphs(article), view, triple)
        part = derivations(reasoner_input(article, view, about))
        frontier, seen = [triple], {triple}
        while frontier:
            one = frontier.pop()
            assert set(part.get(one, ())) == set(whole.get(one, ())), (triple, one)
            new = {premise for step in whole.get(one, ()) for premise in step.premises} - seen
            seen |= new
            frontier.extend(new)
