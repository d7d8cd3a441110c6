"""A comparison made by another process, so that a viewer never pays for reading tables, nor for Polars."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Final

import msgspec

from app.session.planning.plan import MODULE_COMMAND
from app.session.results.comparison import Comparison
from app.session.store.folder import SessionFolder

COMMAND: Final = (*MODULE_COMMAND, "app.analysis.compare")


def compared(
    asked: Sequence[tuple[SessionFolder, int]], *, accepted: Sequence[str], within: float, conditions: str
) -> Comparison:
    """Of sessions with the variant that is meant, 0 for all. Raises ValueError, one line, as that process says it."""
    names = [f"{folder.path}#{variant}" for folder, variant in asked]
    options = [f"--accept={','.join(accepted)}", f"--within={within!r}", f"--fail-if={conditions}"]
    done = subprocess.run((*COMMAND, *options, *names), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(lines[-1] if lines else f"comparing ended with status {done.returncode}")
    return msgspec.json.decode(done.stdout, type=Comparison)
