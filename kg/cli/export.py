"""``kg export``: files for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from kg.cli.options import open_graph, policy_option, store_option
from kg.cli.progress import Stages

__all__ = ["export"]

_FORMATS: Final = ("ttl", "nt", "jsonld", "trig", "csv")


@click.command(
    short_help="Write the graph as files for other tools.",
    epilog="Example: kg export --out exported --format ttl --format csv",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="Folder to write into.",
)
@click.option(
    "--format",
    "forms",
    type=click.Choice(_FORMATS),
    multiple=True,
    help="Form of the files; may be given more than once.  [default: ttl]",
)
@click.option("--grounded-owl", is_flag=True, help="Write grounded.ttl as well: undated facts, one OWL axiom a state.")
@policy_option
@store_option
def export(out: Path, *, forms: tuple[str, ...], grounded_owl: bool, policy: str | None, store: Path | None) -> None:
    """Write what sources say, what counts, what follows and the proofs, each to files of its own.

    ttl, nt and jsonld write a file a graph, trig one file of all graphs, and csv a table for every question that can be
    asked without parameters. The same graph gives the same bytes. Prints the names of the files.
    """
    graph = open_graph(store)
    with Stages(lines=False) as stages:
        stages("writing")
        written = graph.export(out, forms or ("ttl",), policy=policy, grounded_owl=grounded_owl)
    for path in written:
        click.echo(path)
