"""The walls between the rooms, as a clean interpreter sees them: what starts fast loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "polars", "textual", "sklearn", "pynvml", "psutil", "scipy", "ruptures")


def loaded_by(statement: str) -> set[str]:
    """The heavy packages, and our own rooms, that a statement brings into a clean interpreter."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}}, *sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("room", "allowed"),
    [
        ("workloads", set()),
        ("workloads.wire.framing", set()),
        ("workloads.catalog", set()),
        ("workloads.worker", set()),
        ("workloads.exec.__main__", set()),
        ("app.cli", set()),
        ("app.viewing", set()),
        ("app.conductor.__main__", set()),
        ("app.conductor.spawn", set()),
        ("app.session.sources.watch", set()),
        ("app.session.planning", set()),
        ("app.session.planning.program", set()),
        ("app.session.shelf.listing", set()),
        ("app.telemetry.__main__", {"psutil", "pynvml"}),
        ("app.ui.app", {"textual"}),
        ("app.analysis.finishing.finish", {"polars"}),
        ("app.analysis.show", {"polars"}),
    ],
)
def test_a_room_loads_only_what_it_needs(room: str, allowed: set[str]) -> None:
    assert loaded_by(f"import {room}") & set(HEAVY) <= allowed


def test_the_package_of_workloads_itself_imports_nothing() -> None:
    assert not {name for name in loaded_by("import workloads") if name.startswith("workloads.")}
