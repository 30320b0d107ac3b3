"""The house rules for the ontology: the files keep them, and a copy that breaks a rule is found out.

The copy is broken in many places at once, each in a term or a file of its own, and checked once; every break must bring
up the finding that belongs to it, and every message of the rules must come up.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.errors import Violation
from kg.resources import ontology_files, resource
from kg.terms import PREFIXES
from kg.validation import validate

HYGIENE = resource("ontology", "shapes", "hygiene.ttl")
SH_MESSAGE = NamedNode(PREFIXES["sh"] + "message")
NS = "https://w3id.org/foedus/ns"
LABEL, DEFINITION = PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "definition"


def files() -> list[Path]:
    folders = (resource("ontology", "alignments"), resource("ontology", "shapes"))
    return [*ontology_files(), *(path for folder in folders for path in sorted(folder.glob("*.ttl")))]


def read(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)]


def full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{NS}#{local}" if prefix == "foedus" else PREFIXES.get(prefix, prefix + ":") + local


class Break(NamedTuple):
    """A way to break a rule: what to take out (a subject and a property), what to add, and what must be found."""

    name: str
    out: tuple[str, str] | None
    add: str
    node: str
    says: str


DEFINED = f'rdfs:label "%s"@en ; skos:definition "%s"@en ; skos:example "One."@en ; rdfs:isDefinedBy <{NS}/actors>'
ACTORS, CLAIMS, TIME, CONDUCT = f"{NS}/actors", f"{NS}/claims", f"{NS}/time", f"{NS}/conduct"
COMMITMENTS, CONCLUSIONS, POLICIES = f"{NS}/commitments", f"{NS}/conclusions", f"{NS}/policies"


def term(name: str, kind: str, label: str, definition: str, more: str = "") -> str:
    return f"foedus:{name} a owl:{kind} ; {DEFINED % (label, definition)} {more} ."


BREAKS = [
    Break("no version IRI", (ACTORS, "owl:versionIRI"), "", ACTORS, "A file has exactly one owl:versionIRI"),
    Break("no version", (CLAIMS, "owl:versionInfo"), "", CLAIMS, "A file has exactly one owl:versionInfo"),
    Break(
        "versions out of step",
        (TIME, "owl:versionInfo"),
        f'<{TIME}> owl:versionInfo "0.2.0" .',
        TIME,
        "owl:versionIRI and owl:versionInfo are out of step",
    ),
    Break("no version before", None, "", TIME, "A file that is not the first version names the one before"),
    Break("no title", (CONDUCT, "dcterms:title"), "", CONDUCT, "A file has exactly one dcterms:title"),
    Break(
        "title pasted",
        (POLICIES, "dcterms:title"),
        f'<{POLICIES}> dcterms:title "Foedus"@en .',
        POLICIES,
        "Another file has the same dcterms:title",
    ),
    Break(
        "no description", (CONDUCT, "dcterms:description"), "", CONDUCT, "A file has exactly one dcterms:description"
    ),
    Break(
        "description pasted",
        None,
        f'<{TIME}> dcterms:description "Same."@en . <{CLAIMS}> dcterms:description "Same."@en .',
        TIME,
        "Another file has the same dcterms:description",
    ),
    Break(
        "another licence",
        (CONDUCT, "dcterms:license"),
        f"<{CONDUCT}> dcterms:license <https://example.org/licence> .",
        CONDUCT,
        "A file is under CC BY 4.0",
    ),
    Break("no creator", (CONDUCT, "dcterms:creator"), "", CONDUCT, "A file names who made it"),
    Break("no day of creation", (CLAIMS, "dcterms:created"), "", CLAIMS, "A file has exactly one dcterms:created"),
    Break("no day of change", (CLAIMS, "dcterms:modified"), "", CLAIMS, "A file has exactly one dcterms:modified"),
    Break(
        "changed before created",
        (COMMITMENTS, "dcterms:modified"),
        f'<{COMMITMENTS}> dcterms:modified "1999-01-01"^^xsd:date .',
        COMMITMENTS,
        "A file was not modified before it was created",
    ),
    Break(
        "import without a version",
        None,
        f"<{CONCLUSIONS}> owl:imports <{ACTORS}> .",
        CONCLUSIONS,
        "An import names a version",
    ),
    Break(
        "import of what is not there",
        None,
        f"<{CONCLUSIONS}> owl:imports <{NS}/people/0.1.0> .",
        CONCLUSIONS,
        "What is imported is the version IRI of no file here",
    ),
    Break(
        "two labels",
        None,
        'foedus:Actor rdfs:label "agent"@en .',
        "foedus:Actor",
        "A term has exactly one English rdfs:label",
    ),
    Break(
        "no label",
        ("foedus:Person", "rdfs:label"),
        "",
        "foedus:Person",
        "A term has exactly one English rdfs:label",
    ),
    Break(
        "no definition",
        ("foedus:Protest", "skos:definition"),
        "",
        "foedus:Protest",
        "A term has exactly one English skos:definition",
    ),
    Break(
        "a definition that is no sentence",
        ("foedus:iso2", "skos:definition"),
        'foedus:iso2 skos:definition "two letters"@en .',
        "foedus:iso2",
        "A definition begins with a capital letter and ends with a full stop",
    ),
    Break(
        "no example", ("foedus:Territory", "skos:example"), "", "foedus:Territory", "A term has an English skos:example"
    ),
    Break(
        "no home",
        ("foedus:weapon", "rdfs:isDefinedBy"),
        "",
        "foedus:weapon",
        "A term has exactly one rdfs:isDefinedBy",
    ),
    Break(
        "two homes",
        None,
        f"foedus:venue rdfs:isDefinedBy <{ACTORS}> .",
        "foedus:venue",
        "A term has exactly one rdfs:isDefinedBy",
    ),
    Break(
        "label in title case",
        ("foedus:Alliance", "rdfs:label"),
        'foedus:Alliance rdfs:label "Formal Alliance"@en .',
        "foedus:Alliance",
        "A label is in lower case but for proper names",
    ),
    Break(
        "label taken",
        ("foedus:Rivalry", "rdfs:label"),
        'foedus:Rivalry rdfs:label "armed conflict"@en .',
        "foedus:Rivalry",
        "Another term of the same kind has the same label",
    ),
    Break(
        "definition taken",
        None,
        term("twin", "ObjectProperty", "twin", "Relates one twin to the other.")
        + term("sibling", "ObjectProperty", "sibling", "Relates one twin to the other."),
        "foedus:twin",
        "Another term has the same definition",
    ),
    Break(
        "text without a language",
        None,
        'foedus:Membership skos:scopeNote "untagged" .',
        "foedus:Membership",
        "Text about a term carries its language",
    ),
    Break(
        "class in lower case",
        None,
        term("arms_deal", "Class", "arms deal", "Trade in arms."),
        "foedus:arms_deal",
        "The name of a class is UpperCamel",
    ),
    Break(
        "class with an acronym",
        None,
        term("NATOMember", "Class", "member of a pact", "Party to one pact."),
        "foedus:NATOMember",
        "The name of a class is UpperCamel",
    ),
    Break(
        "circular definition",
        None,
        term("Truce", "Class", "truce", "State in which a truce holds."),
        "foedus:Truce",
        "The definition uses the very label that it defines",
    ),
    Break(
        "definition without its kind",
        None,
        term("Siege", "Class", "siege", "When a town is surrounded.", "; rdfs:subClassOf foedus:Conduct"),
        "foedus:Siege",
        "A definition begins with the kind",
    ),
    Break(
        "property in upper case",
        None,
        term("Besieges", "ObjectProperty", "besieges", "Relates an army to a town."),
        "foedus:Besieges",
        "The name of a property is lowerCamel",
    ),
    Break(
        "inverse for no reason",
        None,
        term("isPartnerOf", "ObjectProperty", "is partner of", "Turns it round.", "; owl:inverseOf foedus:partner"),
        "foedus:isPartnerOf",
        "One direction of a relation is enough",
    ),
    Break(
        "inverse said twice",
        None,
        "foedus:obligor owl:inverseOf foedus:isObligorOf .",
        "foedus:obligor",
        "The two directions are declared inverse twice",
    ),
    Break(
        "individual in lower case",
        None,
        term("doubted", "NamedIndividual", "doubted", "Modality of doubt.", ", foedus:Modality"),
        "foedus:doubted",
        "The name of an individual of the vocabulary is UpperCamel",
    ),
    Break(
        "individual of no class",
        None,
        term("Doubtful", "NamedIndividual", "doubtful", "Modality of what is doubted."),
        "foedus:Doubtful",
        "An individual of the vocabulary belongs to a declared class",
    ),
    Break(
        "undeclared class",
        None,
        "<https://example.org/x> a foedus:Battle .",
        "https://example.org/x",
        "A node is typed by a class that is declared nowhere",
    ),
    Break(
        "undeclared property",
        None,
        "<https://example.org/x> foedus:wins foedus:Fact .",
        "https://example.org/x",
        "A property is used that is declared nowhere",
    ),
    Break(
        "axiom on an undeclared property",
        None,
        "foedus:partner rdfs:subPropertyOf foedus:mate .",
        "foedus:mate",
        "An axiom speaks of a property that is declared nowhere",
    ),
    Break(
        "axiom on an undeclared class",
        None,
        "foedus:Incursion rdfs:subClassOf foedus:Attack .",
        "foedus:Attack",
        "An axiom speaks of a class that is declared nowhere",
    ),
    Break(
        "list with an undeclared term",
        None,
        "[] a owl:AllDisjointClasses ; owl:members ( foedus:Person foedus:Robot ) .",
        "foedus:Robot",
        "The list of an axiom holds a term that is declared nowhere",
    ),
]


def broken(triples: Iterable[Triple]) -> list[Triple]:
    """The triples without those that the breaks take out."""
    out = {(full(b.out[0]), full(b.out[1])) for b in BREAKS if b.out}

    def stays(triple: Triple) -> bool:
        return not isinstance(triple.subject, NamedNode) or (triple.subject.value, triple.predicate.value) not in out

    return [triple for triple in triples if stays(triple)]


def added() -> list[Triple]:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    text = prefixes + "\n".join(b.add for b in BREAKS)
    return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]


def check(change: Callable[[Iterable[Triple]], Iterable[Triple]] = list) -> list[Violation]:
    documents = {path.name + "/" + path.parent.name: list(change(read(path))) for path in files()}
    if change is not list:
        documents["added.ttl"] = added()
    return validate(documents, shapes=[HYGIENE])


@pytest.fixture(scope="module")
def findings() -> list[Violation]:
    return check(broken)


def test_the_ontology_keeps_the_house_rules() -> None:
    assert check() == []


@pytest.mark.parametrize("case", BREAKS, ids=lambda case: case.name)
def test_a_broken_rule_is_found(findings: list[Violation], case: Break) -> None:
    assert any(v.node == full(case.node) and v.message.startswith(case.says) for v in findings), [
        v for v in findings if v.node == full(case.node)
    ]


def test_every_message_comes_up(findings: list[Violation]) -> None:
    inner = "No file has this version IRI."  # said within another rule, which has a message of its own
    messages = {t.object.value for t in read(HYGIENE) if t.predicate == SH_MESSAGE and isinstance(t.object, Literal)}
    assert messages - {v.message for v in findings} == {inner}


def test_every_term_stands_in_the_file_that_it_names() -> None:
    defined_by = NamedNode(PREFIXES["rdfs"] + "isDefinedBy")
    for path in files():
        triples = read(path)
        (here,) = {t.subject for t in triples if t.predicate.value == PREFIXES["owl"] + "versionIRI"}
        assert {t.object for t in triples if t.predicate == defined_by} <= {here}, path.name


def test_terms_are_told_in_words_of_their_own() -> None:
    said: dict[str, dict[object, str]] = {LABEL: {}, DEFINITION: {}}
    for path in files():
        for triple in read(path):
            if triple.predicate.value in said and isinstance(triple.object, Literal):
                said[triple.predicate.value][triple.subject] = triple.object.value
    assert len(said[DEFINITION]) > 200
    assert all(text.rstrip(".").lower() != said[LABEL][term].lower() for term, text in said[DEFINITION].items())
