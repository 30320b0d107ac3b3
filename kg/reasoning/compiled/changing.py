"""A closure changed bit by bit: what follows no longer is taken out, what follows now is added.

This is the delete-and-rederive algorithm, one group of relations that lead to each other at a time (A. Gupta, I. S.
Mumick, V. S. Subrahmanian, "Maintaining views incrementally", SIGMOD 1993): in a group all goes that something gone
helped to derive; what still follows from the rest comes back; only what stays away is followed on to the next group.
So a fact that holds for many reasons, such as that a state is an actor, ends the search where it loses one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.columns import Columns, Dictionary, Kind, Numbers, distinct, found_in
from kg.reasoning.compiled.engine import Engine, by_relation
from kg.reasoning.compiled.relations import NOTHING, Relation, right
from kg.vocab import RDF

__all__ = ["Edit", "Facts", "change_of", "maintained", "outside"]

Facts: TypeAlias = Mapping[int, Relation]
Parts: TypeAlias = Iterator[tuple[int, Numbers]]

_FEW: Final = 1_000
_SHARE: Final = 20
"""A change of more than one in so many triples takes about as long to follow as closing all anew."""


@dataclass(frozen=True)
class Edit:
    """What is given anew, and what no longer, by relation."""

    added: dict[int, Numbers]
    removed: dict[int, Numbers]

    @property
    def counts(self) -> tuple[int, int]:
        """How many triples are added, and how many removed."""
        return sum(map(len, self.added.values())), sum(map(len, self.removed.values()))

    def is_small(self, facts: Facts) -> bool:
        """Whether it is worth following, rather than closing all anew, where so much is given after it."""
        return sum(self.counts) < max(_FEW, sum(map(len, facts.values())) // _SHARE)

    def applied(self, facts: Facts) -> Facts:
        """What is given after the edit; what is not touched is shared."""
        changed = dict(facts)
        for key in self.added.keys() | self.removed.keys():
            held = changed[key] = changed[key].copy() if key in changed else Relation()
            held.remove(self.removed.get(key, NOTHING))
            held.add(self.added.get(key, NOTHING))
            if not len(held):
                del changed[key]
        return changed

    def is_plain(self, dictionary: Dictionary) -> bool:
        """Whether it is about named and anonymous things alone: no axioms, nothing that may be one, no literals."""
        kinds = dictionary.kinds()
        plain = (Kind.NAMED, Kind.ANONYMOUS)
        return all(
            kinds[~key if key < 0 else key] in plain and (key < 0 or bool(np.isin(kinds[right(numbers)], plain).all()))
            for part in (self.added, self.removed)
            for key, numbers in part.items()
        )


def change_of(facts: Facts, added: Columns, removed: Columns, dictionary: Dictionary) -> Edit:
    """What changes where triples are removed and others added; what is in both is added.

    Args:
        facts: what is given before.
        added: triples, of which some may be given before.
        removed: triples, of which some may not be given.
        dictionary: their terms.
    """
    kind = dictionary.number(RDF.type)
    more, less = by_relation(added, kind), by_relation(removed, kind)
    new, gone = {}, {}
    for key, numbers in more.items():
        new[key] = numbers[~facts[key].contains(numbers)] if key in facts else numbers
    for key, numbers in less.items():
        if key in facts:
            gone[key] = numbers[facts[key].contains(numbers) & ~found_in(numbers, more.get(key, NOTHING))]
    return Edit(_filled(new), _filled(gone))


def maintained(engine: Engine, facts: Facts, edit: Edit) -> tuple[Engine, dict[int, Numbers]] | None:
    """The closure after an edit.

    Args:
        engine: the closure before it, at rest, without clashes and with nothing the same as anything else; it stays
            as it is.
        facts: what is given after the edit.
        edit: what changes.

    Returns:
        The closure after it, and what may be in one of the two alone; ``None`` where all is to be closed anew: the
        edit is large, bears on axioms, or on terms of the vocabularies or literals, or makes things the same, or clash.
    """
    if engine.speaks_of_vocabulary or not edit.is_small(facts) or not edit.is_plain(engine.dictionary):
        return None
    new = engine.copy()
    lost = _withdraw(engine, new, facts, edit.removed)
    if lost is None or not new.settle(edit.added):
        return None
    touched: dict[int, list[Numbers]] = defaultdict(list)
    for part in (edit.added, edit.removed, lost):
        for key, numbers in part.items():
            touched[key].append(numbers)
    for key, held in new.relations.items():
        if held.added:
            touched[key] += held.added
    return new, {key: distinct(np.concatenate(parts)) for key, parts in touched.items()}


def outside(one: tuple[Engine, Facts], other: tuple[Engine, Facts], touched: Mapping[int, Numbers]) -> Parts:
    """Of some facts, those derived in one closure and not in the other, by relation."""
    for key, numbers in touched.items():
        yield key, numbers[_derived(*one, key, numbers) & ~_derived(*other, key, numbers)]


def _derived(engine: Engine, facts: Facts, key: int, numbers: Numbers) -> NDArray[np.bool_]:
    held = engine.look_up(key).contains(numbers)
    return held & ~facts[key].contains(numbers) if key in facts else held


def _filled(parts: dict[int, Numbers]) -> dict[int, Numbers]:
    return {key: numbers for key, numbers in parts.items() if len(numbers)}


def _withdraw(old: Engine, new: Engine, facts: Facts, removed: Mapping[int, Numbers]) -> dict[int, Numbers] | None:
    """Take out of the new closure what is no longer given and what followed from it alone.

    Returns:
        What was taken out; ``None`` where axioms are among what may have to go.
    """
    waiting: dict[int, list[Numbers]] = defaultdict(list)
    for key, numbers in removed.items():
        waiting[key].append(numbers)
    lost = {}
    while waiting:
        rank = min(map(old.rank, waiting))
        suspects = _suspects(old, facts, waiting, rank)
        if not old.schema.isdisjoint(suspects):
            return None
        for key, held in suspects.items():
            new.relation(key).remove(held.all())
        _bring_back(new, suspects)
        for key, held in suspects.items():
            numbers = held.all()
            gone = numbers[~new.look_up(key).contains(numbers)]
            if len(gone):
                lost[key] = gone
                for rule in old.readers.get(key, ()):
                    if rule.writes is not None and old.rank(rule.writes) != rank:
                        waiting[rule.writes].append(rule.fire(key, gone, old.look_up))
    return lost


def _suspects(old: Engine, facts: Facts, waiting: dict[int, list[Numbers]], rank: int) -> dict[int, Relation]:
    """Of the relations of one rank, all that what waits helped to derive there, itself included."""
    found: dict[int, Relation] = {}
    while keys := [key for key in waiting if old.rank(key) == rank]:
        for key in keys:
            numbers = distinct(np.concatenate(waiting.pop(key)))
            numbers = numbers[old.look_up(key).contains(numbers)]
            if key in facts:
                numbers = numbers[~facts[key].contains(numbers)]
            numbers = numbers[~found_in(numbers, old.assumed.get(key, NOTHING))]
            numbers = found.setdefault(key, Relation()).add(numbers)
            if len(numbers):
                for rule in old.readers.get(key, ()):
                    if rule.writes is not None and old.rank(rule.writes) == rank:
                        waiting[rule.writes].append(rule.fire(key, numbers, old.look_up))
    return found


def _bring_back(new: Engine, suspects: Mapping[int, Relation]) -> None:
    """Put back those that follow from what is left, and those that follow from them."""
    waiting: dict[int, list[Numbers]] = defaultdict(list)
    for key, held in suspects.items():
        numbers = held.all()
        for writer in new.writers.get(key, ()):
            supported = writer.supports(numbers, new.look_up)
            waiting[key].append(numbers[supported])
            numbers = numbers[~supported]
    while waiting:
        key, parts = waiting.popitem()
        numbers = distinct(np.concatenate(parts))
        numbers = new.relation(key).add(numbers[suspects[key].contains(numbers)])
        if len(numbers):
            for rule in new.readers.get(key, ()):
                if rule.writes is not None and rule.writes in suspects:
                    waiting[rule.writes].append(rule.fire(key, numbers, new.look_up))
