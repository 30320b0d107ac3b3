"""Militarized interstate disputes: what becomes a conflict, what stays short of force, and what follows from each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat

from kg import KnowledgeGraph
from kg.errors import ParseError
from kg.importing import import_files
from kg.importing.results import Import
from kg.resources import resource
from kg.serializing import serialize
from tests.importing.conftest import ATOP, MIDA, MIDB, SIPRI, member, mida, midb
from tests.importing.tables import Nodes, accounted_for, faults, nodes, of_kind, reasons, table

DAYS = ("1/3/1980", "1/5/1980")


def read(folder: Path, *rows: Sequence[object], overviews: Sequence[Sequence[object]] = ()) -> Import:
    paths = [table(folder / "MIDB.csv", MIDB, rows)]
    if overviews:
        paths.append(table(folder / "MIDA.csv", MIDA, overviews))
    result = import_files("mid", paths)
    assert accounted_for(result) and faults(result.triples) == []
    return result


def changed_cell(row: list[object], column: str, value: object) -> list[object]:
    place = MIDB.index(column)
    return [*row[:place], value, *row[place + 1 :]]


def only(result: Import, kind: str) -> dict[str, list[str]]:
    (found,) = of_kind(result, kind).values()
    return found


def test_disputes(disputes: list[Path]) -> None:
    result = import_files("mid", disputes)
    assert accounted_for(result) and (result.rows, result.used) == (13, 10)
    assert reasons(result) == {
        "Correlates of War number 999 is not in the list of states": 1,
        "no opponent": 1,
        "no pair of participants that took militarized action": 1,
    }
    made = of_kind(result, "ArmedConflict")
    assert len(made) == 3
    by_side = {(c["sideA"][0], c["sideB"][0]): c for c in made.values()}
    war = by_side["state/ARM", "state/AZE"]
    assert (war["begin"], war["end"], war["initiator"]) == (["1992-06-05"], ["1993-02-01"], ["state/ARM"])
    assert war["intensity"] == ["4"] and "hostilityLevel" not in war
    assert war["label"] == ["dispute of Armenia with Azerbaijan, 1992 (MID 1)"] and war["notation"] == ["1"]
    assert by_side["state/ARM", "state/RUS"]["begin"] == ["1992-08"]
    assert by_side["state/ARM", "state/RUS"]["end"] == ["1992-12-01"]
    going_on = by_side["state/TUR", "state/SYR"]
    assert (going_on["end"], going_on["ongoingAsOf"]) == (["Ongoing"], ["2014"]) and "initiator" not in going_on
    source = nodes(result)["source/cow-mid-5"]
    assert sorted(source["coversClass"]) == ["ArmedConflict", "MilitarizedDispute"]
    assert source["publishedOn"] == ["2020"]


@pytest.mark.parametrize(
    ("levels", "kind", "level"),
    [
        ((1, 1), "", ""),
        ((-9, 1), "", ""),
        ((2, 1), "MilitarizedDispute", "2"),
        ((1, 3), "MilitarizedDispute", "3"),
        ((3, 2), "MilitarizedDispute", "3"),
        ((2, -9), "MilitarizedDispute", "2"),
        ((4, 1), "ArmedConflict", "4"),
        ((3, 4), "ArmedConflict", "4"),
        ((5, 2), "ArmedConflict", "5"),
    ],
)
def test_the_higher_level_decides(tmp_path: Path, levels: tuple[int, int], kind: str, level: str) -> None:
    rows = [
        midb(7, state, *DAYS, sidea=side, hostlev=at) for state, side, at in zip((2, 40), (1, 0), levels, strict=True)
    ]
    result = read(tmp_path, *rows, overviews=[mida(7)])
    if not kind:
        assert result.used == 0 and "no militarized action by it or an opponent" in reasons(result)
        return
    assert result.nodes == {kind: 1} and not result.set_aside
    node = only(result, kind)
    assert node["intensity" if kind == "ArmedConflict" else "hostilityLevel"] == [level]


def test_who_went_how_far_is_told(tmp_path: Path) -> None:
    first = midb(7, 2, *DAYS, sidea=1, hostlev=3, fatality=0)
    node = only(read(tmp_path, first, midb(7, 40, *DAYS, hostlev=1, fatality=1)), "MilitarizedDispute")
    assert sorted(node["party"]) == ["state/CUB", "state/USA"] and node["actor"] == ["state/USA"]
    assert node["label"] == ["dispute of United States with Cuba, 1980: display of force (MID 7)"]
    (told,) = node["summary"]
    assert told == (
        "United States: display of force, no deaths. Cuba: no militarized action, 1 to 25 deaths. "
        "Both over the whole dispute."
    )
    reciprocated = only(read(tmp_path, first, midb(7, 40, *DAYS, hostlev=2)), "MilitarizedDispute")
    assert sorted(reciprocated["actor"]) == ["state/CUB", "state/USA"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "no deaths"),
        (1, "1 to 25"),
        (2, "26 to 100"),
        (3, "101 to 250"),
        (4, "251 to 500"),
        (5, "501 to 999"),
        (6, "1,000 or more"),
        (-9, "not known"),
    ],
)
def test_fatality_levels(tmp_path: Path, code: int, words: str) -> None:
    rows = [midb(7, 2, *DAYS, sidea=1, hostlev=4, fatality=code), midb(7, 40, *DAYS, fatality=0)]
    assert words in only(read(tmp_path, *rows), "ArmedConflict")["summary"][0].partition(". ")[0]


@pytest.mark.parametrize("column", ["revstate", "revtype1", "revtype2", "hiact", "fatalpre"])
def test_what_is_not_imported_changes_nothing(tmp_path: Path, column: str) -> None:
    for level in (3, 4):
        plain = read(tmp_path, midb(7, 2, *DAYS, sidea=1, hostlev=level), midb(7, 40, *DAYS))
        changed = changed_cell(midb(7, 2, *DAYS, sidea=1, hostlev=level), column, 3)
        other = read(tmp_path, changed, midb(7, 40, *DAYS))
        assert plain.lines == other.lines


@pytest.mark.parametrize(
    ("one", "other", "begin", "end"),
    [
        (("5/6/1992", "1/9/1992"), ("7/6/1992", "3/8/1992"), "1992-06-07", "1992-08-03"),
        (("-9/6/1992", "-9/9/1992"), ("7/6/1992", "3/9/1992"), "1992-06", "1992-09"),
        (("-9/-9/1992", "-9/-9/1993"), ("7/6/1992", "3/8/1993"), "1992", "1993"),
        (("5/6/1992", "-9/-9/-9"), ("7/6/1992", "3/8/1992"), "1992-06-07", "1992"),
        (("5/6/1992", "-9/-9/-9"), ("7/6/1992", "30/6/1992"), "1992-06-07", "1992-06"),
        (("5/6/1992", "-9/-9/-9"), ("5/6/1992", "5/6/1992"), "1992-06-05", "1992-06-05"),
        (("5/6/1992", "-9/-9/-9"), ("7/6/1992", "3/8/1993"), "1992-06-07", "Unknown"),
        (("-9/-9/1992", "-9/-9/-9"), ("7/6/1992", "3/8/1992"), "1992", "1992"),
        (("5/6/1992", "-9/-9/-9"), ("-9/6/1992", "-9/6/1992"), "1992-06", "1992-06"),
        (("5/6/1992", "-9/-9/-9"), ("7/6/1992", "-9/-9/1992"), "1992-06-07", "1992"),
        (("5/6/1992", "-9/-9/-9"), ("7/6/1992", "-9/-9/-9"), "1992-06-07", "Unknown"),
        (("5/6/1992", "5/6/1992"), ("5/6/1992", "6/6/1992"), "1992-06-05", "1992-06-05"),
    ],
)
def test_dates_with_missing_parts(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], begin: str, end: str
) -> None:
    for level, kind in ((2, "MilitarizedDispute"), (4, "ArmedConflict")):
        node = only(read(tmp_path, midb(7, 2, *one, sidea=1, hostlev=level), midb(7, 40, *other)), kind)
        assert (node["begin"], node["end"]) == ([begin], [end])


@pytest.mark.parametrize("last", ["3/8/1992", "3/8/1993"])
def test_the_one_end_that_is_known_is_told(tmp_path: Path, last: str) -> None:
    """Whichever side it is of: no later can the pair have stopped, and it may have stopped before."""
    bound = f"One side was in it until {last[-4:]}-08-03, and it ended then or before; the end of the other is missing."
    for ends in product(("-9/-9/-9", last), repeat=2):
        rows = [midb(7, 2, "1/6/1992", ends[0], sidea=1, hostlev=4), midb(7, 40, "1/6/1992", ends[1])]
        told = only(read(tmp_path, *rows), "ArmedConflict")["summary"][0]
        assert (bound in told) is (len({*ends}) == 2)


def test_a_dispute_that_goes_on_is_not_over_by_the_one_end_that_is_known(tmp_path: Path) -> None:
    rows = [midb(7, 2, "1/6/2012", "-9/-9/-9", sidea=1, hostlev=4), midb(7, 40, "1/6/2012", "31/12/2014")]
    node = only(read(tmp_path, *rows, overviews=[mida(7, styear=2012, endyear=2014, ongo2014=1)]), "ArmedConflict")
    assert (node["end"], node["ongoingAsOf"]) == (["Ongoing"], ["2014"]) and "One side" not in node["summary"][0]


def test_participants_that_never_met(tmp_path: Path) -> None:
    rows = [
        midb(7, 2, "1/1/1980", "1/2/1980", sidea=1, hostlev=3),
        midb(7, 40, "2/2/1980", "1/3/1980", hostlev=3),
        midb(8, 2, "1/1/1980", "1/12/1979", sidea=1, hostlev=3),
        midb(9, 2, "1/1/-9", "1/12/1979", sidea=1, hostlev=3),
    ]
    assert reasons(read(tmp_path, *rows)) == {
        "no opponent that took part at the same time": 2,
        "it ends before it begins": 1,
        "year of begin missing": 1,
    }


def test_a_joiner_is_paired_with_each_opponent_at_its_own_level(tmp_path: Path) -> None:
    """A shows force against B; C joins B in March and fights: A and C fight, A and B do not."""
    rows = [
        midb(7, 2, "1/1/1980", "1/6/1980", sidea=1, hostlev=3),
        midb(7, 40, "1/1/1980", "1/6/1980", hostlev=2),
        midb(7, 70, "1/3/1980", "1/4/1980", hostlev=4, orig=0),
    ]
    made = nodes(read(tmp_path, *rows))
    fought = [part for part in made.values() if part.get("type") == ["ArmedConflict"]]
    short = [part for part in made.values() if part.get("type") == ["MilitarizedDispute"]]
    assert [(c["sideA"], c["sideB"], c["begin"]) for c in fought] == [(["state/USA"], ["state/MEX"], ["1980-03-01"])]
    assert [sorted(c["party"]) for c in short] == [["state/CUB", "state/USA"]]


@pytest.mark.parametrize(("column", "value"), [("sidea", 2), ("hostlev", 0)])
def test_values_that_no_codebook_explains_are_set_aside(tmp_path: Path, column: str, value: int) -> None:
    rows = [midb(7, 2, *DAYS, sidea=1, hostlev=3), midb(7, 40, *DAYS), changed_cell(midb(7, 70, *DAYS), column, value)]
    assert reasons(read(tmp_path, *rows)) == {f"{column} {value}, which the codebook does not explain": 1}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"hostlev": 6}, "hostlev: '6' is none of"),
        ({"sidea": 3}, "sidea: '3' is none of"),
        ({"fatality": 7}, "fatality: '7' is none of"),
        ({"stmon": 13}, "no part of a date"),
        ({"stday": 31, "stmon": 2}, "no day"),
    ],
)
def test_disputes_name_the_line_at_fault(tmp_path: Path, cells: dict[str, object], message: str) -> None:
    changed = midb(7, 40, *DAYS)
    for column, value in cells.items():
        changed = changed_cell(changed, column, value)
    path = table(tmp_path / "MIDB.csv", MIDB, [midb(7, 2, *DAYS), changed])
    with pytest.raises(ParseError, match=message) as caught:
        import_files("mid", [path])
    assert caught.value.line == 3


def test_disputes_need_participants(disputes: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="MIDB"):
        import_files("mid", disputes[:1])
    with pytest.raises(ParseError, match="unknown column 'numc'"):
        import_files("mid", [disputes[1], table(tmp_path / "MIDA.csv", [*MIDA, "numc"], [[*mida(1), 1]])])


# ------------------------------------------------------------------------------------------------ from rows to answers


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Cuba displays force at the United States and fights Mexico; Canada, bound to both, arms Cuba in those years."""
    folder = tmp_path_factory.mktemp("disputes")
    fights = [
        midb(7, 40, "1/3/1980", "1/5/1980", sidea=1, hostlev=3),
        midb(7, 2, "1/3/1980", "1/5/1980", hostlev=1),
        midb(8, 40, "1/3/1990", "1/5/1990", sidea=1, hostlev=4),
        midb(8, 70, "1/3/1990", "1/5/1990", hostlev=4),
    ]
    bonds = [member(1, state, "1970/1/1", "2000/12/31", "D") for state in (2, 20, 70)]
    deals = [
        ["Cuba", "Canada", str(year), "", "2", "", "X-1", "tank", "2", "", str(year), "New", "", "1", "2", "2"]
        for year in (1980, 1990)
    ]
    given = {
        "mid": [table(folder / "MIDB.csv", MIDB, fights)],
        "atop-members": [table(folder / "members.csv", ATOP, bonds)],
        "sipri": [table(folder / "register.csv", SIPRI, deals)],
    }
    files = [resource("graph", "states.ttl")]
    for source, paths in given.items():
        files.append(folder / f"{source}.nt")
        files[-1].write_bytes(serialize(import_files(source, paths).triples, RdfFormat.N_TRIPLES))
    graph, _ = KnowledgeGraph.build(files)
    return graph


