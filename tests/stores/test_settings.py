from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import ParseError, UsageError
from kg.settings import is_url, remote_settings, settings_file

URL = "https://example.org/sparql"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("FOEDUS_SETTINGS", str(path))
    return path


def test_an_endpoint_takes_queries_and_updates_where_nothing_else_is_said(file: Path) -> None:
    settings = remote_settings(URL)
    assert (settings.query_url, settings.update_url, settings.graph_store_url) == (URL, URL, None)


def test_the_nearest_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(f'[stores."{URL}"]\nuser = "file"\npassword = "file"\nupdate-url = "{URL}/file"\ntimeout = 7\n')
    assert remote_settings(URL).user == "file"
    assert remote_settings(URL).timeout == 7
    assert remote_settings(f"{URL}/other").user is None
    monkeypatch.setenv("FOEDUS_STORE_USER", "environment")
    assert remote_settings(URL).user == "environment"
    assert remote_settings(URL.replace("//", "//url:pass%40word@")).user == "url"
    assert remote_settings(URL.replace("//", "//url:pass%40word@"), user="call").user == "call"
    assert remote_settings(URL.replace("//", "//url:pass%40word@")).password == "pass@word"
    assert remote_settings(URL).update_url == f"{URL}/file"


def test_every_variable_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "update_url": "https://example.org/update",
        "graph_store_url": "https://example.org/data",
        "user": "u",
        "password": "p",
        "token": "t",
        "timeout": "3.5",
        "rule_timeout": "0.0",
        "at_once": "5000",
    }
    for key, value in given.items():
        monkeypatch.setenv(f"FOEDUS_STORE_{key.upper()}", value)
    settings = remote_settings(URL)
    assert {key: str(getattr(settings, key)) for key in given} == given


def test_credentials_are_not_shown() -> None:
    settings = remote_settings("https://ada:hunter2@example.org:8443/sparql?x=1#y", token="t0ken")
    shown = f"{settings!r} {settings} {settings.query_url} {settings.update_url}"
    assert settings.query_url == "https://example.org:8443/sparql?x=1"
    assert not any(secret in shown for secret in ("ada", "hunter2", "t0ken"))


@pytest.mark.parametrize(
    "url", ["https://", "ftp://ada:hunter2@example.org", "https://ada:hunter2@[::1", "http://a:b@c:x/"]
)
def test_what_is_no_url_is_said_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError, match="no URL") as fault:
        remote_settings(url)
    assert "hunter2" not in str(fault.value)


@pytest.mark.parametrize("timeout", ["soon", 0, -1, "nan", "inf"])
def test_a_time_limit_is_a_number_of_seconds(timeout: object) -> None:
    with pytest.raises(UsageError, match="seconds"):
        remote_settings(URL, timeout=timeout)


@pytest.mark.parametrize("timeout", ["soon", -1, "nan", "inf"])
def test_no_time_at_all_may_be_given_to_rules(timeout: object) -> None:
    assert remote_settings(URL).rule_timeout is None
    assert remote_settings(URL, rule_timeout=0).rule_timeout == 0
    with pytest.raises(UsageError, match=r"rule-timeout .* seconds"):
        remote_settings(URL, rule_timeout=timeout)


@pytest.mark.parametrize("at_once", ["many", 0, -1, "1.5", None])
def test_how_much_at_once_is_a_number_of_triples(at_once: object) -> None:
    if at_once is None:
        assert remote_settings(URL, at_once=None).at_once == 200_000
        return
    with pytest.raises(UsageError, match=r"at-once .* triples"):
        remote_settings(URL, at_once=at_once)


def test_an_unknown_option_lists_the_right_ones() -> None:
    with pytest.raises(UsageError, match="update_url"):
        remote_settings(URL, passwort="x")


@pytest.mark.parametrize(
    "text", ["stores = [", f'[stores."{URL}"]\npasswort = "hunter2"', f'[stores."{URL}"]\nuser = ["hunter2"]', "\xff"]
)
def test_a_broken_file_is_named(file: Path, text: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ParseError, match="settings") as fault:
        remote_settings(URL)
    assert "hunter2" not in str(fault.value)


def test_the_file_is_in_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOEDUS_SETTINGS")
    assert settings_file().name == "settings.toml" and "foedus" in settings_file().parts


def test_what_is_a_url() -> None:
    assert is_url("HTTP://example.org") and not is_url(Path("http")) and not is_url(None)
