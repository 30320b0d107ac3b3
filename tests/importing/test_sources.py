"""What each importer makes of the quirks of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import KnowledgeGraph
from kg.errors import ParseError
from kg.importing import import_files
from kg.resources import resource
from tests.importing.conftest import ACD, ATOP, DYADIC, DYADS, SIPRI, TSS, acd, dyad, member
from tests.importing.tables import Nodes, accounted_for, faults, nodes, of_kind, reasons, table


def deal_of(made: Nodes, row: int) -> tuple[dict[str, list[str]], list[dict[str, list[str]]]]:
    """The claim of a row of the register, and its transfers in the order of their years."""
    (claim,) = (part for part in made.values() if part.get("source") == [f"deliveries-to-2024.csv, row {row}"])
    return claim, sorted((made[name] for name in claim["claims"]), key=lambda part: part["begin"])


def test_sipri(sipri: Path) -> None:
    result = import_files("sipri", [sipri])
    assert accounted_for(result) and (result.rows, result.used) == (11, 6)
    assert reasons(result) == {
        "nothing delivered yet": 1,
        "supplier unknown": 1,
        "recipient unknown": 1,
        "Katanga is not in the list of states": 1,
        "Aruba is a territory, not a state": 1,
    }
    made = nodes(result)
    claim, (first,) = deal_of(made, 1)
    assert (first["supplier"], first["recipient"]) == (["state/BLR"], ["state/AZE"])
    assert (first["orderedOn"], first["begin"], first["end"]) == (["2017"], ["2018"], ["2018"])
    assert (first["quantity"], first["trendIndicatorValue"]) == (["6"], ["7.2"])
    assert first["weapon"] == ["Moonbeam (rocket launcher)"]
    assert first["editorialNote"] == ["An estimate of SIPRI: year of order, number ordered."]
    assert claim["source"] == ["deliveries-to-2024.csv, row 1"] and claim["modality"] == ["Fact"]
    assert claim["attributedTo"] == ["organization/stockholm-international-peace-research-institute"]
    assert made[claim["reportedBy"][0]]["publishedOn"] == ["2025"]


def test_sipri_runs_of_years_are_transfers_and_no_figure_is_counted_twice(sipri: Path) -> None:
    made = nodes(import_files("sipri", [sipri]))
    claim, parts = deal_of(made, 2)
    assert [(p["begin"], p["end"]) for p in parts] == [(["1989"], ["1990"]), (["1993"], ["1993"])]
    assert not any("quantity" in p or "trendIndicatorValue" in p for p in parts)
    assert all(p["supplier"] == ["state/RUS"] for p in parts)
    assert len(claim["claims"]) == 2
    assert deal_of(made, 4)[1][0]["begin"] == ["2015"]


def test_sipri_groups_doubts_and_torn_records(sipri: Path) -> None:
    result = import_files("sipri", [sipri])
    made = nodes(result)
    assert deal_of(made, 3)[1][0]["recipient"] == ["organization/sipri-houthi-rebels-yemen"]
    assert made["organization/sipri-nato"]["label"] == ["NATO"]
    assert deal_of(made, 10)[0]["modality"] == ["Speculated"]
    _, (torn,) = deal_of(made, 11)
    assert torn["recipient"] == ["state/CIV"] and torn["trendIndicatorValue"] == ["4.5"]
    assert any("had torn" in note and note.startswith("1 ") for note in result.notes)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [(2, "20x1", "is no year"), (10, "soon", "is no year"), (8, "few", "whole number"), (15, "a lot", "no figure")],
)
def test_sipri_names_the_line_at_fault(tmp_path: Path, column: int, value: str, message: str) -> None:
    row = ["India", "Israel", "2001", "", "2", "", "X", "gun", "2", "", "2002", "New", "", "1", "2", "2"]
    bad = [*row[:column], value, *row[column + 1 :]]
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, [row, bad])
    with pytest.raises(ParseError, match=message) as caught:
        import_files("sipri", [path])
    assert caught.value.line == 3


def test_rivalries(rivalries: list[Path]) -> None:
    result = import_files("rivalry", rivalries)
    assert accounted_for(result) and (result.rows, result.used) == (4, 3)
    assert reasons(result) == {"Correlates of War number 324 is not in the list of states": 1}
    made = nodes(result)
    cut = made["rivalry/tss-7"]
    assert sorted(cut["rival"]) == ["state/ARM", "state/AZE"]
    assert (cut["begin"], cut["end"], cut["ongoingAsOf"]) == (["1991"], ["Ongoing"], ["2020"])
    assert cut["summary"] == ["A strategic rivalry, spatial and interventionary."]
    ended = made["rivalry/tss-9"]
    assert ended["end"] == ["1999"] and "ongoingAsOf" not in ended
    assert made["rivalry/td-3"]["ongoingAsOf"] == ["2010"]
    assert made["claim/rivalries-td-2010-3"]["attributedTo"] != made["claim/rivalries-tss-2020-9"]["attributedTo"]


def test_a_later_edition_of_rivalries_stops_later(tmp_path: Path) -> None:
    rows = [
        [1, "A-B", 371, 373, 1991, 2023, "", "", "", "", "", ""],
        [2, "C-D", 2, 365, 1991, 2020, "", "", "", "", "", ""],
    ]
    made = nodes(import_files("rivalry", [table(tmp_path / "tss.csv", TSS, rows)]))
    assert made["rivalry/tss-1"]["ongoingAsOf"] == ["2023"] and made["rivalry/tss-2"]["end"] == ["2020"]
    assert made["source/rivalries-tss-2023"]["publishedNotBefore"] == ["2023-12-31"]


def test_armed_conflicts(conflicts: Path) -> None:
    result = import_files("ucdp-acd", [conflicts])
    assert accounted_for(result) and (result.rows, result.used) == (7, 5)
    assert reasons(result) == {
        "intrastate: no state on side B": 1,
        "Gleditsch and Ward number 751 is not in the list of states": 1,
    }
    made = nodes(result)
    war, support = (made[f"conflict/ucdp-prio-acd-25.1-900-{name}"] for name in ("2023", "2024-gwno-a-2nd"))
    assert (war["begin"], war["ongoingAsOf"], war["sideA"]) == (["2023-09-19"], ["2024"], ["state/AZE"])
    assert (support["begin"], support["end"], support["ongoingAsOf"]) == (["2024"], ["Ongoing"], ["2024"])
    assert (support["sideA"], support["sideB"]) == (["state/RUS", "state/TUR"], war["sideB"])
    war = made["conflict/ucdp-prio-acd-25.1-901-1982"]
    assert (war["begin"], war["end"], war["intensity"]) == (["1982"], ["1982-06-20"], ["2"])
    vague = made["conflict/ucdp-prio-acd-25.1-902-1956"]
    assert (vague["begin"], vague["end"]) == (["1956"], ["1956"])
    assert vague["sideB"] == ["state/FRA", "state/GBR", "state/ISR"]
    abroad = made["conflict/ucdp-prio-acd-25.1-904-2019-gwno-b-2nd"]
    assert (abroad["sideA"], abroad["sideB"], abroad["begin"]) == (["state/LBY"], ["state/ARE"], ["2019"])
    assert made["claim/ucdp-prio-acd-25.1-901-1982"]["source"] == ["acd.csv, row 3"]


def test_pairs_of_opponents(dyads_of_conflict: Path) -> None:
    result = import_files("ucdp-dyadic", [dyads_of_conflict])
    assert accounted_for(result) and reasons(result) == {"extrasystemic: no state on side B": 1}
    made = nodes(result)
    spell = made["conflict/ucdp-dyadic-24.1-70-2001"]
    assert (spell["begin"], spell["end"], spell["intensity"]) == (["2001"], ["2002"], ["2"])
    assert made["claim/ucdp-dyadic-24.1-70-2001"]["source"] == ["dyadic.csv, rows 1-2"]
    assert made["conflict/ucdp-dyadic-24.1-70-2005"]["begin"] == ["2005"]
    # GW 260 is Germany and 678 Yemen; in the other numbering they are West Germany and North Yemen.
    last = made["conflict/ucdp-dyadic-24.1-71-2023"]
    assert (last["sideA"], last["sideB"], last["end"]) == (["state/DEU"], ["state/YEM"], ["Ongoing"])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"type_of_conflict": 7}, "type_of_conflict"),
        ({"start_date2": "2001-02-30"}, "no day of the calendar"),
        ({"start_date2": "1.2.2001"}, "no date"),
        ({"start_prec2": 9}, "precision"),
        ({"version": "23.1"}, "version"),
        ({"year": "19x"}, "year"),
    ],
)
def test_ucdp_names_the_line_at_fault(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    good = {"year": 2001, "gwno_a": 2, "gwno_b": 40, "start_date2": "2001-02-01", "start_prec2": 1}
    rows = [dyad(**good), dyad(**{**good, "dyad_id": 71, **cells})]
    with pytest.raises(ParseError, match=message) as caught:
        import_files("ucdp-dyadic", [table(tmp_path / "dyadic.csv", DYADIC, rows)])
    assert caught.value.line == 3


def test_an_episode_that_ends_before_it_begins(tmp_path: Path) -> None:
    row = acd(
        year=2001, gwno_a=2, gwno_b=40, start_date2="2001-05-01", start_prec2=1, ep_end=1, ep_end_date="2001-04-01"
    )
    with pytest.raises(ParseError, match="before it begins"):
        import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, [row])])


def test_members_of_alliances(members: Path) -> None:
    result = import_files("atop-members", [members])
    assert accounted_for(result) and (result.rows, result.used) == (13, 11)
    assert reasons(result) == {
        "Correlates of War number 8152 is not in the list of states": 1,
        "year of entry missing": 1,
    }
    made = nodes(result)
    armenia = made["membership/atop-9000-371"]
    assert (armenia["begin"], armenia["end"], armenia["ongoingAsOf"]) == (["1993-01-22"], ["Ongoing"], ["2016-12-31"])
    russia = made["membership/atop-9000-365"]
    assert (russia["begin"], russia["end"]) == (["1993-09"], ["2009"])
    assert made["alliance/atop-9000"]["label"] == ["ATOP 9000 (Belarus, Armenia, Russia)"]
    assert made["provision/atop-9000-defense"]["providedBy"] == ["alliance/atop-9000"]
    assert made["membership/atop-9040-255"]["end"] == ["Unknown"]
    assert made["claim/atop-members-4.01-atop-9000-371"]["source"] == ["members.csv, row 1"]


def test_a_state_that_came_back_has_two_memberships(members: Path) -> None:
    made = nodes(import_files("atop-members", [members]))
    assert made["membership/atop-9030-651"]["end"] == ["1979-03-31"]
    assert made["membership/atop-9030-651-2"]["begin"] == ["1989-05-22"]


def test_what_only_some_members_promise_binds_those_alone(members: Path) -> None:
    result = import_files("atop-members", [members])
    made = nodes(result)
    assert made["provision/atop-9010-2-consul"]["providedBy"] == ["alliance/atop-9010-2"]
    assert "binds" not in made["provision/atop-9010-2-consul"]
    defense = made["provision/atop-9010-2-defense"]
    assert defense["providedBy"] == ["alliance/atop-9010-2"]
    assert sorted(defense["binds"]) == ["state/GBR", "state/PRT"]
    assert made["alliance/atop-9010-2"]["partOf"] == ["alliance/atop-9010"]
    assert made["membership/atop-9010-2-230"]["summary"] == ["Promises consultation."]
    assert "alliance/atop-9020" in made
    assert result.notes == ("2 obligations bind only some members of a treaty, and are owed by those alone",)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [(11, 2, "neither 0 nor 1"), (4, 13, "no part of a date"), (5, 31, "no day"), (6, 1990, "before it begins")],
)
def test_atop_names_the_line_at_fault(tmp_path: Path, column: int, value: int, message: str) -> None:
    good = member(1, 2, "1993/2/1", "1999/1/1", "D")
    bad = [*good[:column], value, *good[column + 1 :]]
    with pytest.raises(ParseError, match=message) as caught:
        import_files("atop-members", [table(tmp_path / "members.csv", ATOP, [good, bad])])
    assert caught.value.line == 3


def test_directed_years(directed: Path) -> None:
    result = import_files("atop-dyads", [directed])
    assert accounted_for(result) and (result.rows, result.used) == (11, 10)
    assert reasons(result) == {"no obligation is coded": 1}
    made = nodes(result)
    pairs = [f"alliance/atop-dyad-365-371-{y}" for y in (1990, 1993, 2018)]
    assert sorted(of_kind(result, "Alliance")) == ["alliance/atop-dyad-2-710-1980", *pairs]
    assert made["membership/atop-dyad-365-371-1990-365"]["end"] == ["1991"]
    assert made["provision/atop-dyad-365-371-1990-nonagg-1991"]["begin"] == ["1991"]
    assert made["provision/atop-dyad-365-371-2018-defense-2018"]["end"] == ["Ongoing"]
    assert "binds" not in made["provision/atop-dyad-365-371-2018-defense-2018"]
    one_way = made["provision/atop-dyad-365-371-1990-consul-1990-371"]
    assert (one_way["binds"], one_way["begin"], one_way["end"]) == (["state/ARM"], ["1990"], ["1991"])
    assert made["provision/atop-dyad-2-710-1980-defense-1980-2"]["binds"] == ["state/USA"]
    assert made["provision/atop-dyad-2-710-1980-consul-1980-710"]["binds"] == ["state/CHN"]
    assert made["claim/atop-dyads-5.1-365-371-1990"]["source"] == ["dyads.csv, rows 1-4"]
    assert result.notes == ()


def test_a_directed_year_given_twice(tmp_path: Path) -> None:
    row = [2, 20, 1950, 1, 0, 0, 0, 0]
    with pytest.raises(ParseError, match="earlier record") as caught:
        import_files("atop-dyads", [table(tmp_path / "dyads.csv", DYADS, [row, row])])
    assert caught.value.line == 3
    with pytest.raises(ParseError, match="atop_defense: '2'"):
        import_files("atop-dyads", [table(tmp_path / "dyads.csv", DYADS, [[2, 20, 1950, 2, 0, 0, 0, 0]])])


def test_lists_of_states(lists_of_states: list[Path]) -> None:
    result = import_files("states", lists_of_states)
    assert (result.rows, result.used, result.set_aside) == (4, 4, ())
    made = nodes(result)
    assert made["state/cow-998"]["label"] == ["Newland"] and made["state/cow-998"]["cowAbbreviation"] == ["NEW"]
    assert made["state/gw-997"]["gwCode"] == ["997"]
    assert made["state/DEU"]["altLabel"] == ["German Federation of Rhine and Elbe"]
    assert made["state/ARM"] == {"cowCode": ["371"]}
    assert accounted_for(result) and result.nodes == {"SystemMembership": 4}
    spell = made["system-membership/cow-states-371-1991"]
    assert spell["systemMember"] == ["state/ARM"] and spell["begin"] == ["1991"]
    assert (spell["end"], spell["ongoingAsOf"]) == (["Ongoing"], ["2016"])  # the list ends with it
    assert made["system-membership/gw-states-260-1949-09-21"]["begin"] == ["1949-09-21"]
    assert made["system-membership/gw-states-997-unknown"].keys().isdisjoint({"begin", "end", "ongoingAsOf"})
    claim = made["claim/cow-states-2016-371-1991"]
    assert claim["source"] == ["cow.csv, row 1"] and claim["claims"] == ["system-membership/cow-states-371-1991"]
    source = made["source/cow-states-2016"]
    assert (source["coversFrom"], source["coversUntil"]) == (["1816"], ["2016"])


SPELLS = ["stateabb", "ccode", "statenme", "styear", "stmonth", "stday", "endyear", "endmonth", "endday", "version"]
POLAND = [
    ["POL", 290, "Poland", 1918, 11, 3, 1939, 9, 27, 2016],
    ["POL", 290, "Poland", 1945, 6, 28, 2016, 12, 31, 2016],
]


def test_a_state_that_came_back_has_two_spells(tmp_path: Path) -> None:
    path = table(tmp_path / "cow.csv", SPELLS, [*POLAND, POLAND[0]])
    result = import_files("states", [path])
    assert accounted_for(result) and reasons(result) == {"repeats an earlier row of cow.csv": 1}
    more = tmp_path / "more.nt"
    more.write_bytes(result.ntriples)
    graph, _ = KnowledgeGraph.build([resource("graph", "states.ttl"), more])
    rows = [(row["begin"], row["end"], row["said_by"]) for row in graph.ask("system-members", member="Poland")]
    project = "Correlates of War project"
    assert rows == [("1918-11-03", "1939-09-27", project), ("1945-06-28", "ongoing", project)]
    for day, begun in (("1930-01-01", ["1918-11-03"]), ("1942-01-01", []), ("1950-01-01", ["1945-06-28"])):
        found = graph.ask("system-members", member="Poland", on=day)
        assert [row["begin"] for row in found] == begun and {row["holds"] for row in found} <= {"definite"}
    # After the list has ended it may have gone on.
    (row,) = graph.ask("system-members", member="Poland", on="2020-01-01")
    assert row["holds"] == "possible"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"stmonth": 13}, "no part of a date"),
        ({"stday": 31}, "no day|day is out of range"),
        ({"endyear": 1903}, "ends on 1903-09-27, before it begins on 1918-11-03"),
        ({"styear": "x"}, "x"),
        ({"endyear": 1903.9}, "no whole number"),
        ({"statenme": "Polonia", "styear": 1945, "stmonth": 6, "stday": 28, "endyear": 2016}, "stands in line 3 too"),
    ],
)
def test_a_list_of_states_names_the_line_at_fault(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    bad = [changed.get(column, cell) for column, cell in zip(SPELLS, POLAND[0], strict=True)]
    with pytest.raises(ParseError, match=message) as caught:
        import_files("states", [table(tmp_path / "cow.csv", SPELLS, [POLAND[0], POLAND[1], bad])])
    assert caught.value.line == 4


def test_a_day_of_the_list_of_gleditsch_and_ward_that_is_none(tmp_path: Path) -> None:
    rows = [[2, "USA", "United States of America", "1816.01.01", "31:12:2017"]]
    with pytest.raises(ParseError, match="no day such as") as caught:
        import_files("states", [table(tmp_path / "gw.csv", ["gwcode", "stateid", "statename", "begin", "end"], rows)])
    assert caught.value.line == 2


def test_everything_conforms_to_the_shapes(
    sipri: Path,
    rivalries: list[Path],
    conflicts: Path,
    dyads_of_conflict: Path,
    members: Path,
    directed: Path,
    disputes: list[Path],
    lists_of_states: list[Path],
) -> None:
    files = {
        "sipri": [sipri],
        "rivalry": rivalries,
        "ucdp-acd": [conflicts],
        "ucdp-dyadic": [dyads_of_conflict],
        "atop-members": [members],
        "atop-dyads": [directed],
        "mid": disputes,
        "states": lists_of_states,
    }
    assert faults(triple for source, paths in files.items() for triple in import_files(source, paths).triples) == []
