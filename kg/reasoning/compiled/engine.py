"""Rules over relations until nothing is new.

Relations wait in the order in which the rules lead from one to the next, so that a relation is taken up when all that
leads to it is done, and every fact is joined once. Where facts turn out to be axioms, the axioms are compiled again and
the new rules fired over all there is.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode

from kg.columns import Columns, Dictionary, Kind, Numbers, distinct, pack
from kg.reasoning.compiled.axioms import PROPERTIES, TYPES, Axioms
from kg.reasoning.compiled.compiling import compile_axioms, different, needed, vocabulary_read
from kg.reasoning.compiled.datatypes import DATATYPES, space_of
from kg.reasoning.compiled.findings import Clash, MaxCardinality
from kg.reasoning.compiled.ranking import ranks
from kg.reasoning.compiled.relations import NOTHING, Relation, left, right
from kg.reasoning.compiled.rules import Derivation, Rule
from kg.terms import Term
from kg.vocab import OWL, RDF, RDFS

__all__ = ["Engine", "by_relation", "group"]


_ANNOTATIONS: Final = (
    *(NamedNode(RDFS.base + name) for name in ("comment", "isDefinedBy", "label", "seeAlso")),
    *(NamedNode(OWL.base + name) for name in ("backwardCompatibleWith", "deprecated", "incompatibleWith")),
    *(NamedNode(OWL.base + name) for name in ("priorVersion", "versionInfo")),
)
"""The annotation properties that OWL 2 RL knows (OWL 2 Profiles, section 4.3, table 5)."""


def group(given: Columns) -> Iterable[tuple[int, Numbers]]:
    """The pairs of each predicate, sorted and distinct."""
    if not len(given):
        return
    seen = np.zeros(int(given.predicate.max()) + 1, dtype=np.bool_)
    seen[given.predicate] = True
    present = np.flatnonzero(seen)
    if len(present) < 2**16:
        # A stable sort of small numbers takes time in proportion to their count.
        codes = np.zeros(len(seen), dtype=np.uint16)
        codes[present] = np.arange(len(present))
        order = np.argsort(codes[given.predicate], kind="stable")
    else:
        order = np.argsort(given.predicate, kind="stable")
    pairs = pack(given.subject, given.object)[order]
    bounds = np.cumsum(np.bincount(given.predicate, minlength=len(seen))[present])
    for predicate, some in zip(present.tolist(), np.split(pairs, bounds[:-1]), strict=True):
        yield predicate, distinct(some)


def by_relation(given: Columns, kind: int) -> dict[int, Numbers]:
    """What triples say, by the relation that says it: the members of classes and the pairs of other properties.

    Args:
        given: triples; one may come twice.
        kind: the number of ``rdf:type``.

    Returns:
        Sorted and distinct, under ``~c`` the members of class ``c`` and under ``p`` the pairs of property ``p``.
    """
    found: dict[int, Numbers] = {}
    for predicate, pairs in group(given):
        if predicate == kind:
            found |= {~cls: members for cls, members in _by_class(pairs)}
        else:
            found[predicate] = pairs
    return found


class Engine:
    """Relations, rules and what waits.

    Args:
        dictionary: the terms; those of the vocabularies are added.
        same: for each number the one that stands for all that are the same as it, or ``None``.

    Attributes:
        relations: what is known, by relation.
        assumed: of it what always holds, whatever else does.
        rules: the rules, each once.
        readers: the rules that read a relation.
        writers: the rules that add to a relation.
        clashes: what clashes, by rule.
        equal: pairs that are the same, found and not yet dealt with.
        schema: the relations that hold axioms.
        schema_changed: whether they have changed since they were compiled.
        broken_lists: whether an axiom is about what should be a list and is none.
    """

    def __init__(self, dictionary: Dictionary, same: Numbers | None = None) -> None:
        self.dictionary = dictionary
        self._same = same
        self.type = self.number(RDF.type)
        self.same_as = self.number(OWL.sameAs)
        self.thing, self.nothing = self.number(OWL.Thing), self.number(OWL.Nothing)
        self.relations: dict[int, Relation] = {}
        self.rules: list[Rule] = []
        self.clashes: dict[Rule | tuple[str, int], list[Numbers]] = defaultdict(list)
        self.equal: list[Numbers] = []
        self.assumed: dict[int, Numbers] = {}
        self.readers: dict[int, list[Rule]] = {}
        self.writers: dict[int, list[Derivation]] = {}
        self._rank: dict[int, int] = {}
        self._waiting: dict[int, list[Numbers]] = {}
        self._queue: list[tuple[int, int]] = []
        self._unopened: set[int] = set()
        self._reads: frozenset[int] = frozenset()
        self.schema = {self.number(p) for p in PROPERTIES} | {~self.number(c) for c in TYPES}
        self.schema_changed = True
        self.broken_lists = False

    def number(self, term: NamedNode) -> int:
        """The number that stands for a term."""
        number = self.dictionary.number(term)
        if self._same is not None and number < len(self._same):
            return int(self._same[number])
        return number

    def relation(self, key: int) -> Relation:
        """A relation to add to, made where there is none."""
        found = self.relations.get(key)
        if found is None:
            found = self.relations[key] = Relation()
        return found

    def look_up(self, key: int) -> Relation:
        """A relation to read from, ``rdf:type`` and ``owl:sameAs`` among them."""
        # Types are kept by class; as pairs they are put together where a rule about rdf:type wants them.
        if key == self.type:
            parts = [pack(held.all(), ~cls) for cls, held in self.relations.items() if cls < 0]
            return Relation(np.sort(np.concatenate(parts))) if parts else Relation()
        if key == self.same_as:
            present = self._present()
            return Relation(pack(present, present))
        found = self.relations.get(key)
        return Relation() if found is None else found

    def rank(self, key: int) -> int:
        """The place of a relation in the order in which rules lead on; those in a circle share theirs."""
        return self._rank.get(key, 0)

    def equate(self, pairs: Numbers) -> None:
        """Take pairs to be the same."""
        self._set_equal(pairs)

    def load(self, given: Mapping[int, Relation]) -> None:
        """Fill empty relations; they share the arrays of those given."""
        for key, held in given.items():
            if key == self.same_as:
                self._set_equal(held.all())
            else:
                self.relations[key] = held.copy()

    def assume(self, key: int, numbers: Numbers) -> None:
        """Add what holds by no rule and whatever is given."""
        self.assumed[key] = distinct(np.concatenate((self.assumed.get(key, NOTHING), numbers)))
        self._emit(key, numbers)

    @property
    def speaks_of_vocabulary(self) -> bool:
        """Whether rules read or write ``rdf:type`` or ``owl:sameAs`` as properties like any other."""
        return bool(self._reads) or not self.writers.keys().isdisjoint((self.type, self.same_as))

    def copy(self) -> Engine:
        """An engine at rest, with the same rules and its own relations, which share their arrays with these."""
        new = Engine(self.dictionary, self._same)
        new.relations = {key: held.copy() for key, held in self.relations.items()}
        new.assumed, new.rules, new.schema = self.assumed, self.rules, self.schema
        new.readers, new.writers, new._rank, new._reads = self.readers, self.writers, self._rank, self._reads
        new.schema_changed, new.broken_lists = False, self.broken_lists
        return new

    def settle(self, added: Mapping[int, Numbers]) -> bool:
        """Add to an engine at rest, and fire rules until nothing is new.

        Returns:
            Whether that was all: no axiom is new, nothing is the same as something else, nothing clashes.
        """
        for key, numbers in added.items():
            self._emit(key, numbers)
        self._drain()
        return not (self.schema_changed or self.equal or self.clashes)

    def run(self) -> None:
        """Fire rules until nothing is new, or until something turns out to be the same as something else."""
        while True:
            if self.schema_changed:
                self._compile()
            self._drain()
            if not self.schema_changed:
                return

    def _emit(self, key: int, numbers: Numbers) -> None:
        if not len(numbers):
            return
        if key == self.type:
            for cls, members in _by_class(numbers):
                self._emit(~cls, members)
            return
        if key == self.same_as:
            self._set_equal(numbers)
            return
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = [numbers]
            heapq.heappush(self._queue, (self.rank(key), key))
        else:
            waiting.append(numbers)

    def _set_equal(self, pairs: Numbers) -> None:
        pairs = pairs[left(pairs) != right(pairs)]
        if len(pairs):
            self.equal.append(pairs)

    def _drain(self) -> None:
        while self._queue:
            _, key = heapq.heappop(self._queue)
            parts = self._waiting.pop(key)
            held = self.relation(key)
            new = held.add(distinct(np.concatenate(parts) if len(parts) > 1 else parts[0])) if parts else NOTHING
            if len(new) and key in self.schema:
                self.schema_changed = True
            if key in self._unopened:
                self._unopened.discard(key)
                new = held.all()
            if len(new):
                self._fire(key, new)

    def _fire(self, key: int, new: Numbers) -> None:
        for rule in self.readers.get(key, ()):
            # What has not been taken up yet will be joined with all of this when it is.
            if self._unopened.isdisjoint(rule.reads):
                self._apply(rule, key, new)
        if key < 0 and self.type in self._reads:
            pairs = pack(new, ~key)
            for rule in self.readers.get(self.type, ()):
                self._apply(rule, self.type, pairs)

    def _apply(self, rule: Rule, key: int, new: Numbers) -> None:
        found = rule.fire(key, new, self.look_up)
        if not len(found):
            return
        if rule.writes is not None:
            self._emit(rule.writes, found)
        elif isinstance(rule, Clash | MaxCardinality):
            self.clashes[rule].append(found)
        else:
            self._set_equal(found)

    def _present(self) -> Numbers:
        """Everything that is anywhere in the graph: all of it is the same as itself (eq-ref)."""
        parts = [np.array([self.type], dtype=np.int64)]
        for key, held in self.relations.items():
            parts.append(np.array([~key if key < 0 else key], dtype=np.int64))
            parts += [held.all()] if key < 0 else [left(held.all()), right(held.all())]
        return distinct(np.concatenate(parts))

    def _compile(self) -> None:
        first = not self.rules
        self.schema_changed = False
        grown: list[tuple[int, Numbers]] = []
        self._grow(~self.number(OWL.Class), [self.thing, self.nothing], grown)
        axioms = Axioms(
            lambda p: [(n >> 32, n & 0xFFFFFFFF) for n in self.relation(p).all().tolist()],
            lambda c: self.relation(~c).all().tolist(),
            self.number,
        )
        for prop in PROPERTIES:
            self._grow(self.number(prop), [x << 32 | y for x, y in axioms.pairs(prop)], grown)
        self.broken_lists = axioms.broken_lists()
        for rule, node in different(axioms):
            self.clashes[rule, node] = [np.array([node], dtype=np.int64)]
        rules = compile_axioms(axioms, self._cardinality)
        if self.type not in vocabulary_read(rules, self.number):
            rules = needed(rules, self._silent)
        known, self.rules = set(self.rules), rules
        self._reads = vocabulary_read(rules, self.number)
        self.readers, self.writers = defaultdict(list), defaultdict(list)
        for one in rules:
            for key in one.reads:
                self.readers[key].append(one)
            if isinstance(one, Derivation) and one.writes is not None:
                self.writers[one.writes].append(one)
        self._rank = ranks(rules)
        for kind, terms in ((OWL.AnnotationProperty, _ANNOTATIONS), (RDFS.Datatype, DATATYPES)):  # prp-ap, dt-type1
            # They speak of the vocabularies alone, and matter only where axioms speak of their classes.
            if ~self.number(kind) in self.readers:
                self.assume(~self.number(kind), np.array([self.number(term) for term in terms], dtype=np.int64))
        for cls, items in axioms.lists(OWL.oneOf):  # cls-oo
            self.assume(~cls, np.array(items, dtype=np.int64))
        if first:
            self._unopened = {key for key, held in self.relations.items() if len(held)}
            for key in self._unopened:
                self._waiting.setdefault(key, [])
        self._queue = [(self.rank(key), key) for key in self._waiting]
        heapq.heapify(self._queue)
        if not first:
            for key, new in grown:
                self._fire(key, new)
        for one in rules:
            if one not in known and (not first or self.same_as in one.reads):
                key = self.same_as if self.same_as in one.reads else one.reads[0]
                held = self.look_up(key).all()
                if len(held):
                    self._apply(one, key, held)

    def _grow(self, key: int, numbers: list[int], grown: list[tuple[int, Numbers]]) -> None:
        if numbers:
            new = self.relation(key).add(np.sort(np.array(numbers, dtype=np.int64)))
            if len(new):
                grown.append((key, new))

    def same_as_number(self, number: int) -> list[int]:
        """All numbers that one stands for, itself included."""
        return [number] if self._same is None else np.flatnonzero(self._same == number).tolist()

    def counts_higher(self, prop: NamedNode) -> bool:
        """Whether a property that says how many values are allowed says anything but none and one."""
        values = distinct(right(self.relation(self.number(prop)).all()))
        return any(not self._cardinality(value) for value in values.tolist())

    def rewritten(self, same: Numbers) -> Engine:
        """The same facts where one number stands for all that are the same; nothing has been fired on them yet."""
        new = Engine(self.dictionary, same)
        parts: dict[int, list[Numbers]] = defaultdict(list)
        for key, held in self.relations.items():
            numbers = held.all()
            if key < 0:
                parts[~int(same[~key])].append(same[numbers])
            elif int(same[key]) == new.type:
                for cls, members in _by_class(pack(same[left(numbers)], same[right(numbers)])):
                    parts[~cls].append(members)
            else:
                parts[int(same[key])].append(pack(same[left(numbers)], same[right(numbers)]))
        for key, some in parts.items():
            numbers = distinct(np.concatenate(some))
            if key == new.same_as:
                new._set_equal(numbers)
            else:
                new.relations[key] = Relation(numbers)
        return new

    def _silent(self, key: int) -> bool:
        if key >= 0 or key in self.schema:
            return False
        return self._same is None and bool(self.dictionary.kinds()[~key] != Kind.NAMED)

    def _cardinality(self, number: int) -> frozenset[int]:
        """Which of none and one a literal says, or what is the same as it."""
        said = (_none_or_one(self.dictionary.term(one)) for one in self.same_as_number(number))
        return frozenset(count for count in said if count is not None)


def _none_or_one(term: Term) -> int | None:
    if isinstance(term, Literal) and space_of(term.datatype)[1] == "decimal":
        try:
            value = float(term.value)
        except ValueError:
            return None
        return int(value) if value in (0, 1) else None
    return None


def _by_class(pairs: Numbers) -> Iterable[tuple[int, Numbers]]:
    turned = np.sort((pairs << np.int64(32)) | (pairs >> np.int64(32)))
    classes = left(turned)
    starts = np.flatnonzero(np.diff(classes)) + 1
    for part in np.split(turned, starts):
        if len(part):
            yield int(part[0] >> 32), right(part)
