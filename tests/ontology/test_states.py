"""Check the list of states in ``graph/states.ttl``.

The codes are compared with country_converter's own table, read as a file, and with
the numbers of the Correlates of War (COW) and Gleditsch and Ward (GW) lists, written
out below. Where the published conflict, alliance, arms and rivalry files are at hand,
every state they name or number must resolve, apart from the exceptions listed here.
"""

import csv
import gzip
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

STATES = Path(__file__).parents[2] / "graph" / "states.ttl"
SHARED = Path(__file__).parents[3] / "shared" / "data"

FOEDUS = "https://w3id.org/foedus/ns#"
ID = "https://w3id.org/foedus/id/"
SOURCE = f"{ID}source/states"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PREFIXES = {
    "foedus": FOEDUS,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "wd": "http://www.wikidata.org/entity/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LABEL = f"{PREFIXES['rdfs']}label"
ALT_LABEL = f"{PREFIXES['skos']}altLabel"
EXACT_MATCH = f"{PREFIXES['skos']}exactMatch"
EDITORIAL_NOTE = f"{PREFIXES['skos']}editorialNote"
COW_CODE = f"{FOEDUS}cowCode"
COW_ABBREVIATION = f"{FOEDUS}cowAbbreviation"
GW_CODE = f"{FOEDUS}gwCode"
COW_NUMBER_OF = f"{FOEDUS}cowNumberOf"
GW_NUMBER_OF = f"{FOEDUS}gwNumberOf"
STATE_NUMBER = f"{FOEDUS}stateNumber"
BEGIN = f"{FOEDUS}begin"
END = f"{FOEDUS}end"
ONGOING = f"{FOEDUS}Ongoing"
NUMBERING = f"{FOEDUS}Numbering"
ISO2 = f"{FOEDUS}iso2"
ISO3 = f"{FOEDUS}iso3"
ISO_NUMERIC = f"{FOEDUS}isoNumeric"
DEPENDENCY_OF = f"{FOEDUS}dependencyOf"
SUCCEEDED_BY = f"{FOEDUS}succeededBy"
STATE = f"{FOEDUS}State"
TERRITORY = f"{FOEDUS}Territory"


def whole_numbers(text: str) -> frozenset[int]:
    """The numbers of a list written out as text."""
    return frozenset(map(int, text.split()))


# COW State System Membership, v2016: 217 numbers.
COW_NUMBERS = whole_numbers(
    """
    2 20 31 40 41 42 51 52 53 54 55 56 57 58 60 70 80 90 91 92 93 94 95 100 101 110 115
    130 135 140 145 150 155 160 165 200 205 210 211 212 220 221 223 225 230 232 235 240
    245 255 260 265 267 269 271 273 275 280 290 300 305 310 315 316 317 325 327 329 331
    332 335 337 338 339 341 343 344 345 346 347 349 350 352 355 359 360 365 366 367 368
    369 370 371 372 373 375 380 385 390 395 402 403 404 411 420 432 433 434 435 436 437
    438 439 450 451 452 461 471 475 481 482 483 484 490 500 501 510 511 516 517 520 522
    530 531 540 541 551 552 553 560 565 570 571 572 580 581 590 591 600 615 616 620 625
    626 630 640 645 651 652 660 663 666 670 678 679 680 690 692 694 696 698 700 701 702
    703 704 705 710 712 713 730 731 732 740 750 760 770 771 775 780 781 790 800 811 812
    816 817 820 830 835 840 850 860 900 910 920 935 940 946 947 950 955 970 983 986 987
    990
    """
)

# Gleditsch and Ward, independent states: 202 numbers; microstates: 23.
GW_NUMBERS = whole_numbers(
    """
    2 20 31 40 41 42 51 52 53 70 80 89 90 91 92 93 94 95 99 100 101 110 115 130 135 140
    145 150 155 160 165 200 205 210 211 212 220 225 230 235 240 245 255 260 265 267 269
    271 273 275 280 290 300 305 310 315 316 317 325 327 329 332 335 337 338 339 340 341
    343 344 345 346 347 349 350 352 355 359 360 365 366 367 368 369 370 371 372 373 375
    380 385 390 395 402 404 411 420 432 433 434 435 436 437 438 439 450 451 452 461 471
    475 481 482 483 484 490 500 501 510 511 516 517 520 522 530 531 540 541 551 552 553
    560 563 564 565 570 571 572 580 581 590 600 615 616 620 625 626 630 640 645 651 652
    660 663 666 670 678 680 690 692 694 696 698 700 701 702 703 704 705 710 711 712 713
    730 731 732 740 750 760 770 771 775 780 781 790 800 811 812 815 816 817 820 830 835
    840 850 860 900 910 920 940 950
    54 55 56 57 58 60 221 223 232 331 396 397 403 591 935 970 971 972 973 983 986 987
    990
    """
)

# Rows of country_converter that are no entry of ISO 3166-1 today.
NOT_ISO = {
    "ANT": "Netherlands Antilles: code withdrawn",
    "BA1": "British Antarctic Territories: the package's own code",
    "CHI": "Channel Islands: the package's own code",
    "EAT": "Tanganyika: the package's own code",
    "EAZ": "Zanzibar: the package's own code",
    "SUN": "Soviet Union: code withdrawn",
    "XKX": "Kosovo: a user-assigned code",
}

# ISO entries whose GW number in country_converter is another than ours.
GW_DIFFERENCES = {
    "CZE": (315, "GW 315 is Czechoslovakia to 1992; Czechia is 316"),
    "VNM": (817, "GW 817 is South Vietnam to 1975; Vietnam is 816"),
    "YEM": (680, "GW 680 is South Yemen to 1990; Yemen is 678"),
}

# Numbers we give beside the one that country_converter gives.
GW_ADDITIONS = {
    "DEU": ({255}, "GW 255 is Germany, with Prussia, to 1945"),
    "SRB": ({345}, "GW 345 is Yugoslavia from 1918 to 2006"),
}

# Territories that are not generally recognised as belonging to a state.
NO_PARENT = {"ATA", "ESH"}

# What the published files name or number that is no state of either list.
SIPRI_UNLISTED = {"Biafra", "Katanga", "Northern Cyprus"}
UCDP_UNLISTED_NAMES = {"Hyderabad"}
UCDP_UNLISTED_NUMBERS = {751}  # Hyderabad
ATOP_UNLISTED = {8152}  # not a COW state
RIVALRY_UNLISTED = {324}  # Venice

# Names of rivalries whose words and numbers point to different states.
RIVALRY_MISMATCHES = {
    "Austria-France": "Austria is COW 300, Austria-Hungary",
    "Austria-Italy": "Austria is COW 300, Austria-Hungary",
    "Austria-Ottoman Empire": "Austria is COW 300, Austria-Hungary",
    "Austria-Prussia": "Austria is COW 300, Austria-Hungary",
    "Austria-Russia": "Austria is COW 300, Austria-Hungary",
    "Austria-Serbia": "Austria is COW 300, Austria-Hungary",
    "Austria-Spain": "Austria is COW 300, Austria-Hungary",
    "Eguatorial Guinea-Gabon": "misspelt, and numbered 438, which is Guinea",
    "Oman-S. Yemen": "numbered 679, which is Yemen after 1990",
    "Ottoman E-Venice": "Venice is in no list",
    "Ottoman Empire-Venice": "Venice is in no list",
    "Portugal-Venice": "Venice is in no list",
}

Term: TypeAlias = NamedNode | Literal
Subjects: TypeAlias = Mapping[str, Mapping[str, list[Term]]]


def read(source: bytes) -> Subjects:
    """Group the triples of a Turtle text by subject and predicate."""
    found: dict[str, dict[str, list[Term]]] = {}
    for quad in parse(source, format=RdfFormat.TURTLE):
        assert isinstance(quad.subject, NamedNode), f"blank node: {quad}"
        assert isinstance(quad.object, NamedNode | Literal), f"blank node: {quad}"
        predicates = found.setdefault(quad.subject.value, {})
        predicates.setdefault(quad.predicate.value, []).append(quad.object)
    return found


def write_iri(iri: str) -> str:
    """Shorten terms of our vocabulary and of the fixed prefixes, nothing else."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[A-Za-z]\w*", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def write_term(term: Term) -> str:
    """Write an object as the file writes it: integers bare, strings quoted."""
    if isinstance(term, NamedNode):
        return write_iri(term.value)
    if term.datatype.value == f"{PREFIXES['xsd']}integer":
        return term.value
    text = term.value.replace("\\", "\\\\").replace('"', '\\"')
    if term.datatype.value == f"{PREFIXES['xsd']}date":
        return f'"{text}"^^xsd:date'
    return f'"{text}"@{term.language}' if term.language else f'"{text}"'


def write(subjects: Subjects) -> str:
    """Write the whole file in its one permitted layout: everything sorted by IRI."""
    lines = [f"@prefix {prefix}: <{iri}> ." for prefix, iri in PREFIXES.items()]
    for subject in sorted(subjects):
        lines += ["", f"<{subject}>"]
        for predicate in sorted(subjects[subject]):
            name = "a" if predicate == RDF_TYPE else write_iri(predicate)
            terms = sorted(subjects[subject][predicate], key=lambda term: term.value)
            objects = [write_term(term) for term in terms]
            if len(objects) == 1:
                lines.append(f"    {name} {objects[0]} ;")
            else:
                lines.append(f"    {name}")
                lines += [f"        {text} ," for text in objects[:-1]]
                lines.append(f"        {objects[-1]} ;")
        lines.append(".")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def everything() -> Subjects:
    """All subjects of the file, its own description among them."""
    return read(STATES.read_bytes())


@pytest.fixture(scope="module")
def subjects(everything: Subjects) -> Subjects:
    """The states and territories."""
    return {iri: rows for iri, rows in everything.items() if iri != SOURCE and not is_a(everything, iri, NUMBERING)}


@pytest.fixture(scope="module")
def numberings(everything: Subjects) -> Subjects:
    """When which of several numbers stands."""
    return {iri: rows for iri, rows in everything.items() if is_a(everything, iri, NUMBERING)}


def values(subjects: Subjects, iri: str, predicate: str) -> list[str]:
    """The objects of one predicate of one subject, as text."""
    return [term.value for term in subjects[iri].get(predicate, [])]


def numbers(subjects: Subjects, iri: str, predicate: str) -> set[int]:
    """The objects of one predicate of one subject, as numbers."""
    return {int(value) for value in values(subjects, iri, predicate)}


def is_a(subjects: Subjects, iri: str, kind: str) -> bool:
    """Whether a subject has exactly this one type."""
    return values(subjects, iri, RDF_TYPE) == [kind]


def by_iso3(subjects: Subjects) -> dict[str, str]:
    """Subject IRIs by alpha-3 code."""
    return {code: iri for iri in subjects for code in values(subjects, iri, ISO3)}


def by_number(subjects: Subjects, predicate: str) -> dict[int, str]:
    """Subject IRIs by number, of one numbering."""
    return {number: iri for iri in subjects for number in numbers(subjects, iri, predicate)}


def by_name(subjects: Subjects) -> dict[str, set[str]]:
    """Subject IRIs by label and alternative label, as spelt."""
    found: dict[str, set[str]] = {}
    for iri in subjects:
        for predicate in (LABEL, ALT_LABEL):
            for name in values(subjects, iri, predicate):
                found.setdefault(name, set()).add(iri)
    return found


def fold(name: str) -> str:
    """A name without case and accents."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.casefold()


def repeated(items: Iterable[str]) -> list[str]:
    """The items that occur more than once."""
    return sorted(item for item, count in Counter(items).items() if count > 1)


def shared(*parts: str) -> Path:
    """A published file, or a skip where it has not been put beside the repository."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the published file {'/'.join(parts)} in {SHARED}")
    return path


def table(*parts: str) -> Iterator[dict[str, str]]:
    """The rows of a published CSV file."""
    with shared(*parts).open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def country_converter_table() -> dict[str, dict[str, str]]:
    """country_converter's rows by alpha-3 code, without running the package."""
    spec = find_spec("country_converter")
    assert spec is not None, "install country_converter to run this test"
    assert spec.origin is not None
    path = Path(spec.origin).with_name("country_data.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["ISO3"]: row for row in csv.DictReader(lines, delimiter="\t")}


# --- The file as a file ---------------------------------------------------------------


def test_layout_is_canonical(everything: Subjects) -> None:
    assert STATES.read_text(encoding="utf-8") == write(everything)


def test_layout_check_notices_a_moved_block() -> None:
    text = STATES.read_text(encoding="utf-8")
    head, first, second, *rest = text.split("\n\n")
    moved = "\n\n".join([head, second, first, *rest])
    assert moved != text
    assert write(read(moved.encode())) == text


def test_source_describes_itself(everything: Subjects) -> None:
    assert is_a(everything, SOURCE, f"{FOEDUS}Dataset")
    assert len(values(everything, SOURCE, LABEL)) == 1
    assert values(everything, SOURCE, EDITORIAL_NOTE)


def test_only_known_predicates(subjects: Subjects) -> None:
    used = {predicate for rows in subjects.values() for predicate in rows}
    assert used == {
        RDF_TYPE,
        LABEL,
        ALT_LABEL,
        EXACT_MATCH,
        COW_ABBREVIATION,
        COW_CODE,
        DEPENDENCY_OF,
        GW_CODE,
        ISO2,
        ISO3,
        ISO_NUMERIC,
        SUCCEEDED_BY,
    }


def test_subjects_are_counted(subjects: Subjects) -> None:
    kinds = Counter(
        (kind.removeprefix(FOEDUS), bool(values(subjects, iri, ISO3)))
        for iri in subjects
        for kind in values(subjects, iri, RDF_TYPE)
    )
    assert kinds == {
        ("State", True): 198,
        ("State", False): 29,
        ("Territory", True): 51,
    }


# --- Identifiers ----------------------------------------------------------------------


def test_iris_follow_the_codes(subjects: Subjects) -> None:
    for iri in subjects:
        iso3 = values(subjects, iri, ISO3)
        cow = numbers(subjects, iri, COW_CODE)
        gw = numbers(subjects, iri, GW_CODE)
        if is_a(subjects, iri, TERRITORY):
            expected = f"territory/{iso3[0]}"
            assert not cow | gw, iri
        elif iso3:
            expected = f"state/{iso3[0]}"
        elif cow:
            expected = f"state/cow-{min(cow)}"
        else:
            expected = f"state/gw-{min(gw)}"
        assert iri == f"{ID}{expected}"


def test_iso_codes_are_whole_and_well_formed(subjects: Subjects) -> None:
    for iri in by_iso3(subjects).values():
        codes = [values(subjects, iri, code) for code in (ISO2, ISO3, ISO_NUMERIC)]
        assert [len(code) for code in codes] == [1, 1, 1], iri
        assert re.fullmatch(r"[A-Z]{2} [A-Z]{3} \d{3}", " ".join(code[0] for code in codes)), iri


@pytest.mark.parametrize(
    "predicate",
    [ISO2, ISO3, ISO_NUMERIC, COW_ABBREVIATION, COW_CODE, GW_CODE, EXACT_MATCH, LABEL],
)
def test_no_two_subjects_share_a_value(subjects: Subjects, predicate: str) -> None:
    everywhere = [value for iri in subjects for value in values(subjects, iri, predicate)]
    assert everywhere
    assert repeated(everywhere) == []


def test_every_cow_number_is_carried_and_no_other(subjects: Subjects) -> None:
    assert len(COW_NUMBERS) == 217
    assert set(by_number(subjects, COW_CODE)) == COW_NUMBERS


def test_every_gw_number_is_carried_and_no_other(subjects: Subjects) -> None:
    assert len(GW_NUMBERS) == 225
    assert set(by_number(subjects, GW_CODE)) == GW_NUMBERS


def test_a_cow_number_comes_with_its_abbreviation(subjects: Subjects) -> None:
    for iri in subjects:
        abbreviations = values(subjects, iri, COW_ABBREVIATION)
        assert len(abbreviations) == len(numbers(subjects, iri, COW_CODE)), iri
        assert all(re.fullmatch(r"[A-Z]{3}", text) for text in abbreviations), iri


@pytest.mark.parametrize(
    ("state", "cow", "gw"),
    [
        ("ARM", {371}, {371}),
        ("DEU", {255, 260}, {255, 260}),
        ("ITA", {325}, {325}),
        ("KIR", {946}, {970}),
        ("NRU", {970}, {971}),
        ("RUS", {365}, {365}),
        ("SRB", {345}, {340, 345}),
        ("TON", {955}, {972}),
        ("TUR", {640}, {640}),
        ("TUV", {947}, {973}),
        ("VNM", {816}, {816}),
        ("YEM", {678, 679}, {678}),
        ("cow-265", {265}, {265}),
        ("cow-347", {347}, {347}),
        ("cow-680", {680}, {680}),
        ("cow-817", {817}, {817}),
        ("gw-815", set(), {815}),
    ],
)
def test_the_two_numberings_are_told_apart(subjects: Subjects, state: str, cow: set[int], gw: set[int]) -> None:
    iri = f"{ID}state/{state}"
    assert numbers(subjects, iri, COW_CODE) == cow
    assert numbers(subjects, iri, GW_CODE) == gw


def spans(numberings: Subjects, state: str, number_of: str) -> list[tuple[str, str, int]]:
    """First day, last day and number of the numberings of a state by one list, in order; an open end is no text."""
    found = []
    for iri in numberings:
        if values(numberings, iri, number_of) == [f"{ID}state/{state}"]:
            (begin,), (end,), (number,) = (values(numberings, iri, p) for p in (BEGIN, END, STATE_NUMBER))
            found.append((begin, "" if end == ONGOING else end, int(number)))
    return sorted(found)


@pytest.mark.parametrize(
    ("state", "number_of", "expected"),
    [
        (
            "DEU",
            COW_NUMBER_OF,
            [("1816-01-01", "1945-05-08", 255), ("1955-05-05", "1990-10-02", 260), ("1990-10-03", "", 255)],
        ),
        ("DEU", GW_NUMBER_OF, [("1816-01-01", "1945-05-07", 255), ("1949-09-21", "", 260)]),
        ("YEM", COW_NUMBER_OF, [("1926-09-02", "1990-05-21", 678), ("1990-05-22", "", 679)]),
        ("YEM", GW_NUMBER_OF, []),
        ("SRB", COW_NUMBER_OF, []),
        (
            "SRB",
            GW_NUMBER_OF,
            [("1878-07-13", "1915-10-01", 340), ("1918-12-01", "2006-06-04", 345), ("2006-06-05", "", 340)],
        ),
    ],
)
def test_when_which_of_several_numbers_stands(
    numberings: Subjects, state: str, number_of: str, expected: list[tuple[str, str, int]]
) -> None:
    assert spans(numberings, state, number_of) == expected


def test_only_and_all_of_several_numbers_have_days(subjects: Subjects, numberings: Subjects) -> None:
    told = 0
    for list_, code, number_of in (("cow", COW_CODE, COW_NUMBER_OF), ("gw", GW_CODE, GW_NUMBER_OF)):
        for iri in subjects:
            found = spans(numberings, iri.removeprefix(f"{ID}state/"), number_of)
            several = numbers(subjects, iri, code)
            assert {number for _, _, number in found} == (several if len(several) > 1 else set()), iri
            # One ends before the next begins, and the last goes on.
            assert all(end and end < begin for (_, end, _), (begin, _, _) in pairwise(found)), iri
            assert not found or found[-1][1] == "", iri
            names = {f"{ID}numbering/{list_}-{number}-{begin[:4]}" for begin, _, number in found}
            assert names <= set(numberings)
            told += len(names)
    assert told == len(numberings)


def test_the_gw_number_that_stands_is_that_of_country_converter(numberings: Subjects) -> None:
    theirs = country_converter_table()
    for iso3 in ("DEU", "SRB"):
        assert spans(numberings, iso3, GW_NUMBER_OF)[-1][2] == int(theirs[iso3]["GWcode"])


def stands(found: list[tuple[str, str, int]], number: int, year: int) -> bool:
    """Whether a number stands on some day of a year."""
    return any(begin[:4] <= str(year) <= (end[:4] or "9999") for begin, end, one in found if one == number)


def test_alpha_3_codes_agree_with_country_converter(subjects: Subjects) -> None:
    assert set(by_iso3(subjects)) == set(country_converter_table()) - set(NOT_ISO)
    assert set(NOT_ISO) <= set(country_converter_table())


def test_other_iso_codes_agree_with_country_converter(subjects: Subjects) -> None:
    theirs = country_converter_table()
    for iso3, iri in by_iso3(subjects).items():
        assert values(subjects, iri, ISO_NUMERIC) == [theirs[iso3]["ISOnumeric"].zfill(3)], iso3
        # The column is a pattern where a second code is in use, such as ^GB$|^UK$.
        assert re.fullmatch(theirs[iso3]["ISO2"], values(subjects, iri, ISO2)[0]), iso3


def test_gw_numbers_agree_with_country_converter(subjects: Subjects) -> None:
    theirs = country_converter_table()
    differences = {}
    additions = {}
    for iso3, iri in by_iso3(subjects).items():
        ours = numbers(subjects, iri, GW_CODE)
        given = {int(theirs[iso3]["GWcode"])} if theirs[iso3]["GWcode"] else set()
        if given <= ours:
            if ours - given:
                additions[iso3] = ours - given
        else:
            differences[iso3] = given
    assert differences == {iso3: {gw} for iso3, (gw, _) in GW_DIFFERENCES.items()}
    assert additions == {iso3: gw for iso3, (gw, _) in GW_ADDITIONS.items()}
    kosovo = f"{ID}state/cow-347"
    assert numbers(subjects, kosovo, GW_CODE) == {int(theirs["XKX"]["GWcode"])}


def test_wikidata_matches_are_items(subjects: Subjects) -> None:
    for iri in subjects:
        items = values(subjects, iri, EXACT_MATCH)
        assert len(items) <= 1, iri
        for item in items:
            local = item.removeprefix(PREFIXES["wd"])
            assert local != item, iri
            assert re.fullmatch(r"Q[1-9]\d*", local), iri
    unmatched = {iri for iri in subjects if not values(subjects, iri, EXACT_MATCH)}
    assert unmatched == {f"{ID}state/cow-{number}" for number in (335, 511, 730)}


# --- Names ----------------------------------------------------------------------------


def test_names_are_english_and_trimmed(subjects: Subjects) -> None:
    for iri, rows in subjects.items():
        assert len(rows[LABEL]) == 1, iri
        for term in [*rows[LABEL], *rows.get(ALT_LABEL, [])]:
            assert isinstance(term, Literal)
            assert term.language == "en", term
            assert term.value == " ".join(term.value.split()) != "", term


def test_a_name_denotes_one_subject_even_without_case_and_accents(
    subjects: Subjects,
) -> None:
    folded: dict[str, set[str]] = {}
    for name, iris in by_name(subjects).items():
        folded.setdefault(fold(name), set()).update(iris)
    assert {name: iris for name, iris in folded.items() if len(iris) > 1} == {}


def test_an_alternative_label_differs_from_the_label(subjects: Subjects) -> None:
    for iri in subjects:
        label = values(subjects, iri, LABEL)
        alternatives = values(subjects, iri, ALT_LABEL)
        assert repeated([*label, *alternatives]) == [], iri


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Burma", "MMR"),
        ("Czech Republic", "CZE"),
        ("East Germany (GDR)", "cow-265"),
        ("Ivory Coast", "CIV"),
        ("North Yemen", "YEM"),
        ("Prussia", "DEU"),
        ("Soviet Union", "RUS"),
        ("Turkiye", "TUR"),
        ("Türkiye", "TUR"),
        ("USSR", "RUS"),
        ("Viet Nam", "VNM"),
        ("Yugoslavia", "SRB"),
        ("Zaire", "COD"),
    ],
)
def test_other_names_resolve(subjects: Subjects, name: str, state: str) -> None:
    assert by_name(subjects)[name] == {f"{ID}state/{state}"}


