"""What an importer wrote vouches for itself: a first line that tells the version and the digest of the rest.

The shapes hold of what importers write, which tests show; validating a million triples again takes minutes. A file
that begins with such a line and fits it came from ``kg import`` of this version and was not edited since. The line
guards against accident, not against forgery: anyone can write it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from kg import __version__

__all__ = ["vouch", "vouched"]

_FIRST: Final = re.compile(rb"# kg import ([a-z-]+), foedus (\S+); SHA-256 of what follows: ([0-9a-f]{64})\n")


def vouch(source: str, data: bytes) -> bytes:
    """What an importer wrote, with the line that vouches for it before it.

    Args:
        source: kind of data set, such as ``"sipri"``.
        data: N-Triples or Turtle.

    Example:
        >>> vouch("rivalry", b"").decode().partition(";")[0].startswith("# kg import rivalry, foedus ")
        True
    """
    digest = hashlib.sha256(data).hexdigest()
    return f"# kg import {source}, foedus {__version__}; SHA-256 of what follows: {digest}\n".encode() + data


def vouched(data: Path | bytes) -> str:
    r"""The importer of a file that ``kg import`` of this version wrote and nobody changed since.

    Args:
        data: a file, or what it holds.

    Returns:
        The kind of data set, such as ``"sipri"``; empty for any other file.

    Raises:
        OSError: the file cannot be read.

    Example:
        >>> written = vouch("rivalry", b"<urn:a> <urn:b> <urn:c> .\n")
        >>> vouched(written), vouched(written + b"<urn:a> <urn:b> <urn:d> .\n"), vouched(b"")
        ('rivalry', '', '')
    """
    text = data.read_bytes() if isinstance(data, Path) else data
    first = _FIRST.match(text)
    if first is None or first[2].decode() != __version__:
        return ""
    same = hashlib.sha256(memoryview(text)[first.end() :]).hexdigest() == first[3].decode()
    return first[1].decode() if same else ""
