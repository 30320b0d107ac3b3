"""Help: on one screen, with an example for each command."""

from __future__ import annotations

import re
import shlex

import pytest

from kg import __version__
from kg.questions import Question, load_questions
from tests.cli.conftest import Kg

COMMANDS = (
    "build",
    "ask",
    "sparql",
    "explain",
    "why-not",
    "what-if",
    "diff",
    "validate",
    "verify",
    "export",
    "import",
    "serve",
)
OWN = {"policy", "known-by", "format", "iris", "out", "store", "list", "help"}


def test_help_fits_a_screen(kg: Kg) -> None:
    result = kg("--help")
    assert result.code == 0 and result.err == ""
    lines = result.out.splitlines()
    assert len(lines) < 24 and max(map(len, lines)) <= 80
    listed = re.findall(r"^  ([a-z-]+)  +[A-Z]", result.out, re.MULTILINE)
    assert listed == list(COMMANDS)


def test_no_arguments_show_the_help(kg: Kg) -> None:
    result = kg()
    assert "Commands:" in result.out + result.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_an_example(kg: Kg, command: str) -> None:
    result = kg(command, "--help")
    assert result.code == 0
    assert f"Example: kg {command} " in " ".join(result.out.split())
    assert max(map(len, result.out.splitlines())) <= 80
    assert ("--store" in result.out) == (command not in ("validate", "import"))


def test_version(kg: Kg) -> None:
    assert kg("--version").out == f"kg {__version__}\n"


def test_a_near_miss_of_a_command(kg: Kg) -> None:
    result = kg("vaildate")
    assert result.code == 2
    assert "did you mean 'validate'?" in result.line


def test_a_near_miss_of_an_option(kg: Kg) -> None:
    result = kg("build", "--onyl")
    assert result.code == 2
    assert "'--only'" in result.line and "kg build --help" in result.line


def test_list_of_questions_fits_80_columns(kg: Kg) -> None:
    result = kg("ask", "--list")
    assert result.code == 0 and result.err == ""
    assert max(map(len, result.out.splitlines())) <= 80
    text = " ".join(result.out.split())
    for question in load_questions():
        assert f"{question.name} {question.summary.split(' ')[0]}" in text
        assert f"\n{question.area}:\n" in f"\n{result.out}"


def test_no_question_shows_what_to_do(kg: Kg) -> None:
    result = kg("ask")
    assert result.code == 0
    assert "Usage: kg ask" in result.out and "allies-supplying-adversary" in result.out


def test_help_of_a_question(kg: Kg) -> None:
    result = kg("ask", "allies-supplying-adversary", "--help")
    assert result.code == 0
    for expected in ("--state STATE", "--on DATE", "said_by", "Example: kg ask allies-supplying-adversary"):
        assert expected in result.out


@pytest.mark.parametrize("question", load_questions(), ids=lambda question: question.name)
def test_every_question_can_be_asked_as_its_example_says(kg: Kg, question: Question) -> None:
    command, *args = shlex.split(question.example)
    assert command == "kg"
    result = kg(*args)
    assert result.code == 0, result.err


def test_no_parameter_of_a_question_hides_behind_an_option() -> None:
    for question in load_questions():
        assert not OWN & {p.name for p in question.parameters}, question.name
