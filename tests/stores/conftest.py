from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg import KnowledgeGraph
from kg.building import Report
from kg.remote import load
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from tests.stores.servers import SERVERS, Oxigraph, Server, Virtuoso, running


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever runs the tests may have stores of their own."""
    monkeypatch.setenv("FOEDUS_SETTINGS", str(tmp_path_factory.getbasetemp() / "no-settings.toml"))


@pytest.fixture(scope="session")
def built() -> tuple[EmbeddedStore, Report]:
    graph, report = KnowledgeGraph.build()
    assert isinstance(graph.store, EmbeddedStore)
    return graph.store, report


@pytest.fixture(scope="session")
def near(built: tuple[EmbeddedStore, Report]) -> KnowledgeGraph:
    """The facts that ship, in memory."""
    return KnowledgeGraph(built[0])


@pytest.fixture(
    scope="session",
    # A server is started once, in the process that runs all of its tests.
    params=[pytest.param(kind, id=kind.name, marks=pytest.mark.xdist_group(f"stores-{kind.name}")) for kind in SERVERS],
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, built: tuple[EmbeddedStore, Report]
) -> Iterator[Server]:
    """A server with the facts that ship, derived there."""
    kind: type[Server] = request.param
    if reason := kind.missing():
        pytest.skip(reason)
    with running(kind, tmp_path_factory.mktemp(kind.name)) as started:
        store, report = built
        told: list[str] = []
        views = [view.policy.view for view in report.views]
        load(RemoteStore.connect(started.settings).stage(), store, views, progress=told.append)
        # The rules gave the same inside the server.
        assert not [stage for stage in told if stage.startswith("adding")]
        yield started


@pytest.fixture(scope="session")
def far(server: Server) -> KnowledgeGraph:
    """The same facts, on a server."""
    return KnowledgeGraph.open(server.settings)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(kind, id=kind.name, marks=pytest.mark.xdist_group(f"killed-{kind.name}"))
        for kind in (Oxigraph, Virtuoso)
    ],
)
def mortal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be killed."""
    kind: type[Server] = request.param
    if reason := kind.missing():
        pytest.skip(reason)
    with running(kind, tmp_path_factory.mktemp(f"mortal-{kind.name}")) as server:
        yield server
