"""Questions about claims: what must be in the answers, and what must not."""

from __future__ import annotations

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat

from kg import KnowledgeGraph
from kg.answers import Answer
from kg.errors import UnknownName
from kg.questions import load_questions
from kg.terms import curie
from kg.vocab import FOEDUS, GRAPH

ARTICLE = "id:source/article-armenia-belarus"
PUBLISHER = "id:organization/publisher-of-article-armenia-belarus"
POLITICO = "id:organization/politico"
PASHINYAN = "id:person/nikol-pashinyan"
STRADNER = "id:person/ivana-stradner"

# A second source, in which a word passes through two others, and which gainsays the first.
WIRE = """
@prefix f: <https://w3id.org/foedus/ns#> . @prefix id: <https://w3id.org/foedus/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/foedus/id/source/wire> a f:Article ; rdfs:label "wire report"@en ;
    f:publishedOn "2024-07"^^xsd:gYearMonth ; f:publisher <https://w3id.org/foedus/id/organization/reuters> .
<https://w3id.org/foedus/id/claim/inner> a f:Claim ; f:stance f:Denies ; f:modality f:Alleged ;
    f:claims <https://w3id.org/foedus/id/membership/csto-arm> ;
    f:saidOn "2024-07-01"^^xsd:date ; f:timeAsSaid "in the morning"@en ;
    f:attributedTo <https://w3id.org/foedus/id/person/vladimir-putin> ;
    f:reportedBy <https://w3id.org/foedus/id/source/wire> .
<https://w3id.org/foedus/id/claim/middle> a f:Claim ; f:stance f:Asserts ; f:modality f:Reported ;
    f:claims <https://w3id.org/foedus/id/claim/inner> ;
    f:attributedTo <https://w3id.org/foedus/id/organization/tass> ;
    f:reportedBy <https://w3id.org/foedus/id/source/wire> .
<https://w3id.org/foedus/id/claim/outer> a f:Claim ; f:stance f:Asserts ; f:modality f:Reported ;
    f:claims <https://w3id.org/foedus/id/claim/middle> ;
    f:attributedTo <https://w3id.org/foedus/id/organization/politico> ;
    f:reportedBy <https://w3id.org/foedus/id/source/wire> .
<https://w3id.org/foedus/id/claim/denied-all> a f:Claim ; f:stance f:Denies ; f:modality f:Fact ;
    f:claims <https://w3id.org/foedus/id/intent/armenia-leaves-csto> ,
        <https://w3id.org/foedus/id/prediction/russia-authority> ,
        <https://w3id.org/foedus/id/causation/dispute-severance> ;
    f:attributedTo <https://w3id.org/foedus/id/organization/tass> ;
    f:reportedBy <https://w3id.org/foedus/id/source/wire> .
<https://w3id.org/foedus/id/policy/cautious> a f:TrustPolicy ; rdfs:label "cautious"@en ; f:policyName "cautious" ;
    f:admitsModality f:Alleged, f:Fact ; f:admitsSource <https://w3id.org/foedus/id/source/wire> ;
    f:excludesSpeaker <https://w3id.org/foedus/id/organization/tass> ;
    f:excludesAlliance <https://w3id.org/foedus/id/alliance/csto-forerunner> ; f:knownBy "2024-12-31"^^xsd:date .
"""


@pytest.fixture(scope="module")
def wire(graph: KnowledgeGraph) -> KnowledgeGraph:
    """The graph with the second source; nothing was accepted from it."""
    store = graph.store.copy()
    parsed = pyoxigraph.parse(WIRE, format=RdfFormat.TURTLE)
    store.insert(GRAPH.asserted("wire"), [quad.triple for quad in parsed])
    return KnowledgeGraph(store)


def rows(answer: Answer, *columns: str) -> list[tuple[str, ...]]:
    """Some columns, nodes as IRIs in short."""
    places = [answer.columns.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in answer.table(iris=True)]


def claim(name: str) -> str:
    return f"id:claim/{name}"


