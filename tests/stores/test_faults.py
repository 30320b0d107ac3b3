"""Servers that refuse, fail, are slow or speak no SPARQL: a clear error without credentials, and nothing done twice."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.cli import main
from kg.errors import KgError, QueryError, StoreError
from kg.settings import remote_settings
from kg.store import transport
from kg.store.remote import RemoteStore

G = NamedNode("https://w3id.org/foedus/graph/asserted/g")
NODE = NamedNode("https://example.org/n")
SECRETS = ("ada-lovelace", "hunter2", "t0ken-of-trust", base64.b64encode(b"ada-lovelace:hunter2").decode())
EMPTY = b"""<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">
<head><variable name="g"/><variable name="area"/></head><results></results></sparql>"""
XML = "application/sparql-results+xml"


class Fake:
    """A server that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.type, self.body = 200, XML, EMPTY
        self.headers: dict[str, str] = {}
        self.delay = self.drip = self.head_drip = 0.0
        self.broken = 0
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fake.seen.append((self.path, dict(self.headers), body))
                time.sleep(fake.delay)
                if fake.broken:
                    fake.broken -= 1
                    self.close_connection = True
                    return
                if fake.head_drip:
                    self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                    for _ in range(60):
                        self.wfile.write(b"x")
                        time.sleep(fake.head_drip)
                self.send_response(fake.status)
                for name, value in {"Content-Type": fake.type, **fake.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(fake.body)))
                self.end_headers()
                for at in range(0, len(fake.body), 1 if fake.drip else len(fake.body)):
                    self.wfile.write(fake.body[at : at + 1] if fake.drip else fake.body)
                    time.sleep(fake.drip)

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that has given up is no fault."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/sparql"

    def texts(self, kind: str) -> list[str]:
        return [text for _, _, body in self.seen for text in parse_qs(body.decode()).get(kind, [])]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.setattr(transport, "_PAUSE", 0.001)
    made = Fake()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def connect(fake: Fake, **given: object) -> RemoteStore:
    return RemoteStore.connect(remote_settings(fake.url, **given))


def test_an_empty_server_says_how_to_build(fake: Fake) -> None:
    with pytest.raises(StoreError, match="kg build --store"):
        RemoteStore.open(fake.url)


@pytest.mark.parametrize(("type_", "body"), [("text/html", b"<html>"), (XML, b"<html>"), ("application/json", b"{}")])
def test_a_page_is_no_endpoint(fake: Fake, type_: str, body: bytes) -> None:
    fake.type, fake.body = type_, body
    with pytest.raises(StoreError, match=r"not a SPARQL endpoint|is it an endpoint"):
        RemoteStore.open(fake.url)


ROWS = b"""<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">
<head><variable name="g"/></head><results><result><binding name="g"><uri>https://w3id.org/foedus/graph/asserted/a</uri>
</binding></result></results></sparql>"""


@pytest.mark.parametrize("cut", [-1, -9, -30, -120, 90])
def test_an_answer_that_breaks_off_without_a_word_is_asked_for_again(fake: Fake, cut: int) -> None:
    fake.body = ROWS[:cut]
    with pytest.raises(StoreError, match="the answer broke off after"):
        connect(fake).query("SELECT ?g { GRAPH ?g { } }")
    assert len(fake.seen) > 1


def test_an_answer_with_a_fault_in_a_row_is_an_error_of_the_server(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.body = ROWS.replace(b"</uri>", b"</iri>")
    assert main(["ask", "betrayals", "--store", fake.url]) == 3
    assert "no SPARQL result in XML" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "--store-user"),
        (403, "--store-user"),
        (404, "not a SPARQL endpoint"),
        (501, "not a SPARQL endpoint"),
        (500, "failed"),
        (503, "later"),
    ],
)
def test_refusals_are_told_apart(fake: Fake, status: int, words: str) -> None:
    fake.status = status
    with pytest.raises(StoreError, match=words) as fault:
        RemoteStore.open(fake.url)
    assert fake.url in str(fault.value)


def test_a_query_that_the_server_does_not_like(fake: Fake) -> None:
    fake.status, fake.body = 400, b"no such function"
    with pytest.raises(QueryError, match="no such function"):
        connect(fake).query("ASK {}")


