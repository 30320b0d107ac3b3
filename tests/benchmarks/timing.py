"""What every benchmark does: time a task, and write its table down."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

OUT: Final = Path(__file__).parents[2] / "build" / "benchmarks"
FULL: Final = os.environ.get("FOEDUS_BENCHMARK") == "full"
"""Whether the sizes that take minutes are measured too."""


def timed(task: Callable[[], object], runs: int = 1) -> float:
    """Seconds that a task takes, the median of some runs."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return median(times)


def write_table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as ``build/benchmarks/NAME.csv``."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / f"{name}.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
