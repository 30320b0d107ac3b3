"""Wikidata: names, codes and memberships of states, from an endpoint shaped like that of the query service.

Wikidata records what others say, with a rank and, often, references; its statements count as *reported*. What an item
stands for is decided by the list of states that ships (:mod:`kg.importing.wikidata_matching`), what can be used of a
statement by :mod:`kg.importing.wikidata_reading`. A name goes to the state that is there already, unless something else
bears it.

To be a member of an organization is no promise to defend anybody. Only what Wikidata classes as a military alliance
becomes a ``foedus:Alliance``, and it has no provision, so that no obligation follows from it; to belong to any other
organization is a ``foedus:Role``.

Reference:
    Wikidata, Property:P463, member of (https://www.wikidata.org/wiki/Property:P463).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from kg.errors import StoreError, UsageError
from kg.importing import wikidata_statements as asking
from kg.importing.results import Import, SetAside
from kg.importing.wikidata_endpoint import Endpoint
from kg.importing.wikidata_matching import CODES, Listed, listed, listed_as, match, names_taken
from kg.importing.wikidata_reading import QUALIFIERS, Belonging, Lifetime, Unusable, belonging, code, lifetimes
from kg.importing.wikidata_statements import Name, Statement, is_item
from kg.importing.writing import Publication, Span, Writer, identifier
from kg.spellings import fold
from kg.terms import local_name
from kg.vocab import DCTERMS, FOEDUS, RDFS, SKOS

__all__ = ["LANGUAGES", "read_wikidata"]

LANGUAGES: Final = ("ar", "en", "es", "fr", "ru", "zh")
"""The languages of names where none are named: the official ones of the United Nations."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z", re.ASCII)
_ENGLISH: Final = ("en", "mul")
"""The languages of a name that English speakers read: English, and the default for many languages."""


def read_wikidata(
    url: str,
    *,
    languages: Sequence[str] = LANGUAGES,
    states: Sequence[str] = (),
    retrieved: date | None = None,
    progress: Callable[[str], None] = lambda stage: None,
    endpoint: Endpoint | None = None,
) -> Import:
    """Import from an endpoint.

    Args:
        url: URL of the SPARQL endpoint.
        languages: language tags of the names that are wanted.
        states: ISO 3166-1 codes or English names of the states that are wanted, all where none are named.
        retrieved: the day on which it is asked, today in UTC where not given.
        progress: called with the name of each stage as it begins.
        endpoint: what asks, where not the default.

    Raises:
        UsageError: the URL is none, or a language tag is none.
        UnknownName: the list of states has no such state.
        StoreError: the endpoint cannot be reached, gives no whole answer, or holds no item of a state.
    """
    tags = tuple(dict.fromkeys(tag.lower() for tag in languages))
    for tag in tags:
        if not _LANGUAGE.match(tag):
            raise UsageError(f"{tag!r} is no language tag: write one such as fr or pt-br")
    wanted = [listed_as(text) for text in states] or listed()
    asked = endpoint or Endpoint(url)
    progress("asking for the items of states")
    items = asking.items(asked, wanted, by_any_code=not states)
    if not items:
        which = " of these states" if states else ""
        raise StoreError(
            f"{asked.url}: answers, but knows no item{which}: neither one that the list of states names nor one with "
            "a code of ISO 3166-1 (P298, P299); is it shaped like Wikidata?"
        )
    return _Importer(asked, tags, retrieved or datetime.now(UTC).date(), progress).read(items, wanted)


@dataclass
class _Ledger:
    """Counts items, names and statements: each is used, or set aside for a reason."""

    used: int = 0
    reasons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def aside(self, reason: object, place: str) -> None:
        self.reasons[str(reason)].append(place)

    def onto(self, result: Import) -> Import:
        aside = tuple(sorted(SetAside(min(p), reason, len(p), 0) for reason, p in self.reasons.items()))
        return replace(result, rows=self.used + sum(part.count for part in aside), used=self.used, set_aside=aside)


