"""What if: facts added or withdrawn on a copy, and only what changes comes back.

A scenario takes everything that the sources say, changes it, checks it against the shapes, and draws the conclusions
anew. The graph it starts from is never touched, and what comes out is what a build from the changed facts would give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, TypeAlias

import pyoxigraph
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Triple

from kg.building import add_view
from kg.errors import QueryError, UnknownName, UsageError, ValidationError
from kg.store.base import Store
from kg.store.embedded import EmbeddedStore, readable
from kg.terms import PREFIXES, local_name
from kg.time import day_bounds
from kg.trust import Policy
from kg.validation import validate
from kg.views import asserted_graphs, graphs_of_view
from kg.vocab import FOEDUS, GRAPH, PROV, RDF, RDFS, XSD

__all__ = [
    "Conclusion",
    "Difference",
    "assume",
    "check_change",
    "compare",
    "conclusions",
    "facts",
    "leave",
    "rebuild",
    "retract",
    "update",
    "withdraw_claims",
]

Facts: TypeAlias = frozenset[Triple]

_QUOTED: Final = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*""", re.DOTALL
)
"""IRIs, strings and comments of SPARQL, in which a word is no keyword."""
_OUTSIDE: Final = re.compile(
    r"(?<![\w:?$.-])(?:(?:GRAPH|INTO|USING|WITH)(?![\w:-])|[\w.-]*(?:LOAD|SERVICE)[\w.-]*)", re.IGNORECASE
)
"""What a scenario may not say. Oxigraph wants no space behind a keyword, so the letters of the last two suffice."""

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


# -------------------------------------------------------------------- changes


def facts(store: Store) -> Facts:
    """Everything that the sources of a store say, together."""
    return frozenset(triple for graph in asserted_graphs(store) for triple in store.triples(graph))


def assume(held: Facts, added: Iterable[Triple], ontology: Iterable[Triple]) -> Facts:
    """Facts added. A state of affairs among them for which no claim is given is claimed by the assumption itself.

    Args:
        held: everything asserted so far.
        added: the facts to add.
        ontology: the ontology's triples, of which those of ``rdfs:subClassOf`` are used.
    """
    new = set(added)
    states_of_affairs = _below(FOEDUS.StateOfAffairs, ontology)
    claimed = {t.object for t in held | new if t.predicate in (FOEDUS.claims, FOEDUS.intends, FOEDUS.requires)}
    bare = sorted(
        {
            t.subject
            for t in new
            if t.predicate == RDF.type and t.object in states_of_affairs and t.subject not in claimed
        },
        key=str,
    )
    source, speaker = (
        NamedNode(f"{PREFIXES['id']}source/assumption"),
        NamedNode(f"{PREFIXES['id']}organization/assumption"),
    )
    if bare:
        new |= {
            Triple(source, RDF.type, FOEDUS.Dataset),
            Triple(source, RDFS.label, Literal("assumption", language="en")),
            Triple(speaker, RDF.type, FOEDUS.Organization),
            Triple(speaker, RDFS.label, Literal("nobody: assumed", language="en")),
        }
    labels = {t.subject for t in held | new if t.predicate == RDFS.label}
    for node in bare:
        claim = NamedNode(f"{PREFIXES['id']}claim/assumption-{sha256(str(node).encode()).hexdigest()[:12]}")
        new |= {
            Triple(claim, RDF.type, FOEDUS.Claim),
            Triple(claim, RDFS.label, Literal("Assumed, for the sake of the scenario.", language="en")),
            Triple(claim, FOEDUS.claims, node),
            Triple(claim, FOEDUS.stance, FOEDUS.Asserts),
            Triple(claim, FOEDUS.modality, FOEDUS.Fact),
            Triple(claim, FOEDUS.attributedTo, speaker),
            Triple(claim, FOEDUS.reportedBy, source),
        }
        if node not in labels:
            name = local_name(node.value) if isinstance(node, NamedNode) else "assumed"
            new.add(Triple(node, RDFS.label, Literal(f"{name} (assumed)", language="en")))
    return held | new


