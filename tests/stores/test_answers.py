"""A graph on a server answers as the same graph in memory does."""

from __future__ import annotations

import shlex
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryTriples, Triple

from kg import KnowledgeGraph
from kg.building import Report
from kg.errors import QueryError, StoreError
from kg.questions import Question, load_questions
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.terms import Term
from kg.vocab import DCTERMS, GRAPH, XSD
from tests.stores.servers import Server

G = NamedNode(f"{GRAPH.base}asserted/many")
P = NamedNode("https://example.org/p")


def example(question: Question) -> dict[str, str]:
    """The parameters of the question's example."""
    words = shlex.split(question.example)[3:]
    names = {f"--{p.name}": p.variable for p in question.parameters}
    return {names[w]: words[i + 1] for i, w in enumerate(words) if w in names}


def by_value(term: Term | None) -> object:
    """Servers write one decimal in several ways: 0 and 0.0."""
    if isinstance(term, Literal) and term.datatype == XSD.decimal:
        return Decimal(term.value)
    return term


def rows(graph: KnowledgeGraph, question: Question, given: dict[str, str]) -> list[list[object]]:
    return [[by_value(term) for term in row] for row in graph.ask(question, **given).terms]


@pytest.mark.parametrize("question", load_questions(), ids=lambda q: q.name)
def test_questions(near: KnowledgeGraph, far: KnowledgeGraph, question: Question) -> None:
    choices = [example(question)]
    if not any(p.required for p in question.parameters):
        choices.append({})
    for given in choices:
        assert rows(far, question, given) == rows(near, question, given)


def test_graphs(built: tuple[EmbeddedStore, Report], far: KnowledgeGraph) -> None:
    store, _ = built
    assert far.store.graphs() == store.graphs()
    for graph in store.graphs():
        if graph != GRAPH.catalog:
            assert set(far.store.triples(graph)) == set(store.triples(graph)), graph


def test_the_catalog_says_which_engine_reasoned(
    built: tuple[EmbeddedStore, Report], server: Server, far: KnowledgeGraph
) -> None:
    store, report = built
    here, there = set(store.triples(GRAPH.catalog)), set(far.store.triples(GRAPH.catalog))
    assert {t for t in here ^ there if t.predicate != DCTERMS.creator} == set()
    engines = {t.subject: t.object.value for t in there if t.predicate == DCTERMS.creator}  # type: ignore[union-attr]
    views = [view.policy.view for view in report.views]
    assert engines.keys() == {graph(view) for view in views for graph in (GRAPH.derived, GRAPH.inferred)}
    # Fuseki does not say what it is.
    name = "the server" if server.name == "fuseki" else server.name
    assert {engine.lower() for engine in engines.values()} == {f"kg sparql inside {name}"}


def test_explanations(near: KnowledgeGraph, far: KnowledgeGraph) -> None:
    for what in (("Belarus", "betrays", "Armenia"), ("Belarus", "alliedWith", "Armenia")):
        assert far.explain(what).to_dict() == near.explain(what).to_dict()
    given = {"supplier": "Kazakhstan", "state": "Armenia"}
    asked = "allies-supplying-adversary"
    assert far.why_not(asked, **given) == near.why_not(asked, **given)


def test_changes(near: KnowledgeGraph, far: KnowledgeGraph) -> None:
    for graph in (near, far):
        assert graph.scenario(withdraw=("Belarus", "CSTO")).difference.lost
    withdrawn = [graph.scenario(withdraw=("Belarus", "CSTO")).difference for graph in (near, far)]
    assert withdrawn[0] == withdrawn[1]
    sides = {"policy": "facts"}, {"policy": "alleged"}
    assert far.diff(*sides).difference == near.diff(*sides).difference


def test_what_was_known_by_a_day(built: tuple[EmbeddedStore, Report], server: Server) -> None:
    # Graphs of their own, for what follows by the day is worked out in them.
    near, far = KnowledgeGraph(built[0]), KnowledgeGraph.open(server.settings)
    asked = {"question": "betrayals", "known_by": "2023-10-01"}
    assert list(far.ask(**asked)) == list(near.ask(**asked))


