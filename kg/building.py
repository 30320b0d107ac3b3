"""The road from files to conclusions: read, validate, accept, run the rules, reason.

Each stage writes a graph of its own and none changes what an earlier one wrote. The order of the input files, of the
triples in them and of Python's hashes makes no difference to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.documents import Document, read_document, read_documents
from kg.errors import InconsistencyError, ValidationError
from kg.reasoning import Certificate, Reasoner, ReferenceReasoner, describe_steps, justify
from kg.resources import ontology_files
from kg.rules import describe, load_rules, run_rules
from kg.store.base import Store
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, accept, policies, policy_named
from kg.validation import validate
from kg.views import asserted_graphs, base_graphs
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDF, RDFS

__all__ = ["Report", "View", "add_view", "build", "reasoner_input"]

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins."""

_SCHEMA: Final = frozenset(
    {
        RDF.first,
        RDF.rest,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        RDFS.domain,
        RDFS.range,
        OWL.allValuesFrom,
        OWL.complementOf,
        OWL.disjointWith,
        OWL.equivalentClass,
        OWL.equivalentProperty,
        OWL.hasValue,
        OWL.intersectionOf,
        OWL.inverseOf,
        OWL.members,
        OWL.onProperty,
        OWL.oneOf,
        OWL.propertyChainAxiom,
        OWL.someValuesFrom,
        OWL.unionOf,
    }
)
_DECLARATIONS: Final = frozenset({OWL.AnnotationProperty, OWL.DatatypeProperty, OWL.NamedIndividual, OWL.Ontology})


@dataclass(frozen=True)
class View:
    """What follows under one trust policy.

    Attributes:
        policy: the trust policy.
        accepted: how many nodes were accepted.
        derived: how many triples the dated rules derived.
        inferred: how many triples OWL 2 RL reasoning added.
        certificate: what the reasoner did.
    """

    policy: Policy
    accepted: int
    derived: int
    inferred: int
    certificate: Certificate


@dataclass(frozen=True)
class Report:
    """What a build did.

    Attributes:
        documents: the sources read, in order.
        asserted: triples in the asserted graphs.
        views: what follows, one view a trust policy.
        policy: name of the trust policy that holds where nobody names one.
    """

    documents: tuple[Document, ...]
    asserted: int
    views: tuple[View, ...]
    policy: str

    @property
    def view(self) -> View:
        """What follows under the policy that holds where nobody names one."""
        return next(view for view in self.views if view.policy.name == self.policy)


def build(
    paths: Sequence[Path],
    *,
    policy: str = "reported",
    reasoner: Reasoner | None = None,
    progress: Progress = lambda stage: None,
) -> tuple[EmbeddedStore, Report]:
    """Build a graph in memory from files.

    Args:
        paths: files of facts, such as those of :func:`kg.resources.graph_files`.
        policy: name of the trust policy.
        reasoner: the OWL 2 RL reasoner, the reference where not given.
        progress: called with the name of each stage as it begins.

    Raises:
        ParseError: a file does not parse.
        ValidationError: data break shapes.
        InconsistencyError: data contradict the ontology.
        UnknownName: there is no such policy.
    """
    progress("reading")
    documents = read_documents(paths)
    progress("validating")
    violations = [v for v in validate({d.file: d.triples for d in documents}) if v.severity == "Violation"]
    if violations:
        raise ValidationError(violations)
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    store.insert(GRAPH.ontology, describe(load_rules()))
    for document in documents:
        store.insert(GRAPH.asserted(document.name), document.triples)
    store.insert(GRAPH.catalog, _catalog(documents, policy))
    known = policies(store, base_graphs(store))
    policy_named(known, policy)
    views = tuple(add_view(store, known[name], reasoner=reasoner, progress=progress) for name in known)
    return store, Report(tuple(documents), sum(len(d.triples) for d in documents), views, policy)


