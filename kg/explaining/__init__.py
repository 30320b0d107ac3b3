"""Explaining what follows: proofs, what hangs on what, and why something does not follow."""

from kg.explaining.hanging import Carried, minimal_withdrawals
from kg.explaining.model import Ground, Passage, Proof, Saying, Step
from kg.explaining.search import Explainer, NotInferred
from kg.explaining.shortfalls import Leg, Roles, Shortfall, WhyNot
from kg.explaining.why_not import QUESTIONS, why_not

__all__ = [
    "QUESTIONS",
    "Carried",
    "Explainer",
    "Ground",
    "Leg",
    "NotInferred",
    "Passage",
    "Proof",
    "Roles",
    "Saying",
    "Shortfall",
    "Step",
    "WhyNot",
    "minimal_withdrawals",
    "why_not",
]
