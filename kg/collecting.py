"""The search for cycles of objects that nobody needs, paused where many objects are made and none is in a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for cycles until the block ends; what is in no cycle goes at once as ever.

    Each search passes over all objects there are, which over the rows of a long record takes a fifth of the time.

    Example:
        >>> with uncollected():
        ...     gc.isenabled()
        False
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
