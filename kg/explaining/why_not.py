"""Why something does not follow: which premise holds, which fails, and how near it came.

The premises of a conclusion are looked for one by one: among what counts under the policy, then among what is
recorded at all. What is recorded and does not count is named with the claims that would have to be admitted; what
counts and does not meet in time, with the days between; what is not recorded, with whether any source sets out to
record it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions

from kg.store.base import Store
from kg.terms import local_name
from kg.time import Bounds
from kg.vocab import FOEDUS

__all__ = ["QUESTIONS", "Leg", "Roles", "Shortfall", "WhyNot", "why_not"]


@dataclass(frozen=True)
class Roles:
    """Who is asked about; ``None`` leaves a role open.

    Attributes:
        ally: the state that owes the obligation.
        state: the state to which it is owed.
        adversary: the state that is hostile to it.
    """

    ally: NamedNode | None = None
    state: NamedNode | None = None
    adversary: NamedNode | None = None


@dataclass(frozen=True)
class Shortfall:
    """One thing that is missing.

    Attributes:
        kind: ``"time"``, ``"policy"``, ``"denied"``, ``"unrecorded"``.
        says: what is missing, in a sentence.
        needed: what would have to be true.
        days: days between intervals that would have to meet, for ``"time"``.
        claims: IRIs of the claims that do not count, for ``"policy"`` and ``"denied"``.
    """

    kind: str
    says: str
    needed: str
    days: int | None = None
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leg:
    """One premise.

    Attributes:
        name: such as ``"obligation"``.
        holds: whether something that counts fills it.
        found: what fills it, in words.
        shortfalls: what is missing where nothing does, nearest first.
    """

    name: str
    holds: bool
    found: tuple[str, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True)
class WhyNot:
    """Why a conclusion does not follow.

    Attributes:
        question: name of the question.
        view: name of the view asked.
        legs: its premises, one by one.
    """

    question: str
    view: str
    legs: tuple[Leg, ...]


QUESTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "allies-supplying-adversary": {"supplier": "ally", "state": "state", "adversary": "adversary"},
    "allies-attacking-allies": {"attacker": "ally", "state": "state"},
    "unanswered-obligations": {"obligor": "ally", "state": "state", "attacker": "adversary"},
    "complicit-allies": {"ally": "ally", "state": "state"},
    "divided-loyalties": {"ally": "ally", "side": "state"},
}
"""The questions that can be asked why not, with the role that each of their parameters fills."""


@dataclass(frozen=True)
class _Candidate:
    """Something recorded that could fill a premise: nodes that all have to count and to meet in time."""

    says: str
    nodes: tuple[str, ...]
    adversary: str = ""
    ally: str = ""
    state: str = ""


def why_not(
    question: str,
    roles: Roles,
    *,
    store: Store,
    recorded: Sequence[NamedNode],
    accepted: NamedNode,
    view: str,
    names: Callable[[Sequence[NamedNode]], Mapping[str, str]],
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
    """
    record = _Record(store, recorded, accepted, names)
    asked: list[tuple[str, list[_Candidate], str]] = []
    kinds = ("DefenseProvision",) if question not in ("allies-attacking-allies", "divided-loyalties") else _PROVISIONS
    bonds = list(record.obligations(roles.ally, roles.state, kinds))
    match question:
        case "allies-supplying-adversary":
            asked = [
                ("obligation", bonds, record.no_obligation(roles.ally, roles.state, kinds)),
                (
                    "supply",
                    list(record.transfers(roles.ally, roles.adversary)),
                    record.nothing("ArmsTransfer", "transfer of arms", roles.ally, roles.adversary),
                ),
                (
                    "hostility",
                    list(record.hostilities(roles.adversary, roles.state, _HOSTILE)),
                    record.nothing("ArmedConflict", "hostility", roles.adversary, roles.state),
                ),
            ]
        case "allies-attacking-allies":
            asked = [
                ("obligation", bonds, record.no_obligation(roles.ally, roles.state, kinds)),
                (
                    "attack",
                    list(record.hostilities(roles.ally, roles.state, ("ArmedConflict", "Incursion"))),
                    record.nothing("ArmedConflict", "armed conflict or incursion", roles.ally, roles.state),
                ),
            ]
        case "unanswered-obligations":
            asked = [
                ("obligation", bonds, record.no_obligation(roles.ally, roles.state, kinds)),
                (
                    "attack",
                    list(record.attacks(roles.adversary, roles.state)),
                    record.nothing("Incursion", "attack", roles.adversary, roles.state),
                ),
            ]
        case "complicit-allies":
            asked = [
                ("obligation", bonds, record.no_obligation(roles.ally, roles.state, kinds)),
                (
                    "acquiescence",
                    list(record.acquiescences(roles.ally)),
                    record.nothing("Acquiescence", "acquiescence in a transfer", roles.ally, None),
                ),
                (
                    "hostility",
                    list(record.hostilities(roles.adversary, roles.state, _HOSTILE)),
                    record.nothing("ArmedConflict", "hostility", roles.adversary, roles.state),
                ),
            ]
        case _:
            asked = [
                ("obligation", bonds, record.no_obligation(roles.ally, roles.state, kinds)),
                (
                    "hostility",
                    list(record.hostilities(None, roles.state, _HOSTILE)),
                    record.nothing("ArmedConflict", "hostility", None, roles.state),
                ),
            ]
    legs = [record.leg(name, candidates, nothing) for name, candidates, nothing in asked]
    if all(leg.holds for leg in legs):
        legs += [record.together([candidates for _, candidates, _ in asked], question, roles)]
    return WhyNot(question, view, tuple(legs))


