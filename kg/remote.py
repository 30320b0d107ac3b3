"""Building in a remote store: staged, loaded in batches, reasoned over where it lies, then put to use.

Files are read, validated and accepted here. The dated rules run inside the server, as ``INSERT … WHERE`` made of the
same files. What they derive is then compared with what the compiled rules derive here, because servers differ in how
they compare dates: what the server lacks is added, and what it has too much is an error. The OWL 2 RL closure and its
proofs are worked out here and loaded; the certificate names the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kg.building import Report, build
from kg.errors import StoreError
from kg.rules import load_rules
from kg.settings import RemoteSettings
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.views import asserted_graphs
from kg.vocab import GRAPH

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
    return load(staged, near, [view.policy.view for view in report.views], progress=progress), report


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
    by_server = {GRAPH.derived(view) for view in views}
    for graph in near.graphs():
        if graph not in by_server:
            progress(f"loading {graph.value.removeprefix(GRAPH.base)}")
            before("load")
            staged.insert(graph, near.triples(graph))
    for view in views:
        progress(f"running the rules on the server ({view})")
        into = GRAPH.derived(view)
        for rule in load_rules():
            before("rule")
            staged.construct_into(into, rule.text, [*asserted_graphs(near), GRAPH.accepted(view), into])
        here, there = set(near.triples(into)), set(staged.triples(into))
        if there - here:
            raise StoreError(
                f"{staged.url}: the server concludes {len(there - here)} triples under the policy {view} that do not "
                f"follow, such as {min(map(str, there - here))}; the graph in use stays as it was"
            )
        if here - there:
            progress(f"adding {len(here - there)} triples that the server's rules missed ({view})")
            staged.insert(into, here - there)
    progress("putting the new graph to use")
    return staged.switch(before)
