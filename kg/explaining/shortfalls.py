"""What is said of a conclusion that does not follow: plain records, with no store behind them."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

__all__ = ["Leg", "Roles", "Shortfall", "WhyNot"]


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
        found: what fills it, in words.
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
