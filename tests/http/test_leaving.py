"""Who leaves before the request is whole leaves a line in the log and no traceback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from tests.http.conftest import Server
from tests.http.test_connections import Talk


def test_in_the_middle_of_a_body(store: Path, start: Callable[..., Server]) -> None:
    server = start("--store", store)
    for path in ("/sparql", "/sparql?large"):
        size = 500_000 if "large" in path else 100
        talk = Talk(server)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {size}\r\n"
        )
        talk.send(f"{head}\r\nASK {{}}{'#' * (size // 2)}".encode())
        time.sleep(0.3)
        talk.close()
    time.sleep(0.5)
    assert server.stop() == 0
    told = [line for line in server.lines if '"/sparql"' in line]
    assert [json.loads(line)["status"] for line in told] == [499, 499]
    assert not any("Traceback" in line or "failed" in line for line in server.lines)
