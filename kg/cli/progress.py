"""What a long piece of work is doing, on standard error."""

from __future__ import annotations

import signal
import sys
import threading
import time
from threading import Lock, Timer
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final, NoReturn

import click

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Stages"]

_PATIENCE: Final = 1.0
"""Seconds of work before a spinner appears."""


class Stages:
    """Called with the name of each stage as it begins; on a terminal, work of more than a second shows a spinner.

    Ctrl-C ends the work at the latest when the next stage begins: where it strikes in code that passes over every
    error, as destructors do, Python itself would forget it.

    Args:
        lines: whether each stage that is over leaves a line with its time.
    """

    def __init__(self, *, lines: bool = True) -> None:
        self._lines = lines
        self._name = ""
        self._began = 0.0
        self._spinner: Progress | None = None
        self._lock = Lock()
        self._timer = Timer(_PATIENCE, self._spin)
        self._timer.daemon = True
        self._interrupted = False

    def __enter__(self) -> Stages:
        if sys.stderr.isatty():
            self._timer.start()
        if self._may_be_interrupted(signal.default_int_handler):
            signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._may_be_interrupted(self._interrupt):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._timer.cancel()
        with self._lock:
            self._end()
            if self._spinner is not None:
                self._spinner.stop()

    def __call__(self, stage: str) -> None:
        """Say that a stage begins.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed, and somebody passed over it.
        """
        if self._interrupted:
            raise KeyboardInterrupt
        with self._lock:
            self._end()
            self._name, self._began = stage, time.perf_counter()
            if self._spinner is not None:
                self._spinner.update(self._spinner.task_ids[0], description=stage)

    def count(self, done: int, total: int) -> None:
        """Say how far a stage is, where a spinner shows it."""
        with self._lock:
            if self._spinner is not None:
                text = f"{self._name}, {done:,} of {total:,}"
                self._spinner.update(self._spinner.task_ids[0], description=text)

    @staticmethod
    def _may_be_interrupted(handler: object) -> bool:
        """Whether Ctrl-C is handled in a way, on the one thread that can say how."""
        return threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == handler

    def _interrupt(self, number: int, frame: FrameType | None) -> NoReturn:
        self._interrupted = True
        raise KeyboardInterrupt

    def _end(self) -> None:
        name, self._name = self._name, ""
        if not name or not self._lines:
            return
        line = f"  {name:<30}{time.perf_counter() - self._began:6.2f} s"
        if self._spinner is None:
            click.echo(line, err=True)
        else:
            self._spinner.console.print(line, highlight=False, markup=False)

    def _spin(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        with self._lock:
            self._spinner = Progress(*columns, console=Console(stderr=True), transient=True)
            self._spinner.add_task(self._name, total=None)
            self._spinner.start()
