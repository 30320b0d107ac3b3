"""The road from files to conclusions: one graph a stage, and nothing that goes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg import KnowledgeGraph, __version__
from kg.building import build
from kg.documents import read_document
from kg.errors import InconsistencyError, ParseError, UnknownName, UsageError, ValidationError
from kg.resources import graph_files
from kg.store.embedded import EmbeddedStore
from kg.vocab import FOEDUS, GRAPH, OWL, PROV, RDF

POLICIES = ("alleged", "facts", "reported")


@pytest.fixture(scope="module")
def built(store: Path) -> EmbeddedStore:
    return EmbeddedStore.open(store)


def test_each_stage_and_source_has_a_graph_of_its_own(built: EmbeddedStore) -> None:
    names = {graph.value.removeprefix(GRAPH.base) for graph in built.graphs()}
    stages = {f"{stage}/{policy}" for stage in ("accepted", "derived", "inferred", "proofs") for policy in POLICIES}
    sources = {f"asserted/{path.stem}" for path in graph_files()}
    assert names - {"derived/facts"} == (stages | sources | {"catalog", "ontology"}) - {"derived/facts"}


@pytest.mark.parametrize("path", graph_files(), ids=lambda path: path.stem)
def test_no_stage_changes_what_a_source_says(built: EmbeddedStore, path: Path) -> None:
    assert set(built.triples(GRAPH.asserted(path.stem))) == set(read_document(path).triples)


@pytest.mark.parametrize("policy", POLICIES)
def test_stages_share_no_triple(built: EmbeddedStore, policy: str) -> None:
    asserted = {t for path in graph_files() for t in built.triples(GRAPH.asserted(path.stem))}
    stages = [asserted]
    stages += [set(built.triples(graph(policy))) for graph in (GRAPH.accepted, GRAPH.derived, GRAPH.inferred)]
    for number, one in enumerate(stages):
        for two in stages[number + 1 :]:
            assert not one & two


@pytest.mark.parametrize("policy", POLICIES)
def test_every_derived_node_names_its_rule_and_premises(built: EmbeddedStore, policy: str) -> None:
    derived = list(built.triples(GRAPH.derived(policy)))
    nodes = {t.subject for t in derived}
    assert nodes == {t.subject for t in derived if t.predicate == FOEDUS.derivedByRule}
    assert nodes == {t.subject for t in derived if t.predicate == PROV.wasDerivedFrom}


@pytest.mark.parametrize("policy", POLICIES)
def test_every_inferred_triple_has_its_rule_and_premises_on_record(built: EmbeddedStore, policy: str) -> None:
    proofs = list(built.triples(GRAPH.proofs(policy)))
    parts: dict[object, dict[object, list[object]]] = {}
    for triple in proofs:
        parts.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)
    recorded = {}
    for node, found in parts.items():
        (subject,), (predicate,), (obj,) = found[RDF.subject], found[RDF.predicate], found[RDF.object]
        recorded[Triple(subject, predicate, obj)] = node  # type: ignore[arg-type]
    for triple in built.triples(GRAPH.inferred(policy)):
        found = parts[recorded[triple]]
        assert found[RDF.type] == [FOEDUS.InferredStatement]
        assert found[FOEDUS.entailmentRule] and found[FOEDUS.usesAxiom] and found[FOEDUS.hasPremise]
        assert all(premise in parts for premise in found[FOEDUS.hasPremise]), "every premise is described"
    assert not any(isinstance(t.subject, Literal) for t in built.triples(GRAPH.inferred(policy)))


def test_an_unknown_policy_is_refused_with_the_near_one() -> None:
    with pytest.raises(UnknownName, match="'reported'"):
        build(graph_files(), policy="reportd")


def write(path: Path, text: str) -> Path:
    prefixes = (
        "@prefix f: <https://w3id.org/foedus/ns#> . @prefix e: <https://example.org/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    )
    path.write_text(prefixes + text)
    return path


def test_a_file_that_does_not_parse_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match=r"broken\.ttl:3"):
        build([*graph_files(), write(tmp_path / "broken.ttl", "e:a e:b")])


def test_every_violation_names_its_file(tmp_path: Path) -> None:
    one = write(tmp_path / "one.ttl", 'e:x a f:ArmsTransfer ; rdfs:label "x"@en .\n')
    two = write(tmp_path / "two.ttl", 'e:y a f:Obligation ; rdfs:label "y"@en .\n')
    with pytest.raises(ValidationError) as caught:
        build([*graph_files(), one, two])
    assert {v.file for v in caught.value.violations} == {str(one), str(two)}


def test_data_that_contradict_the_ontology_are_reported_with_the_nodes(tmp_path: Path) -> None:
    text = 'e:x a f:State, f:Organization ; rdfs:label "x"@en ; f:iso3 "XXX" .\n'
    with pytest.raises((InconsistencyError, ValidationError)) as caught:
        build([write(tmp_path / "clash.ttl", text)])
    assert isinstance(caught.value, InconsistencyError)
    assert any("https://example.org/x" in clash.nodes for clash in caught.value.inconsistencies)


def test_the_catalog_names_sources_policy_and_engine(built: EmbeddedStore) -> None:
    catalog = set(built.triples(GRAPH.catalog))
    assert Triple(GRAPH.catalog, FOEDUS.policyName, Literal("reported")) in catalog
    assert Triple(GRAPH.catalog, OWL.versionInfo, Literal(__version__)) in catalog
    for path in graph_files():
        digest = read_document(path).digest
        assert Triple(GRAPH.asserted(path.stem), FOEDUS.textDigest, Literal(digest)) in catalog
    engines = {t.object for t in catalog if t.predicate == NamedNode("http://purl.org/dc/terms/creator")}
    assert {str(engine) for engine in engines} == {'"kg compiled"'}


def test_a_source_cannot_state_axioms(tmp_path: Path) -> None:
    text = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\nf:suppliesArmsTo a owl:SymmetricProperty .\n"
    file = write(tmp_path / "axiom.ttl", text)
    try:
        store, _ = build([*graph_files(), file])
    except ValidationError as refused:
        assert {v.file for v in refused.violations} == {str(file)}
    else:
        supplied = [t for t in store.triples(GRAPH.inferred("reported")) if t.predicate == FOEDUS.suppliesArmsTo]
        assert len(supplied) == 1


def test_what_was_written_over_http_is_not_dropped_from_a_remote_store() -> None:
    with pytest.raises(UsageError, match="a store in a folder"):
        KnowledgeGraph.build(remote="http://127.0.0.1:9/sparql", dropping=["mine"])
