"""What an update can touch: whatever it changes fits a pattern, and the patterns are not wider than they have to be."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.http.touching import ANYTHING, Pattern, emptied, touched
from kg.lexemes import settled
from kg.terms import PREFIXES

BASE = "http://test.example/"


def x(name: str) -> NamedNode:
    return NamedNode(f"x:{name}")


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 1, 'a;}'@en } }",
         {(x("s"), x("p"), Literal(1), x("g")), (x("s"), x("p"), Literal("a;}", language="en"), x("g"))}),
        ("DELETE DATA { <x:s> <x:p> <x:o> }", {(x("s"), x("p"), x("o"), DefaultGraph())}),
        ("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> [] . _:b <x:q> 2 } }",
         {(x("s"), x("p"), None, x("g")), (None, x("q"), Literal(2), x("g"))}),
        ("PREFIX y: <x:> DELETE WHERE { GRAPH ?g { y:s ?p ?o } }", {(x("s"), None, None, None)}),
        ("BASE <x:> PREFIX y: <x:> delete where # { \n { GRAPH <x:g> { y:s y:p ?o } }",
         {(x("s"), x("p"), None, x("g"))}),
        ("WITH <x:g> DELETE { ?s <x:p> ?o } INSERT { ?s <x:q> ?o . GRAPH <x:h> { ?s a ?o } } USING <x:i> USING NAMED "
         "<x:j> WHERE { ?s ?p ?o FILTER (?o > 3) }",
         {(None, x("p"), None, x("g")), (None, x("q"), None, x("g")),
          (None, NamedNode(PREFIXES["rdf"] + "type"), None, x("h"))}),
        ("INSERT { GRAPH <rel> { id:state\\/BLR <x:p> $v } } WHERE { ?v ?v ?v }",
         {(NamedNode(PREFIXES["id"] + "state/BLR"), x("p"), None, NamedNode(f"{BASE}rel"))}),
        ("CLEAR SILENT GRAPH <x:g>", {(None, None, None, x("g"))}),
        ("DROP DEFAULT", {(None, None, None, DefaultGraph())}),
        ("CREATE GRAPH <x:g>", set()),
        ("MOVE <x:g> TO GRAPH <x:h>", {(None, None, None, x("g")), (None, None, None, x("h"))}),
        ("COPY DEFAULT TO <x:h>", {(None, None, None, DefaultGraph()), (None, None, None, x("h"))}),
        ("CLEAR GRAPH <x:g> ; ; INSERT DATA { <x:s> <x:p> 1 } ;",
         {(None, None, None, x("g")), (x("s"), x("p"), Literal(1), DefaultGraph())}),
        ("INSERT DATA {}", set()),
        ("", set()),
        # What is not quite as expected may be anything.
        ("CLEAR ALL", {ANYTHING}),
        ("DROP NAMED", {ANYTHING}),
        ("INSERT { ?s ?p ?o } WHERE { ?s ?p ?o } ; DROP ALL", {ANYTHING}),
        ("INSERT DATA { <x:s> <x:p> '\\u0041' }", {ANYTHING}),
        ("DELETE { <x:a> <x:b> 1 } WHERE { FILTER(true||'a'@en--ltr<'>)}#')};CLEAR GRAPH<x:h>#'\n", {ANYTHING}),
        ("WITHx:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", {ANYTHING}),
        ("CLEAR GRAPHx:g", {ANYTHING}),
        ("INSERT { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", {ANYTHING}),
    ],
)  # fmt: skip
def test_what_is_touched(text: str, patterns: set[Pattern]) -> None:
    assert touched(text, BASE) == patterns


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("CLEAR GRAPH <x:g> ; drop silent graph # GRAPH <x:i>\n <x:h>", {x("g"), x("h")}),
        ("PREFIX y: <x:> MOVE y:g TO GRAPH y:h", {x("g"), x("h")}),
        ("COPY <x:g> TO <x:h>", {x("h")}),
        ("COPY <x:g> TO DEFAULT", set()),
        ("COPY DEFAULT TO <x:h>", {x("h")}),
        ("ADD <x:g> TO <x:h>", set()),
        ("CREATE GRAPH <x:g>", set()),
        ("DROP DEFAULT", set()),
        ("DELETE WHERE { GRAPH <x:g> { ?s ?p ?o } }", set()),
        ("INSERT DATA { <x:s> <x:p> 'DROP GRAPH <x:g>' }", set()),
        ("INSERT DATA { <x:s> <x:p> 1 } ; DROP NAMED", {None}),
        ("CLEAR ALL", {None}),
    ],
)
def test_what_is_emptied(text: str, graphs: set[NamedNode | None]) -> None:
    assert emptied(text, BASE) == graphs


NAMES = st.sampled_from(["<x:a>", "<x:b>", "y:c", "<rel>", "a:d\\-e"])
GRAPHS = st.sampled_from(["<x:g>", "y:h", "<x:i>"])
LITERALS = st.sampled_from(["1", "01", "'1'", "'}'", '"""a"b"""@en', "true", "1.0e0", "'# {'"])
VARIABLES = st.sampled_from(["?s", "?p", "$o", "?g", "?a·b"])
WHERES = st.sampled_from(
    [
        "WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } BIND(?p AS ?a·b) }",
        "WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER((1<2)&&(3>2)) BIND(?s AS ?a·b) }",
        "WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER(1<2&&(3>2)) BIND(?p AS ?a·b) }",
        "WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER((1<2)#>'\n&&3>2) BIND(?o AS ?a·b) #'\n}",
    ]
)
GAPS = st.sampled_from([" ", "\n", " # } ; {\n", "\t"])
PROLOGUE = "PREFIX y: <x:> PREFIX a: <x:> "


