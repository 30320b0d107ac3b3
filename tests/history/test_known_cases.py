"""Cases that historians know must come out of the published record; so must their absence where a leg is missing."""

from __future__ import annotations

import pytest

from kg import KnowledgeGraph

CASES = {
    "Polonez rockets": ("Belarus", "Azerbaijan", "Armenia", 2018, "Polonez"),
    "Exocet missiles": ("France", "Argentina", "United Kingdom", 1982, "AM-39 Exocet"),
    "Canberra bombers": ("United Kingdom", "India", "Pakistan", 1965, "Canberra B(I)-8"),
    "Sea King helicopters": ("United Kingdom", "India", "Pakistan", 1971, "Sea King HAS-1"),
    "Smerch rockets": ("Russia", "Azerbaijan", "Armenia", 2014, "BM-9A52 Smerch"),
}


@pytest.mark.parametrize(("supplier", "adversary", "state", "year", "weapon"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("grain", ["day", "year"])
def test_the_case_comes_out(
    record: KnowledgeGraph, supplier: str, adversary: str, state: str, year: int, weapon: str, grain: str
) -> None:
    answer = record.ask(
        "allies-supplying-adversary",
        supplier=supplier,
        adversary=adversary,
        state=state,
        grain=grain,
        **{"from": f"{year}-01-01", "to": f"{year}-12-31"},
    )
    found = [row for row in answer if weapon in row["transfer"]]
    assert found
    assert {row["grain"] for row in found} == {grain}
    assert all(row["from"] <= f"{year}-12-31" and row["until"] >= f"{year}-01-01" for row in answer)


def test_cases_with_a_leg_missing_do_not(record: KnowledgeGraph) -> None:
    for grain in ("day", "year"):
        # Britain owed India nothing; the Falklands war was over by 1990.
        assert not record.ask("allies-supplying-adversary", supplier="United Kingdom", state="India", grain=grain)
        assert not record.ask("allies-supplying-adversary", supplier="France", state="Argentina", grain=grain)


def test_russia_was_bound_to_both_and_is_left_out_where_only_one_sided_suppliers_are_asked_for(
    record: KnowledgeGraph,
) -> None:
    given = {"supplier": "Russia", "state": "Armenia", "from": "2014-01-01", "to": "2014-12-31"}
    everyone = record.ask("allies-supplying-adversary", **given)
    one_sided = record.ask("allies-supplying-adversary", one_sided=True, **given)
    assert len(one_sided) < len(everyone)
