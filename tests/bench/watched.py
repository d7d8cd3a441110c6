"""A session as a person runs it: on the live screen of a pseudo-terminal, until it is saved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.terminal import Terminal

LIMIT_S = 240.0
BENCHTOP = (sys.executable, "-m", "app")


def watched_run(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """`benchtop run …` with its screen open → the one run of its session, as `show --json` has it."""
    command = (*BENCHTOP, "run", "--idle", "0", *arguments)
    with Terminal(command, columns=140, rows=40, environment=environment) as terminal:
        terminal.until(lambda text: " saved   q leaves" in text, LIMIT_S)
        terminal.press("q")
        terminal.wait()
    command, everything = (*BENCHTOP, "show", "--json"), {**os.environ, **environment}
    shown = subprocess.run(command, env=everything, capture_output=True, text=True, check=True)
    (run,) = json.loads(shown.stdout)["runs"]
    if run["outcome"] != "done":
        raise RuntimeError(f"benchtop run {' '.join(arguments)}: {run['outcome']}, {run.get('failure')}")
    return dict(run)
