"""OWL 2 RL inside a SPARQL engine: the compiled rules, written as ``INSERT … WHERE``.

The axioms, which are few, are closed and compiled here, as :mod:`kg.reasoning.compiled` does it; each rule over data
then becomes one operation of SPARQL 1.1 Update. Rules run in the order in which they lead to each other: once where
they do not lead back, else in rounds until a round adds nothing. A contradiction is what a ``SELECT`` finds.

SPARQL has no way to let one term stand for all that are the same, nor literals as subjects. Whether a case needs that
is asked of the engine; where it does, :class:`Inexpressible` says why, and the closure is to be worked out elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from pyoxigraph import NamedNode, Triple

from kg.columns import Columns, Dictionary, Kind, pack
from kg.errors import Inconsistency
from kg.reasoning.base import REFLEXIVE, Certificate
from kg.reasoning.compiled.findings import Clash, Keyed, MaxCardinality, Same
from kg.reasoning.compiled.ranking import ranks
from kg.reasoning.compiled.reasoner import described_clashes, open_state
from kg.reasoning.compiled.rules import (
    AllValues,
    Chain,
    Copy,
    Domain,
    HasValue,
    Intersection,
    Range,
    Rule,
    SomeValues,
    Swap,
    Transitive,
    Valued,
)
from kg.terms import BUILT_IN, GENID
from kg.vocab import OWL, RDF

__all__ = ["ENGINE", "OPERATIONS", "Closed", "Host", "Inexpressible", "close_inside"]

ENGINE: Final = "kg SPARQL"
OPERATIONS: Final = 40
"""Operations of one request."""


class Inexpressible(Exception):
    """A closure that SPARQL cannot work out; the message says why."""


class Host(Protocol):
    """What has a SPARQL engine."""

    def update(self, text: str) -> None:
        """Carry out a SPARQL 1.1 Update that does no harm when it is done twice."""
        ...

    def select(self, text: str) -> Iterable[Any]:
        """The rows of a SELECT query, each to be asked for a term by the name of its variable."""
        ...

    def insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """Add triples to a graph."""
        ...


@dataclass(frozen=True)
class Closed:
    """What was done inside an engine.

    Attributes:
        inconsistencies: contradictions found, sorted.
        certificate: what was done.
        rounds: how many rounds it took, in all, where rules lead back to themselves.
        requests: how many updates were sent.
    """

    inconsistencies: tuple[Inconsistency, ...]
    certificate: Certificate
    rounds: int
    requests: int


def close_inside(host: Host, schema: Iterable[Triple], data: NamedNode, work: NamedNode, inferred: NamedNode) -> Closed:
    """Work out inside an engine what OWL 2 RL adds to a graph of it.

    Args:
        host: the engine.
        schema: the axioms; in the data there must be none.
        data: the graph to reason over; the axioms are added to it.
        work: an empty graph, in which everything is put that follows on the way.
        inferred: the graph for what is worth keeping: what was not there, less noise, as
            :mod:`kg.reasoning.base` has it.

    Raises:
        Inexpressible: SPARQL cannot say it.
    """
    return _Closing(host, data, work, inferred).close(frozenset(schema))


class _Closing:
    def __init__(self, host: Host, data: NamedNode, work: NamedNode, inferred: NamedNode) -> None:
        self._host, self._data, self._work, self._inferred = host, data, work, inferred
        self._dictionary = Dictionary()
        self._both = f"FROM {data} FROM {work}"
        self._rounds = self._requests = 0

    def close(self, schema: frozenset[Triple]) -> Closed:
        state = open_state(Columns.encode(schema, self._dictionary), self._dictionary)
        engine, certificate = state.engine, state.closure.certificate
        self._type = engine.type
        if state.same is not None:
            raise Inexpressible("the axioms make terms the same as others")
        for rule in engine.rules:
            self._expressible(rule, engine.schema, {engine.type, engine.same_as})
        if self._any(f"GRAPH {self._data} {{ ?s ?p ?o FILTER(ISLITERAL(?o)) }}"):
            raise Inexpressible("there are literals in the data, which OWL 2 RL makes members of datatypes")
        if self._any(f"GRAPH {self._data} {{ ?s {OWL.sameAs} ?o }}"):
            raise Inexpressible("the data say that terms are the same")
        self._host.insert(self._data, schema)
        self._host.insert(self._work, self._closed_schema(engine, schema))
        for rules, again in _stages(engine.rules):
            self._run([self._insert(rule) for rule in rules], again=again)
        for rule in engine.rules:
            if isinstance(rule, Same | Keyed) and self._any(self._equals(rule), self._both):
                raise Inexpressible("terms turn out to be the same as others")
        for rule in engine.rules:
            if isinstance(rule, Clash | MaxCardinality):
                self._find(rule, engine.clashes)
        clashes = {*state.closure.inconsistencies, *described_clashes(engine)}
        self._update([self._worth_keeping()])
        counts = [self._count(graph) for graph in (self._data, self._inferred)]
        done = Certificate(ENGINE, certificate.axioms, certificate.unsupported, counts[0], counts[1])
        return Closed(tuple(sorted(clashes)), done, self._rounds, self._requests)

    def _expressible(self, rule: Rule, schema: Collection[int], general: set[int]) -> None:
        named = (*rule.reads, *(() if rule.writes is None else (rule.writes,)))
        if any(not isinstance(self._dictionary.term(key if key >= 0 else ~key), NamedNode) for key in named):
            raise Inexpressible("an axiom is about a class or a property without an IRI")
        if general.intersection(rule.reads):
            raise Inexpressible("an axiom is about rdf:type or owl:sameAs as a property")
        if rule.writes is not None and (rule.writes in schema or rule.writes in general):
            raise Inexpressible("axioms follow from data")
        value = rule.value if isinstance(rule, Valued) else None
        if value is not None and not isinstance(self._dictionary.term(value), NamedNode):
            raise Inexpressible("an axiom gives members of a class a literal as value")

    def _closed_schema(self, engine: Any, schema: frozenset[Triple]) -> Iterator[Triple]:
        """All that follows from the axioms alone, and can be said in RDF."""
        term, kinds = self._dictionary.term, self._dictionary.kinds()
        for key, held in engine.relations.items():
            for number in held.all().tolist():
                rows = (number, engine.type, ~key) if key < 0 else (number >> 32, key, number & 0xFFFFFFFF)
                if all(kinds[part] < Kind.LITERAL for part in rows):
                    triple = Triple(*(term(part) for part in rows))  # type: ignore[arg-type]
                    if triple not in schema:
                        yield triple

    # Asking and telling

    def _any(self, pattern: str, dataset: str = "") -> bool:
        return any(True for _ in self._host.select(f"SELECT * {dataset} WHERE {{ {pattern} }} LIMIT 1"))

    def _count(self, graph: NamedNode) -> int:
        (row,) = self._host.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
        return int(row["n"].value)

    def _update(self, operations: Sequence[str]) -> None:
        for start in range(0, len(operations), OPERATIONS):
            self._host.update(" ;\n".join(operations[start : start + OPERATIONS]))
            self._requests += 1

    def _run(self, operations: Sequence[str], *, again: bool) -> None:
        if not again:
            self._update(operations)
            return
        held = -1
        while (now := self._count(self._work)) != held:
            held = now
            self._update(operations)
            self._rounds += 1

    # Rules as SPARQL

    def _atom(self, key: int, x: str, y: str = "") -> str:
        return f"{x} {RDF.type} {self._term(~key)}" if key < 0 else f"{x} {self._term(key)} {y}"

    def _term(self, number: int) -> str:
        return str(self._dictionary.term(number))

    def _insert(self, rule: Rule) -> str:
        where, x, y = self._body(rule)
        assert rule.writes is not None
        head = self._atom(rule.writes, x, y)
        return f"INSERT {{ GRAPH {self._work} {{ {head} }} }} USING {self._data} USING {self._work} WHERE {{ {where} }}"

    def _body(self, rule: Rule) -> tuple[str, str, str]:
        """What a rule looks for, and what its head is about."""
        atom = self._atom
        match rule:
            case Copy():
                return atom(rule.source, "?x", "?y"), "?x", "?y"
            case Swap():
                return atom(rule.source, "?x", "?y"), "?y", "?x"
            case Domain():
                return atom(rule.source, "?x", "?y"), "?x", ""
            case Range():
                return atom(rule.source, "?x", "?y"), "?y", ""
            case Transitive():
                return f"{atom(rule.source, '?x', '?z')} . {atom(rule.source, '?z', '?y')}", "?x", "?y"
            case Chain():
                steps = (atom(link, f"?x{place}", f"?x{place + 1}") for place, link in enumerate(rule.links))
                return " . ".join(steps), "?x0", f"?x{len(rule.links)}"
            case Intersection():
                return " . ".join(atom(part, "?x") for part in rule.reads), "?x", ""
            case SomeValues():
                return f"{atom(rule.prop, '?x', '?y')} . {atom(rule.filler, '?y')}", "?x", ""
            case AllValues():
                return f"{atom(rule.cls, '?x')} . {atom(rule.prop, '?x', '?y')}", "?y", ""
            case Valued():
                return atom(rule.cls, "?x"), "?x", self._term(rule.value)
            case HasValue():
                return atom(rule.prop, "?x", self._term(rule.value)), "?x", ""
        raise AssertionError(rule)

    def _equals(self, rule: Same | Keyed) -> str:
        """Two that are the same by a rule."""
        atom = self._atom
        if isinstance(rule, Keyed):
            parts = [atom(rule.cls, "?x"), atom(rule.cls, "?y")]
            for place, prop in enumerate(rule.properties):
                parts += [atom(prop, "?x", f"?v{place}"), atom(prop, "?y", f"?v{place}")]
        elif rule.inverse:
            parts = [atom(rule.prop, "?x", "?z"), atom(rule.prop, "?y", "?z")]
        else:
            parts = [atom(rule.prop, "?z", "?x"), atom(rule.prop, "?z", "?y")]
            parts += [atom(rule.cls, "?z")] if rule.cls is not None else []
            parts += [atom(rule.filler, v) for v in ("?x", "?y")] if rule.filler is not None else []
        return f"{' . '.join(parts)} FILTER(?x != ?y)"

    def _find(self, rule: Clash | MaxCardinality, clashes: Any) -> None:
        """Keep what contradicts a rule as the compiled reasoner does."""
        atom = self._atom
        x, y = "?x", "?y"
        if isinstance(rule, MaxCardinality):
            parts = [atom(rule.prop, x, y), atom(rule.cls, x)]
            parts += [atom(rule.filler, y)] if rule.filler is not None else []
        else:
            if rule.exactly is not None:
                x, y = self._term(rule.exactly >> 32), self._term(rule.exactly & 0xFFFFFFFF)
            elif rule.reflexive:
                y = x
            parts = [atom(rule.one, x, y)]
            parts += [atom(rule.two, *((y, x) if rule.turned else (x, y)))] if rule.two is not None else []
        pairs = isinstance(rule, MaxCardinality) or rule.one >= 0
        asked = sorted({v for v in ((x, y) if pairs else (x,)) if v.startswith("?")})
        rows = self._host.select(
            f"SELECT DISTINCT {' '.join(asked) or '(1 AS ?one)'} {self._both} WHERE {{ {' . '.join(parts)} }}"
        )

        def number(part: str, row: Any) -> int:
            if part.startswith("?"):
                return self._dictionary.number(row[part[1:]])
            assert isinstance(rule, Clash) and rule.exactly is not None
            return rule.exactly >> 32 if part == x else rule.exactly & 0xFFFFFFFF

        found = [(number(x, row), number(y, row) if pairs else 0) for row in rows]
        if found:
            firsts, seconds = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
            clashes[rule] = [pack(firsts, seconds) if pairs else firsts]

    def _worth_keeping(self) -> str:
        def none_of(variable: str, prefixes: Iterable[str]) -> str:
            return " && ".join(f'!STRSTARTS(STR({variable}), "{prefix}")' for prefix in prefixes)

        reflexive = ", ".join(map(str, REFLEXIVE))
        return f"""INSERT {{ GRAPH {self._inferred} {{ ?s ?p ?o }} }} WHERE {{ GRAPH {self._work} {{ ?s ?p ?o }}
  FILTER NOT EXISTS {{ GRAPH {self._data} {{ ?s ?p ?o }} }}
  FILTER(ISIRI(?s) && ISIRI(?o) && {none_of("?s", (*BUILT_IN, GENID))})
  FILTER({none_of("?p", [GENID])} && {none_of("?o", [GENID])} && ?o != {OWL.Thing})
  FILTER(?p != {RDF.type} || ({none_of("?o", BUILT_IN)}))
  FILTER(?s != ?o || ?p NOT IN ({reflexive})) }}"""


def _stages(rules: Sequence[Rule]) -> Iterator[tuple[list[Rule], bool]]:
    """Rules in the order in which they lead to each other, each stage with whether it has to be run again and again."""
    rank = ranks(rules)
    writers: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.writes is not None:
            writers[rank.get(rule.writes, 0)].append(rule)
    level: dict[int, int] = defaultdict(int)
    levels: dict[int, list[int]] = defaultdict(list)
    for place in sorted(writers):
        before = (rank.get(key, 0) for rule in writers[place] for key in rule.reads)
        level[place] = 1 + max((level[other] for other in before if other != place), default=0)
        levels[level[place]].append(place)
    for number in sorted(levels):
        once: list[Rule] = []
        for place in levels[number]:
            if any(rank.get(key, 0) == place for rule in writers[place] for key in rule.reads):
                yield writers[place], True
            else:
                once += writers[place]
        if once:
            yield once, False
