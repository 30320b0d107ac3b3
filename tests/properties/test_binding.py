"""Parameters of questions are bound as values: no text of a user ever becomes part of a query."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.errors import BadParameter, UnknownName, UsageError
from kg.questions import Parameter, Question, literal_value

QUESTION = Question(
    name="echo",
    area="test",
    summary="",
    question="",
    policy=False,
    parameters=(Parameter("word", "string", ""), Parameter("known-word", "string", "", required=True)),
    columns=(),
    tags=(),
    example="",
    text="SELECT ?word ?known_word WHERE {\n  # bind: ?word\n  # bind: ?known_word\n}",
)


@given(st.text(), st.text())
@settings(max_examples=300)
def test_any_text_comes_back_as_itself(word: str, known: str) -> None:
    bound = QUESTION.bind({"word": Literal(word), "known-word": Literal(known)})
    answer = Store().query(bound)
    assert isinstance(answer, QuerySolutions)
    assert [(r["word"], r["known_word"]) for r in answer] == [(Literal(word), Literal(known))]


HOSTILE = [
    'x" } ; DROP ALL',
    "} INSERT DATA { <a:a> <a:b> <a:c> }",
    "\\",
    '"""',
    "<http://e.org/> . ?s ?p ?o",
    "# comment",
    "\n}\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_value(text: str) -> None:
    bound = QUESTION.bind({"known-word": Literal(text)})
    answer = Store().query(bound)
    assert isinstance(answer, QuerySolutions)
    assert [r["known_word"] for r in answer] == [Literal(text)]


@pytest.mark.parametrize("text", [*HOSTILE, "2020", "2020-02-30", "yesterday", "2020-01-01T00:00:00"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="YYYY-MM-DD"):
        literal_value(Parameter("on", "date", ""), text)


@pytest.mark.parametrize(("text", "near"), [("denys", "Denies"), ("asert", "Asserts")])
def test_a_closed_list_suggests(text: str, near: str) -> None:
    with pytest.raises(UnknownName) as caught:
        literal_value(Parameter("stance", "stance", ""), text)
    assert near in caught.value.near


@pytest.mark.parametrize("text", HOSTILE)
def test_a_closed_list_refuses_the_rest(text: str) -> None:
    with pytest.raises(UnknownName, match="There are: Fact"):
        literal_value(Parameter("modality", "modality", ""), text)


@pytest.mark.parametrize("text", ["1.5", "one", "1; DROP", "٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="whole number"):
        literal_value(Parameter("limit", "integer", ""), text)


def test_an_unknown_parameter_lists_the_right_ones() -> None:
    with pytest.raises(UnknownName, match="echo takes: word, known-word"):
        QUESTION.bind({"sword": NamedNode("https://example.org/")})


def test_a_required_parameter_is_asked_for() -> None:
    with pytest.raises(UsageError, match="--known-word"):
        QUESTION.bind({})
