"""How a graph is put to use on a server: at once where little differs, and whole for readers wherever it is cut off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import StoreError
from kg.remote import load
from kg.store import switching, transport
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.store.switching import STAGING
from kg.vocab import GRAPH
from tests.stores.pretender import Pretender

P = NamedNode("https://example.org/p")
ONE, TWO = GRAPH.asserted("one"), GRAPH.asserted("two")
LIMIT = 100
"""Triples that one request may change in these tests."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_PAUSE", 0.001)


@pytest.fixture
def server() -> Iterator[Pretender]:
    with Pretender().running() as pretender:
        yield pretender


def graph(first: int, last: int, *names: NamedNode) -> EmbeddedStore:
    store = EmbeddedStore()
    for name in (GRAPH.catalog, *names):
        nodes = (NamedNode(f"https://example.org/{n}") for n in range(first, last))
        store.insert(name, [Triple(node, P, Literal(name.value)) for node in nodes])
    return store


def content(store: EmbeddedStore | RemoteStore) -> dict[str, set[Triple]]:
    return {g.value: set(store.triples(g)) for g in store.graphs()}


def raw(server: Pretender) -> dict[str, set[Triple]]:
    """What everybody sees under the names of use."""
    held: dict[str, set[Triple]] = {}
    for quad in server.store:
        assert isinstance(quad.graph_name, NamedNode)
        if not quad.graph_name.value.startswith((STAGING, switching._JOURNAL.value)):
            held.setdefault(quad.graph_name.value, set()).add(quad.triple)
    return held


def build(server: Pretender, near: EmbeddedStore, at_once: int = LIMIT) -> RemoteStore:
    return load(RemoteStore.connect(replace(server.settings, at_once=at_once)).stage(), near, [])


@pytest.mark.parametrize(("last", "at_once"), [(905, LIMIT), (1800, 10_000)])
def test_what_differs_by_no_more_than_it_may_is_put_to_use_at_once(server: Pretender, last: int, at_once: int) -> None:
    old, new = graph(0, 900, ONE), graph(10, last, ONE)
    build(server, old)
    seen = [raw(server)]

    def look(text: str) -> None:
        if raw(server) != seen[-1]:
            seen.append(raw(server))

    server.update = look
    assert content(build(server, new, at_once)) == content(new)
    look("")
    assert seen == [content(old), content(new)]


@pytest.mark.parametrize("done", range(0, 60, 7))
def test_much_that_differs_is_whole_for_readers_wherever_it_is_cut_off(server: Pretender, done: int) -> None:
    old, new = graph(0, 500, ONE, TWO), graph(400, 900, ONE)
    build(server, old)
    begun = len(server.updates)
    journal = str(switching._SWITCHING)

    def fail(text: str) -> int | None:
        since = [number for number, each in enumerate(server.updates[begun:]) if journal in each]
        return 500 if since and len(server.updates) - begun - since[0] > done else None

    server.update = fail
    with contextlib.suppress(StoreError):
        build(server, new)
    # Who may not write.
    server.update = lambda text: 403
    reader = RemoteStore.open(server.settings)
    assert content(reader) == content(old if done == 0 else new)
    server.update = lambda text: None
    assert content(RemoteStore.open(server.settings)) == raw(server)
    assert raw(server) == content(old if done == 0 else new)


def test_whoever_read_what_was_not_put_to_use_yet_is_told_when_it_has_been(server: Pretender) -> None:
    old, new = graph(0, 500, ONE), graph(400, 900, ONE)
    build(server, old)
    held = str(switching._SWITCHING)
    server.update = lambda text: 500 if held in text and "FILTER NOT EXISTS" in text else None
    with pytest.raises(StoreError):
        build(server, new)
    server.update = lambda text: 403
    reader = RemoteStore.open(server.settings)
    assert reader.query("ASK { ?s ?p ?o }", default_graphs=[ONE])
    assert raw(server) == content(old)
    server.update = lambda text: None
    build(server, old)
    with pytest.raises(StoreError, match="another build was put to use meanwhile; ask again"):
        reader.query("ASK { ?s ?p ?o }", default_graphs=[ONE])
    with pytest.raises(StoreError, match="another build was put to use meanwhile; ask again"):
        list(reader.match([TWO]))
    assert content(RemoteStore.open(server.settings)) == content(old)


