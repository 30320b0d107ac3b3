"""A derivation that is changed: always what a new one from the changed facts would be, and it stays as it was."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import NamedNode, Triple

from kg.columns import Columns, Dictionary
from kg.rules import Rule
from kg.rules.deriving import Derivation
from tests.unit.test_rules import PATTERNS, facts, rule

STRATA = {
    "two strata": ["?x :p ?y", "?x :made ?y . ?y :from ?z"],
    "a later stratum asks what is not made": ["?x :p ?y . ?y a :K", "?x :p ?y FILTER NOT EXISTS { ?x :made ?y }"],
    "what is made is a fact too": ["?x :p ?y . ?y :p ?z BIND(:b AS ?b)", "?x :p ?y . ?y :made ?z"],
    "three strata": ["?x :p ?y", "?x :made ?y . ?y a :K", "?x :from ?y FILTER EXISTS { ?y :made ?x }"],
}


def rules(wheres: list[str]) -> list[Rule]:
    return [rule(where, stratum=number) for number, where in enumerate(wheres)]


def check(wheres: list[str], steps: int, seed: int) -> None:
    """A walk of changes, some of one triple and some of many."""
    chance, everything, dictionary = random.Random(seed), facts(), Dictionary()
    held = set(chance.sample(everything, chance.randrange(len(everything) + 1)))
    before = Derivation.of(rules(wheres), encoded(held, dictionary), dictionary)
    for _ in range(steps):
        flipped = set(chance.sample(everything, chance.choice((1, 1, 1, 2, 8))))
        known = decoded(before.derived, dictionary)
        after, gained, lost = before.changed(encoded(flipped - held, dictionary), encoded(flipped & held, dictionary))
        held ^= flipped
        fresh = Dictionary()
        wanted = decoded(Derivation.of(rules(wheres), encoded(held, fresh), fresh).derived, fresh)
        found = list(after.derived.decode(dictionary))
        assert len(found) == len(set(found))
        assert set(found) == wanted
        assert decoded(gained, dictionary) == wanted - known
        assert decoded(lost, dictionary) == known - wanted
        assert decoded(before.derived, dictionary) == known
        before = after


def encoded(triples: set[Triple], dictionary: Dictionary) -> Columns:
    return Columns.encode(sorted(triples, key=str), dictionary)


def decoded(columns: Columns, dictionary: Dictionary) -> set[Triple]:
    return set(columns.decode(dictionary))


@pytest.mark.parametrize("where", PATTERNS.values(), ids=PATTERNS)
def test_each_pattern(where: str) -> None:
    for seed in range(3):
        check([where], 12, seed)


@pytest.mark.parametrize("wheres", STRATA.values(), ids=STRATA)
def test_strata(wheres: list[str]) -> None:
    for seed in range(8):
        check(wheres, 12, seed)


def test_a_triple_goes_with_the_last_that_makes_it() -> None:
    p, made = NamedNode("https://example.org/p"), NamedNode("https://example.org/made")
    a, b, c = (NamedNode(f"https://example.org/{name}") for name in "abc")
    dictionary, nothing = Dictionary(), Columns.empty()
    one, other = (encoded({Triple(a, p, node)}, dictionary) for node in (b, c))
    derivation = Derivation.of([rule("?x :p ?y", "?x :made :it")], Columns.joined([one, other]), dictionary)
    assert {t.predicate for t in derivation.derived.decode(dictionary)} == {made}
    less, gained, lost = derivation.changed(nothing, one)
    assert (len(less.derived), len(gained), len(lost)) == (1, 0, 0)
    none, gained, lost = less.changed(nothing, other)
    assert (len(none.derived), len(gained), len(lost)) == (0, 0, 1)


def test_values_given_twice_count_once() -> None:
    check(["VALUES ?x { :a :a :b } ?x :p ?y . ?y a ?k"], 30, 1)
