"""The rules that axioms are compiled to, each fired by what is new in one of the relations that it reads.

A relation is named by a number: a property by the number of its term, a class ``c`` by ``~c``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from kg.columns import Numbers, distinct, pack
from kg.reasoning.compiled.relations import Relation, left, right, swap

__all__ = [
    "AllValues",
    "Chain",
    "Clash",
    "Copy",
    "Domain",
    "HasValue",
    "Intersection",
    "Keyed",
    "MaxCardinality",
    "Range",
    "Rule",
    "Same",
    "SomeValues",
    "Swap",
    "Transitive",
    "Valued",
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


@dataclass(frozen=True)
class _From:
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


class Swap(_From):
    """The pairs of one property are in another the other way round: prp-symp, prp-inv1, prp-inv2."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return swap(new)


class Domain(_From):
    """The subjects of a property are of a class: prp-dom, cls-svf2."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return distinct(left(new), ordered=True)


class Range(_From):
    """The objects of a property are of a class: prp-rng."""

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        return right(new)


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


@dataclass(frozen=True)
class Chain:
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
                pairs = np.sort(swap(pairs))
                places, ends = relations(onward).pairs_from(left(pairs))
                pairs = distinct(pack(right(pairs)[places], ends))
            for backward in reversed(self.links[:place]):
                places, starts = relations(backward).pairs_to(left(pairs))
                pairs = distinct(pack(starts, right(pairs)[places]))
            found.append(pairs)
        return np.concatenate(found)


@dataclass(frozen=True)
class Intersection:
    """cls-int1."""

    reads: tuple[Key, ...]
    writes: Key

    def fire(self, key: Key, new: Numbers, relations: Relations) -> Numbers:
        """See :class:`Rule`."""
        for part in sorted(self.reads, key=lambda part: len(relations(part))):
            if part != key and len(new):
                new = new[relations(part).contains(new)]
        return new


@dataclass(frozen=True)
class SomeValues:
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
        return _subjects(relations(self.prop), new)


def _subjects(prop: Relation, objects: Numbers) -> Numbers:
    """The subjects of the pairs of a property whose objects are among some."""
    if prop.has_reversed or len(objects) * 8 < len(prop):
        return prop.pairs_to(objects)[1]
    pairs = prop.all()
    return distinct(left(pairs)[Relation(objects).contains(right(pairs))], ordered=True)


@dataclass(frozen=True)
class AllValues:
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


@dataclass(frozen=True)
class Valued:
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


@dataclass(frozen=True)
class HasValue:
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
            subjects = distinct(_subjects(prop, new))
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
            group = np.unique(pack(group[places], values), return_inverse=True)[1].astype(np.int64)
            subjects = subjects[places]
        order = np.argsort(group, kind="stable")
        group, subjects = group[order], subjects[order]
        together = group[1:] == group[:-1]
        return pack(subjects[:-1][together], subjects[1:][together])
