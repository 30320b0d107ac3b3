"""``python -m tests.benchmarks [small|full]`` runs every benchmark and draws what came out.

Each prints a table and writes it to ``build/benchmarks``; ``benchmarks.png`` and ``benchmarks.svg`` there show four of
them, and ``machine.csv`` says on what and with what they ran. ``full`` measures the sizes that take minutes too.
Nothing else should run beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.benchmarks.machine import machine
from tests.benchmarks.picture import draw
from tests.benchmarks.timing import OUT, write_table


def main(arguments: list[str]) -> int:
    """Run and draw; answers the exit code of pytest, and 2 for an argument that means nothing."""
    if len(arguments) > 1 or not {*arguments} <= {"small", "full"}:
        print("usage: python -m tests.benchmarks [small|full]", file=sys.stderr)
        return 2
    told = machine()
    write_table("machine", ("what", "value"), told)
    for what, value in told:
        print(f"{what:16}{value}", flush=True)
    environment = os.environ | {"FOEDUS_BENCHMARK": arguments[0] if arguments else "small"}
    command = [sys.executable, "-m", "pytest", "-m", "benchmark", "-s", "tests/benchmarks"]
    code = subprocess.run(command, env=environment, check=False).returncode
    for file in draw(OUT):
        print(file)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
