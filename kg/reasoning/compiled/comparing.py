"""Literals that rules compare as they are written, for want of a value.

OWL 2 RL knows the datatypes of OWL 2 Web Ontology Language Profiles (second edition), section 4.2. Of literals of any
other, such as ``xsd:date``, it says neither which are the same nor which differ.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal

from kg.columns import Numbers
from kg.reasoning.compiled.datatypes import space_of
from kg.reasoning.compiled.engine import Engine
from kg.reasoning.compiled.findings import Clash, Keyed, Same
from kg.reasoning.compiled.relations import right
from kg.reasoning.compiled.rules import HasValue, Rule
from kg.terms import local_name

__all__ = ["compared_as_written"]


def compared_as_written(literals: Numbers, worth: Numbers, same: Numbers | None, engine: Engine) -> set[str]:
    """The local names of datatypes, beyond those of OWL 2 RL, in which rules compare literals.

    Args:
        literals: numbers of literals.
        worth: the number of the value of each, -1 where it has none.
        same: for each number the one that stands for all that are the same; ``None`` where nothing is.
        engine: the closure, at rest.
    """
    unread = worth < 0
    if not unread.any():
        return set()
    found = set()
    for compared in _compared(literals, same, engine):
        for number in literals[compared & unread].tolist():
            term = engine.dictionary.term(number)
            assert isinstance(term, Literal)
            # One that does not read as its datatype says has no value either, which is told as a clash.
            if not term.language and not space_of(term.datatype)[0]:
                found.add(local_name(term.datatype.value))
    return found


def _compared(literals: Numbers, same: Numbers | None, engine: Engine) -> Iterator[NDArray[np.bool_]]:
    """By what compares them, which literals are compared."""
    stands = literals
    if same is not None:
        stands = same[literals]
        _, places, times = np.unique(stands, return_inverse=True, return_counts=True)
        yield times[places] > 1  # they would have to be the same
    is_literal = np.zeros(len(engine.dictionary), dtype=np.bool_)
    is_literal[stands] = True
    for numbers in engine.assumed.values():
        yield np.isin(stands, numbers[is_literal[numbers]])  # a class lists them
    for rule in engine.rules:
        for properties, named in _comparisons(rule):
            parts = [np.array(named, dtype=np.int64), *(right(engine.look_up(p).all()) for p in properties)]
            objects = np.concatenate([part[is_literal[part]] for part in parts])
            compared = np.isin(stands, objects)
            if np.count_nonzero(compared) > 1:
                yield compared


def _comparisons(rule: Rule) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Between the objects of which properties, and what an axiom names, a rule makes comparisons."""
    match rule:
        case Same(prop=prop, inverse=True):
            yield (prop,), ()
        case Keyed(properties=properties):
            yield from (((prop,), ()) for prop in properties)
        case HasValue(prop=prop, value=value):
            yield (prop,), (value,)
        case Clash(one=one, exactly=int(pair)):
            yield (one,), (pair & 0xFFFFFFFF,)
        case Clash(one=one, two=int(two)) if one >= 0:
            yield (one, two), ()
