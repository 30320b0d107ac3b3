"""A small graph in the shape of Wikidata's RDF, made up, and an endpoint that serves it and can misbehave.

Property numbers are Wikidata's. Items of states are those that the list of states names, or made up above Q900000000.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat

PREFIXES = """@prefix p: <http://www.wikidata.org/prop/> .
@prefix pq: <http://www.wikidata.org/prop/qualifier/> .
@prefix pqv: <http://www.wikidata.org/prop/qualifier/value/> .
@prefix pr: <http://www.wikidata.org/prop/reference/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix ps: <http://www.wikidata.org/prop/statement/> .
@prefix psv: <http://www.wikidata.org/prop/statement/value/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ref: <http://www.wikidata.org/reference/> .
@prefix s: <http://www.wikidata.org/entity/statement/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <http://www.wikidata.org/value/> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdno: <http://www.wikidata.org/prop/novalue/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix wikibase: <http://wikiba.se/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
UNKNOWN, NOTHING = "unknown", "nothing"
"""Values of a statement or a qualifier that are none."""

GREGORIAN, JULIAN = "Q1985727", "Q1985786"
ARMENIA, BELARUS, FRANCE, ARUBA = "Q399", "Q184", "Q142", "Q21203"
PACT, LEAGUE, COMPACT, CLUB = "Q900000001", "Q900000002", "Q900000003", "Q900000004"


def names(item: str, **labels: str) -> str:
    """Labels of an item; ``alias_LANGUAGE`` for others, and ``_`` for ``-`` in a language."""
    lines = []
    for language, text in labels.items():
        prop, tag = ("skos:altLabel", language[6:]) if language.startswith("alias_") else ("rdfs:label", language)
        lines += [f'wd:{item} {prop} "{each}"@{tag.replace("_", "-")} .' for each in text.split("|")]
    return "\n".join(lines) + "\n"


def moment(text: str) -> tuple[str, str]:
    """The name and the description of a node of time, ``DATE/PRECISION`` with ``/julian`` where it is."""
    day, precision, *julian = text.split("/")
    name = "v:t" + "".join(c if c.isalnum() else "-" for c in text)
    day = f"{day}T00:00:00Z"
    calendar = JULIAN if julian else GREGORIAN
    return name, (
        f'{name} a wikibase:TimeValue ; wikibase:timeValue "{day}"^^xsd:dateTime ; '
        f'wikibase:timePrecision "{precision}"^^xsd:integer ; wikibase:timeCalendarModel wd:{calendar} .\n'
    )


def literal(text: str) -> str:
    """The plain value of a time."""
    return f'"{text.partition("/")[0]}T00:00:00Z"^^xsd:dateTime'


def statement(
    item: str,
    prop: str,
    value: str,
    *,
    name: str = "1",
    rank: str = "Normal",
    references: Iterable[str] = (),
    **qualifiers: str,
) -> str:
    """A statement: ``value`` in Turtle, or a time, and qualifiers by property, several parted by ``|``."""
    node = f"s:{item}-{prop}-{name}"
    lines = [f"wd:{item} p:{prop} {node} . {node} a wikibase:Statement ; wikibase:rank wikibase:{rank}Rank .\n"]
    if value == NOTHING:
        lines.append(f"{node} a wdno:{prop} .\n")
    elif value == UNKNOWN:
        lines.append(f"{node} ps:{prop} [] .\n")
    elif "/" in value:
        named, described = moment(value)
        lines.append(f"{described}{node} psv:{prop} {named} ; ps:{prop} {literal(value)} .\n")
    else:
        lines.append(f"{node} ps:{prop} {value} .\n")
    for qualifier, values in qualifiers.items():
        for each in values.split("|"):
            if each == NOTHING:
                lines.append(f"{node} a wdno:{qualifier} .\n")
            elif each == UNKNOWN:
                lines.append(f"{node} pq:{qualifier} <http://www.wikidata.org/.well-known/genid/{item}{name}> .\n")
            elif "/" in each:
                named, described = moment(each)
                lines.append(f"{described}{node} pqv:{qualifier} {named} ; pq:{qualifier} {literal(each)} .\n")
            else:
                lines.append(f"{node} pq:{qualifier} {each} .\n")
    for number, reference in enumerate(references):
        lines.append(
            f"{node} prov:wasDerivedFrom ref:{item}-{name}-{number} . ref:{item}-{name}-{number} {reference} .\n"
        )
    return "".join(lines)


def member(item: str, organization: str, **given: Any) -> str:
    """A statement that a state is a member."""
    known = organization in (UNKNOWN, NOTHING)
    return statement(item, "P463", organization if known else f"wd:{organization}", **given)


