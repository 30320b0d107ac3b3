from __future__ import annotations

import contextlib
import gc
import threading
from pathlib import Path

import pyoxigraph
import pytest
from filelock import FileLock
from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import QueryError, StoreError
from kg.store import generations
from kg.store.embedded import EmbeddedStore
from kg.store.generations import Overtaken

G = NamedNode("https://example.org/g")


def filled(text: str) -> EmbeddedStore:
    store = EmbeddedStore()
    store.insert(G, [Triple(NamedNode("https://example.org/s"), NamedNode("https://example.org/p"), Literal(text))])
    return store


def said(store: EmbeddedStore) -> list[str]:
    return [t.object.value for t in store.triples(G)]  # type: ignore[union-attr]


def test_publish_then_open_gives_the_same(tmp_path: Path) -> None:
    filled("x").publish(tmp_path / "store")
    opened = EmbeddedStore.open(tmp_path / "store")
    assert list(opened.quads()) == list(filled("x").quads())
    assert opened.graphs() == [G]


def test_publishing_again_replaces_and_keeps_the_generation_being_read(tmp_path: Path) -> None:
    path = tmp_path / "store"
    filled("one").publish(path)
    reader = EmbeddedStore.open(path)
    filled("two").publish(path)
    assert said(reader) == ["one"]
    assert said(EmbeddedStore.open(path)) == ["two"]
    filled("three").publish(path)
    assert len(list(path.glob("generation-*"))) == 3
    assert said(reader) == ["one"]
    del reader
    gc.collect()
    filled("four").publish(path)
    assert len(list(path.glob("generation-*"))) == 2


def test_only_the_generation_that_was_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "store"
    first = filled("one").publish(path)
    assert first == EmbeddedStore.generation(path)
    second = filled("two").publish(path, replacing=first)
    assert second == EmbeddedStore.generation(path)
    with pytest.raises(Overtaken, match="nothing was written"):
        filled("three").publish(path, replacing=first)
    assert said(EmbeddedStore.open(path)) == ["two"] and EmbeddedStore.generation(path) == second
    assert {entry.name for entry in path.iterdir()} == {"current", "lock", first, second}


def test_of_many_that_replace_one_generation_one_does(tmp_path: Path) -> None:
    path = tmp_path / "store"
    first = filled("first").publish(path)
    done: list[str] = []

    def replace(text: str) -> None:
        with contextlib.suppress(Overtaken):
            filled(text).publish(path, replacing=first)
            done.append(text)

    threads = [threading.Thread(target=replace, args=(f"writer {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1 and said(EmbeddedStore.open(path)) == done


def test_who_publishes_while_another_does_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store"
    filled("old").publish(path)
    with FileLock(path / "lock"):
        monkeypatch.setattr(generations, "_PATIENCE", 0.1)
        with pytest.raises(StoreError, match="another process has been writing"):
            filled("new").publish(path)
        # A reader does not wait.
        assert said(EmbeddedStore.open(path)) == ["old"]
    filled("new").publish(path)
    assert said(EmbeddedStore.open(path)) == ["new"]


def test_a_folder_with_nothing_but_a_lock_is_empty(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    filled("x").publish(tmp_path)
    assert said(EmbeddedStore.open(tmp_path)) == ["x"]


def test_no_store_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kg build --store"):
        EmbeddedStore.open(tmp_path / "none")


@pytest.mark.parametrize("damage", ["pointer", "generation", "database"])
def test_a_damaged_store_is_said_to_be_damaged(tmp_path: Path, damage: str) -> None:
    import shutil

    path = tmp_path / "store"
    filled("x").publish(path)
    (generation,) = path.glob("generation-*")
    match damage:
        case "pointer":
            (path / "current").write_text("../elsewhere")
        case "generation":
            shutil.rmtree(generation)
        case "database":
            (generation / "CURRENT").unlink()
    with pytest.raises(StoreError, match="build it again"):
        EmbeddedStore.open(path)


def test_a_folder_of_something_else_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="other files"):
        filled("x").publish(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_write_that_fails_leaves_the_old_store_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store"
    filled("old").publish(path)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="No space left"):
        filled("new").publish(path)
    monkeypatch.undo()
    assert said(EmbeddedStore.open(path)) == ["old"]
    assert len(list(path.glob("generation-*"))) == 1
    assert not list(path.glob("current.*"))


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    filled("x").publish(tmp_path / "store")
    with pytest.raises(StoreError, match="cannot be written"):
        EmbeddedStore.open(tmp_path / "store").insert(G, filled("y").triples(G))


@pytest.mark.parametrize("text", ["SELEC ?x", "INSERT DATA { <a:a> <a:b> <a:c> }", "SELECT ?x WHERE { ?x", ""])
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="does not parse"):
        EmbeddedStore().query(text)


def test_copy_is_apart() -> None:
    store = filled("x")
    twin = store.copy()
    twin.drop(G)
    assert said(store) == ["x"]
    assert twin.graphs() == []


def test_the_default_graph_is_the_union_of_those_named() -> None:
    store = filled("x")
    query = "ASK { ?s ?p ?o }"
    assert bool(store.query(query, default_graphs=[G]))
    assert not bool(store.query(query, default_graphs=[NamedNode("https://example.org/other")]))
    assert isinstance(store.query(query), pyoxigraph.QueryBoolean)
