"""What the sources say, and which of it counts: claims, admitted by a policy, and the nodes for which they vouch.

Everything is read from the triples of the asserted graphs and worked out here anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.proofchecking.reading import BOUNDS, SCALE, SayingForm
from kg.terms import Term, curie, local_name
from kg.time import OPEN_ABOVE, OPEN_BELOW, Bounds, day_bounds
from kg.vocab import FOEDUS, OA, RDF, RDFS

__all__ = ["Counted", "Index", "PolicyLike", "Testimony", "told_bounds"]

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


class Index:
    """Triples by subject and property, and by property and object; nodes go by their IRI."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._terms: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._subjects: dict[tuple[str, str], set[str]] = defaultdict(set)
        for triple in triples:
            subject, prop, obj = triple.subject, triple.predicate.value, triple.object
            assert isinstance(subject, NamedNode | BlankNode)
            self._terms[subject.value][prop].append(obj)
            if isinstance(obj, NamedNode | BlankNode):
                self._subjects[prop, obj.value].add(subject.value)

    def nodes(self, subject: str, prop: NamedNode) -> frozenset[str]:
        """IRIs of the nodes that a subject has as values of a property."""
        terms = self._terms.get(subject, {}).get(prop.value, ())
        return frozenset(t.value for t in terms if isinstance(t, NamedNode | BlankNode))

    def texts(self, subject: str, prop: NamedNode) -> frozenset[str]:
        """Texts of the literals that a subject has as values of a property."""
        terms = self._terms.get(subject, {}).get(prop.value, ())
        return frozenset(t.value for t in terms if isinstance(t, Literal))

    def subjects(self, prop: NamedNode, obj: str) -> frozenset[str]:
        """The subjects that have a node as value of a property."""
        return frozenset(self._subjects.get((prop.value, obj), ()))

    def roles(self, subject: str) -> Mapping[str, frozenset[str]]:
        """All properties of a subject whose values are nodes."""
        return {
            prop: frozenset(t.value for t in terms if isinstance(t, NamedNode | BlankNode))
            for prop, terms in self._terms.get(subject, {}).items()
        }

    def literals(self, subject: str) -> Mapping[str, frozenset[str]]:
        """All properties of a subject whose values are literals."""
        return {
            prop: frozenset(t.value for t in terms if isinstance(t, Literal))
            for prop, terms in self._terms.get(subject, {}).items()
        }

    def holds(self, subject: str, prop: str, obj: str, *, literally: bool) -> bool:
        """Whether a triple is there; a literal is taken for its text only where asked."""
        terms = self._terms.get(subject, {}).get(prop, ())
        return any(
            isinstance(t, NamedNode | BlankNode) or (literally and isinstance(t, Literal))
            for t in terms
            if _value(t) == obj
        )

    def items(self, head: str) -> tuple[str, ...]:
        """The items of an RDF list, as far as it is one."""
        found: list[str] = []
        seen: set[str] = set()
        while head not in seen and (first := self._terms.get(head, {}).get(RDF.first.value)):
            seen.add(head)
            found.append(_value(first[0]))
            head = min(self.nodes(head, RDF.rest), default="")
        return tuple(found)

    def below(self, cls: NamedNode) -> frozenset[str]:
        """A class and those that are subclasses of it by any number of axioms."""
        found, frontier = {cls.value}, [cls.value]
        while frontier:
            new = self.subjects(RDFS.subClassOf, frontier.pop()) - found
            found |= new
            frontier.extend(new)
        return frozenset(found)

    def names(self, node: str) -> frozenset[str]:
        """What a node may be called: its labels, or its IRI in short."""
        return self.texts(node, RDFS.label) | {curie(node)}


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


