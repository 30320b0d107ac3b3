"""What tests of changes share: a server that can be written to, on a store of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from tests.http.conftest import serving

TOKEN = "correct-horse-battery-staple"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
TURTLE = {"Content-Type": "text/turtle"}
UPDATE = {"Content-Type": "application/sparql-update"}
MINE = "https://w3id.org/foedus/graph/asserted/mine"
OTHER = "https://w3id.org/foedus/graph/asserted/other"
STATES = "https://w3id.org/foedus/graph/asserted/states"
ARTICLE = "https://w3id.org/foedus/graph/asserted/article-armenia-belarus"
INFERRED = "https://w3id.org/foedus/graph/inferred/reported"


@contextmanager
def writable(store: Path, folder: Path, **settings: object) -> Iterator[TestClient]:
    """A client, without the token, of a server that can be written to; its store is a copy."""
    place = folder / "store"
    shutil.copytree(store, place)
    with serving(place, **{"token": TOKEN, "workers": 1} | settings) as client:
        yield client


def ask(client: TestClient, query: str) -> bool:
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["boolean"])


def update(client: TestClient, text: str, **parameters: object) -> object:
    """An update sent as the body, with the token."""
    answer = client.post("/sparql", params=parameters, content=text, headers=AUTH | UPDATE)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return answer.json()
