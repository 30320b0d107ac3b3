"""Every example of the README is run, and prints what the README says."""

from __future__ import annotations

from pathlib import Path

from tests.readme import README, blocks, run

LANGUAGES = {"console", "pycon", "turtle", "text"}


def test_the_readme_says_what_its_examples_print(store: Path, tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    assert run(text, tmp_path).splitlines() == text.splitlines()


def test_every_block_is_of_a_kind_that_is_run() -> None:
    text = README.read_text(encoding="utf-8")
    assert {block.language for block in blocks(text)} <= LANGUAGES
    assert text.count("\n```") == 2 * len(list(blocks(text))), "a block without a language is not run"


def test_every_command_is_shown() -> None:
    commands = [c for block in blocks(README.read_text(encoding="utf-8")) for c in block.commands]
    for name in ("build", "ask", "sparql", "validate", "verify", "export"):
        assert any(f"kg {name} " in f"{command} " for command in commands), name
