"""Wikidata: what becomes of items, codes, names and memberships, and what is set aside for which reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat

from kg import KnowledgeGraph
from kg.errors import StoreError, UnknownName, UsageError
from kg.importing.results import Import
from kg.importing.wikidata import read_wikidata
from kg.importing.wikidata_matching import listed, match
from kg.importing.wikidata_reading import Unusable, belonging
from kg.importing.wikidata_statements import Statement
from kg.importing.wikidata_time import GREGORIAN, JULIAN, Moment
from kg.resources import graph_files, resource
from kg.serializing import serialize
from kg.time import day_bounds
from kg.vocab import FOEDUS, RDF, RDFS, SKOS
from kg.vouching import vouch
from tests.importing.tables import Nodes, faults, nodes, of_kind, reasons
from tests.importing.wikidata_server import (
    ARMENIA,
    BELARUS,
    COMPACT,
    LEAGUE,
    NOTHING,
    PACT,
    PREFIXES,
    UNKNOWN,
    WORLD,
    answering,
    codes,
    member,
    names,
    statement,
)

DAY = date(2026, 11, 1)
ENTITY = "http://www.wikidata.org/entity/"
MADE_UP = "Q900000099"
CODED = ["ARM", "051", "AZE", "031", "XKX"]
BASE = (
    PREFIXES + codes(ARMENIA, "AM", "ARM", "051") + names(ARMENIA, en="Armenia") + names(PACT, en="Pact of the Hills")
)
ALLIED = f"wd:{PACT} wdt:P31 wd:Q1127126 .\n"


def read(turtle: str, *languages: str, states: tuple[str, ...] = ()) -> Import:
    with answering(turtle) as server:
        return read_wikidata(server.url, languages=languages or ("en", "fr", "ru"), states=states, retrieved=DAY)


def only(found: Nodes) -> Mapping[str, list[str]]:
    (parts,) = found.values()
    return parts


@pytest.fixture(scope="module")
def world() -> Import:
    return read(WORLD)


def test_a_membership_in_a_military_alliance(world: Import) -> None:
    made = nodes(world)
    ours = made["membership/wikidata-Q399-P463-1"]
    assert ours["type"] == ["Membership"]
    assert ours["member"] == ["state/ARM"] and ours["alliance"] == [f"alliance/wikidata-{PACT}"]
    assert (ours["begin"], ours["end"], ours["ongoingAsOf"]) == (["1992-05-15"], ["Ongoing"], ["2026-11-01"])
    assert ours["notation"] == ["Q399-P463-1"]
    theirs = made["membership/wikidata-Q184-P463-1"]
    assert theirs["begin"] == ["1993-12"] and "end" not in theirs
    pact = made[f"alliance/wikidata-{PACT}"]
    assert pact["begin"] == ["1992-05-15"] and "end" not in pact
    assert pact["exactMatch"] == [f"{ENTITY}{PACT}"]
    assert sorted(pact["label"]) == ["Pact of the Highlands", "Pacte des hautes terres"]


def test_each_statement_is_a_claim_that_tells_where_it_is_and_on_what_it_rests(world: Import) -> None:
    claims = {name: parts for name, parts in of_kind(world, "Claim").items() if name.endswith("Q399-P463-1")}
    claim = only(claims)
    assert claim["claims"] == ["membership/wikidata-Q399-P463-1"]
    assert claim["modality"] == ["Reported"] and claim["stance"] == ["Asserts"]
    assert claim["attributedTo"] == ["organization/wikidata"]
    place, *references = sorted(claim["source"], key=lambda text: not text.startswith("http"))
    assert place.startswith(f"{ENTITY}statement/Q399-P463-1, as http://127.0.0.1:") and "on 2026-11-01" in place
    assert references == [
        f"Wikidata's reference: {ENTITY}Q900000004, https://example.org/treaty",
        "Wikidata's reference: https://example.org/list",
    ]
    (source,) = claim["reportedBy"]
    dataset = nodes(world)[source]
    assert dataset["publishedOn"] == ["2026-11-01"] and "127.0.0.1" in dataset["label"][0]
    assert "3 memberships come without a reference" in world.notes
    claimed = {t.object for t in world.triples if t.predicate == FOEDUS.claims}
    kinds = {FOEDUS.Membership, FOEDUS.Role, FOEDUS.Alliance}
    assert claimed == {t.subject for t in world.triples if t.predicate == RDF.type and t.object in kinds}


def test_another_organization_is_no_alliance(world: Import) -> None:
    role = only(of_kind(world, "Role"))
    assert role["hasHolder"] == ["state/ARM"] and role["heldIn"] == [f"organization/wikidata-{LEAGUE}"]
    assert role["title"] == ["member"] and (role["begin"], role["end"]) == (["1991"], ["2001"])
    league = nodes(world)[f"organization/wikidata-{LEAGUE}"]
    assert league["type"] == ["Organization"] and league["label"] == ["League of Post Offices"]


def test_a_date_that_cannot_be_written_is_told_in_words_and_a_doubt_lowers_the_claim(world: Import) -> None:
    parts = nodes(world)["membership/wikidata-Q184-P463-2"]
    assert "begin" not in parts and parts["end"] == ["Unknown"]
    assert parts["timeAsSaid"] == ["begin: 1990-01-01, precise to the decade; end: not known"]
    claim = only({name: p for name, p in of_kind(world, "Claim").items() if name.endswith("Q184-P463-2")})
    assert claim["modality"] == ["Alleged"]


def test_names_go_to_the_states_that_are_there(world: Import) -> None:
    said = {(t.predicate, str(t.object)) for t in world.triples if str(t.subject).endswith("state/ARM>")}
    assert (RDFS.label, '"Arménie"@fr') in said and (RDFS.label, '"Армения"@ru') in said
    assert (SKOS.altLabel, '"Land of Haik"@en') in said and (SKOS.altLabel, '"République d\'Arménie"@fr') in said
    assert not any("Armenien" in text or "Azerbaijan" in text for _, text in said)
    # The list has the English label, and gives no state another.
    assert not any(
        t.predicate == RDFS.label and isinstance(t.object, Literal) and t.object.language == "en"
        for t in world.triples
        if isinstance(t.subject, NamedNode) and "/id/state/" in t.subject.value
    )


def test_everything_is_used_or_set_aside_with_a_reason(world: Import) -> None:
    assert reasons(world) == {
        # Azerbaijan, Haut Pays twice, and PHL and CSTO, which are the Philippines' and another pact's.
        "something else bears the name": 5,
        "deprecated in Wikidata": 1,
        "qualified by a role (P2868, P3831): perhaps no full member": 1,
        "the organization is not known": 1,
        "says that there is nothing of which it is a member": 1,
        "what it is a member of is a state or a territory": 1,
        "the member is a territory and no state": 1,
        "another statement is preferred in Wikidata": 1,
        "the date is not known": 1,
    }
    assert world.rows == world.used + sum(reasons(world).values())
    # Items, their codes, their names in three languages, memberships; names and dates of organizations.
    assert world.rows == 4 + 10 + (6 + 3 + 2) + 10 + (4 + 1 + 1) + 3
    assert all(part.line == 0 and part.place == part.file and ENTITY in part.place for part in world.set_aside)
    assert world.nodes == {"Alliance": 2, "Membership": 3, "Role": 1}


def test_what_is_written_passes_the_shapes(world: Import) -> None:
    assert faults(world.triples) == []


def test_the_order_of_statements_and_of_languages_makes_no_difference() -> None:
    prefixes, statements = WORLD[: len(PREFIXES)], WORLD[len(PREFIXES) :].splitlines(keepends=True)
    with answering() as one, answering(prefixes + "".join(reversed(statements))) as other:
        first = read_wikidata(one.url, languages=["fr", "en"], retrieved=DAY)
        second = read_wikidata(other.url, languages=["en", "FR"], retrieved=DAY)
    port, other_port = (url.rpartition(":")[2].partition("/")[0].encode() for url in (one.url, other.url))
    assert first.ntriples == second.ntriples.replace(other_port, port)
    assert (first.set_aside, first.notes) == (second.set_aside, second.notes)


def test_languages_are_those_asked_for() -> None:
    text = BASE + names(ARMENIA, de="Armenien", pt_br="Armênia", zh_hant="亞美尼亞")
    labels = [str(t.object) for t in read(text, "de", "zh-Hant").triples if t.predicate == RDFS.label]
    assert '"Armenien"@de' in labels and '"亞美尼亞"@zh-hant' in labels and '"Armênia"@pt-br' not in labels


@pytest.mark.parametrize("tag", ["", "english", "e", "en_GB", 'en" ) ?x', "-"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(UsageError, match="no language tag"):
        read_wikidata("https://example.org/sparql", languages=[tag])


def test_only_the_states_asked_for() -> None:
    text = BASE + codes(BELARUS, "BY", "BLR", "112") + codes(MADE_UP, "FR", "FRA", "250")
    result = read(text, states=("Belarus", "FRA", "Peru"))
    assert {str(t.subject)[-4:-1] for t in result.triples if t.predicate == FOEDUS.iso3} == {"BLR", "FRA"}
    assert "1 entries of the list of states have no item that can be used" in result.notes
    with pytest.raises(UnknownName, match="did you mean 'Armenia'"):
        read(text, states=("Armenja",))
    with pytest.raises(StoreError, match="no item of these states"):
        read(text, states=("Peru",))


# Matching


def item(number: int | str) -> NamedNode:
    return NamedNode(f"{ENTITY}{number if isinstance(number, str) else f'Q{number}'}")


@pytest.mark.parametrize(
    ("items", "found", "unmatched"),
    [
        ({ARMENIA: {}}, {ARMENIA: "ARM"}, {}),
        # The match of the list counts, whatever the codes.
        ({ARMENIA: {"P298": ["AZE"]}}, {ARMENIA: "ARM"}, {}),
        ({MADE_UP: {"P298": ["ARM"]}}, {MADE_UP: "ARM"}, {}),
        ({MADE_UP: {"P299": ["051"]}}, {MADE_UP: "ARM"}, {}),
        ({MADE_UP: {"P298": ["ARM"], "P299": ["051"]}}, {MADE_UP: "ARM"}, {}),
        ({MADE_UP: {"P298": ["ARM"], "P299": ["031"]}}, {}, {MADE_UP: "those of several states"}),
        ({MADE_UP: {"P297": ["AM"]}}, {}, {MADE_UP: "no state of the list"}),
        ({MADE_UP: {"P298": ["XKX"]}}, {}, {MADE_UP: "no state of the list"}),
        ({MADE_UP: {}}, {}, {MADE_UP: "no state of the list"}),
        ({ARMENIA: {}, MADE_UP: {"P298": ["ARM"]}}, {ARMENIA: "ARM"}, {MADE_UP: "with another item"}),
        (
            {MADE_UP: {"P298": ["ARM"]}, "Q900000098": {"P299": ["051"]}},
            {},
            {MADE_UP: "several items have its codes", "Q900000098": "several items have its codes"},
        ),
    ],
)
def test_items_are_matched(
    items: dict[str, dict[str, list[str]]], found: dict[str, str], unmatched: dict[str, str]
) -> None:
    result = match({item(name): given for name, given in items.items()})
    assert {node.value.removeprefix(ENTITY): each.codes["P298"] for node, each in result.found.items()} == found
    assert result.unmatched.keys() == {item(name) for name in unmatched}
    assert all(unmatched[node.value.removeprefix(ENTITY)] in reason for node, reason in result.unmatched.items())


def test_the_list_names_each_item_once_and_every_entry_is_found_by_its_match_and_its_code() -> None:
    items = [each for entry in listed() for each in entry.items]
    assert len(items) == len(set(items)) > 250
    by_match = match({each: {} for each in items})
    assert len(by_match.found) == len(items) and not by_match.unmatched
    coded = [entry for entry in listed() if "P298" in entry.codes]
    assert len(coded) == 249
    made = {item(900_000_000 + n): {"P298": [entry.codes["P298"]]} for n, entry in enumerate(coded)}
    assert {each.node for each in match(made).found.values()} == {entry.node for entry in coded}


def test_an_item_that_was_merged_into_another_gives_way_to_it() -> None:
    text = PREFIXES + codes(MADE_UP, "AM", "ARM", "051") + names(MADE_UP, fr="Arménie")
    result = read(text + f"wd:{ARMENIA} <http://www.w3.org/2002/07/owl#sameAs> wd:{MADE_UP} .\n")
    assert reasons(result) == {} and f"{ENTITY}{MADE_UP}" in nodes(result)["state/ARM"]["exactMatch"]


# Codes and ranks


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (statement(BELARUS, "P298", '"BYS"'), "the list gives the state another code"),
        (statement(BELARUS, "P298", UNKNOWN), "the value is not known, or there is none"),
        (statement(BELARUS, "P298", NOTHING), "the value is not known, or there is none"),
        (statement(BELARUS, "P298", '"BLR"', rank="Deprecated"), "deprecated in Wikidata"),
        (
            statement(BELARUS, "P298", '"BLR"', rank="Preferred") + statement(BELARUS, "P298", '"BYS"', name="2"),
            "another statement is preferred in Wikidata",
        ),
        # Kosovo, which the list gives no code of ISO 3166-1.
        (statement("Q1246", "P298", '"XKX"'), "the list gives the state no such code of ISO 3166-1"),
    ],
)
def test_codes_are_held_against_the_list(given: str, reason: str) -> None:
    result = read(BASE + given)
    assert reasons(result) == {reason: 1}
    assert not {"BYS", "XKX"} & {t.object.value for t in result.triples if isinstance(t.object, Literal)}


# Memberships


DATED: list[tuple[dict[str, str], dict[str, str | None]]] = [
    ({}, {"begin": None, "end": None, "ongoingAsOf": None, "timeAsSaid": None}),
    ({"P580": "1991-01-01/9"}, {"begin": "1991", "end": None}),
    ({"P580": "1991-01-01/9", "P582": "1991-03-01/10"}, {"begin": "1991", "end": "1991-03"}),
    ({"P582": NOTHING}, {"begin": None, "end": "Ongoing", "ongoingAsOf": "2026-11-01"}),
    ({"P582": UNKNOWN}, {"end": "Unknown", "ongoingAsOf": None, "timeAsSaid": "end: not known"}),
    ({"P580": UNKNOWN}, {"begin": None, "end": None, "timeAsSaid": "begin: not known"}),
    ({"P580": NOTHING}, {"begin": None, "timeAsSaid": None}),
    (
        {"P580": '"1991-01-01T00:00:00Z"^^xsd:dateTime'},
        {"begin": None, "timeAsSaid": "begin: 1991-01-01T00:00:00Z, with no precision known"},
    ),
    ({"P580": "1373-06-16/11/julian"}, {"begin": "1373-06-16", "timeAsSaid": None}),
    (
        {"P580": "1373-06-01/10/julian"},
        {"begin": "1373", "timeAsSaid": "begin: 1373-06-01, precise to the month, in the Julian calendar"},
    ),
    ({"P580": "-0500-01-01/9"}, {"begin": None, "timeAsSaid": "begin: -0500-01-01, precise to the year"}),
    ({"P580": "1901-01-01/7"}, {"begin": None, "timeAsSaid": "begin: 1901-01-01, precise to the century"}),
    ({"P580": "2030-01-01/9"}, {"begin": "2030"}),
    ({"rank": "Preferred"}, {"begin": None}),
]


@pytest.mark.parametrize(("qualifiers", "parts"), DATED)
def test_a_membership_has_the_dates_that_its_statement_gives(
    qualifiers: dict[str, str], parts: dict[str, str | None]
) -> None:
    result = read(BASE + ALLIED + member(ARMENIA, PACT, **qualifiers))
    assert reasons(result) == {}
    made = only(of_kind(result, "Membership"))
    assert {name: made.get(name, [None])[0] for name in parts} == parts


@pytest.mark.parametrize(
    ("qualifiers", "reason"),
    [
        ({"P580": "1991-01-01/9|1993-01-01/9"}, "gives several times as its begin"),
        ({"P582": f"1991-01-01/9|{UNKNOWN}"}, "gives several times as its end"),
        ({"P580": "1991-06-01/10", "P582": "1991-05-31/11"}, "ends before it begins"),
        ({"P580": "2090-01-01/8"}, "begins after today, at a time that no date says"),
        ({"P2868": "wd:Q900000012"}, "qualified by a role (P2868, P3831): perhaps no full member"),
        ({"P3831": "wd:Q900000012"}, "qualified by a role (P2868, P3831): perhaps no full member"),
        ({"rank": "Deprecated"}, "deprecated in Wikidata"),
        ({"name": "~"}, "the statement has no identifier"),
    ],
)
def test_a_membership_that_is_not_clear_is_set_aside(qualifiers: dict[str, str], reason: str) -> None:
    result = read(BASE + ALLIED + member(ARMENIA, PACT, **qualifiers).replace("s:Q399-P463-~", "<urn:x>"))
    assert reasons(result) == {reason: 1} and result.nodes == {}
    # What nobody is known to be a member of is not described either.
    assert not of_kind(result, "Alliance")


def test_all_these_memberships_pass_the_shapes() -> None:
    text = "".join(member(ARMENIA, PACT, **{**given, "name": str(n)}) for n, (given, _) in enumerate(DATED))
    dates = statement(PACT, "P571", "1990-01-01/8") + statement(PACT, "P576", "1990-01-01/8")
    result = read(BASE + ALLIED + text + dates)
    assert result.nodes == {"Alliance": 1, "Membership": len(DATED)} and faults(result.triples) == []


def test_preferred_and_normal_memberships_both_hold_and_a_return_is_a_second_spell() -> None:
    text = (
        BASE
        + ALLIED
        + member(ARMENIA, PACT, P580="1991-01-01/9", P582="1995-01-01/9")
        + member(ARMENIA, PACT, name="2", rank="Preferred", P580="2001-01-01/9")
    )
    assert [parts["begin"] for parts in of_kind(read(text), "Membership").values()] == [["1991"], ["2001"]]


@pytest.mark.parametrize(
    ("dated", "begin", "end", "aside"),
    [
        ([("P571", "1992-01-01/9"), ("P576", "2002-02-03/11")], "1992", "2002-02-03", {}),
        ([("P571", "1992-01-01/9"), ("P571", "1993-01-01/9")], None, None, {"Wikidata gives several such dates": 2}),
        ([("P571", "1992-01-01/9"), ("P576", "1991-01-01/9")], "1992", None, {"ends before it begins": 1}),
        ([("P571", "1990-01-01/8"), ("P576", "1990-01-01/8")], None, "Unknown", {}),
        ([("P576", NOTHING)], None, None, {"says that there is no such date": 1}),
        ([("P576", UNKNOWN)], None, None, {"the date is not known": 1}),
    ],
)
def test_when_an_alliance_began_and_ended(
    dated: list[tuple[str, str]], begin: str | None, end: str | None, aside: dict[str, int]
) -> None:
    dates = "".join(statement(PACT, prop, value, name=str(n)) for n, (prop, value) in enumerate(dated))
    result = read(BASE + ALLIED + member(ARMENIA, PACT) + dates)
    pact = only(of_kind(result, "Alliance"))
    assert (pact.get("begin", [None])[0], pact.get("end", [None])[0]) == (begin, end)
    assert reasons(result) == aside


# Names


@pytest.mark.parametrize("code", ["AZE", "az", "373", "AZERBAIJAN", "Azérbaïjan", "Republic of Azerbaijan"])
def test_a_name_or_a_code_of_another_is_not_taken(code: str) -> None:
    result = read(BASE + names(ARMENIA, alias_fr=code))
    assert reasons(result) == {"something else bears the name": 1}


def test_a_name_that_two_items_bring_goes_to_neither() -> None:
    text = BASE + names(ARMENIA, fr="Haut Pays") + names(BELARUS, alias_fr="haut pays") + ALLIED
    result = read(text + member(ARMENIA, PACT) + names(PACT, fr="HAUT PAYS"))
    assert reasons(result) == {"something else bears the name": 3}


def test_an_organization_whose_name_is_taken_is_told_apart_by_its_item() -> None:
    text = BASE.replace("Pact of the Hills", "Armenia") + ALLIED + member(ARMENIA, PACT)
    result = read(text)
    assert only(of_kind(result, "Alliance"))["label"] == [f"Armenia (Wikidata {PACT})"]
    assert reasons(result) == {"something else bears the name": 1} and faults(result.triples) == []


def test_a_name_for_many_languages_is_read_as_english() -> None:
    text = PREFIXES + codes(ARMENIA, "AM", "ARM", "051") + names(PACT, mul="PAKT") + member(ARMENIA, PACT)
    assert only(of_kind(read(text, "fr"), "Role"))["label"] == ["membership of Armenia in PAKT"]


def test_names_that_would_break_out_of_the_file_are_text() -> None:
    evil = r"x\" . <urn:a> <urn:b> <urn:c> . \n \u0000".replace(r"\u0000", "")
    result = read(BASE + names(ARMENIA, fr=evil) + ALLIED + member(ARMENIA, PACT) + names(PACT, ru=evil + "2"))
    assert NamedNode("urn:a") not in {t.subject for t in result.triples}
    assert faults(result.triples) == []


# The road


@pytest.fixture(scope="module")
def graph(world: Import, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    path = tmp_path_factory.mktemp("wikidata") / "wikidata.ttl"
    path.write_bytes(serialize(world.triples, RdfFormat.TURTLE))
    built, _ = KnowledgeGraph.build([*graph_files(), path])
    return built


def test_members_come_back(graph: KnowledgeGraph) -> None:
    rows = graph.ask("members", alliance="Pact of the Highlands").to_pandas()
    assert list(zip(rows["member"], rows["begin"], rows["end"], rows["said_by"], strict=True)) == [
        ("Armenia", "1992-05-15", "ongoing", "Wikidata"),
        ("Belarus", "1993-12", "unknown", "Wikidata"),
    ]
    assert set(graph.ask("members", alliance="Pacte des hautes terres", on="2000-01-01").to_pandas()["holds"]) == {
        "definite",
        "possible",
    }
    roles = graph.ask("roles", holder="Arménie").to_pandas()
    assert "League of Post Offices" in set(roles["held_in"])


@pytest.mark.parametrize("name", ["Arménie", "arménie", "Армения", "Land of Haik", "ARM", "Armenia"])
def test_a_state_is_found_by_its_names_in_other_languages(graph: KnowledgeGraph, name: str) -> None:
    question = "allies-supplying-adversary"
    told = graph.ask(question, state=name)
    assert len(told) and told.to_pandas().equals(graph.ask(question, state="Armenia").to_pandas())


def test_no_obligation_follows_from_a_membership(graph: KnowledgeGraph, world: Import, tmp_path: Path) -> None:
    without, _ = KnowledgeGraph.build()
    every = "SELECT ?o WHERE { ?o a <https://w3id.org/foedus/ns#Obligation> }"
    ours, theirs = (sorted(str(row["o"]) for row in g.sparql(every)) for g in (graph, without))  # type: ignore[union-attr]
    assert ours == theirs != []
    assert not any(t.object in FOEDUS and str(t.object).endswith("Provision>") for t in world.triples)
    alone = tmp_path / "wikidata.nt"
    alone.write_bytes(world.ntriples)
    built, _ = KnowledgeGraph.build([resource("graph", "states.ttl"), alone])
    assert not list(built.sparql(every))  # type: ignore[arg-type]
    for question in ("obligations", "betrayals", "allies-supplying-adversary"):
        assert len(built.ask(question)) == 0


def test_what_only_wikidata_says_counts_where_reports_do(graph: KnowledgeGraph) -> None:
    def members(policy: str) -> int:
        return len(graph.ask("members", alliance=f"alliance/wikidata-{PACT}", policy=policy))

    assert [members(policy) for policy in ("facts", "reported", "alleged")] == [0, 2, 2]
    assert len(graph.ask("members", alliance=f"alliance/wikidata-{COMPACT}", policy="reported")) == 0
    assert len(graph.ask("members", alliance=f"alliance/wikidata-{COMPACT}", policy="alleged")) == 1


def test_the_claim_is_found_with_its_speaker_and_its_source(graph: KnowledgeGraph) -> None:
    (row,) = graph.ask("claims", subject="membership/wikidata-Q399-P463-1").to_pandas().to_dict("records")
    told = " ".join(map(str, row.values()))
    assert "Wikidata, as http://127.0.0.1:" in told and "2026-11-01" in told and "reported" in told


def test_the_file_vouches_for_itself(world: Import, tmp_path: Path) -> None:
    path = tmp_path / "wikidata.nt"
    path.write_bytes(vouch("wikidata", world.ntriples))
    built, _ = KnowledgeGraph.build([*graph_files(), path])
    assert len(built.ask("members", alliance=f"alliance/wikidata-{PACT}")) == 2


# Laws

MOMENTS = st.builds(
    lambda day, precision, calendar: Moment(f"{day.isoformat()}T00:00:00Z", precision, calendar),
    st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31)),
    st.integers(5, 12),
    st.sampled_from([GREGORIAN, JULIAN]),
)
VALUES = st.sets(st.sampled_from([item(PACT), item(ARMENIA), BlankNode("x"), Literal("x")]), max_size=2)
STATEMENTS = st.builds(
    lambda values, rank, begin, end, absent, role: Statement(
        NamedNode(f"{ENTITY}statement/Q399-1"),
        item(ARMENIA),
        "P463",
        rank,
        values=set(values),
        moments={"P580": set(begin), "P582": set(end)},
        qualifiers={prop: {Literal("x")} for prop in role},
        absent=set(absent),
    ),
    VALUES,
    st.sampled_from(["preferred", "normal", "deprecated"]),
    st.lists(MOMENTS, max_size=2),
    st.lists(MOMENTS, max_size=2),
    st.sets(st.sampled_from(["P580", "P582"])),
    st.sets(st.sampled_from(["P585", "P2868", "P1480"])),
)


@given(STATEMENTS)
def test_a_membership_is_set_aside_or_within_what_its_statement_gives(said: Statement) -> None:
    found = {node: each for each in listed() for node in each.items if node == item(ARMENIA)}
    try:
        made = belonging(said, found, DAY)
    except Unusable as fault:
        assert str(fault)
        return
    assert said.rank != "deprecated" and said.values == {item(PACT)} and "P2868" not in said.qualifiers
    begin, end = made.span["begin"], made.span["end"]
    assert (made.span["as_of"] is None) == (end != FOEDUS.Ongoing)
    assert end != FOEDUS.Ongoing or ("P582" in said.absent and not any(m.date for m in said.moments["P582"]))
    for prop, written in (("P580", begin), ("P582", end)):
        moments = said.moments[prop]
        assert len(moments) <= 1
        if isinstance(written, str):
            (moment,) = moments
            first, last = day_bounds(written)
            assert first <= date.fromisoformat(moment.time[:10]) <= last
        elif moments:
            # What no date says is said in words.
            assert next(iter(moments)).time[:10] in made.words
    if isinstance(begin, str) and isinstance(end, str):
        assert day_bounds(begin)[0] <= day_bounds(end)[1]
    assert made.is_doubted == ("P1480" in said.qualifiers)


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["P298", "P299"]), st.sampled_from(CODED)), max_size=6))
def test_no_two_items_stand_for_one_state_unless_the_list_says_so(carried: list[tuple[int, str, str]]) -> None:
    by_item: dict[NamedNode, dict[str, list[str]]] = {item(ARMENIA): {}}
    for number, prop, code in carried:
        by_item.setdefault(item(900_000_000 + number), {}).setdefault(prop, []).append(code)
    result = match(by_item)
    nodes_found = [each.node for each in result.found.values()]
    assert len(nodes_found) == len(set(nodes_found))
    assert result.found.keys() | result.unmatched.keys() == by_item.keys()
    assert not result.found.keys() & result.unmatched.keys()
    assert result.found[item(ARMENIA)].label == "Armenia"
    for node, each in result.found.items():
        assert node == item(ARMENIA) or each.codes.items() & {(p, c) for p, cs in by_item[node].items() for c in cs}
