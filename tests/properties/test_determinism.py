"""The same inputs give the same bytes, whatever the hash seed and the order of files and triples."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kg import KnowledgeGraph
from kg.resources import graph_files

SCRIPT = """
import sys
from kg import KnowledgeGraph
graph, _ = KnowledgeGraph.build(sys.argv[2:])
graph.export(sys.argv[1], ["ttl", "nt", "trig", "jsonld", "csv"], grounded_owl=True)
"""


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def shuffled(path: Path, folder: Path) -> Path:
    """The same file with its blocks in another order."""
    prefixes, *blocks = path.read_text(encoding="utf-8").split("\n\n")
    random.Random(7).shuffle(blocks)
    copy = folder / path.name
    copy.write_text("\n\n".join([prefixes, *blocks]) + "\n", encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    found = []
    orders = [graph_files(), list(reversed(graph_files()))]
    orders.append([shuffled(path, tmp_path_factory.mktemp("shuffled")) for path in graph_files()])
    for seed, files in zip(("0", "1", "4242"), orders, strict=True):
        out = tmp_path_factory.mktemp("export")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.run([sys.executable, "-c", SCRIPT, str(out), *map(str, files)], check=True, env=environment)
        found.append(digests(out))
    return found


def test_exports_are_byte_identical(exports: list[dict[str, str]]) -> None:
    first, *others = exports
    assert len(first) > 20
    for other in others:
        assert other == first


def test_export_then_load_is_the_same_graph(tmp_path: Path) -> None:
    graph, _ = KnowledgeGraph.build()
    graph.export(tmp_path / "one")
    again, _ = KnowledgeGraph.build(sorted((tmp_path / "one" / "asserted").glob("*.ttl")))
    again.export(tmp_path / "two")
    assert digests(tmp_path / "two") == digests(tmp_path / "one")


def test_a_store_on_disk_exports_what_the_one_in_memory_did(tmp_path: Path) -> None:
    graph, _ = KnowledgeGraph.build()
    graph.store.publish(tmp_path / "store")
    graph.export(tmp_path / "one", ["ttl", "csv"])
    KnowledgeGraph.open(tmp_path / "store").export(tmp_path / "two", ["ttl", "csv"])
    assert digests(tmp_path / "two") == digests(tmp_path / "one")
