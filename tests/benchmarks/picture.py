"""The tables of the benchmarks as one picture."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = dict[str, str]

OURS: Final = "#8a1c1c"
OTHERS: Final = ("#4a6a8a", "#8aa0b0", "#b8b0a0", "#606060")


def draw(folder: Path) -> list[Path]:
    """Draw the tables that are there.

    Args:
        folder: where they are, and where ``benchmarks.png`` and ``benchmarks.svg`` go.

    Returns:
        The files written, none where no table is there.
    """
    panels: dict[str, Callable[[Axes, Sequence[Row]], None]] = {
        "reasoning": _reasoning,
        "rules": _rules,
        "revising": _revising,
        "serving": _serving,
    }
    found = {name: _read(folder / f"{name}.csv") for name in panels if (folder / f"{name}.csv").exists()}
    if not found:
        return []
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 8), layout="constrained")
    for axes, (name, rows) in zip(figure.subplots(2, 2).flat, found.items(), strict=False):
        panels[name](axes, rows)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in figure.axes[len(found) :]:
        axes.set_visible(False)
    files = [folder / f"benchmarks.{suffix}" for suffix in ("png", "svg")]
    for file in files:
        figure.savefig(file, dpi=120)
    return files


def _read(file: Path) -> list[Row]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _colours(names: Sequence[str], ours: str) -> dict[str, str]:
    others = [name for name in names if name != ours]
    return {ours: OURS} | {name: OTHERS[number % len(OTHERS)] for number, name in enumerate(others)}


def _lines(axes: Axes, rows: Sequence[Row], name: str, ours: str) -> None:
    """Seconds against triples, one line a name, both logarithmic."""
    names = list(dict.fromkeys(row[name] for row in rows))
    for one, colour in _colours(names, ours).items():
        points = sorted((int(row["triples"]), float(row["median_seconds"])) for row in rows if row[name] == one)
        axes.plot(
            *zip(*points, strict=True), marker="o", color=colour, label=one, linewidth=2.5 if one == ours else 1.2
        )
    axes.set(xscale="log", yscale="log", xlabel="triples", ylabel="seconds")
    axes.legend(frameon=False, fontsize="small")


def _reasoning(axes: Axes, rows: Sequence[Row]) -> None:
    _lines(axes, [row for row in rows if not row["engine"].startswith("read")], "engine", "compiled")
    axes.set_title("OWL 2 RL closure")


def _rules(axes: Axes, rows: Sequence[Row]) -> None:
    shown = [row | {"what": row["what"].partition(":")[0]} for row in rows if "triangle" not in row["what"]]
    _lines(axes, [row for row in shown if int(row["triples"])], "what", "compiled")
    axes.set_title("all dated rules")


def _revising(axes: Axes, rows: Sequence[Row]) -> None:
    largest = max(int(row["triples"]) for row in rows)
    shown = [row for row in rows if int(row["triples"]) == largest][::-1]
    names = [row["what"] for row in shown]
    colours = [OTHERS[0] if name == "anew" else OURS for name in names]
    axes.barh(names, [float(row["median_seconds"]) for row in shown], color=colours)
    axes.set(xscale="log", xlabel="seconds", title=f"one fact changed, {largest:,} triples")


def _serving(axes: Axes, rows: Sequence[Row]) -> None:
    shown = [row for row in rows if row["p99_seconds"]]  # what is read once has seconds and no rate
    tasks = list(dict.fromkeys(row["task"] for row in shown))
    servers = list(dict.fromkeys(row["server"] for row in shown))
    height = 0.8 / len(servers)
    for number, (server, colour) in enumerate(_colours(servers, "kg serve").items()):
        rates = {row["task"]: float(row["requests_per_second"]) for row in shown if row["server"] == server}
        places = [place + number * height for place, task in enumerate(tasks) if task in rates]
        axes.barh(places, [rates[task] for task in tasks if task in rates], height, color=colour, label=server)
    axes.set_yticks([place + height for place in range(len(tasks))], tasks)
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="requests a second", title="serving")
    axes.legend(frameon=False, fontsize="small")
