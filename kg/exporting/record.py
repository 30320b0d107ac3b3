"""What the tables are made of: obligations, hostilities, transfers and episodes as columns, read by SPARQL.

Only transfers, hostilities and obligations between states are read; a transfer to an armed group is in none of the
tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow
from pyarrow import compute, csv
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions

from kg.coverage import spans
from kg.exporting.covered import Covered
from kg.exporting.numberings import Numbering, Numbers
from kg.exporting.years import Ints, Spells
from kg.store.base import Store
from kg.time import day_bounds
from kg.vocab import FOEDUS

__all__ = ["HOSTILITIES", "OBLIGATIONS", "Dated", "Record", "read_record"]

OBLIGATIONS: Final = ("consultation", "defense", "neutrality", "nonaggression", "offense")
"""The kinds of obligation, as ATOP names them."""

HOSTILITIES: Final = ("conflict", "dispute", "incursion", "rivalry")
"""The kinds of hostility."""

BOUNDS: Final = ("begin_earliest", "begin_latest", "end_earliest", "end_latest")
_DATES: Final = {
    "beginEarliest": "begin_earliest",
    "beginLatest": "begin_latest",
    "endEarliest": "end_earliest",
    "endLatest": "end_latest",
    "status": "status",
}


def _joined(*, dated: bool = True, **properties: str) -> str:
    """Patterns for the properties of a node, each read in one pass and joined by hash.

    Over a whole record that is far faster than looking up each property of each node.
    """
    every = properties | _DATES if dated else properties
    return "\n".join(f"{{ SELECT ?node ?{name} WHERE {{ ?node foedus:{p} ?{name} }} }}" for p, name in every.items())


def _classed(kinds: Mapping[str, str]) -> str:
    """The nodes of some classes, with a word for each class."""
    parts = (f'{{ ?node a foedus:{name} BIND("{word}" AS ?kind) }}' for name, word in kinds.items())
    return f"{{ SELECT ?node ?kind WHERE {{ {' UNION '.join(parts)} }} }}"


_PREFIXES: Final = """PREFIX foedus: <https://w3id.org/foedus/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
_STATES: Final = """SELECT ?state ?name ?iso3 WHERE {
  ?state a foedus:State .
  OPTIONAL { ?state rdfs:label ?label FILTER(LANGMATCHES(LANG(?label), "en")) }
  OPTIONAL { ?state foedus:iso3 ?iso3 }
  BIND(STR(?label) AS ?name)
} ORDER BY ?state ?name ?iso3"""
_NUMBERS: Final = """SELECT ?state ?list ?number ?begin ?end WHERE {
  { ?state foedus:cowCode ?number BIND("cow" AS ?list) }
  UNION { ?state foedus:gwCode ?number BIND("gw" AS ?list) }
  UNION {
    { ?span foedus:cowNumberOf ?state BIND("cow" AS ?list) }
    UNION { ?span foedus:gwNumberOf ?state BIND("gw" AS ?list) }
    ?span foedus:stateNumber ?number ; foedus:begin ?begin .
    OPTIONAL { ?span foedus:end ?end FILTER(ISLITERAL(?end)) }
  }
}"""
_WHEN: Final = " ".join(f"?{bound}" for bound in BOUNDS)
_OBLIGATIONS: Final = f"""SELECT ?node ?one ?other ?kind ?alliance WHERE {{
{_classed({f"{kind.title()}Obligation": kind for kind in OBLIGATIONS})}
{_joined(obligor="one", obligee="other", underAlliance="alliance", dated=False)}
}}"""
_HOSTILITIES: Final = f"""SELECT ?node ?one ?other ?kind ?arises_from WHERE {{
{_classed({f"{kind.title()}Hostility": kind for kind in HOSTILITIES})}
{_joined(hostile="one", against="other", arisesFrom="arises_from", dated=False)}
}}"""
_TRANSFERS: Final = f"""SELECT ?node ?one ?other {_WHEN} ?status WHERE {{
{_classed({"ArmsTransfer": "transfer"})}
{_joined(supplier="one", recipient="other")}
}}"""
_VALUES: Final = "SELECT ?node ?tiv WHERE { ?node foedus:trendIndicatorValue ?tiv }"
_EPISODES: Final = f"SELECT ?node WHERE {{ {_classed({'Episode': 'episode'})} }}"
_DATED: Final = f"SELECT ?node {_WHEN} ?status WHERE {{ {_joined()} }}"
_OVERLAPS: Final = "SELECT ?node ?overlap WHERE { ?node foedus:overlap ?overlap }"
_COVERED: Final = "SELECT ?node ?coverage WHERE { ?node foedus:coverage ?coverage }"
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
{" UNION ".join(f'{{ ?node foedus:{leg} ?premise BIND("{leg}" AS ?leg) }}' for leg in LEGS)}
}}"""
KINDS: Final = (
    "AllyAttackingAlly",
    "AllySupplyingAdversary",
    "ComplicitAlly",
    "DividedLoyalty",
    "UnansweredObligation",
)
"""The kinds of conclusion that the ontology defines."""

_KINDS: Final = f"SELECT ?node ?kind WHERE {{ {_classed({kind: kind for kind in KINDS})} }}"
_LABELS: Final = """SELECT ?node ?name WHERE {
  { SELECT ?node WHERE {
    VALUES ?class { foedus:Alliance foedus:ArmsTransfer foedus:ArmedConflict foedus:Incursion
      foedus:MilitarizedDispute foedus:Rivalry foedus:Acquiescence }
    ?node a ?class .
  } }
  { SELECT ?node ?label WHERE { ?node rdfs:label ?label } }
  FILTER(LANGMATCHES(LANG(?label), "en"))
  BIND(STR(?label) AS ?name)
}"""


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
        states: a row a state, in the order of their IRIs: ``state``, ``name``, ``iso3``.
        numbers: the numbers of the states by list, ``cow`` and ``gw``.
        obligations: who owes whom, under which alliance.
        hostilities: who was hostile to whom.
        transfers: who supplied whom.
        episodes: conclusions with their dates.
        legs: the premises of the conclusions, one row each.
        kinds: the classes of the conclusions, one row each.
        labels: names of alliances, conflicts and transfers.
        covered: the years for which data sets speak.
        years: first and last year of the tables.
    """

    states: pyarrow.Table
    numbers: dict[str, Numbers]
    obligations: Dated
    hostilities: Dated
    transfers: Dated
    episodes: pyarrow.Table
    legs: pyarrow.Table
    kinds: pyarrow.Table
    labels: dict[str, str]
    covered: Covered
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
        rows = _select(store, _PREFIXES + text, graphs)
        return rows.sort_by([(name, "ascending") for name in rows.column_names if name in ("node", "kind", "name")])

    states = _first(read(_STATES, facts), "state")
    dates, overlaps = read(_DATED, conclusions), read(_OVERLAPS, conclusions)
    hostilities = _with(read(_HOSTILITIES, conclusions), dates)
    obligations = _with(_with(read(_OBLIGATIONS, conclusions), dates), overlaps)
    concluded = _with(_with(read(_EPISODES, conclusions), dates), overlaps)
    concluded = _with(concluded, read(_COVERED, conclusions))
    transfers = _with(read(_TRANSFERS, facts), read(_VALUES, facts))
    last = years[1]
    if last is None:
        # What goes on for all that is known ends in 9999 and says nothing about where the record stops.
        ends = [_year(t, b) for t in (obligations, hostilities, transfers) for b in BOUNDS]
        last = max((int(e[e < 9999].max()) for e in ends if (e < 9999).any()), default=years[0])
    window = years[0], last
    labels = _first(read(_LABELS, facts), "node")
    return Record(
        states=states,
        numbers=_numbers_of(states.column("state").to_pylist(), _select(store, _PREFIXES + _NUMBERS, facts)),
        obligations=_dated(obligations, states, window),
        hostilities=_dated(hostilities, states, window),
        transfers=_dated(transfers, states, window),
        episodes=concluded,
        legs=read(_LEGS, conclusions),
        kinds=read(_KINDS, conclusions),
        labels=dict(zip(labels.column("node").to_pylist(), labels.column("name").to_pylist(), strict=True)),
        covered=Covered(spans(store, facts)),
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


def _with(rows: pyarrow.Table, more: pyarrow.Table) -> pyarrow.Table:
    """Rows with more columns for each node, empty where it has none."""
    place = compute.index_in(rows.column("node"), value_set=more.column("node"))
    for name in more.column_names:
        if name != "node":
            rows = rows.append_column(name, compute.fill_null(more.column(name).take(place), ""))
    return rows


def _first(rows: pyarrow.Table, key: str) -> pyarrow.Table:
    """The first row of each key; a thing with two names goes by the first."""
    keys = rows.column(key).to_pylist()
    return rows.take([place for place, value in enumerate(keys) if place == 0 or value != keys[place - 1]])


def _numbers_of(states: Sequence[str], rows: pyarrow.Table) -> dict[str, Numbers]:
    """The numbers of states by list; a row with a begin says when a number stands."""
    places = {state: place for place, state in enumerate(states)}
    carried: dict[str, list[set[int]]] = {name: [set() for _ in states] for name in ("cow", "gw")}
    spans: dict[str, dict[int, list[Numbering]]] = {name: {} for name in carried}
    for row in rows.to_pylist():
        if (place := places.get(row["state"])) is None:
            continue
        if row["begin"]:
            first, last = day_bounds(row["begin"])[0], day_bounds(row["end"])[1] if row["end"] else None
            spans[row["list"]].setdefault(place, []).append(Numbering(first, last, int(row["number"])))
        else:
            carried[row["list"]][place].add(int(row["number"]))
    return {name: Numbers([sorted(one) for one in carried[name]], spans[name]) for name in carried}


def _numbers(values: Any) -> Ints:
    return np.asarray(values.to_numpy(), dtype=np.int64)


def _bools(values: Any) -> Any:
    return np.asarray(values.to_numpy(), dtype=bool)
