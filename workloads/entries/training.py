"""The training workloads as the catalogue knows them. Standard library and msgspec only."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, PRECISION, SHARD, WorkloadEntry
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
)

GPT = WorkloadEntry(
    name="train/gpt",
    help="train a byte-level GPT-2 on real text: tokens/s, MFU and HFU, bits per byte on held-out files",
    unit="sample",
    unit_meaning="one window of `context` tokens through forward, backward and its share of the optimizer's step",
    kind="training",
    module="workloads.train.gpt",
    parameters=(
        Parameter(
            name="size",
            default=ByDevice(cpu="tiny", cuda="small"),
            meaning="1 M, then GPT-2's own: 124 M, 355 M, 774 M, 1.56 B weights",
            choices=("tiny", "small", "medium", "large", "xl"),
        ),
        Parameter(
            name="corpus",
            default="",
            file=True,
            meaning="folder of text files; left empty, the Python sources of the running standard library",
        ),
        Parameter(
            name="batch",
            default=ByDevice(cpu=16, cuda=64),
            meaning="windows a step",
            minimum=1,
            maximum=65536,
            takes_memory=True,
        ),
        Parameter(
            name="context",
            default=ByDevice(cpu=128, cuda=1024),
            meaning="tokens of a window",
            minimum=1,
            maximum=131072,
            takes_memory=True,
        ),
        Parameter(
            name="steps",
            default=ByDevice(cpu=200, cuda=300),
            meaning="steps of the optimizer",
            minimum=1,
            maximum=10_000_000,
        ),
        Parameter(
            name="evaluate_every",
            default=ByDevice(cpu=100, cuda=100),
            meaning="steps between two looks at held-out text",
            minimum=1,
            maximum=10_000_000,
        ),
        Parameter(
            name="accumulate",
            default=1,
            meaning="parts in which a batch goes through forward and backward; less memory, the same result",
            minimum=1,
            maximum=65536,
        ),
        Parameter(
            name="recompute",
            default=False,
            meaning="activation checkpointing: keep each block's input alone and compute the rest again in backward",
        ),
        Parameter(
            name="compile",
            default=ByDevice(cpu=False, cuda=True),
            meaning="torch.compile forward and backward; the first step then takes half a minute",
        ),
        Parameter(
            name="vocab",
            default=0,
            meaning="entries of embedding and output layer; 0: 256 for tiny, GPT-2's padded 50,304 for the others",
            minimum=0,
            maximum=1_000_000,
        ),
        Parameter(
            name="learning_rate",
            default=0.0006,
            meaning="AdamW's learning rate, the same throughout",
            minimum=0.0,
            maximum=10.0,
        ),
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of the main arithmetic; tf32 needs CUDA, bfloat16 is over float32 weights",
            choices=("float32", "tf32", "bfloat16"),
        ),
        SHARD,
        *MACHINE,
    ),
)

TRAINING: Final = (DIGITS, GPT, TRAIN_RESNET)
