"""Building in a remote store: staged, loaded in batches, reasoned over where it lies, then put to use.

Files are read, validated and accepted here, and what follows is worked out here. Up to :data:`INSIDE_AT_MOST` asserted
triples the dated rules run inside the server too, as ``INSERT … WHERE`` made of the same files, and so does the OWL 2
RL stage, see :mod:`kg.reasoning.sparql`. What they conclude is compared there with what was concluded here, because
servers differ in how they compare dates and in what of SPARQL they know: what the server lacks is added, and what it
has too much is an error.

A long record is loaded with what follows from it: rules written as SPARQL take a server minutes there, or for ever. So
is what cannot be said in SPARQL, what the server refuses to work out, and what it does not finish in time. The catalog
names the engine, and the reason. A server may still be busy with what it did not finish, and write it down late; so it
works in graphs that are not put to use, and what it got right is copied. Proofs are worked out here.

A graph is put to use only if the server holds as many triples of it as were sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.building import Report, build
from kg.columns import Columns
from kg.errors import QueryError, StoreError
from kg.facts import AXIOMATIC, Facts
from kg.reasoning.sparql import ENGINE, OPERATIONS, Closed, Inexpressible, close_inside
from kg.rules import load_rules
from kg.settings import RemoteSettings
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.store.switching import PATIENCE
from kg.store.transport import TooSlow
from kg.terms import Term
from kg.views import asserted_graphs, classes_below
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDF

__all__ = ["INSIDE_AT_MOST", "RULE_TIMEOUT", "build_remote", "load"]

INSIDE_AT_MOST: Final = 20_000
"""Up to how many asserted triples rules run inside the server, where the settings give no time for them."""
RULE_TIMEOUT: Final = 60.0
"""Seconds that the server may take over the dated rules of a policy, and as many over the OWL stage, likewise."""


def build_remote(
    place: str | RemoteSettings,
    paths: Sequence[Path],
    *,
    policy: str = "reported",
    one_view: bool = False,
    progress: Callable[[str], None] = lambda stage: None,
) -> tuple[RemoteStore, Report]:
    """Build a graph in a remote store from files; the graph in use is replaced once the new one is whole.

    Args:
        place: URL of the SPARQL endpoint, or all its settings.
        paths: files of facts.
        policy: name of the trust policy.
        one_view: whether to work out what follows under that policy alone.
        progress: called with the name of each stage as it begins.

    Raises:
        ParseError: a file does not parse.
        ValidationError: data break shapes.
        InconsistencyError: data contradict the ontology.
        UnknownName: there is no such policy.
        StoreError: the server cannot be reached or does not take updates; the graph in use stays as it was.
    """
    progress("preparing the remote store")
    # What cannot be reached or written is found out before the work.
    staged = RemoteStore.connect(place).stage()
    near, report = build(paths, policy=policy, one_view=one_view, progress=progress)
    store = load(staged, near, [view.policy.view for view in report.views], progress=progress)
    views = []
    for view in report.views:
        entries = store.match([GRAPH.catalog], GRAPH.inferred(view.policy.view), DCTERMS.creator)
        engine = next((t.object.value for t in entries if isinstance(t.object, Literal)), view.certificate.engine)
        views.append(replace(view, certificate=replace(view.certificate, engine=engine)))
    return store, replace(report, views=tuple(views))


def load(
    staged: RemoteStore,
    near: EmbeddedStore,
    views: Sequence[str],
    *,
    progress: Callable[[str], None] = lambda stage: None,
    before: Callable[[str], None] = lambda step: None,
) -> RemoteStore:
    """Load a graph built in memory, derive on the server, and put the result to use.

    Args:
        staged: an empty staging area.
        near: the graph.
        views: the trust policies to derive under, by the names of their graphs.
        progress: called with the name of each stage as it begins.
        before: called with the name of each step on the server before it is taken.

    Returns:
        The store, with the graph in use.

    Raises:
        StoreError: the server cannot be reached, does not take updates, or concludes what does not follow; the graph in
            use stays as it was.
    """
    loading = _Loading(staged, near, progress, before)
    by_server = {graph for view in views for graph in (GRAPH.derived(view), GRAPH.inferred(view))}
    for graph in near.graphs():
        if graph not in by_server and graph != GRAPH.catalog:
            loading.send(graph)
    concluding = _Concluding(loading)
    engines: dict[Term, list[Triple]] = {}
    for view in views:
        done = {GRAPH.derived(view): concluding.derive(view), GRAPH.inferred(view): concluding.reason(view)}
        engines[GRAPH.inferred(view)] = [Triple(graph, DCTERMS.creator, Literal(said)) for graph, said in done.items()]
    loading.check()
    # Last: with it, a store has a graph.
    loading.send(GRAPH.catalog, _catalog(near, engines))
    loading.check()
    progress("putting the new graph to use")
    store = staged.switch(before)
    concluding.tidy()
    return store


class _Loading:
    """Sends the graphs of a build, and knows how much of each."""

    def __init__(
        self,
        staged: RemoteStore,
        near: EmbeddedStore,
        progress: Callable[[str], None],
        before: Callable[[str], None],
    ) -> None:
        self.staged, self.near, self.progress, self.before = staged, near, progress, before
        self.sent: dict[NamedNode, int] = {}
        self.busy = False
        """Whether the server may still be at work on what it did not finish in time."""

    def send(self, graph: NamedNode, triples: Iterable[Triple] | None = None, *, into: NamedNode | None = None) -> int:
        """Send a graph, or what is given of it, under its own name or another; how many triples it has.

        Raises:
            StoreError: the server does not take it.
        """
        count = 0

        def counted() -> Iterator[Triple]:
            nonlocal count
            for triple in self.near.triples(graph) if triples is None else triples:
                count += 1
                yield triple

        self.progress(f"loading {_name(graph)}")
        self.before("load")
        try:
            with self.staged.allowing(PATIENCE if self.busy else self.staged.settings.timeout):
                self.staged.insert(into or graph, counted())
        except TooSlow as fault:
            if not self.busy:
                raise
            raise StoreError(
                f"{self.staged.url}: the server takes nothing while it is busy with a rule that it did not finish in "
                "time; restart it, and build with --rule-timeout 0"
            ) from fault
        self.sent[into or graph] = count
        return count

    def check(self) -> None:
        """See that the server holds what was sent.

        Raises:
            StoreError: it does not.
        """
        with self.staged.allowing(PATIENCE):
            for graph, count in self.sent.items():
                if (there := self.staged.count(graph)) != count:
                    raise StoreError(
                        f"{self.staged.url}: the server holds {there:,} of the {count:,} triples of {_name(graph)}, "
                        "because it lost some, takes some for the same, or somebody else builds there too; the graph "
                        "in use stays as it was"
                    )
        self.sent.clear()


class _Concluding:
    """Has the server work out what follows, or loads what was worked out here."""

    def __init__(self, loading: _Loading) -> None:
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
            inside = _Inside(self._staged)
            _choose(inside, self._near, view, data)
            closed.append(close_inside(inside, _axioms(self._near), data, rest, work))

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
                because = self._because = f"it did not finish {_name(graph)} within {self._limit:g} seconds"
                self._loading.busy = True
            except (Inexpressible, QueryError, StoreError) as fault:
                because = str(fault)
            else:
                missed = self._settle(graph, work)
                self.tidy()
                return f"{ENGINE} inside {self._staged.server}" + (
                    f", {missed} triples added by {engine}" if missed else ""
                )
            self._loading.progress(f"not concluded on the server: {because} ({_name(graph)})")
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
                    f"{staged.url}: the server concludes {excess} triples that do not follow, in {_name(graph)}, such "
                    f"as {self._example(work, check)}; the graph in use stays as it was"
                )
            if staged.count(work) != here - missed:
                raise StoreError(f"{staged.url}: the server cannot tell which triples of {_name(graph)} it has twice")
            for source in [work, check] if missed else [work]:
                staged.add(graph, source)
        if missed:
            self._loading.progress(f"adding {missed} triples that the server missed ({_name(graph)})")
        return missed

    def _less(self, one: NamedNode, other: NamedNode) -> int:
        """How many triples of a graph another does not have, both on the server."""
        (row,) = self._staged.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {_lacking(one, other)} }}")
        return int(row["n"].value)

    def _example(self, one: NamedNode, other: NamedNode) -> str:
        (row,) = self._staged.select(f"SELECT ?s ?p ?o WHERE {{ {_lacking(one, other)} }} LIMIT 1")
        return f"{row['s']} {row['p']} {row['o']}"


def _lacking(one: NamedNode, other: NamedNode) -> str:
    return f"GRAPH {one} {{ ?s ?p ?o }} FILTER NOT EXISTS {{ GRAPH {other} {{ ?s ?p ?o }} }}"


def _name(graph: NamedNode) -> str:
    return graph.value.removeprefix(GRAPH.base)


def _check_sound(staged: RemoteStore, closed: Closed) -> None:
    """Data that contradict the ontology do not come as far as a server.

    Raises:
        StoreError: the server finds that they do.
    """
    if closed.inconsistencies:
        first = closed.inconsistencies[0].message
        raise StoreError(f"{staged.url}: the server finds a contradiction that is none: {first}")


class _Inside:
    """The staging area of a server as what reasoning wants of an engine: graphs are named as they are on the server."""

    def __init__(self, staged: RemoteStore) -> None:
        self._staged = staged

    def there(self, graph: NamedNode) -> NamedNode:
        """A graph, as it is named on the server."""
        return NamedNode(self._staged.there(graph))

    def update(self, text: str) -> None:
        """See :meth:`kg.reasoning.sparql.Host.update`."""
        self._staged.update(text)

    def select(self, text: str) -> Iterable[Any]:
        """See :meth:`kg.reasoning.sparql.Host.select`."""
        return self._staged.select(text)

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """See :meth:`kg.reasoning.sparql.Host.insert`."""
        self._staged.insert(graph, triples)


def _choose(inside: _Inside, near: EmbeddedStore, view: str, data: NamedNode) -> None:
    """Put together inside a server what a reasoner is given of the data, see :func:`kg.facts.reasoner_input`."""
    into, silent = data, NamedNode(f"{data.value}/silent")
    accepted = inside.there(GRAPH.accepted(view))
    asserted = [inside.there(graph) for graph in asserted_graphs(near)]
    said = " ".join(f"USING {graph}" for graph in asserted)
    known = " ".join(f"USING {graph}" for graph in (*asserted, inside.there(GRAPH.derived(view))))
    classes = ", ".join(sorted(map(str, classes_below(near, FOEDUS.StateOfAffairs))))
    properties = near.match([GRAPH.ontology], predicate=RDF.type, obj=OWL.ObjectProperty)
    axioms = " || ".join(f'STRSTARTS(STR(?o), "{base}")' for base in AXIOMATIC)
    copies = [
        f"INSERT {{ GRAPH {into} {{ ?s {p} ?o }} }} {known} WHERE {{ ?s {p} ?o }}"
        for p in sorted({str(triple.subject) for triple in properties})
    ]
    copies.append(
        f"INSERT {{ GRAPH {into} {{ ?s {RDF.type} ?o }} }} {known} WHERE {{ ?s {RDF.type} ?o FILTER(!({axioms})) }}"
    )
    everything, quiet = f"GRAPH {into} {{ ?s ?p ?o }}", f"GRAPH {silent} {{ ?s ?c ?d }}"
    for start in range(0, len(copies), OPERATIONS):
        inside.update(" ;\n".join(copies[start : start + OPERATIONS]))
    # One request each: in one, Virtuoso does not see in the next operation all that the one before did.
    for operation in (
        f"INSERT {{ GRAPH {silent} {{ ?s {RDF.type} ?c }} }} {said} "
        f"WHERE {{ ?s {RDF.type} ?c FILTER(?c IN ({classes})) }}",
        f"DELETE {{ {quiet} }} WHERE {{ {quiet} GRAPH {accepted} {{ ?s {FOEDUS.status} ?x }} }}",
        f"DELETE {{ {everything} }} WHERE {{ {quiet} {everything} }}",
        f"DROP SILENT GRAPH {silent}",
    ):
        inside.update(operation)
    # Only the ontology states axioms: what a source says of one of its terms is not believed.
    about = f'SELECT DISTINCT ?s WHERE {{ {everything} FILTER(STRSTARTS(STR(?s), "{FOEDUS.base}")) }}'
    for row in inside.select(about):
        if row["s"] in FOEDUS:
            inside.update(f"DELETE WHERE {{ GRAPH {into} {{ {row['s']} ?p ?o }} }}")


def _axioms(near: EmbeddedStore) -> Iterator[Triple]:
    """What a reasoner is given of the ontology."""
    facts = Facts.of(near, ())
    return facts.usable(Columns.empty(), Columns.empty()).decode(facts.dictionary)


def _engines(near: EmbeddedStore, graph: NamedNode) -> list[str]:
    entries = near.match([GRAPH.catalog], graph, DCTERMS.creator)
    return [triple.object.value for triple in entries if isinstance(triple.object, Literal)]


def _catalog(near: EmbeddedStore, engines: dict[Term, list[Triple]]) -> Iterator[Triple]:
    """The catalog, with the engines that drew the conclusions of a view where it has one of its own."""
    for triple in near.triples(GRAPH.catalog):
        if triple.predicate == DCTERMS.creator and triple.subject in engines:
            yield from engines[triple.subject]
        else:
            yield triple
