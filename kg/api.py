"""The graph as a Python object."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from kg.answers import Answer
from kg.errors import BadParameter, StoreError, UnknownName, UsageError
from kg.questions import Parameter, Question, literal_value, load_question, load_questions
from kg.sentences import sentences
from kg.store.embedded import EmbeddedStore
from kg.terms import PREFIXES, Term, expand, near_misses
from kg.time import parse_when
from kg.trust import Policy, policies, policy_named, read_claims
from kg.views import base_graphs, graphs_of_view, view_exists
from kg.vocab import FOEDUS, RDFS, SKOS

if TYPE_CHECKING:
    from kg.building import Report

__all__ = ["KnowledgeGraph", "default_store"]


def default_store() -> Path:
    """Where the store is when nobody says: ``$FOEDUS_STORE``, or ``foedus/store`` in the user's data folder."""
    from platformdirs import user_data_path

    given = os.environ.get("FOEDUS_STORE")
    return Path(given) if given else user_data_path("foedus", appauthor=False) / "store"


class KnowledgeGraph:
    """A built graph that can be asked.

    Example:
        >>> kg = KnowledgeGraph.open()
        >>> [(row["supplier"], row["adversary"]) for row in kg.ask("allies-supplying-adversary", state="Armenia")]
        [('Belarus', 'Azerbaijan')]
    """

    def __init__(self, store: EmbeddedStore, *, policy: str = "reported") -> None:
        self.store = store
        self.policy = policy
        self._names: dict[str, dict[str, set[NamedNode]]] = {}
        self._policies: dict[str, Policy] | None = None
        self._views: set[str] = set()

    @classmethod
    def open(
        cls,
        path: str | Path | None = None,
        *,
        policy: str = "reported",
        progress: Callable[[str], None] = lambda stage: None,
    ) -> KnowledgeGraph:
        """Open a built store, to read.

        Args:
            path: the store; where not given, the default one, which is built from the facts that ship on first use.
            policy: name of the trust policy that holds where a call names none.
            progress: called with the name of each stage, should a graph have to be built.

        Raises:
            StoreError: there is no store at the path, or it is damaged.
        """
        if path is not None:
            return cls(EmbeddedStore.open(Path(path)), policy=policy)
        place = default_store()
        if EmbeddedStore.exists(place):
            return cls(EmbeddedStore.open(place), policy=policy)
        graph, _ = cls.build(policy=policy, progress=progress)
        try:
            graph.store.publish(place)
        except StoreError:
            progress(f"{place} cannot be written; the graph stays in memory")
        return graph

    @classmethod
    def build(
        cls,
        files: Iterable[str | Path] | None = None,
        *,
        policy: str = "reported",
        progress: Callable[[str], None] = lambda stage: None,
    ) -> tuple[KnowledgeGraph, Report]:
        """Build a graph in memory.

        Args:
            files: files of facts; those that ship where not given.
            policy: name of the trust policy.
            progress: called with the name of each stage as it begins.

        Raises:
            ParseError: a file does not parse.
            ValidationError: data break shapes.
            InconsistencyError: data contradict the ontology.
            UnknownName: there is no such policy.
        """
        from kg.building import build
        from kg.resources import graph_files

        paths = graph_files() if files is None else [Path(file) for file in files]
        store, report = build(paths, policy=policy, progress=progress)
        return cls(store, policy=policy), report

    # ---------------------------------------------------------------- asking

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
        graphs, notes = self._view(policy, known_by)
        values: dict[str, Term] = {}
        for parameter in asked.parameters:
            value = parameters.pop(parameter.variable, parameters.pop(parameter.name, parameter.default))
            if value is not None:
                values[parameter.name] = self._term(parameter, value, graphs)
        for name in parameters:
            asked.parameter(name)
        solutions = self.store.query(asked.bind(values), default_graphs=graphs)
        assert isinstance(solutions, QuerySolutions)
        rows = tuple(tuple(solution) for solution in solutions)
        return Answer(tuple(c.name for c in asked.columns), rows, self._labels(rows, graphs), notes)

    def sparql(
        self, query: str, *, policy: str | None = None, known_by: str | date | None = None
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Ask in SPARQL; the default graph is the union of asserted, ontology, accepted and inferred.

        Raises:
            QueryError: the text does not parse, or is not a query.
        """
        graphs, _ = self._view(policy, known_by)
        return self.store.query(query, default_graphs=graphs, prefixes=PREFIXES)

    def export(
        self,
        out: str | Path,
        formats: Sequence[str] = ("ttl",),
        *,
        policy: str | None = None,
        grounded_owl: bool = False,
    ) -> list[Path]:
        """Write the graph into a folder: asserted, accepted, inferred and proofs apart.

        Args:
            out: the folder; made where it is not there.
            formats: some of ``ttl``, ``nt``, ``jsonld``, ``trig`` and ``csv``; the last writes ``tables/NAME.csv``, the
                answer to every question that can be asked without parameters.
            policy: name of the trust policy, where not the graph's own.
            grounded_owl: whether to write ``grounded.ttl`` too, see :func:`kg.exporting.grounded_owl`.

        Returns:
            The files written, sorted.

        Raises:
            UnknownName: there is no such format or policy.
            StoreError: the folder cannot be written.
        """
        from pyoxigraph import QueryResultsFormat

        from kg import exporting

        folder = Path(out)
        self._view(policy, None)
        view = policy_named(self.trust_policies(), policy or self.policy).view
        written = exporting.export(self.store, view, folder, [f for f in formats if f != "csv"])
        if "csv" in formats:
            for question in load_questions():
                if not any(p.required for p in question.parameters):
                    answer = self.ask(question, policy=policy if question.policy else None)
                    table = answer.to_sparql(QueryResultsFormat.CSV)
                    written.append(exporting.write_file(folder / "tables" / f"{question.name}.csv", table))
        if grounded_owl:
            triples = exporting.grounded_owl(self.store, view)
            text = exporting.serialize(triples, exporting.FORMATS["ttl"])
            written.append(exporting.write_file(folder / "grounded.ttl", text))
        return sorted(written)

    def find(self, name: str, *, kind: NamedNode | None = None) -> NamedNode:
        """The node that a name, a code or an IRI stands for.

        Args:
            name: a label, an ISO or Correlates of War code, ``alliance/csto``, or an IRI.
            kind: class that the node must be of, such as ``foedus:State``.

        Raises:
            UnknownName: nothing, or more than one thing, has the name; carries the close matches.
        """
        graphs, _ = self._view(None, None)
        return self._node("node", name, kind, graphs)

    def label(self, node: NamedNode) -> str:
        """The English name of a node, or its IRI in short."""
        graphs, _ = self._view(None, None)
        return self._labels([(node,)], graphs).get(node.value) or node.value

    def trust_policies(self) -> Mapping[str, Policy]:
        """The trust policies that the graph knows, by name."""
        if self._policies is None:
            self._policies = policies(self.store, base_graphs(self.store))
        return self._policies

    # ---------------------------------------------------------------- within

    def _view(self, policy: str | None, known_by: str | date | None) -> tuple[list[NamedNode], tuple[str, ...]]:
        """The graphs that answer under a policy, made in memory where the store does not have them."""
        chosen = policy_named(self.trust_policies(), policy or self.policy)
        if known_by is not None:
            try:
                day = known_by if isinstance(known_by, date) else parse_when(known_by)
            except ValueError as fault:
                raise BadParameter("known-by", str(known_by), "a day: write YYYY-MM-DD, such as 2020-11-09") from fault
            chosen = chosen.as_known_by(day)
        if chosen.view not in self._views and not view_exists(self.store, chosen.view):
            from kg.building import add_view
            from kg.reasoning import AutomaticReasoner

            self.store = self.store.copy()
            add_view(self.store, chosen, reasoner=AutomaticReasoner())
        self._views.add(chosen.view)
        return graphs_of_view(self.store, chosen.view), self._publication_notes(chosen)

    def _publication_notes(self, policy: Policy) -> tuple[str, ...]:
        """Which claims count under a known-by day although they may have been published later."""
        if policy.known_by is None:
            return ()
        graphs = base_graphs(self.store)
        claims = read_claims(self.store, graphs).values()
        unsure = [c for c in claims if c.published[0] <= policy.known_by < c.published[1]]
        if not unsure:
            return ()
        sources = {source for claim in unsure for source in claim.sources}
        labels = self._labels([tuple(sources)], graphs)
        names = ", ".join(sorted(labels.get(s.value, s.value) for s in sources))
        return (
            f"{len(unsure)} claims count although they may have been published after {policy.known_by.isoformat()}: "
            f"the day of publication is not known more closely ({names})",
        )

    def _term(self, parameter: Parameter, value: object, graphs: Sequence[NamedNode]) -> Term:
        if isinstance(value, NamedNode | Literal):
            return value
        match parameter.type:
            case "state":
                return self._node("state", str(value), FOEDUS.State, graphs)
            case "node":
                return self._node(parameter.name, str(value), None, graphs)
        return literal_value(parameter, value)

    def _node(self, what: str, text: str, kind: NamedNode | None, graphs: Sequence[NamedNode]) -> NamedNode:
        key = kind.value if kind else ""
        if key not in self._names:
            self._names[key] = self._read_names(kind, graphs)
        names = self._names[key]
        folded = text.strip().casefold()
        found = {node for name, nodes in names.items() if name.casefold() == folded for node in nodes}
        if len(found) == 1:
            return next(iter(found))
        if found:
            choices = ", ".join(sorted(n.value.removeprefix(PREFIXES["id"]) for n in found))
            raise UnknownName(what, text, (), f"It may mean {choices}")
        node = expand(text)
        if node is not None and any(node in nodes for nodes in names.values()):
            return node
        raise UnknownName(what, text, near_misses(text, names))

    def _read_names(self, kind: NamedNode | None, graphs: Sequence[NamedNode]) -> dict[str, set[NamedNode]]:
        wanted = f"?node a {kind} ." if kind else ""
        answer = self.store.query(
            f"""SELECT ?node ?name WHERE {{ {wanted}
                VALUES ?property {{ {RDFS.label} {SKOS.altLabel} {FOEDUS.iso2} {FOEDUS.iso3} {FOEDUS.cowCode}
                                    {FOEDUS.cowAbbreviation} {FOEDUS.policyName} }}
                ?node ?property ?name }}""",
            default_graphs=graphs,
        )
        assert isinstance(answer, QuerySolutions)
        names: dict[str, set[NamedNode]] = {}
        for solution in answer:
            node, name = solution["node"], solution["name"]
            assert isinstance(node, NamedNode) and isinstance(name, Literal)
            names.setdefault(name.value, set()).add(node)
        return names

    def _labels(self, rows: Iterable[Sequence[Term | None]], graphs: Sequence[NamedNode]) -> dict[str, str]:
        nodes = {term for row in rows for term in row if isinstance(term, NamedNode)}
        if not nodes:
            return {}
        values = " ".join(sorted(str(node) for node in nodes))
        answer = self.store.query(
            f"SELECT ?node (MIN(STR(?l)) AS ?label) WHERE {{ VALUES ?node {{ {values} }} ?node {RDFS.label} ?l "
            'FILTER(LANGMATCHES(LANG(?l), "en") || LANG(?l) = "") } GROUP BY ?node',
            default_graphs=graphs,
        )
        assert isinstance(answer, QuerySolutions)
        labels = {s["node"].value: s["label"].value for s in answer}  # type: ignore[union-attr]
        unnamed = {node for node in nodes if node.value not in labels and node.value.startswith(PREFIXES["id"])}
        if unnamed:
            labels |= {node.value: text for node, text in sentences(self.store, graphs, unnamed).items()}
        return labels
