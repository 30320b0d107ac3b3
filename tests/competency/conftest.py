"""One build of the facts that ship, shared by all tests of questions."""

from __future__ import annotations

import pytest

from kg import KnowledgeGraph


@pytest.fixture(scope="session")
def graph() -> KnowledgeGraph:
    built, _ = KnowledgeGraph.build()
    return built
