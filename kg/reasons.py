"""Asking for reasons: why something follows, and why something does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Triple

from kg.access import Access
from kg.errors import UnknownName, UsageError
from kg.naming import Names
from kg.terms import expand, near_misses
from kg.testimony import Claims
from kg.trust import Policy, refusal
from kg.views import base_graphs
from kg.vocab import FOEDUS, GRAPH, RDF, RDFS

if TYPE_CHECKING:
    # Most who open a graph only ask it, and would wait for these.
    from kg.explaining import Carried, Explainer, Proof, WhyNot
    from kg.explaining.search import Entailment
    from kg.explanations import Explanation
    from kg.reasoning.retracing import Retracer

__all__ = ["Reasons"]

_FEW: Final = 2_000
"""Up to how many inferred triples every step of a view is worked out at once, which later explanations are spared."""


class Reasons(Access):
    """A built graph that can be asked for reasons."""

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
        from kg.explanations import Explanation

        scope = self._scope(policy, known_by)
        explainer = self.explainer(policy=policy, known_by=known_by)
        if isinstance(what, tuple):
            subject, obj = _term(scope.names, "subject", what[0]), _term(scope.names, "object", what[2])
            proofs, whole = explainer.find(Triple(subject, _property(scope.names, what[1]), obj))
        else:
            proofs, whole = explainer.find(what if isinstance(what, NamedNode) else scope.names.node("node", what))
        carried = self._carried(proofs, scope.policy)
        nodes = {NamedNode(claim) for claim in carried}
        nodes |= {NamedNode(source) for claim in carried.values() for source in claim.sources}
        return Explanation(proofs[0].root.says, tuple(proofs), scope.names.labels(nodes), carried, whole)

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
        from kg.explaining import QUESTIONS, Roles, why_not

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
            refusal=lambda claim: refusal(claim, self._claims.of([claim]), scope.policy),
        )

    def explainer(self, *, policy: str | None = None, known_by: str | date | None = None) -> Explainer:
        """What finds proofs under a policy; :meth:`explain` puts them into words.

        Args:
            policy: name of the trust policy, where not the graph's own.
            known_by: day by which claims must have been published to count.
        """
        from kg.explaining import Explainer

        scope = self._scope(policy, known_by)

        @cache
        def everything() -> Mapping[Triple, Sequence[Entailment]] | None:
            """Every step of the view, where they are few enough to keep."""
            from kg.facts import reasoner_input
            from kg.reasoning import derivations

            inferred = self.store.triples(GRAPH.inferred(view))
            few = sum(1 for _ in islice(inferred, _FEW + 1)) <= _FEW
            return derivations(reasoner_input(self.store, view)) if few else None

        @cache
        def retracer() -> Retracer:
            from kg.lookups import Lookups
            from kg.reasoning.retracing import Retracer

            lookups = Lookups(self.store, view)
            return Retracer(lookups.axioms, lookups)

        def entailments(triple: Triple) -> Iterable[Entailment]:
            known = everything()
            return retracer().steps(triple) if known is None else known.get(triple, ())

        def testimony(claim: NamedNode) -> tuple[list[NamedNode], NamedNode, list[NamedNode]]:
            return *self._claims.chain(claim, scope.policy), list(self._claims.sources(claim, scope.policy))

        view = scope.policy.view
        if view not in self._explainers:
            self._explainers[view] = Explainer(
                self.store, scope.graphs, view, entailments, scope.names.labels, testimony
            )
        return self._explainers[view]

    @cached_property
    def _explainers(self) -> dict[str, Explainer]:
        """What has found proofs before, by view."""
        return {}

    @cached_property
    def _claims(self) -> Claims:
        """The claims of the sources, which no view adds to."""
        return Claims(self.store, base_graphs(self.store))

    def _carried(self, proofs: Sequence[Proof], policy: Policy) -> dict[str, Carried]:
        """The claims that proofs rest on and those that carry them, as far as withdrawing goes.

        A carrier that the policy does not admit carries nothing, nor does a source that it leaves out.
        """
        from kg.explaining import Carried

        leaves = {NamedNode(claim) for proof in proofs for claim in proof.claims}
        above = self._claims.ranked(leaves, policy)
        found: dict[str, Carried] = {}
        wanted = list(leaves)
        while wanted:
            node = wanted.pop()
            if node.value not in found:
                sources = frozenset(source.value for source in self._claims.sources(node, policy))
                found[node.value] = Carried(sources, frozenset(carrier.value for carrier in above[node]))
                wanted += above[node]
        return found


def _property(names: Names, name: str) -> NamedNode:
    """The property of a name.

    Those of the vocabulary may be written without its prefix, which comes before what else has the name: classes are
    called like their properties. Those of RDF and RDFS, which nothing here describes, are written ``a`` or by prefix.
    """
    if name == "a":
        return RDF.type
    if name.isalpha() and name[0].islower() and NamedNode(FOEDUS.base + name) in FOEDUS:
        return NamedNode(FOEDUS.base + name)
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