@pytest.mark.parametrize("at", range(1, 29))
def test_a_build_beside_a_build_leaves_one_of_them_whole(server: Pretender, at: int) -> None:
    """The other removes what is staged at some moment of the first, which comes into use whole or not at all."""
    old, new, other = graph(0, 300, ONE), graph(200, 500, ONE, TWO), graph(450, 600, TWO)
    build(server, old)
    begun, beside = len(server.updates), RemoteStore.connect(replace(server.settings, at_once=LIMIT))
    staged: list[RemoteStore] = []

    def intrude(text: str) -> None:
        if len(server.updates) - begun == at and not staged:
            server.update = lambda text: None
            staged.append(beside.stage())

    server.update = intrude
    try:
        build(server, new)
    except StoreError as fault:
        assert staged and fault.exit_code == 3
        assert raw(server) == content(old)
    else:
        assert raw(server) == content(new)
    assert staged
    server.update = lambda text: None
    assert content(load(staged[0] if staged else beside.stage(), other, [])) == content(other) == raw(server)


@pytest.mark.parametrize("whole", [False, True], ids=["begun", "done"])
@pytest.mark.parametrize("at", range(1, 8))
def test_a_first_build_beside_a_first_build_leaves_one_of_them_whole(server: Pretender, at: int, whole: bool) -> None:
    """The other begins, or is all done, at some moment of the first, which stops or has been put to use."""
    new, other = graph(200, 500, ONE, TWO), graph(450, 600, TWO)
    # Triples come by updates, of which each is a moment.
    settings = replace(server.settings, graph_store_url=None)
    staged: list[RemoteStore] = []

    def intrude(text: str) -> None:
        if len(server.updates) == at:
            server.update = lambda text: None
            staged.append(RemoteStore.connect(settings).stage())
            if whole:
                load(staged[0], other, [])

    server.update = intrude
    used = other
    try:
        load(RemoteStore.connect(settings).stage(), new, [])
        # The last moment is after it was put to use, where the other may take its place.
        used = other if whole and at == 7 else new
    except StoreError as fault:
        assert staged and fault.exit_code == 3
        assert whole or GRAPH.catalog.value not in raw(server)
    assert staged, "there were fewer moments"
    if not whole:
        try:
            load(staged[0], other, [])
            used = other
        except StoreError:
            assert used is new
    assert raw(server) == content(used)
    assert content(build(server, new)) == content(new) == raw(server)
    assert not list(server.store.quads_for_pattern(None, None, None, switching._JOURNAL))


def test_who_has_reserved_the_switch_is_waited_for(server: Pretender) -> None:
    old, new, other = graph(0, 300, ONE), graph(200, 500, ONE), graph(450, 600, ONE)
    build(server, old)
    reserved = str(switching._RESERVED)
    second = RemoteStore.connect(server.settings).stage()

    def overtake(text: str) -> None:
        if reserved in text and "DELETE" in text and str(switching._SWITCHING) in text:
            server.update = lambda text: None
            with pytest.raises(StoreError, match="somebody else builds there too"):
                load(second, other, [])

    first = RemoteStore.connect(server.settings)._transport
    server.update = overtake
    staged = RemoteStore(first, "f" * 32, area=f"{STAGING}{'f' * 32}")
    assert content(load(staged, new, [])) == content(new) == raw(server)


def test_a_server_that_carries_nothing_out_is_noticed(server: Pretender) -> None:
    old, new = graph(0, 300, ONE), graph(200, 500, ONE)
    build(server, old)
    server.update = lambda text: 204
    with pytest.raises(StoreError, match="carries out no updates"):
        build(server, new)
    held = str(switching._SWITCHING)
    server.update = lambda text: 204 if held in text and "FILTER NOT EXISTS" in text else None
    with pytest.raises(StoreError, match="is not as it was built"):
        build(server, new)
    server.update = lambda text: None
    # Of the same size, graph by graph.
    build(server, old)
    server.update = lambda text: 204 if held in text and "FILTER NOT EXISTS" in text else None
    with pytest.raises(StoreError, match="is not as it was built"):
        build(server, graph(10, 310, ONE))
    server.update = lambda text: None
    # A graph that was to go.
    build(server, graph(0, 300, ONE, TWO))
    server.update = lambda text: 204 if held in text and "FILTER NOT EXISTS" in text else None
    with pytest.raises(StoreError, match="asserted/two is not as it was built"):
        build(server, old)
    server.update = lambda text: None
    build(server, new)
    server.update = lambda text: None
    assert content(RemoteStore.open(server.settings)) == raw(server) == content(new)


def test_where_nothing_of_what_was_sent_is_the_address_is_named(server: Pretender) -> None:
    elsewhere = Pretender()
    with elsewhere.running():
        url = elsewhere.settings.graph_store_url
        with pytest.raises(
            StoreError, match=f"nothing of asserted/one is there, which {url} was sent.*graph-store-url"
        ):
            load(RemoteStore.connect(replace(server.settings, graph_store_url=url)).stage(), graph(0, 30, ONE), [])


def test_a_server_that_takes_no_updates_has_no_first_build(server: Pretender) -> None:
    server.update = lambda text: 204
    with pytest.raises(StoreError, match="carries out no updates") as fault:
        build(server, graph(0, 30, ONE))
    assert server.settings.update_url in str(fault.value)
