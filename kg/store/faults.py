"""What Oxigraph's parser says of a text that does not parse, for people to read."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["readable"]

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_WORDS: Final = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|[^,\[\"\n]+(?=,|$)")
_KEYWORD: Final = re.compile(r"[A-Z_]+")
_FEW: Final = 4
_SHOWN: Final = 30
_BETTER: Final = {"IRI parsing failed": "an IRI that is none, or is relative where no BASE is given"}


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
    return f"{at}: expected {' or '.join(symbols)}" if 0 < len(symbols) <= _FEW else at
