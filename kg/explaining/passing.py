"""By whom a claim comes down that others pass on: the surest chain, and of those as sure the shortest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

from pyoxigraph import NamedNode

__all__ = ["surest_chain"]


def surest_chain(
    claim: NamedNode,
    carriers: Callable[[NamedNode], Iterable[NamedNode]],
    own: Callable[[NamedNode], int],
) -> tuple[list[NamedNode], int]:
    """The chain by which a claim comes down most surely.

    A chain is as sure as the least sure claim of it. Each claim is looked at once, however many chains there are.

    Args:
        claim: the claim.
        carriers: gives the claims that pass a claim on.
        own: gives how sure a claim is by itself, the more the surer.

    Returns:
        The claims that pass it on, nearest first, and how sure it is through them; none where nobody does.

    Example:
        >>> told, agency, paper = (NamedNode(f"https://example.org/{name}") for name in ("told", "agency", "paper"))
        >>> passing = {told: [agency, paper], agency: [paper], paper: []}
        >>> chain, sure = surest_chain(told, passing.__getitem__, {told: 3, agency: 3, paper: 2}.__getitem__)
        >>> [one.value[20:] for one in chain], sure
        (['paper'], 2)
    """
    carrying: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    unsettled, wanted = {claim}, [claim]
    first: list[tuple[int, int, str, str, NamedNode, NamedNode | None]] = []
    for node in wanted:  # which grows by those that carry it
        above = [carrier for carrier in carriers(node) if carrier != node]
        if not above:
            first.append((-own(node), 0, node.value, "", node, None))
        for other in above:
            carrying[other].append(node)
            if other not in unsettled:
                unsettled.add(other)
                wanted.append(other)
    heapify(first)
    nearest: dict[NamedNode, NamedNode | None] = {}
    while first and claim in unsettled:
        unsure, length, _, _, node, carrier = heappop(first)
        if node in unsettled:
            unsettled.remove(node)
            nearest[node] = carrier
            for carried in carrying[node]:
                worth = max(unsure, -own(carried))
                heappush(first, (worth, length + 1, carried.value, node.value, carried, node))
    if claim in unsettled:  # those that pass it on only pass on each other
        return [], own(claim)
    chain = []
    step = nearest[claim]
    while step is not None:
        chain.append(step)
        step = nearest[step]
    return chain, min(own(one) for one in (claim, *chain))
