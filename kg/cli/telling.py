"""What is said on standard error: notes, and what went wrong."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import Final

import click

__all__ = ["WIDEST", "tell"]

WIDEST: Final = 100
"""Columns from which on a line of prose is hard to read, however wide the terminal."""


def tell(text: str) -> None:
    """Say something about the work: on a terminal in lines that fit, else in one line, for programs to read.

    Args:
        text: what there is to say.
    """
    line = f"kg: {text}"
    if sys.stderr.isatty():
        room = min(shutil.get_terminal_size().columns, WIDEST)
        line = textwrap.fill(line, room, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
    click.echo(line, err=True)
