"""The order in which rules lead from one relation to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from kg.reasoning.compiled.rules import Rule

__all__ = ["ranks"]


def ranks(rules: Iterable[Rule]) -> dict[int, int]:
    """For each relation its place in the order in which the rules lead from one to the next.

    Relations that lead to each other in a circle lie side by side (Tarjan's algorithm without recursion).
    """
    onward: dict[int, set[int]] = defaultdict(set)
    for rule in rules:
        if rule.writes is not None:
            for key in rule.reads:
                onward[key].add(rule.writes)
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    held: list[int] = []
    on_stack: set[int] = set()
    finished = 0
    rank: dict[int, int] = {}
    for root in list(onward):
        if root in index:
            continue
        work = [(root, iter(onward[root]))]
        index[root] = low[root] = len(index)
        held.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for target in following:
                if target not in index:
                    index[target] = low[target] = len(index)
                    held.append(target)
                    on_stack.add(target)
                    work.append((target, iter(onward.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    finished += 1
                    while True:
                        member = held.pop()
                        on_stack.discard(member)
                        rank[member] = -finished
                        if member == node:
                            break
    return rank
