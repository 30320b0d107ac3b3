"""The examples of the README: run in order, in one folder; ``python -m tests.readme`` writes what they print into it.

A ``console`` block holds commands after ``$`` and what they print to standard output; a ``pycon`` block a session of
Python; a ``turtle`` block a file, whose name is the last one in backquotes before it.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
SET_UP = "python3 -m venv "

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of code.

    Attributes:
        language: what stands behind the fence.
        text: what stands between the fences.
        before: the text of the README above it.
    """

    language: str
    text: str
    before: str

    @property
    def commands(self) -> list[str]:
        """The commands of a ``console`` block."""
        return [line[2:] for line in self.text.splitlines() if line.startswith("$ ")]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of code of a text."""
    for match in _BLOCK.finditer(text):
        yield Block(match[1], match[2], text[: match.start()])


def set_up_line(ending: str) -> str:
    """The one line of the README that sets up an environment and then runs something."""
    lines = [c for b in blocks(README.read_text(encoding="utf-8")) if b.language == "console" for c in b.commands]
    (line,) = [line for line in lines if line.startswith(SET_UP) and line.endswith(ending)]
    return line


def run(text: str, folder: Path) -> str:
    """The text of a README with what its examples print in the place of what it says they do.

    Args:
        text: the text.
        folder: an empty folder to run the examples in.
    """
    shim = folder / ".bin" / "kg"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kg.cli "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    env = os.environ | {
        "FOEDUS_STORE": str(folder / ".store"),
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }

    def shell(command: str) -> str:
        # The environment is set up already: of the lines that set one up, only the command at the end is run.
        if command.startswith(SET_UP):
            command = command.rpartition("&& ")[2]
            if not command.startswith(".venv/bin/kg "):
                return ""
            command = command.removeprefix(".venv/bin/")
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdout=-1, text=True, check=False)
        return done.stdout

    parts, end = [], 0
    for match, block in zip(_BLOCK.finditer(text), blocks(text), strict=True):
        parts.append(text[end : match.start(2)])
        match block.language:
            case "console":
                parts.append("".join(f"$ {command}\n{shell(command)}" for command in block.commands))
            case "turtle":
                name = re.findall(r"`([\w-]+\.ttl)`", block.before)[-1]
                (folder / name).write_text(block.text, encoding="utf-8")
                parts.append(block.text)
            case "pycon":
                parts.append(_python(block.text))
            case _:
                parts.append(block.text)
        end = match.end(2)
    return "".join([*parts, text[end:]])


def _python(text: str) -> str:
    """A session of Python with what it prints now."""
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    printed: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.REPORT_ONLY_FIRST_FAILURE)

    class Keeper(doctest.OutputChecker):
        def check_output(self, want: str, got: str, optionflags: int) -> bool:
            printed.append(got)
            return True

    runner._checker = Keeper()  # type: ignore[attr-defined]
    failed = runner.run(test, clear_globs=False).failed
    if failed:
        raise AssertionError("the Python of the README raises an exception")
    lines = []
    for example, got in zip(test.examples, printed, strict=True):
        first, *rest = example.source.splitlines()
        lines += [f">>> {first}", *(f"... {line}" for line in rest), *got.splitlines()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write what the examples print now into the README."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        os.environ["FOEDUS_STORE"] = str(Path(name) / ".store")
        README.write_text(run(README.read_text(encoding="utf-8"), Path(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