# --- Links between states -------------------------------------------------------------


def test_a_territory_is_listed_under_one_state(subjects: Subjects) -> None:
    without = set()
    for iri in subjects:
        parents = values(subjects, iri, DEPENDENCY_OF)
        if is_a(subjects, iri, STATE):
            assert parents == [], iri
        elif parents:
            assert len(parents) == 1, iri
            assert is_a(subjects, parents[0], STATE), iri
        else:
            without.add(iri)
    assert without == {f"{ID}territory/{iso3}" for iso3 in NO_PARENT}


def test_only_states_without_iso_code_are_succeeded(subjects: Subjects) -> None:
    succeeded = [iri for iri in subjects if values(subjects, iri, SUCCEEDED_BY)]
    assert succeeded
    for iri in succeeded:
        assert values(subjects, iri, ISO3) == [], iri
        for successor in values(subjects, iri, SUCCEEDED_BY):
            assert is_a(subjects, successor, STATE), iri
            assert values(subjects, successor, ISO3), iri


# --- Published data sets --------------------------------------------------------------


def test_sipri_names_resolve(subjects: Subjects) -> None:
    names = by_name(subjects)
    used = set()
    for row in table("sipri", "trade-register_deliveries-to-2024.csv"):
        # The tail of a record that a newline broke in two has no recipient.
        if row["Recipient"]:
            used |= {row["Recipient"], row["Supplier"]}
    states = {name for name in used if not name.endswith("*") and not name.startswith("unknown ")}
    assert len(states) > 150
    assert {name for name in states if len(names.get(name, ())) != 1} == SIPRI_UNLISTED


