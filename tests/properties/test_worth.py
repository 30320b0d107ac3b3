"""What a claim is worth that others pass on, against chains gone along one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.trust import MODALITIES, Claim, Policy, carriers, worth
from kg.vocab import FOEDUS

NODES = [NamedNode(f"https://example.org/{n}") for n in range(6)]
PAPER, RUMOUR = NamedNode("https://example.org/paper"), NamedNode("https://example.org/rumour")
POLICY = Policy("any", frozenset(MODALITIES), excluded_sources=frozenset({RUMOUR}))
CLAIMS = st.fixed_dictionaries(
    {
        node: st.builds(
            Claim,
            st.just(node),
            st.sampled_from([FOEDUS.Asserts, FOEDUS.Denies]),
            st.sampled_from(MODALITIES),
            st.lists(st.sampled_from(NODES), max_size=3, unique=True).map(tuple),
            st.sampled_from([(PAPER,), (PAPER,), (PAPER,), (RUMOUR,)]),
        )
        for node in NODES
    }
)


def chains(node: NamedNode, claims: Mapping[NamedNode, Claim], below: tuple[NamedNode, ...] = ()) -> Iterator[int]:
    """How sure each chain is that carries a claim, from one that nobody passes on."""
    own = MODALITIES.index(claims[node].modality)
    if RUMOUR in claims[node].sources:
        return
    above = carriers(claims).get(node)
    if above is None:
        yield own
    for carrier in above or ():
        if carrier not in (*below, node):
            yield from (min(own, rank) for rank in chains(carrier, claims, (*below, node)))


@given(CLAIMS)
def test_a_claim_is_worth_its_best_chain(claims: dict[NamedNode, Claim]) -> None:
    best = {node: max(chains(node, claims), default=-1) for node in claims}
    assert worth(claims, POLICY) == {node: rank for node, rank in best.items() if rank >= 0}
    for node in claims:
        assert worth(claims, POLICY, [node]) == ({node: best[node]} if best[node] >= 0 else {})


def test_chains_that_part_and_meet_again_are_gone_along_once() -> None:
    """Two to the power of 200 chains, and one as long as no stack is deep."""
    levels = [[NamedNode(f"https://example.org/{level}-{n}") for n in range(2)] for level in range(200)]
    claims = {
        node: Claim(node, FOEDUS.Asserts, FOEDUS.Fact, tuple(levels[level - 1]) if level else (), (PAPER,))
        for level, nodes in enumerate(levels)
        for node in nodes
    }
    assert set(worth(claims, POLICY).values()) == {MODALITIES.index(FOEDUS.Fact)}
    line = [NamedNode(f"https://example.org/line-{n}") for n in range(5_000)]
    chain = {
        node: Claim(node, FOEDUS.Asserts, FOEDUS.Fact, (line[n - 1],) if n else (), (PAPER,))
        for n, node in enumerate(line)
    }
    assert worth(chain, POLICY, line[:1]) == {line[0]: MODALITIES.index(FOEDUS.Fact)}
