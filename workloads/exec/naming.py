"""What a run of a command is called, and the command where there is little room: `python train.py --epochs 3`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Final

WORKLOAD: Final = "exec"
"""The workload of a run that listens to a command; the catalogue has none of that name."""
LONGEST: Final = 32
"""Characters of a title: a status line of 80 has that much room beside the phase."""


def command_line(command: Sequence[str]) -> str:
    """The whole of it, as a shell would take it."""
    return shlex.join(command)


def short_command(command: Sequence[str], longest: int = LONGEST) -> str:
    """The program without its folder, and as much of the rest as there is room for; folders give way first."""
    text = _text((_name(command[0]), *command[1:]))
    if len(text) > longest:
        text = _text([word if word.startswith("-") else _name(word) for word in command])
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _text(words: Sequence[str]) -> str:
    return " ".join(shlex.join(words).split())


def _name(word: str) -> str:
    """Without its folder; a folder itself stays as it is."""
    return os.path.basename(word) or word  # noqa: PTH119 - words, no path
