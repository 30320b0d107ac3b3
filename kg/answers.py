"""Answers: rows with labels, and the forms in which they leave the package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Variable

from kg.terms import Term, curie
from kg.vocab import XSD

if TYPE_CHECKING:
    import pandas
    import rdflib.query

__all__ = ["Answer"]

_VALUES: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text in ("true", "1"),
    "decimal": float,
    "double": float,
    "float": float,
    "integer": int,
}


@dataclass(frozen=True)
class Answer:
    """The rows that answer a question.

    Iterating gives one dictionary a row, from column names to Python values: labels for nodes, numbers, text; a date
    stays text (``YYYY-MM-DD``), and a day that no source bounds is ``"open"``.

    Attributes:
        columns: names of the columns, in order.
        terms: the rows as RDF terms, ``None`` where a cell is empty.
        labels: a name for each IRI in the rows.
        notes: what a reader should know about the answer, such as what it does not cover.
    """

    columns: tuple[str, ...]
    terms: tuple[tuple[Term | None, ...], ...]
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.terms)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self.terms:
            yield {name: self.value(term) for name, term in zip(self.columns, row, strict=True)}

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {name: self.value(term) for name, term in zip(self.columns, self.terms[index], strict=True)}

    def value(self, term: Term | None) -> Any:
        """A cell as a Python value."""
        if isinstance(term, Literal):
            if term.datatype == XSD.date and term.value in ("9999-12-31", "0001-01-01"):
                return "open"
            return _VALUES.get(term.datatype.value.rpartition("#")[2], str)(term.value)
        return None if term is None else self.text(term)

    def text(self, term: Term | None, *, iris: bool = False) -> str:
        """A cell as text: the label of a node, or its IRI in short where ``iris`` is set."""
        match term:
            case None:
                return ""
            case Literal():
                return str(self.value(term)) if term.datatype.value.endswith("#date") else term.value
            case NamedNode():
                return curie(term.value) if iris else self.labels.get(term.value, curie(term.value))
            case _:
                return str(term)

    def table(self, *, iris: bool = False) -> list[list[str]]:
        """All cells as text, row by row, without the column names."""
        return [[self.text(term, iris=iris) for term in row] for row in self.terms]

    def to_sparql(self, form: QueryResultsFormat) -> bytes:
        """The rows in a SPARQL 1.1 results format: JSON, XML, CSV or TSV."""
        variables = [Variable(name) for name in self.columns]
        return _serialize(variables, self.terms, form)

    def to_rdflib(self) -> rdflib.query.Result:
        """The rows as an rdflib query result."""
        import io

        from rdflib.query import Result

        return Result.parse(io.BytesIO(self.to_sparql(QueryResultsFormat.JSON)), format="json")

    def to_pandas(self, *, iris: bool = False) -> pandas.DataFrame:
        """The rows as a pandas data frame, with labels or with IRIs in full.

        Raises:
            ModuleNotFoundError: pandas is not installed; ``pip install 'foedus[pandas]'`` brings it.
        """
        import pandas

        if iris:
            rows: Sequence[Sequence[Any]] = [
                [term.value if isinstance(term, NamedNode) else self.value(term) for term in row] for row in self.terms
            ]
        else:
            rows = [list(row.values()) for row in self]
        return pandas.DataFrame(rows, columns=list(self.columns))


def _serialize(variables: Sequence[Variable], rows: Sequence[Sequence[Term | None]], form: QueryResultsFormat) -> bytes:
    # Oxigraph serializes only results of its own queries: a VALUES block gives it these rows, in this order.
    names = " ".join(str(v) for v in variables)
    body = " ".join("(" + " ".join("UNDEF" if t is None else str(t) for t in row) + ")" for row in rows)
    solutions = pyoxigraph.Store().query(f"SELECT {names} WHERE {{ VALUES ({names}) {{ {body} }} }}")
    assert isinstance(solutions, QuerySolutions)
    data = solutions.serialize(format=form)
    assert isinstance(data, bytes)
    return data