def number_of_claims(graph: KnowledgeGraph) -> int:
    return len(select(graph, "SELECT DISTINCT ?claim WHERE { ?claim a foedus:Claim }"))


def select(graph: KnowledgeGraph, query: str, *, policy: str | None = None) -> list[dict[str, str]]:
    """Solutions of a query, each value as text."""
    solutions = graph.sparql(query, policy=policy)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [
        {n: term.value for n, term in zip(names, solution, strict=True) if isinstance(term, NamedNode | Literal)}
        for solution in solutions
    ]


# ------------------------------------------------------------------------------------------------ claims


def test_claims_lists_each_claim_with_speaker_stance_and_modality(graph: KnowledgeGraph) -> None:
    found = rows(graph.ask("claims"), "claim", "speaker", "stance", "modality", "passed_on_by", "said", "source")
    assert len(found) == len({row[0] for row in found}) == number_of_claims(graph) > 40
    for expected in (
        (claim("politico-transfer"), POLITICO, "foedus:Asserts", "foedus:Reported", "", "Wednesday", ARTICLE),
        (claim("azerbaijan-no-member"), PUBLISHER, "foedus:Denies", "foedus:Fact", "", "", ARTICLE),
        (claim("pashinyan-accusation"), PASHINYAN, "foedus:Accuses", "foedus:Alleged", "", "Wednesday", ARTICLE),
        (claim("reliability"), PUBLISHER, "foedus:Predicts", "foedus:Speculated", "", "", ARTICLE),
        (claim("stradner-knowledge"), STRADNER, "foedus:Accuses", "foedus:Alleged", "Politico", "", ARTICLE),
        (claim("pashinyan-reconsiders"), PASHINYAN, "foedus:Conditions", "foedus:Fact", "", "later", ARTICLE),
    ):
        assert expected in found


def test_claims_by_speaker_are_that_speakers_only(graph: KnowledgeGraph) -> None:
    assert {row[0] for row in rows(graph.ask("claims", speaker="Ivana Stradner"), "claim")} == {
        claim("stradner-knowledge"),
        claim("stradner-loyalty"),
        claim("stradner-putin"),
    }


def test_claims_by_stance_and_modality_narrow_together(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("claims", stance="denies"), "claim") == [(claim("azerbaijan-no-member"),)]
    assert rows(graph.ask("claims", stance="predicts", modality="speculated"), "claim") == [(claim("reliability"),)]
    assert len(graph.ask("claims", stance="denies", modality="alleged")) == 0


def test_claims_by_source(wire: KnowledgeGraph) -> None:
    assert {row[0] for row in rows(wire.ask("claims", source="wire report"), "claim")} == {
        claim(name) for name in ("inner", "middle", "outer", "denied-all")
    }
    assert len(wire.ask("claims", source=NamedNode("https://w3id.org/foedus/id/source/states"))) == 0


@pytest.mark.parametrize(
    ("subject", "about", "not_about"),
    [
        # What is claimed, and what a claim that passes it on claims.
        ("acquiescence/russia-knowledge", {"stradner-knowledge", "politico-quotes-stradner"}, {"politico-approval"}),
        # A value of what is claimed, and of a part of it: the reason is a pact, the condition is a withdrawal.
        (
            "CSTO",
            {"founded", "members", "russia-leads", "azerbaijan-no-member", "pashinyan-reason", "pashinyan-reconsiders"},
            {"war-2020", "flight", "villages"},
        ),
        # Not by way of a state: that Belarus supplied arms makes nothing else that is said of Belarus a matter of arms.
        (
            "transfer/belarus-azerbaijan",
            {"dispute", "politico-approval", "politico-betrayal"},
            {"lukashenko-role", "members"},
        ),
        ("Georgia", {"forerunner"}, {"members"}),
    ],
)
def test_claims_about_a_subject(graph: KnowledgeGraph, subject: str, about: set[str], not_about: set[str]) -> None:
    found = {row[0] for row in rows(graph.ask("claims", subject=subject), "claim")}
    assert found >= {claim(name) for name in about}
    assert not found & {claim(name) for name in not_about}


