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

__all__ = ["IRI", "LEXEME", "LOCAL", "STRING", "VARIABLE", "keywords", "settled"]

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
_NAME: Final = f"[{_BASE}_0-9{_MARKS}-]"
_PLACE: Final = rf"%{_HEX}{{2}}|\\[_~.\-!$&'()*+,;=/?#@%]"

STRING: Final = (
    rf'"""(?:"{{0,2}}(?:[^"\\]|{_SPELT}))*"""|\'\'\'(?:\'{{0,2}}(?:[^\'\\]|{_SPELT}))*\'\'\''
    rf'|"(?:[^"\\\n\r]|{_SPELT})*"|\'(?:[^\'\\\n\r]|{_SPELT})*\''
)
"""A string in quotes (SPARQL 1.1 Query, rules 156 to 160)."""
IRI: Final = rf'<(?:[^\x00-\x20<>"{{}}|^`\\]|{_CODE})*>'
"""An IRI (rule 139), or a comparison and what follows up to another."""
VARIABLE: Final = rf"[?$][{_BASE}_0-9][{_BASE}_0-9{_MARKS}]*"
"""A variable (rules 143, 144 and 166)."""
LOCAL: Final = rf"(?:(?:[{_BASE}_:0-9]|{_PLACE})(?:(?:{_NAME}|[.:]|{_PLACE})*(?:{_NAME}|:|{_PLACE}))?)?"
"""What follows the colon of a prefixed name (rule 169)."""
LEXEME: Final = re.compile(
    rf"{STRING}|{IRI}|\#[^\n\r]*|{VARIABLE}|@[A-Za-z]+(?:-[A-Za-z0-9]+)*"
    rf"|(?P<prefix>(?:[{_BASE}](?:(?:{_NAME}|\.)*{_NAME})?)?|_):{LOCAL}"
    r"|(?P<word>\w+)|(?P<open>[({\[])|(?P<close>[)}\]])"
)
"""What SPARQL is made of, as far as keywords and brackets are concerned; the rest lies between."""

_SCAN: Final = re.compile(rf"(?P<quoted><<\(?)|{LEXEME.pattern}")
_DIVIDING: Final = "[(),'#]|&&"
"""What has to stand between two comparisons, for ``A < B > C`` is none: of that, all that may stand in an IRI."""
_ABSOLUTE: Final = "[A-Za-z][A-Za-z0-9+.-]*://"
"""How no comparison goes on: behind a prefix without a name there would be two divisions."""
_DOUBTFUL: Final = re.compile(rf"<(?!{_ABSOLUTE})(?:(?!&&)[^\x00-\x20<>\"{{}}|^`(),'#])*(?:{_DIVIDING})|<<")
_ESCAPED: Final = re.compile("[(),'#&]")
_DEEPEST: Final = 1_000
"""How deep brackets are followed: what has more in each other is never carried out, see :mod:`kg.store.depth`."""
_CALLING: Final = re.compile("(?:TRUE|FALSE)?(?:SERVICE|LOAD)")


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
            yield match["word"].upper()
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
            return self._quoted(match)
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
        elif not lexeme.startswith("#"):
            self._before = "operand"
        return match.end()

    def _compared(self) -> bool:
        level = self._levels[-1]
        return self._before == "operand" and level.bracket == "(" and not level.data

    def _quoted(self, match: re.Match[str]) -> int:
        """A triple in a triple, or a comparison with an IRI."""
        if self._compared() and LEXEME.match(self._text, match.start() + 1):
            self._before = "sign"
            return self._spaced(match.start() + 1)
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

    def _word(self, word: str) -> None:
        self._awaits_data = self._awaits_data or word.endswith(("VALUES", "DATA"))
        self._awaits_call = self._awaits_call or word.endswith("FILTER")
        if word.endswith(("SELECT", "BY", "HAVING")):
            self._levels[-1].clause = True
        value = word == "A" or not word.isalpha() or word.endswith(("TRUE", "FALSE"))
        self._before = "operand" if value else "word"

    def _spaced(self, end: int) -> int:
        if not self._text[end : end + 1].isspace():
            self._written += [self._text[self._copied : end], " "]
            self._copied = end
        return end


def _escape(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04X}"
