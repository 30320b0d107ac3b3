"""What a proof is made of: plain records, with no store behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypeAlias

from kg.terms import curie

__all__ = ["Ground", "Passage", "Proof", "Saying", "Spoken", "Step"]

Spoken: TypeAlias = str | tuple[str, str, str]
"""What a step concludes: the IRI of a node, or the IRIs of a triple."""

_SCALE: Final = ("Speculated", "Alleged", "Reported", "Fact")


class Ground(StrEnum):
    """On what ground a step stands."""

    RULE = "rule"
    """A dated rule made the node from its premises."""
    ENTAILMENT = "entailment"
    """A rule of the OWL 2 RL/RDF rule set gives the triple from its premises."""
    CLAIMS = "claims"
    """Admitted claims vouch for the node."""
    DESCRIPTION = "description"
    """The triple is part of the description of a node that counts."""
    AXIOM = "axiom"
    """The triple is part of the ontology."""


@dataclass(frozen=True)
class Passage:
    """Where in a text a claim stands.

    Attributes:
        paragraph: number of the paragraph, counted from 1 over the lines that are not blank.
        start: first character, counted from 0 over the whole text.
        end: character after the last.
        digest: SHA-256 of the characters in between, in UTF-8, lower-case hexadecimal.
    """

    paragraph: int
    start: int
    end: int
    digest: str


@dataclass(frozen=True)
class Saying:
    """One claim that vouches for a node.

    Attributes:
        claim: IRI of the claim.
        says: what it says, in words.
        speakers: names of those whose word it is.
        speaker_nodes: their IRIs, in the same order.
        through: names of those who pass it on, nearest to the speaker first.
        source: IRI of the document or data set in which it is found.
        source_name: its name.
        coverage: what the source sets out to record and what it does not, in its own words, or ``""``.
        text_digest: SHA-256 of the text of the source, or ``""``.
        stance: such as ``"Asserts"``.
        modality: such as ``"Reported"``: the weakest of the claim and the best chain that carries it.
        said: when it was said, as precise and in the words as recorded, or ``""``.
        published: when it was published, as recorded, or ``""``.
        passages: where it stands in the text.
        rows: where it stands in files of data, such as ``"members.csv, row 3"``.
    """

    claim: str
    says: str
    speakers: tuple[str, ...]
    speaker_nodes: tuple[str, ...]
    through: tuple[str, ...]
    source: str
    source_name: str
    coverage: str
    text_digest: str
    stance: str
    modality: str
    said: str
    published: str
    passages: tuple[Passage, ...]
    rows: tuple[str, ...] = ()

    @property
    def wordless(self) -> bool:
        """Whether nothing says in words what is claimed, as of a row of a table."""
        return self.says == curie(self.claim)

    @property
    def by_rows(self) -> bool:
        """Whether its rows are named in the place of words that it lacks."""
        return self.wordless and bool(self.rows)

    @property
    def quoted(self) -> str:
        """What it says in quotation marks; without words its name alone."""
        return self.says if self.wordless else f"“{self.says.rstrip('.')}”"


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Attributes:
        conclusion: the node or the triple that it concludes.
        says: the conclusion as a sentence.
        ground: on what it stands.
        rule: name of the dated or the entailment rule, or ``""``.
        axiom: IRI of the term whose axiom an entailment used, or ``""``.
        premises: the steps that it builds on.
        sayings: the claims that vouch for a node, surest first.
        status: such as ``"Reported"``, or ``""`` where claims play no part.
        overlap: ``"Definite"``, ``"Possible"``, or ``""`` where nothing has to meet in time.
        bounds: begin earliest and latest, end earliest and latest as ``YYYY-MM-DD``, or none.
        denials: the admitted claims that deny a node, which counts all the same, surest first.
        ongoing: whether the sources saw a node going on and say of no end: what they cover ends with its earliest.
    """

    conclusion: Spoken
    says: str
    ground: Ground
    rule: str = ""
    axiom: str = ""
    premises: tuple[Step, ...] = ()
    sayings: tuple[Saying, ...] = ()
    status: str = ""
    overlap: str = ""
    bounds: tuple[str, str, str, str] | tuple[()] = ()
    denials: tuple[Saying, ...] = ()
    ongoing: bool = False

    def walk(self) -> Iterator[Step]:
        """The step and all below it, each as often as it is used."""
        yield self
        for premise in self.premises:
            yield from premise.walk()

    def to_dict(self) -> dict[str, Any]:
        """The step as plain data, see ``kg/explaining/proof.schema.json``."""
        target = {"node": self.conclusion} if isinstance(self.conclusion, str) else {"triple": list(self.conclusion)}
        data: dict[str, Any] = {"conclusion": target, "says": self.says, "ground": self.ground.value}
        for name in ("rule", "axiom", "status", "overlap"):
            if getattr(self, name):
                data[name] = getattr(self, name)
        if self.bounds:
            names = ("beginEarliest", "beginLatest", "endEarliest", "endLatest")
            data["bounds"] = dict(zip(names, self.bounds, strict=True))
        if self.ongoing:
            data["ongoing"] = True
        if self.premises:
            data["premises"] = [premise.to_dict() for premise in self.premises]
        if self.sayings:
            data["claims"] = [_saying(saying) for saying in self.sayings]
        if self.denials:
            data["denials"] = [_saying(saying) for saying in self.denials]
        return data


