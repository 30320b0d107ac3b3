"""The checker of proofs: sound proofs stand, and no proof survives being tampered with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from kg import KnowledgeGraph
from kg.building import add_view
from kg.documents import read_document
from kg.proofchecking import UNCHECKED, ProofChecker, check_proof
from kg.proofchecking.dated import DATED_RULES, derive
from kg.proofchecking.entailed import ENTAILMENT_RULES, entails
from kg.proofchecking.evidence import Counted, Evidence
from kg.proofchecking.index import Index
from kg.reasoning import CompiledReasoner, derivations
from kg.resources import ontology_files
from kg.rules import describe, load_rules
from kg.store.embedded import EmbeddedStore
from kg.trust import Policy, policies
from kg.views import base_graphs
from kg.vocab import FOEDUS, GRAPH, RDF, RDFS
from tests.proofs import SHORTCUTS, explain_all
from tests.unit.test_reasoning import PREFIXES as SCHEMA_PREFIXES
from tests.unit.test_reasoning import RULES

WORDING_ONLY: Final = {"says"}
"""The only key of a step that may be changed without being caught; a claim's own ``says`` may not."""

WORLD: Final = """
@prefix f: <https://w3id.org/foedus/ns#> . @prefix e: <https://example.org/> . @prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:a a f:State ; rdfs:label "Aland"@en . e:b a f:State ; rdfs:label "Beland"@en . e:c a f:State .
e:wire a f:NewsAgency ; rdfs:label "Wire"@en . e:mouth a f:Person ; rdfs:label "Mouth"@en . e:paper a f:MediaOutlet .
e:report a f:Article ; rdfs:label "report"@en ; f:publishedOn "2005-03"^^xsd:gYearMonth ; f:textDigest "abc" .
e:table a f:Dataset ; rdfs:label "table"@en ; f:publishedNotBefore "2004"^^xsd:gYear .
e:pact a f:Alliance . e:clause a f:DefenseProvision ; f:providedBy e:pact .
e:ma a f:Membership ; f:member e:a ; f:alliance e:pact ; f:begin "1999"^^xsd:gYear ; f:end f:Ongoing .
e:mb a f:Membership ; f:member e:b ; f:alliance e:pact ; f:begin "2000-02"^^xsd:gYearMonth ; f:end f:Ongoing .
e:mc a f:Membership ; f:member e:c ; f:alliance e:pact ; f:begin "2000-02-03"^^xsd:date ; f:end "2010"^^xsd:gYear .
e:raid a f:Incursion ; f:actor e:a ; f:target e:b ; f:begin "2003"^^xsd:gYear ; f:end "2003"^^xsd:gYear .
e:war a f:ArmedConflict ; f:sideA e:a ; f:sideB e:b ; f:begin "2001-05"^^xsd:gYearMonth ;
  f:end "2001-05"^^xsd:gYearMonth .
e:glare a f:MilitarizedDispute ; f:party e:b, e:c ; f:actor e:c ; f:hostilityLevel 3 ; f:begin "2004"^^xsd:gYear ;
  f:end "2004"^^xsd:gYear .
e:all a f:Claim ; f:claims e:pact, e:clause, e:ma, e:mb, e:mc ; f:stance f:Asserts ; f:modality f:Fact ;
  f:attributedTo e:paper ; f:reportedBy e:table .
e:told a f:Claim ; rdfs:label "There was a raid."@en ; f:claims e:raid ; f:stance f:Accuses ; f:modality f:Reported ;
  f:attributedTo e:mouth ; f:reportedBy e:report ; f:saidOn "2005-02-01"^^xsd:date ; f:evidence e:note .
e:note a oa:Annotation ; oa:hasBody e:told ; oa:hasTarget e:passage .
e:passage oa:hasSource e:report ; oa:hasSelector e:place ; f:paragraph 2 ; f:passageDigest "def" .
e:place a oa:TextPositionSelector ; oa:start 10 ; oa:end 20 .
e:passed a f:Claim ; f:claims e:told ; f:stance f:Asserts ; f:modality f:Reported ;
  f:attributedTo e:wire ; f:reportedBy e:report .
e:hinted a f:Claim ; f:claims e:told ; f:stance f:Asserts ; f:modality f:Alleged ;
  f:attributedTo e:paper ; f:reportedBy e:report .
e:printed a f:Claim ; f:claims e:passed ; f:stance f:Asserts ; f:modality f:Fact ;
  f:attributedTo e:paper ; f:reportedBy e:report .
e:known a f:Claim ; f:claims e:war, e:raid, e:glare ; f:stance f:Asserts ; f:modality f:Alleged ;
  <http://purl.org/dc/terms/source> "wars.csv, row 3", "raids.csv, rows 5-6" ;
  f:attributedTo e:wire ; f:reportedBy e:table .
e:denied a f:Claim ; f:claims e:raid ; f:stance f:Denies ; f:modality f:Fact ;
  f:attributedTo e:a ; f:reportedBy e:report .
"""
"""What the article has none of: an ally that attacks, an ally of both sides, and a claim passed on by two hands."""


@dataclass(frozen=True)
class Case:
    """A graph under a policy, with proofs of all that follows."""

    store: EmbeddedStore
    policy: Policy
    proofs: tuple[dict[str, Any], ...]

    @property
    def checker(self) -> ProofChecker:
        return ProofChecker(self.store, self.policy)


def built(turtle: str) -> EmbeddedStore:
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    store.insert(GRAPH.ontology, describe(load_rules()))
    store.insert(GRAPH.asserted("world"), triples(turtle))
    return store


def triples(turtle: str) -> list[Triple]:
    return [quad.triple for quad in pyoxigraph.parse(turtle, format=RdfFormat.TURTLE)]


