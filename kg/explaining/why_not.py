"""Why something does not follow: which premise holds, which fails, and how near it came.

The premises of a conclusion are looked for one by one: among what counts under the policy, then among what is
recorded at all. What is recorded and does not count is named with the claims that would have to be admitted; what
counts and does not meet in time, with the days between; what is not recorded, with whether any source sets out to
record it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, product
from typing import Final, TypeAlias

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
        kind: ``"time"``, ``"policy"``, ``"denied"``, ``"unrecorded"``, or ``"answered"`` where help was given.
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
    """Something recorded that could fill a premise: nodes that all have to count, and but for some to meet in time."""

    says: str
    nodes: tuple[str, ...]
    undated: tuple[str, ...] = ()
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
    record = _Record(store, recorded, accepted, names, refusal)
    asked = list(_asked(record, question, roles))
    legs = [record.leg(name, candidates, nothing) for name, candidates, nothing in asked]
    if all(leg.holds for leg in legs):
        answered = record.help if question == "unanswered-obligations" else None
        legs += record.together([candidates for _, candidates, _ in asked], roles, answered)
    return WhyNot(question, view, tuple(legs))


_Asked: TypeAlias = tuple[str, "list[_Candidate]", Sequence[str]]
"""The name of a premise, what could fill it, and what to say where nothing can."""


def _asked(record: _Record, question: str, roles: Roles) -> Iterator[_Asked]:
    """The premises of a conclusion."""
    ally, state, adversary = roles.ally, roles.state, roles.adversary
    any_bond = question in ("allies-attacking-allies", "divided-loyalties")
    kinds = _PROVISIONS if any_bond else ("DefenseProvision",)
    yield "obligation", list(record.obligations(ally, state, kinds)), [record.no_obligation(ally, state, kinds)]
    if question == "allies-attacking-allies":
        attacks = [replace(c, ally=c.adversary, adversary="") for c in record.attacks(ally, state, begun=False)]
        yield "attack", attacks, [record.nothing(_FIGHTING, "armed conflict or incursion", ally, state)]
        return
    if question == "unanswered-obligations":
        nothing = record.nothing(_FIGHTING, "attack", adversary, state)
        yield "attack", list(record.attacks(adversary, state)), [nothing]
        return
    if question == "allies-supplying-adversary":
        nothing = record.nothing(("ArmsTransfer",), "transfer of arms", ally, adversary)
        yield "supply", list(record.transfers(ally, adversary)), [nothing]
    if question == "complicit-allies":
        nothing = record.nothing(("Acquiescence",), "acquiescence in a transfer", ally, None)
        yield "acquiescence", list(record.acquiescences(ally)), [nothing]
    enmities = list(record.hostilities(adversary, state))
    yield "hostility", enmities, [record.nothing(_HOSTILE, "hostility", adversary, state)]
    if question == "divided-loyalties" and enmities:
        sides = [NamedNode(side) for side in dict.fromkeys(c.adversary for c in enmities)]
        bonds = [bond for side in sides for bond in record.obligations(ally, side, kinds)]
        others = [replace(bond, state="", adversary=bond.state) for bond in bonds]
        yield "other loyalty", others, [record.no_obligation(ally, side, kinds) for side in sides]


_FIGHTING: Final = ("ArmedConflict", "Incursion")
_HOSTILE: Final = (*_FIGHTING, "MilitarizedDispute", "Rivalry")
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
        refusal: Callable[[NamedNode], str],
    ) -> None:
        self._store, self._graphs, self._names, self._refusal = store, list(recorded), names, refusal
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
                ?provision a ?kind ; foedus:providedBy ?alliance . ?alliance a foedus:Alliance .
                ?ours a foedus:Membership . ?theirs a foedus:Membership .
                ?ours foedus:alliance ?alliance ; foedus:member ?x . ?theirs foedus:alliance ?alliance ; foedus:member
                ?y . FILTER(?x != ?y)
                FILTER(EXISTS {{ ?provision foedus:binds ?x }} || NOT EXISTS {{ ?provision foedus:binds ?bound }})
                FILTER(EXISTS {{ ?provision foedus:benefits ?y }} || NOT EXISTS {{ ?provision foedus:benefits ?other }})
            }} ORDER BY ?provision ?ours ?theirs"""
        ):
            says = f"{self._name(x)} is bound to {self._name(y)} by {self._name(provision)}"
            yield _Candidate(says, (ours, theirs, provision, alliance), ally=x, state=y)

    def transfers(self, supplier: NamedNode | None, recipient: NamedNode | None) -> Iterator[_Candidate]:
        for node, x, z in self._rows(
            f"""SELECT ?t ?x ?z WHERE {{ {_bind("x", supplier)} {_bind("z", recipient)}
                ?t a foedus:ArmsTransfer ; foedus:supplier ?x ; foedus:recipient ?z }} ORDER BY ?t"""
        ):
            yield _Candidate(self._name(node), (node,), adversary=z, ally=x)

    def hostilities(self, adversary: NamedNode | None, state: NamedNode | None) -> Iterator[_Candidate]:
        for node, z, y in self._rows(
            f"""SELECT DISTINCT ?h ?z ?y WHERE {{
                {_values("kind", _HOSTILE)} {_bind("z", adversary)} {_bind("y", state)} ?h a ?kind .
                {{ ?h foedus:sideA ?z ; foedus:sideB ?y }} UNION {{ ?h foedus:sideB ?z ; foedus:sideA ?y }} UNION
                {{ ?h foedus:rival|foedus:party ?z, ?y }} UNION {{ ?h foedus:actor ?z ; foedus:target ?y }} UNION
                {{ ?h foedus:target ?z ; foedus:actor ?y }} {_STATES} }} ORDER BY ?h ?z ?y"""
        ):
            yield _Candidate(self._name(node), (node,), adversary=z, state=y)

    def attacks(
        self, attacker: NamedNode | None, state: NamedNode | None, *, begun: bool = True
    ) -> Iterator[_Candidate]:
        """Attacks of one state on another; with ``begun`` only those of which it is said who began."""
        unsaid = (
            ""
            if begun
            else "UNION { ?h a foedus:ArmedConflict FILTER NOT EXISTS { ?h foedus:initiator ?anyone } "
            "{ ?h foedus:sideA ?z ; foedus:sideB ?y } UNION { ?h foedus:sideB ?z ; foedus:sideA ?y } }"
        )
        for node, z, y in self._rows(
            f"""SELECT DISTINCT ?h ?z ?y WHERE {{ {_bind("z", attacker)} {_bind("y", state)}
                {{ ?h a foedus:Incursion ; foedus:actor ?z ; foedus:target ?y }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:initiator ?z .
                   {{ ?h foedus:sideA ?z ; foedus:sideB ?y }} UNION {{ ?h foedus:sideB ?z ; foedus:sideA ?y }} }}
                {unsaid} {_STATES} }} ORDER BY ?h ?z ?y"""
        ):
            yield _Candidate(self._name(node), (node,), adversary=z, state=y)

    def acquiescences(self, ally: NamedNode | None) -> Iterator[_Candidate]:
        # What is let happen is dated by the transfer itself.
        for node, transfer, x, z in self._rows(
            f"""SELECT ?a ?t ?x ?z WHERE {{ {_bind("x", ally)}
                ?a a foedus:Acquiescence ; foedus:actor ?x ; foedus:acquiescesIn ?t .
                ?t a foedus:ArmsTransfer ; foedus:supplier ?supplier ; foedus:recipient ?z
                FILTER(?supplier != ?x) }} ORDER BY ?a ?t ?z"""
        ):
            yield _Candidate(self._name(node), (node, transfer), undated=(node,), adversary=z, ally=x)

    def help(self, combination: Sequence[_Candidate]) -> str:
        """The first recorded help against an attack that counts and can have fallen within it, or ``""``."""
        bond, attack = combination
        ally, state, attacker = (str(NamedNode(n)) for n in (bond.ally, attack.state, attack.adversary))
        for (node,) in self._rows(
            f"""SELECT DISTINCT ?h WHERE {{
                {{ ?h a foedus:Assistance ; foedus:actor {ally} ; foedus:target {state} }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:sideA {ally} ; foedus:sideB {attacker} }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:sideB {ally} ; foedus:sideA {attacker} }} }} ORDER BY ?h"""
        ):
            if node in self.bounds and self._apart([node, *attack.nodes]) is None:
                return self._name(node)
        return ""

    # ------------------------------------------------------------ legs

    def leg(self, name: str, candidates: Sequence[_Candidate], nothing: Sequence[str]) -> Leg:
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
        legs: Sequence[Sequence[_Candidate]],
        roles: Roles,
        answered: Callable[[Sequence[_Candidate]], str] | None,
    ) -> list[Leg]:
        """Every premise holds by itself: whether they fit one another and meet in time, and whether help was given."""
        shortfalls: list[Shortfall] = []
        meeting: list[str] = []
        helps: list[str] = []
        counting = ([c for c in leg if not self._uncounted(c) and not self._apart(_dated([c]))] for leg in legs)
        for combination in product(*counting):
            if not _fit(combination, roles):
                continue
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
            if not rows:
                return Shortfall("policy", f"{self._name(node)}: claimed by nobody", "a source that claims it")
            surest = max(for_it, key=lambda row: _RANKS.index(row[2]))
            how = self._refusal(NamedNode(surest[0]))
            if not how:
                plain = any(stance in ("Asserts", "Accuses") for _, stance, _ in for_it)
                how = "left out by the policy" if plain else "only intended, expected or made a condition"
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
        count = "1 day" if days == 1 else f"{days} days"
        says = f"{self._name(one)} and {self._name(two)} miss each other by {count}"
        return Shortfall("time", says, f"one of them to last {count} longer", days=days)

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

    def nothing(self, kinds: Sequence[str], words: str, one: NamedNode | None, two: NamedNode | None) -> str:
        """That nothing of some kinds is recorded, and what that silence is worth."""
        transfer = kinds == ("ArmsTransfer",)
        joint = " to " if transfer else " and "
        who = joint.join(self._name(n.value) if n else "anybody" for n in (one, two) if n is not None or transfer)
        covered = self._rows(
            f"SELECT DISTINCT ?s ?kind ?note WHERE {{ {_values('kind', kinds)} ?s foedus:coversClass ?kind . "
            'OPTIONAL { ?s foedus:coverageNote ?said } BIND(COALESCE(STR(?said), "") AS ?note) } ORDER BY ?s ?note'
        )
        if {kind for _, kind, _ in covered} == {FOEDUS.base + kind for kind in kinds}:
            # Outside of what a source covers, silence is worth nothing: its note says for which years it speaks.
            told = {self._name(s): note.removesuffix(".") for s, _, note in covered}
            names = " and ".join(f"{name} ({note})" if note else name for name, note in told.items())
            worth = f"within what it covers {names} sets out to record them in full"
        else:
            worth = "no source at hand sets out to record them in full, so this is not covered rather than no"
        return f"no {words} is recorded for {who or 'anybody'}; {worth}"

    # ------------------------------------------------------------ looking up

    def _name(self, node: str) -> str:
        return self._names([NamedNode(node)]).get(node) or local_name(node)

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        answer = self._store.query(f"PREFIX foedus: <{FOEDUS.base}>\n{query}", default_graphs=self._graphs)
        assert isinstance(answer, QuerySolutions)
        return [tuple(term.value for term in solution) for solution in answer]


_BOUNDS: Final = (FOEDUS.beginEarliest, FOEDUS.beginLatest, FOEDUS.endEarliest, FOEDUS.endLatest)


_STATES: Final = "?z a foedus:State . ?y a foedus:State FILTER(?z != ?y)"


def _dated(candidates: Sequence[_Candidate]) -> list[str]:
    """The nodes that have to meet in time."""
    return [node for candidate in candidates for node in candidate.nodes if node not in candidate.undated]


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
