"""From columns to what follows from them, all at once or change by change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from pyoxigraph import Literal, NamedNode

from kg.columns import Columns, Dictionary, Numbers, found_in
from kg.errors import Inconsistency
from kg.reasoning.base import Certificate
from kg.reasoning.compiled.changing import Facts, change_of, maintained, outside
from kg.reasoning.compiled.comparing import compared_as_written
from kg.reasoning.compiled.datatypes import DATATYPES, ill_formed, literals, types_of
from kg.reasoning.compiled.engine import Engine, by_relation
from kg.reasoning.compiled.equality import representatives
from kg.reasoning.compiled.findings import Clash, MaxCardinality
from kg.reasoning.compiled.relations import Relation, left, right
from kg.reasoning.compiled.results import columns, inferred, spread_out, worth_telling
from kg.reasoning.compiled.rules import Rule
from kg.reasoning.compiled.values import differing, same_values, values
from kg.terms import PREFIXES, Term, local_name
from kg.vocab import OWL, RDF, RDFS

__all__ = ["Change", "ColumnClosure", "State", "close_columns", "described_clashes", "open_state"]

ENGINE: Final = "kg compiled"
BEYOND: Final = frozenset(
    {
        "DataRange",
        "ReflexiveProperty",
        "cardinality",
        "datatypeComplementOf",
        "disjointUnionOf",
        "hasSelf",
        "minCardinality",
        "minQualifiedCardinality",
        "onDataRange",
        "onDatatype",
        "onProperties",
        "qualifiedCardinality",
        "rational",
        "real",
        "withRestrictions",
        "bottomDataProperty",
        "bottomObjectProperty",
        "topDataProperty",
        "topObjectProperty",
    }
)
"""Terms of OWL 2 that no OWL 2 RL/RDF rule speaks of; axioms with them are given but not used."""
Statement: TypeAlias = tuple[Term, Term, Term]
_COUNTED: Final = (OWL.maxCardinality, OWL.maxQualifiedCardinality)


@dataclass(frozen=True)
class ColumnClosure:
    """What follows from some columns.

    Attributes:
        inferred: the triples added, without noise and without those given, each once, in no particular order.
        inconsistencies: contradictions found, sorted.
        certificate: what was done.
    """

    inferred: Columns
    inconsistencies: tuple[Inconsistency, ...]
    certificate: Certificate


class State:
    """A graph with all that follows from it. It never changes; :meth:`changed` gives another, which shares its arrays.

    Attributes:
        dictionary: the terms.
        engine: the closure by relation, at rest.
        same: for each number the one that stands for all that are the same; ``None`` where nothing is.
        inconsistencies: contradictions found, sorted.
        certificate: what was done.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        facts: Facts,
        engine: Engine,
        same: Numbers | None,
        inconsistencies: tuple[Inconsistency, ...],
        certificate: Certificate,
        added: Columns | None = None,
    ) -> None:
        self.dictionary, self._facts, self.engine, self.same = dictionary, facts, engine, same
        self.inconsistencies, self.certificate, self._added = inconsistencies, certificate, added

    @property
    def given(self) -> Columns:
        """What is given, each triple once; put together at each call."""
        parts = ((key, held.all()) for key, held in self._facts.items())
        return columns(parts, self.dictionary.number(RDF.type))

    @property
    def closure(self) -> ColumnClosure:
        """All that follows; put together at the first call."""
        if self._added is None:
            closed, given = (
                {key: held.all() for key, held in held_by.items()} for held_by in (self.engine.relations, self._facts)
            )
            self._added = worth_telling(_without(closed, given), self.dictionary)
        return ColumnClosure(self._added, self.inconsistencies, self.certificate)

    def changed(self, added: Columns, removed: Columns) -> Change:
        """The graph after triples are removed and others added, and what that changes.

        The time depends on what is changed and what hangs on it, not on the size of the graph. All of it is closed
        again only where much of it changes, where axioms are touched, or terms of the vocabularies or literals, where
        something is the same as something else, or where there is a contradiction.

        Args:
            added: triples, in the numbers of the dictionary; one that is given already changes nothing.
            removed: likewise; one that is not given changes nothing, and one that is added too is given afterwards.

        Example:
            >>> from pyoxigraph import Triple
            >>> from kg.vocab import FOEDUS, RDFS
            >>> cat, dictionary = NamedNode("https://example.org/cat"), Dictionary()
            >>> schema = [Triple(FOEDUS.State, RDFS.subClassOf, FOEDUS.Actor)]
            >>> state = open_state(Columns.encode(schema, dictionary), dictionary)
            >>> more = Columns.encode([Triple(cat, RDF.type, FOEDUS.State)], dictionary)
            >>> with_cat, gained, _ = state.changed(more, Columns.empty())
            >>> [triple.object.value for triple in gained.decode(dictionary)]
            ['https://w3id.org/foedus/ns#Actor']
            >>> [len(part) for part in with_cat.changed(Columns.empty(), more)[1:]]
            [0, 1]
        """
        edit = change_of(self._facts, added, removed, self.dictionary)
        if not edit.added and not edit.removed:
            return Change(self, Columns.empty(), Columns.empty())
        facts = edit.applied(self._facts)
        plain = self.same is None and not self.inconsistencies
        found = maintained(self.engine, facts, edit) if plain else None
        if found is None:
            return self._closed_again(facts)
        engine, touched = found
        before, after = (self.engine, self._facts), (engine, facts)
        gained = worth_telling(outside(after, before, touched), self.dictionary)
        lost = worth_telling(outside(before, after, touched), self.dictionary)
        more, less = edit.counts
        certificate = replace(
            self.certificate,
            given=self.certificate.given + more - less,
            inferred=self.certificate.inferred + len(gained) - len(lost),
        )
        return Change(State(self.dictionary, facts, engine, None, (), certificate), gained, lost)

    def _closed_again(self, facts: Facts) -> Change:
        again = _open(facts, self.dictionary)
        kind = self.dictionary.number(RDF.type)
        before, after = (by_relation(state.closure.inferred, kind) for state in (self, again))
        return Change(again, columns(_without(after, before), kind), columns(_without(before, after), kind))


