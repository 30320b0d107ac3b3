"""The command line: thin commands over :mod:`kg.api`, results to standard output and all else to standard error."""

from kg.cli.app import main

__all__ = ["main"]
