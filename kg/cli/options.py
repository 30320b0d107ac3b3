"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.api import KnowledgeGraph, default_store
from kg.cli.progress import Stages
from kg.store.embedded import EmbeddedStore

__all__ = ["known_by_option", "only_option", "open_graph", "out_option", "policy_option", "store_option"]

_F = TypeVar("_F", bound=Callable[..., Any])


def store_option(command: _F) -> _F:
    """``--store PATH``: which graph to read or to write."""
    return click.option(
        "--store",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="PATH",
        help="Folder of the graph.  [default: $FOEDUS_STORE, else in the user's data folder]",
    )(command)


def policy_option(command: _F) -> _F:
    """``--policy P``: which claims count."""
    return click.option(
        "--policy", metavar="P", help="Trust policy: facts, reported, alleged or one of your own.  [default: reported]"
    )(command)


def known_by_option(command: _F) -> _F:
    """``--known-by DATE``: only what had been published."""
    return click.option("--known-by", metavar="DATE", help="Use only claims published by this day (YYYY-MM-DD).")(
        command
    )


def out_option(command: _F) -> _F:
    """``--out FILE``: where the result goes."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write to a file; its suffix decides the format where --format does not.",
    )(command)


def only_option(command: _F) -> _F:
    """``--only``: leave out the facts that ship."""
    return click.option("--only", is_flag=True, help="Leave out the facts that ship, except for the list of states.")(
        command
    )


def open_graph(store: Path | None) -> KnowledgeGraph:
    """The graph to ask; the one of the facts that ship is built on first use."""
    if store is None and not EmbeddedStore.exists(default_store()):
        click.echo(f"kg: no graph yet, building it once, in {default_store()}", err=True)
    with Stages() as stages:
        return KnowledgeGraph.open(store, progress=stages)
