"""Descriptions, as RDF or as pages: of the service, the graphs, the questions, and every node and term; in a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple

from kg.http import pages
from kg.http.formats import DESCRIBED, GRAPHS, HTML, JSON, TAKEN
from kg.http.frames import Job
from kg.http.functions import EXTENSIONS, FUNCTIONS
from kg.http.refusals import Refused
from kg.http.replies import Reply, agreed
from kg.http.served import Served, ServedGraph
from kg.naming import Names
from kg.questions import PARAMETER_TYPES, Question, load_question, load_questions
from kg.sentences import CATEGORY
from kg.serializing import serialize
from kg.terms import GENID, PREFIXES, Term, curie, near_misses
from kg.views import graphs_of_view
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDF, RDFS, SKOS, VOID, XSD

__all__ = ["node", "question", "questions", "ready", "service", "terms", "void"]

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_DCAT: Final = "http://www.w3.org/ns/dcat#"
_SH: Final = PREFIXES["sh"]
_WHOLE: Final = NamedNode(FOEDUS.base.removesuffix("#"))
_MODULES: Final = f"{_WHOLE.value}/"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_SIMPLE: Final = NamedNode("http://www.w3.org/ns/entailment/Simple")
_OWL: Final = NamedNode("http://www.w3.org/ns/entailment/OWL-RDF-Based")
_RL: Final = NamedNode("http://www.w3.org/ns/owl-profile/RL")
_UNION: Final = (
    "The default graph of a query is the union of what sources say (asserted and ontology), what counts under the "
    "trust policy (accepted) and what follows from it (derived and inferred). Each graph stands on its own by GRAPH."
)
_TWICE: Final = (
    "Where a request or a query names graphs of its own, or GRAPH, or another policy, a triple that stands in two "
    "graphs of the default graph is found twice: count with DISTINCT."
)
_LEFT_OUT: Final = (
    "Of what OWL 2 RL adds, this is left out as saying nothing: that something is an owl:Thing, or of a class of the "
    "RDF and OWL vocabularies; that it is the same as itself, or as a class or property below itself; that owl:Nothing "
    "is below a class; and what is about nameless classes."
)
_LICENCE: Final = NamedNode("https://creativecommons.org/licenses/by/4.0/")
_ALIKE: Final = 2_000
"""How many nodes of one class are looked at for what somebody may have meant."""
_REFERENCES: Final = 200
"""How many triples in which a node is the object its page and its description show."""


def _reply(job: Job, reply: Reply, statements: Iterator[Triple]) -> None:
    media = agreed(job, *GRAPHS)
    reply.whole(media, serialize(set(statements), GRAPHS[media]))


def ready(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """Whether the graph can be asked."""
    graph = served.graph()
    told = {"status": "ok", "policy": graph.policy, "graphs": len(graph.scope.graphs)}
    reply.whole(JSON, json.dumps(told) + "\n")


def service(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """SPARQL 1.1 Service Description of the endpoint."""
    statements = _service(served.graph(), job.arguments["base"], writable=job.arguments["writable"])
    _reply(job, reply, statements)


def _service(graph: ServedGraph, base: str, *, writable: bool) -> Iterator[Triple]:
    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    endpoint = NamedNode(f"{base}/sparql")
    yield Triple(endpoint, RDF.type, sd("Service"))
    yield Triple(endpoint, sd("endpoint"), endpoint)
    yield Triple(endpoint, RDFS.comment, Literal(f"{_UNION} {_LEFT_OUT} {_TWICE} {CATEGORY}", language="en"))
    yield Triple(endpoint, sd("supportedLanguage"), sd("SPARQL11Query"))
    if writable:
        yield Triple(endpoint, sd("supportedLanguage"), sd("SPARQL11Update"))
    for name in DESCRIBED:
        yield Triple(endpoint, sd("resultFormat"), NamedNode(_FORMATS + name))
    if writable:
        for name in TAKEN:
            yield Triple(endpoint, sd("inputFormat"), NamedNode(_FORMATS + name))
    for document, name in EXTENSIONS.items():
        yield Triple(endpoint, sd("languageExtension"), NamedNode(document))
        yield Triple(NamedNode(document), RDFS.label, Literal(name, language="en"))
    # None of the features of section 3.3 holds, see the tests: the default graph is the union of some named graphs.
    for function in FUNCTIONS:
        yield Triple(endpoint, sd("extensionFunction"), function)
        yield Triple(function, RDF.type, sd("Function"))
    # Of a default graph, the regime is said of the service (section 3.2.7): it holds what OWL 2 RL adds.
    yield Triple(endpoint, sd("defaultEntailmentRegime"), _OWL)
    yield Triple(endpoint, sd("defaultSupportedEntailmentProfile"), _RL)
    dataset, default = BlankNode("dataset"), BlankNode("default")
    yield Triple(endpoint, sd("defaultDataset"), dataset)
    yield Triple(dataset, RDF.type, sd("Dataset"))
    yield Triple(dataset, sd("defaultGraph"), default)
    yield Triple(default, RDF.type, sd("Graph"))
    yield Triple(default, RDFS.comment, Literal(_UNION, language="en"))
    if "triples" in graph.statistics.counts:
        yield Triple(default, VOID.triples, Literal(graph.statistics.counts["triples"]))
    for part in graph.scope.graphs:
        yield Triple(default, DCTERMS.hasPart, part)
    for number, (graph_name, size) in enumerate(sorted(graph.sizes.items(), key=lambda item: item[0].value)):
        named, content = BlankNode(f"named-{number}"), BlankNode(f"graph-{number}")
        yield Triple(dataset, sd("namedGraph"), named)
        yield Triple(named, RDF.type, sd("NamedGraph"))
        yield Triple(named, sd("name"), graph_name)
        yield Triple(named, sd("graph"), content)
        yield Triple(content, RDF.type, sd("Graph"))
        yield Triple(content, VOID.triples, Literal(size))
        if graph_name.value.startswith(f"{GRAPH.base}inferred/"):
            # It holds what OWL 2 RL adds, so that simple entailment over the union finds it.
            yield Triple(named, sd("entailmentRegime"), _OWL)
            yield Triple(named, sd("supportedEntailmentProfile"), _RL)
        else:
            yield Triple(named, sd("entailmentRegime"), _SIMPLE)


def void(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """VoID and DCAT: what the graph holds, and how much."""
    _reply(job, reply, _void(served.graph(), job.arguments["base"]))


def _void(graph: ServedGraph, base: str) -> Iterator[Triple]:
    def dcat(name: str) -> NamedNode:
        return NamedNode(_DCAT + name)

    dataset, endpoint = NamedNode(f"{base}/.well-known/void"), NamedNode(f"{base}/sparql")
    title = "Foedus: states, alliances, obligations and betrayals"
    yield Triple(dataset, RDF.type, VOID.Dataset)
    yield Triple(dataset, RDF.type, dcat("Dataset"))
    yield Triple(dataset, DCTERMS.title, Literal(title, language="en"))
    yield Triple(dataset, DCTERMS.description, Literal(f"{_UNION} {CATEGORY}", language="en"))
    yield Triple(dataset, DCTERMS.license, _LICENCE)
    yield Triple(dataset, VOID.sparqlEndpoint, endpoint)
    yield Triple(dataset, VOID.uriSpace, Literal(PREFIXES["id"]))
    yield Triple(dataset, VOID.vocabulary, NamedNode(FOEDUS.base))
    for name, count in graph.statistics.counts.items():
        yield Triple(dataset, getattr(VOID, name), Literal(count))
    yield Triple(endpoint, RDF.type, dcat("DataService"))
    yield Triple(endpoint, dcat("endpointURL"), endpoint)
    yield Triple(endpoint, dcat("endpointDescription"), NamedNode(f"{base}/openapi.json"))
    yield Triple(endpoint, dcat("servesDataset"), dataset)
    yield Triple(endpoint, DCTERMS.title, Literal("SPARQL endpoint", language="en"))
    for number, (cls, count) in enumerate(graph.statistics.classes.items()):
        part = BlankNode(f"class-{number}")
        yield Triple(dataset, VOID.classPartition, part)
        yield Triple(part, getattr(VOID, "class"), NamedNode(cls))
        yield Triple(part, VOID.entities, Literal(count))
    for graph_name, size in graph.sizes.items():
        yield Triple(dataset, VOID.subset, graph_name)
        yield Triple(graph_name, RDF.type, VOID.Dataset)
        yield Triple(graph_name, VOID.triples, Literal(size))


def questions(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """All questions: as JSON, as a page, or as SHACL executables."""
    media, base = agreed(job, JSON, HTML, *GRAPHS), job.arguments["base"]
    listed = load_questions()
    if media == JSON:
        told = [_listed(question, base) for question in listed]
        reply.whole(media, json.dumps({"questions": told}, ensure_ascii=False, indent=1) + "\n")
    elif media == HTML:
        reply.whole(media, pages.questions(listed))
    else:
        reply.whole(media, serialize([t for q in listed for t in _executable(q, base)], GRAPHS[media]))


def question(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """One question, not its answer: as a SHACL executable."""
    asked = load_question(job.arguments["name"])
    _reply(job, reply, _executable(asked, job.arguments["base"]))


def _listed(question: Question, base: str) -> dict[str, object]:
    return {
        "name": question.name,
        "url": f"{base}/questions/{question.name}",
        "area": question.area,
        "summary": question.summary,
        "question": question.question,
        "parameters": [
            {"name": p.name, "type": p.type, "required": p.required, "default": p.default, "help": p.help}
            for p in question.parameters
        ],
        "columns": [{"name": c.name, "type": c.type, "help": c.help} for c in question.columns],
        "tags": list(question.tags),
        "notes": [CATEGORY] if question.area == "betrayals" else [],
    }


def _executable(question: Question, base: str) -> Iterator[Triple]:
    def sh(name: str) -> NamedNode:
        return NamedNode(_SH + name)

    this = NamedNode(f"{base}/questions/{question.name}")
    yield Triple(this, RDF.type, sh("SPARQLExecutable"))
    yield Triple(this, RDF.type, sh("SPARQLSelectExecutable"))
    yield Triple(this, RDFS.label, Literal(question.summary, language="en"))
    yield Triple(this, RDFS.comment, Literal(question.question, language="en"))
    yield Triple(this, sh("select"), Literal(question.text))
    for tag in question.tags:
        yield Triple(this, NamedNode("https://schema.org/keywords"), Literal(tag))
    for number, parameter in enumerate(question.parameters):
        node = BlankNode(f"{question.name}-{number}")
        yield Triple(this, sh("parameter"), node)
        yield Triple(node, RDF.type, sh("Parameter"))
        # A parameter of SHACL is named by the local name of its path.
        yield Triple(node, sh("path"), NamedNode(f"{this.value}#{parameter.variable}"))
        yield Triple(node, sh("name"), Literal(parameter.name))
        yield Triple(node, sh("description"), Literal(parameter.help, language="en"))
        yield Triple(node, sh("order"), Literal(number))
        yield Triple(node, sh("optional"), Literal(not parameter.required))
        kind = _KINDS[parameter.type]
        yield Triple(node, sh("datatype" if kind in XSD else "class"), kind)


_KINDS: Final = dict.fromkeys(PARAMETER_TYPES, RDFS.Resource) | {
    "state": FOEDUS.State,
    "alliance": FOEDUS.Alliance,
    "class": OWL.Class,
    "date": XSD.date,
    "integer": XSD.integer,
    "string": XSD.string,
    "stance": FOEDUS.Stance,
    "modality": FOEDUS.Modality,
    "overlap": FOEDUS.Overlap,
    "grain": XSD.string,
    "boolean": XSD.boolean,
    "term": XSD.string,
    "year": XSD.integer,
}


def node(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """What the graph says of a node, and what refers to it, under whichever policy it is there."""
    graph, wanted = served.graph(), NamedNode(job.arguments["iri"])
    media = agreed(job, HTML, *GRAPHS)
    under = _views_of(graph, wanted)
    graphs = _graphs_about(graph, wanted, under)
    out = sorted({(t.predicate, t.object) for t in graph.store.match(graphs, subject=wanted)}, key=_order)
    if not out:
        raise Refused(404, f"nothing in the graph is called {wanted.value}", _near(graph, wanted))
    back: list[tuple[Term, Term]] = []
    for triple in graph.store.match(graphs, obj=wanted):
        back.append((triple.subject, triple.predicate))
        if len(back) >= _REFERENCES:
            break
    if media != HTML:
        described = [Triple(wanted, p, o) for p, o in out]
        referring = [Triple(s, p, wanted) for s, p in back]  # type: ignore[arg-type]
        standing = [
            triple
            for view, parts in under.items()
            for part in parts
            for triple in (
                Triple(wanted, DCTERMS.isPartOf, part),
                Triple(part, FOEDUS.policyName, Literal(view)),
            )
        ]
        reply.whole(media, serialize({*described, *referring, *standing}, GRAPHS[media]))
        return
    shown = [term for pair in (*out, *back) for term in pair]
    labels = Names(graph.store, graphs).labels([wanted, *shown])
    title = labels.get(wanted.value, curie(wanted.value))
    reply.whole(media, pages.node(title, wanted.value, out, sorted(set(back), key=_order), labels, list(under)))


def _order(pair: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(map(str, pair))


def _views_of(graph: ServedGraph, wanted: NamedNode) -> dict[str, list[NamedNode]]:
    """The views under which a node counts or is concluded, each with the graphs that describe it, by name.

    What OWL adds of a node is of no matter: it adds it of nodes that are there whatever the policy.
    """
    found: dict[str, list[NamedNode]] = {}
    for part in graph.store.graphs():
        kind, _, view = part.value.removeprefix(GRAPH.base).partition("/")
        about = graph.store.match([part], subject=wanted)
        if kind in ("accepted", "derived", "proofs") and any(True for _ in about):
            found.setdefault(view, []).append(part)
    return found


def _graphs_about(graph: ServedGraph, wanted: NamedNode, under: Mapping[str, object]) -> list[NamedNode]:
    """The graphs that answer, or those of another view where they do not know the node; with proofs, if only those."""
    own = graph.scope.policy.view
    for view in sorted(under, key=lambda view: (view != own, view)):
        graphs = graphs_of_view(graph.store, view)
        for several in (graphs, [*graphs, GRAPH.proofs(view)]):
            if any(True for _ in graph.store.match(several, subject=wanted)):
                return several
    return graph.scope.graphs


def _near(graph: ServedGraph, wanted: NamedNode) -> list[str]:
    """What a missing node may have been meant to be: of its own kind, for to look at every name there is takes long."""
    base = PREFIXES["id"]
    name = wanted.value.removeprefix(base)
    kind = name.partition("/")[0]
    cls = NamedNode(FOEDUS.base + kind.title().replace("-", ""))
    alike = (t.subject for t in graph.store.match(graph.scope.graphs, predicate=RDF.type, obj=cls))
    known = (node.value.removeprefix(base) for node in islice(alike, _ALIKE) if isinstance(node, NamedNode))
    return [pages.address(base + near) for near in near_misses(name, known)]


def terms(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """The ontology, or a module of it: as RDF, or as a page on which each term has its place."""
    graph, module = served.graph(), job.arguments.get("module")
    media = agreed(job, HTML, *GRAPHS)
    if module is not None:
        module = NamedNode(module)
        # The name of a version that is at hand is one of what has that version.
        versioned = next((t.subject for t in graph.store.match([GRAPH.ontology], None, OWL.versionIRI, module)), module)
        module = versioned if isinstance(versioned, NamedNode) else module
    if module == _WHOLE:
        module = None
    if module is not None and not any(True for _ in graph.store.match([GRAPH.ontology], module)):
        modules = {t.object for t in graph.store.match([GRAPH.ontology], None, RDFS.isDefinedBy)}
        there = sorted(m.value.replace(_MODULES, "/ns/") for m in modules if isinstance(m, NamedNode))
        raise Refused(404, f"the ontology has no module {module.value}. It has: {', '.join(there)}", there)
    if media != HTML:
        everything = graph.store.triples(GRAPH.ontology)
        reply.whole(media, serialize(everything if module is None else _defined(graph, module), GRAPHS[media]))
        return
    within = f'FILTER(STRSTARTS(STR(?term), "{FOEDUS.base}"))'
    if module is not None:
        within = f"?term {RDFS.isDefinedBy} {module}"
    answer = graph.store.query(
        f"SELECT ?term (MIN(STR(?l)) AS ?label) (MIN(STR(?d)) AS ?definition) WHERE {{ "
        f'?term {RDFS.label} ?l . {within} FILTER(LANGMATCHES(LANG(?l), "en")) '
        f'OPTIONAL {{ ?term {SKOS.definition} ?d FILTER(LANGMATCHES(LANG(?d), "en")) }} }} '
        "GROUP BY ?term ORDER BY ?term",
        default_graphs=[GRAPH.ontology],
    )
    assert isinstance(answer, QuerySolutions)
    listed = []
    for row in answer:
        label, definition = row["label"], row["definition"]
        name = curie(row["term"].value).removeprefix("foedus:")
        listed.append((name, label.value if label else "", definition.value if definition else ""))
    reply.whole(media, pages.terms(listed))


def _defined(graph: ServedGraph, module: NamedNode) -> Iterator[Triple]:
    """What the ontology says of a module and of the terms that it defines, with the nameless nodes in that."""
    defined = {t.subject for t in graph.store.match([GRAPH.ontology], None, RDFS.isDefinedBy, module)}
    waiting, seen = [module, *sorted(defined, key=str)], set[object]()
    while waiting:
        subject = waiting.pop()
        if subject in seen:
            continue
        seen.add(subject)
        for triple in graph.store.match([GRAPH.ontology], subject):  # type: ignore[arg-type]
            yield triple
            nameless = isinstance(triple.object, BlankNode) or (
                isinstance(triple.object, NamedNode) and triple.object.value.startswith(GENID)
            )
            if nameless:
                waiting.append(triple.object)  # type: ignore[arg-type]
