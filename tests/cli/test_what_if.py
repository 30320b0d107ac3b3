"""``kg what-if`` and ``kg diff``: what changes under other facts, policies, days and definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.conftest import Kg
from tests.fiction import PREFIXES, E, claim, graph, pact, transfer, war
from tests.unit.test_scenarios import RECONSIDER

LEAVES = ("--withdraw", "Belarus,CSTO", "--from", "2017-01-01")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A made-up world on disk, with a policy under which nothing counts."""
    folder = tmp_path_factory.mktemp("made")
    guesses = 'e:g a f:TrustPolicy ; rdfs:label "g"@en ; f:policyName "guesses" ; f:admitsModality f:Speculated .\n'
    deal = transfer(claimed="Alleged") + claim("later", "deal", source="yearbook")
    graph(folder, pact("Norland", "Osteria"), war(), deal, guesses).store.publish(folder / "store")
    yield folder / "store"


@pytest.fixture(autouse=True)
def untouched(store: Path) -> Iterator[None]:
    """Whatever a test does, the graph on disk stays as it is."""

    def digests() -> dict[str, str]:
        return {
            str(f): sha256(f.read_bytes()).hexdigest() for f in store.rglob("*") if f.is_file() and f.suffix != ".log"
        }

    before = digests()
    yield
    assert digests() == before


def part(text: str, name: str) -> list[str]:
    """The items of a part, each on one line."""
    _, _, rest = text.partition(f"\n{name}:\n")
    block, _, _ = rest.partition("\n\n")
    return " ".join(block.split()).removeprefix("- ").split(" - ") if block else []


# -------------------------------------------------------------------- kg what-if


def test_a_state_that_leaves(kg: Kg) -> None:
    result = kg("what-if", *LEAVES)
    assert (result.code, result.err) == (0, "")
    assert " ".join(result.out.split()).startswith(
        "What if: Belarus out of Collective Security Treaty Organization from 2017-01-01."
    )
    assert part(result.out, "Gained") == []
    lost = part(result.out, "Lost")
    assert {"Belarus betrays Armenia", "Belarus supplies an adversary of Armenia"} <= set(lost)
    assert len([line for line in lost if line.startswith("Belarus supplied Azerbaijan")]) == 5
    altered = part(result.out, "Altered")
    assert len(altered) == 8
    assert all("end latest 9999-12-31 is now end latest 2017-01-01]" in line for line in altered)
    assert max(map(len, result.out.splitlines())) <= 80


def test_rdf(kg: Kg) -> None:
    result = kg("what-if", *LEAVES, "--format", "trig")
    assert result.code == 0
    lost = result.out.partition("graph/scenario/lost> {")[2].partition("\n}")[0]
    assert "a foedus:AllySupplyingAdversary" in lost
    wrong = kg("what-if", *LEAVES, "--format", "trig", "--proofs")
    assert wrong.code == 2 and "--proofs goes with text and json" in wrong.err


def test_json(kg: Kg) -> None:
    result = kg("what-if", *LEAVES, "--format", "json")
    data = json.loads(result.out)
    assert set(data) == {"says", "gained", "lost", "altered"}
    assert "Belarus betrays Armenia" in {item["says"] for item in data["lost"]}
    assert all(set(item) == {"before", "after"} for item in data["altered"])
    assert "explanation" not in result.out


def test_each_change_with_its_proof(kg: Kg) -> None:
    text = kg("what-if", *LEAVES, "--proofs").out
    assert "- Belarus betrays Armenia\n  Proof 1 of 5. Belarus betrays Armenia  [prp-spo2, reported]" in text
    data = json.loads(kg("what-if", *LEAVES, "--proofs", "--format", "json").out)
    for item in (*data["gained"], *data["lost"], *(pair["after"] for pair in data["altered"])):
        assert item["explanation"]["proofs"]


