"""Asking on: what would follow if things were otherwise, or under other definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from kg.access import day
from kg.errors import UsageError
from kg.naming import Names
from kg.reasons import Reasons
from kg.sentences import CATEGORY
from kg.serializing import serialize
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy
from kg.views import graphs_of_view, leading_to
from kg.vocab import FOEDUS, GRAPH, RDFS

if TYPE_CHECKING:
    from kg.explanations import Explanation
    from kg.revising import Basis, Revision
    from kg.scenarios import Conclusion, Difference
    from kg.store.remote import RemoteStore

__all__ = ["Inquiries", "Scenario"]

_OPEN: Final = {"0001-01-01": "open", "9999-12-31": "open"}
"""The days that stand for no bound, in words."""


@dataclass(frozen=True)
class _Side:
    """A graph as it is asked on one side of a comparison.

    Attributes:
        graph: the graph.
        policy: name of the trust policy, where not the graph's own.
        known_by: day by which claims must have been published to count.
    """

    graph: Inquiries
    policy: str | None = None
    known_by: str | date | None = None

    @property
    def names(self) -> Names:
        """What things are called on this side."""
        return self.graph._scope(self.policy, self.known_by).names

    def explain(self, what: NamedNode | tuple[str, str, str]) -> Explanation:
        """Why something follows on this side."""
        return self.graph.explain(what, policy=self.policy, known_by=self.known_by)


@dataclass(frozen=True)
class Scenario:
    """What would follow under other assumptions.

    Attributes:
        says: what was assumed, in words.
        difference: the conclusions gained, lost and altered.
        revision: the change gone through every stage, where facts were changed and not the policy.
    """

    says: str
    difference: Difference
    revision: Revision | None = field(repr=False)
    _before: _Side = field(repr=False)
    _make_after: Callable[[], _Side] = field(repr=False)

    @property
    def before(self) -> Inquiries:
        """The graph as it was."""
        return self._before.graph

    @property
    def after(self) -> Inquiries:
        """The graph under the assumptions, in memory and never written anywhere; made at the first call."""
        return self._after.graph

    @cached_property
    def _after(self) -> _Side:
        return self._make_after()

    def triple(self, conclusion: Conclusion) -> tuple[str, str, str] | None:
        """A shortcut as names and the local name of its property; ``None`` for another conclusion."""
        if isinstance(conclusion.key, str):
            return None
        subject, _, obj = (NamedNode(part) for part in conclusion.key)
        return self._label(subject), conclusion.kind, self._label(obj)

    def sentence(self, conclusion: Conclusion) -> str:
        """A conclusion in words; with its alliance and its days where another that changes reads the same."""
        triple = self.triple(conclusion)
        if triple is not None:
            return f"{triple[0]} {self._label(NamedNode(FOEDUS.base + triple[1]))} {triple[2]}"
        words = self._label(NamedNode(str(conclusion.key)))
        alliances = self._alliances.get(str(conclusion.key))
        if alliances is None:
            return words
        first, last = (_OPEN.get(bound, bound) for bound in (conclusion.bounds[0], conclusion.bounds[-1]))
        return f"{words.rstrip('.')} (under {' and '.join(alliances)}, {first} to {last})."

    def explain(self, conclusion: Conclusion) -> Explanation:
        """Why a conclusion follows: before where it is lost, else after."""
        side = self._before if conclusion in self.difference.lost else self._after
        if isinstance(conclusion.key, str):
            return side.explain(NamedNode(conclusion.key))
        subject, predicate, obj = conclusion.key
        return side.explain((subject, predicate, obj))

    def to_trig(self) -> str:
        """What follows under the assumptions and did not before, and the other way round, as two named graphs in TriG.

        They are ``graph/scenario/gained`` and ``graph/scenario/lost``, with all that rules and axioms give: who takes
        the one away from what follows and adds the other has what would follow.

        Raises:
            UsageError: no facts were changed.
        """
        if self.revision is None:
            raise UsageError("only other facts have a difference in RDF; export what follows under each policy instead")
        dictionary = self.revision.basis.facts.dictionary
        stages = (self.revision.derived, self.revision.inferred)
        gained = {triple for stage in stages for triple in stage.added.decode(dictionary)}
        lost = {triple for stage in stages for triple in stage.removed.decode(dictionary)}
        quads = []
        for name, triples in (("gained", gained - lost), ("lost", lost - gained)):
            graph = NamedNode(f"{GRAPH.base}scenario/{name}")
            quads.append(Quad(graph, RDFS.label, Literal(f"{name}: {self.says}", language="en")))
            quads.append(Quad(graph, RDFS.comment, Literal(CATEGORY, language="en")))
            quads += [Quad(t.subject, t.predicate, t.object, graph) for t in triples]
        return serialize(quads, RdfFormat.TRIG).decode()

    def _label(self, node: NamedNode) -> str:
        return self._labels.get(node.value) or self._before.names.label(node)

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        """Names of all that has changed: as it is after, or else as it was."""
        return {
            name: label
            for conclusions, names in reversed(self._sides)
            for name, label in names.labels(_named(conclusions)).items()
        }

    @cached_property
    def _sides(self) -> tuple[tuple[Sequence[Conclusion], Names], tuple[Sequence[Conclusion], Names]]:
        """What there is after, with what it is called there, and what there was before."""
        of_after = (*self.difference.gained, *(after for _, after in self.difference.altered))
        if self.revision is not None:
            near = self.revision.basis.around(list(_named(of_after)))
            names = Names(near, near.graphs())
        else:
            names = self._after.names
        return (of_after, names), (self.difference.lost, self._before.names)

    @cached_property
    def _alliances(self) -> Mapping[str, Sequence[str]]:
        """In words, the alliances of what would read as another conclusion that changes; by IRI."""
        keys = [{c.key for c in conclusions if isinstance(c.key, str)} for conclusions, _ in self._sides]
        told = Counter(self._label(NamedNode(key)) for key in set().union(*keys))
        alike = [{NamedNode(key) for key in side if told[self._label(NamedNode(key))] > 1} for side in keys]
        sides = zip(alike, self._sides, strict=True)
        return {node: pacts for nodes, (_, names) in sides for node, pacts in names.alliances(nodes).items()}


def _named(conclusions: Iterable[Conclusion]) -> Iterator[NamedNode]:
    """The nodes that conclusions are told by."""
    for conclusion in conclusions:
        if isinstance(conclusion.key, str):
            yield NamedNode(conclusion.key)
        else:
            yield from map(NamedNode, conclusion.key)


class Inquiries(Reasons):
    """A built graph that can be asked what would follow under other assumptions."""

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
            withdraw: a state and an alliance that it leaves, with all its parts, such as the phases of a treaty.
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

        def after() -> _Side:
            return _Side(Inquiries(revision.basis.store(), policy=scope.policy.name))

        # This graph itself, which keeps what it has looked up.
        return Scenario("; ".join(says), difference, revision, _Side(self, scope.policy.name), after)

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
        before, after = (
            _Side(Inquiries(self.store, policy=scope.policy.name), known_by=side.get("known_by"))
            for scope, side in ((first, one), (second, other))
        )
        return Scenario(f"{first.policy.view} to {second.policy.view}", difference, None, before, lambda: after)

    def robustness(
        self, *, without: Iterable[str] = (), policy: str | None = None
    ) -> tuple[list[str], list[list[str]]]:
        """Which betrayals stand under which definitions: a row a conclusion, a column a definition.

        The columns: the usual definition; any obligation instead of defense where defense is asked for; only
        hostilities that are fighting, only rivalries; only what certainly meets in time; transfers dated by their
        order; every trust policy; and without each of some alliances. A cell says whether the dates meet for certain
        or possibly, and is empty where the conclusion falls.

        Args:
            without: alliances, by name, each left out in a column of its own, with all its parts.
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
            whole_pact = scope.names.node("alliance", pact, FOEDUS.Alliance)
            parts = leading_to(whole_pact, lambda whole: self.store.match(scope.graphs, None, FOEDUS.partOf, whole))
            left_out = {part.value for part in parts}
            columns[f"without {pact}"] = stand([case for case in found if case.alliance not in left_out], usual)
        conclusions = sorted({conclusion for standing in columns.values() for conclusion in standing})
        named = scope.names.labels(NamedNode(iri) for conclusion in conclusions for iri in conclusion[1:])
        rows = []
        for conclusion in conclusions:
            rule, *about = conclusion
            ally, state, conduct = (named.get(iri, iri) for iri in about)
            words = f"{rule.replace('-', ' ')}: {ally}, bound to {state}: {conduct}"
            rows.append([words, *(standing.get(conclusion, "").lower() for standing in columns.values())])
        return ["conclusion", *columns], rows

    @cached_property
    def _bases(self) -> dict[str, Basis]:
        """What scenarios have revised before, by view."""
        return {}

    def _basis(self, policy: Policy) -> Basis:
        """What a view was worked out from, worked out once more and kept: scenarios revise it."""
        from kg.revising import Basis

        if policy.view not in self._bases:
            self._bases[policy.view] = Basis.of(self.store, policy)
        return self._bases[policy.view]


def _must_count(sides: Sequence[tuple[EmbeddedStore | RemoteStore, Policy]]) -> None:
    """Say so where no claim counts on any side, for then nothing follows and nothing can change."""
    if not any(True for store, policy in sides for _ in store.triples(GRAPH.accepted(policy.view))):
        raise _nothing_counts([policy for _, policy in sides])


def _nothing_counts(policies: Iterable[Policy]) -> UsageError:
    named = " and ".join(dict.fromkeys(policy.view for policy in policies))
    return UsageError(f"nothing follows under the policy {named}: no claim of this graph is admitted")
