"""Why something does not follow: which premises hold, which fail, and how near they came, in worlds made for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kg import KnowledgeGraph
from kg.errors import UnknownName, UsageError
from kg.explaining import QUESTIONS, Leg, WhyNot
from kg.questions import load_question
from tests.fiction import E, claim, fact, graph, pact, transfer, war

SUPPLYING = "allies-supplying-adversary"
BOUND = pact("Norland", "Osteria")


def legs(answer: WhyNot) -> dict[str, Leg]:
    return {leg.name: leg for leg in answer.legs}


def holding(answer: WhyNot) -> dict[str, bool]:
    return {leg.name: leg.holds for leg in answer.legs}


def short(answer: WhyNot, leg: str) -> list[tuple[str, str]]:
    return [(s.kind, s.says) for s in legs(answer)[leg].shortfalls]


# -------------------------------------------------------------------- the five questions


def test_every_parameter_is_one_of_the_question_itself() -> None:
    for question, roles in QUESTIONS.items():
        names = {parameter.name for parameter in load_question(question).parameters}
        assert set(roles) <= names
        assert set(roles.values()) <= {"ally", "state", "adversary"}


def test_the_example_of_the_article(store: Path) -> None:
    answer = KnowledgeGraph.open(store).why_not(SUPPLYING, supplier="Kazakhstan", state="Armenia")
    assert (answer.question, answer.view) == (SUPPLYING, "reported")
    assert holding(answer) == {"obligation": True, "supply": False, "hostility": True}
    (missing,) = legs(answer)["supply"].shortfalls
    assert missing.kind == "unrecorded"
    assert missing.says.startswith("no transfer of arms is recorded for Kazakhstan to anybody")
    assert "not covered rather than no" in missing.says
    assert missing.needed == "a source that records one"


@pytest.mark.parametrize(("prop", "state"), [("binds", "Osteria"), ("benefits", "Norland")])
def test_a_promise_in_one_direction_is_no_bond_in_the_other(tmp_path: Path, prop: str, state: str) -> None:
    one_way = f"e:pact-defense f:{prop} e:{state} .\n"
    made = graph(tmp_path, BOUND, one_way, war(), transfer(supplier="Quarria"))
    for supplier, other, bound in (("Norland", "Osteria", False), ("Osteria", "Norland", True)):
        answer = made.why_not(SUPPLYING, supplier=supplier, state=other, adversary="Pellmark")
        assert holding(answer)["obligation"] is bound


def test_nobody_supplied(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(), transfer(supplier="Quarria"))
    answer = made.why_not(SUPPLYING, supplier="Norland", state="Osteria", adversary="Pellmark")
    assert holding(answer) == {"obligation": True, "supply": False, "hostility": True}
    assert short(answer, "supply")[0][1].startswith("no transfer of arms is recorded for Norland to Pellmark")
    assert legs(answer)["obligation"].found == ("Norland is bound to Osteria by the pact-defense",)
    assert legs(answer)["hostility"].found == ("the war",)


def test_no_attack_on_an_ally(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war())
    answer = made.why_not("allies-attacking-allies", attacker="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "attack": False}
    assert short(answer, "attack")[0][1].startswith(
        "no armed conflict or incursion is recorded for Norland and Osteria"
    )


def test_being_attacked_by_an_ally_is_not_attacking_it(tmp_path: Path) -> None:
    attacked = war(sideA="Osteria", sideB="Norland", initiator="Osteria")
    made = graph(tmp_path, BOUND, attacked)
    answer = made.why_not("allies-attacking-allies", attacker="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "attack": False}
    with pytest.raises(UsageError, match="there is such a row"):
        made.why_not("allies-attacking-allies", attacker="Osteria", state="Norland")


def test_an_attack_on_an_ally_that_came_after_the_pact(tmp_path: Path) -> None:
    late = war(sideA="Norland", sideB="Osteria", initiator="Norland", begin="2011-03-02", end="2011-04-01")
    made = graph(tmp_path, pact("Norland", "Osteria", end="2011-02-28"), late)
    answer = made.why_not("allies-attacking-allies", attacker="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "attack": True, "together": False}
    assert legs(answer)["together"].shortfalls[0].days == 2


def test_nobody_attacked_the_state_that_was_owed_help(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, fact("feud", "Rivalry", rival="Osteria Pellmark", begin="2005", end="2006"))
    answer = made.why_not("unanswered-obligations", obligor="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "attack": False}
    assert short(answer, "attack")[0][0] == "unrecorded"


def test_help_was_given(tmp_path: Path) -> None:
    """Recorded help keeps an obligation from being unanswered: both premises hold, and still nothing follows."""
    helped = fact("convoy", "Assistance", actor="Norland", target="Osteria", begin="2005", end="2006")
    made = graph(tmp_path, BOUND, war(), helped)
    answer = made.why_not("unanswered-obligations", obligor="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "attack": True, "together": True, "answer": False}
    (missing,) = legs(answer)["answer"].shortfalls
    assert (missing.kind, missing.says) == ("answered", "help is recorded: the convoy")


def test_joining_the_war_is_help(tmp_path: Path) -> None:
    joined = war("front", sideA="Norland", sideB="Pellmark", initiator="Norland")
    made = graph(tmp_path, BOUND, war(), joined)
    answer = made.why_not("unanswered-obligations", obligor="Norland", state="Osteria", attacker="Pellmark")
    assert short(answer, "answer") == [("answered", "help is recorded: the front")]


def test_nobody_looked_away(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(), transfer(supplier="Quarria"))
    answer = made.why_not("complicit-allies", ally="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "acquiescence": False, "hostility": True}
    assert short(answer, "acquiescence")[0][1].startswith("no acquiescence in a transfer is recorded for Norland")


def test_loyalties_are_not_divided(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war())
    answer = made.why_not("divided-loyalties", ally="Norland", side="Osteria")
    assert holding(answer) == {"obligation": True, "hostility": True, "other loyalty": False}
    ((kind, says),) = short(answer, "other loyalty")
    assert kind == "unrecorded" and "Norland" in says and "Pellmark" in says


def test_no_hostility_to_be_divided_by(tmp_path: Path) -> None:
    answer = graph(tmp_path, BOUND).why_not("divided-loyalties", ally="Norland")
    assert holding(answer) == {"obligation": True, "hostility": False}


# -------------------------------------------------------------------- near misses in time


def test_a_delivery_that_came_too_late_says_by_how_many_days(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(end="2005-06-30"), transfer(begin="2005-07-10", end="2005-07-20"))
    answer = made.why_not(SUPPLYING, supplier="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "supply": True, "hostility": True, "together": False}
    (missing,) = legs(answer)["together"].shortfalls
    assert (missing.kind, missing.days) == ("time", (date(2005, 7, 10) - date(2005, 6, 30)).days)
    assert missing.says == "the deal and the war miss each other by 10 days"
    assert missing.needed == "one of them to last 10 days longer"


def test_one_day_is_one_day(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(end="2005-06-30"), transfer(begin="2005-07-01", end="2005-07-20"))
    (missing,) = legs(made.why_not(SUPPLYING, supplier="Norland"))["together"].shortfalls
    assert (missing.says, missing.needed) == (
        "the deal and the war miss each other by 1 day",
        "one of them to last 1 day longer",
    )


def test_touching_on_one_day_is_meeting(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(end="2005-07-01"), transfer(begin="2005-07-01", end="2005-07-20"))
    with pytest.raises(UsageError, match="there is such a row"):
        made.why_not(SUPPLYING, supplier="Norland", state="Osteria")


def test_the_nearest_miss_comes_first(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        BOUND,
        war(end="2005-06-30"),
        transfer("late", begin="2007-01-01", end="2007-02-01"),
        transfer("early", begin="2004-11-01", end="2004-12-29"),
    )
    together = legs(made.why_not(SUPPLYING, supplier="Norland", state="Osteria"))["together"]
    assert [s.days for s in together.shortfalls] == [3, 550]


def test_memberships_that_miss_each_other(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        pact("Norland", end="2003-12-31"),
        fact("pact-Osteria", "Membership", member="Osteria", alliance="pact", begin="2004-01-31", end="Ongoing"),
        transfer(),
        war(),
    )
    answer = made.why_not(SUPPLYING, supplier="Norland", state="Osteria")
    assert holding(answer) == {"obligation": False, "supply": True, "hostility": True}
    (missing,) = legs(answer)["obligation"].shortfalls
    assert (missing.kind, missing.days) == ("time", 31)
    assert missing.says == "the pact-Norland and the pact-Osteria miss each other by 31 days"


# -------------------------------------------------------------------- what does not count


@pytest.mark.parametrize(
    ("modality", "policy"), [("Alleged", "reported"), ("Reported", "facts"), ("Speculated", "alleged")]
)
def test_a_claim_that_the_policy_does_not_admit(tmp_path: Path, modality: str, policy: str) -> None:
    made = graph(tmp_path, BOUND, war(), transfer(claimed=modality))
    answer = made.why_not(SUPPLYING, policy=policy, supplier="Norland", state="Osteria")
    assert answer.view == policy
    assert holding(answer) == {"obligation": True, "supply": False, "hostility": True}
    (missing,) = legs(answer)["supply"].shortfalls
    assert (missing.kind, missing.claims) == ("policy", (f"{E}deal-claim",))
    assert missing.says == f"the deal: only {modality.lower()}, which the policy does not admit"


def test_what_was_published_too_late_is_not_called_unsure(tmp_path: Path) -> None:
    late = transfer(claimed="") + claim("deal-claim", "deal", source="yearbook")
    answer = graph(tmp_path, BOUND, war(), late).why_not(SUPPLYING, known_by="2011-01-01", supplier="Norland")
    assert short(answer, "supply") == [("policy", "the deal: published after 2011-01-01")]


def test_what_a_policy_leaves_out_by_source_speaker_or_alliance(tmp_path: Path) -> None:
    mine = """e:mine a f:TrustPolicy ; rdfs:label "mine"@en ; f:policyName "mine" ; f:admitsModality f:Fact ;
        f:excludesSource e:yearbook ; f:excludesSpeaker e:wire ; f:excludesAlliance e:pact ."""
    deal = transfer(claimed="") + claim("deal-claim", "deal", source="yearbook")
    clash = war(claimed="") + claim("war-claim", "war", by="wire")
    made = graph(tmp_path, BOUND, deal, clash, mine)
    answer = made.why_not(SUPPLYING, policy="mine", supplier="Norland", state="Osteria")
    assert short(answer, "obligation") == [("policy", "the pact: left out by the policy")]
    assert short(answer, "supply") == [("policy", "the deal: the policy leaves its source out")]
    assert short(answer, "hostility") == [("policy", "the war: the policy leaves its speaker out")]


def test_what_is_passed_on_too_weakly(tmp_path: Path) -> None:
    deal = transfer(claimed="") + claim("said", "deal", modality="Alleged") + claim("wired", "said", modality="Alleged")
    made = graph(tmp_path, BOUND, war(), deal)
    assert short(made.why_not(SUPPLYING, supplier="Norland"), "supply") == [
        ("policy", "the deal: only alleged, which the policy does not admit")
    ]
    late = transfer(claimed="") + claim("said", "deal") + claim("printed", "said", source="yearbook")
    made = graph(tmp_path, BOUND, war(), late)
    assert short(made.why_not(SUPPLYING, known_by="2011-01-01", supplier="Norland"), "supply") == [
        ("policy", "the deal: what passes it on does not count under the policy")
    ]


def test_what_is_only_denied(tmp_path: Path) -> None:
    denied = transfer(claimed="") + claim("denial", "deal", stance="Denies")
    (missing,) = legs(graph(tmp_path, BOUND, war(), denied).why_not(SUPPLYING, supplier="Norland"))["supply"].shortfalls
    assert (missing.kind, missing.says, missing.claims) == (
        "denied",
        "the deal: sources only deny it",
        (f"{E}denial",),
    )


def test_what_was_retracted_is_claimed_by_nobody(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    without = made.scenario(retract=[f"{E}deal-claim"]).after
    assert short(without.why_not(SUPPLYING, supplier="Norland"), "supply") == [
        ("policy", "the deal: claimed by nobody")
    ]


def test_time_comes_before_policy_and_policy_before_denial(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        fact("pact", "Alliance"),
        fact("pact-defense", "DefenseProvision", providedBy="pact"),
        fact("m1", "Membership", member="Norland", alliance="pact", begin="2000", end="2001"),
        fact("m2", "Membership", member="Norland", alliance="pact", begin="2000", end="Ongoing", claimed="Alleged"),
        fact("m3", "Membership", member="Norland", alliance="pact", begin="2000", end="Ongoing", stance="Denies"),
        fact("m4", "Membership", member="Osteria", alliance="pact", begin="2005", end="Ongoing"),
    )
    answer = made.why_not(SUPPLYING, supplier="Norland", state="Osteria")
    assert [kind for kind, _ in short(answer, "obligation")] == ["time", "policy", "denied"]


# -------------------------------------------------------------------- what is not recorded


def test_silence_is_worth_more_where_a_source_sets_out_to_record(tmp_path: Path) -> None:
    covering = 'e:yearbook f:coversClass f:ArmsTransfer ; f:coverageNote "all deliveries"@en .'
    for parts, worth in (
        ((), "not covered rather than no"),
        ((covering,), "within what it covers the Yearbook (all deliveries) sets out to record them in full"),
    ):
        answer = graph(tmp_path, BOUND, war(), *parts).why_not(SUPPLYING, supplier="Norland", state="Osteria")
        ((kind, says),) = short(answer, "supply")
        assert kind == "unrecorded"
        assert says.endswith(worth)


def test_hostility_is_covered_only_where_every_kind_of_it_is(tmp_path: Path) -> None:
    kinds = "f:ArmedConflict, f:Incursion, f:MilitarizedDispute"
    for listed, covered in ((kinds, False), (kinds + ", f:Rivalry", True)):
        covering = f'e:yearbook f:coversClass {listed} ; f:coverageNote "all fighting"@en .'
        answer = graph(tmp_path, BOUND, transfer(), covering).why_not(SUPPLYING, supplier="Norland")
        ((_, says),) = short(answer, "hostility")
        assert says.startswith("no hostility is recorded for anybody; ")
        assert ("the Yearbook (all fighting) sets out" in says) is covered


def test_no_common_alliance_says_where_each_is(tmp_path: Path) -> None:
    made = graph(tmp_path, pact("Norland", "Quarria"), transfer(), war())
    ((kind, says),) = short(made.why_not(SUPPLYING, supplier="Norland", state="Osteria"), "obligation")
    assert kind == "unrecorded"
    assert says == (
        "no common alliance is recorded: Norland is recorded in the pact; Osteria is recorded in no alliance"
    )


def test_an_alliance_without_defense_is_not_enough(tmp_path: Path) -> None:
    made = graph(tmp_path, pact("Norland", "Osteria", kind="Consultation"), transfer(), war())
    ((_, says),) = short(made.why_not(SUPPLYING, supplier="Norland", state="Osteria"), "obligation")
    assert says == "a common alliance is recorded (the pact), but no defense provision of it"


def test_premises_that_hold_for_different_states(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, transfer(recipient="Quarria"), war())
    answer = made.why_not(SUPPLYING, supplier="Norland", state="Osteria")
    assert holding(answer) == {"obligation": True, "supply": True, "hostility": True, "together": False}
    assert "no one state fills every place" in short(answer, "together")[0][1]


# -------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("question", "values", "parts"),
    [
        (SUPPLYING, {"supplier": "Norland", "state": "Osteria"}, (transfer(), war())),
        ("allies-attacking-allies", {"attacker": "Norland"}, (war(sideA="Norland", initiator="Norland"),)),
        ("unanswered-obligations", {"obligor": "Norland", "attacker": "Pellmark"}, (war(),)),
        (
            "complicit-allies",
            {"ally": "Norland", "state": "Osteria"},
            (transfer(supplier="Quarria"), war(), fact("wink", "Acquiescence", actor="Norland", acquiescesIn="deal")),
        ),
        ("divided-loyalties", {"ally": "Norland"}, (war(), pact("Norland", "Pellmark", name="league"))),
    ],
)
def test_a_row_that_exists(tmp_path: Path, question: str, values: dict[str, str], parts: tuple[str, ...]) -> None:
    made = graph(tmp_path, BOUND, *parts)
    with pytest.raises(UsageError, match="there is such a row") as caught:
        made.why_not(question, **values)
    assert caught.value.exit_code == 2


def test_unknown_names(store: Path) -> None:
    kg = KnowledgeGraph.open(store)
    with pytest.raises(UnknownName, match=r"no question is called 'betrayals'\. Why not can be asked of: "):
        kg.why_not("betrayals")
    with pytest.raises(UnknownName, match="no parameter is called 'suplier'; did you mean 'supplier'"):
        kg.why_not(SUPPLYING, suplier="Armenia")
    with pytest.raises(UnknownName, match="no state is called 'Armenja'; did you mean 'Armenia'"):
        kg.why_not(SUPPLYING, state="Armenja")
    with pytest.raises(UnknownName, match="no trust policy is called"):
        kg.why_not(SUPPLYING, policy="rumours")


def test_of_much_the_nearest_is_told(tmp_path: Path) -> None:
    elsewhere = [transfer(f"a{n}", recipient="Quarria") for n in range(7)]
    late = [transfer(f"z{n}", begin=str(2010 + n), end=str(2010 + n)) for n in range(8)]
    answer = graph(tmp_path, BOUND, war(), *elsewhere, *late).why_not(SUPPLYING, supplier="Norland", state="Osteria")
    supply, together = legs(answer)["supply"], legs(answer)["together"]
    # What went to an adversary comes before what went elsewhere.
    assert supply.found == tuple(f"the {name}{n}" for name, count in (("z", 8), ("a", 7)) for n in range(count))
    days = [shortfall.days or 0 for shortfall in together.shortfalls]
    assert len(days) == 8 and days == sorted(days)
    told = answer.prose().split("\n\n")
    assert told[2].splitlines() == ["supply: holds", *(f"- the z{n}" for n in range(5)), "… and 10 more"]
    assert "the z4 miss" not in told[4] and told[4].endswith("… and 3 more")
    assert "more" not in answer.prose(full=True) and answer.prose(full=True).count("miss each other") == 8
