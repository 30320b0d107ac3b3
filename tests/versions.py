"""Stores that another version of the software built."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal, Quad, Triple

from kg.store.embedded import EmbeddedStore
from kg.vocab import GRAPH, OWL


def of_version(place: Path, version: str) -> EmbeddedStore:
    """A copy in memory of a store, as if a version had built it."""
    store = EmbeddedStore.open(place).copy()
    [entry] = store.match([GRAPH.catalog], GRAPH.catalog, OWL.versionInfo)
    store._database.remove(Quad(entry.subject, entry.predicate, entry.object, GRAPH.catalog))
    store.insert(GRAPH.catalog, [Triple(GRAPH.catalog, OWL.versionInfo, Literal(version))])
    return store
