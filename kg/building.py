"""The road from files to conclusions: read, validate, accept, run the rules, reason.

Each stage writes a graph of its own and none changes what an earlier one wrote. The order of the input files, of the
triples in them and of Python's hashes makes no difference to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode, Triple

from kg import __version__
from kg.accepting import accepted
from kg.collecting import uncollected
from kg.columns import Columns, Dictionary, distinct
from kg.documents import Document, read_document, read_documents, source_named
from kg.errors import InconsistencyError, StoreError, UnknownName, ValidationError, Violation
from kg.facts import Facts
from kg.files import writing
from kg.reasoning import Certificate, Reasoner, describe_steps, justify
from kg.reasoning.compiled import close_columns
from kg.resources import graph_files, ontology_files
from kg.rules import describe, load_rules, run_rules
from kg.statistics import Statistics, distinct_triples, sized
from kg.store.embedded import EmbeddedStore
from kg.store.loading import Loading
from kg.store.making import making
from kg.terms import near_misses
from kg.trust import Policy, policies, policy_named
from kg.validation import validate
from kg.views import asserted_graphs, written_sources
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OWL, RDF

__all__ = ["Report", "View", "add_view", "build", "catalog_view"]

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins."""

SPARQL_AT_MOST: Final = 20_000
"""Up to how many asserted triples the dated rules run as SPARQL in the store; beyond, over columns."""
STEPS_AT_MOST: Final = 50_000
"""Up to how many inferred triples all their steps are worked out, and written down by a build; beyond, an explanation
works out those it needs."""


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
        documents: the sources read, in order, without what they say.
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


@uncollected()
def build(
    paths: Sequence[Path],
    *,
    policy: str = "reported",
    one_view: bool = False,
    place: Path | None = None,
    dropping: Collection[str] = (),
    reasoner: Reasoner | None = None,
    progress: Progress = lambda stage: None,
) -> tuple[EmbeddedStore, Report]:
    """Build a graph from files, in memory or on disk.

    Args:
        paths: files of facts, such as those of :func:`kg.resources.graph_files`.
        policy: name of the trust policy.
        one_view: whether to work out what follows under that policy alone; the others are worked out when asked for.
        place: folder of a store on disk, in which the graph takes the place of the one in use once it is whole; in
            memory where not given.
        dropping: names of sources that were written over HTTP there and may go, for no file has them.
        reasoner: the OWL 2 RL reasoner, the compiled one where not given.
        progress: called with the name of each stage as it begins.

    Returns:
        The store, opened to read where it is on disk, and what was done.

    Raises:
        ParseError: a file does not parse.
        ValidationError: data break shapes.
        InconsistencyError: data contradict the ontology.
        UnknownName: there is no such policy.
        StoreError: the place cannot be written, or holds what was written over HTTP and would be lost, or was written
            to meanwhile; what was there stays in use.
    """
    progress("reading")
    before = None if place is None else EmbeddedStore.generation(place)
    if place is not None and before is not None:
        paths = _with_written(paths, place, dropping)
    documents = read_documents(paths)
    ontology = [t for path in ontology_files() for t in read_document(path).triples] + [*describe(load_rules())]
    with (
        nullcontext(EmbeddedStore()) if place is None else making(place, replacing=before) as store,
        Loading(store) as loading,
    ):
        # What turns out to be at fault is never put to use: loading need not wait for that.
        for document in documents:
            loading.put(GRAPH.asserted(document.name), [document.n_triples()])
        dictionary = Dictionary()
        said = {document.file: document.columns(dictionary) for document in documents}
        facts = Facts(dictionary, Columns.encode(ontology, dictionary), Columns.joined(said.values()))
        progress("validating")
        violations = [v for v in _faults(documents, said, dictionary) if v.severity == "Violation"]
        if violations:
            raise ValidationError(violations)
        documents = [document.emptied() for document in documents]
        known = _policies(facts)
        policy_named(known, policy)
        store.insert(GRAPH.ontology, ontology)
        store.insert(GRAPH.catalog, _catalog(documents, policy))
        sizes = {GRAPH.asserted(d.name): distinct_triples([said[d.file]], dictionary) for d in documents}
        store.insert(GRAPH.catalog, sized({GRAPH.ontology: len(set(ontology)), **sizes}))
        views, accepted_by = list[View](), dict[str, Columns]()
        for name in [policy] if one_view else known:
            view = _View(store, loading, known[name], facts, progress)
            views.append(view.add(reasoner))
            accepted_by[view.policy.view] = view.accepted
        if place is not None:
            progress("writing")
            assert store.folder is not None
            with writing(place):
                replace(facts, accepted=accepted_by).keep(store.folder)
    store = store if place is None else EmbeddedStore.open(place)
    return store, Report(tuple(documents), len(facts.asserted), tuple(views), policy)


