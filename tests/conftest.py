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


LONG_FIRST = ("workloads", "conductor", "cli", "serving", "bench", "doctor")
"""Folders whose tests wait for real processes: begun first, so that none of them is left alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which files are handed out."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return LONG_FIRST.index(folder) if folder in LONG_FIRST else len(LONG_FIRST)

    items.sort(key=place)
