"""For which years data sets speak: outside of them, that nothing is recorded is not covered, which is not no.

For which years a data set speaks, and of what, it says itself; a text that sets out to record nothing in full, such as
a news report, speaks for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.store.base import Store

__all__ = ["Spans", "not_covered", "spans"]

Spans = Mapping[str, Sequence[tuple[int, int]]]
"""The first and the last year of each data set, by what it speaks of."""

_CLASSES: Final = {
    "Membership": "obligations",
    "ArmsTransfer": "transfers",
    "ArmedConflict": "conflict",
    "MilitarizedDispute": "dispute",
    "Incursion": "incursion",
    "Rivalry": "rivalry",
}
"""What the nodes of a class are read for."""

_NAMES: Final = {
    "obligations": "alliances",
    "transfers": "arms transfers",
    "conflict": "armed conflicts",
    "dispute": "militarized disputes",
    "incursion": "incursions",
    "rivalry": "rivalries",
}
_KINDS: Final = " ".join(f'(foedus:{name} "{what}")' for name, what in _CLASSES.items())

# Each property is read in one pass and joined by hash: over a whole record far faster than look-ups.
_SPANS: Final = f"""PREFIX foedus: <https://w3id.org/foedus/ns#>
SELECT DISTINCT ?source ?what ?first ?last WHERE {{
  ?source foedus:coversFrom ?from ; foedus:coversUntil ?until .
  {{ SELECT DISTINCT ?source ?what WHERE {{
    {{ SELECT ?claim WHERE {{ ?claim foedus:stance foedus:Asserts }} }}
    {{ SELECT ?claim ?source WHERE {{ ?claim foedus:reportedBy ?source }} }}
    {{ SELECT ?claim ?node WHERE {{ ?claim foedus:claims ?node }} }}
    {{ SELECT DISTINCT ?node ?what WHERE {{ VALUES (?kind ?what) {{ {_KINDS} }} ?node a ?kind }} }}
  }} }}
  BIND(STR(?from) AS ?first)
  BIND(STR(?until) AS ?last)
}} ORDER BY ?what ?first ?last ?source"""


def spans(store: Store, graphs: Sequence[NamedNode]) -> Spans:
    """The years for which data sets speak, by what they speak of.

    Args:
        store: the store.
        graphs: graphs of the ontology and of what sources say.
    """
    solutions = store.query(_SPANS, default_graphs=list(graphs))
    assert isinstance(solutions, QuerySolutions)
    found: dict[str, list[tuple[int, int]]] = {}
    for solution in solutions:
        what, first, last = (solution[name] for name in ("what", "first", "last"))
        assert isinstance(what, Literal) and isinstance(first, Literal) and isinstance(last, Literal)
        found.setdefault(what.value, []).append((int(first.value), int(last.value)))
    return found


def not_covered(known: Spans, first: int | None, last: int | None) -> str:
    """In words, of what no data set speaks for any of some years; empty where there is nothing to say.

    Args:
        known: the years for which data sets speak.
        first: the first year that is asked about, any before the last where not given.
        last: the last such year.

    Example:
        >>> not_covered({"transfers": [(1950, 2024)], "rivalry": [(1494, 2020)]}, 1914, 1918)
        'not covered in 1914 to 1918, which is another thing than no: arms transfers (1950 to 2024)'
    """
    listed = [
        f"{_NAMES[what]} ({', '.join(f'{a} to {b}' for a, b in each)})"
        for what, each in known.items()
        if not any((first is None or first <= b) and (last is None or a <= last) for a, b in each)
    ]
    if first == last:
        when = f"in {first}"
    elif first is None or last is None:
        when = f"before {last + 1}" if last is not None else f"from {first} on"
    else:
        when = f"in {first} to {last}"
    return f"not covered {when}, which is another thing than no: {', '.join(listed)}" if listed else ""
