"""What follows, worked out inside a server and held against what was worked out here.

Up to :data:`INSIDE_AT_MOST` asserted triples the dated rules run inside the server, as ``INSERT … WHERE`` made of the
same files, and so does the OWL 2 RL stage, see :mod:`kg.reasoning.sparql`. What they conclude is compared there with
what was concluded here, because servers differ in how they compare dates and in what of SPARQL they know: what the
server lacks is added, and what it has too much is an error.

A long record is loaded with what follows from it: rules written as SPARQL take a server minutes there, or for ever. So
is what cannot be said in SPARQL, what the server refuses to work out, and what it does not finish in time. The catalog
names the engine, and the reason. A server may still be busy with what it did not finish, and write it down late; so it
works in graphs that are not put to use, and what it got right is copied.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.errors import QueryError, StoreError
from kg.reasoning.sparql import ENGINE, Closed, Inexpressible, close_inside
from kg.remote.inside import Inside, axioms, choose
from kg.remote.loading import Loading, name_of
from kg.rules import load_rules
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.store.switching import PATIENCE, lacking
from kg.store.transport import TooSlow
from kg.views import asserted_graphs
from kg.vocab import DCTERMS, GRAPH

__all__ = ["INSIDE_AT_MOST", "RULE_TIMEOUT", "Concluding"]

INSIDE_AT_MOST: Final = 20_000
"""Up to how many asserted triples rules run inside the server, where the settings give no time for them."""
RULE_TIMEOUT: Final = 60.0
"""Seconds that the server may take over the dated rules of a policy, and as many over the OWL stage, likewise."""


class Concluding:
    """Has the server work out what follows, or loads what was worked out here.

    Args:
        loading: what sends graphs to it; the asserted graphs have been sent.
    """

    def __init__(self, loading: Loading) -> None:
        self._loading, self._staged, self._near = loading, loading.staged, loading.near
        self._asserted = asserted_graphs(self._near)
        given = self._staged.settings.rule_timeout
        self._limit = RULE_TIMEOUT if given is None else given
        self._because = ""
        """Why the server is not asked, where it is not."""
        asserted = sum(loading.sent[graph] for graph in self._asserted)
        if given == 0:
            self._because = "no time is allowed for it"
        elif given is None and asserted > INSIDE_AT_MOST:
            self._because = f"{asserted:,} triples are asserted, more than {INSIDE_AT_MOST:,}"
        self._aside: list[NamedNode] = []

    def derive(self, view: str) -> str:
        """Run the dated rules of a view; the engine that did, in words for the catalog.

        Raises:
            StoreError: the server concludes what does not follow, or cannot be reached.
        """

        def run(work: NamedNode) -> None:
            self._loading.progress(f"running the rules on the server ({view})")
            for rule in load_rules():
                self._loading.before("rule")
                self._staged.construct_into(work, rule.text, [*self._asserted, GRAPH.accepted(view), work])

        return self._conclude(GRAPH.derived(view), "kg rules", run)

    def reason(self, view: str) -> str:
        """Draw the OWL 2 RL conclusions of a view; the engine that did, in words for the catalog.

        Raises:
            StoreError: the server finds what does not follow, or a contradiction where there is none.
        """
        graph = GRAPH.inferred(view)
        closed: list[Closed] = []

        def run(work: NamedNode) -> None:
            self._loading.progress(f"reasoning on the server ({view})")
            self._loading.before("reason")
            data, rest = self._set_aside(graph, "data"), self._set_aside(graph, "rest")
            inside = Inside(self._staged)
            choose(inside, self._near, view, data)
            closed.append(close_inside(inside, axioms(self._near), data, rest, work))

        (engine,) = {*_engines(self._near, graph)} or {"kg compiled"}
        said = self._conclude(graph, engine, run)
        for one in closed:
            _check_sound(self._staged, one)
        return said

    def tidy(self) -> None:
        """Drop what the server worked in; what it writes there late goes with the next build."""
        for graph in self._aside:
            # The new graph is in use: that nothing of the work stays is not worth an error.
            with suppress(StoreError):
                self._staged.drop(graph)
        self._aside.clear()

    def _set_aside(self, graph: NamedNode, use: str) -> NamedNode:
        aside = self._staged.aside(graph, use)
        self._aside.append(aside)
        return aside

    def _conclude(self, graph: NamedNode, engine: str, run: Callable[[NamedNode], None]) -> str:
        because = self._because
        if not because:
            work = self._set_aside(graph, "work")
            try:
                with self._staged.allowing(self._limit, together=True):
                    run(work)
            except TooSlow:
                # It may be busy for long: it is asked no more.
                because = self._because = f"it did not finish {name_of(graph)} within {self._limit:g} seconds"
                self._loading.busy = True
            except (Inexpressible, QueryError, StoreError) as fault:
                because = str(fault)
            else:
                missed = self._settle(graph, work)
                self.tidy()
                return f"{ENGINE} inside {self._staged.server}" + (
                    f", {missed} triples added by {engine}" if missed else ""
                )
            self._loading.progress(f"not concluded on the server: {because} ({name_of(graph)})")
        self._loading.send(graph)
        if not self._loading.busy:
            self.tidy()
        return f"{engine}, because not inside {self._staged.server}: {because}"

    def _settle(self, graph: NamedNode, work: NamedNode) -> int:
        """Make what the server concluded what follows, and copy it to where it belongs; how many triples it had missed.

        Raises:
            StoreError: it concluded what does not follow.
        """
        staged, check = self._staged, self._set_aside(graph, "check")
        here = self._loading.send(graph, into=check)
        del self._loading.sent[check]
        self._loading.sent[graph] = here
        with staged.allowing(PATIENCE):
            excess, missed = self._less(work, check), self._less(check, work)
            if excess:
                raise StoreError(
                    f"{staged.url}: the server concludes {excess} triples that do not follow, in {name_of(graph)}, "
                    f"such as {self._example(work, check)}; the graph in use stays as it was"
                )
            if staged.count(work) != here - missed:
                raise StoreError(f"{staged.url}: the server cannot tell which triples of {name_of(graph)} it has twice")
            for source in [work, check] if missed else [work]:
                staged.add(graph, source)
        if missed:
            self._loading.progress(f"adding {missed} triples that the server missed ({name_of(graph)})")
        return missed

    def _less(self, one: NamedNode, other: NamedNode) -> int:
        """How many triples of a graph another does not have, both on the server."""
        (row,) = self._staged.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {lacking(one.value, other.value)} }}")
        return int(row["n"].value)

    def _example(self, one: NamedNode, other: NamedNode) -> str:
        (row,) = self._staged.select(f"SELECT ?s ?p ?o WHERE {{ {lacking(one.value, other.value)} }} LIMIT 1")
        return f"{row['s']} {row['p']} {row['o']}"


def _check_sound(staged: RemoteStore, closed: Closed) -> None:
    """Data that contradict the ontology do not come as far as a server.

    Raises:
        StoreError: the server finds that they do.
    """
    if closed.inconsistencies:
        first = closed.inconsistencies[0].message
        raise StoreError(f"{staged.url}: the server finds a contradiction that is none: {first}")


def _engines(near: EmbeddedStore, graph: NamedNode) -> list[str]:
    entries = near.match([GRAPH.catalog], graph, DCTERMS.creator)
    return [triple.object.value for triple in entries if isinstance(triple.object, Literal)]
