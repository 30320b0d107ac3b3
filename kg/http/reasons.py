"""Why something follows, and why something does not, in a worker."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pyoxigraph
from pyoxigraph import RdfFormat

from kg.errors import UnknownName, UsageError
from kg.explaining import QUESTIONS
from kg.http import pages
from kg.http.formats import DATASETS, HTML, JSON, TEXT
from kg.http.frames import Job
from kg.http.refusals import Refused
from kg.http.replies import Reply, agreed
from kg.http.served import Served
from kg.sentences import CATEGORY
from kg.serializing import serialize
from kg.terms import near_misses

__all__ = ["dataset", "explain", "known", "why_not"]

_EXPLAINS = ("node", "subject", "predicate", "object", "policy", "known-by")


def explain(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """All independent proofs of a node or an inferred triple."""
    given: dict[str, str] = dict(job.arguments["parameters"])
    known(given, _EXPLAINS, "explain")
    media = agreed(job, JSON, TEXT, "image/svg+xml", *DATASETS, HTML)
    triple = [given[name] for name in ("subject", "predicate", "object") if name in given]
    if ("node" in given) == bool(triple) or len(triple) not in (0, 3):
        raise UsageError("name what to explain: node, or subject, predicate and object")
    what: Any = tuple(triple) if triple else given["node"]
    known_by = given.get("known-by")
    graph = served.graph(f"{given.get('policy')} {known_by}" if known_by else None)
    found = graph.explain(what, policy=given.get("policy"), known_by=known_by)
    match media:
        case "application/json":
            told = {**found.to_dict(), "hangs_on": [sorted(way) for way in found.hangs_on()], "note": CATEGORY}
            reply.whole(media, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        case "text/plain":
            reply.whole(media, f"{_in_words(found.prose(), found.warning())}\n")
        case "image/svg+xml":
            reply.whole(media, found.svg())
        case _ if media in DATASETS:
            reply.whole(media, dataset(found.to_trig(), media))
        case _:
            reply.whole(media, pages.text(found.subject, _in_words(found.prose(), found.warning()), found.svg()))


def dataset(trig: str, media: str) -> bytes:
    """Statements in named graphs, in another form than TriG where that is wanted."""
    quads = pyoxigraph.parse(trig.encode(), format=RdfFormat.TRIG)
    return trig.encode() if DATASETS[media] == RdfFormat.TRIG else serialize(quads, DATASETS[media])


def _in_words(prose: str, warning: str) -> str:
    return f"{prose}\n\n{warning}" if warning else prose


def why_not(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """Which premise of a row that a question has not is missing."""
    name = job.arguments["name"]
    if name not in QUESTIONS:
        listed = f"Why not can be asked of: {', '.join(QUESTIONS)}"
        raise UnknownName("question", name, near_misses(name, QUESTIONS), listed)
    given: dict[str, str] = dict(job.arguments["parameters"])
    policy, known_by = given.pop("policy", None), given.pop("known-by", None)
    known(given, tuple(QUESTIONS[name]), name)
    media = agreed(job, JSON, TEXT, HTML)
    graph = served.graph(f"{policy} {known_by}" if known_by else None)
    values = {key.replace("-", "_"): value for key, value in given.items()}
    found = graph.why_not(name, policy=policy, known_by=known_by, **values)
    if media == JSON:
        told = {**asdict(found), "follows": False, "note": CATEGORY}
        reply.whole(media, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        return
    words = found.prose()
    reply.whole(media, pages.text(f"Why not: {name}", words) if media == HTML else f"{words}\n\n{CATEGORY}\n")


def known(given: dict[str, str], names: tuple[str, ...], what: str) -> None:
    """Refuse parameters that are not among the names.

    Raises:
        Refused: there is one (400).
    """
    for name in given:
        if name not in names:
            listed = f"{what} takes: {', '.join(names)}"
            raise Refused(400, f"no parameter is called {name!r}. {listed}", near_misses(name, names))