@pytest.fixture(scope="module", params=["facts", "reported", "alleged"])
def article(request: pytest.FixtureRequest, store: Path) -> Case:
    graph = KnowledgeGraph.open(store)
    policy = graph.trust_policies()[request.param]
    assert isinstance(graph.store, EmbeddedStore)
    return Case(graph.store, policy, tuple(explain_all(graph.store, policy.view)))


@pytest.fixture(scope="module")
def alleged(store: Path) -> Case:
    graph = KnowledgeGraph.open(store)
    assert isinstance(graph.store, EmbeddedStore)
    return Case(graph.store, graph.trust_policies()["alleged"], tuple(explain_all(graph.store, "alleged")))


@pytest.fixture(scope="module")
def world() -> Case:
    store = built(WORLD)
    policy = policies(store, base_graphs(store))["alleged"]
    add_view(store, policy, reasoner=CompiledReasoner())
    return Case(store, policy, tuple(explain_all(store, policy.view)))


# -------------------------------------------------------------------- sound proofs stand


def test_every_proof_of_the_article_stands(article: Case) -> None:
    checker = article.checker
    assert article.proofs
    assert [str(flaw) for proof in article.proofs for flaw in checker.check(proof)] == []


def test_every_proof_of_the_small_world_stands(world: Case) -> None:
    checker = world.checker
    assert [str(flaw) for proof in world.proofs for flaw in checker.check(proof)] == []


def test_every_dated_rule_and_every_shortcut_is_met(alleged: Case, world: Case) -> None:
    steps = [step for case in (alleged, world) for proof in case.proofs for step in every(proof["proof"])]
    assert {step["rule"] for step in steps if step["ground"] == "rule"} == DATED_RULES
    proved = {proof["proof"]["conclusion"].get("triple", [None] * 3)[1] for proof in alleged.proofs}
    assert {prop.value for prop in SHORTCUTS} <= proved


def test_a_proof_from_a_file_can_be_checked(world: Case) -> None:
    proof = json.loads(json.dumps(world.proofs[-1]))
    assert check_proof(proof, world.store, world.policy) == []


class AssertedOnly:
    """A store that gives the asserted graphs and the ontology and nothing else."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.graphs = store.graphs
        self.copy = store.copy

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        assert graph in base_graphs(self._store), f"{graph} was read"
        return self._store.triples(graph)

    def query(self, *_: object, **__: object) -> Any:
        raise AssertionError("no query engine is needed")

    insert = drop = match = query


def test_nothing_that_was_concluded_is_read(world: Case) -> None:
    checker = ProofChecker(AssertedOnly(world.store), world.policy)
    assert not any(checker.check(proof) for proof in world.proofs)


# -------------------------------------------------------------------- tampered proofs fall


def every(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for premise in step.get("premises", ()):
        yield from every(premise)


def shortest_by_rule(proofs: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each rule the shortest proof that uses it, to keep the number of changes down."""
    found: dict[str, dict[str, Any]] = {}
    for proof in sorted(proofs, key=lambda proof: len(json.dumps(proof))):
        for step in every(proof["proof"]):
            if step["ground"] in ("rule", "entailment"):
                found.setdefault(step["rule"], proof)
    return found