def add_view(
    store: EmbeddedStore,
    policy: Policy,
    *,
    reasoner: Reasoner | None = None,
    proofs: bool = True,
    progress: Progress = lambda stage: None,
    facts: Facts | None = None,
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

    Raises:
        InconsistencyError: the accepted data contradict the ontology.
    """
    with Loading(store) as loading:
        return _View(store, loading, policy, facts or Facts.of(store), progress).add(reasoner, proofs=proofs)


@dataclass(frozen=True)
class _View:
    """A view that is being worked out.

    Attributes:
        store: where its graphs go.
        loading: what brings them there.
        policy: the trust policy.
        facts: what the sources say.
        progress: called with the name of each stage as it begins.
    """

    store: EmbeddedStore
    loading: Loading
    policy: Policy
    facts: Facts
    progress: Progress

    @cached_property
    def accepted(self) -> Columns:
        """What counts under the policy."""
        return Columns.described(accepted(self.facts.reading, self.policy), self.facts.dictionary)

    def add(self, reasoner: Reasoner | None, *, proofs: bool = True) -> View:
        """Accept, run the rules and reason; see :func:`add_view`."""
        view, facts = self.policy.view, self.facts
        self.progress(f"accepting ({view})")
        counting = self.accepted
        self._put(GRAPH.accepted(view), counting)
        self.progress(f"running the rules ({view})")
        derived = self._derived(counting)
        self.progress(f"reasoning ({view})")
        given = facts.usable(counting, derived)
        inferred, certificate = _closed(given, facts.dictionary, reasoner)
        self._put(GRAPH.inferred(view), inferred)
        steps: set[Triple] = set()
        if proofs and certificate.inferred <= STEPS_AT_MOST:
            known = justify(given.decode(facts.dictionary))
            steps.update(describe_steps(known, inferred.decode(facts.dictionary)))
            self.store.insert(GRAPH.proofs(view), steps)
        del given  # of a long record as large as all that follows
        parts = {GRAPH.accepted(view): counting, GRAPH.derived(view): derived, GRAPH.inferred(view): inferred}
        sizes = {graph: len(part) for graph, part in parts.items()} | {GRAPH.proofs(view): len(steps)}
        counted = Statistics.of([facts.ontology, facts.asserted, *parts.values()], facts.dictionary)
        entries = (*sized(sizes), *counted.entries(view))
        self.store.insert(GRAPH.catalog, (*catalog_view(self.policy, certificate), *entries))
        return View(self.policy, len(distinct(counting.subject)), len(derived), certificate.inferred, certificate)

    def _derived(self, counting: Columns) -> Columns:
        """What the dated rules derive: as SPARQL where the facts are few, over columns where they are many."""
        graph, facts = GRAPH.derived(self.policy.view), self.facts
        # Compiling the rules takes a second, in which SPARQL has long been through an article.
        if len(facts.asserted) <= SPARQL_AT_MOST:
            self.loading.wait()
            run_rules(self.store, load_rules(), [*asserted_graphs(self.store), GRAPH.accepted(self.policy.view)], graph)
            return facts.encoded(self.store.triples(graph))
        from kg.rules.deriving import derive

        derived = derive(load_rules(), Columns.joined([facts.asserted, counting]), facts.dictionary)
        self._put(graph, derived)
        return derived

    def _put(self, graph: NamedNode, columns: Columns) -> None:
        self.loading.put(graph, columns.n_triples(self.facts.dictionary))


def _with_written(paths: Sequence[Path], place: Path, dropping: Collection[str]) -> Sequence[Path]:
    """The files to read, of which one that holds what was written over HTTP takes the place of one that ships.

    Raises:
        StoreError: what was written would be lost.
        UnknownName: what may be lost was not written.
    """
    try:
        written = written_sources(EmbeddedStore.open(place))
    except StoreError:  # nothing can be read there, so that nothing more is lost
        return paths
    for name in dropping:
        if name not in written:
            raise UnknownName("source written over HTTP", name, near_misses(name, sorted(written)))
    ours = {path.resolve() for path in graph_files()}
    named = {source_named(path) for path in paths if path.resolve() not in ours}
    lost = sorted(written - named - set(dropping))
    if lost:
        files = " ".join(f"kept/asserted/{name}.nt" for name in lost)
        raise StoreError(
            f"{place}: {', '.join(lost)} {'was' if len(lost) == 1 else 'were'} written over HTTP and would be lost. "
            f"To keep it: kg export --store {place} --out kept --format nt, then name {files}. "
            f"To lose it: {' '.join(f'--drop {name}' for name in lost)}"
        )
    return [path for path in paths if path.resolve() not in ours or source_named(path) not in written & named]


def _policies(facts: Facts) -> dict[str, Policy]:
    """The trust policies that the ontology and the sources describe."""
    find, everything = facts.dictionary.find, Columns.joined([facts.ontology, facts.asserted])
    typed = (everything.predicate == find(RDF.type)) & (everything.object == find(FOEDUS.TrustPolicy))
    described = everything.where(everything.about(distinct(everything.subject[typed])))
    store = EmbeddedStore()
    store.insert(GRAPH.ontology, described.decode(facts.dictionary))
    return policies(store, [GRAPH.ontology])


def _faults(documents: Sequence[Document], said: Mapping[str, Columns], dictionary: Dictionary) -> list[Violation]:
    """What breaks shapes, but for files that ``kg import`` of this version wrote, for which their importer answers.

    It answers for one file and not for what two of them make together: a node that two describe differently is held
    to the shapes too.

    Args:
        documents: the files.
        said: what each says, by its name.
        dictionary: the terms of that.
    """
    held = {document.file: document.triples for document in documents if not document.importer}
    vouched = {document.file: said[document.file] for document in documents if document.importer}
    importers = {document.file: document.importer for document in documents}
    disputed = _described_twice(list(vouched.values()), dictionary)
    mentioned = Columns.joined(
        [said[file] for file in held] + [c.where(np.isin(c.subject, disputed.subject)) for c in vouched.values()]
    )
    spoken_of = distinct(np.concatenate([mentioned.subject, mentioned.object]))
    background = {
        file: tuple(c.where(np.isin(c.subject, spoken_of) | np.isin(c.object, disputed.subject)).decode(dictionary))
        for file, c in vouched.items()
    }
    two = {(str(triple.subject)[1:-1], triple.predicate.value) for triple in disputed.decode(dictionary)}
    found = []
    for violation in validate(held | background):
        if violation.file in held:
            found.append(violation)
        elif (violation.node, violation.path) in two:
            node = dictionary.find(NamedNode(violation.node))
            files = [file for file, c in vouched.items() if (c.subject == node).any()]
            names, kinds = " and ".join(Path(file).name for file in files), {importers[file] for file in files}
            # Extracts of one data set: each tells of the part of a treaty that it has, and together they tell of it.
            remedy = (
                f"If they are extracts of one edition, import them together: kg import {kinds.pop()} FILE FILE"
                if len(kinds) == 1
                else violation.message
            )
            found.append(replace(violation, message=f"{names} describe this differently. {remedy}"))
    return found


def _described_twice(vouched: Sequence[Columns], dictionary: Dictionary) -> Columns:
    """Of nodes that several vouched files describe, what not all of these say; where it is found is no difference."""
    find = dictionary.find
    typed = [distinct(columns.subject[columns.predicate == find(RDF.type)]) for columns in vouched]
    nodes, times = np.unique(np.concatenate([*typed, np.empty(0, np.int64)]), return_counts=True)
    shared = nodes[times > 1]
    everything = Columns.joined(
        columns.where(np.isin(columns.subject, np.intersect1d(shared, described)))
        for columns, described in zip(vouched, typed, strict=True)
    )
    everything = everything.where(everything.predicate != find(DCTERMS.source))
    if not len(everything):
        return everything
    rows = np.column_stack([everything.subject, everything.predicate, everything.object])
    rows, said = np.unique(rows, axis=0, return_counts=True)
    rows = rows[said < times[np.searchsorted(nodes, rows[:, 0])]]
    return Columns(*rows.T)


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


def _catalog(documents: Iterable[Document], policy: str) -> Iterator[Triple]:
    yield Triple(GRAPH.catalog, FOEDUS.policyName, Literal(policy))
    yield Triple(GRAPH.catalog, OWL.versionInfo, Literal(__version__))
    for document in documents:
        graph = GRAPH.asserted(document.name)
        yield Triple(graph, DCTERMS.source, Literal(Path(document.file).name))
        yield Triple(graph, FOEDUS.textDigest, Literal(document.digest))


def catalog_view(policy: Policy, certificate: Certificate) -> Iterator[Triple]:
    """What the catalog says of a view: its policy, and what reasoned."""
    graph = GRAPH.inferred(policy.view)
    yield Triple(graph, FOEDUS.policyName, Literal(policy.name))
    yield Triple(graph, DCTERMS.creator, Literal(certificate.engine))
