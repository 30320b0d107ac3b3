"""Tables for statistics as files: CSV and Parquet with a codebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import QuerySolutions

from kg.errors import UsageError
from kg.files import write_files
from kg.store.base import Store
from kg.views import base_graphs
from kg.vocab import GRAPH

if TYPE_CHECKING:
    from kg.exporting.codebook import Coverage

__all__ = ["FIRST_YEAR", "export_tables"]

FIRST_YEAR: Final = 1816
"""Year with which the tables by year begin, as the Correlates of War data do."""

_COVERAGE: Final = """PREFIX foedus: <https://w3id.org/foedus/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?title ?said WHERE {
  { SELECT DISTINCT ?source WHERE { ?claim foedus:reportedBy ?source } }
  ?source rdfs:label ?label .
  OPTIONAL { ?source foedus:coverageNote ?note FILTER(LANG(?note) = "" || LANGMATCHES(LANG(?note), "en")) }
  FILTER(LANGMATCHES(LANG(?label), "en"))
  BIND(STR(?label) AS ?title)
  BIND(STR(?note) AS ?said)
} ORDER BY ?title ?said"""
_DEFINITIONS: Final = """PREFIX foedus: <https://w3id.org/foedus/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?name ?says WHERE {
  VALUES ?root { foedus:Obligation foedus:Hostility foedus:Episode foedus:ArmsTransfer }
  ?class rdfs:subClassOf* ?root ; rdfs:label ?label ; skos:definition ?definition .
  FILTER(LANGMATCHES(LANG(?label), "en") && LANGMATCHES(LANG(?definition), "en"))
  BIND(STR(?label) AS ?name)
  BIND(STR(?definition) AS ?says)
} ORDER BY ?name ?says"""


def export_tables(
    store: Store, view: str, out: Path, *, first_year: int = FIRST_YEAR, last_year: int | None = None
) -> list[Path]:
    """Write the tables of a view as CSV and Parquet, with a codebook in Markdown and as a Data Package.

    The same graph gives the same bytes of CSV.

    Args:
        store: the store.
        view: name of the view, such as ``"reported"``.
        out: folder to write into; made where it is not there.
        first_year: year with which the tables by year begin.
        last_year: year with which they end; the last with which any fact is dated where not given.

    Returns:
        The files written, sorted.

    Raises:
        UsageError: a library for tables is missing, or the years are in the wrong order.
        StoreError: the folder cannot be written; what was there stays.
    """
    try:
        import pyarrow
        from pyarrow import csv, parquet
    except ModuleNotFoundError as fault:
        raise UsageError("writing tables takes pyarrow: pip install 'foedus[tables]'") from fault
    from kg.exporting import codebook, tables
    from kg.exporting.codes import read_codes
    from kg.exporting.record import read_record
    from kg.exporting.sheets import TABLES

    if not 1 <= first_year <= (last_year or 9998) <= 9998:
        raise UsageError(f"tables from {first_year} to {last_year}: the first year has to come before the last")
    facts = [*base_graphs(store), GRAPH.accepted(view)]
    conclusions = [GRAPH.derived(view), GRAPH.inferred(view)]
    record = read_record(store, facts, conclusions, (first_year, last_year))
    makers = (
        tables.states,
        tables.directed_dyad_years,
        tables.triad_years,
        tables.episodes,
        tables.obligation_intervals,
    )

    def files() -> Iterator[tuple[str, bytes]]:
        for sheet, make in zip(TABLES, makers, strict=True):
            table = _typed(make(record), sheet)
            for suffix, write in ((".csv", csv.write_csv), (".parquet", parquet.write_table)):
                sink = pyarrow.BufferOutputStream()
                write(table, sink)
                yield f"{sheet.name}{suffix}", sink.getvalue().to_pybytes()
        sources = _coverage(store, facts)
        definitions = dict(_texts(store, _DEFINITIONS, facts))
        codes = read_codes(store, facts)
        yield "datapackage.json", codebook.data_package(view, record.years, sources, codes)
        yield "codebook.md", codebook.markdown(view, record.years, sources, record.covered.told(), definitions, codes)

    return write_files(out, files())


def _typed(table: Any, sheet: Any) -> Any:
    """The columns of a table in the order and of the types of the codebook, missing where a cell is empty."""
    import pyarrow
    from pyarrow import compute

    types = {
        "integer": pyarrow.int32(),
        "number": pyarrow.float64(),
        "date": pyarrow.date32(),
        "string": pyarrow.string(),
    }
    assert table.column_names == [column.name for column in sheet.columns], sheet.name
    made = []
    for column in sheet.columns:
        values = table.column(column.name)
        if pyarrow.types.is_string(values.type):
            values = compute.if_else(compute.equal(values, ""), None, values)
        made.append(values.cast(types[column.type]))
    return pyarrow.table(made, names=table.column_names)


def _coverage(store: Store, graphs: list[Any]) -> list[Coverage]:
    from kg.exporting.codebook import Coverage

    return [Coverage(title, note) for title, note in _texts(store, _COVERAGE, graphs)]


def _texts(store: Store, text: str, graphs: list[Any]) -> list[tuple[str, str]]:
    solutions = store.query(text, default_graphs=graphs)
    assert isinstance(solutions, QuerySolutions)
    return [(a.value if a else "", b.value if b else "") for a, b in (tuple(solution) for solution in solutions)]
