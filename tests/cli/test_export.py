"""``kg export``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import rdflib

from tests.cli.conftest import Kg


def test_parts_are_apart_and_can_be_read(kg: Kg, tmp_path: Path) -> None:
    result = kg("export", "--out", tmp_path, "--format", "ttl", "--format", "csv", "--grounded-owl")
    assert result.code == 0 and result.err == ""
    written = [Path(line) for line in result.out.splitlines()]
    assert sorted(written) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    names = {str(path.relative_to(tmp_path)) for path in written}
    assert {"accepted.ttl", "inferred.ttl", "grounded.ttl", "asserted/states.ttl"} <= names
    assert "tables/allies-supplying-adversary.csv" in names
    assert len(rdflib.Graph().parse(tmp_path / "inferred.ttl")) > 0


def test_out_is_required(kg: Kg) -> None:
    result = kg("export")
    assert result.code == 2 and "--out" in result.line


def test_a_form_that_is_not_there(kg: Kg, tmp_path: Path) -> None:
    assert kg("export", "--out", tmp_path, "--format", "yaml").code == 2


def test_a_folder_that_cannot_be_made(kg: Kg, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = kg("export", "--out", file / "folder")
    assert result.code == 3 and "cannot be written" in result.line


def test_tables_come_with_a_codebook(kg: Kg, tmp_path: Path) -> None:
    result = kg("export", "--tables", tmp_path, "--years", "2016-2020")
    assert result.code == 0 and result.err == ""
    names = {Path(line).name for line in result.out.splitlines()}
    assert names == {path.name for path in tmp_path.iterdir()}
    assert {"codebook.md", "datapackage.json", "triad-year.csv", "triad-year.parquet", "episode.csv"} <= names
    rows = (tmp_path / "triad-year.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["2018", "2019", "2020"]


@pytest.mark.parametrize("given", [("--tables",), ("--format", "nt", "--format", "csv", "--out")])
def test_what_fails_half_way_leaves_the_files_before(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...]
) -> None:
    assert kg("export", *given, tmp_path, "--policy", "facts").code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    real = tempfile.mkstemp
    left = [3]

    def full(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    result = kg("export", *given, tmp_path, "--policy", "alleged")
    assert result.code == 3 and "cannot be written: No space left on device" in result.line
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--format", "ttl", "--tables", "t"], "give --out DIR"),
        (["--out", "o", "--years", "1816-2024"], "give --tables DIR"),
        (["--tables", "t", "--years", "lately"], "such as 1816-2024"),
        (["--tables", "t", "--years", "2020-2010"], "has to come before"),
    ],
)
def test_options_that_do_not_go_together(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = kg("export", *given)
    assert result.code == 2 and message in result.line