def codes(item: str, iso2: str, iso3: str, numeric: str) -> str:
    """Three statements of codes."""
    given = {"P297": iso2, "P298": iso3, "P299": numeric}
    return "".join(statement(item, prop, f'"{code}"') for prop, code in given.items())


WORLD = "".join(
    (
        PREFIXES,
        codes(ARMENIA, "AM", "ARM", "051"),
        names(
            ARMENIA,
            en="Armenia",
            fr="Arménie",
            ru="Армения",
            de="Armenien",
            alias_en="Land of Haik",
            alias_fr="République d'Arménie|Azerbaijan",
        ),
        codes(BELARUS, "BY", "BLR", "112"),
        names(BELARUS, en="Belarus", fr="Biélorussie", alias_fr="Haut Pays"),
        codes(FRANCE, "FR", "FRA", "250"),
        names(FRANCE, fr="France", alias_fr="Haut Pays"),
        statement(ARUBA, "P298", '"ABW"'),
        member(ARUBA, LEAGUE),
        f"wd:{PACT} wdt:P31 wd:Q900000010 . wd:Q900000010 wdt:P279 wd:Q1127126 .\n",
        names(PACT, en="Pact of the Highlands", fr="Pacte des hautes terres", alias_en="PHL|CSTO"),
        statement(PACT, "P571", "1992-05-15/11", rank="Preferred"),
        statement(PACT, "P571", "1990-01-01/8", name="2"),
        statement(PACT, "P576", UNKNOWN),
        names(LEAGUE, en="League of Post Offices"),
        f"wd:{COMPACT} wdt:P31 wd:Q1127126 .\n",
        names(COMPACT, fr="Pacte sans nom anglais"),
        member(
            ARMENIA,
            PACT,
            P580="1992-05-15/11",
            P582=NOTHING,
            references=(
                f"pr:P248 wd:{CLUB} ; pr:P854 <https://example.org/treaty>",
                "pr:P854 <https://example.org/list>",
            ),
        ),
        member(BELARUS, PACT, P580="1993-12-01/10", P585="1994-01-01/11"),
        member(FRANCE, PACT, name="2", rank="Deprecated"),
        member(ARMENIA, LEAGUE, name="2", P580="1991-01-01/9", P582="2001-01-01/9"),
        member(BELARUS, COMPACT, name="2", P580="1990-01-01/8", P582=UNKNOWN, P1480="wd:Q900000011"),
        member(FRANCE, LEAGUE, name="3", P2868="wd:Q900000012"),
        member(FRANCE, UNKNOWN, name="4"),
        member(FRANCE, NOTHING, name="5"),
        member(FRANCE, BELARUS, name="6"),
    )
)
"""Three states and a territory, two pacts, a league, and one of everything that goes wrong."""


class WikidataServer:
    """An endpoint on loopback.

    Attributes:
        url: where it is.
        seen: headers and query of each request.
        before: called with the number of a request; what it returns, status, headers, type and body, is sent in the
            place of an answer.
        cap: rows that an answer has at most, without a word.
        after: what is made of the body of an answer.
        form: the format of answers.
        delay: seconds before an answer.
        broken: whether a connection ends before its answer does.
    """

    def __init__(self, turtle: str) -> None:
        self.store = pyoxigraph.Store()
        self.store.load(turtle, format=RdfFormat.TURTLE, base_iri="https://example.org/")
        self.seen: list[tuple[dict[str, str], str]] = []
        self.before: Callable[[int], tuple[int, dict[str, str], str, bytes] | None] = lambda number: None
        self.after: Callable[[bytes], bytes] = lambda body: body
        self.cap: int | None = None
        self.form = QueryResultsFormat.XML
        self.delay = 0.0
        self.broken = False
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                (query,) = parse_qs(body)["query"]
                here.seen.append((dict(self.headers), query))
                time.sleep(here.delay)
                status, headers, kind, data = here.before(len(here.seen)) or (
                    200,
                    {},
                    here.form.media_type,
                    here.after(here.answer(query)),
                )
                self.send_response(status)
                for name, value in {"Content-Type": kind, **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data) + 1000 * here.broken))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that has given up is no fault."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/sparql"

    def answer(self, query: str) -> bytes:
        """What the graph answers, capped."""
        if self.cap is not None:
            head, limit, tail = query.rpartition("LIMIT ")
            number, _, rest = tail.partition(" ")
            query = f"{head}{limit}{min(int(number), self.cap)} {rest}"
        result = self.store.query(query)
        assert isinstance(result, QuerySolutions)
        data = result.serialize(format=self.form)
        assert isinstance(data, bytes)
        return data


@contextmanager
def answering(turtle: str = WORLD) -> Iterator[WikidataServer]:
    """An endpoint while it is needed."""
    made = WikidataServer(turtle)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()
