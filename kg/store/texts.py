"""SPARQL texts made ready for any server: what form a query has, the prefixes it lacks, the parts of a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyoxigraph

from kg.errors import QueryError
from kg.store.faults import readable
from kg.terms import PREFIXES

__all__ = ["construct_parts", "form_of", "with_prefixes"]

_RELATIVE: Final = re.compile(r"<[^<>:\s]*>")
"""What may be a relative IRI."""


def form_of(text: str, prefixes: Mapping[str, str] | None) -> type:
    """What kind of answer a query has; the parser of the embedded store refuses here what it refuses there.

    Args:
        text: the query.
        prefixes: prefixes that it may use without declaring them.

    Raises:
        QueryError: the text does not parse, or is not a query.

    Example:
        >>> form_of("ASK { ?s ?p ?o }", None).__name__
        'QueryBoolean'
    """
    try:
        known = None if prefixes is None else dict(prefixes)
        return type(pyoxigraph.Store().query(text, base_iri=PREFIXES["id"], prefixes=known))
    except SyntaxError as fault:
        raise QueryError(f"the query does not parse: {readable(fault.msg, text)}") from fault
    except (OSError, RuntimeError) as fault:
        raise QueryError(f"the query cannot be asked: {fault}") from fault


def with_prefixes(text: str, prefixes: Mapping[str, str] | None) -> str:
    """A query with the declarations that it uses and lacks, on its first line so that lines keep their numbers.

    Args:
        text: the query.
        prefixes: prefixes that it may use without declaring them.

    Example:
        >>> with_prefixes("ASK { ?s ex:p ?o }", {"ex": "https://example.org/", "other": "https://example.org/other/"})
        'PREFIX ex: <https://example.org/> ASK { ?s ex:p ?o }'
    """
    declared = set(re.findall(r"\bPREFIX\s+([\w.-]*)\s*:", text, re.IGNORECASE))
    used = {p: iri for p, iri in (prefixes or {}).items() if p not in declared and f"{p}:" in text}
    base = f"BASE <{PREFIXES['id']}> " if _RELATIVE.search(text) else ""
    return base + "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in used.items()) + text


def construct_parts(text: str) -> tuple[str, str, str]:
    """Prologue, template and group of a CONSTRUCT query: a template holds no braces (SPARQL 1.1, rule 74).

    Raises:
        QueryError: the text is not of the form ``CONSTRUCT { … } WHERE { … }``.

    Example:
        >>> construct_parts("CONSTRUCT { ?a ?p ?b } WHERE { ?b ?p ?a }")
        ('', ' ?a ?p ?b ', '{ ?b ?p ?a }')
    """
    match = re.search(r"\bCONSTRUCT\s*\{([^{}]*)\}\s*WHERE\s*", text)
    if match is None:
        raise QueryError("a rule is written CONSTRUCT { … } WHERE { … }")
    head = "".join(line for line in text[: match.start()].splitlines(keepends=True) if not line.startswith("#"))
    return head, match[1], text[match.end() :]
