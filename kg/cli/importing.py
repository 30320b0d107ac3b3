"""``kg import``: from the files of a published data set to facts that ``kg build`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pyoxigraph import RdfFormat

from kg.cli.options import out_option
from kg.cli.progress import Stages
from kg.cli.telling import tell
from kg.errors import ParseError, UsageError
from kg.files import keep_what_is_read, write_file
from kg.importing import OFFERS, import_endpoint, import_files
from kg.serializing import serialize
from kg.settings import is_url
from kg.vouching import vouch

if TYPE_CHECKING:
    from kg.importing.results import Import

__all__ = ["import_"]

_FORMATS = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES}


class _Place(click.ParamType):  # type: ignore[type-arg]  # no generic class in older releases
    """A file that is there, or a URL."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        """See :meth:`click.ParamType.convert`."""
        if is_url(value):
            return str(value)
        path: Path = click.Path(path_type=Path, exists=True, dir_okay=False).convert(value, param, ctx)
        return path


def _offers() -> str:
    lines = [f"{name}: {offer.what}. From {offer.where} ({offer.terms})." for name, offer in OFFERS.items()]
    return "\n\n".join(lines)


@click.command(
    "import",
    short_help="Turn files of a published data set into facts.",
    help=(
        "Turn files of a published data set into facts to build from.\n\n"
        "Get the files from their publisher; nothing is downloaded, and only Wikidata is asked, at the endpoint that "
        "you name. Rows read, nodes made and rows set aside are counted on standard error. SOURCE is one of:\n\n"
        + _offers()
    ),
    epilog=(
        "Example: kg import sipri trade-register.csv --out sipri.nt, or "
        "kg import wikidata https://query.wikidata.org/sparql --state ARM --language fr --out wikidata.nt"
    ),
)
@click.argument("source", metavar="SOURCE")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=_Place())
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="For wikidata: a language of names; may be repeated.  [default: ar, en, es, fr, ru, zh]",
)
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="CODE|NAME",
    help="For wikidata: a state that is wanted; may be repeated.  [default: all]",
)
@click.option(
    "--states",
    "lists",
    multiple=True,
    metavar="FACTS",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Facts that describe further states, as kg import states writes them; build from them too. May be repeated.",
)
@out_option
@click.option("--strict", is_flag=True, help="Rows set aside are an error, and nothing is written.")
def import_(
    source: str,
    files: tuple[Path | str, ...],
    *,
    languages: tuple[str, ...],
    states: tuple[str, ...],
    lists: tuple[Path, ...],
    out: Path | None,
    strict: bool,
) -> None:
    """Import files of a published data set."""
    form = _FORMATS.get(out.suffix if out else ".ttl")
    if form is None:
        raise UsageError(f"--out {out}: use one of {', '.join(_FORMATS)}")
    keep_what_is_read(out, [*lists, *(place for place in files if isinstance(place, Path))])
    result = _imported(source, files, languages, states, lists)
    _report(result)
    if strict and result.set_aside:
        first = result.set_aside[0]
        count = sum(aside.count for aside in result.set_aside)
        raise ParseError(first.file, f"{count:,} rows set aside, and --strict; nothing was written", first.line or None)
    data = vouch(source, result.ntriples if form == RdfFormat.N_TRIPLES else serialize(result.triples, form))
    if out is None:
        click.echo(data, nl=False)
    else:
        write_file(out, data)


def _imported(
    source: str,
    places: tuple[Path | str, ...],
    languages: tuple[str, ...],
    states: tuple[str, ...],
    lists: tuple[Path, ...],
) -> Import:
    urls = [place for place in places if isinstance(place, str)]
    if not urls:
        if languages or states:
            raise UsageError("--language and --state go with wikidata and the URL of an endpoint")
        return import_files(source, [place for place in places if isinstance(place, Path)], states=lists)
    if lists:
        raise UsageError("--states goes with files, not with the URL of an endpoint")
    if len(places) > 1:
        raise UsageError("name one endpoint, and no file beside it")
    with Stages(lines=False) as stages:
        return import_endpoint(source, urls[0], languages=languages, states=states, progress=stages)


def _report(result: Import) -> None:
    aside = sum(part.count for part in result.set_aside)
    nodes = ", ".join(f"{count:,} {kind}" for kind, count in result.nodes.items()) or "none"
    tell(
        f"{result.source}: {result.rows:,} rows read, {result.used:,} used, {aside:,} set aside; "
        f"{len(result.lines):,} triples"
    )
    tell(f"nodes made: {nodes}")
    for part in sorted(result.set_aside, key=lambda part: (-part.count, part)):
        tell(f"set aside {part.count:,}: {part.reason} ({part.place})")
    for note in result.notes:
        tell(f"note: {note}")
