"""The OWL 2 RL/RDF rules as schemas: premises, conclusion, and the term whose axiom a step names.

The names are those of OWL 2 Web Ontology Language Profiles (second edition), section 4.3, tables 5 to 9. A word with a
question mark stands for any term, the same one throughout; ``?item`` has to be an item of the list ``?list``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from kg.proofchecking.index import Index
from kg.terms import expand
from kg.vocab import OWL, RDF

__all__ = ["ENTAILMENT_RULES", "entails"]

Spoken: TypeAlias = tuple[str, str, str]
_Schema: TypeAlias = tuple[Sequence[Spoken], Spoken, str]

_SCHEMAS: Final = {
    "prp-dom": ("?p rdfs:domain ?c , ?x ?p ?y", "?x a ?c", "?p"),
    "prp-rng": ("?p rdfs:range ?c , ?x ?p ?y", "?y a ?c", "?p"),
    "prp-symp": ("?p a owl:SymmetricProperty , ?x ?p ?y", "?y ?p ?x", "?p"),
    "prp-trp": ("?p a owl:TransitiveProperty , ?x ?p ?y , ?y ?p ?z", "?x ?p ?z", "?p"),
    "prp-spo1": ("?p rdfs:subPropertyOf ?q , ?x ?p ?y", "?x ?q ?y", "?p"),
    "prp-eqp1": ("?p owl:equivalentProperty ?q , ?x ?p ?y", "?x ?q ?y", "?p"),
    "prp-eqp2": ("?p owl:equivalentProperty ?q , ?x ?q ?y", "?x ?p ?y", "?p"),
    "prp-inv1": ("?p owl:inverseOf ?q , ?x ?p ?y", "?y ?q ?x", "?p"),
    "prp-inv2": ("?p owl:inverseOf ?q , ?x ?q ?y", "?y ?p ?x", "?p"),
    "cls-int2": ("?c owl:intersectionOf ?list , ?x a ?c", "?x a ?item", "?c"),
    "cls-uni": ("?c owl:unionOf ?list , ?x a ?item", "?x a ?c", "?c"),
    "cls-svf1": ("?c owl:someValuesFrom ?d , ?c owl:onProperty ?p , ?x ?p ?y , ?y a ?d", "?x a ?c", "?c"),
    "cls-svf2": ("?c owl:someValuesFrom owl:Thing , ?c owl:onProperty ?p , ?x ?p ?y", "?x a ?c", "?c"),
    "cls-avf": ("?c owl:allValuesFrom ?d , ?c owl:onProperty ?p , ?x a ?c , ?x ?p ?y", "?y a ?d", "?c"),
    "cls-hv1": ("?c owl:hasValue ?v , ?c owl:onProperty ?p , ?x a ?c", "?x ?p ?v", "?c"),
    "cls-hv2": ("?c owl:hasValue ?v , ?c owl:onProperty ?p , ?x ?p ?v", "?x a ?c", "?c"),
    "cax-sco": ("?c rdfs:subClassOf ?d , ?x a ?c", "?x a ?d", "?c"),
    "cax-eqc1": ("?c owl:equivalentClass ?d , ?x a ?c", "?x a ?d", "?c"),
    "cax-eqc2": ("?c owl:equivalentClass ?d , ?x a ?d", "?x a ?c", "?c"),
    "scm-sco": ("?c rdfs:subClassOf ?d , ?d rdfs:subClassOf ?e", "?c rdfs:subClassOf ?e", "?c"),
    "scm-spo": ("?p rdfs:subPropertyOf ?q , ?q rdfs:subPropertyOf ?r", "?p rdfs:subPropertyOf ?r", "?p"),
    "scm-dom1": ("?p rdfs:domain ?c , ?c rdfs:subClassOf ?d", "?p rdfs:domain ?d", "?p"),
    "scm-dom2": ("?q rdfs:domain ?c , ?p rdfs:subPropertyOf ?q", "?p rdfs:domain ?c", "?p"),
    "scm-rng1": ("?p rdfs:range ?c , ?c rdfs:subClassOf ?d", "?p rdfs:range ?d", "?p"),
    "scm-rng2": ("?q rdfs:range ?c , ?p rdfs:subPropertyOf ?q", "?p rdfs:range ?c", "?p"),
    "scm-int": ("?c owl:intersectionOf ?list", "?c rdfs:subClassOf ?item", "?c"),
    "scm-uni": ("?c owl:unionOf ?list", "?item rdfs:subClassOf ?c", "?c"),
}
_BY_LIST: Final = {"prp-spo2": OWL.propertyChainAxiom, "cls-int1": OWL.intersectionOf}
"""Rules with a premise an item of a list, and the property that holds the list."""

ENTAILMENT_RULES: Final = frozenset({*_SCHEMAS, *_BY_LIST})


def entails(rule: str, premises: Sequence[Spoken], conclusion: Spoken, axiom: str, ontology: Index) -> bool:
    """Whether a rule leads from some premises, in any order, to a conclusion by the axiom of a term.

    Args:
        rule: name of the rule, one of :data:`ENTAILMENT_RULES`.
        premises: the triples that the rule is applied to, data and axioms together.
        conclusion: the triple that it is said to give.
        axiom: IRI of the term whose axiom is said to be used.
        ontology: where the items of lists are.

    Example:
        >>> data, axiom = ("cat", RDF.type.value, "Cat"), ("Cat", expand("rdfs:subClassOf").value, "Animal")
        >>> entails("cax-sco", [data, axiom], ("cat", RDF.type.value, "Animal"), "Cat", Index([]))
        True
        >>> entails("cax-sco", [data, axiom], ("cat", RDF.type.value, "Plant"), "Cat", Index([]))
        False
    """
    for patterns, concluded, term in _schemas(rule, premises, ontology):
        if len(patterns) != len(premises):
            continue
        start = _bind(concluded, conclusion, {term: axiom})
        for bound in () if start is None else _match(patterns, premises, start):
            if "?item" not in bound or bound["?item"] in ontology.items(bound["?list"]):
                return True
    return False


def _schemas(rule: str, premises: Sequence[Spoken], ontology: Index) -> Iterator[_Schema]:
    if rule in _SCHEMAS:
        given, concluded, term = _SCHEMAS[rule]
        yield [_pattern(part) for part in given.split(" , ")], _pattern(concluded), term
        return
    prop = _BY_LIST[rule].value
    for head in {obj for _, predicate, obj in premises if predicate == prop}:
        items = ontology.items(head)
        if not items:
            continue
        axiom = ("?c", prop, head)
        if rule == "prp-spo2":
            links = [(f"?x{number}", item, f"?x{number + 1}") for number, item in enumerate(items)]
            yield [axiom, *links], ("?x0", "?c", f"?x{len(items)}"), "?c"
        else:
            kind = RDF.type.value
            yield [axiom, *(("?x", kind, item) for item in items)], ("?x", kind, "?c"), "?c"


def _pattern(text: str) -> Spoken:
    subject, prop, obj = (_term(word) for word in text.split())
    return subject, prop, obj


def _term(word: str) -> str:
    node = RDF.type if word == "a" else None if word.startswith("?") else expand(word)
    return node.value if node else word


def _match(
    patterns: Sequence[Spoken], triples: Sequence[Spoken], bound: Mapping[str, str]
) -> Iterator[Mapping[str, str]]:
    """Every way to make each pattern a triple of its own."""
    if not patterns:
        yield bound
        return
    for number, triple in enumerate(triples):
        further = _bind(patterns[0], triple, bound)
        if further is not None:
            yield from _match(patterns[1:], [*triples[:number], *triples[number + 1 :]], further)


def _bind(pattern: Spoken, triple: Spoken, bound: Mapping[str, str]) -> Mapping[str, str] | None:
    found = dict(bound)
    for word, value in zip(pattern, triple, strict=True):
        if (found.setdefault(word, value) if word.startswith("?") else word) != value:
            return None
    return found
