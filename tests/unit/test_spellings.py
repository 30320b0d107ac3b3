"""Names of states as people and other lists write them."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from pyoxigraph import Literal

from kg import KnowledgeGraph
from kg.documents import read_document
from kg.errors import UnknownName
from kg.importing.states import Unresolved, states
from kg.resources import resource
from kg.spellings import Spellings
from kg.terms import PREFIXES
from kg.vocab import FOEDUS, RDF, RDFS, SKOS

STATE = PREFIXES["id"] + "state/"
FACTS = list(read_document(resource("graph", "states.ttl")).triples)
STATES = {t.subject for t in FACTS if t.predicate == RDF.type and t.object == FOEDUS.State}
CODES = {
    t.object.value: t.subject
    for t in FACTS
    if t.predicate == FOEDUS.iso3 and t.subject in STATES and isinstance(t.object, Literal)
}


def spellings(name: str) -> Iterator[str]:
    """A name in the ways in which it is met with elsewhere."""
    yield from (name.upper(), name.lower(), f" {name.replace(' ', '  ')} ", f"The {name}")
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    yield from (plain, unicodedata.normalize("NFD", name))
    yield from (name.replace("'", mark) for mark in "’‘`´ʼ")
    yield from (name.replace("-", mark) for mark in (" ", "–", "\N{NON-BREAKING HYPHEN}"))
    yield from (name.replace(" ", "-"), name.replace(".", ""), name.replace(" and ", " & "))
    words = name.split()
    for long, short in (("Republic", "Rep."), ("Democratic", "Dem."), ("Saint", "St."), ("Islands", "Is.")):
        yield " ".join(short if word == long else word for word in words)
    head, of, tail = name.partition(" of ")
    if of and not set(name) & set(",("):
        tail = tail.removeprefix("the ")
        yield from (f"{tail}, {head}", f"{tail}, {head} of", f"{tail}, {head} of the", f"{tail} ({head} of)")
        yield f"{tail}, {head.replace('Republic', 'Rep.')}"


def test_every_name_of_the_list_in_every_spelling() -> None:
    called = {(t.object.value, t.subject) for t in FACTS if t.predicate in (RDFS.label, SKOS.altLabel)}  # type: ignore[union-attr]
    assert len(STATES) > 200
    wrong = {
        written
        for name, state in called
        if state in STATES
        for written in spellings(name)
        if states().named(written) != state
    }
    assert not wrong


def test_every_state_of_another_list_in_every_spelling() -> None:
    spec = find_spec("country_converter")
    assert spec is not None and spec.origin is not None
    with Path(spec.origin).with_name("country_data.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["ISO3"] in CODES]
    assert len(rows) > 190
    for row in rows:
        for name in (row["name_short"], row["name_official"]):
            for written in spellings(name):
                assert states().named(written) == CODES[row["ISO3"]], written


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Côte d’Ivoire", "CIV"),
        ("Yemen, Arab Republic", "YEM"),
        ("austria hungary", "cow-300"),
        ("Korea, Dem. People's Rep.", "PRK"),
        ("korea (republic of)", "KOR"),
        ("Congo, Dem. Rep.", "COD"),
        ("Congo, Rep.", "COG"),
        ("Bosnia-Herzegovina", "BIH"),
        ("U.S.S.R.", "RUS"),
        ("Micronesia, Fed. Sts.", "FSM"),
    ],
)
def test_questions_and_importers_find_the_same(store: Path, name: str, state: str) -> None:
    assert KnowledgeGraph.open(store).find(name, kind=FOEDUS.State).value == STATE + state
    assert states().named(name).value == STATE + state


def test_the_closest_spelling_counts_and_what_is_not_clear_is_listed() -> None:
    names = Spellings({"the pact": [1], "Pact": [2], "Rep. of Saba": [3], "Republic of Sabá": [4], "ST": [5]})
    assert names.find("PACT") == {2} and names.find("The  Pact") == {1} and names.find("the pact.") == {1, 2}
    assert names.find("Saba, Republic") == {3, 4} and names.find("republic of saba") == {4}
    assert names.find("Saint") == names.find("") == names.find(".") == set()


def test_a_name_that_means_several_is_refused_with_the_candidates(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = KnowledgeGraph.open(store)
    graph.find("Armenia")
    both = [graph.find("Armenia", kind=FOEDUS.State), graph.find("Belarus", kind=FOEDUS.State)]
    monkeypatch.setattr(Spellings, "find", lambda *_: set(both))
    with pytest.raises(UnknownName, match=r"It may mean id:state/ARM, id:state/BLR"):
        graph.find("The Union", kind=FOEDUS.State)
    with pytest.raises(Unresolved, match="The Union may mean id:state/ARM, id:state/BLR"):
        states().named("The Union")
