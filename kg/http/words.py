"""Whether a query may hold a word, found out sooner than by taking the query apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.lexemes import VARIABLE

__all__ = ["mentions"]

_ESCAPE: Final = "\\U"
_VARIABLE: Final = re.compile(rf"(?<!\\){VARIABLE}")


def mentions(text: str, words: Sequence[str]) -> bool:
    r"""Whether some words, given in capitals, occur other than in the name of a variable, in whatever case.

    What merely looks like one, or holds an escape that may spell it, counts too.

    Example:
        >>> mentions("SELECT ?from { ?from ?graph 1 }", ["FROM"]), mentions("ASK FROM <x:y> {}", ["FROM"])
        (False, True)
    """
    raised = text.upper()
    wanted = (*words, _ESCAPE)
    # Most queries have nothing of the kind, which is found out sooner so.
    if not any(word in raised for word in wanted):
        return False
    # Letters in capitals may be others than they were, and part of a name where those were not.
    raised = _VARIABLE.sub(" ", text).upper()
    return any(word in raised for word in wanted)
