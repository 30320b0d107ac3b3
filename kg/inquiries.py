"""Asking on: why something follows, why something does not, and what would follow if things were otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Triple

from kg.access import Access, Scope, day
from kg.errors import UnknownName, UsageError
from kg.explaining import QUESTIONS, Carried, Explainer, Proof, Roles, WhyNot, why_not
from kg.explaining.search import Entailment
from kg.explanations import Explanation
from kg.store.embedded import EmbeddedStore
from kg.terms import near_misses
from kg.trust import read_claims
from kg.views import base_graphs, graphs_of_view
from kg.vocab import FOEDUS, GRAPH

if TYPE_CHECKING:
    from kg.scenarios import Conclusion, Difference

__all__ = ["Inquiries", "Scenario"]


@dataclass(frozen=True)
class Scenario:
    """What would follow under other assumptions.

    Attributes:
        says: what was assumed, in words.
        difference: the conclusions gained, lost and altered.
        before: the graph as it was.
        after: the graph under the assumptions; never written anywhere.
    """

    says: str
    difference: Difference
    before: Inquiries = field(repr=False)
    after: Inquiries = field(repr=False)

    def triple(self, conclusion: Conclusion) -> tuple[str, str, str] | None:
        """A shortcut as names and the local name of its property; ``None`` for another conclusion."""
        if isinstance(conclusion.key, str):
            return None
        subject, _, obj = (NamedNode(part) for part in conclusion.key)
        return self.before.label(subject), conclusion.kind, self.before.label(obj)

    def sentence(self, conclusion: Conclusion) -> str:
        """A conclusion in words."""
        triple = self.triple(conclusion)
        if triple is not None:
            return f"{triple[0]} {self.before.label(NamedNode(FOEDUS.base + triple[1]))} {triple[2]}"
        node = NamedNode(str(conclusion.key))
        sides = (self.after, self.before)
        return next((s for side in sides if (s := side.label(node)) != node.value), node.value)

    def explain(self, conclusion: Conclusion) -> Explanation:
        """Why a conclusion follows: before where it is lost, else after."""
        side = self.before if conclusion in self.difference.lost else self.after
        if isinstance(conclusion.key, str):
            return side.explain(NamedNode(conclusion.key))
        subject, predicate, obj = conclusion.key
        return side.explain((subject, predicate, obj))


class Inquiries(Access):
    """A built graph that can be asked for reasons."""

    def __init__(
        self, store: EmbeddedStore, *, policy: str | None = None, progress: Callable[[str], None] = lambda stage: None
    ) -> None:
        super().__init__(store, policy=policy, progress=progress)
        self._explainers: dict[str, Explainer] = {}

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
        explainer = self._explainer(scope)
        if isinstance(what, tuple):
            subject, predicate, obj = (scope.names.node(place, name) for place, name in zip(_PLACES, what, strict=True))
            proofs = explainer.triple(Triple(subject, predicate, obj))
        else:
            proofs = explainer.node(what if isinstance(what, NamedNode) else scope.names.node("node", what))
        carried = self._carried(proofs)
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
        )

    def scenario(
        self,
        *,
        assume: Iterable[str | Path] = (),
        update: str | None = None,
        retract: Iterable[str] = (),
        withdraw: tuple[str, str] | None = None,
        since: str | date | None = None,
        policy: str | None = None,
    ) -> Scenario:
        """What would follow if the facts were others; this graph is not touched.

        Args:
            assume: files of facts to add; states of affairs in them need no claim.
            update: a SPARQL 1.1 Update over everything asserted, as one graph.
            retract: claims, sources or nodes to take away, by IRI or name.
            withdraw: a state and an alliance that it leaves.
            since: day from which it is out; never in it where not given.
            policy: name of the trust policy, where not the graph's own.

        Raises:
            UnknownName: a name stands for nothing.
            ParseError: a file does not parse.
            QueryError: the update does not parse.
            ValidationError: the change breaks a shape.
            UsageError: nothing is changed.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> result = kg.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01")
            >>> ("Belarus", "betrays", "Armenia") in [result.triple(c) for c in result.difference.lost]
            True
        """
        from kg import scenarios
        from kg.documents import read_document

        scope = self._scope(policy, None)
        held, says, check = scenarios.facts(self.store), [], False
        for file in assume:
            added = read_document(Path(file)).triples
            held, check = scenarios.assume(held, added, self.store.triples(GRAPH.ontology)), True
            says.append(f"assuming {Path(file).name}")
        if update is not None:
            after = scenarios.update(held, update)
            says.append(f"{len(after - held)} triples added and {len(held - after)} taken away")
            held, check = after, True
        for name in retract:
            node = scope.names.node("node", name)
            held = scenarios.retract(held, node)
            says.append(f"without “{scope.names.labels([node]).get(node.value, name)}”")
        if withdraw is not None:
            state = scope.names.node("state", withdraw[0], FOEDUS.State)
            alliance = scope.names.node("alliance", withdraw[1], FOEDUS.Alliance)
            since_day = None if since is None else day("since", since)
            held = scenarios.leave(held, state, alliance, since_day)
            named = scope.names.labels([state, alliance])
            when = (
                f"out of {named[alliance.value]} from {since_day}" if since_day else f"never in {named[alliance.value]}"
            )
            says.append(f"{named[state.value]} {when}")
        if not says:
            raise UsageError("nothing to change: give facts to assume, an update, or something to retract or withdraw")
        store = scenarios.rebuild(self.store, held, scope.policy, check=check)
        view = scope.policy.view
        difference = scenarios.compare(scenarios.conclusions(self.store, view), scenarios.conclusions(store, view))
        return Scenario("; ".join(says), difference, self, Inquiries(store, policy=scope.policy.name))

    def diff(self, one: Mapping[str, str | date | None], other: Mapping[str, str | date | None]) -> Scenario:
        """What follows under other assumptions and not under some, and the other way round.

        Args:
            one: ``policy`` and ``known_by`` of the first side, either left out for the graph's own.
            other: those of the second.

        Example:
            >>> from kg import KnowledgeGraph
            >>> kg = KnowledgeGraph.open()
            >>> len(kg.diff({"policy": "facts"}, {"policy": "alleged"}).difference.lost)
            0
        """
        from kg import scenarios

        first = self._scope(one.get("policy"), one.get("known_by"))  # type: ignore[arg-type]
        second = self._scope(other.get("policy"), other.get("known_by"))  # type: ignore[arg-type]
        difference = scenarios.compare(
            scenarios.conclusions(self.store, first.policy.view), scenarios.conclusions(self.store, second.policy.view)
        )
        before = Inquiries(self.store, policy=first.policy.name)
        after = Inquiries(self.store, policy=second.policy.name)
        return Scenario(f"{first.policy.view} against {second.policy.view}", difference, before, after)

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
        from kg import scenarios
        from kg.robustness import DEFINITIONS, by_order, cases, stand

        scope = self._scope(policy, None)
        found = cases(self.store, scope.graphs)
        columns = {name: stand(found, definition) for name, definition in DEFINITIONS.items()}
        usual = DEFINITIONS["usual"]
        held = scenarios.facts(self.store)
        ordered = by_order(held)
        if ordered != held:
            store = scenarios.rebuild(self.store, ordered, scope.policy, check=False)
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

    def _explainer(self, scope: Scope) -> Explainer:
        def entailments() -> Mapping[Triple, Sequence[Entailment]]:
            from kg.building import reasoner_input
            from kg.reasoning import derivations

            return derivations(reasoner_input(self.store, view))

        view = scope.policy.view
        if view not in self._explainers:
            self._explainers[view] = Explainer(self.store, scope.graphs, view, entailments, scope.names.labels)
        return self._explainers[view]

    def _carried(self, proofs: Sequence[Proof]) -> dict[str, Carried]:
        """The claims that proofs rest on and those that carry them, as far as withdrawing goes."""
        claims = read_claims(self.store, base_graphs(self.store))
        carriers: dict[NamedNode, set[NamedNode]] = {}
        for claim in claims.values():
            for target in claim.targets:
                if target in claims:
                    carriers.setdefault(target, set()).add(claim.node)
        wanted = [NamedNode(claim) for proof in proofs for claim in proof.claims]
        found: dict[str, Carried] = {}
        while wanted:
            node = wanted.pop()
            if node.value not in found:
                above = carriers.get(node, set())
                sources = frozenset(source.value for source in claims[node].sources)
                found[node.value] = Carried(sources, frozenset(c.value for c in above))
                wanted += above
        return found


_PLACES: Final = ("subject", "predicate", "object")
