"""What was written over HTTP stands in no file: a build does not lose it unless it is told to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from kg import KnowledgeGraph
from kg.errors import StoreError, UnknownName
from kg.http.changing import change
from kg.store.embedded import EmbeddedStore
from kg.views import written_sources
from kg.vocab import GRAPH
from tests.cli.conftest import Kg, kg
from tests.cli.test_build import facts
from tests.http.test_update import NOTE
from tests.http.writing import MINE, STATES

__all__ = ["facts", "kg"]

NOTED = Triple(
    NamedNode("https://example.org/s"), NamedNode("https://example.org/p"), NamedNode("https://example.org/o")
)


@pytest.fixture
def place(store: Path, tmp_path: Path) -> Path:
    """A store into which a source has been written, and which has more in one that ships."""
    place = tmp_path / "store"
    EmbeddedStore.open(store).publish(place)
    change(place, lambda copy: copy.update(NOTE % (MINE, 1), "x:y"))
    change(place, lambda copy: copy.update(f"INSERT DATA {{ GRAPH <{STATES}> {{ {NOTED} }} }}", "x:y"))
    return place


def content(place: Path) -> dict[str, set[Triple]]:
    store = EmbeddedStore.open(place)
    return {g.value: set(store.triples(g)) for g in store.graphs() if g != GRAPH.catalog}


def test_the_catalog_says_what_was_written(place: Path, store: Path) -> None:
    assert written_sources(EmbeddedStore.open(place)) == {"mine", "states"}
    assert written_sources(EmbeddedStore.open(store)) == set()
    # What is taken away again is no longer there to be lost.
    change(place, lambda copy: copy.update(f"DROP GRAPH <{MINE}>", "x:y"))
    assert written_sources(EmbeddedStore.open(place)) == {"states"}


def test_a_build_that_would_lose_it_is_refused(kg: Kg, place: Path) -> None:
    before = content(place)
    refused = kg("build", "--store", place)
    assert refused.code == 3 and refused.out == ""
    assert "mine, states were written over HTTP and would be lost" in refused.err
    assert content(place) == before
    assert kg("build", "--store", place, "--drop", "mine").code == 3
    wrong = kg("build", "--store", place, "--drop", "mien")
    assert wrong.code == 2 and "'mine'" in wrong.err


def test_what_the_message_says_keeps_it(kg: Kg, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(place)
    monkeypatch.chdir(tmp_path)
    said = kg("build", "--store", place).err
    export = said.partition("To keep it: kg ")[2].partition(", then name ")[0].split()
    files = said.partition(", then name ")[2].partition(". To lose it")[0].split()
    assert kg(*export).code == 0
    built = kg("build", "--store", place, *files)
    assert built.code == 0, built.err
    assert content(place) == before
    assert written_sources(EmbeddedStore.open(place)) == set()  # they are in files now


def test_what_the_message_says_loses_it(kg: Kg, place: Path, store: Path) -> None:
    said = kg("build", "--store", place).err
    assert kg("build", "--store", place, *said.partition("To lose it: ")[2].split()).code == 0
    assert content(place) == content(store)


def test_the_library_refuses_too(place: Path) -> None:
    with pytest.raises(StoreError, match="written over HTTP"):
        KnowledgeGraph.build(place=place)
    with pytest.raises(UnknownName):
        KnowledgeGraph.build(place=place, dropping=["mine", "states", "other"])
    KnowledgeGraph.build(place=place, dropping=["mine", "states"])


def test_what_is_written_during_a_build_is_not_lost(store: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    EmbeddedStore.open(store).publish(place)

    def write(stage: str) -> None:
        if stage == "validating":
            change(place, lambda copy: copy.update(NOTE % (MINE, 1), "x:y"))

    with pytest.raises(StoreError, match="another graph came into use meanwhile"):
        KnowledgeGraph.build(place=place, progress=write)
    assert written_sources(EmbeddedStore.open(place)) == {"mine"}


def test_a_source_of_a_file_is_no_matter_of_this(kg: Kg, tmp_path: Path, facts: Callable[[str], Path]) -> None:
    place, mine = tmp_path / "store", facts("<https://example.org/s> <https://example.org/p> <https://example.org/o> .")
    assert kg("build", mine, "--store", place).code == 0
    again = kg("build", "--store", place)
    assert again.code == 0 and "no longer in the graph" in again.err
