"""Made-up files of every kind: shaped like the published ones, with rows that nobody published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing.tables import table


def columns(text: str, separator: str | None = None) -> list[str]:
    """Names of columns, written one after the other."""
    return text.split(separator)


SIPRI = columns(
    "Recipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,Weapon description,Number delivered, "
    ",Year(s) of delivery,status,Comments,SIPRI TIV per unit,SIPRI TIV for total order,SIPRI TIV of delivered "
    "weapons",
    ",",
)
TSS = columns(
    """
    tssr_id rivalry ccode1 ccode2 start end positional spatial ideological interventionary principal aprin
    """
)
TD = columns(
    """
    rivalryno rivalryname ccode1 ccode2 styear endyear region type1 type2 type3
    """
)
ACD = columns(
    """
    conflict_id location side_a side_a_id side_a_2nd side_b side_b_id side_b_2nd incompatibility territory_name
    year intensity_level cumulative_intensity type_of_conflict start_date start_prec start_date2 start_prec2
    ep_end ep_end_date ep_end_prec gwno_a gwno_a_2nd gwno_b gwno_b_2nd gwno_loc region version
    """
)
DYADIC = columns(
    """
    dyad_id conflict_id location side_a side_a_id side_a_2nd side_b side_b_id side_b_2nd incompatibility
    territory_name year intensity_level type_of_conflict start_date start_prec start_date2 start_prec2 gwno_a
    gwno_a_2nd gwno_b gwno_b_2nd gwno_loc region version
    """
)
ATOP = columns(
    """
    atopid cowid member yrent moent dayent yrexit moexit dayexit ineffect phase defense offense neutral nonagg
    consul version
    """
)
DYADS = columns(
    """
    ccode1 ccode2 year atop_defense atop_offense atop_neutral atop_nonagg atop_consul
    """
)
MIDB = columns(
    """
    dispnum stabb ccode stday stmon styear endday endmon endyear sidea revstate revtype1 revtype2 fatality
    fatalpre hiact hostlev orig version
    """
)
MIDA = columns(
    """
    dispnum stday stmon styear endday endmon endyear outcome settle fatality fatalpre maxdur mindur hiact hostlev
    recip numa numb ongo2014 version
    """
)


def acd(**cells: object) -> list[object]:
    """A row of the armed conflict data, interstate where nothing else is said."""
    given = {"conflict_id": 900, "type_of_conflict": 2, "intensity_level": 1, "version": "25.1", "ep_end": 0, **cells}
    return [given.get(column, "") for column in ACD]


def dyad(**cells: object) -> list[object]:
    """A row of the dyadic data, interstate where nothing else is said."""
    given = {
        "dyad_id": 70,
        "conflict_id": 900,
        "type_of_conflict": 2,
        "intensity_level": 1,
        "version": "24.1",
        **cells,
    }
    return [given.get(column, "") for column in DYADIC]


def member(treaty: int, state: int, entry: str, leave: str, owed: str, phase: int = 0) -> list[object]:
    """A row of ATOP: dates as three numbers, and the initials of what is owed."""
    flags = [int(initial in owed) for initial in "DONGC"]
    return [treaty, "", state, *entry.split("/"), *leave.split("/"), int(leave == "0/0/0"), phase, *flags, "4.01"]


def midb(number: int, state: int, begin: str, end: str, **cells: object) -> list[object]:
    """A participant in a dispute: an originator on side B without deaths, where nothing else is said."""
    given: dict[str, object] = dict(
        zip(("stday", "stmon", "styear", "endday", "endmon", "endyear"), f"{begin}/{end}".split("/"), strict=True)
    )
    given |= {"dispnum": number, "ccode": state, "stabb": "XXX", "version": 5, "orig": 1, "hostlev": 1, "hiact": 0}
    given |= dict.fromkeys(("sidea", "revstate", "revtype1", "revtype2", "fatality", "fatalpre"), 0) | cells
    return [given[column] for column in MIDB]


def mida(number: int, **cells: object) -> list[object]:
    """A dispute as a whole."""
    given: dict[str, object] = {"dispnum": number, "styear": 1990, "endyear": 1991, "version": 5, "ongo2014": 0}
    given |= {"hostlev": 4, "recip": 0} | cells
    return [given.get(column, 1) for column in MIDA]


@pytest.fixture
def sipri(tmp_path: Path) -> Path:
    """A trade register with a mark, flags, gaps, groups, doubts, and a record torn in two and padded."""
    rows = [
        [
            "Azerbaijan",
            "Belarus",
            "2017",
            "?",
            "6",
            "?",
            "Moonbeam",
            "rocket launcher",
            "6",
            "",
            "2018",
            "New",
            "",
            1.2,
            7.2,
            7.2,
        ],
        [
            "Armenia",
            "Soviet Union",
            1988,
            "",
            4,
            "",
            "engine",
            "engine",
            4,
            "?",
            "1989; 1990; 1993",
            "New",
            "",
            1,
            4,
            4,
        ],
        ["Houthi rebels (Yemen)*", "Iran", 2014, "", 2, "", "X-1", "missile", 2, "", "2015", "New", "", 1, 2, 2],
        ["NATO**", "United States", 2014, "", 2, "", "X-2", "aircraft", 2, "", "2016; 2015", "New", "", 1, 2, 2],
        ["India", "Turkiye", 2023, "?", 9, "", "X-3", "gun", 0, "", "", "New", "", 1, 9, 0],
        ["India", "unknown supplier(s)", 2010, "", 9, "", "X-4", "gun", 9, "", "2011", "New", "", 1, 9, 9],
        ["unknown rebel group*", "France", 2010, "", 9, "", "X-4", "gun", 9, "", "2011", "New", "", 1, 9, 9],
        ["Katanga", "France", 1960, "", 9, "", "X-5", "gun", 9, "", "1961", "New", "", 1, 9, 9],
        ["Aruba", "Netherlands", 1990, "", 1, "", "X-6", "boat", 1, "", "1991", "New", "", 1, 1, 1],
        [
            "Viet Nam",
            "East Germany (GDR)",
            1970,
            "",
            1,
            "",
            "X-7",
            "boat",
            1,
            "",
            "1971",
            "New",
            "Supplier uncertain",
            1,
            1,
            1,
        ],
    ]
    path = table(tmp_path / "deliveries-to-2024.csv", SIPRI, rows, "utf-8-sig")
    torn = "Côte d'Ivoire,China,2023,?,5,,Y-1,drone,5,,2024,New,Second-hand; on\nloan,0.9,4.5,4.5,,,,,,,,,,,,\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(torn)
    return path


@pytest.fixture
def rivalries(tmp_path: Path) -> list[Path]:
    """Both lists, with a rivalry that the end of coding cuts off and one with a state of no list."""
    tss = [
        [7, "Armenia-Azerbaijan", 371, 373, 1991, 2020, "", 1, "", 1, "", ""],
        [8, "Narnia-Venice", 324, 640, 1494, 1717, 1, "", "", "", "", ""],
        [9, "Argentina-Britain", 160, 200, 1965, 1999, 1, 1, "", "", 1, ""],
    ]
    td = [[3, "Argentina-Britain", 160, 200, 1966, 2010, "Latin America", "spatial", "positional", ""]]
    return [table(tmp_path / "tss.csv", TSS, tss), table(tmp_path / "td.csv", TD, td)]


@pytest.fixture
def conflicts(tmp_path: Path) -> Path:
    """Conflicts with lists in a cell, second parties, precision codes and a line break in a quoted cell."""
    rows = [
        acd(
            year=2023, gwno_a=373, gwno_b=371, start_date2="2023-09-19", start_prec2=1, ep_end=0, territory_name="a\nb"
        ),
        acd(year=2024, gwno_a=373, gwno_b=371, gwno_a_2nd="640, 365", start_date2="2023-09-19", start_prec2=1),
        acd(
            conflict_id=901,
            year=1982,
            gwno_a=160,
            gwno_b=200,
            start_date2="1982-05-31",
            start_prec2=3,
            ep_end=1,
            ep_end_date="1982-06-20",
            intensity_level=2,
        ),
        acd(
            conflict_id=902,
            year=1956,
            gwno_a=651,
            gwno_b="220,  666, 200",
            start_date2="1956-12-31",
            start_prec2=5,
            ep_end=1,
            ep_end_date="1956-12-31",
        ),
        acd(
            conflict_id=903,
            year=1999,
            gwno_a=678,
            gwno_b="",
            type_of_conflict=3,
            start_date2="1999-01-02",
            start_prec2=1,
        ),
        acd(
            conflict_id=904,
            year=2019,
            gwno_a=620,
            gwno_b="",
            gwno_b_2nd=696,
            type_of_conflict=4,
            start_date2="2019-04-04",
            start_prec2=6,
        ),
        acd(conflict_id=905, year=1948, gwno_a=750, gwno_b=751, start_date2="1948-09-13", start_prec2=2),
    ]
    return table(tmp_path / "acd.csv", ACD, rows)


@pytest.fixture
def dyads_of_conflict(tmp_path: Path) -> Path:
    """Pairs of opponents: one with a gap between its years, one that reaches the end of the data."""
    rows = [
        dyad(year=2001, gwno_a=371, gwno_b=373, start_date2="2001-12-31", start_prec2=4),
        dyad(year=2002, gwno_a=371, gwno_b=373, start_date2="2001-12-31", start_prec2=4, intensity_level=2),
        dyad(year=2005, gwno_a=371, gwno_b=373, start_date2="2005-02-03", start_prec2=2),
        dyad(dyad_id=71, year=2023, gwno_a=260, gwno_b=678, start_date2="2023-05-06", start_prec2=1),
        dyad(dyad_id=72, year=2023, gwno_a=260, side_b="rebels", type_of_conflict=1),
    ]
    return table(tmp_path / "dyadic.csv", DYADIC, rows)


@pytest.fixture
def members(tmp_path: Path) -> Path:
    """Alliances: equal, unequal, in phases, with a return, missing parts of dates, and no state."""
    rows = [
        member(9000, 371, "1993/1/22", "0/0/0", "DGC"),
        member(9000, 370, "1993/1/22", "0/0/0", "DGC"),
        member(9000, 365, "1993/9/99", "2009/-9/-9", "DGC"),
        member(9010, 200, "1834/8/1", "1839/5/", "DC", 2),
        member(9010, 230, "1834/8/1", "1839/5/", "C", 2),
        member(9010, 235, "1834/8/1", "1839/5/", "DC", 2),
        member(9020, 220, "1874/3/15", "1883/8/25", "D"),
        member(9020, 8152, "1874/3/15", "1883/8/25", "C"),
        member(9030, 651, "1945/3/22", "1979/3/31", "G"),
        member(9030, 660, "1945/3/22", "0/0/0", "G"),
        member(9030, 651, "1989/5/22", "0/0/0", "G"),
        member(9040, 255, "1900/1/1", "-9/-9/-9", "N"),
        member(9040, 300, "-9/1/1", "1910/1/1", "N"),
    ]
    return table(tmp_path / "members.csv", ATOP, rows)


@pytest.fixture
def directed(tmp_path: Path) -> Path:
    """Directed dyad-years: mutual with a gap, in one direction only, and with nothing at all."""
    rows: list[list[int]] = []
    for year in (1990, 1991, 1993, 2018):
        rows += [[371, 365, year, 1, 0, 0, int(year == 1991), 1], [365, 371, year, 1, 0, 0, int(year == 1991), 0]]
    rows += [[2, 710, 1980, 1, 0, 0, 0, 0], [710, 2, 1980, 0, 0, 0, 0, 1], [2, 20, 1950, 0, 0, 0, 0, 0]]
    return table(tmp_path / "dyads.csv", DYADS, rows)


@pytest.fixture
def disputes(tmp_path: Path) -> list[Path]:
    """MIDA and MIDB: a dispute that a third state joins, a display, one that goes on, and one with no opponent."""
    rows = [
        midb(1, 371, "5/6/1992", "1/2/1993", sidea=1, hostlev=4, fatality=2),
        midb(1, 373, "5/6/1992", "-9/3/1993", hostlev=4, fatality=-9),
        midb(1, 365, "-9/8/1992", "1/12/1992", hostlev=1, orig=0),
        midb(2, 2, "1/1/1980", "2/1/1980", sidea=1, hostlev=2),
        midb(2, 40, "1/1/1980", "2/1/1980", hostlev=3),
        midb(3, 640, "1/1/2013", "31/12/2014", sidea=1, hostlev=5, orig=0),
        midb(3, 652, "1/1/2013", "31/12/2014", hostlev=4),
        midb(4, 999, "1/1/1950", "2/1/1950", sidea=1, hostlev=4),
        midb(4, 220, "1/1/1950", "2/1/1950", hostlev=4),
    ]
    overviews = [mida(1), mida(2, hostlev=3, recip=1), mida(3, hostlev=5, ongo2014=1), mida(5)]
    return [table(tmp_path / "MIDA.csv", MIDA, overviews), table(tmp_path / "MIDB.csv", MIDB, rows)]


@pytest.fixture
def lists_of_states(tmp_path: Path) -> list[Path]:
    """Both lists, each with a number that is new, and one with a name that is."""
    cow = [["ARM", 371, "Armenia", 1991, 2016], ["NEW", 998, "Newland", 2015, 2016]]
    gw = [[260, "DEU", "German Federation of Rhine and Elbe", "1949-09-21", "2020-12-31"], [997, "ISL", "Isle", "", ""]]
    return [
        table(tmp_path / "cow.csv", ["stateabb", "ccode", "statenme", "styear", "endyear"], cow),
        table(tmp_path / "gw.csv", ["gwcode", "stateid", "statename", "begin", "end"], gw),
    ]
