"""Random small worlds, and an oracle that works out their episodes by nested loops.

A world is plain Python objects. It is written as Turtle for the package to read; the oracle reads only the objects and
imports nothing from the package.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import TypeAlias

from hypothesis import strategies as st

BASE = "https://example.org/"
NS = "https://w3id.org/foedus/ns#"
SCALE = ("Speculated", "Alleged", "Reported", "Fact")
KINDS = ("Defense", "Nonaggression", "Consultation", "Neutrality", "Offense")
HOSTILE = ("ArmedConflict", "Rivalry", "Incursion", "MilitarizedDispute")
POLICIES = {"facts": {"Fact"}, "reported": {"Fact", "Reported"}, "alleged": {"Fact", "Reported", "Alleged"}}

Days: TypeAlias = tuple[date, date]
Span: TypeAlias = tuple[date, date, date, date]


@dataclass(frozen=True)
class Source:
    name: str
    published: str | None
    not_before: str | None


@dataclass(frozen=True)
class Claim:
    source: int
    stance: str
    modality: str


@dataclass(frozen=True)
class Node:
    name: str
    kind: str
    begin: str | None
    end: str | None
    claims: tuple[Claim, ...]
    roles: tuple[tuple[str, str], ...]
    """Property and value, the value the name of a state or of another node."""

    def role(self, prop: str) -> list[str]:
        return [value for key, value in self.roles if key == prop]


@dataclass(frozen=True)
class World:
    states: tuple[str, ...]
    sources: tuple[Source, ...]
    nodes: tuple[Node, ...]

    def of(self, kind: str) -> list[Node]:
        return [node for node in self.nodes if node.kind == kind]


# ---------------------------------------------------------------- strategies

YEARS = st.integers(2000, 2005)


@st.composite
def dates(draw: st.DrawFn, first: int = 2000) -> str:
    year = draw(st.integers(first, 2006))
    grain = draw(st.sampled_from(["year", "month", "day"]))
    if grain == "year":
        return f"{year}"
    month = draw(st.integers(1, 12))
    if grain == "month":
        return f"{year}-{month:02}"
    return f"{year}-{month:02}-{draw(st.integers(1, 28)):02}"


@st.composite
def spans(draw: st.DrawFn) -> tuple[str | None, str | None]:
    begin = draw(st.none() | dates())
    first = int(begin[:4]) + 1 if begin else 2000
    end = draw(st.sampled_from([None, "Ongoing", "Unknown"]) | (dates(first) if first <= 2006 else st.just("Ongoing")))
    if begin and draw(st.booleans()):
        end = begin[:4]
    if end and end[0].isdigit() and draw(st.booleans()):
        end = f"Ongoing {end}"
    return begin, end


CLAIMS = st.lists(
    st.builds(
        Claim,
        st.integers(0, 1),
        st.sampled_from(["Asserts", "Asserts", "Asserts", "Accuses", "Denies"]),
        st.sampled_from(["Fact", "Fact", "Reported", "Reported", "Alleged", "Speculated"]),
    ),
    min_size=1,
    max_size=2,
).map(tuple)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    states = tuple(f"state{i}" for i in range(draw(st.integers(3, 4))))
    some = st.sampled_from(states)
    sources = tuple(Source(f"source{i}", draw(st.none() | dates()), draw(st.none() | dates())) for i in range(2))
    nodes: list[Node] = []

    def add(kind: str, roles: list[tuple[str, str]], dated: bool = True) -> str:
        begin, end = draw(spans()) if dated else (None, None)
        name = f"{kind.lower()}{len(nodes)}"
        nodes.append(Node(name, kind, begin, end, draw(CLAIMS), tuple(roles)))
        return name

    alliances = [add("Alliance", [], dated=draw(st.booleans())) for _ in range(draw(st.integers(1, 2)))]
    for alliance in alliances:
        for kind in draw(st.lists(st.sampled_from(KINDS[:3]), min_size=1, max_size=2, unique=True)):
            named = [("providedBy", alliance)]
            for role in ("binds", "benefits"):
                # Most provisions bind everybody, and so do most here.
                whom = draw(st.sampled_from(["all", "all", "some"]))
                named += [(role, s) for s in draw(st.lists(some, max_size=2, unique=True))] if whom == "some" else []
            add(f"{kind}Provision", named, dated=draw(st.booleans()))
        for state in draw(st.lists(some, min_size=2, max_size=4)):
            add("Membership", [("member", state), ("alliance", alliance)])
    transfers = []
    for _ in range(draw(st.integers(0, 3))):
        pair = draw(st.lists(some, min_size=2, max_size=2, unique=True))
        transfers.append(add("ArmsTransfer", [("supplier", pair[0]), ("recipient", pair[1])]))
    for kind in draw(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=3)):
        one, two = draw(st.lists(some, min_size=2, max_size=2, unique=True))
        match kind:
            case "ArmedConflict":
                roles = [("sideA", one), ("sideB", two)]
                roles += [("initiator", one)] if draw(st.booleans()) else []
                third = draw(some)
                roles += [("sideB", third)] if third not in (one, two) and draw(st.booleans()) else []
            case "Rivalry":
                roles = [("rival", one), ("rival", two)]
            case "MilitarizedDispute":
                roles = [("party", one), ("party", two), ("actor", one)]
            case _:
                roles = [("actor", one), ("target", two)]
        add(kind, roles)
    for _ in range(draw(st.integers(0, 1))):
        pair = draw(st.lists(some, min_size=2, max_size=2, unique=True))
        add("Assistance", [("actor", pair[0]), ("target", pair[1])])
    let_happen: bool = draw(st.booleans())
    if transfers and let_happen:
        add("Acquiescence", [("actor", draw(some)), ("acquiescesIn", draw(st.sampled_from(transfers)))])
    # Chance alone seldom brings three roles together in a cycle, so most worlds get the makings of one.
    plot = draw(st.sampled_from(["none", "supply", "acquiescence", "attack", "divided"]))
    if plot != "none":
        ally, victim, adversary = states[:3]
        pact = add("Alliance", [], dated=False)
        add("DefenseProvision", [("providedBy", pact)], dated=False)
        for state in states[:3] if plot == "divided" else states[:2]:
            add("Membership", [("member", state), ("alliance", pact)])
        attacker = ally if plot == "attack" else adversary
        add("Incursion", [("actor", attacker), ("target", victim)])
        if plot in ("supply", "acquiescence"):
            supplier = states[3] if plot == "acquiescence" and len(states) > 3 else ally
            deal = add("ArmsTransfer", [("supplier", supplier), ("recipient", adversary)])
            if plot == "acquiescence":
                add("Acquiescence", [("actor", ally), ("acquiescesIn", deal)])
    return World(states, sources, tuple(nodes))


# ---------------------------------------------------------------- writing


def turtle(world: World) -> str:
    """The world as Turtle, each node with its claims."""
    lines = [
        f"@prefix f: <{NS}> .",
        f"@prefix e: <{BASE}> .",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .",
    ]
    lines.append("@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .")
    for state in world.states:
        lines.append(f'e:{state} a f:State ; rdfs:label "{state}"@en ; f:cowCode {world.states.index(state) + 1000} .')
    lines.append('e:speaker a f:Organization ; rdfs:label "speaker"@en .')
    for source in world.sources:
        lines.append(f'e:{source.name} a f:Dataset ; rdfs:label "{source.name}"@en .')
        if source.published:
            lines.append(f"e:{source.name} f:publishedOn {_date(source.published)} .")
        if source.not_before:
            lines.append(f"e:{source.name} f:publishedNotBefore {_date(source.not_before)} .")
    for node in world.nodes:
        lines.append(f'e:{node.name} a f:{node.kind} ; rdfs:label "{node.name}"@en .')
        lines += [f"e:{node.name} f:{prop} e:{value} ." for prop, value in node.roles]
        if node.begin:
            lines.append(f"e:{node.name} f:begin {_date(node.begin)} .")
        if node.end:
            end, _, seen = node.end.partition(" ")
            lines.append(f"e:{node.name} f:end {_date(end)} .")
            if seen:
                lines.append(f"e:{node.name} f:ongoingAsOf {_date(seen)} .")
        for number, claim in enumerate(node.claims):
            lines.append(
                f"e:{node.name}-claim{number} a f:Claim ; f:claims e:{node.name} ; f:stance f:{claim.stance} ; "
                f"f:modality f:{claim.modality} ; f:attributedTo e:speaker ; "
                f"f:reportedBy e:{world.sources[claim.source].name} ."
            )
    return "\n".join(lines) + "\n"


def _date(text: str) -> str:
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(text)) if text[0].isdigit() else None
    return f'"{text}"^^xsd:{kind}' if kind else f"f:{text}"


# ---------------------------------------------------------------- the oracle


@dataclass(frozen=True)
class Interval:
    """An interval with how surely it is one: a derived one may be only possible."""

    span: Span
    definite: bool = True


@dataclass(frozen=True)
class Obligation:
    key: tuple[str, str, str]
    kind: str
    obligor: str
    obligee: str
    when: Interval
    status: str


@dataclass(frozen=True)
class Hostility:
    key: tuple[str, str, str]
    event: Node
    hostile: str
    against: str
    when: Interval
    status: str


Episode: TypeAlias = tuple[str, tuple[object, ...], str, str]
"""Rule, keys of the legs, overlap, status."""


def readings(text: str) -> Days:
    if len(text) == 4:
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(text), date.fromisoformat(text)


def published(source: Source) -> Days:
    if source.published:
        return readings(source.published)
    return (readings(source.not_before)[0] if source.not_before else date.min), date.max


def accepted(world: World, policy: str) -> dict[str, tuple[Node, str, Span]]:
    """Nodes that count, with status and the four bounds."""
    result = {}
    for node in world.nodes:
        vouching = [c for c in node.claims if c.stance != "Denies" and c.modality in POLICIES[policy]]
        if not vouching:
            continue
        status = max((c.modality for c in vouching), key=SCALE.index)
        days = [published(world.sources[c.source]) for c in vouching]
        timeless = node.kind == "Alliance" or node.kind.endswith("Provision")
        if node.begin:
            b1, b2 = readings(node.begin)
        elif timeless:
            b1, b2 = date.min, date.min
        else:
            b1, b2 = date.min, min(d[1] for d in days)
        match node.end:
            case "Ongoing":
                e1, e2 = max(b1, max(d[0] for d in days)), date.max
            case None if timeless:
                e1, e2 = date.max, date.max
            case None | "Unknown":
                e1, e2 = b1, date.max
            case seen if seen.startswith("Ongoing "):
                seen_from, seen_to = readings(seen.removeprefix("Ongoing "))
                e1, e2 = max(b1, seen_from), date.max
                b2 = min(b2, seen_to)
            case text:
                e1, e2 = readings(text)
                b2 = min(b2, e2)
                # No reading ends before it begins, unless none does anything else.
                e1 = e1 if b1 > e2 else max(e1, b1)
        result[node.name] = (node, status, (b1, b2, e1, e2))
    return result


def meet(*intervals: Interval) -> str | None:
    """Definite, Possible or None, by trying the readings that matter of every pair."""
    definite = all(i.definite for i in intervals)
    for i, one in enumerate(intervals):
        for two in intervals[i + 1 :]:
            (b1, b2, e1, e2), (c1, c2, f1, f2) = one.span, two.span
            if not (b1 <= f2 and c1 <= e2):
                return None
            if not (b2 <= f1 and c2 <= e1):
                definite = False
    return "Definite" if definite else "Possible"


def common(*intervals: Interval) -> Span:
    spans_ = [i.span for i in intervals]
    b1, b2 = max(s[0] for s in spans_), max(s[1] for s in spans_)
    e1, e2 = min(s[2] for s in spans_), min(s[3] for s in spans_)
    # Where they meet at all, they part no sooner than the last of them begins, and meet no later than the first ends.
    return (b1, b2, e1, e2) if b1 > e2 else (b1, min(b2, e2), max(e1, b1), e2)


def weakest(*statuses: str) -> str:
    return min(statuses, key=SCALE.index)


def obligations(world: World, policy: str) -> list[Obligation]:
    counting = accepted(world, policy)
    found = []
    for provision, pstatus, pspan in counting.values():
        if not provision.kind.endswith("Provision"):
            continue
        (alliance,) = provision.role("providedBy")
        if alliance not in counting:
            continue
        _, astatus, aspan = counting[alliance]
        members = [entry for entry in counting.values() if entry[0].role("alliance") == [alliance]]
        for (ours, s1, span1), (theirs, s2, span2) in product(members, members):
            if ours.role("member") == theirs.role("member"):
                continue
            bound, benefited = provision.role("binds"), provision.role("benefits")
            if (bound and ours.role("member")[0] not in bound) or (
                benefited and theirs.role("member")[0] not in benefited
            ):
                continue
            parts = [Interval(span1), Interval(span2), Interval(pspan), Interval(aspan)]
            overlap = meet(*parts)
            if overlap:
                found.append(
                    Obligation(
                        (ours.name, theirs.name, provision.name),
                        provision.kind.removesuffix("Provision"),
                        ours.role("member")[0],
                        theirs.role("member")[0],
                        Interval(common(*parts), overlap == "Definite"),
                        weakest(s1, s2, pstatus, astatus),
                    )
                )
    return found


def hostilities(world: World, policy: str) -> list[Hostility]:
    found = []
    for node, status, span in accepted(world, policy).values():
        pairs: set[tuple[str, str]] = set()
        if node.kind == "ArmedConflict":
            pairs = set(product(node.role("sideA"), node.role("sideB")))
        elif node.kind == "Incursion":
            pairs = set(product(node.role("actor"), node.role("target")))
        elif node.kind == "MilitarizedDispute":
            pairs = set(product(node.role("party"), node.role("party")))
        elif node.kind == "Rivalry":
            pairs = set(product(node.role("rival"), node.role("rival")))
        for one, two in pairs | {(b, a) for a, b in pairs}:
            if one != two:
                found.append(Hostility((node.name, one, two), node, one, two, Interval(span), status))
    return found


Counting: TypeAlias = dict[str, tuple[Node, str, Span]]


def episodes(world: World, policy: str) -> set[Episode]:
    """Every episode of the world, by nested loops."""
    counting, bonds, enmities = accepted(world, policy), obligations(world, policy), hostilities(world, policy)
    return {
        *_supplying(counting, bonds, enmities),
        *_attacking(bonds, enmities),
        *_unanswered(counting, bonds, enmities),
        *_complicit(counting, bonds, enmities),
        *_divided(bonds, enmities),
    }


def _supplying(counting: Counting, bonds: list[Obligation], enmities: list[Hostility]) -> Iterator[Episode]:
    for node, status, span in counting.values():
        if node.kind != "ArmsTransfer":
            continue
        (supplier,), (recipient,) = node.role("supplier"), node.role("recipient")
        for bond in bonds:
            for enmity in enmities:
                triangle = {supplier, recipient, bond.obligee}
                if bond.obligor != supplier or enmity.hostile != recipient or enmity.against != bond.obligee:
                    continue
                overlap = meet(bond.when, Interval(span), enmity.when)
                if len(triangle) == 3 and overlap:
                    legs = (bond.key, node.name, enmity.key)
                    yield "ally-supplying-adversary", legs, overlap, weakest(bond.status, status, enmity.status)


def _attacking(bonds: list[Obligation], enmities: list[Hostility]) -> Iterator[Episode]:
    for bond in bonds:
        for enmity in enmities:
            if (enmity.hostile, enmity.against) != (bond.obligor, bond.obligee):
                continue
            event, began = enmity.event, enmity.event.role("initiator")
            attacker = (event.kind == "Incursion" and event.role("actor") == [bond.obligor]) or (
                event.kind == "ArmedConflict" and (not began or bond.obligor in began)
            )
            overlap = meet(bond.when, enmity.when)
            if attacker and overlap:
                yield "ally-attacking-ally", (bond.key, enmity.key), overlap, weakest(bond.status, enmity.status)


def _unanswered(counting: Counting, bonds: list[Obligation], enmities: list[Hostility]) -> Iterator[Episode]:
    for bond in bonds:
        for enmity in enmities:
            event = enmity.event
            attacked = (event.kind == "Incursion" and event.role("actor") == [enmity.hostile]) or (
                event.kind == "ArmedConflict" and enmity.hostile in event.role("initiator")
            )
            if (
                bond.kind != "Defense"
                or not attacked
                or enmity.against != bond.obligee
                or enmity.hostile == bond.obligor
            ):
                continue
            helped = any(
                node.kind == "Assistance"
                and node.role("actor") == [bond.obligor]
                and node.role("target") == [bond.obligee]
                and meet(Interval(span), enmity.when)
                for node, _, span in counting.values()
            )
            fought = any(
                other.event.kind == "ArmedConflict"
                and (other.hostile, other.against) == (bond.obligor, enmity.hostile)
                and meet(other.when, enmity.when)
                for other in enmities
            )
            overlap = meet(bond.when, enmity.when)
            if overlap and not helped and not fought:
                yield "unanswered-obligation", (bond.key, enmity.key), overlap, weakest(bond.status, enmity.status)


def _complicit(counting: Counting, bonds: list[Obligation], enmities: list[Hostility]) -> Iterator[Episode]:
    for node, status, _ in counting.values():
        if node.kind != "Acquiescence" or node.role("acquiescesIn")[0] not in counting:
            continue
        transfer, tstatus, span = counting[node.role("acquiescesIn")[0]]
        (actor,), (supplier,), (recipient,) = node.role("actor"), transfer.role("supplier"), transfer.role("recipient")
        for bond in bonds:
            for enmity in enmities:
                fits = bond.kind == "Defense" and bond.obligor == actor and enmity.against == bond.obligee
                distinct = actor not in (supplier, recipient, bond.obligee) and recipient != bond.obligee
                overlap = meet(bond.when, Interval(span), enmity.when)
                if fits and distinct and enmity.hostile == recipient and overlap:
                    legs = (bond.key, node.name, transfer.name, enmity.key)
                    yield "complicit-ally", legs, overlap, weakest(bond.status, status, tstatus, enmity.status)


def _divided(bonds: list[Obligation], enmities: list[Hostility]) -> Iterator[Episode]:
    for enmity in enmities:
        if not BASE + enmity.hostile < BASE + enmity.against:
            continue
        for first, second in product(bonds, bonds):
            if first.obligor != second.obligor:
                continue
            overlap = meet(first.when, second.when, enmity.when)
            if (first.obligee, second.obligee) == (enmity.hostile, enmity.against) and overlap:
                legs = (first.key, second.key, enmity.key)
                yield "divided-loyalty", legs, overlap, weakest(first.status, second.status, enmity.status)
