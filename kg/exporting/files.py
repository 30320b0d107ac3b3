"""Files are written beside their place and then moved there, so that an export that fails leaves no half file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kg.errors import StoreError

__all__ = ["write_file"]


def write_file(path: Path, data: bytes) -> Path:
    """Write a whole file or nothing.

    Raises:
        StoreError: it cannot be written; what was there stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as fault:
        raise StoreError(f"{path}: cannot be written: {fault.strerror}") from fault
    return path
