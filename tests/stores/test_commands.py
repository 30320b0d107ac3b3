"""The same commands on a server as on a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.cli import main
from tests.stores.servers import Oxigraph, running

pytestmark = pytest.mark.xdist_group("stores-commands")


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    if reason := Oxigraph.missing():
        pytest.skip(reason)
    with running(Oxigraph, tmp_path_factory.mktemp("commands")) as server:
        place = server.settings
        urls = ["--update-url", place.update_url, "--graph-store-url", str(place.graph_store_url)]
        assert main(["build", "--store", place.query_url, *urls]) == 0
        yield ["--store", place.query_url, *urls]


@pytest.mark.parametrize(
    "command",
    [
        ["ask", "allies-supplying-adversary", "--state", "Armenia", "--format", "csv"],
        ["ask", "timeline", "--state", "Armenia", "--other", "Belarus", "--on", "2020-11-09"],
        ["sparql", "SELECT ?who ?whom { ?who foedus:betrays ?whom }", "--format", "csv"],
        ["explain", "transfer/belarus-azerbaijan"],
        ["why-not", "allies-supplying-adversary", "--supplier", "Kazakhstan", "--state", "Armenia"],
        ["what-if", "--withdraw", "Belarus,CSTO", "--from", "2017-01-01"],
        ["diff", "--policy", "facts", "--policy", "alleged"],
    ],
    ids=lambda words: words[0] if words[0] != "ask" else words[1],
)
def test_a_command_says_the_same(
    options: list[str], store: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    code = main([*command, "--store", str(store)])
    expected = capsys.readouterr()
    assert main([*command, *options]) == code
    assert capsys.readouterr().out == expected.out
    assert expected.out


def test_proofs_are_verified_against_the_server(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["explain", "--triple", "Belarus", "betrays", "Armenia", "--format", "json", *options]) == 0
    proofs = tmp_path / "proofs.json"
    proofs.write_text(capsys.readouterr().out)
    assert main(["verify", "--proofs", str(proofs), *options]) == 0
    assert "verified: " in capsys.readouterr().out


def test_a_build_that_fails_leaves_the_graph(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text("@prefix foedus: <https://w3id.org/foedus/ns#> . <urn:x> a foedus:Membership .")
    assert main(["build", str(bad), *options]) == 1
    capsys.readouterr()
    assert main(["ask", "betrayals", "--format", "csv", *options]) == 0
    assert "Belarus" in capsys.readouterr().out


def test_the_environment_can_name_the_server(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOEDUS_STORE", options[1])
    assert main(["ask", "betrayals", "--format", "csv"]) == 0
    assert "Belarus" in capsys.readouterr().out
