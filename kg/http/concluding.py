"""What follows from the sources, kept between one change of them and the next, so that each takes its own time.

A change goes through the stages of a build, see :mod:`kg.revising`, and only what differs is written. What comes out is
what a build from the changed sources gives. A change of very much is worked out as a build does it, all anew.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from time import sleep
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import KgError
from kg.files import writing
from kg.http.lines import Lines, changed, digest, lines_of
from kg.http.writable import Quads, Writable, graph_of, source_name
from kg.statistics import Statistics, noted_sizes, sized
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies, policy_named
from kg.views import VIEWS, asserted_graphs, base_graphs, built_policy, is_of_view, written
from kg.vocab import DCTERMS, FOEDUS, GRAPH

if TYPE_CHECKING:
    from kg.revising import Basis, Difference, Said

__all__ = ["Conclusions", "Known"]

_log = logging.getLogger("kg.http")
_INFERRED: Final = f"{GRAPH.base}inferred/"
_PAUSE: Final = 1.0
"""Seconds between two looks for another generation."""
_MUCH: Final = 3_000
"""A change of more statements takes longer step by step than all anew."""
_COUNTED: Final = 50_000
"""Of more asserted statements a write does not count what all graphs of a view hold together: who asks for it does, or
the next build."""
_WORN: Final = 100_000
"""After changes of so many statements what is kept is worked out anew: what they left behind slows each next one."""


@dataclass(frozen=True)
class Known:
    """What is kept of a generation.

    Attributes:
        said: what the sources say.
        lines: the same, graph by graph.
        bases: what each view was worked out from, by its name.
        changed: how many statements have changed since all of it was worked out.
    """

    said: Said
    lines: Lines
    bases: Mapping[str, Basis]
    changed: int = 0


class Conclusions:
    """What is kept of one generation; a thread may work it out before anybody asks for it."""

    def __init__(self) -> None:
        self._generation: str | None = None
        self._known: Known | None = None
        self._alone = RLock()

    def publish(self, after: Writable, known: Known | None) -> str:
        """Put what is to follow to use, and keep what is known of it in the place of what was kept before.

        Returns:
            Name of the new generation.

        Raises:
            Overtaken: another generation is in use by now; nothing was written.
            StoreError: the store's folder cannot be written.
        """
        assert after.path is not None
        with self._alone:
            generation = after.publish(after.path, replacing=after.before.opened)
            worn = known is not None and known.changed > _WORN
            self._generation, self._known = generation, None if worn else known
        return generation

    def stay_ready(self, path: Path) -> None:
        """Work out what a change will need whenever another generation has come into use; never returns.

        Args:
            path: the store.
        """
        tried: str | None = None
        while True:
            sleep(_PAUSE)
            with self._alone:
                generation = EmbeddedStore.generation(path)
                if generation in (None, tried) or (generation == self._generation and self._known is not None):
                    continue
                tried = generation
                try:
                    store = EmbeddedStore.open(path)
                    known = self._of(store, _wanted(store, store))
                except (KgError, MemoryError) as fault:
                    _log.warning("the next change will take longer: %s", fault)
                    continue
                self._generation, self._known = store.opened, known
                del store  # what is open here no build or write would remove

    def lines(self, store: EmbeddedStore) -> Lines:
        """The lines of the graphs that were opened, as far as they are known."""
        with self._alone:
            return self._known.lines if self._known is not None and store.opened == self._generation else {}

    def draw(self, after: Writable, added: Quads, removed: Quads, graphs: Collection[str]) -> Known | None:
        """Replace what followed by what follows now, and keep the catalog in step.

        Args:
            after: what is to follow the generation in use, with the change in it.
            added: what sources say more.
            removed: what they say less.
            graphs: the graphs that have changed.

        Returns:
            What is to be kept once it is published.

        Raises:
            InconsistencyError: the data contradict the ontology now.
            StoreError: the disk cannot be written.
            UnknownName: the policy in use is gone.
        """
        wanted = _wanted(after.before, after)
        catalog = [t for t in after.triples(GRAPH.catalog) if not _is_of(t.subject, graphs)]
        if len(added) + len(removed) > _MUCH:
            fresh = {graph: lines_of(after, NamedNode(graph)) for graph in graphs}
            _build(after, wanted, [*catalog, *_entries(fresh)])
            return None
        from kg.building import catalog_view
        from kg.columns import Columns
        from kg.revising import Basis

        known = self._of(after.before, wanted)
        lines = _changed(known.lines, added, removed, graphs)
        catalog += _entries({graph: lines[graph] for graph in graphs})
        # What another source still says is still said.
        still = asserted_graphs(after)
        gone = [q.triple for q in removed if not any(after.match(still, q.subject, q.predicate, q.object))]  # type: ignore[arg-type]
        told = known.said.changed((quad.triple for quad in added), gone)
        bases: dict[str, Basis] = {}
        counting = dict[str, tuple[Columns, Columns]]()
        noted, sizes = noted_sizes(after.before), dict[NamedNode, int]()
        for policy in wanted:
            before = known.bases.get(policy.view)
            if before is not None and before.policy == policy:
                revision = before.after(told)
                basis, given = revision.basis, revision.given
                for name in ("accepted", "derived", "inferred"):
                    difference: Difference = getattr(revision, name)
                    parts = (part.decode(basis.facts.dictionary) for part in (difference.added, difference.removed))
                    graph = getattr(GRAPH, name)(policy.view)
                    after.revise(graph, *parts)
                    if graph in noted or not any(True for _ in after.before.triples(graph)):
                        sizes[graph] = noted.get(graph, 0) + len(difference.added) - len(difference.removed)
                counting[policy.view] = revision.accepted.added, revision.accepted.removed
                same = not len(given.added) and not len(given.removed)
            else:
                # It says something else, or has come.
                basis, same = Basis.under(policy, told.said), False
                for graph, triples in basis.graphs():
                    sizes[graph] = _replace(after, graph, triples)
            proofs = GRAPH.proofs(policy.view)
            steps = _prove(after, basis, same=same)
            if steps is not None or proofs in noted:
                sizes[proofs] = noted[proofs] if steps is None else steps
            catalog += catalog_view(policy, basis.closure.certificate)
            if len(told.said.asserted.columns) <= _COUNTED:
                catalog += Statistics.of(basis.union(), basis.facts.dictionary).entries(policy.view)
            bases[policy.view] = basis
        for graph in _views_of(after.before):
            if _view_of(graph) not in bases:
                after.drop(graph)
        _replace(after, GRAPH.catalog, [*catalog, *sized(sizes)])
        asserted = Columns.of_rows(told.more), Columns.of_rows(told.less)
        with writing(after.path):
            assert after.before.folder is not None
            told.said.facts.carry(after.before.folder, after.folder, asserted, counting)
        return Known(told.said, lines, bases, known.changed + len(added) + len(removed))

    def _of(self, store: EmbeddedStore, wanted: Iterable[Policy]) -> Known:
        """What is known of the generation that was opened, as far as views that it has are wanted."""
        from kg.revising import Basis, Said

        with self._alone:
            known = self._known if store.opened == self._generation else None
            if known is None:
                lines = {graph.value: lines_of(store, graph) for graph in asserted_graphs(store)}
                known = Known(Said.read(store.triples(GRAPH.ontology), lines.values()), lines, {})
            bases, there = dict(known.bases), policies(store, base_graphs(store))
            for policy in wanted:
                if policy.view not in bases and there.get(policy.name) == policy:
                    bases[policy.view] = Basis.under(policy, known.said)
            return replace(known, bases=bases)


def _wanted(before: EmbeddedStore, after: EmbeddedStore) -> list[Policy]:
    """The policies under which conclusions are in a store, as they are after a change.

    Raises:
        UnknownName: the one in use is gone.
    """
    chosen = built_policy(before)
    known = policies(after, base_graphs(after))
    policy_named(known, chosen)
    entries = (triple.subject for triple in before.triples(GRAPH.catalog))
    views = {s.value.removeprefix(_INFERRED) for s in entries if isinstance(s, NamedNode) and _INFERRED in s.value}
    # A policy whose view was not there is worked out when somebody asks under it.
    return [policy for policy in known.values() if policy.name == chosen or policy.view in views]


def _build(after: Writable, wanted: Collection[Policy], catalog: Iterable[Triple]) -> None:
    """Work out all views anew.

    Raises:
        InconsistencyError: the data contradict the ontology now.
        StoreError: the disk cannot be written.
    """
    from kg.building import add_view
    from kg.facts import Facts

    fresh = after.fresh()
    for graph in base_graphs(after):
        fresh.load(graph, after.n_triples(graph))
    fresh.insert(GRAPH.catalog, catalog)
    facts = Facts.of(fresh)
    for policy in wanted:
        add_view(fresh, policy, facts=facts)
    counting = {policy.view: facts.encoded(fresh.triples(GRAPH.accepted(policy.view))) for policy in wanted}
    after.become(fresh)
    with writing(after.path):
        replace(facts, accepted=counting).keep(after.folder)


def _prove(after: Writable, basis: Basis, *, same: bool) -> int | None:
    """Keep the steps of a view, where they are few enough to be written down.

    Returns:
        How many triples they are; ``None`` where they stay as they are.
    """
    from kg.building import STEPS_AT_MOST
    from kg.reasoning import describe_steps, justify

    graph = GRAPH.proofs(basis.policy.view)
    if basis.closure.certificate.inferred > STEPS_AT_MOST:
        after.drop(graph)
        return 0
    if not same or not any(True for _ in after.triples(graph)):
        dictionary = basis.facts.dictionary
        given, inferred = basis.closure.given, basis.closure.closure.inferred
        return _replace(after, graph, describe_steps(justify(given.decode(dictionary)), inferred.decode(dictionary)))
    return None


def _replace(after: Writable, graph: NamedNode, triples: Iterable[Triple]) -> int:
    """Give a graph other triples, those that it has already staying as they are; returns how many it has then."""
    wanted, held = set(triples), set(after.triples(graph))
    after.revise(graph, wanted - held, held - wanted)
    return len(wanted)


def _views_of(store: EmbeddedStore) -> Iterator[NamedNode]:
    return (graph for graph in store.graphs() if graph.value.startswith(VIEWS))


def _view_of(graph: NamedNode) -> str:
    return graph.value.removeprefix(GRAPH.base).partition("/")[2]


def _is_of(subject: object, graphs: Collection[str]) -> bool:
    """Whether an entry of the catalog is about a view or about a graph that has changed."""
    return is_of_view(subject) or (isinstance(subject, NamedNode) and subject.value in graphs)


def _changed(lines: Lines, added: Quads, removed: Quads, graphs: Iterable[str]) -> Lines:
    """The lines of graphs after a change of some of them."""
    parts = {
        graph: ([q for q in added if graph_of(q) == graph], [q for q in removed if graph_of(q) == graph])
        for graph in graphs
    }
    return {**lines, **{graph: changed(lines.get(graph, ()), *part) for graph, part in parts.items()}}


def _entries(lines: Lines) -> Iterator[Triple]:
    """The entries of graphs that were written here."""
    for graph in sorted(lines):
        if lines[graph]:
            yield Triple(NamedNode(graph), DCTERMS.source, Literal(f"{source_name(graph)}.nt"))
            yield Triple(NamedNode(graph), FOEDUS.textDigest, Literal(digest(lines[graph])))
            yield written(NamedNode(graph))
            yield from sized({NamedNode(graph): len(lines[graph])})
