"""Trust: the policies that say which claims count, and what each claim is worth under one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions

from kg.errors import UnknownName
from kg.store.base import Readable, Store
from kg.terms import local_name, near_misses
from kg.time import OPEN_ABOVE, OPEN_BELOW, day_bounds
from kg.vocab import FOEDUS, RDF

__all__ = [
    "MODALITIES",
    "Claim",
    "Policy",
    "admits",
    "as_node",
    "as_text",
    "carriers",
    "policies",
    "policy_named",
    "read_claims",
    "refusal",
    "sufficient_sources",
    "worth",
]

MODALITIES: Final = (FOEDUS.Speculated, FOEDUS.Alleged, FOEDUS.Reported, FOEDUS.Fact)
"""From the least sure to the surest."""

_PARTS: Final = (FOEDUS.stance, FOEDUS.modality, FOEDUS.claims, FOEDUS.reportedBy, FOEDUS.attributedTo)


@dataclass(frozen=True)
class Policy:
    """Which claims count.

    Attributes:
        name: short name, such as ``"reported"``.
        modalities: the modalities admitted.
        sources: the only sources admitted, or ``None`` for all.
        excluded_sources: sources left out.
        excluded_speakers: actors whose claims, own or passed on, are left out.
        excluded_alliances: alliances that do not count.
        known_by: day by which a claim must have been published, in no time zone, or ``None``.
    """

    name: str
    modalities: frozenset[NamedNode]
    sources: frozenset[NamedNode] | None = None
    excluded_sources: frozenset[NamedNode] = frozenset()
    excluded_speakers: frozenset[NamedNode] = frozenset()
    excluded_alliances: frozenset[NamedNode] = frozenset()
    known_by: date | None = None

    def as_known_by(self, day: date | None) -> Policy:
        """The same policy, with only what was published by a day; the earlier day wins over one set before."""
        days = [d for d in (day, self.known_by) if d is not None]
        return replace(self, known_by=min(days, default=None))

    @property
    def view(self) -> str:
        """Name of the graphs that hold what follows under this policy."""
        return self.name if self.known_by is None else f"{self.name}/known-by/{self.known_by.isoformat()}"


@dataclass(frozen=True)
class Claim:
    """One claim, with what the chain that passes it on does to it.

    Attributes:
        node: IRI of the claim.
        stance: one of the stances, such as ``foedus:Asserts``.
        modality: its own modality.
        targets: what is claimed.
        sources: documents and data sets in which it is found.
        speakers: the actors to whom it is attributed.
        published: first and last day on which it can have been published.
        days: the same for each of its sources alone, in their order; none where the claim has a day of its own.
    """

    node: NamedNode
    stance: NamedNode
    modality: NamedNode
    targets: tuple[NamedNode, ...] = ()
    sources: tuple[NamedNode, ...] = ()
    speakers: tuple[NamedNode, ...] = ()
    published: tuple[date, date] = (OPEN_BELOW, OPEN_ABOVE)
    days: tuple[tuple[date, date], ...] = ()


def policies(store: Store, graphs: Sequence[NamedNode]) -> dict[str, Policy]:
    """The trust policies described in some graphs, by name.

    Args:
        store: where the graphs are.
        graphs: the ontology's graph and those with policies of users.
    """
    rows = _select(
        store,
        graphs,
        """SELECT ?policy ?name ?property ?value WHERE {
             ?policy a foedus:TrustPolicy ; foedus:policyName ?name ; ?property ?value }""",
    )
    values: dict[str, dict[NamedNode, set[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(set))
    for _, name, prop, value in rows:
        values[as_text(name)][as_node(prop)].add(value)  # type: ignore[arg-type]
    found = {}
    for name, given in sorted(values.items()):

        def nodes(prop: NamedNode, given: dict[NamedNode, set[NamedNode | Literal]] = given) -> frozenset[NamedNode]:
            return frozenset(v for v in given[prop] if isinstance(v, NamedNode))

        days = [date.fromisoformat(v.value) for v in given[FOEDUS.knownBy]]
        found[name] = Policy(
            name=name,
            modalities=nodes(FOEDUS.admitsModality),
            sources=nodes(FOEDUS.admitsSource) or None,
            excluded_sources=nodes(FOEDUS.excludesSource),
            excluded_speakers=nodes(FOEDUS.excludesSpeaker),
            excluded_alliances=nodes(FOEDUS.excludesAlliance),
            known_by=min(days, default=None),
        )
    return found


def policy_named(found: Mapping[str, Policy], name: str) -> Policy:
    """The policy of a name.

    Raises:
        UnknownName: no policy has it.
    """
    try:
        return found[name]
    except KeyError:
        raise UnknownName("trust policy", name, near_misses(name, found), f"There are: {', '.join(found)}") from None


def read_claims(store: Readable, graphs: Sequence[NamedNode]) -> dict[NamedNode, Claim]:
    """Every claim of some graphs, by its IRI."""
    published: dict[NamedNode, tuple[date, date]] = {}
    for triple in store.match(graphs, predicate=FOEDUS.publishedNotBefore):
        published[as_node(triple.subject)] = (day_bounds(as_text(triple.object))[0], OPEN_ABOVE)
    for triple in store.match(graphs, predicate=FOEDUS.publishedOn):
        published[as_node(triple.subject)] = day_bounds(as_text(triple.object))
    parts: dict[NamedNode, dict[NamedNode, list[NamedNode]]] = {
        as_node(triple.subject): defaultdict(list) for triple in store.match(graphs, predicate=FOEDUS.stance)
    }
    for prop in _PARTS:
        for triple in store.match(graphs, predicate=prop):
            part = parts.get(triple.subject)  # type: ignore[arg-type]
            if part is not None:
                part[prop].append(as_node(triple.object))
    for part in parts.values():
        for prop, values in part.items():
            if len(values) > 1:
                part[prop] = sorted(set(values), key=lambda value: value.value)
    claims = {}
    for node, part in parts.items():
        each = tuple(published.get(s, (OPEN_BELOW, OPEN_ABOVE)) for s in part[FOEDUS.reportedBy])
        days = [published[s] for s in part[FOEDUS.reportedBy] if s in published] or [(OPEN_BELOW, OPEN_ABOVE)]
        claims[node] = Claim(
            node=node,
            stance=part[FOEDUS.stance][0],
            modality=part[FOEDUS.modality][0] if part[FOEDUS.modality] else FOEDUS.Speculated,
            targets=tuple(part[FOEDUS.claims]),
            sources=tuple(part[FOEDUS.reportedBy]),
            speakers=tuple(part[FOEDUS.attributedTo]),
            published=published.get(node, (min(d[0] for d in days), min(d[1] for d in days))),
            days=() if node in published else each,
        )
    return claims


def carriers(claims: Mapping[NamedNode, Claim]) -> dict[NamedNode, list[NamedNode]]:
    """The claims that pass each claim on: those that have it as what they claim. Who denies a claim does not carry it.

    Args:
        claims: all claims, by IRI.
    """
    found: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    for claim in claims.values():
        for target in claim.targets:
            if target in claims and claim.stance != FOEDUS.Denies:
                found[target].append(claim.node)
    return dict(found)


def worth(
    claims: Mapping[NamedNode, Claim],
    policy: Policy,
    only: Iterable[NamedNode] | None = None,
    passed_on: Mapping[NamedNode, Sequence[NamedNode]] | None = None,
) -> dict[NamedNode, int]:
    """Rank of the admitted claims, by their place in :data:`MODALITIES`.

    A claim that is passed on is worth no more than the best chain that carries it.

    Args:
        claims: all claims, by IRI.
        policy: which of them count.
        only: the claims to rank, where not all.
        passed_on: the :func:`carriers` of the claims, where they are known.
    """
    parents = carriers(claims) if passed_on is None else passed_on
    wanted = list(dict.fromkeys(claims if only is None else only))
    asked, above = set(wanted), set(wanted)
    carrying: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    waiting: list[list[NamedNode]] = [[] for _ in MODALITIES]
    for node in wanted:  # which grows by those that carry it
        if node not in parents and admits(policy, claims[node]):
            waiting[MODALITIES.index(claims[node].modality)].append(node)
        for parent in parents.get(node, ()):
            carrying[parent].append(node)
            if parent not in above:
                above.add(parent)
                wanted.append(parent)
    # From the surest down, each claim gets its rank by the first chain to reach it, so that none is gone along twice.
    ranks: dict[NamedNode, int] = {}
    for rank in reversed(range(len(MODALITIES))):
        for node in waiting[rank]:  # which grows by those that are carried as surely
            if node not in ranks:
                ranks[node] = rank
                for carried in carrying[node]:
                    if carried not in ranks and admits(policy, claims[carried]):
                        waiting[min(rank, MODALITIES.index(claims[carried].modality))].append(carried)
    return {n: rank for n, rank in ranks.items() if n in asked and MODALITIES[rank] in policy.modalities}


def refusal(node: NamedNode, claims: Mapping[NamedNode, Claim], policy: Policy) -> str:
    """Why a policy does not admit a claim, in words that go on after a colon; ``""`` where it does.

    Args:
        node: IRI of the claim.
        claims: all claims, by IRI.
        policy: which of them count.
    """
    claim, modality = claims[node], local_name(claims[node].modality.value).lower()
    sources = frozenset(claim.sources)
    if not sources - policy.excluded_sources or (policy.sources is not None and not sources & policy.sources):
        return "the policy leaves its source out"
    if policy.excluded_speakers & frozenset(claim.speakers):
        return "the policy leaves its speaker out"
    if policy.known_by is not None and claim.published[0] > policy.known_by:
        return f"published after {policy.known_by.isoformat()}"
    if claim.modality not in policy.modalities:
        only = "stated as fact" if claim.modality == FOEDUS.Fact else f"only {modality}"
        return f"{only}, which the policy does not admit"
    return "" if node in worth(claims, policy) else "what passes it on does not count under the policy"


def sufficient_sources(claim: Claim, policy: Policy) -> frozenset[NamedNode]:
    """The sources of a claim any one of which is enough for a policy to admit it, as far as sources and days go."""
    day = policy.known_by
    days = claim.days or (claim.published,) * len(claim.sources)
    return frozenset(
        source
        for source, (first, _) in zip(claim.sources, days, strict=True)
        if source not in policy.excluded_sources
        and (policy.sources is None or source in policy.sources)
        and (day is None or first <= day)
    )


def admits(policy: Policy, claim: Claim) -> bool:
    """Whether a policy admits a claim as far as its source, its speaker and its day of publication go."""
    sources = frozenset(claim.sources)
    return (
        bool(sources - policy.excluded_sources)
        and (policy.sources is None or bool(sources & policy.sources))
        and not policy.excluded_speakers & frozenset(claim.speakers)
        and (policy.known_by is None or claim.published[0] <= policy.known_by)
    )


def _select(store: Store, graphs: Sequence[NamedNode], query: str) -> Iterator[tuple[object, ...]]:
    prefixes = f"PREFIX foedus: <{FOEDUS.base}>\nPREFIX rdf: <{RDF.base}>\n"
    answer = store.query(prefixes + query, default_graphs=graphs)
    assert isinstance(answer, QuerySolutions)
    return (tuple(solution) for solution in answer)


def as_node(term: object) -> NamedNode:
    """A term that has to be an IRI; a blank node gets one that stands for it."""
    if isinstance(term, BlankNode):
        return NamedNode(f"urn:blank:{term.value}")
    assert isinstance(term, NamedNode), f"{term} is not an IRI: {local_name(str(term))}"
    return term


def as_text(term: object) -> str:
    """The lexical form of a term that has to be a literal."""
    assert isinstance(term, Literal)
    return term.value