class Change(NamedTuple):
    """What a change to what is given leads to.

    Attributes:
        state: the graph after it.
        gained: the triples that are inferred after it and were not before.
        lost: the triples that were inferred before it and are no longer, some because they are now given.
    """

    state: State
    gained: Columns
    lost: Columns


def close_columns(given: Columns, dictionary: Dictionary) -> ColumnClosure:
    """Everything that OWL 2 RL adds to some triples.

    Args:
        given: schema and data; a triple may come twice.
        dictionary: their terms; those of the vocabularies are added to it.

    Example:
        >>> from pyoxigraph import Triple
        >>> from kg.vocab import FOEDUS, RDF, RDFS
        >>> cat, dictionary = NamedNode("https://example.org/cat"), Dictionary()
        >>> given = [Triple(cat, RDF.type, FOEDUS.State), Triple(FOEDUS.State, RDFS.subClassOf, FOEDUS.Actor)]
        >>> closure = close_columns(Columns.encode(given, dictionary), dictionary)
        >>> [triple.object.value for triple in closure.inferred.decode(dictionary)]
        ['https://w3id.org/foedus/ns#Actor']
    """
    return open_state(given, dictionary).closure


def open_state(given: Columns, dictionary: Dictionary) -> State:
    """As :func:`close_columns`, and keep what :meth:`State.changed` needs."""
    facts = by_relation(given, dictionary.number(RDF.type))
    return _open({key: Relation(numbers) for key, numbers in facts.items()}, dictionary)


def _open(facts: Facts, dictionary: Dictionary) -> State:
    engine, same = Engine(dictionary), None
    engine.load(facts)
    texts = literals(facts, dictionary)
    for datatype, members in types_of(texts, dictionary):
        engine.assume(~datatype, members)
    worth = values(texts, dictionary)
    engine.equate(same_values(texts, worth))  # dt-eq
    engine.run()
    while engine.equal:
        same = representatives(np.concatenate(engine.equal), len(dictionary), same)
        engine = engine.rewritten(same)
        engine.run()
    added = inferred(engine) if same is None else spread_out(engine, same, facts)
    clashes = {
        *described_clashes(engine),
        *(_ill_formed(number, facts, dictionary) for number in ill_formed(texts, dictionary)),
        *(_differing(some, facts, dictionary) for some in ([] if same is None else differing(texts, worth, same))),
    }
    written = compared_as_written(texts, worth, same, engine)
    certificate = _certificate(facts, engine, len(added), written, typed=bool(len(texts)))
    return State(dictionary, facts, engine, same, tuple(sorted(clashes)), certificate, added)


def _without(parts: Mapping[int, Numbers], known: Mapping[int, Numbers]) -> Iterator[tuple[int, Numbers]]:
    for key, numbers in parts.items():
        yield key, numbers[~found_in(numbers, known[key])] if key in known else numbers


def _certificate(facts: Facts, engine: Engine, added: int, written: set[str], *, typed: bool) -> Certificate:
    dictionary = engine.dictionary
    axioms = 0
    for key, held in facts.items():
        term = dictionary.term(key) if key >= 0 else RDF.type
        axioms += len(held) if isinstance(term, NamedNode) and term.value.startswith(OWL.base) else 0
    beyond = set()
    for name in BEYOND:
        number = dictionary.find(NamedNode(PREFIXES["owl"] + name))
        if number >= 0 and (
            number in facts
            or ~number in facts
            or any(key >= 0 and (right(held.all()) == number).any() for key, held in facts.items())
        ):
            beyond.add(name)
    # The rules know at most none and at most one.
    beyond |= {local_name(prop.value) for prop in _COUNTED if engine.counts_higher(prop)}
    if typed and _gives_datatypes(engine):
        beyond.add("dt-not-type")
    if typed and _reads_differences(engine):
        beyond.add("dt-diff")
    beyond |= {f"{datatype} (compared as written)" for datatype in written}
    if engine.broken_lists:
        beyond.add("List (not well-formed)")
    return Certificate(ENGINE, axioms, tuple(sorted(beyond)), sum(map(len, facts.values())), added)