def test_claims_about_something_that_nobody_speaks_of_are_none(graph: KnowledgeGraph) -> None:
    assert len(graph.ask("claims", subject="Peru")) == 0


def test_claims_names_all_who_passed_a_word_on(wire: KnowledgeGraph) -> None:
    found = rows(wire.ask("claims", speaker="Vladimir Putin"), "claim", "passed_on_by", "said")
    assert found == [(claim("inner"), "Politico, TASS", "2024-07-01 (in the morning)")]
    assert claim("outer") in {row[0] for row in rows(wire.ask("claims", subject="Armenia"), "claim")}


# ------------------------------------------------------------------------------------ attribution-chain

STEPS = ("step", "who", "how", "modality", "said", "source")


@pytest.mark.parametrize("about", ["claim/stradner-knowledge", "acquiescence/russia-knowledge"])
def test_a_chain_runs_from_the_speaker_to_the_publisher(graph: KnowledgeGraph, about: str) -> None:
    assert rows(graph.ask("attribution-chain", about=about), *STEPS) == [
        ("1", STRADNER, "accuses", "foedus:Alleged", "", ARTICLE),
        ("2", POLITICO, "passes on (asserts)", "foedus:Reported", "", ARTICLE),
        ("3", PUBLISHER, "publishes", "", "not before 2023-09", ARTICLE),
    ]


def test_each_claim_of_one_thing_begins_a_chain(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("attribution-chain", about="transfer/belarus-azerbaijan"), "claim", "step", "who") == [
        (claim("headline-transfer"), "1", PUBLISHER),
        (claim("politico-transfer"), "1", POLITICO),
        (claim("politico-transfer"), "2", PUBLISHER),
    ]


def test_a_publisher_that_speaks_itself_is_no_second_step(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("attribution-chain", about="claim/founded"), "step", "how") == [("1", "asserts")]


def test_a_chain_goes_on_through_all_who_pass_it_on(wire: KnowledgeGraph) -> None:
    assert rows(wire.ask("attribution-chain", about=NamedNode("https://w3id.org/foedus/id/claim/inner")), *STEPS) == [
        ("1", "id:person/vladimir-putin", "denies", "foedus:Alleged", "2024-07-01 (in the morning)", "id:source/wire"),
        ("2", "id:organization/tass", "passes on (asserts)", "foedus:Reported", "", "id:source/wire"),
        ("3", POLITICO, "passes on (asserts)", "foedus:Reported", "", "id:source/wire"),
        ("4", "id:organization/reuters", "publishes", "", "2024-07", "id:source/wire"),
    ]


def test_what_nobody_claims_has_no_chain(graph: KnowledgeGraph) -> None:
    assert len(graph.ask("attribution-chain", about="withdrawal/belarus-csto")) == 0


# ------------------------------------------------------------------------------------------- intentions


def test_an_intent_comes_with_all_its_conditions_and_what_they_require(graph: KnowledgeGraph) -> None:
    answer = graph.ask("intentions")
    columns = ("intent", "conditions", "requires", "revises", "said_by", "passed_on_by", "said", "modality")
    assert rows(answer, *columns) == [
        ("id:intent/armenia-leaves-csto", "", "", "", PASHINYAN, "", "Wednesday", "foedus:Fact"),
        (
            "id:intent/armenia-reconsiders",
            "that Belarus apologizes; that Belarus withdraws from the CSTO",
            "apology of Belarus; withdrawal of Belarus from the CSTO",
            "plan of Armenia to leave the CSTO",
            PASHINYAN,
            "",
            "later",
            "foedus:Fact",
        ),
        (
            "id:intent/no-visits-to-belarus",
            "for as long as Alexander Lukashenko remains in power",
            "Alexander Lukashenko as president of Belarus",
            "",
            PASHINYAN,
            "RIA",
            "",
            "foedus:Reported",
        ),
    ]
    assert rows(answer, "who", "intends")[0] == ("Armenia, Nikol Pashinyan", "withdrawal of Armenia from the CSTO")


