"""What ``kg build`` prints: which ally armed an adversary of whom, and how much to make of it.

Everything is read from the answer to one question, and from the dates of its premises.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, permutations
from typing import Any

from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.api import KnowledgeGraph
from kg.cli.telling import WIDEST
from kg.sentences import CATEGORY
from kg.terms import Term, curie
from kg.time import OPEN_ABOVE, OPEN_BELOW

__all__ = ["Finding", "findings", "in_words"]

_QUESTION = "allies-supplying-adversary"
_LISTED = 10
_SILENCE = "Silence is not proof: that is what the sources read here say, and no more."


@dataclass(frozen=True)
class Finding:
    """One row of the answer, with the reason why its dates may not meet.

    Attributes:
        row: the row, as names and values.
        doubt: why the overlap is only possible, or ``""`` where it is definite.
    """

    row: dict[str, Any]
    doubt: str


def findings(graph: KnowledgeGraph) -> tuple[list[Finding], int]:
    """The allies who armed an adversary, under the policy of the graph: those to tell, and how many more there are."""
    answer = graph.ask(_QUESTION)
    found = []
    for row, terms in islice(zip(answer, answer.terms, strict=True), _LISTED):
        named = dict(zip(answer.columns, terms, strict=True))
        possible = isinstance(named["overlap"], NamedNode) and named["overlap"].value.endswith("#Possible")
        found.append(Finding(row, _doubt(graph, named) if possible else ""))
    return found, len(answer) - len(found)


def in_words(found: Sequence[Finding], policy: str, room: int, more: int = 0) -> str:
    """The findings as text that fits some columns.

    Args:
        found: the findings.
        policy: name of the trust policy.
        room: the columns.
        more: how many there are besides.
    """

    def wrap(text: str, indent: str = "", rest: str | None = None) -> str:
        return textwrap.fill(
            text,
            min(room, WIDEST),
            initial_indent=indent,
            subsequent_indent=indent if rest is None else rest,
            break_on_hyphens=False,
            break_long_words=False,
        )

    if not found:
        return wrap(f"Under the policy {policy}, no ally is recorded as having armed an adversary. {_SILENCE}")
    parts = []
    for finding in found:
        details = _details(finding, alone=len(found) == 1)
        margin = max(len(name) for name, _ in details) + 4
        lines = [wrap(f"  {name:<{margin - 2}}{text}", "", " " * margin) for name, text in details]
        parts.append("\n".join([wrap(_headline(finding)), *lines]))
    if more:
        parts.append(f"… and {more:,} more: kg ask {_QUESTION}")
    return "\n\n".join([*parts, wrap(CATEGORY)])


def _headline(finding: Finding) -> str:
    row = finding.row
    bound = "to which it may have been bound at the time" if finding.doubt else "to which it was bound at the time"
    status = _status(row).capitalize()
    return f"{status}: {row['supplier']} armed {row['adversary']}, an adversary of {row['state']}, {bound}."


def _details(finding: Finding, *, alone: bool) -> list[tuple[str, str]]:
    """What is said below the headline; of one among several, when it was stands beside the obligation."""
    row, when = finding.row, _when(finding.row)
    return [
        ("obligation", f"{row['obligation']} ({row['alliance']})" if alone else f"{row['obligation']}; {when}"),
        ("arms", row["transfer"]),
        ("adversary by", row["hostilities"]),
        *([("when", when)] if alone else []),
        ("how sure", _sure(finding)),
        ("on the word of", row["said_by"]),
    ]


def _when(row: dict[str, Any]) -> str:
    first, last = row["from"], row["until"]
    if last == "open":
        return "at a time that no source bounds" if first == "open" else f"{first} or later"
    return f"{last} or earlier" if first == "open" else f"between {first} and {last}"


def _status(row: dict[str, Any]) -> str:
    """How surely the premises are said to be so: what follows from facts is none itself."""
    return "stated as fact" if row["status"] == "fact" else str(row["status"])


def _sure(finding: Finding) -> str:
    row = finding.row
    return f"{_status(row)}; the dates meet {finding.doubt or 'under every reading of the sources'}"


# ------------------------------------------------------------------ why an overlap is only possible


@dataclass(frozen=True)
class _Premise:
    name: str
    begin_earliest: date
    begin_latest: date
    end_earliest: date
    end_latest: date


def _doubt(graph: KnowledgeGraph, named: dict[str, Term | None]) -> str:
    """In words, what the sources would have to say for the overlap to be certain."""
    reasons = [_reasons(premises) for premises in _premises(graph, named)]
    if not reasons:
        return "only possibly"
    # The episode that lacks least says best what is missing.
    fewest = min(reasons, key=lambda lacks: (len(lacks), lacks))
    return "only possibly: " + "; ".join(fewest) if fewest else "only possibly"


def _premises(graph: KnowledgeGraph, named: dict[str, Term | None]) -> list[list[_Premise]]:
    """What the sources say that the row rests on, one list an episode."""
    solutions = graph.sparql(
        f"""PREFIX foedus: <https://w3id.org/foedus/ns#>
        PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT DISTINCT ?episode ?premise ?label ?beginEarliest ?beginLatest ?endEarliest ?endLatest WHERE {{
          ?episode a foedus:AllySupplyingAdversary ; foedus:overlap foedus:Possible ;
            foedus:supplyLeg {named["transfer"]} ; foedus:obligationLeg ?bond ; prov:wasDerivedFrom+ ?premise .
          ?bond foedus:underProvision {named["obligation"]} ; foedus:obligee {named["state"]} .
          ?premise foedus:acceptedThrough ?claim ; foedus:beginEarliest ?beginEarliest ;
            foedus:beginLatest ?beginLatest ; foedus:endEarliest ?endEarliest ; foedus:endLatest ?endLatest .
          OPTIONAL {{ ?premise rdfs:label ?label FILTER(LANGMATCHES(LANG(?label), "en")) }}
        }} ORDER BY ?episode ?premise ?label"""
    )
    assert isinstance(solutions, QuerySolutions)
    episodes: dict[str, dict[str, _Premise]] = defaultdict(dict)
    for episode, premise, label, *days in map(tuple, solutions):
        assert isinstance(episode, NamedNode) and isinstance(premise, NamedNode)
        name = label.value if isinstance(label, Literal) else curie(premise.value)
        bounds = [date.fromisoformat(day.value) for day in days if isinstance(day, Literal)]
        episodes[episode.value].setdefault(premise.value, _Premise(name, *bounds))
    return [list(premises.values()) for premises in episodes.values()]


def _reasons(premises: Sequence[_Premise]) -> list[str]:
    no_begin, no_end, loose = set(), set(), set()
    for late, early in permutations(premises, 2):
        if late.begin_latest <= early.end_earliest:
            continue
        if late.begin_earliest == OPEN_BELOW:
            no_begin.add(late.name)
        elif early.end_latest == OPEN_ABOVE:
            no_end.add(early.name)
        else:
            loose.add(
                f"{late.name} may have begun as late as {late.begin_latest}, "
                f"{early.name} may have ended as early as {early.end_earliest}"
            )
    reasons = sorted(loose)
    if no_begin:
        reasons.append(f"no source says since when this has held: {', '.join(sorted(no_begin))}")
    if no_end:
        reasons.append(f"no source says until when this held: {', '.join(sorted(no_end))}")
    return reasons
