"""The manifests of the W3C's SPARQL test suites, read with rdflib."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import rdflib
from rdflib import RDF, RDFS, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

__all__ = ["Case", "Dataset", "Suite"]

_BASES: Final = {
    "sparql11": "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/",
    "dawg-data-r2": "http://www.w3.org/2001/sw/DataAccess/tests/data-r2/",
}
"""Where each suite is published, which is what relative IRIs in its files are read against."""
_MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
_UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")


@dataclass(frozen=True)
class Dataset:
    """The graphs that a case is about.

    Attributes:
        default: addresses of the files whose triples are the default graph.
        named: the named graphs, each with the address of its file.
    """

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """One test.

    Attributes:
        name: its name within the manifest: the fragment of its IRI.
        kind: its class, without the namespace.
        text: address of the query or update.
        before: what is asked or changed.
        after: what an update must leave.
        result: address of what a query must answer, ``None`` where there is none.
        is_lax: whether a row that is there several times may be answered fewer times, but once.
    """

    name: str
    kind: str
    text: str
    before: Dataset
    after: Dataset
    result: str | None
    is_lax: bool


class Suite:
    """The files of the suites, by their addresses.

    Args:
        folder: the folder in which the suites are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifests: dict[str, rdflib.Graph] = {}

    def cases(self, group: str) -> list[Case]:
        """The cases of a group, in the order of its manifest.

        Args:
            group: suite and folder, such as ``sparql11/bind``.
        """
        return [_case(self._manifest(group), entry) for entry in self._entries(group)]

    def groups(self) -> dict[str, int]:
        """How many tests there are in each group that has a manifest."""
        manifests = (path for suite in _BASES for path in sorted((self._folder / suite).glob("*/manifest.ttl")))
        groups = [path.parent.relative_to(self._folder).as_posix() for path in manifests]
        return {group: sum(1 for _ in self._entries(group)) for group in groups}

    def path(self, address: str) -> Path:
        """The file at an address."""
        suite, base = next((s, b) for s, b in _BASES.items() if address.startswith(b))
        return self._folder / suite / address.removeprefix(base)

    def text(self, address: str) -> str:
        """The text at an address, as it is: ends of lines are part of some cases."""
        return self.path(address).read_bytes().decode()

    def _entries(self, group: str) -> Iterator[Node]:
        manifest = self._manifest(group)
        for entries in manifest.objects(predicate=_MF.entries):
            yield from Collection(manifest, entries)

    def _manifest(self, group: str) -> rdflib.Graph:
        if group not in self._manifests:
            suite, _, folder = group.partition("/")
            address = f"{_BASES[suite]}{folder}/manifest.ttl"
            self._manifests[group] = rdflib.Graph().parse(self.path(address), publicID=address)
        return self._manifests[group]


def _case(graph: rdflib.Graph, entry: Node) -> Case:
    action, result = graph.value(entry, _MF.action), graph.value(entry, _MF.result)
    assert action is not None
    text = graph.value(action, _QT.query) or graph.value(action, _UT.request) or action
    return Case(
        name=str(entry).partition("#")[2],
        kind=str(graph.value(entry, RDF.type)).partition("#")[2],
        text=str(text),
        before=_dataset(graph, action),
        after=Dataset() if result is None else _dataset(graph, result),
        result=str(result) if isinstance(result, URIRef) else None,
        is_lax=(entry, _MF.resultCardinality, _MF.LaxCardinality) in graph,
    )


def _dataset(graph: rdflib.Graph, node: Node) -> Dataset:
    default = [*graph.objects(node, _QT.data), *graph.objects(node, _UT.data)]
    named = [(str(file), str(file)) for file in graph.objects(node, _QT.graphData)]
    for each in graph.objects(node, _UT.graphData):
        named.append((str(graph.value(each, RDFS.label)), str(graph.value(each, _UT.graph))))
    return Dataset(tuple(sorted(map(str, default))), tuple(sorted(named)))
