"""The exported tables: equal to a computation with data frames, described by their codebook, the same every time."""

from __future__ import annotations

import builtins
import csv
import json
import re
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd
import pytest

from kg import KnowledgeGraph
from kg.errors import UsageError
from kg.exporting.record import HOSTILITIES, KINDS, OBLIGATIONS
from kg.resources import resource
from tests import fiction
from tests.history.conftest import build
from tests.history.frames import exported, triads
from tests.importing.conftest import ATOP, DYADIC, TD, dyad, member
from tests.importing.tables import table

DYADS = ("ccode1", "ccode2", "year", "atop_defense", "atop_offense", "atop_neutral", "atop_nonagg", "atop_consul")
REGISTER = (
    "Recipient", "Supplier", "Year of order", "Number ordered", "Weapon designation", "Weapon description",
    "Number delivered", "Year(s) of delivery", "status", "Comments", "SIPRI TIV per unit",
    "SIPRI TIV for total order", "SIPRI TIV of delivered weapons",
)  # fmt: skip
CONFLICTS = (
    "conflict_id", "location", "side_a", "side_a_id", "side_a_2nd", "side_b", "side_b_id", "side_b_2nd",
    "incompatibility", "territory_name", "year", "intensity_level", "cumulative_intensity", "type_of_conflict",
    "start_date", "start_prec", "start_date2", "start_prec2", "ep_end", "ep_end_date", "ep_end_prec", "gwno_a",
    "gwno_a_2nd", "gwno_b", "gwno_b_2nd", "gwno_loc", "region", "version",
)  # fmt: skip
RIVALRIES = (
    "tssr_id", "rivalry", "ccode1", "ccode2", "start", "end", "positional", "spatial", "ideological",
    "interventionary", "principal", "aprin",
)  # fmt: skip


def owes(one: int, other: int, first: int, last: int, *flags: int) -> list[tuple[int, ...]]:
    both = ((one, other), (other, one))
    return [(a, b, year, *flags) for a, b in both for year in range(first, last + 1)]


def deal(recipient: str, supplier: str, years: str, tiv: str, comment: str = "") -> tuple[str, ...]:
    return (recipient, supplier, years[:4], "2", "X-1", "tank", "2", years, "New", comment, "1", tiv, tiv)


