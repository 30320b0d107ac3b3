"""``kg explain`` and ``kg why-not``: every form, the reader's own copy, and what bad input gets."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pyoxigraph
import pytest
from jsonschema import Draft202012Validator
from pyoxigraph import RdfFormat

from kg import KnowledgeGraph
from tests.cli.conftest import Kg
from tests.fiction import E, claim, fact, graph, pact, transfer, war

COPY = Path(__file__).parents[3] / "shared" / "source" / "article.txt"
TRIPLE = ("--triple", "Belarus", "betrays", "Armenia")
SUPPLYING = "allies-supplying-adversary"


@pytest.fixture(scope="module")
def episode(store: Path) -> str:
    kg = KnowledgeGraph.open(store)
    (row,) = kg.sparql("SELECT ?e { ?e a foedus:AllySupplyingAdversary } ORDER BY ?e LIMIT 1")  # type: ignore[misc]
    return str(row["e"].value)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A made-up world on disk, with a policy under which nothing counts."""
    folder = tmp_path_factory.mktemp("made")
    guesses = 'e:g a f:TrustPolicy ; rdfs:label "g"@en ; f:policyName "guesses" ; f:admitsModality f:Speculated .\n'
    parts = (pact("Norland", "Osteria"), war(), transfer(claimed="Alleged"), guesses)
    graph(folder, *parts).store.publish(folder / "store")
    yield folder / "store"


# -------------------------------------------------------------------- kg explain


def test_prose_is_the_form_where_none_is_named(kg: Kg) -> None:
    result = kg("explain", *TRIPLE)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Proof 1 of 5. In the terms of the rules, Belarus betrays Armenia. ")
    assert max(map(len, result.out.splitlines())) <= 80
    assert "It hangs on one source: " in result.out
    assert result.out.count("\n- ") == 5, "the sets whose withdrawal ends it"
    assert kg("explain", *TRIPLE, "--format", "prose").out == result.out


def test_every_step_on_demand(kg: Kg) -> None:
    result = kg("explain", *TRIPLE, "--full", "--best")
    assert "By prp-spo2 of OWL 2 RL, from" in " ".join(result.out.split())
    assert len(result.out) > len(kg("explain", *TRIPLE, "--best").out)


def test_the_best_proof_alone_does_not_change_what_the_conclusion_hangs_on(kg: Kg) -> None:
    whole, best = kg("explain", *TRIPLE).out, kg("explain", *TRIPLE, "--best").out
    assert "Proof 1 of" not in best and len(best) < len(whole)
    start = whole.index("It hangs on one source")
    assert best.endswith(whole[start:])


def test_a_tree(kg: Kg) -> None:
    result = kg("explain", *TRIPLE, "--format", "tree", "--best")
    assert result.code == 0
    assert result.out.startswith("Belarus betrays Armenia  [prp-spo2, reported]\n└─ Belarus supplied Azerbaijan")
    assert any(
        line.startswith("      └─ Politico says: “") or "Politico says: “" in line for line in result.out.splitlines()
    )


