"""The command ``kg``: its group of commands, and what its errors look like.

Exit codes: 0 fine, 1 findings, 2 usage, 3 could not do it; 130 after Ctrl-C and 141 when the reader of a pipe has gone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Final

import click

from kg import __version__
from kg.cli.telling import tell
from kg.errors import InconsistencyError, KgError, UnknownName, ValidationError, is_damage
from kg.terms import near_misses

__all__ = ["main"]

_HOMES: Final[Mapping[str, str]] = {
    "build": "kg.cli.build",
    "ask": "kg.cli.ask",
    "sparql": "kg.cli.sparql",
    "explain": "kg.cli.explain",
    "why-not": "kg.cli.explain",
    "what-if": "kg.cli.scenarios",
    "diff": "kg.cli.scenarios",
    "validate": "kg.cli.checks",
    "verify": "kg.cli.checks",
    "export": "kg.cli.export",
    "import": "kg.cli.importing",
    "serve": "kg.cli.serve",
}
"""The module of each command, in the order in which people need them; imported when the command is used."""

_INTERRUPTED = 130
_READER_GONE = 141
_FEW: Final = 3
"""How many contradictions are told with the triples that clash."""


def _function(command: str) -> str:
    name = command.replace("-", "_")
    return f"{name}_" if iskeyword(name) else name


class _ReaderGone(Exception):
    """Nobody reads our output any more."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which people need them."""
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in _HOMES:
            return None
        command: click.Command = getattr(import_module(_HOMES[cmd_name]), _function(cmd_name))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command named first, or the names closest to it."""
        if args[0] not in _HOMES and not args[0].startswith("-"):
            raise UnknownName("command", args[0], near_misses(args[0], _HOMES), f"There are: {', '.join(_HOMES)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and notice when the reader of a pipe has gone."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as fault:
            raise _ReaderGone from fault
        return result


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 findings, 2 usage, 3 could not. Try: kg ask --list",
)
@click.version_option(__version__, "-V", "--version", message="kg %(version)s")
def kg() -> None:
    """Ask a graph of alliances and betrayals (a category of analysis, no verdict)."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        args: the arguments, those of the process where not given.

    Returns:
        The exit code.
    """
    try:
        result = kg.main(None if args is None else list(args), "kg", standalone_mode=False)
    except KgError as fault:
        _tell(fault)
        return fault.exit_code
    except click.Abort:
        return _INTERRUPTED
    except click.ClickException as fault:
        context = fault.ctx if isinstance(fault, click.UsageError) else None
        hint = f" (see `{context.command_path} --help`)" if context else ""
        tell(f"{fault.format_message()}{hint}")
        return 2
    except _ReaderGone:
        # What is still in the buffer goes nowhere; Python would complain about it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except OSError as fault:
        where = f"{fault.filename}: " if fault.filename else ""
        tell(f"{where}{fault.strerror or fault}")
        return 3
    except RuntimeError as fault:
        # What is asked of a store on disk is read from it while its rows are gone through, wherever that is.
        if not is_damage(fault):
            raise
        tell(f"the store is damaged, build it again ({fault})")
        return 3
    return result if isinstance(result, int) else 0


def _tell(fault: KgError) -> None:
    if isinstance(fault, ValidationError):
        from kg.cli.output import violation_text

        for violation in fault.violations:
            click.echo(violation_text(violation), err=True)
    if isinstance(fault, InconsistencyError):
        from kg.cli.output import inconsistency_text

        for found in [i for i in fault.inconsistencies if i.triples][:_FEW]:
            click.echo(inconsistency_text(found), err=True)
    tell(" ".join(str(fault).split()))
