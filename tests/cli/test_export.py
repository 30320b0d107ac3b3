"""``kg export``."""

from __future__ import annotations

from pathlib import Path

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
