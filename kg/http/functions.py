"""The functions that queries may call beyond those of SPARQL 1.1: those of GeoSPARQL 1.1 that Oxigraph has."""

from __future__ import annotations

from typing import Final

from kg.vocab import ClosedNamespace

__all__ = ["FUNCTIONS"]

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