def values_by_key(proofs: Iterable[object]) -> Mapping[str, list[object]]:
    """Every value that some key has anywhere, so that a value can be changed for another that looks as right."""
    found: dict[str, dict[object, None]] = defaultdict(dict)

    def gather(key: str, value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                gather(name, inner)
        elif isinstance(value, list):
            for inner in value:
                gather(key, inner)
        else:
            found[key][value] = None

    for proof in proofs:
        gather("", proof)
    return {key: list(values) for key, values in found.items()}


def changes(key: str, holder: Any, place: Any, pool: Mapping[str, list[object]]) -> Iterator[str]:
    """Make one change after the other at a place, saying which, and undo it when asked for the next."""
    value = holder[place]
    if isinstance(value, str):
        others = islice((other for other in pool[key] if other != value), 4)
        new: list[object] = [*others, value + "x", value[:-1], "", None]
    elif isinstance(value, int):
        new = [value + 1, value - 1, str(value), None]
    else:
        new = [None, "", 7]
    for changed in new:
        if changed != value:
            holder[place] = changed
            yield f"{key}: {str(value)[:60]} -> {str(changed)[:60]}"
    holder[place] = value


def tamperings(
    data: Any, pool: Mapping[str, list[object]], steps: list[dict[str, Any]], where: str, seen: set[str]
) -> Iterator[str]:
    """Every single change to a proof, one at a time, each undone before the next; what recurs is changed once."""
    for key in list(data):
        value = data[key]
        if key in WORDING_ONLY and "ground" in data:
            continue
        place = f"{where}/{key}"
        del data[key]
        yield f"{place} dropped"
        data[key] = value
        data[key + "s"] = value
        yield f"{place} under an unknown key"
        del data[key + "s"]
        if isinstance(value, list):
            yield from list_tamperings(value, key, place, pool, steps, seen)
        elif isinstance(value, dict):
            yield from tamperings(value, pool, steps, place, seen)
        else:
            yield from (f"{where}/{change}" for change in changes(key, data, key, pool))


def list_tamperings(
    items: list[Any],
    key: str,
    place: str,
    pool: Mapping[str, list[object]],
    steps: list[dict[str, Any]],
    seen: set[str],
) -> Iterator[str]:
    for number, item in enumerate(list(items)):
        items[:] = [*items[:number], *items[number + 1 :]]
        yield f"{place}[{number}] dropped"
        items.insert(number, item)
        # A passage told twice is told no differently.
        if key != "passages":
            items.append(item)
            yield f"{place}[{number}] told twice"
            items.pop()
        if isinstance(item, dict):
            if json.dumps(item) not in seen:
                seen.add(json.dumps(item))
                yield from tamperings(item, pool, steps, f"{place}[{number}]", seen)
        else:
            yield from (f"{place}[{number}] {change}" for change in changes(key, items, number, pool))
        if key == "premises":
            yield from (f"{place}[{number}] {change}" for change in swaps(items, number, steps))


def swaps(items: list[Any], number: int, steps: list[dict[str, Any]]) -> Iterator[str]:
    """A premise changed for other steps, sound in themselves, of the same form."""
    item = items[number]
    others = [step for step in steps if step["ground"] == item["ground"] and step["conclusion"] != item["conclusion"]]
    for other in others[:12]:
        items[number] = other
        yield f"changed for {other['conclusion']}"
    items[number] = item


def surviving(case: Case, proof: dict[str, Any]) -> list[str]:
    """The changes to a proof that nobody notices."""
    checker, steps = case.checker, distinct_steps(case)
    before = json.dumps(proof)
    assert checker.check(proof) == []
    tampered = tamperings(proof, values_by_key(case.proofs), steps, "", set())
    missed = [change for change in tampered if not checker.check(proof)]
    assert json.loads(before) == proof, "every change was undone"
    return missed


def distinct_steps(case: Case) -> list[dict[str, Any]]:
    steps = {json.dumps(step["conclusion"]): step for proof in case.proofs for step in every(proof["proof"])}
    return [json.loads(json.dumps(step)) for step in steps.values()]


ARTICLE_RULES: Final = [
    "ally-supplying-adversary",
    "complicit-ally",
    "hostility-from-conflict",
    "hostility-from-incursion",
    "hostility-from-rivalry",
    "obligation-from-memberships",
    "unanswered-obligation",
    "cax-sco",
    "prp-inv2",
    "prp-spo1",
    "prp-spo2",
    "prp-symp",
    "scm-dom1",
    "scm-sco",
]


@pytest.mark.parametrize("rule", ARTICLE_RULES)
def test_no_change_to_a_proof_of_the_article_is_missed(alleged: Case, rule: str) -> None:
    assert surviving(alleged, shortest_by_rule(alleged.proofs)[rule]) == []


@pytest.mark.parametrize(
    "rule", ["ally-attacking-ally", "divided-loyalty", "hostility-from-incursion", "cls-svf1", "cls-int1"]
)
def test_no_change_to_a_proof_of_the_small_world_is_missed(world: Case, rule: str) -> None:
    assert surviving(world, shortest_by_rule(world.proofs)[rule]) == []


def test_what_is_not_checked_is_wording_only() -> None:
    assert UNCHECKED == WORDING_ONLY


def proof_of(case: Case, name: str) -> dict[str, Any]:
    """A copy of the proof that an accepted node of the small world counts."""
    conclusion = {"node": f"https://example.org/{name}"}
    return json.loads(json.dumps(next(p for p in case.proofs if p["proof"]["conclusion"] == conclusion)))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "extra",
    [{"rule": "cax-sco"}, {"axiom": "x"}, {"overlap": "Definite"}, {"premises": [{"conclusion": {"node": "x"}}]}],
    ids=lambda extra: next(iter(extra)),
)
def test_a_step_says_nothing_that_its_ground_does_not_bear(world: Case, extra: dict[str, Any]) -> None:
    proof = proof_of(world, "mb")
    if "premises" in extra:
        extra = {"premises": [proof_of(world, "ma")["proof"]]}
    proof["proof"] |= extra
    messages = [flaw.message for flaw in world.checker.check(proof)]
    assert f"a step of the ground claims has no {next(iter(extra))}" in messages


@pytest.mark.parametrize(
    "through", [[], ["Wire"], ["https://example.org/paper"], ["https://example.org/paper", "Wire"]]
)
def test_a_claim_is_passed_on_by_whom_it_was_and_as_surely(world: Case, through: list[str]) -> None:
    """The paper alone also passes it on, and puts it less surely than the proof has it."""
    proof = proof_of(world, "raid")
    next(c for c in proof["proof"]["claims"] if c["claim"].endswith("told"))["through"] = through
    (flaw,) = world.checker.check(proof)
    assert "as surely as told" in flaw.message


def test_nobody_passes_on_what_is_told_at_first_hand(world: Case) -> None:
    proof = proof_of(world, "mb")
    proof["proof"]["claims"][0]["through"] = ["Wire"]
    (flaw,) = world.checker.check(proof)
    assert "is not passed on by Wire" in flaw.message


def test_a_description_stands_on_its_own_subject(world: Case) -> None:
    """Both are memberships in the pact, but that one counts says nothing about the other."""
    conclusion = ["https://example.org/ma", FOEDUS.alliance.value, "https://example.org/pact"]
    step = {"conclusion": {"triple": conclusion}, "says": "", "ground": "description", "status": "Fact"}
    proof = {"view": "alleged", "status": "Fact", "proof": step | {"premises": [proof_of(world, "mb")["proof"]]}}
    assert [flaw.message for flaw in world.checker.check(proof)] == ["the premise is not about the subject"]
    proof["proof"] = step | {"premises": [proof_of(world, "ma")["proof"]]}
    assert world.checker.check(proof) == []


def test_a_step_above_itself_is_caught(world: Case) -> None:
    proof = json.loads(json.dumps(shortest_by_rule(world.proofs)["prp-symp"]))
    inner = next(s for s in every(proof["proof"]) if s["ground"] == "entailment" and s is not proof["proof"])
    inner["premises"][0] = json.loads(json.dumps(proof["proof"]))
    assert any("premise of itself" in flaw.message for flaw in world.checker.check(proof))


def test_a_flaw_says_where_and_what(world: Case) -> None:
    proof = json.loads(json.dumps(shortest_by_rule(world.proofs)["hostility-from-incursion"]))
    step = proof["proof"]
    path = "0"
    while step["ground"] != "claims":
        step, path = step["premises"][0], f"{path}.0"
    step["bounds"]["endLatest"] = "2003-12-30"
    (flaw,) = world.checker.check(proof)
    assert str(flaw) == f"{path}: https://example.org/raid: endLatest is 2003-12-31, not 2003-12-30"


