"""The graphs that answer, copied into one: a query finds there in one index what it would look for in six or more.

A server has such a union made for the generation in use, by a process of its own that gives way to all others, in a
temporary folder. Until it is there, and where it cannot be made, queries are answered from the graphs themselves. It
says nothing that they do not say; but a triple that stands in two of them is one triple in it, while Oxigraph (issue
1919) finds it twice in two graphs. Where there is such a triple, the union is marked as fewer, and what was answered
without it counts as answered from another generation. The module is run as ``python -m kg.http.unions STORE PLACE
[--policy P]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import NamedNode, Quad

from kg.http.template import environment
from kg.http.words import mentions
from kg.store.embedded import EmbeddedStore
from kg.store.holding import unheld

__all__ = ["Unions", "asks_the_union", "is_fewer", "main", "make", "remove"]

_log = logging.getLogger("kg.http")
_PAUSE: Final = 1.0
"""Seconds between two looks for another generation."""
_WORDS: Final = ("GRAPH", "FROM")
_FEWER: Final = ".fewer"


def asks_the_union(query: str) -> bool:
    """Whether a query is about the default graph alone.

    What merely looks like ``GRAPH`` or ``FROM``, and what may be an escape that spells it, counts as that.

    Example:
        >>> asks_the_union("SELECT ?from { ?from ?graph 1 }"), asks_the_union("ASK { GRAPH ?g { ?s ?p ?o } }")
        (True, False)
    """
    return not mentions(query, _WORDS)


def make(store: EmbeddedStore, graphs: Sequence[NamedNode], place: Path) -> None:
    """Copy graphs into the default graph of a new database.

    Args:
        store: where they are.
        graphs: the graphs.
        place: where the database goes, a folder that does not exist; it does not until all is in it.

    Raises:
        OSError: it cannot be written.
    """
    unfinished = place.with_name(f"{place.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)

    copied = 0

    def quads() -> Iterator[Quad]:
        nonlocal copied
        for graph in graphs:
            for triple in store.triples(graph):
                copied += 1
                yield Quad(triple.subject, triple.predicate, triple.object)

    database = pyoxigraph.Store(str(unfinished))
    database.bulk_extend(quads())
    database.optimize()
    database.flush()
    if len(database) < copied:
        place.with_name(f"{place.name}{_FEWER}").touch()
    del database
    unfinished.rename(place)


def is_fewer(place: Path) -> bool:
    """Whether a union holds fewer triples than its graphs do, one by one: some of them say the same.

    Args:
        place: the union, whole.
    """
    return place.with_name(f"{place.name}{_FEWER}").exists()


class Unions:
    """Has the union made whenever there is another generation.

    Args:
        store: the store that is served, a folder.
        policy: name of the trust policy that holds where a request names none.
        after: seconds for which a generation must have been in use; without any, none is made.

    Attributes:
        place: the folder in which the unions are, by the names of the generations; ``None`` where none is made.
        fewer: the generation whose union has come to be and holds fewer triples than its graphs do, one by one.
    """

    def __init__(self, store: Path, policy: str | None, after: float | None) -> None:
        self._store, self._policy, self._after = store, policy, after
        self.place: Path | None = None
        self.fewer: str | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether there is one of the generation in use."""
        generation = EmbeddedStore.generation(self._store)
        return self.place is not None and generation is not None and (self.place / generation).exists()

    def start(self) -> None:
        """Begin to look for generations."""
        if self._after is None:
            return
        try:
            self.place = Path(tempfile.mkdtemp(prefix="foedus-union-"))
        except OSError as fault:
            _log.warning("no temporary folder, so queries are answered without a union: %s", fault)
            return
        self._task = asyncio.get_running_loop().create_task(self._watch(self.place, self._after))

    async def close(self) -> None:
        """Stop, and remove what was made."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self.place is not None:
            shutil.rmtree(self.place, ignore_errors=True)

    async def _watch(self, place: Path, after: float) -> None:
        seen: str | None = None
        made: list[str] = []
        waited = 0.0
        while True:
            generation = EmbeddedStore.generation(self._store)
            if generation != seen:
                seen, waited = generation, 0.0
            if generation is not None and generation not in made and waited >= after:
                # Whether or not it comes to be: what failed once would fail again.
                made.append(generation)
                await self._make(place / generation)
                if (place / generation).exists() and is_fewer(place / generation):
                    self.fewer = generation
                # The one before is left to those who are about to read it, and others to those who do, as in the store.
                made = [name for name in made[:-2] if not remove(place / name)] + made[-2:]
                continue
            pause = min(_PAUSE, after - waited) if waited < after else _PAUSE
            await asyncio.sleep(pause)
            waited += pause

    async def _make(self, place: Path) -> None:
        policy = [f"--policy={self._policy}"] if self._policy else []
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kg.http.unions",
            str(self._store.resolve()),
            str(place),
            *policy,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if code:
            _log.warning("no union of the graphs could be made; queries are answered without")


def remove(place: Path) -> bool:
    """Remove a union that nobody reads; returns whether it is gone."""
    with unheld(place, unsure=True) as free:
        if free:
            shutil.rmtree(place, ignore_errors=True)
    return free


def main() -> None:
    """Make a union."""
    from kg.http.served import ServedGraph, ServedStore

    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("place", type=Path)
    parser.add_argument("--policy")
    given = parser.parse_args()
    if hasattr(os, "nice"):
        os.nice(10)
    generation = EmbeddedStore.generation(given.store)
    if generation != given.place.name:  # another has come; it has its own turn
        return
    graph = ServedGraph(ServedStore.open(given.store), policy=given.policy)
    make(graph.as_served, graph.scope.graphs, given.place)
    if EmbeddedStore.generation(given.store) != generation:  # which of the two it was made from nobody knows
        shutil.rmtree(given.place, ignore_errors=True)


if __name__ == "__main__":
    main()
