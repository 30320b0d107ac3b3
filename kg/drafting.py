"""Changes to what sources say, made on a draft that nobody else sees.

A draft lies over the graph and holds only what is added to it and taken from it, so that trying something out costs
what it touches, however long the record is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from typing import Final

import pyoxigraph
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.errors import QueryError, UnknownName, UsageError
from kg.lexemes import keywords, settled
from kg.store.base import Store
from kg.store.depth import check_depth
from kg.store.faults import readable
from kg.terms import PREFIXES, Term, local_name
from kg.time import day_bounds
from kg.views import asserted_graphs, classes_below, leading_to
from kg.vocab import FOEDUS, RDF, RDFS, XSD

__all__ = ["Draft", "assume", "leave", "retract", "update", "withdraw_claims"]

_GRAPHS: Final = ("GRAPH", "INTO", "USING", "WITH")
"""What names a graph in an update."""


class Draft:
    """What all sources of a store say together, with changes on top.

    Args:
        store: the store, which is only read.

    Example:
        >>> from kg import KnowledgeGraph
        >>> draft = Draft(KnowledgeGraph.open().store)
        >>> csto = NamedNode("https://w3id.org/foedus/id/alliance/csto")
        >>> draft.take(draft.match(csto))
        >>> len(draft.removed) > 0, list(draft.match(csto))
        (True, [])
    """

    def __init__(self, store: Store) -> None:
        self.store, self._graphs = store, asserted_graphs(store)
        self._added = pyoxigraph.Store()
        self.removed: set[Triple] = set()

    @property
    def added(self) -> set[Triple]:
        """What is said more than in the store."""
        return {quad.triple for quad in self._added}

    @property
    def changes(self) -> bool:
        """Whether anything is said otherwise than in the store."""
        return bool(self.removed) or len(self._added) > 0

    def match(
        self, subject: NamedNode | None = None, predicate: NamedNode | None = None, obj: Term | None = None
    ) -> Iterator[Triple]:
        """What is said that fits a pattern, each triple once; the draft must not change while it is read."""
        seen: set[Triple] = set()
        for triple in self.store.match(self._graphs, subject, predicate, obj):
            if triple not in self.removed and triple not in seen:
                seen.add(triple)
                yield triple
        yield from (quad.triple for quad in self._added.quads_for_pattern(subject, predicate, obj))

    def says(self, triple: Triple) -> bool:
        """Whether a triple is said."""
        if triple in self.removed or not isinstance(triple.subject, NamedNode):
            return False
        return any(True for _ in self.match(*triple))

    def add(self, triples: Iterable[Triple]) -> None:
        """Say more; what is said already makes no difference."""
        for triple in list(triples):
            if triple in self.removed:
                self.removed.discard(triple)
            elif not self.says(triple):
                self._added.add(_quad(triple))

    def take(self, triples: Iterable[Triple]) -> None:
        """Say less; what is not said makes no difference."""
        for triple in list(triples):
            quad = _quad(triple)
            if quad in self._added:
                self._added.remove(quad)
            elif self.says(triple):
                self.removed.add(triple)

    def subjects(self, predicate: NamedNode, obj: Term) -> set[NamedNode]:
        """The nodes of which a property has a value."""
        return {t.subject for t in self.match(None, predicate, obj) if isinstance(t.subject, NamedNode)}

    def objects(self, subject: NamedNode, predicate: NamedNode) -> set[Term]:
        """The values of a property of a node."""
        return {t.object for t in self.match(subject, predicate)}

    def forget(self, nodes: Iterable[NamedNode]) -> None:
        """Say nothing of some nodes, and nothing that leads to them."""
        for node in nodes:
            self.take([*self.match(node), *self.match(obj=node)])


def _quad(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())


def assume(draft: Draft, added: Iterable[Triple]) -> None:
    """Facts added. A state of affairs among them for which no claim is given is claimed by the assumption itself.

    Args:
        draft: the draft.
        added: the facts to add.
    """
    new = set(added)
    states_of_affairs = classes_below(draft.store, FOEDUS.StateOfAffairs)
    bare = sorted(
        {t.subject for t in new if t.predicate == RDF.type and t.object in states_of_affairs},
        key=str,
    )
    draft.add(new)
    speaking = (FOEDUS.claims, FOEDUS.intends, FOEDUS.requires)
    bare = [node for node in bare if not any(draft.subjects(prop, node) for prop in speaking)]
    source = NamedNode(f"{PREFIXES['id']}source/assumption")
    speaker = NamedNode(f"{PREFIXES['id']}organization/assumption")
    if bare:
        draft.add(
            [
                Triple(source, RDF.type, FOEDUS.Dataset),
                Triple(source, RDFS.label, Literal("assumption", language="en")),
                Triple(speaker, RDF.type, FOEDUS.Organization),
                Triple(speaker, RDFS.label, Literal("nobody: assumed", language="en")),
            ]
        )
    for node in bare:
        claim = NamedNode(f"{PREFIXES['id']}claim/assumption-{sha256(str(node).encode()).hexdigest()[:12]}")
        draft.add(
            [
                Triple(claim, RDF.type, FOEDUS.Claim),
                Triple(claim, RDFS.label, Literal("Assumed, for the sake of the scenario.", language="en")),
                Triple(claim, FOEDUS.claims, node),
                Triple(claim, FOEDUS.stance, FOEDUS.Asserts),
                Triple(claim, FOEDUS.modality, FOEDUS.Fact),
                Triple(claim, FOEDUS.attributedTo, speaker),
                Triple(claim, FOEDUS.reportedBy, source),
            ]
        )
        if isinstance(node, NamedNode) and not draft.objects(node, RDFS.label):
            draft.add([Triple(node, RDFS.label, Literal(f"{local_name(node.value)} (assumed)", language="en"))])


def update(draft: Draft, text: str) -> tuple[int, int]:
    """A SPARQL 1.1 Update over everything asserted, as one graph. It is carried out on a copy of that graph.

    Returns:
        How many triples it added and how many it took away.

    Raises:
        QueryError: the update does not parse, cannot be carried out, or names graphs or files outside.
    """
    text = settled(text)
    for word in keywords(text):
        if word in _GRAPHS or "LOAD" in word or "SERVICE" in word:
            raise QueryError(f"the update says {word}; a scenario is one graph and reads nothing else, so leave it out")
    check_depth(text, "update")
    before = set(draft.match())
    database = pyoxigraph.Store()
    database.bulk_extend(map(_quad, before))
    try:
        database.update(text, prefixes=dict(PREFIXES))
    except SyntaxError as fault:
        raise QueryError(f"the update does not parse: {readable(fault.msg, text)}") from fault
    except (OSError, RuntimeError, ValueError) as fault:
        raise QueryError(f"the update cannot be carried out: {fault}") from fault
    if any(not isinstance(quad.graph_name, DefaultGraph) for quad in database):
        raise QueryError(
            "the update writes into a graph of its own; a scenario is one graph, so leave GRAPH and WITH out"
        )
    after = {quad.triple for quad in database}
    added, removed = after - before, before - after
    draft.take(removed)
    draft.add(added)
    return len(added), len(removed)


def retract(draft: Draft, node: NamedNode) -> None:
    """A claim, a source with its claims, or a node with what is claimed of it, taken away.

    Raises:
        UnknownName: nothing is said of the node.
    """
    if not any(True for _ in draft.match(node)):
        raise UnknownName("node in what the sources say", node.value)
    types = draft.objects(node, RDF.type)
    if FOEDUS.Claim in types or FOEDUS.BetrayalAllegation in types:
        withdraw_claims(draft, {node})
        return
    found = draft.subjects(FOEDUS.reportedBy, node)
    if found:
        alone = {claim for claim in found if draft.objects(claim, FOEDUS.reportedBy) == {node}}
        draft.take(list(draft.match(None, FOEDUS.reportedBy, node)))
        withdraw_claims(draft, alone)
        return
    claims = draft.subjects(FOEDUS.claims, node)
    withdraw_claims(draft, {claim for claim in claims if draft.objects(claim, FOEDUS.claims) == {node}})
    draft.forget([node])


def withdraw_claims(draft: Draft, claims: Iterable[NamedNode]) -> None:
    """Take some claims away, with the claims that only those pass on, and with their evidence.

    What only a withdrawn claim vouched for stays described but is claimed by nobody, and so counts for nothing.
    """
    gone = set(claims)
    frontier = list(gone)
    while frontier:
        for target in draft.objects(frontier.pop(), FOEDUS.claims):
            if target in gone or not isinstance(target, NamedNode) or not draft.objects(target, FOEDUS.stance):
                continue
            carriers = {
                claim
                for claim in draft.subjects(FOEDUS.claims, target)
                if FOEDUS.Denies not in draft.objects(claim, FOEDUS.stance)
            }
            if (carriers or {target}) <= gone:
                gone.add(target)
                frontier.append(target)
    evidence = {e for claim in gone for e in draft.objects(claim, FOEDUS.evidence) if isinstance(e, NamedNode)}
    draft.forget(gone | evidence)


def leave(draft: Draft, state: NamedNode, alliance: NamedNode, day: date | None = None) -> None:
    """A state out of an alliance with all its parts, such as the phases of a treaty: from a day on, or altogether.

    Raises:
        UnknownName: no source says that the state is a member.
        UsageError: the state had left before that day for certain.
    """
    parts = leading_to(alliance, lambda whole: draft.match(None, FOEDUS.partOf, whole))
    spells = draft.subjects(FOEDUS.member, state) & set().union(*(draft.subjects(FOEDUS.alliance, p) for p in parts))
    if not spells:
        raise UnknownName("membership", f"{local_name(state.value)} in {local_name(alliance.value)}")
    if day is None:
        claims = {claim for spell in spells for claim in draft.subjects(FOEDUS.claims, spell)}
        without = {claim for claim in claims if draft.objects(claim, FOEDUS.claims) <= spells}
        withdraw_claims(draft, without)
        draft.forget(spells)
        return
    begins = {spell: _first_day(draft, spell, FOEDUS.begin) for spell in spells}
    ends = {spell: _last_day(draft, spell, FOEDUS.end) for spell in spells}
    later = {spell for spell in spells if (begins[spell] or date.min) > day}
    running = {spell for spell in spells - later if (ends[spell] or date.max) > day}
    if not running and not later:
        raise UsageError(
            f"{local_name(state.value)} had left {local_name(alliance.value)} by {day.isoformat()} already"
        )
    closing = Literal(day.isoformat(), datatype=XSD.date)
    for spell in running:
        draft.take([*draft.match(spell, FOEDUS.end), *draft.match(spell, FOEDUS.ongoingAsOf)])
        draft.add([Triple(spell, FOEDUS.end, closing)])
    draft.forget(later)


def _first_day(draft: Draft, node: NamedNode, prop: NamedNode) -> date | None:
    days = [day_bounds(value.value)[0] for value in draft.objects(node, prop) if isinstance(value, Literal)]
    return min(days, default=None)


def _last_day(draft: Draft, node: NamedNode, prop: NamedNode) -> date | None:
    days = [day_bounds(value.value)[1] for value in draft.objects(node, prop) if isinstance(value, Literal)]
    return max(days, default=None)
