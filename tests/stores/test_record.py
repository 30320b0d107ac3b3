"""A made-up record of tens of thousands of triples answers on a server as in memory, and outlives a kill."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from kg import KnowledgeGraph
from kg.building import build
from kg.errors import StoreError
from kg.questions import load_questions
from kg.remote import load
from kg.remote.concluding import INSIDE_AT_MOST
from kg.resources import resource
from kg.store.embedded import EmbeddedStore
from kg.store.endpoint import Endpoint
from kg.store.remote import RemoteStore
from kg.store.switching import STAGING
from kg.store.transport import Transport
from kg.terms import PREFIXES
from kg.vocab import DCTERMS, GRAPH, RDFS
from kg.vouching import vouch
from tests.benchmarks.record import asserted
from tests.stores.servers import SERVERS, Server, running
from tests.stores.test_answers import rows

SCALE = 0.04
ASKED = {
    "allies-supplying-adversary": [
        {"supplier": "State 1"},
        {"state": "State 2"},
        {"one-sided": "true"},
        {"grain": "year", "one-sided": "true"},
    ],
    "evidence": [{"about": "transfer/made-7"}],
    "what-is": [{"node": "conflict/made-3"}, {"node": "State 5"}],
    "obligations-network": [{"year": "1950"}],
    "unbalanced-triads": [{"year": "1950"}],
    "timeline": [{"state": "State 1", "other": "State 2"}],
    "attribution-chain": [{"about": "membership/made-2"}],
}
"""Questions that want to be told something."""
BROKEN = {("fuseki", "unbalanced-triads"): "hashTable"}
"""Questions over which a server breaks, with a word of what it says: a join of its own, of two empty sides."""
TOO_LONG = {("fuseki", "one-sided")}
"""Parameters with which a server takes more than a minute over a record: Fuseki left-joins sub-selects row by row."""
FILLED = 15
"""How many questions at least are to have an answer, lest nothing be compared."""


def made(folder: Path, scale: float) -> EmbeddedStore:
    named = [
        Triple(NamedNode(f"{PREFIXES['id']}{node}"), RDFS.label, Literal(label, language="en"))
        for node, label in (("organization/made", "the makers"), ("source/made", "the made-up record"))
    ]
    data = pyoxigraph.serialize([*asserted(scale, 7), *named], format=RdfFormat.N_TRIPLES)
    assert data is not None
    file = folder / "made.nt"
    file.write_bytes(vouch("made", data))
    return build([resource("graph", "states.ttl"), file], one_view=True)[0]


def content(store: EmbeddedStore | RemoteStore) -> dict[NamedNode, set[Triple]]:
    """All there is, but for who concluded it."""
    return {g: {t for t in store.triples(g) if t.predicate != DCTERMS.creator} for g in store.graphs()}


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    return made(tmp_path_factory.mktemp("record"), SCALE)


@pytest.fixture(scope="session")
def answers(record: EmbeddedStore) -> dict[tuple[str, tuple[tuple[str, str], ...]], list[list[object]]]:
    """What is answered in memory."""
    graph = KnowledgeGraph(record)
    found = {}
    for question in load_questions():
        told = any(p.required for p in question.parameters)
        for given in [*([] if told else [{}]), *ASKED.get(question.name, [])]:
            found[question.name, tuple(given.items())] = rows(graph, question, given)
    assert sum(1 for answer in found.values() if answer) >= FILLED
    return found


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, id=kind.name, marks=pytest.mark.xdist_group(f"record-{kind.name}")) for kind in SERVERS]
)
def test_the_same_questions_have_the_same_answers(
    kind: type[Server],
    record: EmbeddedStore,
    answers: dict[tuple[str, tuple[tuple[str, str], ...]], list[list[object]]],
    tmp_path: Path,
) -> None:
    if reason := kind.missing():
        pytest.skip(reason)
    questions = {question.name: question for question in load_questions()}
    with running(kind, tmp_path) as server:
        store = load(RemoteStore.connect(server.settings).stage(), record, ["reported"])
        engines = {t.object.value for t in store.match([GRAPH.catalog], predicate=DCTERMS.creator)}  # type: ignore[union-attr]
        assert all(f"more than {INSIDE_AT_MOST:,}" in engine for engine in engines) and len(engines) == 2
        far = KnowledgeGraph.open(server.settings)
        for (name, given), answer in answers.items():
            if any((server.name, parameter) in TOO_LONG for parameter, _ in given):
                continue
            if word := BROKEN.get((server.name, name)):
                with pytest.raises(StoreError, match=word):
                    rows(far, questions[name], dict(given))
            else:
                assert rows(far, questions[name], dict(given)) == answer, (name, given)


@pytest.fixture(scope="module")
def old_and_new(tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedStore, EmbeddedStore]:
    """Two records that have much in common."""
    old, new = (made(tmp_path_factory.mktemp(name), scale) for name, scale in (("old", 0.003), ("new", 0.004)))
    assert content(old) != content(new)
    return old, new


@pytest.mark.parametrize(("step", "delay"), [("load", 0.0), ("switch", 0.5), ("clean", 0.1)])
def test_a_kill_in_the_middle_loses_nothing(
    mortal: Server,
    old_and_new: tuple[EmbeddedStore, EmbeddedStore],
    step: str,
    delay: float,
) -> None:
    # So that it takes many requests, as the switch of a record does that differs in much.
    place = replace(mortal.settings, at_once=1000)
    old, new = old_and_new
    load(RemoteStore.connect(place).stage(), old, [])
    killed = threading.Event()

    def kill() -> None:
        mortal.kill()
        killed.set()

    def before(reached: str) -> None:
        if reached == step and not timers:
            timers.append(threading.Timer(delay, kill))
            timers[0].start()

    timers: list[threading.Timer] = []
    with contextlib.suppress(StoreError):
        load(RemoteStore.connect(place).stage(), new, [], before=before)
    assert killed.wait(60)
    mortal.start()
    assert content(RemoteStore.open(place)) == content(old if step == "load" else new)
    assert content(load(RemoteStore.connect(place).stage(), old, [])) == content(old)
    assert not Endpoint(Transport(mortal.settings)).names(STAGING)