# -------------------------------------------------------------------- other policies


def test_a_proof_holds_under_its_own_policy_only(world: Case) -> None:
    proof = shortest_by_rule(world.proofs)["ally-attacking-ally"]
    reported = policies(world.store, base_graphs(world.store))["reported"]
    assert check_proof(proof, world.store, reported)
    assert check_proof(proof, world.store, world.policy.as_known_by(date(2030, 1, 1)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modalities": frozenset({FOEDUS.Fact})}, "does not admit what is"),
        ({"sources": frozenset({NamedNode("https://example.org/elsewhere")})}, "does not admit it"),
        ({"excluded_sources": frozenset({NamedNode("https://example.org/table")})}, "does not admit it"),
        ({"excluded_speakers": frozenset({NamedNode("https://example.org/paper")})}, "does not admit it"),
        ({"excluded_alliances": frozenset({NamedNode("https://example.org/pact")})}, "no admitted claim"),
        ({"known_by": date(2003, 1, 1)}, "does not admit it"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_a_policy_leaves_out_proves_nothing(world: Case, change: dict[str, Any], message: str) -> None:
    proof = shortest_by_rule(world.proofs)["ally-attacking-ally"]
    flaws = check_proof(proof, world.store, replace(world.policy, **change))
    assert any(message in flaw.message for flaw in flaws)


def test_a_chain_counts_for_its_weakest_hand(world: Case) -> None:
    """The raid is told by a person, through an agency, through a paper: as sure as the agency puts it."""
    proof = next(p for p in world.proofs if p["proof"]["conclusion"] == {"node": "https://example.org/raid"})
    told = next(c for c in proof["proof"]["claims"] if c["claim"] == "https://example.org/told")
    assert (told["modality"], told["through"]) == ("Reported", ["Wire", "https://example.org/paper"])
    without = replace(world.policy, excluded_speakers=frozenset({NamedNode("https://example.org/wire")}))
    messages = [flaw.message for flaw in check_proof(proof, world.store, without)]
    assert "claim https://example.org/told: it is worth Alleged, not Reported" in messages


# -------------------------------------------------------------------- other facts


def flaws_after(case: Case, rule: str, turtle: str, gone: str = "") -> list[str]:
    """What is wrong with a proof once the sources say something else."""
    store = EmbeddedStore()
    lost = {str(t) for t in triples(PREFIXES + gone)} if gone else set()
    for graph in base_graphs(case.store):
        store.insert(graph, (t for t in case.store.triples(graph) if str(t) not in lost))
    store.insert(GRAPH.asserted("more"), triples(PREFIXES + turtle))
    proofs = [p for p in case.proofs if any(s.get("rule") == rule for s in every(p["proof"]))]
    return [f.message for f in check_proof(min(proofs, key=lambda p: len(json.dumps(p))), store, case.policy)]


PREFIXES: Final = """
@prefix f: <https://w3id.org/foedus/ns#> . @prefix e: <https://example.org/> .
@prefix i: <https://w3id.org/foedus/id/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CLAIM: Final = "e:new a f:Claim ; f:stance f:Asserts ; f:modality f:Alleged ; f:attributedTo e:me ; f:reportedBy e:mine"


def attacked(case: Case) -> tuple[str, str, str]:
    """Ally, victim and attacker of the shortest proof of an obligation left unanswered."""
    proof = shortest_by_rule(case.proofs)["unanswered-obligation"]
    episode = next(s for s in every(proof["proof"]) if s.get("rule") == "unanswered-obligation")
    derived = list(case.store.triples(GRAPH.derived("alleged")))

    def value(node: str, prop: NamedNode) -> str:
        found = [t.object for t in derived if t.subject == NamedNode(node) and t.predicate == prop]
        assert isinstance(found[0], NamedNode)
        return found[0].value

    legs = [premise["conclusion"]["node"] for premise in episode["premises"]]
    obligation, hostility = sorted(legs, key=lambda node: "/hostility/" in node)
    return value(obligation, FOEDUS.obligor), value(obligation, FOEDUS.obligee), value(hostility, FOEDUS.hostile)


def test_silence_is_broken_by_recorded_help(alleged: Case) -> None:
    ally, victim, _ = attacked(alleged)
    aid = f"e:aid a f:Assistance ; f:actor <{ally}> ; f:target <{victim}> . "
    assert flaws_after(alleged, "unanswered-obligation", f"{aid} {CLAIM} ; f:claims e:aid .") == [
        "unanswered-obligation: help is recorded: https://example.org/aid"
    ]
    assert flaws_after(alleged, "unanswered-obligation", aid) == [], "nobody claims it"
    early = f'{aid} e:aid f:end "1990"^^xsd:gYear . {CLAIM} ; f:claims e:aid .'
    assert flaws_after(alleged, "unanswered-obligation", early) == [], "it was over long before"


def test_silence_is_broken_by_fighting_at_its_side(alleged: Case) -> None:
    ally, _, attacker = attacked(alleged)
    war = f"e:war a f:ArmedConflict ; f:sideB <{ally}> ; f:sideA <{attacker}> . {CLAIM} ; f:claims e:war ."
    (message,) = flaws_after(alleged, "unanswered-obligation", war)
    assert message == "unanswered-obligation: it fought the attacker: https://example.org/war"


def test_whether_silence_is_broken_is_asked_of_the_ally_alone(alleged: Case) -> None:
    """A record has thousands of wars: those of others are not gone through, not even to read their dates."""
    war = 'e:war a f:ArmedConflict ; f:sideA e:x ; f:sideB e:y ; f:begin "soon" .'
    aid = 'e:aid a f:Assistance ; f:actor e:x ; f:target e:y ; f:begin "soon" .'
    new = f"{war} {aid} {CLAIM} ; f:claims e:war, e:aid ."
    assert flaws_after(alleged, "unanswered-obligation", new) == []


def test_a_claim_that_came_later_is_missed_in_the_proof(world: Case) -> None:
    messages = flaws_after(world, "ally-attacking-ally", f"{CLAIM} ; f:claims e:pact .")
    assert "claim https://example.org/new vouches for it too and is left out" in messages


def test_dates_are_those_of_the_sources(world: Case) -> None:
    gone = 'e:ma f:begin "1999"^^xsd:gYear .'
    messages = flaws_after(world, "obligation-from-memberships", 'e:ma f:begin "1998-06"^^xsd:gYearMonth .', gone)
    assert "beginEarliest is 1998-06-01, not 1999-01-01" in messages


def test_a_date_that_is_none_is_a_flaw(world: Case) -> None:
    gone = 'e:ma f:begin "1999"^^xsd:gYear .'
    (message,) = flaws_after(world, "obligation-from-memberships", 'e:ma f:begin "soon" .', gone)
    assert message.startswith("the asserted graphs cannot be read")


def test_who_began_is_asked_of_the_sources(world: Case) -> None:
    """The war names no initiator, so both sides count as attackers; once a source names one, only that one does."""
    proofs = [p for p in world.proofs if "https://example.org/war" in json.dumps(p)]
    attack = next(p for p in proofs if any(s.get("rule") == "ally-attacking-ally" for s in every(p["proof"])))
    begun = []
    for state in "ab":
        store = world.store.copy()
        store.insert(GRAPH.asserted("more"), triples(PREFIXES + f"e:war f:initiator e:{state} ."))
        begun.append({flaw.message for flaw in check_proof(attack, store, world.policy)})
    assert sorted(begun, key=len) == [set(), {"ally-attacking-ally: it did not begin the attack by what is recorded"}]


@pytest.mark.parametrize(
    ("triple", "message"),
    [
        (("https://example.org/unheard", RDF.type.value, FOEDUS.ArmsTransfer.value), "no asserted graph says so"),
        (("https://example.org/raid", RDF.type.value, FOEDUS.Incursion.value), "counts only through claims"),
        (
            (FOEDUS.betrays.value, RDF.type.value, "http://www.w3.org/2002/07/owl#TransitiveProperty"),
            "only the ontology",
        ),
        ((FOEDUS.State.value, RDFS.subClassOf.value, FOEDUS.Membership.value), "only the ontology"),
    ],
)
def test_a_description_out_of_nowhere(world: Case, triple: tuple[str, str, str], message: str) -> None:
    step = {"conclusion": {"triple": list(triple)}, "says": "", "ground": "description"}
    flaws = world.checker.check({"view": "alleged", "status": "Fact", "proof": step})
    assert any(message in flaw.message for flaw in flaws)


def test_what_nobody_vouches_for_is_not_described(world: Case) -> None:
    step = {
        "conclusion": {"triple": ["https://example.org/lone", RDF.type.value, FOEDUS.ArmsTransfer.value]},
        "says": "",
        "ground": "description",
    }
    store = world.store.copy()
    store.insert(GRAPH.asserted("more"), triples(PREFIXES + "e:lone a f:ArmsTransfer ."))
    flaws = check_proof({"view": "alleged", "status": "Fact", "proof": step}, store, world.policy)
    assert [flaw.message for flaw in flaws] == ["no admitted claim makes the subject count"]


# -------------------------------------------------------------------- dated rules, condition by condition

TRIANGLE: Final = """
e:a a f:State . e:b a f:State . e:c a f:State . e:d a f:State . e:guild a f:Organization .
e:pact a f:Alliance . e:other a f:Alliance . e:shield a f:DefenseProvision ; f:providedBy e:pact .
e:peace a f:NonaggressionProvision ; f:providedBy e:pact .
e:ma a f:Membership ; f:member e:a ; f:alliance e:pact ; f:begin "2000"^^xsd:gYear ; f:end "2009"^^xsd:gYear .
e:mb a f:Membership ; f:member e:b ; f:alliance e:pact ; f:begin "2000"^^xsd:gYear ; f:end "2009"^^xsd:gYear .
e:mc a f:Membership ; f:member e:c ; f:alliance e:pact ; f:begin "2000"^^xsd:gYear ; f:end "2009"^^xsd:gYear .
e:again a f:Membership ; f:member e:a ; f:alliance e:pact .
e:away a f:Membership ; f:member e:b ; f:alliance e:other .
e:late a f:Membership ; f:member e:b ; f:alliance e:pact ; f:begin "2010"^^xsd:gYear ; f:end f:Unknown .
e:arms a f:ArmsTransfer ; f:supplier e:a ; f:recipient e:c ; f:begin "2004"^^xsd:gYear ; f:end "2005"^^xsd:gYear .
e:old a f:ArmsTransfer ; f:supplier e:a ; f:recipient e:c ; f:begin "1994"^^xsd:gYear ; f:end "1995"^^xsd:gYear .
e:own a f:ArmsTransfer ; f:supplier e:a ; f:recipient e:a ; f:begin "2004"^^xsd:gYear ; f:end "2005"^^xsd:gYear .
e:wide a f:ArmsTransfer ; f:supplier e:d ; f:recipient e:c ; f:begin "2004"^^xsd:gYear ; f:end "2005"^^xsd:gYear .
e:wink a f:Acquiescence ; f:actor e:a ; f:acquiescesIn e:wide ; f:begin "1990"^^xsd:gYear ; f:end "1990"^^xsd:gYear .
e:nod a f:Acquiescence ; f:actor e:a ; f:acquiescesIn e:arms .
e:raid a f:Incursion ; f:actor e:c ; f:target e:b ; f:begin "2004"^^xsd:gYear ; f:end "2004"^^xsd:gYear .
e:blow a f:Incursion ; f:actor e:a ; f:target e:b ; f:begin "2004"^^xsd:gYear ; f:end "2004"^^xsd:gYear .
e:feud a f:Rivalry ; f:rival e:b, e:c, e:guild ; f:begin "1995"^^xsd:gYear ; f:end f:Ongoing ;
  f:ongoingAsOf "2020"^^xsd:gYear .
e:standoff a f:MilitarizedDispute ; f:party e:b, e:c ; f:actor e:c ; f:begin "2004"^^xsd:gYear ;
  f:end "2004"^^xsd:gYear .
e:brief a f:Incursion ; f:actor e:a ; f:target e:b ; f:begin "2004-06-05"^^xsd:date ; f:end "2004-06-05"^^xsd:date .
e:frail a f:Membership ; f:member e:b ; f:alliance e:pact ; f:begin "1990"^^xsd:gYear ; f:end f:Unknown .
e:war a f:ArmedConflict ; f:sideA e:a ; f:sideB e:b ; f:begin "2004"^^xsd:gYear ; f:end "2004"^^xsd:gYear .
e:row a f:ArmedConflict ; f:sideA e:a ; f:sideB e:b ; f:initiator e:b ;
  f:begin "2004"^^xsd:gYear ; f:end "2004"^^xsd:gYear .
e:all a f:Claim ; f:stance f:Asserts ; f:modality f:Fact ; f:attributedTo e:me ; f:reportedBy e:mine ; f:claims e:pact,
  e:other, e:shield, e:peace, e:ma, e:mb, e:mc, e:again, e:away, e:late, e:arms, e:old, e:own, e:wide, e:wink, e:nod,
  e:raid, e:blow, e:feud, e:standoff, e:war, e:row, e:brief, e:frail .
"""
"""Three states, two of them allies, the third an enemy of one and customer of the other, and much that does not fit."""


class Workbench:
    """Derives nodes from the small world above, each under the name that the rule gives it, and says what is wrong."""

    def __init__(self) -> None:
        policy = Policy("facts", frozenset({FOEDUS.Fact}))
        self.evidence = Evidence(Index(triples(PREFIXES + TRIANGLE)), policy)

    def leg(self, spec: str) -> tuple[Counted | None, list[str]]:
        """``raid`` is an accepted node, ``shield ma mb`` an obligation, ``raid c b`` a hostility."""
        words = [f"https://example.org/{word}" for word in spec.split()]
        if len(words) == 1:
            return self.evidence.counted(words[0]), []
        first = self.evidence.counted(words[0])
        assert first is not None
        for kind, rule in EVENTS.items():
            if first.is_a(kind):
                return derive(named("hostility", "hostility", *words), rule, [first], self.evidence)
        parts = [self.evidence.counted(word) for word in (words[1], words[2], words[0], "https://example.org/pact")]
        node = named("obligation", "obligation", words[1], words[2], words[0])
        return derive(node, "obligation-from-memberships", [part for part in parts if part], self.evidence)

    def episode(self, rule: str, *legs: str) -> tuple[Counted | None, list[str]]:
        made = [self.leg(leg)[0] for leg in legs]
        parts = [leg for leg in made if leg is not None]
        assert len(parts) == len(legs)
        return derive(named("episode", rule, *(leg.node for leg in parts)), rule, parts, self.evidence)


EVENTS: Final = {
    FOEDUS.ArmedConflict: "hostility-from-conflict",
    FOEDUS.Incursion: "hostility-from-incursion",
    FOEDUS.MilitarizedDispute: "hostility-from-dispute",
    FOEDUS.Rivalry: "hostility-from-rivalry",
}


def named(folder: str, *words: str) -> str:
    return f"https://w3id.org/foedus/id/{folder}/{sha256(' '.join(words).encode()).hexdigest()[:20]}"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("shield ma mb", ""),
        ("shield ma again", "not those of two states"),
        ("shield ma away", "no membership in"),
        ("shield ma late", "never meet in time"),
        ("raid c b", ""),
        ("raid b c", ""),
        ("raid a b", "no two states opposed"),
        ("feud b c", ""),
        ("standoff b c", ""),
        ("standoff c b", ""),
        ("standoff a b", "no two states opposed"),
        ("feud b b", "no two states opposed"),
        ("feud b guild", "no two states opposed"),
        ("war b a", ""),
    ],
)
def test_what_an_obligation_and_a_hostility_ask_for(spec: str, message: str) -> None:
    found = Workbench().leg(spec)[1]
    assert (found == []) if not message else message in found[0]


@pytest.mark.parametrize(
    ("rule", "legs", "message"),
    [
        ("ally-supplying-adversary", ("shield ma mb", "arms", "raid c b"), ""),
        ("ally-supplying-adversary", ("peace ma mb", "arms", "feud c b"), ""),
        ("ally-supplying-adversary", ("shield ma mb", "wide", "raid c b"), "supplier is not the one that is bound"),
        ("ally-supplying-adversary", ("shield ma mb", "arms", "raid b c"), "recipient is not the one that is hostile"),
        ("ally-supplying-adversary", ("shield ma mc", "arms", "raid c b"), "not against the one to whom"),
        ("ally-supplying-adversary", ("shield ma mb", "old", "raid c b"), "never meet in time"),
        ("ally-supplying-adversary", ("shield ma mb", "own", "blow a b"), "one state stands in two"),
        ("ally-supplying-adversary", ("arms", "arms", "raid c b"), "it takes Obligation, ArmsTransfer, Hostility"),
        ("ally-supplying-adversary", ("shield ma mb", "arms", "standoff c b"), ""),
        ("ally-attacking-ally", ("shield ma mb", "blow a b"), ""),
        ("ally-attacking-ally", ("shield ma mb", "war a b"), ""),
        ("ally-attacking-ally", ("shield ma mb", "row a b"), "did not begin"),
        ("ally-attacking-ally", ("shield mb ma", "row b a"), ""),
        ("ally-attacking-ally", ("shield mb ma", "blow b a"), "did not begin"),
        ("ally-attacking-ally", ("shield mb mc", "feud b c"), "did not begin"),
        ("ally-attacking-ally", ("shield ma mc", "blow a b"), "not on the one to whom"),
        ("unanswered-obligation", ("shield ma mb", "raid c b"), ""),
        ("unanswered-obligation", ("peace ma mb", "raid c b"), "it takes DefenseObligation, Hostility"),
        ("unanswered-obligation", ("shield ma mb", "blow a b"), "one state stands in two"),
        ("unanswered-obligation", ("shield mc mb", "war a b"), "makes it an attack"),
        ("unanswered-obligation", ("shield mc ma", "row b a"), ""),
        ("unanswered-obligation", ("shield ma mb", "feud c b"), "makes it an attack"),
        ("unanswered-obligation", ("shield ma mb", "standoff c b"), "makes it an attack"),
        ("ally-attacking-ally", ("shield mb mc", "standoff b c"), "did not begin"),
        ("unanswered-obligation", ("shield ma mc", "raid c b"), "not on the one to whom"),
        ("complicit-ally", ("shield ma mb", "wink", "wide", "raid c b"), ""),
        ("complicit-ally", ("peace ma mb", "wink", "wide", "raid c b"), "it takes DefenseObligation"),
        ("complicit-ally", ("shield ma mb", "wink", "arms", "raid c b"), "another transfer"),
        ("complicit-ally", ("shield ma mb", "nod", "arms", "raid c b"), "supplier is the one that let it happen"),
        ("complicit-ally", ("shield mc mb", "wink", "wide", "raid c b"), "not the one that is bound"),
        ("divided-loyalty", ("shield ma mb", "peace ma mc", "feud b c"), ""),
        ("divided-loyalty", ("peace ma mc", "shield ma mb", "feud c b"), "the other way round"),
        ("divided-loyalty", ("shield ma mb", "shield mb mc", "feud b c"), "not of one state"),
        ("divided-loyalty", ("shield ma mc", "shield ma mb", "feud b c"), "another name"),
    ],
)
def test_what_an_episode_asks_for(rule: str, legs: tuple[str, ...], message: str) -> None:
    """Every node is named as the rule would name it, so that nothing but the condition itself can be at fault."""
    found = Workbench().episode(rule, *legs)[1]
    assert (found == []) if not message else any(message in fault for fault in found)


@pytest.mark.parametrize(
    ("rule", "legs", "bounds", "definite"),
    [
        # An acquiescence of 1990 in a transfer of 2004: the transfer has the date.
        ("complicit-ally", ("shield ma mb", "wink", "wide", "feud c b"), "2004-01-01 to 2005-12-31", True),
        # Two firm dates that meet, under an obligation that itself may never have been in force.
        ("ally-supplying-adversary", ("shield ma frail", "arms", "raid c b"), "2004-01-01 to 2004-12-31", False),
        ("ally-supplying-adversary", ("shield ma mb", "arms", "raid c b"), "2004-01-01 to 2004-12-31", False),
        ("ally-attacking-ally", ("shield ma mb", "brief a b"), "2004-06-05 to 2004-06-05", True),
        ("ally-attacking-ally", ("shield ma frail", "brief a b"), "2004-06-05 to 2004-06-05", False),
    ],
)
def test_when_and_how_surely_the_legs_meet(rule: str, legs: tuple[str, ...], bounds: str, definite: bool) -> None:
    made, faults = Workbench().episode(rule, *legs)
    assert made is not None and faults == []
    assert f"{made.bounds.begin_earliest} to {made.bounds.end_latest}" == bounds
    assert made.definite is definite


@pytest.mark.parametrize(
    ("spec", "end"),
    [
        # One membership may be over in 1990, and the other begins in 2000: if they meet, it is in 2000 or later.
        ("shield ma frail", date(2000, 1, 1)),
        ("shield ma mb", date(2009, 1, 1)),
    ],
)
def test_what_is_possible_does_not_end_before_it_begins(spec: str, end: date) -> None:
    made, faults = Workbench().leg(spec)
    assert made is not None and faults == []
    assert made.bounds.end_earliest == end
    assert made.bounds.begin_latest <= made.bounds.end_latest


def test_dates_that_contradict_each_other_stay_as_they_are() -> None:
    text = """e:n a f:Rivalry ; f:begin "2005"^^xsd:gYear ; f:end "2003"^^xsd:gYear .
      e:c a f:Claim ; f:claims e:n ; f:stance f:Asserts ; f:modality f:Fact ; f:attributedTo e:me ;
        f:reportedBy e:one ."""
    counted = Evidence(Index(triples(PREFIXES + text)), Policy("facts", frozenset({FOEDUS.Fact}))).counted(
        "https://example.org/n"
    )
    assert counted is not None
    assert (counted.bounds.begin_earliest, counted.bounds.end_earliest) == (date(2005, 1, 1), date(2003, 1, 1))


def test_what_began_before_it_was_told_began_before_the_first_source_that_tells_it() -> None:
    text = """e:n a f:Rivalry . e:one a f:Dataset ; f:publishedOn "2001"^^xsd:gYear .
      e:two a f:Dataset ; f:publishedOn "2003-04"^^xsd:gYearMonth .
      e:c a f:Claim ; f:claims e:n ; f:stance f:Asserts ; f:modality f:Fact ; f:attributedTo e:me ;
        f:reportedBy e:one, e:two ."""
    evidence = Evidence(Index(triples(PREFIXES + text)), Policy("facts", frozenset({FOEDUS.Fact})))
    counted = evidence.counted("https://example.org/n")
    assert counted is not None
    assert counted.bounds.begin_latest == date(2001, 12, 31)


def test_what_a_source_saw_going_on_had_begun_by_then() -> None:
    text = """e:n a f:Rivalry ; f:end f:Ongoing ; f:ongoingAsOf "1999-03"^^xsd:gYearMonth .
      e:one a f:Dataset ; f:publishedOn "2001"^^xsd:gYear .
      e:c a f:Claim ; f:claims e:n ; f:stance f:Asserts ; f:modality f:Fact ; f:attributedTo e:me ;
        f:reportedBy e:one ."""
    evidence = Evidence(Index(triples(PREFIXES + text)), Policy("facts", frozenset({FOEDUS.Fact})))
    counted = evidence.counted("https://example.org/n")
    assert counted is not None
    assert (counted.bounds.begin_latest, counted.bounds.end_earliest) == (date(1999, 3, 31), date(1999, 3, 1))


def test_a_list_that_runs_in_a_circle_ends() -> None:
    text = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . e:l rdf:first e:x ; rdf:rest e:l ."
    assert Index(triples(PREFIXES + text)).items("https://example.org/l") == ("https://example.org/x",)


# -------------------------------------------------------------------- entailment, rule by rule


def spoken(triple: Triple) -> tuple[str, str, str]:
    subject, prop, obj = (term.value for term in triple)
    return subject, prop, obj


@pytest.mark.parametrize(("rule", "given", "follows"), RULES, ids=[rule for rule, _, _ in RULES])
def test_entailment_rule(rule: str, given: str, follows: str) -> None:
    """A rule leads from the premises of a reasoner's step to its conclusion, and from nothing else to anything else."""
    facts = triples(SCHEMA_PREFIXES + given)
    (conclusion,) = triples(SCHEMA_PREFIXES + follows)
    ontology = Index(facts)
    step = next(s for s in derivations(facts)[conclusion] if s.rule == rule)
    premises, goal, axiom = [spoken(t) for t in step.premises], spoken(conclusion), step.axiom.value
    assert entails(rule, premises, goal, axiom, ontology)
    assert entails(rule, premises[::-1], goal, axiom, ontology), "in any order"
    assert not entails(rule, premises, goal, "https://example.org/other", ontology)
    assert not entails(rule, [*premises, premises[0]], goal, axiom, ontology)
    assert not any(entails(rule, premises[:n] + premises[n + 1 :], goal, axiom, ontology) for n in range(len(premises)))
    words = [word for triple in (*premises, goal) for word in triple]
    for number, premise in enumerate(premises):
        # A word that stands only once stands for anything.
        for changed in altered(premise, [word for word in premise if words.count(word) == 1 and "example" in word]):
            others = [*premises[:number], changed, *premises[number + 1 :]]
            assert not entails(rule, others, goal, axiom, ontology), changed
    assert not any(entails(rule, premises, changed, axiom, ontology) for changed in altered(goal, []))
    fitting = {other for other in ENTAILMENT_RULES if entails(other, premises, goal, axiom, ontology)}
    assert fitting == {rule}


def altered(triple: tuple[str, str, str], kept: list[str]) -> Iterator[tuple[str, str, str]]:
    for place in range(3):
        if triple[place] not in kept:
            changed = [*triple]
            changed[place] = "https://example.org/other"
            yield changed[0], changed[1], changed[2]


def test_every_entailment_rule_is_tried() -> None:
    assert {rule for rule, _, _ in RULES} == ENTAILMENT_RULES


# -------------------------------------------------------------------- not a proof at all


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "proof",
        {},
        {"view": "alleged", "status": "Fact", "proof": None},
        {"view": "alleged", "status": "Fact", "proof": {"ground": "magic", "says": "", "conclusion": {"node": "x"}}},
        {"view": "alleged", "status": "Fact", "proof": {"ground": "rule", "says": "", "conclusion": {"node": 7}}},
        {"view": ["alleged"], "status": 3, "proof": {"ground": "axiom", "says": "", "conclusion": {"triple": ["x"]}}},
        {"view": "alleged", "status": "Fact", 3: 4, "proof": {"ground": "claims", "says": 1, "conclusion": []}},
    ],
)
def test_what_is_no_proof_is_a_flaw(world: Case, data: Any) -> None:
    flaws = check_proof(data, world.store, world.policy)
    assert flaws
    assert all(flaw.message for flaw in flaws)


def test_a_tower_of_steps_is_a_flaw(world: Case) -> None:
    step: dict[str, Any] = {"conclusion": {"node": "x"}, "says": "", "ground": "rule", "rule": "complicit-ally"}
    for _ in range(5000):
        step = {**step, "premises": [step]}
    flaws = world.checker.check({"view": "alleged", "status": "Fact", "proof": step})
    assert any("stand above one another" in flaw.message for flaw in flaws)


def test_a_literal_is_not_taken_for_a_node(world: Case) -> None:
    """A note whose text happens to be an IRI does not become a premise."""
    store = world.store.copy()
    noted = Triple(NamedNode("https://example.org/x"), FOEDUS.defenseObligee, Literal("https://example.org/y"))
    store.insert(GRAPH.asserted("more"), [noted])
    data = ["https://example.org/x", FOEDUS.defenseObligee.value, "https://example.org/y"]
    axiom = [FOEDUS.defenseObligee.value, "http://www.w3.org/2000/01/rdf-schema#subPropertyOf", FOEDUS.obligee.value]
    proof = {
        "view": "alleged",
        "status": "Fact",
        "proof": {
            "conclusion": {"triple": ["https://example.org/x", FOEDUS.obligee.value, "https://example.org/y"]},
            "says": "",
            "ground": "entailment",
            "rule": "prp-spo1",
            "axiom": FOEDUS.defenseObligee.value,
            "premises": [
                {"conclusion": {"triple": data}, "says": "", "ground": "description"},
                {"conclusion": {"triple": axiom}, "says": "", "ground": "axiom"},
            ],
        },
    }
    assert [str(f) for f in check_proof(proof, store, world.policy)] == [
        "0.0: https://example.org/x foedus:defenseObligee https://example.org/y: no asserted graph says so"
    ]
