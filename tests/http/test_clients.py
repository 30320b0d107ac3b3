"""Clients that write, and clients of other worlds that ask, as people have them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT
from tests.http.conftest import Server
from tests.http.writing import MINE, TOKEN

PREFIX = "PREFIX foedus: <https://w3id.org/foedus/ns#> "
BETRAYS = PREFIX + "SELECT ?who ?whom WHERE { ?who foedus:betrays ?whom }"
BELARUS = "https://w3id.org/foedus/id/state/BLR"
BEARER = f"Bearer {TOKEN}"


@pytest.fixture(scope="module")
def writable_server(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("clients") / "store"
    shutil.copytree(store, place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOEDUS_TOKEN", TOKEN)
        started = Server("--store", place, "--writable", "--timeout", 20)
    yield started
    started.stop()


def test_sparqlwrapper_updates(writable_server: Server) -> None:
    from SPARQLWrapper import POST, POSTDIRECTLY, URLENCODED, SPARQLWrapper

    for number, how in ((1, URLENCODED), (2, POSTDIRECTLY)):
        client = SPARQLWrapper(writable_server.url("sparql"))
        client.addCustomHttpHeader("Authorization", BEARER)
        client.setMethod(POST)
        client.setRequestMethod(how)
        client.setQuery(f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:s> <x:wrapper> {number} }} }}")
        client.query().response.read()
        # The very next question finds it.
        asked = SPARQLWrapper(writable_server.url("sparql"), returnFormat="json")
        asked.setQuery(f"ASK {{ <x:s> <x:wrapper> {number} }}")
        assert asked.query().convert()["boolean"] is True  # type: ignore[index, call-overload]


def test_sparqlwrapper_without_the_token(writable_server: Server) -> None:
    from SPARQLWrapper import POST, SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import Unauthorized

    client = SPARQLWrapper(writable_server.url("sparql"))
    client.setMethod(POST)
    client.setQuery(f"DROP GRAPH <{MINE}>")
    with pytest.raises(Unauthorized):
        client.query()


def test_rdflib_update_store(writable_server: Server) -> None:
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore

    endpoint = writable_server.url("sparql")
    subject, predicate = rdflib.URIRef("x:s"), rdflib.URIRef("x:rdflib")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        store = SPARQLUpdateStore(endpoint, endpoint, headers={"Authorization": BEARER})
        graph = rdflib.Graph(store, identifier=rdflib.URIRef(MINE))
        graph.add((subject, predicate, rdflib.Literal(1)))
        assert list(graph.objects(subject, predicate)) == [rdflib.Literal(1)]
        graph.remove((subject, predicate, None))
        assert not list(graph.objects(subject, predicate))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_writes(writable_server: Server) -> None:
    def curl(*args: str) -> str:
        line = ["curl", "-sS", "-o", os.devnull, "-w", "%{http_code}", *args]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout

    bearer = f"Authorization: {BEARER}"
    graph = writable_server.url(f"graph-store?graph={MINE}-curl")
    turtle = ["-H", "Content-Type: text/turtle", "--data-binary", "<x:s> <x:curl> 1 ."]
    assert curl("-X", "PUT", *turtle, graph) == "401"
    assert curl("-X", "PUT", "-H", bearer, *turtle, graph) == "201"
    assert curl(graph) == "200"
    assert curl("-X", "DELETE", "-H", bearer, graph) == "200"
    assert curl(graph) == "404"
    assert curl("-H", bearer, "--data-urlencode", "update=CLEAR ALL", writable_server.url("sparql")) == "403"


def test_the_token_is_in_no_log(writable_server: Server) -> None:
    assert writable_server.lines and not any(TOKEN in line for line in writable_server.lines)


def test_comunica(server: Server) -> None:
    if shutil.which("comunica-sparql") is None:
        pytest.skip("comunica-sparql (npm package @comunica/query-sparql) is not installed")
    line = ["comunica-sparql", f"sparql@{server.url('sparql')}", BETRAYS, "-t", "application/sparql-results+json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0 and "node:internal/modules" in done.stderr:
        pytest.skip("comunica-sparql does not load under this version of Node.js")
    assert done.returncode == 0, done.stderr
    assert [row["who"]["value"] for row in json.loads(done.stdout)["results"]["bindings"]] == [BELARUS]


@pytest.mark.skipif(shutil.which("roqet") is None, reason="roqet (rasqal-utils) is not installed")
def test_roqet(server: Server) -> None:
    line = ["roqet", "-q", "-r", "csv", "-p", server.url("sparql"), "-e", BETRAYS]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert BELARUS in done.stdout


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--writable"], 2, "FOEDUS_TOKEN"),
        (["--writable", "--token", "fifteen-letters"], 2, "16 characters"),
        (["--writable", "--token", "sixteen letters and spaces"], 2, "16 characters"),
        (["--token", TOKEN], 2, "--token goes with --writable"),
        (["--write-timeout", "60"], 2, "--write-timeout goes with --writable"),
    ],
)
def test_a_token_that_is_missing_or_of_no_use(store: Path, args: list[str], code: int, says: str) -> None:
    done = serve("--store", str(store), *args)
    assert done.returncode == code and says in done.stderr and done.stderr.count("\n") == 1
    assert TOKEN not in done.stderr


def test_a_short_token_in_the_environment(store: Path) -> None:
    done = serve("--store", str(store), "--writable", FOEDUS_TOKEN="short")
    assert done.returncode == 2 and "16 characters" in done.stderr and "short" not in done.stderr


def test_a_remote_store_is_not_served() -> None:
    done = serve("--store", "https://example.org/sparql", "--writable", FOEDUS_TOKEN=TOKEN)
    assert done.returncode == 2 and "remote store" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a file stands where the folder of a store would")
def test_a_graph_that_is_in_memory_alone_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = serve("--writable", FOEDUS_TOKEN=TOKEN, FOEDUS_STORE=str(tmp_path / "file" / "store"))
    assert done.returncode == 3 and "changes would be lost" in done.stderr


def serve(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "kg.cli", "serve", "--port", "0", *args]
    env = {k: v for k, v in os.environ.items() if k != "FOEDUS_TOKEN"} | environment
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, env=env)
