"""Why something does not follow: which premise holds, which fails, and how near it came.

The premises of a conclusion are looked for one by one: among what counts under the policy, then among what is
recorded at all. What is recorded and does not count is named with the claims that would have to be admitted; what
counts and does not meet in time, with the days between; what is not recorded, with whether any source sets out to
record it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Final, TypeAlias

from pyoxigraph import NamedNode

from kg.explaining.recorded import FIGHTING, HOSTILE, PROVISIONS, Candidate, Record
from kg.explaining.shortfalls import Leg, Roles, Shortfall, WhyNot
from kg.store.base import Store
from kg.terms import local_name

__all__ = ["QUESTIONS", "why_not"]

QUESTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "allies-supplying-adversary": {"supplier": "ally", "state": "state", "adversary": "adversary"},
    "allies-attacking-allies": {"attacker": "ally", "state": "state"},
    "unanswered-obligations": {"obligor": "ally", "state": "state", "attacker": "adversary"},
    "complicit-allies": {"ally": "ally", "state": "state"},
    "divided-loyalties": {"ally": "ally", "side": "state"},
}
"""The questions that can be asked why not, with the role that each of their parameters fills."""
_RANKS: Final = ("Speculated", "Alleged", "Reported", "Fact")


def why_not(
    question: str,
    roles: Roles,
    *,
    store: Store,
    recorded: Sequence[NamedNode],
    accepted: NamedNode,
    view: str,
    names: Callable[[Sequence[NamedNode]], Mapping[str, str]],
    refusal: Callable[[NamedNode], str],
) -> WhyNot:
    """The premises of a conclusion, one by one.

    Args:
        question: one of :data:`QUESTIONS`.
        roles: who is asked about.
        store: the store.
        recorded: the graphs that hold what is recorded: asserted and ontology.
        accepted: the accepted graph of the view.
        view: name of the view.
        names: gives a name for each of some nodes.
        refusal: says why the policy does not admit a claim, ``""`` where it does.
    """
    record = Record(store, recorded, accepted, names)
    asked = _likeliest_first(list(_asked(record, question, roles)))
    weighing = _Weighing(record, refusal)
    legs = [weighing.leg(name, candidates, nothing) for name, candidates, nothing in asked]
    if all(leg.holds for leg in legs):
        answered = weighing.help if question == "unanswered-obligations" else None
        legs += weighing.together([candidates for _, candidates, _ in asked], roles, answered)
    return WhyNot(question, view, tuple(legs))


_Asked: TypeAlias = tuple[str, "list[Candidate]", Sequence[str]]
"""The name of a premise, what could fill it, and what to say where nothing can."""


def _asked(record: Record, question: str, roles: Roles) -> Iterator[_Asked]:
    """The premises of a conclusion."""
    ally, state, adversary = roles.ally, roles.state, roles.adversary
    any_bond = question in ("allies-attacking-allies", "divided-loyalties")
    kinds = PROVISIONS if any_bond else ("DefenseProvision",)
    yield "obligation", list(record.obligations(ally, state, kinds)), [record.no_obligation(ally, state, kinds)]
    if question == "allies-attacking-allies":
        attacks = [replace(c, ally=c.adversary, adversary="") for c in record.attacks(ally, state, begun=False)]
        yield "attack", attacks, [record.nothing(FIGHTING, "armed conflict or incursion", ally, state)]
        return
    if question == "unanswered-obligations":
        nothing = record.nothing(FIGHTING, "attack", adversary, state)
        yield "attack", list(record.attacks(adversary, state)), [nothing]
        return
    if question == "allies-supplying-adversary":
        nothing = record.nothing(("ArmsTransfer",), "transfer of arms", ally, adversary)
        yield "supply", list(record.transfers(ally, adversary)), [nothing]
    if question == "complicit-allies":
        nothing = record.nothing(("Acquiescence",), "acquiescence in a transfer", ally, None)
        yield "acquiescence", list(record.acquiescences(ally)), [nothing]
    enmities = list(record.hostilities(adversary, state))
    yield "hostility", enmities, [record.nothing(HOSTILE, "hostility", adversary, state)]
    if question == "divided-loyalties" and enmities:
        sides = [NamedNode(side) for side in dict.fromkeys(c.adversary for c in enmities)]
        bonds = [bond for side in sides for bond in record.obligations(ally, side, kinds)]
        others = [replace(bond, state="", adversary=bond.state) for bond in bonds]
        yield "other loyalty", others, [record.no_obligation(ally, side, kinds) for side in sides]


def _likeliest_first(asked: Sequence[_Asked]) -> list[_Asked]:
    """The premises, in each first what speaks of states in roles in which the other premises speak of them."""
    roles = ("ally", "state", "adversary")
    spoken = [{role: {getattr(c, role) for c in candidates} - {""} for role in roles} for _, candidates, _ in asked]

    def strange(candidate: Candidate, number: int) -> int:
        others = [(role, said[role]) for at, said in enumerate(spoken) if at != number for role in roles if said[role]]
        return sum((value := getattr(candidate, role)) != "" and value not in states for role, states in others)

    return [
        (name, sorted(candidates, key=lambda c, at=number: strange(c, at)), nothing)  # type: ignore[misc]
        for number, (name, candidates, nothing) in enumerate(asked)
    ]


class _Weighing:
    """Holds what is recorded against what counts."""

    def __init__(self, record: Record, refusal: Callable[[NamedNode], str]) -> None:
        self._record, self._refusal = record, refusal

    def leg(self, name: str, candidates: Sequence[Candidate], nothing: Sequence[str]) -> Leg:
        """Whether any candidate counts; else what each lacks, or that there is none."""
        found, shortfalls = [], []
        for candidate in candidates:
            missing = self._uncounted(candidate) or self._apart(_dated([candidate]))
            if missing is None:
                found.append(candidate.says)
            else:
                shortfalls.append(missing)
        if found:
            return Leg(name, True, tuple(dict.fromkeys(found)))
        if not candidates:
            shortfalls = [Shortfall("unrecorded", says, "a source that records one") for says in nothing]
        order = {"time": 0, "policy": 1, "denied": 2, "unrecorded": 3}
        return Leg(
            name,
            False,
            (),
            tuple(sorted(dict.fromkeys(shortfalls), key=lambda s: (order[s.kind], s.days or 0, s.says))),
        )

    def together(
        self,
        legs: Sequence[Sequence[Candidate]],
        roles: Roles,
        answered: Callable[[Sequence[Candidate]], str] | None,
    ) -> list[Leg]:
        """Every premise holds by itself: whether they fit one another and meet in time, and whether help was given."""
        shortfalls: list[Shortfall] = []
        meeting: list[str] = []
        helps: list[str] = []
        for combination in self._fitting(legs, roles):
            missing = self._apart(_dated(combination))
            if missing is not None:
                shortfalls.append(missing)
                continue
            meeting.append(" · ".join(c.says for c in combination))
            if answered is not None:
                helps.append(answered(combination))
        if meeting:
            unanswered = "nobody to have helped, which the rules take for an answer"
            given = [Shortfall("answered", f"help is recorded: {h}", unanswered) for h in dict.fromkeys(helps) if h]
            found = Leg("together", True, tuple(dict.fromkeys(meeting)))
            return [found, Leg("answer", False, (), tuple(given))] if given else [found]
        if not shortfalls:
            says = "each premise holds, but with different states: no one state fills every place"
            shortfalls = [Shortfall("unrecorded", says, "the same states in every premise")]
        nearest = sorted(dict.fromkeys(shortfalls), key=lambda s: (s.days or 0, s.says))
        return [Leg("together", False, (), tuple(nearest))]

    def _fitting(self, legs: Sequence[Sequence[Candidate]], roles: Roles) -> Iterator[tuple[Candidate, ...]]:
        """What counts of every premise, put together so that it speaks of the same states."""
        alike: list[dict[tuple[str, str, str], list[Candidate]]] = []
        for leg in legs:
            alike.append({})
            for c in leg:
                if not self._uncounted(c) and not self._apart(_dated([c])):
                    alike[-1].setdefault((c.ally, c.state, c.adversary), []).append(c)
        for groups in product(*(by_states.values() for by_states in alike)):
            if _fit([group[0] for group in groups], roles):
                yield from product(*groups)

    def _uncounted(self, candidate: Candidate) -> Shortfall | None:
        for node in candidate.nodes:
            if node in self._record.bounds:
                continue
            rows = [
                (c, local_name(s), local_name(m))
                for c, s, m in self._record.rows(
                    f"SELECT ?c ?s ?m WHERE {{ ?c foedus:claims <{node}> ; "
                    "foedus:stance ?s ; foedus:modality ?m } ORDER BY ?c"
                )
            ]
            claims = tuple(row[0] for row in rows)
            for_it = [row for row in rows if row[1] != "Denies"]
            if rows and not for_it:
                says = f"{self._record.name(node)}: sources only deny it"
                return Shortfall("denied", says, "a source that asserts it", claims=claims)
            if not rows:
                return Shortfall("policy", f"{self._record.name(node)}: claimed by nobody", "a source that claims it")
            surest = max(for_it, key=lambda row: _RANKS.index(row[2]))
            how = self._refusal(NamedNode(surest[0]))
            if not how:
                plain = any(stance in ("Asserts", "Accuses") for _, stance, _ in for_it)
                how = "left out by the policy" if plain else "only intended, expected or made a condition"
            says = f"{self._record.name(node)}: {how}"
            return Shortfall("policy", says, "a policy that admits the claim, or a surer source", claims=claims)
        return None

    def _apart(self, nodes: Sequence[str]) -> Shortfall | None:
        worst: tuple[int, str, str] | None = None
        for one, two in combinations(nodes, 2):
            first, second = self._record.bounds[one], self._record.bounds[two]
            gap = max((second.begin_earliest - first.end_latest).days, (first.begin_earliest - second.end_latest).days)
            if gap > 0 and (worst is None or gap > worst[0]):
                worst = (gap, one, two)
        if worst is None:
            return None
        days, one, two = worst
        count = "1 day" if days == 1 else f"{days} days"
        says = f"{self._record.name(one)} and {self._record.name(two)} miss each other by {count}"
        return Shortfall("time", says, f"one of them to last {count} longer", days=days)

    def help(self, combination: Sequence[Candidate]) -> str:
        """The first recorded help against an attack that counts and can have fallen within it, or ``""``."""
        bond, attack = combination
        ally, state, attacker = (str(NamedNode(n)) for n in (bond.ally, attack.state, attack.adversary))
        for (node,) in self._record.find(
            f"""SELECT DISTINCT ?h WHERE {{
                {{ ?h a foedus:Assistance ; foedus:actor {ally} ; foedus:target {state} }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:sideA {ally} ; foedus:sideB {attacker} }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:sideB {ally} ; foedus:sideA {attacker} }} }} ORDER BY ?h"""
        ):
            if node in self._record.bounds and self._apart([node, *attack.nodes]) is None:
                return self._record.name(node)
        return ""


def _dated(candidates: Sequence[Candidate]) -> list[str]:
    """The nodes that have to meet in time."""
    return [node for candidate in candidates for node in candidate.nodes if node not in candidate.undated]


def _fit(combination: Sequence[Candidate], roles: Roles) -> bool:
    """Whether the candidates speak of the same states in the same roles, and of different states in different roles."""
    chosen: list[str] = []
    for role in ("ally", "state", "adversary"):
        filled = {value for c in combination if (value := getattr(c, role))}
        given = getattr(roles, role)
        filled |= {given.value} if given else set()
        if len(filled) > 1:
            return False
        chosen += filled
    return len(set(chosen)) == len(chosen)
