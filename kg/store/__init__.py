"""Stores: where the named graphs live."""

from kg.store.base import Store
from kg.store.embedded import EmbeddedStore

__all__ = ["EmbeddedStore", "Store"]
