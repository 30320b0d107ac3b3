"""Rows of files of data, in words and out of them: where a claim stands that a row makes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["places_in_words", "rows_in_words", "runs"]

_ROWS: Final = re.compile(r"(?P<file>.+), rows? (?P<rows>\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*)", re.DOTALL)


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of numbers without a gap, first and last of each.

    Example:
        >>> runs([2009, 2010, 2013])
        [(2009, 2010), (2013, 2013)]
    """
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def rows_in_words(rows: Iterable[int]) -> str:
    """Numbers of rows, runs of them shortened.

    Example:
        >>> rows_in_words([4, 5, 6, 9]), rows_in_words([7])
        ('rows 4-6, 9', 'row 7')
    """
    found = runs(rows)
    parts = [str(first) if first == last else f"{first}-{last}" for first, last in found]
    return f"{'row' if parts == [str(found[0][0])] else 'rows'} {', '.join(parts)}"


def places_in_words(places: Iterable[str]) -> str:
    """Places as importers write them, such as ``file.csv, row 3``, with those of one file as one.

    Args:
        places: each the name of a file and the numbers of rows in it; others are kept as they are.

    Example:
        >>> places_in_words(["members.csv, row 5", "members.csv, rows 6-7, 9", "dyads.csv, row 2"])
        'dyads.csv, row 2; members.csv, rows 5-7, 9'
    """
    files: dict[str, set[int]] = {}
    for place in places:
        rows = files.setdefault(place, set())
        if found := _ROWS.fullmatch(place):
            del files[place]
            rows = files.setdefault(found["file"], set())
            for part in found["rows"].split(", "):
                first, _, last = part.partition("-")
                rows.update(range(int(first), int(last or first) + 1))
    return "; ".join(f"{file}, {rows_in_words(rows)}" if rows else file for file, rows in sorted(files.items()))
