"""Rules compiled to columns: each construct against Oxigraph, and what is refused by name."""

from __future__ import annotations

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, QueryTriples, RdfFormat, Triple

from kg.columns import Columns, Dictionary
from kg.errors import RuleError
from kg.rules import Rule, load_rules
from kg.rules.compiling import compile_rule
from kg.rules.deriving import derive
from kg.store.embedded import EmbeddedStore

G = NamedNode("https://example.org/g")
DATA = """
@prefix : <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a a :K ; :p :b, :c ; :q "2000-01-01"^^xsd:date ; :n 5 ; :s "x" .
:b a :K ; :p :a ; :q "1999-12-31"^^xsd:date, "2001-02-28"^^xsd:date ; :n 5.0 ; :s "y"@en .
:c a :L ; :p :c ; :q "2000-02-30"^^xsd:date ; :n "five" ; :s "x" ; :flag true .
:d a :K, :L ; :q "2000-01-01Z"^^xsd:date ; :n -1e0 ; :s :a ; :flag false .
:e :q "2000-01-01"^^xsd:gYear, "2000"^^xsd:gYear, "2001"^^xsd:gYear ; :p "literal" ; :n 7 .
:f a :K ; :q "2000-01-01T12:00:00"^^xsd:dateTime, "2003-05-05+14:00"^^xsd:date ; :s "" ; :p :a, :b .
"""
PATTERNS = {
    "two patterns": "?x a :K ; :p ?y . ?y :p ?z",
    "cycle": "?x :p ?y . ?y :p ?x",
    "self": "?x :p ?x BIND(?x AS ?y)",
    "same object twice": "?x :p ?y ; :s ?y",
    "two classes": "?x a :K, :L BIND(?x AS ?y)",
    "constant subject": ":a :p ?y . ?x a :L",
    "no join": "?x a :L . ?y a :K",
    "union": "{ ?x :p ?y } UNION { ?y :p ?x FILTER(?x != :a) }",
    "union of unlike": "{ ?x :p ?y } UNION { ?x :n ?n }",
    "values": "VALUES (?x ?k) { (:a :K) (:b :L) (:d :L) } ?x a ?k BIND(?k AS ?y)",
    "values of one": "VALUES ?x { :a :c } ?x :p ?y",
    "sub-select": "{ SELECT * WHERE { ?x :p ?y } } { SELECT * WHERE { ?y a :K } }",
    "sub-select that hides": "?x :p ?y { SELECT DISTINCT ?x WHERE { ?x :q ?y } }",
    "optional": "?x :p ?y OPTIONAL { ?y :flag ?z }",
    "optional with a filter": "?x :n ?y OPTIONAL { ?x :p ?z FILTER(?y = 5) }",
    "dates": "?x :q ?d . ?y :q ?e FILTER(?d < ?e)",
    "dates alike": "?x :q ?d . ?y :q ?e FILTER(?d = ?e)",
    "dates unlike": "?x :q ?d . ?y :q ?e FILTER(?d != ?e)",
    "dates up to": "?x :q ?d . ?y :q ?e FILTER(?d >= ?e)",
    "numbers": "?x :n ?d . ?y :n ?e FILTER(?d <= ?e)",
    "equal numbers": "?x :n ?d . ?y :n ?e FILTER(?d = ?e)",
    "not equal": "?x :s ?d . ?y :s ?e FILTER(?d != ?e)",
    "not not": "?x :n ?d . ?y :n ?e FILTER(!(?d < ?e))",
    "strings": "?x :s ?d . ?y :s ?e FILTER(STR(?d) < STR(?e))",
    "plain strings": "?x :s ?d . ?y :s ?e FILTER(?d > ?e)",
    "or with errors": "?x :n ?d ; :s ?y FILTER(?d > 3 || ?y = :a)",
    "and with errors": "?x :n ?d ; :s ?y FILTER(!(?d > 3 && ?y = :a))",
    "in": "?x :p ?y FILTER(?y IN (:a, :c))",
    "not in": "?x :n ?y FILTER(?y NOT IN (5, :c))",
    "boolean value": "?x :flag ?y FILTER(?y)",
    "value of a number": "?x :n ?y FILTER(?y)",
    "value of a string": "?x :s ?y FILTER(?y)",
    "if": "?x :n ?d BIND(IF(?d > 0, :positive, :other) AS ?y)",
    "if of dates": "?x :q ?d . ?x :p ?z BIND(IF(?d <= '2000-06-01'^^xsd:date, ?d, ?z) AS ?y)",
    "bind of a condition": "?x :n ?d BIND(?d = 5 AS ?y)",
    "filter on what is bound": "?x :n ?d BIND(IF(?d > 0, :positive, :other) AS ?y) FILTER(?y = :other)",
    "unbound in a filter": "{ ?x :p ?y } { ?z :flag ?w FILTER(?x != ?z) }",
    "bound": "?x :p ?y OPTIONAL { ?y :flag ?z } FILTER(!BOUND(?z))",
    "exists": "?x :p ?y FILTER EXISTS { ?y :p ?z FILTER(?z != ?x) }",
    "not exists": "?x :p ?y FILTER NOT EXISTS { ?y a :K ; :q ?d FILTER(?x != ?y) }",
    "not exists with an outer date": "?x :q ?d BIND(?x AS ?y) FILTER NOT EXISTS { ?z :q ?e FILTER(?e > ?d) }",
    "exists anywhere": "?x :p ?y BIND(IF(EXISTS { ?any :flag true }, 1, 2) AS ?z)",
    "exists nowhere": "?x :p ?y FILTER EXISTS { ?any :none true }",
    "exists with a union": "?x a :K BIND(?x AS ?y) FILTER EXISTS { { ?x :flag ?f } UNION { ?x :n 5 } }",
    "exists in exists": "?x :p ?y FILTER NOT EXISTS { ?y :p ?z FILTER NOT EXISTS { ?z :p ?x } }",
    "made IRI": "?x :p ?z BIND(IRI(CONCAT(STR(:a), SUBSTR(SHA256(CONCAT(STR(?x), ' ', STR(?z))), 1, 20))) AS ?y)",
    "made text": "?x :s ?z BIND(CONCAT('a', SUBSTR(STR(?z), 2)) AS ?y)",
    "text out of places": "?x :s ?z BIND(SUBSTR(STR(?z), 0, 3) AS ?y)",
    "IRI that is none": "?x :s ?z BIND(IRI(STR(?z)) AS ?y)",
    "nothing": "?x a :None ; :p ?y",
}
REFUSED = {
    "MINUS": "?x :p ?y MINUS { ?x a :K }",
    "LIMIT": "{ SELECT ?x ?y WHERE { ?x :p ?y } LIMIT 3 }",
    "ORDER BY": "{ SELECT ?x ?y WHERE { ?x :p ?y } ORDER BY ?x }",
    "property path": "?x :p+ ?y",
    "variable as predicate": "?x ?p ?y",
    "GRAPH": "GRAPH :g { ?x :p ?y }",
    "REGEX": "?x :p ?y FILTER REGEX(STR(?y), 'a')",
    "arithmetic": "?x :n ?y FILTER(?y + 1 > 2)",
    "UNDEF": "VALUES (?x ?y) { (:a UNDEF) }",
    "aggregate": "{ SELECT ?x (COUNT(*) AS ?y) WHERE { ?x :p ?z } GROUP BY ?x }",
    "join on ?y": "BIND(:b AS ?y) ?x :p ?y",
}


