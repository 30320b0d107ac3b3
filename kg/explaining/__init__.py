"""Explaining what follows: proofs, what hangs on what, and why something does not follow."""

from kg.explaining.model import Ground, Passage, Proof, Saying, Step
from kg.explaining.search import Explainer, NotInferred

__all__ = ["Explainer", "Ground", "NotInferred", "Passage", "Proof", "Saying", "Step"]
