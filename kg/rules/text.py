"""What a rule file says: its header, its query, and how a store is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import ParseError
from kg.headers import read_header
from kg.resources import rule_files
from kg.terms import PREFIXES
from kg.vocab import FOEDUS, RDF, RDFS, SKOS, XSD

__all__ = ["Rule", "describe", "load_rules", "read_rule"]

_KEYS = frozenset({"id", "label", "summary", "sentence", "stratum"})


@dataclass(frozen=True)
class Rule:
    """One dated rule.

    Attributes:
        name: its id, such as ``"ally-supplying-adversary"``.
        label: its name for people.
        summary: what it concludes from what, in a sentence.
        sentence: pattern in which braces hold property paths from the derived node, for telling a proof.
        stratum: a rule runs after every rule of a lower stratum.
        text: the whole file, a SPARQL CONSTRUCT query.
        file: name of the file, for messages.
    """

    name: str
    label: str
    summary: str
    sentence: str
    stratum: int
    text: str
    file: str = ""

    @property
    def node(self) -> NamedNode:
        """IRI of the rule, the object of ``foedus:derivedByRule``."""
        return NamedNode(f"{PREFIXES['id']}rule/{self.name}")


def read_rule(path: Path) -> Rule:
    """Read one rule file.

    Raises:
        ParseError: the header lacks a key, has one that is not known, or a value of the wrong kind.
    """
    keys, text = read_header(path, _KEYS)
    if not isinstance(keys["stratum"], int):
        raise ParseError(path.name, "stratum must be a whole number")
    return Rule(keys["id"], keys["label"], keys["summary"], keys["sentence"], keys["stratum"], text, path.name)


def load_rules(paths: Sequence[Path] | None = None) -> list[Rule]:
    """The rules that ship, or those of some files, lowest stratum first.

    Example:
        >>> [rule.name for rule in load_rules()][0]
        'obligation-from-memberships'
    """
    rules = [read_rule(path) for path in (rule_files() if paths is None else paths)]
    return sorted(rules, key=lambda rule: rule.stratum)


def describe(rules: Sequence[Rule]) -> Iterator[Triple]:
    """What the store says about each rule, for proofs and for ``what-is``."""
    for rule in rules:
        yield Triple(rule.node, RDF.type, FOEDUS.Rule)
        yield Triple(rule.node, RDFS.label, Literal(rule.label, language="en"))
        yield Triple(rule.node, SKOS.definition, Literal(rule.summary, language="en"))
        yield Triple(rule.node, FOEDUS.sentencePattern, Literal(rule.sentence))
        yield Triple(rule.node, FOEDUS.stratum, Literal(str(rule.stratum), datatype=XSD.integer))
