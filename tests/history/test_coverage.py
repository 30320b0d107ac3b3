"""An answer that finds nothing says for which years nobody speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import KnowledgeGraph
from tests.history.test_tables import made_up, small

__all__ = ["made_up", "small"]

SPANS = {
    "armed conflicts": "armed conflicts (1946 to 2024)",
    "alliances": "alliances (1815 to 2018)",
    "rivalries": "rivalries (1494 to 2020)",
    "arms transfers": "arms transfers (1950 to 2021)",
}


@pytest.mark.parametrize(
    ("question", "asked", "when", "silent"),
    [
        ("obligations-network", {"year": "1750"}, "in 1750", ["armed conflicts", "alliances", "arms transfers"]),
        ("arms-transfers", {"on": "1930-05-01"}, "in 1930", ["armed conflicts", "arms transfers"]),
        ("arms-transfers", {"on": "2022-05-01"}, "in 2022", ["alliances", "rivalries", "arms transfers"]),
        (
            "allies-supplying-adversary", {"from": "1900-01-01", "to": "1940-12-31"}, "in 1900 to 1940",
            ["armed conflicts", "arms transfers"],
        ),
        ("allies-supplying-adversary", {"to": "1948-12-31"}, "before 1949", ["arms transfers"]),
        ("allies-supplying-adversary", {"from": "2030-01-01"}, "from 2030 on", list(SPANS)),
    ],
)  # fmt: skip
def test_what_is_not_covered(
    small: KnowledgeGraph, question: str, asked: dict[str, str], when: str, silent: list[str]
) -> None:
    answer = small.ask(question, **asked)
    assert len(answer) == 0
    assert answer.notes == (
        f"not covered {when}, which is another thing than no: {', '.join(SPANS[what] for what in silent)}",
    )


def test_nothing_is_said_where_all_is_covered_or_something_is_found(small: KnowledgeGraph) -> None:
    assert (
        len(small.ask("arms-transfers", on="1972-05-01")) == 0
        and not small.ask("arms-transfers", on="1972-05-01").notes
    )
    assert len(small.ask("allies-supplying-adversary", state="Pakistan", to="1971-12-31"))
    assert not small.ask("allies-supplying-adversary", state="Pakistan", to="1971-12-31").notes
    assert not small.ask("arms-transfers", recipient="Chad").notes  # no year is asked about


def test_a_report_speaks_for_no_year(store: Path) -> None:
    answer = KnowledgeGraph.open(store).ask("arms-transfers", on="1930-01-01")
    assert len(answer) == 0 and not answer.notes
