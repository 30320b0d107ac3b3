"""What sources say once more as columns, in a file beside the database of a store.

To take half a million triples out of a database takes seconds, to read them as columns a moment. The file is written by
the build that makes the database, which never changes afterwards; a database that was made in another way has none, and
is read itself.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyoxigraph import NamedNode

from kg.columns import Columns, Dictionary, distinct
from kg.store.embedded import EmbeddedStore

__all__ = ["keep", "kept"]

_FILE: Final = "columns.npz"
_TERMS: Final = "terms"


def keep(folder: Path, dictionary: Dictionary, parts: Mapping[str, Columns]) -> None:
    """Write columns into a file beside a database.

    Terms are written as the database gives them back, which keeps the value of a literal and not how it was spelled.

    Args:
        folder: the folder of the database.
        dictionary: the terms.
        parts: the columns, by name.

    Raises:
        OSError: the folder cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from pyoxigraph import Literal, Triple
        >>> from kg.vocab import XSD
        >>> node, dictionary = NamedNode("urn:a"), Dictionary()
        >>> said = Columns.encode([Triple(node, node, Literal("007", datatype=XSD.integer))], dictionary)
        >>> with TemporaryDirectory() as place:
        ...     keep(Path(place), dictionary, {"said": said})
        ...     terms, columns = kept(Path(place))
        >>> [triple.object.value for triple in columns["said"].decode(terms)]
        ['7']
    """
    used = distinct(np.concatenate([c for part in parts.values() for c in (part.subject, part.predicate, part.object)]))
    own = Dictionary()
    renumbered = own.numbers_of_written(_given_back(dictionary.written(used)))
    terms = "\n".join(own.written(np.arange(len(own)))).encode()
    arrays: dict[str, Any] = {_TERMS: np.frombuffer(terms, dtype=np.uint8)}
    for name, part in parts.items():
        rows = np.stack([part.subject, part.predicate, part.object])
        arrays[name] = renumbered[np.searchsorted(used, rows)].astype(np.uint32)
    np.savez(folder / _FILE, **arrays)


def kept(folder: Path) -> tuple[Dictionary, dict[str, Columns]] | None:
    """What was written beside a database: the terms, and the columns by name; ``None`` where nothing whole is there.

    Args:
        folder: the folder of the database.
    """
    damage = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile)
    with suppress(*damage), (folder / _FILE).open("rb") as data, np.load(data) as file:
        arrays = {name: file[name] for name in file.files}
        dictionary, terms = Dictionary(), arrays.pop(_TERMS).tobytes().decode()
        dictionary.numbers_of_written(terms.split("\n") if terms else [])
        return dictionary, {name: Columns(*rows.astype(np.int64)) for name, rows in arrays.items()}
    return None


def _given_back(terms: Sequence[str]) -> Sequence[str]:
    """Terms as a database gives them back."""
    doubtful = {place: term for place, term in enumerate(terms) if term.startswith(('"', "<<("))}
    store, graph = EmbeddedStore(), NamedNode("urn:g")
    store.load(graph, "\n".join(f"<urn:{place}> <urn:p> {term} ." for place, term in doubtful.items()).encode())
    triples, scratch, found = list(store.triples(graph)), Dictionary(), list(terms)
    spelled = scratch.written(scratch.numbers(triple.object for triple in triples))
    for triple, term in zip(triples, spelled, strict=True):
        assert isinstance(triple.subject, NamedNode)
        found[int(triple.subject.value.removeprefix("urn:"))] = term
    return found
