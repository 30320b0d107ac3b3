"""A text is read as the parser reads it: what it compares, quotes and comments on hides nothing from who looks."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final, TypeAlias

import pyoxigraph
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, QuerySolutions

from kg.errors import QueryError
from kg.http.protocol import outline
from kg.lexemes import LEXEME, keywords, settled
from kg.store.depth import check_depth

Tokens: TypeAlias = list[str]
ELSEWHERE: Final = ["SERVICE", "<http://127.0.0.1:1/>", "{", "}"]
PREFIXES: Final = {"x": "urn:x#"}
ATOMS: Final = (
    "1", "2.5", "true", "?a", "?a·b", "$c", "x:a", "x:b.c", "x:d\\)e", "<urn:y>", "<urn:y#(z)>", "<urn:a'b>", "'>'",
    '"<"', "'x'@en--ltr", "<<(<urn:y> x:p 1)>>", "'b>c'", "'''a'b)'''", '"""a"b"""', '"a\\u0029b"', "'\\''", '""',
    "''", '"x"@en-gb', "'1'^^x:t",
)  # fmt: skip
GLUE: Final = ("", "", "", " ", "#>\n", "#)>\n", "#'\n", "#'''\r", '#"""\n', "#(\n", "#}\n", "\n")


def binary(parts: tuple[Tokens, str, Tokens]) -> Tokens:
    one, operator, other = parts
    return [*one, operator, *other]


def bracketed(inner: Tokens) -> Tokens:
    return ["(", *inner, ")"]


