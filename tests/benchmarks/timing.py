"""What every benchmark does: time a task, look up its peak of memory, and write its table down."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

ROOT: Final = Path(__file__).parents[2]
OUT: Final = ROOT / "build" / "benchmarks"
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


def own_peak() -> float:
    """Peak memory of this process, in MiB."""
    # Not ru_maxrss: that begins with what the parent held when it started the process.
    told = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    assert told is not None
    return int(told[1]) / 1024


def peak(code: str) -> float:
    """Peak memory, in MiB, of a Python process of its own that runs some code and nothing else."""
    code += "\nfrom tests.benchmarks.timing import own_peak\nprint(own_peak())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def write_table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as ``build/benchmarks/NAME.csv``."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / f"{name}.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
