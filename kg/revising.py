"""What a view becomes when the facts change: each stage of the road is taken again for what the change touches.

A build goes from what the sources say to what counts, what the rules derive and what follows by OWL 2 RL. A
:class:`Basis` keeps what each of these stages worked out, and a change goes through all of them in the time that the
change takes, not that of a build. What comes out is what a build from the changed facts would give. What the sources
say is the same under every policy: several bases can share one :class:`Said`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode, Triple

from kg.accepting import Reading, accept
from kg.building import catalog_view
from kg.columns import Columns, Dictionary, Numbers, distinct
from kg.errors import InconsistencyError
from kg.facts import Facts
from kg.reasoning.compiled import State, open_state
from kg.rules import load_rules
from kg.rules.deriving import Derivation
from kg.rules.relations import distinct_rows
from kg.rules.tally import Row, Tally
from kg.store.base import Store
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy
from kg.vocab import FOEDUS, GRAPH, RDF

__all__ = ["Basis", "Difference", "Revision", "Said", "Told"]

Rows: TypeAlias = frozenset[Row]

_DEPTH: Final = 4
"""An episode leads to an obligation, that to a membership or a provision, that to an alliance or a state."""


@dataclass(frozen=True)
class Difference:
    """What a graph has more and what it has less.

    Attributes:
        added: triples that it did not have.
        removed: triples that it had.
    """

    added: Columns
    removed: Columns


@dataclass(frozen=True)
class Revision:
    """A change gone through every stage.

    Attributes:
        basis: what everything is worked out from after the change.
        asserted: what the sources say otherwise, all of them together.
        accepted: what counts otherwise.
        derived: what the dated rules derive otherwise.
        given: what the reasoner is given otherwise.
        inferred: what OWL 2 RL reasoning adds otherwise.
    """

    basis: Basis
    asserted: Difference
    accepted: Difference
    derived: Difference
    given: Difference
    inferred: Difference


@dataclass(frozen=True)
class Told:
    """A change of what the sources say.

    Attributes:
        said: all that they say after it.
        before: all that they said before it.
        more: what they say more.
        less: what they no longer say.
        affected: the nodes that may be accepted in another way; ``None`` for any node.
    """

    said: Said
    before: Said
    more: list[Row]
    less: list[Row]
    affected: frozenset[NamedNode] | None


@dataclass(frozen=True)
class Said:
    """What the sources of a store say, read once for every policy. It never changes.

    Attributes:
        facts: the ontology, and the numbers of all terms.
        asserted: what the sources say, all of them together.
        reading: what is claimed in it.
    """

    facts: Facts
    asserted: Tally
    reading: Reading

    @classmethod
    def of(cls, store: Store) -> Said:
        """Read the asserted graphs and the ontology of a store."""
        return cls._in(Facts.of(store))

    @classmethod
    def read(cls, ontology: Iterable[Triple], sources: Iterable[Iterable[bytes]]) -> Said:
        """Read sources that are known line by line.

        Args:
            ontology: what the ontology says.
            sources: the lines of each source, in N-Triples as :meth:`kg.columns.Columns.read` takes them.
        """
        dictionary = Dictionary()
        schema = Columns.encode(ontology, dictionary)
        asserted = Columns.joined(Columns.read(b"".join(lines), dictionary) for lines in sources)
        return cls._in(Facts(dictionary, schema, asserted))

    @classmethod
    def _in(cls, facts: Facts) -> Said:
        said = facts.asserted
        once = replace(facts, asserted=said.where(distinct_rows([said.subject, said.predicate, said.object])))
        return cls(once, Tally(once.asserted), once.reading)

    def changed(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Told:
        """What is said once sources say more, or less.

        Args:
            added: what they say more; what they say already changes nothing.
            removed: what they no longer say; what is added too stays.
        """
        more = set(self.facts.encoded(added).rows())
        less = set(self.facts.encoded(removed).rows()) - more
        counts = self.asserted.counts(more | less)
        net = {row: 1 for row in more if not counts[row]} | {row: -1 for row in less if counts[row]}
        asserted, said, unsaid = self.asserted.changed(net)
        touched = np.array(sorted({row[0] for row in net}), dtype=np.int64)
        reading, affected = self.reading.changed(self.nodes(touched), lambda node: self._told(asserted, node))
        return Told(Said(self.facts, asserted, reading), self, said, unsaid, affected)

    def accepted(self, policy: Policy, nodes: Collection[NamedNode] | None = None) -> Columns:
        """What counts under a policy: all of it, or what is accepted of some nodes."""
        return self.facts.encoded(accept(self.reading, policy, nodes))

    def says(self, row: Row) -> bool:
        """Whether any source says a triple."""
        return bool(self.asserted.counts([row])[row])

    def nodes(self, numbers: Numbers) -> list[NamedNode]:
        """Those of some terms that are IRIs."""
        return [term for term in self.facts.dictionary.terms(numbers) if isinstance(term, NamedNode)]

    def _told(self, asserted: Tally, node: NamedNode) -> Iterator[Triple]:
        number = self.facts.dictionary.find(node)
        return asserted.about(np.array([number], dtype=np.int64)).decode(self.facts.dictionary)


@dataclass(frozen=True)
class Basis:
    """Everything that a view was worked out from, ready for other facts. It never changes.

    Attributes:
        policy: the trust policy.
        said: what the sources say.
        derivation: what the rules derive from what counts.
        closure: what follows from that.

    Example:
        >>> from kg import KnowledgeGraph
        >>> from kg.vocab import FOEDUS, GRAPH, RDF
        >>> kg = KnowledgeGraph.open()
        >>> basis = Basis.of(kg.store, kg.trust_policies()["reported"])
        >>> every = set(basis.derivation.derived.decode(basis.facts.dictionary))
        >>> every == set(kg.store.triples(GRAPH.derived("reported")))
        True
        >>> revision = basis.changed([], [next(kg.store.triples(GRAPH.asserted("article-armenia-belarus")))])
        >>> len(revision.asserted.removed)
        1
    """

    policy: Policy
    said: Said
    derivation: Derivation
    closure: State

    @classmethod
    def of(cls, store: Store, policy: Policy) -> Basis:
        """Work out a view from what a store's sources say.

        Args:
            store: the store, of which only the asserted graphs and the ontology are read.
            policy: the trust policy.

        Raises:
            InconsistencyError: the accepted data contradict the ontology.
        """
        said = Said.of(store)
        return cls.under(policy, said, said.facts.accepted.get(policy.view))

    @classmethod
    def under(cls, policy: Policy, said: Said, accepted: Columns | None = None) -> Basis:
        """Work out a view from what sources say.

        Args:
            policy: the trust policy.
            said: what they say.
            accepted: what of it counts under the policy, where that is known.

        Raises:
            InconsistencyError: the accepted data contradict the ontology.
        """
        facts = replace(said.facts, asserted=said.asserted.columns)
        accepted = said.accepted(policy) if accepted is None else accepted
        derivation = Derivation.of(load_rules(), Columns.joined([facts.asserted, accepted]), facts.dictionary)
        closure = open_state(facts.usable(accepted, derivation.derived), facts.dictionary)
        return cls(policy, said, derivation, _consistent(closure))

    @property
    def facts(self) -> Facts:
        """The ontology, and the numbers of all terms."""
        return self.said.facts

    @property
    def asserted(self) -> Tally:
        """What the sources say, all of them together."""
        return self.said.asserted

    @property
    def reading(self) -> Reading:
        """What is claimed in it."""
        return self.said.reading

    def graphs(self) -> Iterator[tuple[NamedNode, Iterator[Triple]]]:
        """The graphs of the view: what is accepted, derived and inferred."""
        view, dictionary = self.policy.view, self.facts.dictionary
        yield GRAPH.accepted(view), accept(self.reading, self.policy)
        yield GRAPH.derived(view), self.derivation.derived.decode(dictionary)
        yield GRAPH.inferred(view), self.closure.closure.inferred.decode(dictionary)

    def union(self) -> tuple[Columns, ...]:
        """All that answers under the policy, graph by graph; what stands in two of them comes twice."""
        counting, closed = self.said.accepted(self.policy), self.closure.closure.inferred
        return self.facts.ontology, self.asserted.columns, counting, self.derivation.derived, closed

    def store(self) -> EmbeddedStore:
        """The view in a store of its own in memory, with what it was worked out from; the steps of proofs are not."""
        store, dictionary = EmbeddedStore(), self.facts.dictionary
        for graph, triples in (
            (GRAPH.ontology, self.facts.ontology.decode(dictionary)),
            (GRAPH.asserted("scenario"), self.asserted.columns.decode(dictionary)),
            *self.graphs(),
            (GRAPH.catalog, catalog_view(self.policy, self.closure.certificate)),
        ):
            store.insert(graph, triples)
        return store

    @cached_property
    def counts(self) -> bool:
        """Whether anything counts under the policy."""
        return any(True for _ in accept(self.reading, self.policy))

    def are(self, nodes: Numbers, cls: NamedNode) -> NDArray[np.bool_]:
        """Which of some nodes are of a class, said or inferred."""
        number, same = self.facts.dictionary.find(cls), self.closure.same
        if same is not None:
            stands = np.arange(len(self.facts.dictionary))
            stands[: len(same)] = same
            number, nodes = int(stands[number]), stands[nodes]
        return self.closure.engine.look_up(~number).contains(nodes)

    def around(self, nodes: Iterable[NamedNode]) -> EmbeddedStore:
        """A store of one graph with the ontology, some nodes, and what they lead to: enough to tell them in words.

        Args:
            nodes: derived nodes, or any others.
        """
        find, number = self.facts.dictionary.find, self.facts.dictionary.number
        state, kind = number(FOEDUS.State), number(RDF.type)
        frontier = distinct(np.array([n for node in nodes if (n := find(node)) >= 0], dtype=np.int64))
        seen, parts = set(frontier.tolist()), list[Columns]()
        for _ in range(_DEPTH):
            about = Columns.joined([self.asserted.about(frontier), self.derivation.about(frontier)])
            parts.append(about)
            # Everything meets in states, and no sentence goes on through them.
            states = set(about.subject[(about.predicate == kind) & (about.object == state)].tolist())
            onward = {o for s, p, o in about.rows() if s not in states and p != kind} - seen
            frontier = np.array(sorted(onward), dtype=np.int64)
            seen |= onward
        store = EmbeddedStore()
        for columns in (self.facts.ontology, *parts):
            store.insert(GRAPH.asserted("scenario"), columns.decode(self.facts.dictionary))
        return store

    def changed(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Revision:
        """What follows once sources say more, or less.

        Args:
            added: what they say more; what they say already changes nothing.
            removed: what they no longer say; what is added too stays.

        Raises:
            InconsistencyError: the change contradicts the ontology.
        """
        return self.after(self.said.changed(added, removed))

    def after(self, told: Told) -> Revision:
        """What follows once sources say something else.

        Args:
            told: how what they say has changed since this basis.

        Raises:
            InconsistencyError: the change contradicts the ontology.
        """
        was_said, said = told.before, told.said
        before, after = (self._rows(one.accepted(self.policy, told.affected)) for one in (was_said, said))
        counted, discounted = after - before, before - after
        # What a source itself says of how a node counts is there whether or not a policy says so too.
        facts_added = {r for r in told.more if r not in before} | {r for r in counted if not was_said.says(r)}
        facts_removed = {r for r in told.less if r not in after} | {r for r in discounted if not said.says(r)}
        facts_added, facts_removed = facts_added - facts_removed, facts_removed - facts_added

        derivation, gained, lost = self.derivation.changed(
            Columns.of_rows(sorted(facts_added)), Columns.of_rows(sorted(facts_removed))
        )
        changed = Columns.joined(
            [*map(Columns.of_rows, (told.more, told.less, sorted(counted), sorted(discounted))), gained, lost]
        )
        nodes = distinct(changed.subject)
        was = self._usable(nodes, was_said, self.derivation)
        now = self._usable(nodes, said, derivation)
        given = Difference(Columns.of_rows(sorted(now - was)), Columns.of_rows(sorted(was - now)))
        closure = self.closure.changed(given.added, given.removed)
        return Revision(
            Basis(self.policy, said, derivation, _consistent(closure.state)),
            Difference(Columns.of_rows(told.more), Columns.of_rows(told.less)),
            Difference(Columns.of_rows(sorted(counted)), Columns.of_rows(sorted(discounted))),
            Difference(gained, lost),
            given,
            Difference(closure.gained, closure.lost),
        )

    def _usable(self, nodes: Numbers, said: Said, derivation: Derivation) -> Rows:
        accepted = said.accepted(self.policy, said.nodes(nodes))
        return self._rows(self.facts.counting(said.asserted.about(nodes), accepted, derivation.about(nodes)))

    @staticmethod
    def _rows(columns: Columns) -> Rows:
        return frozenset(columns.rows())


def _consistent(closure: State) -> State:
    if closure.inconsistencies:
        raise InconsistencyError(closure.inconsistencies)
    return closure
