"""Paths of an order: those under `~` are of whoever the worker runs as, on whatever host it runs.

A conductor cannot know the home of a user on another host, so it sends such paths as they are.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from workloads.wire.commands import Start

HOME = "~/"


def at_home(order: Start) -> Start:
    """The order with its paths written out, and a folder under `~` made, for its owner alone.

    Raises ValueError where the user has no home, and OSError where the folder cannot be made.
    """
    parameters = dict(order.parameters)
    weights = parameters.get("weights")
    if isinstance(weights, str) and weights.startswith(HOME):
        parameters["weights"] = str(_expanded(weights))
    if not order.folder.startswith(HOME):
        return replace(order, parameters=parameters)
    folder = _expanded(order.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return replace(order, folder=str(folder), parameters=parameters)


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path}: the user on this host has no home; set HOME in the command of --via") from error
