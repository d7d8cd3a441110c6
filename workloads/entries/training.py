"""The training workloads as the catalogue knows them. Standard library and msgspec only."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, PRECISION, SHARD, WorkloadEntry
from workloads.entries.gpt import TRAIN_GPT
from workloads.entries.resnet import TRAIN_RESNET
from workloads.parameters import ByDevice, Parameter

DIGITS = WorkloadEntry(
    name="train/digits",
    help="train a small convolutional net on scikit-learn's handwritten digits",
    unit="sample",
    unit_meaning="one 8×8 image through forward, backward and its share of the optimizer's step",
    kind="training",
    module="workloads.train.digits",
    parameters=(
        Parameter(
            name="epochs",
            default=ByDevice(cpu=60, cuda=800),
            meaning="passes over the 1,437 training images",
            minimum=1,
            maximum=1_000_000,
        ),
        Parameter(
            name="batch",
            default=ByDevice(cpu=64, cuda=256),
            meaning="images a step; what does not fill a batch at the end of an epoch is left out of it",
            minimum=1,
            maximum=1437,
            takes_memory=True,
        ),
        Parameter(
            name="width",
            default=ByDevice(cpu=48, cuda=512),
            meaning="channels of the first convolution; the later ones have twice and four times as many",
            minimum=1,
            maximum=4096,
            takes_memory=True,
        ),
        Parameter(
            name="learning_rate",
            default=0.001,
            meaning="AdamW's learning rate, the same throughout",
            minimum=0.0,
            maximum=10.0,
        ),
        PRECISION,
        Parameter(
            name="evaluate_every",
            default=1,
            meaning="epochs between two looks at the held-out images",
            minimum=1,
            maximum=1_000_000,
        ),
        SHARD,
        *MACHINE,
    ),
    experiments=("resident-batch", "double-batch", "bfloat16", "tf32", "cuda-graph"),
    knobs=("batch", "precision"),
)

TRAINING: Final = (DIGITS, TRAIN_GPT, TRAIN_RESNET)
