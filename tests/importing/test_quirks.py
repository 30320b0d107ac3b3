"""The quirks of the published files that an importer has to survive, in made-up rows, down to what a user is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from kg import KnowledgeGraph
from kg.errors import ParseError
from kg.importing import import_files
from kg.importing.states import Unresolved, states
from kg.resources import resource
from kg.serializing import serialize
from tests.importing.conftest import ACD, ATOP, DYADIC, DYADS, SIPRI, TD, TSS, acd, dyad, member
from tests.importing.tables import Nodes, accounted_for, nodes, of_kind, reasons, table


def built(folder: Path, *more: Path, **given: list[Path]) -> KnowledgeGraph:
    """A graph of the list of states, of some files of facts, and of what importers make of some tables."""
    files = [resource("graph", "states.ttl"), *more]
    for source, paths in given.items():
        files.append(folder / f"{source}.nt")
        result = import_files(source.replace("_", "-"), paths)
        files[-1].write_bytes(serialize(result.triples, RdfFormat.N_TRIPLES))
    return KnowledgeGraph.build(files)[0]


def deal(recipient: str, supplier: str, years: str, *, comment: str = "", order: int = 1960) -> list[object]:
    return [recipient, supplier, order, "", 2, "?", "X-1", "tank", 2, "", years, "New", comment, "1", "2", "2"]


# -------------------------------------------------------------------------------------------------------------- ATOP


def test_a_treaty_has_a_number_and_no_name(members: Path) -> None:
    made = nodes(import_files("atop-members", [members]))
    assert (made["alliance/atop-9000"]["notation"], made["alliance/atop-9010-2"]["notation"]) == (["9000"], ["9010 2"])
    assert made["alliance/atop-9010"]["label"] == ["ATOP 9010"]


@pytest.mark.parametrize(
    ("leave", "end", "as_of"),
    [
        ("0/0/0", "Ongoing", ["2016-12-31"]),
        ("1999/4/2", "1999-04-02", None),
        ("1999/4/-9", "1999-04", None),
        ("1999/4/99", "1999-04", None),
        ("1999/-9/-9", "1999", None),
        ("1999/99/99", "1999", None),
        ("1999/99/4", "1999", None),
        ("-9/-9/-9", "Unknown", None),
    ],
)
def test_exits_in_force_and_dates_with_missing_parts(
    tmp_path: Path, leave: str, end: str, as_of: list[str] | None
) -> None:
    rows = [member(1, 2, "1990/1/1", leave, "D"), member(1, 20, "1990/1/1", "2001/1/1", "D")]
    made = nodes(import_files("atop-members", [table(tmp_path / "members.csv", ATOP, rows)]))
    found = made["membership/atop-1-2"]
    assert (found["end"], found.get("ongoingAsOf")) == ([end], as_of)


def test_entry_dates_with_missing_parts(tmp_path: Path) -> None:
    entries = {2: "1990/5/-9", 20: "1990/99/99", 70: "1990/-9/3", 200: "1990/5/99"}
    rows = [member(1, state, entry, "0/0/0", "D") for state, entry in entries.items()]
    made = nodes(import_files("atop-members", [table(tmp_path / "members.csv", ATOP, rows)]))
    begins = [made[f"membership/atop-1-{state}"]["begin"] for state in entries]
    assert begins == [["1990-05"], ["1990"], ["1990"], ["1990-05"]]


@pytest.mark.parametrize("version", ["junk", "4,01", "nan", "inf", "-1", "1e400"])
def test_a_version_that_is_none(tmp_path: Path, version: str) -> None:
    rows = [[*member(1, 2, "1990/1/1", "0/0/0", "D")[:-1], version]]
    with pytest.raises(ParseError, match=r"members\.csv:2: version: .* is no version of ATOP"):
        import_files("atop-members", [table(tmp_path / "members.csv", ATOP, rows)])


@pytest.mark.parametrize(
    "year", ["inf", "nan", "1990.5", "1_990", "1.99e3", "+1990", "1990.", "\u0661\u0669\u0669\u0660"]
)
def test_a_year_that_is_none(tmp_path: Path, year: str) -> None:
    rows = [member(1, 2, f"{year}/1/1", "0/0/0", "D")]
    with pytest.raises(ParseError, match=r"members\.csv:2: "):
        import_files("atop-members", [table(tmp_path / "members.csv", ATOP, rows)])


def test_a_date_of_publication_that_is_not_known_is_not_given(tmp_path: Path, members: Path, directed: Path) -> None:
    source = nodes(import_files("atop-members", [members]))["source/atop-members-4.01"]
    assert "publishedOn" not in source and source["publishedNotBefore"] == ["2016-12-31"]
    assert nodes(import_files("atop-dyads", [directed]))["source/atop-dyads-5.1"]["publishedOn"] == ["2022"]


@pytest.fixture(scope="module")
def charter(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """A broad charter, coded as a defense pact and amended once, beside a narrow one; Russia arms Azerbaijan."""
    folder = tmp_path_factory.mktemp("charter")
    broad = [
        member(
            4400, state, "1993/1/22" if phase == 1 else "2000/1/1", "1999/12/31" if phase == 1 else "0/0/0", "D", phase
        )
        for phase in (1, 2)
        for state in (365, 371, 373)
    ]
    narrow = [member(4700, state, "1997/8/29", "0/0/0", "D") for state in (365, 371)]
    deals = [deal("Azerbaijan", "Russia", str(year), order=1990) for year in (1995, 2010)]
    feud = [7, "Armenia-Azerbaijan", 371, 373, 1991, 2020, "", 1, "", "", "", ""]
    return built(
        folder,
        atop_members=[table(folder / "members.csv", ATOP, [*broad, *narrow])],
        sipri=[table(folder / "deliveries-to-2024.csv", SIPRI, deals)],
        rivalry=[table(folder / "tss.csv", TSS, [feud])],
    )


def test_the_alliance_is_visible_in_every_answer(charter: KnowledgeGraph) -> None:
    given = {"supplier": "Russia", "state": "Armenia"}
    seen = {(row["transfer"][-12:-8], row["alliance"]) for row in charter.ask("allies-supplying-adversary", **given)}
    broad = [f"ATOP 4400 phase {phase} (Russia, Armenia, Azerbaijan)" for phase in (1, 2)]
    assert seen == {("1995", broad[0]), ("2010", broad[1]), ("2010", "ATOP 4700 (Russia, Armenia)")}
    owed = charter.ask("obligations", obligor="Armenia", obligee="Azerbaijan")
    assert {row["alliance"] for row in owed} == set(broad)


@pytest.mark.parametrize("grain", ["day", "year"])
def test_a_broad_charter_can_be_left_out_with_its_phases(charter: KnowledgeGraph, grain: str) -> None:
    def bonds(**without: str) -> set[str]:
        answer = charter.ask("allies-supplying-adversary", supplier="Russia", state="Armenia", grain=grain, **without)
        return {row["alliance"].partition(" (")[0] for row in answer}

    assert bonds() == {"ATOP 4400 phase 1", "ATOP 4400 phase 2", "ATOP 4700"}
    assert bonds(without="ATOP 4400") == {"ATOP 4700"}
    assert bonds(without="ATOP 4400 phase 1 (Russia, Armenia, Azerbaijan)") == {"ATOP 4400 phase 2", "ATOP 4700"}


def test_the_first_of_a_directed_pair_owes_the_second(tmp_path: Path) -> None:
    rows = [
        row for year in (1980, 1981, 1983) for row in ([710, 2, year, 1, 0, 0, 0, 0], [2, 710, year, 0, 0, 0, 0, 0])
    ]
    graph = built(tmp_path, atop_dyads=[table(tmp_path / "dyads.csv", DYADS, rows)])
    owed = [(r["obligor"], r["obligee"], r["from"], r["until"]) for r in graph.ask("obligations")]
    # Runs of years are one interval; the last year of the file is where it stops.
    assert owed[0] == ("China", "United States", "1980-01-01", "1981-12-31")
    assert [part[:3] for part in owed[1:]] == [("China", "United States", "1983-01-01")]


# ------------------------------------------------------------------------------------------------------------- SIPRI

PREAMBLE = "\n".join(["Register of made-up deals", *(f"Note {n}: “none”; not, for, sale" for n in range(1, 10)), ""])


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_an_edition_with_a_preamble_in_cp1252(tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, [deal("Côte d'Ivoire", "Turkiye", "2009; 2010")])
    path.write_bytes(f"{PREAMBLE}\n{path.read_text(encoding='utf-8')}".encode(encoding))
    assert path.read_bytes().split(b"\n")[11].startswith(b"Recipient,Supplier")
    result = import_files("sipri", [path])
    (only,) = of_kind(result, "ArmsTransfer").values()
    assert (only["supplier"], only["recipient"]) == (["state/TUR"], ["state/CIV"])
    assert (only["begin"], only["end"]) == (["2009"], ["2010"])
    assert only["editorialNote"] == ["An estimate of SIPRI: number ordered."]


def test_a_flag_after_the_years_of_delivery_is_an_estimate_too(tmp_path: Path) -> None:
    row, place = deal("India", "France", "1971"), SIPRI.index("Year(s) of delivery") + 1
    columns = [*SIPRI[:place], "", *SIPRI[place:]]
    path = table(tmp_path / "deliveries-to-2024.csv", columns, [[*row[:place], "?", *row[place:]]])
    (made,) = of_kind(import_files("sipri", [path]), "ArmsTransfer").values()
    assert made["editorialNote"] == ["An estimate of SIPRI: number ordered, years of delivery."]


def test_a_fault_below_a_preamble_names_the_line_of_the_file(tmp_path: Path) -> None:
    path = table(
        tmp_path / "deliveries-to-2024.csv", SIPRI, [deal("India", "France", "1971"), deal("India", "France", "soon")]
    )
    path.write_bytes(f"{PREAMBLE}\n{path.read_text(encoding='utf-8')}".encode("cp1252"))
    with pytest.raises(ValueError, match="'soon' is no year") as caught:
        import_files("sipri", [path])
    assert getattr(caught.value, "line", None) == 14


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Soviet Union", "state/RUS"),
        ("Turkiye", "state/TUR"),
        ("Viet Nam", "state/VNM"),
        ("South Vietnam", "state/cow-817"),
        ("East Germany (GDR)", "state/cow-265"),
        ("Czechoslovakia", "state/cow-315"),
        ("North Yemen", "state/YEM"),
        ("South Yemen", "state/cow-680"),
        ("Yugoslavia", "state/SRB"),
    ],
)
def test_old_names_and_those_of_sipri(tmp_path: Path, name: str, state: str) -> None:
    path = table(
        tmp_path / "deliveries-to-2024.csv", SIPRI, [deal(name, "France", "1971"), deal("India", name, "1972")]
    )
    result = import_files("sipri", [path])
    assert result.set_aside == ()
    made = {part["begin"][0]: part for part in of_kind(result, "ArmsTransfer").values()}
    assert made["1971"]["recipient"] == made["1972"]["supplier"] == [state]


def test_one_star_is_a_group_and_two_an_organization_and_neither_a_state(sipri: Path) -> None:
    made = nodes(import_files("sipri", [sipri]))
    for name in ("organization/sipri-houthi-rebels-yemen", "organization/sipri-nato"):
        assert made[name]["type"] == ["Organization"] and "*" not in made[name]["label"][0]


def test_a_line_break_inside_comments_quoted_or_not(tmp_path: Path) -> None:
    whole = deal("India", "France", "1971", comment="Second-hand;\nonly for training")
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, [whole, deal("India", "France", "1972")])
    quoted = import_files("sipri", [path])
    path.write_text(path.read_text(encoding="utf-8").replace('"', ""), encoding="utf-8")
    torn = import_files("sipri", [path])
    assert quoted.lines == torn.lines and len(of_kind(torn, "ArmsTransfer")) == 2
    assert any(note.startswith("1 records") for note in torn.notes) and not quoted.notes


# -------------------------------------------------------------------------------------------------------------- UCDP


@pytest.mark.parametrize(
    ("code", "begin"),
    [
        (1, "1982-05-07"),
        (2, "1982"),
        (3, "1982"),
        (4, "1982"),
        (5, "1982"),
        (6, "1982"),
        (7, "1982"),
        ("", "1982-05-07"),
    ],
)
def test_only_a_day_that_is_said_to_be_known_is_a_day(tmp_path: Path, code: object, begin: str) -> None:
    row = acd(year=1982, gwno_a=160, gwno_b=200, start_date2="1982-05-07", start_prec2=code, ep_end=1)
    (war,) = of_kind(import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, [row])]), "ArmedConflict").values()
    assert war["begin"] == [begin] and war["end"] == ["1982"]


@pytest.mark.parametrize(
    ("day", "end"), [("1982-06-20", "1982-06-20"), ("1982-06-30", "1982-06"), ("1982-12-31", "1982")]
)
def test_a_date_without_a_code_that_may_be_assigned(tmp_path: Path, day: str, end: str) -> None:
    row = acd(year=1982, gwno_a=160, gwno_b=200, start_date2="1982-04-02", start_prec2=1, ep_end=1, ep_end_date=day)
    (war,) = of_kind(import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, [row])]), "ArmedConflict").values()
    assert war["end"] == [end]


def test_lists_of_numbers_and_second_parties(tmp_path: Path) -> None:
    row = acd(
        year=1991,
        gwno_a="365, 630",
        gwno_a_2nd="2,200 ",
        gwno_b=645,
        gwno_b_2nd="",
        start_date2="1991-01-17",
        start_prec2=1,
    )
    made = of_kind(import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, [row])]), "ArmedConflict")
    war, support = (made[f"conflict/ucdp-prio-acd-25.1-900-1991{name}"] for name in ("", "-gwno-a-2nd"))
    assert war["sideA"] == ["state/IRN", "state/RUS"] and war["sideB"] == support["sideB"] == ["state/IRQ"]
    assert support["sideA"] == ["state/GBR", "state/USA"]


def test_a_line_break_in_a_quoted_field_moves_the_lines_below(tmp_path: Path) -> None:
    good = acd(
        year=1991, gwno_a=2, gwno_b=645, start_date2="1991-01-17", start_prec2=1, territory_name="here\nand there"
    )
    bad = acd(conflict_id=901, year=1991, gwno_a=2, gwno_b=645, start_date2="17.1.1991", start_prec2=1)
    with pytest.raises(ValueError, match="is no date") as caught:
        import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, [good, bad])])
    assert getattr(caught.value, "line", None) == 4


# --------------------------------------------------------------------------- states that come into an episode and leave

ALONE = {"type_of_conflict": 3, "side_b": "rebels", "start_date2": "2001-05-03", "start_prec2": 1}
TOGETHER = {**ALONE, "type_of_conflict": 4}


@pytest.mark.parametrize(("source", "columns", "row"), [("ucdp-acd", ACD, acd), ("ucdp-dyadic", DYADIC, dyad)])
@pytest.mark.parametrize(("here", "there", "apart"), [("gwno_a", "gwno_b_2nd", "B"), ("gwno_b", "gwno_a_2nd", "A")])
def test_states_that_fight_in_some_years_of_an_episode(
    tmp_path: Path, source: str, columns: list[str], row: Callable[..., list[object]], here: str, there: str, apart: str
) -> None:
    """Years with no state on one side come before, amid and after those with states, which begin on no day of it."""
    fought = {2003: TOGETHER, 2004: TOGETHER, 2006: TOGETHER}
    years = {year: fought.get(year, ALONE) for year in range(2001, 2009)}
    rows = [
        row(
            year=year,
            **{here: 678, there: 670 if year in fought else ""},
            **cells,
            **({"ep_end": 1, "ep_end_date": "2008-04-05"} if source == "ucdp-acd" and year == 2008 else {}),
        )
        for year, cells in years.items()
    ]
    result = import_files(source, [table(tmp_path / "table.csv", columns, rows[::-1])])
    assert accounted_for(result)
    assert reasons(result) == {f"intrastate: no state on side {apart}": 5}
    wars = of_kind(result, "ArmedConflict").values()
    assert sorted((war["begin"], war["end"]) for war in wars) == [(["2003"], ["2004"]), (["2006"], ["2006"])]


@pytest.mark.parametrize(("source", "columns", "row"), [("ucdp-acd", ACD, acd), ("ucdp-dyadic", DYADIC, dyad)])
def test_years_of_an_episode_that_an_extract_lacks(
    tmp_path: Path, source: str, columns: list[str], row: Callable[..., list[object]]
) -> None:
    """The rows say in which years states fought, also where those before them are not in the file."""
    rows = [row(year=2003, gwno_a=678, gwno_b_2nd=670, **TOGETHER)]
    (war,) = of_kind(import_files(source, [table(tmp_path / "a.csv", columns, rows)]), "ArmedConflict").values()
    assert (war["begin"], war["end"]) == (["2003"], ["2003"])


def test_a_year_of_an_unknown_state_is_of_the_episode_too(tmp_path: Path) -> None:
    started = {"start_date2": "2001-05-03", "start_prec2": 1}
    rows = [acd(year=2001, gwno_a=678, gwno_b=751, **started), acd(year=2002, gwno_a=678, gwno_b=670, **started)]
    (war,) = of_kind(import_files("ucdp-acd", [table(tmp_path / "a.csv", ACD, rows)]), "ArmedConflict").values()
    assert (war["begin"], war["end"]) == (["2002"], ["2002"])


def test_states_of_the_last_year_are_at_war_and_those_of_the_year_before_are_not(tmp_path: Path) -> None:
    rows = [acd(year=2023, gwno_a=678, gwno_b_2nd=670, **{**TOGETHER, "start_date2": "2023-05-03"})]
    rows.append(acd(year=2024, gwno_a=678, **{**ALONE, "start_date2": "2023-05-03"}))
    rows.append(
        acd(conflict_id=901, year=2024, gwno_a=678, gwno_b_2nd=670, **{**TOGETHER, "start_date2": "2024-05-03"})
    )
    made = of_kind(import_files("ucdp-acd", [table(tmp_path / "a.csv", ACD, rows)]), "ArmedConflict")
    over, on = (made[f"conflict/ucdp-prio-acd-25.1-{name}-gwno-b-2nd"] for name in ("900-2023", "901-2024"))
    assert over["end"] == ["2023"] and "ongoingAsOf" not in over
    assert on["end"] == ["Ongoing"] and on["ongoingAsOf"] == ["2024"]


def test_days_of_an_episode_are_those_of_its_primary_parties(tmp_path: Path) -> None:
    """A supporter that came in after the first year changes nothing about the days of those who fought before."""
    known = {"start_date2": "2001-05-03", "start_prec2": 1, "gwno_a": 678, "gwno_b": 670}
    rows = [
        acd(year=2001, gwno_b_2nd=2, **known),
        acd(year=2002, gwno_a_2nd="200, 678", gwno_b_2nd=2, ep_end=1, ep_end_date="2002-02-07", **known),
    ]
    made = of_kind(import_files("ucdp-acd", [table(tmp_path / "a.csv", ACD, rows)]), "ArmedConflict")
    found = {
        name.removeprefix("conflict/ucdp-prio-acd-25.1-900-"): (war["sideA"], war["sideB"], *war["begin"], *war["end"])
        for name, war in made.items()
    }
    yemen, saudi, britain, america = ([f"state/{code}"] for code in ("YEM", "SAU", "GBR", "USA"))
    assert found == {
        "2001": (yemen, saudi, "2001-05-03", "2002-02-07"),
        "2002-gwno-a-2nd": (britain, saudi, "2002", "2002"),
        "2001-gwno-b-2nd": (yemen, america, "2001", "2001"),
        "2002-gwno-b-2nd": (britain + yemen, america, "2002", "2002"),
    }


def test_an_end_in_another_year_than_that_of_the_last_row(tmp_path: Path) -> None:
    row = acd(year=2001, gwno_a=678, gwno_b=670, start_date2="2001-05-03", ep_end=1, ep_end_date="2003-02-01")
    (war,) = of_kind(import_files("ucdp-acd", [table(tmp_path / "a.csv", ACD, [row])]), "ArmedConflict").values()
    assert war["end"] == ["2001"]


# --------------------------------------------------------------------------------------------------------- rivalries


def test_the_last_year_of_a_list_is_where_coding_stops(tmp_path: Path) -> None:
    """A rivalry that reaches 2020 may go on after it; one of 2019 does not, and no more does a deal of 2021."""
    feuds = [
        [7, "Armenia-Azerbaijan", 371, 373, 1991, 2020, "", 1, "", "", "", ""],
        [8, "Turkey-Armenia", 371, 640, 1991, 2019, "", 1, "", "", "", ""],
    ]
    bonds = [member(1, state, "1997/8/29", "0/0/0", "D") for state in (365, 371)]
    deals = [deal(recipient, "Russia", "2021", order=2000) for recipient in ("Azerbaijan", "Turkiye")]
    graph = built(
        tmp_path,
        atop_members=[table(tmp_path / "members.csv", ATOP, bonds)],
        sipri=[table(tmp_path / "deliveries-to-2024.csv", SIPRI, deals)],
        rivalry=[table(tmp_path / "tss.csv", TSS, feuds)],
    )
    answer = graph.ask("allies-supplying-adversary", state="Armenia")
    assert [(row["adversary"], row["overlap"]) for row in answer] == [("Azerbaijan", "possible")]


def test_books_whose_year_is_told_in_several_ways_have_a_bound_only(rivalries: list[Path]) -> None:
    made = nodes(import_files("rivalry", rivalries))
    assert made["source/rivalries-tss-2020"]["publishedOn"] == ["2021"]
    old = made["source/rivalries-td-2010"]
    assert "publishedOn" not in old and old["publishedNotBefore"] == ["2010"]


def test_what_is_not_dated_counts_by_any_day_that_it_may_have_been_known(tmp_path: Path) -> None:
    """A list that came out in 2010 or later is known possibly by 2011, and not at all by 2009."""
    path = table(tmp_path / "td.csv", TD, [[3, "A-B", 160, 200, 1966, 2010, "World", "spatial", "", ""]])
    graph = built(tmp_path, rivalry=[path])
    assert len(graph.ask("adversaries", state="United Kingdom", known_by="2011-06-30")) == 1
    assert not graph.ask("adversaries", state="United Kingdom", known_by="2009-12-31")


# ------------------------------------------------------------------------------------------------------------ states


@pytest.mark.parametrize(
    ("name", "cow", "gw"),
    [
        ("Germany", "255", "260"),
        ("Yemen", "679", "678"),
        ("Vietnam", "816", "816"),
        ("Serbia", "345", "340"),
        ("Nauru", "970", "971"),
    ],
)
def test_a_state_by_the_number_of_each_list(name: str, cow: str, gw: str) -> None:
    assert states().label(states().cow(cow)) == states().label(states().gw(gw)) == name


def test_a_number_of_the_other_list_is_no_number_or_another_state() -> None:
    known = states()
    assert known.gw("815") != known.cow("816") and known.gw("970") != known.cow("970")
    for lookup, number in ((known.gw, "679"), (known.cow, "340"), (known.cow, "815"), (known.cow, "971")):
        with pytest.raises(Unresolved, match=number):
            lookup(number)


def test_each_importer_reads_the_numbers_of_its_own_list(tmp_path: Path) -> None:
    """678 and 971 in UCDP are Yemen and Nauru by Gleditsch and Ward; 679 and 970 are theirs in ATOP."""
    fight = acd(year=1999, gwno_a=678, gwno_b=971, start_date2="1999-01-02", start_prec2=1)
    other = acd(conflict_id=901, year=1999, gwno_a=679, gwno_b=970, start_date2="1999-01-02", start_prec2=1)
    result = import_files("ucdp-acd", [table(tmp_path / "acd.csv", ACD, [fight, other])])
    assert accounted_for(result)
    assert reasons(result) == {"Gleditsch and Ward number 679 is not in the list of states": 1}
    (war,) = of_kind(result, "ArmedConflict").values()
    assert (war["sideA"], war["sideB"]) == (["state/YEM"], ["state/NRU"])
    bonds = [member(1, state, "2000/1/1", "0/0/0", "D") for state in (679, 970)]
    made: Nodes = of_kind(import_files("atop-members", [table(tmp_path / "members.csv", ATOP, bonds)]), "Membership")
    assert {part["member"][0] for part in made.values()} == {"state/YEM", "state/NRU"}


# ---------------------------------------------------------------------------------------------------------- coverage


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """One bond, one deal and one war, of three sources that speak for different years."""
    folder = tmp_path_factory.mktemp("coverage")
    bonds = [member(1, state, "1950/1/1", "0/0/0", "D") for state in (200, 220)]
    war = acd(
        year=1982, gwno_a=160, gwno_b=200, start_date2="1982-04-02", start_prec2=1, ep_end=1, ep_end_date="1982-06-20"
    )
    return built(
        folder,
        atop_members=[table(folder / "members.csv", ATOP, bonds)],
        sipri=[table(folder / "deliveries-to-1971.csv", SIPRI, [deal("India", "France", "1971")])],
        ucdp_acd=[table(folder / "acd.csv", ACD, [war])],
    )


def test_each_source_says_for_which_years_it_speaks(sparse: KnowledgeGraph) -> None:
    spoken = {row["kind"]: row["coverage"] for row in sparse.ask("coverage")}
    assert "from 1815 to 2016" in spoken["membership"]
    assert "from 1950 to 1971" in spoken["arms transfer"]
    assert "from 1946 to 2024" in spoken["armed conflict"]


def said(graph: KnowledgeGraph, question: str, **roles: str) -> str:
    legs = graph.why_not(question, **roles).legs
    return " | ".join(shortfall.says for leg in legs for shortfall in leg.shortfalls)


def test_silence_is_not_covered_rather_than_no(sparse: KnowledgeGraph) -> None:
    """SIPRI records no delivery in full; UCDP records conflicts in full, and says for which years."""
    found = said(sparse, "allies-supplying-adversary", supplier="France", adversary="Argentina", state="United Kingdom")
    assert "no transfer of arms is recorded for France to Argentina; no source at hand sets out" in found
    assert "so this is not covered rather than no" in found
    found = said(sparse, "unanswered-obligations", obligor="United Kingdom", state="France")
    assert "not covered rather than no" in found


def test_silence_of_a_source_that_records_in_full_is_worth_its_years(tmp_path: Path) -> None:
    bonds = [member(1, state, "1900/1/1", "0/0/0", "D") for state in (200, 220)]
    war = acd(year=1982, gwno_a=160, gwno_b=750, start_date2="1982-04-02", start_prec2=1)
    feud = [9, "Argentina-Chile", 155, 160, 1900, 1990, 1, "", "", "", "", ""]
    extra = tmp_path / "more.ttl"
    extra.write_text(
        "@prefix f: <https://w3id.org/foedus/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<https://example.org/raids> a f:Dataset ; rdfs:label "raids"@en ; '
        "f:coversClass f:Incursion, f:MilitarizedDispute .",
        encoding="utf-8",
    )
    graph = built(
        tmp_path,
        extra,
        atop_members=[table(tmp_path / "members.csv", ATOP, bonds)],
        ucdp_acd=[table(tmp_path / "acd.csv", ACD, [war])],
        rivalry=[table(tmp_path / "tss.csv", TSS, [feud])],
    )
    found = said(graph, "allies-supplying-adversary", supplier="France", adversary="Argentina", state="United Kingdom")
    assert "from 1946 to 2024" in found and "from 1494 to 2020" in found and "sets out to record them in full" in found
