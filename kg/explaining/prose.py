"""A proof in words: a paragraph that could be printed, a numbered account of every step, or a tree for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kg.explaining.condensing import alike, condense, period, where
from kg.explaining.model import Ground, Proof, Saying, Step
from kg.rows import places_in_words
from kg.vocab import RDF

__all__ = ["CAVEAT", "account", "paragraph", "tree"]

CAVEAT = "This is a category of analysis, drawn from what the sources say by fixed rules; it is no verdict on anybody."
_OVERLAPS: Mapping[str, str] = {
    "Definite": "The dates meet under every reading{when}.",
    "Possible": "The dates may meet{when}, but the sources do not settle it.",
}
_VERBS: Mapping[str, str] = {
    "Asserts": "says",
    "Accuses": "alleges",
    "Denies": "denies",
    "Predicts": "expects",
    "Intends": "announces",
    "Conditions": "makes it a condition",
}


def paragraph(proof: Proof) -> str:
    """The proof as one paragraph: what follows, how surely, from what, and on whose word.

    Only the gist is told; :func:`account` tells every step.
    """
    root = condense(proof.root)
    sentences: list[str] = []
    steps = [step for step in root.walk() if step.ground is Ground.RULE]
    if root.ground is Ground.ENTAILMENT:
        kind = root.says.rpartition(": ")[2] if steps and root.conclusion[1] == RDF.type.value else ""
        sentences.append(f"In the terms of the rules, {_sentence(f'this is a case of {kind}' if kind else root.says)}")
    # The episode says it all; without one, the obligations and hostilities themselves are told.
    told = [step for step in steps if not any(step in other.premises for other in steps)]
    sentences += dict.fromkeys(_told(step) for step in told)
    if not steps:
        sentences += [_told(step) for step in root.walk() if step.ground is Ground.CLAIMS]
    sentences += _witnesses(root)
    sentences += _denials(root)
    sentences += _beyond(root)
    if not proof.claims:
        return " ".join(
            [*sentences, "It rests on no claim, only on the ontology and on what is described without one."]
        )
    return " ".join([*sentences, _standing(proof), CAVEAT])


def _witnesses(root: Step) -> Iterator[str]:
    """One sentence for each speaker, manner and source: all that is taken from it."""
    for who, manner, words in _voices(saying for step in root.walk() for saying in step.sayings):
        yield f"According to {who} ({manner}): {words}."


def _denials(root: Step) -> Iterator[str]:
    """One sentence for each premise that is denied, and each speaker, manner and source of a denial of it."""
    denied = {str(step.conclusion): step for step in root.walk() if step.denials}
    for step in denied.values():
        for who, manner, words in _voices(step.denials):
            yield f"It is denied that this is so ({step.says.rstrip('.')}): by {who} ({manner}), {words}."


def _beyond(root: Step) -> Iterator[str]:
    """One sentence for each premise that something follows from for a time of which its sources do not speak."""
    told: dict[str, str] = {}
    for step in root.walk():
        begins = step.bounds[0] if step.ground is Ground.RULE and step.bounds else ""
        for leaf in step.walk():
            if (covered := _covered(leaf)) and covered < begins:
                told[str(leaf.conclusion)] = f"{leaf.says.rstrip('.')}: seen going on until {covered}"
    if told:
        yield f"Part of this lies beyond what its sources cover ({'; '.join(told.values())})."


def _covered(step: Step) -> str:
    """The last day of which the sources of something speak that they left going on."""
    return step.bounds[2] if step.ongoing and step.bounds else ""


def _voices(sayings: Iterable[Saying]) -> Iterator[tuple[str, str, str]]:
    """Each speaker, in what manner and where, and all that is said so."""
    said: dict[tuple[str, str, str], list[Saying]] = {}
    for saying in sayings:
        through = f" as passed on by {' and '.join(saying.through)}" if saying.through else ""
        who = (" and ".join(saying.speakers) or "somebody not named") + through
        manner = ", ".join(part for part in (saying.modality.lower(), saying.said) if part)
        group = said.setdefault((who, manner, saying.source_name), [])
        if saying not in group:
            group.append(saying)
    for (who, manner, source), group in said.items():
        numbers = sorted({passage.paragraph for saying in group for passage in saying.passages})
        place = f", paragraph{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else ""
        # Rows of a table say nothing in words: they are named in the place of it.
        rows = places_in_words({row for saying in group if saying.by_rows for row in saying.rows})
        words = [saying.quoted for saying in group if not saying.by_rows]
        yield who, f"{manner}; {source}{place}", "; ".join([*words, rows] if rows else words)


def account(proof: Proof) -> str:
    """Every step of the proof, numbered, each after the steps that it builds on."""
    numbers: dict[str, int] = {}
    lines: list[str] = []
    for step in _bottom_up(proof.root):
        key = str(step.conclusion)
        if key in numbers:
            continue
        numbers[key] = len(numbers) + 1
        built_on = [numbers[str(p.conclusion)] for p in step.premises]
        lines.append(f"{numbers[key]}. {_told(step)} {_ground(step, built_on)}".rstrip())
        lines += [f"   - {_saying(group)}" for group in (*alike(step.sayings), *alike(step.denials))]
    return "\n".join([*lines, f"{_standing(proof)} {CAVEAT}"])


def tree(proof: Proof, *, full: bool = False) -> str:
    """The proof as a tree of lines, the gist or every step."""
    return "\n".join(_branches(proof.root if full else condense(proof.root), "", ""))


def _branches(step: Step, first: str, rest: str) -> Iterator[str]:
    covered = f"covered until {_covered(step)}" if _covered(step) else ""
    parts = (step.rule, step.status.lower(), step.overlap.lower(), period(step), covered)
    marks = ", ".join(part for part in parts if part)
    yield f"{first}{step.says}" + (f"  [{marks}]" if marks else "")
    children: list[Step | list[Saying]] = [*step.premises, *alike(step.sayings), *alike(step.denials)]
    for number, child in enumerate(children):
        last = number == len(children) - 1
        head, tail = rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  ")
        if isinstance(child, Step):
            yield from _branches(child, head, tail)
        else:
            yield head + _saying(child)


def _bottom_up(step: Step) -> Iterator[Step]:
    for premise in step.premises:
        yield from _bottom_up(premise)
    yield step


def _sentence(words: str, aside: str = "") -> str:
    return f"{words.rstrip('.')}{aside}."


def _told(step: Step) -> str:
    """A step as a sentence; where something has to meet in time, whether and when it does as another."""
    when = f" ({period(step)})" if period(step) else ""
    if not step.overlap:
        return _sentence(step.says, when)
    return f"{_sentence(step.says)} {_OVERLAPS[step.overlap].format(when=when)}"


def _standing(proof: Proof) -> str:
    """How surely it holds: a conclusion from facts is none itself."""
    if proof.status == "Fact":
        return "Every premise is stated as fact by a source."
    return f"On the whole this is {proof.status.lower()}, as is the weakest of its premises."


def _ground(step: Step, built_on: list[int]) -> str:
    numbers = ", ".join(map(str, built_on))
    match step.ground:
        case Ground.RULE:
            return f"By the rule {step.rule}, from {numbers}."
        case Ground.ENTAILMENT:
            return f"By {step.rule} of OWL 2 RL, from {numbers}."
        case Ground.DESCRIPTION:
            return f"Part of what {numbers} describes." if numbers else "Needs no claim."
        case Ground.AXIOM:
            return "An axiom of the ontology."
        case Ground.CLAIMS:
            return "On the word of:"


def _saying(group: Sequence[Saying]) -> str:
    """Claims that are alike, see :func:`kg.explaining.condensing.alike`."""
    saying = group[0]
    who = " and ".join(saying.speakers) or "nobody named"
    through = f", passed on by {' and '.join(saying.through)}" if saying.through else ""
    said = f", {saying.said}" if saying.said else ""
    reserve = f"{saying.modality.lower()}{through}{said}; {where(*group)}"
    words = " this" if saying.by_rows else f": {saying.quoted}"
    return f"{who} {_VERBS.get(saying.stance, 'says')}{words} ({reserve})"
