"""Building in a remote store: staged, loaded in batches, reasoned over where it lies, then put to use.

Files are read, validated and accepted here, and what follows is worked out here. The server is then loaded, works out
what follows as well where it can, see :mod:`kg.remote.concluding`, and puts the graph to use. Proofs are worked out
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Literal, Triple

from kg.building import Report, build
from kg.remote.concluding import Concluding
from kg.remote.loading import Loading
from kg.settings import RemoteSettings
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.terms import Term
from kg.vocab import DCTERMS, GRAPH

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
    loading = Loading(staged, near, progress, before)
    by_server = {graph for view in views for graph in (GRAPH.derived(view), GRAPH.inferred(view))}
    for graph in near.graphs():
        if graph not in by_server and graph != GRAPH.catalog:
            loading.send(graph)
    concluding = Concluding(loading)
    engines: dict[Term, list[Triple]] = {}
    for view in views:
        done = {GRAPH.derived(view): concluding.derive(view), GRAPH.inferred(view): concluding.reason(view)}
        engines[GRAPH.inferred(view)] = [Triple(graph, DCTERMS.creator, Literal(said)) for graph, said in done.items()]
    if staged.in_place:
        loading.check()
    # Last: with it, a store has a graph.
    loading.send(GRAPH.catalog, _catalog(near, engines))
    progress("putting the new graph to use")
    loading.expect(by_server)
    store = staged.switch(loading.check, before)
    concluding.tidy()
    return store


def _catalog(near: EmbeddedStore, engines: dict[Term, list[Triple]]) -> Iterator[Triple]:
    """The catalog, with the engines that drew the conclusions of a view where it has one of its own."""
    for triple in near.triples(GRAPH.catalog):
        if triple.predicate == DCTERMS.creator and triple.subject in engines:
            yield from engines[triple.subject]
        else:
            yield triple
