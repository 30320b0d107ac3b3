"""From columns to what follows from them, all at once or bit by bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from kg.columns import Columns, Dictionary, Numbers
from kg.errors import Inconsistency
from kg.reasoning.base import Certificate
from kg.reasoning.compiled.datatypes import ill_formed, literals, types_of
from kg.reasoning.compiled.engine import Engine
from kg.reasoning.compiled.equality import representatives
from kg.reasoning.compiled.relations import left, right
from kg.reasoning.compiled.results import inferred, spread_out
from kg.reasoning.compiled.rules import Clash, MaxCardinality, Rule
from kg.terms import PREFIXES, local_name
from kg.vocab import OWL

__all__ = ["ColumnClosure", "State", "close_columns", "extend", "open_state"]

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


@dataclass
class State:
    """A graph with all that follows from it, ready for more.

    Attributes:
        given: what was given so far.
        closure: what follows from it.
    """

    given: Columns
    dictionary: Dictionary
    closure: ColumnClosure
    engine: Engine
    same: Numbers | None


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
    """As :func:`close_columns`, and keep what :func:`extend` needs."""
    engine, same = Engine(dictionary), None
    engine.load(given)
    texts = literals(given, dictionary) if len(given) else np.empty(0, dtype=np.int64)
    for datatype, members in types_of(texts, dictionary):
        engine.relation(~datatype).add(members)
    engine.run()
    while engine.equal:
        same = representatives(np.concatenate(engine.equal), len(dictionary), same)
        engine = engine.rewritten(same)
        engine.run()
    added = inferred(engine) if same is None else spread_out(engine, same, given)
    clashes = {
        *_clashes(engine),
        *(
            _clash(f"{text} is not a value of {local_name(text.datatype.value)} (dt-not-type)", text.datatype)
            for text in ill_formed(texts, dictionary)
        ),
    }
    certificate = _certificate(given, engine, len(added), typed=bool(len(texts)))
    return State(given, dictionary, ColumnClosure(added, tuple(sorted(clashes)), certificate), engine, same)


def extend(state: State, added: Columns) -> ColumnClosure:
    """Add triples to a graph and find what follows from them that did not follow before.

    The time depends on what is added and what follows from it, not on the size of the graph; only where something turns
    out to be the same as something else is all of it closed again.

    Args:
        state: the graph, which is changed.
        added: more triples, in the numbers of the state's dictionary.

    Returns:
        Only what is newly inferred, all inconsistencies, and the certificate of the whole graph.
    """
    engine = state.engine
    before = state.closure
    since = {key: len(held.added) for key, held in engine.relations.items()}
    whole = Columns.joined([state.given, added])
    if state.same is None and not engine.reads_equality:
        engine.add(added)
        texts = literals(added, state.dictionary)
        for datatype, members in types_of(texts, state.dictionary):
            engine.relation(~datatype).add(members)
        if not len(texts):
            engine.run()
            if not engine.equal:
                new = _without(inferred(engine, since), added, state.dictionary)
                state.given = whole
                clashes = tuple(sorted({*before.inconsistencies, *_clashes(engine)}))
                certificate = _joined(before.certificate, _certificate(added, engine, len(new), typed=False))
                state.closure = ColumnClosure(Columns.joined([before.inferred, new]), clashes, certificate)
                return ColumnClosure(new, clashes, certificate)
    again = open_state(whole, state.dictionary)
    new = _without(again.closure.inferred, before.inferred, state.dictionary)
    state.given, state.closure, state.engine, state.same = whole, again.closure, again.engine, again.same
    return ColumnClosure(new, again.closure.inconsistencies, again.closure.certificate)


def _without(columns: Columns, known: Columns, dictionary: Dictionary) -> Columns:
    """The triples of some columns that others do not have."""
    if not len(columns) or not len(known):
        return columns
    seen = set(zip(known.subject.tolist(), known.predicate.tolist(), known.object.tolist(), strict=True))
    rows = zip(columns.subject.tolist(), columns.predicate.tolist(), columns.object.tolist(), strict=True)
    return columns.where(np.array([row not in seen for row in rows], dtype=np.bool_))


def _joined(before: Certificate, more: Certificate) -> Certificate:
    return Certificate(
        ENGINE,
        before.axioms + more.axioms,
        tuple(sorted({*before.unsupported, *more.unsupported})),
        before.given + more.given,
        before.inferred + more.inferred,
    )


def _certificate(given: Columns, engine: Engine, added: int, *, typed: bool) -> Certificate:
    dictionary = engine.dictionary
    predicates, counts = np.unique(given.predicate, return_counts=True)
    names = [dictionary.term(int(number)) for number in predicates]
    axioms = sum(
        int(count)
        for term, count in zip(names, counts, strict=True)
        if isinstance(term, NamedNode) and term.value.startswith(OWL.base)
    )
    beyond = set()
    present = {int(n) for n in predicates}
    for name in BEYOND:
        number = dictionary.find(NamedNode(PREFIXES["owl"] + name))
        if number >= 0 and (number in present or (given.object == number).any()):
            beyond.add(name)
    # The rules know at most none and at most one.
    beyond |= {local_name(prop.value) for prop in _COUNTED if engine.counts_higher(prop)}
    if typed:
        # Literals are compared as terms, not by value.
        beyond |= {"dt-diff", "dt-eq"}
    return Certificate(ENGINE, axioms, tuple(sorted(beyond)), len(given), added)


def _clashes(engine: Engine) -> list[Inconsistency]:
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
        return _clash(f"{_name(terms[0])} is said to be different from itself ({rule})", *terms)
    *first, last = map(_name, terms)
    words = f"{', '.join(first)} and {last} are the same and said to be different ({rule})"
    return _clash(words, *terms)


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
        found.append(_clash(f"{words} ({rule.rule})", x, y, *about))
    return found


def _clash(words: str, *nodes: object) -> Inconsistency:
    return Inconsistency(words, tuple(sorted({n.value for n in nodes if isinstance(n, NamedNode)})))


def _name(term: object) -> str:
    return local_name(term.value) if isinstance(term, NamedNode) else str(term)
