"""``kg serve``: the graph over HTTP."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from kg.api import default_store
from kg.cli.options import folder_option, open_graph, policy_option
from kg.cli.telling import tell
from kg.errors import KgError, StoreError, UsageError
from kg.store.embedded import EmbeddedStore
from kg.trust import policy_named

__all__ = ["serve"]

_ORIGIN: Final = re.compile(r"\*|https?://[^/\s]+")
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


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
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Queries that run at once; quick ones find room beside them.  [default: one a processor, two at least]",
)
@click.option("--max-rows", type=click.IntRange(1), help="Rows an answer may have.  [default: any number]")
@click.option("--cors", multiple=True, metavar="ORIGIN", help="Let pages of this origin ask; may be repeated.")
@click.option(
    "--cache",
    type=click.IntRange(0, 1 << 20),
    default=64,
    metavar="MIB",
    help="MiB of answers kept until the graph changes; 0 keeps none.  [default: 64]",
)
@click.option(
    "--spool",
    type=click.IntRange(0, 1 << 20),
    default=1024,
    metavar="MIB",
    help="MiB on disk for answers that are read slowly while others wait; 0 for none.  [default: 1024]",
)
@click.option("--writable", is_flag=True, help="Let whoever shows the token change what sources say.")
@click.option(
    "--write-timeout",
    type=click.FloatRange(0.05, 86400),
    default=600.0,
    help="Seconds that a change may take, with all that follows from it.  [default: 600]",
)
@click.option(
    "--token",
    envvar="FOEDUS_TOKEN",
    metavar="TOKEN",
    help="The token, of 16 characters or more; better given as $FOEDUS_TOKEN, for options show in lists of processes.",
)
@policy_option
@folder_option
def serve(
    host: str,
    port: int,
    *,
    timeout: float,
    workers: int | None,
    max_rows: int | None,
    cors: tuple[str, ...],
    cache: int,
    spool: int,
    writable: bool,
    write_timeout: float,
    token: str | None,
    policy: str | None,
    store: Path | None,
) -> None:
    """Serve the graph, to read: SPARQL 1.1 at /sparql, the questions, reasons, and a page for every node.

    With --writable, SPARQL Update at /sparql and the Graph Store Protocol at /graph-store change the graphs of sources.
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
    shown = _token(token, writable=writable)
    graph = open_graph(store)
    policy_named(graph.trust_policies(), policy or graph.policy)
    place = store or default_store()
    with ExitStack() as stack:
        if not EmbeddedStore.exists(place):
            if writable:
                raise StoreError(
                    f"{place} cannot be written, so that changes would be lost; name a folder with --store"
                )
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foedus-"))) / "store"
            graph.store.publish(place)
        del graph  # workers open it themselves; what is open here no build would remove
        if writable and not os.access(place, os.W_OK):
            raise StoreError(f"{place}: cannot be written; serve it without --writable, or change who may write there")
        listening = stack.enter_context(bind(host, port))

        def ready(address: str) -> None:
            tell(f"serving {place} at {address} (Ctrl-C stops)")
            if writable and host not in _LOCAL:
                tell("the token crosses the network as it is: put a server that speaks HTTPS before")

        settings = Settings(
            place,
            policy=policy,
            timeout=timeout,
            workers=workers or Settings.workers,
            max_rows=max_rows,
            cors=cors,
            cache=cache << 20,
            spool=spool << 20,
            token=shown,
            write_timeout=write_timeout,
        )
        run(settings, listening, ready=ready)


def _token(token: str | None, *, writable: bool) -> str | None:
    """The token that a request to write has to show, ``None`` where nobody may write.

    Raises:
        UsageError: it is missing or of no use, or an option of writing is given although nobody may write.
    """
    from kg.http.authorizing import SHORTEST, usable_token

    if not writable:
        for name in ("token", "write_timeout"):
            # The environment variable serves other commands too.
            if click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE:
                raise UsageError(f"--{name.replace('_', '-')} goes with --writable")
        return None
    make = 'one comes from: python -c "import secrets; print(secrets.token_urlsafe())"'
    if not token:
        raise UsageError(f"--writable needs a token, in $FOEDUS_TOKEN or as --token; {make}")
    if not usable_token(token):
        raise UsageError(
            f"the token has to have {SHORTEST} characters or more, of letters, digits and -._~+/ alone; {make}"
        )
    return token
