"""``kg verify`` over proofs: what stands passes, what was tampered with is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg import KnowledgeGraph, auditing
from kg.auditing import audit, audit_file
from kg.errors import ParseError, UnknownName
from kg.proofchecking import PolicyLike, ProofChecker
from kg.proofchecking.evidence import Evidence
from kg.proofchecking.quoting import misquotes
from kg.proofchecking.reading import SayingForm
from kg.store.base import Store

TRIPLE = ("Belarus", "betrays", "Armenia")


@pytest.fixture(scope="module")
def graph(store: Path) -> KnowledgeGraph:
    return KnowledgeGraph.open(store)


@pytest.fixture
def file(graph: KnowledgeGraph, tmp_path: Path) -> Path:
    written = tmp_path / "proofs.json"
    written.write_text(json.dumps(graph.explain(TRIPLE).to_dict()), encoding="utf-8")
    return written


def test_every_conclusion_under_every_policy_is_proven(graph: KnowledgeGraph) -> None:
    found = audit(graph)
    assert found.unproven == ()
    assert found.proofs > 200


def test_a_sample_is_spread_over_all_conclusions(graph: KnowledgeGraph) -> None:
    told: list[tuple[int, int]] = []
    found = audit(graph, sample=3, progress=lambda done, total: told.append((done, total)))
    every: dict[int, None] = {}
    audit(graph, progress=lambda done, total: every.setdefault(total))
    views = len(graph.trust_policies())
    assert found.unproven == () and found.proofs >= 3 * views
    assert told == [(done, 3) for _ in range(views) for done in range(3)]
    assert found.left_out > 0 and audit(graph, sample=max(every)).left_out == 0


def test_a_file_of_proofs_is_checked(graph: KnowledgeGraph, file: Path) -> None:
    assert audit_file(graph, file).unproven == ()
    assert audit_file(graph, file).proofs == 5


def test_the_graph_is_read_once_for_all_proofs_of_a_policy(
    graph: KnowledgeGraph, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    class Counting(ProofChecker):
        def __init__(self, store: Store, policy: PolicyLike) -> None:
            made.append(policy.name)
            super().__init__(store, policy)

    monkeypatch.setattr(auditing, "ProofChecker", Counting)
    assert audit_file(graph, file).proofs == 5
    assert made == ["reported"]


def test_a_claim_told_alike_in_many_proofs_is_checked_once(
    graph: KnowledgeGraph, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []

    def counting(saying: SayingForm, world: Evidence) -> Iterator[str]:
        checked.append(saying)
        return misquotes(saying, world)

    monkeypatch.setattr("kg.proofchecking.checker.misquotes", counting)
    told = [c["claim"] for proof in graph.explain(TRIPLE).to_dict()["proofs"] for c in claims_in(proof["proof"])]
    assert audit_file(graph, file).unproven == ()
    assert len(told) > len(set(told)) == len(checked)
    checked.clear()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"modality": "Fact"', '"modality": "Alleged"'), encoding="utf-8")
    assert {flaw.conclusion for flaw in audit_file(graph, file).unproven} == {
        f"proof {number}" for number in range(1, 6)
    }, "what is wrong with it is told of each"
    assert len(set(told)) == len(checked)


def claims_in(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (*step.get("claims", ()), *step.get("denials", ()))
    for premise in step.get("premises", ()):
        yield from claims_in(premise)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"2018-01-01"', '"2017-01-01"'),
        ('"prp-spo2"', '"prp-trp"'),
        ('"ally-supplying-adversary"', '"ally-attacking-ally"'),
        ("claim/politico-transfer", "claim/politico-approval"),
        ('"Possible"', '"Definite"'),
    ],
)
def test_a_tampered_file_is_caught(graph: KnowledgeGraph, file: Path, right: str, wrong: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    assert audit_file(graph, file).unproven


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"proofs": []}', "\xff"])
def test_what_holds_no_proofs_is_refused(graph: KnowledgeGraph, tmp_path: Path, text: str) -> None:
    file = tmp_path / "none.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ParseError, match=r"none\.json"):
        audit_file(graph, file)


def test_a_proof_under_an_unknown_policy_is_refused(graph: KnowledgeGraph, tmp_path: Path) -> None:
    file = tmp_path / "strange.json"
    file.write_text('{"proofs": [{"view": "strange"}]}', encoding="utf-8")
    with pytest.raises(UnknownName, match="strange"):
        audit_file(graph, file)
