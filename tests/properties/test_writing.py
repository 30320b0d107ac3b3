"""A served graph that is changed is a graph built from the changed sources, whatever changes it and in which order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from kg import building
from kg.building import add_view, build, catalog_view
from kg.errors import InconsistencyError
from kg.facts import Facts
from kg.http import concluding
from kg.http.concluding import Conclusions
from kg.http.frames import Job
from kg.http.refusals import Refused
from kg.http.served import Served
from kg.http.writing import update, write_graph
from kg.serializing import serialize
from kg.statistics import sized
from kg.store.embedded import EmbeddedStore
from kg.store.kept import kept
from kg.terms import PREFIXES
from kg.trust import policies
from kg.validation import validate
from kg.views import asserted_graphs, base_graphs, is_of_view
from kg.vocab import DCTERMS, FOEDUS, GRAPH
from tests.fiction import CAST, claim, fact, pact, transfer, war
from tests.fiction import PREFIXES as TURTLE

POLICY = """e:mine a f:TrustPolicy ; rdfs:label "mine"@en ; f:policyName "mine" ;
  f:admitsModality f:Fact, f:Reported%s .\n"""
PARTS = (
    pact("Norland", "Osteria"),
    pact("Norland", "Pellmark", name="league", kind="Neutrality", begin="2001", end="2010"),
    pact("Osteria", "Quarria", name="accord", begin="2003"),
    transfer(),
    transfer("guns", begin="2007", end="2008", supplier="Quarria", recipient="Norland", claimed="Alleged"),
    war(),
    war("raid", begin="2004", end="Ongoing", claimed="Reported", sideA="Quarria", sideB="Norland", initiator="Quarria"),
    fact("feud", "Rivalry", begin="1999", end="2015", rival="Norland Pellmark"),
    claim("hearsay", "deal-claim", modality="Reported", by="wire", source="yearbook"),
    claim("denial", "war", stance="Denies", by="wire", source="yearbook"),
    "e:deal e:seen [ e:by [ e:name 'x' ] ] .\n",
)
WHOLE = tuple(TURTLE + part for part in PARTS)
NAMES = ("a", "b", "c")
UPDATES = (
    "DELETE { GRAPH ?g { ?c foedus:modality ?m } } INSERT { GRAPH ?g { ?c foedus:modality foedus:Alleged } } "
    "WHERE { GRAPH ?g { ?c foedus:claims e:deal ; foedus:modality ?m } }",
    "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { VALUES ?s { e:deal e:deal-claim e:hearsay } ?s ?p ?o } }",
    "DELETE WHERE { GRAPH ?g { e:war-claim ?p ?o . } } ; DELETE WHERE { GRAPH ?g { e:war ?p ?o } }",
    "DELETE WHERE { GRAPH %A { e:raid foedus:end ?o } } ; "
    "INSERT DATA { GRAPH %A { e:raid foedus:end '2009'^^xsd:gYear } }",
    "WITH %A DELETE { ?s foedus:begin ?o } INSERT { ?s foedus:begin '2002'^^xsd:gYear } WHERE { ?s foedus:begin ?o }",
    "INSERT { GRAPH %B { ?s ?p ?o } } USING %A WHERE { ?s ?p ?o }",
    "INSERT { GRAPH %B { ?s ?p ?o } } WHERE { GRAPH %A { ?s a foedus:ArmsTransfer ; ?p ?o } }",
    "INSERT DATA { GRAPH %A { _:x e:knows _:y . _:y e:age 7 } }",
    "INSERT DATA { GRAPH %A { e:odd e:says 'tab\\tline\\nquote\\\"', 'ä€😀', 'x'@en-gb, 01, 1.50, '\\u0007' } }",
    "MOVE SILENT %A TO %B",
    "COPY SILENT %A TO %B",
    "ADD SILENT GRAPH %A TO %B",
    "DROP SILENT GRAPH %A",
    "CLEAR SILENT GRAPH %A ; CREATE SILENT GRAPH %B",
    "CREATE SILENT GRAPH %A ; INSERT DATA { GRAPH %B { e:odd e:says 'this' } }",
    "DELETE { GRAPH ?g { e:mine ?p ?o } } WHERE { GRAPH ?g { e:mine ?p ?o } }",
    "DELETE { GRAPH ?g { e:mine ?p ?o } } INSERT { GRAPH ?g { e:mine ?p ?o ; foedus:admitsModality foedus:Alleged } } "
    "WHERE { GRAPH ?g { e:mine ?p ?o } }",
    "INSERT DATA { GRAPH %B { e:mine foedus:excludesAlliance e:pact } }",
    "INSERT { GRAPH ?g { ?s e:noted true } } WHERE { GRAPH ?g { ?s foedus:claims e:war } }",
    "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH %B { ?s ?p ?o } } "
    "WHERE { GRAPH ?g { ?s ?p ?o . ?s a foedus:Claim } }",
)


def named(name: str) -> NamedNode:
    return GRAPH.asserted(name)


def data(part: str) -> str:
    """A part as the body of a data block, without blank nodes of a collection's kind."""
    quads = pyoxigraph.parse(TURTLE + part, format=RdfFormat.TURTLE)
    return " ".join(f"{q.subject} {q.predicate} {q.object} ." for q in quads)


