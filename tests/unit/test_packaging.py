"""The distribution works on a machine that has nothing but Python: away from its sources, with its data inside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.readme import README, ROOT, SET_UP, blocks, set_up_line

ENV = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")}
NOT_SOURCES = shutil.ignore_patterns(".git", ".venv", "build", "dist", "*.egg-info", ".*_cache", "__pycache__")


def test_the_line_of_the_readme_sets_up_and_runs_the_main_job(tmp_path: Path) -> None:
    checkout = Path(shutil.copytree(ROOT, tmp_path / "foedus", ignore=NOT_SOURCES))
    line = set_up_line("kg build")
    env = ENV | {"FOEDUS_STORE": str(tmp_path / "store")}
    done = subprocess.run(["bash", "-c", line], cwd=checkout, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (block,) = [b for b in blocks(README.read_text(encoding="utf-8")) if line in b.commands]
    assert done.stdout == block.text.partition("\n")[2]

    # Away from the sources, which are gone, the installed package finds its ontology, facts and questions by itself.
    venv = Path(shutil.move(checkout / ".venv", tmp_path / "moved"))
    shutil.rmtree(checkout)
    ask = "import sys; from kg.cli import main; sys.exit(main())"
    asked = subprocess.run(
        [venv / "bin" / "python", "-c", ask, "ask", "allies-supplying-adversary", "--state", "Armenia", "--format=csv"],
        cwd=tmp_path,
        env=ENV | {"FOEDUS_STORE": str(tmp_path / "new")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.splitlines()[1].startswith("Belarus,Azerbaijan,Armenia,")
    assert "building it once" in asked.stderr


def test_the_wheel_built_from_the_sdist_carries_the_data(tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT, tmp_path / "foedus", ignore=NOT_SOURCES)
    command = [sys.executable, "-m", "build", "--outdir", str(tmp_path / "dist")]
    subprocess.run(command, cwd=copy, env=ENV, capture_output=True, check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        (metadata,) = [archive.read(name).decode() for name in inside if name.endswith(".dist-info/METADATA")]
    data = [p for folder in ("ontology", "graph", "queries") for p in (ROOT / folder).rglob("*") if p.is_file()]
    assert {f"kg/_data/{path.relative_to(ROOT)}" for path in data} <= inside
    assert {"kg/py.typed", "kg/explaining/proof.schema.json"} <= inside
    assert not [name for name in inside if name.startswith(("tests/", "ontology/"))]
    assert "License-Expression: Apache-2.0 AND CC-BY-4.0" in metadata
    (sdist,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {"README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "tests/readme.py"} <= names


def test_the_version_is_the_same_everywhere() -> None:
    from kg import __version__
    from kg.resources import ontology_files

    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for path in ontology_files():
        assert f'owl:versionInfo "{__version__}"' in path.read_text(encoding="utf-8"), path.name


def test_ci_runs_the_line_of_the_readme_and_no_other() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert set_up_line("-m tests").startswith(SET_UP)
    assert "README.md" in script and "pip install" not in script
