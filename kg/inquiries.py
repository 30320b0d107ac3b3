"""Asking on: why something follows, why something does not, and what would follow if things were otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from kg.access import Access, day
from kg.errors import UnknownName, UsageError
from kg.explaining import QUESTIONS, Carried, Explainer, Proof, Roles, WhyNot, why_not
from kg.explaining.search import Entailment
from kg.explanations import Explanation
from kg.naming import Names
from kg.store.embedded import EmbeddedStore
from kg.terms import expand, near_misses
from kg.trust import Claim, Policy, admits, carriers, read_claims, refusal, sufficient_sources, worth
from kg.views import asserted_graphs, base_graphs, graphs_of_view
from kg.vocab import FOEDUS, GRAPH, RDF, RDFS

if TYPE_CHECKING:
    from kg.revising import Basis, Revision
    from kg.scenarios import Conclusion, Difference
    from kg.store.remote import RemoteStore

__all__ = ["Inquiries", "Scenario"]


@dataclass(frozen=True)
class Scenario:
    """What would follow under other assumptions.

    Attributes:
        says: what was assumed, in words.
        difference: the conclusions gained, lost and altered.
        before: the graph as it was.
        revision: the change gone through every stage, where facts were changed and not the policy.
    """

    says: str
    difference: Difference
    before: Inquiries = field(repr=False)
    revision: Revision | None = field(repr=False)
    _after: Callable[[], Inquiries] = field(repr=False)

    @cached_property
    def after(self) -> Inquiries:
        """The graph under the assumptions, in memory and never written anywhere; made at the first call."""
        return self._after()

    def triple(self, conclusion: Conclusion) -> tuple[str, str, str] | None:
        """A shortcut as names and the local name of its property; ``None`` for another conclusion."""
        if isinstance(conclusion.key, str):
            return None
        subject, _, obj = (NamedNode(part) for part in conclusion.key)
        return self._label(subject), conclusion.kind, self._label(obj)

    def sentence(self, conclusion: Conclusion) -> str:
        """A conclusion in words."""
        triple = self.triple(conclusion)
        if triple is not None:
            return f"{triple[0]} {self._label(NamedNode(FOEDUS.base + triple[1]))} {triple[2]}"
        return self._label(NamedNode(str(conclusion.key)))

    def explain(self, conclusion: Conclusion) -> Explanation:
        """Why a conclusion follows: before where it is lost, else after."""
        side = self.before if conclusion in self.difference.lost else self.after
        if isinstance(conclusion.key, str):
            return side.explain(NamedNode(conclusion.key))
        subject, predicate, obj = conclusion.key
        return side.explain((subject, predicate, obj))

    def _label(self, node: NamedNode) -> str:
        return self._labels.get(node.value) or self.before.label(node)

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        """Names of all that has changed: as it is after, or else as it was."""
        of_after = (*self.difference.gained, *(after for _, after in self.difference.altered))
        after, before = (list(_named(conclusions)) for conclusions in (of_after, self.difference.lost))
        scope = self.before._scope(None, None)
        found = dict(scope.names.labels(before))
        if self.revision is not None:
            near = self.revision.basis.around(after)
            return found | Names(near, near.graphs()).labels(after)
        return found | self.after._scope(None, None).names.labels(after)


def _named(conclusions: Iterable[Conclusion]) -> Iterator[NamedNode]:
    """The nodes that conclusions are told by."""
    for conclusion in conclusions:
        if isinstance(conclusion.key, str):
            yield NamedNode(conclusion.key)
        else:
            yield from map(NamedNode, conclusion.key)


class Inquiries(Access):
    """A built graph that can be asked for reasons."""

    def __init__(
        self,
        store: EmbeddedStore | RemoteStore,
        *,
        policy: str | None = None,
        progress: Callable[[str], None] = lambda stage: None,
    ) -> None:
        super().__init__(store, policy=policy, progress=progress)
        self._explainers: dict[str, Explainer] = {}
        self._claims: dict[NamedNode, Claim] | None = None
        self._bases: dict[str, Basis] = {}

    def explain(
        self,
        what: str | NamedNode | tuple[str, str, str],
        *,
        policy: str | None = None,
        known_by: str | date | None = None,
    ) -> Explanation:
        """Why a node or an inferred triple follows: all independent proofs, surest first.

        Args:
            what: an episode, an obligation, a hostility or an accepted node, by IRI or name; or a triple of names, such
                as ``("Belarus", "betrays", "Armenia")``.
            policy: name of the trust policy, where not the graph's own.
            known_by: day by which claims must have been published to count.

        Raises:
            UnknownName: nothing has the name.
            NotInferred: it does not follow under the policy; :meth:`why_not` may say more.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> kg.explain(("Belarus", "betrays", "Armenia")).proofs[0].status
            'Reported'
        """
        scope = self._scope(policy, known_by)
        explainer = self.explainer(policy=policy, known_by=known_by)
        if isinstance(what, tuple):
            subject, obj = _term(scope.names, "subject", what[0]), _term(scope.names, "object", what[2])
            proofs = explainer.triple(Triple(subject, _property(scope.names, what[1]), obj))
        else:
            proofs = explainer.node(what if isinstance(what, NamedNode) else scope.names.node("node", what))
        carried = self._carried(proofs, scope.policy)
        nodes = {NamedNode(claim) for claim in carried}
        nodes |= {NamedNode(source) for claim in carried.values() for source in claim.sources}
        return Explanation(proofs[0].root.says, tuple(proofs), scope.names.labels(nodes), carried)

    def why_not(
        self,
        question: str,
        *,
        policy: str | None = None,
        known_by: str | date | None = None,
        **parameters: str,
    ) -> WhyNot:
        """Why a question has no such row: which premise holds, which fails, and how near it came.

        Args:
            question: one of :data:`kg.explaining.QUESTIONS`.
            policy: name of the trust policy, where not the graph's own.
            known_by: day by which claims must have been published to count.
            parameters: the states asked about, under the names of the question's own parameters.

        Raises:
            UnknownName: no such question, parameter or state.
            UsageError: there is such a row after all; :meth:`explain` says why.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> answer = kg.why_not("allies-supplying-adversary", supplier="Kazakhstan", state="Armenia")
            >>> [(leg.name, leg.holds) for leg in answer.legs]
            [('obligation', True), ('supply', False), ('hostility', True)]
        """
        if question not in QUESTIONS:
            listed = f"Why not can be asked of: {', '.join(QUESTIONS)}"
            raise UnknownName("question", question, near_misses(question, QUESTIONS), listed)
        scope = self._scope(policy, known_by)
        roles: dict[str, NamedNode] = {}
        for name, value in parameters.items():
            parameter = name.replace("_", "-")
            if parameter not in QUESTIONS[question]:
                listed = f"{question} takes: {', '.join(QUESTIONS[question])}"
                raise UnknownName("parameter", name, near_misses(parameter, QUESTIONS[question]), listed)
            if value is not None:
                roles[QUESTIONS[question][parameter]] = scope.names.node("state", value, FOEDUS.State)
        if len(self.ask(question, policy=policy, known_by=known_by, **parameters)):
            raise UsageError(f"there is such a row: `kg ask {question}` shows it, `kg explain` says why")
        return why_not(
            question,
            Roles(**roles),
            store=self.store,
            recorded=base_graphs(self.store),
            accepted=GRAPH.accepted(scope.policy.view),
            view=scope.policy.view,
            names=scope.names.labels,
            refusal=partial(refusal, claims=self._all_claims(), policy=scope.policy),
        )

    def scenario(
        self,
        *,
        assume: Iterable[str | Path] = (),
        update: str | Iterable[str] = (),
        retract: Iterable[str] = (),
        withdraw: tuple[str, str] | None = None,
        since: str | date | None = None,
        policy: str | None = None,
    ) -> Scenario:
        """What would follow if the facts were others; this graph is not touched.

        Args:
            assume: files of facts to add; states of affairs in them need no claim.
            update: a SPARQL 1.1 Update over everything asserted, as one graph, or several, done one after the other.
            retract: claims, sources or nodes to take away, by IRI or name.
            withdraw: a state and an alliance that it leaves.
            since: day from which it is out; never in it where not given.
            policy: name of the trust policy, where not the graph's own.

        Raises:
            UnknownName: a name stands for nothing.
            ParseError: a file does not parse.
            QueryError: the update does not parse.
            ValidationError: the change breaks a shape.
            UsageError: nothing is changed, or the policy admits no claim, changed or not.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> result = kg.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01")
            >>> ("Belarus", "betrays", "Armenia") in [result.triple(c) for c in result.difference.lost]
            True
        """
        from kg import drafting, scenarios
        from kg.documents import read_document

        scope = self._scope(policy, None)
        draft = drafting.Draft(self.store)
        says = []
        for file in assume:
            drafting.assume(draft, read_document(Path(file)).triples)
            says.append(f"assuming {Path(file).name}")
        for text in [update] if isinstance(update, str) else update:
            added, removed = drafting.update(draft, text)
            says.append(f"{added} {'triple' if added == 1 else 'triples'} added and {removed} taken away")
        # What is taken away below leaves nodes that nobody claims, on purpose: it is not for the shapes to refuse.
        if draft.changes:
            scenarios.check_change(draft)
        for name in retract:
            node = scope.names.node("node", name)
            drafting.retract(draft, node)
            says.append(f"without “{scope.names.labels([node]).get(node.value, name)}”")
        if withdraw is not None:
            state = scope.names.node("state", withdraw[0], FOEDUS.State)
            alliance = scope.names.node("alliance", withdraw[1], FOEDUS.Alliance)
            since_day = None if since is None else day("since", since)
            drafting.leave(draft, state, alliance, since_day)
            named = scope.names.labels([state, alliance])
            when = (
                f"out of {named[alliance.value]} from {since_day}" if since_day else f"never in {named[alliance.value]}"
            )
            says.append(f"{named[state.value]} {when}")
        if not says:
            raise UsageError("nothing to change: give facts to assume, an update, or something to retract or withdraw")
        basis = self._basis(scope.policy)
        revision = basis.changed(draft.added, draft.removed)
        if not basis.counts and not revision.basis.counts:
            raise _nothing_counts([scope.policy])
        difference = scenarios.difference(basis, revision)

        def after() -> Inquiries:
            return Inquiries(revision.basis.store(), policy=scope.policy.name)

        return Scenario("; ".join(says), difference, self, revision, after)

    def diff(self, one: Mapping[str, str | date | None], other: Mapping[str, str | date | None]) -> Scenario:
        """What follows under other assumptions and not under some, and the other way round.

        Args:
            one: ``policy`` and ``known_by`` of the first side, either left out for the graph's own.
            other: those of the second.

        Raises:
            UnknownName: there is no such policy.
            UsageError: neither side admits any claim.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> len(kg.diff({"policy": "facts"}, {"policy": "alleged"}).difference.lost)
            0
        """
        from kg import scenarios

        first = self._scope(one.get("policy"), one.get("known_by"))  # type: ignore[arg-type]
        second = self._scope(other.get("policy"), other.get("known_by"))  # type: ignore[arg-type]
        _must_count([(self.store, first.policy), (self.store, second.policy)])
        difference = scenarios.compare(
            scenarios.conclusions(self.store, first.policy.view), scenarios.conclusions(self.store, second.policy.view)
        )
        before = Inquiries(self.store, policy=first.policy.name)
        after = Inquiries(self.store, policy=second.policy.name)
        return Scenario(f"{first.policy.view} to {second.policy.view}", difference, before, None, lambda: after)

    def robustness(
        self, *, without: Iterable[str] = (), policy: str | None = None
    ) -> tuple[list[str], list[list[str]]]:
        """Which betrayals stand under which definitions: a row a conclusion, a column a definition.

        The columns: the usual definition; any obligation instead of defense where defense is asked for; only
        hostilities that are fighting, only rivalries; only what certainly meets in time; transfers dated by their
        order; every trust policy; and without each of some alliances. A cell says whether the dates meet for certain
        or possibly, and is empty where the conclusion falls.

        Args:
            without: alliances, by name, each left out in a column of its own.
            policy: name of the trust policy under which definitions are tried, where not the graph's own.

        Returns:
            The heads of the columns, and the rows as text.

        Raises:
            UnknownName: there is no such alliance or policy.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> columns, rows = kg.robustness(without=["CSTO"])
            >>> columns[-1], rows[0][-1]
            ('without CSTO', '')
        """
        from kg.drafting import Draft
        from kg.robustness import DEFINITIONS, by_order, cases, stand

        scope = self._scope(policy, None)
        found = cases(self.store, scope.graphs)
        columns = {name: stand(found, definition) for name, definition in DEFINITIONS.items()}
        usual = DEFINITIONS["usual"]
        draft = Draft(self.store)
        by_order(draft)
        if draft.changes:
            store = self._basis(scope.policy).changed(draft.added, draft.removed).basis.store()
            columns["by order"] = stand(cases(store, graphs_of_view(store, scope.policy.view)), usual)
        for name in self.trust_policies():
            other = self._scope(name, None)
            columns[f"policy {name}"] = stand(cases(self.store, other.graphs), usual)
        for pact in without:
            left_out = scope.names.node("alliance", pact, FOEDUS.Alliance).value
            columns[f"without {pact}"] = stand([case for case in found if case.alliance != left_out], usual)
        conclusions = sorted({conclusion for standing in columns.values() for conclusion in standing})
        named = scope.names.labels(NamedNode(iri) for conclusion in conclusions for iri in conclusion[1:])
        rows = []
        for conclusion in conclusions:
            rule, *about = conclusion
            ally, state, conduct = (named.get(iri, iri) for iri in about)
            words = f"{rule.replace('-', ' ')}: {ally}, bound to {state}: {conduct}"
            rows.append([words, *(standing.get(conclusion, "").lower() for standing in columns.values())])
        return ["conclusion", *columns], rows

    def explainer(self, *, policy: str | None = None, known_by: str | date | None = None) -> Explainer:
        """What finds proofs under a policy; :meth:`explain` puts them into words.

        Args:
            policy: name of the trust policy, where not the graph's own.
            known_by: day by which claims must have been published to count.
        """
        scope = self._scope(policy, known_by)

        @cache
        def everything() -> Mapping[Triple, Sequence[Entailment]] | None:
            """Every step of the view, where they are few enough to keep."""
            from kg.building import STEPS_AT_MOST, reasoner_input
            from kg.reasoning import derivations

            inferred = self.store.triples(GRAPH.inferred(view))
            few = sum(1 for _ in islice(inferred, STEPS_AT_MOST + 1)) <= STEPS_AT_MOST
            return derivations(reasoner_input(self.store, view)) if few else None

        def entailments(triple: Triple) -> Mapping[Triple, Sequence[Entailment]]:
            from kg.building import reasoner_input
            from kg.explaining.neighbourhood import around
            from kg.reasoning import derivations

            known = everything()
            if known is not None:
                return known
            about = around(self.store, asserted_graphs(self.store), view, triple)
            return derivations(reasoner_input(self.store, view, about))

        def testimony(claim: NamedNode) -> tuple[list[NamedNode], list[NamedNode]]:
            above = [c for c in passed_on.get(claim, []) if admits(scope.policy, claims[c])]
            return above, list(sufficient_sources(claims[claim], scope.policy))

        claims = self._all_claims()
        passed_on = carriers(claims)
        view = scope.policy.view
        if view not in self._explainers:
            self._explainers[view] = Explainer(
                self.store, scope.graphs, view, entailments, scope.names.labels, testimony
            )
        return self._explainers[view]

    def _basis(self, policy: Policy) -> Basis:
        """What a view was worked out from, worked out once more and kept: scenarios revise it."""
        from kg.revising import Basis

        if policy.view not in self._bases:
            self._bases[policy.view] = Basis.of(self.store, policy)
        return self._bases[policy.view]

    def _all_claims(self) -> dict[NamedNode, Claim]:
        """Every claim of the sources, which no view adds to."""
        if self._claims is None:
            self._claims = read_claims(self.store, base_graphs(self.store))
        return self._claims

    def _carried(self, proofs: Sequence[Proof], policy: Policy) -> dict[str, Carried]:
        """The claims that proofs rest on and those that carry them, as far as withdrawing goes.

        A carrier that the policy does not admit carries nothing, nor does a source that it leaves out.
        """
        claims = self._all_claims()
        admitted = worth(claims, policy)
        above = {
            node: {carrier for carrier in passing if carrier in admitted}
            for node, passing in carriers(claims).items()
            if node in admitted
        }
        wanted = [NamedNode(claim) for proof in proofs for claim in proof.claims]
        found: dict[str, Carried] = {}
        while wanted:
            node = wanted.pop()
            if node.value not in found:
                passing = above.get(node, set())
                sources = frozenset(source.value for source in sufficient_sources(claims[node], policy))
                found[node.value] = Carried(sources, frozenset(c.value for c in passing))
                wanted += passing
        return found


def _must_count(sides: Sequence[tuple[EmbeddedStore | RemoteStore, Policy]]) -> None:
    """Say so where no claim counts on any side, for then nothing follows and nothing can change."""
    if not any(True for store, policy in sides for _ in store.triples(GRAPH.accepted(policy.view))):
        raise _nothing_counts([policy for _, policy in sides])


def _nothing_counts(policies: Iterable[Policy]) -> UsageError:
    named = " and ".join(dict.fromkeys(policy.view for policy in policies))
    return UsageError(f"nothing follows under the policy {named}: no claim of this graph is admitted")


def _property(names: Names, name: str) -> NamedNode:
    """The property of a name; those of RDF and RDFS, which nothing here describes, are written ``a`` or by prefix."""
    if name == "a":
        return RDF.type
    given = expand(name)
    if given is not None and given.value.startswith((RDF.base, RDFS.base)):
        return given
    return _term(names, "property", name)


def _term(names: Names, place: str, name: str) -> NamedNode:
    """What a name stands for: a label, an IRI, or a term of the vocabulary without its prefix."""
    try:
        return names.node(place, name)
    except UnknownName:
        bare = FOEDUS.base + name
        if name.isalpha() and NamedNode(bare) in FOEDUS:
            return NamedNode(bare)
        raise
