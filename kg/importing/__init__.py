"""Importers: from the files of published data sets to facts with a source.

No file is downloaded and none ships: users get the files from their publishers, on the publishers' terms, which
:data:`OFFERS` names. Wikidata is no file: it is asked, at the endpoint that the user names. Every row becomes nodes
with a claim of its own, or is set aside for a reason; none vanishes. Reading tables takes the extra ``import``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.collecting import uncollected
from kg.errors import UnknownName, UsageError
from kg.terms import near_misses

if TYPE_CHECKING:
    from kg.importing.results import Import

__all__ = ["OFFERS", "Offer", "import_endpoint", "import_files"]


@dataclass(frozen=True)
class Offer:
    """A data set that can be imported.

    Attributes:
        what: what it is, in a line.
        where: where its publisher offers it.
        terms: on which terms, as far as the publisher states them.
        reader: module and function that import it.
        is_asked: whether it is asked at a SPARQL endpoint, and not read from files.
    """

    what: str
    where: str
    terms: str
    reader: tuple[str, str]
    is_asked: bool = False


OFFERS: Final[Mapping[str, Offer]] = {
    "atop-members": Offer(
        "ATOP member-level data: members of alliances and their obligations",
        "http://www.atopdata.org",
        "cite Leeds and others 2002",
        ("atop_members", "read_atop_members"),
    ),
    "atop-dyads": Offer(
        "ATOP directed dyad-years: who owes whom what, by year",
        "http://www.atopdata.org",
        "cite Leeds and others 2002",
        ("atop_dyads", "read_atop_dyads"),
    ),
    "sipri": Offer(
        "SIPRI trade register: deals and deliveries of arms",
        "https://armstransfers.sipri.org",
        "non-commercial use with credit; no more than 10% of it may be republished",
        ("sipri", "read_sipri"),
    ),
    "ucdp-dyadic": Offer(
        "UCDP Dyadic Dataset: pairs of opponents, by year",
        "https://ucdp.uu.se/downloads/",
        "CC BY 4.0",
        ("ucdp_dyadic", "read_ucdp_dyadic"),
    ),
    "ucdp-acd": Offer(
        "UCDP/PRIO Armed Conflict Dataset: conflicts, by year",
        "https://ucdp.uu.se/downloads/",
        "CC BY 4.0",
        ("ucdp_acd", "read_ucdp_acd"),
    ),
    "rivalry": Offer(
        "strategic rivalries by Thompson, Sakuwa and Suhas, or by Thompson and Dreyer",
        "the authors' books and replication archives",
        "cite the book",
        ("rivalry", "read_rivalries"),
    ),
    "mid": Offer(
        "Correlates of War militarized interstate disputes: MIDB, with MIDA where at hand",
        "https://correlatesofwar.org/data-sets/mids/",
        "cite Palmer and others 2022",
        ("mid", "read_mid"),
    ),
    "states": Offer(
        "lists of states by the Correlates of War project and by Gleditsch and Ward",
        "https://correlatesofwar.org/data-sets/state-system-membership/ and http://ksgleditsch.com/data-4.html",
        "cite the list",
        ("state_lists", "read_states"),
    ),
    "wikidata": Offer(
        "names in several languages, codes and memberships of states; the URL of a SPARQL endpoint stands in the place "
        "of FILE",
        "https://query.wikidata.org/sparql or any endpoint of the same shape",
        "CC0",
        ("wikidata", "read_wikidata"),
        is_asked=True,
    ),
}
"""The data sets, by the name that ``kg import`` knows them by."""


@uncollected()
def import_files(source: str, paths: Sequence[Path], *, states: Sequence[Path] = ()) -> Import:
    """Import files of one data set.

    Args:
        source: a name of :data:`OFFERS`.
        paths: the files.
        states: files of facts that describe states beyond those that ship, such as ``kg import states`` writes.

    Raises:
        UnknownName: there is no such data set.
        UsageError: a data-frame library is missing, or the data set is no file.
        ParseError: a file cannot be read, or is another data set or edition.
    """
    read = _reader(source, is_asked=False)
    from kg.importing.states import more_states

    with more_states(states):
        result: Import = read(paths)
    return result


def import_endpoint(
    source: str,
    url: str,
    *,
    languages: Sequence[str] = (),
    states: Sequence[str] = (),
    progress: Callable[[str], None] = lambda stage: None,
) -> Import:
    """Import from a SPARQL endpoint.

    Args:
        source: a name of :data:`OFFERS`, of one that is asked.
        url: URL of the endpoint.
        languages: language tags of the names that are wanted, those of the United Nations where none are named.
        states: ISO 3166-1 codes or English names of the states that are wanted, all where none are named.
        progress: called with the name of each stage as it begins.

    Raises:
        UnknownName: there is no such data set, or no such state.
        UsageError: the data set is read from files, the URL is none, or a language tag is none.
        StoreError: the endpoint gives no answer, or is not of the right shape.
    """
    given = {"languages": languages} if languages else {}
    result: Import = _reader(source, is_asked=True)(url, states=states, progress=progress, **given)
    return result


def _reader(source: str, *, is_asked: bool) -> Callable[..., Import]:
    try:
        offer = OFFERS[source]
    except KeyError:
        hint = f"There are: {', '.join(OFFERS)}"
        raise UnknownName("data set", source, near_misses(source, OFFERS), hint) from None
    if offer.is_asked and not is_asked:
        raise UsageError(
            f"{source} is asked and not read from files: give the URL of an endpoint, such as {offer.where}"
        )
    if is_asked and not offer.is_asked:
        raise UsageError(f"{source} is read from files and not asked at a URL: get them from {offer.where}")
    module, function = offer.reader
    try:
        reader: Callable[..., Import] = getattr(import_module(f"kg.importing.{module}"), function)
    except ModuleNotFoundError as fault:
        if fault.name != "pandas":
            raise
        raise UsageError("reading data sets takes pandas: pip install 'foedus[import]'") from fault
    return reader
