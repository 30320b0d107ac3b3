"""What is handed back: the columns that were added, without noise and without what was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.columns import Columns, Dictionary, Kind, Numbers, found_in
from kg.reasoning.compiled.engine import Engine, group
from kg.reasoning.compiled.equality import spread
from kg.reasoning.compiled.relations import left, right
from kg.vocab import OWL, RDF, RDFS

__all__ = ["inferred", "spread_out"]

_REFLEXIVE: Final = (OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)


def inferred(engine: Engine, since: dict[int, int] | None = None) -> Columns:
    """What was added to the relations of an engine, without noise.

    Args:
        engine: the engine, in which nothing is the same as anything else.
        since: for each relation how many of its additions to leave out.
    """
    parts = []
    for key, held in engine.relations.items():
        for numbers in held.added[since.get(key, 0) if since else 0 :]:
            if key < 0:
                parts.append(_columns(numbers, engine.type, np.full(len(numbers), ~key, dtype=np.int64)))
            else:
                parts.append(_columns(left(numbers), key, right(numbers)))
    return Columns.joined(_quiet(parts, engine.dictionary))


def spread_out(engine: Engine, same: Numbers, given: Columns) -> Columns:
    """All that an engine holds, said of everything that is the same, less what was given and noise."""
    order, starts = spread(same)

    def each(numbers: Numbers) -> tuple[Numbers, Numbers]:
        counts = starts[numbers + 1] - starts[numbers]
        places = np.repeat(np.arange(len(numbers), dtype=np.int64), counts)
        begun = np.repeat(starts[numbers] - (np.cumsum(counts) - counts), counts)
        return places, order[begun + np.arange(len(places), dtype=np.int64)]

    parts = []
    kinds = engine.dictionary.kinds()

    def say(subjects: Numbers, predicate: int, objects: Numbers) -> None:
        places, subjects = each(subjects)
        objects = objects[places]
        places, objects = each(objects)
        subjects = subjects[places]
        for one in each(np.array([predicate], dtype=np.int64))[1].tolist():
            if kinds[one] <= Kind.VOCABULARY:
                parts.append(_columns(subjects, one, objects))

    for key, held in engine.relations.items():
        numbers = held.all()
        if key < 0:
            say(numbers, engine.type, np.full(len(numbers), ~key, dtype=np.int64))
        else:
            say(left(numbers), key, right(numbers))
    many = np.flatnonzero((same == np.arange(len(same))) & (np.diff(starts) > 1))
    say(many, engine.same_as, many)
    everything = Columns.joined(_quiet(parts, engine.dictionary))
    known = dict(group(given))
    rest = []
    for predicate, pairs in group(everything):
        new = pairs[~found_in(pairs, known[predicate])] if predicate in known else pairs
        rest.append(_columns(left(new), predicate, right(new)))
    return Columns.joined(rest)


def _columns(subjects: Numbers, predicate: int, objects: Numbers) -> Columns:
    return Columns(subjects, np.full(len(subjects), predicate, dtype=np.int64), objects)


def _quiet(parts: list[Columns], dictionary: Dictionary) -> Iterator[Columns]:
    """The parts, each of one predicate, without noise: :func:`kg.reasoning.base.is_noise` over columns."""
    kinds = dictionary.kinds()
    thing = dictionary.find(OWL.Thing)
    types = dictionary.find(RDF.type)
    reflexive = {dictionary.find(p) for p in _REFLEXIVE}
    worth: NDArray[np.bool_]
    for part in parts:
        if not len(part):
            continue
        predicate = int(part.predicate[0])
        if kinds[predicate] > Kind.VOCABULARY:
            continue
        worth = (kinds[part.subject] == Kind.NAMED) & (part.object != thing)
        objects = kinds[part.object]
        worth &= objects == Kind.NAMED if predicate == types else objects <= Kind.VOCABULARY
        if predicate in reflexive:
            worth &= part.subject != part.object
        yield part if worth.all() else part.where(worth)
