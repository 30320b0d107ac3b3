"""The forward reasoner where it is complete, and the reference where it is not."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Triple

from kg.reasoning.base import Closure
from kg.reasoning.forward import ForwardReasoner, unsupported
from kg.reasoning.reference import ReferenceReasoner

__all__ = ["AutomaticReasoner"]


class AutomaticReasoner:
    """The fastest reasoner that is complete for what it is given.

    Example:
        >>> AutomaticReasoner().close([]).certificate.engine
        'kg forward'
    """

    name = "automatic"

    def close(self, triples: Iterable[Triple]) -> Closure:
        """See :meth:`kg.reasoning.base.Reasoner.close`."""
        given = list(triples)
        return (ReferenceReasoner() if unsupported(given) else ForwardReasoner()).close(given)
