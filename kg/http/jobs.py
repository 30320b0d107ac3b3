"""The jobs of a worker, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kg.http import asking, describing, graphs, reasons, scenarios, writing
from kg.http.frames import Job
from kg.http.replies import Reply
from kg.http.served import Served

__all__ = ["JOBS"]

JOBS: Final[Mapping[str, Callable[[Served, Job, Reply, int | None], None]]] = {
    "sparql": asking.sparql,
    "question": asking.question,
    "explain": reasons.explain,
    "why-not": reasons.why_not,
    "what-if": scenarios.what_if,
    "update": writing.update,
    "read-graph": writing.read_graph,
    "write-graph": writing.write_graph,
    "service": describing.service,
    "void": describing.void,
    "questions": describing.questions,
    "question-described": describing.question,
    "node": describing.node,
    "terms": describing.terms,
    "named-graph": graphs.named_graph,
    "ready": describing.ready,
}
