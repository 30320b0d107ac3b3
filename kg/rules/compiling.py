"""From the text of a rule to its plan, by way of rdflib's SPARQL algebra.

What a plan cannot say is refused by name: nothing in a rule is ever passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count, product
from typing import Any

import rdflib
from pyoxigraph import Literal, NamedNode
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg.errors import RuleError
from kg.rules.plan import (
    Atom,
    Binary,
    Binding,
    Branch,
    Call,
    Choice,
    Constant,
    Exists,
    Expression,
    Junction,
    Mould,
    Negation,
    Place,
    Plan,
    Table,
    Variable,
)
from kg.rules.text import Rule
from kg.terms import Term

__all__ = ["compile_rule"]

_FUNCTIONS = {"BOUND": 1, "CONCAT": None, "IRI": 1, "URI": 1, "SHA256": 1, "STR": 1, "SUBSTR": None}
_NAMES = {
    "Builtin_LANG": "LANG",
    "Graph": "GRAPH",
    "Group": "GROUP BY",
    "AggregateJoin": "an aggregate",
    "Minus": "MINUS",
    "OrderBy": "ORDER BY",
    "ServiceGraphPattern": "SERVICE",
    "Slice": "LIMIT or OFFSET",
    "MultiplicativeExpression": "arithmetic",
    "AdditiveExpression": "arithmetic",
}
_UNBOUND = Variable("")


@cache
def compile_rule(rule: Rule) -> Plan:
    """The plan of a rule; the same rule is compiled once in the life of the process.

    Args:
        rule: the rule, with a CONSTRUCT query as its text.

    Raises:
        RuleError: the text does not parse, or uses what the compiled executor cannot do.

    Example:
        >>> text = "CONSTRUCT { ?a <urn:q> ?b } WHERE { ?a <urn:p> ?b FILTER(?a != ?b) }"
        >>> compile_rule(Rule("turned", "", "", "", 1, text)).branches[0].filters
        (Binary(operator='!=', left=Variable(name='a'), right=Variable(name='b')),)
    """
    return _Compiler(rule).plan()


class _Compiler:
    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._apart = count()

    def plan(self) -> Plan:
        algebra = self._algebra()
        if algebra.name != "ConstructQuery" or not algebra.template:
            raise self._error("a query that is not CONSTRUCT with a template")
        if algebra.datasetClause:
            raise self._error("FROM")
        template = tuple(Mould(*map(self._place, triple)) for triple in algebra.template)
        for place in (place for mould in template for place in mould.places):
            if isinstance(place, Variable) and place.name.startswith("_:"):
                raise self._error("a blank node in the template")
        return Plan(self._rule.name, self._rule.stratum, tuple(self._branches(algebra.p, frozenset())), template)

    def _algebra(self) -> CompValue:
        normalize = rdflib.NORMALIZE_LITERALS
        try:
            # A literal means its own lexical form, not the one that rdflib would rather write.
            rdflib.NORMALIZE_LITERALS = False
            algebra: CompValue = translateQuery(parseQuery(self._rule.text)).algebra
        except Exception as fault:  # rdflib raises plain Exception for some queries that SPARQL forbids
            raise RuleError(self._file, f"the query does not parse: {fault}") from fault
        finally:
            rdflib.NORMALIZE_LITERALS = normalize
        return algebra

    @property
    def _file(self) -> str:
        return self._rule.file or self._rule.name

    def _error(self, construct: str) -> RuleError:
        return RuleError(self._file, f"{construct} is not among what compiled rules can say")

    # ------------------------------------------------------------ patterns

    def _branches(self, node: CompValue, outer: frozenset[str]) -> list[Branch]:
        """The conjunctions that a group pattern amounts to.

        Args:
            node: of the algebra.
            outer: variables that a row has from outside, where the pattern stands in an EXISTS.
        """
        match node.name:
            case "BGP":
                return [Branch(atoms=tuple(self._atom(triple) for triple in node.triples))]
            case "Join":
                pairs = product(self._branches(node.p1, outer), self._branches(node.p2, outer))
                return [self._joined(one, two) for one, two in pairs]
            case "Union":
                return [*self._branches(node.p1, outer), *self._branches(node.p2, outer)]
            case "LeftJoin":
                return self._optional(node, outer)
            case "Filter":
                return [self._filtered(b, node.expr, outer) for b in self._branches(node.p, outer)]
            case "Extend":
                return [self._extended(b, node, outer) for b in self._branches(node.p, outer)]
            case "ToMultiSet":
                return self._branches(node.p, outer) if "p" in node else [self._table(node)]
            case "values":
                return [self._table(node)]
            case "Distinct" | "Reduced":
                return self._branches(node.p, outer)
            case "Project":
                return [self._projected(b, frozenset(map(str, node.PV))) for b in self._branches(node.p, outer)]
        raise self._error(_NAMES.get(node.name, f"the pattern {node.name}"))

    def _joined(self, one: Branch, two: Branch) -> Branch:
        for first, second in ((one, two), (two, one)):
            for binding in first.bindings:
                if binding.name in second.bound:
                    raise self._error(f"a join on ?{binding.name}, which a BIND makes,")
        return Branch(
            one.atoms + two.atoms, one.tables + two.tables, one.bindings + two.bindings, one.filters + two.filters
        )

    def _optional(self, node: CompValue, outer: frozenset[str]) -> list[Branch]:
        found = []
        for branch in self._branches(node.p1, outer):
            scope = outer | branch.bound
            inner = [self._filtered(b, node.expr, scope) for b in self._branches(node.p2, scope)]
            found += [self._joined(branch, b) for b in inner]
            absent = Negation(Exists(tuple(inner)))
            found.append(Branch(branch.atoms, branch.tables, branch.bindings, (*branch.filters, absent)))
        return found

    def _filtered(self, branch: Branch, condition: Any, outer: frozenset[str]) -> Branch:
        conditions = tuple(_conjuncts(self._expression(condition, branch.bound | outer)))
        conditions = tuple(c for c in conditions if c != Constant(_TRUE))
        return Branch(branch.atoms, branch.tables, branch.bindings, branch.filters + conditions)

    def _extended(self, branch: Branch, node: CompValue, outer: frozenset[str]) -> Branch:
        name = str(node.var)
        if name in branch.bound | outer:
            raise self._error(f"a BIND to ?{name}, which has a value already,")
        binding = Binding(name, self._expression(node.expr, branch.bound | outer))
        return Branch(branch.atoms, branch.tables, (*branch.bindings, binding), branch.filters)

    def _table(self, node: CompValue) -> Branch:
        rows = node.res if "res" in node else node["values"]["res"]
        names = tuple(dict.fromkeys(str(name) for row in rows for name in row))
        for row in rows:
            if set(map(str, row)) != set(names) or "UNDEF" in row.values():
                raise self._error("UNDEF in VALUES")
        terms = ({str(name): self._constant(term) for name, term in row.items()} for row in rows)
        return Branch(tables=(Table(names, tuple(tuple(row[name] for name in names) for row in terms)),))

    def _projected(self, branch: Branch, kept: frozenset[str]) -> Branch:
        """The branch with the variables that a sub-select does not name set apart from others of the same name."""
        apart = {name: f"{name}#{next(self._apart)}" for name in branch.bound - kept}
        return _renamed(branch, apart) if apart else branch

    def _atom(self, triple: Any) -> Atom:
        subject, predicate, obj = triple
        if isinstance(predicate, rdflib.Variable):
            raise self._error(f"a variable as predicate (?{predicate})")
        if not isinstance(predicate, rdflib.URIRef):
            raise self._error(f"a property path ({predicate.n3()})")
        return Atom(self._place(subject), NamedNode(str(predicate)), self._place(obj))

    def _place(self, term: Any) -> Place:
        if isinstance(term, rdflib.Variable):
            return Variable(str(term))
        if isinstance(term, rdflib.BNode):
            return Variable(f"_:{term}")
        return Constant(self._constant(term))

    def _constant(self, term: Any) -> Term:
        if isinstance(term, rdflib.URIRef):
            return NamedNode(str(term))
        if isinstance(term, rdflib.Literal):
            if term.language:
                return Literal(str(term), language=term.language)
            return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))
        raise self._error(f"the term {term!r}")

    # ------------------------------------------------------------ expressions

    def _expression(self, node: Any, scope: frozenset[str]) -> Expression:
        if isinstance(node, rdflib.Variable):
            return Variable(str(node)) if str(node) in scope else _UNBOUND
        if not isinstance(node, CompValue):
            return Constant(self._constant(node))
        match node.name:
            case "RelationalExpression":
                return self._relation(node, scope)
            case "ConditionalAndExpression" | "ConditionalOrExpression":
                parts = tuple(self._expression(part, scope) for part in (node.expr, *node.other))
                return Junction(node.name == "ConditionalAndExpression", parts)
            case "UnaryNot":
                return Negation(self._expression(node.expr, scope))
            case "TrueFilter":
                return Constant(_TRUE)
            case "Builtin_EXISTS":
                return self._exists(node, scope)
            case "Builtin_NOTEXISTS":
                return Negation(self._exists(node, scope))
            case "Builtin_IF":
                return Choice(*(self._expression(node[part], scope) for part in ("arg1", "arg2", "arg3")))
        name = node.name.removeprefix("Builtin_")
        if not node.name.startswith("Builtin_") or name not in _FUNCTIONS:
            raise self._error(_NAMES.get(node.name, f"the function {name}"))
        return Call("IRI" if name == "URI" else name, tuple(self._arguments(name, node, scope)))

    def _arguments(self, name: str, node: CompValue, scope: frozenset[str]) -> Iterator[Expression]:
        given = node.arg if isinstance(node.arg, list) else [node.arg]
        if name == "SUBSTR":
            given = [*given, node.start, *([node.length] if node.length is not None else [])]
        for part in given:
            yield self._expression(part, scope)

    def _relation(self, node: CompValue, scope: frozenset[str]) -> Expression:
        left = self._expression(node.expr, scope)
        if node.op in ("IN", "NOT IN"):
            others = node.other if isinstance(node.other, list) else []
            found = Junction(False, tuple(Binary("=", left, self._expression(other, scope)) for other in others))
            return found if node.op == "IN" else Negation(found)
        return Binary(node.op, left, self._expression(node.other, scope))

    def _exists(self, node: CompValue, scope: frozenset[str]) -> Exists:
        return Exists(tuple(self._branches(node.graph, scope)))


_TRUE = Literal(True)


def _conjuncts(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Junction) and expression.every:
        for part in expression.parts:
            yield from _conjuncts(part)
    else:
        yield expression


def _renamed(branch: Branch, names: dict[str, str]) -> Branch:
    def name(old: str) -> str:
        return names.get(old, old)

    def place(old: Place) -> Place:
        return Variable(name(old.name)) if isinstance(old, Variable) else old

    def told(old: Expression) -> Expression:
        match old:
            case Variable(called):
                return Variable(name(called))
            case Binary(operator, left, right):
                return Binary(operator, told(left), told(right))
            case Junction(every, parts):
                return Junction(every, tuple(map(told, parts)))
            case Negation(part):
                return Negation(told(part))
            case Choice(condition, yes, no):
                return Choice(told(condition), told(yes), told(no))
            case Call(function, arguments):
                return Call(function, tuple(map(told, arguments)))
            case Exists(branches):
                return Exists(tuple(_renamed(inner, names) for inner in branches))
        return old

    return Branch(
        tuple(Atom(place(a.subject), a.predicate, place(a.object)) for a in branch.atoms),
        tuple(Table(tuple(map(name, t.names)), t.rows) for t in branch.tables),
        tuple(Binding(name(b.name), told(b.expression)) for b in branch.bindings),
        tuple(map(told, branch.filters)),
    )
