"""How ``kg ask`` starts: without the heavy packages, and fast."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT

HEAVY = {"rdflib", "owlrl", "pyshacl", "pandas", "numpy", "rich", "kg.building", "kg.validation"}
ASK = ["ask", "allies-supplying-adversary", "--state", "Armenia"]
WITHOUT_US = "import click, pyoxigraph, yaml"
LIMIT = 4
"""Times what the libraries alone take: 0.4 s on a machine on which they take 0.1 s."""


def test_ask_never_imports_heavy_packages(store: Path) -> None:
    code = (
        "import sys; from kg.cli import main; code = main(sys.argv[1:]); "
        "print(code, *sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    code_and_modules = done.stderr.splitlines()[-1].split()
    assert code_and_modules[0] == "0"
    assert "Belarus" in done.stdout
    assert not HEAVY & set(code_and_modules)


@pytest.mark.benchmark
def test_ask_answers_in_time(store: Path, tmp_path: Path) -> None:
    # As in an installation: the compiled modules are kept, here in a folder of the test.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPYCACHEPREFIX": str(tmp_path)
    }

    def seconds(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, check=True)
        return time.perf_counter() - began

    # Side by side, for the same machine is three times slower at one time than at another.
    pairs = [(seconds("-m", "kg.cli", *ASK), seconds("-c", WITHOUT_US)) for _ in range(10)][1:]
    median, others = (statistics.median(times) for times in zip(*pairs, strict=True))
    told = f"kg ask, start-up included: median {median:.3f} s; its libraries alone {others:.3f} s"
    print(f"\n{told}, x{median / others:.1f}")
    assert median < LIMIT * others