class _Importer:
    def __init__(
        self, endpoint: Endpoint, languages: Sequence[str], day: date, progress: Callable[[str], None]
    ) -> None:
        self.endpoint, self.languages, self.day, self.progress = endpoint, languages, day, progress
        self.writer, self.ledger = Writer("wikidata"), _Ledger()
        self.bearers: dict[str, set[NamedNode]] = defaultdict(set)
        self.asked = f"{endpoint.url} on {day.isoformat()}"
        place = re.sub(r"[^a-z0-9.]+", "-", urlsplit(endpoint.url).netloc.lower())
        self.publication = Publication(
            slug=f"wikidata-{place}-{day.isoformat()}",
            title=f"Wikidata, as {self.asked} gave it",
            producer="Wikidata",
            coverage="Names, codes and memberships of states as volunteers enter them, with no claim to be complete.",
            published=day.isoformat(),
        )

    def read(self, items: Iterable[NamedNode], wanted: Sequence[Listed]) -> Import:
        self.writer.dataset(self.publication)
        self.progress("asking for codes")
        codes = asking.statements(self.endpoint, items, CODES)
        found = self._matched(items, codes)
        missing = {each.node for each in wanted} - {each.node for each in found.values()}
        self.writer.note("entries of the list of states have no item that can be used", len(missing))
        self.progress("asking for names")
        self._names_of_states(found, asking.names(self.endpoint, found, self.languages))
        self.progress("asking for memberships")
        belongings = self._belongings(found)
        self.progress("asking for organizations")
        self._organizations(belongings)
        return self.ledger.onto(self.writer.finish())

    # States

    def _matched(self, items: Iterable[NamedNode], codes: Sequence[Statement]) -> dict[NamedNode, Listed]:
        of_best_rank = asking.best(codes)
        carried: dict[NamedNode, dict[str, set[str]]] = {}
        for item in items:
            if is_item(item):
                carried[item] = defaultdict(set)
            else:
                self.ledger.aside("is no item", item.value)
        for statement in codes:
            if statement.node in of_best_rank and statement.item in carried:
                texts = {value.value for value in statement.values if isinstance(value, Literal)}
                carried[statement.item][statement.property_id] |= texts
        matched = match(carried)
        for item, reason in matched.unmatched.items():
            self.ledger.aside(reason, item.value)
        for item, each in matched.found.items():
            self.ledger.used += 1
            self.writer.add(each.node, SKOS.exactMatch, item)
        for statement in codes:
            if statement.item not in matched.found:
                continue
            each = matched.found[statement.item]
            try:
                text = code(statement, of_best_rank, each)
            except Unusable as fault:
                self.ledger.aside(fault, statement.node.value)
            else:
                self.ledger.used += 1
                self.writer.add(each.node, CODES[statement.property_id], Literal(text))
        return matched.found

    def _names_of_states(self, found: Mapping[NamedNode, Listed], names: Sequence[Name]) -> None:
        nodes = {item: each.node for item, each in found.items()}
        self._bear(names, nodes)
        for name in names:
            node = nodes[name.item]
            if not self._is_free(name, node):
                continue
            self.ledger.used += 1
            if name.language in _ENGLISH and node in names_taken().get(fold(name.text), ()):
                continue
            self.writer.note("names are new to the list of states")
            self._name(name, node)

    def _bear(self, names: Iterable[Name], nodes: Mapping[NamedNode, NamedNode]) -> None:
        for name in names:
            self.bearers[fold(name.text)].add(nodes[name.item])

    def _is_free(self, name: Name, node: NamedNode) -> bool:
        """Whether nothing else bears a name, which people could not ask for any more; if not, it is set aside."""
        folded = fold(name.text)
        if folded and not (names_taken().get(folded, frozenset()) | self.bearers[folded]) - {node}:
            return True
        reason = "something else bears the name" if folded else "the name is empty"
        self.ledger.aside(reason, f"{name.item.value} {Literal(name.text, language=name.language)}")
        return False

    def _name(self, name: Name, node: NamedNode) -> None:
        """Write a name; the English label is another's to write."""
        prop = RDFS.label if name.is_label and name.language not in _ENGLISH else SKOS.altLabel
        self.writer.add(node, prop, Literal(name.text, language=name.language))

    # Memberships

    def _belongings(self, found: Mapping[NamedNode, Listed]) -> list[Belonging]:
        usable: list[Belonging] = []
        unused: Counter[str] = Counter()
        for statement in asking.memberships(self.endpoint, list(found)):
            try:
                usable.append(belonging(statement, found, self.day))
            except Unusable as fault:
                self.ledger.aside(fault, statement.node.value)
            else:
                self.ledger.used += 1
                unused.update(statement.qualifiers.keys() - QUALIFIERS)
        for prop, count in sorted(unused.items()):
            self.writer.note(f"memberships have a qualifier {prop}, which is not used", count)
        return usable

    def _organizations(self, belongings: Sequence[Belonging]) -> None:
        items = sorted({each.organization for each in belongings}, key=str)
        allied = asking.alliances(self.endpoint, items)
        nodes = {
            item: identifier("alliance" if item in allied else "organization", f"wikidata-{local_name(item.value)}")
            for item in items
        }
        labels = self._names_of_organizations(nodes)
        alive, unused = lifetimes(asking.dates(self.endpoint, [item for item in items if item in allied]))
        for statement, reason in unused:
            self.ledger.aside(reason, statement.node.value)
        nothing = Lifetime(Span(begin=None, end=None, as_of=None), "")
        for item, node in nodes.items():
            if item in allied:
                self._alliance(item, node, labels[item], alive.get(item, nothing))
            else:
                self.writer.organization(node, labels[item])
            self.writer.add(node, SKOS.exactMatch, item)
        for each in belongings:
            item = each.organization
            self._membership(each, nodes[item], labels[item], is_alliance=item in allied)

    def _names_of_organizations(self, nodes: Mapping[NamedNode, NamedNode]) -> dict[NamedNode, str]:
        """Write the names of organizations but for the English label, which comes back."""
        names = asking.names(self.endpoint, nodes, dict.fromkeys((*self.languages, "en")))
        self._bear(names, nodes)
        labels: dict[NamedNode, str] = {}
        for name in sorted(names, key=lambda name: name.language != "en"):
            item = name.item
            free = self._is_free(name, nodes[item])
            self.ledger.used += free
            if name.is_label and name.language in _ENGLISH and item not in labels:
                labels[item] = name.text if free else f"{name.text} (Wikidata {local_name(item.value)})"
            elif free:
                self._name(name, nodes[item])
        for item in nodes.keys() - labels.keys():
            self.writer.note("organizations have no English name and are named by their item")
            labels[item] = f"Wikidata {local_name(item.value)}"
        return labels

    # Writing

    def _alliance(self, item: NamedNode, node: NamedNode, label: str, alive: Lifetime) -> None:
        self.writer.node(node, FOEDUS.Alliance, label, self._words(alive.words), **alive.span)
        self.writer.notation(node, local_name(item.value))
        self._says(local_name(item.value), item, node)
        for statement in alive.statements:
            self.ledger.used += 1
            self._says(statement.name, statement.node, node)

    def _membership(self, each: Belonging, node: NamedNode, label: str, *, is_alliance: bool) -> None:
        statement, state = each.statement, each.state
        told = f"membership of {state.label} in {label}"
        name = f"wikidata-{statement.name}"
        if is_alliance:
            made = self.writer.node(
                identifier("membership", name),
                FOEDUS.Membership,
                told,
                (FOEDUS.alliance, node),
                (FOEDUS.member, state.node),
                self._words(each.words),
                **each.span,
            )
        else:
            self.writer.note("memberships are in organizations that Wikidata does not class as military alliances")
            made = self.writer.node(
                identifier("role", name),
                FOEDUS.Role,
                told,
                (FOEDUS.hasHolder, state.node),
                (FOEDUS.heldIn, node),
                (FOEDUS.title, "member"),
                self._words(each.words),
                **each.span,
            )
        self.writer.notation(made, statement.name)
        if each.is_doubted:
            self.writer.note("memberships are qualified by a doubt (P1480, P5102) and are claimed as Alleged")
        if not statement.references:
            self.writer.note("memberships come without a reference")
        modality = FOEDUS.Alleged if each.is_doubted else FOEDUS.Reported
        self._says(statement.name, statement.node, made, modality, statement.references)

    def _words(self, words: str) -> tuple[NamedNode, str | None]:
        if words:
            self.writer.note("nodes have a date that is no year, month or day of ours; it is told in words")
        return FOEDUS.timeAsSaid, words or None

    def _says(
        self,
        name: str,
        place: NamedNode,
        node: NamedNode,
        modality: NamedNode = FOEDUS.Reported,
        references: Iterable[str] = (),
    ) -> None:
        self.writer.says(self.publication, name, f"{place.value}, as {self.asked} gave it", [node], modality)
        claim = identifier("claim", f"{self.publication.slug}-{name}")
        for reference in references:
            self.writer.add(claim, DCTERMS.source, Literal(f"Wikidata's reference: {reference}"))
