"""Keeps tests and doctests away from the graph of whoever runs them: one temporary store for the whole session."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    folder = tempfile.TemporaryDirectory(prefix="foedus-tests-", ignore_cleanup_errors=True)
    os.environ["FOEDUS_STORE"] = str(Path(folder.name) / "store")
    config.add_cleanup(folder.cleanup)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if isinstance(item, pytest.DoctestItem):
        built_store()


def built_store() -> Path:
    """The store of the session with the facts that ship, built by whichever process comes first."""
    from kg import KnowledgeGraph

    place = Path(os.environ["FOEDUS_STORE"])
    with (place.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        KnowledgeGraph.open()
    return place
