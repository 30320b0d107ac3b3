"""A writer that is killed at any moment leaves a whole graph, the old or the new one, and the next one can write."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import Quad, RdfFormat, Triple

from kg.http.changing import change
from kg.http.writable import Writable
from kg.store.embedded import EmbeddedStore
from kg.vocab import GRAPH
from tests.fiction import PREFIXES, graph, pact, transfer, war
from tests.http.conftest import ROOT

WAR = GRAPH.asserted("war")
KILLS = 6
CHILD = """
import sys
from pathlib import Path
from kg.http.changing import change
from kg.http.concluding import Conclusions
from tests.http.test_killed import toggled
kept = Conclusions()
while True:
    change(Path(sys.argv[1]), toggled, kept)
    print("done", flush=True)
"""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing is killed like this here")


def toggled(store: Writable) -> None:
    """The war comes where it was not, and goes where it was."""
    there = any(True for _ in store.triples(WAR))
    quads = pyoxigraph.parse(PREFIXES + war(), format=RdfFormat.TURTLE)
    store.replace(WAR, () if there else (Quad(q.subject, q.predicate, q.object, WAR) for q in quads))


def content(store: EmbeddedStore) -> dict[str, set[Triple]]:
    return {g.value: set(store.triples(g)) for g in store.graphs()}


def test_killed_in_the_middle(tmp_path: Path) -> None:
    place, chance = tmp_path / "store", random.Random(7)
    graph(tmp_path, pact("Norland", "Osteria"), transfer()).store.publish(place)
    change(place, toggled)
    change(place, toggled)
    without = content(EmbeddedStore.open(place))
    change(place, toggled)
    with_war = content(EmbeddedStore.open(place))
    betrayal = GRAPH.inferred("reported").value
    assert len(with_war[betrayal]) > len(without[betrayal])
    at_war = True
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(place)], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert child.stdout is not None
        done = chance.randrange(1, 4)
        for _ in range(done):
            assert child.stdout.readline() == "done\n"
        begun = time.perf_counter()
        while time.perf_counter() - begun < chance.uniform(0, 0.4):
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate()
        at_war ^= (done + rest.count("done")) % 2 == 1
        # What was told to be done is; what was not told may be.
        found = content(EmbeddedStore.open(place))
        assert found in ((with_war, without) if at_war else (without, with_war))
        if found != (with_war if at_war else without):
            at_war = not at_war
    change(place, toggled)
    assert content(EmbeddedStore.open(place)) == (without if at_war else with_war)
    names = {entry.name for entry in place.iterdir()}
    assert {name for name in names if not name.startswith("generation-")} == {"current", "lock"}


@pytest.mark.parametrize("step", ["linked", "published"])
def test_what_a_dead_writer_left_is_removed_and_what_a_living_one_makes_is_not(tmp_path: Path, step: str) -> None:
    place = tmp_path / "store"
    graph(tmp_path, pact("Norland", "Osteria")).store.publish(place)
    dead = place / "unfinished-dead"
    dead.mkdir()
    (dead / "lock").touch()
    with Writable.of(EmbeddedStore.open(place)) as living:
        assert not dead.exists()
        if step == "published":
            change(place, toggled)
        else:
            with Writable.of(EmbeddedStore.open(place)):
                pass
        toggled(living)
        assert living.changes()[0]


def test_a_reader_goes_on_reading_what_was_replaced(tmp_path: Path) -> None:
    """A generation stays for as long as a reader may want it, for its files are opened one by one."""
    place = tmp_path / "store"
    graph(tmp_path, pact("Norland", "Osteria"), transfer()).store.publish(place)
    reader = EmbeddedStore.open(place)
    wanted = content(EmbeddedStore.open(place))
    for _ in range(4):
        change(place, toggled)
    assert content(reader) == wanted
    kept = [entry for entry in place.iterdir() if entry.name.startswith("generation-")]
    assert len(kept) == 5
    for entry in kept:
        os.utime(entry, (0, 0))
    change(place, toggled)
    # The one in use, the one before it, and the one that is read.
    assert len([entry for entry in place.iterdir() if entry.name.startswith("generation-")]) == 3
    assert content(reader) == wanted
    reader.let_be()
    change(place, toggled)
    assert reader.folder is not None and not reader.folder.exists()


def test_a_change_shares_the_files_that_it_leaves_alone(tmp_path: Path) -> None:
    place = tmp_path / "store"
    # Long enough that what every write touches, such as the catalog, is little of it.
    others = (transfer(name=f"sale-{n}", supplier="Pellmark", recipient="Norland") for n in range(20))
    graph(tmp_path, pact("Norland", "Osteria"), transfer(), *others).store.publish(place)
    size = sum(file.stat().st_size for file in place.rglob("*.sst"))
    change(place, toggled)
    seen = {file.stat().st_ino: file.stat().st_size for file in place.rglob("*.sst")}
    assert sum(seen.values()) < 1.5 * size


def test_a_file_system_without_hard_links_gets_copies(tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs another file system")
    place = tmp_path / "store"
    graph(tmp_path, pact("Norland", "Osteria")).store.publish(place)
    folder = shared / f"foedus-{os.getpid()}"
    try:
        EmbeddedStore.open(place).linked(folder)
        assert content(EmbeddedStore(pyoxigraph.Store(str(folder)))) == content(EmbeddedStore.open(place))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