def test_intentions_by_actor_and_speaker(graph: KnowledgeGraph) -> None:
    assert {row[0] for row in rows(graph.ask("intentions", actor="Armenia"), "intent")} == {
        "id:intent/armenia-leaves-csto",
        "id:intent/no-visits-to-belarus",
    }
    assert len(graph.ask("intentions", actor="Belarus")) == 0
    assert len(graph.ask("intentions", speaker="TASS")) == 0


def test_who_denies_a_plan_does_not_announce_it(wire: KnowledgeGraph) -> None:
    assert rows(wire.ask("intentions"), "said_by") == [(PASHINYAN,)] * 3


# ------------------------------------------------------------------------------------------ predictions


def test_predictions_say_what_they_concern_and_how_surely(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("predictions"), "prediction", "about", "said_by", "modality") == [
        (
            "id:prediction/russia-authority",
            "Russia; the Caucasus; the former Soviet sphere; withdrawal of Armenia from the CSTO",
            PUBLISHER,
            "foedus:Fact",
        ),
        (
            "id:prediction/russia-reliability",
            "Russia; withdrawal of Armenia from the CSTO",
            PUBLISHER,
            "foedus:Speculated",
        ),
    ]


def test_predictions_narrow_by_what_they_concern(graph: KnowledgeGraph) -> None:
    authority = [("id:prediction/russia-authority",)]
    assert rows(graph.ask("predictions", concerns="the Caucasus"), "prediction") == authority
    assert rows(graph.ask("predictions", modality="fact"), "prediction") == authority
    assert len(graph.ask("predictions", concerns="Belarus")) == 0
    assert len(graph.ask("predictions", speaker="Politico")) == 0


def test_who_denies_a_prediction_does_not_predict(wire: KnowledgeGraph) -> None:
    assert rows(wire.ask("predictions"), "said_by") == [(PUBLISHER,)] * 2


# ------------------------------------------------------------------------------------------ allegations


def test_allegations_are_accusations_and_talk_of_betrayal(graph: KnowledgeGraph) -> None:
    columns = ("allegation", "speaker", "about", "against", "of_betrayal", "stance", "passed_on_by")
    assert set(rows(graph.ask("allegations"), *columns)) == {
        (claim("politico-betrayal"), POLITICO, "Armenia, Belarus", "", "true", "foedus:Asserts", ""),
        (claim("stradner-knowledge"), STRADNER, "Russia", "", "false", "foedus:Accuses", "Politico"),
        (claim("stradner-loyalty"), STRADNER, "Russia", "", "true", "foedus:Accuses", "Politico"),
        (claim("stradner-putin"), STRADNER, "Russia, Vladimir Putin", "", "false", "foedus:Accuses", "Politico"),
        (
            claim("pashinyan-accusation"),
            PASHINYAN,
            "the other members of the CSTO, as a group",
            "Armenia",
            "true",
            "foedus:Accuses",
            "",
        ),
    }


def test_allegations_and_conclusions_share_no_node(graph: KnowledgeGraph) -> None:
    alleged = {row[0] for row in rows(graph.ask("allegations"), "allegation")}
    concluded = {curie(row["e"]) for row in select(graph, "SELECT ?e WHERE { ?e a foedus:Betrayal }")}
    assert alleged and concluded and not alleged & concluded


def test_allegations_about_somebody(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("allegations", about="Belarus"), "allegation") == [(claim("politico-betrayal"),)]
    assert len(graph.ask("allegations", about="Tajikistan")) == 0
    assert len(graph.ask("allegations", speaker="RIA")) == 0


# ---------------------------------------------------------------------------------------------- denials


