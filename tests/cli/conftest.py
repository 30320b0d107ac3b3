"""Two ways to run ``kg``: inside this process, which is fast, and as a process of its own, which is real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from kg.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    """What a run of ``kg`` came to."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line that says what went wrong."""
        assert self.out == ""
        assert self.err.startswith("kg: ") and self.err.count("\n") == 1, self.err
        return self.err.strip()


class Kg(Protocol):
    """Runs ``kg`` with some arguments."""

    def __call__(self, *args: object) -> Result: ...


class Process(Protocol):
    """Runs ``kg`` as a process of its own."""

    def __call__(
        self,
        *args: object,
        stdin: str = "",
        env: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Result: ...


@pytest.fixture
def kg(store: Path, capfd: pytest.CaptureFixture[str]) -> Kg:
    """``kg`` inside this process, with the store of the session as the default one."""

    def run(*args: object) -> Result:
        capfd.readouterr()
        code = main([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return run


@pytest.fixture
def process(store: Path) -> Process:
    """``kg`` as a process of its own, with the store of the session as the default one."""

    def run(
        *args: object,
        stdin: str = "",
        env: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "kg.cli", *map(str, args)],
            input=stdin,
            env=os.environ | (env or {}),
            cwd=ROOT,
            text=True,
            encoding="utf-8",
            capture_output=True,
            check=False,
            preexec_fn=before,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run
