"""How fast OWL 2 RL closures are: the compiled reasoner and its peers, side by side in one run.

The compiled reasoner is timed from encoded columns to the columns of what follows, noise left out, clashes found;
sparq-rdf and reasonable from triples that they have loaded to their closure; owlrl from triples in memory, encoding
included. ``read`` is the time from an N-Triples file to columns. Memory is the peak of a process that does only this.

``pytest tests/benchmarks/test_reasoning.py -m benchmark -s`` measures 10 thousand to 1 million triples, owlrl only
the smallest. ``FOEDUS_BENCHMARK=full`` adds owlrl at 100 thousand (minutes) and 10 million triples. A peer that is not
installed is left out of the table. The table goes to ``build/benchmarks/reasoning.csv``.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat, Triple

from kg.columns import Columns, Dictionary
from kg.reasoning import ReferenceReasoner
from kg.reasoning.compiled import close_columns, open_state
from kg.vocab import FOEDUS, RDF
from tests.benchmarks.record import reasoner_input
from tests.benchmarks.timing import FULL, timed, write_table

SIZES = (10_000, 100_000, 1_000_000, *((10_000_000,) if FULL else ()))
REFERENCE = (10_000, *((100_000,) if FULL else ()))
RUNS = 5
MEMORY = 2**30


def peak(size: int) -> int:
    """Peak memory in bytes of a process that makes a graph and closes it."""
    code = f"from tests.benchmarks.test_reasoning import measure; measure({size})"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return int(done.stdout)


def measure(size: int) -> None:
    """Make and close a graph, and print the peak of memory in bytes."""
    columns, dictionary = reasoner_input(size)
    close_columns(columns, dictionary)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


@pytest.mark.benchmark
def test_closures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # First: the peak that a process is told includes what its parent held when it was started.
    memory = peak(1_000_000)
    rows: list[tuple[int, str, float]] = []
    derived = {}
    for size in SIZES:
        columns, dictionary = reasoner_input(size)
        dictionary.kinds()
        derived[size] = len(close_columns(columns, dictionary).inferred)
        rows.append((size, "compiled", timed(lambda: close_columns(columns, dictionary), RUNS)))  # noqa: B023
        if size > 1_000_000:
            continue
        file = tmp_path / f"{size}.nt"
        triples = list(columns.decode(dictionary))
        with file.open("wb") as out:
            pyoxigraph.serialize(triples, out, format=RdfFormat.N_TRIPLES)
        rows += peers(size, file)

        def read() -> None:
            parsed = pyoxigraph.parse(path=file, format=RdfFormat.N_TRIPLES)  # noqa: B023
            Columns.encode((quad.triple for quad in parsed), Dictionary())

        rows.append((size, "read N-Triples to columns", timed(read)))
        if size in REFERENCE:
            rows.append((size, "owlrl", timed(lambda: ReferenceReasoner().close(triples))))  # noqa: B023
    write_table("reasoning", ("triples", "engine", "median_seconds"), rows)
    seconds = {(size, name): value for size, name, value in rows}
    with capsys.disabled():
        print(f"\nOWL 2 RL closure, median of {RUNS} runs; peak at 1 M {memory / 2**20:.0f} MiB")
        for size, name, value in rows:
            print(f"  {size:10,} {name:28}{value:10.4f} s{value / seconds[size, 'compiled']:10.1f} x")
        for size in SIZES:
            print(f"  {size:10,} {seconds[size, 'compiled'] / derived[size] * 1e9:8.0f} ns for each triple derived")
    assert memory < MEMORY
    assert seconds[10_000, "owlrl"] > 200 * seconds[10_000, "compiled"]
    # Ten times the triples cost at most about ten times as much.
    assert seconds[1_000_000, "compiled"] < 20 * seconds[100_000, "compiled"]


def peers(size: int, file: Path) -> list[tuple[int, str, float]]:
    """What the other engines that are installed take for a file they have loaded."""
    rows = []
    try:
        import sparq
    except ImportError:
        print("sparq-rdf is not installed")
    else:
        graphs = [sparq.Graph.load(str(file), "ntriples") for _ in range(3)]
        rows.append((size, "sparq-rdf", timed(lambda: graphs.pop().reason("owl"), 3)))
    try:
        import reasonable
    except ImportError:
        print("reasonable is not installed")
    else:
        if size > 100_000:  # about 18 s at 1 million
            return rows
        turtle = file.with_suffix(".ttl")
        turtle.write_bytes(file.read_bytes())
        engine = reasonable.PyReasoner()
        engine.load_file(str(turtle))
        rows.append((size, "reasonable (incomplete)", timed(engine.reason)))
    return rows


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
