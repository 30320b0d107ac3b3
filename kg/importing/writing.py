"""What an importer writes: nodes, and for each row a claim of the data set's producer that vouches for them.

A claim is one row, or a run of rows that say one thing. It carries the file and the number of the row as
``dcterms:source``; a node carries the row's own identifier as ``skos:notation``, where the data set has one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, TypedDict

from pyoxigraph import Literal, NamedNode

from kg.errors import ParseError
from kg.importing.dates import when, year
from kg.importing.results import Import, SetAside
from kg.rows import rows_in_words
from kg.terms import PREFIXES, curie
from kg.vocab import DCTERMS, FOEDUS, RDF, RDFS, SKOS, XSD

if TYPE_CHECKING:
    from kg.importing.records import Record, Table

__all__ = ["Publication", "Span", "Writer", "decimal", "identifier"]


@dataclass(frozen=True)
class Publication:
    """A data set in one edition, as its producer published it.

    Attributes:
        slug: short name, part of IRIs, such as ``ucdp-acd-25.1``.
        title: name and version.
        producer: who vouches for it.
        published: when it came out, as precise as known, or ``None``.
        not_before: the date before which it cannot have come out, where that is all that is known.
        coverage: what it sets out to record, for which years, and what it does not.
        covers: classes that it records without gaps.
        years: the first and the last year for which it speaks, where it is about years.
        series: short name of the data set whatever the edition, where what two editions hold would count twice.
    """

    slug: str
    title: str
    producer: str
    coverage: str
    published: str | None = None
    not_before: str | None = None
    covers: tuple[NamedNode, ...] = ()
    years: tuple[int, int] | None = None
    series: str | None = None


class Span(TypedDict):
    """When something holds, in the words of :meth:`Writer.node`."""

    begin: str | None
    end: str | NamedNode | None
    as_of: str | None


@dataclass
class Writer:
    """Collects what an importer makes of its files, as lines of N-Triples: a term a cell would cost seconds."""

    source: str
    rows: int = 0
    _lines: list[str] = field(default_factory=list)
    _used: dict[str, set[int]] = field(default_factory=dict)
    _kinds: dict[NamedNode, NamedNode] = field(default_factory=dict)
    _said: dict[NamedNode, tuple[int, int]] = field(default_factory=dict)
    _places: dict[tuple[str, ...], tuple[Table, Record]] = field(default_factory=dict)
    _reasons: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _aside: dict[str, set[int]] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _current: str = ""
    _notes: Counter[str] = field(default_factory=Counter)
    _described: dict[NamedNode, Publication | str] = field(default_factory=dict)
    _sayings: dict[tuple[Publication, NamedNode], str] = field(default_factory=dict)

    def take(self, table: Table) -> None:
        """Begin with a file: every row of it has to be used or set aside.

        Raises:
            ParseError: it is named twice, or holds the same text as another.
        """
        other = self._digests.setdefault(table.digest, table.path)
        if table.path in self._sizes:
            raise ParseError(table.path, "is named twice")
        if other != table.path:
            raise ParseError(table.path, f"holds the same as {other}; name one of them")
        self.rows += len(table)
        self._sizes[table.path] = len(table)
        self._current = table.path
        self.note(f"records of {table.file} that a line break had torn were mended", len(table.mended))
        self.note(f"last line of {table.file} has no line end; is the file whole?", int(table.is_open))

    def repeats(self, table: Table, row: Record, *key: str) -> bool:
        """Whether an earlier row is the same; this one is then set aside.

        Args:
            table: the file.
            row: the row.
            key: what tells it from all others: names and values of columns, in turn.

        Raises:
            ParseError: an earlier row has the same key and says something else.
        """
        before, first = self._places.setdefault(key, (table, row))
        if first is row:
            return False
        shared = row.cells.keys() & first.cells.keys()
        place = f"line {first.line}" if before.path == table.path else f"{before.path}:{first.line}"
        differing = [column for column in row.cells if column in shared and row[column] != first[column]]
        if differing:
            what = ", ".join(" ".join(pair) for pair in zip(key[::2], key[1::2], strict=True))
            raise table.fault(row.line, f"{what} stands in {place} too, with another {differing[0]!r}; keep one")
        self.aside(table, row.number, row.line, f"repeats an earlier row of {before.file}")
        return True

    def aside(self, table: Table, number: int, line: int, reason: str) -> None:
        """Set a row aside."""
        seen = self._aside.setdefault(table.path, set())
        if number in seen:
            return
        seen.add(number)
        self._reasons.setdefault((table.file, reason), []).append(line)

    def note(self, message: str, count: int = 1) -> None:
        """Count something that a reader of the report should know."""
        if count:
            self._notes[message] += count

    def dataset(self, publication: Publication) -> NamedNode:
        """Describe the edition and its producer."""
        node = identifier("source", publication.slug)
        producer = _producer(publication)
        if self._known(node, publication):
            return node
        self._add(node, RDF.type, FOEDUS.Dataset)
        self._add(node, RDFS.label, publication.title)
        self._add(node, FOEDUS.coverageNote, publication.coverage)
        self._add(node, FOEDUS.publisher, producer)
        if publication.published is not None:
            self._add(node, FOEDUS.publishedOn, when(publication.published))
        if publication.not_before is not None:
            self._add(node, FOEDUS.publishedNotBefore, when(publication.not_before))
        for kind in publication.covers:
            self._add(node, FOEDUS.coversClass, kind)
        if publication.years is not None:
            first, last = publication.years
            self._add(node, FOEDUS.coversFrom, when(year(first)))
            self._add(node, FOEDUS.coversUntil, when(year(last)))
        if publication.series is not None:
            self._add(node, DCTERMS.isVersionOf, identifier("series", publication.series))
        self.organization(producer, publication.producer)
        return node

    def organization(self, node: NamedNode, label: str) -> NamedNode:
        """Describe an organization, once."""
        if not self._known(node, label):
            self._add(node, RDF.type, FOEDUS.Organization)
            self._add(node, RDFS.label, label)
        return node

    def node(
        self,
        node: NamedNode,
        kind: NamedNode,
        label: str,
        *parts: tuple[NamedNode, NamedNode | Literal | str | None],
        begin: str | None = None,
        end: str | NamedNode | None = None,
        as_of: str | None = None,
    ) -> NamedNode:
        """Describe a state of affairs, once; parts that are ``None`` are left out and text becomes English text.

        Raises:
            ParseError: the node has been described otherwise.
        """
        subject, lines = str(node), self._lines
        start = len(lines)
        lines.append(f"{subject} {_TYPE} {kind} .\n")
        lines.append(f"{subject} {_LABEL} {_english(label)} .\n")
        for prop, value in parts:
            if value is not None:
                lines.append(f"{subject} {prop} {_english(value) if isinstance(value, str) else value} .\n")
        if begin is not None:
            lines.append(f"{subject} {_BEGIN} {_when(begin)} .\n")
        if end is not None:
            lines.append(f"{subject} {_END} {_when(end) if isinstance(end, str) else end} .\n")
        if as_of is not None:
            lines.append(f"{subject} {_AS_OF} {_when(as_of)} .\n")
        first, last = self._said.setdefault(node, (start, len(lines)))
        if first != start:
            self._same(node, lines[first:last] == lines[start:])
            del lines[start:]
        self._kinds[node] = kind
        return node

    def _known(self, node: NamedNode, description: Publication | str) -> bool:
        """Whether a node has been described already, and so."""
        known = node in self._described
        self._same(node, self._described.setdefault(node, description) == description)
        return known

    def _same(self, node: NamedNode, same: bool) -> None:
        if not same:
            message = f"{curie(node.value)} would have two descriptions, of which one would be lost: import them apart"
            raise ParseError(self._current or self.source, message)

    def add(self, subject: NamedNode, prop: NamedNode, value: NamedNode | Literal | str) -> None:
        """Say one thing more of a node."""
        self._add(subject, prop, value)

    def claim(
        self,
        publication: Publication,
        name: str,
        table: Table,
        rows: Sequence[int],
        nodes: Iterable[NamedNode],
        modality: NamedNode = FOEDUS.Fact,
    ) -> None:
        """The claim of some rows of a file, which are used by it."""
        self.says(publication, name, f"{table.file}, {rows_in_words(rows)}", nodes, modality)
        self.uses(table, rows)

    def claim_together(
        self,
        publication: Publication,
        name: str,
        rows: Iterable[tuple[Table, int]],
        nodes: Sequence[NamedNode],
    ) -> None:
        """The claim of rows that may stand in several files, each of which it names."""
        places: dict[str, tuple[Table, list[int]]] = {}
        for table, number in rows:
            places.setdefault(table.path, (table, []))[1].append(number)
        for table, numbers in places.values():
            self.claim(publication, name, table, numbers, nodes)

    def says(
        self,
        publication: Publication,
        name: str,
        place: str,
        nodes: Iterable[NamedNode],
        modality: NamedNode = FOEDUS.Fact,
    ) -> None:
        """A claim of the producer, found at a place told in words."""
        claim, lines = str(identifier("claim", f"{publication.slug}-{name}")), self._lines
        if (publication, modality) not in self._sayings:
            said = (
                (RDF.type, FOEDUS.Claim),
                (FOEDUS.stance, FOEDUS.Asserts),
                (FOEDUS.modality, modality),
                (FOEDUS.attributedTo, _producer(publication)),
                (FOEDUS.reportedBy, self.dataset(publication)),
            )
            self._sayings[publication, modality] = "".join(f"{{0}} {prop} {value} .\n" for prop, value in said)
        lines += self._sayings[publication, modality].format(claim).splitlines(keepends=True)
        lines.append(f"{claim} {_SOURCE} {_quoted(place)} .\n")
        lines += [f"{claim} {_CLAIMS} {node} .\n" for node in nodes]

    def uses(self, table: Table, rows: Iterable[int]) -> None:
        """Count rows as used."""
        self._used.setdefault(table.path, set()).update(rows)

    def finish(self) -> Import:
        """Everything, once each row of each file is accounted for."""
        for path, size in self._sizes.items():
            used, aside = self._used.get(path, set()), self._aside.get(path, set()) - self._used.get(path, set())
            lost = set(range(1, size + 1)) - used - aside
            assert not lost, f"{path}: rows {sorted(lost)[:5]} are neither used nor set aside"
            both = self._aside.get(path, set()) & used
            assert not both, f"{path}: rows {sorted(both)[:5]} are used and set aside"
        nodes = Counter(kind.value.rpartition("#")[2] for kind in self._kinds.values())
        return Import(
            source=self.source,
            rows=self.rows,
            used=sum(len(rows) for rows in self._used.values()),
            nodes=dict(sorted(nodes.items())),
            set_aside=tuple(sorted(SetAside(f, r, len(lines), min(lines)) for (f, r), lines in self._reasons.items())),
            notes=tuple(f"{count:,} {message}" for message, count in sorted(self._notes.items())),
            lines=tuple(sorted(set(self._lines))),
        )

    def _add(self, subject: NamedNode, prop: NamedNode, value: NamedNode | Literal | str) -> None:
        self._lines.append(f"{subject} {prop} {_english(value) if isinstance(value, str) else value} .\n")

    def notation(self, node: NamedNode, own: str) -> None:
        """The identifier that the row itself carries."""
        self._add(node, SKOS.notation, Literal(own))


def identifier(kind: str, name: str) -> NamedNode:
    """IRI of a node of ours.

    Example:
        >>> identifier("rivalry", "tss-1").value
        'https://w3id.org/foedus/id/rivalry/tss-1'
    """
    return NamedNode(f"{PREFIXES['id']}{kind}/{name}")


def decimal(text: str) -> Literal | None:
    """A figure as a decimal, ``None`` where there is none.

    Example:
        >>> str(decimal("7.2"))
        '"7.2"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    return Literal(text, datatype=XSD.decimal) if text else None


@cache
def _producer(publication: Publication) -> NamedNode:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in publication.producer.lower())
    return identifier("organization", "-".join(words.split()))


_TYPE: Final = str(RDF.type)
_LABEL: Final = str(RDFS.label)
_BEGIN: Final = str(FOEDUS.begin)
_END: Final = str(FOEDUS.end)
_AS_OF: Final = str(FOEDUS.ongoingAsOf)
_SOURCE: Final = str(DCTERMS.source)
_CLAIMS: Final = str(FOEDUS.claims)
_PLAIN: Final = re.compile(r"[ !#-\[\]-~\u00a0-\ud7ff]*")
"""Text that N-Triples writes as it is."""


def _quoted(text: str) -> str:
    return f'"{text}"' if _PLAIN.fullmatch(text) else str(Literal(text))


def _english(text: str) -> str:
    return f"{_quoted(text)}@en"


@lru_cache(maxsize=65_536)
def _when(text: str) -> str:
    return str(when(text))
