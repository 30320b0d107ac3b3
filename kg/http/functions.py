"""What queries may say beyond SPARQL 1.1: functions of GeoSPARQL 1.1 that Oxigraph has, and parts of the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kg.vocab import ClosedNamespace

__all__ = ["EXTENSIONS", "FUNCTIONS"]

FUNCTIONS: Final = ClosedNamespace(
    "http://www.opengis.net/def/function/geosparql/",
    """
    area asGeoJSON centroid convexHull coordinateDimension difference dimension distance ehContains ehCoveredBy
    ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope getSRID intersection isEmpty isSimple length
    perimeter rcc8dc rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses
    sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin spatialDimension symDifference union
    """,
)
"""A test calls each of GeoSPARQL, so that the list is that of the engine."""

_PROPOSALS: Final = "https://github.com/w3c/sparql-dev/blob/main/SEP"
EXTENSIONS: Final[Mapping[str, str]] = {
    f"{_PROPOSALS}/SEP-0002/sep-0002.md": "ADJUST, and arithmetic on dates and durations",
    f"{_PROPOSALS}/SEP-0006/sep-0006.md": "LATERAL",
    "https://www.w3.org/TR/sparql12-query/": "SPARQL 1.2 in part: VERSION, triple terms and base directions",
}
"""What extends the language, by the document that says how, none of them being a standard yet."""
