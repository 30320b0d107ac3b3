"""Proofs: from a conclusion down to claims, all of them, ranked, and in every form in which a reader may want them."""

from __future__ import annotations

import copy
import json
import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyoxigraph
import pytest
import rdflib
from jsonschema import Draft202012Validator
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg import KnowledgeGraph
from kg.errors import UnknownName, UsageError
from kg.explaining import Carried, Ground, NotInferred, Proof, Saying, Step, minimal_withdrawals
from kg.explanations import Explanation
from kg.proofchecking import ProofChecker
from kg.vocab import FOEDUS, GRAPH, PROV, RDF
from tests.fiction import E, claim, fact, graph, node, pact, transfer, war

ID = "https://w3id.org/foedus/id/"
COPY = Path(__file__).parents[3] / "shared" / "source" / "article.txt"
SCALE = ("Fact", "Reported", "Alleged", "Speculated")
W3C = {
    *(f"prp-{name}" for name in ("dom", "rng", "symp", "trp", "spo1", "spo2", "eqp1", "eqp2", "inv1", "inv2")),
    *(f"cls-{name}" for name in ("int1", "int2", "uni", "svf1", "svf2", "avf", "hv1", "hv2")),
    *(f"cax-{name}" for name in ("sco", "eqc1", "eqc2")),
    *(f"scm-{name}" for name in ("sco", "spo", "dom1", "dom2", "rng1", "rng2", "int", "uni")),
}
"""Rules of OWL 2 Profiles (second edition), tables 5 to 9, that add triples and that axioms of ours can set off."""


@pytest.fixture(scope="module")
def article(store: Path) -> KnowledgeGraph:
    return KnowledgeGraph.open(store)


@pytest.fixture(scope="module")
def alleged(store: Path) -> KnowledgeGraph:
    return KnowledgeGraph.open(store, policy="alleged")


