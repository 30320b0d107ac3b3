"""The picture of the benchmarks: whatever tables are there, and nothing where none is."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.__main__ import main
from tests.benchmarks.machine import machine
from tests.benchmarks.picture import draw
from tests.benchmarks.timing import peak

TABLES = {
    "reasoning": "triples,engine,median_seconds\n100,compiled,0.1\n1000,compiled,0.2\n100,owlrl,9\n",
    "rules": "scale,triples,what,median_seconds\n0,0,compiling,1\n1,9,compiled: 5 triples,0.1\n1,9,triangle: x,1\n",
    "revising": "scale,triples,what,conclusions_changed,median_seconds\n1,9,anew,0,1\n1,9,War put back,4,0.1\n",
    "serving": "triples,task,server,requests_per_second,p99_seconds,wrong\n9,one,kg serve,5,1,0\n9,rows,kg serve,1,,\n",
}


def test_each_table_alone_and_all_together(tmp_path: Path) -> None:
    assert draw(tmp_path) == []
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
        for file in draw(tmp_path):
            assert file.stat().st_size > 1000
    words = (tmp_path / "benchmarks.svg").read_text()
    assert all(title in words for title in ("OWL 2 RL closure", "all dated rules", "one fact changed", "serving"))


def test_what_figures_are_judged_by() -> None:
    told = dict(machine())
    assert told["cores"].isdigit()
    assert {"date", "commit", "processor", "memory", "system", "python", "pyoxigraph", "owlrl"} <= told.keys()
    assert all(told.values())


def test_the_peak_is_of_the_process_alone() -> None:
    held = bytearray(200 * 2**20)
    assert peak("pass") < 100 < peak("held = bytearray(150 * 2**20)") < 2**20
    del held


def test_an_argument_that_means_nothing() -> None:
    assert main(["large"]) == 2
