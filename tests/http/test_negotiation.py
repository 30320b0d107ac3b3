"""Content negotiation: a table from RFC 9110, and properties."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kg.http.negotiation import choose

OFFERS = ["application/json", "text/csv", "text/turtle"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/csv"),
        ("text/turtle", "text/turtle"),
        ("TEXT/Turtle", "text/turtle"),
        ("text/turtle;charset=utf-8", "text/turtle"),
        ("text/csv;q=0.5, text/turtle", "text/turtle"),
        ("text/csv;q=0.5,text/turtle;q=0.4", "text/csv"),
        ("*/*;q=0.1, text/csv;q=0.2", "text/csv"),
        ("*/*, application/json;q=0", "text/csv"),
        ("text/*, text/csv;q=0", "text/turtle"),
        ("text/*;q=0.3, text/turtle;q=0.2, */*;q=0.1", "text/csv"),
        ("application/json;q=0", None),
        ("*/*;q=0", None),
        ("image/png", None),
        ("image/png, */*;q=0.001", "application/json"),
        ('text/turtle; a="x, application/json; q=1"', "text/turtle"),
        ("text/turtle;q=2, text/csv;q=0.1", "text/turtle"),
        ("text/csv;q=2", "text/csv"),
        ("text/csv;q=0.12345, text/turtle;q=.2", "text/turtle"),
        ("text/csv;q=x, text/turtle;q=-1", None),
        ("*/json, text/csv", "text/csv"),
        ("garbage, text/csv", "text/csv"),
        ("garbage", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_table(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERS) == chosen


MEDIA = st.sampled_from([*OFFERS, "image/png", "text/*", "application/*", "*/*"])
WEIGHTS = st.integers(0, 1000)
FIELDS = st.dictionaries(MEDIA, WEIGHTS, min_size=1)


@given(FIELDS, st.permutations(OFFERS))
def test_order_of_the_field_makes_no_difference(field: dict[str, int], offers: list[str]) -> None:
    parts = [f"{media};q={q / 1000:.3f}" for media, q in field.items()]
    assert choose(", ".join(parts), offers) == choose(",".join(reversed(parts)), offers)


@given(FIELDS, st.permutations(OFFERS))
def test_what_is_chosen_is_wanted_most(field: dict[str, int], offers: list[str]) -> None:
    def weight(offer: str) -> int:
        return next((field[k] for k in (offer, offer.split("/")[0] + "/*", "*/*") if k in field), 0)

    chosen = choose(", ".join(f"{media};q={q / 1000:.3f}" for media, q in field.items()), offers)
    best = max(map(weight, offers))
    assert chosen == (next(o for o in offers if weight(o) == best) if best else None)


@given(st.text())
def test_anything_goes_in(field: str) -> None:
    assert choose(field, OFFERS) in {*OFFERS, None}


@pytest.mark.parametrize(
    "field",
    [
        "a/b" + " ; " * 10_000 + "x",
        '"a\\' * 20_000,
        '"' * 30_000,
        "a/b;" + " " * 40_000 + "=",
        'a/b;x="' + "\\" * 30_000,
        "a" * 40_000,
    ],
)
def test_a_long_field_takes_no_long_time(field: str) -> None:
    began = time.perf_counter()
    choose(f"{field}, text/csv", OFFERS)
    assert time.perf_counter() - began < 0.5


def test_lines_of_a_field_are_one_list(client: TestClient) -> None:
    for fields in (["image/png", "text/csv"], ["text/csv", "image/png"]):
        answer = client.get("/sparql?query=SELECT*{}", headers=[("Accept", field) for field in fields])
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
        answer = client.get("/ns", headers=[("Accept", field.replace("csv", "turtle")) for field in fields])
        assert answer.headers["content-type"].startswith("text/turtle")
