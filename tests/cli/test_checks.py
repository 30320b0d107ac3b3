"""``kg validate`` and ``kg verify``."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from kg import verifying
from kg.building import add_view
from kg.documents import read_document
from kg.errors import ParseError
from kg.resources import graph_files, ontology_files
from kg.store import EmbeddedStore
from kg.terms import curie
from kg.trust import policies
from kg.verifying import load_checks, read_check, verify
from kg.vocab import FOEDUS, GRAPH, RDF
from tests.cli.conftest import Kg
from tests.cli.test_build import PREFIXES, UNCLAIMED

ARMENIA = NamedNode("https://w3id.org/foedus/id/state/ARM")
BELARUS = NamedNode("https://w3id.org/foedus/id/state/BLR")


def test_the_facts_that_ship_conform(kg: Kg) -> None:
    result = kg("validate", *graph_files())
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1] == "conforms"


def test_every_violation_is_listed(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "mine.ttl"
    file.write_text(UNCLAIMED + 'ex:other a foedus:Aliance ; rdfs:label "x"@en .', encoding="utf-8")
    result = kg("validate", file)
    assert result.code == 1
    assert f"{file}: id:example/pact" in result.out
    assert f"{file}: id:example/other rdf:type" in result.out and "foedus:Alliance" in result.out
    blocks = result.out.strip().split("\n\n")
    assert all(block.startswith(f"{file}: id:example/") and "\n  " in block for block in blocks)
    assert result.err == f"kg: {len(blocks)} violations\n"


def test_turtle_that_does_not_parse(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "mine.ttl"
    file.write_text(PREFIXES + "ex:pact a foedus:Alliance", encoding="utf-8")
    result = kg("validate", file)
    assert result.code == 1
    assert f"{file}:6: " in result.line


def test_validate_needs_a_file(kg: Kg) -> None:
    assert kg("validate").code == 2
    assert kg("validate", "none.ttl").code == 2


def test_a_built_store_is_verified(kg: Kg) -> None:
    result = kg("verify")
    assert result.code == 0, result.out
    assert result.out.splitlines()[-1].startswith("verified: ")


def test_what_verify_leaves_out_is_told(kg: Kg) -> None:
    result = kg("verify", "--sample", "2", "--reasoner", "compiled")
    assert result.code == 0, result.out
    assert "OWL 2 RL was run by kg's own reasoner" in result.err
    assert re.search(r"the proofs of \d+ conclusions were not looked at", result.err)
    assert kg("verify", "--sample", "0").code == 2


def test_proofs_of_a_file_are_no_sample(kg: Kg, tmp_path: Path) -> None:
    (tmp_path / "proofs.json").write_text("{}")
    result = kg("verify", "--proofs", tmp_path / "proofs.json", "--sample", "2")
    assert result.code == 2 and "--sample" in result.err


def test_a_long_record_is_not_for_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify(small_store()).reference
    monkeypatch.setattr(verifying, "LONG", 0)
    monkeypatch.setattr(verifying, "ReferenceReasoner", None)
    store = small_store()
    store.insert(GRAPH.asserted("more"), [Triple(ARMENIA, RDF.type, FOEDUS.State)])
    add_view(store, policies(store, [GRAPH.ontology])["facts"])
    report = verify(store)
    assert (report.differences, report.reference) == ((), False)


def small_store(day: date | None = None) -> EmbeddedStore:
    """The ontology alone, under one policy."""
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    add_view(store, policies(store, [GRAPH.ontology])["facts"].as_known_by(day))
    return store


def test_what_does_not_follow_and_what_is_missing_is_found(kg: Kg, tmp_path: Path) -> None:
    changed = small_store()
    graph = GRAPH.inferred("facts")
    right, *others = sorted(changed.triples(graph), key=str)
    changed.drop(graph)
    changed.insert(graph, [*others, Triple(ARMENIA, FOEDUS.betrays, BELARUS)])
    changed.publish(tmp_path / "store")
    result = kg("verify", "--store", tmp_path / "store")
    assert result.code == 1
    unproven, missing, wrong = result.out.splitlines()
    assert unproven.startswith("unproven (facts): ") and "ARM" in unproven
    assert missing.startswith("missing in graph:inferred/facts: ") and str(curie(right.predicate.value)) in missing
    assert wrong == "does not follow in graph:inferred/facts: id:state/ARM foedus:betrays id:state/BLR"
    assert "2 differences" in result.err


def test_a_view_as_known_by_a_day_is_verified_as_such() -> None:
    report = verify(small_store(date(2000, 1, 1)))
    assert (report.differences, report.views) == ((), 1)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "#+ summary: x\n",
        "#+ summary: x\n#+ severity: Grave\n",
        "#+ summary: [\n",
        "#+ summary: x\n#+ severity: info\n#+ x: y\n",
    ],
)
def test_a_check_without_a_proper_header(tmp_path: Path, header: str) -> None:
    file = tmp_path / "check.rq"
    file.write_text(header + "SELECT ?node ?error { ?node ?error ?x }", encoding="utf-8")
    with pytest.raises(ParseError, match=r"check\.rq"):
        read_check(file)


def test_the_checks_that_ship_have_proper_headers() -> None:
    for check in load_checks():
        assert check.summary, check.name


def test_proofs_in_a_file_are_checked_and_a_flaw_ends_with_1(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "proofs.json"
    file.write_text(kg("explain", "--triple", "Belarus", "betrays", "Armenia", "--format", "json").out)
    sound = kg("verify", "--proofs", file)
    assert sound.out == "verified: 5 proofs\n"
    assert [line.split("  ")[1] for line in sound.err.splitlines()] == ["reading", "checking proofs"]
    file.write_text(file.read_text().replace("prp-spo2", "prp-trp"))
    result = kg("verify", "--proofs", file)
    assert result.code == 1
    assert "unproven (reported)" in result.out
    assert "flaws in 5 proofs" in result.err
