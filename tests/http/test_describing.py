"""Descriptions: VoID, nodes, terms, pages, health, metrics, OpenAPI."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import rdflib
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from prometheus_client.parser import text_string_to_metric_families
from pyoxigraph import NamedNode, QuerySolutions
from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.http import served
from kg.http.describing import _near, _service, _void
from kg.http.formats import GRAPHS
from kg.http.functions import FUNCTIONS
from kg.http.served import Served, ServedGraph
from kg.questions import Question, load_questions
from kg.statistics import Statistics
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID
from kg.vocab import FOEDUS, GRAPH, RDFS
from tests.http.conftest import serving
from tests.http.examples import PLACE, examples

VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
ID = "https://w3id.org/foedus/id/"


def test_void_counts(client: TestClient, graph: KnowledgeGraph) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    described = rdflib.Graph().parse(data=answer.text, format="turtle")
    dataset = rdflib.URIRef("http://test.example/.well-known/void")
    counted = graph.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert isinstance(counted, QuerySolutions)
    assert str(described.value(dataset, VOID.triples)) == next(counted)["n"].value
    assert "not a verdict" in answer.text and "http://www.w3.org/ns/dcat#Dataset" in answer.text


def never(graph: ServedGraph, *args: object) -> dict[str, int]:
    raise AssertionError("it is counted")


def test_what_the_catalog_says_is_not_counted(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Served(store, None).graph()
    found = counted._counts(), counted._classes()
    for name in ("_counts", "_classes"):
        monkeypatch.setattr(ServedGraph, name, never)
    read = Served(store, None).graph()
    assert (read.statistics.counts, read.statistics.classes) == found
    sizes = Served(store, None).graph().sizes
    assert sizes == {graph: sum(1 for _ in read.store.triples(graph)) for graph in read.store.graphs()}


def test_a_long_graph_of_which_the_catalog_says_nothing_is_not_counted(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "_LONG", 10)
    monkeypatch.setattr(served, "noted_sizes", lambda store: {})
    monkeypatch.setattr(Statistics, "noted", lambda store, view: None)
    graph = Served(store, None).graph()
    described = rdflib.Graph()
    for triple in (*_void(graph, "http://x"), *_service(graph, "http://x", writable=False)):
        described.parse(data=f"{triple} .", format="nt")
    assert (None, VOID.distinctSubjects, None) not in described
    assert (rdflib.URIRef(GRAPH.ontology.value), VOID.triples, None) in described


def test_every_individual_has_a_page_and_a_description(client: TestClient, graph: KnowledgeGraph) -> None:
    found = graph.sparql("SELECT DISTINCT ?s { ?s a ?c FILTER(STRSTARTS(STR(?s), STR(id:))) } ORDER BY ?s")
    assert isinstance(found, QuerySolutions)
    # Blank nodes of files stay blank nodes for readers.
    nodes = [row["s"].value for row in found if not row["s"].value.startswith(GENID)]
    assert len(nodes) > 300
    for node in nodes[::7]:
        path = "/id/" + node.removeprefix(ID)
        page = client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200 and page.text.startswith("<!doctype html>"), node
        assert f"<{node}>" in client.get(path, headers={"Accept": "application/n-triples"}).text


def test_every_term_has_a_place(client: TestClient) -> None:
    page = client.get("/ns", headers={"Accept": "text/html"}).text
    assert set(re.findall(r'<tr id="(\w+)"', page)) == {t.value.removeprefix(FOEDUS.base) for t in FOEDUS}
    turtle = client.get("/ns", headers={"Accept": "text/turtle"}).text
    assert len(rdflib.Graph().parse(data=turtle, format="turtle")) > 1000


def test_every_iri_of_ours_that_the_graph_speaks_of_is_described(client: TestClient, graph: KnowledgeGraph) -> None:
    """Terms and modules with their versions, graphs, what answers under a policy, and individuals of every kind."""
    base = FOEDUS.base.removesuffix("ns#")
    text = f"""SELECT DISTINCT ?x {{
      {{ GRAPH ?g {{ ?x ?p ?o }} }} UNION {{ GRAPH ?g {{ ?s ?p ?x }} }} UNION {{ GRAPH ?x {{ ?s ?p ?o }} }}
      FILTER(ISIRI(?x) && STRSTARTS(STR(?x), "{base}"))
    }}"""
    found = graph.sparql(text)
    assert isinstance(found, QuerySolutions)
    # Blank nodes of files stay blank nodes for readers.
    iris = {row["x"].value for row in found if not row["x"].value.startswith(GENID)}
    named = {iri.removeprefix(base).partition("#")[0] for iri in iris}
    served = {name for name in named if name.startswith(("id/", "ns", "graph/"))}
    assert {"ns", "ns/0.1.0", "ns/actors/0.1.0", "graph/union/reported"} <= served and len(served) > 300
    few = [name for number, name in enumerate(sorted(served)) if number % 11 == 0 or not name.startswith("id/")]
    for name in few:
        answer = client.get(f"/{name}", headers={"Accept": "application/n-triples"})
        assert answer.status_code == 200 and f"<{base}{name}" in answer.text, name


def test_the_service_description_says_what_of_owl_2_rl_is_left_out(client: TestClient) -> None:
    described = rdflib.Graph().parse(
        data=client.get("/sparql", headers={"Accept": "text/turtle"}).text, format="turtle"
    )
    (said,) = described.objects(rdflib.URIRef("http://test.example/sparql"), rdflib.RDFS.comment)
    assert "left out as saying nothing: that something is an owl:Thing" in str(said)
    assert not client.get("/sparql", params={"query": "ASK { ?x a owl:Thing }"}).json()["boolean"]


def test_a_version_is_described_as_what_has_it(client: TestClient) -> None:
    turtle = {"Accept": "text/turtle"}
    assert client.get("/ns/actors/0.1.0", headers=turtle).text == client.get("/ns/actors", headers=turtle).text
    assert client.get("/ns/0.1.0", headers=turtle).text == client.get("/ns", headers=turtle).text
    for other in ("/ns/actors/0.0.9", "/ns/0.0.9", "/ns/actors/0.1.0/x"):
        assert client.get(other, headers=turtle).status_code == 404


def test_what_answers_under_a_policy_is_described_with_its_parts(client: TestClient) -> None:
    answer = client.get("/graph/union/reported", headers={"Accept": "text/turtle"})
    described = rdflib.Graph().parse(data=answer.text, format="turtle")
    union = rdflib.URIRef(GRAPH.union("reported").value)
    parts = set(described.objects(union, VOID.classPartition))
    assert len(parts) > 10 and all(described.value(part, VOID.entities) is not None for part in parts)
    assert client.get("/graph/union/reported", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/graph/union/nobody").status_code == 404


def test_what_is_not_there(client: TestClient) -> None:
    answer = client.get("/id/alliance/cto")
    assert answer.status_code == 404 and "/id/alliance/csto" in answer.json()["did_you_mean"]
    assert client.get("/id/a%20b").status_code == 404
    answer = client.get("/question")
    assert answer.status_code == 404 and answer.json()["did_you_mean"] == ["/questions"]
    assert client.post("/questions").status_code == 405


def test_text_of_the_graph_is_no_markup(client: TestClient) -> None:
    answer = client.get(
        "/questions/adversaries", params={"state": "<script>x</script>"}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 400 and "<script>" not in answer.text


def test_front_page(client: TestClient) -> None:
    assert "not a verdict" in client.get("/").text


def test_health_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"
    text = client.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counted = {s.labels["route"] for s in families["foedus_requests"].samples if s.name.endswith("_total")}
    assert "/health" in counted


def test_openapi(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    validate(document, cls=OpenAPIV31SpecValidator)
    for question in load_questions():
        route = document["paths"][f"/questions/{question.name}"]["get"]
        assert {p.name for p in question.parameters} <= {p["name"] for p in route["parameters"]}
    assert "/questions/{name}" not in document["paths"]
    examples = [p for path in document["paths"].values() for op in path.values() for p in op.get("parameters", ())
                if p.get("examples") or p.get("example")]  # fmt: skip
    assert len(examples) > 50


def test_openapi_lists_what_can_be_given(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    listed = {"overlap", "grain", "format", "stance", "modality"}
    for path, operations in paths.items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            for shown in parameter.get("examples", {}).values():
                jsonschema.validate(shown["value"], parameter["schema"], cls=jsonschema.Draft202012Validator)
            if parameter["name"] in listed:
                assert parameter["schema"]["enum"], (path, parameter["name"])
            if parameter["name"] == "iris":
                assert parameter["schema"]["type"] == "boolean"
            if parameter["name"] in ("obligation-kind", "hostility-kind", "without"):
                assert parameter["examples"], (path, parameter["name"])
    for path in ("/questions", "/ns", "/ns/{name}", "/id/{path}", "/graph/{path}", "/.well-known/void"):
        [parameter] = [p for p in paths[path]["get"]["parameters"] if p["in"] == "query"]
        assert parameter["name"] == "format"
        examples = {"/ns/{name}": "/ns/actors", "/id/{path}": "/id/state/ARM", "/graph/{path}": "/graph/ontology"}
        where = examples.get(path, path)
        for form in parameter["schema"]["enum"]:
            assert client.get(where, params={"format": form}).status_code == 200, (path, form)


def test_examples_of_parameters_are_answered(client: TestClient) -> None:
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        if path.startswith("/questions/"):
            for p in operations["get"]["parameters"]:
                if p["name"] in ("obligation-kind", "hostility-kind", "without") and path.endswith("adversary"):
                    example = p["examples"]["example"]["value"]
                    assert client.get(path, params={p["name"]: example}).status_code == 200, (path, p["name"])


def test_examples_of_answers_are_what_the_graph_that_ships_answers(client: TestClient) -> None:
    # After a change of the graph or a question: python -m tests.http.examples
    found = examples(client)
    assert found == json.loads(PLACE.read_text(encoding="utf-8"))
    paths = client.get("/openapi.json").json()["paths"]
    for path, answers in found.items():
        content = paths[path]["get"]["responses"]["200"]["content"]
        assert {media: content[media]["example"] for media in answers} == answers
        schema = content.get("application/json", {}).get("schema")
        if "application/json" in answers:
            jsonschema.validate(answers["application/json"], schema, cls=jsonschema.Draft202012Validator)
    assert sum(bool(answers.get("application/json", {}).get("rows")) for answers in found.values()) > 20


@pytest.mark.parametrize(("origins", "allowed"), [((), None), (("https://a.example",), "https://a.example")])
def test_cors_is_off_unless_asked(graph: KnowledgeGraph, origins: tuple[str, ...], allowed: str | None) -> None:
    assert isinstance(graph.store, EmbeddedStore)
    assert graph.store.path is not None
    with serving(graph.store.path, workers=1, cors=origins) as client:
        answer = client.get("/sparql?query=ASK{}", headers={"Origin": "https://a.example"})
        assert answer.headers.get("access-control-allow-origin") == allowed


def parsed(client: TestClient, path: str) -> rdflib.Graph:
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, answer.text
    return rdflib.Graph().parse(data=answer.text, format="turtle")


def test_what_is_concluded_under_another_policy_is_described(client: TestClient) -> None:
    found = []
    for policy in ("reported", "alleged"):
        rows = client.get("/questions/betrayals", params={"policy": policy, "iris": "true"}).json()["rows"]
        found.append({value for row in rows for value in row.values() if str(value).startswith(f"{ID}episode/")})
    only = sorted(found[1] - found[0])
    assert only
    for node in only:
        path = node.replace("https://w3id.org/foedus", "")
        described = parsed(client, path)
        graphs = set(described.objects(rdflib.URIRef(node), rdflib.URIRef("http://purl.org/dc/terms/isPartOf")))
        policies = {str(described.value(graph, rdflib.URIRef(FOEDUS.policyName.value))) for graph in graphs}
        assert policies == {"alleged"}
        assert "under the policies: alleged." in client.get(path, headers={"Accept": "text/html"}).text
    assert "under the policies" not in client.get("/id/state/ARM", headers={"Accept": "text/html"}).text


def test_steps_of_proofs_are_described(client: TestClient, graph: KnowledgeGraph) -> None:
    steps = {t.subject.value for t in graph.store.triples(GRAPH.proofs("alleged")) if f"{ID}statement/" in str(t)}  # type: ignore[union-attr]
    steps = {step for step in steps if step.startswith(f"{ID}statement/")}
    assert steps
    for step in sorted(steps)[:20]:
        path = step.replace("https://w3id.org/foedus", "")
        assert (rdflib.URIRef(step), rdflib.RDF.type, None) in parsed(client, path)
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_every_module_that_defines_terms_is_described(client: TestClient, graph: KnowledgeGraph) -> None:
    said = list(graph.store.match([GRAPH.ontology], None, RDFS.isDefinedBy))
    modules = {t.object.value for t in said if isinstance(t.object, NamedNode)}
    assert len(modules) > 5
    for module in sorted(modules):
        path = module.replace("https://w3id.org/foedus", "")
        terms = {str(t.subject)[1:-1] for t in said if t.object == NamedNode(module)}
        described = set(parsed(client, path).subjects(rdflib.RDFS.isDefinedBy, rdflib.URIRef(module)))
        assert {str(term) for term in described} == terms
        page = client.get(path, headers={"Accept": "text/html"}).text
        names = re.findall(r'<tr id="([^"]+)"', page)
        assert {name.replace("id:", ID) if ":" in name else f"{FOEDUS.base}{name}" for name in names} == terms
    missing = client.get("/ns/actor")
    assert missing.status_code == 404 and "/ns/actors" in missing.json()["did_you_mean"]


def test_errors_about_nodes_are_pages_for_people(client: TestClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path, status in (("/id/alliance/cto", 404), ("/id/a%20b", 404), ("/id/state/ARM?format=x", 400)):
        page = client.get(path, headers=browser)
        assert page.status_code == status and page.text.startswith("<!doctype html>")
        assert client.get(path).json()["error"]
    assert 'href="/id/alliance/csto"' in client.get("/id/alliance/cto", headers=browser).text


def test_a_missing_node_is_looked_for_among_its_kind(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Served(store, None).graph()
    monkeypatch.setattr(ServedGraph, "sparql", never)
    assert "/id/state/ARM" in _near(graph, NamedNode(f"{ID}state/ARMM"))
    assert _near(graph, NamedNode(f"{ID}nothing/of-the-kind")) == []


@pytest.mark.parametrize("question", load_questions(), ids=lambda question: question.name)
def test_a_question_is_described_where_its_answer_is(client: TestClient, question: Question) -> None:
    path = f"/questions/{question.name}"
    this = rdflib.URIRef(f"http://test.example{path}")
    listed, alone = parsed(client, "/questions"), parsed(client, path)
    select = rdflib.URIRef("http://www.w3.org/ns/shacl#select")
    assert alone.value(this, select) == listed.value(this, select) != None  # noqa: E711
    assert client.get(f"{path}?format=nt").headers["Content-Type"] == "application/n-triples"
    if not any(parameter.required for parameter in question.parameters):
        assert client.get(path).headers["Content-Type"] == "application/json"


def test_an_answer_is_not_to_be_had_in_rdf(client: TestClient) -> None:
    path = "/questions/allies-supplying-adversary?state=Armenia"
    assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 406
    assert client.get(path, headers={"Accept": "text/turtle, application/json;q=0.1"}).status_code == 200


EVERY_FUNCTION = """
    aggBoundingBox aggBoundingCircle aggCentroid aggConcaveHull aggConvexHull aggUnion area asDGGS asGML asGeoJSON asKML
    asSVG asWKT boundary boundingCircle buffer centroid concaveHull convexHull coordinateDimension difference dimension
    distance ehContains ehCoveredBy ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope geometryN
    geometryType getSRID intersection is3D isEmpty isMeasured isSimple length maxX maxY maxZ metricArea metricBuffer
    metricDistance metricLength metricPerimeter metricVolume minX minY minZ numGeometries perimeter rcc8dc rcc8ec rcc8eq
    rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses sfDisjoint sfEquals sfIntersects sfOverlaps
    sfTouches sfWithin spatialDimension symDifference transform union volume