def update(held: Facts, text: str) -> Facts:
    """A SPARQL 1.1 Update over everything asserted, as one graph.

    Raises:
        QueryError: the update does not parse, or names graphs or files outside.
    """
    outside = _OUTSIDE.search(_QUOTED.sub(" ", text))
    if outside:
        raise QueryError(
            f"the update says {outside[0].upper()}; a scenario is one graph and reads nothing else, so leave it out"
        )
    database = pyoxigraph.Store()
    database.bulk_extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in held)
    try:
        database.update(text, prefixes=dict(PREFIXES))
    except SyntaxError as fault:
        raise QueryError(f"the update does not parse: {readable(fault.msg, text)}") from fault
    return frozenset(quad.triple for quad in database)


def retract(held: Facts, node: NamedNode) -> Facts:
    """A claim, a source with its claims, or a node with what is claimed of it, taken away.

    Raises:
        UnknownName: nothing is said of the node.
    """
    if not any(t.subject == node for t in held):
        raise UnknownName("node in what the sources say", node.value)
    types = {t.object for t in held if t.subject == node and t.predicate == RDF.type}
    if FOEDUS.Claim in types or FOEDUS.BetrayalAllegation in types:
        return withdraw_claims(held, {node})
    found = {t.subject for t in held if t.predicate == FOEDUS.reportedBy and t.object == node}
    if found:
        sources = _values(held, FOEDUS.reportedBy)
        alone = {c for c in found if sources[c] == {node}}
        kept = {t for t in held if not (t.predicate == FOEDUS.reportedBy and t.object == node)}
        return withdraw_claims(frozenset(kept), alone)
    claims = {t.subject for t in held if t.predicate == FOEDUS.claims and t.object == node}
    sole = {c for c in claims if {t.object for t in held if t.subject == c and t.predicate == FOEDUS.claims} == {node}}
    left = withdraw_claims(held, sole)
    return frozenset(t for t in left if t.subject != node and t.object != node)


def withdraw_claims(held: Facts, claims: Iterable[object]) -> Facts:
    """The facts without some claims, without the claims that only those pass on, and without their evidence.

    What only a withdrawn claim vouched for stays described but is claimed by nobody, and so counts for nothing.
    """
    gone = set(claims)
    carried = _values(held, FOEDUS.claims)
    all_claims = {t.subject for t in held if t.predicate == FOEDUS.stance}
    denying = {t.subject for t in held if t.predicate == FOEDUS.stance and t.object == FOEDUS.Denies}
    carriers: dict[object, set[object]] = {}
    for claim in carried.keys() - denying:
        for target in carried[claim] & all_claims:
            carriers.setdefault(target, set()).add(claim)
    frontier = list(gone)
    while frontier:
        for target in carried.get(frontier.pop(), set()) & all_claims:
            if target not in gone and carriers.get(target, {target}) <= gone:
                gone.add(target)
                frontier.append(target)
    evidence = _values(held, FOEDUS.evidence)
    gone |= {annotation for claim in set(gone) for annotation in evidence.get(claim, ())}
    return frozenset(t for t in held if t.subject not in gone and t.object not in gone)


