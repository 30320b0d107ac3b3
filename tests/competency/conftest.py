"""The graphs that questions are asked of: the facts that ship, and a made-up world for what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import KnowledgeGraph

WORLDS = Path(__file__).parent / "worlds"


@pytest.fixture(scope="session")
def graph(store: Path) -> KnowledgeGraph:
    """The facts that ship."""
    return KnowledgeGraph.open(store)


@pytest.fixture(scope="session")
def league() -> KnowledgeGraph:
    """Five states that do not exist, in a league and a pact."""
    built, _ = KnowledgeGraph.build([WORLDS / "league.ttl"])
    return built
