"""On what, with what and when benchmarks ran: figures without this say nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from tests.benchmarks.timing import ROOT

PACKAGES: Final = (
    "foedus",
    "pyoxigraph",
    "numpy",
    "rdflib",
    "owlrl",
    "sparq-rdf",
    "reasonable",
    "duckdb",
    "oxigraph",
    "rdflib-endpoint",
)
"""This project, what it computes with, and the peers; one that is not installed is left out."""


def machine() -> list[tuple[str, str]]:
    """What a reader needs to judge the figures or to repeat them, name and value.

    Example:
        >>> dict(machine())["python"] == platform.python_version()
        True
    """
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    told = [
        ("date", datetime.now(UTC).date().isoformat()),
        ("commit", _commit()),
        ("processor", _processor()),
        ("cores", str(os.cpu_count())),
        ("memory", f"{pages / 2**30:.0f} GiB"),
        ("system", platform.platform(terse=True)),
        ("python", platform.python_version()),
    ]
    for package in PACKAGES:
        try:
            told.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return told


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
