"""Finding proofs: from a conclusion down to claims, through rules and axioms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice, product
from typing import Final, Protocol

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import UnknownName
from kg.explaining.model import Ground, Passage, Proof, Saying, Step
from kg.store.base import Store
from kg.terms import GENID, Term, curie, local_name
from kg.vocab import DCTERMS, FOEDUS, GRAPH, OA, PROV, RDF, RDFS

__all__ = ["PROOFS_AT_MOST", "Entailment", "Explainer", "NotInferred"]

_SCALE: Final = ("Speculated", "Alleged", "Reported", "Fact")
_BOUNDS: Final = (FOEDUS.beginEarliest, FOEDUS.beginLatest, FOEDUS.endEarliest, FOEDUS.endLatest)
PROOFS_AT_MOST: Final = 200
"""How many proofs of one conclusion are looked at."""
_KEPT: Final = 10_000
"""How many steps and claims of a kind are kept for the next explanation."""
_CLASSES: Final = (
    FOEDUS.AllySupplyingAdversary,
    FOEDUS.AllyAttackingAlly,
    FOEDUS.UnansweredObligation,
    FOEDUS.ComplicitAlly,
    FOEDUS.DividedLoyalty,
)


class Entailment(Protocol):
    """One step of OWL 2 RL reasoning, as the reasoner's justifications give it."""

    @property
    def rule(self) -> str:
        """Name of the entailment rule."""
        ...

    @property
    def premises(self) -> tuple[Triple, ...]:
        """The triples it was applied to."""
        ...

    @property
    def axiom(self) -> NamedNode:
        """The term whose axiom was used."""
        ...


class NotInferred(UnknownName):
    """A node or triple that does not follow, so that there is nothing to explain; ``kg why-not`` may say more.

    Attributes:
        view: name of the view in which it does not follow.
    """

    def __init__(self, what: str, view: str, *, nothing_counts: bool = False) -> None:
        super().__init__("conclusion", what)
        self.view = view
        self.args = (
            (f"nothing follows under the policy {view}: it admits no claim of this graph",)
            if nothing_counts
            else (f"{what!r} does not follow under the policy {view}; `kg why-not` says what is missing",)
        )


