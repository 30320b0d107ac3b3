"""From tables to an answer: import, build, ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from kg import KnowledgeGraph
from kg.importing import import_files
from kg.resources import resource
from kg.serializing import serialize
from tests.importing.conftest import ATOP, TD, TSS, member
from tests.importing.tables import table

CLAIMS = """@prefix foedus: <https://w3id.org/foedus/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/foedus/id/> .
<source/almanac> a foedus:Dataset ; rdfs:label "almanac"@en .
<organization/almanac> a foedus:Organization ; rdfs:label "editors of the almanac"@en .
<alliance/league> a foedus:Alliance ; rdfs:label "league"@en .
<claim/almanac-no> a foedus:Claim ; foedus:stance foedus:Denies ; foedus:modality foedus:Fact ;
  foedus:attributedTo <organization/almanac> ; foedus:reportedBy <source/almanac> ;
  foedus:claims <rivalry/tss-9> .
<claim/almanac> a foedus:Claim ; foedus:stance foedus:Asserts ; foedus:modality foedus:Fact ;
  foedus:attributedTo <organization/almanac> ; foedus:reportedBy <source/almanac> ;
  foedus:claims <alliance/league>, <membership/league-1>, <membership/league-2>, <membership/league-3>,
    <membership/league-4> .
""" + "".join(
    f'<membership/league-{n}> a foedus:Membership ; rdfs:label "seat {n}"@en ; foedus:alliance <alliance/league> ; '
    f'foedus:member <state/{iso}> ; foedus:begin "1993"^^xsd:gYear ; foedus:end foedus:Ongoing .\n'
    for n, iso in enumerate(("ARM", "BLR", "RUS", "KAZ"), 1)
)


@pytest.fixture
def graph(sipri: Path, members: Path, conflicts: Path, rivalries: list[Path], tmp_path: Path) -> KnowledgeGraph:
    files = [resource("graph", "states.ttl"), tmp_path / "almanac.ttl"]
    files[-1].write_text(CLAIMS, encoding="utf-8")
    given = {"sipri": [sipri], "atop-members": [members], "ucdp-acd": [conflicts], "rivalry": rivalries}
    for source, paths in given.items():
        files.append(tmp_path / f"{source}.nt")
        files[-1].write_bytes(serialize(import_files(source, paths).triples, RdfFormat.N_TRIPLES))
    built, _ = KnowledgeGraph.build(files)
    return built


def test_imported_tables_answer_the_question_and_tell_of_themselves(graph: KnowledgeGraph) -> None:
    answer = graph.ask("allies-supplying-adversary", state="Armenia", supplier="Belarus").to_pandas()
    assert set(answer["adversary"]) == {"Azerbaijan"}
    assert set(answer["alliance"]) == {"ATOP 9000 (Belarus, Armenia, Russia)"}
    # The members are known to have been bound to the end of 2016; the arms came in 2018.
    assert set(answer["overlap"]) == {"possible"}
    assert set(answer["status"]) == {"fact"}
    assert all("Thompson, Sakuwa and Suhas 7" in text for text in answer["hostilities"])

    coverage = graph.ask("coverage", kind="arms transfer").to_pandas()
    (row,) = coverage.itertuples()
    assert (row.nodes, row[4], row.until) == (7, "1950", "2024")
    conflicts = graph.ask("coverage", kind="armed conflict").to_pandas()
    assert list(conflicts["sets_out_to_be_complete"]) == [True]
    # Who reads of a war of Yemen, or of a state with peacekeepers, has to know whom UCDP means.
    assert all("Ansarallah" in text and "United Nations" in text for text in conflicts["coverage"])

    differ = graph.ask("source-disagreements").to_pandas()
    seen = {(row.about, row.says, row.other_says) for row in differ.itertuples()}
    assert ("dates", "1966 to ongoing", "1965 to 1999") in seen
    assert ("member", "Kazakhstan is a member", "Kazakhstan is not listed") in seen
    assert ("denied", "it is so", "it is not so") in seen
    only = graph.ask("source-disagreements", state="Kazakhstan").to_pandas()
    assert set(only["about"]) == {"member"}
    assert set(only["says"]) == {"Kazakhstan is a member"}
    assert set(graph.ask("source-disagreements", state="Argentina").to_pandas()["about"]) == {"denied", "dates"}


def test_what_one_member_alone_owes_is_owed_in_one_direction(tmp_path: Path) -> None:
    rows = [member(1, 200, "1900/1/1", "1910/1/1", "DC"), member(1, 235, "1900/1/1", "1910/1/1", "C")]
    facts = tmp_path / "facts.nt"
    path = table(tmp_path / "members.csv", ATOP, rows)
    facts.write_bytes(serialize(import_files("atop-members", [path]).triples, RdfFormat.N_TRIPLES))
    built, _ = KnowledgeGraph.build([resource("graph", "states.ttl"), facts])
    owed = built.ask("obligations").to_pandas()
    kinds = sorted(str(text).partition(" ")[0] for text in owed["provision"])
    assert kinds == ["consultation", "consultation", "defense"]
    (only,) = [row for row in owed.to_dict("records") if str(row["provision"]).startswith("defense")]
    assert "United Kingdom" in only.values() and "Portugal" in only.values()


def test_two_sources_on_one_thing_stay_two(tmp_path: Path) -> None:
    tss = table(tmp_path / "a.csv", TSS, [[1, "A-B", 2, 365, 1945, 1989, 1, "", "", "", 1, ""]])
    td = table(tmp_path / "b.csv", TD, [[1, "A-B", 2, 365, 1945, 1989, "World", "positional", "", ""]])
    result = import_files("rivalry", [tss, td])
    assert result.nodes == {"Rivalry": 2} and result.used == 2
