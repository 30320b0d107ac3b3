"""What sources say once more as columns, in a file beside the database of a store.

To take half a million triples out of a database takes seconds, to read them as columns a moment. The file is written by
the build that makes the database, which never changes afterwards. One that follows it after a change has the same file
under another name, and a small one of what has changed since. A database that has neither is read itself.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from pyoxigraph import NamedNode

from kg.columns import Columns, Dictionary, distinct
from kg.store.embedded import EmbeddedStore

__all__ = ["carry", "keep", "kept"]

Parts: TypeAlias = tuple[Dictionary, dict[str, Columns]]

_FILE: Final = "columns.npz"
_EARLIER: Final = "columns-earlier.npz"
_CHANGES: Final = "columns-changes.npz"
"""The last two stand together or count for nothing: what was so earlier is not what is so."""
_TERMS: Final = "terms"
_MORE: Final = "more "
_LESS: Final = "less "
_MANY: Final = 100_000
"""So many changed triples are carried along at most: each change writes them all anew."""


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
    _write(folder / _FILE, dictionary, parts)


def kept(folder: Path) -> Parts | None:
    """What was written beside a database: the terms, and the columns by name; ``None`` where nothing whole is there.

    Args:
        folder: the folder of the database.
    """
    found = _read(folder / _FILE)
    if found is not None:
        return found
    changes = _read(folder / _CHANGES)
    earlier = None if changes is None else _read(folder / _EARLIER)
    if changes is None or earlier is None:
        return None
    dictionary, parts = earlier
    changed = _renumbered(changes, dictionary)
    names = [name for name in parts if _MORE + name in changed]
    now = {name: _without(parts[name], changed[_LESS + name]) for name in names}
    return dictionary, {name: Columns.joined([now[name], changed[_MORE + name]]) for name in names}


def carry(before: Path, after: Path, dictionary: Dictionary, changes: Mapping[str, tuple[Columns, Columns]]) -> None:
    """Write beside a database what was kept beside the one that it follows, and what has changed.

    Where nothing whole was kept, or very much has changed by now, nothing is written.

    Args:
        before: the folder of the earlier database.
        after: the folder of the later one.
        dictionary: the terms of the changes.
        changes: what each part has more and what it has less, by its name; other parts are no longer kept.

    Raises:
        OSError: the folder cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from pyoxigraph import Triple
        >>> a, b, dictionary = NamedNode("urn:a"), NamedNode("urn:b"), Dictionary()
        >>> one, other = (Columns.encode([Triple(a, a, node)], dictionary) for node in (a, b))
        >>> with TemporaryDirectory() as first, TemporaryDirectory() as second:
        ...     keep(Path(first), dictionary, {"said": one})
        ...     carry(Path(first), Path(second), dictionary, {"said": (other, one)})
        ...     terms, columns = kept(Path(second))
        >>> [triple.object.value for triple in columns["said"].decode(terms)]
        ['urn:b']
    """
    whole, since = before / _FILE, dict[str, Columns]()
    if not whole.exists():
        whole, earlier = before / _EARLIER, _read(before / _CHANGES)
        if earlier is None or not whole.exists():
            return
        since = _renumbered(earlier, dictionary)
    parts = dict[str, Columns]()
    for name, (more, less) in changes.items():
        if since and _MORE + name not in since:
            continue
        more_before, less_before = (set(since.get(sign + name, Columns.empty()).rows()) for sign in (_MORE, _LESS))
        fresh, gone = set(more.rows()), set(less.rows())
        parts[_MORE + name] = Columns.of_rows((more_before - gone) | fresh)
        parts[_LESS + name] = Columns.of_rows(less_before | gone)
    if sum(map(len, parts.values())) > _MANY:
        return
    _write(after / _CHANGES, dictionary, parts)
    try:
        os.link(whole, after / _EARLIER)
    except OSError:  # a file system without hard links
        shutil.copyfile(whole, after / _EARLIER)


def _write(file: Path, dictionary: Dictionary, parts: Mapping[str, Columns]) -> None:
    used = distinct(np.concatenate([c for part in parts.values() for c in (part.subject, part.predicate, part.object)]))
    own = Dictionary()
    renumbered = own.numbers_of_written(_given_back(dictionary.written(used)))
    terms = "\n".join(own.written(np.arange(len(own)))).encode()
    arrays: dict[str, Any] = {_TERMS: np.frombuffer(terms, dtype=np.uint8)}
    for name, part in parts.items():
        rows = np.stack([part.subject, part.predicate, part.object])
        arrays[name] = renumbered[np.searchsorted(used, rows)].astype(np.uint32)
    np.savez(file, **arrays)


def _read(file: Path) -> Parts | None:
    damage = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile)
    with suppress(*damage), file.open("rb") as data, np.load(data) as archive:
        arrays = {name: archive[name] for name in archive.files}
        dictionary, terms = Dictionary(), arrays.pop(_TERMS).tobytes().decode()
        dictionary.numbers_of_written(terms.split("\n") if terms else [])
        return dictionary, {name: Columns(*rows.astype(np.int64)) for name, rows in arrays.items()}
    return None


def _renumbered(parts: Parts, dictionary: Dictionary) -> dict[str, Columns]:
    """Columns in the numbers of another dictionary, which may get to know more terms by that."""
    own, columns = parts
    numbers = dictionary.numbers_of_written(own.written(np.arange(len(own))))
    return {
        name: Columns(numbers[part.subject], numbers[part.predicate], numbers[part.object])
        for name, part in columns.items()
    }


def _without(columns: Columns, less: Columns) -> Columns:
    """Columns without some of their triples."""
    if not len(less):
        return columns
    gone = set(less.rows())
    places = np.flatnonzero(np.isin(columns.subject, less.subject))
    doubtful = columns.where(places)
    keep = np.ones(len(columns), dtype=bool)
    keep[places] = [row not in gone for row in doubtful.rows()]
    return columns.where(keep)


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
