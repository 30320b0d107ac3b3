"""Triples as columns of numbers: what reasoning over a long record is done on.

A :class:`Dictionary` gives every term a number, in the order in which terms first come; :class:`Columns` holds three
arrays of such numbers. Numbers stay below 2³¹, so that two of them pack into one 64-bit integer.
"""

from kg.columns.dictionary import Dictionary, Kind
from kg.columns.numbers import Numbers, coded, distinct, expanded, found_in, pack
from kg.columns.triples import Columns

__all__ = ["Columns", "Dictionary", "Kind", "Numbers", "coded", "distinct", "expanded", "found_in", "pack"]
