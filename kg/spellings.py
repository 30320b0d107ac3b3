"""Things by name, found however the name is written."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Final, Generic, TypeVar

__all__ = ["Spellings", "fold"]

_Thing = TypeVar("_Thing")

_SHORT: Final = {
    "dem": "democratic",
    "dr": "democratic republic",
    "e": "east",
    "fed": "federal",
    "federated": "federal",
    "is": "islands",
    "n": "north",
    "rep": "republic",
    "s": "south",
    "st": "saint",
    "sts": "states",
    "w": "west",
}
"""Words that lists of states write in several ways, most of them shortened."""

_SLIGHT: Final = frozenset({"and", "former", "of", "the"})
"""Words that one list has and another leaves out."""

_APOSTROPHES: Final = re.compile("['`´ʹʻʼʽˈ‘’‛′]")
_INITIALS: Final = re.compile(r"\b(\w)\.(?=\w\b)")
_TURNED: Final = re.compile(r"(.+)[,(]([^,()]+)\)?\s*")
"""``Korea, Republic of`` and ``Korea (Republic of)``."""


class Spellings(Generic[_Thing]):
    """Things by name, found in whatever spelling.

    Args:
        names: the things that each name stands for.

    Example:
        >>> states = Spellings({"Republic of Korea": ["KOR"], "Côte d'Ivoire": ["CIV"], "Austria-Hungary": ["cow-300"]})
        >>> [*states.find("cote d’ivoire"), *states.find("Korea, Rep."), *states.find("austria hungary")]
        ['CIV', 'KOR', 'cow-300']
    """

    def __init__(self, names: Mapping[str, Collection[_Thing]]) -> None:
        self._names = names
        self._tables: dict[Callable[[str], str], Mapping[str, set[_Thing]]] = {}

    def find(self, text: str) -> set[_Thing]:
        """The things of a name, by the closest way of writing it that any of them has; several where it is not clear.

        Args:
            text: the name as somebody wrote it.
        """
        for spell, written in _ways(text):
            if (key := spell(written)) and (found := self._table(spell).get(key)):
                return set(found)
        return set()

    def _table(self, spell: Callable[[str], str]) -> Mapping[str, set[_Thing]]:
        """The things by a way of writing their names, which is worked out once somebody asks for it."""
        if spell not in self._tables:
            table = defaultdict[str, set[_Thing]](set)
            for name, things in self._names.items():
                table[spell(name)].update(things)
            self._tables[spell] = table
        return self._tables[spell]


def _ways(text: str) -> Iterator[tuple[Callable[[str], str], str]]:
    """The ways to write a name, the closest first."""
    yield _case, text
    yield fold, text
    yield _words, text
    if match := _TURNED.fullmatch(text):
        yield _words, f"{match[2]} {match[1]}"


def _case(name: str) -> str:
    return name.strip().casefold()


@lru_cache(4096)
def fold(name: str) -> str:
    """A name without case, accents and doubled spaces.

    Example:
        >>> fold("Côte  d'Ivoire")
        "cote d'ivoire"
    """
    plain = unicodedata.normalize("NFKD", name)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def _words(name: str) -> str:
    """A name as its words in full, without slight ones, hyphens, stops and the like."""
    # Apostrophes first: with its accents apart, an acute accent that stands for one is a space.
    joined = _INITIALS.sub(r"\1", fold(_APOSTROPHES.sub("", name)))
    words = "".join(" " if c in ".,/&()" or unicodedata.category(c) == "Pd" else c for c in joined).split()
    if len(words) < 2:  # a word alone may be a code: ST is São Tomé
        return "".join(words)
    return " ".join(_SHORT.get(word, word) for word in words if word not in _SLIGHT)
