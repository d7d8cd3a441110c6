"""Weights on disk: what a training run leaves and an inference run takes. Never unpickles code."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workloads.train.digits_net import DigitsNet


@dataclass(frozen=True)
class Weights:
    """A trained net and what must be known to test it on images that it never saw."""

    net: DigitsNet
    seed: int
    """Of the split that it was trained with."""
    data_sha256: str


def save_weights(path: Path, net: DigitsNet, *, seed: int, data_sha256: str) -> None:
    """Write the weights, whole or not at all. Raises OSError."""
    state = {name: value.to("cpu", memory_format=torch.contiguous_format) for name, value in net.state_dict().items()}
    draft = path.with_suffix(".part")
    torch.save({"width": net.width, "seed": seed, "data_sha256": data_sha256, "state": state}, draft)
    draft.replace(path)


def load_weights(path: Path, device: torch.device) -> Weights:
    """The net in `path`, on the device and ready to infer. Raises ValueError, one line, for any other file."""
    saved = _read(path)
    try:
        net = DigitsNet(int(saved["width"]))
        net.load_state_dict(saved["state"])
        seed, data = int(saved["seed"]), str(saved["data_sha256"])
    except (LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise ValueError(f"weights={path} holds other weights than those of train/digits") from error
    net = net.to(device).eval()
    if device.type == "cuda":
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Weights(net, seed, data)


def _read(path: Path) -> Any:
    if not path.is_file():
        raise ValueError(f"weights={path} is not there")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"weights={path} is no file of weights: torch.save makes a zip archive, this is none")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise ValueError(f"weights={path} cannot be read as weights") from error
