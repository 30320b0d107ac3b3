"""How long the article takes to build, stage by stage, with the reference reasoner.

Run it alone, on a machine that does nothing else: ``pytest tests/benchmarks -m benchmark -s``. It prints a table and
writes it as ``build/benchmarks/build.csv``.
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from kg import KnowledgeGraph
from kg.store.embedded import EmbeddedStore
from tests.benchmarks.timing import write_table

RUNS = 3
LIMIT = 15.0


def timed_build(folder: Path) -> dict[str, float]:
    """Seconds of each stage of one build on disk, opening included."""
    marks: list[tuple[str, float]] = []
    KnowledgeGraph.build(place=folder, progress=lambda stage: marks.append((stage, time.perf_counter())))
    marks.append(("opening", time.perf_counter()))
    EmbeddedStore.open(folder)
    marks.append(("", time.perf_counter()))
    return {stage: end - begin for (stage, begin), (_, end) in pairwise(marks)}


@pytest.mark.benchmark
def test_the_article_builds_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [timed_build(tmp_path / f"store{number}") for number in range(RUNS)]
    rows = [(stage, median(run[stage] for run in runs)) for stage in runs[0]]
    total = median(sum(run.values()) for run in runs)
    rows.append(("total", total))
    write_table("build", ("stage", "median_seconds"), ((s, f"{t:.3f}") for s, t in rows))
    with capsys.disabled():
        print(f"\nbuilding the article, median of {RUNS} runs")
        for stage, seconds in rows:
            print(f"  {stage:32}{seconds:8.3f} s")
    assert total < LIMIT
