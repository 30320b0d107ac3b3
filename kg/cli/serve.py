"""``kg serve``: the graph over HTTP."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click

from kg.api import default_store
from kg.cli.options import open_graph, policy_option, store_option
from kg.errors import KgError, UsageError
from kg.store.embedded import EmbeddedStore
from kg.trust import policy_named

__all__ = ["serve"]

_ORIGIN: Final = re.compile(r"\*|https?://[^/\s]+")


@click.command(
    short_help="Serve SPARQL, questions and pages over HTTP.",
    epilog="Example: kg serve --port 8080 --timeout 5",
)
@click.option("--host", default="127.0.0.1", metavar="HOST", help="Address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Port; 0 picks one.  [default: 8000]")
@click.option(
    "--timeout",
    type=click.FloatRange(0.05, 3600),
    default=10.0,
    help="Seconds that a query may take.  [default: 10]",
)
@click.option("--max-rows", type=click.IntRange(1), help="Rows an answer may have.  [default: any number]")
@click.option("--cors", multiple=True, metavar="ORIGIN", help="Let pages of this origin ask; may be repeated.")
@policy_option
@store_option
def serve(
    host: str,
    port: int,
    *,
    timeout: float,
    max_rows: int | None,
    cors: tuple[str, ...],
    policy: str | None,
    store: Path | None,
) -> None:
    """Serve the graph, to read: SPARQL 1.1 at /sparql, the questions, reasons, and a page for every node.

    A graph that is built anew is picked up while serving. Ctrl-C stops; requests under way finish.
    """
    try:
        from kg.http.pool import Settings
        from kg.http.server import bind
        from kg.http.server import serve as run
    except ModuleNotFoundError as fault:
        if fault.name and fault.name.startswith("kg"):
            raise
        raise KgError(f"serving needs a package more, {fault.name}: pip install 'foedus[serve]'") from fault
    for origin in cors:
        if not _ORIGIN.fullmatch(origin):
            raise UsageError(f"--cors: {origin!r} is no origin; write https://example.org, or * for any")
    graph = open_graph(store)
    policy_named(graph.trust_policies(), policy or graph.policy)
    place = store or default_store()
    with ExitStack() as stack:
        if not EmbeddedStore.exists(place):
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foedus-"))) / "store"
            graph.store.publish(place)
        listening = stack.enter_context(bind(host, port))

        def ready(address: str) -> None:
            click.echo(f"kg: serving {place} at {address} (Ctrl-C stops)", err=True)

        settings = Settings(place, policy=policy, timeout=timeout, max_rows=max_rows, cors=cors)
        run(settings, listening, ready=ready)
