"""How deep the engine would have to go for a text of SPARQL: it calls itself, and too deep ends the process.

Brackets in brackets do it, and so do long chains: of ``+`` as of patterns, each operation stands inside the next. The
text is looked through once, in order, without being parsed.
"""

from __future__ import annotations

import re
from typing import Final

from kg.errors import QueryError
from kg.lexemes import IRI, LOCAL, NAME, STRING, TAG, UNCLOSED, VARIABLE, settled

__all__ = ["DEEPEST", "LONGEST", "check_depth"]

DEEPEST: Final = 400
"""How deep brackets may be nested: the parser dies between 1,000 and 5,000, in the 8 MiB that a stack usually has."""
LONGEST: Final = 4_000
"""What all chains of a text may weigh together: at a weight of 1 the engine takes up to 1,260 bytes of a stack."""
_BRACKET: Final = 6
"""What a level of brackets weighs."""

_TOKEN: Final = re.compile(
    rf"(?P<term>{STRING}|{IRI}|{VARIABLE}|_?:{LOCAL}|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"|\#[^\n\r]*|{TAG}"
    rf"|(?P<name>{NAME})(?P<local>:{LOCAL})?"
    r"|(?P<open><<|[({\[])|(?P<close>>>|[)}\]])"
    rf"|{UNCLOSED}"
    r"|(?P<other>\^\^|!=|\|\||&&|[-+*/|!.;,~=<>])"
)
_PARTNER: Final = {")": "(", "}": "{", "]": "[", ">>": "<<"}
_WEIGHT: Final = dict.fromkeys(["||", "&&", "/", "|", "!", ".", ";", "~"], 1)
_HEAVY: Final = {"OPTIONAL": 2, "MINUS": 2, "LATERAL": 2, "SELECT": 2, "FILTER": 1}
"""What words add to the bracket that follows them."""
_NAMING: Final = 3
"""What ``AS`` weighs."""


def check_depth(text: str, what: str = "query") -> None:
    """Refuse a text that would end the process that parses or answers it.

    Args:
        text: a query or an update.
        what: which of the two.

    Raises:
        QueryError: its brackets are nested too deep, or its chains are too long.

    Example:
        >>> check_depth("SELECT (1 + 1 AS ?two) {}")
        >>> check_depth(f"SELECT ({' + '.join(['1'] * 5_000)} AS ?many) {{}}")
        Traceback (most recent call last):
        ...
        kg.errors.QueryError: the query is too long a chain of patterns or operators, such as +, UNION or BIND: ...
    """
    # A character weighs 1 at most, but for brackets and AS.
    most = len(text) + (_BRACKET + 3) * sum(map(text.count, "({[<")) + _NAMING * text.upper().count("AS")
    if most > LONGEST:
        _Looking(what).at(settled(text))


class _Looking:
    """One look through a text.

    Args:
        what: what it is.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._open: list[str] = []
        self._weight = self._deepest = 0
        self._data: int | None = None  # how many brackets are open around data, whose parts do not stand in each other

    def at(self, text: str) -> None:
        """Look.

        Raises:
            QueryError: it goes too deep.
        """
        before, awaits_data = "", False
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup
            if kind is None:
                continue
            if kind == "open":
                self._enter(match[0], before, awaits_data and match[0] == "{")
                awaits_data = awaits_data and match[0] != "{"
            elif kind == "close":
                self._leave(_PARTNER[match[0]])
            elif self._data is not None:
                continue
            elif kind == "term" or kind == "local":
                self._term(match, before)
            elif kind == "name":
                word = match["name"].upper()
                awaits_data = awaits_data or word.endswith(("DATA", "VALUES"))
                self._add(self._of_word(word))
                if word.endswith(("TRUE", "FALSE")):
                    self._member(before)
                    kind = "local"
            else:
                self._other(match[0], before)
            before = "term" if kind == "local" else kind

    def _add(self, weight: int) -> None:
        self._weight += weight
        if self._weight + _BRACKET * self._deepest > LONGEST:
            raise QueryError(
                f"the {self._what} is too long a chain of patterns or operators, such as +, UNION or BIND: the engine "
                "would have to go too deep. Long lists of values go into VALUES or IN, which may be any length"
            )

    def _enter(self, bracket: str, before: str, awaits_data: bool) -> None:
        if self._data is None:
            behind = before == "close"
            self._add((bracket != "(") + 2 * behind)
            if awaits_data:
                self._data = len(self._open)
        self._open.append(bracket)
        if len(self._open) > DEEPEST:
            raise QueryError(f"the {self._what} does not parse: brackets are nested more than {DEEPEST} deep")
        if len(self._open) > self._deepest:
            self._deepest = len(self._open)
            self._add(0)

    def _leave(self, partner: str) -> None:
        if partner not in self._open:
            return
        while self._open.pop() != partner:
            continue
        if self._data is not None and len(self._open) <= self._data:
            self._data = None

    def _term(self, match: re.Match[str], before: str) -> None:
        if match["local"]:
            self._add(match["local"].endswith("."))
            name = match["name"].upper()
            # A keyword may be glued to it.
            self._add(sum(weight for heavy, weight in _HEAVY.items() if heavy in name))
            if name.startswith(("TRUE", "FALSE")):
                self._add(name.count("-"))
        self._member(before)

    def _member(self, before: str) -> None:
        if self._open[-1:] == ["("] and before in ("term", "close"):  # of a list, which is two triples a member
            self._add(2)

    def _of_word(self, word: str) -> int:
        weight = word.count("-") + word.count(".") + sum(w for heavy, w in _HEAVY.items() if heavy in word)
        return weight + (_NAMING if word.endswith("AS") else 0)

    def _other(self, sign: str, before: str) -> None:
        if sign == ";" and not self._open:  # between the operations of an update
            self._weight = self._deepest = 0
        elif sign == ",":
            self._add(self._open[-1:] != ["("])
        elif sign in "+-*":
            self._add(before in ("term", "close", "name"))  # else it is a sign, or stands for everything
        else:
            self._add(_WEIGHT.get(sign, 0))