class Explainer:
    """Finds the proofs of what follows in one view.

    Args:
        store: the store.
        graphs: the graphs of the view: ontology, asserted, accepted, inferred.
        view: name of the view.
        entailments: gives every step by which OWL 2 RL reasoning gives a triple, none where it did not add it.
        names: gives a name for each of some nodes.
        testimony: gives, for a claim, the best chain of claims that passes it on, nearest first, its modality through
            that, and the sources it is found in, as far as the view's policy admits them.
    """

    def __init__(
        self,
        store: Store,
        graphs: Sequence[NamedNode],
        view: str,
        entailments: Callable[[Triple], Iterable[Entailment]],
        names: Callable[[Sequence[NamedNode]], Mapping[str, str]],
        testimony: Callable[[NamedNode], tuple[Sequence[NamedNode], NamedNode, Sequence[NamedNode]]],
    ) -> None:
        self._store, self._graphs, self._view = store, list(graphs), view
        self._entailments, self._names, self._testimony = entailments, names, testimony
        self._label_cache: dict[str, str] = {}
        self._node_cache: dict[NamedNode, Step | None] = {}
        keep = lru_cache(maxsize=_KEPT)
        self._given_step, self._saying = keep(self._find_given_step), keep(self._find_saying)
        self._coverage = keep(self._find_coverage)

    @cached_property
    def _needing_claims(self) -> frozenset[Term]:
        """The classes whose nodes count only where a claim vouches for them: states of affairs."""
        found: set[Term] = {FOEDUS.StateOfAffairs}
        frontier: list[Term] = [FOEDUS.StateOfAffairs]
        while frontier:
            below = self._subjects(RDFS.subClassOf, frontier.pop())
            frontier += (cls for cls in below if cls not in found)
            found.update(below)
        return frozenset(found)

    # ---------------------------------------------------------------- what is asked

    def node(self, node: NamedNode) -> list[Proof]:
        """The proofs of a conclusion, an obligation, a hostility or an accepted node, best first.

        Raises:
            NotInferred: the node neither follows nor is accepted.
        """
        return self.find(node)[0]

    def triple(self, triple: Triple, limit: int = PROOFS_AT_MOST) -> list[Proof]:
        """The independent proofs of an inferred triple, surest first, then shortest.

        Two proofs are independent when neither rests on all the nodes of the other.

        Args:
            triple: the triple.
            limit: how many proofs to look at at most.

        Raises:
            NotInferred: the triple does not follow.
        """
        return self._find(triple, limit)[0]

    def find(self, what: NamedNode | Triple) -> tuple[list[Proof], bool]:
        """The proofs of a node or a triple, best first, and whether they are all there are.

        Raises:
            NotInferred: it does not follow.
        """
        if isinstance(what, Triple):
            return self._find(what, PROOFS_AT_MOST)
        types = self._objects(what, RDF.type)
        for kind in _CLASSES:
            if kind in types:
                return self._find(Triple(what, RDF.type, kind), PROOFS_AT_MOST)
        step = self._node_step(what)
        if step is None:
            raise self._not_inferred(self._label(what))
        return [Proof(step, self._view)], True

    def _find(self, triple: Triple, limit: int) -> tuple[list[Proof], bool]:
        steps = list(islice(self._triple_steps(triple, frozenset(), limit + 1), limit + 1))
        if not steps:
            raise self._not_inferred(self._sentence(triple))
        whole = len(steps) <= limit
        proofs = sorted((Proof(step, self._view) for step in steps[:limit]), key=lambda proof: proof.rank)
        kept: list[Proof] = []
        for proof in sorted(proofs, key=lambda p: (len(p.nodes), p.rank)):
            if not any(other.nodes <= proof.nodes for other in kept):
                kept.append(proof)
        return sorted(kept, key=lambda proof: proof.rank), whole

    def _not_inferred(self, what: str) -> NotInferred:
        counting = any(True for _ in self._store.match(self._graphs, predicate=FOEDUS.acceptedThrough))
        return NotInferred(what, self._view, nothing_counts=not counting)

    # ---------------------------------------------------------------- triples

    def _triple_steps(self, triple: Triple, above: frozenset[Triple], limit: int) -> Iterator[Step]:
        entailed, inner = False, above | {triple}
        for entailment in self._entailments(triple):
            entailed = True
            if not inner.isdisjoint(entailment.premises):
                continue
            ways = []
            for premise in entailment.premises:
                ways.append(list(islice(self._triple_steps(premise, inner, limit), limit)))
                if not ways[-1]:
                    break
            else:
                for premises in product(*ways):
                    yield Step(
                        conclusion=_spoken(triple),
                        says=self._sentence(triple),
                        ground=Ground.ENTAILMENT,
                        rule=entailment.rule,
                        axiom=entailment.axiom.value,
                        premises=premises,
                        status=_weakest([p.status for p in premises]),
                    )
        if not entailed:
            given = self._given_step(triple)
            if given is not None:
                yield given

    def _find_given_step(self, triple: Triple) -> Step | None:
        subject = triple.subject
        assert isinstance(subject, NamedNode)
        if subject.value.startswith((FOEDUS.base, GENID)) or not self._exists(triple, self._graphs):
            return (
                Step(_spoken(triple), self._sentence(triple), Ground.AXIOM)
                if self._exists(triple, [GRAPH.ontology])
                else None
            )
        about = self._node_step(subject)
        if about is None and not self._needing_claims.isdisjoint(self._objects(subject, RDF.type)):
            return None
        premises = () if about is None else (about,)
        status = about.status if about else ""
        return Step(_spoken(triple), self._sentence(triple), Ground.DESCRIPTION, premises=premises, status=status)

    # ---------------------------------------------------------------- nodes

    def _node_step(self, node: NamedNode) -> Step | None:
        """How a node comes to count; ``None`` for what needs no claim, such as a state."""
        if node not in self._node_cache:
            self._node_cache[node] = self._find_node_step(node)
        return self._node_cache[node]

    def _find_node_step(self, node: NamedNode) -> Step | None:
        status = self._one(node, FOEDUS.status)
        if status is None:
            return None
        days = tuple(self._one(node, prop) or "" for prop in _BOUNDS)
        bounds = (days[0], days[1], days[2], days[3]) if all(days) else ()
        overlap = local_name(self._one(node, FOEDUS.overlap) or "")
        rules = self._objects(node, FOEDUS.derivedByRule)
        if rules:
            premises = [
                self._node_step(p)
                for p in sorted(self._objects(node, PROV.wasDerivedFrom), key=str)
                if isinstance(p, NamedNode)
            ]
            return Step(
                conclusion=node.value,
                says=self._label(node),
                ground=Ground.RULE,
                rule=local_name(str(rules[0])[1:-1]),
                premises=tuple(p for p in premises if p is not None),
                status=local_name(status),
                overlap=overlap,
                bounds=bounds,
            )
        return Step(
            conclusion=node.value,
            says=self._label(node),
            ground=Ground.CLAIMS,
            sayings=self._sayings(node, FOEDUS.acceptedThrough),
            status=local_name(status),
            bounds=bounds,
            denials=self._sayings(node, FOEDUS.contestedBy),
            ongoing=FOEDUS.Ongoing in self._objects(node, FOEDUS.end),
        )

    def _sayings(self, node: NamedNode, prop: NamedNode) -> tuple[Saying, ...]:
        """The claims that speak of a node in some way, surest first."""
        found = [self._saying(claim) for claim in self._objects(node, prop) if isinstance(claim, NamedNode)]
        return tuple(sorted(found, key=lambda saying: (-_SCALE.index(saying.modality), saying.claim)))

    def _find_saying(self, claim: NamedNode) -> Saying:
        chain, modality, sources = self._testimony(claim)
        source = min(sources, key=str, default=None)
        said = self._one(claim, FOEDUS.saidOn) or self._one(claim, FOEDUS.timeAsSaid) or ""
        published = self._one(claim, FOEDUS.publishedOn) or (source and self._one(source, FOEDUS.publishedOn)) or ""
        not_before = source and self._one(source, FOEDUS.publishedNotBefore)
        if not published and not_before:
            published = f"not before {not_before}"
        speakers = self._speakers(claim)
        return Saying(
            claim=claim.value,
            says=self._label(claim),
            speakers=tuple(self._label(s) for s in speakers),
            speaker_nodes=tuple(s.value for s in speakers),
            through=tuple(self._label(speaker) for carrier in chain for speaker in self._speakers(carrier)),
            source=source.value if source else "",
            source_name=self._label(source) if source else "",
            coverage=self._coverage(source) if source else "",
            text_digest=(source and self._one(source, FOEDUS.textDigest)) or "",
            stance=local_name(self._one(claim, FOEDUS.stance) or ""),
            modality=local_name(modality.value),
            said=said,
            published=published,
            passages=self._passages(claim),
            rows=tuple(_text(o) for o in self._objects(claim, DCTERMS.source) if isinstance(o, Literal)),
        )

    def _speakers(self, claim: NamedNode) -> list[NamedNode]:
        return [node for node in self._objects(claim, FOEDUS.attributedTo) if isinstance(node, NamedNode)]

    def _find_coverage(self, source: NamedNode) -> str:
        """What a source sets out to record, in English where it says so in several languages."""
        notes = [note for note in self._objects(source, FOEDUS.coverageNote) if isinstance(note, Literal)]
        return min((not (note.language or "en").startswith("en"), note.value) for note in notes)[1] if notes else ""

    def _passages(self, claim: NamedNode) -> tuple[Passage, ...]:
        passages = []
        for annotation in self._objects(claim, FOEDUS.evidence):
            for target in self._objects(_iri(annotation), OA.hasTarget):
                place = _iri(target)
                paragraph, digest = self._one(place, FOEDUS.paragraph), self._one(place, FOEDUS.passageDigest)
                for selector in self._objects(place, OA.hasSelector):
                    start, end = self._one(_iri(selector), OA.start), self._one(_iri(selector), OA.end)
                    if paragraph and digest and start and end:
                        passages.append(Passage(int(paragraph), int(start), int(end), digest))
        return tuple(sorted(passages, key=lambda passage: (passage.start, passage.end)))

    # ---------------------------------------------------------------- words

    def _label(self, node: NamedNode) -> str:
        if node.value not in self._label_cache:
            self._label_cache[node.value] = self._names([node]).get(node.value) or curie(node.value)
        return self._label_cache[node.value]

    def _sentence(self, triple: Triple) -> str:
        subject, predicate, obj = triple.subject, triple.predicate, triple.object
        words = self._label(subject) if isinstance(subject, NamedNode) else str(subject)
        end = self._label(obj) if isinstance(obj, NamedNode) else str(obj)
        if predicate == RDF.type:
            return f"{words.rstrip('.')}: {end}" if " " in words else f"{words} is: {end}"
        return f"{words.rstrip('.')} {self._label(predicate)} {end.rstrip('.')}"

    # ---------------------------------------------------------------- looking up

    def _objects(self, subject: NamedNode, prop: NamedNode) -> list[Term]:
        found = (triple.object for triple in self._store.match(self._graphs, subject, prop))
        return sorted(dict.fromkeys(found), key=str)

    def _subjects(self, prop: NamedNode, obj: Term) -> list[NamedNode]:
        found = (t.subject for t in self._store.match(self._graphs, predicate=prop, obj=obj))
        return sorted({subject for subject in found if isinstance(subject, NamedNode)}, key=str)

    def _one(self, subject: NamedNode, prop: NamedNode) -> str | None:
        return min((_text(o) for o in self._objects(subject, prop)), default=None)

    def _exists(self, triple: Triple, graphs: Sequence[NamedNode]) -> bool:
        subject = triple.subject
        assert isinstance(subject, NamedNode)
        return any(True for _ in self._store.match(graphs, subject, triple.predicate, triple.object))


def _spoken(triple: Triple) -> tuple[str, str, str]:
    return tuple(t.value for t in (triple.subject, triple.predicate, triple.object))  # type: ignore[return-value, union-attr]


def _iri(term: Term) -> NamedNode:
    assert isinstance(term, NamedNode)
    return term


def _weakest(statuses: Sequence[str]) -> str:
    return min((s for s in statuses if s), key=_SCALE.index, default="")


def _text(term: object) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value
