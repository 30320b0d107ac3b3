"""What the routes say about themselves in OpenAPI 3.1; FastAPI makes the document of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.responses import Response

from kg.http.asking import QUESTION_FORMS
from kg.http.formats import DATASETS, GRAPHS, HTML, JSON, ROWS, TEXT
from kg.http.parameters import (
    RDF_FORMS,
    SCHEMAS,
    SHARED,
    form_parameter,
    parameter,
    query_parameter,
    shared_parameters,
)
from kg.http.protocol import FORM, QUERY, UPDATE
from kg.questions import Question
from kg.sentences import CATEGORY

__all__ = [
    "EXPLAIN",
    "EXPLAIN_PARAMETERS",
    "FRONT",
    "GRAPH_GET",
    "GRAPH_WRITES",
    "HEALTH",
    "METRICS",
    "MODULE",
    "NODE",
    "OPENAPI",
    "QUESTIONS",
    "SPARQL",
    "SPARQL_POST",
    "TERMS",
    "VOID",
    "WHAT_IF",
    "WHAT_IF_PARAMETERS",
    "WHAT_IF_POST",
    "Error",
    "question",
    "text",
    "why_not",
    "why_not_parameters",
]

_EXAMPLES: Final = Path(__file__).with_name("examples.json")
"""What the graph that ships answers to the examples, by path and media type; long answers are cut."""
_QUERY: Final = "SELECT ?who ?whom { ?who foedus:betrays ?whom }"
_UPDATE: Final = (
    "INSERT DATA { GRAPH <https://w3id.org/foedus/graph/asserted/mine> { <https://w3id.org/foedus/id/state/ARM> "
    "<http://www.w3.org/2004/02/skos/core#editorialNote> 'checked'@en } }"
)


class Error(BaseModel):
    """What an error looks like."""

    error: str = Field(examples=["no state is called 'Armenja'; did you mean 'Armenia'?"])
    did_you_mean: list[str] = Field(examples=[["Armenia"]])


_REFUSED: Final = {"model": Error, "content": {HTML: {}}}
"""JSON, but a page for who would rather have one."""


def _described(
    summary: str,
    forms: Iterable[str],
    *,
    tag: str,
    description: str = "",
    errors: str = "The request is wrong; the error says what is right",
    extra: dict[str, Any] | None = None,
    examples: Mapping[str, Any] | None = None,
    schemas: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a route says about itself."""
    content: dict[str, dict[str, Any]] = {form: {} for form in forms}
    for name, told in (("schema", schemas or {}), ("example", examples or {})):
        for form, value in told.items():
            content[form][name] = value
    return {
        "summary": summary,
        "description": description or summary,
        "tags": [tag],
        "response_class": Response,
        "responses": {
            200: {"description": "The answer, in the form that Accept asks for", "content": content},
            "4XX": {"description": errors, **_REFUSED},
            503: {"description": "The time limit has ended it, or too much is asked at once", **_REFUSED},
        },
        "openapi_extra": extra,
    }


_BOUND: Final = {"head": {"vars": ["who", "whom"]}, "results": {"bindings": [
    {"who": {"type": "uri", "value": "https://w3id.org/foedus/id/state/BLR"},
     "whom": {"type": "uri", "value": "https://w3id.org/foedus/id/state/ARM"}}]}}  # fmt: skip
_URI: Final = {"type": "array", "items": {"type": "string", "format": "uri"}}
_PROTOCOL: Final = "SPARQL 1.1 Protocol, query operation. "


_DATASET: Final = [
    query_parameter("default-graph-uri", _URI, "a graph of the default graph; may be repeated"),
    query_parameter("named-graph-uri", _URI, "a graph that GRAPH can reach; may be repeated"),
    *(query_parameter(n, {"type": "string"}, d, e) for n, (_, d, e) in SHARED.items()),
]
_ANSWERS: Final = [*ROWS, *GRAPHS]


def _forms(*forms: str) -> dict[str, Any]:
    schema = {"type": "string", "enum": list(forms)}
    return {"parameters": [query_parameter("format", schema, "in the place of Accept", forms[0])]}