def fight(number: int, a: int, b: int, year: int, start: str) -> tuple[object, ...]:
    return (
        number, "Here", "A", 1, "", "B", 2, "", 1, "", year, 1, 0, 2, start, 1, start, 1, 1, f"{year}-12-31", 1, a, "",
        b, "", a, 1, "25.1",
    )  # fmt: skip


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Made-up rows of the published shapes, with edges: gaps, data that stop, bonds to both sides, doubtful deals."""
    folder = tmp_path_factory.mktemp("made-up")
    bonds = [
        *owes(365, 371, 1997, 2018, 1, 0, 0, 1, 1),
        *owes(370, 371, 2001, 2009, 1, 0, 0, 0, 0),
        *owes(370, 371, 2012, 2018, 0, 0, 0, 1, 0),
        *owes(365, 373, 2003, 2005, 0, 0, 0, 0, 1),
        *owes(200, 770, 1955, 1972, 1, 0, 0, 0, 1),
    ]
    register = [
        deal("Azerbaijan", "Russia", "2004; 2005; 2006", "9"),
        deal("Azerbaijan", "Russia", "1996; 1999", "7"),
        deal("Azerbaijan", "Belarus", "2009; 2010; 2011; 2012", "4"),
        deal("Azerbaijan", "Belarus", "2019", "2", "Supplier uncertain"),
        deal("Azerbaijan", "Belarus", "2021", "5.5"),
        deal("India", "United Kingdom", "1971", "3"),
        deal("India", "United Kingdom", "1973", "3"),
        deal("Armenia", "Russia", "2004", "3"),
        deal("Argentina", "France", "1982", "3"),
    ]
    conflicts = [
        fight(1, 750, 770, 1971, "1971-12-03"),
        fight(2, 371, 373, 2020, "2020-07-12"),
        fight(3, 160, 200, 1982, "1982-04-02"),
    ]
    rivalries = [
        (1, "Armenia-Azerbaijan", 371, 373, 1991, 2020, "", 1, "", "", "", ""),
        (2, "India-Pakistan", 750, 770, 1947, 1970, "", 1, "", "", "", ""),
        (3, "France-United Kingdom", 200, 220, 1816, 1904, 1, "", "", "", "", ""),
    ]
    return {
        "atop-dyads": table(folder / "dyads.csv", DYADS, bonds),
        "sipri": table(folder / "register.csv", REGISTER, register),
        "ucdp-acd": table(folder / "conflicts.csv", CONFLICTS, conflicts),
        "rivalry": table(folder / "rivalries.csv", RIVALRIES, rivalries),
    }


@pytest.fixture(scope="session")
def small(made_up: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    return build(tmp_path_factory.mktemp("small"), made_up)


def test_triad_years_of_made_up_tables(small: KnowledgeGraph, made_up: dict[str, Path], tmp_path: Path) -> None:
    small.export_tables(tmp_path, last_year=2022)
    expected = triads(made_up, 1816, 2022)
    assert len(expected) > 5
    pd.testing.assert_frame_equal(exported(tmp_path / "triad-year.csv"), expected, atol=1e-4)


def test_cases_that_must_and_must_not_be_triad_years(small: KnowledgeGraph, tmp_path: Path) -> None:
    small.export_tables(tmp_path, last_year=2022)
    frame = pd.read_csv(tmp_path / "triad-year.csv")
    found = set(zip(frame["supplier_iso3"], frame["state_iso3"], frame["adversary_iso3"], frame["year"], strict=True))
    assert ("GBR", "PAK", "IND", 1971) in found
    # A bond that had ended, a deal without a bond, a supplier without a hostility, years between two deliveries.
    assert not {("GBR", "PAK", "IND", 1973), ("FRA", "GBR", "ARG", 1982), ("RUS", "ARM", "AZE", 1998)} & found
    assert not any(state == "AZE" and year not in (2003, 2004, 2005) for _, state, _, year in found)
    assert ("BLR", "ARM", "AZE", 2010) not in found and ("BLR", "ARM", "AZE", 2019) not in found
    # The bond of 2018 is only known to go on until then.
    later = frame[(frame["supplier_iso3"] == "BLR") & (frame["year"] == 2021)].iloc[0]
    assert (later["nonaggression"], later["nonaggression_definite"], later["overlap"]) == (1, 0, "possible")
    assert set(frame["grain"]) == {"year"}


def test_triad_years_of_the_published_record(
    record: KnowledgeGraph, published: dict[str, Path], tmp_path: Path
) -> None:
    record.export_tables(tmp_path, first_year=1950, last_year=2024)
    expected = triads(published, 1950, 2024)
    assert len(expected) > 100
    pd.testing.assert_frame_equal(exported(tmp_path / "triad-year.csv"), expected, atol=1e-3)


@pytest.fixture
def made_up_otherwise(made_up: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """Members with edges: spells that miss each other within a year, a return, unequal promises, dates half known."""
    members = [
        member(1, 365, "1997/8/29", "0/0/0", "DN"),
        member(1, 371, "1997/8/29", "0/0/0", "D"),
        member(2, 370, "2009/11/-9", "2011/3/9", "DC"),
        member(2, 371, "2010/1/1", "2012/-9/-9", "D"),
        member(2, 370, "2012/5/1", "-9/-9/-9", "G"),
        member(3, 200, "1954/9/8", "1972/11/8", "DC"),
        member(3, 770, "1954/9/8", "1973/11/8", "C"),
        member(4, 370, "2019/1/1", "2021/6/30", "D"),
        member(4, 371, "2021/7/1", "2023/1/1", "D"),
        member(5, 365, "2003/1/1", "2006/2/2", "O", 1),
        member(5, 373, "2003/1/1", "2006/2/2", "O", 1),
        member(5, 371, "2006/2/2", "2007/1/1", "O", 2),
        member(5, 365, "2006/2/2", "2007/1/1", "O", 2),
    ]
    fought = [
        dyad(dyad_id=1, year=2010, gwno_a=371, gwno_b=373, start_date2="2010-02-01", start_prec2=1),
        dyad(dyad_id=1, year=2011, gwno_a=371, gwno_b=373, start_date2="2010-02-01", start_prec2=1),
        dyad(dyad_id=2, year=1971, gwno_a=750, gwno_b=770, start_date2="1971-12-03", start_prec2=1),
        dyad(dyad_id=3, year=2021, gwno_a="371,100", gwno_b=373, start_date2="2021-05-12", start_prec2=2),
    ]
    rivals = [
        (1, "Armenia-Azerbaijan", 371, 373, 1991, 2010, "Asia", "spatial", "", ""),
        (2, "India-Pakistan", 750, 770, 1947, 1971, "Asia", "spatial", "", ""),
        (3, "Last-Year", 2, 20, 1980, 1990, "", "spatial", "", ""),
    ]
    return {
        "atop-members": table(tmp_path / "members.csv", ATOP, members),
        "sipri": made_up["sipri"],
        "ucdp-dyadic": table(tmp_path / "dyadic.csv", DYADIC, fought),
        "rivalry": table(tmp_path / "td.csv", TD, rivals),
    }


def test_triad_years_of_made_up_members(made_up_otherwise: dict[str, Path], tmp_path: Path) -> None:
    build(tmp_path, made_up_otherwise).export_tables(tmp_path / "tables", last_year=2022)
    expected = triads(made_up_otherwise, 1816, 2022)
    found = exported(tmp_path / "tables" / "triad-year.csv")
    pd.testing.assert_frame_equal(found, expected, atol=1e-4)
    years = found[(found["supplier"] == 370) & (found["state"] == 371)]["year"].tolist()
    # A bond of 2010 to 2011, and again from 2012 on, as long as the other was a member; none between two other spells.
    assert years == [2010, 2011, 2012] and {(365, 371, 2004), (200, 770, 1971)} <= set(
        zip(found["supplier"], found["state"], found["year"], strict=True)
    )


def test_triad_years_of_members_dyads_and_the_older_list(otherwise_published: dict[str, Path], tmp_path: Path) -> None:
    build(tmp_path, otherwise_published).export_tables(tmp_path / "tables", first_year=1816, last_year=2024)
    expected = triads(otherwise_published, 1816, 2024)
    assert len(expected) > 100
    pd.testing.assert_frame_equal(exported(tmp_path / "tables" / "triad-year.csv"), expected, atol=1e-3)


def test_the_codebook_describes_the_tables(small: KnowledgeGraph, tmp_path: Path) -> None:
    written = small.export_tables(tmp_path)
    assert sorted(path.name for path in written) == sorted(path.name for path in tmp_path.iterdir())
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldNumber", "type", "message"])[:5]
    text = (tmp_path / "codebook.md").read_text(encoding="utf-8")
    assert "not a verdict" in text and "not covered" in text and "30 May" in text
    assert "SIPRI Arms Transfers Database" in text
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    for described in package["resources"]:
        with (tmp_path / described["path"]).open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        assert header == [field["name"] for field in described["schema"]["fields"]]
        assert all(f"| {name} |" in text for name in header)
        again = pd.read_parquet((tmp_path / described["path"]).with_suffix(".parquet"))
        assert list(again.columns) == header
        assert len(again) == len(pd.read_csv(tmp_path / described["path"]))


@pytest.mark.parametrize("which", ["small", "article"])
def test_every_value_of_a_coded_column_is_in_its_list(
    which: str, small: KnowledgeGraph, store: Path, tmp_path: Path
) -> None:
    graph = small if which == "small" else KnowledgeGraph.open(store)
    graph.export_tables(tmp_path, policy=None if which == "small" else "alleged")
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    text = (tmp_path / "codebook.md").read_text(encoding="utf-8")
    listed: dict[str, set[str]] = {}
    for described in package["resources"]:
        frame = pd.read_csv(tmp_path / described["path"], dtype=str, keep_default_na=False)
        for field in described["schema"]["fields"]:
            constraints = field.get("constraints", {})
            values = set(frame[field["name"]]) - {""}
            if "pattern" in constraints:
                assert all(re.fullmatch(constraints["pattern"], value) for value in values)
            elif "enum" in constraints:
                assert values <= set(map(str, constraints["enum"])), field["name"]
                if field["type"] == "string":
                    listed[f"{described['name']} {field['name']}"] = set(constraints["enum"])
                    assert all(f"- `{value}`, " in text for value in constraints["enum"])
            else:
                # What is neither listed nor made up of names, numbers and dates would be a code without a list.
                assert field["name"] not in ("kind", "status", "overlap", "coverage", "grain")
    assert listed["obligation-interval kind"] == listed["episode obligation_kind"] == set(OBLIGATIONS)
    assert listed["episode hostility_kind"] == set(HOSTILITIES)
    assert listed["episode status"] == {"fact", "reported", "alleged", "speculated"}
    assert listed["triad-year overlap"] == listed["episode overlap"] == {"definite", "possible"}
    assert listed["episode coverage"] == {"Covered", "NotCovered"}
    assert {kind for kind in KINDS if f"- `{kind}`, " in text} == set(KINDS)


def test_dyad_years_are_directed_and_intervals_and_episodes_are_of_day_grain(
    small: KnowledgeGraph, tmp_path: Path
) -> None:
    small.export_tables(tmp_path)
    dyads = pd.read_csv(tmp_path / "directed-dyad-year.csv").set_index(["one_iso3", "other_iso3", "year"])
    assert dyads.loc[("RUS", "AZE", 2004), "transfers"] == 1
    assert dyads.loc[("AZE", "RUS", 2004), "transfers"] == 0
    # SIPRI begins with 1950, UCDP with 1946, and nothing at hand sets out to record disputes or incursions.
    old = dyads.loc[("FRA", "GBR", 1820)]
    assert old[["transfers", "tiv_spread", "conflict", "conflict_definite"]].isna().all() and old["defense"] == 0
    assert dyads.loc[("FRA", "GBR", 1820), "rivalry"] == 1
    assert dyads["dispute"].isna().all() and dyads["incursion_definite"].isna().all()
    assert dyads.loc[("RUS", "AZE", 2004), "consultation"] == 1
    assert dyads.loc[("AZE", "ARM", 2004), "rivalry_definite"] == 1
    assert not (dyads.index.get_level_values("year") < 1816).any()
    intervals = pd.read_csv(tmp_path / "obligation-interval.csv")
    assert set(intervals["grain"]) == {"day"}
    episodes = pd.read_csv(tmp_path / "episode.csv")
    headline = episodes[episodes["kind"] == "AllySupplyingAdversary"]
    assert set(headline["obligation_kind"]) == {"defense"} and set(episodes["grain"]) == {"day"}


@pytest.fixture(scope="session")
def renumbered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Made-up rows about states that the lists number anew: Correlates of War numbers of bonds, others of fights."""
    folder = tmp_path_factory.mktemp("renumbered")
    bonds = [
        *owes(255, 2, 1938, 1945, 1, 0, 0, 0, 0),
        *owes(260, 2, 1954, 1989, 1, 0, 0, 0, 0),
        *owes(260, 265, 1990, 1990, 1, 0, 0, 0, 0),
        *owes(255, 2, 1991, 1999, 1, 0, 0, 0, 0),
        *owes(678, 670, 1934, 1936, 0, 0, 0, 1, 0),
        *owes(678, 670, 1980, 1981, 0, 0, 0, 1, 0),
        *owes(679, 670, 1991, 1995, 0, 0, 0, 1, 0),
        *owes(345, 365, 1912, 1914, 0, 0, 1, 0, 0),
        *owes(345, 365, 1946, 1949, 1, 0, 0, 0, 0),
        *owes(345, 365, 2010, 2012, 0, 0, 0, 0, 1),
        *owes(255, 345, 2011, 2012, 0, 0, 0, 0, 1),
    ]
    fights = [
        fight(1, 345, 2, 1999, "1999-03-24"),
        fight(2, 340, 339, 2010, "2010-05-01"),
        fight(3, 260, 700, 1960, "1960-05-01"),
        fight(4, 260, 700, 2002, "2002-05-01"),
        fight(5, 678, 698, 1972, "1972-05-01"),
        fight(6, 678, 698, 2015, "2015-05-01"),
        fight(7, 340, 260, 2012, "2012-05-01"),
    ]
    return {
        "atop-dyads": table(folder / "dyads.csv", DYADS, bonds),
        "sipri": table(
            folder / "register.csv",
            REGISTER,
            [deal("Argentina", "Germany", year, "3") for year in ("1962", "1996")],
        ),
        "ucdp-acd": table(folder / "conflicts.csv", CONFLICTS, fights),
        "rivalry": table(
            folder / "rivalries.csv", RIVALRIES, [(1, "Argentina-USA", 2, 160, 1960, 2020, "", 1, "", "", "", "")]
        ),
    }


