"""Every question loads, explains its columns, runs as it stands, and has an example that gives rows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

import pyoxigraph
import pytest
from pyoxigraph import QuerySolutions

from kg import KnowledgeGraph
from kg.errors import ParseError
from kg.questions import Question, load_question, load_questions, question_names, read_question
from kg.resources import query_files
from kg.terms import PREFIXES

WITHOUT_ROWS: Final = {
    "both-sides-suppliers": "no source at hand tells of one who armed both sides",
    "unbalanced-triads": "no source at hand tells of a state bound to both sides",
    "allies-attacking-allies": "no source at hand tells of a war between allies",
    "divided-loyalties": "no source at hand tells of a state bound to both sides",
    "system-members": "a list of who was a member of the system of states has to be imported",
    "source-disagreements": "only one source of facts ships; a second one has to be imported",
}
"""Questions whose example has no rows on the facts that ship, and why."""

OPTIONS: Final = {"policy", "known-by"}
"""What ``kg ask`` takes besides the parameters of a question, and an example may use."""


def example(question: Question) -> dict[str, str]:
    """The options of a question's example call; the call must be of this question."""
    words = shlex.split(question.example)
    assert words[:3] == ["kg", "ask", question.name]
    names, values = words[3::2], words[4::2]
    assert len(names) == len(values)
    assert all(re.fullmatch(r"--[a-z]+(-[a-z]+)*", name) for name in names)
    assert len(set(names)) == len(names)
    return {name[2:]: value for name, value in zip(names, values, strict=True)}


def test_names_are_unique_and_all_load() -> None:
    names = [question.name for question in load_questions()]
    assert sorted(names) == question_names()
    assert len(set(names)) == len(query_files())


@pytest.mark.parametrize("name", question_names())
def test_header_is_written_for_people(name: str) -> None:
    question = load_question(name)
    assert question.summary and not question.summary.endswith(".")
    assert len(question.summary) <= 120
    assert "?" in question.question
    assert question.tags and len(set(question.tags)) == len(question.tags)
    assert isinstance(question.policy, bool)
    for column in question.columns:
        assert column.help.strip() and not column.help.endswith(".")
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", column.name)
    for parameter in question.parameters:
        assert parameter.help.strip() and not parameter.help.endswith(".")
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", parameter.name)
        assert parameter.name not in OPTIONS


@pytest.mark.parametrize("name", question_names())
def test_example_names_parameters_that_exist_and_gives_rows(graph: KnowledgeGraph, name: str) -> None:
    question = load_question(name)
    options = example(question)
    assert set(options) <= {p.name for p in question.parameters} | OPTIONS
    assert {p.name for p in question.parameters if p.required} <= set(options)
    answer = graph.ask(
        question,
        policy=options.pop("policy", None),
        known_by=options.pop("known-by", None),
        **{key.replace("-", "_"): value for key, value in options.items()},
    )
    assert bool(answer) == (name not in WITHOUT_ROWS)
    assert answer.columns == tuple(column.name for column in question.columns)


def test_questions_without_rows_exist() -> None:
    assert set(WITHOUT_ROWS) <= set(question_names())


@pytest.mark.parametrize("path", query_files(), ids=lambda path: path.stem)
def test_query_runs_as_it_stands_on_an_empty_store(path: Path) -> None:
    answer = pyoxigraph.Store().query(path.read_text(encoding="utf-8"))
    assert isinstance(answer, QuerySolutions)
    assert list(answer) == []


@pytest.mark.parametrize("path", query_files(), ids=lambda path: path.stem)
def test_query_is_deterministic_in_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert "SELECT *" not in body
    assert re.search(r"^ORDER BY ", body, re.MULTILINE), "the rows are in no order"
    for prefix, base in re.findall(r"^PREFIX (\w+): <([^>]+)>$", text, re.MULTILINE):
        assert PREFIXES[prefix] == base
        assert re.search(rf"\b{prefix}:", body.replace(f"PREFIX {prefix}:", "")), f"prefix {prefix} is not used"


