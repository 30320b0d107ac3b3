"""Graphs copied and dropped inside a server, and the switch by which those that a build made there come into use.

A build writes into staging graphs (``graph/staging/BUILD/…``) and then switches. SPARQL 1.1 Update says that a request
should be atomic (section 3.2); Oxigraph and Fuseki keep to it, Virtuoso does each operation of a request by itself, and
limits the size of a transaction. So the switch works with and without:

1. a journal triple reserves the switch for the build, unless another build has it; what was built is then counted;
2. another journal triple in its place says that the build is whole and being switched to;
3. one request makes every graph equal to its staging graph, by deleting what is not in it and inserting what is new;
   that they are equal is then looked at, by their sizes and, where triples were to go, by whether they have gone;
4. the journal triple goes, then the staging graphs, the catalog first.

Before 2 nothing that readers see has changed; after 2 anybody may do 3 and 4 again, as often as need be, and who may
not reads the staging graphs. Two builds may go on at one time: the next build removes what others have staged, but
nothing of an area that is in the journal, and takes reservations away, for it cannot know whether their builders live.
So who has reserved and counted all has lost nothing and will lose nothing, or no longer has the reservation.

Where no graph is in use yet, a build writes where its graphs belong, since it would take three times as long to copy
them. It says so in the journal; the build that began last is the one that goes on, and every other one finds before its
next batch that it is no longer named there. The catalog, which makes a graph of all that was written, is inserted on
condition that it is.

``MOVE`` would not do: cut off in the middle, it leaves half a graph with no other half.
Deleting is conditional on the journal, so that somebody who finishes a switch that its own builder finishes too does
no harm. Whoever next opens or builds the store finishes a switch that was cut off; what an unfinished build left is
dropped by the next build.

Servers hold what a request changes in memory, some with a kilobyte a triple and more. What differs is therefore
counted; a switch that changes more triples than may be at once (:class:`kg.settings.RemoteSettings`) is done in parts,
one request each, and who reads the server meanwhile reads some of the old graph and some of the new, as in Virtuoso at
any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from pyoxigraph import NamedNode

from kg.errors import StoreError
from kg.store.endpoint import Endpoint
from kg.vocab import GRAPH, RDF

__all__ = [
    "PATIENCE",
    "STAGING",
    "begin_first",
    "clear",
    "copies",
    "drop",
    "finish_switch",
    "first_entry",
    "is_first",
    "lacking",
    "names_in_use",
    "overtaken",
    "switch",
    "unfinished",
]

STAGING: Final = f"{GRAPH.base}staging/"
"""How the names of staging graphs begin."""
_JOURNAL: Final = NamedNode(f"{GRAPH.base}journal")
_SWITCHING: Final = NamedNode(f"{GRAPH.base}journal#Switching")
_RESERVED: Final = NamedNode(f"{GRAPH.base}journal#Reserved")
_FIRST: Final = NamedNode(f"{GRAPH.base}journal#First")
_STAGED: Final = f"FILTER(?step != {_FIRST})"

_DIGESTS: Final = 1 << 16
"""How many beginnings, of four digits, digests have by which subjects are parted."""

PATIENCE: Final = 600.0
"""Seconds that one request may take, where it is on the server that a build has come to depend."""


def names_in_use(endpoint: Endpoint) -> list[str]:
    """Our graphs on a server, sorted, without the journal and staging graphs."""
    return [name for name in endpoint.names(GRAPH.base) if not name.startswith(STAGING) and name != _JOURNAL.value]


def switch(endpoint: Endpoint, area: str, check: Callable[[], None], before: Callable[[str], None]) -> None:
    """Put the graphs of a staging area to use, see the module.

    Args:
        endpoint: the server.
        area: how the names of the graphs begin, without the last slash.
        check: raises where not all that was built is there.
        before: called with the name of each step before it is taken.

    Raises:
        StoreError: the server refuses, or cannot be reached, or another build is being put to use.
    """
    before("journal")
    reserved, entry = _entry(area, _RESERVED), _entry(area)
    whole = f"{{ SELECT * WHERE {{ GRAPH <{area}/catalog> {{ ?s ?p ?o }} }} LIMIT 1 }}"
    free = f"FILTER NOT EXISTS {{ GRAPH {_JOURNAL} {{ ?other {RDF.type} ?step }} {_STAGED} }}"
    endpoint.transport.update(f"INSERT {{ {reserved} }} WHERE {{ {whole} {free} }}", repeatable=True)
    if _journal(endpoint) != {area: _RESERVED}:
        raise overtaken(endpoint)
    try:
        check()
    except StoreError:
        endpoint.transport.update(f"DELETE DATA {{ {reserved} }}", repeatable=True)
        raise
    endpoint.transport.update(f"DELETE {{ {reserved} }} INSERT {{ {entry} }} WHERE {{ {reserved} }}", repeatable=True)
    if _journal(endpoint).get(area) != _SWITCHING:
        raise overtaken(endpoint)
    _switch_to(endpoint, area, before)


def begin_first(endpoint: Endpoint, area: str) -> bool:
    """Make a build the one that writes where its graphs belong, if none is in use yet; what is there is dropped.

    Args:
        endpoint: the server.
        area: what stands for the build in the journal.

    Returns:
        Whether it is; if not, a graph is in use or another build has just begun.

    Raises:
        StoreError: the server refuses, or cannot be reached.
    """
    mine, others = first_entry(area), f"GRAPH {_JOURNAL} {{ ?other {RDF.type} {_FIRST} }}"
    none = f"FILTER NOT EXISTS {{ GRAPH {GRAPH.catalog} {{ ?s ?p ?o }} }}"
    endpoint.transport.update(f"INSERT {{ {mine} }} WHERE {{ {none} }}", repeatable=True)
    rest = f"{mine} {others} FILTER(?other != <{area}>)"
    endpoint.transport.update(f"DELETE {{ {others} }} WHERE {{ {rest} }}", repeatable=True)
    if not is_first(endpoint, area):
        return False
    drop(endpoint, names_in_use(endpoint))
    return True


def is_first(endpoint: Endpoint, area: str) -> bool:
    """Whether a build is the one that writes where its graphs belong."""
    return endpoint.count(first_entry(area)) > 0


def first_entry(area: str) -> str:
    """What the journal says while a build writes where its graphs belong."""
    return _entry(area, _FIRST)


def clear(endpoint: Endpoint) -> None:
    """Remove what unfinished builds have staged, but for what is being put to use.

    Raises:
        StoreError: the server refuses, or cannot be reached.
    """
    graph = f"GRAPH {_JOURNAL} {{ ?area {RDF.type} {_RESERVED} }}"
    endpoint.transport.update(f"DELETE {{ {graph} }} WHERE {{ {graph} }}", repeatable=True)
    with endpoint.transport.allowing(PATIENCE):
        for name in endpoint.names(STAGING):
            area = STAGING + name.removeprefix(STAGING).partition("/")[0]
            for part, only in _parts(endpoint, name, endpoint.size(name)):
                graph = f"GRAPH <{name}> {part}"
                # Not dropped, for a drop has no conditions.
                idle = f"FILTER NOT EXISTS {{ GRAPH {_JOURNAL} {{ <{area}> {RDF.type} ?step }} }}"
                endpoint.transport.update(f"DELETE {{ {graph} }} WHERE {{ {graph} {only} {idle} }}", repeatable=True)


def finish_switch(endpoint: Endpoint) -> bool:
    """Finish a switch that was cut off, if there is any.

    Returns:
        Whether there was.

    Raises:
        StoreError: there is one, and the server takes no updates from us.
    """
    area = unfinished(endpoint)
    if area is None:
        return False
    try:
        _switch_to(endpoint, area, lambda step: None)
    except StoreError as fault:
        raise StoreError(
            f"{endpoint.url}: putting a new graph to use was interrupted; open it with credentials that may write, "
            f"or build it again ({fault})"
        ) from fault
    return True


def unfinished(endpoint: Endpoint) -> str | None:
    """The staging area that a switch is under way to, or was; how the names of its graphs begin.

    Raises:
        StoreError: the server cannot be reached.
    """
    return max((area for area, step in _journal(endpoint).items() if step == _SWITCHING), default=None)


def _journal(endpoint: Endpoint) -> dict[str, NamedNode]:
    """The staging areas that the journal speaks of, and what it says of them."""
    rows = endpoint.select(f"SELECT ?area ?step WHERE {{ GRAPH {_JOURNAL} {{ ?area {RDF.type} ?step }} {_STAGED} }}")
    return {row["area"].value: row["step"] for row in sorted(rows, key=lambda row: row["step"].value)}


def overtaken(endpoint: Endpoint) -> StoreError:
    """What a build is told that another took the place of."""
    return StoreError(
        f"{endpoint.url}: this build is not put to use, for somebody else builds there too, or "
        f"{endpoint.transport.settings.update_url} carries out no updates of it; build again when they are done, or "
        "name another address by --update-url"
    )


def drop(endpoint: Endpoint, names: Sequence[str]) -> None:
    """Drop graphs, large ones in parts.

    Raises:
        StoreError: the server refuses, or cannot be reached.
    """
    with endpoint.transport.allowing(PATIENCE):
        for name in names:
            for part, only in _parts(endpoint, name, endpoint.size(name))[1:]:
                graph = f"GRAPH <{name}> {part}"
                endpoint.transport.update(f"DELETE {{ {graph} }} WHERE {{ {graph} {only} }}", repeatable=True)
            endpoint.transport.update(f"DROP SILENT GRAPH <{name}>", repeatable=True)


def copies(endpoint: Endpoint, source: str, graph: str, count: int) -> list[str]:
    """Updates that add a graph to another.

    Args:
        endpoint: the server.
        source: the graph.
        graph: the other.
        count: how many triples the graph has.
    """
    return [
        f"INSERT {{ GRAPH <{graph}> {part} }} WHERE {{ GRAPH <{source}> {part} {only} }}"
        for part, only in _parts(endpoint, source, count)
    ]


def _entry(area: str, step: NamedNode = _SWITCHING) -> str:
    """What the journal says while a switch is under way."""
    return f"GRAPH {_JOURNAL} {{ <{area}> {RDF.type} {step} }}"


def _switch_to(endpoint: Endpoint, area: str, before: Callable[[str], None]) -> None:
    staged, held = endpoint.names(f"{area}/"), _entry(area)
    finals = {GRAPH.base + name.removeprefix(f"{area}/"): name for name in staged}
    used = names_in_use(endpoint) if staged else []
    with endpoint.transport.allowing(PATIENCE):
        steps, changed = [], 0
        sizes = {name: endpoint.size(name) for name in {*used, *finals.values()}}
        sources = {final: finals.get(final, f"{area}/none") for final in sorted({*used, *finals})}
        goes: dict[str, int] = {}
        for final, source in sources.items():
            here = sizes.get(final, 0)
            goes[final] = gone = endpoint.count(lacking(final, source)) if here else 0
            come = sizes.get(source, 0) - (here - gone)
            changed += gone + come
            for part, only in _parts(endpoint, final, gone):
                graph = f"GRAPH <{final}> {part}"
                steps.append(f"DELETE {{ {graph} }} WHERE {{ {graph} {only} {held} {_but_of(source, part)} }}")
            for part, only in _parts(endpoint, source, come):
                without = _but_of(final, part) if here else ""
                graph = f"GRAPH <{final}> {part}"
                steps.append(f"INSERT {{ {graph} }} WHERE {{ GRAPH <{source}> {part} {only} {without} }}")
        before("switch")
        for text in [" ;\n".join(steps)] if steps and changed <= endpoint.transport.settings.at_once else steps:
            endpoint.transport.update(text, repeatable=True)
        for final, source in sources.items():
            # Of the same size where nothing was to go, they are the same.
            made = endpoint.size(final) == sizes.get(source, 0) and not (
                goes[final] and endpoint.select(f"SELECT ?s WHERE {{ {lacking(final, source)} }} LIMIT 1")
            )
            if not made and area in _journal(endpoint):
                raise StoreError(
                    f"{endpoint.url}: {final.removeprefix(GRAPH.base)} is not as it was built after the server was "
                    "told to make it so; build again, or open the store with credentials that may write"
                )
        before("unjournal")
        endpoint.transport.update(f"DELETE DATA {{ {held} }}", repeatable=True)
        before("clean")
        # Who reads a staging area sees by its catalog that it is whole.
        drop(endpoint, sorted(staged, key=lambda name: name != f"{area}/catalog"))


def lacking(graph: str, other: str) -> str:
    """A pattern of the triples of a graph, as ``?s ?p ?o``, that another does not have."""
    return f"GRAPH <{graph}> {{ ?s ?p ?o }} {_but_of(other, '{ ?s ?p ?o }')}"


def _but_of(graph: str, part: str) -> str:
    """A filter that leaves out triples of a graph."""
    return f"FILTER NOT EXISTS {{ GRAPH <{graph}> {part} }}"


def _parts(endpoint: Endpoint, name: str, count: int) -> list[tuple[str, str]]:
    """Patterns, with filters, that make up a graph, each of about as many triples as may change at once.

    Args:
        endpoint: the server.
        name: the graph.
        count: how many of its triples are wanted.
    """
    if not count:
        return []
    at_once = endpoint.transport.settings.at_once
    if count <= at_once:
        return [("{ ?s ?p ?o }", "")]
    parts: list[tuple[str, str]] = []
    counted = f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }} GROUP BY ?p"
    for row in endpoint.select(counted):
        size = -(-int(row["n"].value) // at_once)
        bounds = [f"{_DIGESTS * number // size:04x}" for number in range(size)]
        parts += [(f"{{ ?s {row['p']} ?o }}", _between(*ends)) for ends in pairwise([*bounds, ""])]
    return parts


def _between(first: str, end: str) -> str:
    """A filter for subjects whose digests begin no earlier than with some digits and before others."""
    tests = [f'MD5(STR(?s)) >= "{first}"'] if first.strip("0") else []
    tests += [f'MD5(STR(?s)) < "{end}"'] if end else []
    return f"FILTER({' && '.join(tests)})" if tests else ""
