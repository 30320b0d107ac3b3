"""Endpoints that are slow, busy, capped, cut off or no endpoint at all; and the command line."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, RdfFormat

from kg.cli import main
from kg.errors import StoreError
from kg.importing.wikidata import read_wikidata
from kg.importing.wikidata_endpoint import Endpoint
from kg.settings import endpoint_settings, remote_settings
from kg.store import transport
from kg.store.transport import Transport
from kg.vouching import vouched
from tests.http.conftest import Server
from tests.importing.wikidata_server import ARMENIA, PREFIXES, WORLD, WikidataServer, answering, names
from tests.stores.servers import SERVERS, running
from tests.stores.servers import Server as StoreServer

DAY = date(2026, 11, 1)
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever runs the tests may have settings of their own."""
    monkeypatch.setenv("FOEDUS_SETTINGS", str(tmp_path / "no-settings.toml"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WikidataServer]:
    monkeypatch.setattr(transport, "_PAUSE", 0.001)
    with answering() as made:
        yield made


def run(*args: str) -> int:
    return main(["import", "wikidata", *args])


# The command


@pytest.mark.parametrize("suffix", [".ttl", ".nt"])
def test_a_file_is_written_and_what_was_read_is_counted(
    server: WikidataServer, tmp_path: Path, capfd: pytest.CaptureFixture[str], suffix: str
) -> None:
    out = tmp_path / f"wikidata{suffix}"
    assert run(server.url, "--language", "fr", "--language", "en", "--out", str(out)) == 0
    said = capfd.readouterr()
    lines = said.err.splitlines()
    assert said.out == "" and lines[0].startswith("kg: wikidata: 43 rows read, 30 used, 13 set aside; ")
    assert lines[1] == "kg: nodes made: 2 Alliance, 3 Membership, 1 Role"
    place = "http://www.wikidata.org/entity/statement/Q142-P463-2"
    assert f"kg: set aside 1: deprecated in Wikidata ({place})" in lines
    assert vouched(out) and "Arménie" in out.read_text(encoding="utf-8")


def test_what_was_imported_is_built_and_asked(
    server: WikidataServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, store = tmp_path / "wikidata.nt", tmp_path / "store"
    assert run(server.url, "--language", "fr", "--out", str(out)) == 0
    assert main(["build", str(out), "--store", str(store)]) == 0
    capfd.readouterr()
    asked = ["ask", "allies-supplying-adversary", "--store", str(store), "--format", "csv", "--state"]
    assert main([*asked, "Arménie"]) == 0
    french = capfd.readouterr().out
    assert main([*asked, "Armenia"]) == 0
    assert french == capfd.readouterr().out != ""


def test_strict(server: WikidataServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "wikidata.ttl"
    assert run(server.url, "--strict", "--out", str(out)) == 1
    assert "13 rows set aside, and --strict; nothing was written" in capfd.readouterr().err
    assert not out.exists()
    assert run(server.url, "--strict", "--out", str(out), "--state", "Aruba") == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["wikidata", "FILE"], "give the URL of an endpoint, such as https://query.wikidata.org/sparql"),
        (["wikidata", "missing.csv"], "does not exist"),
        (["wikidata"], "Missing argument"),
        (["wikidata", "URL", "URL"], "name one endpoint"),
        (["wikidata", "URL", "FILE"], "name one endpoint"),
        (["wikidata", "URL", "--language", "français"], "no language tag"),
        (["wikidata", "URL", "--state", "Armenja"], "did you mean 'Armenia'?"),
        (["wikidata", "http://"], "no URL"),
        (["sipri", "URL"], "is read from files and not asked at a URL"),
        (["sipri", "FILE", "--language", "fr"], "--language and --state go with wikidata"),
        (["sipri", "FILE", "--state", "ARM"], "--language and --state go with wikidata"),
        (["wikidat", "URL"], "did you mean 'wikidata'?"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    server: WikidataServer, tmp_path: Path, capfd: pytest.CaptureFixture[str], args: list[str], message: str
) -> None:
    file = tmp_path / "table.csv"
    file.touch()
    assert main(["import", *({"FILE": str(file), "URL": server.url}.get(arg, arg) for arg in args)]) == 2
    assert message in capfd.readouterr().err
    assert not server.seen


def test_it_takes_no_data_frames(server: WikidataServer) -> None:
    program = (
        "import sys; sys.modules['pandas'] = None\n"
        "from kg.cli import main\n"
        f"sys.exit(main(['import', 'wikidata', {server.url!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# What is sent


def test_requests_say_who_asks_and_only_read(server: WikidataServer) -> None:
    read_wikidata(server.url, retrieved=DAY)
    assert len(server.seen) > 5
    for headers, query in server.seen:
        assert headers["User-Agent"].startswith("foedus/") and "https://w3id.org/foedus" in headers["User-Agent"]
        assert query.startswith("PREFIX ") and "SELECT DISTINCT ?" in query and " ORDER BY ?" in query
        assert " LIMIT 5000 OFFSET 0" in query and "DELETE" not in query and "SERVICE" not in query
        # Blazegraph, which Wikidata runs, evaluates EXISTS before VALUES, and loses the VALUES of a property where the
        # item alone is selected.
        assert "EXISTS" not in query and not ("DISTINCT ?item WHERE" in query and "VALUES ?property" in query)


def test_credentials_of_the_users_own_store_are_not_sent(
    server: WikidataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOEDUS_STORE_TOKEN", "t0ken-of-trust")
    monkeypatch.setenv("FOEDUS_STORE_USER", "ada-lovelace")
    monkeypatch.setenv("FOEDUS_STORE_PASSWORD", "hunter2")
    monkeypatch.setenv("FOEDUS_STORE_TIMEOUT", "7")
    assert remote_settings(server.url).token == "t0ken-of-trust"
    settings = endpoint_settings(server.url)
    assert (settings.token, settings.user, settings.timeout) == (None, None, 7)
    read_wikidata(server.url, retrieved=DAY)
    assert not any("Authorization" in headers for headers, _ in server.seen)


def test_credentials_in_the_url_are_in_no_file_and_no_message(
    server: WikidataServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, url = tmp_path / "wikidata.nt", server.url.replace("//", "//ada-lovelace:hunter2@")
    assert run(url, "--out", str(out)) == 0
    server.before = lambda number: (401, {"WWW-Authenticate": 'Basic realm="x"'}, "text/plain", b"ada-lovelace hunter2")
    assert run(url) == 3
    said = capfd.readouterr()
    assert "in the URL or in the settings file" in said.err and "--store-user" not in said.err
    assert not any(secret in said.err + said.out + out.read_text() for secret in ("ada-lovelace", "hunter2"))


# Pages and formats


@pytest.mark.parametrize("form", [QueryResultsFormat.XML, QueryResultsFormat.JSON])
@pytest.mark.parametrize(("batch", "page", "cap"), [(100, 5000, None), (1, 5000, None), (2, 2, None), (100, 5000, 100)])
def test_batches_pages_caps_and_formats_make_no_difference(
    server: WikidataServer, form: QueryResultsFormat, batch: int, page: int, cap: int | None
) -> None:
    whole = read_wikidata(server.url, retrieved=DAY)
    server.form, server.cap = form, cap
    endpoint = Endpoint(server.url, batch=batch, page=page)
    assert read_wikidata(server.url, retrieved=DAY, endpoint=endpoint) == whole


@pytest.mark.parametrize("cap", [100, 1000, 1024])
def test_a_cap_that_nobody_tells_of_loses_nothing(cap: int) -> None:
    many = {f"Q{900_000_000 + n}" for n in range(2100)}
    text = PREFIXES + "".join(names(each, fr=f"n {each}") for each in many)
    with answering(text) as server:
        server.cap = cap
        rows = list(Endpoint(server.url).all("?item", "?item rdfs:label ?name ."))
    assert len(rows) == 2100 and {str(row["item"]).rpartition("/")[2][:-1] for row in rows} == many


def test_an_endpoint_that_gives_the_same_page_for_ever_is_an_error(server: WikidataServer) -> None:
    same = server.answer(f"SELECT ?item {{ VALUES ?item {{ {' '.join(f'<urn:{n}>' for n in range(100))} }} }}")
    server.before = lambda number: (200, {}, QueryResultsFormat.XML.media_type, same)
    with pytest.raises(StoreError, match="OFFSET"):
        list(Endpoint(server.url).all("?item", "?item ?p ?o"))
    assert len(server.seen) == 2


# What goes wrong

XML = QueryResultsFormat.XML.media_type
RESULTS = '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>{}</sparql>'
FAULTS = {
    "html": ((200, {}, "text/html", b"<html><body>Sign in</body></html>"), "is not a SPARQL endpoint: .* text/html", 1),
    "html as results": ((200, {}, XML, b"<html><body>Hello</body></html>"), "cut off half-way or damaged", 1),
    "csv": ((200, {}, "text/csv", b"item\n"), "is not a SPARQL endpoint: .* text/csv", 1),
    "nothing": ((200, {}, XML, b""), "cut off half-way or damaged", 1),
    "not found": ((404, {}, "text/html", b"no"), r"is not a SPARQL endpoint \(404\)", 1),
    "refused": ((403, {}, "text/html", b"no"), "reading is refused", 1),
    "bad request": ((400, {}, "text/plain", b"no paths here"), "does not accept the query: no paths here", 1),
    "too many": ((429, {}, "text/plain", b"slow down"), r"not available now \(429\); try again later", 4),
    "busy": ((503, {}, "text/plain", b""), r"not available now \(503\); try again later", 4),
    "too long": ((429, {"Retry-After": "7200"}, "text/plain", b""), r"\(429\); try again in 7200 seconds", 1),
    "time-out": ((500, {}, "text/plain", b"java.util.concurrent.TimeoutException"), "failed .500.: java.util", 1),
    "true": (
        (200, {}, XML, RESULTS.format("</head><boolean>true</boolean>").encode()),
        "is not a SPARQL endpoint: .* true or false",
        1,
    ),
    "another answer": (
        (200, {}, XML, RESULTS.format('<variable name="x"/></head><results/>').encode()),
        "another question",
        1,
    ),
}


@pytest.mark.parametrize("first", [1, 4])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_and_nothing_is_written(
    server: WikidataServer, tmp_path: Path, capfd: pytest.CaptureFixture[str], fault: str, first: int
) -> None:
    reply, message, attempts = FAULTS[fault]
    server.before = lambda number: reply if number >= first else None
    out = tmp_path / "wikidata.nt"
    out.write_text("what was there before")
    assert run(server.url, "--out", str(out)) == 3
    said = capfd.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert re.search(message, said.err), said.err
    assert len(server.seen) == first - 1 + attempts
    assert out.read_text() == "what was there before"


@pytest.mark.parametrize("form", [QueryResultsFormat.XML, QueryResultsFormat.JSON])
@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
def test_an_answer_that_ends_half_way_is_noticed(server: WikidataServer, form: QueryResultsFormat, keep: float) -> None:
    server.form = form
    server.after = lambda body: body[: int(len(body) * keep)]
    with pytest.raises(StoreError, match="cut off half-way or damaged"):
        read_wikidata(server.url)


def test_an_answer_with_an_error_after_its_rows_is_noticed(server: WikidataServer) -> None:
    """What an endpoint writes that runs out of time while it answers."""
    server.after = lambda body: body[:-30] + b"\nSPARQL-QUERY: queryStr=SELECT\njava.util.concurrent.TimeoutException"
    with pytest.raises(StoreError, match="cut off half-way or damaged"):
        read_wikidata(server.url)


def test_a_connection_that_ends_before_its_answer_is_tried_again_and_then_an_error(server: WikidataServer) -> None:
    server.broken = True
    with pytest.raises(StoreError, match="broke off"):
        read_wikidata(server.url)
    assert len(server.seen) == 4


def test_a_slow_endpoint(server: WikidataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOEDUS_STORE_TIMEOUT", "0.1")
    server.delay = 0.5
    with pytest.raises(StoreError, match=r"no answer within 0\.1 seconds.*FOEDUS_STORE_TIMEOUT"):
        read_wikidata(server.url)
    assert len(server.seen) == 1


def test_an_endpoint_that_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    out = tmp_path / "wikidata.nt"
    assert run(f"http://127.0.0.1:{port}/sparql", "--out", str(out)) == 3
    assert "cannot be reached" in capfd.readouterr().err and not out.exists()


def test_an_endpoint_of_another_shape(capfd: pytest.CaptureFixture[str]) -> None:
    with answering('<urn:a> <urn:b> "c" .') as server:
        assert run(server.url) == 3
    assert "is it shaped like Wikidata?" in capfd.readouterr().err


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("after", "waits"),
    [("3", 3.0), (" 0 ", 0.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", 0.0), ("-5", 0.0), ("date", 30.0)],
)
def test_an_endpoint_that_asks_to_wait_is_waited_for(
    server: WikidataServer, code: int, after: str, waits: float
) -> None:
    if after == "date":
        after = format_datetime(datetime.now(UTC) + timedelta(seconds=waits), usegmt=True)
    server.before = lambda number: (code, {"Retry-After": after}, "text/plain", b"") if number == 1 else None
    slept: list[float] = []
    endpoint = Endpoint(server.url, transport=Transport(endpoint_settings(server.url), slept.append))
    rows = list(endpoint.about([NamedNode(f"http://www.wikidata.org/entity/{ARMENIA}")], "?item", "?item ?p ?o ."))
    assert len(rows) == 1 and len(server.seen) == 2
    (time,) = slept
    assert waits - 2 < time < waits + 0.1


# Other servers, and our own endpoint


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.xdist_group(f"stores-{kind.name}")) for kind in SERVERS]
)
def test_servers_of_other_makes_give_the_same(kind: type[StoreServer], tmp_path: Path) -> None:
    if reason := kind.missing():
        pytest.skip(reason)
    parsed = pyoxigraph.parse(WORLD, format=RdfFormat.TURTLE, base_iri="https://example.org/")
    text = "".join(" ".join(map(_skolem, quad.triple)) + " .\n" for quad in parsed)
    # Virtuoso asks the union of its graphs and has no other default graph.
    place = f"GRAPH <https://example.org/wikidata> {{ {text} }}" if kind.name == "virtuoso" else text
    with answering() as fake, running(kind, tmp_path) as server:
        Transport(server.settings).update(f"INSERT DATA {{ {place} }}", repeatable=True)
        url = server.settings.query_url
        for states in ((), ("ARM", "Austria-Hungary"), ("Austria-Hungary", "Aruba")):
            expected = read_wikidata(fake.url, states=states, retrieved=DAY)
            endpoint = Endpoint(url, transport=Transport(server.settings))
            given = read_wikidata(url, states=states, retrieved=DAY, endpoint=endpoint)
            assert (given.rows, given.used, given.nodes) == (expected.rows, expected.used, expected.nodes)
            assert (given.set_aside, given.notes) == (expected.set_aside, expected.notes)
            assert len(given.lines) == len(expected.lines)


def _skolem(term: object) -> str:
    """What is not known, as Wikidata writes it."""
    return f"<http://www.wikidata.org/.well-known/genid/{term.value}>" if isinstance(term, BlankNode) else str(term)


def test_kg_serve_serves_a_graph_of_that_shape(tmp_path: Path) -> None:
    """The graph goes through ``kg build`` as anybody's facts, and out again at ``/sparql``."""
    file, store, out = tmp_path / "shaped.ttl", tmp_path / "shaped", tmp_path / "wikidata.nt"
    file.write_text(WORLD, encoding="utf-8")
    assert main(["build", "--only", str(file), "--store", str(store)]) == 0
    with answering() as other:
        expected = read_wikidata(other.url, languages=["fr", "ru"], retrieved=DAY)
    served = Server("--store", store)
    try:
        given = read_wikidata(served.url("sparql"), languages=["fr", "ru"], retrieved=DAY)
        assert run(served.url("sparql"), "--language", "fr", "--out", str(out)) == 0
    finally:
        served.stop()
    assert (given.rows, given.used, given.nodes) == (expected.rows, expected.used, expected.nodes)
    assert (given.set_aside, given.notes) == (expected.set_aside, expected.notes)
    assert vouched(out)


os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
