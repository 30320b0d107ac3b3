"""What a server does not conclude, or not in time, is loaded; what it does late spoils nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg.building import build
from kg.errors import StoreError
from kg.remote import concluding, load, loading
from kg.resources import graph_files
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.vocab import DCTERMS, GRAPH
from tests.stores.pretender import NONSENSE, Pretender, is_rule

DERIVED, INFERRED = GRAPH.derived("reported"), GRAPH.inferred("reported")


@pytest.fixture
def pretender() -> Iterator[Pretender]:
    with Pretender().running() as made:
        yield made


@pytest.fixture(scope="module")
def near() -> EmbeddedStore:
    """The facts that ship, under one policy."""
    return build(graph_files(), one_view=True)[0]


def older() -> EmbeddedStore:
    store = EmbeddedStore()
    for graph in (GRAPH.catalog, GRAPH.asserted("older")):
        store.insert(graph, [Triple(graph, DCTERMS.source, Literal("older"))])
    return store


def put(pretender: Pretender, near: EmbeddedStore, rule_timeout: float | None = 0.5) -> RemoteStore:
    place = replace(pretender.settings, rule_timeout=rule_timeout)
    views = ["reported"] if INFERRED in near.graphs() else []
    return load(RemoteStore.connect(place).stage(), near, views)


def content(store: EmbeddedStore | RemoteStore) -> dict[NamedNode, set[Triple]]:
    """All there is, but for who concluded it."""
    return {g: {t for t in store.triples(g) if t.predicate != DCTERMS.creator} for g in store.graphs()}


def engines(store: RemoteStore) -> dict[NamedNode, str]:
    return {
        t.subject: t.object.value  # type: ignore[misc,union-attr]
        for t in store.match([GRAPH.catalog], predicate=DCTERMS.creator)
    }


@pytest.fixture(params=["first", "another"])
def server(request: pytest.FixtureRequest, pretender: Pretender) -> Pretender:
    """A server with a graph in use, or with none."""
    if request.param == "another":
        put(pretender, older())
        pretender.updates.clear()
    return pretender


def test_a_server_that_keeps_up_concludes(server: Pretender, near: EmbeddedStore) -> None:
    store = put(server, near, 60)
    assert content(store) == content(near)
    assert engines(store) == dict.fromkeys((DERIVED, INFERRED), "kg SPARQL inside Pretender")


@pytest.mark.parametrize("late", ["while loading", "while switching", "after the build"])
@pytest.mark.parametrize("stage", ["rules", "OWL"])
def test_a_slow_server(server: Pretender, near: EmbeddedStore, stage: str, late: str) -> None:
    """It does what it was to do, and more, at the worst of times."""
    goes_on, done = threading.Event(), threading.Event()

    def update(text: str) -> int | None:
        slow = is_rule(text) and ("/inferred/" in text) == (stage == "OWL") and not goes_on.is_set()
        if slow or (late == "while switching" and "INSERT DATA" in text and "Switching" in text):
            if slow:
                goes_on.wait()
                server.add_nonsense(text)
                server.store.update(text)
                done.set()
                return 204
            goes_on.set()
            done.wait()
        return None

    server.update = update
    steps = []

    def before(step: str) -> None:
        steps.append(step)
        if step == "load" and late == "while loading" and steps.count("load") == 10 and server.rules():
            goes_on.set()
            done.wait()

    staged = RemoteStore.connect(server.settings).stage()
    store = load(staged, near, ["reported"], before=before)
    goes_on.set()
    assert done.wait(30)
    assert content(RemoteStore.open(server.settings)) == content(store) == content(near)
    why = "because not inside Pretender: it did not finish {}/reported within 0.5 seconds"
    derived = f"kg rules, {why.format('derived')}" if stage == "rules" else "kg SPARQL inside Pretender"
    unfinished = "derived" if stage == "rules" else "inferred"
    assert engines(store) == {DERIVED: derived, INFERRED: f"kg compiled, {why.format(unfinished)}"}
    # What came late is there still, in no graph that is read, and goes with the next build.
    server.update = lambda text: None
    assert content(put(server, older())) == content(older())
    assert not list(server.store.quads_for_pattern(NONSENSE, None, None))


def test_a_server_that_takes_nothing_while_it_is_busy(
    pretender: Pretender, near: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(pretender, older())
    monkeypatch.setattr(loading, "PATIENCE", 0.5)

    def update(text: str) -> int | None:
        if is_rule(text):
            pretender.blocked.clear()
            pretender.blocked.wait()
        return None

    pretender.update = update
    with pytest.raises(StoreError, match="--rule-timeout 0"):
        put(pretender, near)
    pretender.blocked.set()
    assert content(RemoteStore.open(pretender.settings)) == content(older())
    assert content(put(pretender, near, 0)) == content(near)


@pytest.mark.parametrize("status", [400, 500])
def test_a_server_that_refuses_a_rule_may_still_reason(server: Pretender, near: EmbeddedStore, status: int) -> None:
    server.update = lambda text: status if is_rule(text) and "/derived/" in text and "/inferred/" not in text else None
    store = put(server, near, 60)
    assert content(store) == content(near)
    assert engines(store)[DERIVED].startswith("kg rules, because not inside Pretender: ")
    assert f"({status}" in engines(store)[DERIVED]
    assert engines(store)[INFERRED] == "kg SPARQL inside Pretender"


def test_above_a_size_a_server_is_not_asked_unless_time_is_given(
    pretender: Pretender, near: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = sum(len(set(near.triples(g))) for g in near.graphs() if "/asserted/" in g.value)
    monkeypatch.setattr(concluding, "INSIDE_AT_MOST", count)
    put(pretender, near, None)
    assert pretender.rules()
    monkeypatch.setattr(concluding, "INSIDE_AT_MOST", count - 1)
    for time, asked, why in (
        (None, False, f"{count:,} triples are asserted, more than {count - 1:,}"),
        (60.0, True, ""),
        (0.0, False, "no time is allowed for it"),
    ):
        pretender.updates.clear()
        store = put(pretender, near, time)
        assert content(store) == content(near)
        assert bool(pretender.rules()) == asked
        for engine in engines(store).values():
            assert engine.endswith(f", because not inside Pretender: {why}" if why else "kg SPARQL inside Pretender")


def test_a_server_that_misses_some_is_given_them(server: Pretender, near: EmbeddedStore) -> None:
    server.update = lambda text: 204 if is_rule(text) and "-work/derived/" in text and "Hostility" in text else None
    store = put(server, near, 60)
    assert content(store) == content(near)
    assert "triples added by kg rules" in engines(store)[DERIVED]


def test_a_server_that_concludes_too_much(server: Pretender, near: EmbeddedStore) -> None:
    def update(text: str) -> int | None:
        if is_rule(text):
            server.add_nonsense(text)
        return None

    used = GRAPH.catalog in RemoteStore.connect(server.settings).graphs()
    server.update = update
    with pytest.raises(StoreError, match=r"concludes 1 triples that do not follow, in derived/reported, .*nonsense"):
        put(server, near, 60)
    if used:
        assert content(RemoteStore.open(server.settings)) == content(older())
    else:
        with pytest.raises(StoreError, match="no graph here yet"):
            RemoteStore.open(server.settings)


def test_a_server_that_loses_triples(server: Pretender, near: EmbeddedStore) -> None:
    server.losing = True
    with pytest.raises(StoreError, match=r"the server holds [\d,]+ of the [\d,]+ triples of"):
        put(server, near, 0)
    server.losing = False
    assert content(put(server, near, 0)) == content(near)
