"""What can be used of statements of Wikidata, and the reason why the rest cannot.

A deprecated statement is set aside. All other memberships hold, whatever their rank, for a state is in many
organizations at once, in some of them no longer; of codes, and of when an alliance began and ended, only the statements
of the best rank are used. A membership without an end time has an unknown end; only one that says that it has none
goes on.

Reference:
    Wikidata, Help:Ranking (https://www.wikidata.org/wiki/Help:Ranking).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.importing.wikidata_matching import Listed
from kg.importing.wikidata_statements import BEGAN, DISSOLVED, ENDED, FOUNDED, Statement, best, is_item
from kg.importing.writing import Span
from kg.vocab import FOEDUS

__all__ = ["QUALIFIERS", "Belonging", "Lifetime", "Unusable", "belonging", "code", "lifetimes"]

_ROLES: Final = ("P2868", "P3831")
"""Subject has role, object has role: an observer is no member."""
_DOUBTS: Final = ("P1480", "P5102")
"""Sourcing circumstances, nature of statement."""
QUALIFIERS: Final = frozenset({BEGAN, ENDED, *_ROLES, *_DOUBTS})
"""The qualifiers of a membership that make a difference."""


class Unusable(ValueError):
    """What cannot be used; the message is the reason that it is set aside for."""


@dataclass(frozen=True)
class Belonging:
    """A membership that can be used.

    Attributes:
        statement: the statement.
        state: the member.
        organization: item of what it is a member of.
        span: from when to when.
        words: what that leaves out, in words.
        is_doubted: whether the statement says that it is not certain.
    """

    statement: Statement
    state: Listed
    organization: NamedNode
    span: Span
    words: str
    is_doubted: bool


@dataclass(frozen=True)
class Lifetime:
    """When an alliance began and ended.

    Attributes:
        span: from when to when.
        words: what that leaves out, in words.
        statements: the statements that say so.
    """

    span: Span
    words: str
    statements: tuple[Statement, ...] = ()


def code(statement: Statement, of_best_rank: Collection[NamedNode], state: Listed) -> str:
    """The code that a statement gives, if it is the one that the list gives.

    Raises:
        Unusable: it gives none, or another.
    """
    _ranked(statement, of_best_rank)
    (value,) = statement.values if len(statement.values) == 1 else (None,)
    if not isinstance(value, Literal):
        raise Unusable("the value is not known, or there is none")
    ours = state.codes.get(statement.property_id)
    if ours is None:
        raise Unusable("the list gives the state no such code of ISO 3166-1")
    if value.value != ours:
        raise Unusable("the list gives the state another code")
    return ours


def belonging(statement: Statement, found: Mapping[NamedNode, Listed], day: date) -> Belonging:
    """A membership.

    Args:
        statement: a statement that an item is a member of something.
        found: the items that stand for states and territories.
        day: the day on which the endpoint was asked.

    Raises:
        Unusable: it says of no state that it is a member of an organization that is known, or when is not clear.
    """
    state = found[statement.item]
    _named(statement)
    _ranked(statement)
    if not state.is_state:
        raise Unusable("the member is a territory and no state")
    if not statement.values:
        raise Unusable("says that there is nothing of which it is a member")
    organization = next(iter(statement.values))
    if len(statement.values) > 1 or not isinstance(organization, NamedNode) or not is_item(organization):
        raise Unusable("the organization is not known")
    if organization in found:
        raise Unusable("what it is a member of is a state or a territory")
    if any(role in statement.qualifiers for role in _ROLES):
        raise Unusable("qualified by a role (P2868, P3831): perhaps no full member")
    begin, began = _moment(statement, BEGAN)
    if begin is None and any(moment.year > day.year for moment in statement.moments.get(BEGAN, ())):
        # Where no begin is written, what a source describes has begun.
        raise Unusable("begins after today, at a time that no date says")
    end, ended = _moment(statement, ENDED)
    _in_order(begin, end)
    goes_on = end is None and ENDED in statement.absent
    span = Span(
        begin=begin,
        end=FOEDUS.Ongoing if goes_on else _closing(end, ended),
        as_of=day.isoformat() if goes_on else None,
    )
    doubted = any(doubt in statement.qualifiers for doubt in _DOUBTS)
    return Belonging(statement, state, organization, span, _words(began, ended), doubted)


def lifetimes(
    statements: Sequence[Statement],
) -> tuple[dict[NamedNode, Lifetime], list[tuple[Statement, str]]]:
    """When alliances began and ended, by item, and the statements that are not used, each with the reason."""
    of_best_rank = best(statements)
    given: dict[NamedNode, dict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    unused: list[tuple[Statement, str]] = []
    for statement in statements:
        try:
            _named(statement)
            _ranked(statement, of_best_rank)
            if not statement.values:
                raise Unusable("says that there is no such date")
            if not statement.moments.get(statement.property_id):
                raise Unusable("the date is not known")
        except Unusable as fault:
            unused.append((statement, str(fault)))
        else:
            given[statement.item][statement.property_id].append(statement)
    found = {}
    for item, dated in given.items():

        def when(prop: str, dated: dict[str, list[Statement]] = dated) -> tuple[str | None, str]:
            moments = {moment for statement in dated[prop] for moment in statement.moments[prop]}
            if len(moments) > 1:
                unused.extend((statement, "Wikidata gives several such dates") for statement in dated.pop(prop))
            elif moments:
                (moment,) = moments
                return moment.date, moment.words
            return None, ""

        begin, began = when(FOUNDED)
        end, ended = when(DISSOLVED)
        try:
            _in_order(begin, end)
        except Unusable as fault:
            unused.extend((statement, str(fault)) for statement in dated.pop(DISSOLVED))
            end, ended = None, ""
        span = Span(begin=begin, end=_closing(end, ended), as_of=None)
        found[item] = Lifetime(span, _words(began, ended), tuple(s for kept in dated.values() for s in kept))
    return found, unused


def _named(statement: Statement) -> None:
    if not statement.is_well_named:
        raise Unusable("the statement has no identifier")


def _ranked(statement: Statement, of_best_rank: Collection[NamedNode] | None = None) -> None:
    if statement.rank == "deprecated":
        raise Unusable("deprecated in Wikidata")
    if of_best_rank is not None and statement.node not in of_best_rank:
        raise Unusable("another statement is preferred in Wikidata")


def _moment(statement: Statement, prop: str) -> tuple[str | None, str]:
    """The time that a qualifier gives, and what that leaves out, in words."""
    given, moments = statement.qualifiers.get(prop, set()), statement.moments.get(prop, set())
    if len(given) > 1 or len(moments) > 1:
        raise Unusable(f"gives several times as its {'begin' if prop == BEGAN else 'end'}")
    if moments:
        (moment,) = moments
        return moment.date, moment.words
    if not given:
        return None, ""
    (value,) = given
    return None, f"{value.value}, with no precision known" if isinstance(value, Literal) else "not known"


def _in_order(begin: str | None, end: str | None) -> None:
    if begin is not None and end is not None and end[: len(begin)] < begin[: len(end)]:
        raise Unusable("ends before it begins")


def _closing(end: str | None, words: str) -> str | NamedNode | None:
    """An end that is there and cannot be written is unknown."""
    return FOEDUS.Unknown if end is None and words else end


def _words(began: str, ended: str) -> str:
    return "; ".join(f"{what}: {text}" for what, text in (("begin", began), ("end", ended)) if text)
