"""The ten dated rules, written out by hand: what each asks of its premises and what it makes of them.

Nothing here reads the rule files. What a premise is comes from the step below it; the parties, the dates, the status
and the name of the new node are worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations, permutations, product
from typing import Final

from pyoxigraph import NamedNode

from kg.proofchecking.evidence import Counted, Evidence, told_bounds
from kg.proofchecking.reading import SCALE
from kg.terms import PREFIXES, curie, local_name
from kg.time import Bounds
from kg.vocab import FOEDUS, PROV, RDF

__all__ = ["DATED_RULES", "derive"]


@dataclass(frozen=True)
class _Episode:
    """A rule of the second stratum: a leg a premise, in the order in which they name the node."""

    legs: tuple[tuple[NamedNode, NamedNode], ...]
    """Property and class of each."""
    faults: Callable[..., Iterator[str]]
    """What keeps some legs, each of its class, from fitting together."""


@dataclass(frozen=True)
class _Enmity:
    """A rule that makes a hostility of an event: its class, that of the hostility, and the two sides."""

    event: NamedNode
    hostility: NamedNode
    one: NamedNode
    other: NamedNode


_PROVISIONS: Final = {
    FOEDUS.ConsultationProvision: (FOEDUS.ConsultationObligation, FOEDUS.consultationObligee),
    FOEDUS.DefenseProvision: (FOEDUS.DefenseObligation, FOEDUS.defenseObligee),
    FOEDUS.NeutralityProvision: (FOEDUS.NeutralityObligation, FOEDUS.neutralityObligee),
    FOEDUS.NonaggressionProvision: (FOEDUS.NonaggressionObligation, FOEDUS.nonaggressionObligee),
    FOEDUS.OffenseProvision: (FOEDUS.OffenseObligation, FOEDUS.offenseObligee),
}


# -------------------------------------------------------------------- obligations


def _obligation(node: str, premises: Sequence[Counted], world: Evidence) -> tuple[Counted | None, list[str]]:
    found: list[tuple[list[str], tuple[Counted, ...]]] = []
    for ours, theirs, provision, alliance in permutations(premises, 4) if len(premises) == 4 else ():
        kinds = (ours.is_a(FOEDUS.Membership), theirs.is_a(FOEDUS.Membership), alliance.is_a(FOEDUS.Alliance))
        if all(kinds) and any(map(provision.is_a, _PROVISIONS)):
            faults = [*_unallied(ours, theirs, provision, alliance), *_apart((ours, theirs, provision, alliance))]
            faults += _misnamed(node, "obligation", "obligation", (ours, theirs, provision))
            found.append((faults, (ours, theirs, provision, alliance)))
    if not found:
        return None, ["it takes two memberships, a provision and an alliance, and these are not what is given"]
    faults, legs = min(found, key=lambda entry: len(entry[0]))
    ours, theirs, provision, alliance = legs
    kinds_ = [_PROVISIONS[cls] for cls in _PROVISIONS if provision.is_a(cls)]
    pairs = _owing(ours, theirs, provision)
    obligees = frozenset(b for _, b in pairs)
    roles = {
        RDF.type.value: frozenset({FOEDUS.Obligation.value, *(cls.value for cls, _ in kinds_)}),
        FOEDUS.obligor.value: frozenset(a for a, _ in pairs),
        FOEDUS.obligee.value: obligees,
        **{prop.value: obligees for _, prop in kinds_},
        FOEDUS.underProvision.value: frozenset({provision.node}),
        FOEDUS.underAlliance.value: frozenset({alliance.node}),
    }
    return _made(node, "obligation-from-memberships", roles, legs, _surely(legs)), faults


def _unallied(ours: Counted, theirs: Counted, provision: Counted, alliance: Counted) -> Iterator[str]:
    if alliance.node not in provision.of(FOEDUS.providedBy):
        yield f"{curie(provision.node)} is no provision of {curie(alliance.node)}"
    for membership in (ours, theirs):
        if alliance.node not in membership.of(FOEDUS.alliance):
            yield f"{curie(membership.node)} is no membership in {curie(alliance.node)}"
    if not any(a != b for a, b in product(ours.of(FOEDUS.member), theirs.of(FOEDUS.member))):
        yield "the two memberships are not those of two states"
    elif not _owing(ours, theirs, provision):
        yield f"{curie(provision.node)} names whom it binds or benefits, and not these"


def _owing(ours: Counted, theirs: Counted, provision: Counted) -> list[tuple[str, str]]:
    """Obligor and obligee; a provision that names nobody binds and benefits every member."""
    bound, benefited = frozenset(provision.of(FOEDUS.binds)), frozenset(provision.of(FOEDUS.benefits))
    return [
        (a, b)
        for a, b in product(ours.of(FOEDUS.member), theirs.of(FOEDUS.member))
        if a != b and (not bound or a in bound) and (not benefited or b in benefited)
    ]


# -------------------------------------------------------------------- hostilities

_ENMITIES: Final = {
    "hostility-from-conflict": _Enmity(FOEDUS.ArmedConflict, FOEDUS.ConflictHostility, FOEDUS.sideA, FOEDUS.sideB),
    "hostility-from-dispute": _Enmity(FOEDUS.MilitarizedDispute, FOEDUS.DisputeHostility, FOEDUS.party, FOEDUS.party),
    "hostility-from-incursion": _Enmity(FOEDUS.Incursion, FOEDUS.IncursionHostility, FOEDUS.actor, FOEDUS.target),
    "hostility-from-rivalry": _Enmity(FOEDUS.Rivalry, FOEDUS.RivalryHostility, FOEDUS.rival, FOEDUS.rival),
}


def _hostility(node: str, rule: str, premises: Sequence[Counted], world: Evidence) -> tuple[Counted | None, list[str]]:
    enmity = _ENMITIES[rule]
    if len(premises) != 1 or not premises[0].is_a(enmity.event):
        return None, [f"it takes one {local_name(enmity.event.value)}, and that is not what is given"]
    (event,) = premises
    for hostile, against in _opposed(event, enmity, world):
        if node == _name("hostility", "hostility", event.node, hostile, against):
            roles = {
                RDF.type.value: frozenset({FOEDUS.Hostility.value, enmity.hostility.value}),
                FOEDUS.hostile.value: frozenset({hostile}),
                FOEDUS.against.value: frozenset({against}),
                FOEDUS.arisesFrom.value: frozenset({event.node}),
            }
            return _made(node, rule, roles, (event,), None), []
    return None, [f"no two states opposed in {curie(event.node)} give the hostility this name"]


def _opposed(event: Counted, enmity: _Enmity, world: Evidence) -> Iterator[tuple[str, str]]:
    """Pairs of states that an event sets against each other, each both ways."""
    for one, other in product(event.of(enmity.one), event.of(enmity.other)):
        states = all(FOEDUS.State.value in world.facts.nodes(side, RDF.type) for side in (one, other))
        if one != other and states:
            yield one, other
            yield other, one


# -------------------------------------------------------------------- episodes


def _supplying(world: Evidence, obligation: Counted, transfer: Counted, hostility: Counted) -> Iterator[str]:
    allies = obligation.of(FOEDUS.obligor) & transfer.of(FOEDUS.supplier)
    adversaries = transfer.of(FOEDUS.recipient) & hostility.of(FOEDUS.hostile)
    victims = hostility.of(FOEDUS.against) & obligation.of(FOEDUS.obligee)
    yield from _roles(
        ("the supplier is not the one that is bound", allies),
        ("the recipient is not the one that is hostile", adversaries),
        ("the hostility is not against the one to whom something is owed", victims),
    )


def _attacking(world: Evidence, obligation: Counted, hostility: Counted) -> Iterator[str]:
    allies = obligation.of(FOEDUS.obligor) & hostility.of(FOEDUS.hostile)
    yield from _roles(
        ("the attacker is not the one that is bound", allies),
        (
            "the attack is not on the one to whom something is owed",
            obligation.of(FOEDUS.obligee) & hostility.of(FOEDUS.against),
        ),
    )
    if not any(_began(world, hostility, ally, unsaid=True) for ally in allies):
        yield "it did not begin the attack by what is recorded"


def _unanswered(world: Evidence, obligation: Counted, hostility: Counted) -> Iterator[str]:
    allies, attackers = obligation.of(FOEDUS.obligor), hostility.of(FOEDUS.hostile)
    victims = hostility.of(FOEDUS.against) & obligation.of(FOEDUS.obligee)
    yield from _roles(
        ("nobody is bound", allies),
        ("nobody attacks", attackers),
        ("the attack is not on the one to whom defense is owed", victims),
    )
    if not any(_began(world, hostility, attacker, unsaid=False) for attacker in attackers):
        yield "no recorded incursion or beginning of a conflict makes it an attack"
    for help_ in _of(allies, FOEDUS.Assistance, {FOEDUS.actor}, world):
        if help_.bounds.possibly_overlaps(hostility.bounds) and victims & help_.of(FOEDUS.target):
            yield f"help is recorded: {curie(help_.node)}"
    sides = {side for enmity in _ENMITIES.values() for side in (enmity.one, enmity.other)}
    for war in _of(allies, FOEDUS.ArmedConflict, sides, world):
        if war.bounds.possibly_overlaps(hostility.bounds):
            fought = {pair for e in _ENMITIES.values() if war.is_a(e.event) for pair in _opposed(war, e, world)}
            if fought & set(product(allies, attackers)):
                yield f"it fought the attacker: {curie(war.node)}"


def _of(states: Iterable[str], cls: NamedNode, parts: Iterable[NamedNode], world: Evidence) -> list[Counted]:
    """What counts of a class and has one of some states in one of some parts: few, where the class may have many."""
    found = {node for state in states for part in parts for node in world.facts.subjects(part, state)}
    counted = [world.counted(node) for node in sorted(found) if cls.value in world.facts.nodes(node, RDF.type)]
    return [one for one in counted if one is not None]


def _complicit(
    world: Evidence, obligation: Counted, acquiescence: Counted, transfer: Counted, hostility: Counted
) -> Iterator[str]:
    allies = obligation.of(FOEDUS.obligor) & acquiescence.of(FOEDUS.actor)
    adversaries = transfer.of(FOEDUS.recipient) & hostility.of(FOEDUS.hostile)
    victims = hostility.of(FOEDUS.against) & obligation.of(FOEDUS.obligee)
    yield from _roles(
        ("the one that let it happen is not the one that is bound", allies),
        ("the recipient is not the one that is hostile", adversaries),
        ("the hostility is not against the one to whom defense is owed", victims),
    )
    if transfer.node not in acquiescence.of(FOEDUS.acquiescesIn):
        yield "what it let happen is another transfer"
    if not transfer.of(FOEDUS.supplier) - allies:
        yield "the supplier is the one that let it happen"


def _divided(world: Evidence, first: Counted, second: Counted, hostility: Counted) -> Iterator[str]:
    ones = first.of(FOEDUS.obligee) & hostility.of(FOEDUS.hostile)
    others = second.of(FOEDUS.obligee) & hostility.of(FOEDUS.against)
    yield from _roles(
        ("the two obligations are not of one state", first.of(FOEDUS.obligor) & second.of(FOEDUS.obligor)),
        ("the first obligation is not to the one side", ones),
        ("the second obligation is not to the other side", others),
    )
    if ones and others and not any(one < other for one, other in product(ones, others)):
        yield "the sides stand the other way round: a hostility is told both ways, and counted once"


def _roles(*parties: tuple[str, frozenset[str]]) -> Iterator[str]:
    """What is wrong with the parties of an episode: each there, and no two the same."""
    missing = [message for message, nodes in parties if not nodes]
    yield from missing
    if not missing and not any(
        len(set(chosen)) == len(parties) for chosen in product(*(nodes for _, nodes in parties))
    ):
        yield "one state stands in two of the roles"


def _began(world: Evidence, hostility: Counted, state: str, *, unsaid: bool) -> bool:
    """Whether a state began what a hostility arises from; ``unsaid`` is the answer where no source says who did."""
    for event in hostility.of(FOEDUS.arisesFrom):
        types, begun = world.facts.nodes(event, RDF.type), world.facts.nodes(event, FOEDUS.initiator)
        if FOEDUS.Incursion.value in types and state in world.facts.nodes(event, FOEDUS.actor):
            return True
        if FOEDUS.ArmedConflict.value in types and (state in begun or (unsaid and not begun)):
            return True
    return False


_EPISODES: Final = {
    "ally-supplying-adversary": _Episode(
        (
            (FOEDUS.obligationLeg, FOEDUS.Obligation),
            (FOEDUS.supplyLeg, FOEDUS.ArmsTransfer),
            (FOEDUS.hostilityLeg, FOEDUS.Hostility),
        ),
        _supplying,
    ),
    "ally-attacking-ally": _Episode(
        ((FOEDUS.obligationLeg, FOEDUS.Obligation), (FOEDUS.attackLeg, FOEDUS.Hostility)), _attacking
    ),
    "unanswered-obligation": _Episode(
        ((FOEDUS.obligationLeg, FOEDUS.DefenseObligation), (FOEDUS.triggerLeg, FOEDUS.Hostility)), _unanswered
    ),
    "complicit-ally": _Episode(
        (
            (FOEDUS.obligationLeg, FOEDUS.DefenseObligation),
            (FOEDUS.acquiescenceLeg, FOEDUS.Acquiescence),
            (FOEDUS.toleratedLeg, FOEDUS.ArmsTransfer),
            (FOEDUS.hostilityLeg, FOEDUS.Hostility),
        ),
        _complicit,
    ),
    "divided-loyalty": _Episode(
        (
            (FOEDUS.firstLoyaltyLeg, FOEDUS.Obligation),
            (FOEDUS.secondLoyaltyLeg, FOEDUS.Obligation),
            (FOEDUS.hostilityLeg, FOEDUS.Hostility),
        ),
        _divided,
    ),
}


def _episode(node: str, rule: str, premises: Sequence[Counted], world: Evidence) -> tuple[Counted | None, list[str]]:
    episode = _EPISODES[rule]
    found: list[tuple[list[str], tuple[Counted, ...]]] = []
    for legs in permutations(premises) if len(premises) == len(episode.legs) else ():
        if all(leg.is_a(cls) for leg, (_, cls) in zip(legs, episode.legs, strict=True)):
            faults = [*episode.faults(world, *legs), *_apart(_dated(legs)), *_misnamed(node, "episode", rule, legs)]
            found.append((faults, legs))
    if not found:
        wanted = ", ".join(local_name(cls.value) for _, cls in episode.legs)
        return None, [f"it takes {wanted}, and these are not what is given"]
    faults, legs = min(found, key=lambda entry: len(entry[0]))
    roles = {RDF.type.value: frozenset({FOEDUS.Episode.value})}
    roles |= {prop.value: frozenset({leg.node}) for leg, (prop, _) in zip(legs, episode.legs, strict=True)}
    if rule == "unanswered-obligation":
        covered = world.facts.subjects(FOEDUS.coversClass, FOEDUS.Assistance.value)
        roles[FOEDUS.coverage.value] = frozenset({(FOEDUS.Covered if covered else FOEDUS.NotCovered).value})
    return _made(node, rule, roles, legs, _surely(_dated(legs))), faults


def _dated(legs: Sequence[Counted]) -> tuple[Counted, ...]:
    """The legs that have to meet: an acquiescence is dated by the transfer that it lets happen."""
    return tuple(leg for leg in legs if not leg.is_a(FOEDUS.Acquiescence))


# -------------------------------------------------------------------- in common

DATED_RULES: Final = frozenset({"obligation-from-memberships", *_ENMITIES, *_EPISODES})


def derive(node: str, rule: str, premises: Sequence[Counted], world: Evidence) -> tuple[Counted | None, list[str]]:
    """What a dated rule makes of some premises, and what is wrong with taking it for a node.

    Args:
        node: IRI of the node that the rule is said to make.
        rule: name of the rule, one of :data:`DATED_RULES`.
        premises: the nodes that it is said to be made from, in any order.
        world: what else is recorded.
    """
    if rule in _ENMITIES:
        return _hostility(node, rule, premises, world)
    if rule in _EPISODES:
        return _episode(node, rule, premises, world)
    return _obligation(node, premises, world)


def _apart(legs: Sequence[Counted]) -> Iterator[str]:
    for one, other in combinations(legs, 2):
        if not one.bounds.possibly_overlaps(other.bounds):
            yield f"{curie(one.node)} and {curie(other.node)} never meet in time"


def _surely(legs: Sequence[Counted]) -> bool:
    """Whether all meet for certain: each pair, and each that is itself made of what has to meet."""
    return all(leg.definite is not False for leg in legs) and all(
        one.bounds.definitely_overlaps(other.bounds) for one, other in combinations(legs, 2)
    )


def _made(
    node: str, rule: str, roles: dict[str, frozenset[str]], legs: Sequence[Counted], definite: bool | None
) -> Counted:
    status, spans = min(leg.status for leg in legs), [leg.bounds for leg in _dated(legs)]
    first, last = max(span.begin_earliest for span in spans), min(span.end_latest for span in spans)
    begun, over = max(span.begin_latest for span in spans), min(span.end_earliest for span in spans)
    if first <= last:
        # Neither has it begun after its last day nor ended before its first.
        begun, over = min(begun, last), max(over, first)
    bounds = Bounds(first, begun, over, last)
    roles[FOEDUS.status.value] = frozenset({FOEDUS.base + SCALE[status]})
    roles[FOEDUS.derivedByRule.value] = frozenset({f"{PREFIXES['id']}rule/{rule}"})
    roles[PROV.wasDerivedFrom.value] = frozenset(leg.node for leg in legs)
    if definite is not None:
        roles[FOEDUS.overlap.value] = frozenset({(FOEDUS.Definite if definite else FOEDUS.Possible).value})
    return Counted(node, roles, told_bounds(bounds), status, bounds, definite)


def _misnamed(node: str, folder: str, word: str, legs: Sequence[Counted]) -> Iterator[str]:
    if node != _name(folder, word, *(leg.node for leg in legs)):
        yield "the rule gives what it makes of these premises another name"


def _name(folder: str, *words: str) -> str:
    return f"{PREFIXES['id']}{folder}/{sha256(' '.join(words).encode()).hexdigest()[:20]}"