@pytest.mark.parametrize("file", ["Dyadic_v24_1.csv", "UcdpPrioConflict_v25_1.normalised.csv"])
def test_ucdp_names_and_numbers_resolve_alike(subjects: Subjects, file: str) -> None:
    names = by_name(subjects)
    owners = by_number(subjects, GW_CODE)
    unlisted_names = set()
    unlisted_numbers = set()
    resolved = 0
    for row in table("ucdp", file):
        for name in row["location"].split(", "):
            if name not in names:
                unlisted_names.add(name)
        for column, value in row.items():
            if column.startswith("gwno"):
                found = {int(number) for number in re.findall(r"\d+", value)}
                unlisted_numbers |= found - set(owners)
        for side in ("a", "a_2nd", "b", "b_2nd"):
            parties = [party.strip() for party in row[f"side_{side}"].split(", ")]
            governments = {
                party.removeprefix("Government of ") for party in parties if party.startswith("Government of ")
            }
            told = {int(number) for number in re.findall(r"\d+", row[f"gwno_{side}"])}
            by_words = [names[name] for name in governments - UCDP_UNLISTED_NAMES]
            by_figures = {owners[number] for number in told - UCDP_UNLISTED_NUMBERS}
            assert set().union(*by_words) == by_figures, row
            resolved += len(by_figures)
    assert resolved > 1000
    assert unlisted_names == UCDP_UNLISTED_NAMES
    assert unlisted_numbers == UCDP_UNLISTED_NUMBERS


