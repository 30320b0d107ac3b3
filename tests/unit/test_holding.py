"""A generation that was replaced stays as long as somebody reads it, and no longer than it has to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.store import holding
from kg.store.embedded import EmbeddedStore
from kg.store.generations import publish
from kg.store.holding import Hold, unheld
from tests.unit.test_store import filled, said

needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="nobody can know who reads")

READER = """
import os, sys
from pathlib import Path
from kg.store.embedded import EmbeddedStore

store = EmbeddedStore.open(Path(sys.argv[1]))
if sys.argv[2] == "copied" and os.fork():
    os._exit(0)
print(store.opened, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    filled("first").publish(tmp_path / "store")
    return tmp_path / "store"


def build_anew(path: Path, times: int = 2, *, linger: float = 0.0) -> None:
    for number in range(times):
        publish(path, filled(f"build {number}")._write, linger=linger)


@contextmanager
def reader(path: Path, how: str = "started") -> Iterator[Path]:
    """Another process that has the generation in use open."""
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin is not None and process.stdout is not None
        yield path / process.stdout.readline().strip()
        process.stdin.close()
        process.stdout.read()  # until the copy has ended too


@needs_locks
@pytest.mark.parametrize(
    "how", ["started", pytest.param("copied", marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="none"))]
)
def test_what_another_process_reads_stays(path: Path, how: str) -> None:
    with reader(path, how) as generation:
        build_anew(path, 3)
        assert (generation / "CURRENT").exists()
    build_anew(path, 1)
    assert not generation.exists() and len(list(path.glob("generation-*"))) == 2


@needs_locks
def test_what_lingers_is_not_removed_while_it_is_read_for_longer(path: Path) -> None:
    with reader(path) as generation:
        build_anew(path, linger=0.01)
        time.sleep(0.02)
        build_anew(path, 1, linger=0.01)
        assert generation.exists()


@needs_locks
def test_who_reads_nothing_for_now_is_no_reader(path: Path) -> None:
    store = EmbeddedStore.open(path)
    assert store.folder is not None
    store.let_be()
    store.hold()
    build_anew(path)
    assert store.folder.exists()
    store.let_be()
    build_anew(path, 1)
    assert not store.folder.exists()


def test_a_reader_writes_nothing(path: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(e): (e.stat().st_mtime_ns, e.stat().st_ino) for e in [path, *path.rglob("*")]}

    before = state()
    assert said(EmbeddedStore.open(path)) == ["first"]
    assert state() == before


def test_where_nobody_can_know_who_reads_it_stays_ten_minutes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "_LOCKS", False)
    store = EmbeddedStore.open(path)
    assert store.folder is not None
    build_anew(path)
    assert store.folder.exists() and said(store) == ["first"]
    hour_ago = time.time() - 3600
    os.utime(store.folder, (hour_ago, hour_ago))
    build_anew(path, 1)
    assert not store.folder.exists()


def test_a_disk_without_locks_is_read_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    store = EmbeddedStore.open(path)
    assert said(store) == ["first"]
    store.let_be()
    store.hold()
    assert store.folder is not None
    for unsure in (True, False):
        with unheld(store.folder, unsure=unsure) as free:
            assert free is unsure


@needs_locks
def test_what_is_being_removed_cannot_be_held(path: Path) -> None:
    folder = EmbeddedStore.open(path).folder
    assert folder is not None
    with unheld(folder, unsure=False) as free:
        assert free and not Hold(folder).take()
    assert Hold(folder).take()


def test_what_was_never_finished_is_held_by_nobody(tmp_path: Path) -> None:
    with unheld(tmp_path, unsure=False) as free:
        assert free
