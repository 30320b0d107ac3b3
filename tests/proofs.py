"""Proofs of all that follows, as plain data, for tests that hold every one of them to something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pyoxigraph import NamedNode

from kg.inquiries import Inquiries
from kg.store.embedded import EmbeddedStore
from kg.views import graphs_of_view
from kg.vocab import FOEDUS, GRAPH

SHORTCUTS: Final = (
    FOEDUS.adversaryOf,
    FOEDUS.alliedWith,
    FOEDUS.betrays,
    FOEDUS.owesDefenseTo,
    FOEDUS.suppliesAdversaryOf,
    FOEDUS.suppliesArmsTo,
)


def explain_all(
    store: EmbeddedStore, view: str, *, of_ontology: bool = True, limit: int = 200
) -> Iterator[dict[str, Any]]:
    """The proofs of every node that counts and of every triple that reasoning added.

    Args:
        store: a store with the view.
        view: its name.
        of_ontology: whether triples that follow from the ontology alone are proved too.
        limit: how many proofs of a triple are looked at.
    """
    name, _, day = view.partition("/known-by/")
    explainer = Inquiries(store, policy=name).explainer(known_by=day or None)
    nodes = {t.subject for g in graphs_of_view(store, view) for t in store.triples(g) if t.predicate == FOEDUS.status}
    for node in sorted(nodes, key=str):
        assert isinstance(node, NamedNode)
        yield from (proof.to_dict() for proof in explainer.node(node))
    for triple in sorted(store.triples(GRAPH.inferred(view)), key=str):
        if of_ontology or not str(triple.subject).startswith((f"<{FOEDUS.base}", "<https://w3id.org/foedus/id/genid/")):
            yield from (proof.to_dict() for proof in explainer.triple(triple, limit))
