"""A closure that is changed bit by bit against one that is worked out anew, on random ontologies, data and changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Triple

from kg.columns import Columns, Dictionary
from kg.reasoning import ReferenceReasoner
from kg.reasoning.compiled import State, open_state, reasoner
from tests.properties.ontologies import (
    CLASHES,
    DATA,
    DECLARED,
    EQUALITY,
    HIERARCHY,
    NAMED,
    ODD,
    PLAIN,
    SETTINGS,
    triples,
)


@dataclass(frozen=True)
class History:
    """Statements given at first, and what is added and removed, one change after the other."""

    first: Sequence[frozenset[Triple]]
    changes: Sequence[tuple[Sequence[frozenset[Triple]], Sequence[frozenset[Triple]]]]


@st.composite
def histories(
    draw: Callable[..., list[str]],
    axioms: list[st.SearchStrategy[str]],
    data: list[st.SearchStrategy[str]],
    changing: list[st.SearchStrategy[str]],
) -> History:
    fixed = draw(st.lists(st.one_of(*axioms), min_size=1, max_size=7))
    held = draw(st.lists(st.one_of(*data), min_size=2, max_size=12))
    more = draw(st.lists(st.one_of(*changing), min_size=1, max_size=6))
    # A statement is parsed once, so that its anonymous nodes are the same when it is removed.
    parsed = {text: frozenset(triples(text)) for text in [DECLARED, *fixed, *held, *more]}
    pool = held + more + (fixed if changing is not data else [])
    some = st.lists(st.sampled_from([parsed[text] for text in pool]), max_size=5)
    changes = draw(st.lists(st.tuples(some, some), min_size=1, max_size=4))
    return History([parsed[text] for text in [DECLARED, *fixed, *held]], changes)  # type: ignore[arg-type]


def told(columns: Columns, dictionary: Dictionary) -> frozenset[Triple]:
    found = list(columns.decode(dictionary))
    assert len(found) == len(set(found))
    return frozenset(found)


def follow(history: History) -> list[State]:
    """Make the changes, and hold each to what is closed anew."""
    dictionary = Dictionary()

    def encoded(statements: Sequence[frozenset[Triple]]) -> Columns:
        return Columns.encode(set().union(*statements), dictionary)

    state = open_state(encoded(history.first), dictionary)
    held: set[Triple] = set().union(*history.first)
    states, closures = [state], [told(state.closure.inferred, dictionary)]
    for added, removed in history.changes:
        before, now = set(held), held.difference(*removed).union(*added)
        state, gained, lost = states[-1].changed(encoded(added), encoded(removed))
        whole = open_state(Columns.encode(now, dictionary), dictionary)
        expected = told(whole.closure.inferred, dictionary)
        assert told(gained, dictionary) == expected - closures[-1]
        assert told(lost, dictionary) == closures[-1] - expected
        assert told(state.closure.inferred, dictionary) == expected
        assert state.inconsistencies == whole.inconsistencies
        assert state.certificate == whole.certificate
        assert told(state.given, dictionary) == now
        # And back again: the same as before, the other way round.
        back, regained, relost = state.changed(
            Columns.encode(before - now, dictionary), Columns.encode(now - before, dictionary)
        )
        assert told(back.closure.inferred, dictionary) == closures[-1]
        assert (told(regained, dictionary), told(relost, dictionary)) == (
            told(lost, dictionary),
            told(gained, dictionary),
        )
        assert back.inconsistencies == states[-1].inconsistencies
        held = now
        states.append(state)
        closures.append(expected)
    # No state was touched by what was made of it.
    fresh = {
        key: set(rel.all().tolist()) for key, rel in open_state(states[0].given, dictionary).engine.relations.items()
    }
    assert fresh == {key: set(rel.all().tolist()) for key, rel in states[0].engine.relations.items()}
    for one, closure in zip(states, closures, strict=True):
        again = State(dictionary, one._facts, one.engine, one.same, one.inconsistencies, one.certificate)
        if one.same is None:
            assert told(again.closure.inferred, dictionary) == closure
    return states


@given(history=histories(PLAIN, NAMED, NAMED))
@SETTINGS
def test_changes_of_data_are_followed_without_closing_all_again(history: History) -> None:
    closing = reasoner._open
    opened = []

    def spy(*args: object) -> State:
        opened.append(args)
        return closing(*args)  # type: ignore[arg-type]

    with patch.object(reasoner, "_open", spy):
        follow(history)
    # The first state, the one it is compared with at the end, and one to compare each change with.
    assert len(opened) == 2 + len(history.changes)


@given(history=histories(HIERARCHY, DATA, DATA))
@SETTINGS
def test_changes_of_data_with_literals(history: History) -> None:
    follow(history)


@given(history=histories(HIERARCHY + EQUALITY + CLASHES, DATA, DATA + EQUALITY))
@SETTINGS
def test_changes_that_make_things_the_same_or_clash(history: History) -> None:
    follow(history)


@given(history=histories(HIERARCHY + ODD, DATA, DATA + HIERARCHY + ODD))
@SETTINGS
def test_changes_of_axioms(history: History) -> None:
    follow(history)


@given(history=histories(HIERARCHY, NAMED, NAMED))
@SETTINGS
def test_changes_give_what_the_reference_gives(history: History) -> None:
    dictionary = Dictionary()
    state = open_state(Columns.encode(set().union(*history.first), dictionary), dictionary)
    held: set[Triple] = set().union(*history.first)
    for added, removed in history.changes:
        held = held.difference(*removed).union(*added)
        state = state.changed(
            *(Columns.encode(set().union(*part), dictionary) for part in (added, removed)),
        ).state
    assert told(state.closure.inferred, dictionary) == ReferenceReasoner().close(held).inferred


CIRCLES = [
    (":p a owl:SymmetricProperty .", ":a :p :b .", {":b :p :a ."}),
    (
        ":p a owl:TransitiveProperty .",
        ":a :p :b . :b :p :a . :b :p :c .",
        {":a :p :a .", ":b :p :b .", ":a :p :c ."},
    ),
    (
        ":p owl:inverseOf :q . :p a owl:SymmetricProperty . :q rdfs:subPropertyOf :p .",
        ":a :p :b .",
        {":a :q :b .", ":b :p :a .", ":b :q :a ."},
    ),
    (
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :A .",
        ":a a :A .",
        {":a a :B .", ":a a :C ."},
    ),
    (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :A ] . "
        "[ owl:onProperty :p ; owl:someValuesFrom :A ] rdfs:subClassOf :A . :b :p :c . :c :p :b .",
        ":a :p :b . :a a :A .",
        {":b a :A .", ":c a :A ."},
    ),
    (
        ":A owl:equivalentClass [ owl:onProperty :p ; owl:hasValue :c ] . :A rdfs:domain :A .",
        ":a :p :c .",
        {":a a :A ."},
    ),
    (":p owl:propertyChainAxiom ( :p :q :p ) . :b :q :b .", ":a :p :b . :b :p :c .", {":a :p :c ."}),
]


@pytest.mark.parametrize(("axioms", "support", "derived"), CIRCLES)
def test_what_supports_only_itself_goes(axioms: str, support: str, derived: set[str]) -> None:
    dictionary = Dictionary()
    statement = Columns.encode(triples(support), dictionary)
    state = open_state(Columns.encode(triples(axioms), dictionary), dictionary)
    with patch.object(reasoner, "_open", side_effect=AssertionError("all was closed again")):
        more = state.changed(statement, Columns.empty())
        less = more.state.changed(Columns.empty(), statement)
    expected = triples("\n".join(derived))
    assert told(more.gained, dictionary) == told(less.lost, dictionary) == expected
    assert not len(less.gained)
    assert not len(less.state.closure.inferred) or told(less.state.closure.inferred, dictionary).isdisjoint(expected)


TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
MANY = "".join(f":m{n} :p :n{n} . " for n in range(9))
CASES = {
    "a domain, until its last reason": (
        f":p rdfs:domain :A . :a :p :b . :a :p :c . {MANY}",
        [("", ":a :p :b ."), ("", ":a :p :c .")],
    ),
    "a range, until its last reason": (
        f":p rdfs:range :A . :a :p :c . :b :p :c . :c :p :d . {MANY}",
        [("", ":a :p :c ."), ("", ":b :p :c .")],
    ),
    "all values, until the last reason": (
        f":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :A ] . :a a :C . :b a :C . {MANY}"
        ":a :p :c . :b :p :c .",
        [("", ":a :p :c ."), ("", ":b :p :c .")],
    ),
    "a chain, until its last way": (
        f":r owl:propertyChainAxiom ( :p :q :s ) . {MANY} :a :p :b , :c . :b :q :d . :c :q :d . :d :s :e , :f .",
        [("", ":a :p :b ."), ("", ":d :s :f ."), ("", ":a :p :c .")],
    ),
    "many ends of a chain": (
        ":r owl:propertyChainAxiom ( :p :q ) . :a :p :b , :c . :b :q :d , :e , :f . :c :q :d , :e . :g :p :b .",
        [("", ":a :p :b ."), ("", ":a :p :c ."), (":a :p :b .", "")],
    ),
    "one part of an intersection": (
        ":C owl:intersectionOf ( :A :B ) . :a a :A , :B . :b a :A , :B .",
        [("", ":a a :A ."), ("", ":b a :B .")],
    ),
    "an axiom that data state": (
        ":p rdfs:subPropertyOf rdfs:subClassOf . :A :p :B . :a a :A .",
        [("", ":A :p :B ."), (":A :p :B .", "")],
    ),
    "a kind of property that data state": (
        ":p rdfs:range owl:TransitiveProperty . :a :q :b . :b :q :c .",
        [(":x :p :q .", ""), ("", ":x :p :q .")],
    ),
    "types as a property": (
        f":p rdfs:subPropertyOf {TYPE} . :C rdfs:subClassOf :D . :a :p :C .",
        [("", ":a :p :C ."), (":a :p :C .", "")],
    ),
    "a property of types": (
        f"{TYPE} rdfs:subPropertyOf :p . :A rdfs:subClassOf :B . :a a :A .",
        [("", ":a a :A ."), (":b a :A .", "")],
    ),
    "what is the same": (
        ":p a owl:FunctionalProperty . :a :p :b . :b a :A .",
        [(":a :p :c .", ""), ("", ":a :p :c .")],
    ),
    "a clash": (
        ":A owl:disjointWith :B . :a a :A . :p a owl:AsymmetricProperty . :a :p :b .",
        [(":a a :B . :b :p :a .", ""), ("", ":a a :A ."), ("", ":b :p :a .")],
    ),
}


@pytest.mark.parametrize(("first", "changes"), CASES.values(), ids=list(CASES))
def test_a_change_of(first: str, changes: list[tuple[str, str]]) -> None:
    made = [([frozenset(triples(added))], [frozenset(triples(removed))]) for added, removed in changes]
    follow(History([frozenset(triples(f"{DECLARED} {first}"))], made))


def test_a_large_change_is_closed_anew_with_the_same_answer() -> None:
    dictionary = Dictionary()
    state = open_state(Columns.encode(triples(":A rdfs:subClassOf :B ."), dictionary), dictionary)
    many = Columns.encode(triples(" ".join(f":x{n} a :A ." for n in range(1_000))), dictionary)
    with patch.object(reasoner, "_open", wraps=reasoner._open) as opened:
        more = state.changed(many, Columns.empty())
        less = more.state.changed(Columns.empty(), many)
    assert opened.call_count == 2
    expected = triples(" ".join(f":x{n} a :B ." for n in range(1_000)))
    assert told(more.gained, dictionary) == told(less.lost, dictionary) == expected
    assert not len(more.lost)
    assert not len(less.gained)


def test_what_has_another_reason_comes_back_step_by_step() -> None:
    dictionary = Dictionary()
    axioms = "[ owl:onProperty :p ; owl:someValuesFrom :A ] rdfs:subClassOf :A ."
    chain = ":a :p :b . :b :p :c . :c :p :d , :e . :e a :A ."
    state = open_state(Columns.encode(triples(f"{axioms} {chain}"), dictionary), dictionary)
    said = Columns.encode(triples(":d a :A ."), dictionary)
    more = state.changed(said, Columns.empty())
    less = more.state.changed(Columns.empty(), said)
    assert [len(part) for part in (more.gained, more.lost, less.gained, less.lost)] == [0, 0, 0, 0]
    expected = triples(":a a :A . :b a :A . :c a :A .")
    assert told(less.state.closure.inferred, dictionary) == expected
    less = less.state.changed(Columns.empty(), Columns.encode(triples(":c :p :e ."), dictionary))
    assert told(less.lost, dictionary) == expected


def test_what_is_given_no_longer_may_still_follow() -> None:
    dictionary = Dictionary()
    state = open_state(Columns.encode(triples(":A owl:oneOf ( :a ) . :A rdfs:subClassOf :B ."), dictionary), dictionary)
    said = Columns.encode(triples(":a a :A . :a a :B ."), dictionary)
    more = state.changed(said, Columns.empty())
    assert told(more.lost, dictionary) == told(said, dictionary), "now it is given"
    less = more.state.changed(Columns.empty(), said)
    assert told(less.gained, dictionary) == told(said, dictionary)


def test_a_change_that_is_none_gives_the_same_state() -> None:
    dictionary = Dictionary()
    held = Columns.encode(triples(":A rdfs:subClassOf :B . :a a :A ."), dictionary)
    absent = Columns.encode(triples(":b a :A . :a :p :b ."), dictionary)
    state = open_state(held, dictionary)
    for added, removed in ((held, held), (held, absent), (Columns.empty(), absent), (Columns.empty(), Columns.empty())):
        change = state.changed(added, removed)
        assert change.state is state
        assert not len(change.gained)
        assert not len(change.lost)
