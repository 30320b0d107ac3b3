"""The default reasoner: OWL 2 RL compiled to rules over columns, behind the interface of all reasoners."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Triple

from kg.reasoning.base import Closure

__all__ = ["CompiledReasoner"]


class CompiledReasoner:
    """OWL 2 RL, complete and fast; it gives what the reference gives.

    Example:
        >>> from kg.vocab import FOEDUS, RDF, RDFS
        >>> from pyoxigraph import NamedNode
        >>> cat = NamedNode("https://example.org/cat")
        >>> given = [Triple(cat, RDF.type, FOEDUS.State), Triple(FOEDUS.State, RDFS.subClassOf, FOEDUS.Actor)]
        >>> [t.object.value for t in CompiledReasoner().close(given).inferred]
        ['https://w3id.org/foedus/ns#Actor']
    """

    name = "compiled"

    def close(self, triples: Iterable[Triple]) -> Closure:
        """See :meth:`kg.reasoning.base.Reasoner.close`."""
        # NumPy is imported where it is used, so that questions start without it.
        from kg.columns import Columns, Dictionary
        from kg.reasoning.compiled import close_columns

        dictionary = Dictionary()
        closure = close_columns(Columns.encode(set(triples), dictionary), dictionary)
        inferred = frozenset(closure.inferred.decode(dictionary))
        return Closure(inferred, closure.inconsistencies, closure.certificate)
