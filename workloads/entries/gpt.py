"""The text workloads as the catalogue knows them: the same nets and the same text to train with and to tell."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from workloads.entries.entry import MACHINE, PRECISION, SHARD, WorkloadEntry
from workloads.entries.load import BATCHING, LOAD
from workloads.parameters import ByDevice, Parameter

_SIZE: Final = Parameter(
    name="size",
    default=ByDevice(cpu="tiny", cuda="small"),
    meaning="1 M, then GPT-2's own: 124 M, 355 M, 774 M, 1.56 B weights",
    choices=("tiny", "small", "medium", "large", "xl"),
)
_CORPUS: Final = Parameter(
    name="corpus",
    default="",
    file=True,
    meaning="folder of text files; left empty, the Python sources of the running standard library",
)
_VOCAB: Final = Parameter(
    name="vocab",
    default=0,
    meaning="entries of embedding and output layer; 0: 256 for tiny, GPT-2's padded 50,304 for the others",
    minimum=0,
    maximum=1_000_000,
)

TRAIN_GPT: Final = WorkloadEntry(
    name="train/gpt",
    help="train a byte-level GPT-2 on real text: tokens/s, MFU and HFU, bits per byte on held-out files",
    unit="sample",
    unit_meaning="one window of `context` tokens through forward, backward and its share of the optimizer's step",
    kind="training",
    module="workloads.train.gpt",
    parameters=(
        _SIZE,
        _CORPUS,
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
        _VOCAB,
        Parameter(
            name="learning_rate",
            default=0.0006,
            meaning="AdamW's learning rate, the same throughout",
            minimum=0.0,
            maximum=10.0,
        ),
        replace(PRECISION, meaning="of the main arithmetic; tf32 needs CUDA, bfloat16 is over float32 weights"),
        SHARD,
        *MACHINE,
    ),
    experiments=("resident-batch", "double-batch", "bfloat16", "tf32", "cuda-graph"),
    knobs=("batch", "precision"),
)

INFER_GPT: Final = WorkloadEntry(
    name="infer/gpt",
    help="tell text with a GPT, a prompt at once and then token after token: TTFT, TPOT, ITL, DRAM bandwidth",
    unit="request",
    unit_meaning="one request: a prompt read and `new` tokens told",
    kind="inference",
    module="workloads.infer.gpt",
    parameters=(
        Parameter(
            name="weights",
            default="",
            file=True,
            meaning="file of weights; left empty, those of the same session's train/gpt, else seeded ones",
        ),
        replace(_SIZE, meaning="of seeded weights: 1 M, then GPT-2's own, 124 M, 355 M, 774 M, 1.56 B"),
        Parameter(
            name="batch",
            default=ByDevice(cpu=4, cuda=1),
            meaning="requests that are read and told together",
            minimum=1,
            maximum=65536,
            takes_memory=True,
        ),
        Parameter(
            name="prompt",
            default=ByDevice(cpu=64, cuda=512),
            meaning="tokens of a prompt",
            minimum=1,
            maximum=131072,
            takes_memory=True,
        ),
        Parameter(
            name="new",
            default=ByDevice(cpu=64, cuda=256),
            meaning="tokens that a request is answered with",
            minimum=1,
            maximum=131072,
        ),
        Parameter(
            name="concurrency",
            default=0,
            meaning="of a closed load: requests outstanding; each client sends its next one when it has its answer; 0: "
            "a batch",
            minimum=0,
            maximum=1_000_000,
        ),
        *LOAD,
        *BATCHING,
        _CORPUS,
        Parameter(
            name="graphs",
            default=True,
            meaning="on CUDA: reading and telling are one CUDA graph each",
        ),
        Parameter(
            name="compile",
            default=ByDevice(cpu=False, cuda=True),
            meaning="torch.compile the block of a decode step",
        ),
        Parameter(
            name="fused",
            default=True,
            meaning="on CUDA, one request at a time in bfloat16: a decode step in Triton kernels that fetch ahead",
        ),
        replace(
            _VOCAB,
            meaning="of seeded weights: entries of embedding and output layer; 0: 256 for tiny, 50,304 for the others",
        ),
        replace(PRECISION, meaning="of weights and arithmetic; tf32 needs CUDA"),
        *MACHINE,
    ),
    experiments=("double-batch", "bfloat16", "tf32", "cuda-graph"),
    knobs=("batch", "concurrency", "rate"),
)
