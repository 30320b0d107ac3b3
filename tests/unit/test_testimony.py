"""Claims that are read when they are asked for are those of the whole record, with all that passes them on."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import KnowledgeGraph
from kg.testimony import Claims
from kg.trust import carriers, read_claims, sufficient_sources, worth
from kg.views import base_graphs
from tests.fiction import claim, graph, node, transfer


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """A claim that two pass on, one of them passed on in turn; a circle; a denial; claims of several things."""
    return graph(
        tmp_path_factory.mktemp("chained"),
        transfer(claimed=""),
        transfer("other"),
        claim("said", "deal", modality="Alleged"),
        claim("wired", "said", by="wire", source="gazette yearbook", modality="Reported"),
        claim("printed", "wired", "other", source="yearbook", modality="Reported"),
        claim("reprinted", "said", "other"),
        claim("denied", "said", stance="Denies"),
        claim("one", "other-claim", "two"),
        claim("two", "one"),
    )


@pytest.mark.parametrize("world", ["article", "chained"])
@pytest.mark.parametrize("together", [True, False])
def test_the_same_as_of_the_whole(world: str, together: bool, store: Path, chained: KnowledgeGraph) -> None:
    made = chained if world == "chained" else KnowledgeGraph.open(store)
    graphs = base_graphs(made.store)
    whole = read_claims(made.store, graphs)
    passed_on = carriers(whole)
    kept = Claims(made.store, graphs)
    for name in whole:
        testimony = kept if together else Claims(made.store, graphs)
        some = testimony.of([name])
        assert some.items() <= whole.items()
        reached = {name}
        while more := {c for one in reached for c in passed_on.get(one, ())} - reached:
            reached |= more
        assert reached <= some.keys() and (together or len(some) < len(whole))
        for policy in made.trust_policies().values():
            admitted = worth(whole, policy)
            expected = {c: {p for p in passed_on.get(c, ()) if p in admitted and c in admitted} for c in reached}
            assert testimony.ranked([name], policy) == expected
            assert testimony.sources(name, policy) == sufficient_sources(whole[name], policy)


def test_who_denies_a_claim_does_not_pass_it_on(chained: KnowledgeGraph) -> None:
    testimony = Claims(chained.store, base_graphs(chained.store))
    claims = testimony.of([node("said")])
    assert set(testimony.carriers[node("said")]) == {node("wired"), node("reprinted")}
    assert node("denied") in claims and node("printed") in claims and node("two") not in claims
