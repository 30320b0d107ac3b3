"""The compiled reasoner: axioms become rules, and rules run over sorted columns of numbers."""

from kg.reasoning.compiled.reasoner import Change, ColumnClosure, State, close_columns, open_state

__all__ = ["Change", "ColumnClosure", "State", "close_columns", "open_state"]