def add_view(
    store: Store,
    policy: Policy,
    *,
    reasoner: Reasoner | None = None,
    proofs: bool = True,
    progress: Progress = lambda stage: None,
) -> View:
    """Accept, run the rules and reason under a policy, into the graphs of its view.

    Args:
        store: the store to read and write.
        policy: the trust policy.
        reasoner: the OWL 2 RL reasoner, the reference where not given.
        proofs: whether to write down a step for each inferred triple too, as RDF.
        progress: called with the name of each stage as it begins.

    Raises:
        InconsistencyError: the accepted data contradict the ontology.
    """
    asserted = asserted_graphs(store)
    accepted_graph, derived_graph = GRAPH.accepted(policy.view), GRAPH.derived(policy.view)
    progress(f"accepting ({policy.view})")
    accepted = list(accept(store, asserted, policy))
    store.insert(accepted_graph, accepted)
    progress(f"running the rules ({policy.view})")
    derived = run_rules(store, load_rules(), [*asserted, accepted_graph], derived_graph)
    progress(f"reasoning ({policy.view})")
    given = list(reasoner_input(store, policy.view))
    closure = (reasoner or ReferenceReasoner()).close(given)
    if closure.inconsistencies:
        raise InconsistencyError(closure.inconsistencies)
    store.insert(GRAPH.inferred(policy.view), closure.inferred)
    if proofs:
        store.insert(GRAPH.proofs(policy.view), describe_steps(justify(given), closure.inferred))
    store.insert(GRAPH.catalog, _catalog_view(policy, closure.certificate))
    return View(policy, len({t.subject for t in accepted}), derived, len(closure.inferred), closure.certificate)


def reasoner_input(store: Store, view: str) -> Iterator[Triple]:
    """The schema, and of the data what an OWL axiom can use: types and object properties of what counts.

    Literals and annotations are left out because no axiom of the ontology speaks of them; a node that no admitted claim
    vouches for is left out because nothing may follow from it.
    """
    object_properties = set()
    for triple in store.triples(GRAPH.ontology):
        if triple.predicate == RDF.type and triple.object == OWL.ObjectProperty:
            object_properties.add(triple.subject)
        if triple.predicate in _SCHEMA or (triple.predicate == RDF.type and triple.object not in _DECLARATIONS):
            yield triple
    gated = _gated(store)
    counting = {t.subject for t in store.triples(GRAPH.accepted(view)) if t.predicate == FOEDUS.status}
    for graph in (*asserted_graphs(store), GRAPH.derived(view)):
        for triple in store.triples(graph):
            if triple.subject in gated and triple.subject not in counting:
                continue
            # Only the ontology states axioms: a source that types one of its terms is not believed.
            if triple.subject in FOEDUS or (triple.predicate == RDF.type and _is_axiom(triple.object)):
                continue
            if triple.predicate in object_properties or triple.predicate == RDF.type:
                yield triple


def _is_axiom(cls: object) -> bool:
    return isinstance(cls, NamedNode) and cls.value.startswith((OWL.base, RDF.base, RDFS.base))


def _gated(store: Store) -> set[object]:
    """The nodes that count only where a claim vouches for them: every asserted state of affairs."""
    below: dict[object, set[object]] = {}
    for triple in store.triples(GRAPH.ontology):
        if triple.predicate == RDFS.subClassOf:
            below.setdefault(triple.object, set()).add(triple.subject)
    classes: set[object] = {FOEDUS.StateOfAffairs}
    frontier = [FOEDUS.StateOfAffairs]
    while frontier:
        new = below.get(frontier.pop(), set()) - classes
        classes |= new
        frontier.extend(new)  # type: ignore[arg-type]
    return {
        t.subject
        for graph in asserted_graphs(store)
        for t in store.triples(graph)
        if t.predicate == RDF.type and t.object in classes
    }


def _catalog(documents: Iterable[Document], policy: str) -> Iterator[Triple]:
    yield Triple(GRAPH.catalog, FOEDUS.policyName, Literal(policy))
    for document in documents:
        graph = GRAPH.asserted(document.name)
        yield Triple(graph, DCTERMS.source, Literal(Path(document.file).name))
        yield Triple(graph, FOEDUS.textDigest, Literal(document.digest))


def _catalog_view(policy: Policy, certificate: Certificate) -> Iterator[Triple]:
    graph = GRAPH.inferred(policy.view)
    yield Triple(graph, FOEDUS.policyName, Literal(policy.name))
    yield Triple(graph, DCTERMS.creator, Literal(certificate.engine))
