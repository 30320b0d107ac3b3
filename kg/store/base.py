"""What every store can do; the rest of the package knows no more about stores than this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple

from kg.terms import Term

if TYPE_CHECKING:
    from kg.store.embedded import EmbeddedStore

__all__ = ["Readable", "Store"]


class Readable(Protocol):
    """Named graphs whose triples can be looked up."""

    def match(
        self,
        graphs: Sequence[NamedNode],
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
    ) -> Iterator[Triple]:
        """The triples of some graphs that fit a pattern; a triple in two of them comes twice.

        Args:
            graphs: the graphs.
            subject: the subject, any where not given.
            predicate: the predicate, any where not given.
            obj: the object, any where not given.
        """
        ...

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """The triples of one graph."""
        ...


class Store(Readable, Protocol):
    """Named graphs with SPARQL 1.1 over them."""

    def query(
        self,
        text: str,
        *,
        default_graphs: Sequence[NamedNode] = (),
        named_graphs: Sequence[NamedNode] | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Answer a SPARQL query over the union of some graphs.

        Args:
            text: a SELECT, ASK, CONSTRUCT or DESCRIBE query (SPARQL 1.1 Query Language); relative IRIs in it are read
                against the namespace of individuals, as in files of facts.
            default_graphs: the graphs whose union is the default graph.
            named_graphs: the graphs that ``GRAPH`` can reach; all of them where not given.
            prefixes: prefixes that the text may use without declaring them.

        Raises:
            QueryError: the text does not parse, is not a query, or calls a function that is not known.
        """
        ...

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """Add triples to one graph."""
        ...

    def drop(self, graph: NamedNode) -> None:
        """Remove one graph and all that is in it."""
        ...

    def copy(self, graphs: Iterable[NamedNode] | None = None) -> EmbeddedStore:
        """The same graphs in a new store in memory: all of them, or some."""
        ...

    def graphs(self) -> list[NamedNode]:
        """The graphs that hold anything, sorted by IRI."""
        ...
