"""The rules that axioms are compiled to, each fired by what is new in one of the relations that it reads.

A relation is named by a number: a property by the number of its term, a class ``c`` by ``~c``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.columns import Numbers, distinct, expanded, found_in, pack
from kg.reasoning.compiled.relations import Relation, left, right, swap

__all__ = [
    "AllValues",
    "Chain",
    "Copy",
    "Derivation",
    "Domain",
    "HasValue",
    "Intersection",
    "Key",
    "Range",
    "Relations",
    "Rule",
    "SomeValues",
    "Swap",
    "Transitive",
    "Valued",
    "subjects_of",
]

Key: TypeAlias = int
Relations: TypeAlias = Callable[[Key], Relation]


class Rule(Protocol):
    """What axioms are compiled to.

    Attributes:
        reads: the relations that it reads.
        writes: the relation that it adds to; ``None`` where it finds equals or clashes.
    """

    @property
    def reads(self) -> tuple[Key, ...]:
        """The relations that it reads."""
        ...

    @property
    def writes(self) -> Key | None:
        """The relation that it adds to."""
        ...

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """What follows from what is new in one of the relations read and all that is in the others."""
        ...


class Derivation(ABC):
    """A rule that adds to a relation."""

    @abstractmethod
    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """Which of some numbers of the relation added to follow in one step from what is in the relations read."""


@dataclass(frozen=True)
class _From(Derivation):
    source: Key
    target: Key

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return (self.source,)

    @property
    def writes(self) -> Key | None:
        """See :class:`Rule`."""
        return self.target


class Copy(_From):
    """All of one relation is in another.

    That is prp-spo1, prp-eqp1, prp-eqp2, cax-sco, cax-eqc1, cax-eqc2, cls-int2 and cls-uni.
    """

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return new

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return relations(self.source).contains(numbers)


class Swap(_From):
    """The pairs of one property are in another the other way round: prp-symp, prp-inv1, prp-inv2."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return swap(new)

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return relations(self.source).contains(swap(numbers))


class Domain(_From):
    """The subjects of a property are of a class: prp-dom, cls-svf2."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return distinct(left(new), ordered=True)

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return relations(self.source).count_from(numbers) > 0


class Range(_From):
    """The objects of a property are of a class: prp-rng."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return right(new)

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return relations(self.source).count_to(numbers) > 0


class Transitive(_From):
    """prp-trp."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        prop = relations(self.source)
        turned = np.sort(swap(new))
        places, ends = prop.pairs_from(left(turned))
        onward = pack(right(turned)[places], ends)
        places, starts = prop.pairs_to(left(new))
        return np.concatenate((onward, pack(starts, right(new)[places])))

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return _connected(numbers, [relations(self.source)] * 2)


@dataclass(frozen=True)
class Chain(Derivation):
    """prp-spo2."""

    links: tuple[Key, ...]
    writes: Key

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return tuple(dict.fromkeys(self.links))

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        found = []
        for place, link in enumerate(self.links):
            if link != key:
                continue
            pairs = new
            for onward in self.links[place + 1 :]:
                if not len(pairs):
                    break
                pairs = np.sort(swap(pairs))
                places, ends = relations(onward).pairs_from(left(pairs))
                pairs = distinct(pack(right(pairs)[places], ends))
            for backward in reversed(self.links[:place]):
                if not len(pairs):
                    break
                places, starts = relations(backward).pairs_to(left(pairs))
                pairs = distinct(pack(starts, right(pairs)[places]))
            found.append(pairs)
        return np.concatenate(found)

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return _connected(numbers, [relations(link) for link in self.links])


def _connected(pairs: Numbers, links: list[Relation]) -> NDArray[np.bool_]:
    """Which of some pairs, sorted, some relations, two or more, lead from the first to the second of."""
    starts = distinct(left(pairs), ordered=True)
    reached = pack(np.arange(len(starts)), starts)
    for link in links[:-1]:
        places, ends = link.pairs_from(right(reached))
        reached = distinct(pack(left(reached)[places], ends))
    start, node = left(reached), right(reached)
    first = np.searchsorted(left(pairs), starts)
    wanted = np.diff(np.append(first, len(pairs)))[start]
    if wanted.sum() > links[-1].count_from(node).sum():
        places, ends = links[-1].pairs_from(node)
        return found_in(pairs, distinct(pack(starts[start[places]], ends)))
    # The ends wanted are fewer than those that there are: each is tried.
    places, at = expanded(first[start], wanted)
    return _among(at[links[-1].contains(pack(node[places], right(pairs)[at]))], len(pairs))


def _among(places: Numbers, count: int) -> NDArray[np.bool_]:
    found = np.zeros(count, dtype=np.bool_)
    found[places] = True
    return found


@dataclass(frozen=True)
class Intersection(Derivation):
    """cls-int1."""

    reads: tuple[Key, ...]
    writes: Key

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        for part in sorted(self.reads, key=lambda part: len(relations(part))):
            if part != key and len(new):
                new = new[relations(part).contains(new)]
        return new

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        found = np.ones(len(numbers), dtype=np.bool_)
        for part in self.reads:
            found &= relations(part).contains(numbers)
        return found


@dataclass(frozen=True)
class SomeValues(Derivation):
    """cls-svf1."""

    prop: Key
    filler: Key
    writes: Key

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return self.prop, self.filler

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        if key == self.prop:
            return distinct(left(new)[relations(self.filler).contains(right(new))], ordered=True)
        return subjects_of(relations(self.prop), new)

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        places, values = relations(self.prop).pairs_from(numbers)
        return _among(places[relations(self.filler).contains(values)], len(numbers))


def subjects_of(prop: Relation, objects: Numbers) -> Numbers:
    """The subjects of the pairs of a property whose objects are among some."""
    if prop.has_reversed or len(objects) * 8 < len(prop):
        return prop.pairs_to(objects)[1]
    pairs = prop.all()
    return distinct(left(pairs)[Relation(objects).contains(right(pairs))], ordered=True)


@dataclass(frozen=True)
class AllValues(Derivation):
    """cls-avf."""

    cls: Key
    prop: Key
    writes: Key

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return self.cls, self.prop

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        if key == self.cls:
            return relations(self.prop).pairs_from(new)[1]
        return right(new)[relations(self.cls).contains(left(new))]

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        places, subjects = relations(self.prop).pairs_to(numbers)
        return _among(places[relations(self.cls).contains(subjects)], len(numbers))


@dataclass(frozen=True)
class Valued(Derivation):
    """cls-hv1."""

    cls: Key
    value: int
    writes: Key

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return (self.cls,)

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return pack(new, self.value)

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        found: NDArray[np.bool_] = right(numbers) == self.value
        found &= relations(self.cls).contains(left(numbers))
        return found


@dataclass(frozen=True)
class HasValue(Derivation):
    """cls-hv2."""

    prop: Key
    value: int
    writes: Key

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return (self.prop,)

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return left(new[right(new) == self.value])

    def supports(self, numbers: Numbers, relations: Relations) -> NDArray[np.bool_]:
        """See :class:`Derivation`."""
        return relations(self.prop).contains(pack(numbers, self.value))
