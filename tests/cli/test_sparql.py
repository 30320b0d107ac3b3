"""``kg sparql``: own questions, in every form, and nothing but questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rdflib

from tests.cli.conftest import Kg, Process

SELECT = "SELECT ?who ?whom { ?who foedus:betrays ?whom }"


def test_select_gives_json_to_a_pipe(kg: Kg) -> None:
    result = kg("sparql", SELECT)
    assert result.code == 0 and result.err == ""
    (row,) = json.loads(result.out)["results"]["bindings"]
    assert row["who"]["value"].endswith("/BLR") and row["whom"]["value"].endswith("/ARM")


@pytest.mark.parametrize(
    ("form", "start"),
    [("xml", "<?xml"), ("csv", "who,whom"), ("tsv", "?who\t?whom"), ("table", "who"), ("json", "{")],
)
def test_forms_of_a_table(kg: Kg, form: str, start: str) -> None:
    assert kg("sparql", SELECT, "--format", form).out.startswith(start)


@pytest.mark.parametrize(("form", "expected"), [("json", '"boolean":true'), ("xml", "true"), ("table", "true")])
def test_forms_of_yes(kg: Kg, form: str, expected: str) -> None:
    assert expected in kg("sparql", "ASK { ?who foedus:betrays ?whom }", "--format", form).out


@pytest.mark.parametrize(("form", "name"), [(None, "turtle"), ("ttl", "turtle"), ("nt", "nt")])
def test_forms_of_a_graph(kg: Kg, form: str | None, name: str) -> None:
    result = kg("sparql", "CONSTRUCT WHERE { ?who foedus:betrays ?whom }", *(["--format", form] if form else []))
    assert len(rdflib.Graph().parse(data=result.out, format=name)) == 1


def test_describe_is_a_query_not_a_file(kg: Kg) -> None:
    assert "foedus:betrays" in kg("sparql", "DESCRIBE foedus:betrays").out


def test_a_file(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "who.rq"
    file.write_text(SELECT, encoding="utf-8")
    assert "BLR" in kg("sparql", file).out


def test_the_query_is_not_written_over(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "query.txt"
    file.write_text("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
    result = kg("sparql", file, "--out", file)
    assert result.code == 2 and f"--out {file}: it is read as well" in result.line
    assert file.read_text().startswith("SELECT")


def test_standard_input(process: Process) -> None:
    assert "BLR" in process("sparql", "-", stdin=SELECT).out


def test_the_questions_that_ship_run_as_they_stand(kg: Kg) -> None:
    from kg.resources import query_files

    for path in query_files():
        assert kg("sparql", path).code == 0, path


def test_out_follows_the_suffix(kg: Kg, tmp_path: Path) -> None:
    assert kg("sparql", SELECT, "--out", tmp_path / "who.csv").out == ""
    assert (tmp_path / "who.csv").read_text(encoding="utf-8").startswith("who,whom")


def test_another_policy_answers_otherwise(kg: Kg) -> None:
    ask = "ASK { ?who foedus:betrays ?whom }"
    assert kg("sparql", ask, "--policy", "facts", "--format", "table").out == "false\n"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT ?who {\n ?who foedus:betrays }", "line 2, column 22"),
        ("SELECT ?who { ?who nothing:betrays ?x }", "does not parse"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "does not parse"),
        ("DROP ALL # {}", "does not parse"),
        ("SELECT (<x:f>(1) AS ?x) {}", "function <x:f> is not supported"),
        ("none.rq", "neither a query nor a file"),
    ],
)
def test_what_is_no_query(kg: Kg, query: str, said: str) -> None:
    result = kg("sparql", query)
    assert result.code == 2
    assert said in result.line


@pytest.mark.parametrize(
    ("query", "form"),
    [("ASK { ?s ?p ?o }", "csv"), (SELECT, "ttl"), ("CONSTRUCT WHERE { ?s foedus:betrays ?o }", "json")],
)
def test_a_form_that_does_not_fit(kg: Kg, query: str, form: str) -> None:
    result = kg("sparql", query, "--format", form)
    assert result.code == 2
    assert f"cannot be {form}" in result.line


def test_a_file_that_is_not_text(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "who.rq"
    file.write_bytes(b"\xff\xfe\x00")
    assert kg("sparql", file).code == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (f"SELECT ({'+'.join(['1'] * 50_000)} AS ?x) {{}}", "too long a chain"),
        (f"SELECT ({'(' * 50_000}1{')' * 50_000} AS ?x) {{}}", "nested more than 400 deep"),
    ],
)
def test_what_would_go_too_deep(process: Process, query: str, says: str) -> None:
    result = process("sparql", "-", stdin=query)
    assert result.code == 2 and says in result.err and result.err.count("\n") == 1
