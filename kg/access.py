"""Asking a built graph: questions, SPARQL, names, under a trust policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from kg import __version__
from kg.answers import Answer
from kg.coverage import not_covered, spans
from kg.errors import BadParameter, UnknownName, UsageError
from kg.naming import Names
from kg.questions import Parameter, Question, literal_value, load_question
from kg.store.depth import check_depth
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID, PREFIXES, Term, curie, local_name, near_misses
from kg.time import parse_when
from kg.trust import Policy, policies, policy_named, read_claims
from kg.views import base_graphs, built_policy, built_version, classes_below, graphs_of_view, is_of_view, view_exists
from kg.vocab import FOEDUS, GRAPH, RDFS

if TYPE_CHECKING:
    from kg.store.remote import RemoteStore

__all__ = ["Access", "Scope", "day"]

_TIMES: Final = ("from", "on", "to", "year")
"""Parameters that say about which years is asked."""


@dataclass(frozen=True)
class Scope:
    """What answers under one policy.

    Attributes:
        policy: the trust policy, with a known-by day where one was given.
        graphs: the graphs whose union is asked.
        names: what things are called in them.
        notes: what a reader of any answer should know.
    """

    policy: Policy
    graphs: list[NamedNode]
    names: Names
    notes: tuple[str, ...]


class Access:
    """A built graph that can be asked.

    Args:
        store: the store.
        policy: name of the trust policy that holds where a call names none; the one the store was built with where not
            given.
        progress: called with the name of each stage, should something have to be worked out.
    """

    def __init__(
        self,
        store: EmbeddedStore | RemoteStore,
        *,
        policy: str | None = None,
        progress: Callable[[str], None] = lambda stage: None,
    ) -> None:
        self.store: EmbeddedStore | RemoteStore = store
        self.policy = policy or built_policy(store)
        self.progress = progress
        self._policies: dict[str, Policy] | None = None
        self._scopes: dict[str, Scope] = {}
        self._asked: set[str] = set()

    def ask(
        self,
        question: str | Question,
        *,
        policy: str | None = None,
        known_by: str | date | None = None,
        **parameters: object,
    ) -> Answer:
        """Ask one of the questions that ship.

        Args:
            question: name of the question, such as ``"allies-supplying-adversary"``.
            policy: name of the trust policy, where not the graph's own.
            known_by: day by which claims must have been published to count.
            parameters: the question's own parameters; states by name, code or IRI. ``None`` leaves one out.

        Raises:
            UnknownName: no such question, parameter, state, node or policy; carries the close matches.
            BadParameter: a value does not fit its parameter.
            UsageError: a required parameter is missing, or a policy is given to a question it has no bearing on.
        """
        asked = load_question(question) if isinstance(question, str) else question
        if not asked.policy and (policy is not None or known_by is not None):
            raise UsageError(f"{asked.name} lists claims as they stand; policy and known-by have no bearing on it")
        scope = self._scope(policy, known_by)
        values: dict[str, Term] = {}
        for parameter in asked.parameters:
            value = parameters.pop(parameter.variable, parameters.pop(parameter.name, parameter.default))
            term = None if value is None else self._term(parameter, value, scope.names)
            if term is not None and not parameter.means_any(term):
                values[parameter.name] = term
        for name in parameters:
            asked.parameter(name)
        _in_order(values)
        solutions = self.store.query(asked.bind(values), default_graphs=scope.graphs)
        assert isinstance(solutions, QuerySolutions)
        rows = tuple(tuple(solution) for solution in solutions)
        labels = scope.names.labels(term for row in rows for term in row)
        notes = scope.notes if rows else (*scope.notes, *self._silence_notes(values))
        return Answer(tuple(c.name for c in asked.columns), rows, labels, notes)

    def sparql(
        self, query: str, *, policy: str | None = None, known_by: str | date | None = None
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Ask in SPARQL; the default graph is the union of asserted, ontology, accepted and inferred.

        Raises:
            QueryError: the text does not parse, is not a query, or goes too deep for the engine.
        """
        check_depth(query)
        graphs = self._scope(policy, known_by).graphs
        return self.store.query(query, default_graphs=graphs, prefixes=PREFIXES)

    def find(self, name: str, *, kind: NamedNode | None = None) -> NamedNode:
        """The node that a name, a code or an IRI stands for.

        Args:
            name: a label, an ISO or Correlates of War code, ``alliance/csto``, or an IRI.
            kind: class that the node must be of, such as ``foedus:State``.

        Raises:
            UnknownName: nothing, or more than one thing, has the name; carries the close matches.
        """
        return self._scope(None, None).names.node("node", name, kind)

    def label(self, node: NamedNode) -> str:
        """The English name of a node, or its IRI in short."""
        return self._scope(None, None).names.label(node)

    def trust_policies(self) -> Mapping[str, Policy]:
        """The trust policies that the graph knows, by name."""
        if self._policies is None:
            self._policies = policies(self.store, base_graphs(self.store))
        return self._policies

    def _scope(self, policy: str | None, known_by: str | date | None) -> Scope:
        """What answers under a policy, made in memory where the store does not have it."""
        chosen = policy_named(self.trust_policies(), policy or self.policy)
        if known_by is not None:
            chosen = chosen.as_known_by(day("known-by", known_by))
        if chosen.view not in self._scopes:
            if not view_exists(self.store, chosen.view):
                from kg.building import add_view

                self.store = self._beside()
                self._scopes.clear()
                add_view(self.store, chosen, progress=self.progress)
            self._asked.add(chosen.view)
            graphs = graphs_of_view(self.store, chosen.view)
            names = Names(self.store, graphs)
            notes = (*self._version_notes(), *self._publication_notes(chosen, names))
            self._scopes[chosen.view] = Scope(chosen, graphs, names, notes)
        return self._scopes[chosen.view]

    def _beside(self) -> EmbeddedStore:
        """A store in memory for one more view: with what sources say, and the views that have been asked under."""
        asked = {g for view in self._asked for g in (*graphs_of_view(self.store, view), GRAPH.proofs(view))}
        beside = self.store.copy({*base_graphs(self.store), *asked})
        entries = self.store.triples(GRAPH.catalog)
        told = {graph.value for graph in (*asked, *map(GRAPH.union, self._asked))}
        kept = (t for t in entries if not is_of_view(t.subject) or t.subject.value.partition("#")[0] in told)
        beside.insert(GRAPH.catalog, kept)
        return beside

    def _silence_notes(self, values: Mapping[str, Term]) -> tuple[str, ...]:
        """Of what no data set speaks for the years that were asked about, where nothing was found."""
        times = ((name, values[name]) for name in _TIMES if name in values)
        given = {name: int(term.value[:4]) for name, term in times if isinstance(term, Literal)}
        if not given:
            return ()
        first, last = given.get("from"), given.get("to")
        if once := given.get("on", given.get("year")):
            first = last = once
        told = not_covered(spans(self.store, base_graphs(self.store)), first, last)
        return (told,) if told else ()

    def _version_notes(self) -> tuple[str, ...]:
        """Whether the terms that questions use, and the rules, may be others than those of the graph."""
        version = built_version(self.store)
        if version in (None, __version__):
            return ()
        return (
            f"the graph was built by foedus {version}, and this is {__version__}: its terms and rules may differ, and "
            "answers lack rows for that; build it anew with kg build",
        )

    def _publication_notes(self, policy: Policy, names: Names) -> tuple[str, ...]:
        """Which claims count under a known-by day although they may have been published later."""
        if policy.known_by is None:
            return ()
        claims = read_claims(self.store, base_graphs(self.store)).values()
        unsure = [c for c in claims if c.published[0] <= policy.known_by < c.published[1]]
        if not unsure:
            return ()
        sources = sorted(names.labels({source for claim in unsure for source in claim.sources}).values())
        return (
            f"{len(unsure)} claims count although they may have been published after {policy.known_by.isoformat()}: "
            f"the day of publication is not known more closely ({', '.join(sources)})",
        )

    def _term(self, parameter: Parameter, value: object, names: Names) -> Term:
        if isinstance(value, NamedNode | Literal):
            return value
        match parameter.type:
            case "state":
                return names.node("state", str(value), FOEDUS.State)
            case "alliance":
                return names.node("alliance", str(value), FOEDUS.Alliance)
            case "class":
                return self._class(parameter, str(value), names)
            case "node":
                return names.node(f"node for the parameter {parameter.name!r}", str(value))
            case "term":
                return self._part_of_terms(parameter, str(value))
        return literal_value(parameter, value)

    def _part_of_terms(self, parameter: Parameter, text: str) -> Literal:
        """What is in the name or the label of some term of the ontology, without its prefix."""
        part = text.strip().removeprefix("foedus:")
        called: set[str] = set()
        for triple in self.store.match([GRAPH.ontology], None, RDFS.label):
            term, label = triple.subject, triple.object
            if isinstance(term, NamedNode) and term in FOEDUS and isinstance(label, Literal):
                called |= {local_name(term.value), label.value}
        if not any(part.casefold() in name.casefold() for name in called):
            raise UnknownName(parameter.name, text, near_misses(part, called), "Leave it out to list all terms")
        return Literal(part)

    def _class(self, parameter: Parameter, text: str, names: Names) -> NamedNode:
        """The class that is named; where it is none of those that there can be, these are listed."""
        classes = {cls for top in parameter.below for cls in classes_below(self.store, top)}
        near: Sequence[str] = ()
        try:
            node = names.node(f"node for the parameter {parameter.name!r}", text)
            # Whoever has classes of their own may ask for them.
            if node in classes or not node.value.startswith((FOEDUS.base, PREFIXES["id"])):
                return node
        except UnknownName as fault:
            near = fault.near
        written = sorted(curie(cls.value) for cls in classes if not cls.value.startswith(GENID))
        near = [cls for cls in written if text.casefold() in cls.casefold()] or near
        raise UnknownName(parameter.name, text, near, f"There are: {', '.join(written)}")


def _in_order(values: Mapping[str, Term]) -> None:
    """See to it that a span of time does not end before it begins, for then nothing could ever be found in it.

    Raises:
        BadParameter: it does.
    """
    first, last = values.get("from"), values.get("to")
    if isinstance(first, Literal) and isinstance(last, Literal) and last.value < first.value:
        raise BadParameter("to", last.value, f"a day on or after {first.value}, the day that from gives")


def day(name: str, value: str | date) -> date:
    """The day that an option or a parameter gives.

    Args:
        name: name of the option, for the message.
        value: a day, or ``YYYY-MM-DD``.

    Raises:
        BadParameter: it is no day.
    """
    try:
        return value if isinstance(value, date) else parse_when(value)
    except ValueError as fault:
        raise BadParameter(name, str(value), "a day: write YYYY-MM-DD, such as 2020-11-09") from fault
