"""What would follow if the facts were others, in a worker."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from kg.access import day
from kg.errors import ParseError, UsageError, ValidationError
from kg.http import pages
from kg.http.formats import DATASETS, HTML, JSON, TEXT
from kg.http.frames import Job
from kg.http.protocol import calls_out
from kg.http.reasons import dataset, known
from kg.http.refusals import Refused
from kg.http.replies import Reply, agreed
from kg.http.served import Served
from kg.inquiries import Scenario
from kg.lexemes import settled
from kg.scenarios import Conclusion
from kg.sentences import CATEGORY

__all__ = ["what_if"]

_TAKES = ("assume", "update", "retract", "withdraw", "from", "policy")
_SHOWN = 10
"""How many violations of the shapes an error names."""


def what_if(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """What changes under other facts: conclusions gained, lost and altered. The graph itself stays as it is."""
    given: dict[str, str] = dict(job.arguments["parameters"])
    known(given, _TAKES, "what-if")
    media = agreed(job, JSON, TEXT, *DATASETS, HTML)
    if "from" in given and "withdraw" not in given:
        raise UsageError("from goes with withdraw")
    if calls_out(settled(given.get("update", ""))):
        raise Refused(403, "LOAD and SERVICE are not allowed here: a scenario reads nothing but the graph")
    try:
        found = _scenario(served, given)
    except ParseError as fault:
        raise Refused(400, f"assume: line {fault.line or 1}: not Turtle that parses") from fault
    except ValidationError as fault:
        listed = "; ".join(f"{v.node} {v.path}: {v.message}" for v in fault.violations[:_SHOWN])
        raise Refused(422, f"the change breaks the shapes: {listed}") from fault
    if media == JSON:
        reply.whole(media, json.dumps({**_plain(found), "note": CATEGORY}, ensure_ascii=False, indent=1) + "\n")
        return
    if media in DATASETS:
        reply.whole(media, dataset(found.to_trig(), media))
        return
    words = _words(found)
    reply.whole(media, pages.text("What if", words) if media == HTML else f"{words}\n\n{CATEGORY}\n")


def _scenario(served: Served, given: dict[str, str]) -> Scenario:
    with tempfile.TemporaryDirectory(prefix="foedus-") as folder:
        files = []
        if "assume" in given:
            files.append(Path(folder) / "assume.ttl")
            files[0].write_text(given["assume"], encoding="utf-8")
        return served.graph().scenario(
            assume=files,
            update=[given["update"]] if "update" in given else (),
            retract=[given["retract"]] if "retract" in given else (),
            withdraw=_pair(given["withdraw"]) if "withdraw" in given else None,
            since=day("from", given["from"]) if "from" in given else None,
            policy=given.get("policy"),
        )


def _pair(withdraw: str) -> tuple[str, str]:
    state, _, alliance = (part.strip() for part in withdraw.partition(","))
    if not state or not alliance:
        raise UsageError(f"withdraw takes STATE,PACT, such as Belarus,CSTO; {withdraw!r} is not of that form")
    return state, alliance


def _plain(found: Scenario) -> dict[str, Any]:
    def one(conclusion: Conclusion) -> dict[str, Any]:
        return {"says": found.sentence(conclusion), **conclusion.to_dict()}

    return {
        "says": found.says,
        "gained": [one(c) for c in found.difference.gained],
        "lost": [one(c) for c in found.difference.lost],
        "altered": [{"before": a.to_dict(), "after": one(b)} for a, b in found.difference.altered],
    }


def _words(found: Scenario) -> str:
    lines = [f"What if: {found.says}."]
    if not found.difference:
        lines.append("Nothing changes.")
    for name, conclusions in (("Gained", found.difference.gained), ("Lost", found.difference.lost)):
        lines += ["", f"{name}:"] if conclusions else []
        lines += [f"- {found.sentence(conclusion)}" for conclusion in conclusions]
    lines += ["", "Altered:"] if found.difference.altered else []
    for before, after in found.difference.altered:
        changes = [f"{a} is now {b}" for a, b in zip(before.marks, after.marks, strict=True) if a != b]
        lines.append(f"- {found.sentence(after)} ({'; '.join(changes)})")
    return "\n".join(lines)
