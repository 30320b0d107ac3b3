"""What the tables are made of: obligations, hostilities, transfers and episodes as columns, read by SPARQL.

Only transfers, hostilities and obligations between states are read; a transfer to an armed group is in none of the
tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow
from pyarrow import compute, csv
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions

from kg.exporting.years import Ints, Spells
from kg.store.base import Store
from kg.vocab import FOEDUS

__all__ = ["HOSTILITIES", "OBLIGATIONS", "Dated", "Record", "read_record"]

OBLIGATIONS: Final = ("consultation", "defense", "neutrality", "nonaggression", "offense")
"""The kinds of obligation, as ATOP names them."""

HOSTILITIES: Final = ("conflict", "incursion", "rivalry")
"""The kinds of hostility."""

BOUNDS: Final = ("begin_earliest", "begin_latest", "end_earliest", "end_latest")
_BOUNDS: Final = """
  foedus:beginEarliest ?begin_earliest ; foedus:beginLatest ?begin_latest ;
  foedus:endEarliest ?end_earliest ; foedus:endLatest ?end_latest ;
  foedus:status ?status"""
_PREFIXES: Final = """PREFIX foedus: <https://w3id.org/foedus/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
_STATES: Final = """SELECT ?state ?name ?iso3 ?cow ?gw WHERE {
  ?state a foedus:State .
  OPTIONAL { ?state rdfs:label ?label FILTER(LANGMATCHES(LANG(?label), "en")) }
  OPTIONAL { ?state foedus:iso3 ?iso3 }
  OPTIONAL { ?state foedus:cowCode ?cow }
  OPTIONAL { ?state foedus:gwCode ?gw }
  BIND(STR(?label) AS ?name)
} ORDER BY ?state ?name ?iso3 ?cow ?gw"""
_OBLIGATIONS: Final = f"""SELECT ?node ?one ?other ?kind ?provision ?alliance {" ".join(f"?{b}" for b in BOUNDS)}
  ?overlap ?status WHERE {{
  VALUES (?class ?kind) {{ {" ".join(f'(foedus:{kind.title()}Obligation "{kind}")' for kind in OBLIGATIONS)} }}
  ?node a ?class ; foedus:obligor ?one ; foedus:obligee ?other ; foedus:underProvision ?provision ;
  foedus:underAlliance ?alliance ; foedus:overlap ?overlap ;{_BOUNDS} .
}} ORDER BY ?node ?kind"""
_HOSTILITIES: Final = f"""SELECT ?node ?one ?other ?kind ?arises_from {" ".join(f"?{b}" for b in BOUNDS)}
  ?status WHERE {{
  VALUES (?class ?kind) {{ {" ".join(f'(foedus:{kind.title()}Hostility "{kind}")' for kind in HOSTILITIES)} }}
  ?node a ?class ; foedus:hostile ?one ; foedus:against ?other ; foedus:arisesFrom ?arises_from ;{_BOUNDS} .
}} ORDER BY ?node ?kind"""
_TRANSFERS: Final = f"""SELECT ?node ?one ?other ?tiv {" ".join(f"?{b}" for b in BOUNDS)} ?status WHERE {{
  ?node a foedus:ArmsTransfer ; foedus:supplier ?one ; foedus:recipient ?other ;{_BOUNDS} .
  OPTIONAL {{ ?node foedus:trendIndicatorValue ?tiv }}
}} ORDER BY ?node ?one ?other"""
_EPISODES: Final = f"""SELECT ?node ?overlap ?coverage {" ".join(f"?{b}" for b in BOUNDS)} ?status WHERE {{
  ?node a foedus:Episode ; foedus:overlap ?overlap ;{_BOUNDS} .
  OPTIONAL {{ ?node foedus:coverage ?coverage }}
}} ORDER BY ?node"""
LEGS: Final = (
    "obligationLeg",
    "firstLoyaltyLeg",
    "secondLoyaltyLeg",
    "supplyLeg",
    "hostilityLeg",
    "attackLeg",
    "triggerLeg",
    "acquiescenceLeg",
    "toleratedLeg",
)
_LEGS: Final = f"""SELECT ?node ?leg ?premise WHERE {{
  VALUES (?property ?leg) {{ {" ".join(f'(foedus:{leg} "{leg}")' for leg in LEGS)} }}
  ?node ?property ?premise .
}} ORDER BY ?node ?leg ?premise"""
_KINDS: Final = """SELECT DISTINCT ?node ?kind WHERE {
  ?node a foedus:Episode ; a ?class .
  FILTER(STRSTARTS(STR(?class), "https://w3id.org/foedus/ns#"))
  BIND(STRAFTER(STR(?class), "#") AS ?kind)
} ORDER BY ?node ?kind"""
_LABELS: Final = """SELECT ?node ?name WHERE {
  VALUES ?class { foedus:Alliance foedus:ArmsTransfer foedus:ArmedConflict foedus:Incursion foedus:Rivalry
    foedus:Acquiescence }
  ?node a ?class ; rdfs:label ?label .
  FILTER(LANGMATCHES(LANG(?label), "en"))
  BIND(STR(?label) AS ?name)
} ORDER BY ?node ?name"""


