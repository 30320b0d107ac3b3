"""Files are written beside their place and then moved there, so that what fails leaves no half file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kg.errors import StoreError, UsageError

__all__ = ["keep_what_is_read", "write_file"]


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


def write_file(path: Path, data: bytes, *, parents: bool = False) -> Path:
    """Write a whole file or nothing.

    A link stays one, to the new file. What is no file, such as ``/dev/stdout``, is written to as it is.

    Args:
        path: the file.
        data: what it is to hold.
        parents: whether folders on the way to it are made.

    Raises:
        StoreError: it cannot be written; what was there stays.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return path
        place = path.resolve()
        if parents:
            place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
        handle, beside = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(beside).chmod(mode)
            Path(beside).replace(place)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as fault:
        raise StoreError(f"{path}: cannot be written: {fault.strerror}") from fault
    return path
