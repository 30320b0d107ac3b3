"""Derived nodes in words: the sentence of the rule that made a node, with its own names filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.store.base import Store
from kg.terms import curie
from kg.vocab import FOEDUS, RDFS

__all__ = ["CATEGORY", "sentences"]

CATEGORY: Final = (
    "A conclusion of this kind is a category of analysis, not a verdict: what is recorded as conduct meets, in time, "
    "what is recorded as an obligation. It says nothing about motive, knowledge or law."
)
"""What every reader of a conclusion is told."""


_SLOT: Final = re.compile(r"\{([A-Za-z.]+)\}")


def sentences(store: Store, graphs: Sequence[NamedNode], nodes: Iterable[NamedNode]) -> dict[NamedNode, str]:
    """A sentence for each of the nodes that a rule derived.

    Args:
        store: where the graphs are.
        graphs: ontology, asserted, accepted and inferred graphs of one view.
        nodes: IRIs; those that no rule derived are passed over.
    """
    wanted = " ".join(sorted(str(node) for node in nodes))
    if not wanted:
        return {}
    by_pattern: dict[str, list[NamedNode]] = {}
    for node, pattern in _rows(
        store,
        graphs,
        f"SELECT ?node ?pattern WHERE {{ VALUES ?node {{ {wanted} }} "
        f"?node {FOEDUS.derivedByRule} ?rule . ?rule {FOEDUS.sentencePattern} ?pattern }} ORDER BY ?node",
    ):
        assert isinstance(node, NamedNode) and isinstance(pattern, Literal)
        by_pattern.setdefault(pattern.value, []).append(node)
    told: dict[NamedNode, str] = {}
    for text, group in sorted(by_pattern.items()):
        slots = sorted(set(_SLOT.findall(text)))
        members = " ".join(map(str, group))
        # Oxigraph joins in the order written: everything that must be there comes before anything that may be.
        paths = ["/".join(str(getattr(FOEDUS, step)) for step in slot.split(".")) for slot in slots]
        parts = [f"?node {path} ?v{number} ." for number, path in enumerate(paths)]
        parts += [
            f'OPTIONAL {{ ?v{n} {RDFS.label} ?l{n} FILTER(LANGMATCHES(LANG(?l{n}), "en") || LANG(?l{n}) = "") }}'
            for n in range(len(slots))
        ]
        names = " ".join(f"(COALESCE(?l{n}, ?v{n}) AS ?s{n})" for n in range(len(slots)))
        query = f"SELECT ?node {names} WHERE {{ VALUES ?node {{ {members} }} {' '.join(parts)} }}"
        for node, *values in _rows(store, graphs, query):
            assert isinstance(node, NamedNode)
            filled = {slot: _name(value) for slot, value in zip(slots, values, strict=True)}
            told.setdefault(node, _SLOT.sub(lambda match, filled=filled: filled[match[1]], text))  # type: ignore[misc]
    return told


def _name(term: object) -> str:
    if isinstance(term, NamedNode):
        return curie(term.value)
    assert isinstance(term, Literal)
    return term.value


def _rows(store: Store, graphs: Sequence[NamedNode], query: str) -> list[tuple[object, ...]]:
    answer = store.query(query, default_graphs=graphs)
    assert isinstance(answer, QuerySolutions)
    return [tuple(solution) for solution in answer]
