"""What if: facts added or withdrawn on a draft, and only what changes comes back.

A scenario changes what the sources say, holds the change against the shapes, and revises the conclusions. The graph it
starts from is never touched, and what comes out is what a build from the changed facts would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Triple

from kg.columns import Columns, Numbers, distinct
from kg.drafting import Draft
from kg.errors import ValidationError
from kg.revising import Basis, Revision
from kg.store.base import Store
from kg.terms import Term, local_name
from kg.vocab import FOEDUS, GRAPH, PROV

__all__ = ["Conclusion", "Difference", "check_change", "compare", "conclusions", "difference"]

KINDS: Final = (
    FOEDUS.AllySupplyingAdversary,
    FOEDUS.AllyAttackingAlly,
    FOEDUS.UnansweredObligation,
    FOEDUS.ComplicitAlly,
    FOEDUS.DividedLoyalty,
)
SHORTCUTS: Final = (
    FOEDUS.adversaryOf,
    FOEDUS.alliedWith,
    FOEDUS.betrays,
    FOEDUS.owesDefenseTo,
    FOEDUS.suppliesAdversaryOf,
    FOEDUS.suppliesArmsTo,
)


BOUNDS: Final = (FOEDUS.beginEarliest, FOEDUS.beginLatest, FOEDUS.endEarliest, FOEDUS.endLatest)


@dataclass(frozen=True)
class Conclusion:
    """One conclusion: an episode of a kind, an obligation or a shortcut between two states.

    Attributes:
        key: IRI of the episode or the obligation, or the IRIs of the shortcut's triple.
        kind: local name of the class, or of the shortcut.
        status: how surely it holds, or ``""`` for a shortcut.
        overlap: whether its premises meet for certain, or ``""`` for a shortcut.
        bounds: begin earliest and latest, end earliest and latest, or none for a shortcut.
    """

    key: str | tuple[str, str, str]
    kind: str
    status: str = ""
    overlap: str = ""
    bounds: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """Status, overlap and each of the bounds, in words, for telling what changed."""
        names = ("begin earliest", "begin latest", "end earliest", "end latest")
        days = (
            tuple(f"{name} {day}" for name, day in zip(names, self.bounds, strict=True)) if self.bounds else ("",) * 4
        )
        return (self.status.lower(), self.overlap.lower(), *days)

    def to_dict(self) -> dict[str, object]:
        """The conclusion as plain data."""
        key = {"node": self.key} if isinstance(self.key, str) else {"triple": list(self.key)}
        return {**key, "kind": self.kind, "status": self.status, "overlap": self.overlap, "bounds": list(self.bounds)}


@dataclass(frozen=True)
class Difference:
    """What differs between two sets of conclusions.

    Attributes:
        gained: conclusions that only the second has.
        lost: conclusions that only the first has.
        altered: conclusions of both whose status, overlap or bounds differ: as they were, as they are.
    """

    gained: tuple[Conclusion, ...]
    lost: tuple[Conclusion, ...]
    altered: tuple[tuple[Conclusion, Conclusion], ...]

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.altered)


def check_change(draft: Draft) -> None:
    """Hold a draft against the shapes: only what it changes, for what was there before had to conform.

    Raises:
        ValidationError: the change breaks a shape.
    """
    from kg.validation import validate_change  # rdflib takes a while to import, and taking away needs no check

    graph = GRAPH.asserted("scenario")
    added, removed = (
        [Quad(t.subject, t.predicate, t.object, graph) for t in part] for part in (draft.added, draft.removed)
    )
    found = validate_change(_Together(draft), {graph: "scenario"}, added, removed)
    violations = [violation for violation in found if violation.severity == "Violation"]
    if violations:
        raise ValidationError(violations)


class _Together:
    """A draft as a store of one graph, to read."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def match(
        self,
        graphs: Sequence[NamedNode],
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
    ) -> Iterator[Triple]:
        return self._draft.match(subject, predicate, obj) if graphs else iter(())

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        return self._draft.match()


