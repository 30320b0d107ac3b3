"""A store on disk that is being made: nobody sees it before it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph

from kg.errors import StoreError
from kg.store.embedded import EmbeddedStore
from kg.store.generations import make_room, publish, unmake

__all__ = ["making"]


@contextmanager
def making(path: Path) -> Iterator[EmbeddedStore]:
    """An empty store on disk, which is put to use at the end of the block; after an error it is gone.

    Args:
        path: the folder of the store; the generation in use there is replaced in one step.

    Raises:
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
            try:
                store = EmbeddedStore(pyoxigraph.Store(str(place)))
            except OSError as fault:
                raise StoreError(f"{path}: cannot be written: {fault}") from fault

            def move(folder: Path) -> None:
                store._database.optimize()
                store._database.flush()
                store._database = pyoxigraph.Store()  # whoever holds on to the folder keeps it from being moved
                folder.rmdir()
                place.rename(folder)

            try:
                yield store
                publish(path, move)
            finally:
                store._database = pyoxigraph.Store()
    except BaseException:
        if not existed:
            unmake(path)
        raise
