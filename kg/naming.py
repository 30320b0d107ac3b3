"""Names for nodes and nodes for names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.errors import UnknownName
from kg.sentences import labels, sentences
from kg.spellings import Spellings
from kg.store.base import Store
from kg.terms import PREFIXES, curie, expand, near_misses
from kg.vocab import FOEDUS, RDF, RDFS, SKOS

__all__ = ["NAMING", "Names"]

NAMING: Final = (RDFS.label, SKOS.altLabel, FOEDUS.iso2, FOEDUS.iso3, FOEDUS.cowCode, FOEDUS.cowAbbreviation)
"""The properties by which a thing is called."""


class Names:
    """What things are called in some graphs.

    Args:
        store: where the graphs are.
        graphs: the graphs of one view.
    """

    def __init__(self, store: Store, graphs: Sequence[NamedNode]) -> None:
        self._store, self._graphs = store, list(graphs)
        self.read = cache(self._read)
        self._spellings = cache(self._read_spellings)

    def node(self, what: str, text: str, kind: NamedNode | None = None) -> NamedNode:
        """The node that a name, a code, a path such as ``alliance/csto`` or an IRI stands for.

        Names are found in other spellings too: without accents, and as in ``Korea, Rep.``.

        Args:
            what: what is looked for, for the message.
            text: the name.
            kind: class that the node must be of, such as ``foedus:State``.

        Raises:
            UnknownName: nothing, or more than one thing, has the name; carries the close matches.
        """
        written = expand(text) if ":" in text else None
        if written is not None and (self._described(written) if kind is None else self.is_a(written, kind)):
            # A node that is written out needs no look at every name there is.
            return written
        names = self.read(kind)
        found = self._spellings(kind).find(text)
        if len(found) == 1:
            return next(iter(found))
        if found:
            choices = ", ".join(sorted(curie(node.value) for node in found))
            raise UnknownName(what, text, (), f"It may mean {choices}")
        node = expand(text)
        if node is not None and (
            any(node in nodes for nodes in names.values()) or (kind is None and self._described(node))
        ):
            return node
        raise UnknownName(what, text, near_misses(text, names))

    def is_a(self, node: NamedNode, kind: NamedNode) -> bool:
        """Whether a node is said to be of a class, or turns out to be."""
        return any(True for _ in self._store.match(self._graphs, node, RDF.type, kind))

    def labels(self, nodes: Iterable[object]) -> dict[str, str]:
        """A name for each node that has one, by IRI: its English label, or the sentence of the rule that made it."""
        wanted = {node for node in nodes if isinstance(node, NamedNode)}
        if not wanted:
            return {}
        named = labels(self._store, self._graphs, wanted)
        unnamed = {node for node in wanted if node not in named and node.value.startswith(PREFIXES["id"])}
        named |= sentences(self._store, self._graphs, unnamed)
        return {node.value: text for node, text in named.items()}

    def label(self, node: NamedNode) -> str:
        """The name of a node, or its IRI where it has none."""
        return self.labels([node]).get(node.value) or node.value

    def alliances(self, nodes: Collection[NamedNode]) -> dict[str, list[str]]:
        """The names of the alliances under which obligations stand, and episodes by the obligations in them, by IRI.

        Args:
            nodes: obligations and episodes; others are passed over.
        """
        if not nodes:
            return {}
        values = " ".join(sorted(map(str, nodes)))
        legs = "|".join(map(str, (FOEDUS.obligationLeg, FOEDUS.firstLoyaltyLeg, FOEDUS.secondLoyaltyLeg)))
        answer = self._store.query(
            f"SELECT DISTINCT ?node ?alliance WHERE {{ {{ VALUES ?node {{ {values} }} ?node {FOEDUS.underAlliance} "
            f"?alliance }} UNION {{ VALUES ?node {{ {values} }} ?node {legs} ?bond . ?bond {FOEDUS.underAlliance} "
            "?alliance } }",
            default_graphs=self._graphs,
        )
        assert isinstance(answer, QuerySolutions)
        pairs = [(row["node"].value, row["alliance"]) for row in answer]
        called = self.labels(alliance for _, alliance in pairs)
        under: dict[str, list[str]] = {}
        for node, alliance in pairs:
            under.setdefault(node, []).append(called.get(alliance.value) or curie(alliance.value))
        return {node: sorted(names) for node, names in under.items()}

    def _described(self, node: NamedNode) -> bool:
        return bool(self._store.query(f"ASK {{ {node} ?property ?value }}", default_graphs=self._graphs))

    def _read_spellings(self, kind: NamedNode | None) -> Spellings[NamedNode]:
        return Spellings(self.read(kind))

    def _read(self, kind: NamedNode | None) -> dict[str, set[NamedNode]]:
        # As a query within, for Oxigraph would look up the class of every node that has a name.
        wanted = f"{{ SELECT DISTINCT ?node WHERE {{ ?node a {kind} }} }}" if kind else ""
        naming = " ".join(map(str, (*NAMING, FOEDUS.policyName)))
        answer = self._store.query(
            f"SELECT ?node ?name WHERE {{ {wanted} VALUES ?property {{ {naming} }} "
            # A rule bears the name of the class that it leads to; people who use the name mean the class. Rules are
            # taken away at once: with a filter, Oxigraph would look at every node again.
            f"?node ?property ?name MINUS {{ ?node a {FOEDUS.Rule} }} }}",
            default_graphs=self._graphs,
        )
        assert isinstance(answer, QuerySolutions)
        names: dict[str, set[NamedNode]] = {}
        for solution in answer:
            node, name = solution["node"], solution["name"]
            if isinstance(node, NamedNode) and isinstance(name, Literal):
                names.setdefault(name.value, set()).add(node)
        return names
