"""Checking proofs, step by step, without the machinery that made them.

A proof comes as plain data, perhaps from a file that somebody sent. Each of its steps is worked out again: claims and
dates against the asserted graphs, dated rules and OWL 2 RL rules against definitions of them written here by hand. No
part of this package knows the rule engine, a reasoner, the accepting stage or the explainer, and no graph that they
write is read. It imports ``kg.terms``, ``kg.time``, ``kg.vocab``, ``kg.views`` and ``kg.store.base``, and pyoxigraph.
"""

from kg.proofchecking.checker import ProofChecker, check_proof
from kg.proofchecking.evidence import PolicyLike
from kg.proofchecking.reading import UNCHECKED, Flaw

__all__ = ["UNCHECKED", "Flaw", "PolicyLike", "ProofChecker", "check_proof"]
