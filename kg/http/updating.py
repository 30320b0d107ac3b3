"""The text of an update: which dataset the protocol gives it (SPARQL 1.1 Protocol, section 2.2.3)."""

from __future__ import annotations

from collections.abc import Sequence

from kg.http.refusals import Refused
from kg.lexemes import LEXEME

__all__ = ["with_dataset"]

_AWAITED = -1


def with_dataset(update: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> str:
    """An update whose operations match over the graphs that the request names.

    ``USING`` and ``USING NAMED`` go where ``WHERE`` begins. ``DELETE WHERE { … }``, which has no room for them, becomes
    the long form that means the same (SPARQL 1.1 Update, section 3.1.3.3).

    Args:
        update: the update, a settled text.
        default_graphs: ``using-graph-uri``, absolute IRIs.
        named_graphs: ``using-named-graph-uri``, absolute IRIs.

    Raises:
        Refused: the update says itself what it is about, with ``USING`` or ``WITH`` (400).

    Example:
        >>> with_dataset("DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", ["x:g"], [])
        'DELETE { ?s ?p 1 } USING <x:g> WHERE { ?s ?p 1 }'
        >>> with_dataset("DELETE WHERE { ?s ?p 1 }", [], ["x:g"])
        'DELETE { ?s ?p 1 } USING NAMED <x:g> WHERE { ?s ?p 1 }'
    """
    if not default_graphs and not named_graphs:
        return update
    using = "".join([f"USING <{g}> " for g in default_graphs] + [f"USING NAMED <{g}> " for g in named_graphs])
    written, copied = "", 0
    depth, before = 0, ""
    short: int | None = None
    for match in LEXEME.finditer(update):
        kind = match.lastgroup
        if kind == "close":
            depth -= 1
            if depth == 0 and short is not None:
                group = update[short : match.end()]
                written += f"{group} {using}WHERE {group}"
                copied, short = match.end(), None
        if depth == 0 and kind in ("word", "prefix"):
            word = match[kind].upper()
            if before != "PREFIX" and word.startswith(("USING", "WITH")):
                raise Refused(
                    400,
                    "using-graph-uri and using-named-graph-uri do not go with USING or WITH in the update; "
                    "leave out one or the other",
                )
            if kind == "word" and word.endswith("WHERE"):
                start = match.end() - len("WHERE")
                written += update[copied:start]
                copied = start
                if word == "DELETEWHERE" or before == "DELETE":
                    # The group begins at the bracket, for a comment may come before it.
                    short, copied = _AWAITED, match.end()
                else:
                    written += using
        if kind == "open":
            if depth == 0 and short == _AWAITED:
                short = match.start()
            depth += 1
        if kind and depth <= 1:
            before = match[0].upper()
    # Without a whole group the text is no update; the parser is to say so.
    return update if short is not None else written + update[copied:]
