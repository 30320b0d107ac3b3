"""How fast the dated rules run: compiled to columns, and as SPARQL in Oxigraph, side by side in one run.

Both start from facts that they hold already, the compiled rules as columns and Oxigraph in its store. ``triangle`` is
one rule alone, an ally that supplies an adversary, which DuckDB runs too, as one SQL query over tables that are its
own; it makes the combinations only, while the rules make the triples as well.

``pytest tests/benchmarks/test_rules.py -m benchmark -s`` measures made-up records of 15 and 77 thousand triples,
``FOEDUS_BENCHMARK=full`` adds 0.8 and 8 million without SPARQL, which would take hours there. A peer that is not
installed is left out of the table. The table goes to ``build/benchmarks/rules.csv``.
"""

from __future__ import annotations

import importlib
import time
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import pytest
from pyoxigraph import NamedNode

from kg.accepting import Reading, accept
from kg.columns import Columns, Dictionary
from kg.documents import read_document
from kg.resources import ontology_files
from kg.rules import load_rules, run_rules
from kg.rules.compiling import compile_rule
from kg.rules.deriving import derive
from kg.store.embedded import EmbeddedStore
from kg.trust import policies
from kg.vocab import FOEDUS, GRAPH, RDF
from tests.benchmarks.record import asserted
from tests.benchmarks.timing import FULL, timed, write_table

SMALL = (0.02, 0.1)
SCALES = (*SMALL, *((1.0, 10.0) if FULL else ()))
RUNS = 3
RULES = load_rules()
GRAPHS = [GRAPH.asserted("record"), GRAPH.accepted("reported")]
INTO = GRAPH.derived("reported")
TRIANGLE = """
SELECT count(*) FROM transfer t JOIN hostility h ON h.hostile = t.recipient
JOIN obligation o ON o.obligor = t.supplier AND o.obligee = h.against
WHERE t.supplier <> h.against AND o.first <= t.last AND o.first <= h.last
AND t.first <= o.last AND t.first <= h.last AND h.first <= o.last AND h.first <= t.last
"""
TABLES = {
    "transfer": (FOEDUS.ArmsTransfer, FOEDUS.supplier, FOEDUS.recipient),
    "hostility": (FOEDUS.Hostility, FOEDUS.hostile, FOEDUS.against),
    "obligation": (FOEDUS.Obligation, FOEDUS.obligor, FOEDUS.obligee),
}


def accepted_record(scale: float) -> EmbeddedStore:
    """A made-up record with what the policy ``reported`` accepts of it."""
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    store.insert(GRAPHS[0], asserted(scale))
    store.insert(GRAPHS[1], accept(Reading.of(store, GRAPHS[:1]), policies(store, [GRAPH.ontology])["reported"]))
    return store


def columns_of(store: EmbeddedStore) -> tuple[Columns, Dictionary]:
    dictionary = Dictionary()
    return Columns.joined([Columns.encode(store.triples(graph), dictionary) for graph in GRAPHS]), dictionary


def fresh(dictionary: Dictionary) -> Dictionary:
    """The same terms in a dictionary to which a run may add its own."""
    copy = Dictionary()
    copy.numbers_of_written(dictionary.written(np.arange(len(dictionary))))
    return copy


def by_columns(facts: Columns, dictionary: Dictionary) -> tuple[float, Columns, Dictionary]:
    """The median of some runs, each with a dictionary that has none of the nodes that the rules make."""
    times, derived, terms = [], Columns.empty(), dictionary
    for _ in range(RUNS):
        terms = fresh(dictionary)
        begun = time.perf_counter()
        derived = derive(RULES, facts, terms)
        times.append(time.perf_counter() - begun)
    return median(times), derived, terms


def tables(duckdb: Any, triples: Columns, dictionary: Dictionary) -> Any:
    """A database in memory with a table of each side of the triangle; days are counted from 1970-01-01."""
    database = duckdb.connect()

    def values(predicate: NamedNode) -> dict[int, int]:
        chosen = triples.where(triples.predicate == dictionary.find(predicate))
        return dict(zip(chosen.subject.tolist(), chosen.object.tolist(), strict=True))

    def day(number: int) -> int:
        return int(np.datetime64(dictionary.term(number).value, "D").astype(int))  # type: ignore[union-attr]

    first, last = values(FOEDUS.beginEarliest), values(FOEDUS.endLatest)
    days = {number: day(number) for number in {*first.values(), *last.values()}}
    for name, (cls, one, other) in TABLES.items():
        typed = (triples.predicate == dictionary.find(RDF.type)) & (triples.object == dictionary.find(cls))
        nodes = [node for node in np.unique(triples.subject[typed]).tolist() if node in first]
        ones, others = values(one), values(other)
        held = {
            one.value.rpartition("#")[2]: np.array([ones[node] for node in nodes]),
            other.value.rpartition("#")[2]: np.array([others[node] for node in nodes]),
            "first": np.array([days[first[node]] for node in nodes]),
            "last": np.array([days[last[node]] for node in nodes]),
        }
        database.register("held", held)
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM held")
        database.unregister("held")
    return database


def _asked(database: Any) -> object:
    return database.execute(TRIANGLE).fetchall()


@pytest.mark.benchmark
def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.perf_counter()
    for rule in RULES:
        compile_rule(rule)
    taken = time.perf_counter() - begun
    rows: list[tuple[float, int, str, float, int]] = [(0, 0, "compiling the rules, once", taken, 1)]
    triangle = next(rule for rule in RULES if rule.name == "ally-supplying-adversary")
    try:
        duckdb = importlib.import_module("duckdb")
    except ImportError:
        duckdb = None
    ratio = 0.0
    for scale in SCALES:
        store = accepted_record(scale)
        facts, dictionary = columns_of(store)
        seconds, derived, terms = by_columns(facts, dictionary)
        size = len(facts)
        rows.append((scale, size, f"compiled: {len(derived):,} triples", seconds, RUNS))
        if scale in SMALL:
            begun = time.perf_counter()
            run_rules(store, RULES, GRAPHS, INTO)
            taken = time.perf_counter() - begun
            rows.append((scale, size, "SPARQL in Oxigraph", taken, 1))
            assert set(store.triples(INTO)) == set(derived.decode(terms))
            ratio = taken / seconds
        both = Columns.joined([facts, derived])
        taken = timed(partial(derive, [triangle], both, terms), RUNS)
        rows.append((scale, size, "triangle: compiled, known nodes", taken, RUNS))
        made = (derived.predicate == terms.find(FOEDUS.derivedByRule)) & (derived.object == terms.find(triangle.node))
        if duckdb is not None:
            database = tables(duckdb, both, terms)
            found = database.execute(TRIANGLE).fetchone()
            assert found == (int(np.count_nonzero(made)),)
            rows.append((scale, size, "triangle: DuckDB", timed(partial(_asked, database), RUNS), RUNS))
    table = ((f"{scale:g}", size, what, f"{seconds:.4f}", runs) for scale, size, what, seconds, runs in rows)
    write_table("rules", ("scale", "triples", "what", "median_seconds", "runs"), table)
    with capsys.disabled():
        print("\nthe dated rules: scale, triples, median seconds, runs")
        for scale, size, what, seconds, runs in rows:
            print(f"  {scale:<6g}{size:>10,}  {what:40}{seconds:10.4f} s{runs:3}")
    # On the larger of the two the compiled rules are several times as fast; both ran on the same machine.
    assert ratio > 1
