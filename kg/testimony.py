"""Claims, read when they are asked for: those behind some nodes, with what passes them on, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions, Triple

from kg.store.base import Store
from kg.store.embedded import EmbeddedStore
from kg.trust import MODALITIES, Claim, Policy, read_claims, sufficient_sources, worth
from kg.vocab import FOEDUS

__all__ = ["Claims"]

_SAID: Final = NamedNode("urn:said")


class Claims:
    """The claims of some graphs.

    Args:
        store: the store.
        graphs: the ontology's graph and the asserted ones.

    Attributes:
        carriers: for the claims that have been asked for, the claims that pass each on.
    """

    def __init__(self, store: Store, graphs: Sequence[NamedNode]) -> None:
        self._store, self._graphs = store, list(graphs)
        self._claims: dict[NamedNode, Claim] = {}
        self.carriers: dict[NamedNode, list[NamedNode]] = {}

    def of(self, nodes: Iterable[NamedNode]) -> Mapping[NamedNode, Claim]:
        """Some claims and all that pass them on, at any remove; what was asked for before is there as well.

        Args:
            nodes: IRIs of claims.
        """
        found: set[NamedNode] = set()
        new = set(nodes) - self._claims.keys()
        while new:
            found |= new
            above = self._nodes(f"SELECT ?node WHERE {{ {_among(new)} ?node {FOEDUS.claims} ?among }}")
            new = above - found - self._claims.keys()
        if found:
            sources = self._nodes(f"SELECT ?node WHERE {{ {_among(found)} ?among {FOEDUS.reportedBy} ?node }}")
            few = EmbeddedStore()
            few.insert(_SAID, self._describe(found | sources))
            read = read_claims(few, [_SAID])
            for claim in read.values():
                for target in claim.targets if claim.stance != FOEDUS.Denies else ():
                    self.carriers.setdefault(target, []).append(claim.node)
            self._claims |= read
        return self._claims

    def ranked(self, nodes: Iterable[NamedNode], policy: Policy) -> dict[NamedNode, frozenset[NamedNode]]:
        """Some claims and all that pass them on, each with those that pass it on and that a policy admits.

        Nothing passes on a claim that the policy itself does not admit.
        """
        wanted = list(nodes)
        claims, reached = self.of(wanted), self._reached(wanted)
        admitted = worth(claims, policy, reached, self.carriers)
        return {
            node: frozenset(self.carriers.get(node, ())) & admitted.keys() if node in admitted else frozenset()
            for node in reached
        }

    def chain(self, claim: NamedNode, policy: Policy) -> tuple[list[NamedNode], NamedNode]:
        """The best chain that passes a claim on, nearest first, and how sure the claim is through it.

        It goes from each claim to the surest that passes it on, and ends with one that nobody passes on; of those that
        are as sure, to the first by IRI.

        Args:
            claim: IRI of a claim.
            policy: which claims count.
        """
        claims = self.of([claim])
        # What a chain is worth does not depend on which modalities are admitted, only whether that is enough.
        whatever = replace(policy, modalities=frozenset(MODALITIES))
        ranks = worth(claims, whatever, self._reached([claim]), self.carriers)
        if claim not in ranks:
            return [], claims[claim].modality

        def best(node: NamedNode) -> Iterator[NamedNode]:
            counting = sorted((c for c in self.carriers.get(node, ()) if c in ranks), key=str)
            rank = max((ranks[c] for c in counting), default=0)
            return iter([c for c in counting if ranks[c] == rank])

        # From a claim that led back into the chain there is no other way out either: each is gone to once.
        chain, ways, seen = [claim], [best(claim)], {claim}
        while chain[-1] in self.carriers:
            further = next((node for node in ways[-1] if node not in seen), None)
            if further is None:
                chain.pop()
                ways.pop()
            else:
                seen.add(further)
                chain.append(further)
                ways.append(best(further))
        return chain[1:], MODALITIES[ranks[claim]]

    def sources(self, claim: NamedNode, policy: Policy) -> frozenset[NamedNode]:
        """The sources of a claim any one of which is enough for a policy."""
        return sufficient_sources(self.of([claim])[claim], policy)

    def _reached(self, nodes: Iterable[NamedNode]) -> set[NamedNode]:
        """Some claims, which have been read, and all that pass them on."""
        wanted, reached = list(nodes), set[NamedNode]()
        while wanted:
            node = wanted.pop()
            if node not in reached:
                reached.add(node)
                wanted += self.carriers.get(node, [])
        return reached

    def _nodes(self, query: str) -> set[NamedNode]:
        answer = self._store.query(query, default_graphs=self._graphs)
        assert isinstance(answer, QuerySolutions)
        return {node for (node,) in answer if isinstance(node, NamedNode)}

    def _describe(self, nodes: Iterable[NamedNode]) -> list[Triple]:
        answer = self._store.query(
            f"SELECT ?among ?property ?value WHERE {{ {_among(nodes)} ?among ?property ?value }}",
            default_graphs=self._graphs,
        )
        assert isinstance(answer, QuerySolutions)
        return [Triple(*solution) for solution in answer]


def _among(nodes: Iterable[NamedNode]) -> str:
    return f"VALUES ?among {{ {' '.join(sorted(map(str, nodes)))} }}"
