"""Weights on disk: what a training run leaves and an inference run takes. Never unpickles code, and knows no net."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from workloads.train.parallel import whole_state
from workloads.world import rank

Fact = str | int | float


def save_weights(path: Path, kind: str, net: nn.Module, facts: Mapping[str, Fact]) -> None:
    """Write a net of that kind with what must be known to build and test it, whole or not at all.

    Every rank comes here with its part, and rank 0 writes. Raises OSError.
    """
    whole = whole_state(net)
    if rank() > 0:
        return
    state = {name: value.to("cpu", memory_format=torch.contiguous_format) for name, value in whole.items()}
    draft = path.with_suffix(".part")
    torch.save({"kind": kind, "facts": dict(facts), "state": state}, draft)
    draft.replace(path)


def read_weights(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Facts and state of a net of that kind, on the host. Raises ValueError, one line, for any other file."""
    saved = _read(path)
    try:
        found, facts, state = saved["kind"], dict(saved["facts"]), dict(saved["state"])
    except (LookupError, TypeError, ValueError, RuntimeError) as error:
        raise strange(path, kind) from error
    if found != kind:
        raise strange(path, kind)
    return facts, state


def strange(path: Path, kind: str) -> ValueError:
    """What is said of a file that holds something else than a net of that kind."""
    return ValueError(f"weights={path} holds other weights than those of train/{kind}")


def _read(path: Path) -> Any:
    if not path.is_file():
        raise ValueError(f"weights={path} is not there")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"weights={path} is no file of weights: torch.save makes a zip archive, this is none")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise ValueError(f"weights={path} cannot be read as weights") from error
