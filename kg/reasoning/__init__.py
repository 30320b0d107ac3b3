"""OWL 2 RL reasoning behind one small interface."""

from kg.reasoning.base import Certificate, Closure, Reasoner
from kg.reasoning.justification import Step, describe_steps, justify
from kg.reasoning.reference import ReferenceReasoner

__all__ = ["Certificate", "Closure", "Reasoner", "ReferenceReasoner", "Step", "describe_steps", "justify"]
