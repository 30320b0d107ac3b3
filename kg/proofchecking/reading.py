"""Proofs as plain data, read at the border: what is not of the form is a flaw, and nothing further is asked of it.

The form is that of ``Proof.to_dict()``. Every key is either checked or listed in :data:`UNCHECKED`; a key that is not
known is a flaw, because nobody would have checked what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.terms import curie

__all__ = [
    "BOUNDS",
    "DEEPEST",
    "GROUNDS",
    "SCALE",
    "UNCHECKED",
    "Flaw",
    "Form",
    "ProofForm",
    "SayingForm",
    "read_proof",
]

UNCHECKED: Final = frozenset({"says"})
"""The keys of a step whose value is wording only. What a *claim* says is checked, by its label."""

BOUNDS: Final = ("beginEarliest", "beginLatest", "endEarliest", "endLatest")
GROUNDS: Final = ("axiom", "claims", "description", "entailment", "rule")
SCALE: Final = ("Speculated", "Alleged", "Reported", "Fact")
"""From the least sure to the surest."""

DEEPEST: Final = 150
"""How many steps may stand above one another: far more than any proof needs, and few enough to walk."""


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a proof.

    Attributes:
        path: where in the tree: ``"0"`` is the root step, ``"0.2.1"`` the second premise of its third; ``""`` is the
            proof as a whole.
        conclusion: what the step concludes, in short.
        message: what is wrong, in words.
    """

    path: str
    conclusion: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.conclusion, self.message) if part)


@dataclass(frozen=True)
class SayingForm:
    """A claim as a proof tells it; the attributes are those of ``kg.explaining.Saying``."""

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
    rows: tuple[str, ...]
    passages: frozenset[tuple[int, int, int, str]]


@dataclass(frozen=True)
class Form:
    """A step as a proof tells it; the attributes are those of ``kg.explaining.Step``, with where it stands."""

    path: str
    conclusion: str | tuple[str, str, str]
    ground: str
    rule: str
    axiom: str
    status: str
    overlap: str
    bounds: tuple[str, ...]
    premises: tuple[Form, ...]
    sayings: tuple[SayingForm, ...]
    denials: tuple[SayingForm, ...]
    ongoing: bool

    @property
    def told(self) -> str:
        """The conclusion in short."""
        return curie(self.conclusion) if isinstance(self.conclusion, str) else " ".join(map(curie, self.conclusion))


@dataclass(frozen=True)
class ProofForm:
    """A whole proof as plain data tells it."""

    root: Form
    view: str
    status: str


def read_proof(data: object) -> tuple[ProofForm | None, list[Flaw]]:
    """A proof out of plain data, or what keeps it from being one.

    Example:
        >>> proof, flaws = read_proof({"view": "reported", "status": "Fact"})
        >>> [flaw.message for flaw in flaws]
        ['proof is missing', 'no object with keys but nothing']
    """
    reader = _Reader()
    record = reader.record("", data, "view status proof", "")
    proof = ProofForm(
        reader.step("0", record.get("proof"), 0), reader.text("", record, "view"), reader.text("", record, "status")
    )
    return (None if reader.flaws else proof), reader.flaws


