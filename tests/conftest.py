"""What tests of every kind share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox import built_store


@pytest.fixture(scope="session")
def store() -> Path:
    """The store of the session, with the facts that ship. Read it; copy it to change it."""
    return built_store()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the cases of the suites of others, of which one test runs many."""
    counts: dict[str, list[int]] = {}
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            counts.setdefault(name, []).append(value)
    for name, (passed, deviating) in ((name, map(sum, zip(*found, strict=True))) for name, found in counts.items()):
        terminalreporter.write_line(f"{name}: {passed} cases pass, {deviating} deviate as is known")
