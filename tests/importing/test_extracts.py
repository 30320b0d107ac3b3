"""Parts of a data set, given together, apart or twice: no row is lost to another, and none is counted twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from kg import KnowledgeGraph
from kg.errors import ParseError, UnknownName, ValidationError
from kg.importing import import_files
from kg.importing.results import Import
from kg.importing.writing import Writer, identifier
from kg.resources import resource
from kg.serializing import serialize
from kg.vocab import FOEDUS
from kg.vouching import vouch
from tests.importing.conftest import ACD, ATOP, DYADIC, DYADS, MIDA, MIDB, SIPRI, TSS, acd, dyad, member, mida, midb
from tests.importing.tables import accounted_for, nodes, of_kind, reasons, table


def deal(recipient: str, supplier: str, years: str, weapon: str = "X-1") -> list[object]:
    return [recipient, supplier, 1960, "", 2, "?", weapon, "tank", 2, "", years, "New", "", "1", "2", "2"]


def register(path: Path, *deals: Sequence[object]) -> Path:
    return table(path, SIPRI, deals)


def built(folder: Path, *imports: Import) -> KnowledgeGraph:
    """A graph of files that vouch for themselves, as those of ``kg import`` do."""
    files = [resource("graph", "states.ttl")]
    for place, result in enumerate(imports):
        files.append(folder / f"part{place}.nt")
        files[-1].write_bytes(vouch(result.source, serialize(result.triples, RdfFormat.N_TRIPLES)))
    return KnowledgeGraph.build(files)[0]


# ------------------------------------------------------------------------------------------------------------- SIPRI


def test_extracts_with_one_last_year_share_no_deal_unless_it_is_the_same(tmp_path: Path) -> None:
    both = deal("India", "France", "1971")
    one = register(tmp_path / "india.csv", both, deal("India", "Soviet Union", "1965; 1971"))
    other = register(tmp_path / "more.csv", deal("Pakistan", "China", "1971"), both)
    together = import_files("sipri", [one, other])
    assert accounted_for(together) and together.used == 4
    assert together.nodes == {"ArmsTransfer": 4}
    assert {*together.lines} == {*import_files("sipri", [one]).lines, *import_files("sipri", [other]).lines}
    shared = [claim for claim in of_kind(together, "Claim").values() if len(claim["source"]) == 2]
    assert [sorted(claim["source"]) for claim in shared] == [["india.csv, row 1", "more.csv, row 2"]]
    for made in of_kind(together, "ArmsTransfer").values():
        assert len(made["recipient"]) == len(made["supplier"]) == len(made["label"]) == 1


def test_extracts_imported_apart_make_one_graph(tmp_path: Path) -> None:
    one = import_files("sipri", [register(tmp_path / "a.csv", deal("India", "France", "1971"))])
    other = register(tmp_path / "b.csv", deal("Pakistan", "China", "1971"), deal("India", "France", "1971"))
    graph = built(tmp_path, one, import_files("sipri", [other]))
    rows = [(row["recipient"], row["supplier"]) for row in graph.ask("arms-transfers")]
    assert sorted(map(str, rows)) == sorted(map(str, {*rows})) and len(rows) == 2


def test_equal_rows_of_one_register_are_deals_of_their_own(tmp_path: Path) -> None:
    one = register(tmp_path / "a.csv", deal("India", "France", "1971; 1973"), deal("India", "France", "1971; 1973"))
    result = import_files("sipri", [one])
    assert result.nodes == {"ArmsTransfer": 4} and accounted_for(result)
    assert "1 rows of a.csv equal an earlier one and are taken for deals of their own" in result.notes
    moved = register(tmp_path / "b.csv", deal("Chad", "France", "1973"), *[deal("India", "France", "1971; 1973")] * 2)
    assert {*of_kind(result, "ArmsTransfer")} < {*of_kind(import_files("sipri", [moved]), "ArmsTransfer")}


@pytest.mark.parametrize(
    ("name", "preamble", "published", "not_before"),
    [
        ("afghanistan.csv", "", None, ["2021-12-31"]),
        ("trade-register_deliveries-to-2024.csv", "", ["2025"], None),
        ("register.csv", "Deliveries to 2023, made up\n\n", ["2024"], None),
        ("deliveries-to-2020.csv", "", None, ["2021-12-31"]),
        ("register.csv", "Information generated: 12 March 2024\n", ["2024-03-12"], None),
        ("register.csv", "Deals with deliveries or orders made for 1950 to 2021\n", None, ["2021-12-31"]),
    ],
)
def test_an_extract_is_not_dated_by_its_last_delivery(
    tmp_path: Path, name: str, preamble: str, published: list[str] | None, not_before: list[str] | None
) -> None:
    path = register(tmp_path / name, deal("Afghanistan", "United States", "2021"))
    path.write_text(preamble + path.read_text(encoding="utf-8"), encoding="utf-8")
    result = import_files("sipri", [path])
    (source,) = of_kind(result, "Dataset").values()
    assert (source.get("publishedOn"), source.get("publishedNotBefore")) == (published, not_before)
    assert any("do not say of which edition" in note for note in result.notes) is (published is None)
    assert "to 2021" not in source["label"][0] + source["coverageNote"][0]


@pytest.mark.parametrize(
    ("names", "days", "message"),
    [
        (
            ("deliveries-to-2023.csv", "deliveries-to-2024.csv"),
            ("", ""),
            r"2024\.csv:2: is of the edition 'deliveries to 2024', deliveries-to-2023\.csv of 'deliveries to 2023'",
        ),
        (
            ("one.csv", "other.csv"),
            ("11", "12"),
            r"other\.csv:3: is of the edition 'as of 2024-03-12', one\.csv of 'as of 2024-03-11'",
        ),
        (
            ("one.csv", "deliveries-to-2024.csv"),
            ("11", ""),
            r"2024\.csv:2: is of the edition 'deliveries to 2024', one\.csv of 'as of 2024-03-11'",
        ),
    ],
)
def test_two_editions_of_the_register_are_refused(
    tmp_path: Path, names: tuple[str, str], days: tuple[str, str], message: str
) -> None:
    """The same order, which went on to be delivered from one edition to the next."""
    paths = []
    for name, day, years in zip(names, days, ("2021", "2021; 2022"), strict=True):
        paths.append(register(tmp_path / name, deal("India", "France", years)))
        preamble = f"Information generated: {day} March 2024\n" if day else ""
        paths[-1].write_text(preamble + paths[-1].read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ParseError, match=f"{message}: import them apart"):
        import_files("sipri", paths)


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("a.csv", "deliveries-to-2024.csv")])
def test_registers_that_may_be_of_two_editions_are_noted(tmp_path: Path, names: tuple[str, str]) -> None:
    deals = [deal("India", "France", years) for years in ("2021", "2021; 2022")]
    paths = [register(tmp_path / name, row) for name, row in zip(names, deals, strict=True)]
    note = "files may be of several editions; a deal that they tell in two ways counts twice"
    assert f"2 {note}" in import_files("sipri", paths).notes
    assert not any(note in told for told in import_files("sipri", paths[:1]).notes)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    same = [
        register(tmp_path / n / "deliveries-to-2024.csv", row) for n, row in zip(("one", "two"), deals, strict=True)
    ]
    assert import_files("sipri", same).notes == ()


# -------------------------------------------------------------------------------------------------------- duplicates

RIVALS = [7, "Armenia-Azerbaijan", 371, 373, 1991, 2000, "", 1, "", 1, "", ""]


def test_a_rivalry_with_the_number_of_another_is_an_error_that_names_both(tmp_path: Path) -> None:
    path = table(tmp_path / "tss.csv", TSS, [RIVALS, [7, "France-Spain", 220, 230, 1494, 1700, 1, "", "", "", "", ""]])
    with pytest.raises(ParseError, match="tssr_id 7 stands in line 2 too, with another 'rivalry'") as caught:
        import_files("rivalry", [path])
    assert caught.value.line == 3


def test_a_row_that_is_repeated_is_set_aside(tmp_path: Path) -> None:
    bond = [member(1, state, "1993/2/1", "0/0/0", "D") for state in (371, 365)]
    fight = dyad(year=2001, gwno_a=371, gwno_b=373, start_date2="2001-12-31", start_prec2=1)
    sides = [midb(1, 371, "5/6/1992", "1/2/1993", sidea=1, hostlev=4), midb(1, 373, "5/6/1992", "1/2/1993")]
    cases = {
        "rivalry": [table(tmp_path / "r.csv", TSS, [RIVALS, RIVALS])],
        "atop-members": [table(tmp_path / "m.csv", ATOP, [*bond, bond[0]])],
        "ucdp-dyadic": [table(tmp_path / "d.csv", DYADIC, [fight, fight])],
        "mid": [table(tmp_path / "p.csv", MIDB, [*sides, sides[1]]), table(tmp_path / "o.csv", MIDA, [mida(1)] * 2)],
    }
    for source, paths in cases.items():
        result = import_files(source, paths)
        assert accounted_for(result)
        assert set(reasons(result)) == {f"repeats an earlier row of {path.name}" for path in paths}
        once = [line for line in result.lines if "/terms/source" not in line]
        for path in paths:
            path.write_text("".join(dict.fromkeys(path.read_text().splitlines(keepends=True))), encoding="utf-8")
        assert once == [line for line in import_files(source, paths).lines if "/terms/source" not in line]


def test_rows_repeated_in_another_file_are_set_aside_and_contradictions_name_both_files(tmp_path: Path) -> None:
    other = [8, "France-Spain", 220, 230, 1494, 1700, 1, "", "", "", "", ""]
    one, two = table(tmp_path / "1.csv", TSS, [RIVALS]), table(tmp_path / "2.csv", TSS, [other, RIVALS])
    result = import_files("rivalry", [one, two])
    assert result.nodes == {"Rivalry": 2} and reasons(result) == {"repeats an earlier row of 1.csv": 1}
    three = table(tmp_path / "3.csv", TSS, [[*RIVALS[:5], 1999, *RIVALS[6:]]])
    with pytest.raises(ParseError, match=r"3\.csv:2: tssr_id 7 stands in .*1\.csv:2 too, with another 'end'"):
        import_files("rivalry", [one, three])


def test_one_file_under_two_paths_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "tss.csv", TSS, [RIVALS])
    link, copy = tmp_path / "link.csv", tmp_path / "copy.csv"
    link.symlink_to(path)
    copy.write_bytes(path.read_bytes())
    for again in (link, copy, tmp_path / ".." / tmp_path.name / "tss.csv"):
        with pytest.raises(ParseError, match=r"holds the same as .*tss\.csv; name one of them"):
            import_files("rivalry", [path, again])


def test_a_pair_and_year_in_two_files_of_directed_years(tmp_path: Path) -> None:
    row = [2, 20, 1950, 1, 0, 0, 0, 0]
    one = table(tmp_path / "1.csv", DYADS, [row])
    two = table(tmp_path / "2.csv", DYADS, [[2, 20, 1951, 1, 0, 0, 0, 0], row])
    with pytest.raises(ParseError, match=r"2\.csv:3: 2 and 20 in 1950 stand in .*1\.csv:2") as caught:
        import_files("atop-dyads", [one, two])
    assert caught.value.line == 3


def test_directed_years_in_two_files_are_one_edition(tmp_path: Path) -> None:
    """The first file ends with an obligation that the second shows to go on, and with one that it shows to be over."""
    early = [[2, 20, year, 1, 0, 0, 0, 0] for year in (1979, 1980)] + [[2, 70, 1980, 1, 0, 0, 0, 0]]
    late = [[2, 20, year, 1, 0, 0, 0, 0] for year in (1981, 2018)]
    parts = [table(tmp_path / "1.csv", DYADS, early), table(tmp_path / "2.csv", DYADS, late)]
    result = import_files("atop-dyads", parts)
    assert accounted_for(result)
    made = nodes(result)
    assert {*of_kind(result, "Dataset")} == {"source/atop-dyads-5.1"}
    assert {*of_kind(result, "Alliance")} == {
        f"alliance/atop-dyad-{n}" for n in ("2-20-1979", "2-20-2018", "2-70-1980")
    }
    bound = made["membership/atop-dyad-2-20-1979-2"]
    assert (bound["begin"], bound["end"]) == (["1979"], ["1981"])
    assert made["membership/atop-dyad-2-70-1980-2"]["end"] == ["1980"]
    assert made["membership/atop-dyad-2-20-2018-2"]["ongoingAsOf"] == ["2018"]
    claim = made["claim/atop-dyads-5.1-2-20-1979"]
    assert sorted(claim["source"]) == ["1.csv, rows 1-2", "2.csv, row 1"]


def test_the_two_directions_of_a_pair_may_stand_in_two_files(tmp_path: Path) -> None:
    rows = [[2, 20, 1990, 1, 0, 0, 0, 0], [20, 2, 1990, 0, 0, 0, 0, 0]]
    parts = [table(tmp_path / f"{n}.csv", DYADS, [row]) for n, row in enumerate(rows)]
    result = import_files("atop-dyads", parts)
    assert result.used == 2 and not result.set_aside and result.nodes["Alliance"] == 1


def test_the_years_of_a_war_may_stand_in_two_files(tmp_path: Path) -> None:
    rows = [dyad(year=y, gwno_a=371, gwno_b=373, start_date2="2000-02-03", start_prec2=1) for y in range(2000, 2004)]
    parts = [table(tmp_path / f"{n}.csv", DYADIC, part) for n, part in enumerate((rows[:2], rows[2:]))]
    result = import_files("ucdp-dyadic", parts)
    (war,) = of_kind(result, "ArmedConflict").values()
    assert (war["begin"], war["end"]) == (["2000-02-03"], ["2003"])
    (claim,) = of_kind(result, "Claim").values()
    assert sorted(claim["source"]) == ["0.csv, rows 1-2", "1.csv, rows 1-2"]


def test_two_versions_of_the_wars_are_refused(tmp_path: Path) -> None:
    war = {"year": 2001, "gwno_a": 371, "gwno_b": 373, "start_date2": "2001-02-03", "start_prec2": 1}
    for source, columns, row in (("ucdp-dyadic", DYADIC, dyad), ("ucdp-acd", ACD, acd)):
        files = [table(tmp_path / f"{v}.csv", columns, [row(**war, version=v)]) for v in ("23.1", "24.1")]
        with pytest.raises(
            ParseError, match=r"24\.1\.csv:2: is of version 24\.1, 23\.1\.csv of 23\.1: import them apart"
        ):
            import_files(source, files)


def test_two_lists_of_rivalries_are_no_two_editions_of_one(rivalries: list[Path]) -> None:
    result = import_files("rivalry", rivalries)
    assert accounted_for(result) and len(of_kind(result, "Dataset")) == 2


def test_a_newer_list_of_rivalries_in_two_files_stops_in_one_year(tmp_path: Path) -> None:
    newer = [8, "France-Spain", 220, 230, 1494, 2023, 1, "", "", "", "", ""]
    older = [*RIVALS[:5], 2020, *RIVALS[6:]]
    result = import_files("rivalry", [table(tmp_path / f"{row[0]}.csv", TSS, [row]) for row in (older, newer)])
    assert {*of_kind(result, "Dataset")} == {"source/rivalries-tss-2023"}
    assert nodes(result)["rivalry/tss-7"]["end"] == ["2020"]


def test_a_list_of_states_in_two_files_stops_on_one_day(tmp_path: Path) -> None:
    columns = ["stateabb", "ccode", "statenme", "styear", "endyear"]
    rows = [["BAV", 245, "Bavaria", 1816, 1871], ["ARM", 371, "Armenia", 1991, 2016]]
    result = import_files("states", [table(tmp_path / f"{row[0]}.csv", columns, [row]) for row in rows])
    assert {*of_kind(result, "Dataset")} == {"source/cow-states-2016"}
    ends = {part["begin"][0]: part["end"][0] for part in of_kind(result, "SystemMembership").values()}
    assert ends == {"1816": "1871", "1991": "Ongoing"}


def test_extracts_generated_on_one_day_are_of_one_edition(tmp_path: Path) -> None:
    paths = [register(tmp_path / f"{year}.csv", deal("India", "France", year)) for year in ("1971", "1990")]
    for path in paths:
        path.write_text("Information generated: 12 March 2024\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    result = import_files("sipri", paths)
    (source,) = of_kind(result, "Dataset").values()
    assert (source["coversFrom"], source["coversUntil"]) == (["1950"], ["1990"]) and result.used == 2


def test_the_members_of_a_treaty_may_stand_in_two_files_of_one_edition(tmp_path: Path) -> None:
    rows = [member(1, state, "1993/2/1", "0/0/0", "D") for state in (371, 365)]
    parts = [table(tmp_path / f"{n}.csv", ATOP, [row]) for n, row in enumerate(rows)]
    made = nodes(import_files("atop-members", parts))
    assert made["alliance/atop-1"]["label"] == ["ATOP 1 (Russia, Armenia)"]
    newer = table(tmp_path / "newer.csv", ATOP, [[*rows[1][:-1], "5.1"]])
    with pytest.raises(ParseError, match=r"is of version 5\.1, 0\.csv of 4\.01: import them apart"):
        import_files("atop-members", [parts[0], newer])


def test_the_order_of_members_changes_nothing(tmp_path: Path) -> None:
    """A treaty with a late joiner of a low number, and with a state that left and came back."""
    rows = [
        member(1, 200, "1815/1/3", "1816/1/1", "D"),
        member(1, 300, "1815/1/3", "1815/2/8", "D"),
        member(1, 300, "1815/3/-9", "0/0/0", "C"),
        member(1, 20, "1815/1/13", "0/0/0", "D"),
        member(1, 220, "1815/1/3", "0/0/0", "DC"),
    ]
    found: set[tuple[str, ...]] = set()
    for place, order in enumerate(permutations(rows)):
        parts = [table(tmp_path / f"{place}-{n}.csv", ATOP, part) for n, part in enumerate((order[:2], order[2:]))]
        result = import_files("atop-members", parts)
        found.add(tuple(line for line in result.lines if "/terms/source" not in line))
    made = nodes(result)
    assert len(found) == 1
    assert made["alliance/atop-1"]["label"] == ["ATOP 1 (United Kingdom, France and 2 more)"]
    assert (made["membership/atop-1-300"]["begin"], made["membership/atop-1-300-2"]["begin"]) == (
        ["1815-01-03"],
        ["1815-03"],
    )


def test_a_second_description_of_a_node_is_never_dropped() -> None:
    writer, node = Writer("rivalry"), identifier("rivalry", "tss-1")
    for label in ("one", "one"):
        writer.node(node, FOEDUS.Rivalry, label, begin="1990")
    with pytest.raises(ParseError, match="id:rivalry/tss-1 would have two descriptions"):
        writer.node(node, FOEDUS.Rivalry, "other", begin="1990")
    with pytest.raises(ParseError, match="two descriptions"):
        for label in ("one", "other"):
            writer.organization(identifier("organization", "x"), label)


def test_files_that_describe_a_node_differently_do_not_make_a_graph(tmp_path: Path) -> None:
    one = import_files("rivalry", [table(tmp_path / "1.csv", TSS, [RIVALS])])
    longer = table(tmp_path / "2.csv", TSS, [[*RIVALS[:5], 2001, *RIVALS[6:]]])
    assert built(tmp_path, one, one).ask("coverage")
    with pytest.raises(ValidationError) as caught:
        built(tmp_path, one, import_files("rivalry", [longer]))
    found = {(v.node.rpartition("/")[2], v.path.rpartition("#")[2]) for v in caught.value.violations}
    assert ("tss-7", "end") in found and {node for node, _ in found} == {"tss-7"}
    assert all(v.message.startswith("part0.nt and part1.nt describe this ") for v in caught.value.violations)
    assert all("import them together: kg import rivalry FILE FILE" in v.message for v in caught.value.violations)


def test_extracts_by_member_make_a_graph_once_they_are_imported_together(tmp_path: Path) -> None:
    rows = [member(1, state, "1993/2/1", "0/0/0", "D") for state in (371, 365)]
    parts = [table(tmp_path / f"{n}.csv", ATOP, [row]) for n, row in enumerate(rows)]
    with pytest.raises(ValidationError) as caught:
        built(tmp_path, *(import_files("atop-members", [part]) for part in parts))
    assert "import them together: kg import atop-members FILE FILE" in caught.value.violations[0].message
    assert len(built(tmp_path, import_files("atop-members", parts)).ask("obligations")) == 2


# ------------------------------------------------------------------------------------------------------------- names


def test_a_treaty_is_found_by_its_number(tmp_path: Path) -> None:
    bonds = [
        member(n, state, "1950/1/1", "0/0/0", "D", phase) for n, phase in ((4400, 0), (4500, 2)) for state in (2, 20)
    ]
    graph = built(tmp_path, import_files("atop-members", [table(tmp_path / "m.csv", ATOP, bonds)]))
    for name in ("ATOP 4400", "atop-4400", "4400", "ATOP 4500", "4500", "atop-4500-2", "ATOP 4500 phase 2", "4500 2"):
        graph.ask("allies-supplying-adversary", without=name)
        assert len(graph.ask("members", alliance=name)) == (0 if name in ("ATOP 4500", "4500") else 2)
    with pytest.raises(UnknownName, match="no alliance is called 'ATOP 9'"):
        graph.ask("allies-supplying-adversary", without="ATOP 9")


def test_obligations_by_year_are_found_by_their_pair(tmp_path: Path) -> None:
    result = import_files("atop-dyads", [table(tmp_path / "d.csv", DYADS, [[2, 20, 1950, 1, 0, 0, 0, 0]])])
    built(tmp_path, result).ask("allies-supplying-adversary", without="atop-dyad-2-20-1950")


# ------------------------------------------------------------------------------------------------------------ states


def test_a_list_of_states_makes_its_numbers_known(tmp_path: Path) -> None:
    venice = table(
        tmp_path / "cow.csv",
        ["stateabb", "ccode", "statenme", "styear", "endyear"],
        [["VEN", 324, "Venice", 1816, 1866]],
    )
    more = tmp_path / "more.nt"
    more.write_bytes(import_files("states", [venice]).ntriples)
    path = table(tmp_path / "tss.csv", TSS, [[8, "Venice-Turkey", 324, 640, 1494, 1717, 1, "", "", "", "", ""]])
    (found,) = of_kind(import_files("rivalry", [path], states=[more]), "Rivalry").values()
    assert sorted(found["rival"]) == ["state/TUR", "state/cow-324"] and "Venice" in found["label"][0]
    assert reasons(import_files("rivalry", [path])) == {"Correlates of War number 324 is not in the list of states": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_list_of_gleditsch_and_ward_as_they_offer_it(tmp_path: Path, end: str) -> None:
    path = tmp_path / "gw.txt"
    lines = [
        "2\tUSA\tUnited States of America\t01:01:1816\t31:12:2017",
        "997\tISL\tIsle (of José)\t01:07:1867\t31:12:2017",
    ]
    path.write_bytes("".join(line + end for line in lines).encode("cp1252"))
    result = import_files("states", [path])
    assert (result.rows, result.used) == (2, 2)
    assert nodes(result)["state/gw-997"]["label"] == ["Isle (of José)"]
    path.write_text(f"{lines[0]}{end}x\tISL\tIsle\t\t{end}", encoding="utf-8", newline="")
    with pytest.raises(ParseError, match="'x' is no number") as caught:
        import_files("states", [path])
    assert caught.value.line == 2
