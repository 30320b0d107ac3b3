"""The compiled reasoner: axioms become rules, and rules run over sorted columns of numbers."""

from kg.reasoning.compiled.reasoner import ColumnClosure, State, close_columns, extend, open_state

__all__ = ["ColumnClosure", "State", "close_columns", "extend", "open_state"]
