"""Weights of a net that reads digits, with the split that it was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from workloads.train.digits_net import DigitsNet, placed
from workloads.train.weights import read_weights, save_weights, strange

KIND = "digits"


@dataclass(frozen=True)
class Weights:
    """A trained net and what must be known to test it on images that it never saw."""

    net: DigitsNet
    seed: int
    """Of the split that it was trained with."""
    data_sha256: str


def save_digits(path: Path, net: DigitsNet, *, seed: int, data_sha256: str) -> None:
    """Write the weights, whole or not at all. Raises OSError."""
    save_weights(path, KIND, net, {"width": net.width, "seed": seed, "data_sha256": data_sha256})


def load_digits(path: Path, device: torch.device) -> Weights:
    """The net in `path`, on the device and ready to infer. Raises ValueError, one line, for any other file."""
    facts, state = read_weights(path, KIND)
    try:
        net = DigitsNet(int(facts["width"]))
        net.load_state_dict(state)
        seed, data = int(facts["seed"]), str(facts["data_sha256"])
    except (LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise strange(path, KIND) from error
    return Weights(placed(net, device).eval(), seed, data)
