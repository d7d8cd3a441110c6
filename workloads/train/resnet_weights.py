"""Weights of a ResNet, with the images that it was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from workloads.device import image_layout
from workloads.train.resnet_net import ResNet
from workloads.train.weights import read_weights, save_weights, strange

KIND = "resnet"


@dataclass(frozen=True)
class ResnetWeights:
    """A net and what must be known to test it on images that it never saw."""

    net: ResNet
    model: str
    """`resnet18` or `resnet50`."""
    classes: int
    image: int
    """Height and width that it was trained with, pixels."""
    seed: int
    """Of the split that it was trained with."""
    data_sha256: str
    """Empty: it was trained with random images."""


def save_resnet(path: Path, weights: ResnetWeights) -> None:
    """Write the weights, whole or not at all. Raises OSError."""
    facts = {name: getattr(weights, name) for name in ("model", "classes", "image", "seed", "data_sha256")}
    save_weights(path, KIND, weights.net, facts)


def load_resnet(path: Path, device: torch.device) -> ResnetWeights:
    """The net in `path`, on the device. Raises ValueError, one line, for any other file."""
    facts, state = read_weights(path, KIND)
    try:
        model, classes, image = str(facts["model"]), int(facts["classes"]), int(facts["image"])
        net = ResNet(model, classes)
        net.load_state_dict(state)
        seed, data = int(facts["seed"]), str(facts["data_sha256"])
    except (LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise strange(path, KIND) from error
    net = net.to(device, memory_format=image_layout(device))  # type: ignore[call-overload]
    return ResnetWeights(net, model, classes, image, seed, data)
