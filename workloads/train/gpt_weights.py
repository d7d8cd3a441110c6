"""Weights of a GPT on disk, with all that is needed to build the net and to test it on text that it never saw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from workloads.train.gpt_net import GPT, Size
from workloads.train.weights import read_weights, save_weights, strange

KIND = "gpt"


@dataclass(frozen=True)
class TrainedGPT:
    """A trained net and where it comes from."""

    net: GPT
    seed: int
    """Of the split of the corpus."""
    data_sha256: str


def save_gpt(path: Path, net: GPT, *, seed: int, data_sha256: str) -> None:
    """Write the weights, whole or not at all. Raises OSError."""
    facts = {**asdict(net.size), "context": net.context, "seed": seed, "data_sha256": data_sha256}
    save_weights(path, KIND, net, facts)


def load_gpt(path: Path) -> TrainedGPT:
    """The net in `path`, on the host. Raises ValueError, one line, for any other file."""
    facts, state = read_weights(path, KIND)
    try:
        size = Size(*(int(facts[name]) for name in ("layers", "heads", "width", "vocab")))
        with torch.device("meta"):
            net = GPT(size, int(facts["context"]))
        net.load_state_dict(state, assign=True)
        return TrainedGPT(net, int(facts["seed"]), str(facts["data_sha256"]))
    except (LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise strange(path, KIND) from error
