"""Where a remote store is and how to get in: options, then environment variables, then a settings file.

The settings file is ``settings.toml`` in the user's configuration folder for ``foedus`` (on Linux
``~/.config/foedus/settings.toml``), with one table a store::

    [stores."https://example.org/sparql"]
    update-url = "https://example.org/update"
    graph-store-url = "https://example.org/data"
    user = "ada"
    password = "…"
    timeout = 120
    rule-timeout = 60
    at-once = 200000

Credentials are in no message, log line or ``repr``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from kg.errors import ParseError, UsageError

__all__ = ["RemoteSettings", "endpoint_settings", "is_url", "remote_settings", "settings_file"]

_KEYS: Final = ("update_url", "graph_store_url", "user", "password", "token", "timeout", "rule_timeout", "at_once")
_TIMEOUT: Final = 60.0
_LONGEST: Final = 86400 * 30
_AT_ONCE: Final = 200_000


@dataclass(frozen=True)
class RemoteSettings:
    """A remote store and how to get in.

    Attributes:
        query_url: URL of the SPARQL endpoint, without credentials.
        update_url: URL of the SPARQL Update endpoint.
        graph_store_url: URL of the Graph Store Protocol, or ``None`` where triples are loaded by SPARQL Update.
        user: name for HTTP Basic or Digest authentication, or ``None``.
        password: the password, or ``None``.
        token: bearer token (RFC 6750), or ``None``.
        timeout: seconds that one request may take.
        rule_timeout: seconds that the server may take over the rules of a build, at any size; 0 where they are not to
            run there. Not given, they run there up to a size, see
            :data:`kg.remote.concluding.INSIDE_AT_MOST`.
        at_once: triples that one request may insert or delete inside the server, which holds about a kilobyte of each
            in memory meanwhile. A new graph that differs by more from the one in use is put to use in parts.
    """

    query_url: str
    update_url: str
    graph_store_url: str | None = None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    timeout: float = _TIMEOUT
    rule_timeout: float | None = None
    at_once: int = _AT_ONCE

    def __str__(self) -> str:
        return self.query_url


def is_url(place: object) -> bool:
    """Whether the name of a store is the URL of a remote one.

    Example:
        >>> is_url("https://example.org/sparql"), is_url("store")
        (True, False)
    """
    return str(place).lower().startswith(("http://", "https://"))


def settings_file() -> Path:
    """The user's settings file, whether it is there or not; ``$FOEDUS_SETTINGS`` names another."""
    from platformdirs import user_config_path

    given = os.environ.get("FOEDUS_SETTINGS")
    return Path(given) if given else user_config_path("foedus", appauthor=False) / "settings.toml"


def remote_settings(url: str, **given: object) -> RemoteSettings:
    """The settings of a remote store.

    Each comes from the call, else from the credentials in the URL, else from the environment
    variables ``FOEDUS_STORE_UPDATE_URL``, ``FOEDUS_STORE_GRAPH_STORE_URL``, ``FOEDUS_STORE_USER``,
    ``FOEDUS_STORE_PASSWORD``, ``FOEDUS_STORE_TOKEN``, ``FOEDUS_STORE_TIMEOUT``, ``FOEDUS_STORE_RULE_TIMEOUT`` and
    ``FOEDUS_STORE_AT_ONCE``, else from the settings file. A token wins over a user and password.

    Args:
        url: URL of the SPARQL endpoint.
        given: ``update_url``, ``graph_store_url``, ``user``, ``password``, ``token``; ``timeout`` and
            ``rule_timeout`` in seconds; ``at_once`` in triples.

    Raises:
        UsageError: a URL is none, a value is of the wrong kind, or an option is not known.
        ParseError: the settings file cannot be read.

    Example:
        >>> settings = remote_settings("https://ada:secret@example.org/sparql", timeout=5)
        >>> settings
        RemoteSettings(query_url='https://example.org/sparql', update_url='https://example.org/sparql', \
graph_store_url=None, timeout=5.0, rule_timeout=None, at_once=200000)
        >>> settings.user
        'ada'
    """
    for name in given:
        if name not in _KEYS:
            raise UsageError(f"a remote store has no option {name!r}; there are {', '.join(_KEYS)}")
    query_url, inside = _without_credentials(url)
    values: dict[str, Any] = dict(_from_file(query_url))
    values |= {key: os.environ[name] for key in _KEYS if os.environ.get(name := f"FOEDUS_STORE_{key.upper()}")}
    values |= inside
    values |= {key: value for key, value in given.items() if value is not None}
    for key in ("update_url", "graph_store_url"):
        if key in values:
            values[key], inside = _without_credentials(str(values[key]))
            for name, value in inside.items():
                values.setdefault(name, value)
    return _settings(query_url, values)


