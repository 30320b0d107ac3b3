"""The media types of answers, in the order of preference, with their names in the service description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat

__all__ = ["DATASETS", "DESCRIBED", "GRAPHS", "HTML", "JSON", "ROWS", "SHORT", "TAKEN", "TEXT", "content_type"]

HTML: Final = "text/html"
JSON: Final = "application/json"
TEXT: Final = "text/plain"

ROWS: Final[Mapping[str, QueryResultsFormat]] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
    "application/json": QueryResultsFormat.JSON,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
"""Answers to SELECT and ASK; the last three are other names for the first two."""


GRAPHS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
"""Answers to CONSTRUCT and DESCRIBE, and descriptions."""

DATASETS: Final[Mapping[str, RdfFormat]] = {
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/ld+json": RdfFormat.JSON_LD,
}
"""Forms of what has named graphs in it."""

DESCRIBED: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)
"""Names of all of these formats below ``http://www.w3.org/ns/formats/``."""

TAKEN: Final = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
"""Names likewise of the formats in which a graph may be sent."""

SHORT: Final[Mapping[str, str]] = {
    "json": JSON,
    "srj": "application/sparql-results+json",
    "srx": "application/sparql-results+xml",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": HTML,
    "text": TEXT,
    "svg": "image/svg+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
"""What ``format=`` may be in the place of an ``Accept`` field, for readers that cannot set one."""


def content_type(media: str) -> str:
    """The field ``Content-Type`` of a media type.

    Example:
        >>> content_type("text/csv")
        'text/csv; charset=utf-8'
    """
    return f"{media}; charset=utf-8" if media.startswith("text/") else media
