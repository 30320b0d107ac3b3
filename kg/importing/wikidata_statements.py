"""What is asked of an endpoint shaped like Wikidata's, and the statements that come back.

A statement has a node of its own, with a rank, qualifiers and references. ``ps:`` leads to its value, ``pq:`` to a
qualifier and ``pqv:`` to the node with the precision of a qualifier that is a time. What is not known is a blank node
or an IRI below ``/.well-known/genid/``; that there is nothing is a class ``wdno:``.

Reference:
    Wikibase, RDF Dump Format (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.importing.wikidata_endpoint import NAMESPACES, Endpoint, Row
from kg.importing.wikidata_matching import Listed
from kg.importing.wikidata_time import GREGORIAN, Moment
from kg.terms import Term

__all__ = [
    "BEGAN",
    "DISSOLVED",
    "ENDED",
    "FOUNDED",
    "MEMBER_OF",
    "Name",
    "Statement",
    "alliances",
    "best",
    "dates",
    "is_item",
    "items",
    "memberships",
    "names",
    "statements",
]

MEMBER_OF: Final = "P463"
BEGAN: Final = "P580"
"""Start time, a qualifier."""
ENDED: Final = "P582"
"""End time, a qualifier."""
FOUNDED: Final = "P571"
"""Inception."""
DISSOLVED: Final = "P576"
"""Dissolved, abolished or demolished."""
_MILITARY_ALLIANCE: Final = "wd:Q1127126"
_ITEM: Final = re.compile(re.escape(NAMESPACES["wd"]) + r"Q[1-9][0-9]*\Z", re.ASCII)
_STATEMENT: Final = re.compile(re.escape(NAMESPACES["wds"]) + r"[A-Za-z0-9][A-Za-z0-9-]*\Z", re.ASCII)
_TIME: Final = (
    "?node wikibase:timeValue ?time ; wikibase:timePrecision ?precision . "
    "OPTIONAL { ?node wikibase:timeCalendarModel ?calendar }"
)


@dataclass(frozen=True)
class Name:
    """A name of an item.

    Attributes:
        item: the item.
        text: the name.
        language: its language, in lower case; ``mul`` for a name that holds in many.
        is_label: whether it is the main name of its language.
    """

    item: NamedNode
    text: str
    language: str
    is_label: bool


@dataclass
class Statement:
    """One statement.

    Attributes:
        node: its IRI.
        item: what it is about.
        property_id: such as ``"P463"``.
        rank: ``"preferred"``, ``"normal"`` or ``"deprecated"``.
        values: its value; none where it says that there is none.
        moments: the times that it gives, by the property of the qualifier, or its own.
        qualifiers: what qualifies it, by property.
        absent: qualifiers that it says to have no value.
        references: the works and pages on which it rests, in words.
    """

    node: NamedNode
    item: NamedNode
    property_id: str
    rank: str
    values: set[Term] = field(default_factory=set)
    moments: dict[str, set[Moment]] = field(default_factory=lambda: defaultdict(set))
    qualifiers: dict[str, set[Term]] = field(default_factory=lambda: defaultdict(set))
    absent: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Its identifier, part of IRIs."""
        return self.node.value.removeprefix(NAMESPACES["wds"])

    @property
    def is_well_named(self) -> bool:
        """Whether its IRI is one that Wikidata gives to a statement."""
        return bool(_STATEMENT.match(self.node.value))


def is_item(term: Term | None) -> bool:
    """Whether a term is an item of Wikidata.

    Example:
        >>> is_item(NamedNode("http://www.wikidata.org/entity/Q399"))
        True
        >>> is_item(NamedNode("http://www.wikidata.org/.well-known/genid/8aa0"))
        False
    """
    return isinstance(term, NamedNode) and bool(_ITEM.match(term.value))


def items(endpoint: Endpoint, wanted: Sequence[Listed], *, by_any_code: bool) -> set[NamedNode]:
    """The items that may stand for states.

    Args:
        endpoint: whom to ask.
        wanted: entries of the list of states.
        by_any_code: whether items with any code of ISO 3166-1 are meant, or only those with a code of the entries.
    """
    # What is merged into another item is a redirection and has none of these. Paths, since the engine of the query
    # service answers wrongly where properties are a variable and only the item is selected, or where EXISTS is asked.
    matched = {item for each in wanted for item in each.items}
    found = endpoint.about(matched, "?item", "?item rdfs:label|skos:altLabel|p:P31|p:P298|p:P299|p:P463 ?value .")
    if by_any_code:
        coded = endpoint.all("?item", "?item p:P298|p:P299 ?statement .")
    else:
        given = [each.codes[prop] for each in wanted for prop in ("P298", "P299") if prop in each.codes]
        codes = " ".join(str(Literal(code)) for code in given)
        either = "{ ?item p:P298/ps:P298 ?code } UNION { ?item p:P299/ps:P299 ?code }"
        coded = endpoint.all("?item", f"VALUES ?code {{ {codes} }} {either}") if given else iter(())
    return {row["item"] for rows in (found, coded) for row in rows if isinstance(row["item"], NamedNode)}


