"""The cases of the W3C's SPARQL test suites, put to ``kg serve``: one server for all, with all data in its store.

The server lets nobody change any graphs but those of sources. So the named graphs that an update changes get names of
such, one set a case, and its default graph, which nobody can fill, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import httpx2 as httpx
import pyoxigraph
import rdflib
from pyoxigraph import NamedNode, RdfFormat
from rdflib.compare import isomorphic

from kg.documents import without_blank_nodes
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID
from kg.vocab import GRAPH
from tests.conformance.w3c_manifests import Case, Dataset, Suite
from tests.conformance.w3c_results import read_graph, read_results, same_results
from tests.http.conftest import Server
from tests.http.writing import AUTH, UPDATE

__all__ = ["Served", "fill"]

_EMPTY: Final = "urn:empty"
_MEDIA: Final = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
_FORMATS: Final = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "rdf": RdfFormat.RDF_XML}
_FROM: Final = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>")
_ORDERED: Final = re.compile(r"\}\s*ORDER\s+BY\b", re.IGNORECASE)
_ANY_ORDER: Final = ("plus-1", "plus-2")
"""They order literals of types of which SPARQL does not say which comes first."""
_CONSTRUCTS: Final = re.compile(r"^\s*CONSTRUCT\b", re.MULTILINE)
_CHANGED: Final = tuple(f"http://example.org/g{number}" for number in range(1, 5))
"""The graphs that updates of the suites change."""
_WRITTEN: Final = re.compile(r"<http://example\.org/(g[1-4])>|(?<!\w):(g[1-4])\b")
"""How they are written."""


def fill(place: Path, store: Path, suite: Suite, cases: Iterable[Case]) -> None:
    """Make a store with all that queries ask about, beside what is in another.

    A graph is called by the address of its file. Where it is a default graph it is another, for the blank nodes of the
    default graph are not those of a named graph of the same file. Where it is changed it is one a case.

    Args:
        place: the folder of the store.
        store: the other.
        suite: the files.
        cases: the cases.
    """
    filled = EmbeddedStore.open(store).copy()
    files: dict[str, str] = {}
    for case in cases:
        if "Syntax" in case.kind:
            continue
        if case.kind == "UpdateEvaluationTest":
            files |= {_as_changed(case, name): file for name, file in case.before.named}
            continue
        files |= {_as_default(file): file for file in case.before.default}
        files |= dict(case.before.named)
        if _says_dataset(case, suite):
            named = (urljoin(case.text, name) for name in _FROM.findall(suite.text(case.text)))
            files |= {file: file for file in named}
    for graph, file in sorted(files.items()):
        data = suite.path(file).read_bytes()
        form = _FORMATS[_kind(file)]
        quads = list(pyoxigraph.parse(data, format=form, base_iri=file, rename_blank_nodes=True))
        if graph.startswith(GRAPH.base):  # as the server would have written it
            quads = without_blank_nodes(quads, graph)
        filled.insert(NamedNode(graph), [quad.triple for quad in quads])
    filled.publish(place)


class Served:
    """A server that can be written to, and what comes of each case there.

    Args:
        server: the server.
        suite: the files.
    """

    def __init__(self, server: Server, suite: Suite) -> None:
        self._suite = suite
        self._client = httpx.Client(base_url=server.url(""), timeout=60)

    def close(self) -> None:
        """Leave the server."""
        self._client.close()

    def deviation(self, case: Case) -> str | None:
        """What is other than the case wants, ``None`` where nothing is."""
        match case.kind:
            case "UpdateEvaluationTest":
                return self._changed(case)
            case "QueryEvaluationTest" | "CSVResultFormatTest":
                return self._answered(case)
            case "PositiveUpdateSyntaxTest11":
                # What may be written is looked at once it has been parsed.
                refused = self._update(self._suite.text(case.text))
                return None if refused and " cannot be " in refused else refused
            case "NegativeUpdateSyntaxTest11":
                return _wrongly_taken(self._update(self._suite.text(case.text)))
            case "PositiveSyntaxTest" | "PositiveSyntaxTest11":
                return _refusal(self._query(case))
            case "NegativeSyntaxTest" | "NegativeSyntaxTest11" if case.text.endswith(".ru"):
                return _wrongly_taken(self._update(self._suite.text(case.text)))
            case "NegativeSyntaxTest" | "NegativeSyntaxTest11":
                return _wrongly_taken(_refusal(self._query(case)))
        raise ValueError(case.kind)

    def _query(self, case: Case, media: str = "*/*") -> httpx.Response:
        text = self._suite.text(case.text)
        asked: dict[str, str | list[str]] = {"query": text}
        if "Syntax" not in case.kind:
            # The server does not know where the text was found, which is its base.
            asked["query"] = f"BASE <{case.text}>\n{text}"
        if not _says_dataset(case, self._suite):
            asked["default-graph-uri"] = [*map(_as_default, case.before.default)] or [_EMPTY]
            asked["named-graph-uri"] = [name for name, _ in case.before.named]
        return self._client.get("sparql", params=asked, headers={"Accept": media})

    def _answered(self, case: Case) -> str | None:
        assert case.result is not None
        kind, expected = _kind(case.result), self._suite.path(case.result).read_bytes()
        text = self._suite.text(case.text)
        if _CONSTRUCTS.search(text):
            answer = self._query(case, "application/n-triples")
            if refused := _refusal(answer):
                return refused
            graph = read_graph(expected, kind, case.result)
            return None if isomorphic(read_graph(answer.content, "nt"), graph) else "another graph"
        asked = kind if kind in _MEDIA else "srj"
        answer = self._query(case, _MEDIA[asked])
        if refused := _refusal(answer):
            return refused
        is_ordered = _ORDERED.search(text) is not None and case.name not in _ANY_ORDER
        wanted = read_results(expected, kind, case.result, is_ordered=is_ordered)
        return None if same_results(wanted, read_results(answer.content, asked), is_lax=case.is_lax) else "other rows"

    def _update(self, text: str) -> str | None:
        return _refusal(self._client.post("sparql", content=text, headers=AUTH | UPDATE))

    def _changed(self, case: Case) -> str | None:
        """What comes of an update: of its named graphs, which get names that can be written."""
        text = _WRITTEN.sub(lambda found: f"<{_as_changed(case, found[1] or found[2])}>", self._suite.text(case.text))
        if refused := self._update(text):
            return refused
        if not isomorphic(self._default(case.before), self._default(case.after)):
            return "the default graph is as it was"
        after = dict(case.after.named)
        for name in _CHANGED:
            file, wanted = after.get(name), rdflib.Graph()
            if file is not None:
                wanted = read_graph(self._suite.path(file).read_bytes(), _kind(file), file)
            if not isomorphic(self._graph(_as_changed(case, name)), wanted):
                return f"another graph {name}"
        return None

    def _default(self, dataset: Dataset) -> rdflib.Graph:
        graph = rdflib.Graph()
        for file in dataset.default:
            graph += read_graph(self._suite.path(file).read_bytes(), _kind(file), file)
        return graph

    def _graph(self, name: str) -> rdflib.Graph:
        """A graph, with blank nodes where the server gives them names."""
        accept = {"Accept": "application/n-triples"}
        answer = self._client.get("graph-store", params={"graph": name}, headers=accept)
        if answer.status_code == 404:
            return rdflib.Graph()
        return read_graph(re.sub(rf"<{re.escape(GENID)}(\w+)>", r"_:n\1", answer.text).encode(), "nt")


def _as_default(file: str) -> str:
    return f"{file}?default"


def _as_changed(case: Case, name: str) -> str:
    """The graph that can be written in the place of one that a case changes."""
    group, graph = case.text.split("/")[-2], name.rpartition("/")[2]
    return GRAPH.asserted(f"{group}.{case.name}.{graph}").value


def _kind(file: str) -> str:
    return file.rpartition(".")[2]


def _says_dataset(case: Case, suite: Suite) -> bool:
    """Whether the query itself says what it is about, and nobody else does."""
    return not case.before.default and not case.before.named and bool(_FROM.search(suite.text(case.text)))


def _refusal(answer: httpx.Response) -> str | None:
    return None if answer.status_code == 200 else f"{answer.status_code}: {answer.json()['error']}"


def _wrongly_taken(refusal: str | None) -> str | None:
    """What is wrong where a text should not have parsed."""
    if refusal is not None and refusal.startswith("400: ") and " does not parse: " in refusal:
        return None
    return refusal or "it was taken"
