"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.api import KnowledgeGraph, default_store
from kg.cli.progress import Stages
from kg.cli.telling import tell
from kg.errors import UsageError
from kg.settings import RemoteSettings, is_url, remote_settings
from kg.store.embedded import EmbeddedStore

__all__ = [
    "folder_option",
    "known_by_option",
    "only_option",
    "open_graph",
    "out_option",
    "policy_option",
    "store_option",
]

_F = TypeVar("_F", bound=Callable[..., Any])


def store_option(command: _F) -> _F:
    """``--store PATH|URL``: which graph to read or to write, and how to get in where it is a remote one."""

    @wraps(command)
    def run(
        *args: Any,
        store: Path | str | None,
        update_url: str | None,
        graph_store_url: str | None,
        store_user: str | None,
        store_token: str | None,
        **others: Any,
    ) -> Any:
        given = {"update_url": update_url, "graph_store_url": graph_store_url, "token": store_token}
        return command(*args, store=_place(store, store_user, given), **others)

    for option in (
        click.option("--store-token", metavar="TOKEN", help="Bearer token for it; better $FOEDUS_STORE_TOKEN."),
        click.option("--store-user", metavar="NAME", help="Name to sign in with; password in $FOEDUS_STORE_PASSWORD."),
        click.option("--graph-store-url", metavar="URL", help="Its Graph Store Protocol endpoint, to load faster."),
        click.option("--update-url", metavar="URL", help="Where a remote graph takes updates.  [default: its URL]"),
        click.option(
            "--store",
            type=_Place(),
            metavar="PATH|URL",
            help="Folder of the graph, or a SPARQL endpoint.  [default: $FOEDUS_STORE, else in the user's data folder]",
        ),
    ):
        run = option(run)
    return run  # type: ignore[return-value]


def folder_option(command: _F) -> _F:
    """``--store PATH``: the folder of the graph, for what cannot be done with a remote one."""

    @wraps(command)
    def run(*args: Any, store: Path | str | None, **others: Any) -> Any:
        if is_url(str(store or os.environ.get("FOEDUS_STORE", ""))):
            raise UsageError("--store: this is for a folder on this machine; a remote store is an endpoint already")
        return command(*args, store=store, **others)

    option = click.option(
        "--store",
        type=_Place(),
        metavar="PATH",
        help="Folder of the graph.  [default: $FOEDUS_STORE, else in the user's data folder]",
    )
    return option(run)  # type: ignore[return-value]


class _Place(click.ParamType):  # type: ignore[type-arg]  # no generic class in older releases
    """A folder or a URL."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        """See :meth:`click.ParamType.convert`."""
        if is_url(value):
            return str(value)
        path: Path = click.Path(path_type=Path, file_okay=False).convert(value, param, ctx)
        return path


def _place(store: Path | str | None, user: str | None, given: dict[str, str | None]) -> Path | RemoteSettings | None:
    url = str(store or os.environ.get("FOEDUS_STORE", ""))
    if not is_url(url):
        if user or any(given.values()):
            raise UsageError("--update-url, --graph-store-url, --store-user and --store-token go with a remote --store")
        return store if isinstance(store, Path) else None
    name, colon, password = (user or "").partition(":")
    settings = remote_settings(url, user=name or None, password=password if colon else None, **given)
    if name and settings.password is None and sys.stdin.isatty():
        password = click.prompt(f"Password of {name}", hide_input=True, err=True)
        settings = remote_settings(url, user=name, password=password, **given)
    return settings


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


def open_graph(store: Path | RemoteSettings | None) -> KnowledgeGraph:
    """The graph to ask; the one of the facts that ship is built on first use."""
    if store is None and not EmbeddedStore.exists(default_store()):
        tell(f"no graph yet, building it once, in {default_store()}")
    with Stages() as stages:
        return KnowledgeGraph.open(store, progress=stages)
