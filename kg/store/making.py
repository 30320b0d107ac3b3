"""A store on disk that is being made: nobody sees it before it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph

from kg.files import writing
from kg.store.embedded import EmbeddedStore
from kg.store.generations import make_room, unmake

__all__ = ["Unfinished", "making"]


class Unfinished(EmbeddedStore):
    """A store in a folder of its own, which becomes a generation when it is published.

    Args:
        database: its database.
        path: the folder of the store that it is for.
        place: the folder of the database.
    """

    folder: Path

    def __init__(self, database: pyoxigraph.Store, path: Path | None, place: Path) -> None:
        super().__init__(database, path)
        self.folder = place

    def optimize(self) -> None:
        """Arrange what was written so that it is read quickly.

        Raises:
            StoreError: the disk cannot be written.
        """
        with writing(self.path):
            self._database.optimize()

    def let_go(self) -> None:
        """Close the database: what holds on to it keeps its folder from being moved."""
        self._database = pyoxigraph.Store()

    def _write(self, folder: Path) -> None:
        self._database.flush()
        self.let_go()
        folder.rmdir()
        self.folder.rename(folder)


@contextmanager
def making(path: Path, *, replacing: str | None = None) -> Iterator[EmbeddedStore]:
    """An empty store on disk, which is put to use at the end of the block; after an error it is gone.

    Args:
        path: the folder of the store; the generation in use there is replaced in one step.
        replacing: the generation that has to be in use still, where it matters.

    Raises:
        Overtaken: another generation is in use by then; it stays.
        StoreError: the path cannot be written; what was there before stays in use.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from pyoxigraph import NamedNode
        >>> with TemporaryDirectory() as folder:
        ...     with making(Path(folder)) as store:
        ...         store.load(NamedNode("urn:g"), b"<urn:s> <urn:p> <urn:o> .")
        ...     len(list(EmbeddedStore.open(Path(folder)).triples(NamedNode("urn:g"))))
        1
    """
    existed = path.exists()
    try:
        with make_room(path) as room:
            place = room / "database"
            with writing(path):
                store = Unfinished(pyoxigraph.Store(str(place)), path, place)
            try:
                yield store
                store.optimize()
                store.publish(path, replacing=replacing)
            finally:
                store.let_go()
    except BaseException:
        if not existed:
            unmake(path)
        raise