def _gives_datatypes(engine: Engine) -> bool:
    """Whether an axiom makes whatever literal it finds a member of a datatype."""
    datatypes = [engine.dictionary.find(datatype) for datatype in DATATYPES]
    axioms = (engine.relation(engine.number(prop)) for prop in (RDFS.range, OWL.allValuesFrom))
    return any(np.isin(right(held.all()), datatypes).any() for held in axioms)


def _reads_differences(engine: Engine) -> bool:
    """Whether more than a clash would follow from two literals being different, of which no note is made."""
    readers = engine.readers.get(engine.number(OWL.differentFrom), ())
    return any(not isinstance(rule, Clash) for rule in readers)


def described_clashes(engine: Engine) -> list[Inconsistency]:
    """The contradictions that an engine has found, in words."""
    found = []
    for rule, parts in engine.clashes.items():
        for numbers in parts:
            if isinstance(rule, tuple):
                found.append(_difference(rule[0], rule[1], engine))
            elif isinstance(rule, Clash) and rule.rule == "eq-diff1":
                found += [_difference(rule.rule, number, engine) for number in left(numbers).tolist()]
            else:
                found += _described(rule, numbers, engine)
    return found


def _difference(rule: str, number: int, engine: Engine) -> Inconsistency:
    """What is the same and said to be different."""
    terms = sorted((engine.dictionary.term(one) for one in engine.same_as_number(number)), key=str)
    if len(terms) == 1:
        itself = [(terms[0], OWL.differentFrom, terms[0])]
        return _clash(rule, f"{_name(terms[0])} is said to be different from itself", itself, terms)
    *first, last = map(_name, terms)
    words = f"{', '.join(first)} and {last} are the same and said to be different"
    return _clash(rule, words, [(one, OWL.sameAs, other) for one, other in pairwise(terms)], terms)


def _described(rule: Rule, numbers: Numbers, engine: Engine) -> list[Inconsistency]:
    assert isinstance(rule, Clash | MaxCardinality)
    term = engine.dictionary.term
    about = [term(number) for number in rule.about]
    of_class = isinstance(rule, Clash) and rule.one < 0
    xs = numbers if of_class else left(numbers)
    ys = numbers if of_class else right(numbers)
    found = []
    for x, y in zip(map(term, xs.tolist()), map(term, ys.tolist()), strict=True):
        words = rule.words.format(*map(_name, about), x=_name(x), y=_name(y))
        found.append(_clash(rule.rule, words, _clashing(rule, x, y, term), [x, y, *about]))
    return found


def _clashing(rule: Clash | MaxCardinality, x: Term, y: Term, term: Callable[[int], Term]) -> Iterator[Statement]:
    """The triples in which a rule finds a clash."""

    def said(key: int, one: Term, other: Term) -> Statement:
        return (one, RDF.type, term(~key)) if key < 0 else (one, term(key), other)

    if isinstance(rule, MaxCardinality):
        yield said(rule.cls, x, x)
        yield said(rule.prop, x, y)
        if rule.filler is not None:
            yield said(rule.filler, y, y)
        return
    yield said(rule.one, x, y)
    if rule.two is not None:
        yield said(rule.two, y, x) if rule.turned else said(rule.two, x, y)


def _differing(numbers: Numbers, facts: Facts, dictionary: Dictionary) -> Inconsistency:
    """Literals that would have to be the same, and have not one value."""
    said = [statement for number in numbers.tolist() for statement in _saying(number, facts, dictionary)]
    *first, last = sorted(map(str, dictionary.terms(numbers)))
    words = f"{', '.join(first)} and {last} would have to be the same, and differ in value"
    return _clash("dt-diff", words, said, [part for one in said for part in one])


def _saying(number: int, facts: Facts, dictionary: Dictionary) -> Iterator[Statement]:
    """The triples that a literal is in."""
    term = dictionary.term
    for key, held in facts.items():
        if key >= 0:
            pairs = held.all()
            for subject in left(pairs[right(pairs) == number]).tolist():
                yield term(subject), term(key), term(number)


def _ill_formed(number: int, facts: Facts, dictionary: Dictionary) -> Inconsistency:
    """A literal that does not read as what its datatype says."""
    literal = dictionary.term(number)
    assert isinstance(literal, Literal)
    said = list(_saying(number, facts, dictionary))
    words = f"{literal} is not a value of {local_name(literal.datatype.value)}"
    return _clash("dt-not-type", words, said, [literal.datatype, *(part for one in said for part in one)])


def _clash(rule: str, words: str, triples: Iterable[Statement], nodes: Iterable[object]) -> Inconsistency:
    named = tuple(sorted({n.value for n in nodes if isinstance(n, NamedNode)}))
    written = ((str(subject), str(predicate), str(obj)) for subject, predicate, obj in triples)
    return Inconsistency(f"{words} ({rule})", named, rule, tuple(sorted({*written})))


def _name(term: object) -> str:
    return local_name(term.value) if isinstance(term, NamedNode) else str(term)
