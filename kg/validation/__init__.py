"""Checking data against the shapes, before anything is built from them.

The shapes are plain SHACL in ``ontology/shapes/``, one file a module of the ontology: any SHACL processor can run them.
Beside the shapes that ship, terms are reported that the vocabulary does not have, for to a shape a misspelt property is
just one property more.
"""

from kg.validation.changes import validate_change
from kg.validation.documents import validate

__all__ = ["validate", "validate_change"]