def rule(where: str, template: str = "?x :made ?y . ?y :from ?x . ?x :third ?z", stratum: int = 1) -> Rule:
    prefixes = "PREFIX : <https://example.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
    return Rule("r", "", "", "", stratum, f"{prefixes}CONSTRUCT {{ {template} }} WHERE {{ {where} }}", "00-r.rq")


def facts() -> list[Triple]:
    """The data in the lexical forms of the store, which writes 5.0 as 5."""
    store = EmbeddedStore()
    store.insert(G, (quad.triple for quad in pyoxigraph.parse(DATA, format=RdfFormat.TURTLE)))
    return list(store.triples(G))


def by_columns(rules: list[Rule], triples: list[Triple]) -> list[Triple]:
    dictionary = Dictionary()
    return list(derive(rules, Columns.encode(triples, dictionary), dictionary).decode(dictionary))


def by_sparql(one: Rule, triples: list[Triple]) -> set[Triple]:
    store = EmbeddedStore()
    store.insert(G, triples)
    answer = store.query(one.text, default_graphs=[G])
    assert isinstance(answer, QueryTriples)
    return set(answer)


@pytest.mark.parametrize("where", PATTERNS.values(), ids=PATTERNS)
def test_same_triples_as_sparql(where: str) -> None:
    found = by_columns([rule(where)], facts())
    assert len(found) == len(set(found))
    assert set(found) == by_sparql(rule(where), facts())


