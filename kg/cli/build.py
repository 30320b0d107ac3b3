"""``kg build``: from files of facts to a store, and to the finding that matters most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.api import KnowledgeGraph, default_store
from kg.cli.finding import findings, in_words
from kg.cli.options import only_option, policy_option, store_option
from kg.cli.output import emit, width
from kg.cli.progress import Stages
from kg.cli.telling import tell
from kg.errors import StoreError, UsageError
from kg.resources import graph_files, resource
from kg.settings import RemoteSettings
from kg.store import EmbeddedStore
from kg.views import asserted_graphs, source_of
from kg.vocab import DCTERMS, RDFS

__all__ = ["build", "sources"]


@click.command(
    short_help="Build the graph and print who armed whose adversary.",
    epilog="Example: kg build my-facts.ttl --store ./store",
)
@click.argument("files", nargs=-1, metavar="[FILE]…", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@only_option
@click.option("--one-view", is_flag=True, help="Work out the one policy; others wait until they are asked for.")
@policy_option
@click.option(
    "--drop",
    "dropping",
    multiple=True,
    metavar="SOURCE",
    help="Lose this source, which was written over HTTP and stands in no file; may be repeated.",
)
@click.option(
    "--rule-timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="What a remote --store may take over the rules, at any size; 0 where they are not to run there.  "
    "[default: 60, and only up to 20,000 triples]",
)
@click.option(
    "--at-once",
    type=click.IntRange(min=1),
    metavar="TRIPLES",
    help="How many triples a remote --store may change in one request, at a kilobyte of memory each; a graph that "
    "differs by more is put to use in parts.  [default: 200,000]",
)
@store_option
def build(
    files: tuple[Path, ...],
    *,
    only: bool,
    one_view: bool,
    dropping: tuple[str, ...],
    policy: str | None,
    rule_timeout: float | None,
    at_once: int | None,
    store: Path | RemoteSettings | None,
) -> None:
    """Validate, accept and reason over facts, and write the graph.

    Without FILE the facts that ship are built; FILEs of facts are added to them. The graph is replaced only once the
    new one is whole. Printed is which ally armed an adversary of whom, under which obligation, when, how sure that is
    and on whose word, under the trust policy.
    """
    if only and not files:
        raise UsageError("--only leaves nothing to build; name the files")
    place = store or default_store()
    given: dict[str, Any] = {"rule_timeout": rule_timeout, "at_once": at_once}
    for name, value in given.items():
        if value is not None:
            if not isinstance(place, RemoteSettings):
                raise UsageError(f"--{name.replace('_', '-')} goes with a remote --store")
            place = replace(place, **{name: value})
    if dropping and isinstance(place, RemoteSettings):
        raise UsageError("--drop is about a store in a folder, that kg serve writes to")
    where: dict[str, Any] = {"remote" if isinstance(place, RemoteSettings) else "place": place}
    before = _sources(place)
    with Stages() as stages:
        graph, report = KnowledgeGraph.build(
            sources(files, only=only),
            policy=policy or "reported",
            one_view=one_view,
            dropping=dropping,
            progress=stages,
            **where,
        )
    view = report.view
    count = len(report.documents)
    tell(
        f"{count} {'file' if count == 1 else 'files'}, {report.asserted:,} triples; under the policy "
        f"{view.policy.name} {view.accepted:,} nodes count, rules add {view.derived:,} triples and OWL 2 RL "
        f"{view.inferred:,} ({view.certificate.engine})"
    )
    tell(f"written to {place}; next: kg ask --list")
    gone = sorted(before - {document.name for document in report.documents})
    if gone:
        tell(f"no longer in the graph, for it was built without: {', '.join(gone)}. Name their files to keep them")
    for editions in _editions(graph):
        tell(f"what these hold in common may count twice, build with one of them: {'; '.join(editions)}")
    found, more = findings(graph)
    emit(in_words(found, view.policy.name, width(), more), None)


def _editions(graph: KnowledgeGraph) -> list[list[str]]:
    """The names of sources that are editions or forms of one data set, for each of which there are several."""
    held: dict[str, list[str]] = defaultdict(list)
    rows = graph.sparql(
        f"""SELECT ?series (MIN(STR(?name)) AS ?one)
        WHERE {{ ?edition {DCTERMS.isVersionOf} ?series ; {RDFS.label} ?name }} GROUP BY ?series ?edition"""
    )
    assert isinstance(rows, QuerySolutions)
    for series, name in map(tuple, rows):
        assert isinstance(series, NamedNode) and isinstance(name, Literal)
        held[series.value].append(name.value)
    return [sorted(names) for _, names in sorted(held.items()) if len(names) > 1]


def _sources(place: Path | RemoteSettings) -> set[str]:
    """The sources of the graph in use, none where there is none or it is damaged.

    Raises:
        StoreError: a server cannot be reached, so that nothing can be built there either.
    """
    if isinstance(place, RemoteSettings):
        from kg.store.remote import RemoteStore

        graphs = asserted_graphs(RemoteStore.connect(place))
    else:
        try:
            graphs = asserted_graphs(EmbeddedStore.open(place))
        except StoreError:
            return set()
    return {source_of(graph) for graph in graphs}


def sources(files: Iterable[Path], *, only: bool) -> Sequence[Path]:
    """The files to read: those given, and those that ship or just the list of states."""
    ours = [resource("graph", "states.ttl")] if only else graph_files()
    known = {path.resolve() for path in ours}
    return [*ours, *(path for path in dict.fromkeys(files) if path.resolve() not in known)]
