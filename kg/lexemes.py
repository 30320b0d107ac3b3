"""What the text of a query or an update is made of, as far as that shows without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["LEXEME", "keywords"]

LEXEME: Final = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*' '''
    r"""|<[^\x00-\x20<>"{}|^`\\]*>|\#[^\n\r]*|\\.|[?$@]\w+"""
    r"""|(?P<prefix>[\w.%-]*):(?:[\w:.%-]|\\.)*|(?P<word>\w+)|(?P<open>[({\[])|(?P<close>[)}\]])""",
    re.DOTALL | re.VERBOSE,
)
"""What SPARQL is made of, as far as keywords and brackets are concerned; the rest lies between."""


def keywords(text: str) -> Iterator[str]:
    """What may be a keyword, in capitals; strings, IRIs, comments, variables and local names are none.

    Oxigraph's parser wants no space behind a keyword: ``SERVICEx:y`` calls ``x:y``. So prefixes come too, with a colon.

    Example:
        >>> list(keywords("SELECT ?from { <x:service> x:load 'LOAD' } # SERVICE"))
        ['SELECT', 'X:']
    """
    for match in LEXEME.finditer(text):
        if match.lastgroup == "word":
            yield match["word"].upper()
        elif match.lastgroup == "prefix":
            yield f"{match['prefix'].upper()}:"
