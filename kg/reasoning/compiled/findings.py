"""The rules that add nothing to a relation, but find what is the same or what clashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kg.columns import Numbers, distinct, pack
from kg.reasoning.compiled.relations import left, right, swap
from kg.reasoning.compiled.rules import Key, Relations, subjects_of

__all__ = ["Clash", "Keyed", "MaxCardinality", "Same"]


@dataclass(frozen=True)
class Same:
    """Pairs that are the same: prp-fp, prp-ifp, cls-maxc2, cls-maxqc3, cls-maxqc4.

    Attributes:
        prop: the property.
        cls: the class whose members have one value at most; ``None`` where everything has.
        filler: the class of the values that are counted; ``None`` where all are.
        inverse: whether the subjects of one object are the same, rather than the objects of one subject.
    """

    prop: Key
    cls: Key | None = None
    filler: Key | None = None
    inverse: bool = False

    @property
    def writes(self) -> Key | None:
        """See :class:`Rule`."""
        return None

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return tuple(k for k in (self.prop, self.cls, self.filler) if k is not None)

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        prop = relations(self.prop)
        if key == self.prop:
            subjects = distinct(right(new) if self.inverse else left(new))
        elif key == self.cls:
            subjects = new
        else:
            subjects = distinct(subjects_of(prop, new))
        if key != self.cls and self.cls is not None:
            subjects = subjects[relations(self.cls).contains(subjects)]
        places, values = prop.pairs_to(subjects) if self.inverse else prop.pairs_from(subjects)
        if self.filler is not None:
            counted = relations(self.filler).contains(values)
            places, values = places[counted], values[counted]
        pairs = np.sort(pack(subjects[places], values))
        together = left(pairs[1:]) == left(pairs[:-1])
        # Each value is the same as the next one of the same subject; the rest follows.
        return pack(right(pairs[:-1])[together], right(pairs[1:])[together])


@dataclass(frozen=True)
class Clash:
    """What is in two relations at once, or in one where nothing may be.

    Attributes:
        rule: name of the rule.
        words: what is wrong, with the names of members as ``{x}`` and ``{y}``.
        one: a relation.
        two: the other; ``None`` where one is enough.
        about: the terms whose axiom it is.
        turned: whether the pairs of the other are compared the other way round.
        reflexive: whether only pairs of the same count.
        exactly: the one number that counts.
    """

    rule: str
    words: str
    one: Key
    two: Key | None = None
    about: tuple[int, ...] = ()
    turned: bool = False
    reflexive: bool = False
    exactly: int | None = None

    @property
    def writes(self) -> Key | None:
        """See :class:`Rule`."""
        return None

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return (self.one,) if self.two is None else (self.one, self.two)

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        if self.two is not None:
            looked = swap(new) if self.turned else new
            new = new[relations(self.two if key == self.one else self.one).contains(looked)]
        if self.reflexive:
            new = new[left(new) == right(new)]
        return new if self.exactly is None else new[new == self.exactly]


@dataclass(frozen=True)
class MaxCardinality:
    """Values where there may be none: cls-maxc1, cls-maxqc1, cls-maxqc2."""

    rule: str
    words: str
    prop: Key
    cls: Key
    filler: Key | None
    about: tuple[int, ...]

    @property
    def writes(self) -> Key | None:
        """See :class:`Rule`."""
        return None

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return (self.prop, self.cls) if self.filler is None else (self.prop, self.cls, self.filler)

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        if key == self.prop:
            pairs = new
        elif key == self.cls:
            places, values = relations(self.prop).pairs_from(new)
            pairs = pack(new[places], values)
        else:
            places, subjects = relations(self.prop).pairs_to(new)
            pairs = pack(subjects, new[places])
        pairs = pairs[relations(self.cls).contains(left(pairs))]
        return pairs if self.filler is None else pairs[relations(self.filler).contains(right(pairs))]


@dataclass(frozen=True)
class Keyed:
    """prp-key."""

    cls: Key
    properties: tuple[Key, ...]

    @property
    def writes(self) -> Key | None:
        """See :class:`Rule`."""
        return None

    @property
    def reads(self) -> tuple[Key, ...]:
        """See :class:`Rule`."""
        return self.cls, *self.properties

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        subjects = relations(self.cls).all()
        group = np.zeros(len(subjects), dtype=np.int64)
        for prop in self.properties:
            places, values = relations(prop).pairs_from(subjects)
            # The values seen so far, as one number each, and the next value give a new number each.
            _, numbers, counts = np.unique(pack(group[places], values), return_inverse=True, return_counts=True)
            # What only one subject has goes at once, or all its values of one property would go with all of the next.
            shared = counts[numbers] > 1
            group, subjects = numbers[shared].astype(np.int64), subjects[places[shared]]
        order = np.argsort(group, kind="stable")
        group, subjects = group[order], subjects[order]
        together = group[1:] == group[:-1]
        return pack(subjects[:-1][together], subjects[1:][together])