def test_rows_of_states_numbered_anew_are_found_by_number_and_year(renumbered: dict[str, Path], tmp_path: Path) -> None:
    build(tmp_path, renumbered).export_tables(tmp_path / "tables", last_year=2020)
    dyads = pd.read_csv(tmp_path / "tables" / "directed-dyad-year.csv")
    bonds = pd.read_csv(renumbered["atop-dyads"])
    bond_key = (["ccode1", "ccode2", "year"], ["one_cow", "other_cow", "year"])
    merged = bonds.merge(dyads, how="left", left_on=bond_key[0], right_on=bond_key[1], validate="1:1")
    assert len(merged) == len(bonds)
    flags = {"defense": "atop_defense", "neutrality": "atop_neutral", "nonaggression": "atop_nonagg"}
    for kind, flag in flags.items():
        assert merged[kind].tolist() == merged[flag].tolist()
    fights = pd.read_csv(renumbered["ucdp-acd"])
    fight_key = (["gwno_a", "gwno_b", "year"], ["one_gw", "other_gw", "year"])
    fought = fights.merge(dyads, how="left", left_on=fight_key[0], right_on=fight_key[1], validate="1:1")
    assert fought["conflict"].tolist() == [1] * len(fights)
    # No row is known to one list and not to the other.
    assert dyads[[f"{role}_{name}" for role in ("one", "other") for name in ("cow", "gw")]].notna().all().all()

    triads = pd.read_csv(tmp_path / "tables" / "triad-year.csv")
    assert triads[["year", "supplier_cow", "supplier_gw"]].values.tolist() == [[1962, 260, 260], [1996, 255, 260]]


