"""Whether a proof tells a claim as the asserted graphs have it: who said it, through whom, where and how surely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from kg.proofchecking.evidence import Evidence
from kg.proofchecking.reading import SCALE, SayingForm
from kg.terms import curie
from kg.vocab import DCTERMS, FOEDUS, OA

__all__ = ["misquotes"]


def misquotes(saying: SayingForm, world: Evidence) -> Iterator[str]:
    """Where what a proof tells of a claim is not what is recorded; the claim itself has to be there.

    Args:
        saying: the claim as told.
        world: what is recorded, and which of it counts.
    """
    facts, claim = world.facts, saying.claim
    if saying.says not in facts.names(claim):
        yield "it does not say that"
    speakers = facts.nodes(claim, FOEDUS.attributedTo)
    if frozenset(saying.speaker_nodes) != speakers or len(saying.speaker_nodes) != len(speakers):
        yield f"it is not the word of {', '.join(map(curie, saying.speaker_nodes)) or 'nobody'}"
    elif len(saying.speakers) != len(speakers) or any(
        name not in facts.names(node) for name, node in zip(saying.speakers, saying.speaker_nodes, strict=True)
    ):
        yield f"those whose word it is are not called {', '.join(saying.speakers) or 'nothing'}"
    if saying.stance != world.stance(claim):
        yield f"its stance is {world.stance(claim)}, not {saying.stance or 'none'}"
    worth = world.worth(claim)
    if saying.modality != (SCALE[worth] if worth >= 0 else ""):
        yield f"it is worth {SCALE[worth] if worth >= 0 else 'nothing'}, not {saying.modality or 'nothing'}"
    if not _passed_on(world, claim, saying.through, worth):
        yield f"it is not passed on by {', '.join(saying.through) or 'nobody'} as surely as told"
    if saying.source not in world.sources(claim):
        yield f"no admitted source of it is {curie(saying.source) or 'nameless'}"
    if saying.source_name not in facts.names(saying.source):
        yield f"its source is not called {saying.source_name!r}"
    yield from _unlike("what its source covers", saying.coverage, facts.texts(saying.source, FOEDUS.coverageNote))
    digests = facts.texts(saying.source, FOEDUS.textDigest)
    yield from _unlike("the digest of the source's text", saying.text_digest, digests)
    said = facts.texts(claim, FOEDUS.saidOn) or facts.texts(claim, FOEDUS.timeAsSaid)
    yield from _unlike("the day on which it was said", saying.said, said)
    published = (
        facts.texts(claim, FOEDUS.publishedOn)
        or facts.texts(saying.source, FOEDUS.publishedOn)
        or frozenset(f"not before {day}" for day in facts.texts(saying.source, FOEDUS.publishedNotBefore))
    )
    yield from _unlike("the day of publication", saying.published, published)
    if saying.passages != frozenset(_passages(world, claim)):
        yield "the passages are not those of its evidence"
    rows = facts.texts(claim, DCTERMS.source)
    if frozenset(saying.rows) != rows or len(saying.rows) != len(rows):
        yield f"it stands in {'; '.join(sorted(rows)) or 'no rows'}, not in {'; '.join(saying.rows) or 'none'}"


def _passed_on(world: Evidence, claim: str, names: tuple[str, ...], worth: int) -> bool:
    """Whether a chain of admitted carriers, nearest first, has these names and is worth as much as told."""

    @cache
    def further(place: tuple[str, int]) -> list[tuple[str, int]]:
        """The claims that may come next in the chain, each with how many names it and those before it take."""
        claim, taken = place
        found = []
        for carrier in sorted(world.carriers(claim)):
            if world.admits(carrier) and world.own_modality(carrier) >= worth:
                speakers = world.facts.nodes(carrier, FOEDUS.attributedTo)
                if _called(world, names[taken : taken + len(speakers)], speakers):
                    found.append((carrier, taken + len(speakers)))
        return found

    start = (claim, 0)
    before: dict[tuple[str, int], list[tuple[str, int]]] = {start: []}
    reached = [start]
    for place in reached:  # which grows by those that come next
        for after in further(place):
            if after not in before:
                reached.append(after)
            before.setdefault(after, []).append(place)
    # Only what leads to an end is gone along, one by one, so that no claim comes twice in a chain.
    backwards = [place for place in reached if place[1] == len(names) and not world.carriers(place[0])]
    leading = set(backwards)
    for place in backwards:  # which grows by those that come before
        new = [other for other in before[place] if other not in leading]
        backwards += new
        leading.update(new)
    chain, ways = [start], [iter(further(start))]
    while chain and start in leading:
        if not world.carriers(chain[-1][0]):
            return True
        told = {node for node, _ in chain}
        after_this = next((place for place in ways[-1] if place in leading and place[0] not in told), None)
        if after_this is None:
            chain.pop()
            ways.pop()
        else:
            chain.append(after_this)
            ways.append(iter(further(after_this)))
    return False


def _called(world: Evidence, names: Iterable[str], nodes: Iterable[str]) -> bool:
    """Whether each of some nodes is named once and nobody else is."""
    left = set(nodes)
    for name in names:
        named = next((node for node in sorted(left) if name in world.facts.names(node)), None)
        if named is None:
            return False
        left.remove(named)
    return not left


def _passages(world: Evidence, claim: str) -> Iterator[tuple[int, int, int, str]]:
    facts = world.facts
    for annotation in facts.nodes(claim, FOEDUS.evidence):
        for target in facts.nodes(annotation, OA.hasTarget):
            for selector in facts.nodes(target, OA.hasSelector):
                paragraphs, digests = facts.texts(target, FOEDUS.paragraph), facts.texts(target, FOEDUS.passageDigest)
                starts, ends = facts.texts(selector, OA.start), facts.texts(selector, OA.end)
                if paragraphs and starts and ends and digests:
                    yield int(min(paragraphs)), int(min(starts)), int(min(ends)), min(digests)


def _unlike(what: str, told: str, recorded: frozenset[str]) -> Iterator[str]:
    if told not in (recorded or {""}):
        yield f"{what} is {', '.join(sorted(recorded)) or 'not recorded'}, not {told or 'unrecorded'}"