def test_patterns_find_something() -> None:
    """The comparison would be empty praise if hardly any pattern had solutions."""
    empty = [name for name, where in PATTERNS.items() if not by_sparql(rule(where), facts())]
    assert len(empty) < 6, empty


@pytest.mark.parametrize("construct", REFUSED)
def test_refused_by_name(construct: str) -> None:
    with pytest.raises(RuleError, match=f"00-r.rq: .*{construct.replace('?', '[?]')}"):
        compile_rule(rule(REFUSED[construct]))


def test_refused_templates_and_queries() -> None:
    with pytest.raises(RuleError, match="blank node"):
        compile_rule(rule("?x :p ?y", "?x :p [ :q ?y ]"))
    with pytest.raises(RuleError, match="does not parse"):
        compile_rule(rule("?x :p"))
    with pytest.raises(RuleError, match="FROM"):
        compile_rule(Rule("r", "", "", "", 1, "CONSTRUCT { ?x <urn:p> ?y } FROM <urn:g> WHERE { ?x <urn:p> ?y }"))
    with pytest.raises(RuleError, match="not CONSTRUCT"):
        compile_rule(Rule("r", "", "", "", 1, "SELECT * WHERE { ?x <urn:p> ?y }"))


def test_a_later_stratum_reads_what_an_earlier_one_made() -> None:
    first, second = rule("?x :p ?y", "?x :made ?y"), rule("?x :made ?y . ?y :made ?x", "?x :both ?y", stratum=2)
    both = NamedNode("https://example.org/both")
    assert {t.predicate for t in by_columns([first, second], facts())} == {NamedNode("https://example.org/made"), both}
    assert not any(t.predicate == both for t in by_columns([second], facts()))


def test_facts_given_twice_count_once() -> None:
    one = rule("?x :p ?y . ?y :p ?z")
    assert sorted(map(str, by_columns([one], facts() * 2))) == sorted(map(str, by_columns([one], facts())))


def test_what_two_rules_make_comes_once() -> None:
    one, other = rule("?x :p ?y", "?x :made ?y"), rule("?y :p ?x", "?y :made ?x ; :turned ?x")
    both = by_columns([one, other], facts())
    assert len(both) == len(set(both))
    assert set(both) == by_sparql(one, facts()) | by_sparql(other, facts())


def test_triples_of_a_template_that_come_out_the_same_come_once() -> None:
    one = rule("?x :p ?y VALUES ?q { :made :other }", "?x :made ?y ; ?q ?y ; :made ?x, ?x")
    made = by_columns([one], facts())
    assert len(made) == len(set(made))
    assert set(made) == by_sparql(one, facts())


def test_numbers_of_terms_that_are_new_known_and_given_twice() -> None:
    a, b, c, d = (NamedNode(f"urn:{name}") for name in "abcd")
    for given in ([a, b], [b, a, c, a], [c, c, d, b, d], [a]):
        bulk, single = Dictionary(), Dictionary()
        for dictionary in (bulk, single):
            dictionary.number(b)
        assert bulk.numbers(given).tolist() == [single.number(term) for term in given]
        assert [bulk.term(number) for number in range(len(bulk))] == [single.term(n) for n in range(len(single))]
        assert [bulk.find(term) for term in (a, b, c, d)] == [single.find(term) for term in (a, b, c, d)]


def test_shipped_rules_compile() -> None:
    assert [compile_rule(one).name for one in load_rules()] == [one.name for one in load_rules()]
