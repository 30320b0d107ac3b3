"""``kg build``: the finding, and an old store that stays whole whatever goes wrong."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kg import KnowledgeGraph
from kg.answers import Answer
from kg.cli.build import sources
from kg.cli.finding import Finding, findings, in_words
from kg.resources import graph_files
from tests.cli.conftest import Kg, Process

PREFIXES = """@prefix ex: <https://w3id.org/foedus/id/example/> .
@prefix foedus: <https://w3id.org/foedus/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix state: <https://w3id.org/foedus/id/state/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
POLICY = f"""{PREFIXES}
<https://w3id.org/foedus/id/policy/doubting>
  a foedus:TrustPolicy ; rdfs:label "doubting"@en ; foedus:policyName "doubting" ; foedus:admitsModality foedus:Fact .
"""
UNCLAIMED = f"""{PREFIXES}
ex:pact a foedus:Alliance ; rdfs:label "a pact"@en ; foedus:begin "1999"^^xsd:gYear ; foedus:end "1998"^^xsd:gYear .
"""


def tree(folder: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def facts(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        file = tmp_path / "mine.ttl"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def old(store: Path, tmp_path: Path) -> Path:
    """A store from before."""
    return Path(shutil.copytree(store, tmp_path / "old"))


def test_build_prints_the_finding(process: Process, tmp_path: Path) -> None:
    place = tmp_path / "store"
    result = process("build", "--store", place)
    assert result.code == 0
    text = " ".join(result.out.split())
    for expected in (
        "Reported: Belarus armed Azerbaijan, an adversary of Armenia, to which it may have been bound at the time.",
        "obligation mutual defense in the CSTO (Collective Security Treaty Organization)",
        "when between 2018-01-01 and 2022-12-31",
        "no source says since when this has held: Armenia in the CSTO, Belarus in the CSTO",
        "on the word of Politico",
        "a category of analysis, not a verdict",
    ):
        assert expected in text
    assert max(map(len, result.out.splitlines())) <= 80
    stages = [line.split("  ")[1] for line in result.err.splitlines() if line.startswith("  ")]
    assert stages[:2] == ["reading", "validating"] and stages[-1] == "writing"
    assert "\x1b" not in result.out + result.err
    again = process("ask", "allies-supplying-adversary", "--store", place, "--format", "csv")
    assert again.out.splitlines()[1].startswith("Belarus,Azerbaijan,Armenia,")


def test_only_builds_the_files_and_the_states(kg: Kg, facts: Callable[[str], Path], tmp_path: Path) -> None:
    result = kg("build", facts(POLICY), "--only", "--policy", "doubting", "--store", tmp_path / "store")
    assert result.code == 0
    assert "no ally is recorded" in result.out and "Silence is not proof" in " ".join(result.out.split())
    named = kg("ask", "allies-supplying-adversary", "--policy", "doubtin", "--store", tmp_path / "store")
    assert "'doubting'" in named.err


def test_a_build_says_what_is_no_longer_there(kg: Kg, facts: Callable[[str], Path], tmp_path: Path) -> None:
    mine = facts(POLICY)
    assert "no longer" not in kg("build", mine, "--store", tmp_path / "store").err
    assert "no longer" not in kg("build", mine, "--store", tmp_path / "store").err
    again = " ".join(kg("build", "--store", tmp_path / "store").err.split())
    assert "no longer in the graph, for it was built without: mine. Name their files" in again


def test_sources() -> None:
    ours = graph_files()
    mine = Path("mine.ttl")
    assert sources([mine, mine], only=False) == [*ours, mine]
    assert [path.name for path in sources([mine], only=True)] == ["states.ttl", "mine.ttl"]
    assert sources([ours[0]], only=False) == ours


def test_only_needs_files(kg: Kg) -> None:
    result = kg("build", "--only")
    assert result.code == 2 and "--only" in result.line


def test_a_file_that_is_not_there(kg: Kg) -> None:
    result = kg("build", "none.ttl")
    assert result.code == 2 and "none.ttl" in result.line


# ---------------------------------------------------------------- bad input


def test_turtle_that_does_not_parse(kg: Kg, facts: Callable[[str], Path], old: Path) -> None:
    before = tree(old)
    file = facts(f'{PREFIXES}\nex:pact rdfs:label "a pact"@en foedus:begin "1999" .\n')
    result = kg("build", file, "--store", old)
    assert result.code == 1
    assert result.out == ""
    assert f"kg: {file}:7: " in result.err
    assert "expected" in result.err or "not valid" in result.err or "must" in result.err
    assert tree(old) == before


def test_a_suffix_that_is_not_known(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(PREFIXES, encoding="utf-8")
    result = kg("build", file)
    assert result.code == 1 and ".ttl" in result.err


def test_data_that_break_shapes(kg: Kg, facts: Callable[[str], Path], old: Path) -> None:
    before = tree(old)
    file = facts(UNCLAIMED)
    result = kg("build", file, "--store", old)
    assert result.code == 1
    assert result.out == ""
    assert f"{file}: id:example/pact" in result.err
    assert "nothing was built" in result.err.splitlines()[-1]
    assert "Nobody claims this" in result.err
    assert "Traceback" not in result.err
    assert tree(old) == before


def test_a_policy_that_is_not_there(kg: Kg, old: Path) -> None:
    before = tree(old)
    result = kg("build", "--policy", "reportd", "--store", old)
    assert result.code == 2
    assert "did you mean 'reported'?" in result.err
    assert tree(old) == before


# ------------------------------------------------------- places that cannot be written


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is little to build: what matters is where the graph goes."""
    states = [path for path in graph_files() if path.stem == "states"]
    monkeypatch.setattr("kg.cli.build.sources", lambda *args, **options: states)


def test_a_full_disk_leaves_the_old_store_whole(process: Process, facts: Callable[[str], Path], old: Path) -> None:
    before = tree(old)

    def full() -> None:
        # A limit on the size of files fails in the middle of writing, as a full disk does.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    result = process("build", facts(POLICY), "--only", "--store", old, before=full)
    assert result.code == 3
    assert result.out == ""
    assert "cannot be written" in result.err and "Traceback" not in result.err
    assert tree(old) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to read-only folders")
def test_a_read_only_folder_leaves_the_old_store_whole(
    process: Process, facts: Callable[[str], Path], old: Path
) -> None:
    before = tree(old)
    old.chmod(0o555)
    try:
        result = process("build", facts(POLICY), "--only", "--store", old)
    finally:
        old.chmod(0o755)
    assert result.code == 3
    assert "cannot be written: Permission denied" in result.err
    assert tree(old) == before


def test_a_refused_write_leaves_the_old_store_whole(
    kg: Kg, at_once: None, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(old)

    def refuse(**where: object) -> str:
        raise PermissionError(13, "Permission denied", str(where["dir"]))

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    result = kg("build", "--store", old)
    assert result.code == 3
    assert result.out == ""
    assert f"{old}: cannot be written: Permission denied" in result.err
    assert tree(old) == before


def test_a_folder_with_other_files_is_left_alone(kg: Kg, at_once: None, tmp_path: Path) -> None:
    place = tmp_path / "letters"
    place.mkdir()
    (place / "letter.txt").write_text("dear", encoding="utf-8")
    result = kg("build", "--store", place)
    assert result.code == 3
    assert "other files" in result.err
    assert list(place.iterdir()) == [place / "letter.txt"]


def test_a_path_below_a_file(kg: Kg, at_once: None, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = kg("build", "--store", file / "store")
    assert result.code == 3
    assert "Traceback" not in result.err


# ---------------------------------------------------------------- the words of the finding


def finding(supplier: str, doubt: str = "") -> Finding:
    row = {
        "supplier": supplier,
        "adversary": "Ruritania",
        "state": "Freedonia",
        "obligation": "mutual defense",
        "alliance": "Marx Pact",
        "transfer": "cannon",
        "hostilities": "a war",
        "from": "open",
        "until": "1933-12-31",
        "overlap": "definite",
        "status": "fact",
        "said_by": "a newspaper",
    }
    return Finding(row, doubt)


def test_one_definite_finding() -> None:
    text = " ".join(in_words([finding("Sylvania")], "facts", 80).split())
    assert "Stated as fact: Sylvania armed Ruritania, an adversary of Freedonia, to which it was bound" in text
    assert "obligation mutual defense (Marx Pact) arms cannon" in text and "when 1933-12-31 or earlier" in text
    assert "the dates meet under every reading of the sources" in text


def test_several_findings_are_a_short_list() -> None:
    text = in_words([finding(f"S{n}", "only possibly") for n in range(10)], "facts", 80, 2000)
    assert text.count("armed Ruritania") == text.count("mutual defense; 1933-12-31 or earlier\n") == 10
    assert "… and 2,000 more: kg ask allies-supplying-adversary" in text
    assert text.count("not a verdict") == 1
    assert max(map(len, text.splitlines())) <= 80


def test_of_many_findings_only_those_told_are_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, looked_into = KnowledgeGraph.open(), list[object]()

    def doubt(graph: KnowledgeGraph, named: object) -> str:
        looked_into.append(named)
        return "only possibly"

    monkeypatch.setattr("kg.cli.finding._doubt", doubt)
    (row,), (terms,) = graph.ask("allies-supplying-adversary"), graph.ask("allies-supplying-adversary").terms
    answer = Answer(tuple(row), (terms,) * 500)
    monkeypatch.setattr(graph, "ask", lambda question: answer)
    found, more = findings(graph)
    assert len(looked_into) == len(found) == 10
    assert more == 490


def test_a_contradiction_is_told_with_its_rule_and_what_clashes(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "clash.ttl"
    file.write_text(
        f'{PREFIXES}ex:x a foedus:State , foedus:Person ; rdfs:label "X"@en ; foedus:cowCode 991 .\n', encoding="utf-8"
    )
    result = kg("build", file, "--store", tmp_path / "store")
    assert result.code == 1
    told = result.err[result.err.index("cax-adc:") :].splitlines()
    assert told[:3] == [
        "cax-adc:",
        "  id:example/x rdf:type foedus:Person",
        "  id:example/x rdf:type foedus:State",
    ]
    assert told[3].startswith("kg: the data contradict the ontology: ")
