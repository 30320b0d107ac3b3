"""What is said of a conclusion that does not follow: plain records, with no store behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

__all__ = ["Leg", "Roles", "Shortfall", "WhyNot"]

_TOLD: Final = 5
"""How much of a premise is told, where not everything is wanted."""


@dataclass(frozen=True)
class Roles:
    """Who is asked about; ``None`` leaves a role open.

    Attributes:
        ally: the state that owes the obligation.
        state: the state to which it is owed.
        adversary: the state that is hostile to it.
    """

    ally: NamedNode | None = None
    state: NamedNode | None = None
    adversary: NamedNode | None = None


@dataclass(frozen=True)
class Shortfall:
    """One thing that is missing.

    Attributes:
        kind: ``"time"``, ``"policy"``, ``"denied"``, ``"unrecorded"``, or ``"answered"`` where help was given.
        says: what is missing, in a sentence.
        needed: what would have to be true.
        days: days between intervals that would have to meet, for ``"time"``.
        claims: IRIs of the claims that do not count, for ``"policy"`` and ``"denied"``.
    """

    kind: str
    says: str
    needed: str
    days: int | None = None
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leg:
    """One premise.

    Attributes:
        name: such as ``"obligation"``.
        holds: whether something that counts fills it.
        found: what fills it, in words; first what speaks of the states that the other premises speak of.
        shortfalls: what is missing where nothing does, nearest first.
    """

    name: str
    holds: bool
    found: tuple[str, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True)
class WhyNot:
    """Why a conclusion does not follow.

    Attributes:
        question: name of the question.
        view: name of the view asked.
        legs: its premises, one by one.
    """

    question: str
    view: str
    legs: tuple[Leg, ...]

    def prose(self, *, full: bool = False) -> str:
        """The premises in lines: what fills each, or what is missing and what it would take.

        Args:
            full: whether all there is is told, rather than the nearest few.
        """
        return "\n".join(self._lines(None if full else _TOLD))

    def _lines(self, most: int | None) -> Iterator[str]:
        yield f"It does not follow (policy {self.view})."
        for leg in self.legs:
            yield ""
            yield f"{leg.name}: {'holds' if leg.holds else 'fails'}"
            for text in leg.found[:most]:
                yield f"- {text}"
            for shortfall in leg.shortfalls[:most]:
                yield f"- {shortfall.says}"
                yield f"  what it would take: {shortfall.needed}"
            rest = len(leg.found[most:] if most else ()) + len(leg.shortfalls[most:] if most else ())
            if rest:
                yield f"… and {rest:,} more"