_HOSTILE: Final = ("ArmedConflict", "Incursion", "Rivalry")
_PROVISIONS: Final = tuple(
    f"{k}Provision" for k in ("Consultation", "Defense", "Neutrality", "Nonaggression", "Offense")
)
_RANKS: Final = ("Speculated", "Alleged", "Reported", "Fact")


class _Record:
    """What is recorded, with what counts."""

    def __init__(
        self,
        store: Store,
        recorded: Sequence[NamedNode],
        accepted: NamedNode,
        names: Callable[[Sequence[NamedNode]], Mapping[str, str]],
    ) -> None:
        self._store, self._graphs, self._names = store, list(recorded), names
        self.bounds: dict[str, Bounds] = {}
        days: dict[str, dict[NamedNode, date]] = {}
        for triple in store.triples(accepted):
            if triple.predicate in _BOUNDS and isinstance(triple.subject, NamedNode):
                day = date.fromisoformat(triple.object.value)  # type: ignore[union-attr]
                days.setdefault(triple.subject.value, {})[triple.predicate] = day
        for node, found in days.items():
            self.bounds[node] = Bounds(*(found[prop] for prop in _BOUNDS))

    # ------------------------------------------------------------ candidates

    def obligations(
        self, ally: NamedNode | None, state: NamedNode | None, kinds: Sequence[str]
    ) -> Iterator[_Candidate]:
        for provision, alliance, ours, theirs, x, y in self._rows(
            f"""SELECT DISTINCT ?provision ?alliance ?ours ?theirs ?x ?y WHERE {{
                {_values("kind", kinds)} {_bind("x", ally)} {_bind("y", state)}
                ?provision a ?kind ; foedus:providedBy ?alliance .
                ?ours foedus:alliance ?alliance ; foedus:member ?x . ?theirs foedus:alliance ?alliance ; foedus:member
                ?y . FILTER(?x != ?y) }} ORDER BY ?provision ?ours ?theirs"""
        ):
            says = f"{self._name(x)} is bound to {self._name(y)} by {self._name(provision)}"
            yield _Candidate(says, (ours, theirs, provision, alliance), ally=x, state=y)

    def transfers(self, supplier: NamedNode | None, recipient: NamedNode | None) -> Iterator[_Candidate]:
        for node, x, z in self._rows(
            f"""SELECT ?t ?x ?z WHERE {{ {_bind("x", supplier)} {_bind("z", recipient)}
                ?t a foedus:ArmsTransfer ; foedus:supplier ?x ; foedus:recipient ?z }} ORDER BY ?t"""
        ):
            yield _Candidate(self._name(node), (node,), adversary=z, ally=x)

    def hostilities(
        self, adversary: NamedNode | None, state: NamedNode | None, kinds: Sequence[str]
    ) -> Iterator[_Candidate]:
        for node, z, y in self._rows(
            f"""SELECT DISTINCT ?h ?z ?y WHERE {{
                {_values("kind", kinds)} {_bind("z", adversary)} {_bind("y", state)} ?h a ?kind .
                {{ ?h foedus:sideA ?z ; foedus:sideB ?y }} UNION {{ ?h foedus:sideB ?z ; foedus:sideA ?y }} UNION
                {{ ?h foedus:rival ?z, ?y }} UNION {{ ?h foedus:actor ?z ; foedus:target ?y }} UNION
                {{ ?h foedus:target ?z ; foedus:actor ?y }} FILTER(?z != ?y) }} ORDER BY ?h ?z ?y"""
        ):
            yield _Candidate(self._name(node), (node,), adversary=z, state=y)

    def attacks(self, attacker: NamedNode | None, state: NamedNode | None) -> Iterator[_Candidate]:
        for node, z, y in self._rows(
            f"""SELECT DISTINCT ?h ?z ?y WHERE {{ {_bind("z", attacker)} {_bind("y", state)}
                {{ ?h a foedus:Incursion ; foedus:actor ?z ; foedus:target ?y }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:initiator ?z . ?h ?one ?z ; ?other ?y .
                   FILTER(?one != ?other)
                   FILTER(?one IN (foedus:sideA, foedus:sideB) && ?other IN (foedus:sideA, foedus:sideB)) }} }}
                ORDER BY ?h"""
        ):
            yield _Candidate(self._name(node), (node,), adversary=z, state=y)

    def acquiescences(self, ally: NamedNode | None) -> Iterator[_Candidate]:
        for node, transfer, x, z in self._rows(
            f"""SELECT ?a ?t ?x ?z WHERE {{ {_bind("x", ally)}
                ?a a foedus:Acquiescence ; foedus:actor ?x ; foedus:acquiescesIn ?t .
                ?t foedus:recipient ?z }} ORDER BY ?a"""
        ):
            yield _Candidate(self._name(node), (node, transfer), adversary=z, ally=x)

    # ------------------------------------------------------------ legs

    def leg(self, name: str, candidates: Sequence[_Candidate], nothing: str) -> Leg:
        """Whether any candidate counts; else what each lacks, or that there is none."""
        found, shortfalls = [], []
        for candidate in candidates:
            missing = self._uncounted(candidate)
            missing = missing or self._apart(candidate.nodes)
            if missing is None:
                found.append(candidate.says)
            else:
                shortfalls.append(missing)
        if found:
            return Leg(name, True, tuple(dict.fromkeys(found)))
        if not candidates:
            shortfalls = [Shortfall("unrecorded", nothing, "a source that records one")]
        order = {"time": 0, "policy": 1, "denied": 2, "unrecorded": 3}
        return Leg(
            name,
            False,
            (),
            tuple(sorted(dict.fromkeys(shortfalls), key=lambda s: (order[s.kind], s.days or 0, s.says))),
        )

    def together(self, legs: Sequence[Sequence[_Candidate]], question: str, roles: Roles) -> Leg:
        """Every premise holds by itself: whether they fit one another and meet in time."""
        shortfalls = []
        for combination in product(
            *([c for c in leg if self._uncounted(c) is None and self._apart(c.nodes) is None] for leg in legs)
        ):
            if not _fit(combination, roles):
                continue
            missing = self._apart([node for candidate in combination for node in candidate.nodes])
            if missing is None:
                return Leg("together", True, (" · ".join(c.says for c in combination),))
            shortfalls.append(missing)
        if not shortfalls:
            says = "each premise holds, but with different states: no one state fills every place"
            shortfalls = [Shortfall("unrecorded", says, "the same states in every premise")]
        return Leg("together", False, (), tuple(sorted(dict.fromkeys(shortfalls), key=lambda s: (s.days or 0, s.says))))

    def _uncounted(self, candidate: _Candidate) -> Shortfall | None:
        for node in candidate.nodes:
            if node in self.bounds:
                continue
            rows = [
                (c, local_name(s), local_name(m))
                for c, s, m in self._rows(
                    f"SELECT ?c ?s ?m WHERE {{ ?c foedus:claims <{node}> ; "
                    "foedus:stance ?s ; foedus:modality ?m } ORDER BY ?c"
                )
            ]
            claims = tuple(row[0] for row in rows)
            for_it = [row for row in rows if row[1] != "Denies"]
            if rows and not for_it:
                says = f"{self._name(node)}: sources only deny it"
                return Shortfall("denied", says, "a source that asserts it", claims=claims)
            best = max((row[2] for row in for_it), key=_RANKS.index, default="")
            how = f"only {best.lower()}, which the policy does not admit" if best else "claimed by nobody"
            says = f"{self._name(node)}: {how}"
            return Shortfall("policy", says, "a policy that admits the claim, or a surer source", claims=claims)
        return None

    def _apart(self, nodes: Sequence[str]) -> Shortfall | None:
        worst: tuple[int, str, str] | None = None
        for one, two in combinations(nodes, 2):
            first, second = self.bounds[one], self.bounds[two]
            gap = max((second.begin_earliest - first.end_latest).days, (first.begin_earliest - second.end_latest).days)
            if gap > 0 and (worst is None or gap > worst[0]):
                worst = (gap, one, two)
        if worst is None:
            return None
        days, one, two = worst
        says = f"{self._name(one)} and {self._name(two)} miss each other by {days} days"
        return Shortfall("time", says, f"one of them to last {days} days longer", days=days)

    def no_obligation(self, ally: NamedNode | None, state: NamedNode | None, kinds: Sequence[str]) -> str:
        """Why there is no candidate for an obligation, as near as the record comes."""
        shared = self._rows(
            f"""SELECT DISTINCT ?alliance WHERE {{ {_bind("x", ally)} {_bind("y", state)}
                ?ours foedus:alliance ?alliance ; foedus:member ?x . ?theirs foedus:alliance ?alliance ; foedus:member
                ?y . FILTER(?x != ?y) }} ORDER BY ?alliance"""
        )
        kind = "defense" if len(kinds) == 1 else "any"
        if shared:
            names = ", ".join(self._name(row[0]) for row in shared)
            return f"a common alliance is recorded ({names}), but no {kind} provision of it"
        said = []
        for who in (ally, state):
            if who is not None:
                rows = self._rows(
                    f"SELECT DISTINCT ?a WHERE {{ ?m foedus:member {who} ; foedus:alliance ?a }} ORDER BY ?a"
                )
                where = ", ".join(self._name(row[0]) for row in rows) or "no alliance"
                said.append(f"{self._name(who.value)} is recorded in {where}")
        return "no common alliance is recorded" + (f": {'; '.join(said)}" if said else "")

    def nothing(self, kind: str, words: str, one: NamedNode | None, two: NamedNode | None) -> str:
        """That nothing of a kind is recorded, and what that silence is worth."""
        joint = " to " if kind == "ArmsTransfer" else " and "
        who = joint.join(
            self._name(n.value) if n else "anybody" for n in (one, two) if n is not None or kind == "ArmsTransfer"
        )
        covered = self._rows(f"SELECT ?s WHERE {{ ?s foedus:coversClass foedus:{kind} }} ORDER BY ?s")
        if covered:
            names = ", ".join(self._name(row[0]) for row in covered)
            worth = f"{names} sets out to record them in full"
        else:
            worth = "no source at hand sets out to record them in full, so this is not covered rather than no"
        return f"no {words} is recorded for {who}; {worth}"

    # ------------------------------------------------------------ looking up

    def _name(self, node: str) -> str:
        return self._names([NamedNode(node)]).get(node) or local_name(node)

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        answer = self._store.query(f"PREFIX foedus: <{FOEDUS.base}>\n{query}", default_graphs=self._graphs)
        assert isinstance(answer, QuerySolutions)
        return [tuple(term.value for term in solution) for solution in answer]


_BOUNDS: Final = (FOEDUS.beginEarliest, FOEDUS.beginLatest, FOEDUS.endEarliest, FOEDUS.endLatest)


def _fit(combination: Sequence[_Candidate], roles: Roles) -> bool:
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


def _bind(variable: str, node: NamedNode | None) -> str:
    return f"VALUES ?{variable} {{ {node} }}" if node else ""


def _values(variable: str, names: Sequence[str]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(f'foedus:{name}' for name in names)} }}"
