"""``kg import``: from the files of a published data set to facts that ``kg build`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from pyoxigraph import RdfFormat

from kg.cli.options import out_option
from kg.errors import ParseError, UsageError
from kg.importing import OFFERS, import_files
from kg.importing.vouching import vouch
from kg.serializing import serialize

if TYPE_CHECKING:
    from kg.importing.writing import Import

__all__ = ["import_"]

_FORMATS = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES}


def _offers() -> str:
    lines = [f"{name}: {offer.what}. From {offer.where} ({offer.terms})." for name, offer in OFFERS.items()]
    return "\n\n".join(lines)


@click.command(
    "import",
    short_help="Turn files of a published data set into facts.",
    help=(
        "Turn files of a published data set into facts to build from.\n\n"
        "Get the files from their publisher; nothing is downloaded. Rows read, nodes made and rows set aside are "
        "counted on standard error. SOURCE is one of:\n\n" + _offers()
    ),
    epilog="Example: kg import sipri trade-register.csv --out sipri.nt",
)
@click.argument("source", metavar="SOURCE")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@out_option
@click.option("--strict", is_flag=True, help="Rows set aside are an error, and nothing is written.")
def import_(source: str, files: tuple[Path, ...], *, out: Path | None, strict: bool) -> None:
    """Import files of a published data set."""
    form = _FORMATS.get(out.suffix if out else ".ttl")
    if form is None:
        raise UsageError(f"--out {out}: use one of {', '.join(_FORMATS)}")
    result = import_files(source, files)
    _report(result)
    if strict and result.set_aside:
        first = result.set_aside[0]
        count = sum(aside.count for aside in result.set_aside)
        raise ParseError(first.file, f"{count:,} rows set aside, and --strict; nothing was written", first.line)
    data = vouch(source, result.ntriples if form == RdfFormat.N_TRIPLES else serialize(result.triples, form))
    if out is None:
        click.echo(data, nl=False)
    else:
        out.write_bytes(data)


def _report(result: Import) -> None:
    aside = sum(part.count for part in result.set_aside)
    nodes = ", ".join(f"{count:,} {kind}" for kind, count in result.nodes.items()) or "none"
    click.echo(
        f"kg: {result.source}: {result.rows:,} rows read, {result.used:,} used, {aside:,} set aside; "
        f"{len(result.lines):,} triples\nkg: nodes made: {nodes}",
        err=True,
    )
    for part in sorted(result.set_aside, key=lambda part: (-part.count, part)):
        click.echo(f"kg: set aside {part.count:,}: {part.reason} ({part.file}:{part.line})", err=True)
    for note in result.notes:
        click.echo(f"kg: note: {note}", err=True)
