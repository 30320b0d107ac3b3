"""``kg ask``: the questions that ship, with their own parameters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from kg.cli.options import known_by_option, open_graph, out_option, policy_option, store_option
from kg.cli.output import FORMATS, choose_format, emit, render
from kg.cli.progress import Stages
from kg.cli.telling import tell
from kg.errors import UsageError
from kg.questions import Parameter, Question, load_question, load_questions
from kg.settings import RemoteSettings

__all__ = ["ask"]

_CATEGORY = "a conclusion of this kind is a category of analysis, not a verdict"
_WIDTH = 80


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Ask a question; --list shows them.",
    epilog="Example: kg ask allies-supplying-adversary --state Armenia --format csv",
    options_metavar="[--name VALUE …] [OPTIONS]",
)
@click.argument("question", required=False)
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED, metavar="")
@click.option("--list", "listing", is_flag=True, help="List the questions.")
@policy_option
@known_by_option
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="Form of the answer.  [default: table]")
@click.option("--iris", is_flag=True, help="IRIs instead of names: short in a table, in full in CSV.")
@out_option
@store_option
@click.option("-h", "--help", "helping", is_flag=True, help="Show this message, or what QUESTION takes and answers.")
@click.pass_context
def ask(
    ctx: click.Context,
    question: str | None,
    parameters: tuple[str, ...],
    *,
    listing: bool,
    policy: str | None,
    known_by: str | None,
    form: str | None,
    iris: bool,
    out: Path | None,
    store: Path | RemoteSettings | None,
    helping: bool,
) -> None:
    """Ask QUESTION; its own parameters are written --name VALUE.

    States are given by name or by ISO or COW code. Most questions about dated things take --on DATE: what held, or may
    have held, on that day. `kg ask QUESTION --help` shows what a question takes and answers.
    """
    if listing:
        click.echo(_list())
        return
    if question is None:
        click.echo(ctx.get_help())
        if not helping:
            click.echo(f"\n{_list()}")
        return
    asked = load_question(question)
    if helping:
        click.echo(_help(asked))
        return
    values = _values(asked, parameters)
    chosen = choose_format(form, out, FORMATS, "table")
    graph = open_graph(store)
    with Stages(lines=False) as stages:
        stages("looking for the answer")
        answer = graph.ask(asked, policy=policy, known_by=known_by, **values)
    emit(render(answer, chosen, iris=iris), out)
    if not answer and chosen == "table":
        tell("nothing that is recorded answers this")
    category = (_CATEGORY,) if answer and asked.area == "betrayals" else ()
    for note in (*category, *answer.notes):
        tell(note)


def _values(asked: Question, words: Sequence[str]) -> dict[str, str]:
    """The parameters of a question out of ``--name value`` and ``--name=value``."""
    values: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            takes = " ".join(f"--{p.name} {p.type.upper()}" for p in asked.parameters) or "no parameters"
            raise UsageError(f"what is {word!r}? {asked.name} takes {takes}")
        name, equals, value = word[2:].partition("=")
        parameter = asked.parameter(name)
        if not equals:
            if not rest:
                raise UsageError(f"--{parameter.name} needs a value: {parameter.help}")
            value = rest.pop(0)
        if parameter.variable in values:
            raise UsageError(f"--{parameter.name} is given twice")
        values[parameter.variable] = value
    return values


def _list() -> str:
    formatter = click.HelpFormatter(width=_WIDTH)
    for area, questions in groupby(load_questions(), key=lambda q: q.area):
        with formatter.section(area):
            formatter.write_dl([(q.name, q.summary) for q in questions], col_max=30)
    return formatter.getvalue().rstrip()


def _help(asked: Question) -> str:
    formatter = click.HelpFormatter(width=_WIDTH)
    formatter.write_usage(f"kg ask {asked.name}", "[--name VALUE …] [OPTIONS]")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(asked.question)
    if asked.parameters:
        with formatter.section("Parameters"):
            formatter.write_dl([(f"--{p.name} {p.type.upper()}", _parameter_help(p)) for p in asked.parameters])
    with formatter.section("Columns"):
        formatter.write_dl([(c.name, c.help) for c in asked.columns])
    formatter.write_paragraph()
    if asked.policy:
        formatter.write_text("--policy and --known-by choose the claims that count.")
    else:
        formatter.write_text("Lists claims as they stand: --policy and --known-by have no bearing on it.")
    formatter.write_text("For the other options see `kg ask --help`.")
    formatter.write_paragraph()
    formatter.write_text(f"Example: {asked.example}")
    return formatter.getvalue().rstrip()


def _parameter_help(parameter: Parameter) -> str:
    extra = "  [required]" if parameter.required else ""
    return parameter.help + (f"  [default: {parameter.default}]" if parameter.default is not None else extra)
