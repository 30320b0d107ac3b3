"""Files are written beside their places and then moved there, so that what fails leaves no half file or half set."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kg.errors import StoreError, UsageError

__all__ = ["keep_what_is_read", "write_file", "write_files", "writing"]


def keep_what_is_read(out: Path | None, read: Iterable[Path]) -> None:
    """Refuse to write to a file that is read, by whatever name and through whatever link.

    Args:
        out: the file to write to, if any.
        read: the files that are read.

    Raises:
        UsageError: it is one of them.

    Example:
        >>> keep_what_is_read(Path("facts.nt"), [Path("register.csv")])
    """
    # What is no file, such as a terminal, is read and written at once.
    if out is None or not out.is_file():
        return
    for file in read:
        if file.exists() and file.samefile(out):
            also = "" if file == out else f", as {file}"
            raise UsageError(f"--out {out}: it is read as well{also}, and would be lost; write to another file")


@contextmanager
def writing(place: Path | None) -> Iterator[None]:
    """Say of a fault in the block which file or folder it is that cannot be written.

    Args:
        place: the file or folder.

    Raises:
        StoreError: it cannot be written.

    Example:
        >>> with writing(Path("facts.nt")):
        ...     raise OSError(28, "No space left on device")
        Traceback (most recent call last):
        kg.errors.StoreError: facts.nt: cannot be written: No space left on device
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as fault:
        raise StoreError(f"{place}: cannot be written: {fault.strerror or fault}") from fault


def write_file(path: Path, data: bytes) -> Path:
    """Write a whole file or nothing.

    A link stays one, to the new file. What is no file, such as ``/dev/stdout``, is written to as it is.

    Args:
        path: the file.
        data: what it is to hold.

    Raises:
        StoreError: it cannot be written; what was there stays.
    """
    with writing(path):
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return path
        place = path.resolve()
        beside = _beside(place, data)
        try:
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)
    return path


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write all of some files or none of them, so that files which are read together are of one time.

    Args:
        folder: where they go; folders on the way are made.
        files: what each is called in the folder, and what it is to hold.

    Returns:
        The files, sorted.

    Raises:
        StoreError: one of them cannot be written; what was there stays.
    """
    paths: list[Path] = []
    ready: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        for name, data in files:
            path = folder / name
            with writing(path):
                place = path.resolve()
                if place.exists() and not place.is_file():
                    raise OSError(errno.EEXIST, "what is there is no file")
                made += reversed([way for way in (place.parent, *place.parent.parents) if not way.exists()])
                place.parent.mkdir(parents=True, exist_ok=True)
                ready.append((_beside(place, data), place))
            paths.append(path)
        _move(ready)
    except BaseException:
        for beside, _ in ready:
            beside.unlink(missing_ok=True)
        for way in reversed(made):
            with suppress(OSError):
                way.rmdir()
        raise
    return sorted(paths)


def _beside(place: Path, data: bytes) -> Path:
    """A new file beside a place, with the mode of what is there."""
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
    handle, name = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=place.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        beside.chmod(mode)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _move(ready: Iterable[tuple[Path, Path]]) -> None:
    """Move each file to its place, and if one cannot be moved put back what was there before."""
    moved: list[tuple[Path, Path | None]] = []
    try:
        for beside, place in ready:
            with writing(place):
                moved.append((place, _kept(place, beside.with_name(f"{beside.name}.old"))))
                beside.replace(place)
    except BaseException:
        for place, kept in reversed(moved):
            if kept is None:
                place.unlink(missing_ok=True)
            else:
                kept.replace(place)
                kept.unlink(missing_ok=True)  # two names of one file stay two
        raise
    for _, kept in moved:
        if kept is not None:
            kept.unlink()


def _kept(place: Path, kept: Path) -> Path | None:
    """Another name for the file at a place, if there is one."""
    if not place.exists():
        return None
    try:
        kept.hardlink_to(place)
    except OSError:  # a file system without hard links
        place.replace(kept)
    return kept
