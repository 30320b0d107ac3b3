"""A part of the published record, small enough to build here: a few suppliers, recipients and their adversaries."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from pyoxigraph import RdfFormat

from kg import KnowledgeGraph
from kg.importing import import_files
from kg.resources import resource
from kg.serializing import serialize

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data"
STATES: Final = {
    200: "United Kingdom",
    220: "France",
    160: "Argentina",
    365: "Russia",
    370: "Belarus",
    371: "Armenia",
    373: "Azerbaijan",
    750: "India",
    770: "Pakistan",
}
"""Correlates of War numbers, which are Gleditsch and Ward's too for these states."""

NAMES: Final = {name: number for number, name in STATES.items()} | {"Soviet Union": 365}
FILES: Final = {
    "atop-dyads": ("atop/atop_5.1_directed_dyad_year.csv.gz", "dyads.csv"),
    "sipri": ("sipri/trade-register_deliveries-to-2024.csv", "register.csv"),
    "ucdp-acd": ("ucdp/UcdpPrioConflict_v25_1.normalised.csv", "conflicts.csv"),
    "rivalry": ("rivalry/tss_rivalries.csv", "rivalries.csv"),
}

OTHER_FILES: Final = {
    "atop-members": ("atop/atop-member-level.csv", "members.csv"),
    "sipri": FILES["sipri"],
    "ucdp-dyadic": ("ucdp/Dyadic_v24_1.csv", "dyadic.csv"),
    "rivalry": ("rivalry/td_rivalries.csv", "rivalries.csv"),
}
"""Other files of the same producers: members of treaties, pairs of opponents, the older list of rivalries."""

Row = dict[str, str]


def _numbers(cells: str) -> set[int]:
    return {int(part) for part in cells.replace(",", " ").split()}


def _fighting(row: Row) -> set[int]:
    return _numbers(" ".join(row[f"gwno_{side}{more}"] for side in "ab" for more in ("", "_2nd")))


KEPT: Final[dict[str, Callable[[Row], bool]]] = {
    "atop-dyads": lambda r: {int(r["ccode1"]), int(r["ccode2"])} <= set(STATES),
    "atop-members": lambda r: int(r["member"]) in STATES,
    "sipri": lambda r: (
        r["Supplier"] in NAMES and r["Recipient"] in NAMES and NAMES[r["Supplier"]] in (200, 220, 365, 370)
    ),
    "ucdp-acd": lambda r: _numbers(f"{r['gwno_a']} {r['gwno_b']} {r['gwno_a_2nd']} {r['gwno_b_2nd']}") <= set(STATES),
    "ucdp-dyadic": lambda r: (
        _numbers(f"{r['gwno_a']} {r['gwno_b']} {r['gwno_a_2nd']} {r['gwno_b_2nd']}") <= set(STATES)
    ),
    "rivalry": lambda r: {int(r["ccode1"]), int(r["ccode2"])} <= set(STATES),
}


def rows(path: Path) -> list[Row]:
    """The records of a CSV file, blank headers left out."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def build(folder: Path, tables: dict[str, Path]) -> KnowledgeGraph:
    """Import tables and build a graph of them and the list of states."""
    files = [resource("graph", "states.ttl")]
    for source, table in tables.items():
        files.append(folder / f"{source}.nt")
        files[-1].write_bytes(serialize(import_files(source, [table]).triples, RdfFormat.N_TRIPLES))
    built, _ = KnowledgeGraph.build(files)
    return built


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The rows of the published files that are about :data:`STATES`, as files of the same shape."""
    return extracted(tmp_path_factory.mktemp("published"), FILES)


@pytest.fixture(scope="session")
def otherwise_published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same out of :data:`OTHER_FILES`."""
    return extracted(tmp_path_factory.mktemp("otherwise-published"), OTHER_FILES)


def extracted(folder: Path, files: Mapping[str, tuple[str, str]]) -> dict[str, Path]:
    """The rows of published files that are about :data:`STATES`."""
    if not PUBLISHED.is_dir():
        pytest.skip("the publishers' files are not in ../shared/data")
    found = {}
    for source, (path, name) in files.items():
        whole = PUBLISHED / path
        if not whole.is_file():
            pytest.skip(f"{path} is not in ../shared/data")
        every = rows(whole)
        kept = [row for row in every if KEPT[source](row)]
        columns = [column for column in every[0] if column.strip()]
        found[source] = folder / name
        with found[source].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(kept)
    return found


@pytest.fixture(scope="session")
def record(published: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """The graph of :func:`published`."""
    return build(tmp_path_factory.mktemp("record"), published)
