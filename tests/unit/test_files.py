"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.errors import StoreError
from kg.files import write_file


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


def test_folders_are_made_only_where_asked_for(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        write_file(tmp_path / "new" / "a", b"")
    assert write_file(tmp_path / "new" / "a", b"", parents=True).read_bytes() == b""
    with pytest.raises(StoreError, match="cannot be written"):
        write_file(tmp_path / "new", b"")