"""
"""The functions of GeoSPARQL 1.1 (OGC 22-047r1)."""


def test_the_service_tells_the_functions_that_it_has(client: TestClient) -> None:
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    told = set(parsed(client, "/sparql").objects(None, sd.extensionFunction))
    able = set()
    for name in EVERY_FUNCTION.split():
        function = rdflib.URIRef(f"{FUNCTIONS.base}{name}")
        answer = client.get("/sparql", params={"query": f"SELECT (<{function}>(1) AS ?x) {{}}"})
        if answer.status_code == 200:
            able.add(function)
    assert told == able and len(able) > 20


def test_every_graph_that_is_named_is_described(client: TestClient, graph: KnowledgeGraph) -> None:
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    named = {str(name) for name in parsed(client, "/.well-known/void").objects(None, void.subset)}
    assert named == {name.value for name in graph.store.graphs()} and len(named) > 10
    for name in named:
        here = f"/graph/{name.removeprefix(GRAPH.base)}"
        count = client.get("/sparql", params={"query": f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"})
        told = parsed(client, here).value(rdflib.URIRef(name), void.triples)
        assert str(told) == count.json()["results"]["bindings"][0]["n"]["value"]
        page = client.get(here, headers={"Accept": "text/html"})
        assert page.status_code == 200 and name in page.text
    source = f"{GRAPH.base}asserted/article-armenia-belarus"
    assert parsed(client, "/graph/asserted/article-armenia-belarus").value(rdflib.URIRef(source), rdflib.DCTERMS.source)
    missing = client.get("/graph/asserted/article-armenia-belaruss", headers={"Accept": "text/turtle"})
    assert missing.status_code == 404
    assert missing.json()["did_you_mean"] == ["/graph/asserted/article-armenia-belarus"]


SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
EXTENDED = {
    "sep-0002.md": (
        "ASK { FILTER(ADJUST('2020-11-09T12:00:00Z'^^xsd:dateTime, 'PT1H'^^xsd:dayTimeDuration)"
        " = '2020-11-09T13:00:00+01:00'^^xsd:dateTime)"
        " FILTER('2020-11-10'^^xsd:date - '2020-11-09'^^xsd:date = 'P1D'^^xsd:dayTimeDuration) }"
    ),
    "sep-0006.md": "ASK { VALUES ?x { 1 } LATERAL { SELECT ?x { FILTER(?x = 1) } LIMIT 1 } }",
    "sparql12-query": (
        "VERSION '1.2' ASK { FILTER(SUBJECT(<<( <x:a> <x:b> 1 )>>) = <x:a>)"
        " FILTER(LANGDIR(STRLANGDIR('a', 'ar', 'rtl')) = 'rtl') }"
    ),
}


def test_the_service_tells_how_its_language_is_extended(client: TestClient) -> None:
    described = parsed(client, "/sparql")
    told = {str(extension) for extension in described.objects(None, SD.languageExtension)}
    assert {document.rstrip("/").rpartition("/")[2] for document in told} == EXTENDED.keys()
    assert all(described.value(rdflib.URIRef(document), rdflib.RDFS.label) for document in told)
    for query in EXTENDED.values():
        answer = client.get("/sparql", params={"query": query})
        assert answer.status_code == 200 and answer.json()["boolean"], (query, answer.text)


def test_the_service_tells_no_feature_because_it_has_none(client: TestClient) -> None:
    def ask(query: str, **graphs: str) -> bool:
        answer = client.get("/sparql", params={"query": query, **graphs})
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["boolean"])

    assert not set(parsed(client, "/sparql").objects(None, SD.feature))
    # RequiresDataset: a query without one is answered.
    assert ask("ASK { ?s ?p ?o }")
    # UnionDefaultGraph: what stands in a named graph may be missing from the default graph.
    assert ask("ASK { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }")
    # DereferencesURIs: a graph that is not in the store is empty, wherever its name may lead.
    elsewhere = client.base_url.join("/ns").__str__()
    assert not ask(f"ASK FROM <{elsewhere}> {{ ?s ?p ?o }}")
    assert not ask("ASK { ?s ?p ?o }", **{"default-graph-uri": elsewhere})
    # BasicFederatedQuery: nothing is asked of other endpoints.
    assert client.get("/sparql", params={"query": "ASK { SERVICE <http://127.0.0.1:1/> {} }"}).status_code == 403
    # EmptyGraphs: there is no way to make one, and the default dataset has none.
    assert not ask("ASK { GRAPH ?g {} FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }")


@pytest.mark.parametrize("writable", [False, True])
def test_the_service_tells_the_languages_that_it_takes(store: Path, writable: bool) -> None:
    with serving(store, workers=1, token="x" * 20 if writable else None) as opened:
        told = set(parsed(opened, "/sparql").objects(None, SD.supportedLanguage))
        assert told == {SD.SPARQL11Query, *([SD.SPARQL11Update] if writable else [])}
        fields = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {'x' * 20}"}
        status = opened.post(
            "/sparql", content="INSERT { ?s ?p ?o } WHERE { FILTER(false) }", headers=fields
        ).status_code
        assert status == (200 if writable else 403)


def test_a_server_that_takes_graphs_tells_in_which_forms(store: Path) -> None:
    graph, form = Served(store, None).graph(), "<http://www.w3.org/ns/sparql-service-description#inputFormat>"
    for writable in (False, True):
        said = [t for t in _service(graph, "http://x", writable=writable) if str(t.predicate) == form]
        assert len(said) == (len(GRAPHS) if writable else 0)