@dataclass
class Answered:
    """Stands in for a reply."""

    told: dict[str, Any] = field(default_factory=dict)

    def varies(self) -> None:
        pass

    def whole(self, media: str, text: str, **fields: object) -> None:
        self.told = json.loads(text) | fields


@dataclass(frozen=True)
class Step:
    """One request; a restart forgets what was kept, and all anew is a change held to be a large one."""

    name: str
    arguments: Mapping[str, Any]
    restart: bool
    anew: bool


@st.composite
def steps(draw: st.DrawFn) -> Step:
    one, other = draw(st.permutations(NAMES))[:2]
    restart, anew = draw(st.sampled_from([False, False, True])), draw(st.sampled_from([False] * 5 + [True]))
    kind = draw(st.sampled_from(["update", "update", "insert", "delete", "PUT", "POST", "DELETE"]))
    if kind in ("PUT", "POST", "DELETE"):
        parts = draw(st.lists(st.sampled_from(PARTS), max_size=4, unique=True)) if kind != "DELETE" else []
        body = {"method": kind, "graph": named(one).value, "default": False, "media": "text/turtle", "base": "urn:b"}
        body |= {"if_match": None, "if_none_match": None}
        return Step("write-graph", body | {"content": TURTLE + "".join(parts)}, restart, anew)
    if kind == "update":
        text = draw(st.sampled_from(UPDATES)).replace("%A", str(named(one))).replace("%B", str(named(other)))
    else:
        part = draw(st.sampled_from(PARTS[:-1]))
        text = f"{kind.upper()} DATA {{ GRAPH {named(one)} {{ {data(part)} }} }}"
    text = f"PREFIX e: <https://example.org/>\n{text}"
    return Step("update", {"update": text, "base": "urn:b", "using": [], "using_named": []}, restart, anew)


def start(folder: Path, parts: list[int]) -> None:
    (folder / "cast.ttl").write_text(TURTLE + CAST + POLICY % "", encoding="utf-8")
    (folder / "a.ttl").write_text(TURTLE + "".join(PARTS[part] for part in parts), encoding="utf-8")
    build([folder / "cast.ttl", folder / "a.ttl"], place=folder / "store")


def said(store: EmbeddedStore) -> dict[str, set[Triple]]:
    return {graph.value: set(store.triples(graph)) for graph in asserted_graphs(store)}


def expected(store: EmbeddedStore, step: Step) -> dict[str, set[Triple]] | None:
    """What the sources say after a request, as a plain dataset has it; ``None`` where blank nodes get names."""
    given = step.arguments
    database = pyoxigraph.Store()
    database.extend(
        Quad(t.subject, t.predicate, t.object, graph) for graph in asserted_graphs(store) for t in store.triples(graph)
    )
    if step.name == "update":
        database.update(given["update"], base_iri=given["base"], prefixes=PREFIXES)
    else:
        graph = NamedNode(given["graph"])
        if given["method"] != "POST":
            database.clear_graph(graph)
        body = pyoxigraph.parse(given["content"], format=RdfFormat.TURTLE)
        database.extend(Quad(q.subject, q.predicate, q.object, graph) for q in body)
    if any(isinstance(term, BlankNode) for quad in database for term in quad):
        return None
    found: dict[str, set[Triple]] = {}
    for quad in database:
        found.setdefault(quad.graph_name.value, set()).add(quad.triple)
    return found


def strays(store: EmbeddedStore, step: Step) -> bool:
    """Whether a request, carried out on all graphs, changes one that holds no source."""
    database = pyoxigraph.Store()
    database.extend(store.quads())
    before = set(database)
    if step.name == "update":
        database.update(step.arguments["update"], base_iri=step.arguments["base"], prefixes=PREFIXES)
    return any(not str(quad.graph_name).startswith(f"<{GRAPH.base}asserted/") for quad in before ^ set(database))


def check_columns(store: EmbeddedStore) -> None:
    """What is kept as columns beside a database is what the database has."""
    assert store.folder is not None and kept(store.folder) is not None
    found, read = Facts.of(store), Facts.of(store.copy())
    for one, other in ((found.ontology, read.ontology), (found.asserted, read.asserted)):
        assert set(one.decode(found.dictionary)) == set(other.decode(read.dictionary))
    for view, columns in found.accepted.items():
        assert set(columns.decode(found.dictionary)) == set(store.triples(GRAPH.accepted(view)))


def of_union(entry: Triple) -> bool:
    return isinstance(entry.subject, NamedNode) and entry.subject.value.startswith(GRAPH.union("").value)


