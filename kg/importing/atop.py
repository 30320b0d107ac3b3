"""What the two ATOP data sets share: the five obligations and how an edition is described.

References:
    Brett Ashley Leeds, Alliance Treaty Obligations and Provisions (ATOP) Codebook (http://www.atopdata.org).
    The Quality of Government data finder dates version 5.1 to August 2022 (https://datafinder.qog.gu.se/dataset/atop).
"""

from __future__ import annotations

from typing import Final

from kg.importing.writing import Publication
from kg.vocab import FOEDUS

__all__ = ["FIRST_YEAR", "KINDS", "publication"]

KINDS: Final = {
    "defense": FOEDUS.DefenseProvision,
    "offense": FOEDUS.OffenseProvision,
    "neutral": FOEDUS.NeutralityProvision,
    "nonagg": FOEDUS.NonaggressionProvision,
    "consul": FOEDUS.ConsultationProvision,
}
"""The columns of the five obligations, and the provisions that they are."""

FIRST_YEAR: Final = 1815
"""The year with which every edition begins."""

_PUBLISHED: Final = {"5.1": "2022"}
"""When an edition came out, as far as that is known: for others only that it was not before the last year it codes."""


def publication(slug: str, title: str, version: str, last: int, note: str) -> Publication:
    """An edition of ATOP."""
    published = _PUBLISHED.get(version)
    return Publication(
        slug=f"{slug}-{version or last}",
        title=f"{title} {version}".strip(),
        producer="Alliance Treaty Obligations and Provisions project",
        coverage=f"Formal alliances of states from {FIRST_YEAR} to {last} and the obligations of their members. {note}",
        published=published,
        not_before=None if published else f"{last}-12-31",
        covers=(FOEDUS.Alliance,),
        years=(FIRST_YEAR, last),
        # What members and what pairs of members say of one treaty is the same.
        series="atop",
    )
