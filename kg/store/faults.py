"""What Oxigraph's parser says of a text that does not parse, for people to read."""

from __future__ import annotations

import re
from typing import Final

from kg.lexemes import LEXEME, settled

__all__ = ["readable"]

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_WORDS: Final = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|[^,\[\"\n]+(?=,|$)")
_KEYWORD: Final = re.compile(r"[A-Za-z0-9_]+")
_FEW: Final = 4
_SHOWN: Final = 30
_BETTER: Final = {
    "IRI parsing failed": "an IRI that is none, or is relative where no BASE is given",
    "<unreported>": "what may not stand here, such as the label of a blank node of another group",
}
_WHOLE: Final = "something is missing there, or it is whole and means nothing, as where a variable gets two values"
"""What can be said where the parser has read all and says nothing that helps."""


def readable(message: str, text: str) -> str:
    """The parser's message without the sets of characters in it, and with the place in the text.

    The parser names every keyword that is as long as what it found in the place of one, whatever would fit there, and
    points behind it. Such a list is left out, and the place is where what was found begins.

    Args:
        message: what the parser says.
        text: what was parsed.

    Example:
        >>> readable("error at 1:8: expected one of VERSION, [_]", "garbage")
        "line 1, column 1, at 'garbage'"
        >>> readable('error at 1:9: expected one of "(", "*", PREFIX, [_]', "SELECT ")
        'line 1, column 9, at the end: expected "(" or "*"'
        >>> readable('error at 1:12: expected one of "(", "*", ":", "<", "?"', "SELECT * { ")
        'line 1, column 12, at the end: the { of line 1, column 10 is not closed'
    """
    match = _PLACE.match(message)
    if match is None:
        return message
    line, column = int(match[1]), int(match[2])
    wanted = [word.strip() for word in _WORDS.findall(match[3]) if not word.startswith("[")]
    keywords = [word for word in wanted if _KEYWORD.fullmatch(word)]
    symbols = [word for word in wanted if word.startswith('"')]
    said = [_BETTER.get(word, word) for word in wanted if word not in keywords and word not in symbols]
    lines = text.splitlines() or [""]
    if keywords and not symbols and not said and line <= len(lines):
        back = min(map(len, keywords))
        while column <= back and line > 1:  # it began on a line before
            line -= 1
            column += len(lines[line - 1]) + 1
        column = max(1, column - back)
        rest = lines[line - 1][column - 1 :]
        column += len(rest) - len(rest.lstrip())
    near = lines[line - 1][column - 1 :].strip()[:_SHOWN] if line <= len(lines) else ""
    at = f"line {line}, column {column}, at {near!r}" if near else f"line {line}, column {column}, at the end"
    if said:
        return f"{at}: {' or '.join(said)}"
    # A long list of what could stand there helps nobody.
    if 0 < len(symbols) <= _FEW:
        return f"{at}: expected {' or '.join(symbols)}"
    return at if near else f"{at}: {_unclosed(text) or _WHOLE}"


def _unclosed(text: str) -> str | None:
    """The last bracket that is not closed, in words."""
    waiting = list[re.Match[str]]()
    for match in LEXEME.finditer(settled(text)):
        if match.lastgroup == "open":
            waiting.append(match)
        elif match.lastgroup == "close" and waiting:
            waiting.pop()
    if not waiting:
        return None
    before = waiting[-1].string[: waiting[-1].start()].splitlines() or [""]
    return f"the {waiting[-1][0]} of line {len(before)}, column {len(before[-1]) + 1} is not closed"
