"""OWL 2 RL reasoning behind one small interface."""

from kg.reasoning.base import Certificate, Closure, Reasoner
from kg.reasoning.columnar import CompiledReasoner
from kg.reasoning.justification import Step, derivations, describe_steps, justify
from kg.reasoning.reference import ReferenceReasoner

__all__ = [
    "Certificate",
    "Closure",
    "CompiledReasoner",
    "Reasoner",
    "ReferenceReasoner",
    "Step",
    "derivations",
    "describe_steps",
    "justify",
]
