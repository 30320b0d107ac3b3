"""``kg`` as a real process: pipes, signals, terminals, stores that are missing or damaged."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kg.cli.progress import Stages
from tests.cli.conftest import ROOT, Process

ASK = ("ask", "allies-supplying-adversary", "--state", "Armenia")


def start(*args: object, **options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kg.cli", *map(str, args)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def on_a_terminal(*args: object, env: dict[str, str] | None = None, code: int = 0) -> str:
    """What ``kg`` writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "kg.cli", *map(str, args)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=variables | {"TERM": "xterm", "COLUMNS": "80"} | (env or {}),
    )
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 65536):
            written += chunk
    except OSError:
        pass
    finally:
        os.close(ours)
    assert process.wait() == code
    return written.decode()


def test_results_go_to_standard_output_and_nothing_else_does(process: Process) -> None:
    result = process(*ASK, "--format", "csv")
    assert result.code == 0
    assert result.out.splitlines()[0].startswith("supplier,") and len(result.out.splitlines()) == 2
    assert all(line.startswith("kg: ") for line in result.err.splitlines())


def test_no_colour_in_a_pipe(process: Process) -> None:
    assert "\x1b" not in process(*ASK, env={"FORCE_COLOR": "1", "TERM": "xterm"}).out


def test_colour_on_a_terminal_unless_refused() -> None:
    assert "\x1b[1m" in on_a_terminal(*ASK)
    assert "\x1b" not in on_a_terminal(*ASK, env={"NO_COLOR": "1"})


def test_errors_and_notes_fit_a_terminal_and_are_a_line_each_in_a_pipe(process: Process) -> None:
    with TemporaryDirectory() as folder:
        wrong = ("ask", "allies-supplying-adversary", "--status", "Armenia")
        for args, code in ((wrong, 2), (("build", "--store", f"{folder}/s"), 0)):
            said = {line for line in process(*args).err.splitlines() if line.startswith("kg: ")}
            assert max(map(len, said)) > 80
            told = re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", on_a_terminal(*args, code=code))
            assert said <= set(told.replace("\n    ", " ").splitlines())
            lines = told.splitlines()
            assert all(len(line) <= 80 for line in lines if line.startswith(("kg: ", "    ")))


def test_sparql_gives_a_table_on_a_terminal() -> None:
    text = re.sub(r"\x1b\[\d*m", "", on_a_terminal("sparql", "SELECT ?who { ?who foedus:betrays ?whom }"))
    assert text.split() == ["who", "------------", "id:state/BLR"]


def test_long_work_shows_a_spinner_on_a_terminal(store: Path) -> None:
    # To verify is to reason with the reference, which takes seconds.
    text = on_a_terminal("verify", "--store", store)
    assert "⠋" in text or "⠙" in text
    assert re.search(r"reasoning \(reported\)\s+\d+\.\d\d s", text)


def test_a_reader_that_goes_away_is_no_fault(store: Path) -> None:
    process = start("sparql", "SELECT * { ?s ?p ?o }", "--format", "csv", stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


def test_interrupt(tmp_path: Path) -> None:
    # What runs in the background is started with Ctrl-C ignored, and whatever it starts in turn.
    heeding = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    process = start("build", "--store", tmp_path / "store", stdout=subprocess.DEVNULL, **heeding)
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 130
    assert "Traceback" not in rest
    assert not (tmp_path / "store").exists()


def test_an_interrupt_that_somebody_passes_over_ends_the_work_at_the_next_stage() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), Stages(lines=False) as stages:
            stages("one")
            with suppress(BaseException):
                signal.raise_signal(signal.SIGINT)
            stages("two")
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_first_use_builds_the_graph(process: Process, tmp_path: Path) -> None:
    place = tmp_path / "new" / "store"
    first = process(*ASK, "--format", "csv", env={"FOEDUS_STORE": str(place)})
    assert first.code == 0
    assert first.out.splitlines()[1].startswith("Belarus,")
    assert f"building it once, in {place}" in first.err and "reasoning" in first.err
    second = process(*ASK, "--format", "csv", env={"FOEDUS_STORE": str(place)})
    assert second.out == first.out
    assert "reasoning" not in second.err


def test_a_store_that_is_not_there(process: Process, tmp_path: Path) -> None:
    result = process(*ASK, "--store", tmp_path / "none")
    assert result.code == 3
    assert "kg build --store" in result.line


@pytest.mark.parametrize("damage", ["pointer", "generation", "manifest", "tables", "blocks"])
def test_a_damaged_store(process: Process, store: Path, tmp_path: Path, damage: str) -> None:
    place = Path(shutil.copytree(store, tmp_path / "store"))
    generation = place / (place / "current").read_text(encoding="utf-8").strip()
    match damage:
        case "pointer":
            (place / "current").write_text("generation-none\n", encoding="utf-8")
        case "generation":
            shutil.rmtree(generation)
        case "manifest":
            for file in generation.glob("MANIFEST*"):
                file.write_bytes(b"x")
        case "tables":
            for file in generation.glob("*.sst"):
                file.write_bytes(os.urandom(file.stat().st_size))
        case _:  # which is noticed only when they are read
            for file in generation.glob("*.sst"):
                whole = file.read_bytes()
                file.write_bytes(os.urandom(len(whole) * 6 // 10) + whole[len(whole) * 6 // 10 :])
    result = process(*ASK, "--store", place)
    assert result.code == 3
    assert "damaged" in result.line


def test_the_console_script_starts() -> None:
    script = shutil.which("kg", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("the package is not installed in this environment")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("kg ")
