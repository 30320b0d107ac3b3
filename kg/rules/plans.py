"""Plans of rules, kept from one run to the next: parsing SPARQL takes longer than most questions that follow."""

from __future__ import annotations

import pickle
import sys
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path

from kg.rules.plan import Plan
from kg.rules.text import Rule

__all__ = ["compiled"]

_CODE = ("plan.py", "compiling.py")
"""Where any change makes other plans."""


@lru_cache(maxsize=8)
def compiled(rules: tuple[Rule, ...]) -> Sequence[Plan]:
    """The plans of some rules; see :func:`kg.rules.compiling.compile_rule`.

    They are kept in the user's cache folder, under a name that depends on all that they come from. Where that folder
    cannot be used, the rules are compiled each time.

    Args:
        rules: the rules.

    Raises:
        RuleError: the text of one does not parse, or uses what the compiled executor cannot do.

    Example:
        >>> text = "CONSTRUCT { ?a <urn:q> ?b } WHERE { ?a <urn:p> ?b }"
        >>> [plan.name for plan in compiled((Rule("turned", "", "", "", 1, text),))]
        ['turned']
    """
    kept = _place(rules)
    try:
        # As with the bytecode that Python keeps, whoever can write this file can run code as the user anyway.
        plans: Sequence[Plan] = pickle.loads(kept.read_bytes())  # noqa: S301
    except Exception:  # whatever is wrong with it, it can be made again
        from kg.rules.compiling import compile_rule

        plans = [compile_rule(rule) for rule in rules]
        _keep(kept, plans)
    return plans


def _place(rules: Sequence[Rule]) -> Path:
    digest = sha256(repr((sys.version_info[:2], [(r.name, r.stratum, r.file, r.text) for r in rules])).encode())
    for name in _CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return user_cache_path("foedus", appauthor=False) / f"rules-{digest.hexdigest()[:32]}.pickle"


def _keep(place: Path, plans: Sequence[Plan]) -> None:
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(pickle.dumps(plans))
        Path(file.name).replace(place)
    except OSError:
        return
