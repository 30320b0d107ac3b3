"""Who reads a database on disk holds it, so that nobody removes it meanwhile.

A database opens many of its files only when it comes to them, which may be long after it was opened itself. So a reader
has a shared lock (flock(2)) on a file of the database that no other database shares with it, and whoever would remove
it wants that lock alone. Nothing is written, so a store that can only be read can be held too; a process that ends lets
go, and a copy of a process holds what that held. Where a system or its disk has no such locks, as on Windows, nobody
can know who reads.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

try:
    import fcntl

    _LOCKS = True
except ImportError:  # not on this system
    _LOCKS = False

__all__ = ["Hold", "unheld"]

_FILE: Final = "CURRENT"
"""The file that says where a database begins: each has one of its own, also one that shares its tables with another."""


class Hold:
    """A database held by a reader, as long as this is not collected or let go.

    Args:
        folder: the folder of the database.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._file: int | None = None
        if not _LOCKS:
            return
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # whoever opens the database says so
            return
        weakref.finalize(self, os.close, self._file)

    def take(self) -> bool:
        """Hold the database, also if it was let go; returns whether it is there to be held."""
        if self._file is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:  # it is being removed
                return False
            except OSError:  # the disk has no locks
                pass
        return self._path.exists()

    def let_go(self) -> None:
        """Hold the database no longer, for now."""
        if self._file is not None:
            with suppress(OSError):  # the disk has no locks
                fcntl.flock(self._file, fcntl.LOCK_UN)


@contextmanager
def unheld(folder: Path, *, unsure: bool) -> Iterator[bool]:
    """Whether nobody holds a database, which nobody can then within the block.

    Args:
        folder: the folder of the database.
        unsure: what is answered where nobody can know.
    """
    if not _LOCKS:
        yield unsure
        return
    try:
        # To write, for a lock alone on a disk of the network (NFS) wants that.
        file = os.open(folder / _FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError as fault:
        # What has no beginning, for it was never finished, cannot have been opened.
        yield isinstance(fault, FileNotFoundError) or unsure
        return
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except BlockingIOError:
            free = False
        except OSError:
            free = unsure
        yield free
    finally:
        os.close(file)
