"""``kg serve`` as people run it, and the clients that they use."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.http.template import COPIES
from tests.cli.conftest import ROOT
from tests.http.conftest import SLOW, Server

BETRAYS = "PREFIX foedus: <https://w3id.org/foedus/ns#> SELECT ?who ?whom { ?who foedus:betrays ?whom }"
BELARUS = "https://w3id.org/foedus/id/state/BLR"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(server: Server) -> None:
    def curl(*args: str) -> str:
        return subprocess.run(["curl", "-sS", *args], capture_output=True, text=True, check=True).stdout

    endpoint = server.url("sparql")
    assert BELARUS in curl("-H", "Accept: text/csv", "--data-urlencode", f"query={BETRAYS}", endpoint)
    assert BELARUS in curl("-G", "--data-urlencode", f"query={BETRAYS}", endpoint)
    direct = curl("-H", "Content-Type: application/sparql-query", "--data-binary", BETRAYS, endpoint)
    assert BELARUS in direct
    assert "405" in curl("-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "DELETE", endpoint)
    assert "HTTP/1.1 200" in curl("-I", f"{endpoint}?query={quote(BETRAYS)}")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_sparqlwrapper(server: Server, method: str, form: str) -> None:
    from SPARQLWrapper import SPARQLWrapper

    client = SPARQLWrapper(server.url("sparql"), returnFormat=form)
    client.setMethod(method)
    client.setQuery(BETRAYS)
    answer = client.query()
    assert BELARUS in answer.response.read().decode()


def test_sparqlwrapper_direct_and_construct(server: Server) -> None:
    from SPARQLWrapper import N3, POST, POSTDIRECTLY, SPARQLWrapper

    client = SPARQLWrapper(server.url("sparql"), returnFormat="turtle")
    client.setMethod(POST)
    client.setRequestMethod(POSTDIRECTLY)
    client.setQuery(f"DESCRIBE <{BELARUS}>")
    assert N3 and BELARUS in client.query().response.read().decode()


def test_rdflib_store(server: Server) -> None:
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        graph = rdflib.Graph(SPARQLStore(server.url("sparql")))
        rows = list(graph.query(BETRAYS))
        code = graph.value(rdflib.URIRef(BELARUS), rdflib.URIRef("https://w3id.org/foedus/ns#iso3"))
    assert [str(row[0]) for row in rows] == [BELARUS]  # type: ignore[index]
    assert str(code) == "BLR"


def test_access_log_is_json(server: Server) -> None:
    urllib.request.urlopen(server.url("health")).read()
    time.sleep(0.3)
    lines = [json.loads(line) for line in server.lines if line.startswith("{")]
    assert {"time", "method", "path", "status", "ms"} <= set(lines[-1])
    assert any(line["path"] == "/health" and line["status"] == 200 for line in lines)


@pytest.mark.parametrize(("trusted", "client"), [("127.0.0.1", "203.0.113.9"), ("192.0.2.1", "127.0.0.1")])
def test_clients_behind_a_proxy_that_is_trusted(
    store: Path, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, trusted: str, client: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", trusted)
    server = start("--store", store)
    asked = urllib.request.Request(server.url("health"), headers={"X-Forwarded-For": "203.0.113.9"})
    urllib.request.urlopen(asked, timeout=10).close()
    server.stop()
    (line,) = [json.loads(line) for line in server.lines if line.startswith("{")]
    assert line["client"] == client


def test_requests_under_way_finish_when_it_stops(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 2)
    codes: list[int] = []

    def ask() -> None:
        try:
            urllib.request.urlopen(server.url(f"sparql?query={quote(SLOW)}")).read()
        except urllib.error.HTTPError as fault:
            with fault:
                codes.append(fault.code)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.7)
    server.process.send_signal(signal.SIGINT)
    thread.join()
    assert server.process.wait(20) == 0
    assert codes == [503]


def test_a_request_under_way_succeeds_while_it_stops(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 20)
    part = "{ SELECT * { ?s%d ?p%d ?o%d } LIMIT %d }"
    sizes = (1000, 1500)
    parts = " ".join(part % (n, n, n, size) for n, size in enumerate(sizes))
    query = f"SELECT (COUNT(*) AS ?n) {{ {parts} FILTER(STRLEN(CONCAT(STR(?o0), STR(?o1))) > 0) }}"
    answers: list[tuple[int, bytes]] = []

    def ask() -> None:
        url = server.url(f"sparql?query={quote(query)}")
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "text/csv"})) as answer:
            answers.append((answer.status, answer.read()))

    began = time.monotonic()
    ask()
    took = time.monotonic() - began
    assert took > 0.3
    # A query that the server has not answered yet, for what it has answered it does not work out again.
    query += f" # {began}"
    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(took / 3)
    server.process.send_signal(signal.SIGINT)
    time.sleep(took / 6)
    with pytest.raises(urllib.error.URLError):  # others are no longer let in
        urllib.request.urlopen(server.url("health"), timeout=5)
    thread.join()
    assert answers[1] == answers[0] == (200, b"n\r\n%d\r\n" % (sizes[0] * sizes[1]))
    assert server.process.wait(20) == 0


def test_who_leaves_takes_the_query_along(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store, "--timeout", 60)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(server.url(f"sparql?query={quote(SLOW)}"), timeout=0.5)
    with urllib.request.urlopen(server.url("sparql?query=ASK%7B%7D"), timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux takes the network from a process")
def test_workers_have_no_way_to_the_network(server: Server) -> None:
    template = children(server.process.pid)
    workers = [worker for child in template for worker in children(child)]
    assert workers
    for worker in workers:
        assert re.search(r"^Seccomp:\s*2$", Path(f"/proc/{worker}/status").read_text(), re.MULTILINE)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system does not list processes in /proc")
def test_no_worker_outlives_its_server(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store)
    workers = children(server.process.pid)
    workers += [worker for child in workers for worker in children(child)]
    assert len(workers) > 1
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(server.url(f"sparql?query={quote(SLOW)}"), timeout=0.5)
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + 10
    while any(alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(worker) for worker in workers)


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_port_in_use(store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--store", str(store), "--port", str(port))
    assert done.returncode == 3
    assert done.stderr == f"kg: port {port} of 127.0.0.1 is in use; choose another with --port\n"


def test_no_store(tmp_path: Path) -> None:
    done = run("serve", "--store", str(tmp_path / "none"))
    assert done.returncode == 3 and "no store here" in done.stderr


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--policy", "factz"], "'facts'"),
        (["--cors", "example.org"], "no origin"),
        (["--timeout", "0"], "timeout"),
        (["--workers", "0"], "workers"),
        (["--store", "https://example.org/sparql"], "a remote store is an endpoint already"),
        (["--update-url", "https://example.org/update"], "no such option"),
    ],
)
def test_wrong_options(store: Path, args: list[str], says: str) -> None:
    done = run("serve", "--store", str(store), *args)
    assert done.returncode == 2 and says in done.stderr.lower()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system does not list processes in /proc")
def test_as_many_workers_as_are_asked_for(store: Path, start: Callable[..., Server]) -> None:
    started = children(start("--store", store, "--workers", 3).process.pid)
    workers = [worker for child in started for worker in children(child)] if COPIES else started
    assert len(workers) == 3


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "prometheus_client"])
def test_without_the_extra(store: Path, missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from kg.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--store", str(store)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1 and "pip install 'foedus[serve]'" in done.stderr


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kg.cli", *args], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
