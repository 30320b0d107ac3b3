"""``python -m tests`` runs every check and test, and stops at the first that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
STEPS = (
    ["ruff", "format", "--check"],
    ["ruff", "check"],
    ["mypy"],
    ["lint-imports"],
    # Benchmarks run alone, for what runs beside them would be measured too.
    ["pytest", "-m", "benchmark"],
    # Tests of one server run in one process, so that it is started once.
    ["pytest", "-m", "not benchmark", "--numprocesses", "auto", "--dist", "loadgroup"],
)


def main() -> int:
    """Run the steps; answers the exit code of the first that fails."""
    here = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": os.pathsep.join([here, os.environ.get("PATH", os.defpath)])}
    for step in STEPS:
        print("::", *step, flush=True)
        code = subprocess.run(step, cwd=ROOT, env=environment, check=False).returncode
        if code:
            print("failed:", *step, file=sys.stderr)
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
