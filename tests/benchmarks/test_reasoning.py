"""How fast OWL 2 RL closures are: the compiled reasoner and its peers, side by side in one run.

The compiled reasoner is timed from encoded columns to the columns of what follows, noise left out, clashes found;
sparq-rdf and reasonable from triples that they have loaded to their closure; owlrl from triples in memory, encoding
included. ``read`` is the time from an N-Triples file to columns. Memory is the peak of a process that does only this,
what it begins with included.

``pytest tests/benchmarks/test_reasoning.py -m benchmark -s`` measures 10 thousand to 1 million triples, owlrl only
the smallest. ``FOEDUS_BENCHMARK=full`` adds owlrl at 100 thousand (minutes) and 10 million triples. A peer that is not
installed is left out of the table. The table goes to ``build/benchmarks/reasoning.csv``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat, Triple

from kg.columns import Columns, Dictionary
from kg.reasoning import ReferenceReasoner
from kg.reasoning.compiled import close_columns, open_state
from kg.vocab import FOEDUS, RDF
from tests.benchmarks.record import reasoner_input
from tests.benchmarks.timing import FULL, peak, timed, write_table

SIZES = (10_000, 100_000, 1_000_000, *((10_000_000,) if FULL else ()))
LARGEST = {
    "read N-Triples to columns": 1_000_000,
    "sparq-rdf": 1_000_000,
    "reasonable (incomplete)": 100_000,  # about 18 s at 1 million
    "owlrl": 100_000 if FULL else 10_000,  # minutes at 100 thousand
}
"""At more triples than this an engine is not asked; the compiled reasoner is asked at every size."""
RUNS = 5
MEMORY = 1024
"""MiB that the compiled reasoner may take at 1 million."""


QUICK = 5.0
"""Unless everything is measured, an engine that takes more seconds is not run once more for its peak of memory."""


class Row(NamedTuple):
    """A line of the table."""

    triples: int
    engine: str
    median_seconds: float
    runs: int
    peak_mebibytes: int | str


def compiled(size: int) -> tuple[Callable[[], object], int]:
    columns, dictionary = reasoner_input(size)
    dictionary.kinds()
    return lambda: close_columns(columns, dictionary), RUNS


def reading(file: Path) -> tuple[Callable[[], object], int]:
    def read() -> None:
        parsed = pyoxigraph.parse(path=file, format=RdfFormat.N_TRIPLES)
        Columns.encode((quad.triple for quad in parsed), Dictionary())

    return read, 1


def sparq(file: Path) -> tuple[Callable[[], object], int]:
    engine: Any = import_module("sparq")
    # A closure stays in its graph, so that every run needs one of its own.
    graphs = [engine.Graph.load(str(file), "ntriples") for _ in range(3)]
    return lambda: graphs.pop().reason("owl"), len(graphs)


def reasonable(file: Path) -> tuple[Callable[[], object], int]:
    turtle = file.with_suffix(".ttl")
    turtle.write_bytes(file.read_bytes())
    engine: Any = import_module("reasonable").PyReasoner()
    engine.load_file(str(turtle))
    return engine.reason, 1  # a second run has nothing left to do


def owlrl(file: Path) -> tuple[Callable[[], object], int]:
    triples = [quad.triple for quad in pyoxigraph.parse(path=file, format=RdfFormat.N_TRIPLES)]
    return lambda: ReferenceReasoner().close(triples), 3 if FULL and len(triples) < 20_000 else 1


ENGINES: dict[str, Callable[[Path], tuple[Callable[[], object], int]]] = {
    "sparq-rdf": sparq,
    "reasonable (incomplete)": reasonable,
    "read N-Triples to columns": reading,
    "owlrl": owlrl,
}
MODULES = {"sparq-rdf": "sparq", "reasonable (incomplete)": "reasonable"}


def once(maker: str, given: object) -> int:
    """Peak memory, in MiB, of a process that has one engine do its task once, with what it needs to begin."""
    code = f"from pathlib import *\nfrom tests.benchmarks import test_reasoning\ntest_reasoning.{maker}({given!r})[0]()"
    return round(peak(code))


@pytest.mark.benchmark
def test_closures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = []
    derived, peaks = dict[int, int](), dict[int, int]()
    for size in SIZES:
        columns, dictionary = reasoner_input(size)
        derived[size] = len(close_columns(columns, dictionary).inferred)
        task, runs = compiled(size)
        peaks[size] = once("compiled", size)
        rows.append(Row(size, "compiled", timed(task, runs), runs, peaks[size]))
        asked = [name for name in ENGINES if size <= LARGEST[name]]
        file = tmp_path / f"{size}.nt"
        if asked:
            with file.open("wb") as out:
                pyoxigraph.serialize(columns.decode(dictionary), out, format=RdfFormat.N_TRIPLES)
        del columns, dictionary, task
        for name in asked:
            if name in MODULES and find_spec(MODULES[name]) is None:
                print(f"{name} is not installed")
                continue
            task, runs = ENGINES[name](file)
            seconds = timed(task, runs)
            del task
            quick = FULL or seconds < QUICK
            rows.append(Row(size, name, seconds, runs, once(ENGINES[name].__name__, file) if quick else ""))
    write_table("reasoning", Row._fields, rows)
    taken = {(row.triples, row.engine): row.median_seconds for row in rows}
    with capsys.disabled():
        print("\nOWL 2 RL closure: median seconds, how many times those of the compiled reasoner, runs, peak of memory")
        for row in rows:
            ratio = row.median_seconds / taken[row.triples, "compiled"]
            print(
                f"  {row.triples:10,} {row.engine:26}{row.median_seconds:10.4f} s{ratio:10.1f} x"
                f"{row.runs:3}{row.peak_mebibytes:>8} MiB"
            )
        for size in SIZES:
            print(f"  {size:10,} {taken[size, 'compiled'] / derived[size] * 1e9:8.0f} ns for each triple derived")
    assert peaks[1_000_000] < MEMORY
    assert taken[10_000, "owlrl"] > 200 * taken[10_000, "compiled"]
    # Ten times the triples cost at most about ten times as much.
    assert taken[1_000_000, "compiled"] < 20 * taken[100_000, "compiled"]


@pytest.mark.benchmark
def test_a_few_more_triples(capsys: pytest.CaptureFixture[str]) -> None:
    columns, dictionary = reasoner_input(1_000_000)
    state = open_state(columns, dictionary)
    adding, removing = [], []
    nodes = [pyoxigraph.NamedNode(f"https://example.org/transfer-{number}") for number in range(12)]
    states = [t.subject for t in columns.decode(dictionary) if t.predicate == RDF.type and t.object == FOEDUS.State][:2]
    for node in nodes:
        more = [
            Triple(node, RDF.type, FOEDUS.ArmsTransfer),
            Triple(node, FOEDUS.supplier, states[0]),
            Triple(node, FOEDUS.recipient, states[1]),
        ]
        some, none = Columns.encode(more, dictionary), Columns.empty()
        adding.append(timed(lambda: state.changed(some, none)))  # noqa: B023
        changed = state.changed(some, none).state
        removing.append(timed(lambda: changed.changed(none, some)))  # noqa: B023
    with capsys.disabled():
        for what, times in (("more", adding), ("less", removing)):
            rest = median(times[1:]) * 1000
            print(f"\nthree triples {what} at 1 M: first {times[0] * 1000:.1f} ms, then {rest:.1f} ms")
    assert max(median(adding[1:]), median(removing[1:])) < 0.05
