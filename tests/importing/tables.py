"""Small made-up tables, shaped like those that publishers offer, and what importers make of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from kg.documents import read_document
from kg.errors import Violation
from kg.importing.results import Import
from kg.resources import resource
from kg.terms import PREFIXES
from kg.validation import validate
from kg.vocab import FOEDUS, RDF

ID = PREFIXES["id"]
NS = PREFIXES["foedus"]

Nodes = dict[str, dict[str, list[str]]]


def table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> Path:
    """Write a table and give its path."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding=encoding)
    return path


def nodes(result: Import) -> Nodes:
    """What was said of each node, with the bases of IRIs left out."""
    found: Nodes = {}
    for subject, predicate, value in result.triples:
        assert isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal)
        name = predicate.value.rpartition("#")[2].rpartition("/")[2]
        text = value.value.removeprefix(ID).removeprefix(NS)
        found.setdefault(subject.value.removeprefix(ID), {}).setdefault(name, []).append(text)
    return found


def of_kind(result: Import, kind: str) -> Nodes:
    """The nodes of a class."""
    return {name: parts for name, parts in nodes(result).items() if kind in parts.get("type", ())}


def reasons(result: Import) -> dict[str, int]:
    """How many rows were set aside for which reason."""
    found: dict[str, int] = {}
    for part in result.set_aside:
        found[part.reason] = found.get(part.reason, 0) + part.count
    return found


def accounted_for(result: Import) -> bool:
    """Whether every row was used or set aside, and every node that needs one has a claim."""
    claimed = {t.object for t in result.triples if t.predicate == FOEDUS.claims}
    kinds = {FOEDUS.Dataset, FOEDUS.Organization, FOEDUS.State, FOEDUS.Claim}
    made = {t.subject for t in result.triples if t.predicate == RDF.type and t.object not in kinds}
    return result.rows == result.used + sum(reasons(result).values()) and made == claimed


def faults(triples: Iterable[Triple]) -> list[Violation]:
    """What the shapes find at fault, with the list of states at hand."""
    states = read_document(resource("graph", "states.ttl"))
    return validate({"imported": list(triples), "states": states.triples})
