"""A SPARQL server in the process of the test, that can be slow, lose triples and refuse what it is told to."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph
from pyoxigraph import NamedNode, Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat

from kg.settings import RemoteSettings, remote_settings

__all__ = ["NONSENSE", "Pretender"]

NONSENSE = NamedNode("https://example.org/nonsense")


class Pretender:
    """Oxigraph behind HTTP.

    Attributes:
        update: called with the text of each update before it is done; what it returns is what the client is told, if
            it is a status of HTTP. It may wait.
        losing: whether every tenth line of what is loaded is lost.
        updates: the updates that came, in order.
    """

    def __init__(self) -> None:
        self.store = pyoxigraph.Store()
        self.update: Callable[[str], int | None] = lambda text: None
        self.losing = False
        self.blocked = threading.Event()
        self.blocked.set()
        self.updates: list[str] = []
        pretender = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                place = urlsplit(self.path)
                status, answer = pretender.answer(place.path, parse_qs(place.query), body)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", QueryResultsFormat.XML.media_type)
                    self.end_headers()
                    self.wfile.write(answer)

            def version_string(self) -> str:
                return "Pretender/1"

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def settings(self) -> RemoteSettings:
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        return remote_settings(
            f"{base}/query", update_url=f"{base}/update", graph_store_url=f"{base}/store", rule_timeout=0.5
        )

    def answer(self, path: str, parameters: dict[str, list[str]], body: bytes) -> tuple[int, bytes]:
        if path == "/store":
            self.blocked.wait()
            lines = body.splitlines(keepends=True)
            kept = [line for number, line in enumerate(lines) if not self.losing or number % 10 != 3]
            self.store.load(b"".join(kept), format=RdfFormat.N_TRIPLES, to_graph=NamedNode(parameters["graph"][0]))
            return 204, b""
        form = parse_qs(body.decode())
        if path == "/update":
            (text,) = form["update"]
            self.updates.append(text)
            status = self.update(text)
            if status is None:
                self.store.update(text)
            return status or 204, b""
        graphs = {
            name: [NamedNode(graph) for graph in form.get(f"{kind}-graph-uri", [])] or None
            for name, kind in (("default_graph", "default"), ("named_graphs", "named"))
        }
        found = self.store.query(form["query"][0], **graphs)  # type: ignore[arg-type]
        assert isinstance(found, QueryBoolean | QuerySolutions)
        answer = found.serialize(format=QueryResultsFormat.XML)
        assert answer is not None
        return 200, answer

    def rules(self) -> list[str]:
        """The updates that make something of what is there, by a rule."""
        return [text for text in self.updates if is_rule(text)]

    def add_nonsense(self, text: str) -> None:
        """What a server adds that does more than an update says."""
        for graph in set(re.findall(r"INSERT \{ GRAPH <([^>]+)>", text)):
            self.store.add(Quad(NONSENSE, NONSENSE, NONSENSE, NamedNode(graph)))

    @contextlib.contextmanager
    def running(self) -> Iterator[Pretender]:
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.blocked.set()
            self.server.shutdown()
            self.server.server_close()
            thread.join()


def is_rule(text: str) -> bool:
    return "USING" in text and "INSERT" in text
