"""Paths of an order: those under `~` are of whoever the worker runs as, on whatever host it runs.

A conductor cannot know the home of a user on another host, so it sends such paths as they are.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from workloads.catalog import WorkloadEntry
from workloads.wire.commands import Start
from workloads.wire.frames import Value

HOME = "~/"


def at_home(order: Start, entry: WorkloadEntry) -> Start:
    """The order with its paths written out, and a folder under `~` made, for its owner alone.

    Raises ValueError where the user has no home, and OSError where the folder cannot be made.
    """
    files = {parameter.name for parameter in entry.parameters if parameter.file}
    parameters: dict[str, Value] = {
        name: _expanded(str(value)) if name in files else value for name, value in order.parameters.items()
    }
    folder = _expanded(order.folder)
    if folder != order.folder:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return replace(order, folder=folder, parameters=parameters)


def _expanded(path: str) -> str:
    if not path.startswith(HOME):
        return path
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:
        raise ValueError(f"{path}: the user on this host has no home; set HOME in the command of --via") from error
