"""Files for the world: the graphs for other triple stores, and tables by year for statistics."""

from __future__ import annotations

from kg.exporting.graphs import FORMATS, graph_files, grounded_owl
from kg.exporting.writing import export_tables

__all__ = ["FORMATS", "export_tables", "graph_files", "grounded_owl"]