@dataclass(frozen=True)
class Proof:
    """One proof of a conclusion: a tree whose leaves are claims.

    Attributes:
        root: the step that concludes.
        view: name of the view, such as ``"reported"``, under which it holds.
    """

    root: Step
    view: str

    @cached_property
    def status(self) -> str:
        """The weakest status of its steps: how surely the whole holds."""
        found = [step.status for step in self.root.walk() if step.status]
        return min(found, key=_SCALE.index, default="Fact")

    @cached_property
    def size(self) -> int:
        """How many different steps it takes."""
        return len({step.conclusion for step in self.root.walk()})

    @cached_property
    def definite(self) -> bool:
        """Whether all that has to meet in time meets under every reading of the dates."""
        return all(step.overlap != "Possible" for step in self.root.walk())

    @cached_property
    def rank(self) -> tuple[int, bool, int, str]:
        """Key by which proofs are sorted: surest first, by status and then by dates, then shortest, then by name."""
        return (-_SCALE.index(self.status), not self.definite, self.size, str(sorted(map(str, self.nodes))))

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The nodes that it rests on, accepted and derived."""
        grounds = (Ground.RULE, Ground.CLAIMS)
        return frozenset(
            s.conclusion for s in self.root.walk() if s.ground in grounds and isinstance(s.conclusion, str)
        )

    @cached_property
    def sayings(self) -> frozenset[Saying]:
        """The claims that vouch for any of its leaves, and what they say."""
        return frozenset(saying for step in self.root.walk() for saying in step.sayings)

    @cached_property
    def claims(self) -> frozenset[str]:
        """The claims that vouch for any of its leaves, by IRI."""
        return frozenset(saying.claim for saying in self.sayings)

    def to_dict(self) -> dict[str, Any]:
        """The proof as plain data, see ``kg/explaining/proof.schema.json``."""
        return {"view": self.view, "status": self.status, "proof": self.root.to_dict()}


def _saying(saying: Saying) -> dict[str, Any]:
    data: dict[str, Any] = {
        "claim": saying.claim,
        "says": saying.says,
        "speakers": list(saying.speakers),
        "speakerNodes": list(saying.speaker_nodes),
        "source": saying.source,
        "sourceName": saying.source_name,
        "stance": saying.stance,
        "modality": saying.modality,
    }
    if saying.through:
        data["through"] = list(saying.through)
    if saying.coverage:
        data["coverage"] = saying.coverage
    for key, value in (("textDigest", saying.text_digest), ("said", saying.said), ("published", saying.published)):
        if value:
            data[key] = value
    if saying.rows:
        data["rows"] = list(saying.rows)
    if saying.passages:
        data["passages"] = [
            {"paragraph": p.paragraph, "start": p.start, "end": p.end, "digest": p.digest} for p in saying.passages
        ]
    return data
