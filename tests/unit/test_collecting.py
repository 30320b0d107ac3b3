from __future__ import annotations

import gc

import pytest

from kg.collecting import uncollected


def test_the_search_goes_on_after_an_error_too() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError, match="so"), uncollected():
        assert not gc.isenabled()
        raise ValueError("so")
    assert gc.isenabled()


def test_whoever_has_paused_it_is_left_alone() -> None:
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