def test_spells_of_states_numbered_anew_go_by_the_day_on_which_they_begin(
    renumbered: dict[str, Path], tmp_path: Path
) -> None:
    build(tmp_path, renumbered).export_tables(tmp_path / "tables", last_year=2020)
    spells = pd.read_csv(tmp_path / "tables" / "obligation-interval.csv")
    for iso3, numbers in {
        "DEU": {(1938, 255, 255), (1954, 260, 260), (1990, 260, 260), (1991, 255, 260), (2011, 255, 260)},
        "YEM": {(1934, 678, 678), (1980, 678, 678), (1991, 679, 678)},
        "SRB": {(1912, 345, 340), (1946, 345, 345), (2010, 345, 340), (2011, 345, 340)},
    }.items():
        own = spells[spells["obligor_iso3"] == iso3]
        years = own["begin_earliest"].str[:4].astype(int)
        assert set(zip(years, own["obligor_cow"], own["obligor_gw"], strict=True)) == numbers
    episodes = pd.read_csv(tmp_path / "tables" / "episode.csv")
    supplied = episodes[episodes["kind"] == "AllySupplyingAdversary"]
    years = supplied["begin_earliest"].str[:4].astype(int)
    assert set(zip(years, supplied["obligor_cow"], strict=True)) == {(1962, 260), (1996, 255)}


