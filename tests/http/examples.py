"""Examples in the OpenAPI document: answers of the shipped graph, which ``python -m tests.http.examples`` writes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final

from starlette.testclient import TestClient

from kg import KnowledgeGraph
from kg.http.parameters import values_shown
from kg.questions import load_questions
from tests.http.conftest import serving

PLACE: Final = Path(__file__).parents[2] / "kg" / "http" / "examples.json"
_ROWS: Final = 2
"""How many rows of an answer are enough for an example."""
_LINES: Final = 12
"""How many lines of a text, likewise."""
_APART: Final = ("format", "iris", "known-by", "policy")
"""Parameters that examples are given without."""


def examples(client: TestClient) -> dict[str, dict[str, Any]]:
    """What the graph that ships answers, by path and by media type."""
    found = {}
    for question in load_questions():
        path, given = f"/questions/{question.name}", values_shown(question)
        answer = _get(client, path, given, "application/json").json()
        head, *lines = _get(client, path, given, "text/csv").text.split("\r\n")[:-1]
        # Rows that a question does not put in an order come in any.
        answer["rows"] = sorted(answer["rows"], key=lambda row: json.dumps(list(row.values())))[:_ROWS]
        found[path] = {"application/json": answer, "text/csv": "\r\n".join([head, *sorted(lines)[:_ROWS], ""])}
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        if path.startswith(("/explain", "/what-if", "/why-not")):
            parameters = operations["get"]["parameters"]
            shown = {p["name"]: p["examples"]["example"]["value"] for p in parameters if p.get("examples")}
            text = _get(client, path, {n: v for n, v in shown.items() if n not in _APART}, "text/plain").text
            lines = text.splitlines()
            found[path] = {"text/plain": "\n".join([*lines[:_LINES], *(["…"] if len(lines) > _LINES else []), ""])}
    return found


def _get(client: TestClient, path: str, given: dict[str, str], media: str) -> Any:
    answer = client.get(path, params=given, headers={"Accept": media})
    assert answer.status_code == 200, answer.text
    return answer


def written(found: dict[str, dict[str, Any]]) -> str:
    """The file that ships."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        KnowledgeGraph.build(place=Path(folder) / "store")
        with serving(Path(folder) / "store", workers=1) as opened:
            PLACE.write_text(written(examples(opened)), encoding="utf-8")
