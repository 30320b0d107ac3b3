"""A reader who has only the graph can say what the article says: paragraph by paragraph, statement by statement.

Each test is one paragraph of the article, in its order, and names what would be lost if a row were missing. Paragraphs
are counted as the graph counts them, over the lines that are not blank.
"""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg import KnowledgeGraph
from kg.terms import curie, local_name

ARTICLE = "id:source/article-armenia-belarus"
PUBLISHER = "id:organization/publisher-of-article-armenia-belarus"
POLITICO = "id:organization/politico"
RIA = "id:organization/ria"
TASS = "id:organization/tass"
PASHINYAN = "id:person/nikol-pashinyan"
STRADNER = "id:person/ivana-stradner"
ARM, AZE, BLR, RUS = (f"id:state/{code}" for code in ("ARM", "AZE", "BLR", "RUS"))

ASSERTED = "<https://w3id.org/foedus/graph/asserted/article-armenia-belarus>"

Facts = dict[str, set[str]]


class Reader:
    """Reads single nodes as somebody would who has only the graph."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph

    def facts(self, node: str) -> Facts:
        """What the file of facts asserts of a node: values by property, IRIs in short."""
        found: Facts = {}
        query = f"SELECT ?property ?value WHERE {{ GRAPH {ASSERTED} {{ {full(node)} ?property ?value }} }}"
        for row in select(self.graph, query):
            found.setdefault(curie(row["property"]), set()).add(curie(row["value"]))
        return found

    def chains(self, node: str) -> set[tuple[str, ...]]:
        """On whose word it is known: stance and modality of each claim of a node, and the speakers outwards."""
        heads: dict[str, tuple[str, str]] = {}
        steps: dict[str, list[tuple[int, str]]] = {}
        for row in select(
            self.graph,
            f"""SELECT ?claim ?stance ?modality ?who (COUNT(DISTINCT ?before) AS ?step) WHERE {{
                  ?claim foedus:claims {full(node)} ; foedus:stance ?stance ; foedus:modality ?modality .
                  ?link foedus:claims* ?claim . ?link foedus:attributedTo ?who .
                  OPTIONAL {{ ?link foedus:claims+ ?before . ?before foedus:claims* ?claim }}
                }} GROUP BY ?claim ?stance ?modality ?link ?who""",
        ):
            heads[row["claim"]] = (local_name(row["stance"]), local_name(row["modality"]))
            steps.setdefault(row["claim"], []).append((int(row["step"]), curie(row["who"])))
        return {(*heads[claim], *(who for _, who in sorted(chain))) for claim, chain in steps.items()}

    def time_of_claim(self, name: str) -> set[str]:
        """When a claim was made, as said."""
        return self.facts(f"id:claim/{name}").get("foedus:timeAsSaid", set())

    def causes(self) -> set[tuple[str, ...]]:
        """Every cause with its effect and the one who gives it."""
        answer = self.graph.ask("reasons")
        places = [answer.columns.index(name) for name in ("cause", "effect", "said_by")]
        return {tuple(row[place] for place in places) for row in answer.table(iris=True)}


def select(graph: KnowledgeGraph, query: str, *, policy: str | None = None) -> list[dict[str, str]]:
    """Solutions of a query, each value as text."""
    solutions = graph.sparql(query, policy=policy)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [
        {n: term.value for n, term in zip(names, solution, strict=True) if isinstance(term, NamedNode | Literal)}
        for solution in solutions
    ]


def full(node: str) -> str:
    """``id:role/x`` is no name that SPARQL allows, so it is written out."""
    return re.sub(r"\Aid:(.+)", r"<https://w3id.org/foedus/id/\1>", node)


@pytest.fixture(scope="module")
def reader(graph: KnowledgeGraph) -> Reader:
    return Reader(graph)


def own(*, modality: str = "Fact", stance: str = "Asserts") -> set[tuple[str, ...]]:
    """The chain of what the article says in its own voice and nobody else says in it."""
    return {(stance, modality, PUBLISHER)}


# ---------------------------------------------------------------------------------- 1 to 5: head of the page


def test_section_headline_and_picture(reader: Reader) -> None:
    article = reader.facts(ARTICLE)
    assert article["foedus:section"] == {"Politics"}
    (headline,) = article["foedus:headline"]
    assert "break off ties" in headline and "reported" in headline and "rival" in headline
    assert article["foedus:shows"] == {"id:photograph/article-armenia-belarus"}
    picture = reader.facts("id:photograph/article-armenia-belarus")
    assert picture["foedus:creditLine"] == {"Contributor"}
    assert picture["foedus:creditedTo"] == {"id:organization/getty-images"}
    # That the lines for the picture stand twice, and the placeholder in Polish, are kept in a note.
    (note,) = article["skos:editorialNote"]
    assert "twice" in note and "Polish" in note


def test_the_headline_reports_the_weapons_with_reserve(reader: Reader) -> None:
    assert ("Asserts", "Reported", PUBLISHER) in reader.chains("id:transfer/belarus-azerbaijan")
    assert ("Asserts", "Fact", PUBLISHER) not in reader.chains("id:transfer/belarus-azerbaijan")
    # Ties were severed after the report on the weapons.
    assert reader.facts("id:severance/armenia-belarus")["foedus:follows"] == {"id:transfer/belarus-azerbaijan"}


# --------------------------------------------------------------------------------------- 6: a spat, ties severed


def test_paragraph_6_a_dispute_over_arms_led_to_severed_ties(reader: Reader) -> None:
    for node, kind in (
        ("id:dispute/armenia-belarus", "DiplomaticDispute"),
        ("id:severance/armenia-belarus", "SeveranceOfRelations"),
    ):
        assert reader.facts(node)["rdf:type"] == {f"foedus:{kind}"}
        assert reader.facts(node)["foedus:party"] == {ARM, BLR}
        assert reader.chains(node) == own()
    assert ("id:dispute/armenia-belarus", "id:severance/armenia-belarus", PUBLISHER) in reader.causes()
    assert ("id:transfer/belarus-azerbaijan", "id:dispute/armenia-belarus", PUBLISHER) in reader.causes()
    # The arms are apparent: the reserve is the article's own.
    assert reader.chains("id:causation/transfers-dispute") == own(modality="Reported")
    assert reader.facts("id:dispute/armenia-belarus")["foedus:concerns"] == {"id:transfer/belarus-azerbaijan"}


def test_paragraphs_6_and_10_azerbaijan_is_the_rival_and_enemy_of_armenia(reader: Reader) -> None:
    rivalry = reader.facts("id:rivalry/armenia-azerbaijan")
    assert rivalry["foedus:rival"] == {ARM, AZE}
    assert rivalry["foedus:end"] == {"foedus:Ongoing"}
    assert reader.chains("id:rivalry/armenia-azerbaijan") == own()


# ------------------------------------------------------------------------------------- 7: what Politico reported


def test_paragraph_7_politico_reported_the_transfers(reader: Reader) -> None:
    transfer = reader.facts("id:transfer/belarus-azerbaijan")
    assert transfer["foedus:supplier"] == {BLR}
    assert transfer["foedus:recipient"] == {AZE}
    assert (transfer["foedus:begin"], transfer["foedus:end"]) == ({"2018"}, {"2022"})
    assert transfer["foedus:weapon"] == {"advanced weapons systems"}
    assert ("Asserts", "Reported", POLITICO) in reader.chains("id:transfer/belarus-azerbaijan")
    assert reader.time_of_claim("politico-transfer") == {"Wednesday"}


def test_paragraph_7_a_regular_conflict_in_those_years(reader: Reader) -> None:
    conflict = reader.facts("id:conflict/armenia-azerbaijan-2018-2022")
    assert (conflict["foedus:begin"], conflict["foedus:end"]) == ({"2018"}, {"2022"})
    assert conflict["foedus:sideA"] | conflict["foedus:sideB"] == {ARM, AZE}
    assert conflict["foedus:recurrent"] == {"true"}
    assert reader.chains("id:conflict/armenia-azerbaijan-2018-2022") == {("Asserts", "Reported", POLITICO)}


def test_paragraph_7_a_betrayal_in_the_eyes_of_armenia_because_of_the_pact(reader: Reader) -> None:
    seen = reader.facts("id:assessment/betrayal-seen-by-armenia")
    assert seen["foedus:concerns"] == {ARM, BLR, "id:transfer/belarus-azerbaijan"}
    assert reader.chains("id:assessment/betrayal-seen-by-armenia") == {("Asserts", "Alleged", POLITICO)}
    assert "foedus:BetrayalAllegation" in reader.facts("id:claim/politico-betrayal")["rdf:type"]
    assert ("id:provision/csto-defense", "id:assessment/betrayal-seen-by-armenia", POLITICO) in reader.causes()
    provision = reader.facts("id:provision/csto-defense")
    assert provision["rdf:type"] == {"foedus:DefenseProvision"}
    assert provision["foedus:providedBy"] == {"id:alliance/csto"}
    (summary,) = provision["foedus:summary"]
    assert "in theory" in summary and "one another" in summary
    assert reader.chains("id:provision/csto-defense") == {("Asserts", "Reported", POLITICO)}


# ------------------------------------------------------------------------------------------- 8: Pashinyan's plan


def test_paragraph_8_who_pashinyan_is(reader: Reader) -> None:
    role = reader.facts("id:role/prime-minister-of-armenia")
    assert role["foedus:hasHolder"] == {PASHINYAN}
    assert role["foedus:heldIn"] == {ARM}
    assert role["foedus:title"] == {"prime minister"}


def test_paragraph_8_the_plan_was_announced_in_parliament(reader: Reader) -> None:
    plan = reader.facts("id:intent/armenia-leaves-csto")
    assert plan["rdf:type"] == {"foedus:AnnouncedIntent"}
    assert plan["foedus:actor"] >= {ARM}
    assert plan["foedus:intends"] == {"id:withdrawal/armenia-csto"}
    assert "foedus:hasCondition" not in plan
    leaving = reader.facts("id:withdrawal/armenia-csto")
    assert (leaving["foedus:actor"], leaving["foedus:withdrawsFrom"]) == ({ARM}, {"id:alliance/csto"})
    # Nobody says that it has happened.
    assert reader.chains("id:withdrawal/armenia-csto") == set()
    assert reader.chains("id:intent/armenia-leaves-csto") == {("Intends", "Fact", PASHINYAN)}
    said = reader.facts("id:claim/pashinyan-plan")
    assert said["foedus:timeAsSaid"] == {"Wednesday"}
    assert said["foedus:venue"] == {"id:organization/parliament-of-armenia"}
    assert said["foedus:onBehalfOf"] == {ARM}


def test_paragraph_8_the_alliance_and_who_leads_it(reader: Reader) -> None:
    alliance = reader.facts("id:alliance/csto")
    assert alliance["rdfs:label"] == {"Collective Security Treaty Organization"}
    assert alliance["skos:altLabel"] == {"CSTO"}
    (summary,) = alliance["foedus:summary"]
    assert "military alliance" in summary
    leader = reader.facts("id:role/leader-of-csto")
    assert (leader["foedus:hasHolder"], leader["foedus:heldIn"]) == ({RUS}, {"id:alliance/csto"})
    assert reader.chains("id:role/leader-of-csto") == own()


def test_paragraph_8_the_reason_and_the_accusation(reader: Reader) -> None:
    distrust = reader.facts("id:distrust/armenia-csto")
    assert distrust["foedus:actor"] == {ARM}
    assert distrust["foedus:target"] == {"id:organization/other-members-of-csto"}
    assert ("id:distrust/armenia-csto", "id:intent/armenia-leaves-csto", PASHINYAN) in reader.causes()
    planning = reader.facts("id:war-planning/csto-azerbaijan")
    assert planning["foedus:actor"] == {"id:organization/other-members-of-csto"}
    assert planning["foedus:partner"] == {AZE}
    assert planning["foedus:target"] == {ARM}
    assert reader.chains("id:war-planning/csto-azerbaijan") == {("Accuses", "Alleged", PASHINYAN)}
    assert "foedus:BetrayalAllegation" in reader.facts("id:claim/pashinyan-accusation")["rdf:type"]


def test_paragraph_8_a_later_word_with_both_conditions(reader: Reader) -> None:
    change = reader.facts("id:intent/armenia-reconsiders")
    assert change["foedus:hasCondition"] == {"id:condition/belarus-apologizes", "id:condition/belarus-withdraws"}
    assert change["foedus:revises"] == {"id:intent/armenia-leaves-csto"}
    assert change["foedus:actor"] == {PASHINYAN}
    apology, exit_ = (reader.facts(f"id:{name}") for name in ("apology/belarus-armenia", "withdrawal/belarus-csto"))
    assert reader.facts("id:condition/belarus-apologizes")["foedus:requires"] == {"id:apology/belarus-armenia"}
    assert reader.facts("id:condition/belarus-withdraws")["foedus:requires"] == {"id:withdrawal/belarus-csto"}
    assert apology["foedus:actor"] == {BLR}
    assert (exit_["foedus:actor"], exit_["foedus:withdrawsFrom"]) == ({BLR}, {"id:alliance/csto"})
    # Neither is said to have happened.
    assert reader.chains("id:apology/belarus-armenia") == reader.chains("id:withdrawal/belarus-csto") == set()
    for node in ("id:intent/armenia-reconsiders", "id:condition/belarus-apologizes", "id:condition/belarus-withdraws"):
        assert reader.chains(node) == {("Conditions", "Fact", PASHINYAN)}
    assert reader.time_of_claim("pashinyan-reconsiders") == {"later"}
    assert reader.facts("id:claim/pashinyan-reconsiders")["foedus:follows"] == {"id:claim/pashinyan-plan"}


def test_paragraph_8_azerbaijan_is_no_member_and_left_the_forerunner_in_1999(reader: Reader) -> None:
    denied = reader.facts("id:membership/csto-aze")
    assert (denied["foedus:member"], denied["foedus:alliance"]) == ({AZE}, {"id:alliance/csto"})
    assert reader.chains("id:membership/csto-aze") == own(stance="Denies")
    left = reader.facts("id:withdrawal/azerbaijan-1999")
    assert (left["foedus:actor"], left["foedus:withdrawsFrom"]) == ({AZE}, {"id:alliance/csto-forerunner"})
    assert left["foedus:begin"] == left["foedus:end"] == {"1999"}
    former = reader.facts("id:membership/csto-forerunner-aze")
    assert (former["foedus:end"], former["foedus:member"]) == ({"1999"}, {AZE})


# --------------------------------------------------------------------------------- 9: a century, a region, a flight


def test_paragraph_9_a_century_of_conflict_and_the_war_of_2020(reader: Reader) -> None:
    century = reader.facts("id:conflict/armenia-azerbaijan-century")
    assert century["foedus:timeAsSaid"] == {"more than a century"}
    assert "foedus:begin" not in century
    assert century["foedus:sideA"] | century["foedus:sideB"] == {ARM, AZE}
    war = reader.facts("id:conflict/nagorno-karabakh-2020")
    assert war["foedus:begin"] == war["foedus:end"] == {"2020"}
    assert war["foedus:intensity"] == {"all-out war"}
    assert war["foedus:concernsTerritory"] == {"id:territory/nagorno-karabakh"}
    assert war["foedus:sideA"] | war["foedus:sideB"] == {ARM, AZE}
    for node in ("id:conflict/armenia-azerbaijan-century", "id:conflict/nagorno-karabakh-2020"):
        assert reader.chains(node) == own()


def test_paragraph_9_the_region_and_those_who_lived_there(reader: Reader) -> None:
    status = reader.facts("id:status/nagorno-karabakh")
    assert status["foedus:belongsTo"] == {AZE}
    assert status["foedus:politicalCondition"] == {"break-away"}
    self_government = reader.facts("id:status/nagorno-karabakh-self-government")
    assert self_government["foedus:politicalCondition"] == {"self-governing"}
    assert self_government["foedus:concerns"] == {"id:population/armenians-of-nagorno-karabakh"}
    home = reader.facts("id:habitation/nagorno-karabakh")
    assert home["foedus:hasInhabitant"] == {"id:population/armenians-of-nagorno-karabakh"}
    assert home["foedus:quantity"] == {"100000"}
    assert reader.facts("id:population/armenians-of-nagorno-karabakh")["rdfs:label"] == {
        "ethnic Armenians of Nagorno-Karabakh"
    }
    for node in (status, self_government, home):
        assert node["foedus:concernsTerritory"] == {"id:territory/nagorno-karabakh"}


def test_paragraph_9_the_offensive_of_2023_and_the_flight(reader: Reader) -> None:
    offensive = reader.facts("id:offensive/nagorno-karabakh-2023")
    assert offensive["foedus:begin"] == offensive["foedus:end"] == {"2023-09"}
    assert offensive["foedus:actor"] == {AZE}
    assert offensive["foedus:follows"] == {"id:conflict/nagorno-karabakh-2020"}
    change = reader.facts("id:territorial-change/nagorno-karabakh-2023")
    assert change["foedus:gainedBy"] == {AZE}
    assert change["foedus:concernsTerritory"] == {"id:territory/nagorno-karabakh"}
    flight = reader.facts("id:displacement/nagorno-karabakh-2023")
    assert flight["foedus:displaced"] == {"id:population/armenians-of-nagorno-karabakh"}
    assert flight["foedus:quantity"] == {"100000"}
    assert (flight["foedus:origin"], flight["foedus:destination"]) == ({"id:territory/nagorno-karabakh"}, {ARM})
    for effect in ("id:territorial-change/nagorno-karabakh-2023", "id:displacement/nagorno-karabakh-2023"):
        assert ("id:offensive/nagorno-karabakh-2023", effect, PUBLISHER) in reader.causes()
        assert reader.chains(effect) == own()


def test_paragraph_9_borders_breached_and_heights_seized_in_2022(reader: Reader) -> None:
    breach = reader.facts("id:incursion/azerbaijan-armenia-2022")
    assert (breach["foedus:actor"], breach["foedus:target"]) == ({AZE}, {ARM})
    assert breach["foedus:begin"] == breach["foedus:end"] == {"2022"}
    heights = reader.facts("id:territorial-change/strategic-heights-2022")
    assert heights["foedus:gainedBy"] == {AZE}
    assert heights["foedus:begin"] == heights["foedus:end"] == {"2022"}
    assert reader.chains("id:incursion/azerbaijan-armenia-2022") == own()
    assert reader.chains("id:territorial-change/strategic-heights-2022") == own()


# ------------------------------------------------------------------------------------------ 10: villages, protests


def test_paragraph_10_four_villages_and_the_protests_after(reader: Reader) -> None:
    concession = reader.facts("id:concession/four-border-villages")
    assert concession["rdf:type"] == {"foedus:TerritorialConcession"}
    assert concession["foedus:actor"] >= {PASHINYAN}
    assert concession["foedus:gainedBy"] == {AZE}
    assert concession["foedus:quantity"] == {"4"}
    assert concession["foedus:concernsTerritory"] == {"id:territory/four-border-villages"}
    protest = reader.facts("id:protest/armenia")
    assert protest["foedus:timeAsSaid"] == {"mid-June"}
    assert "foedus:begin" not in protest
    assert protest["foedus:follows"] == {"id:concession/four-border-villages"}
    assert ARM in protest["foedus:concerns"]
    (summary,) = protest["foedus:summary"]
    assert "all over Armenia" in summary
    for node in ("id:concession/four-border-villages", "id:protest/armenia"):
        assert reader.chains(node) == own()


# ---------------------------------------------------------------------------------- 11: what may come of it, and Russia


def test_paragraph_11_one_prediction_and_one_possibility(reader: Reader) -> None:
    authority = reader.facts("id:prediction/russia-authority")
    assert authority["foedus:concerns"] == {RUS, "id:withdrawal/armenia-csto"}
    assert authority["foedus:concernsTerritory"] == {"id:territory/caucasus", "id:territory/former-soviet-sphere"}
    assert reader.chains("id:prediction/russia-authority") == own(stance="Predicts")
    reliability = reader.facts("id:prediction/russia-reliability")
    assert reliability["foedus:concerns"] == {RUS, "id:withdrawal/armenia-csto"}
    assert reader.chains("id:prediction/russia-reliability") == own(stance="Predicts", modality="Speculated")


def test_paragraph_11_politico_holds_tacit_approval_for_all_but_certain(reader: Reader) -> None:
    approval = reader.facts("id:acquiescence/russia-tacit-approval")
    assert approval["foedus:actor"] == {RUS}
    assert approval["foedus:acquiescesIn"] == {"id:transfer/belarus-azerbaijan"}
    assert reader.chains("id:acquiescence/russia-tacit-approval") == {("Asserts", "Alleged", POLITICO)}
    (summary,) = approval["foedus:summary"]
    assert "hardly" in summary and "at least" in summary


# ---------------------------------------------------------------------------------------------------- 12: the quotation


def test_paragraph_12_politico_quotes_stradner(reader: Reader) -> None:
    quoted = {
        "id:acquiescence/russia-knowledge": {RUS, "id:transfer/belarus-azerbaijan"},
        "id:assessment/russia-loyalty": {RUS},
        "id:assessment/putin-friendship": {RUS, "id:person/vladimir-putin"},
    }
    for node, about in quoted.items():
        facts = reader.facts(node)
        concerned = {v for p in ("foedus:actor", "foedus:acquiescesIn", "foedus:concerns") for v in facts.get(p, set())}
        assert concerned == about
        assert reader.chains(node) == {("Accuses", "Alleged", STRADNER, POLITICO)}
    (summary,) = reader.facts("id:acquiescence/russia-knowledge")["foedus:summary"]
    assert "known" in summary and "stopped" in summary
    (summary,) = reader.facts("id:assessment/russia-loyalty")["foedus:summary"]
    assert "security" in summary and "allies" in summary


def test_paragraph_12_who_stradner_is(reader: Reader) -> None:
    role = reader.facts("id:role/research-fellow-stradner")
    assert role["foedus:hasHolder"] == {STRADNER}
    assert role["foedus:heldIn"] == {"id:organization/foundation-for-defense-of-democracies"}
    assert role["foedus:title"] == {"research fellow"}
    assert reader.chains("id:role/research-fellow-stradner") == own()


# ----------------------------------------------------------------------------------------------- 13: visits and envoys


def test_paragraph_13_ria_reports_what_pashinyan_said_of_visits(reader: Reader) -> None:
    declared = reader.facts("id:intent/no-visits-to-belarus")
    assert declared["foedus:intends"] == {"id:travel-ban/armenia-belarus"}
    assert declared["foedus:hasCondition"] == {"id:condition/lukashenko-in-power"}
    ban = reader.facts("id:travel-ban/armenia-belarus")
    assert (ban["foedus:actor"], ban["foedus:target"]) == ({ARM}, {BLR})
    assert reader.facts("id:condition/lukashenko-in-power")["foedus:requires"] == {"id:role/president-of-belarus"}
    office = reader.facts("id:role/president-of-belarus")
    assert (office["foedus:hasHolder"], office["foedus:heldIn"]) == ({"id:person/alexander-lukashenko"}, {BLR})
    assert reader.chains("id:intent/no-visits-to-belarus") == {("Intends", "Reported", PASHINYAN, RIA)}
    assert reader.chains("id:condition/lukashenko-in-power") == {("Conditions", "Reported", PASHINYAN, RIA)}
    assert reader.time_of_claim("ria-quotes-pashinyan") == {"Thursday"}


def test_paragraph_13_envoys_left_afterwards_as_tass_said(reader: Reader) -> None:
    recall, back = reader.facts("id:recall/armenia-belarus"), reader.facts("id:envoy-return/belarus-armenia")
    assert (recall["rdf:type"], recall["foedus:actor"]) == ({"foedus:AmbassadorRecall"}, {ARM})
    assert (back["rdf:type"], back["foedus:actor"]) == ({"foedus:EnvoyReturn"}, {BLR})
    assert back["foedus:destination"] == {"id:territory/minsk"}
    assert recall["foedus:follows"] == back["foedus:follows"] == {"id:travel-ban/armenia-belarus"}
    for node in ("id:recall/armenia-belarus", "id:envoy-return/belarus-armenia"):
        assert reader.chains(node) == {("Asserts", "Reported", TASS)}


def test_paragraph_13_the_agencies_are_russian_and_one_is_the_states(reader: Reader) -> None:
    for node, holder, title in (
        ("id:role/state-news-agency-ria", RIA, "state news agency"),
        ("id:role/agency-tass", TASS, "agency"),
    ):
        role = reader.facts(node)
        assert (role["foedus:hasHolder"], role["foedus:heldIn"], role["foedus:title"]) == ({holder}, {RUS}, {title})
        assert reader.chains(node) == own()


# ---------------------------------------------------------------------------------------- 14 to 16: the pacts, the foot


def test_paragraph_14_founded_in_2002_with_exactly_five_members(reader: Reader, graph: KnowledgeGraph) -> None:
    alliance = reader.facts("id:alliance/csto")
    assert (alliance["foedus:begin"], alliance["foedus:end"]) == ({"2002"}, {"foedus:Ongoing"})
    assert reader.chains("id:alliance/csto") == own()
    members = [row["member"] for row in graph.ask("members", alliance="CSTO")]
    assert sorted(members) == ["Armenia", "Belarus", "Kazakhstan", "Russia", "Tajikistan"]
    assert graph.ask("members", alliance="CSTO")[0]["end"] == "ongoing"


def test_paragraph_14_a_similar_pact_before_it_with_three_more(reader: Reader, graph: KnowledgeGraph) -> None:
    succession = reader.facts("id:succession/csto")
    assert succession["foedus:predecessor"] == {"id:alliance/csto-forerunner"}
    assert succession["foedus:successor"] == {"id:alliance/csto"}
    (summary,) = reader.facts("id:alliance/csto-forerunner")["foedus:summary"]
    assert "similar" in summary
    found = {row["member"]: row["end"] for row in graph.ask("members", alliance="alliance/csto-forerunner")}
    assert found == {"Azerbaijan": "1999", "Georgia": "unknown", "Uzbekistan": "unknown"}
    # That the present members may have been in it too is not stated, only suggested, and is kept in a note.
    (note,) = reader.facts("id:claim/forerunner")["skos:editorialNote"]
    assert "present members" in note


def test_paragraphs_15_and_16_the_outlets_credited_and_the_foot(reader: Reader) -> None:
    article = reader.facts(ARTICLE)
    assert article["foedus:creditsSource"] == {POLITICO, "id:organization/reuters"}
    (note,) = article["skos:editorialNote"]
    assert "more reports of the same section" in note


# ----------------------------------------------------------------------------------------------------------- throughout


def test_days_that_the_text_does_not_settle_are_kept_as_said(reader: Reader, graph: KnowledgeGraph) -> None:
    said = {row["words"] for row in select(graph, "SELECT DISTINCT ?words WHERE { ?any foedus:timeAsSaid ?words }")}
    assert said >= {"Wednesday", "Thursday", "mid-June", "later", "subsequently"}
    assert select(graph, "SELECT ?any WHERE { ?any foedus:saidOn|foedus:publishedOn ?day }") == []
    assert reader.facts(ARTICLE)["foedus:publishedNotBefore"] == {"2023-09"}


def test_everything_claimed_is_found_in_the_article(graph: KnowledgeGraph) -> None:
    query = f"""SELECT ?claim WHERE {{ GRAPH {ASSERTED} {{ ?claim a foedus:Claim }}
                  FILTER NOT EXISTS {{ ?claim foedus:reportedBy {full(ARTICLE)} }} }}"""
    assert select(graph, query) == []


def test_no_state_of_affairs_stands_without_a_claim_a_plan_or_a_condition(graph: KnowledgeGraph) -> None:
    query = f"""SELECT DISTINCT ?node WHERE {{
                  GRAPH {ASSERTED} {{ ?node a ?class }}
                  ?class rdfs:subClassOf* foedus:StateOfAffairs .
                  FILTER NOT EXISTS {{ ?any foedus:claims|foedus:intends|foedus:requires ?node }} }}"""
    assert select(graph, query) == []
