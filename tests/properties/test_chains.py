"""Who passes a claim on, as proofs tell it and as their checker reads it, against chains gone along one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, Triple

from kg.explaining import Carried, Ground, Proof, Saying, Step, minimal_withdrawals
from kg.proofchecking.evidence import Evidence
from kg.proofchecking.index import Index
from kg.proofchecking.quoting import _passed_on
from kg.store.embedded import EmbeddedStore
from kg.testimony import Claims
from kg.trust import MODALITIES, Policy
from kg.vocab import FOEDUS, GRAPH, RDFS
from tests.fiction import E, node

Told: TypeAlias = dict[str, tuple[int, list[str], str, str]]
"""For each claim how sure it is put, the claims that it passes on, by whom, and where."""

POLICY = Policy("any", frozenset(MODALITIES), excluded_sources=frozenset({node("rumour")}))
ASSERTED = GRAPH.asserted("world")
CLAIMS = [f"claim{number}" for number in range(6)]
WORLDS = st.fixed_dictionaries(
    {
        claim: st.tuples(
            st.sampled_from([3, 3, 2, 1]),
            st.lists(st.sampled_from(CLAIMS), max_size=3, unique=True),
            st.sampled_from(["wire", "herald", "nobody"]),
            st.sampled_from(["paper", "paper", "paper", "rumour"]),
        )
        for claim in CLAIMS
    }
)
LAYERS: Told = {
    f"layer{layer}-{side}": (3, [f"layer{layer - 1}-{other}" for other in "ab"] if layer else [], "wire", "paper")
    for layer in range(23)
    for side in "ab"
}
"""Each claim passes both of the layer above on: eight million chains."""
SLOW = 2.0
"""Seconds that what goes along each chain does not come near; the rest takes a twentieth of it or less."""


def triples(told: Told) -> Iterator[Triple]:
    for claim, (modality, targets, speaker, source) in told.items():
        yield Triple(node(claim), FOEDUS.stance, FOEDUS.Asserts)
        yield Triple(node(claim), FOEDUS.modality, MODALITIES[modality])
        yield Triple(node(claim), FOEDUS.reportedBy, node(source))
        yield from (Triple(node(claim), FOEDUS.claims, node(target)) for target in targets)
        if speaker != "nobody":
            yield Triple(node(claim), FOEDUS.attributedTo, node(speaker))
            yield Triple(node(speaker), RDFS.label, Literal(speaker))


def claims(told: Told) -> Claims:
    store = EmbeddedStore()
    store.insert(ASSERTED, triples(told))
    return Claims(store, [ASSERTED])


def evidence(told: Told) -> Evidence:
    return Evidence(Index(triples(told)), POLICY)


def carriers(told: Told, claim: str) -> list[str]:
    return [carrier for carrier, (_, targets, _, _) in sorted(told.items()) if claim in targets]


def chains(told: Told, claim: str, below: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every chain that carries a claim, from the claim to one that nobody passes on, in the order of their IRIs."""
    chain = (*below, claim)
    if told[claim][3] == "rumour":
        return
    if not carriers(told, claim):
        yield chain
    for carrier in carriers(told, claim):
        if carrier not in chain:
            yield from chains(told, carrier, chain)


def worth(told: Told, claim: str) -> int:
    """What the best chain makes of a claim, -1 for nothing."""
    return max((min(told[link][0] for link in chain) for chain in chains(told, claim)), default=-1)


@given(WORLDS)
def test_the_chain_told_is_the_first_that_goes_by_the_surest(told: Told) -> None:
    rank = {claim: worth(told, claim) for claim in told}

    def by_the_surest(chain: Sequence[str]) -> bool:
        links = pairwise(chain)
        return all(rank[link] == max(rank[c] for c in carriers(told, claim)) for claim, link in links)

    for claim in told:
        if rank[claim] < 0:
            assert claims(told).chain(node(claim), POLICY) == ([], MODALITIES[told[claim][0]])
            continue
        first = next(filter(by_the_surest, chains(told, claim)))
        assert claims(told).chain(node(claim), POLICY) == ([*map(node, first[1:])], MODALITIES[rank[claim]])


@given(WORLDS, st.lists(st.sampled_from(["wire", "herald"]), max_size=4), st.sampled_from([1, 2, 3]))
def test_the_checker_finds_a_chain_of_some_names_or_there_is_none(told: Told, names: list[str], least: int) -> None:
    def fits(chain: Sequence[str]) -> bool:
        speakers = [told[link][2] for link in chain[1:]]
        return names == [s for s in speakers if s != "nobody"] and all(told[link][0] >= least for link in chain[1:])

    world = evidence(told)
    for claim in told:
        whole = {**told, claim: (*told[claim][:3], "paper")}  # whether the claim itself counts is looked at elsewhere
        assert _passed_on(world, E + claim, tuple(names), least) == any(map(fits, chains(whole, claim)))


def soon(work: Callable[[], object]) -> object:
    begin = time.perf_counter()
    found = work()
    assert time.perf_counter() - begin < SLOW
    return found


def test_chains_that_part_and_meet_again_are_told_and_checked_soon() -> None:
    top = "layer0-a"
    made, world = claims(LAYERS), evidence(LAYERS)
    chain = [node(f"layer{layer}-a") for layer in range(1, 23)]
    assert soon(lambda: made.chain(node(top), POLICY)) == (chain, FOEDUS.Fact)
    assert soon(lambda: _passed_on(world, E + top, ("wire",) * 22, 3)) is True
    for wrong in (("wire",) * 21, ("wire",) * 23, (*("wire",) * 21, "herald")):
        assert soon(lambda wrong=wrong: _passed_on(world, E + top, wrong, 3)) is False  # type: ignore[misc]


def test_a_long_chain_is_told_and_checked() -> None:
    line: Told = {f"claim{n:04}": (3, [f"claim{n - 1:04}"] if n else [], "wire", "paper") for n in range(2_000)}
    chain, _ = claims(line).chain(node("claim0000"), POLICY)
    assert len(chain) == 1_999
    world = evidence(line)
    assert _passed_on(world, f"{E}claim0000", ("wire",) * 1_999, 3)
    assert not _passed_on(world, f"{E}claim0000", ("wire",) * 1_998, 3)


def saying(claim: str) -> Saying:
    return Saying(claim, claim, (), (), (), "", "", "", "", "Asserts", "Fact", "", "", ())


def test_what_it_hangs_on_is_worked_out_soon_where_chains_part_and_meet_again() -> None:
    step = Step("it", "It is so.", Ground.CLAIMS, sayings=(saying("layer0-a"),), status="Fact")
    carried = {claim: Carried(frozenset({"paper"}), frozenset(carriers(LAYERS, claim))) for claim in LAYERS}

    def withdrawals() -> Iterable[frozenset[str]]:
        return minimal_withdrawals([Proof(step, "any")], carried)

    layers = [frozenset({f"layer{layer}-{side}" for side in "ab"}) for layer in range(1, 23)]
    found = soon(withdrawals)
    assert isinstance(found, list) and found[0] == {"layer0-a"} and set(found[1:]) == set(layers)