compared = st.sampled_from(["<", "<", "<=", ">", "=", "&&", "&&", "||", "+", "-", "*", "/", "<<"])
expressions = st.recursive(
    st.sampled_from(ATOMS).map(lambda atom: [atom]),
    lambda inner: st.one_of(
        st.tuples(inner, compared, inner).map(binary),
        inner.map(bracketed),
        st.tuples(inner, inner).map(lambda pair: ["IF", "(", "true", ",", *pair[0], ",", *pair[1], ")"]),
        st.tuples(inner, inner).map(lambda pair: [*pair[0], "IN", "(", *pair[1], ",", "<urn:q,r>", ")"]),
        inner.map(lambda one: ["EXISTS", "{", "FILTER", *bracketed(one), "}"]),
    ),
    max_leaves=6,
)
patterns = st.one_of(
    expressions.map(lambda one: ["FILTER", *bracketed(one)]),
    expressions.map(lambda one: ["BIND", "(", *one, "AS", "?q", ")"]),
    st.lists(st.sampled_from(ATOMS[:3] + ATOMS[6:]), min_size=1, max_size=3).map(
        lambda row: ["VALUES", "(", *(f"?v{n}" for n in range(len(row))), ")", "{", "(", *row, ")", "}"]
    ),
    st.just(["?a", "x:p", "(", "1", "<urn:y#z>", "<urn:y>", ")", "."]),
    st.just(["?a", "<urn:y#(z)>", "?a·b", "."]),
    st.just(["<<", "?a", "x:p", "?b", ">>", "?p", "?o", "."]),
    st.just(["<<(", "?a", "x:p", "?b", ")>>", "?p", "?o", "."]),
    st.just(ELSEWHERE),
)
queries = st.lists(patterns, min_size=1, max_size=4).map(
    lambda several: ["SELECT", "*", "{", *(token for one in several for token in one), "}"]
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    tokens = draw(queries)
    glue = draw(st.lists(st.sampled_from(GLUE), min_size=len(tokens), max_size=len(tokens)))
    return "".join(part for pair in zip(tokens, glue, strict=True) for part in pair)


def store() -> pyoxigraph.Store:
    data = pyoxigraph.Store()
    data.update("INSERT DATA { <urn:x#a> <urn:x#p> 1, 3 ; <urn:y#(z)> 2 }")
    return data


def answer(text: str) -> list[str] | bool | None:
    """What a query answers; ``None`` where there is none, and an error where it calls another endpoint."""
    try:
        found = store().query(text, prefixes=PREFIXES)
    except (RuntimeError, SyntaxError):
        return None
    assert isinstance(found, QuerySolutions | QueryBoolean)
    return bool(found) if isinstance(found, QueryBoolean) else sorted(str(list(row)) for row in found)


def parses(text: str) -> bool:
    with suppress(RuntimeError):  # it parses, and names a function that there is not
        try:
            store().query(text, prefixes=PREFIXES)
        except SyntaxError:
            return False
    return True


@example("SELECT * { FILTER(1<2)SERVICE#>\n <http://127.0.0.1:1/> { } }")
@example("SELECT * { FILTER(1<2)#>'''\n SERVICE <http://127.0.0.1:1/> { } #'''\n }")
@example('PREFIX x: <x:> SELECT * { VALUES ?x { """a"x:c\\-d } SERVICE <http://127.0.0.1:1/> {} } #"""')
@example("SELECT * { FILTER(2<<urn:y#)>) SERVICE <http://127.0.0.1:1/> { } #>)\n }")
@example("SELECT*{FILTER(true||<<(<urn:y> <urn:y> 1)>><2)SERVICE#>\n<http://127.0.0.1:1/>{}}")
@example("SELECT*{FILTER('a'@en--ltr<2)SERVICE#>\n<http://127.0.0.1:1/>{}}")
@example("SELECT*{?a <urn:x#p> 1. ?a <urn:x#p> x:a.b.SERVICE <http://127.0.0.1:1/>{}}")
@example("SELECT*{FILTERx:y(1<2)SERVICE#>\n<http://127.0.0.1:1/>{}}")
@example("SELECT*{BIND(.5e-1-<urn:y#(z)> AS ?q)}")
@example("SELECT*{FILTER(?a<<<(1 x:a ?b)>>)}")
@example("SELECT * { <<?s?p[]#>\n>> ?q ?r . SERVICE <http://127.0.0.1:1/> { } }")
@given(texts())
@settings(max_examples=400, deadline=None)
def test_nothing_that_is_read_otherwise_is_carried_out(text: str) -> None:
    sure = settled(text)
    assert settled(sure) == sure
    remote = outline(sure).remote
    try:
        plain = answer(text)
    except OSError:
        assert remote
        with pytest.raises(OSError):
            answer(sure)
        return
    assume(plain is not None)
    assert answer(sure) == plain
    # Where the word is a keyword, no other can stand in its place.
    assert remote or parses(text.replace("SERVICE", "LATERAL"))


@given(st.lists(patterns.filter(ELSEWHERE.__ne__), min_size=1, max_size=4), st.data())
@settings(max_examples=200, deadline=None)
def test_brackets_and_names_are_those_of_the_parser(several: list[Tokens], data: st.DataObject) -> None:
    tokens = ["SELECT", "*", "{", *(token for one in several for token in one), "}"]
    glue = data.draw(st.lists(st.sampled_from(GLUE), min_size=len(tokens), max_size=len(tokens)))
    text = "".join(part for pair in zip(tokens, glue, strict=True) for part in pair)
    assume(answer(text) is not None)
    signs = ["()" if token.startswith("<<(<") else token for token in tokens]
    brackets = [sign for token in signs for sign in token if token.strip("<>({[)}]") == "" and sign in "({[)}]"]
    found = list(LEXEME.finditer(settled(text)))
    assert [match[0] for match in found if match.lastgroup in ("open", "close")] == brackets
    named = {token for token in tokens if token[0] in "?$"}
    assert {match[0] for match in found if match[0][0] in "?$"} == named


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ FILTER(1<2#>'''\n) FILTER({'(' * 2_000}1{')' * 2_000}) #'''\n }}",
        f"SELECT * {{ FILTER(true||'a'@en--ltr<'>)#')FILTER({'1+' * 9_000}1)#'\n}}",
        f"PREFIX DATA·: <u:> SELECT * {{ BIND({'1+' * 9_000}1 AS ?x) }}",
        f"SELECT * {{ {'FILTERx:y(1)' * 9_000} }}",
        f"SELECT * {{ ?s ?p ({'true ' * 9_000}) }}",
        f"SELECT * {{ ?s ?p ({'.5' * 9_000}) }}",
        f"SELECT * {{}} ORDER BY{'(1)' * 3_980}",
    ],
)
def test_depth_is_seen_behind_whatever_hides_it(text: str) -> None:
    with pytest.raises(QueryError, match=r"nested|chain"):
        check_depth(text)


@pytest.mark.parametrize("part", ["a-", "a.", '"\\', "é.", "😀", "'", '"""', "<", "<<", "(", "_:", "x:a.", "<a("])
def test_a_text_is_looked_through_once(part: str) -> None:
    text = "SELECT * { ?s ?p " + part * (200_000 // len(part))
    began = time.process_time()
    list(keywords(settled(text)))
    with suppress(QueryError):
        check_depth(text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX webservices: <x:> SELECT * { ?s webservices:x 'a'@en-service }",
        "SELECT * { ?s <x:payload> ?service . ?service x:SERVICE '''LOAD''' } # SERVICE",
        "PREFIX download: <x:> SELECT * { ?s download:x 1.5e3 . ?s a 'b'@en--ltr }",
    ],
)
def test_names_are_no_keywords(text: str) -> None:
    assert not any("SERVICE" in word or "LOAD" in word for word in keywords(settled(text)))
