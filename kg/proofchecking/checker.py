"""The walk over a proof: every step is checked against the asserted graphs, the ontology and the steps below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from kg.proofchecking.dated import DATED_RULES, derive
from kg.proofchecking.entailed import ENTAILMENT_RULES, entails
from kg.proofchecking.evidence import Counted, Evidence, PolicyLike
from kg.proofchecking.index import Index
from kg.proofchecking.quoting import misquotes
from kg.proofchecking.reading import BOUNDS, SCALE, Flaw, Form, ProofForm, SayingForm, read_proof
from kg.store.base import Store
from kg.terms import curie
from kg.views import asserted_graphs
from kg.vocab import FOEDUS, GRAPH, OWL, RDF, RDFS

__all__ = ["ProofChecker", "check_proof"]

_AXIOMATIC: Final = frozenset(
    term.value for term in (RDF.first, RDF.rest, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range)
)
"""Properties that only the ontology may use, beside those of OWL."""
_KEPT: Final = 100_000
"""How many claims as told are kept for the next proof, with what is wrong with them."""


def check_proof(proof: Mapping[str, Any], store: Store, policy: PolicyLike) -> list[Flaw]:
    """What is wrong with a proof; nothing, if it stands.

    Args:
        proof: the plain data of a proof, as ``Proof.to_dict()`` gives it or as read from JSON.
        store: a store with the asserted graphs and the ontology; nothing else of it is read.
        policy: which claims count.

    Example:
        >>> from kg import KnowledgeGraph
        >>> kg = KnowledgeGraph.open()
        >>> axiom = [FOEDUS.State.value, RDFS.subClassOf.value, FOEDUS.Actor.value]
        >>> step = {"conclusion": {"triple": axiom}, "says": "a state is an actor", "ground": "axiom"}
        >>> proof = {"view": "reported", "status": "Fact", "proof": step}
        >>> check_proof(proof, kg.store, kg.trust_policies()["reported"])
        []
        >>> proof["status"] = "Alleged"
        >>> [str(flaw) for flaw in check_proof(proof, kg.store, kg.trust_policies()["reported"])]
        ['the proof is as sure as its weakest step, Fact, not Alleged']
    """
    return ProofChecker(store, policy).check(proof)


class ProofChecker:
    """Checks many proofs under one policy, reading the store once.

    Args:
        store: a store with the asserted graphs and the ontology; nothing else of it is read.
        policy: which claims count.

    Example:
        >>> from kg import KnowledgeGraph
        >>> kg = KnowledgeGraph.open()
        >>> checker = ProofChecker(kg.store, kg.trust_policies()["reported"])
        >>> [str(flaw) for flaw in checker.check({})][:1]
        ['view is missing']
    """

    def __init__(self, store: Store, policy: PolicyLike) -> None:
        facts = Index(triple for graph in asserted_graphs(store) for triple in store.triples(graph))
        self._ontology = Index(store.triples(GRAPH.ontology))
        self._gated = self._ontology.below(FOEDUS.StateOfAffairs)
        self._world = world = Evidence(facts, policy)
        # A record tells the same rows in proof after proof.
        self._misquotes = lru_cache(maxsize=_KEPT)(lambda saying: tuple(misquotes(saying, world)))
        self._view = policy.name if policy.known_by is None else f"{policy.name}/known-by/{policy.known_by.isoformat()}"

    def check(self, proof: object) -> list[Flaw]:
        """What is wrong with a proof; nothing, if it stands."""
        form, flaws = read_proof(proof)
        if form is None:
            return flaws
        try:
            return _Walk(self._world, self._ontology, self._gated, self._misquotes).proof(form, self._view)
        except ValueError as fault:
            return [Flaw("", "", f"the asserted graphs cannot be read: {fault}")]


class _Walk:
    """One proof being checked."""

    def __init__(
        self,
        world: Evidence,
        ontology: Index,
        gated: frozenset[str],
        misquoted: Callable[[SayingForm], Iterable[str]],
    ) -> None:
        self._world, self._ontology, self._gated, self._misquotes = world, ontology, gated, misquoted
        self._flaws: list[Flaw] = []

    def proof(self, proof: ProofForm, view: str) -> list[Flaw]:
        if proof.view != view:
            self._flaws.append(Flaw("", "", f"the proof is one under {proof.view or 'no policy'}, not under {view}"))
        self._step(proof.root, ())
        told = [step.status for step in _every(proof.root) if step.status in SCALE]
        weakest = min(told, key=SCALE.index, default="Fact")
        if proof.status != weakest:
            message = f"the proof is as sure as its weakest step, {weakest}, not {proof.status or 'nothing'}"
            self._flaws.append(Flaw("", "", message))
        return self._flaws

    def _fault(self, form: Form, message: str) -> None:
        self._flaws.append(Flaw(form.path, form.told, message))

    def _step(self, form: Form, above: tuple[object, ...]) -> Counted | int | None:
        """Check a step and all below it.

        Returns:
            For a node the node, for a triple how sure it is (``len(SCALE)`` where claims play no part), worked out
            anew; ``None`` where that cannot be told.
        """
        if form.conclusion in above:
            self._fault(form, "it is a premise of itself")
        found = [self._step(premise, (*above, form.conclusion)) for premise in form.premises]
        self._superfluous(form)
        match form.ground:
            case "claims":
                return self._claims(form)
            case "rule":
                return self._rule(form, found)
            case "entailment":
                return self._entailment(form, found)
            case "description":
                return self._description(form, found)
            case _:
                return self._axiom(form)

    def _superfluous(self, form: Form) -> None:
        """What a step says that its ground does not speak of: nobody would check it."""
        kept = {
            "claims": {"claims", "bounds", "denials", "ongoing"},
            "rule": {"rule", "premises", "bounds", "overlap"},
            "entailment": {"rule", "axiom", "premises"},
            "description": {"premises"},
            "axiom": set[str](),
        }[form.ground]
        given = {
            "rule": form.rule,
            "axiom": form.axiom,
            "overlap": form.overlap,
            "bounds": form.bounds,
            "premises": form.premises,
            "claims": form.sayings,
            "denials": form.denials,
            "ongoing": form.ongoing,
        }
        for key, value in given.items():
            if value and key not in kept:
                self._fault(form, f"a step of the ground {form.ground} has no {key}")
        if isinstance(form.conclusion, str) != (form.ground in ("claims", "rule")):
            right = "node" if form.ground in ("claims", "rule") else "triple"
            self._fault(form, f"a step of the ground {form.ground} concludes a {right}")

    # ---------------------------------------------------------------- nodes

    def _claims(self, form: Form) -> Counted | None:
        if not isinstance(form.conclusion, str):
            return None
        vouching = self._world.vouching(form.conclusion)
        for saying in form.sayings:
            refusal = "" if saying.claim in vouching else self._world.refusal(saying.claim, form.conclusion)
            for message in [refusal] if refusal else self._misquotes(saying):
                self._fault(form, f"claim {curie(saying.claim)}: {message}")
        told = [saying.claim for saying in form.sayings]
        self._told_once(form, [*told, *(saying.claim for saying in form.denials)])
        for claim in sorted(vouching - set(told)):
            self._fault(form, f"claim {curie(claim)} vouches for it too and is left out")
        counted = self._world.counted(form.conclusion)
        if counted is None:
            self._fault(form, "no admitted claim makes it count")
            return None
        self._as_told(form, counted)
        self._contested(form, counted)
        return counted

    def _contested(self, form: Form, counted: Counted) -> None:
        """Whether who denies it, and that its sources stop while it goes on, is told as it is."""
        denying = counted.roles[FOEDUS.contestedBy.value]
        for saying in form.denials:
            refusal = "" if saying.claim in denying else "no admitted claim of this name denies it"
            for message in [refusal] if refusal else self._misquotes(saying):
                self._fault(form, f"denial {curie(saying.claim)}: {message}")
        for claim in sorted(denying - {saying.claim for saying in form.denials}):
            self._fault(form, f"claim {curie(claim)} denies it and is left out")
        ongoing = FOEDUS.Ongoing.value in self._world.facts.nodes(counted.node, FOEDUS.end)
        if form.ongoing != ongoing:
            self._fault(form, f"its sources {'saw it going on' if ongoing else 'did not leave it going on'}")

    def _told_once(self, form: Form, told: list[str]) -> None:
        for claim in sorted({claim for claim in told if told.count(claim) > 1}):
            self._fault(form, f"claim {curie(claim)} is told twice")

    def _rule(self, form: Form, found: list[Counted | int | None]) -> Counted | None:
        if form.rule not in DATED_RULES:
            self._fault(form, f"there is no dated rule {form.rule!r}")
            return None
        premises = [premise for premise in found if isinstance(premise, Counted)]
        if not isinstance(form.conclusion, str) or len(premises) != len(found):
            if any(not isinstance(premise.conclusion, str) for premise in form.premises):
                self._fault(form, "a dated rule is applied to nodes, not to triples")
            return None
        made, faults = derive(form.conclusion, form.rule, premises, self._world)
        for fault in faults:
            self._fault(form, f"{form.rule}: {fault}")
        if made is not None:
            self._as_told(form, made)
        return made

    def _as_told(self, form: Form, counted: Counted) -> None:
        """Whether status, overlap and bounds are told as they are."""
        overlap = "" if counted.definite is None else "Definite" if counted.definite else "Possible"
        if form.status != SCALE[counted.status]:
            self._fault(form, f"the status is {SCALE[counted.status]}, not {form.status or 'none'}")
        if form.overlap != overlap:
            self._fault(form, f"the overlap is {overlap or 'none'}, not {form.overlap or 'none'}")
        right = [min(counted.literals[FOEDUS.base + name]) for name in BOUNDS]
        if not form.bounds:
            self._fault(form, "the bounds are missing")
        for name, told, day in zip(BOUNDS, form.bounds or right, right, strict=True):
            if told != day:
                self._fault(form, f"{name} is {day}, not {told}")

    # ---------------------------------------------------------------- triples

    def _entailment(self, form: Form, found: list[Counted | int | None]) -> int | None:
        if form.rule not in ENTAILMENT_RULES:
            self._fault(form, f"there is no entailment rule {form.rule!r}")
            return None
        triples = [p.conclusion for p in form.premises if not isinstance(p.conclusion, str)]
        if isinstance(form.conclusion, str) or len(triples) != len(form.premises):
            if len(triples) != len(form.premises):
                self._fault(form, "an entailment rule is applied to triples, not to nodes")
            return None
        if not entails(form.rule, triples, form.conclusion, form.axiom, self._ontology):
            self._fault(
                form,
                f"{form.rule} by the axiom of {curie(form.axiom) or 'nothing'} does not lead here from these premises",
            )
        sure = [value for value in found if isinstance(value, int)]
        return self._sure(form, min(sure, default=len(SCALE))) if len(sure) == len(found) else None

    def _description(self, form: Form, found: list[Counted | int | None]) -> int | None:
        if isinstance(form.conclusion, str):
            return None
        subject, prop, obj = form.conclusion
        if prop in _AXIOMATIC or prop.startswith(OWL.base) or (prop == RDF.type.value and obj.startswith(OWL.base)):
            self._fault(form, "only the ontology can state this, as an axiom")
        # At the root a literal may be spoken of; further down it would be taken for a node that is written alike.
        literally = form.path == "0"
        if len(found) > 1:
            self._fault(form, "a description stands on its subject alone")
            return None
        if found:
            about = found[0]
            if form.premises[0].conclusion != subject:
                self._fault(form, "the premise is not about the subject")
                return None
            if not isinstance(about, Counted):
                return None
            literals = about.literals.get(prop, frozenset()) if literally else frozenset()
            if obj not in about.roles.get(prop, frozenset()) | literals:
                self._fault(form, "the subject is not so described")
            return self._sure(form, about.status)
        if self._world.counted(subject) is not None:
            self._fault(form, "the subject counts only through claims, and none are given")
        elif self._world.facts.nodes(subject, RDF.type) & self._gated:
            self._fault(form, "no admitted claim makes the subject count")
        if not self._world.facts.holds(subject, prop, obj, literally=literally):
            self._fault(form, "no asserted graph says so")
        return self._sure(form, len(SCALE))

    def _axiom(self, form: Form) -> int | None:
        if isinstance(form.conclusion, str):
            return None
        if not self._ontology.holds(*form.conclusion, literally=True):
            self._fault(form, "the ontology has no such axiom")
        return self._sure(form, len(SCALE))

    def _sure(self, form: Form, status: int) -> int:
        right = SCALE[status] if status < len(SCALE) else ""
        if form.status != right:
            self._fault(form, f"the status is {right or 'none'}, not {form.status or 'none'}")
        return status


def _every(form: Form) -> Iterator[Form]:
    yield form
    for premise in form.premises:
        yield from _every(premise)
