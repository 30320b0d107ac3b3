"""Small made-up worlds: a few states that do not exist, and what a test wants to be told of them."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode

from kg import KnowledgeGraph
from kg.building import build
from kg.reasoning import CompiledReasoner

E = "https://example.org/"
STATES = ("Norland", "Osteria", "Pellmark", "Quarria")
PREFIXES = f"""@prefix f: <https://w3id.org/foedus/ns#> .
@prefix e: <{E}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CAST = (
    "".join(
        f'e:{name} a f:State ; rdfs:label "{name}"@en ; f:cowCode {991 + number} .\n'
        for number, name in enumerate(STATES)
    )
    + """e:herald a f:MediaOutlet ; rdfs:label "Herald"@en . e:wire a f:NewsAgency ; rdfs:label "Wire"@en .
e:gazette a f:Dataset ; rdfs:label "the Gazette"@en ; f:publishedOn "2010-05-01"^^xsd:date .
e:yearbook a f:Dataset ; rdfs:label "the Yearbook"@en ; f:publishedOn "2012-05-01"^^xsd:date .
"""
)


def when(text: str) -> str:
    """A date, a month, a year, or one of the words for an end, in Turtle."""
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(text)) if text[0].isdigit() else None
    return f'"{text}"^^xsd:{kind}' if kind else f"f:{text}"


def claim(
    name: str,
    *nodes: str,
    modality: str = "Fact",
    stance: str = "Asserts",
    by: str = "herald",
    source: str = "gazette",
) -> str:
    """A claim of some nodes or other claims."""
    targets = ", ".join(f"e:{node}" for node in nodes)
    sources = ", ".join(f"e:{one}" for one in source.split())
    return (
        f'e:{name} a f:Claim ; rdfs:label "what {name} says"@en ; f:claims {targets} ; f:stance f:{stance} ; '
        f"f:modality f:{modality} ; f:attributedTo e:{by} ; f:reportedBy {sources} .\n"
    )


def fact(
    name: str,
    kind: str,
    *,
    begin: str = "",
    end: str = "",
    claimed: str = "Fact",
    stance: str = "Asserts",
    **roles: str,
) -> str:
    """A node with its roles and, unless ``claimed`` is empty, one claim of it, called ``NAME-claim``."""
    lines = [f'e:{name} a f:{kind} ; rdfs:label "the {name}"@en .']
    lines += [f"e:{name} f:{prop} e:{value} ." for prop, values in roles.items() for value in values.split()]
    lines += [f"e:{name} f:{prop} {when(day)} ." for prop, day in (("begin", begin), ("end", end)) if day]
    told = claim(f"{name}-claim", name, modality=claimed, stance=stance) if claimed else ""
    return "\n".join(lines) + "\n" + told


def pact(*members: str, name: str = "pact", kind: str = "Defense", begin: str = "2000", end: str = "Ongoing") -> str:
    """An alliance with one provision and members that came and left together."""
    text = fact(name, "Alliance") + fact(f"{name}-{kind.lower()}", f"{kind}Provision", providedBy=name)
    for member in members:
        text += fact(f"{name}-{member}", "Membership", member=member, alliance=name, begin=begin, end=end)
    return text


def transfer(name: str = "deal", begin: str = "2005", end: str = "2006", claimed: str = "Fact", **roles: str) -> str:
    """Arms, from Norland to Pellmark where nothing else is said."""
    return fact(
        name,
        "ArmsTransfer",
        begin=begin,
        end=end,
        claimed=claimed,
        **{"supplier": "Norland", "recipient": "Pellmark", **roles},
    )


def war(
    name: str = "war",
    begin: str = "2005",
    end: str = "2006",
    claimed: str = "Fact",
    stance: str = "Asserts",
    **roles: str,
) -> str:
    """A war of Pellmark against Osteria where nothing else is said."""
    sides = {"sideA": "Pellmark", "sideB": "Osteria", "initiator": "Pellmark", **roles}
    return fact(name, "ArmedConflict", begin=begin, end=end, claimed=claimed, stance=stance, **sides)


def graph(folder: Path, *parts: str, policy: str = "reported") -> KnowledgeGraph:
    """The world that some parts make, built, validation included."""
    file = folder / "world.ttl"
    file.write_text(PREFIXES + CAST + "".join(parts), encoding="utf-8")
    store, _ = build([file], policy=policy, reasoner=CompiledReasoner())
    return KnowledgeGraph(store)


def node(name: str) -> NamedNode:
    """The node of a short name."""
    return NamedNode(E + name)
