"""The parameters of the routes, as OpenAPI 3.1 has them."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import Query, Request
from starlette.responses import Response

from kg.questions import CLOSED, Parameter, Question

__all__ = [
    "RDF_FORMS",
    "SCHEMAS",
    "SHARED",
    "form_parameter",
    "parameter",
    "query_parameter",
    "question_parameters",
    "shared_parameters",
    "values_shown",
    "with_parameters",
]

RDF_FORMS: Final = ("ttl", "nt", "rdf", "jsonld")
"""The short names of the forms of RDF graphs."""
SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "date": {"format": "date", "examples": ["2020-11-09"]},
    "integer": {"type": "integer", "examples": [10]},
    **{kind: {"enum": list(names), "examples": list(names)} for kind, names in CLOSED.items()},
    "grain": {"enum": ["day", "year"], "examples": ["year"]},
    "boolean": {"type": "boolean", "examples": [True]},
    "year": {"pattern": r"^[0-9]{4}$", "examples": ["1982"]},
    "state": {"examples": ["Armenia"]},
}
"""What a value of each type of parameter has to be like."""
SHARED: Final = {
    "policy": ("string", "trust policy: facts, reported, alleged or one of the graph's own", "reported"),
    "known-by": ("date", "use only claims published by this day", "2024-06-30"),
}
"""Parameters of every question that trust matters to: type, what it does, and an example."""
_EXAMPLES: Final = {"without": "CSTO"}
"""Values of parameters that no example of a question gives."""
_TYPED: Final[Mapping[str, Callable[[str], Any]]] = {"integer": int, "boolean": "true".__eq__}
"""How values of types that JSON has are written in it."""


def query_parameter(name: str, schema: dict[str, Any], description: str, example: Any = None) -> dict[str, Any]:
    """A parameter as the document has it, for routes whose handlers read the request themselves."""
    shown = {} if example is None else {"example": example}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **shown}


def parameter(
    name: str,
    kind: str,
    says: str,
    example: str | None,
    *,
    default: str | None = None,
    schema: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """A parameter of a handler, see :func:`with_parameters`.

    Args:
        name: its name.
        kind: the type of its values, see :data:`kg.questions.PARAMETER_TYPES`.
        says: what it does.
        example: a value.
        default: the value that holds where none is given.
        schema: what values have to be like beyond their type.
    """
    schema = {**SCHEMAS.get(kind, {}), **schema}
    # The server takes a word in any case, and the document lists it in one.
    example = next((word for word in schema.get("enum", ()) if example and word.lower() == example.lower()), example)
    if default is not None:
        says += f"; {default} where not given"
    shown: Any = None if example is None else {"example": {"value": _TYPED.get(kind, str)(example)}}
    query = Query(alias=name, description=says, json_schema_extra=schema or None, openapi_examples=shown)
    word = re.sub(r"\W", "_", name) + "_"
    return inspect.Parameter(word, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str, query])


def with_parameters(handler: Callable[..., Awaitable[Response]], given: Sequence[Any]) -> Callable[..., Any]:
    """A handler of a request whose signature tells FastAPI which parameters it takes.

    FastAPI writes them into the document and checks none of them: the handler does, with errors in the one shape.
    """

    async def call(request: Request, **_: Any) -> Response:
        return await handler(request)

    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    call.__signature__ = inspect.Signature([first, *given])  # type: ignore[attr-defined]
    call.__name__ = getattr(handler, "__name__", "call")
    return call


def shared_parameters() -> list[Any]:
    """The parameters of every question that trust matters to."""
    return [parameter(name, *rest) for name, rest in SHARED.items()]


def form_parameter(*forms: str) -> Any:
    """The parameter that chooses among some forms, by their short names; the first is the example."""
    says = f"in the place of Accept: {', '.join(forms)}"
    return parameter("format", "string", says, forms[0], schema={"enum": list(forms)})


def question_parameters(asked: Question) -> list[Any]:
    """The parameters of the route of a question."""
    examples = _EXAMPLES | {p.name: p.default for p in asked.parameters if p.default} | values_shown(asked)
    own = [parameter(p.name, p.type, _says(p), examples.get(p.name), default=p.default) for p in asked.parameters]
    iris = parameter("iris", "boolean", "true for IRIs in the place of names, in JSON and CSV", "false")
    shared = shared_parameters() if asked.policy else []
    return [*own, *shared, iris, form_parameter("json", "csv", "srj", "srx", "tsv", "html", *RDF_FORMS)]


def values_shown(asked: Question) -> dict[str, str]:
    """The values in the example of a question."""
    words = shlex.split(asked.example)
    return {name[2:]: value for name, value in pairwise(words) if name.startswith("--")}


def _says(given: Parameter) -> str:
    named = {"state": "a state by name, code or IRI", "node": "by name or IRI", "date": "a day"}
    kind = {**named, "alliance": named["node"], "class": named["node"]}.get(given.type)
    needed = "; needed" if given.required else ""
    return f"{given.help}{f' ({kind})' if kind else ''}{needed}"