def rebuilt(store: EmbeddedStore, first: EmbeddedStore, written: set[str]) -> dict[str, set[Triple]]:
    """All graphs, as the sources and the ontology of a store give them.

    Raises:
        InconsistencyError: they contradict each other.
    """
    new = EmbeddedStore()
    for graph in base_graphs(store):
        new.insert(graph, store.triples(graph))
    # A file without a statement is in the catalog too.
    catalog = {
        triple
        for triple in first.triples(GRAPH.catalog)
        if isinstance(triple.subject, NamedNode) and not (triple.subject.value in written or is_of_view(triple.subject))
    }
    for graph in asserted_graphs(store):
        if graph.value in written:
            digest = sha256(serialize(store.triples(graph), RdfFormat.N_TRIPLES)).hexdigest()
            catalog.add(Triple(graph, DCTERMS.source, Literal(f"{graph.value.rpartition('/')[2]}.nt")))
            catalog.add(Triple(graph, FOEDUS.textDigest, Literal(digest)))
            catalog.add(Triple(graph, DCTERMS.provenance, Literal("written over HTTP")))
    for policy in policies(new, base_graphs(new)).values():
        catalog |= set(catalog_view(policy, add_view(new, policy).certificate))
    catalog |= set(filter(of_union, new.triples(GRAPH.catalog)))
    catalog |= set(sized({graph: len(set(new.triples(graph))) for graph in new.graphs() if graph != GRAPH.catalog}))
    return {g.value: set(new.triples(g)) for g in new.graphs() if g != GRAPH.catalog} | {GRAPH.catalog.value: catalog}


def faulty(sources: Mapping[str, set[Triple]]) -> bool:
    return any(violation.severity == "Violation" for violation in validate(sources))


@given(
    parts=st.lists(st.integers(0, 7), unique=True, max_size=6),
    walk=st.lists(steps(), min_size=1, max_size=5),
    steps_at_most=st.sampled_from([50_000, 50_000, 340]),
)
@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
def test_a_changed_graph_is_a_graph_built_from_changed_sources(
    parts: list[int], walk: list[Step], steps_at_most: int
) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "STEPS_AT_MOST", steps_at_most)
        folder = Path(name)
        start(folder, parts)
        first = EmbeddedStore.open(folder / "store").copy()
        served, written = Served(folder / "store", None), set[str]()
        for step in walk:
            if step.restart:
                served.conclusions = Conclusions()
            patch.setattr(concluding, "_MUCH", 0 if step.anew else 3_000)
            before = EmbeddedStore.open(folder / "store")
            wanted, held = expected(before, step), {g.value: set(before.triples(g)) for g in before.graphs()}
            reply, forbidden = Answered(), strays(before, step)
            try:
                job = Job(step.name, arguments=dict(step.arguments))
                {"update": update, "write-graph": write_graph}[step.name](served, job, reply, None)  # type: ignore[arg-type]
            except Refused as refused:
                now = EmbeddedStore.open(folder / "store")
                assert now.opened == before.opened
                if refused.status == 404:
                    assert step.arguments["method"] == "DELETE" and step.arguments["graph"] not in held
                elif forbidden:
                    assert refused.status == 403, refused
                else:
                    assert refused.status == 422, refused
                    assert wanted is None or faulty(wanted) or contradicts(before, wanted) or "mine" in str(refused)
                continue
            assert not forbidden
            after = EmbeddedStore.open(folder / "store")
            found = {g.value: set(after.triples(g)) for g in after.graphs()}
            assert after.opened == reply.told["generation"]
            if wanted is not None:
                assert said(after) == wanted
                assert not faulty(wanted)
            assert not any(isinstance(term, BlankNode) for quad in after.quads() for term in quad)
            was, now_said = said(before), said(after)
            added = sum(len(now_said[g] - was.get(g, set())) for g in now_said)
            removed = sum(len(was[g] - now_said.get(g, set())) for g in was)
            assert (reply.told["inserted"], reply.told["deleted"]) == (added, removed)
            written |= {g for g in was.keys() | now_said.keys() if was.get(g) != now_said.get(g)}
            wholly = rebuilt(after, first, written)
            assert found.keys() == wholly.keys()
            for graph, triples in wholly.items():
                assert found[graph] == triples, graph
            check_columns(after)
            left = {entry.name for entry in (folder / "store").iterdir() if not entry.name.startswith("generation-")}
            assert left == {"current", "lock"}


def contradicts(store: EmbeddedStore, sources: Mapping[str, set[Triple]]) -> bool:
    new = EmbeddedStore()
    new.insert(GRAPH.ontology, store.triples(GRAPH.ontology))
    for graph, triples in sources.items():
        new.insert(NamedNode(graph), triples)
    try:
        for policy in policies(new, base_graphs(new)).values():
            add_view(new, policy)
    except InconsistencyError:
        return True
    return False
