"""Headers of SPARQL files: lines ``#+ key: value`` before the query, in YAML, as grlc has them."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from kg.errors import ParseError

__all__ = ["read_header"]

_LINE: Final = re.compile(r"#\+ ?(.*)\Z")


def read_header(path: Path, keys: Collection[str]) -> tuple[dict[str, Any], str]:
    """The header of a file and its whole text.

    Args:
        path: the file.
        keys: the keys that the header must have, all of them and no other.

    Raises:
        ParseError: the header is not YAML, lacks a key, or has one that is not known.

    Example:
        >>> from kg.resources import rule_files
        >>> keys = ("id", "label", "summary", "sentence", "stratum")
        >>> read_header(rule_files()[0], keys)[0]["id"]
        'obligation-from-memberships'
    """
    import yaml

    text = path.read_text(encoding="utf-8")
    header = "\n".join(match[1] for match in map(_LINE.match, text.splitlines()) if match)
    # The loader in C, where PyYAML has it, reads the same and ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(header, loader)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError as fault:
        raise ParseError(path.name, f"the header is not YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(found, dict) or set(found) != set(keys):
        raise ParseError(path.name, f"the header must have exactly the keys {', '.join(sorted(keys))}")
    return found, text