def leave(held: Facts, state: NamedNode, alliance: NamedNode, day: date | None = None) -> Facts:
    """A state out of an alliance: from a day on, or altogether.

    Raises:
        UnknownName: no source says that the state is a member.
        UsageError: the state had left before that day for certain.
    """
    members = {t.subject for t in held if t.predicate == FOEDUS.member and t.object == state}
    spells = {
        t.subject for t in held if t.subject in members and t.predicate == FOEDUS.alliance and t.object == alliance
    }
    if not spells:
        raise UnknownName("membership", f"{local_name(state.value)} in {local_name(alliance.value)}")
    if day is None:
        kept = frozenset(t for t in held if t.subject not in spells and t.object not in spells)
        without = {c for c, targets in _values(held, FOEDUS.claims).items() if targets <= spells}
        return withdraw_claims(kept, without)
    begins = {
        t.subject: day_bounds(_text(t.object))[0] for t in held if t.subject in spells and t.predicate == FOEDUS.begin
    }
    ends = {
        t.subject: day_bounds(t.object.value)[1]
        for t in held
        if t.subject in spells and t.predicate == FOEDUS.end and isinstance(t.object, Literal)
    }
    later = {spell for spell in spells if begins.get(spell, date.min) > day}
    running = {spell for spell in spells - later if ends.get(spell, date.max) > day}
    if not running and not later:
        raise UsageError(
            f"{local_name(state.value)} had left {local_name(alliance.value)} by {day.isoformat()} already"
        )
    closing = Literal(day.isoformat(), datatype=XSD.date)
    dropped = {t for t in held if t.subject in running and t.predicate in (FOEDUS.end, FOEDUS.ongoingAsOf)}
    dropped |= {t for t in held if t.subject in later or t.object in later}
    after = (held - dropped) | {Triple(spell, FOEDUS.end, closing) for spell in running}
    return after


def _text(term: object) -> str:
    assert isinstance(term, Literal)
    return term.value


def _values(held: Facts, prop: NamedNode) -> dict[object, set[object]]:
    values: dict[object, set[object]] = {}
    for triple in held:
        if triple.predicate == prop:
            values.setdefault(triple.subject, set()).add(triple.object)
    return values


def _below(top: NamedNode, ontology: Iterable[Triple]) -> set[object]:
    below: dict[object, set[object]] = {}
    for triple in ontology:
        if triple.predicate == RDFS.subClassOf:
            below.setdefault(triple.object, set()).add(triple.subject)
    found: set[object] = {top}
    frontier: list[object] = [top]
    while frontier:
        new = below.get(frontier.pop(), set()) - found
        found |= new
        frontier.extend(new)
    return found


# -------------------------------------------------------------------- drawing conclusions anew


def check_change(before: Facts, after: Facts) -> None:
    """Hold changed facts against the shapes: only what the change bears on, for what was there before had to conform.

    Raises:
        ValidationError: the change breaks a shape.
    """
    violations = [v for v in validate({"scenario": after}, before=before) if v.severity == "Violation"]
    if violations:
        raise ValidationError(violations)


def rebuild(store: Store, changed: Facts, policy: Policy, *, check: bool = True) -> EmbeddedStore:
    """A new store in memory with the changed facts and what follows from them under a policy.

    Args:
        store: the store that the scenario starts from; it is only read.
        changed: the changed facts.
        policy: the trust policy.
        check: whether the changed facts are held against the shapes.

    Raises:
        ValidationError: the change breaks a shape.
        InconsistencyError: the change contradicts the ontology.
    """
    if check:
        check_change(facts(store), changed)
    copy = EmbeddedStore()
    copy.insert(GRAPH.ontology, store.triples(GRAPH.ontology))
    copy.insert(GRAPH.asserted("scenario"), changed)
    # Nobody reads the steps of a scenario as RDF; its explanations work them out anew.
    add_view(copy, policy, proofs=False)
    return copy


def conclusions(store: Store, view: str) -> dict[str | tuple[str, str, str], Conclusion]:
    """What follows under a policy: episodes by kind, obligations, and shortcuts."""
    kinds = " ".join(map(str, (*KINDS, FOEDUS.Obligation)))
    found: dict[str | tuple[str, str, str], Conclusion] = {}
    for node, kind, status, overlap, *bounds in _rows(
        store,
        graphs_of_view(store, view),
        f"""SELECT ?node ?kind ?status ?overlap ?b1 ?b2 ?b3 ?b4 WHERE {{
            VALUES ?kind {{ {kinds} }}
            ?node a ?kind ; {FOEDUS.status} ?status ; {FOEDUS.overlap} ?overlap ; {FOEDUS.beginEarliest} ?b1 ;
              {FOEDUS.beginLatest} ?b2 ; {FOEDUS.endEarliest} ?b3 ; {FOEDUS.endLatest} ?b4 ; {PROV.wasDerivedFrom}
              ?any }}""",
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
