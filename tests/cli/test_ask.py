"""``kg ask``: parameters, formats, and what bad input gets."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import rdflib

from tests.cli.conftest import Kg

QUESTION = "allies-supplying-adversary"


def test_the_main_question(kg: Kg) -> None:
    result = kg("ask", QUESTION, "--state", "Armenia")
    assert result.code == 0
    cells = dict(line.split(maxsplit=1) for line in result.out.splitlines() if line[:1].strip())
    assert (cells["supplier"], cells["adversary"], cells["state"]) == ("Belarus", "Azerbaijan", "Armenia")
    assert cells["overlap"] == "possible" and cells["status"] == "reported"
    assert "category of analysis, not a verdict" in result.err
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "args",
    [
        ("--state", "Armenia"),
        ("--state=Armenia",),
        ("--state", "armenia"),
        ("--state", "ARM"),
        ("--state", "id:state/ARM"),
        ("--state", "<https://w3id.org/foedus/id/state/ARM>"),
        ("--state", "Armenia", "--supplier", "BLR", "--adversary=Azerbaijan"),
        ("--on", "2020-11-09"),
        ("--policy", "alleged", "--state", "Armenia"),
    ],
    ids=" ".join,
)
def test_ways_to_say_the_same(kg: Kg, args: tuple[str, ...]) -> None:
    result = kg("ask", QUESTION, *args, "--format", "csv")
    assert result.code == 0
    (row,) = csv.DictReader(io.StringIO(result.out))
    assert row["supplier"] == "Belarus"


def test_options_may_stand_before_the_question(kg: Kg) -> None:
    assert kg("ask", "--format", "csv", QUESTION, "--state", "ARM").out.startswith("supplier,")


def test_csv_with_iris_gives_them_in_full(kg: Kg) -> None:
    result = kg("ask", QUESTION, "--format", "csv", "--iris")
    (row,) = csv.DictReader(io.StringIO(result.out))
    assert row["supplier"] == "https://w3id.org/foedus/id/state/BLR"


def test_table_with_iris_gives_them_short(kg: Kg) -> None:
    assert "id:state/BLR" in kg("ask", QUESTION, "--iris").out


def test_json_is_sparql_results_json(kg: Kg) -> None:
    data = json.loads(kg("ask", QUESTION, "--format", "json").out)
    assert data["head"]["vars"][0] == "supplier"
    (binding,) = data["results"]["bindings"]
    assert binding["supplier"] == {"type": "uri", "value": "https://w3id.org/foedus/id/state/BLR"}


def test_ttl_is_a_result_set_that_rdflib_reads(kg: Kg) -> None:
    text = kg("ask", QUESTION, "--format", "ttl").out
    rs = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
    graph = rdflib.Graph().parse(data=text, format="turtle")
    (solution,) = graph.objects(predicate=rs.solution)
    bindings = {str(graph.value(b, rs.variable)): graph.value(b, rs.value) for b in graph.objects(solution, rs.binding)}
    belarus = rdflib.URIRef("https://w3id.org/foedus/id/state/BLR")
    assert bindings["supplier"] == belarus
    assert graph.value(solution, rs["index"]) == rdflib.Literal(1)
    assert graph.value(belarus, rdflib.RDFS.label) == rdflib.Literal("Belarus")


def test_md_is_a_github_table(kg: Kg) -> None:
    head, rule, row = kg("ask", QUESTION, "--format", "md").out.splitlines()
    assert head.startswith("| supplier | adversary |") and row.startswith("| Belarus | Azerbaijan |")
    assert set(rule) <= set("|- ") and rule.count("|") == head.count("|")


@pytest.mark.parametrize(("suffix", "start"), [("csv", "supplier,"), ("json", '{"head"'), ("md", "| supplier")])
def test_out_follows_the_suffix(kg: Kg, tmp_path: Path, suffix: str, start: str) -> None:
    file = tmp_path / f"answer.{suffix}"
    result = kg("ask", QUESTION, "--out", file)
    assert (result.code, result.out) == (0, "")
    assert file.read_text(encoding="utf-8").startswith(start)


def test_out_with_a_suffix_that_says_nothing(kg: Kg, tmp_path: Path) -> None:
    result = kg("ask", QUESTION, "--out", tmp_path / "answer.dat")
    assert result.code == 2 and "--format" in result.line
    assert not list(tmp_path.iterdir())


def test_out_where_nothing_can_be_written(kg: Kg, tmp_path: Path) -> None:
    result = kg("ask", QUESTION, "--out", tmp_path / "none" / "answer.csv")
    assert result.code == 3
    assert "cannot be written" in result.err


def test_no_rows(kg: Kg) -> None:
    result = kg("ask", QUESTION, "--state", "Belarus")
    assert (result.code, result.out) == (0, "")
    assert "nothing that is recorded answers this" in result.line
    assert kg("ask", QUESTION, "--state", "Belarus", "--format", "csv").out.startswith("supplier,")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["alies-supplying-adversary"], "did you mean 'allies-supplying-adversary'?"),
        ([QUESTION, "--state", "Armenja"], "did you mean 'Armenia'?"),
        ([QUESTION, "--stat", "Armenia"], "did you mean 'state'?"),
        ([QUESTION, "--colour", "red"], "takes: state, supplier"),
        ([QUESTION, "--from", "2020-01-01", "--to", "2019-01-01"], "is not a day on or after 2020-01-01"),
        ([QUESTION, "Armenia"], "--state STATE"),
        ([QUESTION, "--state"], "needs a value"),
        ([QUESTION, "--state", "ARM", "--state=BLR"], "twice"),
        ([QUESTION, "--on", "2020-02-30"], "YYYY-MM-DD"),
        ([QUESTION, "--on", "2020"], "YYYY-MM-DD"),
        ([QUESTION, "--known-by", "yesterday"], "YYYY-MM-DD"),
        ([QUESTION, "--policy", "reportd"], "did you mean 'reported'?"),
        ([QUESTION, "--overlap", "maybe"], "Definite, Possible"),
        ([QUESTION, "--format", "yaml"], "'table'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gets_the_close_matches(kg: Kg, args: list[str], said: str) -> None:
    result = kg("ask", *args)
    assert result.code == 2
    assert said in result.line


@pytest.mark.parametrize(
    "value",
    [
        'Armenia" } ; DROP ALL',
        "Armenia } UNION { ?a ?b ?c",
        "<x>",
        "<https://w3id.org/foedus/id/state/ARM> } #",
        "https://w3id.org/foedus/id/state/ARM>",
        "Armenia\n}",
        "?state",
        "_:b",
        '"Armenia"@en',
        "\\u003E",
        "' ; DROP ALL ; '",
        "",
    ],
)
def test_syntax_in_a_parameter_is_never_run(kg: Kg, value: str) -> None:
    result = kg("ask", QUESTION, f"--state={value}")
    assert result.code == 2
    assert result.out == "" and result.err.startswith("kg: no state is called ")
    assert kg("ask", QUESTION, "--state", "Armenia", "--format", "csv").out.count("\n") == 2


@pytest.mark.parametrize("name", ["on", "overlap"])
def test_syntax_in_a_typed_parameter_is_refused(kg: Kg, name: str) -> None:
    assert kg("ask", QUESTION, f"--{name}", '2020-11-09" } #').code == 2


def test_an_escape_code_in_an_answer_does_not_reach_the_terminal() -> None:
    from kg.cli.output import table

    assert "\x1b" not in table(["name"], [["red \x1b[31m alert"]])