def test_the_table_of_states_has_all_numbers_with_their_years(small: KnowledgeGraph, tmp_path: Path) -> None:
    small.export_tables(tmp_path, last_year=2020)
    table = pd.read_csv(tmp_path / "states.csv").set_index("iso3")
    columns = ["cow", "gw", "cow_numbers", "gw_numbers"]
    assert table.loc[["ARM", "DEU", "SRB", "YEM"], columns].values.tolist() == [
        [371, 371, "371", "371"],
        [255, 260, "255 1816-1945; 260 1955-1990; 255 1990-", "255 1816-1945; 260 1949-"],
        [345, 340, "345", "340 1878-1915; 345 1918-2006; 340 2006-"],
        [679, 678, "678 1926-1990; 679 1990-", "678"],
    ]
    assert "numbers with their years" in (tmp_path / "codebook.md").read_text(encoding="utf-8")


def test_the_day_on_which_a_spell_begins_decides_on_the_number(tmp_path: Path) -> None:
    text = fiction.PREFIXES + fiction.CAST
    for name, begin in (("before", "1990-10-02"), ("after", "1990-10-03")):
        text += fiction.pact("Norland", name=name, begin=begin) + fiction.fact(
            f"{name}-Germany", "Membership", alliance=name, begin=begin, end="Ongoing"
        )
        text += f"e:{name}-Germany f:member <https://w3id.org/foedus/id/state/DEU> .\n"
    file = tmp_path / "world.ttl"
    file.write_text(text, encoding="utf-8")
    built, _ = KnowledgeGraph.build([resource("graph", "states.ttl"), file])
    built.export_tables(tmp_path / "tables", last_year=2020)
    spells = pd.read_csv(tmp_path / "tables" / "obligation-interval.csv")
    own = spells[spells["obligor_iso3"] == "DEU"].sort_values("begin_earliest")
    assert own[["begin_earliest", "obligor_cow"]].values.tolist() == [["1990-10-02", 260], ["1990-10-03", 255]]


