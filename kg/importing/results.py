"""What importing came to: what was made of the rows, and why not of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyoxigraph
from pyoxigraph import RdfFormat, Triple

__all__ = ["Import", "SetAside"]


@dataclass(frozen=True, order=True)
class SetAside:
    """One reason for which rows of a file did not become nodes.

    Attributes:
        file: name of the file; where rows come from no file, what the first of them is.
        reason: why, in words.
        count: how many rows.
        line: line of the first of them, 0 where they come from no file.
    """

    file: str
    reason: str
    count: int
    line: int

    @property
    def place(self) -> str:
        """Where the first of them is."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Import:
    """What importing some files came to.

    Attributes:
        source: the kind of data set, such as ``"sipri"``.
        rows: rows read; each is used or set aside, and counted once.
        used: rows that nodes were made from.
        nodes: how many nodes of which class.
        set_aside: why the other rows were not used.
        notes: what else a reader should know, such as records mended.
        lines: the nodes, their claims and their source as lines of N-Triples, sorted, none twice.
    """

    source: str
    rows: int
    used: int
    nodes: dict[str, int]
    set_aside: tuple[SetAside, ...]
    notes: tuple[str, ...]
    lines: tuple[str, ...]

    @cached_property
    def ntriples(self) -> bytes:
        """Everything as N-Triples, in the order of the lines."""
        return "".join(self.lines).encode()

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """Everything as triples, in the order of the lines."""
        return tuple(quad.triple for quad in pyoxigraph.parse(self.ntriples, format=RdfFormat.N_TRIPLES))