class Testimony:
    """Which claims a policy admits, and for which nodes they vouch.

    Args:
        facts: the asserted graphs.
        policy: which claims count.
    """

    def __init__(self, facts: Index, policy: PolicyLike) -> None:
        self.facts, self.policy = facts, policy
        self._counted: dict[str, Counted | None] = {}

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
                carriers = self._carriers(claim)
                best = max((worth[c] for c in carriers), default=-1) if carriers else len(SCALE)
                value = min(self._own(claim), best) if self._admits(claim) else -1
                moved = moved or value != worth[claim]
                worth[claim] = value
        return worth

    @cached_property
    def _claims(self) -> frozenset[str]:
        stances = (self.facts.subjects(FOEDUS.stance, FOEDUS.base + name) for name in _ACCEPTED_BY)
        return frozenset().union(*stances)

    def _carriers(self, claim: str) -> frozenset[str]:
        return self.facts.subjects(FOEDUS.claims, claim) & self._claims

    def _own(self, claim: str) -> int:
        modality = local_name(min(self.facts.nodes(claim, FOEDUS.modality), default=""))
        return SCALE.index(modality) if modality in SCALE else 0

    def _admits(self, claim: str) -> bool:
        sources = self.facts.nodes(claim, FOEDUS.reportedBy)
        speakers = self.facts.nodes(claim, FOEDUS.attributedTo)
        left_out = {n.value for n in self.policy.excluded_sources}
        only = None if self.policy.sources is None else {n.value for n in self.policy.sources}
        day = self.policy.known_by
        return (
            not sources <= left_out
            and (only is None or bool(sources & only))
            and not speakers & {n.value for n in self.policy.excluded_speakers}
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
        stance = self._stance(claim)
        classes = _ACCEPTED_BY[stance]
        if classes is not None and not classes & self.facts.nodes(node, RDF.type):
            return f"a claim that {stance[:1].lower()}{stance[1:]} does not make this count"
        if self._worth[claim] < 0:
            return f"the policy {self.policy.name} does not admit it or what passes it on"
        if FOEDUS.base + SCALE[self._worth[claim]] not in {m.value for m in self.policy.modalities}:
            return f"the policy {self.policy.name} does not admit what is {SCALE[self._worth[claim]].lower()}"
        return ""

    def _stance(self, claim: str) -> str:
        return local_name(min(self.facts.nodes(claim, FOEDUS.stance), default=""))

    def vouching(self, node: str) -> frozenset[str]:
        """The claims through which a node counts."""
        claims = self.facts.subjects(FOEDUS.claims, node)
        return frozenset(claim for claim in claims if not self.refusal(claim, node))

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
        if not claims or node in {n.value for n in self.policy.excluded_alliances} or node in self._claims:
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
        modalities = {m.value for m in self.policy.modalities}
        for claim in self.facts.subjects(FOEDUS.claims, node) & self._claims:
            worth = self._worth[claim]
            if self._stance(claim) == "Denies" and worth >= 0 and FOEDUS.base + SCALE[worth] in modalities:
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
            return Bounds(first, min(last, surely_over), over, surely_over)
        if FOEDUS.Ongoing.value in marker:
            as_of = self.facts.texts(node, FOEDUS.ongoingAsOf)
            seen = day_bounds(min(as_of))[0] if as_of else max(day[0] for day in days)
            return Bounds(first, last, max(first, seen), OPEN_ABOVE)
        if lasting and not marker:
            return Bounds(first, last, OPEN_ABOVE, OPEN_ABOVE)
        return Bounds(first, last, first, OPEN_ABOVE)

    # ---------------------------------------------------------------- as told

    def misquotes(self, saying: SayingForm) -> Iterator[str]:
        """Where what a proof tells of a claim is not what the graph has of it."""
        facts, claim = self.facts, saying.claim
        if saying.says not in facts.names(claim):
            yield "it does not say that"
        if not self._names_fit(saying.speakers, facts.nodes(claim, FOEDUS.attributedTo)):
            yield f"it is not the word of {', '.join(saying.speakers) or 'nobody'}"
        if saying.stance != self._stance(claim):
            yield f"its stance is {self._stance(claim)}, not {saying.stance or 'none'}"
        worth = self._worth[claim]
        if worth < 0 or saying.modality != SCALE[worth]:
            yield f"it is worth {SCALE[worth] if worth >= 0 else 'nothing'}, not {saying.modality or 'nothing'}"
        if not self._passed_on(claim, saying.through, worth, frozenset()):
            yield f"it is not passed on by {', '.join(saying.through) or 'nobody'} as surely as told"
        admitted = facts.nodes(claim, FOEDUS.reportedBy) - {n.value for n in self.policy.excluded_sources}
        if self.policy.sources is not None:
            admitted &= {n.value for n in self.policy.sources}
        if saying.source not in admitted:
            yield f"no admitted source of it is {curie(saying.source) or 'nameless'}"
        if saying.source_name not in facts.names(saying.source):
            yield f"its source is not called {saying.source_name!r}"
        yield from _unlike(
            "the digest of the source's text", saying.text_digest, facts.texts(saying.source, FOEDUS.textDigest)
        )
        said = facts.texts(claim, FOEDUS.saidOn) or facts.texts(claim, FOEDUS.timeAsSaid)
        yield from _unlike("the day on which it was said", saying.said, said)
        yield from _unlike("the day of publication", saying.published, self._told_publication(claim, saying.source))
        if saying.passages != frozenset(self._passages(claim)):
            yield "the passages are not those of its evidence"

    def _told_publication(self, claim: str, source: str) -> frozenset[str]:
        return (
            self.facts.texts(claim, FOEDUS.publishedOn)
            or self.facts.texts(source, FOEDUS.publishedOn)
            or frozenset(f"not before {day}" for day in self.facts.texts(source, FOEDUS.publishedNotBefore))
        )

    def _names_fit(self, names: Iterable[str], nodes: Iterable[str]) -> bool:
        """Whether each of some nodes is named once and nobody else is."""
        left = set(nodes)
        for name in names:
            named = next((node for node in sorted(left) if name in self.facts.names(node)), None)
            if named is None:
                return False
            left.remove(named)
        return not left

    def _passed_on(self, claim: str, names: tuple[str, ...], worth: int, seen: frozenset[str]) -> bool:
        """Whether a chain of carriers, nearest first, has these names and is worth as much as told."""
        carriers = self._carriers(claim)
        if not carriers:
            return not names
        for carrier in carriers - seen - {claim}:
            if not self._admits(carrier) or self._own(carrier) < worth:
                continue
            speakers = self.facts.nodes(carrier, FOEDUS.attributedTo)
            nearest, further = names[: len(speakers)], names[len(speakers) :]
            if self._names_fit(nearest, speakers) and self._passed_on(carrier, further, worth, seen | {claim}):
                return True
        return False

    def _passages(self, claim: str) -> Iterator[tuple[int, int, int, str]]:
        for annotation in self.facts.nodes(claim, FOEDUS.evidence):
            for target in self.facts.nodes(annotation, OA.hasTarget):
                for selector in self.facts.nodes(target, OA.hasSelector):
                    paragraphs = self.facts.texts(target, FOEDUS.paragraph)
                    starts, ends = self.facts.texts(selector, OA.start), self.facts.texts(selector, OA.end)
                    digests = self.facts.texts(target, FOEDUS.passageDigest)
                    if paragraphs and starts and ends and digests:
                        yield int(min(paragraphs)), int(min(starts)), int(min(ends)), min(digests)


def told_bounds(bounds: Bounds) -> Mapping[str, frozenset[str]]:
    """Bounds as the values of the four properties that hold them."""
    days = (bounds.begin_earliest, bounds.begin_latest, bounds.end_earliest, bounds.end_latest)
    return {FOEDUS.base + name: frozenset({day.isoformat()}) for name, day in zip(BOUNDS, days, strict=True)}


def _unlike(what: str, told: str, recorded: frozenset[str]) -> Iterator[str]:
    if told not in (recorded or {""}):
        yield f"{what} is {', '.join(sorted(recorded)) or 'not recorded'}, not {told or 'unrecorded'}"


def _value(term: Term) -> str:
    return str(term) if isinstance(term, Triple) else term.value
