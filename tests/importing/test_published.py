"""The published files, where they are at hand: every row accounted for, known facts present, a sample conforming."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.importing import import_files
from kg.importing.results import Import
from kg.importing.states import states
from kg.vocab import FOEDUS, RDF
from tests.importing.tables import Nodes, accounted_for, faults, nodes, of_kind, reasons

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = {
    "sipri": ["sipri/trade-register_deliveries-to-2024.csv"],
    "rivalry": ["rivalry/tss_rivalries.csv", "rivalry/td_rivalries.csv"],
    "ucdp-acd": ["ucdp/UcdpPrioConflict_v25_1.normalised.csv"],
    "ucdp-dyadic": ["ucdp/Dyadic_v24_1.csv"],
    "atop-members": ["atop/atop-member-level.csv"],
    "atop-dyads": ["atop/atop_5.1_directed_dyad_year.csv.gz"],
}
COUNTS = {
    "sipri": (29_503, 27_996, {"ArmsTransfer": 30_053}),
    "rivalry": (461, 457, {"Rivalry": 457}),
    "ucdp-acd": (2_752, 257, {"ArmedConflict": 158}),
    "ucdp-dyadic": (3_357, 272, {"ArmedConflict": 163}),
    "atop-members": (2_398, 2_397, {"Alliance": 842, "Membership": 2_397}),
    "atop-dyads": (273_296, 273_250, {"Alliance": 5_791, "Membership": 11_582}),
}


@cache
def published(source: str) -> Import:
    paths = [DATA / name for name in FILES[source]]
    if not all(path.is_file() for path in paths):
        pytest.skip("real data not at hand")
    return import_files(source, paths)


@cache
def made(source: str) -> Nodes:
    return nodes(published(source))


@pytest.mark.parametrize("source", sorted(FILES))
def test_every_row_is_accounted_for(source: str) -> None:
    result = published(source)
    rows, used, counts = COUNTS[source]
    assert accounted_for(result)
    assert (result.rows, result.used) == (rows, used)
    assert counts.items() <= result.nodes.items()
    if source == "atop-dyads":
        assert reasons(result) == {"no obligation is coded": 46}


Term = NamedNode | BlankNode | Literal | Triple
WHOLE = 3_000
"""Up to how many triples everything is held against the shapes."""


@pytest.mark.parametrize("source", sorted(FILES))
def test_every_shape_of_node_conforms_to_the_shapes(source: str) -> None:
    """A build skips the shapes for what an importer wrote: here a sample has each class with each set of properties."""
    result = published(source)
    by_subject: dict[Term, list[Triple]] = {}
    for triple in result.triples:
        by_subject.setdefault(triple.subject, []).append(triple)
    claim_of = {t.object: t.subject for t in result.triples if t.predicate == FOEDUS.claims}
    strata: dict[frozenset[object], list[Term]] = {}
    for subject, parts in by_subject.items():
        # Kinds of value tell strata apart too: dates of three precisions, marks of an end, classes and figures.
        stratum = frozenset(
            (t.predicate, t.object)
            if t.predicate in (RDF.type, FOEDUS.end, FOEDUS.modality) and isinstance(t.object, NamedNode)
            else (t.predicate, t.object.datatype if isinstance(t.object, Literal) else None)
            for t in parts
        )
        strata.setdefault(stratum, []).append(subject)
    chosen = list(by_subject) if len(result.triples) <= WHOLE else [s for found in strata.values() for s in found[:2]]
    wanted = {*chosen, *(claim_of[s] for s in chosen if s in claim_of)}
    frontier = list(wanted)
    while frontier:
        for triple in by_subject.get(frontier.pop(), ()):
            if isinstance(triple.object, NamedNode) and triple.object in by_subject and triple.object not in wanted:
                wanted.add(triple.object)
                frontier.append(triple.object)
    # A node that a claim of the sample names is claimed by it; others need the claim of their own.
    wanted |= {claim_of[s] for s in wanted if s in claim_of}
    sample = [triple for node in wanted for triple in by_subject[node] if triple.predicate != FOEDUS.claims]
    sample += [t for node in wanted for t in by_subject[node] if t.predicate == FOEDUS.claims and t.object in wanted]
    assert {t.predicate for t in result.triples} == {t.predicate for t in sample}
    assert faults(sample) == []


@pytest.mark.parametrize(
    ("supplier", "recipient", "first", "last", "weapon"),
    [
        ("BLR", "AZE", 2018, 2018, "Polonez"),
        ("FRA", "ARG", 1950, 1981, ""),
        ("GBR", "IND", 1950, 1971, ""),
        ("RUS", "AZE", 2014, 2014, ""),
    ],
)
def test_known_transfers_are_there(supplier: str, recipient: str, first: int, last: int, weapon: str) -> None:
    published("sipri")
    found = [
        parts
        for parts in made("sipri").values()
        if parts.get("supplier") == [f"state/{supplier}"]
        and parts["recipient"] == [f"state/{recipient}"]
        and int(parts["begin"][0]) <= last
        and int(parts["end"][0]) >= first
        and weapon in parts["weapon"][0]
    ]
    assert found


def test_torn_records_are_whole_again() -> None:
    assert any(note.startswith("4 records of ") for note in published("sipri").notes)


def test_rows_are_set_aside_for_known_reasons() -> None:
    assert set(reasons(published("rivalry"))) == {"Correlates of War number 324 is not in the list of states"}
    assert reasons(published("sipri"))["nothing delivered yet"] == 1_155
    assert set(reasons(published("atop-members"))) == {"Correlates of War number 8152 is not in the list of states"}


def test_the_charter_that_makes_armenia_and_azerbaijan_allies_is_visible() -> None:
    members = of_kind(published("atop-members"), "Membership").values()
    inside = {m["member"][0] for m in members if m["alliance"] == ["alliance/atop-4400"]}
    assert {"state/ARM", "state/AZE", "state/BLR"} <= inside


def test_the_war_of_1982_has_its_sides_and_days() -> None:
    (war,) = [
        parts
        for parts in made("ucdp-acd").values()
        if parts.get("sideA") == ["state/ARG"] and parts["sideB"] == ["state/GBR"]
    ]
    assert war["begin"][0].startswith("1982") and war["end"][0].startswith("1982-06")


def _states(cell: str) -> set[str]:
    return {states().gw(number).value.rpartition("/id/")[2] for number in re.findall(r"\d+", cell)}


@pytest.mark.parametrize(("source", "number"), [("ucdp-acd", "conflict_id"), ("ucdp-dyadic", "dyad_id")])
def test_each_pair_is_at_war_once_in_each_year_in_which_it_fought(source: str, number: str) -> None:
    """Pairs of opponents and their years are those of the rows, read anew; of secondary parties no day is told."""
    wars = of_kind(published(source), "ArmedConflict")
    raw: set[tuple[str, str, str, int]] = set()
    primary: set[tuple[str, str, str, int]] = set()
    with (DATA / FILES[source][0]).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            sides = [(row[f"gwno_{s}"], f"{row[f'gwno_{s}']} {row[f'gwno_{s}_2nd']}") for s in "ab"]
            if re.search(r"\b751\b", " ".join(cell for _, cell in sides)):  # Hyderabad, which no list of states has
                continue
            (first, every), (other, all_others) = ([_states(cell) for cell in side] for side in sides)
            if every & all_others:
                continue
            raw |= {(row[number], a, b, int(row["year"])) for a in every for b in all_others}
            primary |= {(row[number], a, b, int(row["year"])) for a in first for b in other}
    seen: set[tuple[str, str, str, int]] = set()
    for name, war in wars.items():
        begin, last = war["begin"][0], (war["end"] if war["end"] != ["Ongoing"] else war["ongoingAsOf"])[0]
        found = re.search(r"-(\d+)-(\d{4})(-gwno-[ab]-2nd)?$", name)
        assert found and found[2] == begin[:4], name
        years = range(int(begin[:4]), int(last[:4]) + 1)
        pairs = {(found[1], a, b, year) for a in war["sideA"] for b in war["sideB"] for year in years}
        assert not seen & pairs, name
        seen |= pairs
        assert pairs <= (raw - primary if found[3] else primary), name
        assert not found[3] or len(begin) == len(last) == 4, name
    assert seen == raw
