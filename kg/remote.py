"""Building in a remote store: staged, loaded in batches, reasoned over where it lies, then put to use.

Files are read, validated and accepted here. The dated rules run inside the server, as ``INSERT … WHERE`` made of the
same files, and so does the OWL 2 RL stage, see :mod:`kg.reasoning.sparql`. What they conclude is then compared with
what the compiled rules conclude here, because servers differ in how they compare dates and in what of SPARQL they
know: what the server lacks is added, and what it has too much is an error. Where a closure cannot be said in SPARQL, or
the server refuses to work it out, the one from here is loaded; the catalog names the engine, and the reason. Proofs are
worked out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from kg.building import Facts, Report, build
from kg.columns import Columns
from kg.errors import QueryError, StoreError
from kg.reasoning.sparql import ENGINE, OPERATIONS, Closed, Inexpressible, close_inside
from kg.rules import load_rules
from kg.settings import RemoteSettings
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.views import asserted_graphs, classes_below
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDF, RDFS

__all__ = ["build_remote", "load"]


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
    by_server = {graph for view in views for graph in (GRAPH.derived(view), GRAPH.inferred(view))}
    for graph in near.graphs():
        if graph not in by_server and graph != GRAPH.catalog:
            progress(f"loading {graph.value.removeprefix(GRAPH.base)}")
            before("load")
            staged.insert(graph, near.triples(graph))
    engines = {}
    for view in views:
        progress(f"running the rules on the server ({view})")
        into = GRAPH.derived(view)
        for rule in load_rules():
            before("rule")
            staged.construct_into(into, rule.text, [*asserted_graphs(near), GRAPH.accepted(view), into])
        _settle(staged, near, into, progress)
        progress(f"reasoning on the server ({view})")
        before("reason")
        engines[GRAPH.inferred(view)] = _reason(staged, near, view, progress)
    before("load")
    staged.insert(GRAPH.catalog, _catalog(near, engines))
    progress("putting the new graph to use")
    return staged.switch(before)


def _settle(staged: RemoteStore, near: EmbeddedStore, graph: NamedNode, progress: Callable[[str], None]) -> int:
    """Make what the server concludes what follows; how many triples it had missed.

    Raises:
        StoreError: it concludes what does not follow.
    """
    here, there = set(near.triples(graph)), set(staged.triples(graph))
    name = graph.value.removeprefix(GRAPH.base)
    if there - here:
        raise StoreError(
            f"{staged.url}: the server concludes {len(there - here)} triples that do not follow, in {name}, such as "
            f"{min(map(str, there - here))}; the graph in use stays as it was"
        )
    if here - there:
        progress(f"adding {len(here - there)} triples that the server missed ({name})")
        staged.insert(graph, here - there)
    return len(here - there)


def _reason(staged: RemoteStore, near: EmbeddedStore, view: str, progress: Callable[[str], None]) -> str:
    """Draw the OWL 2 RL conclusions of a view inside the server, or load those from here.

    Returns:
        The engine that drew them, in words for the catalog.

    Raises:
        StoreError: the server finds what does not follow, or a contradiction where there is none.
    """
    into = GRAPH.inferred(view)
    data, work = (NamedNode(f"{GRAPH.base}reasoning/{view}/{part}") for part in ("data", "work"))
    inside = _Inside(staged, (data, work, into))
    try:
        _choose(inside, near, view, data)
        names = [inside.there(graph) for graph in (data, work, into)]
        closed = close_inside(inside, _axioms(near), *names)
    except (Inexpressible, QueryError, StoreError) as fault:
        staged.drop(into)
        staged.insert(into, near.triples(into))
        (engine,) = {*_engines(near, into)} or {"kg compiled"}
        progress(f"loading what was reasoned here, as the server cannot: {fault} ({view})")
        return f"{engine}, because not inside {staged.server}: {fault}"
    finally:
        for graph in (data, work):
            staged.drop(graph)
    _check_sound(staged, closed)
    missed = _settle(staged, near, into, progress)
    return f"{ENGINE} inside {staged.server}" + (f", {missed} triples added by kg compiled" if missed else "")


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

    def __init__(self, staged: RemoteStore, graphs: Iterable[NamedNode]) -> None:
        self._staged = staged
        self._ours = {self.there(graph): graph for graph in graphs}

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
        self._staged.insert(self._ours[graph], triples)


def _choose(inside: _Inside, near: EmbeddedStore, view: str, data: NamedNode) -> None:
    """Put together inside a server what a reasoner is given of the data, see :func:`kg.building.reasoner_input`."""
    into, silent = inside.there(data), NamedNode(f"{inside.there(data).value}/silent")
    accepted = inside.there(GRAPH.accepted(view))
    asserted = [inside.there(graph) for graph in asserted_graphs(near)]
    said = " ".join(f"USING {graph}" for graph in asserted)
    known = " ".join(f"USING {graph}" for graph in (*asserted, inside.there(GRAPH.derived(view))))
    classes = ", ".join(sorted(map(str, classes_below(near, FOEDUS.StateOfAffairs))))
    properties = near.match([GRAPH.ontology], predicate=RDF.type, obj=OWL.ObjectProperty)
    axioms = " || ".join(f'STRSTARTS(STR(?o), "{space.base}")' for space in (OWL, RDF, RDFS))
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


def _catalog(near: EmbeddedStore, engines: dict[NamedNode, str]) -> Iterator[Triple]:
    """The catalog, with the engines that drew the conclusions on the server."""
    for triple in near.triples(GRAPH.catalog):
        engine = engines.get(triple.subject) if isinstance(triple.subject, NamedNode) else None
        if engine is not None and triple.predicate == DCTERMS.creator:
            yield Triple(triple.subject, triple.predicate, Literal(engine))
        else:
            yield triple
