"""Loading beside other work: nothing is lost, and an error is told."""

from __future__ import annotations

import time

import pytest
from pyoxigraph import NamedNode

from kg.errors import StoreError
from kg.store.embedded import EmbeddedStore
from kg.store.loading import Loading


class Slow(EmbeddedStore):
    """Takes note of what it loads, and fails at one part."""

    def __init__(self, fails: bytes = b"") -> None:
        super().__init__()
        self.loaded: list[bytes] = []
        self._fails = fails

    def load(self, graph: NamedNode, data: bytes) -> None:
        time.sleep(0.002)
        if data == self._fails:
            raise StoreError("no room")
        self.loaded.append(data)


def test_loading_keeps_the_order_and_waits_for_the_end() -> None:
    store, parts = Slow(), [b"# %d" % number for number in range(20)]
    with Loading(store) as loading:
        loading.put(NamedNode("urn:g"), parts[:7])
        loading.wait()
        assert store.loaded == parts[:7]
        loading.put(NamedNode("urn:g"), parts[7:])
        assert len(store.loaded) >= 7
    assert store.loaded == parts


@pytest.mark.parametrize("fails", [0, 7, 19])
def test_loading_tells_what_could_not_be_loaded(fails: int) -> None:
    parts = [b"# %d" % number for number in range(20)]
    with pytest.raises(StoreError, match="no room"), Loading(Slow(parts[fails])) as loading:
        loading.put(NamedNode("urn:g"), parts)


def test_loading_does_not_go_on_after_an_error_of_its_user() -> None:
    store = Slow()
    with pytest.raises(RuntimeError), Loading(store) as loading:
        loading.put(NamedNode("urn:g"), [b"# %d" % number for number in range(5)])
        raise RuntimeError
    assert len(store.loaded) < 5
