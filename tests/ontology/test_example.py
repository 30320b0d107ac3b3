"""The model on one page: three states, one pact, one transfer, one war, and what must follow from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import KnowledgeGraph

STATES = """
e:ARM a f:State ; rdfs:label "Avaria"@en ; f:cowCode 991 . e:BLR a f:State ; rdfs:label "Beloria"@en ; f:cowCode 992 .
e:AZE a f:State ; rdfs:label "Azuria"@en ; f:cowCode 993 . e:KAZ a f:State ; rdfs:label "Kazuria"@en ; f:cowCode 994 .
e:paper a f:Dataset ; rdfs:label "a paper"@en ; f:publishedOn "2024-06-14"^^xsd:date .
e:outlet a f:MediaOutlet ; rdfs:label "an outlet"@en .
e:pact a f:Alliance ; rdfs:label "the pact"@en . e:pact-defense a f:DefenseProvision ; rdfs:label "defense"@en ;
f:providedBy e:pact . e:transfer a f:ArmsTransfer ; rdfs:label "a transfer"@en ; f:supplier e:BLR ; f:recipient e:AZE ;
  f:begin "2018"^^xsd:gYear ; f:end "2022"^^xsd:gYear .
e:war a f:ArmedConflict ; rdfs:label "a war"@en ; f:sideA e:AZE ; f:sideB e:ARM ; f:begin "2020"^^xsd:gYear ; f:end
"2020"^^xsd:gYear .
"""


def member(state: str, begin: str | None = "2002") -> str:
    dated = f'f:begin "{begin}"^^xsd:gYear ;' if begin else ""
    return (
        f'e:m-{state} a f:Membership ; rdfs:label "{state} in the pact"@en ; f:member e:{state} ; f:alliance e:pact ; '
        f"{dated} f:end f:Ongoing .\n" + claim(f"m-{state}", "Fact")
    )


def claim(node: str, modality: str) -> str:
    return (
        f"e:claim-{node} a f:Claim ; f:claims e:{node} ; f:stance f:Asserts ; f:modality f:{modality} ; "
        "f:attributedTo e:outlet ; f:reportedBy e:paper .\n"
    )


def build(tmp_path: Path, *parts: str) -> KnowledgeGraph:
    prefixes = (
        "@prefix f: <https://w3id.org/foedus/ns#> . @prefix e: <https://example.org/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    )
    file = tmp_path / "example.ttl"
    claims = (
        claim("pact", "Fact") + claim("pact-defense", "Fact") + claim("war", "Fact") + claim("transfer", "Reported")
    )
    file.write_text(prefixes + STATES + claims + "".join(parts))
    return KnowledgeGraph.build([file])[0]


def test_one_ally_supplied_the_adversary_reported_and_definite(tmp_path: Path) -> None:
    graph = build(tmp_path, member("ARM"), member("BLR"), member("KAZ"))
    answer = graph.ask("allies-supplying-adversary")
    assert [(r["supplier"], r["adversary"], r["state"], r["status"], r["overlap"]) for r in answer] == [
        ("Beloria", "Azuria", "Avaria", "reported", "definite")
    ]
    assert {(r["obligor"], r["obligee"]) for r in graph.ask("obligations")} == {
        (a, b) for a in ("Avaria", "Beloria", "Kazuria") for b in ("Avaria", "Beloria", "Kazuria") if a != b
    }, "Kazuria has the obligation leg and no supply leg"


def test_a_membership_whose_begin_nobody_gives_makes_it_possible(tmp_path: Path) -> None:
    graph = build(tmp_path, member("ARM", None), member("BLR"))
    assert [r["overlap"] for r in graph.ask("allies-supplying-adversary")] == ["possible"]


@pytest.mark.parametrize("missing", ["ARM", "BLR"])
def test_no_membership_no_episode(tmp_path: Path, missing: str) -> None:
    graph = build(tmp_path, *(member(s) for s in ("ARM", "BLR", "KAZ") if s != missing))
    assert not len(graph.ask("allies-supplying-adversary"))


def test_a_pact_entered_after_the_last_delivery_is_too_late(tmp_path: Path) -> None:
    graph = build(tmp_path, member("ARM"), member("BLR", "2023"))
    assert not len(graph.ask("allies-supplying-adversary"))
