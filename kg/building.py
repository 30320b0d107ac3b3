"""The road from files to conclusions: read, validate, accept, run the rules, reason.

Each stage writes a graph of its own and none changes what an earlier one wrote. The order of the input files, of the
triples in them and of Python's hashes makes no difference to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode, Triple

from kg.accepting import Reading, accept
from kg.columns import Columns, Dictionary, Numbers
from kg.documents import Document, read_document, read_documents
from kg.errors import InconsistencyError, ValidationError, Violation
from kg.importing.vouching import vouched
from kg.reasoning import Certificate, Reasoner, describe_steps, justify
from kg.reasoning.compiled import close_columns
from kg.reasoning.compiled.axioms import PROPERTIES
from kg.resources import ontology_files
from kg.rules import describe, load_rules, run_rules
from kg.store.base import Store
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies, policy_named
from kg.validation import validate
from kg.views import asserted_graphs, base_graphs
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDF, RDFS

__all__ = ["Facts", "Report", "View", "add_view", "build", "catalog_view", "reasoner_input"]

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins."""

SPARQL_AT_MOST: Final = 20_000
"""Up to how many asserted triples the dated rules run as SPARQL in the store; beyond, over columns."""
STEPS_AT_MOST: Final = 50_000
"""Up to how many inferred triples all their steps are worked out, and written down by a build; beyond, an explanation
works out those it needs."""
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
class Facts:
    """What the sources and the ontology of a store say, as columns: read once for every policy.

    Attributes:
        dictionary: the numbers of terms.
        ontology: the ontology's graph.
        asserted: the asserted graphs together.
    """

    dictionary: Dictionary
    ontology: Columns
    asserted: Columns

    @classmethod
    def of(cls, store: Store, about: Collection[NamedNode] | None = None) -> Facts:
        """Read a store: all of it, or the ontology and what is said of some nodes."""
        dictionary = Dictionary()
        ontology = Columns.encode(store.triples(GRAPH.ontology), dictionary)
        asserted = (Columns.encode(_said(store, graph, about), dictionary) for graph in asserted_graphs(store))
        return cls(dictionary, ontology, Columns.joined(asserted))

    def encoded(self, triples: Iterable[Triple]) -> Columns:
        """Other triples in the same numbers."""
        return Columns.encode(triples, self.dictionary)

    @cached_property
    def axioms(self) -> Columns:
        """What of the ontology a reasoner is given."""
        number, schema = self.dictionary.find, self.ontology
        wanted = np.isin(schema.predicate, [number(term) for term in PROPERTIES])
        wanted |= self._types & ~np.isin(schema.object, [number(term) for term in _DECLARATIONS])
        return schema.where(wanted)

    def usable(self, accepted: Columns, derived: Columns) -> Columns:
        """What a reasoner is given, see :func:`reasoner_input`.

        Args:
            accepted: what the policy accepts.
            derived: what the dated rules derive from it.
        """
        return Columns.joined([self.axioms, self.counting(self.asserted, accepted, derived)])

    def counting(self, asserted: Columns, accepted: Columns, derived: Columns) -> Columns:
        """What of the data a reasoner is given: all of it, or that about some nodes.

        Args:
            asserted: what the sources say of the nodes.
            accepted: what the policy accepts of that.
            derived: what the dated rules derive of them.
        """
        number = self.dictionary.find
        gated = asserted.subject[(asserted.predicate == number(RDF.type)) & np.isin(asserted.object, self._gated)]
        counting = accepted.subject[accepted.predicate == number(FOEDUS.status)]
        silent = np.zeros(len(self.dictionary), dtype=bool)
        silent[gated] = True
        silent[counting] = False

        data = Columns.joined([asserted, derived])
        typing = data.predicate == number(RDF.type)
        # Only the ontology states axioms: a source that types one of its terms is not believed.
        foreign = self._marked(data.subject, lambda term: term in FOEDUS)
        foreign[typing] |= self._marked(data.object[typing], _is_axiom)
        wanted = (typing | np.isin(data.predicate, self._object_properties)) & ~silent[data.subject] & ~foreign
        return data.where(wanted)

    @cached_property
    def _types(self) -> NDArray[np.bool_]:
        return np.asarray(self.ontology.predicate == self.dictionary.find(RDF.type))

    @cached_property
    def _object_properties(self) -> Numbers:
        object_property = self.dictionary.find(OWL.ObjectProperty)
        chosen: Numbers = self.ontology.subject[self._types & (self.ontology.object == object_property)]
        return chosen

    @cached_property
    def _gated(self) -> Numbers:
        """The classes of what counts only if an admitted claim vouches for it."""
        number, schema = self.dictionary.find, self.ontology
        below = schema.predicate == number(RDFS.subClassOf)
        classes = np.array([number(FOEDUS.StateOfAffairs)])
        while len(more := np.setdiff1d(schema.subject[below & np.isin(schema.object, classes)], classes)):
            classes = np.concatenate([classes, more])
        return classes

    def _marked(self, numbers: Numbers, test: Callable[[object], bool]) -> NDArray[np.bool_]:
        """Which of some numbers stand for terms that pass a test."""
        distinct, places = np.unique(numbers, return_inverse=True)
        passed = np.fromiter(map(test, self.dictionary.terms(distinct)), dtype=bool, count=len(distinct))
        return passed[places]


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
    one_view: bool = False,
    reasoner: Reasoner | None = None,
    progress: Progress = lambda stage: None,
) -> tuple[EmbeddedStore, Report]:
    """Build a graph in memory from files.

    Args:
        paths: files of facts, such as those of :func:`kg.resources.graph_files`.
        policy: name of the trust policy.
        one_view: whether to work out what follows under that policy alone; the others are worked out when asked for.
        reasoner: the OWL 2 RL reasoner, the compiled one where not given.
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
    violations = [v for v in _faults(documents) if v.severity == "Violation"]
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
    progress("reading what is claimed")
    facts, reading = Facts.of(store), Reading.of(store, asserted_graphs(store))
    views = tuple(
        add_view(store, known[name], reasoner=reasoner, progress=progress, facts=facts, reading=reading)
        for name in ([policy] if one_view else known)
    )
    return store, Report(tuple(documents), sum(len(d.triples) for d in documents), views, policy)


def add_view(
    store: EmbeddedStore,
    policy: Policy,
    *,
    reasoner: Reasoner | None = None,
    proofs: bool = True,
    progress: Progress = lambda stage: None,
    facts: Facts | None = None,
    reading: Reading | None = None,
) -> View:
    """Accept, run the rules and reason under a policy, into the graphs of its view.

    Args:
        store: the store to read and write.
        policy: the trust policy.
        reasoner: the OWL 2 RL reasoner, the compiled one where not given.
        proofs: whether to write down a step for each inferred triple too, as RDF, if they are no more than
            :data:`STEPS_AT_MOST`.
        progress: called with the name of each stage as it begins.
        facts: what the store holds, where it has been read for another policy.
        reading: what is claimed in it, likewise.

    Raises:
        InconsistencyError: the accepted data contradict the ontology.
    """
    facts = facts or Facts.of(store)
    progress(f"accepting ({policy.view})")
    vouched = list(accept(reading or Reading.of(store, asserted_graphs(store)), policy))
    counting = facts.encoded(vouched)
    store.insert(GRAPH.accepted(policy.view), vouched)
    progress(f"running the rules ({policy.view})")
    derived = _derived(store, policy.view, facts, counting)
    progress(f"reasoning ({policy.view})")
    given = facts.usable(counting, derived)
    inferred, certificate = _closed(given, facts.dictionary, reasoner)
    _load(store, GRAPH.inferred(policy.view), inferred, facts.dictionary)
    if proofs and certificate.inferred <= STEPS_AT_MOST:
        steps = justify(given.decode(facts.dictionary))
        store.insert(GRAPH.proofs(policy.view), describe_steps(steps, store.triples(GRAPH.inferred(policy.view))))
    store.insert(GRAPH.catalog, catalog_view(policy, certificate))
    return View(policy, len(np.unique(counting.subject)), len(derived), certificate.inferred, certificate)


def _derived(store: EmbeddedStore, view: str, facts: Facts, counting: Columns) -> Columns:
    """What the dated rules derive: as SPARQL where the facts are few, over columns where they are many."""
    graph = GRAPH.derived(view)
    # Compiling the rules takes a second, in which SPARQL has long been through an article.
    if len(facts.asserted) <= SPARQL_AT_MOST:
        run_rules(store, load_rules(), [*asserted_graphs(store), GRAPH.accepted(view)], graph)
        return facts.encoded(store.triples(graph))
    from kg.rules.deriving import derive

    derived = derive(load_rules(), Columns.joined([facts.asserted, counting]), facts.dictionary)
    _load(store, graph, derived, facts.dictionary)
    return derived


def _faults(documents: Sequence[Document]) -> list[Violation]:
    """What breaks shapes, but for files that ``kg import`` of this version wrote, for which their importer answers."""
    answered = {document.file for document in documents if vouched(Path(document.file))}
    said = {document.file: document.triples for document in documents if document.file not in answered}
    if not answered:
        return validate(said)
    spoken_of = {term for triples in said.values() for triple in triples for term in (triple.subject, triple.object)}
    background = {
        document.file: tuple(triple for triple in document.triples if triple.subject in spoken_of)
        for document in documents
        if document.file in answered
    }
    return [violation for violation in validate(said | background) if violation.file not in answered]


def _load(store: EmbeddedStore, graph: NamedNode, columns: Columns, dictionary: Dictionary) -> None:
    for data in columns.n_triples(dictionary):
        store.load(graph, data)


def _closed(given: Columns, dictionary: Dictionary, reasoner: Reasoner | None) -> tuple[Columns, Certificate]:
    """What follows, by a reasoner or, where none is given, by the compiled one without a detour through triples."""
    if reasoner is None:
        columns = close_columns(given, dictionary)
        inferred, inconsistencies, certificate = columns.inferred, columns.inconsistencies, columns.certificate
    else:
        closure = reasoner.close(given.decode(dictionary))
        inferred = Columns.encode(closure.inferred, dictionary)
        inconsistencies, certificate = closure.inconsistencies, closure.certificate
    if inconsistencies:
        raise InconsistencyError(inconsistencies)
    return inferred, certificate


def reasoner_input(store: Store, view: str, about: Collection[NamedNode] | None = None) -> Iterator[Triple]:
    """The schema, and of the data what an OWL axiom can use: types and object properties of what counts.

    Literals and annotations are left out because no axiom of the ontology speaks of them; a node that no admitted claim
    vouches for is left out because nothing may follow from it.

    Args:
        store: the store.
        view: name of the view.
        about: the nodes of whose description alone something is to follow, where not all.
    """
    facts = Facts.of(store, about)
    counting = facts.encoded(_said(store, GRAPH.accepted(view), about))
    derived = facts.encoded(_said(store, GRAPH.derived(view), about))
    return facts.usable(counting, derived).decode(facts.dictionary)


def _said(store: Store, graph: NamedNode, about: Collection[NamedNode] | None) -> Iterator[Triple]:
    if about is None:
        return store.triples(graph)
    return chain.from_iterable(store.match([graph], node) for node in about)


def _is_axiom(cls: object) -> bool:
    return isinstance(cls, NamedNode) and cls.value.startswith((OWL.base, RDF.base, RDFS.base))


def _catalog(documents: Iterable[Document], policy: str) -> Iterator[Triple]:
    yield Triple(GRAPH.catalog, FOEDUS.policyName, Literal(policy))
    for document in documents:
        graph = GRAPH.asserted(document.name)
        yield Triple(graph, DCTERMS.source, Literal(Path(document.file).name))
        yield Triple(graph, FOEDUS.textDigest, Literal(document.digest))


def catalog_view(policy: Policy, certificate: Certificate) -> Iterator[Triple]:
    """What the catalog says of a view: its policy, and what reasoned."""
    graph = GRAPH.inferred(policy.view)
    yield Triple(graph, FOEDUS.policyName, Literal(policy.name))
    yield Triple(graph, DCTERMS.creator, Literal(certificate.engine))