def test_the_denied_membership_is_a_denial(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("denials"), "denial", "denied", "speaker", "modality", "held_by", "source") == [
        (claim("azerbaijan-no-member"), "id:membership/csto-aze", PUBLISHER, "foedus:Fact", "", ARTICLE)
    ]
    assert len(graph.ask("denials", subject="Azerbaijan")) == len(graph.ask("denials", subject="CSTO")) == 1
    assert len(graph.ask("denials", subject="Belarus")) == len(graph.ask("denials", speaker="TASS")) == 0


def test_a_denial_names_those_who_hold_what_it_denies(wire: KnowledgeGraph) -> None:
    found = rows(wire.ask("denials", subject="Armenia"), "denial", "passed_on_by", "held_by")
    assert (claim("inner"), "Politico, TASS", "the report's unnamed publisher") in found


# --------------------------------------------------------------------------------------------- evidence


def test_evidence_of_a_transfer_is_three_passages(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("evidence", about="transfer/belarus-azerbaijan"), "claim", "source", "paragraph") == [
        (claim("headline-transfer"), ARTICLE, "2"),
        (claim("headline-transfer"), ARTICLE, "6"),
        (claim("politico-transfer"), ARTICLE, "7"),
    ]


def test_evidence_of_a_word_that_was_passed_on_includes_where_it_was_passed_on(graph: KnowledgeGraph) -> None:
    for about in ("claim/stradner-putin", "assessment/putin-friendship"):
        found = {row[0] for row in rows(graph.ask("evidence", about=about), "claim")}
        assert found == {claim("stradner-putin"), claim("politico-quotes-stradner")}


def test_evidence_of_a_conclusion_covers_every_premise(graph: KnowledgeGraph) -> None:
    (found_episode,) = select(
        graph,
        """SELECT ?e WHERE { ?e a foedus:AllySupplyingAdversary ;
             foedus:hostilityLeg/foedus:arisesFrom <https://w3id.org/foedus/id/conflict/nagorno-karabakh-2020> }""",
    )
    episode = NamedNode(found_episode["e"])
    found = set(rows(graph.ask("evidence", about=episode), "vouches_for", "claim"))
    assert found == {
        ("id:alliance/csto", claim("founded")),
        ("id:conflict/nagorno-karabakh-2020", claim("war-2020")),
        ("id:membership/csto-arm", claim("members")),
        ("id:membership/csto-blr", claim("members")),
        ("id:provision/csto-defense", claim("politico-obligation")),
        ("id:transfer/belarus-azerbaijan", claim("headline-transfer")),
        ("id:transfer/belarus-azerbaijan", claim("politico-transfer")),
    }
    assert all(row["paragraph"] for row in graph.ask("evidence", about=episode))


def test_evidence_shows_what_speaks_against(wire: KnowledgeGraph) -> None:
    found = rows(wire.ask("evidence", about="membership/csto-arm"), "claim", "stance", "source", "paragraph")
    assert (claim("members"), "foedus:Asserts", ARTICLE, "14") in found
    assert (claim("inner"), "foedus:Denies", "id:source/wire", "") in found


def test_what_is_only_intended_has_no_evidence_that_it_happened(graph: KnowledgeGraph) -> None:
    assert len(graph.ask("evidence", about="withdrawal/armenia-csto")) == 0
    assert len(graph.ask("evidence", about="apology/belarus-armenia")) == 0


# ---------------------------------------------------------------------------------------------- sources


def test_sources_with_their_credits_and_the_number_of_claims(graph: KnowledgeGraph, wire: KnowledgeGraph) -> None:
    all_claims = str(number_of_claims(graph))
    assert rows(wire.ask("sources"), "source", "kind", "publisher", "published", "credits", "claims") == [
        (ARTICLE, "foedus:Article", PUBLISHER, "not before 2023-09", "Politico, Reuters", all_claims),
        ("id:source/wire", "foedus:Article", "id:organization/reuters", "2024-07", "", "4"),
        ("id:source/states", "foedus:Dataset", "", "", "", "0"),
    ]
    assert rows(wire.ask("sources", publisher="Reuters"), "source") == [("id:source/wire",)]