# ------------------------------------------------------------------ headers that are refused

GOOD: Final = """\
#+ summary: Members of alliances
#+ question: Who is a member of what?
#+ policy: true
#+ tags: [alliances]
#+ params:
#+   - {name: member, type: state, help: the member}
#+ columns:
#+   - {name: member, type: node, help: the member}
#+   - {name: alliance, type: node, help: the alliance}
#+ example: kg ask members-too --member Armenia
PREFIX foedus: <https://w3id.org/foedus/ns#>

SELECT ?member ?alliance
WHERE {
  # bind: ?member
  ?membership foedus:member ?member ; foedus:alliance ?alliance .
}
ORDER BY ?member ?alliance
"""

PARAMETER: Final = "#+   - {name: member, type: state, help: the member}\n"
COLUMN: Final = "#+   - {name: alliance, type: node, help: the alliance}\n"
QUERY: Final = GOOD[GOOD.index("SELECT") :]

BAD: Final = {
    "unknown key": (GOOD.replace("#+ policy", "#+ method: GET\n#+ policy"), "exactly the keys"),
    "missing key": (GOOD.replace("#+ tags: [alliances]\n", ""), "exactly the keys"),
    "no header": (GOOD[GOOD.index("PREFIX") :], "exactly the keys"),
    "not YAML": (GOOD.replace("#+ tags: [alliances]", "#+ tags: [alliances"), "not YAML"),
    "unbound parameter": (GOOD.replace(PARAMETER, PARAMETER + PARAMETER.replace("member,", "year,")), "differ: year"),
    "bound and not declared": (GOOD.replace("# bind: ?member", "# bind: ?member\n  # bind: ?year"), "differ: year"),
    "parameter of no type": (GOOD.replace("type: state", "type: country"), "'country' is none of"),
    "unknown key of a parameter": (GOOD.replace("type: state,", "type: state, min: 1,"), "wrong key"),
    "class of no kind": (GOOD.replace("type: state", "type: class"), "classes, and only they, are below some"),
    "class of no class": (
        GOOD.replace("type: state", 'type: class, below: ["nowhere:State"]'),
        "not all of nowhere:State are terms",
    ),
    "column of no type": (GOOD.replace("type: node, help: the alliance", "type: iri, help: it"), "'iri' is none of"),
    "column without help": (GOOD.replace("type: node, help: the alliance", "type: node"), "wrong key"),
    "column not projected": (GOOD.replace("SELECT ?member ?alliance", "SELECT ?member"), "projected are member"),
    "projected and no column": (GOOD.replace(COLUMN, ""), "projected are member, alliance"),
    "columns in another order": (GOOD.replace("SELECT ?member ?alliance", "SELECT ?alliance ?member"), "projected are"),
    "not SPARQL": (GOOD.replace("WHERE {", "WHERE"), "not a SPARQL query"),
    "update": (GOOD.replace(QUERY, "# bind: ?member\nDELETE WHERE { ?s ?p ?o }\n"), "not a SPARQL query"),
    "insert": (GOOD.replace(QUERY, "# bind: ?member\nINSERT DATA { foedus:a a foedus:b }\n"), "not a SPARQL query"),
    "ask": (GOOD.replace(QUERY, "ASK {\n  # bind: ?member\n  ?member ?p ?o\n}\n"), "must be a SELECT"),
    "construct": (
        GOOD.replace(QUERY, "CONSTRUCT { ?s ?p ?o } WHERE {\n  # bind: ?member\n  ?s ?p ?o\n}\n"),
        "must be a SELECT",
    ),
}


def write(folder: Path, text: str) -> Path:
    path = folder / "commitments" / "members-too.rq"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_header_is_read(tmp_path: Path) -> None:
    question = read_question(write(tmp_path, GOOD))
    assert (question.area, question.name) == ("commitments", "members-too")


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_bad_header_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert text != GOOD
    with pytest.raises(ParseError, match=re.escape(message)):
        read_question(write(tmp_path, text))
