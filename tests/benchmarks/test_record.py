"""From the publishers' files to an answered question, in memory and on disk: seconds by stage, and the most memory.

Without more, a made-up record takes the place of what ``kg import`` writes. With ``FOEDUS_BENCHMARK=full`` the files in
``../shared/data`` are imported, all at once, and built; where they are missing the made-up record is as long as they
are. The table goes to ``build/benchmarks/record.csv``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat

from kg.resources import graph_files
from kg.vouching import vouch
from tests.benchmarks.record import asserted
from tests.benchmarks.timing import FULL, ROOT, write_table
from tests.history.conftest import PUBLISHED

MEMORY = 2048
"""MiB that the published record may take in memory."""
SCALE = 1.0 if FULL else 0.02
FILES = {
    "atop-members": "atop/atop-member-level.csv",
    "sipri": "sipri/trade-register_deliveries-to-2024.csv",
    "ucdp-dyadic": "ucdp/Dyadic_v24_1.csv",
    "rivalry": "rivalry/tss_rivalries.csv",
}
BUILD = """
import json, sys, time
from pathlib import Path
begun = time.perf_counter()
from kg import KnowledgeGraph
marks = []
place = Path(sys.argv[1]) if sys.argv[1] else None
graph, report = KnowledgeGraph.build(sys.argv[2:], one_view=True, place=place,
    progress=lambda stage: marks.append((stage, time.perf_counter())))
marks.append(("answering", time.perf_counter()))
answer = graph.ask("allies-supplying-adversary", supplier="Belarus", adversary="Azerbaijan", grain="year")
marks.append(("", time.perf_counter()))
stages = [("starting", marks[0][1] - begun)]
stages += [(stage, end - at) for (stage, at), (_, end) in zip(marks, marks[1:])]
from tests.benchmarks.timing import own_peak
peak = own_peak()
view = report.view
print(json.dumps({"stages": stages, "peak": peak, "rows": len(answer), "asserted": report.asserted,
    "added": view.derived + view.inferred}))
"""


def imported(folder: Path) -> list[Path]:
    """The publishers' files as ``kg import`` writes them, each by a process of its own and all at once."""
    running = []
    for source, name in FILES.items():
        out = folder / f"{source}.nt"
        command = [sys.executable, "-m", "kg.cli", "import", source, str(PUBLISHED / name), "--out", str(out)]
        running.append((out, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
    assert all(process.wait() == 0 for _, process in running)
    return [out for out, _ in running]


def made_up(folder: Path) -> list[Path]:
    """A record that nobody published, in a file as ``kg import`` writes them."""
    written = pyoxigraph.serialize(asserted(SCALE), format=RdfFormat.N_TRIPLES)
    assert isinstance(written, bytes)
    (folder / "record.nt").write_bytes(vouch("made-up", written))
    return [folder / "record.nt"]


@pytest.mark.benchmark
def test_from_files_to_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = FULL and all((PUBLISHED / name).is_file() for name in FILES.values())
    begun = time.perf_counter()
    files = imported(tmp_path) if real else made_up(tmp_path)
    importing = time.perf_counter() - begun if real else 0.0
    sources = [*graph_files(), *files]
    rows: list[tuple[str, str, float]] = []
    with capsys.disabled():
        print(f"\nfrom {'the published files' if real else 'a made-up record'} to an answer")
        for kind, place in (("memory", ""), ("disk", str(tmp_path / "store"))):
            done = subprocess.run(
                [sys.executable, "-c", BUILD, place, *map(str, sources)],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            )
            told = json.loads(done.stdout)
            stages = [("importing", importing), *told["stages"]]
            total = sum(seconds for _, seconds in stages)
            rows += [(kind, stage, seconds) for stage, seconds in (*stages, ("total", total))]
            rows.append((kind, "peak MiB", told["peak"]))
            print(f"  in {kind}: {told['asserted']:,} triples, {told['added']:,} follow; {told['peak']:,.0f} MiB")
            print(
                "".join(f"    {stage:32}{seconds:8.2f} s\n" for stage, seconds in (*stages, ("total", total))), end=""
            )
            assert told["rows"] >= 1
            assert not real or place or told["peak"] < MEMORY
    write_table("record", ("store", "stage", "seconds"), ((k, s, f"{t:.3f}") for k, s, t in rows))
