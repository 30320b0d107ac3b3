"""Columns kept beside a database: what the database has, and never anything else."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from kg import KnowledgeGraph
from kg.columns import Columns, Dictionary
from kg.facts import Facts
from kg.store.embedded import EmbeddedStore
from kg.store.kept import carry, keep, kept
from kg.vocab import GRAPH, XSD
from tests import fiction

NODES = st.sampled_from([NamedNode(f"urn:{name}") for name in "abc"])
SPELLED = st.one_of(
    st.builds(Literal, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)),
    st.builds(lambda word, tag: Literal(word, language=tag), st.just("x"), st.sampled_from(["en", "EN-gb", "de"])),
    st.builds(
        lambda text, kind: Literal(text, datatype=kind),
        st.sampled_from(["007", "7", "+7", "7.0", "7.10", "1e1", "10", "1", "true", "2001-01-01", "2001-01-01Z"]),
        st.sampled_from([NamedNode(XSD.base + kind) for kind in ("integer", "decimal", "double", "boolean", "date")]),
    ),
)
TRIPLES = st.lists(st.builds(Triple, NODES, NODES, NODES | SPELLED), max_size=12)


@given(said=TRIPLES, counting=TRIPLES)
def test_terms_are_as_the_database_gives_them_back(
    tmp_path_factory: pytest.TempPathFactory, said: list[Triple], counting: list[Triple]
) -> None:
    folder, dictionary = tmp_path_factory.mktemp("kept"), Dictionary()
    dictionary.number(NamedNode("urn:of-no-part"))
    parts = {name: Columns.encode(triples, dictionary) for name, triples in (("a", said), ("b", counting))}
    keep(folder, dictionary, parts)
    found = kept(folder)
    assert found is not None
    terms, columns = found
    for name, triples in (("a", said), ("b", counting)):
        store, graph = EmbeddedStore(), NamedNode("urn:g")
        store.insert(graph, triples)
        assert set(columns[name].decode(terms)) == set(store.triples(graph))
        assert len(columns[name]) == len(triples)
    assert len(terms) == len({term for t in columns["a"].decode(terms) for term in t}
                             | {term for t in columns["b"].decode(terms) for term in t})  # fmt: skip


def check(store: EmbeddedStore) -> None:
    """What is kept beside a store is what it has."""
    assert store.folder is not None and kept(store.folder) is not None
    found, read = Facts.of(store), Facts.of(store.copy())
    assert found.accepted and not read.accepted
    for one, other in ((found.ontology, read.ontology), (found.asserted, read.asserted)):
        assert set(one.decode(found.dictionary)) == set(other.decode(read.dictionary))
        assert len(one) == len(other)
    for view, columns in found.accepted.items():
        assert set(columns.decode(found.dictionary)) == set(store.triples(GRAPH.accepted(view)))


def test_what_is_kept_is_what_the_store_has(store: Path) -> None:
    check(EmbeddedStore.open(store))


def odd(folder: Path) -> EmbeddedStore:
    """A world with numbers that the database spells in its own way."""
    file = folder / "world.ttl"
    told = fiction.transfer() + 'e:deal f:quantity "007"^^xsd:integer ; f:trendIndicatorValue "7.50"^^xsd:decimal .\n'
    file.write_text(fiction.PREFIXES + fiction.CAST + fiction.pact("Norland", "Osteria") + fiction.war() + told)
    graph, _ = KnowledgeGraph.build([file], place=folder / "store")
    assert isinstance(graph.store, EmbeddedStore)
    return graph.store


def test_numbers_that_the_database_spells_otherwise(tmp_path: Path) -> None:
    store = odd(tmp_path)
    check(store)
    graph = KnowledgeGraph.open(tmp_path / "store")
    taken = "DELETE { ?deal f:quantity ?n } WHERE { ?deal f:quantity ?n }"
    found = graph.scenario(update=f"PREFIX f: <https://w3id.org/foedus/ns#> {taken}")
    assert found.revision is not None and len(found.revision.asserted.removed) == 1


@pytest.mark.parametrize("damage", ["missing", "empty", "torn", "other", "changed"])
def test_what_is_damaged_is_passed_over(tmp_path: Path, damage: str) -> None:
    store = odd(tmp_path)
    assert store.folder is not None
    wanted = Facts.of(store)
    file = store.folder / "columns.npz"
    data = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        middle = len(data) // 3
        other = bytes([data[middle] ^ 1])
        changed = {
            "empty": b"",
            "torn": data[: len(data) // 2],
            "other": b"\0" * 500,
            "changed": data[:middle] + other + data[middle + 1 :],
        }
        file.write_bytes(changed[damage])
    assert kept(store.folder) is None
    read = Facts.of(store)
    assert not read.accepted
    assert set(read.asserted.decode(read.dictionary)) == set(wanted.asserted.decode(wanted.dictionary))


def test_a_copy_of_a_store_can_be_moved(store: Path, tmp_path: Path) -> None:
    shutil.copytree(store, tmp_path / "moved")
    check(EmbeddedStore.open(tmp_path / "moved"))


def followed(folder: Path, count: int = 1) -> list[Path]:
    """Folders of a database and of those that follow it, each with a triple more and one less than the one before."""
    folders, dictionary = [folder / str(number) for number in range(count + 1)], Dictionary()
    said = [Columns.encode([Triple(*[NamedNode(f"urn:{number}")] * 3)], dictionary) for number in range(count + 1)]
    for place in folders:
        place.mkdir()
    keep(folders[0], dictionary, {"said": said[0], "gone": said[0]})
    for number, (before, after) in enumerate(pairwise(folders)):
        carry(before, after, dictionary, {"said": (said[number + 1], said[number])})
    return folders


def told(folder: Path) -> dict[str, list[str]] | None:
    found = kept(folder)
    return found and {name: [str(t.subject) for t in part.decode(found[0])] for name, part in found[1].items()}


def test_change_after_change_is_carried_along(tmp_path: Path) -> None:
    folders = followed(tmp_path, 3)
    assert told(folders[0]) == {"said": ["<urn:0>"], "gone": ["<urn:0>"]}
    assert [told(folder) for folder in folders[1:]] == [{"said": [f"<urn:{number}>"]} for number in (1, 2, 3)]


@pytest.mark.parametrize("file", ["columns-earlier.npz", "columns-changes.npz"])
@pytest.mark.parametrize("damage", ["missing", "torn"])
def test_what_was_so_earlier_counts_only_with_what_has_changed(tmp_path: Path, file: str, damage: str) -> None:
    _, after, _ = followed(tmp_path, 2)
    data = (after / file).read_bytes()
    (after / file).unlink()
    if damage == "torn":
        (after / file).write_bytes(data[:-30])
    assert kept(after) is None
    further = tmp_path / "further"
    further.mkdir()
    carry(after, further, Dictionary(), {"said": (Columns.empty(), Columns.empty())})
    assert kept(further) is None


def test_a_part_that_was_not_kept_before_is_none_after(tmp_path: Path) -> None:
    before, after = followed(tmp_path)[0], tmp_path / "after"
    after.mkdir()
    same = (Columns.empty(), Columns.empty())
    carry(before, after, Dictionary(), {"said": same, "fresh": same})
    assert told(after) == {"said": ["<urn:0>"]}


def test_a_file_system_may_have_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", lambda *paths: (_ for _ in ()).throw(PermissionError("no links")))
    _, after = followed(tmp_path)
    assert told(after) == {"said": ["<urn:1>"]}


def test_very_much_is_not_carried_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.store.kept._MANY", 2)
    assert [told(folder) is None for folder in followed(tmp_path, 3)] == [False, False, True, True]