FRONT: Final = _described("The first page", [HTML], tag="pages")
SPARQL: Final = _described(
    "Ask in SPARQL; without a query, the service description",
    _ANSWERS,
    tag="sparql",
    description=_PROTOCOL + "Without a query the answer is the service description, in RDF.",
    extra={"parameters": [query_parameter("query", {"type": "string"}, "the query", _QUERY), *_DATASET]},
    examples={"application/sparql-results+json": _BOUND},
)
SPARQL_POST: Final = _described(
    "Ask in SPARQL",
    _ANSWERS,
    tag="sparql",
    description=_PROTOCOL
    + "Update operation likewise, with the token, where the server was started to be written to; else 403. An update "
    "changes asserted graphs alone, of a graph that this version built (else 409), past the shapes (else 422 with the "
    "violations), and its answer comes when what follows from it is served.",
    extra={
        "parameters": _DATASET,
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "query": {"type": "string"},
                            "default-graph-uri": _URI,
                            "named-graph-uri": _URI,
                            "update": {"type": "string"},
                            "using-graph-uri": _URI,
                            "using-named-graph-uri": _URI,
                        },
                        "oneOf": [{"required": ["query"]}, {"required": ["update"]}],
                    },
                    "example": {"query": _QUERY},
                },
                QUERY: {"schema": {"type": "string"}, "example": _QUERY},
                UPDATE: {"schema": {"type": "string"}, "example": _UPDATE},
            },
        },
    },
    examples={"application/sparql-results+json": _BOUND},
)
_GRAPH_STORE: Final = "SPARQL 1.1 Graph Store HTTP Protocol. "
_GRAPH: Final = [
    query_parameter(
        "graph",
        {"type": "string", "format": "uri"},
        "the graph, by IRI",
        "https://w3id.org/foedus/graph/asserted/states",
    ),
    query_parameter("default", {"type": "string"}, "in the place of graph: what queries are about"),
]
_CONDITIONS: Final = [
    {"in": "header", "name": name, "schema": {"type": "string"}, "description": says}
    for name, says in (
        (
            "If-Match",
            "validators (ETag) of the graph as it was read, one of which it must still have, or *; else 412",
        ),
        ("If-None-Match", "validators that it must not have, or * where it must not be there yet; else 412"),
    )
]
_GUARDED: Final = (
    " Only where the server was started to be written to (else 403), with the token (else 401), for graphs "
    "https://w3id.org/foedus/graph/asserted/NAME (else 403), where this version built them (else 409), past the shapes "
    "(else 422 with the violations). The answer comes when what follows from the change is served."
)
_BODY: Final = {"required": True, "content": {form: {"schema": {"type": "string"}} for form in GRAPHS}}
_CREATED: Final = {201: {"description": "The graph is new", "content": {JSON: {}}}}


def _writes(summary: str, says: str, *, body: bool) -> dict[str, Any]:
    extra: dict[str, Any] = {"parameters": [*_GRAPH, *_CONDITIONS], "security": [{"token": []}]} | (
        {"requestBody": _BODY} if body else {}
    )
    described = _described(summary, [JSON], tag="graph store", description=_GRAPH_STORE + says + _GUARDED, extra=extra)
    if body:
        described["responses"] = described["responses"] | _CREATED
    return described


GRAPH_GET: Final = _described(
    "One graph, as it is",
    GRAPHS,
    tag="graph store",
    description=_GRAPH_STORE + "The default graph is the union that queries are about.",
    extra={"parameters": _GRAPH},
)
GRAPH_WRITES: Final[Mapping[str, dict[str, Any]]] = {
    "PUT": _writes("Put a graph in the place of another", "What the graph said before is gone.", body=True),
    "POST": _writes("Add to a graph", "Without a graph a new one is made, whose address is in Location.", body=True),
    "DELETE": _writes("Drop a graph", "The source says nothing any more.", body=False),
}
QUESTIONS: Final = _described(
    "The questions that can be asked by name", [JSON, HTML, *GRAPHS], tag="questions",
    description="As JSON, as a page, or as sh:SPARQLExecutable in RDF.", extra=_forms("json", "html", *RDF_FORMS),
)  # fmt: skip
EXPLAIN: Final = _described(
    "Why something follows",
    [JSON, TEXT, "image/svg+xml", *DATASETS, HTML],
    tag="reasons",
    description=f"All independent proofs of a node or of an inferred triple, down to the claims. {CATEGORY}",
)
_PAGE: Final = _forms("html", *RDF_FORMS)
NODE: Final = _described(
    "What the graph says of a thing, under whichever policy", [HTML, *GRAPHS], tag="pages", extra=_PAGE
)
NAMED_GRAPH: Final = _described(
    "What is known of a graph: its size, where it was read from, what drew it", [HTML, *GRAPHS], tag="pages",
    extra=_PAGE,
)  # fmt: skip
TERMS: Final = _described("The terms of the ontology", [HTML, *GRAPHS], tag="pages", extra=_PAGE)
MODULE: Final = _described("The terms that a module of the ontology defines", [HTML, *GRAPHS], tag="pages", extra=_PAGE)
VOID: Final = _described("What the graph holds: VoID and DCAT", GRAPHS, tag="descriptions", extra=_forms(*RDF_FORMS))
HEALTH: Final = _described(
    "Whether the graph can be asked", [JSON], tag="descriptions",
    examples={JSON: {"status": "ok", "policy": "reported", "graphs": 6}},
)  # fmt: skip
METRICS: Final = _described("Counts in the text format of Prometheus", [TEXT], tag="descriptions")
OPENAPI: Final = _described("This description", [JSON], tag="descriptions")


def question(asked: Question) -> dict[str, Any]:
    """What the route of a question says about itself."""
    note = f" {CATEGORY}" if asked.area == "betrayals" else ""
    columns = "".join(f"\n- `{c.name}` ({c.type}): {c.help}" for c in asked.columns)
    described = _described(
        asked.summary,
        [*QUESTION_FORMS, *GRAPHS],
        tag="questions",
        description=f"{asked.question}{note} In RDF, without parameters, it is the question that comes and not its "
        f"answer.\n\nColumns:\n{columns}",
        schemas={JSON: _answered(asked)},
    )
    return described | {"operation_id": f"ask_{asked.name.replace('-', '_')}"}


