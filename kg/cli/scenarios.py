"""``kg what-if`` and ``kg diff``: what changes under other facts, and under other assumptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from kg.access import day
from kg.cli.explain import wrap
from kg.cli.options import open_graph, policy_option, store_option
from kg.cli.output import emit, table
from kg.cli.progress import Stages
from kg.errors import ParseError, UsageError
from kg.inquiries import Scenario
from kg.settings import RemoteSettings

__all__ = ["diff", "what_if"]


@click.command(
    name="what-if",
    short_help="What would follow if the facts were others.",
    epilog="Example: kg what-if --withdraw Belarus,CSTO --from 2017-01-01",
)
@click.argument("files", nargs=-1, metavar="[FILE…]", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--assume",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Facts to add; what in them has no claim is claimed by the assumption.",
)
@click.option("--retract", multiple=True, metavar="IRI", help="A claim, a source or a node to take away.")
@click.option("--withdraw", metavar="STATE,PACT", help="A state that leaves an alliance.")
@click.option("--from", "since", metavar="DATE", help="Day from which it is out; never in it where not given.")
@policy_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "trig"]), default="text", help="Form of the answer."
)
@click.option("--proofs", is_flag=True, help="Give each change with its proof.")
@store_option
def what_if(
    files: tuple[Path, ...],
    *,
    assume: tuple[Path, ...],
    retract: tuple[str, ...],
    withdraw: str | None,
    since: str | None,
    policy: str | None,
    form: str,
    proofs: bool,
    store: Path | RemoteSettings | None,
) -> None:
    """Change facts on a copy and print only what changes: conclusions gained, lost and altered.

    FILE is Turtle to add, or a SPARQL Update (.ru, .rq) over everything asserted. The graph itself stays as it is.
    """
    if since is not None and withdraw is None:
        raise UsageError("--from goes with --withdraw")
    if proofs and form == "trig":
        raise UsageError("--proofs goes with text and json; kg explain --format ttl gives proofs in RDF")
    updates = [_read(file) for file in files if file.suffix in (".ru", ".rq")]
    added = [file for file in files if file.suffix not in (".ru", ".rq")]
    graph = open_graph(store)
    with Stages(lines=False) as stages:
        stages("drawing conclusions anew")
        found = graph.scenario(
            assume=[*added, *assume],
            update=updates,
            retract=retract,
            withdraw=_pair(withdraw),
            since=None if since is None else day("from", since),
            policy=policy,
        )
    emit(found.to_trig() if form == "trig" else _render(found, f"What if: {found.says}.", form, proofs), None)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise ParseError(str(file), "is not text in UTF-8") from fault


def _pair(withdraw: str | None) -> tuple[str, str] | None:
    if withdraw is None:
        return None
    state, comma, alliance = withdraw.partition(",")
    if not comma or not state.strip() or not alliance.strip():
        raise UsageError(f"--withdraw takes STATE,PACT, such as Belarus,CSTO; {withdraw!r} is not of that form")
    return state.strip(), alliance.strip()


@click.command(
    short_help="What follows under one policy or day and not under another.",
    epilog="Example: kg diff --policy facts --policy alleged",
)
@click.option("--policy", "chosen", multiple=True, metavar="P", help="Twice: the two policies to compare.")
@click.option("--known-by", multiple=True, metavar="DATE", help="Once for both sides, or twice for one each.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the answer.")
@click.option("--proofs", is_flag=True, help="Give each change with its proof.")
@click.option("--definitions", is_flag=True, help="A table instead: a row a conclusion, a column a definition.")
@click.option("--without", multiple=True, metavar="PACT", help="With --definitions: a column that leaves out a pact.")
@store_option
def diff(
    *,
    chosen: tuple[str, ...],
    known_by: tuple[str, ...],
    form: str,
    proofs: bool,
    definitions: bool,
    without: tuple[str, ...],
    store: Path | RemoteSettings | None,
) -> None:
    """Compare what follows under two trust policies, as known by two days, or under several definitions.

    --definitions shows which conclusions stand whatever counts: which obligations, which hostilities, deliveries or
    orders, with and without a pact.
    """
    if len(chosen) > 2 or len(known_by) > 2:
        raise UsageError("two sides are compared: give --policy and --known-by at most twice")
    graph = open_graph(store)
    if definitions:
        if len(chosen) > 1 or known_by:
            raise UsageError("--definitions compares definitions under one policy")
        with Stages(lines=False) as stages:
            stages("trying the definitions")
            columns, rows = graph.robustness(without=without, policy=chosen[0] if chosen else None)
        emit(table(columns, rows), None)
        return
    if without:
        raise UsageError("--without goes with --definitions")
    if len(chosen) < 2 and len(known_by) < 2:
        raise UsageError("nothing to compare: give --policy twice, or --known-by twice")
    sides: list[dict[str, Any]] = []
    for number in range(2):
        policy = chosen[min(number, len(chosen) - 1)] if chosen else None
        day = known_by[min(number, len(known_by) - 1)] if known_by else None
        sides.append({"policy": policy, "known_by": day})
    with Stages(lines=False) as stages:
        stages("comparing")
        found = graph.diff(*sides)
    emit(_render(found, f"From {found.says}.", form, proofs), None)


def _render(found: Scenario, heading: str, form: str, proofs: bool) -> str:
    if form == "json":
        return json.dumps(_data(found, proofs), ensure_ascii=False, indent=2)
    return _text(found, heading, proofs)


def _text(found: Scenario, heading: str, proofs: bool) -> str:
    lines = [heading]
    if not found.difference:
        return "\n".join([*lines, "Nothing changes."])
    parts = (("Gained", found.difference.gained), ("Lost", found.difference.lost))
    for name, conclusions in parts:
        if conclusions:
            lines += ["", f"{name}:"]
        for conclusion in conclusions:
            marks = ", ".join(part for part in (conclusion.status.lower(), conclusion.overlap.lower()) if part)
            lines.append(f"- {found.sentence(conclusion)}" + (f" [{marks}]" if marks else ""))
            if proofs:
                lines += [f"  {line}" for line in found.explain(conclusion).tree().splitlines()]
    if found.difference.altered:
        lines += ["", "Altered:"]
    for before, after in found.difference.altered:
        changes = [f"{a} is now {b}" for a, b in zip(before.marks, after.marks, strict=True) if a != b]
        lines.append(f"- {found.sentence(after)} [{'; '.join(changes)}]")
        if proofs:
            lines += [f"  {line}" for line in found.explain(after).tree().splitlines()]
    return wrap("\n".join(lines)) if not proofs else "\n".join(lines)


def _data(found: Scenario, proofs: bool) -> dict[str, Any]:
    def one(conclusion: Any) -> dict[str, Any]:
        data = {"says": found.sentence(conclusion), **conclusion.to_dict()}
        if proofs:
            data["explanation"] = found.explain(conclusion).to_dict()
        return data

    return {
        "says": found.says,
        "gained": [one(c) for c in found.difference.gained],
        "lost": [one(c) for c in found.difference.lost],
        "altered": [{"before": before.to_dict(), "after": one(after)} for before, after in found.difference.altered],
    }