def test_a_query_of_ours_that_the_server_does_not_like_is_no_fault_of_the_user(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.status, fake.body = 400, b"FILTER is not supported"
    assert main(["ask", "betrayals", "--store", fake.url]) == 3
    said = capsys.readouterr().err
    assert fake.url in said and "FILTER is not supported" in said


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_graph_store_that_is_none(fake: Fake, status: int) -> None:
    fake.status = status
    with pytest.raises(StoreError, match="--graph-store-url") as fault:
        connect(fake, graph_store_url=f"{fake.url}/data").insert(G, [Triple(NODE, NODE, NODE)])
    assert f"{fake.url}/data" in str(fault.value)


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_an_endpoint_that_only_reads(fake: Fake, status: int) -> None:
    fake.status = status
    with pytest.raises(StoreError, match="--update-url"):
        connect(fake).drop(G)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as fault:
        RemoteStore.open("http://127.0.0.1:9/sparql")
    assert fault.value.exit_code == 3


def test_a_slow_server(fake: Fake) -> None:
    fake.delay = 0.5
    with pytest.raises(StoreError, match=r"0\.1 seconds"):
        connect(fake, timeout=0.1).graphs()
    assert len(fake.seen) == 1


def test_a_server_that_drips_has_no_more_time(fake: Fake) -> None:
    fake.drip = 0.05
    began = time.monotonic()
    with pytest.raises(StoreError, match=r"0\.2 seconds"):
        connect(fake, timeout=0.2).graphs()
    assert time.monotonic() - began < 2


def test_a_head_that_drips_and_a_second_request_with_credentials_have_no_more_time(fake: Fake) -> None:
    fake.head_drip = 0.05
    began = time.monotonic()
    with pytest.raises(StoreError, match=r"0\.2 seconds"):
        connect(fake, timeout=0.2).graphs()
    assert time.monotonic() - began < 1
    fake.head_drip, fake.delay = 0.0, 0.6
    fake.status, fake.headers = 401, {"WWW-Authenticate": 'Basic realm="x"'}
    began = time.monotonic()
    with pytest.raises(StoreError, match="1 seconds"):
        connect(fake, timeout=1, user="ada-lovelace", password="hunter2").graphs()
    assert time.monotonic() - began < 1.2 and len(fake.seen) == 3


def test_what_can_be_repeated_is(fake: Fake) -> None:
    fake.broken = 2
    assert connect(fake).graphs() == []
    assert len(fake.seen) == 3
    fake.broken = 1
    connect(fake).drop(G)
    assert len(fake.texts("update")) == 2


def test_what_runs_on_the_server_is_sent_once(fake: Fake) -> None:
    fake.broken = 1
    with pytest.raises(StoreError, match="broke off"):
        connect(fake).construct_into(G, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", [G])
    assert len(fake.texts("update")) == 1


def test_a_server_that_stays_busy_is_left_alone_in_the_end(fake: Fake) -> None:
    fake.status = 429
    with pytest.raises(StoreError, match="later"):
        connect(fake).graphs()
    assert len(fake.seen) == 4


def test_graphs_are_named_by_the_protocol(fake: Fake) -> None:
    connect(fake).query("SELECT * { ?s ?p ?o }", default_graphs=[G, NODE])
    (_, _, body) = fake.seen[-1]
    assert parse_qs(body.decode())["default-graph-uri"] == [G.value, NODE.value]


def test_triples_go_in_batches(fake: Fake) -> None:
    triples = [Triple(NODE, NODE, Literal(str(n))) for n in range(2500)]
    connect(fake).insert(G, triples)
    assert [text.count(" .\n") for text in fake.texts("update")] == [1000, 1000, 500]
    fake.seen.clear()
    connect(fake, graph_store_url=f"{fake.url}/data").insert(G, triples)
    ((path, headers, body),) = fake.seen
    assert path.startswith("/sparql/data?graph=https%3A%2F%2F") and body.count(b" .\n") == 2500
    assert headers["Content-Type"] == "application/n-triples"


def test_blank_nodes_are_refused(fake: Fake) -> None:
    with pytest.raises(StoreError, match="blank node"):
        connect(fake).insert(G, [Triple(BlankNode(), NODE, NODE)])
    assert not fake.seen


def test_an_answer_cut_short_is_noticed(fake: Fake) -> None:
    row = b'<result><binding name="n"><literal datatype="http://www.w3.org/2001/XMLSchema#integer">%d</literal></binding></result>'
    head = b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="n"/></head><results>'
    fake.body = head + row % 2000 * 1000 + b"</results></sparql>"
    with pytest.raises(StoreError, match="cut the answer after 1,000 of 2,000 rows"):
        connect(fake).query("SELECT ?n { ?s ?p ?n }")


def test_basic_credentials_go_only_where_they_are_asked_for(fake: Fake) -> None:
    store = connect(fake, user="ada-lovelace", password="hunter2")
    store.graphs()
    assert "Authorization" not in fake.seen[-1][1]
    fake.status, fake.headers = 401, {"WWW-Authenticate": 'Basic realm="x"'}
    with pytest.raises(StoreError, match="not accepted"):
        store.query("ASK {}")
    assert fake.seen[-1][1]["Authorization"] == f"Basic {SECRETS[3]}"


def test_a_server_that_says_it_is_read_only(fake: Fake) -> None:
    store = connect(fake)
    fake.status, fake.type = 403, "application/json"
    fake.body = b'{"error": "this endpoint is read-only: it answers queries and takes no updates"}'
    with pytest.raises(StoreError, match="is read-only") as raised:
        store.update("DROP ALL")
    assert "credentials" not in str(raised.value)
    fake.body = b"no"
    with pytest.raises(StoreError, match="credentials are needed"):
        store.update("DROP ALL")


def test_a_token_is_not_sent_on_by_a_redirection(fake: Fake) -> None:
    other = Fake()
    thread = threading.Thread(target=other.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.status, fake.headers = 302, {"Location": other.url}
    with pytest.raises(StoreError, match="has moved"):
        connect(fake, token="t0ken-of-trust").graphs()
    other.server.shutdown()
    other.server.server_close()
    thread.join()
    assert fake.seen[-1][1]["Authorization"] == "Bearer t0ken-of-trust"
    assert not other.seen


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_who_has_moved_says_where(fake: Fake, status: int) -> None:
    fake.status, fake.headers = status, {"Location": "https://user:s3cret@elsewhere.example/sparql"}
    with pytest.raises(
        StoreError, match=rf"has moved \({status}\) to https://.*elsewhere.example/sparql; name"
    ) as fault:
        connect(fake, user="user", password="s3cret").drop(G)
    assert "s3cret" not in str(fault.value)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 500, 503])
@pytest.mark.parametrize("way", ["url", "options", "environment", "token"])
def test_credentials_are_nowhere(
    fake: Fake,
    way: str,
    status: int,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.status = status
    # A server may well repeat what it was sent.
    used = (SECRETS[2],) if way == "token" else (SECRETS[3], *SECRETS[:2])
    fake.body, fake.type = " ".join(used).encode(), "text/plain"
    fake.headers = {"WWW-Authenticate": 'Basic realm="x"'}
    url, options = fake.url, []
    match way:
        case "url":
            url = url.replace("//", "//ada-lovelace:hunter2@")
        case "options":
            options = ["--store-user", "ada-lovelace:hunter2"]
        case "environment":
            monkeypatch.setenv("FOEDUS_STORE_USER", "ada-lovelace")
            monkeypatch.setenv("FOEDUS_STORE_PASSWORD", "hunter2")
        case "token":
            options = ["--store-token", "t0ken-of-trust"]
    commands = (["ask", "members"], ["sparql", "ASK {}"], ["export", "--out", "nowhere"], ["build"])
    for command in commands:
        assert main([*command, "--store", url, *options]) in (2, 3)
    said = capsys.readouterr()
    everything = said.out + said.err + caplog.text
    assert "kg: " in everything
    assert not [secret for secret in SECRETS if secret in everything]
    fake.body = " ".join(SECRETS).encode()
    settings = remote_settings(url, user="ada-lovelace", password="hunter2", token="t0ken-of-trust")
    store = RemoteStore.connect(settings)
    try:
        store.drop(G)
    except KgError as fault:
        chain: BaseException | None = fault
        while chain is not None:
            assert not [secret for secret in SECRETS if secret in f"{chain!r} {chain}"]
            chain = chain.__cause__ or chain.__context__
    assert not [secret for secret in SECRETS if secret in f"{store!r} {settings!r}"]


def test_options_of_a_remote_store_need_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "members", "--store-user", "ada-lovelace:hunter2"]) == 2
    said = capsys.readouterr().err
    assert "remote --store" in said and "hunter2" not in said


def test_a_time_for_rules_needs_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--rule-timeout", "5"]) == 2
    assert main(["build", "--at-once", "5"]) == 2
    assert "remote --store" in capsys.readouterr().err