def _answered(asked: Question) -> dict[str, Any]:
    """The plain JSON of the answers to a question; a cell is null where nothing is known."""
    cells = {c.name: {"type": [_JSON.get(c.type, "string"), "null"], "description": c.help} for c in asked.columns}
    texts = {"type": "array", "items": {"type": "string"}}
    row = {"type": "object", "properties": cells, "required": list(cells), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {
            "question": {"const": asked.name},
            "columns": {"const": list(cells)},
            "rows": {"type": "array", "items": row},
            "notes": {**texts, "description": "what a reader should know, such as what is not covered"},
        },
        "required": ["question", "columns", "rows", "notes"],
    }


_JSON: Final = {"integer": "integer", "number": "number", "decimal": "number", "boolean": "boolean"}
"""The type of JSON of a column's type; all else is text."""


EXPLAIN_PARAMETERS: Final = [
    parameter("node", "string", "an episode, an obligation, a hostility or anything accepted, by IRI or name", None),
    parameter("subject", "string", "subject of an inferred triple", "Belarus"),
    parameter("predicate", "string", "predicate of an inferred triple", "betrays"),
    parameter("object", "string", "object of an inferred triple", "Armenia"),
    *shared_parameters(),
    form_parameter("json", "text", "svg", "trig", "nq", "jsonld", "html"),
]


_SCENARIO: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "withdraw": ("string", "a state that leaves an alliance: STATE,PACT", "Belarus,CSTO"),
    "from": ("date", "day from which it is out; never in it where not given", "2017-01-01"),
    "retract": ("string", "a claim, a source or a node to take away, by IRI or name", None),
    "assume": ("string", "facts to add, in Turtle; what in them has no claim is claimed by nobody", None),
    "update": ("string", "a SPARQL Update over everything asserted, as one graph", None),
    "policy": SHARED["policy"],
}
_IF_FORMS: Final = ("json", "text", "trig", "nq", "jsonld", "html")
WHAT_IF_PARAMETERS: Final = [*(parameter(name, *rest) for name, rest in _SCENARIO.items()), form_parameter(*_IF_FORMS)]


def _what_if(says: str = "", extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return _described(
        "What would follow if the facts were others",
        [JSON, TEXT, *DATASETS, HTML],
        tag="reasons",
        description=f"Facts are changed on a copy; conclusions gained, lost and altered come back. {says}{CATEGORY}",
        errors="The request is wrong, or the change breaks the shapes (422)",
        extra=extra,
    )


_SCENARIO_BODY: Final = {
    "schema": {
        "type": "object",
        "properties": {
            **{
                name: {"type": "string", "description": says} | SCHEMAS.get(kind, {})
                for name, (kind, says, _) in _SCENARIO.items()
            },
            "format": {"type": "string", "enum": list(_IF_FORMS), "description": "in the place of Accept"},
        },
        "additionalProperties": False,
    },
    "example": {name: example for name, (_, _, example) in _SCENARIO.items() if example is not None},
}
WHAT_IF: Final = _what_if()
WHAT_IF_POST: Final = _what_if(
    "The parameters of GET go into the body, where they may be long. ",
    {"requestBody": {"required": True, "content": {FORM: _SCENARIO_BODY, JSON: _SCENARIO_BODY}}},
)


_NO_ROW: Final[Mapping[str, Mapping[str, str]]] = {
    "allies-supplying-adversary": {"supplier": "Kazakhstan", "state": "Armenia"},
    "allies-attacking-allies": {"attacker": "Kazakhstan", "state": "Armenia"},
    "unanswered-obligations": {"obligor": "Azerbaijan", "state": "Armenia"},
    "complicit-allies": {"ally": "Kazakhstan", "state": "Armenia"},
    "divided-loyalties": {"ally": "Kazakhstan"},
}
"""For each question, values with which it has no row in the graph that ships."""


def why_not_parameters(asked: Question, names: Iterable[str]) -> list[Any]:
    """The parameters of the route that says why a question has no such row."""
    examples = _NO_ROW.get(asked.name, {})
    own = [parameter(n, "state", asked.parameter(n).help, examples.get(n)) for n in names]
    return [*own, *shared_parameters(), form_parameter("json", "text", "html")]


def why_not(name: str) -> dict[str, Any]:
    """What that route says about itself."""
    described = _described(
        f"Why {name} has no such row",
        [JSON, TEXT, HTML],
        tag="reasons",
        description=f"Which premise holds, which fails, and how near it came. {CATEGORY}",
        errors="The request is wrong, or there is such a row",
    )
    return described | {"operation_id": f"why_not_{name.replace('-', '_')}"}


def text(app: FastAPI) -> bytes:
    """The document."""
    document = app.openapi()
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["token"] = {"type": "http", "scheme": "bearer"}
    for path, answers in json.loads(_EXAMPLES.read_text(encoding="utf-8")).items():
        # Not by way of FastAPI, which takes what is null out of them.
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        for media, answer in answers.items():
            content[media]["example"] = answer
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
