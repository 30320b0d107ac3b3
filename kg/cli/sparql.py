"""``kg sparql``: questions of one's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples

from kg.answers import Answer
from kg.cli.options import known_by_option, open_graph, out_option, policy_option, store_option
from kg.cli.output import choose_format, emit, table
from kg.cli.progress import Stages
from kg.errors import UsageError
from kg.files import keep_what_is_read
from kg.settings import RemoteSettings

__all__ = ["sparql"]

_FORMATS: Final = {
    "json": ".srj",
    "xml": ".srx",
    "csv": ".csv",
    "tsv": ".tsv",
    "table": ".txt",
    "ttl": ".ttl",
    "nt": ".nt",
}
_RESULTS: Final = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}


@click.command(
    short_help="Ask in SPARQL 1.1.",
    epilog="Example: kg sparql 'SELECT ?who ?whom { ?who foedus:betrays ?whom }' --format csv",
)
@click.argument("query", metavar="QUERY|FILE|-")
@policy_option
@known_by_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    help="Form of the answer.  [default: table on a terminal, else json; ttl for CONSTRUCT and DESCRIBE]",
)
@out_option
@store_option
def sparql(
    query: str,
    *,
    policy: str | None,
    known_by: str | None,
    form: str | None,
    out: Path | None,
    store: Path | RemoteSettings | None,
) -> None:
    """Ask a query given as text, as a file, or on standard input (-).

    The default graph is what sources say, what counts under the policy and what follows from it. The prefixes foedus:,
    id:, rdf:, rdfs:, skos:, prov:, oa:, owl: and xsd: need no declaration. Nothing can be changed.
    """
    text = _text(query, out)
    opened = open_graph(store)
    with Stages(lines=False) as stages:
        stages("looking for the answer")
        result = opened.sparql(text, policy=policy, known_by=known_by)
    graph = isinstance(result, QueryTriples)
    default = "ttl" if graph else "table" if out is None and sys.stdout.isatty() else "json"
    chosen = choose_format(form, out, _FORMATS, default)
    if graph:
        fitting = ["ttl", "nt"]
    else:
        fitting = ["json", "xml", "table"] if isinstance(result, QueryBoolean) else [*_RESULTS, "table"]
    if chosen not in fitting:
        raise UsageError(f"the answer to this query cannot be {chosen}: choose {', '.join(fitting)}")
    emit(_render(result, chosen), out)


def _text(query: str, out: Path | None) -> str:
    if query == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    path = Path(query)
    if any(c in query for c in "{}\n") or (" " in query and not path.exists()):
        return query
    try:
        keep_what_is_read(out, [path])
        return _decoded(path.read_bytes(), query)
    except OSError as fault:
        raise UsageError(f"{query!r} is neither a query nor a file that can be read: {fault.strerror}") from fault


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise UsageError(f"{where}: not text in UTF-8") from fault


def _render(result: QuerySolutions | QueryBoolean | QueryTriples, form: str) -> str | bytes:
    if isinstance(result, QueryTriples):
        from kg.exporting import FORMATS
        from kg.serializing import serialize

        return serialize(set(result), FORMATS[form])
    if form != "table":
        return result.serialize(format=_RESULTS[form]) or b""
    if isinstance(result, QueryBoolean):
        return "true" if result else "false"
    answer = Answer(tuple(v.value for v in result.variables), tuple(tuple(row) for row in result))
    return table(answer.columns, answer.table(iris=True))