def test_a_state_of_several_numbers_of_which_nobody_says_when_goes_by_the_lowest(tmp_path: Path) -> None:
    graph = fiction.graph(tmp_path, fiction.pact("Norland", "Osteria"), "e:Norland f:cowCode 17, 990 .\n")
    graph.export_tables(tmp_path / "tables", last_year=2005)
    spells = pd.read_csv(tmp_path / "tables" / "obligation-interval.csv").set_index("obligor_name")
    assert (spells.loc["Norland", "obligor_cow"], spells.loc["Osteria", "obligor_cow"]) == (17, 992)
    assert spells["obligor_gw"].isna().all()
    listed = pd.read_csv(tmp_path / "tables" / "states.csv").set_index("name")
    assert listed.loc["Norland", "cow_numbers"] == "17; 990; 991"


def test_year_grain_has_what_day_grain_has_not(tmp_path: Path) -> None:
    graph = fiction.graph(
        tmp_path,
        fiction.pact("Norland", "Osteria", begin="2005-05-30", end="2009-12-31"),
        fiction.transfer(begin="2005-04-02", end="2005-04-02"),
        fiction.war(begin="2005-01-10", end="2005-12-20"),
    )
    graph.export_tables(tmp_path / "tables")
    (row,) = pd.read_csv(tmp_path / "tables" / "triad-year.csv").to_dict("records")
    assert (row["year"], row["defense"], row["episodes"], row["overlap"]) == (2005, 1, 0, "definite")
    assert pd.read_csv(tmp_path / "tables" / "episode.csv")["kind"].isin(["UnansweredObligation"]).all()


def test_the_same_graph_gives_the_same_bytes(small: KnowledgeGraph, tmp_path: Path) -> None:
    for name in ("one", "two"):
        small.export_tables(tmp_path / name)
    for path in (tmp_path / "one").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_years_in_the_wrong_order_are_refused(small: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has to come before"):
        small.export_tables(tmp_path, first_year=2000, last_year=1990)


def test_a_missing_library_is_named(small: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "pyarrow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"foedus\[tables\]"):
        small.export_tables(tmp_path)
