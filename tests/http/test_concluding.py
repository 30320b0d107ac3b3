"""What a writer keeps from one change to the next, and works out before it is asked."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from kg.http import concluding
from kg.http.changing import change
from kg.http.concluding import Conclusions
from kg.http.lines import changed, digest, line, lines_of
from kg.http.writable import Writable
from kg.revising import Said
from kg.serializing import serialize
from kg.statistics import Statistics, noted_sizes
from kg.store.embedded import EmbeddedStore
from kg.terms import GENID
from kg.vocab import GRAPH
from tests.fiction import graph, pact, transfer
from tests.http.test_killed import content, toggled

G = GRAPH.asserted("odd")
ODD: list[NamedNode | Literal] = [
    Literal("tab\tline\nreturn\rquote\"back\\slash"),
    Literal("\x00\x07\x7f\x85\u2028"),
    Literal("ä€😀", language="de"),
    Literal("x", language="en-GB"),
    Literal("x"),
    Literal("1", datatype=NamedNode("x:d")),
    Literal(1),
    Literal(True),
    Literal(1.5),
    NamedNode("x:ä"),
    NamedNode("x:a%20b"),
]  # fmt: skip
QUADS = [Quad(NamedNode(f"x:{n}"), NamedNode("x:p"), term, G) for n, term in enumerate(ODD)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    graph(tmp_path, pact("Norland", "Osteria"), transfer()).store.publish(tmp_path / "store")
    return tmp_path / "store"


def never(*args: object) -> Said:
    raise AssertionError("all is read anew")


def wait_for(kept: Conclusions, place: Path) -> None:
    begun = time.monotonic()
    while not kept.lines(EmbeddedStore.open(place)):
        assert time.monotonic() - begun < 60
        time.sleep(0.05)


def test_what_is_kept_is_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Conclusions()
    change(place, toggled, kept)
    at_war = content(EmbeddedStore.open(place))
    monkeypatch.setattr(Said, "read", never)
    for _ in range(2):
        change(place, toggled, kept)
    assert content(EmbeddedStore.open(place)) == at_war


def test_another_generation_is_read_anew(place: Path) -> None:
    kept = Conclusions()
    change(place, toggled, kept)
    change(place, toggled)
    change(place, toggled, kept)
    at_war = content(EmbeddedStore.open(place))
    change(place, toggled, kept)
    change(place, toggled)
    assert content(EmbeddedStore.open(place)) == at_war


def test_what_a_change_needs_is_worked_out_before_it_comes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concluding, "_PAUSE", 0.02)
    kept = Conclusions()
    threading.Thread(target=kept.stay_ready, args=(place,), daemon=True).start()
    wait_for(kept, place)
    # Another process changes the graph.
    change(place, toggled)
    wait_for(kept, place)
    without = content(EmbeddedStore.open(place))
    monkeypatch.setattr(Said, "read", never)
    change(place, toggled, kept)
    change(place, toggled, kept)
    assert content(EmbeddedStore.open(place)) == without


def test_a_store_that_cannot_be_read_ends_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(concluding, "_PAUSE", 0.02)
    current = place / "current"
    named = current.read_text()
    current.write_text("generation-none\n")
    kept = Conclusions()
    threading.Thread(target=kept.stay_ready, args=(place,), daemon=True).start()
    begun = time.monotonic()
    while "will take longer" not in caplog.text:
        assert time.monotonic() - begun < 60
        time.sleep(0.02)
    current.write_text(named)
    wait_for(kept, place)


def test_what_is_worn_is_worked_out_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concluding, "_WORN", 5)
    kept = Conclusions()
    change(place, toggled, kept)
    assert not kept.lines(EmbeddedStore.open(place))


def test_lines_are_those_of_the_store_whichever_way_they_come() -> None:
    store = EmbeddedStore()
    store._database.extend(QUADS)
    assert lines_of(store, G) == sorted(map(line, QUADS)) == changed([], QUADS, [])
    assert changed(lines_of(store, G), [], QUADS[3:]) == changed([], QUADS[:3], [])
    many = [Quad(NamedNode(f"x:{n}"), NamedNode("x:p"), Literal(n), G) for n in range(3000)]
    assert changed(changed([], many, []), QUADS, many[:2999]) == sorted(map(line, [*QUADS, many[-1]]))


@pytest.mark.parametrize("named", ["x:s", f"{GENID}a/c14n0"])
def test_the_digest_is_that_of_the_graph_as_sorted_n_triples(named: str) -> None:
    from hashlib import sha256

    triples = [Triple(NamedNode(named), NamedNode("x:p"), term) for term in (*ODD, NamedNode(named))]
    text = serialize(triples, RdfFormat.N_TRIPLES)
    lines = changed([], [Quad(t.subject, t.predicate, t.object, G) for t in triples], [])
    assert digest(lines) == sha256(text).hexdigest()
    again = pyoxigraph.parse(text, format=RdfFormat.N_TRIPLES)
    assert any(isinstance(quad.subject, BlankNode) for quad in again) == named.startswith(GENID)


def test_a_long_graph_is_not_counted_with_every_change(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Statistics.noted(EmbeddedStore.open(place), "reported") is not None
    monkeypatch.setattr(concluding, "_COUNTED", 1)
    kept, node = Conclusions(), NamedNode("x:s")
    store = EmbeddedStore.open(place)
    with Writable.of(store) as after:
        quad = Quad(node, node, Literal(1), G)
        after.put([quad])
        after_known = kept.draw(after, frozenset([quad]), frozenset(), [G.value])
        kept.publish(after, after_known)
    written = EmbeddedStore.open(place)
    assert Statistics.noted(written, "reported") is None
    sizes = noted_sizes(written)
    assert all(sizes[g] == sum(1 for _ in written.triples(g)) for g in written.graphs() if g != GRAPH.catalog)
