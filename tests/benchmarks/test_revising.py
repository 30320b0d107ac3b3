"""How long conclusions take to follow a change of the facts, against working all of them out anew.

One fact with its claim is taken away and put back, of each kind that rules read. ``anew`` is what a build does between
its files and its graphs: read the claims, accept, run the rules, reason; both are in columns, so that the ratio is due
to what is left out and not to how it is done.

``pytest tests/benchmarks/test_revising.py -m benchmark -s`` measures a made-up record of 52 thousand triples,
``FOEDUS_BENCHMARK=full`` adds one of the size of the real record. The table goes to
``build/benchmarks/revising.csv``.
"""

from __future__ import annotations

import time
from functools import partial
from statistics import median

import pytest
from pyoxigraph import NamedNode, Triple

from kg.documents import read_document
from kg.resources import ontology_files
from kg.revising import Basis
from kg.rules import describe, load_rules
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies
from kg.vocab import FOEDUS, GRAPH, RDF
from tests.benchmarks.record import asserted
from tests.benchmarks.timing import FULL, timed, write_table

SCALES = (0.1, *((1.0,) if FULL else ()))
FACTS = 7
"""Of each kind, so many facts are taken away and put back one by one; the first is not counted."""
LIMIT = 0.1
KINDS = (FOEDUS.ArmsTransfer, FOEDUS.Membership, FOEDUS.DefenseProvision, FOEDUS.Rivalry, FOEDUS.ArmedConflict)
RECORD = GRAPH.asserted("record")


def made(scale: float) -> tuple[EmbeddedStore, Policy]:
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    store.insert(GRAPH.ontology, describe(load_rules()))
    store.insert(RECORD, asserted(scale))
    return store, policies(store, [GRAPH.ontology])["reported"]


def fact(store: EmbeddedStore, node: NamedNode) -> list[Triple]:
    """What is said of a node, and who says so."""
    claims = [t.subject for t in store.match([RECORD], None, FOEDUS.claims, node)]
    return [t for about in (node, *claims) for t in store.match([RECORD], about)]  # type: ignore[arg-type]


@pytest.mark.benchmark
def test_a_change_takes_the_time_of_the_change(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[tuple[float, int, str, int, float]] = []
    for scale in SCALES:
        store, policy = made(scale)
        size = sum(1 for _ in store.triples(RECORD))
        anew = timed(partial(Basis.of, store, policy), 3)
        basis = Basis.of(store, policy)
        rows.append((scale, size, "anew", 0, anew))
        for kind in KINDS:
            nodes = sorted({t.subject for t in store.match([RECORD], None, RDF.type, kind)}, key=str)
            chosen = [nodes[place * len(nodes) // FACTS] for place in range(FACTS)]
            took: dict[str, list[float]] = {"taken away": [], "put back": []}
            touched = []
            for node in chosen:
                told = fact(store, node)  # type: ignore[arg-type]
                begun = time.perf_counter()
                without = basis.changed([], told)
                between = time.perf_counter()
                without.basis.changed(told, [])
                took["put back"].append(time.perf_counter() - between)
                took["taken away"].append(between - begun)
                touched.append(len(without.derived.removed) + len(without.inferred.removed))
            for what, times in took.items():
                changed = round(median(touched[1:]))
                rows.append((scale, size, f"{kind.value.rpartition('#')[2]} {what}", changed, median(times[1:])))
    heads = ("scale", "triples", "what", "conclusions_changed", "median_seconds")
    write_table("revising", heads, ((f"{s:g}", n, what, c, f"{t:.4f}") for s, n, what, c, t in rows))
    with capsys.disabled():
        print(f"\none fact changed, median of {FACTS - 1}; limit {LIMIT * 1000:.0f} ms")
        for scale, size, what, count, seconds in rows:
            print(f"  {scale:<6g}{size:>10,}  {what:32}{count:>8,} triples {seconds * 1000:10.1f} ms")
    single = [row[-1] for row in rows if row[2] != "anew"]
    assert max(single) < min(row[-1] for row in rows if row[2] == "anew")
