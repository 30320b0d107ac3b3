from __future__ import annotations

import pyoxigraph
import pytest
from pyoxigraph import NamedNode

from kg.resources import ontology_files
from kg.vocab import FOEDUS, RDFS


def test_the_closed_namespace_is_the_ontology() -> None:
    defined = {
        quad.subject
        for path in ontology_files()
        for quad in pyoxigraph.parse(path=path)
        if quad.predicate == RDFS.isDefinedBy and isinstance(quad.subject, NamedNode)
    }
    assert set(FOEDUS) == {node for node in defined if node.value.startswith(FOEDUS.base)}


def test_a_misspelt_term_raises() -> None:
    with pytest.raises(AttributeError, match="ArmsTransfr"):
        _ = FOEDUS.ArmsTransfr
    assert NamedNode(FOEDUS.base + "ArmsTransfr") not in FOEDUS
