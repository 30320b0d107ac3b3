"""How long an explanation and a what-if take on the article and on a long record, the first time and after that.

Run it alone, on a machine that does nothing else: ``pytest tests/benchmarks -m benchmark -s``. It prints tables and
writes them as ``build/benchmarks/explaining.csv`` and ``explaining_record.csv``. The record is made up, of 52 thousand
triples; ``FOEDUS_BENCHMARK=full`` adds one of the size of the real record.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from kg import KnowledgeGraph
from kg.revising import Basis
from kg.terms import PREFIXES
from kg.vocab import FOEDUS
from tests.benchmarks.test_revising import made
from tests.benchmarks.timing import FULL, timed, write_table

RUNS = 7
EXPLANATION = 0.05
WHAT_IF = 0.5
FIRST = 2.0
"""For the first explanation of a long record."""
ASSUMED = """@prefix foedus: <https://w3id.org/foedus/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/delivery> a foedus:ArmsTransfer ;
  foedus:supplier <https://w3id.org/foedus/id/state/KAZ> ; foedus:recipient <https://w3id.org/foedus/id/state/AZE> ;
  foedus:begin "2020"^^xsd:gYear ; foedus:end "2020"^^xsd:gYear .
"""
UPDATE = """DELETE { ?war foedus:begin ?begin } INSERT { ?war foedus:begin "2018-02"^^xsd:gYearMonth }
WHERE { ?war a foedus:ArmedConflict ; foedus:begin ?begin FILTER(STR(?begin) = "2018") }"""


@pytest.mark.benchmark
def test_explanations_and_scenarios_come_in_time(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "assumed.ttl"
    file.write_text(ASSUMED, encoding="utf-8")
    (row,) = KnowledgeGraph.open(store).sparql(  # type: ignore[misc]
        "SELECT ?e { ?e a foedus:AllySupplyingAdversary } ORDER BY ?e LIMIT 1"
    )
    episode = row["e"]
    tasks: list[tuple[str, Callable[[KnowledgeGraph], object], float]] = [
        ("explain an episode", lambda kg: kg.explain(episode), EXPLANATION),
        ("explain a triple", lambda kg: kg.explain(("Belarus", "betrays", "Armenia")), EXPLANATION),
        ("explain and tell", lambda kg: kg.explain(("Belarus", "betrays", "Armenia")).prose(), EXPLANATION),
        ("what if: a state leaves", lambda kg: kg.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01"), WHAT_IF),
        ("what if: a claim is retracted", lambda kg: kg.scenario(retract=["claim/politico-transfer"]), WHAT_IF),
        ("what if: facts are assumed", lambda kg: kg.scenario(assume=[file]), WHAT_IF),
        ("what if: a SPARQL update", lambda kg: kg.scenario(update=UPDATE), WHAT_IF),
    ]
    rows = []
    for name, task, limit in tasks:
        graph = KnowledgeGraph.open(store)
        cold = timed(lambda task=task, graph=graph: task(graph))  # type: ignore[misc]
        warm = median(timed(lambda task=task, graph=graph: task(graph)) for _ in range(RUNS))  # type: ignore[misc]
        rows.append((name, cold, warm, limit))
    heads = ("task", "first_seconds", "median_seconds", "limit_seconds")
    write_table("explaining", heads, ((n, f"{c:.4f}", f"{w:.4f}", limit) for n, c, w, limit in rows))
    with capsys.disabled():
        print(f"\nthe article, first run and median of {RUNS} more")
        for name, cold, warm, limit in rows:
            print(f"  {name:32}{cold * 1000:8.0f} ms{warm * 1000:8.1f} ms   limit {limit * 1000:.0f} ms")
    assert [name for name, _, warm, limit in rows if warm >= limit] == []


@pytest.mark.benchmark
def test_explanations_of_a_record_come_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[tuple[float, str, float, float]] = []
    for scale in (0.1, *((1.0,) if FULL else ())):
        store, policy = made(scale)
        built = Basis.of(store, policy).store()
        (row,) = KnowledgeGraph(built).sparql(  # type: ignore[misc]
            "SELECT ?e ?who ?whom { ?who foedus:betrays ?whom . ?e a foedus:AllySupplyingAdversary ; "
            "foedus:obligationLeg [ foedus:obligor ?who ; foedus:obligee ?whom ] } ORDER BY ?e LIMIT 1"
        )
        shortcut = (row["who"].value, FOEDUS.betrays.value, row["whom"].value)
        asked = {"supplier": shortcut[2], "state": shortcut[0], "adversary": f"{PREFIXES['id']}state/made-1"}
        tasks: list[tuple[str, Callable[[KnowledgeGraph], object]]] = [
            ("explain an episode", lambda kg, row=row: kg.explain(row["e"])),  # type: ignore[misc]
            ("explain a triple", lambda kg, shortcut=shortcut: kg.explain(shortcut)),  # type: ignore[misc]
            ("why not", lambda kg, asked=asked: kg.why_not("allies-supplying-adversary", **asked)),  # type: ignore[misc]
        ]
        for name, task in tasks:
            graph = KnowledgeGraph(built)
            cold = timed(lambda task=task, graph=graph: task(graph))  # type: ignore[misc]
            warm = timed(lambda task=task, graph=graph: task(graph), RUNS)  # type: ignore[misc]
            rows.append((scale, name, cold, warm))
    heads = ("scale", "task", "first_seconds", "median_seconds")
    write_table("explaining_record", heads, ((s, n, f"{c:.4f}", f"{w:.4f}") for s, n, c, w in rows))
    with capsys.disabled():
        print(f"\na made-up record, first run and median of {RUNS} more")
        for scale, name, cold, warm in rows:
            limit = f"limit {FIRST * 1000:.0f} ms at first"
            print(f"  {scale:<6}{name:26}{cold * 1000:8.0f} ms{warm * 1000:8.1f} ms   {limit}")
    assert [(scale, name) for scale, name, cold, _ in rows if cold >= FIRST] == []
