"""What hangs on what: the smallest sets of claims, or of sources, whose withdrawal ends a conclusion.

Exact, and computed on the proofs alone. A claim is ended by taking it away, or by taking away all that carries it; a
node by ending every claim that vouches for it; a proof by ending any of its nodes; a conclusion by ending all its
proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import TypeAlias

from kg.explaining.model import Ground, Proof

__all__ = ["Carried", "minimal_withdrawals"]

Family: TypeAlias = frozenset[frozenset[str]]
"""A family of sets, each of which ends something, and none of which holds another."""


@dataclass(frozen=True)
class Carried:
    """A claim as far as withdrawing goes.

    Attributes:
        sources: IRIs of the documents and data sets in which it is found.
        carriers: IRIs of the claims that pass it on, any one of which is enough; empty where it stands by itself.
    """

    sources: frozenset[str]
    carriers: frozenset[str] = frozenset()


def minimal_withdrawals(
    proofs: Sequence[Proof], claims: Mapping[str, Carried], *, by_source: bool = False
) -> list[frozenset[str]]:
    """The minimal sets whose withdrawal ends a conclusion, smallest first.

    Args:
        proofs: every independent proof of the conclusion.
        claims: all claims that the proofs rest on, and those that carry them.
        by_source: whether sources are withdrawn, each with all its claims, rather than single claims.

    Returns:
        Sets of IRIs of claims, or of sources. None where the conclusion rests on no claim at all.
    """

    def itself(claim: str) -> Family:
        return frozenset({claims[claim].sources if by_source else frozenset({claim})})

    @cache
    def above(claim: str) -> frozenset[str]:
        found: set[str] = set()
        wanted = [claim]
        while wanted:
            new = claims[wanted.pop()].carriers - found
            found |= new
            wanted += new
        return frozenset(found)

    @cache
    def end_claim(claim: str, seen: frozenset[str]) -> Family:
        ways = itself(claim)
        carriers = claims[claim].carriers - seen
        if carriers:
            # Only what passes a carrier on can be met again, so that chains that part and meet are gone along once.
            below = seen | {claim}
            ways = _any_of([ways, _all_of(end_claim(c, below & above(c)) for c in sorted(carriers))])
        return ways

    def end_proof(proof: Proof) -> Family:
        vouched = {step.conclusion: step.sayings for step in proof.root.walk() if step.ground is Ground.CLAIMS}
        return _any_of([_all_of(end_claim(s.claim, frozenset()) for s in sayings) for sayings in vouched.values()])

    ways = _all_of(end_proof(proof) for proof in proofs) if proofs else frozenset()
    return sorted((way for way in ways if way), key=lambda way: (len(way), sorted(way)))


def _minimal(family: Iterable[frozenset[str]]) -> Family:
    kept: list[frozenset[str]] = []
    for candidate in sorted(set(family), key=len):
        if not any(other <= candidate for other in kept):
            kept.append(candidate)
    return frozenset(kept)


def _any_of(families: Iterable[Family]) -> Family:
    return _minimal(way for family in families for way in family)


def _all_of(families: Iterable[Family]) -> Family:
    return reduce(_both, families, frozenset({frozenset()}))


def _both(one: Family, two: Family) -> Family:
    return _minimal(a | b for a in one for b in two)
