"""``kg export``: files for other tools."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from kg.cli.options import open_graph, policy_option, store_option
from kg.cli.progress import Stages
from kg.errors import BadParameter, UsageError
from kg.exporting.writing import FIRST_YEAR
from kg.settings import RemoteSettings

__all__ = ["export"]

_FORMATS: Final = ("ttl", "nt", "jsonld", "trig", "csv")


@click.command(
    short_help="Write the graph as files for other tools.",
    epilog="Example: kg export --out exported --format ttl --format csv; kg export --tables tables --years 1946-2018",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder to write graphs into.",
)
@click.option(
    "--tables",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder to write tables for statistics into, with a codebook.",
)
@click.option(
    "--years", metavar="FIRST-LAST", help="Years of the tables, such as 1816-2024.  [default: 1816 to the last]"
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
def export(
    out: Path | None,
    *,
    tables: Path | None,
    years: str | None,
    forms: tuple[str, ...],
    grounded_owl: bool,
    policy: str | None,
    store: Path | RemoteSettings | None,
) -> None:
    """Write what sources say, what counts, what follows and the proofs, each to files of its own, or tables by year.

    ttl, nt and jsonld write a file a graph, trig one file of all graphs, and csv a table for every question that can be
    asked without parameters. The same graph gives the same bytes. Prints the names of the files.

    --tables writes directed dyad-years, triad-years, episodes, intervals of obligations and states as CSV and Parquet,
    and a codebook that says what each column means and how years and days are told apart. A betrayal in them is an
    analytic category, not a verdict.
    """
    if out is None and tables is None:
        raise UsageError("give --out DIR for graphs, --tables DIR for tables, or both")
    if out is None and (forms or grounded_owl):
        raise UsageError("--format and --grounded-owl are about graphs: give --out DIR")
    if tables is None and years is not None:
        raise UsageError("--years is about tables: give --tables DIR")
    first, last = _years(years)
    graph = open_graph(store)
    written = []
    with Stages(lines=False) as stages:
        stages("writing")
        if out is not None:
            written += graph.export(out, forms or ("ttl",), policy=policy, grounded_owl=grounded_owl)
        if tables is not None:
            written += graph.export_tables(tables, first_year=first, last_year=last, policy=policy)
    for path in written:
        click.echo(path)


def _years(text: str | None) -> tuple[int, int | None]:
    if text is None:
        return FIRST_YEAR, None
    match = re.fullmatch(r"([0-9]{4})-([0-9]{4})", text)
    if match is None:
        raise BadParameter("years", text, "two years: write FIRST-LAST, such as 1816-2024")
    return int(match[1]), int(match[2])
