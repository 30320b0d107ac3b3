"""The gist of a proof: the steps a reader cares about, without the small change of reasoning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kg.explaining.model import Ground, Saying, Step
from kg.rows import places_in_words

__all__ = ["alike", "condense", "period", "where"]

_ESSENTIAL = (Ground.RULE, Ground.CLAIMS)


def condense(step: Step) -> Step:
    """The same step with only dated rules and claims below it, each once.

    A premise that another premise rests on anyway is left to that one.
    """
    below: dict[str, Step] = {}
    for premise in step.premises:
        for essential in _nearest(premise):
            below.setdefault(str(essential.conclusion), essential)
    kept = [
        premise
        for key, premise in below.items()
        if not any(key in _nodes(other) for name, other in below.items() if name != key)
    ]
    return replace(step, premises=tuple(condense(premise) for premise in kept))


def _nearest(step: Step) -> list[Step]:
    if step.ground in _ESSENTIAL:
        return [step]
    return [essential for premise in step.premises for essential in _nearest(premise)]


def _nodes(step: Step) -> set[str]:
    return {str(below.conclusion) for premise in step.premises for below in premise.walk()}


def period(step: Step) -> str:
    """When a step holds, in words: days where they are known, years where only those are, ``""`` where nothing is.

    Example:
        >>> bounds = ("2018-01-01", "2018-12-31", "2022-01-01", "2022-12-31")
        >>> period(Step("https://example.org/x", "", Ground.CLAIMS, bounds=bounds))
        '2018 to 2022'
        >>> bounds = ("2018-01-01", "2022-12-31", "2022-01-01", "2022-12-31")
        >>> period(Step("https://example.org/x", "", Ground.CLAIMS, bounds=bounds))
        '2018 or later to 2022'
    """
    if not step.bounds:
        return ""
    begin, end = _span(*step.bounds[:2]), _span(*step.bounds[2:])
    if begin == end:
        return begin
    if step.bounds[0] < step.bounds[1] == step.bounds[3]:
        # It may have begun as late as it may have ended, which is to say that nothing bounds its begin above.
        begin = _span(step.bounds[0], "9999-12-31")
    if not begin:
        return f"until {end}"
    return f"{begin} to {end}" if end else f"from {begin}"


def _span(first: str, last: str) -> str:
    low, high = first == "0001-01-01", last == "9999-12-31"
    if first == last:
        return "" if low or high or first == "9999-12-31" or last == "0001-01-01" else first
    if low:
        return "" if high else f"{_short(last, '12-31')} or earlier"
    if high:
        return f"{_short(first, '01-01')} or later"
    if first[:4] == last[:4] and (first[5:], last[5:]) == ("01-01", "12-31"):
        return first[:4]
    if first[:7] == last[:7] and first[8:] == "01" and last[8:] >= "28":
        return first[:7]
    return f"{first}/{last}"


def _short(day: str, edge: str) -> str:
    """A day at the edge of a year or a month as that year or month."""
    if day[5:] == edge:
        return day[:4]
    return day[:7] if day[8:] == edge[3:] else day


def alike(sayings: Iterable[Saying]) -> list[list[Saying]]:
    """Claims in their order, those together that say nothing in words and differ in nothing but their place."""
    groups: dict[object, list[Saying]] = {}
    for saying in sayings:
        key = replace(saying, claim="", says="", rows=()) if saying.by_rows else saying.claim
        groups.setdefault(key, []).append(saying)
    return list(groups.values())


def where(*sayings: Saying) -> str:
    """Where claims of one source are found: the source, and the paragraphs or rows."""
    numbers = sorted({passage.paragraph for saying in sayings for passage in saying.passages})
    word = "paragraph" if len(numbers) == 1 else "paragraphs"
    paragraphs = f"{word} {', '.join(map(str, numbers))}" if numbers else ""
    rows = places_in_words({row for saying in sayings for row in saying.rows})
    return ", ".join(part for part in (sayings[0].source_name, paragraphs, rows) if part)
