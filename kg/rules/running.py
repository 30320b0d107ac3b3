"""The first executor: a store evaluates the rules as the SPARQL they are written in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pyoxigraph import NamedNode, QueryTriples, Triple

from kg.rules.text import Rule
from kg.store.base import Store

__all__ = ["run_rules"]


def run_rules(store: Store, rules: Sequence[Rule], graphs: Sequence[NamedNode], into: NamedNode) -> int:
    """Derive nodes by every rule, stratum by stratum.

    Args:
        store: the store to read and write.
        rules: the rules, lowest stratum first.
        graphs: asserted, accepted and ontology graphs to read.
        into: graph that receives, and from the second stratum on also provides, what is derived.

    Returns:
        How many triples were derived.
    """
    count = 0
    for _, stratum in groupby(rules, key=lambda rule: rule.stratum):
        derived: set[Triple] = set()
        for rule in stratum:
            answer = store.query(rule.text, default_graphs=[*graphs, into])
            assert isinstance(answer, QueryTriples)
            derived.update(answer)
        store.insert(into, derived)
        count += len(derived)
    return count
