"""What tests of every kind share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox import built_store


@pytest.fixture(scope="session")
def store() -> Path:
    """The store of the session, with the facts that ship. Read it; copy it to change it."""
    return built_store()
