"""What is recorded that could fill the premises of a conclusion, whether it counts or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions

from kg.store.base import Store
from kg.terms import local_name
from kg.time import Bounds
from kg.vocab import FOEDUS

__all__ = ["FIGHTING", "HOSTILE", "PROVISIONS", "Candidate", "Record"]

FIGHTING: Final = ("ArmedConflict", "Incursion")
"""Kinds of attack."""
HOSTILE: Final = (*FIGHTING, "MilitarizedDispute", "Rivalry")
"""Kinds of hostility."""
PROVISIONS: Final = tuple(
    f"{k}Provision" for k in ("Consultation", "Defense", "Neutrality", "Nonaggression", "Offense")
)
"""Kinds of provision, any of which binds."""
_BOUNDS: Final = (FOEDUS.beginEarliest, FOEDUS.beginLatest, FOEDUS.endEarliest, FOEDUS.endLatest)
_STATES: Final = "?z a foedus:State . ?y a foedus:State FILTER(?z != ?y)"


@dataclass(frozen=True)
class Candidate:
    """Something recorded that could fill a premise: nodes that all have to count, and but for some to meet in time."""

    says: str
    nodes: tuple[str, ...]
    undated: tuple[str, ...] = ()
    adversary: str = ""
    ally: str = ""
    state: str = ""


class Record:
    """What is recorded, with the dates of what counts.

    Args:
        store: the store.
        recorded: the graphs that hold what is recorded: asserted and ontology.
        accepted: the accepted graph of the view.
        names: gives a name for each of some nodes.

    Attributes:
        bounds: when it holds, for all that has been found and counts, by IRI.
    """

    def __init__(
        self,
        store: Store,
        recorded: Sequence[NamedNode],
        accepted: NamedNode,
        names: Callable[[Sequence[NamedNode]], Mapping[str, str]],
    ) -> None:
        self._store, self._graphs, self._accepted, self._find_names = store, list(recorded), accepted, names
        self._names: dict[str, str] = {}
        self.bounds: dict[str, Bounds] = {}

    def obligations(self, ally: NamedNode | None, state: NamedNode | None, kinds: Sequence[str]) -> Iterator[Candidate]:
        """Promises of some kinds that one state owes another by alliances of both."""
        for provision, alliance, ours, theirs, x, y in self.find(
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
            says = f"{self.name(x)} is bound to {self.name(y)} by {self.name(provision)}"
            yield Candidate(says, (ours, theirs, provision, alliance), ally=x, state=y)

    def transfers(self, supplier: NamedNode | None, recipient: NamedNode | None) -> Iterator[Candidate]:
        """Transfers of arms from one state to another."""
        for node, x, z in self.find(
            # Each property in a query within: Oxigraph joins them at once instead of looking up transfer by transfer.
            f"""SELECT ?t ?x ?z WHERE {{
                {{ SELECT ?t ?x WHERE {{ {_bind("x", supplier)} ?t foedus:supplier ?x }} }}
                {{ SELECT ?t ?z WHERE {{ {_bind("z", recipient)} ?t foedus:recipient ?z }} }}
                {{ SELECT DISTINCT ?t WHERE {{ ?t a foedus:ArmsTransfer }} }} }} ORDER BY ?t"""
        ):
            yield Candidate(self.name(node), (node,), adversary=z, ally=x)

    def hostilities(self, adversary: NamedNode | None, state: NamedNode | None) -> Iterator[Candidate]:
        """Whatever makes two states hostile to each other."""
        for node, z, y in self.find(
            f"""SELECT DISTINCT ?h ?z ?y WHERE {{
                {_values("kind", HOSTILE)} {_bind("z", adversary)} {_bind("y", state)} ?h a ?kind .
                {{ ?h foedus:sideA ?z ; foedus:sideB ?y }} UNION {{ ?h foedus:sideB ?z ; foedus:sideA ?y }} UNION
                {{ ?h foedus:rival|foedus:party ?z, ?y }} UNION {{ ?h foedus:actor ?z ; foedus:target ?y }} UNION
                {{ ?h foedus:target ?z ; foedus:actor ?y }} {_STATES} }} ORDER BY ?h ?z ?y"""
        ):
            yield Candidate(self.name(node), (node,), adversary=z, state=y)

    def attacks(
        self, attacker: NamedNode | None, state: NamedNode | None, *, begun: bool = True
    ) -> Iterator[Candidate]:
        """Attacks of one state on another; with ``begun`` only those of which it is said who began."""
        unsaid = (
            ""
            if begun
            else "UNION { ?h a foedus:ArmedConflict FILTER NOT EXISTS { ?h foedus:initiator ?anyone } "
            "{ ?h foedus:sideA ?z ; foedus:sideB ?y } UNION { ?h foedus:sideB ?z ; foedus:sideA ?y } }"
        )
        for node, z, y in self.find(
            f"""SELECT DISTINCT ?h ?z ?y WHERE {{ {_bind("z", attacker)} {_bind("y", state)}
                {{ ?h a foedus:Incursion ; foedus:actor ?z ; foedus:target ?y }} UNION
                {{ ?h a foedus:ArmedConflict ; foedus:initiator ?z .
                   {{ ?h foedus:sideA ?z ; foedus:sideB ?y }} UNION {{ ?h foedus:sideB ?z ; foedus:sideA ?y }} }}
                {unsaid} {_STATES} }} ORDER BY ?h ?z ?y"""
        ):
            yield Candidate(self.name(node), (node,), adversary=z, state=y)

    def acquiescences(self, ally: NamedNode | None) -> Iterator[Candidate]:
        """What a state let happen of the transfers of others, which is dated by the transfer itself."""
        for node, transfer, x, z in self.find(
            f"""SELECT ?a ?t ?x ?z WHERE {{ {_bind("x", ally)}
                ?a a foedus:Acquiescence ; foedus:actor ?x ; foedus:acquiescesIn ?t .
                ?t a foedus:ArmsTransfer ; foedus:supplier ?supplier ; foedus:recipient ?z
                FILTER(?supplier != ?x) }} ORDER BY ?a ?t ?z"""
        ):
            yield Candidate(self.name(node), (node, transfer), undated=(node,), adversary=z, ally=x)

    def no_obligation(self, ally: NamedNode | None, state: NamedNode | None, kinds: Sequence[str]) -> str:
        """Why there is no candidate for an obligation, as near as the record comes."""
        shared = self.rows(
            f"""SELECT DISTINCT ?alliance WHERE {{ {_bind("x", ally)} {_bind("y", state)}
                ?ours foedus:alliance ?alliance ; foedus:member ?x . ?theirs foedus:alliance ?alliance ; foedus:member
                ?y . FILTER(?x != ?y) }} ORDER BY ?alliance"""
        )
        kind = "defense" if len(kinds) == 1 else "any"
        if shared:
            names = ", ".join(self.name(row[0]) for row in shared)
            return f"a common alliance is recorded ({names}), but no {kind} provision of it"
        said = []
        for who in (ally, state):
            if who is not None:
                rows = self.rows(
                    f"SELECT DISTINCT ?a WHERE {{ ?m foedus:member {who} ; foedus:alliance ?a }} ORDER BY ?a"
                )
                where = ", ".join(self.name(row[0]) for row in rows) or "no alliance"
                said.append(f"{self.name(who.value)} is recorded in {where}")
        return "no common alliance is recorded" + (f": {'; '.join(said)}" if said else "")

    def nothing(self, kinds: Sequence[str], words: str, one: NamedNode | None, two: NamedNode | None) -> str:
        """That nothing of some kinds is recorded, and what that silence is worth."""
        transfer = kinds == ("ArmsTransfer",)
        joint = " to " if transfer else " and "
        who = joint.join(self.name(n.value) if n else "anybody" for n in (one, two) if n is not None or transfer)
        covered = self.rows(
            f"SELECT DISTINCT ?s ?kind ?note WHERE {{ {_values('kind', kinds)} ?s foedus:coversClass ?kind . "
            'OPTIONAL { ?s foedus:coverageNote ?said } BIND(COALESCE(STR(?said), "") AS ?note) } ORDER BY ?s ?note'
        )
        if {kind for _, kind, _ in covered} == {FOEDUS.base + kind for kind in kinds}:
            # Outside of what a source covers, silence is worth nothing: its note says for which years it speaks.
            told = {self.name(s): note.removesuffix(".") for s, _, note in covered}
            names = " and ".join(f"{name} ({note})" if note else name for name, note in told.items())
            worth = f"within what it covers {names} sets out to record them in full"
        else:
            worth = "no source at hand sets out to record them in full, so this is not covered rather than no"
        return f"no {words} is recorded for {who or 'anybody'}; {worth}"

    def name(self, node: str) -> str:
        """What a node is called."""
        if node not in self._names:
            self._learn_names([node])
        return self._names[node]

    def find(self, query: str) -> list[tuple[str, ...]]:
        """The answers to a query for nodes, of which all is learned that is asked of them later."""
        found = self.rows(query)
        nodes = sorted({node for row in found for node in row})
        if nodes:
            self._learn_names(nodes)
            properties = " ; ".join(f"{prop} ?day{number}" for number, prop in enumerate(_BOUNDS))
            dated = f"SELECT ?node ?day0 ?day1 ?day2 ?day3 WHERE {{ {_among(nodes)} ?node {properties} }}"
            answer = self._store.query(dated, default_graphs=[self._accepted])
            assert isinstance(answer, QuerySolutions)
            for node, *days in answer:
                self.bounds[node.value] = Bounds(*(date.fromisoformat(day.value) for day in days))
        return found

    def _learn_names(self, nodes: Sequence[str]) -> None:
        found = self._find_names([NamedNode(node) for node in nodes])
        self._names |= {node: found.get(node) or local_name(node) for node in nodes}

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """The answers to a query over what is recorded."""
        answer = self._store.query(f"PREFIX foedus: <{FOEDUS.base}>\n{query}", default_graphs=self._graphs)
        assert isinstance(answer, QuerySolutions)
        return [tuple(term.value for term in solution) for solution in answer]


def _bind(variable: str, node: NamedNode | None) -> str:
    return f"VALUES ?{variable} {{ {node} }}" if node else ""


def _values(variable: str, names: Sequence[str]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(f'foedus:{name}' for name in names)} }}"


def _among(nodes: Sequence[str]) -> str:
    return f"VALUES ?node {{ {' '.join(f'<{node}>' for node in nodes)} }}"
