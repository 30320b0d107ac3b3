"""Foedus: a knowledge graph of states, alliances, obligations and betrayals.

Example:
    >>> from kg import KnowledgeGraph
    >>> kg = KnowledgeGraph.open()
    >>> kg.ask("allies-supplying-adversary", state="Armenia")[0]["supplier"]
    'Belarus'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.answers import Answer
    from kg.api import KnowledgeGraph
    from kg.errors import KgError

__all__ = ["Answer", "KgError", "KnowledgeGraph", "__version__"]

__version__ = "0.1.0"

_HOMES = {"Answer": "kg.answers", "KgError": "kg.errors", "KnowledgeGraph": "kg.api"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import kg`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
