"""The folder of a store on disk: one sub-folder a generation, and a file ``current`` that names the one in use.

A generation never changes once written. Publishing writes a new one beside the old one and then replaces ``current`` in
one step, so that a full disk, a crash or a reader in the middle always leaves a whole store. One that was replaced
stays until another has been, and as long as anybody reads it, see :mod:`kg.store.holding`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kg.errors import StoreError
from kg.files import writing
from kg.store.holding import unheld

__all__ = ["Overtaken", "folder_in_use", "generation_in_use", "make_room", "publish", "published", "unmake"]

_CURRENT = "current"
_LOCK = "lock"
_PATIENCE = 600.0
"""Seconds to wait for another process that is publishing to the same place."""
_LINGER = 600.0
"""Seconds for which a generation that was replaced stays where it cannot be known whether anybody reads it."""
_GENERATION = "generation-"
_UNFINISHED = "unfinished-"
"""Where a generation is made that follows from the one in use, with a lock that whoever makes it holds."""


class Overtaken(StoreError):
    """The generation that was to be replaced is no longer the one in use."""


def published(path: Path) -> bool:
    """Whether a store has been published at a path."""
    return (path / _CURRENT).is_file()


def generation_in_use(path: Path) -> str | None:
    """Name of the generation in use of the store at a path, ``None`` where there is no store."""
    try:
        return (path / _CURRENT).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def folder_in_use(path: Path) -> Path:
    """The generation in use of the store at a path.

    Raises:
        StoreError: there is no store at the path, or it is damaged.
    """
    try:
        generation = path / (path / _CURRENT).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise StoreError(f"{path}: no store here; make one with `kg build --store {path}`") from fault
    except OSError as fault:
        raise StoreError(f"{path}: cannot be read: {fault.strerror}") from fault
    if not generation.name.startswith(_GENERATION) or not (generation / "CURRENT").exists():
        raise StoreError(f"{path}: damaged, {generation.name!r} is missing; build it again")
    return generation


def publish(path: Path, write: Callable[[Path], None], *, replacing: str | None = None, linger: float = 0.0) -> str:
    """Write a generation and put it to use, in one step; who publishes to one place does so in turn.

    Args:
        path: the folder of the store.
        write: writes the generation into an empty folder.
        replacing: the generation that has to be in use still, where it matters.
        linger: seconds for which generations that were replaced before stay, read or not; worth it where they share
            their files.

    Returns:
        Name of the new generation.

    Raises:
        Overtaken: another generation is in use by now; nothing was written.
        StoreError: the path cannot be written; what was there before stays in use.
    """
    from tempfile import mkdtemp

    with _alone(path):
        previous = generation_in_use(path)
        if replacing is not None and previous != replacing:
            raise Overtaken(f"{path}: another graph came into use meanwhile; nothing was written")
        with writing(path):
            generation = Path(mkdtemp(prefix=_GENERATION, dir=path))
        try:
            write(generation)
            pointer = path / f"{_CURRENT}.{generation.name}"
            try:
                pointer.write_text(generation.name + "\n", encoding="utf-8")
                pointer.replace(path / _CURRENT)
            finally:
                pointer.unlink(missing_ok=True)
        except OSError as fault:
            shutil.rmtree(generation, ignore_errors=True)
            raise StoreError(f"{path}: cannot be written, the old store is untouched: {fault}") from fault
        _sweep(path, generation.name, previous, linger)
        return generation.name


def _sweep(path: Path, in_use: str, previous: str | None, linger: float) -> None:
    """Remove old generations that nobody reads; one just replaced stays, for somebody may be about to open it."""
    now = time.time()
    if previous is not None:
        with suppress(OSError):
            os.utime(path / previous, (now, now))
    for old in path.glob(f"{_GENERATION}*"):
        age = now - old.stat().st_mtime
        if old.name not in (in_use, previous) and age >= linger:
            with unheld(old, unsure=age >= _LINGER) as free:
                if free:
                    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def make_room(path: Path) -> Iterator[Path]:
    """A folder in a store's folder, in which a generation is made before it is published; afterwards it is gone.

    What was left over by a process that died goes too.

    Args:
        path: the folder of the store.

    Raises:
        StoreError: the path cannot be written.
    """
    from tempfile import mkdtemp

    from filelock import FileLock

    with _alone(path):
        for old in path.glob(f"{_UNFINISHED}*"):
            _remove_unowned(old)
        with writing(path):
            room = Path(mkdtemp(prefix=_UNFINISHED, dir=path))
            lock = FileLock(room / _LOCK)
            lock.acquire(timeout=0)
    try:
        yield room
    finally:
        lock.release()
        shutil.rmtree(room, ignore_errors=True)


def unmake(path: Path) -> None:
    """Remove the folder of a store that was made for a generation which never came; one with anything in it stays."""
    with suppress(OSError):
        if all(entry.name == _LOCK for entry in path.iterdir()):
            (path / _LOCK).unlink(missing_ok=True)
            path.rmdir()


def _remove_unowned(room: Path) -> None:
    from filelock import FileLock, Timeout

    lock = FileLock(room / _LOCK)
    try:
        lock.acquire(timeout=0)
    except (OSError, Timeout):  # somebody is at work in it
        return
    lock.release()
    shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others from publishing.

    Raises:
        StoreError: another process does not stop to, or the path cannot be written.
    """
    if path.is_dir() and any(path.iterdir()) and not published(path) and not _only_generations(path):
        raise StoreError(f"{path}: a folder with other files in it; name an empty or a new folder")
    # It takes longer to import than a reader should wait.
    from filelock import FileLock, Timeout

    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / _LOCK)
        try:
            lock.acquire(timeout=_PATIENCE)
        except Timeout as fault:
            raise StoreError(f"{path}: another process has been writing for {_PATIENCE:g} seconds; end it") from fault
    try:
        yield
    finally:
        lock.release()


def _only_generations(path: Path) -> bool:
    return all(entry.name.startswith((_GENERATION, _UNFINISHED)) or entry.name == _LOCK for entry in path.iterdir())
