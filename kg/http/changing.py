"""Changing what sources say: on what is to follow the graph in use, past the shapes, with all that follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from kg import __version__
from kg.errors import InconsistencyError, UnknownName
from kg.http.concluding import Conclusions, Known
from kg.http.refusals import Refused
from kg.http.writable import Quads, Writable, graph_of, source_name
from kg.store.embedded import EmbeddedStore
from kg.store.generations import Overtaken
from kg.validation import validate_change
from kg.views import asserted_graphs, built_policy, built_version

__all__ = ["Change", "change"]

_ATTEMPTS: Final = 3
"""How often a change is made anew because the graph was built anew meanwhile."""
_SHOWN: Final = 100
"""How many violations an error lists."""


@dataclass(frozen=True)
class Change:
    """What a request changes.

    Attributes:
        added: the statements that were not there.
        removed: the statements that are gone.
        generation: name of the generation in which this is so; the old one where nothing changes.
    """

    added: Quads
    removed: Quads
    generation: str

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    @property
    def graphs(self) -> list[str]:
        """The graphs that it changes."""
        return sorted({graph_of(quad) for quad in self.added | self.removed})

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON has it: how many statements, in which graphs."""
        return {
            "inserted": len(self.added),
            "deleted": len(self.removed),
            "graphs": self.graphs,
            "generation": self.generation,
        }


def change(path: Path, make: Callable[[Writable], None], conclusions: Conclusions | None = None) -> Change:
    """Change a store on disk: past the shapes, with all that follows; then another generation is in use.

    Args:
        path: the store.
        make: makes the change, in the asserted graphs alone.
        conclusions: what was kept of the change before.

    Returns:
        What has changed.

    Raises:
        Refused: it changes what cannot be written (403), another version built the graph (409), it breaks the shapes or
            contradicts the ontology (422), or the graph was built anew again and again meanwhile (503).
        StoreError: the store cannot be read or written.
    """
    kept = conclusions or Conclusions()
    for _ in range(_ATTEMPTS):
        before = EmbeddedStore.open(path)
        _check_version(before)
        try:
            with Writable.of(before, kept.lines(before)) as after:
                make(after)
                found = Change(*after.changes(), before.opened or "")
                if not found:
                    return found
                _check(after, found)
                known = _draw_conclusions(after, found, kept)
                return replace(found, generation=kept.publish(after, known))
        except Overtaken:
            # A build or another server was first: the change is made anew, to what is there now.
            continue
    raise Refused(503, "the graph was built anew each time before the change was made; try again")


def _check_version(before: EmbeddedStore) -> None:
    """Keep the conclusions of two versions from being mixed.

    Raises:
        Refused: another version built the graph (409).
    """
    version = built_version(before)
    if version not in (None, __version__):
        says = f"the graph was built by foedus {version}, and this is {__version__}; build it anew with kg build first"
        raise Refused(409, says)


def _check(after: Writable, change: Change) -> None:
    """Hold a change against the shapes.

    Raises:
        Refused: it breaks them (422).
    """
    sources = {graph: source_name(graph.value) for graph in asserted_graphs(after)}
    gone = (NamedNode(name) for name in change.graphs)
    sources |= {graph: source_name(graph.value) for graph in gone if graph not in sources}
    found = validate_change(after, sources, change.added, change.removed)
    violations = [v for v in found if v.severity == "Violation"]
    if violations:
        listed = [
            {"source": v.file, "node": v.node, "path": v.path, "value": v.value, "message": v.message}
            for v in violations[:_SHOWN]
        ]
        count = len(violations)
        says = f"the change breaks the shapes in {count} {'place' if count == 1 else 'places'}; nothing was written"
        raise Refused(422, says, details={"violations": listed})


def _draw_conclusions(after: Writable, change: Change, kept: Conclusions) -> Known | None:
    """Let follow what follows.

    Raises:
        Refused: the data now contradict the ontology, or lack the policy in use (422).
    """
    try:
        return kept.draw(after, change.added, change.removed, change.graphs)
    except UnknownName as fault:
        chosen = built_policy(after.before)
        raise Refused(422, f"the graph is built for the policy {chosen!r}, which would be gone") from fault
    except InconsistencyError as fault:
        found = [{"message": i.message, "nodes": list(i.nodes)} for i in fault.inconsistencies[:_SHOWN]]
        raise Refused(422, f"{fault}; nothing was written", details={"inconsistencies": found}) from fault
