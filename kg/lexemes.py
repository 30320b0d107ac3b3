"""What the text of a query or an update is made of, as far as that shows without parsing it.

Oxigraph's parser takes a text as it goes: what begins with ``<`` is an IRI in one place and a comparison in another,
and ``1<2)SERVICE#>`` compares, closes a bracket, calls another endpoint and ends in a comment. Whoever looks at a text
must read it as the parser will. So :func:`settled` writes out what can be read in two ways, and what is carried out is
the text that was looked at: where it was misread it no longer parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["IRI", "LEXEME", "LOCAL", "NAME", "STRING", "TAG", "UNCLOSED", "VARIABLE", "keywords", "settled"]

_HEX: Final = "[0-9A-Fa-f]"
_CODE: Final = (  # of a character that there is
    rf"\\u(?![dD][89a-fA-F]){_HEX}{{4}}"
    rf"|\\U(?:0000(?![dD][89a-fA-F]){_HEX}{{4}}|000[1-9A-Fa-f]{_HEX}{{4}}|0010{_HEX}{{4}})"
)
_SPELT: Final = rf"""\\[tbnrf"'\\]|{_CODE}"""
_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_MARKS: Final = "\u00b7\u0300-\u036f\u203f\u2040"
_IN_NAME: Final = f"[{_BASE}_0-9{_MARKS}-]"
_IN_LOCAL: Final = rf"(?:{_IN_NAME}|:|%{_HEX}{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"

STRING: Final = (
    rf'"""(?:"{{0,2}}(?:[^"\\]|{_SPELT}))*"""|\'\'\'(?:\'{{0,2}}(?:[^\'\\]|{_SPELT}))*\'\'\''
    rf'|"(?:[^"\\\n\r]|{_SPELT})*"|\'(?:[^\'\\\n\r]|{_SPELT})*\''
)
"""A string in quotes (SPARQL 1.1 Query, rules 156 to 160)."""
IRI: Final = rf'<(?:[^\x00-\x20<>"{{}}|^`\\]|{_CODE})*>'
"""An IRI (rule 139), or a comparison and what follows up to another."""
VARIABLE: Final = rf"[?$][{_BASE}_0-9][{_BASE}_0-9{_MARKS}]*"
"""A variable (rules 143, 144 and 166)."""
TAG: Final = "@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?"
"""The tag of a language, with a direction where there is one."""
NAME: Final = rf"[{_BASE}](?:{_IN_NAME}|\.)*+"
"""What stands before the colon of a prefixed name (rule 168), or a keyword."""
LOCAL: Final = rf"(?:(?![-{_MARKS}]){_IN_LOCAL}+(?:\.+{_IN_LOCAL}+)?)?"
"""What follows the colon (rule 169), as Oxigraph has it: with points in one place."""
UNCLOSED: Final = r"[\"'](?:[^\"'\\\n\r]|\\.)*+"
"""A quotation mark without its partner: no text with that parses, and it is not to be looked for again and again."""
LEXEME: Final = re.compile(
    rf"{STRING}|{IRI}|\#[^\n\r]*|{VARIABLE}|{TAG}"
    rf"|(?P<prefix>(?:{NAME}|_)?):{LOCAL}|(?P<word>[\w{_BASE}][\w{_BASE}{_MARKS}.-]*+)"
    rf"|(?P<open>[({{\[])|(?P<close>[)}}\]])|{UNCLOSED}"
)
"""What SPARQL is made of, as far as keywords and brackets are concerned; the rest lies between.

A word may be several, or a number and a word, with a point or a hyphen between them.
"""

_SCAN: Final = re.compile(rf"(?P<quoted><<\(?)|(?P<unquoted>>>)|{LEXEME.pattern}")
_DIVIDING: Final = "[(),'#]|&&"
"""What has to stand between two comparisons, for ``A < B > C`` is none: of that, all that may stand in an IRI."""
_ABSOLUTE: Final = "[A-Za-z][A-Za-z0-9+.-]*://"
"""How no comparison goes on: behind a prefix without a name there would be two divisions."""
_DOUBTFUL: Final = re.compile(rf"<(?!{_ABSOLUTE})(?:(?!&&)[^\x00-\x20<>\"{{}}|^`(),'#])*(?:{_DIVIDING})|<<")
_ESCAPED: Final = re.compile("[(),'#&]")
_DEEPEST: Final = 1_000
"""How deep brackets are followed: what has more in each other is never carried out, see :mod:`kg.store.depth`."""
_VALUE: Final = re.compile(r"(?:TRUE|FALSE|(?:\A|[.-])A|(?:\A|[\W\d_])[0-9]+(?:\.[0-9]*)?(?:E[+-]?[0-9]+)?)\Z")
"""How a word ends that is a value: a number, true, false, or ``a`` for ``rdf:type``."""
_PARTS: Final = re.compile("[^.-]+")
_CALLING: Final = re.compile(r"(?:A?(?:TRUE|FALSE|[0-9.E+-]+))?\.?(?:SERVICE|LOAD)")
"""How a prefix begins that may be a keyword and a prefix, with the value of a triple before them."""


def keywords(text: str) -> Iterator[str]:
    """What may be a keyword, in capitals; strings, IRIs, comments, variables and local names are none.

    Oxigraph's parser wants no space behind a keyword: ``SERVICEx:y`` calls ``x:y``. So prefixes come too, with a colon,
    where a keyword may stand in them.

    Args:
        text: a settled text.

    Example:
        >>> list(keywords("SELECT ?from { <x:service> x:load 'LOAD' ; my-services:of SERVICEx:y } # SERVICE"))
        ['SELECT', 'SERVICEX:']
    """
    for match in LEXEME.finditer(text):
        if match.lastgroup == "word":
            yield from _PARTS.findall(match["word"].upper())
        elif match.lastgroup == "prefix" and _CALLING.match(prefix := match["prefix"].upper()):
            yield f"{prefix}:"


def settled(text: str) -> str:
    r"""A text without what can be read in two ways, saying the same.

    A comparison only ever stands in round brackets, behind what is compared. There it gets a space, with which it is no
    IRI; and an IRI that might have been one gets escapes, with which it is no comparison.

    Args:
        text: a query or an update, which need not parse.

    Example:
        >>> settled("SELECT * { FILTER(?a<2&&?b>3) }")
        'SELECT * { FILTER(?a< 2&&?b>3) }'
        >>> settled("SELECT * { VALUES (?a ?b) { (1 <urn:x(1)>) } }")
        'SELECT * { VALUES (?a ?b) { (1 <urn:x\\u00281\\u0029>) } }'
    """
    return _Settling(text).text() if _DOUBTFUL.search(text) else text


@dataclass
class _Level:
    """What stands between two brackets.

    Attributes:
        bracket: the one that opens it.
        data: whether terms alone stand in it: rows of values, triples to be added, lists and paths.
        clause: whether what comes next in round brackets is an expression.
    """

    bracket: str
    data: bool = False
    clause: bool = False


class _Settling:
    """One look through a text.

    Args:
        text: the text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._levels = [_Level("", clause=True)]
        self._before = ""  # the kind of what came before, "operand" for all that can be compared
        self._awaits_data = self._awaits_call = False
        self._quoted = 0  # how many triples in triples are open
        self._written, self._copied = list[str](), 0

    def text(self) -> str:
        """The text as it is settled."""
        place = 0
        while len(self._levels) < _DEEPEST and (match := _SCAN.search(self._text, place)):
            if self._text[place : match.start()].strip(" \t\r\n"):
                self._before = "sign"
            place = self._past(match)
        return "".join([*self._written, self._text[self._copied :]])

    def _past(self, match: re.Match[str]) -> int:
        """Go past a lexeme; returns where to go on."""
        kind, lexeme = match.lastgroup, match[0]
        if kind == "quoted":
            return self._quotes(match)
        if kind == "unquoted":
            self._before = "operand" if self._quoted else "sign"
            self._quoted = max(0, self._quoted - 1)
            return match.end()
        if lexeme.startswith("<"):
            return self._iri(match)
        if kind == "open":
            self._enter(lexeme)
        elif kind == "close":
            if len(self._levels) > 1:
                self._levels.pop()
            self._before = "operand"
        elif kind == "word":
            self._word(lexeme.upper())
        elif kind == "prefix":
            self._glued(match["prefix"].upper())
            self._before = "operand"
        elif not lexeme.startswith("#"):
            self._before = "operand"
        return match.end()

    def _compared(self) -> bool:
        level = self._levels[-1]
        return self._before == "operand" and level.bracket == "(" and not level.data

    def _quotes(self, match: re.Match[str]) -> int:
        """A triple in a triple, or a comparison with one, or with an IRI."""
        behind = match.start() + 1
        if self._compared() and (LEXEME.match(self._text, behind) or self._text.startswith("<<(", behind)):
            self._before = "sign"
            return self._spaced(behind)
        self._quoted += 1
        if match[0].endswith("("):
            self._levels.append(_Level("(", data=True))
        self._before = "sign"
        return self._spaced(match.end())

    def _iri(self, match: re.Match[str]) -> int:
        lexeme, begin = match[0], match.start()
        doubtful = self._before == "operand" and self._levels[-1].bracket == "(" and _DOUBTFUL.match(lexeme)
        if doubtful and self._compared():
            self._before = "sign"
            return self._spaced(begin + (2 if lexeme[1] == "=" else 1))
        if doubtful:
            self._written += [self._text[self._copied : begin], _ESCAPED.sub(_escape, lexeme)]
            self._copied = match.end()
        self._before = "operand"
        return match.end()

    def _enter(self, bracket: str) -> None:
        outer = self._levels[-1]
        data = outer.data or (bracket == "{" and self._awaits_data)
        if bracket == "(" and outer.bracket in ("{", "["):
            data = data or not (self._before == "word" or outer.clause or self._awaits_call)
            self._awaits_call = False
        elif bracket == "{":
            self._awaits_data = outer.clause = self._awaits_call = False
        self._levels.append(_Level(bracket, data))
        self._before = "sign"

    def _glued(self, word: str) -> None:
        """Take note of keywords that what follows them is written to without a space."""
        self._awaits_call = self._awaits_call or "FILTER" in word
        self._levels[-1].clause = self._levels[-1].clause or "BY" in word or "HAVING" in word

    def _word(self, word: str) -> None:
        self._awaits_data = self._awaits_data or word.endswith(("VALUES", "DATA"))
        self._awaits_call = self._awaits_call or word.endswith("FILTER")
        if word.endswith(("SELECT", "BY", "HAVING")):
            self._levels[-1].clause = True
        if word.endswith("-"):  # of a difference
            self._before = "sign"
        else:
            self._before = "operand" if _VALUE.search(word) else "word"

    def _spaced(self, end: int) -> int:
        if not self._text[end : end + 1].isspace():
            self._written += [self._text[self._copied : end], " "]
            self._copied = end
        return end


def _escape(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04X}"