@cache
def schema() -> dict[str, Any]:
    text = (files("kg.explaining") / "proof.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def inferred(graph: KnowledgeGraph) -> list[tuple[str, str, str]]:
    triples = graph.store.triples(GRAPH.inferred(graph.policy))
    return sorted((t.subject.value, t.predicate.value, t.object.value) for t in triples)  # type: ignore[union-attr]


def counting(graph: KnowledgeGraph) -> list[NamedNode]:
    """Everything that counts: accepted and derived nodes."""
    graphs = (GRAPH.accepted(graph.policy), GRAPH.derived(graph.policy))
    found = {t.subject for g in graphs for t in graph.store.triples(g) if t.predicate == FOEDUS.status}
    return sorted((n for n in found if isinstance(n, NamedNode)), key=str)


@pytest.fixture(scope="module")
def everything(alleged: KnowledgeGraph) -> dict[object, Explanation]:
    """Why each inferred triple and each node that counts does, under the policy under which most follows."""
    targets: list[tuple[str, str, str] | NamedNode] = [*inferred(alleged), *counting(alleged)]
    return {target: alleged.explain(target) for target in targets}


def sayings(explanation: Explanation) -> dict[str, Saying]:
    return {s.claim.removeprefix(ID): s for p in explanation.proofs for step in p.root.walk() for s in step.sayings}


def leaves(step: Step) -> Iterator[Step]:
    if not step.premises:
        yield step
    for premise in step.premises:
        yield from leaves(premise)


def episodes(graph: KnowledgeGraph, rule: str) -> set[str]:
    found = graph.store.match([GRAPH.derived(graph.policy)], None, FOEDUS.derivedByRule, NamedNode(f"{ID}rule/{rule}"))
    return {t.subject.value for t in found if isinstance(t.subject, NamedNode)}


# -------------------------------------------------------------------- what a proof is


def test_every_inferred_triple_and_every_node_that_counts_has_a_proof(everything: dict[object, Explanation]) -> None:
    assert len(everything) > 700
    for target, explanation in everything.items():
        for proof in explanation.proofs:
            conclusion = proof.root.conclusion
            if isinstance(target, tuple):
                assert conclusion == target
            else:
                assert target.value in (conclusion, conclusion[0])  # type: ignore[attr-defined]


def test_leaves_are_claims_or_need_none(everything: dict[object, Explanation], alleged: KnowledgeGraph) -> None:
    gated = {n.value for n in counting(alleged)}
    for explanation in everything.values():
        for proof in explanation.proofs:
            for leaf in leaves(proof.root):
                match leaf.ground:
                    case Ground.CLAIMS:
                        assert leaf.sayings
                    case Ground.DESCRIPTION:
                        assert leaf.conclusion[0] not in gated, "what counts only by a claim is traced to the claim"
                    case _:
                        assert leaf.ground is Ground.AXIOM
            for step in proof.root.walk():
                assert bool(step.sayings) == (step.ground is Ground.CLAIMS)
                assert bool(step.rule) == (step.ground in (Ground.RULE, Ground.ENTAILMENT))


def test_no_proof_leans_on_itself(everything: dict[object, Explanation]) -> None:
    def check(step: Step, above: frozenset[object]) -> None:
        assert step.conclusion not in above
        for premise in step.premises:
            check(premise, above | {step.conclusion})

    for explanation in everything.values():
        for proof in explanation.proofs:
            check(proof.root, frozenset())


def test_entailments_name_a_rule_of_the_w3c_and_an_axiom_among_the_premises(
    everything: dict[object, Explanation],
) -> None:
    used = set()
    for explanation in everything.values():
        for proof in explanation.proofs:
            for step in proof.root.walk():
                if step.ground is Ground.ENTAILMENT:
                    used.add(step.rule)
                    assert any(
                        p.ground in (Ground.AXIOM, Ground.ENTAILMENT) and step.axiom in p.conclusion
                        for p in step.premises
                    )
    assert used <= W3C
    assert {"prp-spo2", "cls-svf1", "cls-int1", "cax-sco", "prp-symp", "prp-inv2"} <= used


def test_a_step_is_as_sure_as_the_weakest_of_its_premises_and_a_leaf_as_the_best_of_its_claims(
    everything: dict[object, Explanation],
) -> None:
    for explanation in everything.values():
        for proof in explanation.proofs:
            for step in proof.root.walk():
                if step.sayings:
                    assert step.status == min((s.modality for s in step.sayings), key=SCALE.index)
                elif any(p.status for p in step.premises):
                    assert step.status == max((p.status for p in step.premises if p.status), key=SCALE.index)
            stati = [step.status for step in proof.root.walk() if step.status]
            assert proof.status == max(stati, key=SCALE.index, default="Fact")


def test_proofs_are_ranked_and_none_rests_on_all_of_another(everything: dict[object, Explanation]) -> None:
    several = 0
    for explanation in everything.values():
        proofs = explanation.proofs
        several += len(proofs) > 1
        keys = [(SCALE.index(p.status), p.size) for p in proofs]
        assert keys == sorted(keys)
        assert not any(a.nodes <= b.nodes for a in proofs for b in proofs if a is not b)
    assert several > 20


def test_all_independent_proofs_are_there(article: KnowledgeGraph) -> None:
    """One a hostility, for each makes an episode of its own."""
    proofs = article.explain(("Belarus", "betrays", "Armenia")).proofs
    found = [p.nodes & episodes(article, "ally-supplying-adversary") for p in proofs]
    assert [len(nodes) for nodes in found] == [1] * 5
    assert frozenset().union(*found) == episodes(article, "ally-supplying-adversary")


def test_the_surest_proof_comes_first_then_the_shortest(tmp_path: Path) -> None:
    doubtful = transfer("rumour", claimed="Reported")
    made = graph(tmp_path, pact("Norland", "Osteria"), doubtful, transfer("delivery"), war())
    proofs = made.explain(("Norland", "betrays", "Osteria")).proofs
    assert [p.status for p in proofs] == ["Fact", "Reported"]
    assert [(f"{E}delivery" in p.nodes, f"{E}rumour" in p.nodes) for p in proofs] == [(True, False), (False, True)]
    only = made.explain(("Norland", "betrays", "Osteria"), policy="facts").proofs
    assert [p.status for p in only] == ["Fact"]


def test_a_proof_whose_dates_meet_comes_before_one_whose_dates_may(tmp_path: Path) -> None:
    vague = transfer("aaa", begin="2006", end="2008")
    made = graph(
        tmp_path, pact("Norland", "Osteria"), vague, transfer("zzz"), war(begin="2005-02-01", end="2006-03-01")
    )
    proofs = made.explain(("Norland", "betrays", "Osteria")).proofs
    assert [(p.status, p.definite, f"{E}zzz" in p.nodes) for p in proofs] == [
        ("Fact", True, True),
        ("Fact", False, False),
    ]


ROWS = "".join(
    f"e:row-{number} a f:Claim ; f:claims {said} ; f:stance f:Asserts ; f:modality f:Fact ; f:attributedTo e:herald ; "
    f'f:reportedBy e:gazette ; <http://purl.org/dc/terms/source> "{file}, row {number}" .\n'
    for number, file, said in (
        (4, "members.csv", "e:pact, e:pact-defense, e:pact-Norland"),
        (5, "members.csv", "e:pact, e:pact-defense, e:pact-Osteria"),
        (9, "deals.csv", "e:deal"),
    )
)
"""Claims such as importers make of rows: they say nothing in words."""


def rows_only(tmp_path: Path) -> Explanation:
    bare = re.sub(r'rdfs:label "what [^"]*(?:pact|deal)[^"]*"@en ;', "", pact("Norland", "Osteria") + transfer())
    unclaimed = "\n".join(line for line in bare.splitlines() if not re.match(r"e:\S*-claim a", line))
    return graph(tmp_path, unclaimed, ROWS, war()).explain(("Norland", "betrays", "Osteria"))


def test_claims_that_are_rows_are_told_by_file_and_row(tmp_path: Path) -> None:
    found = rows_only(tmp_path)
    place = "deals.csv, row 9; members.csv, rows 4-5"
    assert place in found.prose()
    assert "id:claim" not in found.prose() and f"{E}row" not in found.prose() + found.tree()
    # What several rows say alike is one line.
    assert found.tree().count("members.csv, rows 4-5") == 2
    assert "says this (fact;" in found.tree() and "deals.csv, row 9)" in found.tree()
    assert found.prose(full=True).count("members.csv, row") == 4
    assert "members.csv, row 4" in found.to_trig()
    steps = (step for proof in found.to_dict()["proofs"] for step in steps_of(proof["proof"]))
    told = {claim["claim"]: claim.get("rows") for step in steps for claim in step.get("claims", ())}
    assert told[f"{E}row-9"] == ["deals.csv, row 9"] and told[f"{E}war-claim"] is None
    assert sorted(found.in_words(way) for way in found.hangs_on()) == [
        "deals.csv, row 9",
        "members.csv, row 4",
        "members.csv, row 5",
        "what war-claim says",
    ]


def test_a_conclusion_from_facts_is_not_called_a_fact(tmp_path: Path) -> None:
    made = graph(tmp_path, pact("Norland", "Osteria"), transfer(), war())
    told = made.explain(("Norland", "betrays", "Osteria")).prose()
    assert "this is fact" not in told
    assert "Every premise is stated as fact by a source. This is a category of analysis" in told
    assert (
        "with arms (the deal) while" in told and "Norland was bound to Osteria by the pact-defense. The dates" in told
    )


def test_a_longer_proof_on_the_same_nodes_is_left_out(article: KnowledgeGraph) -> None:
    """alliedWith is symmetric: that Armenia is allied with Belarus also follows from its own converse."""
    proofs = article.explain(("Armenia", "alliedWith", "Belarus")).proofs
    assert [proof.root.rule for proof in proofs] == ["prp-spo2", "prp-symp"]
    assert [len([n for n in proof.nodes if "/obligation/" in n]) for proof in proofs] == [1, 1]


# -------------------------------------------------------------------- what can be explained


def test_an_episode(article: KnowledgeGraph) -> None:
    for episode in episodes(article, "ally-supplying-adversary"):
        (proof,) = article.explain(NamedNode(episode)).proofs
        assert proof.root.conclusion == (episode, RDF.type.value, FOEDUS.AllySupplyingAdversary.value)
        steps = {step.rule for step in proof.root.walk() if step.ground is Ground.RULE}
        assert "ally-supplying-adversary" in steps and "obligation-from-memberships" in steps


def test_a_conclusion_of_each_kind(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        pact("Norland", "Osteria", "Pellmark"),
        transfer(),
        transfer("gift", supplier="Quarria"),
        war(),
        fact("wink", "Acquiescence", actor="Norland", acquiescesIn="gift"),
    )
    for rule, kind in {
        "ally-supplying-adversary": "AllySupplyingAdversary",
        "ally-attacking-ally": "AllyAttackingAlly",
        "unanswered-obligation": "UnansweredObligation",
        "complicit-ally": "ComplicitAlly",
        "divided-loyalty": "DividedLoyalty",
    }.items():
        found = episodes(made, rule)
        assert found, rule
        for episode in found:
            (best, *_) = made.explain(NamedNode(episode)).proofs
            assert best.root.conclusion[2] == f"{FOEDUS.base}{kind}"


def test_an_obligation_a_hostility_and_an_accepted_node(article: KnowledgeGraph) -> None:
    for rule in ("obligation-from-memberships", "hostility-from-conflict"):
        (proof,) = article.explain(sorted(episodes(article, rule))[0]).proofs
        assert (proof.root.ground, proof.root.rule) == (Ground.RULE, rule)
    (proof,) = article.explain("transfer/belarus-azerbaijan").proofs
    assert proof.root.ground is Ground.CLAIMS
    assert [s.modality for s in proof.root.sayings] == ["Reported", "Reported"]
    assert proof.root.bounds == ("2018-01-01", "2018-12-31", "2022-01-01", "2022-12-31")


def test_the_surest_claim_of_a_node_comes_first(tmp_path: Path) -> None:
    made = graph(tmp_path, transfer(claimed="Reported"), claim("aaa", "deal", modality="Alleged"), claim("zzz", "deal"))
    (proof,) = made.explain(node("deal"), policy="alleged").proofs
    assert [s.modality for s in proof.root.sayings] == ["Fact", "Reported", "Alleged"]


@pytest.mark.parametrize(
    "triple",
    [
        ("Belarus", "betrays", "Armenia"),
        ("BLR", "foedus:betrays", "id:state/ARM"),
        ("Belarus", "suppliesAdversaryOf", "ARM"),
        (f"{ID}state/BLR", f"{FOEDUS.base}betrays", "Republic of Armenia"),
        ("transfer/belarus-azerbaijan", "a", "arms transfer"),
        ("Armenia", "rdf:type", "foedus:Actor"),
        ("Politico", f"{RDF.base}type", "actor"),
    ],
)
def test_a_triple_given_by_names(article: KnowledgeGraph, triple: tuple[str, str, str]) -> None:
    assert article.explain(triple).proofs[0].root.conclusion[1] in (
        FOEDUS.betrays.value,
        FOEDUS.suppliesAdversaryOf.value,
        RDF.type.value,
    )


def test_what_is_given_and_not_inferred_is_explained_too(article: KnowledgeGraph) -> None:
    (proof,) = article.explain(("transfer/belarus-azerbaijan", "has supplier", "Belarus")).proofs
    assert proof.root.ground is Ground.DESCRIPTION
    assert len(proof.claims) == 2
    (proof,) = article.explain(("foedus:AllySupplyingAdversary", "rdfs:subClassOf", "foedus:Betrayal")).proofs
    assert (proof.root.ground, proof.claims) == (Ground.AXIOM, frozenset())


def test_what_does_not_follow(article: KnowledgeGraph) -> None:
    for what in (("Armenia", "betrays", "Belarus"), f"{ID}episode/0", "acquiescence/russia-knowledge"):
        with pytest.raises(UnknownName):
            article.explain(what)
    with pytest.raises(
        NotInferred, match=r"'Armenia betrays Belarus' does not follow under the policy reported.*why-not"
    ):
        article.explain(("Armenia", "betrays", "Belarus"))
    with pytest.raises(UnknownName, match="did you mean 'betrays'"):
        article.explain(("Armenia", "betraiys", "Belarus"))


def test_a_node_that_does_not_count_is_not_explained_by_what_is_said_of_it(article: KnowledgeGraph) -> None:
    with pytest.raises(NotInferred):
        article.explain(("acquiescence/russia-knowledge", "foedus:actor", "Russia"))


def test_a_policy_that_admits_nothing(article: KnowledgeGraph) -> None:
    with pytest.raises(NotInferred, match=r"nothing follows under the policy reported/known-by/2000-01-01"):
        article.explain(("Belarus", "betrays", "Armenia"), known_by="2000-01-01")


# -------------------------------------------------------------------- leaves


def test_stradner_is_heard_through_politico(alleged: KnowledgeGraph) -> None:
    said = sayings(alleged.explain(("Russia", "betrays", "Armenia")))["claim/stradner-knowledge"]
    assert said.speakers == ("Ivana Stradner",)
    assert said.through == ("Politico",)
    assert (said.stance, said.modality) == ("Accuses", "Alleged")
    assert said.source_name == "news report on the break between Armenia and Belarus"
    assert [p.paragraph for p in said.passages] == [12]


@pytest.mark.parametrize("policy", ["reported", "alleged"])
def test_pashinyan_is_heard_through_the_agency(article: KnowledgeGraph, policy: str) -> None:
    said = sayings(article.explain("travel-ban/armenia-belarus", policy=policy))["claim/pashinyan-travel-ban"]
    assert (said.speakers, said.through) == (("Nikol Pashinyan",), ("RIA",))
    assert (said.stance, said.modality) == ("Asserts", "Reported")


def test_a_leaf_says_who_when_how_surely_and_where(article: KnowledgeGraph) -> None:
    said = sayings(article.explain(("Belarus", "betrays", "Armenia")))["claim/politico-transfer"]
    assert said.speakers == ("Politico",)
    assert said.speaker_nodes == (f"{ID}organization/politico",)
    assert (said.stance, said.modality, said.said) == ("Asserts", "Reported", "Wednesday")
    assert said.published == "not before 2023-09"
    assert said.source == f"{ID}source/article-armenia-belarus"
    (passage,) = said.passages
    assert (passage.paragraph, passage.start < passage.end) == (7, True)
    assert re.fullmatch("[0-9a-f]{64}", passage.digest)


def test_every_passage_stands_where_its_leaf_says(everything: dict[object, Explanation]) -> None:
    if not COPY.exists():
        pytest.skip(f"no copy of the article at {COPY}")
    text = COPY.read_text(encoding="utf-8")
    found = {s.claim: s for e in everything.values() for s in sayings(e).values()}
    assert len(found) > 15
    for said in found.values():
        assert said.text_digest == sha256(text.encode()).hexdigest()
        assert said.passages
        for passage in said.passages:
            words = text[passage.start : passage.end]
            assert sha256(words.encode()).hexdigest() == passage.digest
            before = [line for line in text[: passage.start + 1].splitlines() if line.strip()]
            assert len(before) == passage.paragraph


def test_a_chain_is_told_from_the_speaker_outwards_and_the_best_is_chosen(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        transfer(claimed=""),
        claim("said", "deal", modality="Reported", by="Norland"),
        claim("wired", "said", modality="Reported", by="wire"),
        claim("printed", "wired", modality="Fact", by="herald", source="yearbook"),
        claim("whispered", "said", modality="Alleged", by="herald"),
    )
    (proof,) = made.explain(node("deal"), policy="alleged").proofs
    (said,) = proof.root.sayings
    assert (said.speakers, said.through, said.modality) == (("Norland",), ("Wire", "Herald"), "Reported")


def test_chains_that_part_and_meet_again_are_told_and_checked_in_no_time(tmp_path: Path) -> None:
    """Two to the power of forty chains."""
    levels = [["said"], *([f"wire{level}", f"paper{level}"] for level in range(40))]
    made = graph(
        tmp_path,
        transfer(claimed=""),
        claim("said", "deal"),
        *(claim(name, *below, by="wire") for below, names in pairwise(levels) for name in names),
    )
    found = made.explain(node("deal"), policy="facts")
    (proof,) = found.proofs
    assert proof.root.sayings[0].through == ("Wire",) * 40
    assert len(found.hangs_on()) == 41
    checker = ProofChecker(made.store, made.trust_policies()["facts"])
    assert list(checker.check(proof.to_dict())) == []
    told = json.dumps(proof.to_dict())
    short = json.loads(told.replace('"Wire", ', "", 1))
    assert len(list(checker.check(short))) == 1


def test_what_is_passed_on_as_an_allegation_is_one(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        transfer(claimed=""),
        claim("said", "deal", modality="Alleged", by="Norland"),
        claim("wired", "said", modality="Alleged", by="wire"),
    )
    with pytest.raises(NotInferred):
        made.explain(node("deal"))
    (proof,) = made.explain(node("deal"), policy="alleged").proofs
    assert proof.status == "Alleged"


def test_a_property_comes_before_the_class_that_is_called_like_it(tmp_path: Path) -> None:
    made = graph(tmp_path, fact("raid", "Incursion", actor="Norland", target="Osteria"))
    (proof,) = made.explain(("the raid", "actor", "Norland")).proofs
    assert proof.root.conclusion == (f"{E}raid", FOEDUS.actor.value, f"{E}Norland")
    assert proof.root.ground is Ground.DESCRIPTION


def test_nothing_is_said_of_what_it_hangs_on_where_there_are_more_proofs(article: KnowledgeGraph) -> None:
    asked = ("Belarus", "betrays", "Armenia")
    all_of_them = article.explain(asked)
    with patch("kg.explaining.search.PROOFS_AT_MOST", 5):
        assert article.explain(asked).to_dict() == all_of_them.to_dict()
    with patch("kg.explaining.search.PROOFS_AT_MOST", 4):
        some = article.explain(asked)
    assert (len(all_of_them.proofs), all_of_them.whole, len(some.proofs), some.whole) == (5, True, 4, False)
    assert set(some.proofs) < set(all_of_them.proofs)
    assert all_of_them.hangs_on() and some.hangs_on() == some.hangs_on(by_source=True) == []
    assert some.warning() == "There are more proofs than were looked at, so what it hangs on is not worked out."
    assert some.to_dict()["partial"] is True and "partial" not in all_of_them.to_dict()
    assert Draft202012Validator(schema()).is_valid(some.to_dict())


# -------------------------------------------------------------------- denials and coverage


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Arms and a war of 2015, of which one is denied, under a pact that the Gazette saw going on in 2010."""
    return graph(
        tmp_path_factory.mktemp("doubtful"),
        pact("Norland", "Osteria", end="Ongoing"),
        transfer(begin="2015-02-01", end="2015-02-28"),
        claim("denial", "deal", stance="Denies", by="wire", source="yearbook"),
        claim("whisper", "war", stance="Denies", modality="Alleged"),
        war(begin="2015-01-01", end="2015-12-31"),
        'e:yearbook f:coverageNote "Alles."@de, "Everything from 2000."@en .\n',
    )


def leaf(proof: Proof, name: str) -> Step:
    (step,) = {id(s): s for s in proof.root.walk() if s.conclusion == f"{E}{name}"}.values()
    return step


def test_who_denies_a_premise_is_told(doubtful: KnowledgeGraph) -> None:
    asked = ("Norland", "betrays", "Osteria")
    explanation = doubtful.explain(asked)
    (proof,) = explanation.proofs
    (denial,) = leaf(proof, "deal").denials
    assert (denial.claim, denial.stance, denial.speakers) == (f"{E}denial", "Denies", ("Wire",))
    assert denial.coverage == "Everything from 2000."
    assert not leaf(proof, "war").denials and [d.claim for d in leaf(proof, "deal").sayings] == [f"{E}deal-claim"]
    told = "It is denied that this is so (the deal): by Wire (fact; the Yearbook), “what denial says”."
    assert told in explanation.prose()
    assert "Wire denies: “what denial says” (fact; the Yearbook)" in explanation.tree()
    assert "Wire denies: “what denial says” (fact; the Yearbook)" in explanation.prose(full=True)
    # To withdraw a denial ends nothing.
    assert not any(f"{E}denial" in way for way in explanation.hangs_on())
    told_of = steps_of(explanation.to_dict()["proofs"][0]["proof"])
    assert {denial["claim"] for step in told_of for denial in step.get("denials", ())} == {f"{E}denial"}
    alleged = doubtful.explain(asked, policy="alleged").proofs[0]
    assert [d.claim for d in leaf(alleged, "war").denials] == [f"{E}whisper"]
    quads = pyoxigraph.parse(explanation.to_trig(), format=RdfFormat.TRIG)
    assert (node("deal"), node("denial")) in [(q.subject, q.object) for q in quads if q.predicate == FOEDUS.contestedBy]


def test_what_follows_for_a_time_of_which_no_source_speaks_says_so(doubtful: KnowledgeGraph) -> None:
    explanation = doubtful.explain(("Norland", "betrays", "Osteria"))
    told = "Part of this lies beyond what its sources cover (the pact-Norland: seen going on until 2010-05-01; "
    assert told in explanation.prose()
    (proof,) = explanation.proofs
    assert leaf(proof, "pact-Norland").ongoing and not leaf(proof, "deal").ongoing
    marks = {str(s["conclusion"]): s.get("ongoing") for s in steps_of(proof.to_dict()["proof"])}
    assert marks[str({"node": f"{E}pact-Norland"})] is True and marks[str({"node": f"{E}deal"})] is None
    assert "covered until 2010-05-01]" in explanation.tree()
    assert "covered until" not in doubtful.explain(node("war")).tree()


def test_what_its_sources_cover_is_not_called_uncovered(tmp_path: Path) -> None:
    made = graph(tmp_path, pact("Norland", "Osteria", end="Ongoing"), transfer(), war())
    assert "beyond what its sources cover" not in made.explain(("Norland", "betrays", "Osteria")).prose()


def test_a_claim_without_words_is_not_quoted(tmp_path: Path) -> None:
    row = (
        "<https://w3id.org/foedus/id/claim/row-7> a f:Claim ; f:claims e:deal ; f:stance f:Asserts ; "
        "f:modality f:Fact ; f:attributedTo e:herald ; f:reportedBy e:gazette .\n"
    )
    explanation = graph(tmp_path, transfer(claimed=""), row).explain(node("deal"))
    assert "According to Herald (fact; the Gazette): id:claim/row-7." in explanation.prose()
    assert "Herald says: id:claim/row-7 (fact; the Gazette)" in explanation.tree()


@pytest.mark.parametrize("policy", ["reported", "alleged"])
def test_denials_and_coverage_are_checked(doubtful: KnowledgeGraph, policy: str) -> None:
    whole = doubtful.explain(("Norland", "betrays", "Osteria"), policy=policy).to_dict()
    assert Draft202012Validator(schema()).is_valid(whole)
    proof = whole["proofs"][0]
    checker = ProofChecker(doubtful.store, doubtful.trust_policies()[policy])
    assert checker.check(proof) == []
    contested = [n for n, step in enumerate(steps_of(proof["proof"])) if "denials" in step]
    ongoing = [n for n, step in enumerate(steps_of(proof["proof"])) if "ongoing" in step]
    assert contested and ongoing
    changes: list[tuple[list[int], Callable[[dict[str, Any]], object]]] = [
        (contested, lambda step: step.pop("denials")),
        (contested, lambda step: step.update(denials=[{**step["denials"][0], "claim": f"{E}deal-claim"}])),
        (contested, lambda step: step["denials"].append(step["denials"][0])),
        (contested, lambda step: step["denials"][0].update(coverage="Nothing.")),
        (contested, lambda step: step["denials"][0].update(stance="Asserts")),
        (contested, lambda step: step.update(ongoing=True)),
        (ongoing, lambda step: step.pop("ongoing")),
        (ongoing, lambda step: step.update(ongoing=False)),
    ]
    for number, change in ((n, change) for numbers, change in changes for n in numbers):
        changed = copy.deepcopy(proof)
        change(list(steps_of(changed["proof"]))[number])
        assert checker.check(changed), number


# -------------------------------------------------------------------- faces


def steps_of(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for premise in step.get("premises", ()):
        yield from steps_of(premise)


def test_the_schema_describes_every_property() -> None:
    Draft202012Validator.check_schema(schema())

    def look(part: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(part, dict):
            for name, value in part.get("properties", {}).items():
                if value is not False and "if" not in part and set(value) != {"const"}:
                    yield name, value
            for value in part.values():
                yield from look(value)
        elif isinstance(part, list):
            for item in part:
                yield from look(item)

    described = list(look(schema()))
    assert len(described) > 30
    assert [name for name, value in described if not value.get("description")] == []


def test_all_explanations_conform_to_the_schema(everything: dict[object, Explanation]) -> None:
    validator = Draft202012Validator(schema())
    for target, explanation in everything.items():
        data = json.loads(json.dumps(explanation.to_dict()))
        assert [fault.message for fault in validator.iter_errors(data)] == [], target


def test_a_mutated_explanation_does_not_conform(article: KnowledgeGraph) -> None:
    validator = Draft202012Validator(schema())
    whole = article.explain(("Belarus", "betrays", "Armenia")).to_dict()
    assert validator.is_valid(whole)

    def mutate(**changes: Any) -> Iterator[dict[str, Any]]:
        """A copy for each step of the first proof, with some values changed or, where ``None``, left out."""
        for number in range(len(list(steps_of(whole["proofs"][0]["proof"])))):
            changed = copy.deepcopy(whole)
            step = list(steps_of(changed["proofs"][0]["proof"]))[number]
            for key, value in changes.items():
                step[key] = value
                if value is None:
                    del step[key]
            yield changed

    changes: tuple[dict[str, Any], ...] = (
        {"says": ""},
        {"ground": "hearsay"},
        {"conclusion": {"triple": ["x"]}},
        {"conclusion": None},
        {"status": "Certain"},
        {"colour": "red"},
        {"premises": []},
        {"claims": []},
    )
    for change in changes:
        assert not any(validator.is_valid(changed) for changed in mutate(**change)), change
    for key in ("view", "status", "proof"):
        changed = copy.deepcopy(whole)
        del changed["proofs"][0][key]
        assert not validator.is_valid(changed)
    assert not validator.is_valid({"explains": "x", "proofs": []})


def test_condensed_prose_is_one_paragraph_with_speakers_and_a_reserve(article: KnowledgeGraph) -> None:
    explanation = article.explain(("Belarus", "betrays", "Armenia"))
    paragraphs = explanation.prose().split("\n\n")
    assert [p.startswith(f"Proof {n} of 5. ") for n, p in enumerate(paragraphs, 1)] == [True] * 5
    for paragraph, proof in zip(paragraphs, explanation.proofs, strict=True):
        assert "Belarus betrays Armenia." in paragraph
        assert "Politico (reported" in paragraph and "paragraph 7" in paragraph
        for speaker in {name for step in proof.root.walk() for s in step.sayings for name in s.speakers}:
            assert f"According to {speaker}" in paragraph
        assert "no verdict on anybody" in paragraph
        assert "prp-" not in paragraph and "cls-" not in paragraph, "a reader of a newspaper needs no rule names"


def test_prose_tells_through_whom(alleged: KnowledgeGraph) -> None:
    text = alleged.explain(("Russia", "betrays", "Armenia")).prose()
    assert "Ivana Stradner as passed on by Politico (alleged; " in text
    assert "On the whole this is alleged" in text


def test_full_prose_numbers_every_step_after_what_it_builds_on(article: KnowledgeGraph) -> None:
    explanation = article.explain(("Belarus", "betrays", "Armenia"))
    for proof in explanation.proofs:
        text = Explanation("", (proof,), {}, {}).prose(full=True)
        lines = text.splitlines()
        numbered = [line for line in lines if re.match(r"\d+\. ", line)]
        assert len(numbered) == proof.size
        for number, line in enumerate(numbered, 1):
            assert line.startswith(f"{number}. ")
            used = re.search(r"from ([\d, ]+)\.$", line)
            assert used is None or all(int(n) < number for n in used[1].split(", "))
        assert "By prp-spo2 of OWL 2 RL" in text and "By the rule ally-supplying-adversary" in text
        assert any("Politico says: “" in line and "paragraph 7" in line for line in lines)


def test_a_tree_has_a_line_a_step_and_a_line_a_claim(article: KnowledgeGraph) -> None:
    explanation = article.explain(("Belarus", "betrays", "Armenia"))
    best = Explanation("", explanation.proofs[:1], {}, {})
    (proof,) = best.proofs
    steps = list(proof.root.walk())
    assert len(best.tree(full=True).splitlines()) == len(steps) + sum(len(s.sayings) for s in steps)
    gist = best.tree().splitlines()
    assert len(gist) < len(steps)
    assert gist[0].startswith("Belarus betrays Armenia  [prp-spo2, reported]")
    for line in gist[1:]:
        assert re.match(r"(│  |   )*[├└]─ \S", line)
    for rule in ("ally-supplying-adversary", "obligation-from-memberships", "hostility-from-conflict"):
        assert any(f"[{rule}, " in line for line in gist)
    assert len({line for line in gist if "Politico" in line}) == 3


def test_the_gist_keeps_every_node_and_every_claim(everything: dict[object, Explanation]) -> None:
    from kg.explaining.condensing import condense

    for explanation in everything.values():
        for proof in explanation.proofs:
            gist = Proof(condense(proof.root), proof.view)
            assert (gist.nodes, gist.claims) == (proof.nodes, proof.claims)


def test_trig_has_one_named_graph_a_proof_in_words_of_prov(article: KnowledgeGraph) -> None:
    explanation = article.explain(("Belarus", "betrays", "Armenia"))
    text = explanation.to_trig()
    quads = list(pyoxigraph.parse(text, format=RdfFormat.TRIG))
    names = {quad.graph_name for quad in quads}
    assert len(names) == 5 and all(isinstance(name, NamedNode) for name in names)
    dataset = rdflib.Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib warns of its own parser
        dataset.parse(data=text, format="trig")
        read = {(str(s), str(p), str(o), str(g)) for s, p, o, g in dataset.quads()}
    assert len(read) == len(quads)
    assert {name for _, _, _, name in read} == {name.value for name in names}
    for name in names:
        triples = {q.triple for q in quads if q.graph_name == name}
        assert Triple(name, RDF.type, PROV.Bundle) in triples
        activities = {t.subject for t in triples if t.object == PROV.Activity}
        assert activities == {t.object for t in triples if t.predicate == PROV.wasGeneratedBy}
        for activity in activities:
            assert any(t.predicate == PROV.used for t in triples if t.subject == activity)
            said = {t.predicate for t in triples if t.subject == activity}
            assert said & {FOEDUS.derivedByRule, FOEDUS.entailmentRule}
        entities = {t.subject for t in triples if t.object == PROV.Entity}
        assert {t.object for t in triples if t.predicate == PROV.used} <= entities
        claims = {t.subject for t in triples if t.predicate == PROV.wasQuotedFrom}
        assert len(claims) >= 5
        for one in claims:
            assert any(t.subject == one and t.predicate == PROV.wasAttributedTo for t in triples)
    assert explanation.to_trig() == text


def test_trig_of_everything_parses(everything: dict[object, Explanation]) -> None:
    for explanation in list(everything.values())[::7]:
        quads = list(pyoxigraph.parse(explanation.to_trig(), format=RdfFormat.TRIG))
        assert len({quad.graph_name for quad in quads}) == len(explanation.proofs)


SVG = "{http://www.w3.org/2000/svg}"


def test_a_picture_names_the_speakers_and_keeps_its_words_inside_its_boxes(alleged: KnowledgeGraph) -> None:
    explanation = alleged.explain(("Russia", "betrays", "Armenia"))
    for number in range(1, len(explanation.proofs) + 1):
        root = ElementTree.fromstring(explanation.svg(number))
        assert root.tag == f"{SVG}svg"
        texts = list(root.iter(f"{SVG}text"))
        words = " ".join(text.text or "" for text in texts)
        steps = list(explanation.proofs[number - 1].root.walk())
        speakers = {name for step in steps for s in step.sayings for name in (*s.speakers, *s.through)}
        assert len(speakers) >= 2
        for part in (*speakers, "no verdict on anybody"):
            assert part in words
        boxes = [{k: float(r.get(k, "nan")) for k in ("x", "y", "width", "height")} for r in root.iter(f"{SVG}rect")]
        page, *boxes = boxes
        for box in boxes:
            assert box["x"] >= 0 and box["x"] + box["width"] <= page["width"]
            assert box["y"] >= 0 and box["y"] + box["height"] <= page["height"]
        large = [box for box in boxes if box["width"] > 100]
        for one in large:
            for two in large:
                if one is not two and one["x"] == two["x"]:
                    assert one["y"] + one["height"] <= two["y"] or two["y"] + two["height"] <= one["y"], "no overlap"
        for text in texts:
            x, y, size = (float(text.get(k, "nan")) for k in ("x", "y", "font-size"))
            around = [b for b in large if b["x"] < x < b["x"] + b["width"] and b["y"] < y < b["y"] + b["height"]]
            for box in around:
                assert len(text.text or "") * size * 0.55 <= box["width"], text.text


def test_the_picture_of_what_rests_on_no_claim_is_wide_enough_for_its_title(article: KnowledgeGraph) -> None:
    explanation = article.explain(("Armenia", "a", "foedus:Actor"))
    root = ElementTree.fromstring(explanation.svg())
    assert float(root.get("width", "0")) >= 600
    assert explanation.hangs_on() == [] and explanation.warning() == ""
    assert "rests on no claim" in explanation.prose()


@pytest.mark.parametrize(
    ("text", "size"), [("W" * 70, 13), ("北" * 40, 13), ("a word, then " + "x" * 80, 11), ("plain words", 13)]
)
def test_words_of_any_width_are_broken_to_fit(text: str, size: float) -> None:
    from kg.explaining.picture import _breadth, _wrap

    lines = _wrap(text, 212, size)
    assert all(_breadth(line, size) <= 212 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_there_is_no_picture_of_a_proof_that_is_not_there(article: KnowledgeGraph) -> None:
    explanation = article.explain("transfer/belarus-azerbaijan")
    with pytest.raises(UsageError, match="there is no proof 2; there are 1"):
        explanation.svg(2)


# -------------------------------------------------------------------- the reader's own copy


def test_the_passages_out_of_the_readers_copy(article: KnowledgeGraph) -> None:
    if not COPY.exists():
        pytest.skip(f"no copy of the article at {COPY}")
    text = COPY.read_text(encoding="utf-8")
    quotations = article.explain("transfer/belarus-azerbaijan").quote(text)
    assert [q.paragraph for q in quotations] == [2, 6, 7]
    assert all(q.intact and q.words in text and len(q.words) > 30 for q in quotations)


def test_a_copy_that_differs_is_refused_with_both_digests(article: KnowledgeGraph) -> None:
    explanation = article.explain("transfer/belarus-azerbaijan")
    (known,) = {s.text_digest for s in sayings(explanation).values()}
    changed = "another text"
    with pytest.raises(UsageError) as caught:
        explanation.quote(changed)
    assert known in str(caught.value) and sha256(changed.encode()).hexdigest() in str(caught.value)


def test_a_source_whose_text_is_not_on_record_has_nothing_to_quote(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no text of the sources is on record"):
        graph(tmp_path, transfer()).explain(node("deal")).quote("anything")


# -------------------------------------------------------------------- what hangs on it


def test_what_the_article_hangs_on(article: KnowledgeGraph) -> None:
    explanation = article.explain(("Belarus", "betrays", "Armenia"))
    ways = [{claim.removeprefix(f"{ID}claim/") for claim in way} for way in explanation.hangs_on()]
    assert [len(way) for way in ways] == [1, 1, 1, 2, 5]
    assert {"headline-transfer", "politico-transfer"} in ways
    assert explanation.hangs_on(by_source=True) == [frozenset({f"{ID}source/article-armenia-belarus"})]
    assert "hangs on one source: without news report on the break" in explanation.warning()


def test_no_warning_where_two_sources_agree(tmp_path: Path) -> None:
    nodes = ["pact", "pact-defense", "pact-Norland", "pact-Osteria", "deal", "war"]
    second = claim("again", *nodes, source="yearbook")
    made = graph(tmp_path, pact("Norland", "Osteria"), transfer(), war(), second)
    explanation = made.explain(("Norland", "betrays", "Osteria"))
    assert explanation.hangs_on(by_source=True) == [frozenset({f"{E}gazette", f"{E}yearbook"})]
    assert explanation.warning() == ""


def test_a_plain_warning_where_each_of_two_sources_is_needed(tmp_path: Path) -> None:
    deal = transfer(claimed="") + claim("deal-claim", "deal", source="yearbook")
    explanation = graph(tmp_path, pact("Norland", "Osteria"), deal, war()).explain(("Norland", "betrays", "Osteria"))
    assert explanation.warning() == (
        "It hangs on each of 2 sources: without the Gazette or without the Yearbook it does not follow."
    )


def test_a_carrier_that_the_policy_does_not_admit_carries_nothing(tmp_path: Path) -> None:
    """Withdrawing the admitted carrier is enough, though a weaker one stays."""
    made = graph(
        tmp_path,
        transfer(claimed=""),
        claim("said", "deal", modality="Reported", by="Norland"),
        claim("wired", "said", modality="Reported", by="wire"),
        claim("whispered", "said", modality="Alleged"),
    )
    assert made.explain(node("deal")).hangs_on() == [frozenset({f"{E}said"}), frozenset({f"{E}wired"})]
    both = frozenset({f"{E}whispered", f"{E}wired"})
    assert made.explain(node("deal"), policy="alleged").hangs_on() == [frozenset({f"{E}said"}), both]


def test_a_source_that_came_too_late_does_not_hold_a_conclusion_up(tmp_path: Path) -> None:
    made = graph(tmp_path, transfer(claimed=""), claim("said", "deal", source="gazette yearbook"))
    assert made.explain(node("deal")).hangs_on(by_source=True) == [frozenset({f"{E}gazette", f"{E}yearbook"})]
    by_then = made.explain(node("deal"), known_by="2011-01-01")
    assert by_then.hangs_on(by_source=True) == [frozenset({f"{E}gazette"})]


def test_nothing_hangs_on_what_rests_on_no_claim() -> None:
    axiom = Proof(Step(("a:a", "a:b", "a:c"), "x", Ground.AXIOM), "facts")
    assert minimal_withdrawals([axiom], {}) == []
    assert minimal_withdrawals([], {"a:a": Carried(frozenset({"a:s"}))}) == []