@dataclass(frozen=True)
class Dated:
    """Nodes of one sort, with the pair of states that each relates.

    Attributes:
        rows: what was read, one row a node.
        spells: the same rows as years.
    """

    rows: pyarrow.Table
    spells: Spells

    def text(self, column: str) -> list[str]:
        """A column as text."""
        found: list[str] = self.rows.column(column).to_pylist()
        return found

    def of_kind(self, kind: str) -> Spells:
        """The spells of one kind."""
        return self.spells.take(_bools(compute.equal(self.rows.column("kind"), kind)))


@dataclass(frozen=True)
class Record:
    """Everything that the tables are made of.

    Attributes:
        states: a row a state, in the order of their IRIs: ``state``, ``name``, ``iso3``, ``cow``, ``gw``.
        obligations: who owes whom, under which alliance.
        hostilities: who was hostile to whom.
        transfers: who supplied whom.
        episodes: conclusions with their dates.
        legs: the premises of the conclusions, one row each.
        kinds: the classes of the conclusions, one row each.
        labels: names of alliances, conflicts and transfers.
        years: first and last year of the tables.
    """

    states: pyarrow.Table
    obligations: Dated
    hostilities: Dated
    transfers: Dated
    episodes: pyarrow.Table
    legs: pyarrow.Table
    kinds: pyarrow.Table
    labels: dict[str, str]
    years: tuple[int, int]


def read_record(
    store: Store, facts: Sequence[NamedNode], conclusions: Sequence[NamedNode], years: tuple[int, int | None]
) -> Record:
    """Read what the tables are made of.

    Args:
        store: the store.
        facts: graphs of the ontology, of what sources say and of what counts.
        conclusions: graphs of what was derived and inferred.
        years: first and last year of the tables; without a last one, the last that any fact is dated with.
    """

    def read(text: str, graphs: Sequence[NamedNode]) -> pyarrow.Table:
        return _select(store, _PREFIXES + text, graphs)

    states = _first(read(_STATES, facts), "state")
    obligations = read(_OBLIGATIONS, conclusions)
    hostilities = read(_HOSTILITIES, conclusions)
    transfers = read(_TRANSFERS, facts)
    last = years[1]
    if last is None:
        # What goes on for all that is known ends in 9999 and says nothing about where the record stops.
        ends = [_year(t, b) for t in (obligations, hostilities, transfers) for b in BOUNDS]
        last = max((int(e[e < 9999].max()) for e in ends if (e < 9999).any()), default=years[0])
    window = years[0], last
    labels = _first(read(_LABELS, facts), "node")
    return Record(
        states=states,
        obligations=_dated(obligations, states, window),
        hostilities=_dated(hostilities, states, window),
        transfers=_dated(transfers, states, window),
        episodes=read(_EPISODES, conclusions),
        legs=read(_LEGS, conclusions),
        kinds=read(_KINDS, conclusions),
        labels=dict(zip(labels.column("node").to_pylist(), labels.column("name").to_pylist(), strict=True)),
        years=window,
    )


def _select(store: Store, text: str, graphs: Sequence[NamedNode]) -> pyarrow.Table:
    """The rows of a SELECT query, all as text, an empty one where a cell is empty."""
    solutions = store.query(text, default_graphs=graphs)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    data = solutions.serialize(format=QueryResultsFormat.CSV)
    return csv.read_csv(
        pyarrow.py_buffer(data),
        read_options=csv.ReadOptions(block_size=1 << 24),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False
        ),
    )


def _dated(rows: pyarrow.Table, states: pyarrow.Table, window: tuple[int, int]) -> Dated:
    """Rows between states, with the years within the window that they touch."""
    one, other = (compute.index_in(rows.column(c), value_set=states.column("state")) for c in ("one", "other"))
    between = compute.and_(compute.is_valid(one), compute.is_valid(other))
    rows = rows.filter(between)
    sure = (
        _bools(compute.equal(rows.column("overlap"), FOEDUS.Definite.value))
        if "overlap" in rows.column_names
        else np.ones(rows.num_rows, bool)
    )
    first, surely_first, surely_last, last = (_year(rows, bound) for bound in BOUNDS)
    return Dated(
        rows,
        Spells(
            _numbers(one.filter(between)),
            _numbers(other.filter(between)),
            np.maximum(first, window[0]),
            np.minimum(last, window[1]),
            np.maximum(surely_first, window[0]),
            np.where(sure, np.minimum(surely_last, window[1]), window[0] - 1),
        ),
    )


def _year(rows: pyarrow.Table, column: str) -> Ints:
    return _numbers(compute.cast(compute.utf8_slice_codeunits(rows.column(column), 0, 4), pyarrow.int64()))


def _first(rows: pyarrow.Table, key: str) -> pyarrow.Table:
    """The first row of each key; a thing with two names or codes goes by the first."""
    keys = rows.column(key).to_pylist()
    return rows.take([place for place, value in enumerate(keys) if place == 0 or value != keys[place - 1]])


def _numbers(values: Any) -> Ints:
    return np.asarray(values.to_numpy(), dtype=np.int64)


def _bools(values: Any) -> Any:
    return np.asarray(values.to_numpy(), dtype=bool)
