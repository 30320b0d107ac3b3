"""What is refused is told in the form that is wanted: JSON, or a page for people."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.http.writing import UPDATE

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REFUSED = [
    ("/nowhere", 404, "no such page"),
    ("/id/state/XXX", 404, "nothing in the graph is called"),
    ("/questions/alliez", 404, "alliez"),
    ("/questions/allies-supplying-adversary?state=Armenja", 400, "Armenia"),
    ("/explain", 400, "name what to explain"),
    ("/why-not", 404, "/why-not/allies-supplying-adversary"),
    ("/sparql?query=SELEC", 400, "does not parse"),
    ("/graph-store", 400, "which graph?"),
]


@pytest.mark.parametrize(("path", "status", "says"), REFUSED)
def test_in_the_form_that_is_wanted(client: TestClient, path: str, status: int, says: str) -> None:
    page = client.get(path, headers={"Accept": BROWSER})
    assert page.status_code == status and page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.startswith("<!doctype html>") and says in page.text
    for accept in ("*/*", "application/json, */*;q=0.9", "text/turtle, */*;q=0.1"):
        plain = client.get(path, headers={"Accept": accept})
        assert plain.status_code == status and plain.headers["content-type"] == "application/json"
        assert page.headers["vary"] == plain.headers["vary"] == "Accept"
        assert says in plain.text and set(plain.json()) == {"error", "did_you_mean"}


def test_programs_that_want_rows_are_told_in_json(client: TestClient) -> None:
    plain = client.get("/sparql?query=SELEC", headers={"Accept": "application/sparql-results+json"})
    assert plain.status_code == 400 and plain.headers["content-type"] == "application/json"


def test_a_page_links_to_addresses_and_lists_words(client: TestClient) -> None:
    gone = client.get("/sparq", headers={"Accept": BROWSER}).text
    assert '<li><a href="/sparql">/sparql</a></li>' in gone
    wrong = client.get("/questions/members?member=Armenja", headers={"Accept": BROWSER}).text
    assert "<li>Armenia</li>" in wrong and 'href="Armenia"' not in wrong


def test_what_is_told_is_text(client: TestClient) -> None:
    page = client.get("/questions/members?member=<script>", headers={"Accept": BROWSER}).text
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_without_a_worker_too(client: TestClient) -> None:
    page = client.post("/sparql", content="CLEAR ALL", headers=UPDATE | {"Accept": BROWSER})
    assert page.status_code == 403 and page.text.startswith("<!doctype html>")
    assert client.request("PATCH", "/questions", headers={"Accept": BROWSER}).text.startswith("<!doctype html>")
