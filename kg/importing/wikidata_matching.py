"""Which state an item of Wikidata stands for, and which names it may bring along.

The list of states that ships decides what is a state and what is a territory; nothing is added to it. An item is the
one that the list names as the match of a state, or else the only one that carries its ISO 3166-1 codes. Wikidata has
no property for the numbers of the Correlates of War or of Gleditsch and Ward, so a state without an ISO code is found
by the match alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.documents import read_document
from kg.errors import UnknownName
from kg.naming import NAMING
from kg.resources import graph_files, resource
from kg.spellings import Spellings, fold
from kg.terms import near_misses
from kg.vocab import FOEDUS, RDF, RDFS, SKOS

__all__ = ["CODES", "Listed", "Match", "listed", "listed_as", "match", "names_taken"]

CODES: Final[Mapping[str, NamedNode]] = {"P297": FOEDUS.iso2, "P298": FOEDUS.iso3, "P299": FOEDUS.isoNumeric}
"""Wikidata's properties for the codes of ISO 3166-1, and ours."""


@dataclass(frozen=True)
class Listed:
    """A state or a territory of the list that ships.

    Attributes:
        node: its IRI.
        label: its short English name.
        codes: its codes of ISO 3166-1, by Wikidata's property.
        items: the items of Wikidata that the list matches it with.
        is_state: whether it is a state and no territory.
    """

    node: NamedNode
    label: str
    codes: Mapping[str, str]
    items: frozenset[NamedNode]
    is_state: bool


@dataclass
class Match:
    """The items that stand for something in the list, and the reasons why others do not."""

    found: dict[NamedNode, Listed] = field(default_factory=dict)
    unmatched: dict[NamedNode, str] = field(default_factory=dict)


@cache
def listed() -> tuple[Listed, ...]:
    """The list of states that ships."""
    said: dict[NamedNode, dict[NamedNode, list[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in read_document(resource("graph", "states.ttl")).triples:
        assert isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal)
        said[subject][predicate].append(value)
    return tuple(
        Listed(
            node=node,
            label=parts[RDFS.label][0].value,
            codes={code: parts[prop][0].value for code, prop in CODES.items() if prop in parts},
            items=frozenset(item for item in parts[SKOS.exactMatch] if isinstance(item, NamedNode)),
            is_state=FOEDUS.State in parts[RDF.type],
        )
        for node, parts in sorted(said.items(), key=lambda pair: pair[0].value)
        if FOEDUS.State in parts[RDF.type] or FOEDUS.Territory in parts[RDF.type]
    )


def listed_as(text: str) -> Listed:
    """The state or territory of a code of ISO 3166-1 or an English name.

    Raises:
        UnknownName: the list has none.

    Example:
        >>> listed_as("arm").label, listed_as("Armenia").codes["P298"]
        ('Armenia', 'ARM')
    """
    by_name = {name: [each.node] for each in listed() for name in (each.label, *each.codes.values())}
    found = Spellings(by_name).find(text)
    if len(found) != 1:
        names = [each.label for each in listed()]
        raise UnknownName("state of the list", text, near_misses(text, names))
    return next(each for each in listed() if each.node in found)


def match(items: Mapping[NamedNode, Mapping[str, Iterable[str]]]) -> Match:
    """Items to states.

    Args:
        items: the codes that count of each item, by Wikidata's property.
    """
    by_item = {item: each for each in listed() for item in each.items}
    by_code = {(prop, code): each for each in listed() for prop, code in each.codes.items()}
    result = Match()
    claimants: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    for item, codes in sorted(items.items(), key=lambda pair: pair[0].value):
        if item in by_item:
            result.found[item] = by_item[item]
            continue
        hits = {
            each.node: each
            for prop in ("P298", "P299")
            for code in codes.get(prop, ())
            if (each := by_code.get((prop, code))) is not None
        }
        if not hits:
            result.unmatched[item] = "no state of the list has the codes of the item"
        elif len(hits) > 1:
            result.unmatched[item] = "the codes of the item are those of several states"
        else:
            ((node, result.found[item]),) = hits.items()
            claimants[node].append(item)
    matched = {each.node for item, each in result.found.items() if item in by_item}
    for node, several in claimants.items():
        if node in matched or len(several) > 1:
            reason = (
                "the list matches the state with another item" if node in matched else "several items have its codes"
            )
            for item in several:
                del result.found[item]
                result.unmatched[item] = reason
    return result


@cache
def names_taken() -> Mapping[str, frozenset[NamedNode]]:
    """What the facts that ship call something, names and codes, without case and accents."""
    taken: dict[str, set[NamedNode]] = defaultdict(set)
    for path in graph_files():
        for subject, predicate, value in read_document(path).triples:
            if predicate in NAMING and isinstance(value, Literal) and isinstance(subject, NamedNode):
                taken[fold(value.value)].add(subject)
    return {name: frozenset(nodes) for name, nodes in taken.items()}