def test_a_source_says_what_it_covers(graph: KnowledgeGraph) -> None:
    (coverage,) = [
        coverage for source, coverage in rows(graph.ask("sources"), "source", "coverage") if source == ARTICLE
    ]
    assert coverage.startswith("One news report")


# ---------------------------------------------------------------------------------------------- what-is


def test_what_is_tells_the_stages_apart(graph: KnowledgeGraph) -> None:
    found = rows(graph.ask("what-is", node="transfer/belarus-azerbaijan"), "direction", "property", "value", "stage")
    for expected in (
        ("out", "foedus:supplier", "id:state/BLR", "asserted"),
        ("out", "foedus:begin", "2018", "asserted"),
        ("out", "foedus:endLatest", "2022-12-31", "accepted"),
        ("out", "foedus:status", "foedus:Reported", "accepted"),
        ("out", "rdf:type", "foedus:Conduct", "inferred"),
        ("in", "foedus:claims", claim("politico-transfer"), "asserted"),
        ("in", "foedus:cause", "id:causation/transfers-dispute", "asserted"),
        ("in", "foedus:isSupplierOf", "id:state/BLR", "inferred"),
    ):
        assert expected in found
    assert ("in", "foedus:rival", "id:rivalry/armenia-azerbaijan", "asserted") not in found
    assert len(found) == len(set(found))


def test_what_is_follows_the_policy(graph: KnowledgeGraph) -> None:
    def stages(policy: str) -> set[tuple[str, ...]]:
        return set(rows(graph.ask("what-is", node="transfer/belarus-azerbaijan", policy=policy), "property", "stage"))

    assert ("foedus:status", "accepted") in stages("reported")
    assert not {stage for _, stage in stages("facts")} & {"accepted"}
    assert ("foedus:supplier", "asserted") in stages("facts")


def test_what_is_knows_conclusions_and_terms(graph: KnowledgeGraph) -> None:
    episode = select(graph, "SELECT ?e WHERE { ?e a foedus:ComplicitAlly } ORDER BY ?e", policy="alleged")[0]["e"]
    found = rows(graph.ask("what-is", node=NamedNode(episode), policy="alleged"), "property", "value", "stage")
    assert ("rdf:type", "foedus:ComplicitAlly", "inferred") in found
    assert {stage for *_, stage in found} == {"inferred"}
    defined = rows(graph.ask("what-is", node="foedus:ArmsTransfer"), "property", "value", "stage")
    assert ("rdfs:subClassOf", "foedus:Conduct", "defined") in defined


# ---------------------------------------------------------------------------------------------- reasons


def test_reasons_are_causes_with_those_who_give_them(graph: KnowledgeGraph) -> None:
    assert set(rows(graph.ask("reasons"), "cause", "effect", "said_by", "modality")) == {
        ("id:dispute/armenia-belarus", "id:severance/armenia-belarus", PUBLISHER, "foedus:Fact"),
        ("id:transfer/belarus-azerbaijan", "id:dispute/armenia-belarus", PUBLISHER, "foedus:Reported"),
        ("id:distrust/armenia-csto", "id:intent/armenia-leaves-csto", PASHINYAN, "foedus:Reported"),
        ("id:intent/armenia-leaves-csto", "id:prediction/russia-authority", PUBLISHER, "foedus:Fact"),
        ("id:provision/csto-defense", "id:assessment/betrayal-seen-by-armenia", POLITICO, "foedus:Reported"),
        ("id:offensive/nagorno-karabakh-2023", "id:territorial-change/nagorno-karabakh-2023", PUBLISHER, "foedus:Fact"),
        ("id:offensive/nagorno-karabakh-2023", "id:displacement/nagorno-karabakh-2023", PUBLISHER, "foedus:Fact"),
    }


