"""Verifying a store: whether its conclusions follow from what its sources say, and whether anything looks wrong.

The conclusions are computed again on a copy, from the asserted graphs alone and, as far as it comes to an end, with the
reference reasoner, and compared triple by triple. The check queries in ``queries/checks/`` then look for what no shape
can see: every row that one of them answers is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, Triple

from kg.building import add_view
from kg.errors import ParseError
from kg.facts import Facts
from kg.headers import read_header
from kg.reasoning import ReferenceReasoner
from kg.resources import resource
from kg.store.base import Store
from kg.terms import curie
from kg.trust import Policy, policies, policy_named
from kg.views import asserted_graphs, base_graphs, graphs_of_view
from kg.vocab import FOEDUS, GRAPH

__all__ = ["Check", "Difference", "Fault", "Verification", "load_checks", "read_check", "verify"]

LONG: Final = 50_000
"""From so many triples of sources on the reference reasoner takes hours, and the compiled one works in its place."""
_KEYS = frozenset({"summary", "severity"})
_SEVERITIES = ("violation", "warning", "info")


@dataclass(frozen=True)
class Check:
    """One check query.

    Attributes:
        name: name of its file.
        summary: what is wrong with the nodes that it finds, in a sentence.
        severity: ``"violation"``, ``"warning"`` or ``"info"``.
        text: a SPARQL SELECT query that projects ``?node`` and ``?error``.
    """

    name: str
    summary: str
    severity: str
    text: str


@dataclass(frozen=True)
class Difference:
    """A triple that a store has and should not have, or the other way round.

    Attributes:
        graph: IRI of the graph.
        triple: the triple.
        missing: whether it follows but is not there; else it is there but does not follow.
    """

    graph: str
    triple: Triple
    missing: bool

    def __str__(self) -> str:
        kind = "missing" if self.missing else "does not follow"
        terms = (curie(t.value) if isinstance(t, NamedNode) else str(t) for t in self.triple)
        return f"{kind} in {curie(self.graph)}: {' '.join(terms)}"


@dataclass(frozen=True)
class Fault:
    """One row of a check.

    Attributes:
        check: name of the check.
        severity: as the check declares it.
        node: IRI of the node at fault.
        error: what is wrong with it.
    """

    check: str
    severity: str
    node: str
    error: str

    def __str__(self) -> str:
        return f"{self.severity} ({self.check}): {curie(self.node)}: {self.error}"


@dataclass(frozen=True)
class Verification:
    """What verifying found.

    Attributes:
        differences: triples that differ, by graph.
        faults: rows of the checks.
        triples: how many triples were recomputed.
        views: under how many policies.
        checks: how many checks were run.
        reference: whether the reference reasoner computed them.
    """

    differences: tuple[Difference, ...]
    faults: tuple[Fault, ...]
    triples: int
    views: int
    checks: int
    reference: bool

    @property
    def sound(self) -> bool:
        """Whether nothing differs and no check found a violation."""
        return not self.differences and all(fault.severity != "violation" for fault in self.faults)


def verify(
    store: Store, *, reference: bool | None = None, progress: Callable[[str], None] = lambda stage: None
) -> Verification:
    """Recompute the conclusions of a store and run the checks; the store is only read.

    Args:
        store: a store that was built.
        reference: whether the reference reasoner runs OWL 2 RL again, or the compiled one; where not given the
            reference for up to :data:`LONG` triples of sources.
        progress: called with the name of each stage as it begins.

    Raises:
        InconsistencyError: what the sources say contradicts the ontology.
        ParseError: a check has no proper header.

    Example:
        >>> from kg.store import EmbeddedStore
        >>> store = EmbeddedStore()
        >>> store.insert(GRAPH.inferred("facts"), [Triple(FOEDUS.State, FOEDUS.betrays, FOEDUS.State)])
        >>> print(verify(store).differences[0])
        does not follow in graph:inferred/facts: foedus:State foedus:betrays foedus:State
    """
    copy = store.copy(base_graphs(store))
    views = _views(store)
    facts = Facts.of(copy)
    if reference is None:
        reference = len(facts.asserted) <= LONG
    reasoner = ReferenceReasoner() if reference else None
    for policy in views:
        add_view(copy, policy, reasoner=reasoner, facts=facts, progress=progress)
    progress("comparing")
    concluded = sorted((set(store.graphs()) | set(copy.graphs())) - _given(store), key=lambda g: g.value)
    differences = [d for graph in concluded for d in _differences(graph, store, copy)]
    progress("checking")
    checks = load_checks()
    faults = {fault for policy in views for check in checks for fault in _run(check, store, policy.view)}
    count = sum(1 for graph in concluded for _ in copy.triples(graph))
    order = sorted(faults, key=lambda f: (_SEVERITIES.index(f.severity), f.check, f.node, f.error))
    return Verification(tuple(differences), tuple(order), count, len(views), len(checks), reference)


def _given(store: Store) -> set[NamedNode]:
    return {GRAPH.ontology, GRAPH.catalog, *asserted_graphs(store)}


def _views(store: Store) -> list[Policy]:
    """The policies under which the store holds conclusions."""
    known = policies(store, base_graphs(store))
    found = []
    for triple in store.triples(GRAPH.catalog):
        if triple.subject == GRAPH.catalog:
            continue
        if triple.predicate == FOEDUS.policyName and isinstance(triple.object, Literal):
            policy = policy_named(known, triple.object.value)
            _, _, day = str(triple.subject.value).partition("/known-by/")  # type: ignore[union-attr]
            found.append(policy.as_known_by(date.fromisoformat(day) if day else None))
    return sorted(found, key=lambda policy: policy.view)


def _differences(graph: NamedNode, store: Store, copy: Store) -> Iterator[Difference]:
    held, right = set(store.triples(graph)), set(copy.triples(graph))
    for triple in sorted(right - held, key=str):
        yield Difference(graph.value, triple, missing=True)
    for triple in sorted(held - right, key=str):
        yield Difference(graph.value, triple, missing=False)


def load_checks() -> list[Check]:
    """The checks that ship, by name.

    Raises:
        ParseError: a check has no proper header.
    """
    return [read_check(path) for path in sorted((resource("queries") / "checks").glob("*.rq"))]


def read_check(path: Path) -> Check:
    """Read one check.

    Raises:
        ParseError: the header lacks a key or has one that is not known, or the severity is none.
    """
    keys, text = read_header(path, _KEYS)
    if keys["severity"] not in _SEVERITIES:
        raise ParseError(path.name, f"severity {keys['severity']!r} is none of {', '.join(_SEVERITIES)}")
    return Check(path.stem, keys["summary"], keys["severity"], text)


def _run(check: Check, store: Store, view: str) -> Iterator[Fault]:
    rows = store.query(check.text, default_graphs=graphs_of_view(store, view))
    if not isinstance(rows, QuerySolutions) or {v.value for v in rows.variables} < {"node", "error"}:
        raise ParseError(f"{check.name}.rq", "a check is a SELECT query that projects ?node and ?error")
    for row in rows:
        node, error = row["node"], row["error"]
        assert not isinstance(node, Triple) and not isinstance(error, Triple)
        yield Fault(check.name, check.severity, node.value if node else "", error.value if error else check.summary)
