"""What holds for all tests. How fast a loaded machine is, is no claim of theirs: property tests may take their time."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Hundreds of processes are started here, and each would compile benchtop anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What is imported until all tests are known stays to the end: looking through it for garbage, again and again while it
# grows and in every test after that, finds nothing.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on there is garbage, above all that is there already."""
    gc.freeze()
    gc.enable()


WAITING = ("workloads", "conductor", "cli", "serving", "bench", "doctor", "ui")
"""Folders whose tests wait for real processes, or for a screen: begun first, so that none is left alone at the end, and
in turns, so that while some wait others compute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which files are handed out."""
    files: dict[str, list[Path]] = {}
    for path in dict.fromkeys(item.path for item in items):
        files.setdefault(path.relative_to(Path(__file__).parent).parts[0], []).append(path)
    turns = {path: turn / len(files[folder]) for folder in WAITING for turn, path in enumerate(files.get(folder, ()))}
    items.sort(key=lambda item: turns.get(item.path, 1.0))
