"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.errors import StoreError
from kg.files import write_file, write_files, writing


def test_what_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write_file(tmp_path / "answer.csv", b"old\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match=r"answer\.csv: cannot be written: No space left on device"):
        write_file(place, b"new\n")
    assert [path.name for path in tmp_path.iterdir()] == ["answer.csv"] and place.read_bytes() == b"old\n"


def test_a_link_and_the_mode_of_a_file_stay(tmp_path: Path) -> None:
    place, link = tmp_path / "answer.csv", tmp_path / "latest.csv"
    place.write_bytes(b"old\n")
    place.chmod(0o600)
    link.symlink_to(place)
    write_file(link, b"new\n")
    assert link.is_symlink() and place.read_bytes() == b"new\n" and place.stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(pipe, b"told\n")
        assert os.read(reading, 100) == b"told\n" and pipe.is_fifo()
    finally:
        os.close(reading)


def test_folders_are_made_only_for_a_set_of_files(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        write_file(tmp_path / "new" / "a", b"")
    (written,) = write_files(tmp_path / "new", [("a", b"")])
    assert written == tmp_path / "new" / "a" and written.read_bytes() == b""
    with pytest.raises(StoreError, match="cannot be written"):
        write_file(tmp_path / "new", b"")


def _held(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("step", ["made", "written", "moved"])
def test_of_a_set_of_files_all_are_new_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, links: bool
) -> None:
    write_files(tmp_path, [("a.csv", b"old a"), ("sub/b.csv", b"old b")])
    before = _held(tmp_path)

    def new() -> Iterator[tuple[str, bytes]]:
        yield "a.csv", b"new a"
        yield "c/d/new.csv", b"new"
        if step == "made":
            raise ValueError("no third table")
        yield "sub/b.csv", b"new b"

    real = Path.replace
    if step == "written":
        monkeypatch.setattr(Path, "chmod", _full_at(tmp_path / "sub", Path.chmod))
    if step == "moved":
        monkeypatch.setattr(Path, "replace", _full_at(tmp_path / "sub", real, only_once=True))
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", _full_at(tmp_path, Path.hardlink_to))
    with pytest.raises((StoreError, ValueError), match=r"b\.csv: cannot be written: No space left|no third table"):
        write_files(tmp_path, new())
    assert _held(tmp_path) == before
    monkeypatch.undo()
    step = "none"
    assert [path.name for path in write_files(tmp_path, new())] == ["a.csv", "new.csv", "b.csv"]
    assert {**before, "a.csv": b"new a", "sub/b.csv": b"new b", "c": b"", "c/d": b"", "c/d/new.csv": b"new"} == _held(
        tmp_path
    )


def _full_at(folder: Path, real: Callable[..., object], *, only_once: bool = False) -> Callable[..., object]:
    """A function of a file that fails below a folder, as a full disk has it."""
    failed: list[Path] = []

    def full(path: Path, *rest: object) -> object:
        if folder in path.parents and not (only_once and failed):
            failed.append(path)
            raise OSError(28, "No space left on device")
        return real(path, *rest)

    return full


def test_a_set_of_files_follows_links_and_replaces_no_folder(tmp_path: Path) -> None:
    place, link = tmp_path / "kept" / "a.csv", tmp_path / "out" / "a.csv"
    for folder in (place.parent, link.parent):
        folder.mkdir()
    place.write_bytes(b"old")
    link.symlink_to(place)
    write_files(link.parent, [("a.csv", b"new")])
    assert link.is_symlink() and place.read_bytes() == b"new"
    with pytest.raises(StoreError, match="kept: cannot be written: what is there is no file"):
        write_files(tmp_path, [("new", b""), ("kept", b"")])
    assert not (tmp_path / "new").exists() and place.exists()


def test_what_says_already_what_is_wrong_is_said_as_it_is(tmp_path: Path) -> None:
    said = StoreError("another process has been writing")
    with pytest.raises(StoreError) as caught, writing(tmp_path):
        raise said
    assert caught.value is said
    with pytest.raises(StoreError, match="db: cannot be written: IO error: no space"), writing(Path("db")):
        raise OSError("IO error: no space")
