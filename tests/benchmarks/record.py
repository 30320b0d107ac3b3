"""A made-up record: seeded, of any size, shaped like the real one and written in the words of the ontology.

Scale 1 has 200 states, 800 treaties, 4,775 memberships, 30,000 transfers and 5,000 conflicts, each with its claim and
its dates, as ``kg import`` writes them; about 520 thousand triples. At another scale everything, states too, is that
many times as much, so that a state has as many allies and enemies at every scale.

``python -m tests.benchmarks.record FILE.nt [SCALE [SEED]]`` writes it as N-Triples.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pyoxigraph
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from kg.columns import Columns, Dictionary, Numbers
from kg.documents import read_document
from kg.facts import reasoner_input as of_store
from kg.resources import ontology_files
from kg.store.embedded import EmbeddedStore
from kg.terms import PREFIXES
from kg.vocab import DCTERMS, FOEDUS, GRAPH, RDF, RDFS, XSD

STATES: Final = 200
TREATIES: Final = 800
MEMBERSHIPS: Final = 4775
TRANSFERS: Final = 30_000
CONFLICTS: Final = 5000
PROVISIONS: Final = ("Consultation", "Defense", "Neutrality", "Nonaggression", "Offense")
FIRST, LAST = 1816, 2024


def _node(path: str) -> NamedNode:
    return NamedNode(f"{PREFIXES['id']}{path}")


def _year(year: int) -> Literal:
    return Literal(str(year), datatype=XSD.gYear)


def asserted(scale: float = 1, seed: int = 0) -> Iterator[Triple]:
    """What importers would write: states, treaties with their provisions and members, transfers, conflicts, rivalries.

    Args:
        scale: how many times the size of the record, such as 0.01.
        seed: another seed gives another record of the same shape.
    """
    draw = np.random.default_rng(seed)
    count: Callable[[int], int] = lambda number: max(2, round(number * scale))  # noqa: E731
    states = [_node(f"state/made-{number}") for number in range(count(STATES))]
    source, speaker = _node("source/made"), _node("organization/made")
    yield Triple(source, RDF.type, FOEDUS.Dataset)
    yield Triple(source, FOEDUS.publishedOn, Literal("2024-12-31", datatype=XSD.date))
    yield Triple(speaker, RDF.type, FOEDUS.Organization)
    for number, state in enumerate(states):
        yield Triple(state, RDF.type, FOEDUS.State)
        yield Triple(state, RDFS.label, Literal(f"State {number}", language="en"))

    def claim(path: str, *claimed: NamedNode) -> Iterator[Triple]:
        node = _node(f"claim/{path}")
        yield Triple(node, RDF.type, FOEDUS.Claim)
        yield from (Triple(node, FOEDUS.claims, one) for one in claimed)
        yield Triple(node, FOEDUS.attributedTo, speaker)
        yield Triple(node, FOEDUS.reportedBy, source)
        yield Triple(node, FOEDUS.modality, FOEDUS.Fact)
        yield Triple(node, FOEDUS.stance, FOEDUS.Asserts)
        yield Triple(node, DCTERMS.source, Literal(f"made.csv, row {path}"))

    def dated(node: NamedNode, length: int) -> Iterator[Triple]:
        begin = int(draw.integers(FIRST, LAST))
        end = begin + int(draw.integers(0, length))
        yield Triple(node, FOEDUS.begin, _year(begin))
        if end > LAST:
            yield Triple(node, FOEDUS.end, FOEDUS.Ongoing)
            yield Triple(node, FOEDUS.ongoingAsOf, _year(LAST))
        else:
            yield Triple(node, FOEDUS.end, _year(end))

    def pair() -> tuple[NamedNode, NamedNode]:
        one, other = draw.choice(len(states), 2, replace=False)
        return states[one], states[other]

    treaties = [_node(f"alliance/made-{number}") for number in range(count(TREATIES))]
    for number, treaty in enumerate(treaties):
        yield Triple(treaty, RDF.type, FOEDUS.Alliance)
        yield Triple(treaty, RDFS.label, Literal(f"Treaty {number}", language="en"))
        provisions = []
        for kind in draw.choice(PROVISIONS, int(draw.integers(1, 3)), replace=False):
            provision = _node(f"provision/made-{number}-{kind.lower()}")
            provisions.append(provision)
            yield Triple(provision, RDF.type, getattr(FOEDUS, f"{kind}Provision"))
            yield Triple(provision, FOEDUS.providedBy, treaty)
        yield from claim(f"treaty-{number}", treaty, *provisions)
    for number in range(count(MEMBERSHIPS)):
        node = _node(f"membership/made-{number}")
        # Some treaties have many members and most have few, as in the record.
        treaty = treaties[int(len(treaties) * draw.random() ** 2)]
        yield Triple(node, RDF.type, FOEDUS.Membership)
        yield Triple(node, FOEDUS.member, states[int(draw.integers(len(states)))])
        yield Triple(node, FOEDUS.alliance, treaty)
        yield from dated(node, 25)
        yield from claim(f"membership-{number}", node)
    for number in range(count(TRANSFERS)):
        node = _node(f"transfer/made-{number}")
        supplier, recipient = pair()
        yield Triple(node, RDF.type, FOEDUS.ArmsTransfer)
        yield Triple(node, FOEDUS.supplier, supplier)
        yield Triple(node, FOEDUS.recipient, recipient)
        yield Triple(node, FOEDUS.weapon, Literal(f"Weapon {int(draw.integers(500))}"))
        yield from dated(node, 4)
        yield from claim(f"transfer-{number}", node)
    for number in range(count(CONFLICTS)):
        kind = "rivalry" if number % 5 == 0 else "conflict"
        node = _node(f"{kind}/made-{number}")
        one, other = pair()
        if kind == "rivalry":
            yield Triple(node, RDF.type, FOEDUS.Rivalry)
            yield Triple(node, FOEDUS.rival, one)
            yield Triple(node, FOEDUS.rival, other)
        else:
            yield Triple(node, RDF.type, FOEDUS.ArmedConflict)
            yield Triple(node, FOEDUS.sideA, one)
            yield Triple(node, FOEDUS.sideB, other)
        yield from dated(node, 20 if kind == "rivalry" else 3)
        yield from claim(f"{kind}-{number}", node)


@cache
def schema() -> tuple[Triple, ...]:
    """The axioms of the ontology, as the build gives them to a reasoner."""
    store = EmbeddedStore()
    for path in ontology_files():
        store.insert(GRAPH.ontology, read_document(path).triples)
    return tuple(sorted(of_store(store, "reported"), key=str))


@dataclass
class _Writer:
    """Collects columns of triples whose subjects are new nodes."""

    dictionary: Dictionary
    parts: list[Columns]

    def nodes(self, kind: str, count: int) -> Numbers:
        """As many new nodes."""
        first = len(self.dictionary)
        self.dictionary.numbers(_node(f"{kind}/made-{number}") for number in range(count))
        return np.arange(first, first + count, dtype=np.int64)

    def say(self, subjects: Numbers, predicate: NamedNode, objects: Numbers | NamedNode) -> None:
        """A triple for each subject."""
        number = self.dictionary.number
        value = number(objects) if isinstance(objects, NamedNode) else objects
        predicates = np.full(len(subjects), number(predicate), dtype=np.int64)
        self.parts.append(Columns(subjects, predicates, np.broadcast_to(np.asarray(value), len(subjects)).copy()))


def reasoner_input(size: int, seed: int = 0) -> tuple[Columns, Dictionary]:
    """What the reasoner gets of such a record: the ontology, types and object properties of what counts and follows.

    Args:
        size: how many triples, about, at least 5,000; the 565 of the ontology are among them.
        seed: another seed gives another record of the same shape.
    """
    draw = np.random.default_rng(seed)
    dictionary = Dictionary()
    parts = [Columns.encode(schema(), dictionary)]
    writer = _Writer(dictionary, parts)
    # One transfer brings, with its claim and its share of all else, so many triples.
    transfers = max(20, (size - len(parts[0])) * 100 // 2232)
    states = writer.nodes("state", max(4, transfers // 150))
    writer.say(states, RDF.type, FOEDUS.State)
    some: Callable[[Numbers, int], Numbers] = lambda values, count: values[draw.integers(0, len(values), count)]  # noqa: E731

    def stated(kind: str, cls: NamedNode, count: int) -> Numbers:
        nodes, claims = writer.nodes(kind, count), writer.nodes(f"claim/{kind}", count)
        writer.say(nodes, RDF.type, cls)
        writer.say(nodes, FOEDUS.status, FOEDUS.Fact)
        writer.say(claims, RDF.type, FOEDUS.Claim)
        writer.say(claims, FOEDUS.claims, nodes)
        writer.say(claims, FOEDUS.modality, FOEDUS.Fact)
        writer.say(claims, FOEDUS.stance, FOEDUS.Asserts)
        return nodes

    supplies = stated("transfer", FOEDUS.ArmsTransfer, transfers)
    writer.say(supplies, FOEDUS.supplier, some(states, transfers))
    writer.say(supplies, FOEDUS.recipient, some(states, transfers))
    treaties = stated("alliance", FOEDUS.Alliance, max(2, transfers // 40))
    provisions = stated("provision", FOEDUS.DefenseProvision, len(treaties))
    writer.say(provisions, FOEDUS.providedBy, treaties)
    memberships = stated("membership", FOEDUS.Membership, transfers // 6)
    writer.say(memberships, FOEDUS.member, some(states, len(memberships)))
    writer.say(memberships, FOEDUS.alliance, some(treaties, len(memberships)))
    conflicts = stated("conflict", FOEDUS.ArmedConflict, transfers // 6)
    writer.say(conflicts, FOEDUS.sideA, some(states, len(conflicts)))
    writer.say(conflicts, FOEDUS.sideB, some(states, len(conflicts)))

    def derived(kind: str, count: int, *classes: NamedNode, **roles: Numbers) -> Numbers:
        nodes = writer.nodes(kind, count)
        for cls in classes:
            writer.say(nodes, RDF.type, cls)
        for role, values in roles.items():
            writer.say(nodes, getattr(FOEDUS, role), some(values, count))
        writer.say(nodes, FOEDUS.status, FOEDUS.Fact)
        return nodes

    kind_of = {"DefenseObligation": "defenseObligee", "NonaggressionObligation": "nonaggressionObligee"}
    obligations = []
    for name, obligee in kind_of.items():
        nodes = derived(
            f"obligation/{name}",
            transfers // 3,
            FOEDUS.Obligation,
            getattr(FOEDUS, name),
            obligor=states,
            underProvision=provisions,
            underAlliance=treaties,
        )
        owed = some(states, len(nodes))
        writer.say(nodes, FOEDUS.obligee, owed)
        writer.say(nodes, getattr(FOEDUS, obligee), owed)
        obligations.append(nodes)
    hostilities = derived(
        "hostility",
        transfers // 3,
        FOEDUS.Hostility,
        FOEDUS.ConflictHostility,
        hostile=states,
        against=states,
        arisesFrom=conflicts,
    )
    derived(
        "episode",
        transfers * 2 // 3,
        FOEDUS.Episode,
        obligationLeg=np.concatenate(obligations),
        supplyLeg=supplies,
        hostilityLeg=hostilities,
        overlap=np.array([dictionary.number(FOEDUS.Definite)]),
    )
    return Columns.joined(parts), dictionary


def main(arguments: list[str]) -> None:
    """Write a record as N-Triples."""
    out, scale, seed = (*arguments, *("1", "0")[len(arguments) - 1 :])
    with Path(out).open("wb") as file:
        pyoxigraph.serialize(asserted(float(scale), int(seed)), file, format=RdfFormat.N_TRIPLES)


if __name__ == "__main__":
    main(sys.argv[1:])
