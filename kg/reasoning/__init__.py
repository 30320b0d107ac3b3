"""OWL 2 RL reasoning behind one small interface."""

from kg.reasoning.automatic import AutomaticReasoner
from kg.reasoning.base import Certificate, Closure, Reasoner
from kg.reasoning.forward import ForwardReasoner, unsupported
from kg.reasoning.justification import Step, derivations, describe_steps, justify
from kg.reasoning.reference import ReferenceReasoner

__all__ = [
    "AutomaticReasoner",
    "Certificate",
    "Closure",
    "ForwardReasoner",
    "Reasoner",
    "ReferenceReasoner",
    "Step",
    "derivations",
    "describe_steps",
    "justify",
    "unsupported",
]