@st.composite
def templates(draw: st.DrawFn, *, variable: bool, blank: bool = False) -> str:
    terms = st.one_of(NAMES, VARIABLES) if variable else NAMES
    subjects = st.one_of(terms, st.just("[]")) if blank else terms
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        triple = f"{draw(subjects)} {draw(terms)} {draw(st.one_of(subjects, LITERALS))} ."
        graph = draw(st.one_of(st.none(), GRAPHS, VARIABLES if variable else GRAPHS))
        lines.append(triple if graph is None else f"GRAPH {graph} {{ {triple} }}")
    return draw(GAPS).join(lines)


@st.composite
def operations(draw: st.DrawFn) -> str:
    gap = draw(GAPS)
    where = draw(WHERES)
    match draw(st.integers(0, 8)):
        case 0:
            words = ["INSERT", "DATA", "{", draw(templates(variable=False, blank=True)), "}"]
        case 1:
            words = ["delete", "data", "{", draw(templates(variable=False)), "}"]
        case 2:
            words = ["DELETE", "WHERE", "{", draw(templates(variable=True)), "}"]
        case 3:
            words = ["DELETE", "{", draw(templates(variable=True)), "}", where]
        case 4:
            words = ["WITH", draw(GRAPHS), "INSERT", "{", draw(templates(variable=True, blank=True)), "}", where]
        case 5:
            words = [
                "DELETE",
                "{",
                draw(templates(variable=True)),
                "}",
                "INSERT",
                "{",
                draw(templates(variable=True)),
                "}",
            ]
            words += [draw(st.sampled_from(["", "USING <x:g>", "USING NAMED y:h"])), where]
        case 6:
            words = [
                draw(st.sampled_from(["CLEAR", "DROP"])),
                "SILENT",
                draw(st.sampled_from(["DEFAULT", "GRAPH <x:g>"])),
            ]
        case 7:
            words = [draw(st.sampled_from(["MOVE", "COPY", "ADD"])), "SILENT"]
            words += [draw(st.sampled_from(["DEFAULT", "<x:g>", "GRAPH y:h"])), "TO", draw(GRAPHS)]
        case _:
            words = [draw(st.sampled_from(["CLEAR ALL", "DROP NAMED", "CREATE SILENT GRAPH <x:k>", ""]))]
    return gap.join(words)


QUADS = st.builds(
    Quad,
    st.sampled_from([x("a"), x("b"), x("c"), NamedNode(f"{BASE}rel")]),
    st.sampled_from([x("a"), x("b"), x("d-e")]),
    st.sampled_from([x("a"), x("c"), Literal(1), Literal("}"), Literal("1"), Literal(True)]),
    st.sampled_from([x("g"), x("h"), x("i"), DefaultGraph()]),
)


def fits(quad: Quad, patterns: frozenset[Pattern]) -> bool:
    return any(all(p is None or p == term for p, term in zip(pattern, quad, strict=True)) for pattern in patterns)


@given(quads=st.lists(QUADS, max_size=20), several=st.lists(operations(), min_size=1, max_size=3), gap=GAPS)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_whatever_changes_fits(quads: list[Quad], several: list[str], gap: str) -> None:
    text = settled(PROLOGUE + f"{gap};{gap}".join(several))
    store = pyoxigraph.Store()
    store.extend(quads)
    before = set(store)
    try:
        store.update(text, base_iri=BASE, prefixes=PREFIXES)
    except SyntaxError:
        reject()
    patterns = touched(text, BASE)
    assert all(fits(quad, patterns) for quad in before ^ set(store))
    if not any(word in text for word in ("ALL", "NAMED", "GRAPH ?", "GRAPH $")):
        assert ANYTHING not in patterns
