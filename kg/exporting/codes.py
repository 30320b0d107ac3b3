"""The codes of columns that can have few values, as the ontology of the graph has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions

from kg.store.base import Store
from kg.terms import local_name
from kg.vocab import FOEDUS

__all__ = ["Code", "Codes", "read_codes"]


@dataclass(frozen=True, order=True)
class Code:
    """One value: as it stands in a table, what it is called and what it means."""

    value: str
    label: str
    says: str


Codes = Mapping[str, Sequence[Code]]
"""The values by the name that columns give their list, see :attr:`kg.exporting.sheets.Column.codes`."""

_CLASSES: Final = {"obligation": FOEDUS.Obligation, "hostility": FOEDUS.Hostility, "conclusion": FOEDUS.Episode}
"""Lists of the narrowest classes below one."""

_INDIVIDUALS: Final = {"overlap": FOEDUS.Overlap, "status": FOEDUS.Modality, "coverage": FOEDUS.Coverage}
"""Lists of the individuals of a class."""

_AS_NAMED: Final = ("conclusion", "coverage")
"""Lists whose values are the names of the terms as they are."""

# What leads to a class without a name of its own, such as an intersection, is no narrower kind.
_NARROWEST: Final = f"""FILTER NOT EXISTS {{
  ?narrower rdfs:subClassOf ?term
  FILTER(?narrower != ?term && STRSTARTS(STR(?narrower), "{FOEDUS.base}"))
}}"""
_GRAINS: Final = (
    Code("day", "day grain", "dates were compared by day"),
    Code("year", "year grain", "dates were compared by year"),
)


def read_codes(store: Store, graphs: Sequence[NamedNode]) -> Codes:
    """The values that each list has.

    Args:
        store: the store.
        graphs: graphs with the ontology in them.
    """
    found: dict[str, Sequence[Code]] = {"grain": _GRAINS}
    for name, top in _CLASSES.items():
        found[name] = _read(store, graphs, name, f"?term rdfs:subClassOf+ {top} {_NARROWEST}")
    for name, kind in _INDIVIDUALS.items():
        found[name] = _read(store, graphs, name, f"?term a {kind}")
    return found


def _read(store: Store, graphs: Sequence[NamedNode], name: str, pattern: str) -> list[Code]:
    solutions = store.query(
        f"""PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT DISTINCT ?term ?label ?says WHERE {{
          {pattern}
          FILTER(STRSTARTS(STR(?term), "{FOEDUS.base}"))
          ?term rdfs:label ?label ; skos:definition ?says .
          FILTER(LANGMATCHES(LANG(?label), "en") && LANGMATCHES(LANG(?says), "en"))
        }}""",
        default_graphs=graphs,
    )
    assert isinstance(solutions, QuerySolutions)
    rows = ([term.value for term in solution] for solution in solutions)
    return sorted(Code(_value(name, local_name(term)), label, says) for term, label, says in rows)


def _value(name: str, term: str) -> str:
    """How a term of a list is written in the tables: ``defense`` for a DefenseObligation."""
    return term if name in _AS_NAMED else term.removesuffix(name.title()).lower()
