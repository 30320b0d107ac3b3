"""Graphs as files: asserted, inferred and proofs apart, the same bytes whenever the graph is the same.

Triples are written in the order of their N-Triples text. Names that loading gave to blank nodes become blank nodes
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, QueryTriples, RdfFormat, Triple

from kg.errors import UnknownName
from kg.serializing import serialize
from kg.store.base import Store
from kg.terms import PREFIXES, near_misses
from kg.views import asserted_graphs
from kg.vocab import FOEDUS, GRAPH, OWL, RDF, RDFS

__all__ = ["FORMATS", "graph_files", "grounded_owl"]

FORMATS: Final[Mapping[str, RdfFormat]] = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "trig": RdfFormat.TRIG,
}
"""Formats by suffix; ``trig`` puts all graphs into one file, the others write a file a graph."""


def graph_files(store: Store, view: str, formats: Sequence[str] = ("ttl",)) -> Iterator[tuple[str, bytes]]:
    """The graphs of a view as files.

    ``asserted/NAME`` for each source, ``ontology``, ``accepted``, ``derived``, ``inferred`` and ``proofs``, each with
    the suffix of its format; with ``trig`` one file ``foedus.trig`` that holds them all under their names.

    Args:
        store: the store.
        view: name of the view, such as ``"reported"``.
        formats: some of :data:`FORMATS`.

    Returns:
        What each file is called, and what it holds.

    Raises:
        UnknownName: a format is none of those.
    """
    for name in formats:
        if name not in FORMATS:
            raise UnknownName("format", name, near_misses(name, FORMATS), f"There are: {', '.join(FORMATS)}")
    parts = {
        "ontology": GRAPH.ontology,
        "accepted": GRAPH.accepted(view),
        "derived": GRAPH.derived(view),
        "inferred": GRAPH.inferred(view),
        "proofs": GRAPH.proofs(view),
    }
    for graph in asserted_graphs(store):
        parts["asserted/" + graph.value.removeprefix(f"{GRAPH.base}asserted/")] = graph
    for name in formats:
        if name == "trig":
            quads = [Quad(t.subject, t.predicate, t.object, g) for g in parts.values() for t in store.triples(g)]
            yield "foedus.trig", serialize(quads, FORMATS[name])
            continue
        for part, graph in parts.items():
            yield f"{part}.{name}", serialize(store.triples(graph), FORMATS[name])


def grounded_owl(store: Store, view: str) -> Iterator[Triple]:
    """The undated form of *ally supplying an adversary*, for any OWL 2 RL reasoner.

    One axiom a state says that whoever owes defense to that state and supplies an adversary of it betrays it; a chain
    says who supplies whose adversary; and the facts are the binary ones that the accepted and derived nodes give when
    their dates are left out. It holds every dated conclusion, and more, for it does not ask whether anything met in
    time.

    Args:
        store: the store.
        view: name of the view, such as ``"reported"``.
    """
    graphs = [*asserted_graphs(store), GRAPH.accepted(view), GRAPH.derived(view)]
    facts = store.query(_UNDATED, default_graphs=graphs)
    assert isinstance(facts, QueryTriples)
    given = set(facts)
    ontology = NamedNode(f"{PREFIXES['id']}grounded/{view}")
    yield Triple(ontology, RDF.type, OWL.Ontology)
    for prop in _GROUNDED:
        yield Triple(prop, RDF.type, OWL.ObjectProperty)
    chain, rest = BlankNode("chain"), BlankNode("chain-rest")
    yield Triple(FOEDUS.suppliesAdversaryOf, OWL.propertyChainAxiom, chain)
    yield from _pair(chain, rest, FOEDUS.suppliesArmsTo, FOEDUS.adversaryOf)
    yield from given
    states = {t.subject for t in given} | {t.object for t in given}
    for number, state in enumerate(sorted(states, key=str)):
        whole, head, tail = (BlankNode(f"{part}-{number}") for part in ("both", "parts", "parts-rest"))
        owes, supplies, betrays = (BlankNode(f"{part}-{number}") for part in ("owes", "supplies", "betrays"))
        used = (owes, FOEDUS.owesDefenseTo), (supplies, FOEDUS.suppliesAdversaryOf), (betrays, FOEDUS.betrays)
        for restriction, prop in used:
            yield Triple(restriction, RDF.type, OWL.Restriction)
            yield Triple(restriction, OWL.onProperty, prop)
            yield Triple(restriction, OWL.hasValue, state)
        yield Triple(whole, RDF.type, OWL.Class)
        yield Triple(whole, OWL.intersectionOf, head)
        yield from _pair(head, tail, owes, supplies)
        yield Triple(whole, RDFS.subClassOf, betrays)


_GROUNDED: Final = (
    FOEDUS.owesDefenseTo,
    FOEDUS.suppliesArmsTo,
    FOEDUS.adversaryOf,
    FOEDUS.suppliesAdversaryOf,
    FOEDUS.betrays,
)
_UNDATED: Final = """
PREFIX foedus: <https://w3id.org/foedus/ns#>
CONSTRUCT { ?x ?shortcut ?y }
WHERE {
  {
    ?obligation a foedus:DefenseObligation ; foedus:obligor ?x ; foedus:obligee ?y ; foedus:status ?status .
    BIND(foedus:owesDefenseTo AS ?shortcut)
  } UNION {
    ?ours foedus:alliance ?alliance ; foedus:member ?x ; foedus:status ?s1 .
    ?theirs foedus:alliance ?alliance ; foedus:member ?y ; foedus:status ?s2 .
    ?provision a foedus:DefenseProvision ; foedus:providedBy ?alliance ; foedus:status ?s3 .
    FILTER(?x != ?y)
    BIND(foedus:owesDefenseTo AS ?shortcut)
  } UNION {
    ?transfer a foedus:ArmsTransfer ; foedus:supplier ?x ; foedus:recipient ?y ; foedus:status ?status .
    FILTER(?x != ?y)
    BIND(foedus:suppliesArmsTo AS ?shortcut)
  } UNION {
    ?hostility a foedus:Hostility ; foedus:hostile ?x ; foedus:against ?y ; foedus:status ?status .
    BIND(foedus:adversaryOf AS ?shortcut)
  }
}
"""


def _pair(head: BlankNode, tail: BlankNode, first: object, second: object) -> Iterator[Triple]:
    yield Triple(head, RDF.first, first)  # type: ignore[arg-type]
    yield Triple(head, RDF.rest, tail)
    yield Triple(tail, RDF.first, second)  # type: ignore[arg-type]
    yield Triple(tail, RDF.rest, RDF.nil)
