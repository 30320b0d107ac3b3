"""Robustness: which conclusions stand under which definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions, Triple

from kg.drafting import Draft
from kg.store.base import Store
from kg.terms import local_name
from kg.vocab import FOEDUS

__all__ = ["DEFINITIONS", "Case", "by_order", "cases", "stand"]


@dataclass(frozen=True)
class Case:
    """One episode as far as definitions ask about it.

    Attributes:
        rule: name of the rule that made it.
        ally: IRI of the state that owes the obligation.
        state: IRI of the state to which it is owed.
        conduct: IRI of the transfer, the attack or the acquiescence.
        alliance: IRI of the alliance.
        bond: local name of the class of the obligation.
        enmity: local name of the class of the hostility.
        overlap: ``"Definite"`` or ``"Possible"``.
    """

    rule: str
    ally: str
    state: str
    conduct: str
    alliance: str
    bond: str
    enmity: str
    overlap: str

    @property
    def conclusion(self) -> tuple[str, str, str, str]:
        """What it is about, whatever the definitions."""
        return (self.rule, self.ally, self.state, self.conduct)


_SHORT_OF_FORCE: Final = ("DisputeHostility", "RivalryHostility")
_NEEDS_DEFENSE: Final = ("ally-supplying-adversary", "complicit-ally", "unanswered-obligation")


def _usual(case: Case) -> bool:
    return case.bond == "DefenseObligation" or case.rule not in _NEEDS_DEFENSE


DEFINITIONS: Final[dict[str, Callable[[Case], bool]]] = {
    "usual": _usual,
    "any obligation": lambda case: True,
    "fighting only": lambda case: _usual(case) and case.enmity not in _SHORT_OF_FORCE,
    "rivalry only": lambda case: _usual(case) and case.enmity == "RivalryHostility",
    "definite only": lambda case: _usual(case) and case.overlap == "Definite",
}
"""Definitions that choose among the episodes of one view, by name."""


def cases(store: Store, graphs: Sequence[NamedNode]) -> list[Case]:
    """The episodes of a view.

    Args:
        store: the store.
        graphs: the graphs of the view.
    """
    answer = store.query(_CASES, default_graphs=graphs)
    assert isinstance(answer, QuerySolutions)
    found = []
    for rule, ally, state, conduct, alliance, bond, enmity, overlap in ([t.value for t in row] for row in answer):
        names = (local_name(bond), local_name(enmity), local_name(overlap))
        found.append(Case(local_name(rule), ally, state, conduct, alliance, *names))
    return found


def stand(found: Sequence[Case], definition: Callable[[Case], bool]) -> dict[tuple[str, str, str, str], str]:
    """The conclusions that stand under a definition, each with the better of its overlaps."""
    standing: dict[tuple[str, str, str, str], str] = {}
    for case in found:
        if definition(case) and standing.get(case.conclusion) != "Definite":
            standing[case.conclusion] = case.overlap
    return standing


def by_order(draft: Draft) -> None:
    """Date each transfer by its order instead of its delivery, where the order has a date."""
    for ordered in list(draft.match(None, FOEDUS.orderedOn)):
        transfer = ordered.subject
        assert isinstance(transfer, NamedNode)
        draft.take([*draft.match(transfer, FOEDUS.begin), *draft.match(transfer, FOEDUS.end)])
        draft.add(Triple(transfer, prop, ordered.object) for prop in (FOEDUS.begin, FOEDUS.end))


_CASES: Final = """
PREFIX foedus: <https://w3id.org/foedus/ns#>
SELECT DISTINCT ?rule ?ally ?state ?conduct ?alliance ?bond ?enmity ?overlap
WHERE {
  ?episode a foedus:Episode ; foedus:derivedByRule ?rule ; foedus:overlap ?overlap ; foedus:obligationLeg ?obligation .
  ?obligation a ?bond ; foedus:obligor ?ally ; foedus:obligee ?state ; foedus:underAlliance ?alliance .
  FILTER(?bond IN (foedus:ConsultationObligation, foedus:DefenseObligation, foedus:NeutralityObligation,
                   foedus:NonaggressionObligation, foedus:OffenseObligation))
  { ?episode foedus:hostilityLeg ?hostility } UNION { ?episode foedus:attackLeg ?hostility }
  UNION { ?episode foedus:triggerLeg ?hostility }
  ?hostility a ?enmity ; foedus:arisesFrom ?event .
  FILTER(?enmity IN (foedus:ConflictHostility, foedus:DisputeHostility, foedus:IncursionHostility,
                     foedus:RivalryHostility))
  OPTIONAL { ?episode foedus:supplyLeg ?supply }
  OPTIONAL { ?episode foedus:acquiescenceLeg ?acquiescence }
  BIND(COALESCE(?supply, ?acquiescence, ?event) AS ?conduct)
}
"""
