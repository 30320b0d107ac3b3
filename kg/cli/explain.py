"""``kg explain`` and ``kg why-not``: why something follows, and why something does not."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from kg.cli.options import known_by_option, open_graph, out_option, policy_option, store_option
from kg.cli.output import choose_format, emit, width
from kg.cli.progress import Stages
from kg.cli.telling import WIDEST, tell
from kg.errors import StoreError, UnknownName, UsageError
from kg.explaining import QUESTIONS
from kg.explanations import Explanation
from kg.files import keep_what_is_read
from kg.settings import RemoteSettings
from kg.terms import near_misses

__all__ = ["explain", "values_of", "why_not", "wrap"]

_TRIPLE = 3
_LISTED = 10
_FORMATS = {"prose": ".txt", "tree": ".tree", "json": ".json", "ttl": ".trig", "svg": ".svg"}


@click.command(
    short_help="Why a conclusion follows, down to the words of the sources.",
    epilog="Example: kg explain --triple Belarus betrays Armenia --format tree",
)
@click.argument("words", nargs=-1, metavar="[IRI]")
@click.option("--triple", nargs=3, metavar="S P O", help="Explain an inferred triple, given by names.")
@policy_option
@known_by_option
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), help="Form of the proof.  [default: prose]")
@click.option("--full", is_flag=True, help="Every step, OWL 2 RL included, not only the gist.")
@click.option("--best", is_flag=True, help="Only the best proof.")
@click.option(
    "--text",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Your copy of the source: its passages are printed, and its digest is checked.",
)
@out_option
@store_option
def explain(
    words: tuple[str, ...],
    *,
    triple: tuple[str, str, str] | None,
    policy: str | None,
    known_by: str | None,
    form: str | None,
    full: bool,
    best: bool,
    text: Path | None,
    out: Path | None,
    store: Path | RemoteSettings | None,
) -> None:
    """Explain a conclusion: all independent proofs, surest first.

    IRI is an episode, an obligation, a hostility or anything accepted, in full, by prefix or by name; answers of
    `kg ask betrayals --iris` name the episodes. --format ttl writes PROV-O, one named graph a proof, in TriG.
    """
    if len(words) > 1:
        meant = f"--triple {' '.join(words)}" if len(words) == _TRIPLE else repr(" ".join(words))
        raise UsageError(
            "one thing is explained at a time: a name of several words is quoted, a triple comes after --triple; "
            f"perhaps: kg explain {meant}"
        )
    if bool(words) == (triple is not None):
        raise UsageError("name what to explain: an IRI, or --triple SUBJECT PREDICATE OBJECT")
    chosen = choose_format(form, out, _FORMATS, "prose")
    if chosen == "svg" and full:
        raise UsageError("a picture shows the gist; --full goes with prose and tree")
    if text is not None and chosen not in ("prose", "tree"):
        raise UsageError("--text goes with prose and tree")
    if text is not None:
        keep_what_is_read(out, [text])
    graph = open_graph(store)
    with Stages(lines=False) as stages:
        stages("looking for proofs")
        whole = graph.explain(triple or words[0], policy=policy, known_by=known_by)
    found = replace(whole, proofs=whole.proofs[:1]) if best else whole
    match chosen:
        case "json":
            emit(json.dumps(found.to_dict(), ensure_ascii=False, indent=2), out)
        case "ttl":
            emit(found.to_trig(), out)
        case "svg":
            emit(found.svg(), out)
            if len(found.proofs) > 1:
                tell(f"the best of {len(found.proofs)} proofs")
        case _:
            told = wrap(found.prose(full=full)) if chosen == "prose" else found.tree(full=full)
            # What ends the best proof alone does not end the conclusion.
            parts = [told, wrap(_hanging(whole)), _passages(found, text) if text else ""]
            emit("\n\n".join(part for part in parts if part), out)


def _hanging(found: Explanation) -> str:
    ways = found.hangs_on()
    lines = [line for line in (found.warning(),) if line]
    if ways:
        lines.append("It ends if any one of these is withdrawn:")
        for way in ways[:_LISTED]:
            together = " (all together)" if len(way) > 1 else ""
            lines.append(f"- {found.in_words(way)}{together}")
        if len(ways) > _LISTED:
            lines.append(f"… and {len(ways) - _LISTED:,} more ways, each of {len(ways[_LISTED])} claims or more.")
    return "\n".join(lines)


def _passages(found: Explanation, file: Path) -> str:
    try:
        # newline="" keeps the line ends as they are: the digest is over the text as it stands.
        with file.open(encoding="utf-8", newline="") as opened:
            copy = opened.read()
    except (OSError, UnicodeDecodeError) as fault:
        raise StoreError(f"{file}: cannot be read as text in UTF-8: {fault}") from fault
    lines = [f"In {file}, whose digest is the one on record:"]
    for quotation in found.quote(copy):
        changed = "" if quotation.intact else "  [changed since]"
        lines.append(f"- paragraph {quotation.paragraph}{changed}: “{quotation.words}”")
    return wrap("\n".join(lines))


@click.command(
    name="why-not",
    short_help="Why a question has no such row.",
    context_settings={"ignore_unknown_options": True},
    epilog="Example: kg why-not allies-supplying-adversary --supplier Kazakhstan --state Armenia",
    options_metavar="[--name STATE …] [OPTIONS]",
)
@click.argument("question")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED, metavar="")
@click.option("--full", is_flag=True, help="All there is, not only the nearest few.")
@policy_option
@known_by_option
@store_option
@click.pass_context
def why_not(
    ctx: click.Context,
    question: str,
    parameters: tuple[str, ...],
    *,
    full: bool,
    policy: str | None,
    known_by: str | None,
    store: Path | RemoteSettings | None,
) -> None:
    """Say why QUESTION has no such row: which premise holds, which fails, and how near it came.

    QUESTION is one of allies-supplying-adversary, allies-attacking-allies, unanswered-obligations, complicit-allies and
    divided-loyalties; its states are written --name STATE.
    """
    if question not in QUESTIONS:
        listed = f"Why not can be asked of: {', '.join(QUESTIONS)}"
        raise UnknownName("question", question, near_misses(question, QUESTIONS), listed)
    values = values_of(question, list(QUESTIONS[question]), parameters)
    graph = open_graph(store)
    with Stages(lines=False) as stages:
        stages("looking for what is missing")
        found = graph.why_not(question, policy=policy, known_by=known_by, **values)
    emit(wrap(found.prose(full=full)), None)
    ctx.exit(1)


def values_of(command: str, names: Sequence[str], words: Sequence[str]) -> dict[str, str]:
    """Values out of ``--name value`` and ``--name=value``, for names that depend on what is asked.

    Raises:
        UnknownName: a name is none of those.
        UsageError: a name has no value, or two.
    """
    values: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in names:
            listed = f"{command} takes: {', '.join(f'--{n}' for n in names)}"
            raise UnknownName("parameter", word, [f"--{n}" for n in near_misses(name, names)], listed)
        if not equals:
            if not rest:
                raise UsageError(f"--{name} needs a value")
            value = rest.pop(0)
        if name.replace("-", "_") in values:
            raise UsageError(f"--{name} is given twice")
        values[name.replace("-", "_")] = value
    return values


def wrap(text: str) -> str:
    """Text in lines that fit, list items indented under their dash."""
    room = min(width(), WIDEST)
    wrapped = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip(" -")))
        filled = textwrap.wrap(line, room, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
        wrapped += filled or [""]
    return "\n".join(wrapped)
