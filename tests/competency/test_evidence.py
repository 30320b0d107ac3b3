"""Every passage that the graph points at, read again in the article itself; and that no sentence of it was copied.

The article is not in the repository. Where a copy lies beside it the passages are read; elsewhere these tests are
skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg import KnowledgeGraph

ROOT = Path(__file__).parents[2]
COPY = ROOT.parent / "shared" / "source" / "article.txt"
SOURCE = "<https://w3id.org/foedus/id/source/article-armenia-belarus>"
LONGEST_SHARED_RUN = 7
"""How many words in a row a text of ours may share with the article."""

KEY_WORDS = {
    "authority": ("undermine", "authority", "Caucasus", "former Soviet sphere"),
    "azerbaijan-left": ("left", "forerunner", "1999"),
    "azerbaijan-no-member": ("Azerbaijan is not a member", "CSTO"),
    "breach-2022": ("2022", "breached", "borders"),
    "century": ("armed conflict", "over a century"),
    "dispute": ("diplomatic spat", "Armenia and Belarus"),
    "dispute-led-to-severance": ("spat", "led to", "severed"),
    "dispute-over-arms": ("over", "apparent arms supplies"),
    "flight": ("exodus", "100,000", "to Armenia"),
    "forerunner": ("previous similar pact", "Azerbaijan", "Georgia", "Uzbekistan"),
    "founded": ("established in 2002",),
    "headline-transfer": ("reportedly", "weapons", "apparent"),
    "heights-2022": ("seized control", "strategic high ground"),
    "lukashenko-role": ("president", "Lukashenko"),
    "members": ("currently", "Russia", "Belarus", "Kazakhstan", "Armenia", "Tajikistan"),
    "offensive-2023": ("offensive", "September 2023", "control"),
    "pashinyan-accusation": ("accused", "planning a war", "with Azerbaijan"),
    "pashinyan-distrust": ("no longer trusts", "supposed allies"),
    "pashinyan-no-visits": ("no Armenian officials", "remained in power"),
    "pashinyan-plan": ("announced", "parliament", "Wednesday", "plans to leave", "CSTO"),
    "pashinyan-reason": ("as it", "no longer trusts"),
    "pashinyan-reconsiders": ("later", "reconsider", "apologized", "withdrew"),
    "pashinyan-travel-ban": ("no Armenian officials", "travel", "Belarus"),
    "pashinyan-while-lukashenko": ("while", "Lukashenko", "remained in power"),
    "politico-approval": ("Politico", "virtually impossible", "tacit approval", "Kremlin"),
    "politico-betrayal": ("outlet", "Yerevan", "betrayal"),
    "politico-conflict": ("regular conflict", "Armenia"),
    "politico-obligation": ("security pact", "theoretically obliged", "defend"),
    "politico-quotes-stradner": ("outlet quoted", "Stradner"),
    "politico-reason": ("as it has", "security pact"),
    "politico-transfer": ("Politico", "Wednesday", "advanced weapons", "2018 and 2022"),
    "prime-minister": ("Prime Minister", "Pashinyan"),
    "protests": ("Protests", "nationwide", "mid-June"),
    "region-population": ("self-governing", "ethnic Armenians", "100,000"),
    "region-status": ("break-away", "Azerbaijani", "Nagorno-Karabakh"),
    "reliability": ("may", "reliability", "security partner"),
    "ria-quotes-pashinyan": ("Thursday", "RIA", "Pashinyan had said"),
    "ria-role": ("Russian state news agency", "RIA"),
    "rivalry": ("arch-rival", "Azerbaijan", "bitter enemy"),
    "russia-leads": ("Moscow-led",),
    "severance": ("sever ties", "severed"),
    "stradner-knowledge": ("without Moscow", "stopped them"),
    "stradner-loyalty": ("loyalty", "their own security", "allies"),
    "stradner-putin": ("Vladimir Putin", "enemies"),
    "stradner-role": ("Stradner", "research fellow", "Foundation for Defense of Democracies"),
    "tass-recall": ("Subsequently", "recalled its ambassador", "TASS"),
    "tass-return": ("representative", "Minsk"),
    "tass-role": ("Russian agency", "TASS"),
    "villages": ("Pashinyan", "cede", "four border villages"),
    "war-2020": ("all-out war", "Nagorno-Karabakh", "2020"),
}
"""For each claim, words and figures that its passages must hold."""


class Passage(NamedTuple):
    """Where a claim stands."""

    claim: str
    paragraph: int
    start: int
    end: int
    digest: str


@pytest.fixture(scope="module")
def text() -> str:
    if not COPY.is_file():
        pytest.skip(f"no copy of the article at {COPY}")
    return COPY.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def passages(graph: KnowledgeGraph) -> list[Passage]:
    rows = select(
        graph,
        f"""SELECT ?claim ?paragraph ?start ?end ?digest WHERE {{
              ?claim foedus:evidence ?annotation .
              ?annotation oa:hasBody ?claim ; oa:hasTarget ?target .
              ?target oa:hasSource {SOURCE} ; oa:hasSelector ?selector ;
                foedus:paragraph ?paragraph ; foedus:passageDigest ?digest .
              ?selector oa:start ?start ; oa:end ?end .
            }} ORDER BY ?start ?claim""",
    )
    return [
        Passage(name(row["claim"]), int(row["paragraph"]), int(row["start"]), int(row["end"]), row["digest"])
        for row in rows
    ]


def select(graph: KnowledgeGraph, query: str) -> list[dict[str, str]]:
    """Solutions of a query, each value as text."""
    solutions = graph.sparql(query)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [
        {n: term.value for n, term in zip(names, solution, strict=True) if isinstance(term, NamedNode | Literal)}
        for solution in solutions
    ]


def name(claim: str) -> str:
    """What stands last in the IRI of a claim."""
    return claim.rpartition("/")[2]


def value(graph: KnowledgeGraph, prop: str) -> str:
    """The one value of a property of the article."""
    (row,) = select(graph, f"SELECT ?value WHERE {{ {SOURCE} {prop} ?value }}")
    return row["value"]


def paragraphs(text: str) -> list[tuple[int, int]]:
    """First character, and the one after the last, of each line that is not blank."""
    spans = []
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            spans.append((start, start + len(line.rstrip("\r\n"))))
        start += len(line)
    return spans


def test_the_copy_is_the_text_that_was_read(graph: KnowledgeGraph, text: str) -> None:
    assert sha256(text.encode("utf-8")).hexdigest() == value(graph, "foedus:textDigest")
    assert len(text) == int(value(graph, "foedus:textLength"))


def test_every_claim_of_the_article_has_a_passage(graph: KnowledgeGraph, passages: list[Passage]) -> None:
    claims = select(graph, f"SELECT ?claim WHERE {{ ?claim a foedus:Claim ; foedus:reportedBy {SOURCE} }}")
    named = {name(row["claim"]) for row in claims}
    assert named == {passage.claim for passage in passages}
    assert len(passages) >= len(named) >= len(KEY_WORDS)


def test_every_passage_lies_within_the_paragraph_it_names(text: str, passages: list[Passage]) -> None:
    spans = paragraphs(text)
    for passage in passages:
        first, last = spans[passage.paragraph - 1]
        assert first <= passage.start < passage.end <= last, passage


def test_every_digest_is_that_of_the_characters_selected(text: str, passages: list[Passage]) -> None:
    wrong = [p for p in passages if sha256(text[p.start : p.end].encode("utf-8")).hexdigest() != p.digest]
    assert passages and not wrong


def test_no_passage_begins_or_ends_within_a_word_or_at_a_blank(text: str, passages: list[Passage]) -> None:
    for passage in passages:
        selected = text[passage.start : passage.end]
        assert selected == selected.strip(), passage
        for place in (passage.start, passage.end):
            assert not (text[place - 1].isalnum() and text[place].isalnum()), passage


@pytest.mark.parametrize("claim", KEY_WORDS)
def test_a_passage_holds_the_words_that_its_claim_rests_on(text: str, passages: list[Passage], claim: str) -> None:
    selected = " … ".join(text[p.start : p.end] for p in passages if p.claim == claim)
    assert [words for words in KEY_WORDS[claim] if words not in selected] == []


def test_every_paragraph_that_reports_something_has_a_claim(text: str, passages: list[Passage]) -> None:
    # The section, the lines for the picture and those at the foot are properties of the article, not claims.
    reporting = {n for n, (start, end) in enumerate(paragraphs(text), 1) if end - start > 75}
    assert {passage.paragraph for passage in passages} == reporting
    assert len(reporting) == 10


# ------------------------------------------------------------------------------------- nothing is copied


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:[-'][a-z0-9]+)*", text.lower().replace("’", "'"))


def runs(text: str) -> set[tuple[str, ...]]:
    """Every run of words that is too long to be shared."""
    found = words(text)
    length = LONGEST_SHARED_RUN + 1
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


def texts_of_ours() -> Iterator[tuple[str, str]]:
    """Every string of the facts and the ontology, and every question and rule as a whole, with the file it is in."""
    for path in sorted([*ROOT.glob("graph/**/*.ttl"), *ROOT.glob("ontology/**/*.ttl")]):
        for quad in pyoxigraph.parse(path=path):
            if isinstance(quad.object, Literal):
                yield path.name, quad.object.value
    for path in sorted([*ROOT.glob("queries/**/*.rq"), *ROOT.glob("ontology/**/*.rq")]):
        yield path.name, re.sub(r"(?m)^#\+?", " ", path.read_text(encoding="utf-8"))


def test_no_text_of_ours_shares_a_run_of_words_with_the_article(text: str) -> None:
    of_the_article = runs(text)
    ours = list(texts_of_ours())
    assert len(ours) > 1000
    assert [(file, string) for file, string in ours if runs(string) & of_the_article] == []


def test_a_copied_sentence_would_be_found(text: str) -> None:
    start, end = paragraphs(text)[7]
    copied = text[start:end].split()[3 : 3 + LONGEST_SHARED_RUN + 1]
    assert runs("as it says: " + " ".join(copied).upper()) & runs(text)
    assert not runs(" ".join(copied[:-1])) & runs(text)
