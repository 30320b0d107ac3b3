"""Keeps tests and doctests away from the graph of whoever runs them: one temporary store for the whole session."""

from __future__ import annotations

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
