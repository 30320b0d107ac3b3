"""Where the ontology, the facts and the questions are: in the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["graph_files", "ontology_files", "policy_file", "query_files", "resource", "rule_files", "shape_files"]


@cache
def _root() -> Path:
    package = Path(__file__).resolve().parent
    bundled = package / "_data"
    return bundled if bundled.is_dir() else package.parent


def resource(*parts: str) -> Path:
    """Path of a file or folder that ships with the project.

    Args:
        parts: names below the top level, such as ``"ontology", "foedus.ttl"``.

    Raises:
        FileNotFoundError: the installation lacks it.

    Example:
        >>> resource("ontology", "foedus.ttl").name
        'foedus.ttl'
    """
    path = _root().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"this installation lacks {'/'.join(parts)}; install the package again")
    return path


def ontology_files() -> list[Path]:
    """The ontology's modules, master file first."""
    return sorted(resource("ontology").glob("*.ttl"), key=lambda path: (path.name != "foedus.ttl", path.name))


def policy_file() -> Path:
    """The file with the trust policies that ship."""
    return resource("ontology", "policies.ttl")


def shape_files() -> list[Path]:
    """The SHACL shapes for data, a file a module of the ontology; those for the ontology itself are not among them."""
    return sorted(path for path in resource("ontology", "shapes").glob("*.ttl") if path.name != "hygiene.ttl")


def rule_files() -> list[Path]:
    """The dated rules, in the order of their numbers."""
    return sorted(resource("ontology", "rules").glob("*.rq"))


def graph_files() -> list[Path]:
    """The facts that ship, a Turtle file a source."""
    return sorted(resource("graph").glob("*.ttl"))


def query_files() -> list[Path]:
    """The questions that ship, a file each, without the checks."""
    return sorted(path for path in resource("queries").glob("*/*.rq") if path.parent.name != "checks")