def names(endpoint: Endpoint, about: Iterable[NamedNode], languages: Iterable[str]) -> list[Name]:
    """The names of items in some languages, those that hold in many languages among them."""
    tags = ", ".join(str(Literal(tag)) for tag in (*languages, "mul"))
    pattern = (
        "VALUES ?kind { rdfs:label skos:altLabel } ?item ?kind ?name . BIND(LCASE(LANG(?name)) AS ?language) "
        f"FILTER(?language IN ({tags}))"
    )
    label = f"{NAMESPACES['rdfs']}label"
    return [
        Name(_node(row, "item"), row["name"].value, row["name"].language.lower(), _node(row, "kind").value == label)
        for row in endpoint.about(about, "?item ?kind ?name", pattern)
        if isinstance(row["name"], Literal) and row["name"].language
    ]


def statements(endpoint: Endpoint, about: Iterable[NamedNode], properties: Iterable[str]) -> list[Statement]:
    """The statements of items with some properties, without what qualifies them."""
    found: dict[NamedNode, Statement] = {}
    for prop in properties:
        pattern = (
            f"?item p:{prop} ?statement . "
            f"OPTIONAL {{ ?statement wikibase:rank ?rank }} OPTIONAL {{ ?statement ps:{prop} ?value }}"
        )
        for row in endpoint.about(about, "?item ?statement ?rank ?value", pattern):
            node, rank = _node(row, "statement"), row.get("rank")
            name = rank.value.rpartition("#")[2].removesuffix("Rank").lower() if isinstance(rank, NamedNode) else ""
            statement = found.setdefault(node, Statement(node, _node(row, "item"), prop, name or "normal"))
            if "value" in row:
                statement.values.add(row["value"])
    return list(found.values())


def memberships(endpoint: Endpoint, about: Sequence[NamedNode]) -> list[Statement]:
    """The statements that items are members of something, with qualifiers, times and references."""
    found = {statement.node: statement for statement in statements(endpoint, about, [MEMBER_OF])}
    base, here = NAMESPACES["pq"], f"?item p:{MEMBER_OF} ?statement . "

    def each(variables: str, pattern: str) -> Iterable[tuple[Statement, Row]]:
        for row in endpoint.about(about, f"?statement {variables}".rstrip(), here + pattern):
            # What was changed between two questions is left as the first answer had it.
            if (statement := found.get(_node(row, "statement"))) is not None:
                yield statement, row

    for statement, row in each(
        "?qualifier ?value", f'?statement ?qualifier ?value . FILTER(STRSTARTS(STR(?qualifier), "{base}P"))'
    ):
        statement.qualifiers[_node(row, "qualifier").value.removeprefix(base)].add(row["value"])
    for prop in (BEGAN, ENDED):
        for statement, row in each("?time ?precision ?calendar", f"?statement pqv:{prop} ?node . {_TIME}"):
            statement.moments[prop].add(_moment(row))
        for statement, _ in each("", f"?statement a wdno:{prop} ."):
            statement.absent.add(prop)
    for statement, row in each(
        "?reference ?work ?page",
        "?statement prov:wasDerivedFrom ?reference . "
        "OPTIONAL { ?reference pr:P248 ?work } OPTIONAL { ?reference pr:P854 ?page }",
    ):
        told = [_text(row, part) for part in ("work", "page") if isinstance(row.get(part), NamedNode | Literal)]
        statement.references.add(", ".join(told) or "a reference that names no work and no page")
    return list(found.values())


def dates(endpoint: Endpoint, about: Sequence[NamedNode]) -> list[Statement]:
    """The statements when items were founded and dissolved, with their times."""
    found = {statement.node: statement for statement in statements(endpoint, about, [FOUNDED, DISSOLVED])}
    for prop in (FOUNDED, DISSOLVED):
        pattern = f"?item p:{prop} ?statement . ?statement psv:{prop} ?node . {_TIME}"
        for row in endpoint.about(about, "?statement ?time ?precision ?calendar", pattern):
            if (statement := found.get(_node(row, "statement"))) is not None:
                statement.moments[prop].add(_moment(row))
    return list(found.values())


def alliances(endpoint: Endpoint, about: Iterable[NamedNode]) -> set[NamedNode]:
    """Which items are military alliances, or of a class below that one."""
    pattern = f"?item wdt:P31/wdt:P279* {_MILITARY_ALLIANCE} ."
    return {_node(row, "item") for row in endpoint.about(about, "?item", pattern)}


def best(found: Iterable[Statement]) -> set[NamedNode]:
    """The statements of the best rank of each item and property: the preferred ones, else the normal ones."""
    ranks: Mapping[tuple[NamedNode, str], set[str]] = defaultdict(set)
    listing = list(found)
    for statement in listing:
        ranks[statement.item, statement.property_id].add(statement.rank)
    return {
        statement.node
        for statement in listing
        if statement.rank == ("preferred" if "preferred" in ranks[statement.item, statement.property_id] else "normal")
    }


def _moment(row: Row) -> Moment:
    calendar = row.get("calendar")
    precision = _text(row, "precision")
    return Moment(
        _text(row, "time"),
        int(precision) if precision.isdecimal() else -1,
        calendar.value if isinstance(calendar, NamedNode) else GREGORIAN,
    )


def _node(row: Row, name: str) -> NamedNode:
    term = row[name]
    return term if isinstance(term, NamedNode) else NamedNode(f"urn:not-an-iri:{_text(row, name)}")


def _text(row: Row, name: str) -> str:
    term = row[name]
    return str(term) if isinstance(term, Triple) else term.value