def test_reasons_about_something_are_its_causes_and_its_effects(graph: KnowledgeGraph) -> None:
    found = rows(graph.ask("reasons", about="dispute/armenia-belarus"), "cause", "effect")
    assert found == [
        ("id:dispute/armenia-belarus", "id:severance/armenia-belarus"),
        ("id:transfer/belarus-azerbaijan", "id:dispute/armenia-belarus"),
    ]
    assert len(graph.ask("reasons", speaker="TASS")) == 0


def test_the_protests_follow_the_concession_and_no_source_calls_it_their_cause(graph: KnowledgeGraph) -> None:
    assert len(graph.ask("reasons", about="protest/armenia")) == 0


def test_who_denies_a_cause_does_not_give_it(wire: KnowledgeGraph) -> None:
    found = rows(wire.ask("reasons", about="severance/armenia-belarus"), "said_by", "claim")
    assert found == [(PUBLISHER, claim("dispute-led-to-severance"))]


# --------------------------------------------------------------------------------------------- policies


def test_the_policies_that_ship(graph: KnowledgeGraph) -> None:
    assert rows(graph.ask("policies"), "name", "policy", "admits", "only_from", "leaves_out", "known_by") == [
        ("alleged", "id:policy/alleged", "fact, reported, alleged", "", "", ""),
        ("facts", "id:policy/facts", "fact", "", "", ""),
        ("reported", "id:policy/reported", "fact, reported", "", "", ""),
    ]


def test_a_policy_of_a_users_own_says_all_that_it_chooses(wire: KnowledgeGraph) -> None:
    found = rows(wire.ask("policies"), "name", "admits", "only_from", "leaves_out", "known_by")
    left_out = "TASS, forerunner of the Collective Security Treaty Organization"
    assert ("cautious", "fact, alleged", "wire report", left_out, "2024-12-31") in found


# ------------------------------------------------------------------------------------------- vocabulary


def test_the_vocabulary_is_every_term_once_with_a_definition(graph: KnowledgeGraph) -> None:
    answer = graph.ask("vocabulary")
    written = [row[0] for row in rows(answer, "written")]
    assert written == [row[0] for row in rows(answer, "entry")]
    assert sorted(written) == sorted(f"foedus:{term.value.removeprefix(FOEDUS.base)}" for term in FOEDUS)
    assert all(row["definition"] for row in answer)


def test_vocabulary_by_part_of_a_name(graph: KnowledgeGraph) -> None:
    found = {row[0]: row[1:] for row in rows(graph.ask("vocabulary", term="ARMS"), "written", "kind", "broader")}
    assert found["foedus:ArmsTransfer"] == ("class", "foedus:Conduct")
    assert found["foedus:suppliesArmsTo"][0] == "object property"
    assert "foedus:Membership" not in found
    (denies,) = rows(graph.ask("vocabulary", term="Denies"), "written", "kind", "broader")
    assert denies == ("foedus:Denies", "individual", "foedus:Stance")
    assert graph.ask("vocabulary", term=" foedus:Denies ").terms == graph.ask("vocabulary", term="denies").terms


def test_a_term_that_is_none_is_refused_with_what_is_near(graph: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName, match=r"no term is called 'no such word'. Leave it out to list all terms"):
        graph.ask("vocabulary", term="no such word")
    with pytest.raises(UnknownName, match="'Membrship'; did you mean 'Membership'"):
        graph.ask("vocabulary", term="Membrship")


# -------------------------------------------------------------------------------------------------- all

AS_THEY_STAND = [
    question.name
    for question in load_questions()
    if question.area == "claims" and not question.policy and not any(p.required for p in question.parameters)
]


@pytest.mark.parametrize("name", AS_THEY_STAND)
def test_a_question_about_claims_as_they_stand_is_the_same_under_every_policy(graph: KnowledgeGraph, name: str) -> None:
    answers = [KnowledgeGraph(graph.store, policy=policy).ask(name).terms for policy in graph.trust_policies()]
    assert answers[0]
    assert all(answer == answers[0] for answer in answers)


def test_most_questions_about_claims_take_them_as_they_stand() -> None:
    assert len(AS_THEY_STAND) == 10
