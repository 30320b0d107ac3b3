"""Nodes in words: their labels and, for derived ones, the sentence of the rule that made them, names filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.store.base import Store
from kg.terms import curie
from kg.vocab import FOEDUS, RDFS

__all__ = ["CATEGORY", "labels", "sentences"]

CATEGORY: Final = (
    "A conclusion of this kind is a category of analysis, not a verdict: what is recorded as conduct meets, in time, "
    "what is recorded as an obligation. It says nothing about motive, knowledge or law."
)
"""What every reader of a conclusion is told."""


_SLOT: Final = re.compile(r"\{([A-Za-z.]+)\}")
_MANY: Final = 1_000
"""From how many nodes on a property is read whole, in one pass, rather than looked up node by node."""


def labels(store: Store, graphs: Sequence[NamedNode], nodes: Iterable[NamedNode]) -> dict[NamedNode, str]:
    """The English label, or one in no language, of each of the nodes that has one.

    Args:
        store: where the graphs are.
        graphs: the graphs of one view.
        nodes: IRIs; those without a label are passed over.
    """
    wanted = set(nodes)
    if not wanted:
        return {}
    named = f'?node {RDFS.label} ?l FILTER(LANGMATCHES(LANG(?l), "en") || LANG(?l) = "")'
    rows = _rows(
        store,
        graphs,
        f"SELECT ?node (MIN(STR(?l)) AS ?label) WHERE {{ {_values(wanted)} "
        f"{_pass('?node ?l', named) if len(wanted) > _MANY else named} }} GROUP BY ?node",
    )
    return {node: label.value for node, label in rows}  # type: ignore[attr-defined, misc]


def sentences(store: Store, graphs: Sequence[NamedNode], nodes: Iterable[NamedNode]) -> dict[NamedNode, str]:
    """A sentence for each of the nodes that a rule derived; of several that fit, the first in order of the alphabet.

    Args:
        store: where the graphs are.
        graphs: ontology, asserted, accepted and inferred graphs of one view.
        nodes: IRIs; those that no rule derived are passed over.
    """
    wanted = set(nodes)
    if not wanted:
        return {}
    by_pattern: dict[str, set[NamedNode]] = {}
    derived = f"?node {FOEDUS.derivedByRule} ?rule"
    for node, pattern in _rows(
        store,
        graphs,
        f"SELECT ?node ?pattern WHERE {{ {_values(wanted)} "
        f"{_pass('?node ?rule', derived) if len(wanted) > _MANY else f'{derived} .'} "
        f"?rule {FOEDUS.sentencePattern} ?pattern }}",
    ):
        assert isinstance(node, NamedNode) and isinstance(pattern, Literal)
        by_pattern.setdefault(pattern.value, set()).add(node)
    told: dict[NamedNode, str] = {}
    for pattern, group in sorted(by_pattern.items()):
        slots = sorted(set(_SLOT.findall(pattern)))
        found = _filled(store, graphs, slots, group)
        called = labels(store, graphs, {v for _, *values in found for v in values if isinstance(v, NamedNode)})
        of_pattern: dict[NamedNode, str] = {}
        for node, *values in found:
            assert isinstance(node, NamedNode)
            filled = {slot: _name(value, called) for slot, value in zip(slots, values, strict=True)}
            sentence = _SLOT.sub(lambda match, filled=filled: filled[match[1]], pattern)  # type: ignore[misc]
            of_pattern[node] = min(sentence, of_pattern.get(node, sentence))
        told = of_pattern | told
    return told


def _filled(
    store: Store, graphs: Sequence[NamedNode], slots: Sequence[str], nodes: set[NamedNode]
) -> list[tuple[object, ...]]:
    """Each of the nodes, with what its slots stand for: ``leg.property`` is a property of its leg."""
    steps: dict[str, str] = {}
    for slot in slots:
        before = "?node"
        for end in (at for at, character in enumerate(f"{slot}.") if character == "."):
            reached = f"?{slot[:end].replace('.', '_')}"
            triple = f"{before} {getattr(FOEDUS, slot[:end].rpartition('.')[2])} {reached}"
            # Slots that begin with one step share it. Within another query, the triples of a step are joined by hash.
            steps[reached] = _pass(f"{before} {reached}", triple) if len(nodes) > _MANY else f"{triple} ."
            before = reached
    names = " ".join(f"?{slot.replace('.', '_')}" for slot in slots)
    return _rows(store, graphs, f"SELECT ?node {names} WHERE {{ {_values(nodes)} {' '.join(steps.values())} }}")


def _values(nodes: Iterable[NamedNode]) -> str:
    return f"VALUES ?node {{ {' '.join(sorted(map(str, nodes)))} }}"


def _pass(variables: str, pattern: str) -> str:
    return f"{{ SELECT {variables} WHERE {{ {pattern} }} }}"


def _name(term: object, called: Mapping[NamedNode, str]) -> str:
    if isinstance(term, NamedNode):
        return called.get(term) or curie(term.value)
    assert isinstance(term, Literal)
    return term.value


def _rows(store: Store, graphs: Sequence[NamedNode], query: str) -> list[tuple[object, ...]]:
    answer = store.query(query, default_graphs=graphs)
    assert isinstance(answer, QuerySolutions)
    return [tuple(solution) for solution in answer]
