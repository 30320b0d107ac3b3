"""Dated rules: SPARQL CONSTRUCT files that derive obligations, hostilities and episodes.

A rule is a file ``ontology/rules/NN-name.rq``: header lines ``#+ key: value`` (YAML), then one SPARQL 1.1 CONSTRUCT
query. The rules run stratum by stratum over the asserted graphs, the accepted graph and what earlier strata derived;
none is recursive, so one pass is a fixpoint.

One rule text, two executors that give the same triples: :func:`run_rules` has a store evaluate the SPARQL, remote
stores included; :func:`kg.rules.deriving.derive` compiles it to operations on columns of numbers, for the scale of the
record, and is imported where it is used so that NumPy is no part of a quick start.
"""

from kg.rules.running import run_rules
from kg.rules.text import Rule, describe, load_rules, read_rule

__all__ = ["Rule", "describe", "load_rules", "read_rule", "run_rules"]