def test_atop_members_resolve(subjects: Subjects) -> None:
    owners = by_number(subjects, COW_CODE)
    members = {int(row["member"]) for row in table("atop", "atop-member-level.csv")}
    assert len(members) > 150
    assert members - set(owners) == ATOP_UNLISTED


def test_atop_dyads_resolve(subjects: Subjects) -> None:
    owners = by_number(subjects, COW_CODE)
    path = shared("atop", "atop_5.1_directed_dyad_year.csv.gz")
    with gzip.open(path, mode="rt", encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        assert next(rows)[:2] == ["ccode1", "ccode2"]
        found = {int(number) for row in rows for number in row[:2]}
    assert len(found) > 150
    assert found - set(owners) == set()


def test_atop_uses_a_number_in_the_years_for_which_it_stands(numberings: Subjects) -> None:
    found = [one for state in ("DEU", "YEM") for one in spans(numberings, state, COW_NUMBER_OF)]
    wanted = {number for _, _, number in found}
    with gzip.open(shared("atop", "atop_5.1_directed_dyad_year.csv.gz"), mode="rt", encoding="utf-8") as lines:
        used = {(int(row["ccode1"]), int(row["year"])) for row in csv.DictReader(lines) if int(row["ccode1"]) in wanted}
    assert len(used) > 200
    # ATOP begins a year before the list, and with what West Germany signed the year before it was sovereign.
    assert {pair for pair in used if not stands(found, *pair)} == {(255, 1815), (260, 1954)}


@pytest.mark.parametrize("file", ["Dyadic_v24_1.csv", "UcdpPrioConflict_v25_1.normalised.csv"])
def test_ucdp_uses_a_number_in_the_years_for_which_it_stands(numberings: Subjects, file: str) -> None:
    found = [one for state in ("DEU", "SRB") for one in spans(numberings, state, GW_NUMBER_OF)]
    wanted = {number for _, _, number in found}
    used = {
        (int(number), int(row["year"]))
        for row in table("ucdp", file)
        for column in row
        if column.startswith("gwno")
        for number in re.findall(r"\d+", row[column])
        if int(number) in wanted
    }
    assert len(used) > 20
    # UCDP keeps Yugoslavia's number for Serbia.
    others = {pair for pair in used if not stands(found, *pair)}
    assert others == {(number, year) for number, year in used if number == 345 and year > 2006} != set()


def test_rivals_resolve_alike_by_name_and_number(subjects: Subjects) -> None:
    names = by_name(subjects)
    owners = by_number(subjects, COW_CODE)
    unlisted = set()
    mismatches = set()
    for file, column in (
        ("tss_rivalries.csv", "rivalry"),
        ("td_rivalries.csv", "rivalryname"),
    ):
        for row in table("rivalry", file):
            figures = {int(row["ccode1"]), int(row["ccode2"])}
            unlisted |= figures - set(owners)
            title = re.sub(r" \d+$", "", row[column])
            by_words = [names.get(name, {name}) for name in title.split("-")]
            by_figures = {owners.get(number, str(number)) for number in figures}
            if set().union(*by_words) != by_figures:
                mismatches.add(title)
    assert unlisted == RIVALRY_UNLISTED
    assert mismatches == set(RIVALRY_MISMATCHES)
