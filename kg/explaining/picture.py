"""A proof as a picture: from the conclusion on the left to the words of the sources on the right."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kg.explaining.condensing import alike, condense, period, where
from kg.explaining.model import Ground, Proof, Saying, Step
from kg.explaining.prose import CAVEAT

__all__ = ["svg"]

_COLUMN, _GAP, _WIDTH, _LEAST = 300, 64, 236, 624
_LINE, _PAD, _ROW, _TOP = 17, 12, 16, 84
_INNER = _WIDTH - 2 * _PAD
_TEXT, _NOTE = 13, 11
_FILLS: Final = {
    Ground.RULE: ("#e8eef7", "#37598c"),
    Ground.ENTAILMENT: ("#fbe9e2", "#a8431f"),
    Ground.CLAIMS: ("#eef4e8", "#4c7331"),
    Ground.DESCRIPTION: ("#f3f3f3", "#777777"),
    Ground.AXIOM: ("#f3f3f3", "#777777"),
}
_SAID: Final = ("#fdf8e6", "#94761b")
_LEGEND: Final = (
    ("follows by logic", _FILLS[Ground.ENTAILMENT]),
    ("follows by a dated rule", _FILLS[Ground.RULE]),
    ("counts because it is claimed", _FILLS[Ground.CLAIMS]),
    ("in the words of a source", _SAID),
)
_NARROW, _BROAD = frozenset("fijlrt.,:;'|!()[] I"), frozenset("mwMWQO@%—")
_FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"


@dataclass
class _Box:
    lines: list[str]
    notes: list[str]
    colours: tuple[str, str]
    depth: int
    children: list[_Box] = field(default_factory=list)
    y: float = 0.0

    @property
    def height(self) -> float:
        return (len(self.lines) + len(self.notes)) * _LINE + 2 * _PAD


def svg(proof: Proof) -> str:
    """The gist of the proof as an SVG 1.1 document.

    Args:
        proof: any proof.
    """
    import drawsvg

    root = _box(condense(proof.root), 0)
    bottom = _place(root, _TOP)
    boxes = list(_all(root))
    depth = max(box.depth for box in boxes)
    width, height = max(24 + (depth + 1) * _COLUMN, _LEAST), bottom + 56
    drawing = drawsvg.Drawing(width, height, id_prefix="p", font_family=_FONT)
    drawing.append(drawsvg.Rectangle(0, 0, width, height, fill="white"))
    title = f"Why it follows (policy: {proof.view}; status: {proof.status.lower()})"
    drawing.append(drawsvg.Text(title, 17, 24, 36, font_weight="bold", fill="#222"))
    _draw_legend(drawing)
    for box in boxes:
        for child in box.children:
            drawing.append(_link(box, child))
    for box in boxes:
        _draw(drawing, box)
    for number, line in enumerate(_wrap(CAVEAT, width - 48, 12)):
        drawing.append(drawsvg.Text(line, 12, 24, height - 30 + number * 15, fill="#555", font_style="italic"))
    text = drawing.as_svg()
    assert isinstance(text, str)
    return text


def _box(step: Step, depth: int) -> _Box:
    marks = [part for part in (step.status.lower(), step.overlap.lower(), period(step)) if part]
    box = _Box(
        lines=_wrap(step.says, _INNER, _TEXT),
        notes=_wrap(" · ".join(marks), _INNER, _NOTE),
        colours=_FILLS[step.ground],
        depth=depth,
    )
    box.children = [_box(p, depth + 1) for p in step.premises] + [_said(g, depth + 1) for g in alike(step.sayings)]
    return box


def _said(group: Sequence[Saying], depth: int) -> _Box:
    saying = group[0]
    who = " and ".join(saying.speakers)
    through = f" (passed on by {' and '.join(saying.through)})" if saying.through else ""
    found = ", ".join(part for part in (saying.modality.lower(), saying.said, where(*group)) if part)
    return _Box(
        lines=_wrap(f"{who}{through}" + ("" if saying.by_rows else f": {saying.quoted}"), _INNER, _TEXT),
        notes=_wrap(found, _INNER, _NOTE),
        colours=_SAID,
        depth=depth,
    )


def _wrap(text: str, room: float, size: float) -> list[str]:
    """Text in lines that fit, by the widths that letters have in the widest of the fonts named."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and _breadth(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
        while _breadth(lines[-1], size) > room and len(lines[-1]) > 1:
            fits = next(n for n in range(len(lines[-1]) - 1, 0, -1) if n == 1 or _breadth(lines[-1][:n], size) <= room)
            lines[-1:] = [lines[-1][:fits], lines[-1][fits:]]
    return [line for line in lines if line]


def _breadth(text: str, size: float) -> float:
    return size * sum(map(_em, text))


def _em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in _BROAD:
        return 0.95
    return 0.38 if letter in _NARROW else 0.7 if letter.isupper() else 0.61


def _place(box: _Box, top: float) -> float:
    """Leaves below one another, a parent at the middle of its children; gives the bottom of what was placed."""
    if not box.children:
        box.y = top
        return top + box.height + _ROW
    bottom = top
    for child in box.children:
        bottom = _place(child, bottom)
    first, last = box.children[0], box.children[-1]
    middle = (first.y + last.y + last.height) / 2
    box.y = max(top, middle - box.height / 2)
    return max(bottom, box.y + box.height + _ROW)


def _all(box: _Box) -> list[_Box]:
    return [box, *(below for child in box.children for below in _all(child))]


def _left(box: _Box) -> float:
    return 24 + box.depth * _COLUMN


def _link(box: _Box, child: _Box) -> Any:
    import drawsvg

    x1, y1 = _left(box) + _WIDTH, box.y + box.height / 2
    x2, y2 = _left(child), child.y + child.height / 2
    path = drawsvg.Path(stroke="#9aa3ad", stroke_width=1.4, fill="none")
    return path.M(x1, y1).C(x1 + _GAP / 2, y1, x2 - _GAP / 2, y2, x2, y2)


def _draw_legend(drawing: Any) -> None:
    import drawsvg

    x = 24.0
    for words, (fill, line) in _LEGEND:
        drawing.append(drawsvg.Rectangle(x, 50, 12, 12, rx=3, fill=fill, stroke=line, stroke_width=1.2))
        drawing.append(drawsvg.Text(words, _NOTE, x + 18, 60, fill="#555"))
        x += 18 + _breadth(words, _NOTE) + 18


def _draw(drawing: Any, box: _Box) -> None:
    import drawsvg

    fill, line = box.colours
    x, y = _left(box), box.y
    drawing.append(drawsvg.Rectangle(x, y, _WIDTH, box.height, rx=7, fill=fill, stroke=line, stroke_width=1.2))
    y += _PAD + 12
    for text in box.lines:
        drawing.append(drawsvg.Text(text, _TEXT, x + _PAD, y, fill="#1b1b1b"))
        y += _LINE
    for text in box.notes:
        drawing.append(drawsvg.Text(text, _NOTE, x + _PAD, y, fill=line))
        y += _LINE
