"""A server that is killed in the middle of a build loses nothing."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import Inconsistency, QueryError, StoreError
from kg.reasoning import Certificate
from kg.reasoning.sparql import Closed, Host, Inexpressible
from kg.remote import concluding, load
from kg.rules import load_rules
from kg.store import transport
from kg.store.embedded import EmbeddedStore
from kg.store.endpoint import Endpoint
from kg.store.remote import RemoteStore
from kg.store.switching import STAGING
from kg.store.transport import Transport
from kg.vocab import DCTERMS, GRAPH
from tests.stores.servers import Server

P = NamedNode("https://example.org/p")
ONE, TWO, ONLY_ONE = (GRAPH.asserted(name) for name in ("one", "two", "only-one"))
STEPS = ("load", "rule", "reason", "journal", "switch", "unjournal", "clean")


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_PAUSE", 0.01)
    # One rule is enough to be killed before.
    monkeypatch.setattr(concluding, "load_rules", lambda: load_rules()[-1:])


def graph(said: str, *, size: int = 5) -> EmbeddedStore:
    store = EmbeddedStore()
    for name in (GRAPH.catalog, GRAPH.ontology, ONE, TWO, *([ONLY_ONE] if said == "old" else [])):
        nodes = (NamedNode(f"https://example.org/{n}") for n in range(size))
        store.insert(name, [Triple(node, P, Literal(f"{said} {name.value}")) for node in nodes])
    return store


def content(store: EmbeddedStore | RemoteStore) -> dict[str, set[Triple]]:
    return {g.value: set(store.triples(g)) for g in store.graphs()}


def build(server: Server, near: EmbeddedStore, before: object = None) -> RemoteStore:
    staged = RemoteStore.connect(server.settings).stage()
    return load(staged, near, ["reported"], before=before or (lambda step: None))  # type: ignore[arg-type]


def staging(server: Server) -> list[str]:
    return Endpoint(Transport(server.settings)).names(STAGING)


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_a_step(mortal: Server, step: str) -> None:
    old, new = graph("old"), graph("new")
    build(mortal, old)

    def before(reached: str) -> None:
        if reached == step:
            mortal.kill()

    with pytest.raises(StoreError, match="cannot be reached"):
        build(mortal, new, before)
    mortal.start()
    # Once the journal says that the new graph is whole it is the one that is served.
    expected = old if STEPS.index(step) <= STEPS.index("journal") else new
    assert content(RemoteStore.open(mortal.settings)) == content(expected)
    third = graph("third")
    assert content(build(mortal, third)) == content(third)
    assert staging(mortal) == []


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_killed_while_switching(mortal: Server, delay: float) -> None:
    old, new = graph("old", size=1500), graph("new", size=1500)
    build(mortal, old)

    def before(reached: str) -> None:
        if reached == "switch":
            threading.Timer(delay, mortal.kill).start()

    with contextlib.suppress(StoreError):
        build(mortal, new, before)
    while mortal.process is not None and mortal.process.poll() is None:
        time.sleep(0.01)
    mortal.start()
    assert content(RemoteStore.open(mortal.settings)) == content(new)


def test_an_unfinished_build_shows_nothing_of_itself(mortal: Server) -> None:
    old = graph("old")
    build(mortal, old)
    staged = RemoteStore.connect(mortal.settings).stage()
    staged.insert(ONE, graph("new").triples(ONE))
    reader = RemoteStore.open(mortal.settings)
    assert content(reader) == content(old)
    everything = "SELECT ?o WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert all("old" in row["o"].value for row in reader.query(everything))  # type: ignore[union-attr]
    assert staging(mortal)
    build(mortal, old)
    assert staging(mortal) == []


@pytest.mark.parametrize(
    "fault",
    [
        Inexpressible("terms turn out to be the same as others"),
        QueryError("the endpoint does not accept the query"),
        StoreError("the server failed (500)"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_what_cannot_be_reasoned_on_the_server_is_reasoned_here(
    mortal: Server, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def refuse(*args: object) -> Closed:
        raise fault

    monkeypatch.setattr(concluding, "close_inside", refuse)
    near = graph("new")
    view, rule = GRAPH.inferred("reported"), Triple(GRAPH.inferred("reported"), DCTERMS.creator, Literal("kg compiled"))
    near.insert(view, [Triple(NamedNode("https://example.org/0"), P, NamedNode("https://example.org/1"))])
    near.insert(GRAPH.catalog, [rule])
    found = build(mortal, near)
    assert set(found.triples(view)) == set(near.triples(view))
    engines = [t.object.value for t in found.match([GRAPH.catalog], view, DCTERMS.creator)]  # type: ignore[union-attr]
    assert engines == [f"kg compiled, because not inside {found.server}: {fault}"]
    assert staging(mortal) == []


def test_a_contradiction_found_on_the_server_alone_ends_the_build(
    mortal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = graph("old")
    build(mortal, old)
    certificate = Certificate("kg SPARQL", 0, (), 0, 0)
    closed = Closed((Inconsistency("x cannot be both a and b at once (cax-dw)"),), certificate, 0, 0)
    monkeypatch.setattr(concluding, "close_inside", lambda *args: closed)
    with pytest.raises(StoreError, match="a contradiction that is none: x cannot be both"):
        build(mortal, graph("new"))
    assert content(RemoteStore.open(mortal.settings)) == content(old)


def test_what_the_server_concludes_and_does_not_follow_ends_the_build(
    mortal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = graph("old")
    build(mortal, old)

    def too_much(host: Host, schema: object, data: NamedNode, work: NamedNode, inferred: NamedNode) -> Closed:
        host.insert(inferred, [Triple(P, P, P)])
        return Closed((), Certificate("kg SPARQL", 0, (), 0, 0), 0, 0)

    monkeypatch.setattr(concluding, "close_inside", too_much)
    with pytest.raises(StoreError, match="concludes 1 triples that do not follow, in inferred/reported"):
        build(mortal, graph("new"))
    assert content(RemoteStore.open(mortal.settings)) == content(old)


def test_a_killed_server_can_be_a_folder_away(mortal: Server, tmp_path: Path) -> None:
    old = graph("old")
    build(mortal, old).publish(tmp_path / "store")
    assert content(EmbeddedStore.open(tmp_path / "store")) == content(old)
