"""Where claims stand in files of data, in words: the rows of one file together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["in_words"]

_ROWS: Final = re.compile(r"(?P<file>.+), rows? (?P<rows>\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*)", re.DOTALL)


def in_words(places: Iterable[str]) -> str:
    """Places as importers write them, such as ``file.csv, row 3``, with those of one file as one.

    Args:
        places: each the name of a file and the numbers of rows in it; others are kept as they are.

    Example:
        >>> in_words(["members.csv, row 5", "members.csv, rows 6-7, 9", "dyads.csv, row 2"])
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
    return "; ".join(f"{file}, {_numbers(sorted(rows))}" if rows else file for file, rows in sorted(files.items()))


def _numbers(rows: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1][1:] = [row]
        else:
            runs.append([row])
    return f"{'rows' if len(rows) > 1 else 'row'} {', '.join('-'.join(map(str, run)) for run in runs)}"
