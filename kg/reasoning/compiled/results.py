"""What is handed back: the columns that were added, without noise and without what was given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from kg.columns import Columns, Dictionary, Kind, Numbers
from kg.reasoning.base import REFLEXIVE
from kg.reasoning.compiled.engine import Engine, by_relation
from kg.reasoning.compiled.equality import spread
from kg.reasoning.compiled.relations import Relation, left, right
from kg.vocab import OWL, RDF

__all__ = ["columns", "inferred", "spread_out", "worth_telling"]


def columns(parts: Iterable[tuple[int, Numbers]], kind: int) -> Columns:
    """What some relations hold, as triples.

    Args:
        parts: relations with their members or pairs.
        kind: the number of ``rdf:type``.
    """
    return Columns.joined(_parts(parts, kind))


def worth_telling(parts: Iterable[tuple[int, Numbers]], dictionary: Dictionary) -> Columns:
    """As :func:`columns`, without noise."""
    return Columns.joined(_quiet(_parts(parts, dictionary.find(RDF.type)), dictionary))


def inferred(engine: Engine) -> Columns:
    """What was added to the relations of an engine in which nothing is the same as anything else, without noise."""
    added = ((key, numbers) for key, held in engine.relations.items() for numbers in held.added)
    return worth_telling(added, engine.dictionary)


def _parts(parts: Iterable[tuple[int, Numbers]], kind: int) -> Iterator[Columns]:
    for key, numbers in parts:
        if key < 0:
            yield _columns(numbers, kind, np.full(len(numbers), ~key, dtype=np.int64))
        else:
            yield _columns(left(numbers), key, right(numbers))


def spread_out(engine: Engine, same: Numbers, given: Mapping[int, Relation]) -> Columns:
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
    kind = engine.dictionary.find(RDF.type)
    rest = []
    for key, numbers in by_relation(everything, kind).items():
        rest.append((key, numbers[~given[key].contains(numbers)] if key in given else numbers))
    return columns(rest, kind)


def _columns(subjects: Numbers, predicate: int, objects: Numbers) -> Columns:
    return Columns(subjects, np.full(len(subjects), predicate, dtype=np.int64), objects)


def _quiet(parts: Iterable[Columns], dictionary: Dictionary) -> Iterator[Columns]:
    """The parts, each of one predicate, without noise: :func:`kg.reasoning.base.is_noise` over columns."""
    kinds = dictionary.kinds()
    thing = dictionary.find(OWL.Thing)
    types = dictionary.find(RDF.type)
    reflexive = {dictionary.find(p) for p in REFLEXIVE}
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
