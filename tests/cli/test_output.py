"""Tables and other forms of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kg.answers import Answer
from kg.cli.output import render, table

CELLS = st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), max_size=60)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4), st.integers(12, 100))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str]], available: int) -> None:
    text = table(["a", "b"], rows, available=available)
    assert all(len(line) <= available for line in text.splitlines())


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_every_word_is_shown(rows: list[tuple[str, str]]) -> None:
    text = "".join(table(["a", "b"], rows, available=40).split())
    for row in rows:
        for cell in row:
            assert all(c in text for c in "".join(cell.split()) if c.isprintable())


def test_wide_characters_take_two_cells() -> None:
    head, _, first, second = table(["name", "x"], [["日本", "1"], ["Oman", "2"]], available=80).splitlines()
    assert head == "name  x"
    assert first == "日本  1"
    assert second == "Oman  2"


def test_markdown_escapes_what_ends_a_cell() -> None:
    answer = Answer(("a",), ((Literal("x | y\nz"),),))
    assert str(render(answer, "md")).splitlines()[-1] == "| x \\| y z |"


def test_csv_quotes() -> None:
    answer = Answer(("a", "b"), ((Literal('say "no", twice'), None),))
    assert render(answer, "csv") == 'a,b\n"say ""no"", twice",\n'


def test_turtle_escapes() -> None:
    answer = Answer(("a",), ((Literal('" } \n.'),),), {"https://example.org/x": 'quote "'})
    import rdflib

    graph = rdflib.Graph().parse(data=str(render(answer, "ttl")), format="turtle")
    assert rdflib.Literal('" } \n.') in set(graph.objects())


@pytest.mark.parametrize("form", ["table", "csv", "json", "ttl", "md"])
def test_an_answer_without_rows(form: str) -> None:
    text = render(Answer(("a",), ()), form)
    assert (len(text) > 0) == (form != "table")


def test_a_day_without_bound_is_open() -> None:
    from kg.vocab import XSD

    answer = Answer(("until", "who"), ((Literal("9999-12-31", datatype=XSD.date), NamedNode("https://example.org/a")),))
    assert render(answer, "csv") == "until,who\nopen,https://example.org/a\n"