def test_a_file_of_facts(kg: Kg, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.ttl"
    bare = 'e:tanks a f:ArmsTransfer ; f:supplier e:Norland ; f:recipient e:Pellmark ; f:begin "2005"^^xsd:gYear .'
    file.write_text(PREFIXES + bare, encoding="utf-8")
    policy = ("--store", made, "--policy", "facts")
    for way in ((file,), ("--assume", file)):
        result = kg("what-if", *way, *policy)
        assert result.code == 0
        assert part(result.out, "Gained")[0].endswith("[fact, possible]")
        assert result.out.startswith("What if: assuming more.ttl.\n")


def test_a_sparql_update_and_several_files(kg: Kg, made: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.ru", tmp_path / "two.ru"
    one.write_text(f"DELETE {{ <{E}war> foedus:end ?e }} WHERE {{ <{E}war> foedus:end ?e }} ; # done", encoding="utf-8")
    two.write_text(f'INSERT DATA {{ <{E}war> foedus:end "2005-01-01"^^xsd:date }} ;\n', encoding="utf-8")
    result = kg("what-if", one, two, "--store", made)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("What if: 0 triples added and 1 taken away; 1 triple added and 0 taken away.\n")
    assert part(result.out, "Altered")


def test_the_articles_own_conditional(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "reconsider.ru"
    file.write_text(RECONSIDER, encoding="utf-8")
    result = kg("what-if", file)
    assert result.code == 0
    assert "Gained:" not in result.out and "Lost:" not in result.out
    altered = part(result.out, "Altered")
    assert len(altered) == 8 and all("Belarus" in line and "2024-06-30" in line for line in altered)


def test_retracting(kg: Kg) -> None:
    result = kg("what-if", "--retract", "claim/members")
    assert result.code == 0
    assert "Belarus betrays Armenia" in part(result.out, "Lost")
    assert result.out.startswith("What if: without “Russia, Belarus, Kazakhstan, Armenia and Tajikistan are its")
    one = kg("what-if", "--retract", "claim/headline-transfer")
    assert one.out.splitlines()[-1] == "Nothing changes."
    both = kg("what-if", "--retract", "claim/headline-transfer", "--retract", "claim/politico-transfer")
    assert "Belarus supplies arms to Azerbaijan" in part(both.out, "Lost")


def test_under_another_policy(kg: Kg) -> None:
    assert "Nothing changes." in kg("what-if", "--retract", "acquiescence/russia-knowledge").out
    result = kg("what-if", "--retract", "acquiescence/russia-knowledge", "--policy", "alleged")
    lost = part(result.out, "Lost")
    assert len(lost) == 5 and all(line.endswith("[alleged, possible]") for line in lost)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "kg: nothing to change: give facts to assume, an update, or something to retract or withdraw"),
        (("--from", "2017-01-01"), "kg: --from goes with --withdraw"),
        (("--withdraw", "Belarus"), "kg: --withdraw takes STATE,PACT, such as Belarus,CSTO; 'Belarus' is not of that"),
        (("--withdraw", ",CSTO"), "is not of that form"),
        (("--withdraw", "Belarus,"), "is not of that form"),
        (("--withdraw", "Belorus,CSTO"), "kg: no state is called 'Belorus'; did you mean 'Belarus'"),
        (("--withdraw", "Belarus,CSTA"), "kg: no alliance is called 'CSTA'; did you mean 'CSTO'?"),
        (("--withdraw", "Azerbaijan,CSTO", "--from", "May"), "kg: from: 'May' is not a day: write YYYY-MM-DD"),
        (("--withdraw", "Armenia,csto-forerunner"), "kg: no alliance is called 'csto-forerunner'"),
        (("--withdraw", "France,CSTO"), "kg: no membership is called 'FRA in csto'"),
        (("--retract", "nothing"), "kg: no node is called 'nothing'"),
        (("--retract", "https://example.org/none"), "kg: no node is called 'https://example.org/none'"),
        (("--retract", "foedus:betrays"), "kg: no node in what the sources say is called"),
        ((*LEAVES, "--policy", "rumours"), "kg: no trust policy is called 'rumours'"),
        (("none.ttl",), "none.ttl"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input(kg: Kg, args: tuple[str, ...], message: str) -> None:
    result = kg("what-if", *args)
    assert result.code == 2
    assert message in result.line


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("INSERT DATA { <a:b> ", 2, "kg: the update does not parse: line 1, column "),
        ("SELECT ?x { ?x ?y ?z }", 2, "kg: the update does not parse: "),
        ("INSERT DATA { GRAPH <a:g> { <a:b> <a:c> <a:d> } }", 2, "kg: the update says GRAPH"),
        ("DELETE WHERE { GRAPH ?g { ?x ?y ?z } }", 2, "kg: the update says GRAPH"),
        ("LOAD <https://example.org/facts.ttl>", 2, "kg: the update says LOAD"),
    ],
)
def test_bad_updates(kg: Kg, tmp_path: Path, text: str, code: int, message: str) -> None:
    file = tmp_path / "change.ru"
    file.write_text(text, encoding="utf-8")
    result = kg("what-if", file)
    assert result.code == code
    assert message in result.line


def test_files_that_cannot_be_read(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "change.ru"
    file.write_bytes(b"\xff\xfe")
    result = kg("what-if", file)
    assert (result.code, result.line) == (1, f"kg: {file}: is not text in UTF-8")
    turtle = tmp_path / "more.ttl"
    turtle.write_text("@prefix x: <a:> . x:a x:b", encoding="utf-8")
    result = kg("what-if", turtle)
    assert result.code == 1 and f"{turtle}:1: " in result.line
    unknown = tmp_path / "more.csv"
    unknown.write_text("a,b", encoding="utf-8")
    assert kg("what-if", unknown).code == 1


def test_a_change_that_breaks_a_shape_is_refused_and_the_violations_are_shown(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "change.ru"
    file.write_text(
        "DELETE WHERE { <https://w3id.org/foedus/id/transfer/belarus-azerbaijan> foedus:recipient ?x }",
        encoding="utf-8",
    )
    result = kg("what-if", file)
    assert (result.code, result.out) == (1, "")
    *violations, last = result.err.splitlines()
    assert "id:transfer/belarus-azerbaijan" in violations[0] and "foedus:recipient" in violations[0]
    assert last == "kg: 1 violation of the shapes; nothing was built"


def test_a_policy_that_admits_nothing(kg: Kg, made: Path) -> None:
    result = kg("what-if", "--retract", f"{E}deal", "--store", made, "--policy", "guesses")
    assert result.code == 2
    assert result.line == "kg: nothing follows under the policy guesses: no claim of this graph is admitted"


# -------------------------------------------------------------------- kg diff


def test_two_policies(kg: Kg) -> None:
    result = kg("diff", "--policy", "reported", "--policy", "alleged")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("From reported to alleged.\n")
    gained = part(result.out, "Gained")
    assert "Russia betrays Armenia" in gained and len(gained) == 11
    assert part(result.out, "Lost") == [] and part(result.out, "Altered") == []
    back = kg("diff", "--policy", "alleged", "--policy", "reported")
    assert part(back.out, "Lost") == gained and part(back.out, "Gained") == []


def test_two_days(kg: Kg, made: Path) -> None:
    result = kg("diff", "--known-by", "2011-01-01", "--known-by", "2013-01-01", "--store", made)
    assert result.code == 0
    assert result.out.startswith("From reported/known-by/2011-01-01 to reported/known-by/2013-01-01.\n")
    assert "Norland betrays Osteria" in part(result.out, "Gained")
    one_day = kg("diff", "--policy", "facts", "--policy", "alleged", "--known-by", "2011-01-01", "--store", made)
    assert "[alleged, " in part(one_day.out, "Gained")[0]
    same = kg("diff", "--known-by", "2013-01-01", "--known-by", "2014-01-01", "--store", made)
    assert same.out.splitlines()[-1] == "Nothing changes."


def test_diff_in_json_with_proofs(kg: Kg) -> None:
    data = json.loads(kg("diff", "--policy", "reported", "--policy", "alleged", "--format", "json", "--proofs").out)
    assert data["says"] == "reported to alleged"
    assert all(item["explanation"]["proofs"] for item in data["gained"])


def test_definitions(kg: Kg) -> None:
    result = kg("diff", "--definitions", "--without", "CSTO")
    assert (result.code, result.err) == (0, "")
    text = " ".join(result.out.split())
    for head in ("usual", "any obligation", "fighting only", "rivalry only", "policy alleged", "policy reported"):
        assert head in text
    assert "ally supplying adversary: Belarus, bound to Armenia: arms from Belarus to Azerbaijan" in text
    assert kg("diff", "--definitions", "--policy", "alleged").code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "kg: nothing to compare: give --policy twice, or --known-by twice"),
        (("--policy", "facts"), "kg: nothing to compare: give --policy twice, or --known-by twice"),
        (("--known-by", "2020-01-01"), "kg: nothing to compare"),
        (("--policy", "a", "--policy", "b", "--policy", "c"), "give --policy and --known-by at most twice"),
        (("--policy", "facts", "--policy", "rumours"), "kg: no trust policy is called 'rumours'"),
        (("--known-by", "2020-01-01", "--known-by", "soon"), "kg: known-by: 'soon' is not a day"),
        (("--policy", "facts", "--policy", "alleged", "--without", "CSTO"), "kg: --without goes with --definitions"),
        (("--definitions", "--without", "CSTA"), "kg: no alliance is called 'CSTA'; did you mean 'CSTO'?"),
        (("--definitions", "--known-by", "2020-01-01"), "kg: --definitions compares definitions under one policy"),
        (("--definitions", "--policy", "facts", "--policy", "alleged"), "definitions under one policy"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_to_diff(kg: Kg, args: tuple[str, ...], message: str) -> None:
    result = kg("diff", *args)
    assert result.code == 2
    assert message in result.err.splitlines()[-1]
    assert result.out == ""
