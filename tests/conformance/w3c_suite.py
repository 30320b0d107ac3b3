"""The W3C's SPARQL test suites, which are in no repository but their owners': fetched, or taken from a folder.

They are inside the source distribution of rdflib, of which one is named here and no other taken. What is needed of it
is kept in pytest's cache.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["FOLDER_VARIABLE", "SUITES", "Unavailable", "suite_folder"]

FOLDER_VARIABLE: Final = "FOEDUS_W3C_SPARQL"
"""The environment variable that names a folder with the suites in it."""
SUITES: Final = ("sparql11", "dawg-data-r2")
_RELEASE: Final = "rdflib==7.1.4"
_SHA256: Final = "fed46e24f26a788e2ab8e445f7077f00edcf95abb73bcef4b86cefa8b62dd174"
_INSIDE: Final = "rdflib-7.1.4/test/data/suites/w3c/"
_PATIENCE: Final = 120.0
"""Seconds that fetching may take."""


class Unavailable(Exception):
    """The suites cannot be had."""


def suite_folder(cache: Path) -> Path:
    """The folder in which the suites are, each in a folder of its own.

    Args:
        cache: where they are kept once they have been fetched.

    Raises:
        Unavailable: they are not where they should be, or cannot be fetched.
    """
    given = os.environ.get(FOLDER_VARIABLE)
    if given:
        if not all((Path(given) / suite).is_dir() for suite in SUITES):
            raise Unavailable(f"{FOLDER_VARIABLE}: {given} has not both of {' and '.join(SUITES)} in it")
        return Path(given)
    kept = cache / _SHA256
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as room:
            unpacked = Path(room) / "unpacked"
            _unpack(_fetch(Path(room)), unpacked)
            try:
                unpacked.rename(kept)
            except OSError:  # somebody else was first
                if not kept.exists():
                    raise
    return kept


def _fetch(folder: Path) -> Path:
    """Have pip fetch the release, from whichever index it is set to use.

    Raises:
        Unavailable: it cannot, or what comes is another.
    """
    options = ["--no-deps", "--no-binary", "rdflib", "--retries", "1", "--timeout", "15", "--quiet"]
    line = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), _RELEASE]
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=_PATIENCE)
    except subprocess.TimeoutExpired as fault:
        raise Unavailable(f"fetching {_RELEASE} takes longer than {_PATIENCE:g} seconds") from fault
    found = next(folder.glob("*.tar.gz"), None)
    if found is None:
        said = done.stderr.strip().splitlines() or ["pip says nothing"]
        raise Unavailable(f"pip cannot fetch {_RELEASE}: {said[-1]}")
    if hashlib.sha256(found.read_bytes()).hexdigest() != _SHA256:
        raise Unavailable(f"{found.name} is not the file that was published: its SHA-256 is another")
    return found


def _unpack(archive: Path, place: Path) -> None:
    wanted = tuple(f"{_INSIDE}{suite}/" for suite in SUITES)
    with tarfile.open(archive) as opened:
        for member in opened:
            data = opened.extractfile(member) if member.name.startswith(wanted) else None
            if data is not None:
                file = place / member.name.removeprefix(_INSIDE)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data.read())