@pytest.mark.parametrize("grain", ["day", "year"])
def test_a_display_of_force_is_a_kind_of_hostility_that_can_be_left_out(built: KnowledgeGraph, grain: str) -> None:
    def owed(**given: str) -> set[str]:
        answer = built.ask("allies-supplying-adversary", supplier="Canada", grain=grain, **given)
        return {row["state"] for row in answer}

    assert owed() == {"United States", "Mexico"}
    assert owed(hostility_kind="foedus:DisputeHostility") == {"United States"}
    assert owed(hostility_kind="foedus:ConflictHostility") == {"Mexico"}


def test_the_answer_shows_that_force_was_only_displayed(built: KnowledgeGraph) -> None:
    (row,) = built.ask("allies-supplying-adversary", state="United States")
    assert row["hostilities"] == "dispute of Cuba with United States, 1980: display of force (MID 7)"


def test_a_display_of_force_is_no_attack(built: KnowledgeGraph) -> None:
    assert {row["obligee"] for row in built.ask("unanswered-obligations")} == {"Mexico"}
    assert not built.ask("allies-attacking-allies")
    columns, rows = built.robustness()
    fighting = columns.index("fighting only")
    assert {row[0].rpartition(" ")[2] for row in rows if row[fighting]} and not any(
        row[fighting] for row in rows if "1980" in row[0]
    )