@dataclass
class _Reader:
    flaws: list[Flaw] = field(default_factory=list)

    def fault(self, path: str, message: str) -> None:
        self.flaws.append(Flaw(path, "", message))

    def record(self, path: str, data: object, required: str, optional: str) -> Mapping[str, object]:
        if not isinstance(data, Mapping):
            self.fault(path, f"no object with keys but {'nothing' if data is None else repr(data)[:60]}")
            return {}
        must, may = required.split(), optional.split()
        for key in must:
            if key not in data:
                self.fault(path, f"{key} is missing")
        for key in data:
            if key not in must and key not in may:
                self.fault(path, f"{str(key)[:60]!r} is no key of a proof, so nothing here can check it")
        return data

    def text(self, path: str, record: Mapping[str, object], key: str) -> str:
        value = record.get(key, "")
        if isinstance(value, str):
            return value
        self.fault(path, f"{key} is no text but {repr(value)[:60]}")
        return ""

    def number(self, path: str, record: Mapping[str, object], key: str) -> int:
        value = record.get(key, 0)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.fault(path, f"{key} is no whole number but {repr(value)[:60]}")
        return 0

    def mark(self, path: str, record: Mapping[str, object], key: str) -> bool:
        if key in record and record[key] is not True:
            self.fault(path, f"{key} is true or left out, not {repr(record[key])[:60]}")
        return key in record

    def items(self, path: str, record: Mapping[str, object], key: str) -> Sequence[object]:
        value = record.get(key, ())
        if isinstance(value, list | tuple):
            return value
        self.fault(path, f"{key} is no list but {repr(value)[:60]}")
        return ()

    def texts(self, path: str, record: Mapping[str, object], key: str) -> tuple[str, ...]:
        return tuple(self.text(path, {key: item}, key) for item in self.items(path, record, key))

    def step(self, path: str, data: object, depth: int) -> Form:
        record = self.record(
            path, data, "conclusion says ground", "rule axiom status overlap bounds ongoing premises claims denials"
        )
        if depth >= DEEPEST:
            self.fault(path, f"more than {DEEPEST} steps stand above one another")
            record = {}
        ground = self.text(path, record, "ground")
        if record and ground not in GROUNDS:
            self.fault(path, f"{ground[:60]!r} is no ground: there are {', '.join(GROUNDS)}")
        for key in UNCHECKED:
            self.text(path, record, key)
        bounds = self.record(path, record["bounds"], " ".join(BOUNDS), "") if "bounds" in record else None
        return Form(
            path=path,
            conclusion=self.conclusion(path, record.get("conclusion")) if record else "",
            ground=ground,
            rule=self.text(path, record, "rule"),
            axiom=self.text(path, record, "axiom"),
            status=self.text(path, record, "status"),
            overlap=self.text(path, record, "overlap"),
            bounds=() if bounds is None else tuple(self.text(path, bounds, name) for name in BOUNDS),
            premises=tuple(
                self.step(f"{path}.{number}", item, depth + 1)
                for number, item in enumerate(self.items(path, record, "premises"))
            ),
            sayings=tuple(self.saying(path, item) for item in self.items(path, record, "claims")),
            denials=tuple(self.saying(path, item) for item in self.items(path, record, "denials")),
            ongoing=self.mark(path, record, "ongoing"),
        )

    def conclusion(self, path: str, data: object) -> str | tuple[str, str, str]:
        if isinstance(data, Mapping) and set(data) == {"node"} and isinstance(data["node"], str):
            return data["node"]
        if isinstance(data, Mapping) and set(data) == {"triple"} and isinstance(data["triple"], list | tuple):
            match data["triple"]:
                case [str(subject), str(prop), str(obj)]:
                    return subject, prop, obj
        self.fault(path, "the conclusion is neither a node nor a triple")
        return ""

    def saying(self, path: str, data: object) -> SayingForm:
        required = "claim says speakers speakerNodes source sourceName stance modality"
        record = self.record(path, data, required, "through coverage textDigest said published rows passages")
        return SayingForm(
            claim=self.text(path, record, "claim"),
            says=self.text(path, record, "says"),
            speakers=self.texts(path, record, "speakers"),
            speaker_nodes=self.texts(path, record, "speakerNodes"),
            through=self.texts(path, record, "through"),
            source=self.text(path, record, "source"),
            source_name=self.text(path, record, "sourceName"),
            coverage=self.text(path, record, "coverage"),
            text_digest=self.text(path, record, "textDigest"),
            stance=self.text(path, record, "stance"),
            modality=self.text(path, record, "modality"),
            said=self.text(path, record, "said"),
            published=self.text(path, record, "published"),
            rows=self.texts(path, record, "rows"),
            passages=frozenset(self.passage(path, item) for item in self.items(path, record, "passages")),
        )

    def passage(self, path: str, data: object) -> tuple[int, int, int, str]:
        record = self.record(path, data, "paragraph start end digest", "")
        first, start, end = (self.number(path, record, key) for key in ("paragraph", "start", "end"))
        return first, start, end, self.text(path, record, "digest")