def endpoint_settings(url: str) -> RemoteSettings:
    """The settings of somebody else's endpoint, which is only read.

    Credentials come from the URL or the settings file, and never from the environment variables of the user's own
    store, which are no business of others; the time limit comes from ``FOEDUS_STORE_TIMEOUT`` or the settings file.

    Args:
        url: URL of the SPARQL endpoint.

    Raises:
        UsageError: the URL is none, or the time limit no number.
        ParseError: the settings file cannot be read.

    Example:
        >>> endpoint_settings("https://query.wikidata.org/sparql").user is None
        True
    """
    query_url, inside = _without_credentials(url)
    values: dict[str, Any] = dict(_from_file(query_url))
    if limit := os.environ.get("FOEDUS_STORE_TIMEOUT"):
        values["timeout"] = limit
    return _settings(query_url, values | inside)


def _settings(query_url: str, values: dict[str, Any]) -> RemoteSettings:
    values.setdefault("update_url", query_url)
    values["timeout"] = _seconds("timeout", values.get("timeout", _TIMEOUT))
    if values["timeout"] == 0:
        raise UsageError("timeout of the remote store: write a number of seconds above 0")
    if "rule_timeout" in values:
        values["rule_timeout"] = _seconds("rule-timeout", values["rule_timeout"])
    if "at_once" in values:
        values["at_once"] = _whole("at-once", values["at_once"])
    return RemoteSettings(query_url, **values)


def _whole(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1:
        raise UsageError(f"{name} of the remote store: write a number of triples, 1 or more")
    return number


def _seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{name} of the remote store: write a number of seconds") from None
    if not 0 <= seconds < _LONGEST:
        raise UsageError(f"{name} of the remote store: write a number of seconds above 0")
    return seconds


def _without_credentials(url: str) -> tuple[str, dict[str, str]]:
    """A URL without user and password, and what was taken out."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        # The text is not repeated, for it may hold a password.
        raise UsageError("that is no URL of a store: write one such as https://example.org/sparql")
    place = f"[{host}]" if ":" in host else host
    if port is not None:
        place += f":{port}"
    inside = {}
    if parts.username:
        inside["user"] = unquote(parts.username)
    if parts.password:
        inside["password"] = unquote(parts.password)
    return urlunsplit((parts.scheme, place, parts.path, parts.query, "")), inside


def _from_file(url: str) -> dict[str, object]:
    import tomllib

    path = settings_file()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except tomllib.TOMLDecodeError as fault:
        raise ParseError(str(path), f"is not TOML: {fault}") from None
    except UnicodeDecodeError:
        raise ParseError(str(path), "is not text in UTF-8") from None
    except OSError as fault:
        raise ParseError(str(path), f"cannot be read: {fault.strerror}") from None
    stores = data.get("stores", {})
    table = stores.get(url, {}) if isinstance(stores, dict) else {}
    found: dict[str, object] = {}
    for name, value in (table if isinstance(table, dict) else {}).items():
        key = name.replace("-", "_")
        if key not in _KEYS or not isinstance(value, str | int | float) or isinstance(value, bool):
            wanted = ", ".join(k.replace("_", "-") for k in _KEYS)
            raise ParseError(str(path), f"{name} of the store {url} is not known or not text; there are {wanted}")
        found[key] = value
    return found
