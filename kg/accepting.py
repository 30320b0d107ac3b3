"""Accepting: which nodes admitted claims vouch for, how surely, and when they held.

The accepting stage reads the asserted graphs and writes, for every state of affairs that an admitted claim vouches for,
its status (the surest admitted claim), the claims it was accepted through, the admitted claims that contest it, and its
four date bounds (see :mod:`kg.time`). It never changes an asserted graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from kg.store.base import Readable
from kg.store.embedded import EmbeddedStore
from kg.time import OPEN_ABOVE, OPEN_BELOW, Bounds, day_bounds
from kg.trust import MODALITIES, Claim, Policy, as_node, as_text, carriers, read_claims, worth
from kg.vocab import FOEDUS, RDF, XSD

__all__ = ["About", "Reading", "accept", "accepted"]

About: TypeAlias = Callable[[NamedNode], Iterable[Triple]]
"""What the sources say of a node."""

_SAID: Final = NamedNode("urn:said")

_ADMITTED_BY_STANCE: Final[Mapping[NamedNode, frozenset[NamedNode] | None]] = {
    FOEDUS.Asserts: None,
    FOEDUS.Accuses: None,
    FOEDUS.Intends: frozenset({FOEDUS.AnnouncedIntent}),
    FOEDUS.Predicts: frozenset({FOEDUS.Prediction}),
    FOEDUS.Conditions: frozenset({FOEDUS.Condition, FOEDUS.AnnouncedIntent}),
    FOEDUS.Denies: frozenset(),
}
"""Which classes of node a stance makes acceptable; ``None`` is every class."""

_TIMELESS: Final = frozenset(
    {
        FOEDUS.Alliance,
        FOEDUS.Provision,
        FOEDUS.ConsultationProvision,
        FOEDUS.DefenseProvision,
        FOEDUS.NeutralityProvision,
        FOEDUS.NonaggressionProvision,
        FOEDUS.OffenseProvision,
    }
)
"""Classes whose nodes, where no dates are given, last as long as the memberships they are about."""


@dataclass
class _Node:
    types: set[NamedNode] = field(default_factory=set)
    begin: str | None = None
    end: str | NamedNode | None = None
    as_of: str | None = None


@dataclass(frozen=True)
class Reading:
    """What is claimed in some graphs, read once for every policy.

    Attributes:
        claims: the claims, by IRI.
        nodes: what of the claimed nodes decides whether and when they count.
        parts: the parts of each alliance that has any.
    """

    claims: Mapping[NamedNode, Claim]
    nodes: Mapping[NamedNode, _Node]
    parts: Mapping[NamedNode, frozenset[NamedNode]]

    @classmethod
    def of(cls, store: Readable, graphs: Sequence[NamedNode]) -> Reading:
        """Read the asserted graphs of a store."""
        parts: dict[NamedNode, frozenset[NamedNode]] = {}
        for triple in store.match(graphs, predicate=FOEDUS.partOf):
            whole = as_node(triple.object)
            parts[whole] = parts.get(whole, frozenset()) | {as_node(triple.subject)}
        return cls(read_claims(store, graphs), _read_nodes(store, graphs), parts)

    @cached_property
    def carriers(self) -> Mapping[NamedNode, list[NamedNode]]:
        """See :func:`kg.trust.carriers`."""
        return carriers(self.claims)

    @cached_property
    def speaking_of(self) -> Mapping[NamedNode, tuple[NamedNode, ...]]:
        """The claims about each node, whatever their stance."""
        found: dict[NamedNode, list[NamedNode]] = defaultdict(list)
        for claim in self.claims.values():
            for target in claim.targets:
                found[target].append(claim.node)
        return {target: tuple(claims) for target, claims in found.items()}

    @cached_property
    def _sources(self) -> frozenset[NamedNode]:
        """The sources of all claims, and perhaps some that are sources of none any more."""
        return frozenset(source for claim in self.claims.values() for source in claim.sources)

    def changed(self, touched: Collection[NamedNode], about: About) -> tuple[Reading, frozenset[NamedNode] | None]:
        """What is claimed once other things are said of some nodes; this reading stays as it is.

        Args:
            touched: every node of which something else is said now.
            about: what is said of a node now.

        Returns:
            The new reading, and the nodes that may be accepted in another way; ``None`` for any node.
        """
        said = {node: tuple(about(node)) for node in touched}
        again = {node for node in touched if node in self.claims or _says(said[node], FOEDUS.stance)}
        again |= {claim for node in touched for claim in self.speaking_of.get(node, ())}
        dated = self._sources & set(touched)
        if dated:
            again |= {claim.node for claim in self.claims.values() if not dated.isdisjoint(claim.sources)}
        for node in again - said.keys():
            said[node] = tuple(about(node))
        for node in list(again):
            for triple in said[node]:
                if triple.predicate in (FOEDUS.claims, FOEDUS.reportedBy) and isinstance(triple.object, NamedNode):
                    said.setdefault(triple.object, tuple(about(triple.object)))
        few = EmbeddedStore()
        few.insert(_SAID, (triple for triples in said.values() for triple in triples))
        new = Reading.of(few, [_SAID])

        claims, nodes = dict(self.claims), dict(self.nodes)
        for node in again:
            claims.pop(node, None)
        for node in said:
            nodes.pop(node, None)
        nodes.update(new.nodes)
        claims.update((node, claim) for node, claim in new.claims.items() if node in again)
        targets = {t for node in again for t in (*_targets(self.claims, node), *_targets(claims, node))}
        parts = {whole: held - frozenset(touched) for whole, held in self.parts.items()}
        for whole, held in new.parts.items():
            parts[whole] = parts.get(whole, frozenset()) | (held & frozenset(touched))
        parts = {whole: held for whole, held in parts.items() if held}

        reading = Reading(claims, nodes, parts)
        speaking = dict(self.speaking_of)
        passed_on = dict(self.carriers)
        for target in targets:
            others = tuple(claim for claim in speaking.get(target, ()) if claim not in again)
            speaking[target] = others + tuple(c for c in again if target in _targets(claims, c))
        for target in targets | again:
            passing = [c for c in speaking.get(target, ()) if claims[c].stance != FOEDUS.Denies]
            passed_on.pop(target, None)
            if target in claims and passing:
                passed_on[target] = passing
        sources = self._sources.union(*(claims[node].sources for node in again if node in claims))
        reading.__dict__.update(speaking_of=speaking, carriers=passed_on, _sources=sources)
        if parts != self.parts:
            return reading, None
        affected = targets | frozenset(touched)
        frontier = list(affected)
        while frontier:
            node = frontier.pop()
            new_ones = {t for c in (self.claims, claims) for t in _targets(c, node)} - affected
            affected |= new_ones
            frontier.extend(new_ones)
        return reading, frozenset(affected)


def accept(reading: Reading, policy: Policy, only: Collection[NamedNode] | None = None) -> Iterator[Triple]:
    """What the accepted graph of a policy holds, of graphs that have been read.

    Args:
        reading: what is claimed.
        policy: which claims count.
        only: the nodes to look at, where not all.
    """
    return (Triple(node, *pair) for node, pairs in accepted(reading, policy, only) for pair in pairs)


def accepted(
    reading: Reading, policy: Policy, only: Collection[NamedNode] | None = None
) -> Iterator[tuple[NamedNode, Sequence[tuple[NamedNode, NamedNode | Literal]]]]:
    """The same as predicates and objects, by node."""
    claims, nodes = reading.claims, reading.nodes
    speaking: Collection[Claim] = claims.values()
    if only is not None:
        speaking = [claims[c] for c in {c: None for node in only for c in reading.speaking_of.get(node, ())}]
    worths = worth(claims, policy, None if only is None else [c.node for c in speaking], reading.carriers)
    through: dict[NamedNode, list[Claim]] = defaultdict(list)
    against: dict[NamedNode, list[Claim]] = defaultdict(list)
    for claim in speaking:
        if claim.node not in worths:
            continue
        classes = _ADMITTED_BY_STANCE[claim.stance]
        for target in claim.targets:
            if claim.stance == FOEDUS.Denies:
                against[target].append(claim)
            elif target in nodes and (classes is None or classes & nodes[target].types):
                through[target].append(claim)
    excluded = _with_parts(reading.parts, policy.excluded_alliances)
    for target in sorted(through if only is None else through.keys() & set(only), key=lambda n: n.value):
        if target in excluded:
            continue
        vouching = through[target]
        bounds = _bounds(nodes[target], vouching)
        yield (
            target,
            [
                (FOEDUS.status, MODALITIES[max(worths[claim.node] for claim in vouching)]),
                *((FOEDUS.acceptedThrough, claim.node) for claim in vouching),
                *((FOEDUS.contestedBy, claim.node) for claim in against[target]),
                (FOEDUS.beginEarliest, _literal(bounds.begin_earliest)),
                (FOEDUS.beginLatest, _literal(bounds.begin_latest)),
                (FOEDUS.endEarliest, _literal(bounds.end_earliest)),
                (FOEDUS.endLatest, _literal(bounds.end_latest)),
            ],
        )


def _targets(claims: Mapping[NamedNode, Claim], node: NamedNode) -> tuple[NamedNode, ...]:
    claim = claims.get(node)
    return claim.targets if claim else ()


def _says(triples: Iterable[Triple], prop: NamedNode) -> bool:
    return any(triple.predicate == prop for triple in triples)


def _with_parts(
    parts: Mapping[NamedNode, frozenset[NamedNode]], alliances: frozenset[NamedNode]
) -> frozenset[NamedNode]:
    """Alliances with all that is part of them, at any depth."""
    found, new = alliances, alliances
    while new:
        new = frozenset(part for whole in new for part in parts.get(whole, ())) - found
        found |= new
    return found


def _read_nodes(store: Readable, graphs: Sequence[NamedNode]) -> dict[NamedNode, _Node]:
    claims = {t.subject for t in store.match(graphs, predicate=FOEDUS.stance)}
    targets = (t.object for t in store.match(graphs, predicate=FOEDUS.claims))
    nodes = {node: _Node() for node in targets if isinstance(node, NamedNode) and node not in claims}
    for prop in (RDF.type, FOEDUS.begin, FOEDUS.end, FOEDUS.ongoingAsOf):
        for triple in store.match(graphs, predicate=prop):
            record, value = nodes.get(triple.subject), triple.object  # type: ignore[arg-type]
            if record is None:
                continue
            if prop == RDF.type:
                record.types.add(as_node(value))
            elif prop == FOEDUS.begin:
                record.begin = as_text(value)
            elif prop == FOEDUS.ongoingAsOf:
                record.as_of = as_text(value)
            else:
                record.end = value if isinstance(value, NamedNode) else as_text(value)
    # What nothing but a claim speaks of has no description to accept.
    nothing = _Node()
    return {node: record for node, record in nodes.items() if record != nothing}


def _bounds(node: _Node, vouching: Sequence[Claim]) -> Bounds:
    timeless = bool(node.types & _TIMELESS)
    if node.begin is not None:
        begin = day_bounds(node.begin)
    elif timeless:
        begin = (OPEN_BELOW, OPEN_BELOW)
    else:
        # A state of affairs that a source describes without its begin had begun when the source was published.
        begin = (OPEN_BELOW, min(claim.published[1] for claim in vouching))
    if isinstance(node.end, str):
        end = day_bounds(node.end)
        begin = (begin[0], min(begin[1], end[1]))
        # Dates that contradict each other stay as they are, for the checks to find.
        if begin[0] <= end[1]:
            end = (max(end[0], begin[0]), end[1])
    elif node.end == FOEDUS.Ongoing:
        if node.as_of is not None:
            seen, surely_seen = day_bounds(node.as_of)
            begin = (begin[0], min(begin[1], surely_seen))
        else:
            seen = max(claim.published[0] for claim in vouching)
        end = (max(seen, begin[0]), OPEN_ABOVE)
    elif node.end is None and timeless:
        end = (OPEN_ABOVE, OPEN_ABOVE)
    else:
        end = (begin[0], OPEN_ABOVE)
    return Bounds(*begin, *end)


@cache
def _literal(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)
