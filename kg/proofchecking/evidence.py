"""What the sources say, and which of it counts: claims, admitted by a policy, and the nodes for which they vouch.

Everything is read from the triples of the asserted graphs and worked out here anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Protocol

from pyoxigraph import NamedNode

from kg.proofchecking.index import Index
from kg.proofchecking.reading import BOUNDS, SCALE
from kg.terms import local_name
from kg.time import OPEN_ABOVE, OPEN_BELOW, Bounds, day_bounds
from kg.vocab import FOEDUS, RDF

__all__ = ["Counted", "Evidence", "PolicyLike", "told_bounds"]

_ACCEPTED_BY: Final[Mapping[str, frozenset[str] | None]] = {
    "Asserts": None,
    "Accuses": None,
    "Intends": frozenset({FOEDUS.AnnouncedIntent.value}),
    "Predicts": frozenset({FOEDUS.Prediction.value}),
    "Conditions": frozenset({FOEDUS.Condition.value, FOEDUS.AnnouncedIntent.value}),
    "Denies": frozenset(),
}
"""Which classes a stance can make count, ``None`` for every class."""

_LASTING: Final = frozenset(
    term.value
    for term in (
        FOEDUS.Alliance,
        FOEDUS.Provision,
        FOEDUS.ConsultationProvision,
        FOEDUS.DefenseProvision,
        FOEDUS.NeutralityProvision,
        FOEDUS.NonaggressionProvision,
        FOEDUS.OffenseProvision,
    )
)
"""Classes whose nodes need no dates: where none are given they hold always."""


class PolicyLike(Protocol):
    """Which claims count; a ``kg.trust.Policy`` is one."""

    @property
    def name(self) -> str:
        """Short name, such as ``"reported"``."""
        ...

    @property
    def modalities(self) -> frozenset[NamedNode]:
        """The modalities admitted."""
        ...

    @property
    def sources(self) -> frozenset[NamedNode] | None:
        """The only sources admitted, or ``None`` for all."""
        ...

    @property
    def excluded_sources(self) -> frozenset[NamedNode]:
        """Sources left out."""
        ...

    @property
    def excluded_speakers(self) -> frozenset[NamedNode]:
        """Actors whose claims, own or passed on, are left out."""
        ...

    @property
    def excluded_alliances(self) -> frozenset[NamedNode]:
        """Alliances that do not count."""
        ...

    @property
    def known_by(self) -> date | None:
        """Day by which a claim must have been published, or ``None``."""
        ...


@dataclass(frozen=True)
class Counted:
    """A node that counts, with all that is known of it.

    Attributes:
        node: its IRI.
        roles: its properties whose values are nodes, its classes among them.
        literals: its properties whose values are literals.
        status: how surely it holds, as a place on the scale.
        bounds: when.
        definite: whether its premises meet for certain, or ``None`` where nothing had to meet.
    """

    node: str
    roles: Mapping[str, frozenset[str]]
    literals: Mapping[str, frozenset[str]]
    status: int
    bounds: Bounds
    definite: bool | None = None

    def of(self, prop: NamedNode) -> frozenset[str]:
        """The nodes that it has as values of a property."""
        return self.roles.get(prop.value, frozenset())

    def is_a(self, cls: NamedNode) -> bool:
        """Whether it is stated to be of a class."""
        return cls.value in self.of(RDF.type)


class Evidence:
    """Which claims a policy admits, and for which nodes they vouch.

    Args:
        facts: the asserted graphs.
        policy: which claims count.
    """

    def __init__(self, facts: Index, policy: PolicyLike) -> None:
        self.facts, self.policy = facts, policy
        self._counted: dict[str, Counted | None] = {}
        self._vouching: dict[str, frozenset[str]] = {}

    # ---------------------------------------------------------------- claims

    @cached_property
    def _worth(self) -> Mapping[str, int]:
        """What each claim is worth, the chains that pass it on taken into account; -1 for nothing.

        A chain is worth its weakest claim and a claim the best chain, which is what raising all claims from nothing
        until none moves comes to; claims that only pass on each other stay where they began.
        """
        worth = dict.fromkeys(self._claims, -1)
        moved = True
        while moved:
            moved = False
            for claim in self._claims:
                best = max((worth[carrier] for carrier in self.carriers(claim)), default=len(SCALE))
                value = min(self.own_modality(claim), best) if self.admits(claim) else -1
                moved = moved or value != worth[claim]
                worth[claim] = value
        return worth

    @cached_property
    def _claims(self) -> frozenset[str]:
        stances = (self.facts.subjects(FOEDUS.stance, FOEDUS.base + name) for name in _ACCEPTED_BY)
        return frozenset().union(*stances)

    def carriers(self, claim: str) -> frozenset[str]:
        """The claims that pass a claim on."""
        denying = self.facts.subjects(FOEDUS.stance, FOEDUS.Denies.value)
        # Subtracted from the few that speak of it, not from all claims there are.
        return (self.facts.subjects(FOEDUS.claims, claim) & self._claims) - denying

    def worth(self, claim: str) -> int:
        """How sure a claim is, passed on as it is, as a place on the scale; -1 where the policy leaves it out."""
        return self._worth.get(claim, -1)

    def own_modality(self, claim: str) -> int:
        """How sure a claim is put, as a place on the scale."""
        modality = local_name(min(self.facts.nodes(claim, FOEDUS.modality), default=""))
        return SCALE.index(modality) if modality in SCALE else 0

    def sources(self, claim: str) -> frozenset[str]:
        """Where a claim is found, as far as the policy admits it."""
        found = self.facts.nodes(claim, FOEDUS.reportedBy) - _values(self.policy.excluded_sources)
        return found if self.policy.sources is None else found & _values(self.policy.sources)

    def admits(self, claim: str) -> bool:
        """Whether the policy admits a claim by its sources, its speakers and its day, whatever its modality."""
        day = self.policy.known_by
        return (
            bool(self.sources(claim))
            and not self.facts.nodes(claim, FOEDUS.attributedTo) & _values(self.policy.excluded_speakers)
            and (day is None or self._published(claim)[0] <= day)
        )

    def _published(self, claim: str) -> tuple[date, date]:
        """First and last day on which a claim can have been published: its own, else the earliest of its sources'."""
        own = self._publication(claim)
        if own is not None:
            return own
        days = [d for d in map(self._publication, self.facts.nodes(claim, FOEDUS.reportedBy)) if d is not None]
        return min((d[0] for d in days), default=OPEN_BELOW), min((d[1] for d in days), default=OPEN_ABOVE)

    def _publication(self, node: str) -> tuple[date, date] | None:
        on = self.facts.texts(node, FOEDUS.publishedOn)
        not_before = self.facts.texts(node, FOEDUS.publishedNotBefore)
        if on:
            return day_bounds(min(on))
        return (day_bounds(min(not_before))[0], OPEN_ABOVE) if not_before else None

    # ---------------------------------------------------------------- nodes

    def refusal(self, claim: str, node: str) -> str:
        """Why a claim does not make a node count, or ``""``."""
        if claim not in self._claims:
            return "no asserted graph has this claim"
        if node not in self.facts.nodes(claim, FOEDUS.claims):
            return "it does not claim this"
        stance = self.stance(claim)
        classes = _ACCEPTED_BY.get(stance, frozenset())
        if classes is not None and not classes & self.facts.nodes(node, RDF.type):
            return f"a claim that {stance[:1].lower()}{stance[1:]} does not make this count"
        if self._worth[claim] < 0:
            return f"the policy {self.policy.name} does not admit it or what passes it on"
        if FOEDUS.base + SCALE[self._worth[claim]] not in _values(self.policy.modalities):
            return f"the policy {self.policy.name} does not admit what is {SCALE[self._worth[claim]].lower()}"
        return ""

    def stance(self, claim: str) -> str:
        """The stance of a claim, such as ``"Asserts"``."""
        return local_name(min(self.facts.nodes(claim, FOEDUS.stance), default=""))

    def vouching(self, node: str) -> frozenset[str]:
        """The claims through which a node counts."""
        if node not in self._vouching:
            claims = self.facts.subjects(FOEDUS.claims, node)
            self._vouching[node] = frozenset(claim for claim in claims if not self.refusal(claim, node))
        return self._vouching[node]

    def counted(self, node: str) -> Counted | None:
        """A node that admitted claims vouch for; ``None`` for every other.

        Raises:
            ValueError: a date in the graph cannot be read.
        """
        if node not in self._counted:
            self._counted[node] = self._count(node)
        return self._counted[node]

    def _count(self, node: str) -> Counted | None:
        claims = self.vouching(node)
        if not claims or node in _values(self.policy.excluded_alliances) or node in self._claims:
            return None
        status, bounds = max(self._worth[c] for c in claims), self._bounds(node, claims)
        roles = {
            **self.facts.roles(node),
            FOEDUS.status.value: frozenset({FOEDUS.base + SCALE[status]}),
            FOEDUS.acceptedThrough.value: claims,
            FOEDUS.contestedBy.value: frozenset(self._contesting(node)),
        }
        return Counted(node, roles, {**self.facts.literals(node), **told_bounds(bounds)}, status, bounds)

    def _contesting(self, node: str) -> Iterator[str]:
        modalities = _values(self.policy.modalities)
        for claim in self.facts.subjects(FOEDUS.claims, node) & self._claims:
            worth = self._worth[claim]
            if self.stance(claim) == "Denies" and worth >= 0 and FOEDUS.base + SCALE[worth] in modalities:
                yield claim

    def _bounds(self, node: str, claims: Iterable[str]) -> Bounds:
        days = [self._published(claim) for claim in claims]
        begin, end = self.facts.texts(node, FOEDUS.begin), self.facts.texts(node, FOEDUS.end)
        marker = self.facts.nodes(node, FOEDUS.end)
        lasting = bool(self.facts.nodes(node, RDF.type) & _LASTING)
        if begin:
            first, last = day_bounds(min(begin))
        elif lasting:
            first = last = OPEN_BELOW
        else:
            # What a source describes without its begin had begun by the time the first such source was out.
            first, last = OPEN_BELOW, min(day[1] for day in days)
        if end:
            over, surely_over = day_bounds(min(end))
            if over < first <= surely_over:
                over = first
            return Bounds(first, min(last, surely_over), over, surely_over)
        if FOEDUS.Ongoing.value in marker:
            as_of = self.facts.texts(node, FOEDUS.ongoingAsOf)
            if not as_of:
                return Bounds(first, last, max(first, *(day[0] for day in days)), OPEN_ABOVE)
            seen, by_then = day_bounds(min(as_of))
            return Bounds(first, min(last, by_then), max(first, seen), OPEN_ABOVE)
        if lasting and not marker:
            return Bounds(first, last, OPEN_ABOVE, OPEN_ABOVE)
        return Bounds(first, last, first, OPEN_ABOVE)


def told_bounds(bounds: Bounds) -> Mapping[str, frozenset[str]]:
    """Bounds as the values of the four properties that hold them."""
    days = (bounds.begin_earliest, bounds.begin_latest, bounds.end_earliest, bounds.end_latest)
    return {FOEDUS.base + name: frozenset({day.isoformat()}) for name, day in zip(BOUNDS, days, strict=True)}


def _values(nodes: Iterable[NamedNode]) -> frozenset[str]:
    return frozenset(node.value for node in nodes)