def test_json_follows_the_schema(kg: Kg) -> None:
    result = kg("explain", *TRIPLE, "--format", "json")
    assert (result.code, result.err) == (0, "")
    data = json.loads(result.out)
    schema = json.loads((files("kg.explaining") / "proof.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(data)
    assert len(data["proofs"]) == 5
    (best,) = json.loads(kg("explain", *TRIPLE, "--format", "json", "--best").out)["proofs"]
    assert best == data["proofs"][0]


def test_trig(kg: Kg, tmp_path: Path) -> None:
    result = kg("explain", *TRIPLE, "--format", "ttl")
    quads = list(pyoxigraph.parse(result.out, format=RdfFormat.TRIG))
    assert len({quad.graph_name for quad in quads}) == 5
    assert kg("explain", *TRIPLE, "--out", tmp_path / "proofs.trig").code == 0
    assert (tmp_path / "proofs.trig").read_text(encoding="utf-8").strip() == result.out.strip()


def test_a_picture(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "why.svg"
    result = kg("explain", *TRIPLE, "--out", file)
    assert (result.code, result.out) == (0, "")
    assert result.err == "kg: the best of 5 proofs\n"
    root = ElementTree.parse(file).getroot()
    assert root.tag.endswith("svg")
    words = " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Belarus betrays Armenia" in words and "Politico" in words


def test_a_file_takes_prose_whole(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "why.txt"
    assert kg("explain", *TRIPLE, "--out", file).out == ""
    assert file.read_text(encoding="utf-8").strip() == kg("explain", *TRIPLE).out.strip()


@pytest.mark.parametrize("what", ["{}", "<{}>", "id:episode/{1}", "episode/{1}"])
def test_an_episode_by_iri(kg: Kg, episode: str, what: str) -> None:
    result = kg("explain", what.format(episode, episode.rpartition("/")[2]))
    assert result.code == 0
    assert result.out.startswith("In the terms of the rules, this is a case of ally supplying an adversary.")


def test_an_accepted_node_by_path_and_by_name(kg: Kg) -> None:
    by_path = kg("explain", "transfer/belarus-azerbaijan")
    assert by_path.code == 0
    assert kg("explain", "arms from Belarus to Azerbaijan, 2018 to 2022").out == by_path.out


def test_under_another_policy(kg: Kg) -> None:
    triple = ("--triple", "Russia", "betrays", "Armenia")
    assert kg("explain", *triple).code == 2
    result = kg("explain", *triple, "--policy", "alleged")
    assert result.code == 0
    assert "Ivana Stradner as passed on by Politico" in " ".join(result.out.split())


# -------------------------------------------------------------------- the reader's own copy


@pytest.mark.parametrize("form", ["prose", "tree"])
def test_passages_out_of_the_readers_copy(kg: Kg, form: str) -> None:
    if not COPY.exists():
        pytest.skip(f"no copy of the article at {COPY}")
    result = kg("explain", "transfer/belarus-azerbaijan", "--text", COPY, "--format", form)
    assert (result.code, result.err) == (0, "")
    passages = result.out[result.out.index(f"In {COPY}") :]
    assert [f"paragraph {number}: “" in passages for number in (2, 6, 7)] == [True] * 3
    text = " ".join(COPY.read_text(encoding="utf-8").split())
    quoted = " ".join(passages.split()).split("“")[1:]
    assert all(part.partition("”")[0] in text for part in quoted)


def test_a_changed_copy_is_refused_with_both_digests(kg: Kg, tmp_path: Path) -> None:
    if not COPY.exists():
        pytest.skip(f"no copy of the article at {COPY}")
    right = COPY.read_bytes()
    changed = tmp_path / "copy.txt"
    for text in (right + b"\n", right.replace(b"2018", b"2017"), right.replace(b"\n", b"\r\n")):
        changed.write_bytes(text)
        result = kg("explain", *TRIPLE, "--text", changed)
        assert result.code == 2
        assert sha256(text).hexdigest() in result.line and sha256(right).hexdigest() in result.line


def test_the_copy_is_not_written_over(kg: Kg, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_text("words")
    result = kg("explain", "--triple", "Belarus", "betrays", "Armenia", "--text", copy, "--out", copy)
    assert result.code == 2 and f"--out {copy}: it is read as well" in result.line
    assert copy.read_text() == "words"


def test_copies_that_cannot_be_read(kg: Kg, tmp_path: Path) -> None:
    binary = tmp_path / "copy.txt"
    binary.write_bytes(b"\xff\xfe\x00")
    result = kg("explain", *TRIPLE, "--text", binary)
    assert result.code == 3 and "UTF-8" in result.line
    assert kg("explain", *TRIPLE, "--text", tmp_path / "none.txt").code == 2
    result = kg("explain", *TRIPLE, "--text", binary, "--format", "json")
    assert (result.code, result.line) == (2, "kg: --text goes with prose and tree")


# -------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "kg: name what to explain: an IRI, or --triple SUBJECT PREDICATE OBJECT"),
        (("Belarus", *TRIPLE), "kg: name what to explain: an IRI, or --triple SUBJECT PREDICATE OBJECT"),
        (("https://example.org/none",), "kg: no node is called 'https://example.org/none'"),
        (("Belaruss",), "kg: no node is called 'Belaruss'; did you mean 'Belarus'"),
        (
            ("--triple", "Armenia", "betrays", "Belarus"),
            "kg: 'Armenia betrays Belarus' does not follow under the policy reported; `kg why-not` says",
        ),
        (("--triple", "Armenia", "betray", "Belarus"), "kg: no property is called 'betray'; did you mean 'betrays'"),
        (("--triple", "Armenia", "betrays", "Belorus"), "kg: no object is called 'Belorus'; did you mean 'Belarus'"),
        (("acquiescence/russia-knowledge",), "does not follow under the policy reported"),
        ((*TRIPLE, "--policy", "alledged"), "kg: no trust policy is called 'alledged'; did you mean 'alleged'?"),
        ((*TRIPLE, "--known-by", "May"), "kg: known-by: 'May' is not a day"),
        ((*TRIPLE, "--format", "svg", "--full"), "kg: a picture shows the gist; --full goes with prose and tree"),
        ((*TRIPLE, "--format", "gif"), "'gif' is not one of"),
        ((*TRIPLE, "--out", "why.gif"), "why.gif"),
        (("--triple", "Belarus", "betrays"), "--triple"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input(kg: Kg, args: tuple[str, ...], message: str) -> None:
    result = kg("explain", *args)
    assert result.code == 2
    assert message in result.line


def test_a_policy_that_admits_nothing(kg: Kg, made: Path) -> None:
    node = f"{E}deal"
    assert kg("explain", node, "--store", made, "--policy", "alleged").code == 0
    result = kg("explain", node, "--store", made, "--policy", "guesses")
    assert result.code == 2
    assert result.line == "kg: nothing follows under the policy guesses: it admits no claim of this graph"


# -------------------------------------------------------------------- kg why-not


def test_why_not(kg: Kg) -> None:
    result = kg("why-not", SUPPLYING, "--supplier", "Kazakhstan", "--state", "Armenia")
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert lines[0] == "It does not follow (policy reported)."
    assert [line for line in lines if line.endswith((": holds", ": fails"))] == [
        "obligation: holds",
        "supply: fails",
        "hostility: holds",
    ]
    text = " ".join(result.out.split())
    assert "- no transfer of arms is recorded for Kazakhstan to anybody; no source at hand sets out" in text
    assert "what it would take: a source that records one" in text
    assert max(map(len, lines)) <= 80
    assert kg("why-not", SUPPLYING, "--supplier=KAZ", "--state=ARM").out == result.out


@pytest.mark.parametrize(
    ("question", "options"),
    [
        (SUPPLYING, ("--supplier", "Russia", "--state", "Armenia", "--adversary", "Azerbaijan")),
        ("allies-attacking-allies", ("--attacker", "Russia", "--state", "Armenia")),
        ("unanswered-obligations", ("--obligor", "Armenia", "--state", "Belarus")),
        ("complicit-allies", ("--ally", "Russia", "--state", "Armenia")),
        ("divided-loyalties", ("--ally", "Russia", "--side", "Armenia")),
    ],
)
def test_each_question_on_the_article(kg: Kg, question: str, options: tuple[str, ...]) -> None:
    result = kg("why-not", question, *options)
    assert (result.code, result.err) == (1, "")
    assert ": fails" in result.out and "what it would take: " in result.out


def test_why_not_of_what_only_an_allegation_says(kg: Kg, made: Path) -> None:
    result = kg("why-not", SUPPLYING, "--supplier", "Norland", "--store", made)
    assert result.code == 1
    assert "- the deal: only alleged, which the policy does not admit\n" in result.out
    assert kg("why-not", SUPPLYING, "--supplier", "Norland", "--store", made, "--policy", "alleged").code == 2
    nothing = kg("why-not", SUPPLYING, "--supplier", "Norland", "--store", made, "--policy", "guesses")
    assert nothing.code == 1
    assert ": holds" not in nothing.out
    assert "the war: stated as fact, which the policy does not admit" in nothing.out


def test_why_not_in_days(kg: Kg, tmp_path: Path) -> None:
    parts = (pact("Norland", "Osteria"), war(end="2005-06-30"), transfer(begin="2005-07-10", end="2005-07-20"))
    graph(tmp_path, *parts).store.publish(tmp_path / "store")
    result = kg("why-not", SUPPLYING, "--state", "Osteria", "--store", tmp_path / "store")
    assert result.code == 1
    assert "together: fails\n- the deal and the war miss each other by 10 days\n" in result.out
    assert "  what it would take: one of them to last 10 days longer\n" in result.out


def test_why_not_of_what_is_denied(kg: Kg, tmp_path: Path) -> None:
    deal = transfer(claimed="") + claim("denial", "deal", stance="Denies")
    graph(tmp_path, pact("Norland", "Osteria"), war(), deal, fact("x", "Assessment", concerns="Norland")).store.publish(
        tmp_path / "store"
    )
    result = kg("why-not", SUPPLYING, "--state", "Osteria", "--store", tmp_path / "store")
    assert "- the deal: sources only deny it\n  what it would take: a source that asserts it\n" in result.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("betrayals",), "kg: no question is called 'betrayals'. Why not can be asked of: allies-supplying-adversary,"),
        (("allies-supplying-adversry",), "did you mean 'allies-supplying-adversary'?"),
        ((SUPPLYING, "--suplier", "Russia"), "kg: no parameter is called '--suplier'; did you mean '--supplier'"),
        ((SUPPLYING, "--on", "2020-01-01"), f"{SUPPLYING} takes: --supplier, --state, --adversary"),
        ((SUPPLYING, "--supplier"), "kg: --supplier needs a value"),
        ((SUPPLYING, "--supplier", "Russia", "--supplier", "Armenia"), "kg: --supplier is given twice"),
        ((SUPPLYING, "Russia"), "kg: no parameter is called 'Russia'"),
        ((SUPPLYING, "--supplier", "Rusia"), "kg: no state is called 'Rusia'; did you mean 'Russia'"),
        ((SUPPLYING, "--supplier", "Belarus", "--state", "Armenia"), "kg: there is such a row: `kg ask"),
        ((SUPPLYING, "--policy", "none"), "kg: no trust policy is called 'none'"),
        ((SUPPLYING, "--known-by", "May"), "kg: known-by: 'May' is not a day"),
        ((), "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_to_why_not(kg: Kg, args: tuple[str, ...], message: str) -> None:
    result = kg("why-not", *args)
    assert result.code == 2
    assert message in result.line


def test_words_that_are_not_quoted_are_met_with_the_way_to_write_them(kg: Kg) -> None:
    result = kg("explain", "Belarus", "betrays", "Armenia")
    assert result.code == 2
    assert result.line.endswith("perhaps: kg explain --triple Belarus betrays Armenia")
    assert kg("explain", "Collective", "Security").line.endswith("perhaps: kg explain 'Collective Security'")
