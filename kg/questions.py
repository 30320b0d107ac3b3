"""Questions: SPARQL files with a header, typed parameters, and values bound as terms.

A question is a file ``queries/AREA/name.rq``: header lines ``#+ key: value`` (YAML, with grlc's key names where they
exist), then one SPARQL SELECT query that runs as it stands. A parameter is bound at the lines ``# bind: ?name`` of the
query, each of which becomes a VALUES block that holds the term; where the parameter is not given the line stays the
comment that it is. Values become RDF terms before they come near the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph
from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.errors import BadParameter, ParseError, UnknownName, UsageError
from kg.headers import read_header
from kg.resources import query_files
from kg.terms import Term, expand, near_misses
from kg.time import parse_when
from kg.vocab import FOEDUS, XSD

__all__ = [
    "CLOSED",
    "PARAMETER_TYPES",
    "Column",
    "Parameter",
    "Question",
    "literal_value",
    "load_question",
    "load_questions",
    "question_names",
    "read_question",
]

PARAMETER_TYPES: Final = (
    "state",
    "alliance",
    "class",
    "node",
    "date",
    "stance",
    "modality",
    "overlap",
    "grain",
    "boolean",
    "year",
    "integer",
    "string",
    "term",
)
"""What a parameter can be: a state, an alliance, a class or any node, by name, code or IRI; a day;
one of the closed lists, of which grain is whether dates are compared by day or by year; true or false; a year of four
digits; a number; words; a part of the name of a term of the ontology."""

_COLUMN_TYPES: Final = ("node", "date", "string", "integer", "decimal", "boolean")
_KEYS: Final = frozenset({"summary", "question", "policy", "params", "columns", "tags", "example"})
_BIND = re.compile(r"^[ \t]*# bind: \?(\w+)[ \t]*$", re.MULTILINE)
_GRAINS: Final = ("day", "year")
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "stance": ("Asserts", "Denies", "Accuses", "Predicts", "Intends", "Conditions"),
    "modality": ("Fact", "Reported", "Alleged", "Speculated"),
    "overlap": ("Definite", "Possible"),
}
"""What a parameter of a type can be of which the ontology lists the values, by their names in it."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a question.

    Attributes:
        name: as in ``--name`` and ``ask(name=…)``; a hyphen where the query's variable has an underscore.
        type: one of :data:`PARAMETER_TYPES`.
        help: what it does, in a line.
        required: whether the question cannot be asked without it.
        default: value that holds where none is given, as a person would write it.
        below: of a class, those of which it has to be one, or below one; where none holds by default, the only one of
            them means any.
    """

    name: str
    type: str
    help: str
    required: bool = False
    default: str | None = None
    below: tuple[NamedNode, ...] = ()

    @property
    def variable(self) -> str:
        """Name of the variable in the query."""
        return self.name.replace("-", "_")

    def means_any(self, term: Term) -> bool:
        """Whether a value is the class of everything that is listed, and chooses nothing."""
        return self.default is None and self.below == (term,)


@dataclass(frozen=True)
class Column:
    """One column of an answer.

    Attributes:
        name: name of the variable, and of the column.
        type: what its values are, such as ``"node"`` or ``"date"``.
        help: what it says, in a line.
    """

    name: str
    type: str
    help: str


@dataclass(frozen=True)
class Question:
    """One question that the graph can be asked.

    Attributes:
        name: name of the file.
        area: name of its folder.
        summary: what it lists, in a line.
        question: the question in plain English.
        policy: whether trust policies bear on it; else it reads claims as they stand.
        parameters: what can be given.
        columns: what is answered.
        tags: words to find it by.
        example: a command line that asks it.
        text: the query.
    """

    name: str
    area: str
    summary: str
    question: str
    policy: bool
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    tags: tuple[str, ...]
    example: str
    text: str

    def parameter(self, name: str) -> Parameter:
        """The parameter of a name, hyphens and underscores alike.

        Raises:
            UnknownName: there is none; the message lists those that there are.
        """
        wanted = name.replace("_", "-")
        for parameter in self.parameters:
            if parameter.name == wanted:
                return parameter
        names = [p.name for p in self.parameters]
        listed = f"{self.name} takes: {', '.join(names)}" if names else f"{self.name} takes no parameters"
        raise UnknownName("parameter", name, near_misses(wanted, names), listed)

    def bind(self, values: Mapping[str, Term]) -> str:
        """The query with terms in the places of parameters.

        Args:
            values: a term for each parameter given, by name.

        Raises:
            UnknownName: a value for a parameter that the question does not have.
            UsageError: a required parameter is missing.
        """
        terms = {self.parameter(name).variable: term for name, term in values.items()}
        for parameter in self.parameters:
            if parameter.required and parameter.variable not in terms:
                raise UsageError(f"{self.name} needs --{parameter.name}: {parameter.help}")

        def values_block(match: re.Match[str]) -> str:
            term = terms.get(match[1])
            return match[0] if term is None else f"VALUES ?{match[1]} {{ {term} }}"

        return _BIND.sub(values_block, self.text)


def literal_value(parameter: Parameter, value: object) -> Term:
    """The term for a value of a parameter that needs no look-up in the graph.

    Args:
        parameter: one of any type but those that stand for something in the graph, such as ``state`` and ``term``.
        value: as a person or a program gives it.

    Raises:
        BadParameter: the value does not fit the type.

    Example:
        >>> str(literal_value(Parameter("stance", "stance", ""), "denies"))
        '<https://w3id.org/foedus/ns#Denies>'
    """
    text = str(value).strip()
    match parameter.type:
        case "date":
            try:
                return Literal(parse_when(text).isoformat(), datatype=XSD.date)
            except ValueError as fault:
                raise BadParameter(parameter.name, text, "a day: write YYYY-MM-DD, such as 2020-11-09") from fault
        case "integer":
            if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
                raise BadParameter(parameter.name, text, "a whole number")
            return Literal(text, datatype=XSD.integer)
        case "year":
            if not re.fullmatch(r"[0-9]{4}", text, re.ASCII) or text == "0000":
                raise BadParameter(parameter.name, text, "a year: write YYYY, such as 1982")
            return Literal(text, datatype=XSD.integer)
        case "boolean":
            if text.casefold() not in ("true", "false"):
                raise BadParameter(parameter.name, text, "true or false")
            return Literal(text.casefold(), datatype=XSD.boolean)
        case "grain":
            if text.casefold() not in _GRAINS:
                raise UnknownName("grain", text, near_misses(text, _GRAINS), f"There are: {', '.join(_GRAINS)}")
            return Literal(text.casefold())
        case "string":
            return Literal(text)
        case closed:
            names = CLOSED[closed]
            for name in names:
                if text.casefold() in (name.casefold(), f"foedus:{name}".casefold()):
                    term: Term = getattr(FOEDUS, name)
                    return term
            raise UnknownName(closed, text, near_misses(text, names), f"There are: {', '.join(names)}")


def read_question(path: Path) -> Question:
    """Read one question file.

    Raises:
        ParseError: the header lacks a key or has one that is not known; a parameter is never bound; a column is not
            projected or a projected variable is no column; the query is an update.
    """
    keys, text = read_header(path, _KEYS)
    try:
        parameters = tuple(Parameter(**p | {"below": _classes(p, path.name)}) for p in keys["params"])
        columns = tuple(Column(**c) for c in keys["columns"])
    except TypeError as fault:
        raise ParseError(path.name, f"a parameter or a column has a wrong key: {fault}") from fault
    question = Question(
        name=path.stem,
        area=path.parent.name,
        summary=keys["summary"],
        question=keys["question"],
        policy=keys["policy"],
        parameters=parameters,
        columns=columns,
        tags=tuple(keys["tags"]),
        example=keys["example"],
        text=text,
    )
    _check(question, path.name)
    return question


def _classes(parameter: Mapping[str, Any], file: str) -> tuple[NamedNode, ...]:
    written = parameter.get("below", ())
    found = tuple(cls for name in written if (cls := expand(name)) is not None and cls in FOEDUS)
    if len(found) < len(written):
        raise ParseError(
            file, f"parameter {parameter.get('name')}: not all of {', '.join(written)} are terms of foedus"
        )
    return found


def _check(question: Question, file: str) -> None:
    for parameter in question.parameters:
        if parameter.type not in PARAMETER_TYPES:
            raise ParseError(
                file, f"parameter {parameter.name}: type {parameter.type!r} is none of {', '.join(PARAMETER_TYPES)}"
            )
        if (parameter.type == "class") != bool(parameter.below):
            raise ParseError(file, f"parameter {parameter.name}: classes, and only they, are below some")
    bound = set(_BIND.findall(question.text))
    declared = {p.variable for p in question.parameters}
    if bound != declared:
        odd = ", ".join(sorted(bound ^ declared))
        raise ParseError(file, f"parameters and `# bind:` lines differ: {odd}")
    for column in question.columns:
        if column.type not in _COLUMN_TYPES:
            raise ParseError(file, f"column {column.name}: type {column.type!r} is none of {', '.join(_COLUMN_TYPES)}")
    try:
        answer = pyoxigraph.Store().query(question.text)
    except SyntaxError as fault:
        raise ParseError(file, f"not a SPARQL query: {fault.msg}", fault.lineno) from fault
    if not isinstance(answer, QuerySolutions):
        raise ParseError(file, "a question must be a SELECT query")
    projected = [variable.value for variable in answer.variables]
    if projected != [c.name for c in question.columns]:
        listed = ", ".join(c.name for c in question.columns)
        raise ParseError(file, f"columns are {listed}; projected are {', '.join(projected)}")


@cache
def _files() -> dict[str, Path]:
    return {path.stem: path for path in query_files()}


def question_names() -> list[str]:
    """Names of the questions that ship, sorted."""
    return sorted(_files())


@cache
def load_question(name: str) -> Question:
    """The question of a name.

    Raises:
        UnknownName: there is none; carries the close matches.

    Example:
        >>> load_question("allies-supplying-adversary").area
        'betrayals'
    """
    try:
        path = _files()[name]
    except KeyError:
        near = near_misses(name, question_names())
        raise UnknownName("question", name, near, "`kg ask --list` lists them") from None
    return read_question(path)


def load_questions() -> Sequence[Question]:
    """Every question that ships, by area and name."""
    return [read_question(path) for path in query_files()]
