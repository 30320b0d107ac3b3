"""Plans are kept in the user's cache folder, and nothing there can make a rule mean something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.rules import load_rules, plans
from kg.rules.compiling import compile_rule
from tests.unit.test_rules import rule

RULES = (rule("?x :p ?y"), rule("?y :p ?x", stratum=2))
PLANS = [compile_rule(one) for one in RULES]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(plans, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    plans.compiled.cache_clear()
    yield tmp_path / "cache"
    plans.compiled.cache_clear()


def refuse(*_: object) -> None:
    raise AssertionError("compiled again")


def test_kept_and_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(plans.compiled(RULES)) == PLANS
    (kept,) = folder.iterdir()
    plans.compiled.cache_clear()
    monkeypatch.setattr("kg.rules.compiling.compile_rule", refuse)
    assert list(plans.compiled(RULES)) == PLANS
    assert list(folder.iterdir()) == [kept]


@pytest.mark.parametrize("left", [b"", b"not a pickle", None])
def test_what_is_damaged_is_made_again(folder: Path, left: bytes | None) -> None:
    plans.compiled(RULES)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if left is None else left)
    plans.compiled.cache_clear()
    assert list(plans.compiled(RULES)) == PLANS
    assert kept.read_bytes() == whole


def test_another_rule_has_another_place(folder: Path) -> None:
    plans.compiled(RULES)
    plans.compiled(RULES[:1])
    plans.compiled((RULES[0], rule("?y :p ?x . ?x :p ?z", stratum=2)))
    assert len(list(folder.iterdir())) == 3


def test_where_nothing_can_be_kept_rules_are_compiled_each_time(folder: Path) -> None:
    folder.write_text("a file, not a folder")
    assert list(plans.compiled(RULES)) == PLANS


def test_the_shipped_rules_come_back_the_same(folder: Path) -> None:
    rules = tuple(load_rules())
    first = list(plans.compiled(rules))
    plans.compiled.cache_clear()
    assert list(plans.compiled(rules)) == first == [compile_rule(one) for one in rules]