def conclusions(store: Store, view: str) -> dict[str | tuple[str, str, str], Conclusion]:
    """What follows under a policy: episodes by kind, obligations, and shortcuts."""
    kinds = " ".join(map(str, (*KINDS, FOEDUS.Obligation)))
    found: dict[str | tuple[str, str, str], Conclusion] = {}
    for node, kind, status, overlap, *bounds in _rows(
        store,
        [GRAPH.derived(view), GRAPH.inferred(view)],
        f"""SELECT ?node ?kind ?status ?overlap ?b1 ?b2 ?b3 ?b4 WHERE {{
            VALUES ?kind {{ {kinds} }}
            ?node a ?kind ; {FOEDUS.status} ?status ; {FOEDUS.overlap} ?overlap ; {FOEDUS.beginEarliest} ?b1 ;
              {FOEDUS.beginLatest} ?b2 ; {FOEDUS.endEarliest} ?b3 ; {FOEDUS.endLatest} ?b4
            FILTER EXISTS {{ ?node {PROV.wasDerivedFrom} ?premise }} }}""",
    ):
        found[node] = Conclusion(node, local_name(kind), local_name(status), local_name(overlap), tuple(bounds))
    for triple in store.triples(GRAPH.inferred(view)):
        if (
            triple.predicate in SHORTCUTS
            and isinstance(triple.subject, NamedNode)
            and isinstance(triple.object, NamedNode)
        ):
            key = (triple.subject.value, triple.predicate.value, triple.object.value)
            found[key] = Conclusion(key, local_name(triple.predicate.value))
    return found


def difference(basis: Basis, revision: Revision) -> Difference:
    """What a revision changes, in the time that what changes takes.

    Args:
        basis: what the conclusions were worked out from before.
        revision: the change.
    """
    changed = [getattr(part, side) for part in (revision.derived, revision.inferred) for side in ("added", "removed")]
    nodes = distinct(np.concatenate([columns.subject for columns in changed]))
    before, after = _of_nodes(basis, nodes), _of_nodes(revision.basis, nodes)
    before.update(_shortcuts(basis, revision.inferred.removed))
    after.update(_shortcuts(basis, revision.inferred.added))
    return compare(before, after)


def _of_nodes(basis: Basis, nodes: Numbers) -> dict[str | tuple[str, str, str], Conclusion]:
    """The episodes and obligations among some nodes, as :func:`conclusions` has them."""
    find, term = basis.facts.dictionary.find, basis.facts.dictionary.term
    said: dict[int, dict[int, int]] = {}
    for subject, predicate, obj in basis.derivation.about(nodes).rows():
        said.setdefault(subject, {})[predicate] = obj
    wanted = [find(prop) for prop in (FOEDUS.status, FOEDUS.overlap, *BOUNDS, PROV.wasDerivedFrom)]
    whole = np.array([n for n, values in said.items() if all(p in values for p in wanted)], dtype=np.int64)
    found: dict[str | tuple[str, str, str], Conclusion] = {}
    for kind in (*KINDS, FOEDUS.Obligation):
        for number in whole[basis.are(whole, kind)].tolist():
            status, overlap, *bounds = (_value(term(said[number][prop])) for prop in wanted[:-1])
            node = _value(term(number))
            found[node] = Conclusion(
                node, local_name(kind.value), local_name(status), local_name(overlap), tuple(bounds)
            )
    return found


def _shortcuts(basis: Basis, columns: Columns) -> dict[str | tuple[str, str, str], Conclusion]:
    dictionary = basis.facts.dictionary
    chosen = np.isin(columns.predicate, [dictionary.find(prop) for prop in SHORTCUTS])
    found: dict[str | tuple[str, str, str], Conclusion] = {}
    for triple in columns.where(chosen).decode(dictionary):
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
            key = (triple.subject.value, triple.predicate.value, triple.object.value)
            found[key] = Conclusion(key, local_name(triple.predicate.value))
    return found


def _value(term: object) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value


def compare(
    before: Mapping[str | tuple[str, str, str], Conclusion], after: Mapping[str | tuple[str, str, str], Conclusion]
) -> Difference:
    """What differs between two sets of conclusions, sorted by kind and key."""

    def sort(items: Iterable[Conclusion]) -> tuple[Conclusion, ...]:
        return tuple(sorted(items, key=lambda c: (c.kind, str(c.key))))

    both = sorted(before.keys() & after.keys(), key=lambda key: (before[key].kind, str(key)))
    return Difference(
        gained=sort(after[key] for key in after.keys() - before.keys()),
        lost=sort(before[key] for key in before.keys() - after.keys()),
        altered=tuple((before[key], after[key]) for key in both if before[key] != after[key]),
    )


def _rows(store: Store, graphs: Sequence[NamedNode], query: str) -> Iterator[list[str]]:
    answer = store.query(query, default_graphs=graphs)
    assert isinstance(answer, QuerySolutions)
    for solution in answer:
        yield [term.value for term in solution]