def test_export(near: KnowledgeGraph, far: KnowledgeGraph, tmp_path: Path) -> None:
    written = [graph.export(tmp_path / name, ("nt", "trig")) for name, graph in (("near", near), ("far", far))]
    assert [p.name for p in written[0]] == [p.name for p in written[1]]
    for one, other in zip(*written, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_forms_of_query(near: KnowledgeGraph, far: KnowledgeGraph) -> None:
    for graph in (near, far):
        assert bool(graph.sparql("ASK { ?x foedus:betrays ?y }"))
        assert not bool(graph.sparql("ASK { ?x foedus:betrays ?x }"))
    built = "CONSTRUCT { ?y foedus:betrays ?x } WHERE { ?x foedus:betrays ?y }"
    answers = [graph.sparql(built) for graph in (near, far)]
    assert all(isinstance(answer, QueryTriples) for answer in answers)
    first, second = (set(answer) for answer in answers if isinstance(answer, QueryTriples))
    assert first == second
    with pytest.raises(QueryError, match="does not parse"):
        far.sparql("SELECT ?x WHERE {")


def test_no_graph_that_is_not_asked_is_seen(far: KnowledgeGraph) -> None:
    text = "ASK { ?s ?p ?o }"
    assert not bool(far.store.query(text))
    assert not bool(far.store.query(text, default_graphs=[NamedNode(f"{GRAPH.base}asserted/none")]))
    assert bool(far.store.query(text, default_graphs=[GRAPH.ontology]))
    graphs = "SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    seen = {row["g"] for row in far.store.query(graphs, named_graphs=[GRAPH.ontology])}  # type: ignore[union-attr]
    assert seen == {GRAPH.ontology}


def test_more_rows_than_a_server_answers_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtuoso cuts after 10,000 rows without a word; all arrive, and a query that is cut is an error."""
    monkeypatch.setattr("kg.store.remote.NEAR", 100)
    count = 12_000
    integers = [Literal(str(n), datatype=XSD.integer) for n in range(count)]
    given = {Triple(NamedNode(f"https://example.org/{n}"), P, value) for n, value in enumerate(integers)}
    store = RemoteStore.connect(server.settings)
    store.insert(G, given)
    try:
        read = list(store.triples(G))
        assert len(read) == count and set(read) == given
        assert len(list(store.match([G, G], predicate=P, obj=integers[7]))) == 2
        text = "SELECT ?s ?o WHERE { ?s ?p ?o }"
        if server.name == "virtuoso":
            with pytest.raises(StoreError, match="ResultSetMaxRows"):
                list(store.query(text, default_graphs=[G]))  # type: ignore[arg-type]
        else:
            assert len(list(store.query(text, default_graphs=[G]))) == count  # type: ignore[arg-type]
    finally:
        store.drop(G)
    assert G not in store.graphs()


@pytest.mark.parametrize(
    "value",
    [
        Literal('quote " backslash \\ line\nend\ttab'),
        Literal("žluťoučký kůň 🐎", language="cs"),
        Literal("2023-09", datatype=XSD.gYearMonth),
        Literal("2018", datatype=XSD.gYear),
        Literal("0001-01-01", datatype=XSD.date),
        Literal("9999-12-31", datatype=XSD.date),
        Literal("true", datatype=XSD.boolean),
        Literal(""),
        NamedNode("https://example.org/ž?a=b&c#d"),
    ],
    ids=str,
)
@pytest.mark.parametrize("loading", ["by update", "by protocol"])
def test_terms_come_back_as_they_went(server: Server, value: Literal | NamedNode, loading: str) -> None:
    url = server.settings.graph_store_url if loading == "by protocol" else None
    store = RemoteStore.connect(replace(server.settings, graph_store_url=url))
    triple = Triple(P, P, value)
    store.insert(G, [triple])
    try:
        assert list(store.triples(G)) == [triple]
    finally:
        store.drop(G)