def test_disputes_are_listed_with_their_level(built: KnowledgeGraph) -> None:
    (row,) = built.ask("conflicts", kind="militarized dispute")
    assert (row["side_a"], row["side_b"], row["intensity"]) == ("Cuba", "United States", "display of force")
    assert (row["begin"], row["end"]) == ("1980-03-01", "1980-05-01")
    assert {row["intensity"] for row in built.ask("conflicts", kind="armed conflict")} == {"4"}
    kinds = {row["kind"] for row in built.ask("adversaries", state="United States")}
    assert kinds == {"hostility in militarized dispute"}
    assert [row["kind"] for row in built.ask("timeline", state="Cuba", other="United States")] == [
        "militarized dispute"
    ]


def test_the_proof_says_that_no_force_was_used(built: KnowledgeGraph) -> None:
    query = "SELECT ?h WHERE { ?h a foedus:DisputeHostility ; foedus:hostile/rdfs:label ?name } ORDER BY ?h"
    found = built.sparql(query)
    assert isinstance(found, QuerySolutions)
    texts = [built.explain(str(row["h"].value)).prose() for row in found]
    assert len(texts) == 2 and all("without using force" in text for text in texts)


def test_nothing_is_lost_between_the_rows_and_the_nodes(disputes: list[Path]) -> None:
    made: Nodes = nodes(import_files("mid", disputes))
    places = sorted(part["source"][0] for name, part in made.items() if name.startswith("claim/"))
    assert places == [
        *(f"MIDA.csv, row {n}" for n in (1, 2, 3)),
        *(f"MIDB.csv, row {n}" for n in (1, 2, 3, 4, 5, 6, 7)),
    ]
