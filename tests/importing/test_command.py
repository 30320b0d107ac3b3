"""``kg import``: what it writes, what it counts, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat

from kg.cli import main
from kg.importing import OFFERS
from kg.vocab import RDFS
from kg.vouching import vouched


@pytest.mark.parametrize("suffix", [".ttl", ".nt"])
def test_a_file_is_written_and_the_rows_are_counted(
    sipri: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], suffix: str
) -> None:
    out = tmp_path / f"facts{suffix}"
    assert main(["import", "sipri", str(sipri), "--out", str(out)]) == 0
    said = capfd.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0].startswith("kg: sipri: 11 rows read, 6 used, 5 set aside; ")
    assert lines[1] == "kg: nodes made: 7 ArmsTransfer"
    assert "kg: set aside 1: nothing delivered yet (deliveries-to-2024.csv:6)" in lines
    assert "kg: note: 1 rows whose supplier SIPRI calls uncertain are claimed as Speculated" in lines
    assert vouched(out)
    out.write_bytes(out.read_bytes() + b"\n")
    assert not vouched(out)
    count = sum(1 for _ in pyoxigraph.parse(path=str(out)))
    assert f"; {count:,} triples" in lines[0]


def test_without_a_file_turtle_goes_to_standard_output(
    rivalries: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "rivalry", *map(str, rivalries)]) == 0
    text = capfd.readouterr().out
    assert text.startswith("# kg import rivalry, foedus ") and vouched(text.encode())
    assert any(True for _ in pyoxigraph.parse(text, format=RdfFormat.TURTLE))


def test_strict(rivalries: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "facts.ttl"
    assert main(["import", "rivalry", *map(str, rivalries), "--out", str(out), "--strict"]) == 1
    assert "tss.csv:3: 1 rows set aside" in capfd.readouterr().err and not out.exists()
    assert main(["import", "rivalry", str(rivalries[1]), "--out", str(out), "--strict"]) == 0
    assert out.exists()


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["rivalri", "FILE"], 2, "did you mean 'rivalry'?"),
        (["rivalry", "FILE", "--out", "facts.csv"], 2, "use one of .ttl, .nt"),
        (["rivalry"], 2, "Missing argument"),
        (["sipri", "FILE"], 1, "another kind of file"),
        (["rivalry", "FILE", "FILE"], 1, "is named twice"),
    ],
)
def test_what_goes_wrong_is_said(
    rivalries: list[Path], capfd: pytest.CaptureFixture[str], args: list[str], code: int, message: str
) -> None:
    given = [str(rivalries[1]) if arg == "FILE" else arg for arg in args]
    assert main(["import", *given]) == code
    assert message in capfd.readouterr().err


@pytest.mark.parametrize("spelling", ["the same", "a link to it", "a way round to it"])
def test_what_is_read_is_not_written_over(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], sipri: Path, spelling: str
) -> None:
    place = tmp_path / "facts.nt"
    place.write_bytes(sipri.read_bytes())
    out = {"the same": place, "a link to it": tmp_path / "link.nt"}.get(spelling, tmp_path / "x" / ".." / "facts.nt")
    (tmp_path / "x").mkdir()
    if out.name == "link.nt":
        out.symlink_to(place)
    for given in (["sipri", str(place)], ["sipri", str(sipri), "--states", str(place)]):
        assert main(["import", *given, "--out", str(out)]) == 2
        said = capfd.readouterr().err
        assert f"--out {out}: it is read as well" in said and str(place) in said and said.count("\n") == 1
    assert place.read_bytes() == sipri.read_bytes()


def test_help_names_every_publisher_and_its_terms(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "--help"]) == 0
    text = " ".join(capfd.readouterr().out.replace("-\n  ", "-").split())
    for name, offer in OFFERS.items():
        assert f"{name}: {offer.what}." in text and f"({offer.terms})" in text


def test_the_same_bytes_whatever_the_hashes(members: Path) -> None:
    command = [sys.executable, "-m", "kg.cli", "import", "atop-members", str(members)]
    root = Path(__file__).parents[2]
    runs = [
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, cwd=root, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != b""


def test_without_pandas_the_command_says_what_to_install(sipri: Path) -> None:
    program = (
        "import sys; sys.modules['pandas'] = None\n"
        "from kg.cli import main\n"
        f"sys.exit(main(['import', 'sipri', {str(sipri)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "pip install 'foedus[import]'" in done.stderr


def test_a_build_of_two_editions_of_one_data_set_says_so(
    sipri: Path, rivalries: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    later = tmp_path / "deliveries-to-2025.csv"
    later.write_bytes(sipri.read_bytes())
    files = [tmp_path / f"{name}.nt" for name in ("first", "later", "rivalries")]
    for source, given, out in zip(("sipri", "sipri", "rivalry"), ([sipri], [later], rivalries), files, strict=True):
        assert main(["import", source, *map(str, given), "--out", str(out)]) == 0

    def said(*built: Path) -> str:
        capfd.readouterr()
        assert main(["build", *map(str, built), "--one-view", "--store", str(tmp_path / "store")]) == 0
        return capfd.readouterr().err

    title = "SIPRI Arms Transfers Database, trade register, deliveries to"
    twice = f"in common may count twice, build with one of them: {title} 2024; {title} 2025\n"
    assert twice in said(*files)
    # Two lists of rivalries are two data sets, and what has names in two languages is one edition.
    named = tmp_path / "named.nt"
    edition = re.search(rf"\S+(?= {RDFS.label} \"{title} 2024\")", files[0].read_text(encoding="utf-8"))
    assert edition
    named.write_text(f'{edition[0]} {RDFS.label} "Rüstungstransfers bis 2024"@de .\n', encoding="utf-8")
    assert "count twice" not in said(files[0], files[2], named)
