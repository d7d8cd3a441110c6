"""The inference workloads as the catalogue knows them. Standard library and msgspec only."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, PRECISION, WorkloadEntry
from workloads.entries.gpt import INFER_GPT
from workloads.entries.load import BATCHING, LOAD
from workloads.entries.resnet import INFER_RESNET
from workloads.parameters import ByDevice, Parameter

DIGITS = WorkloadEntry(
    name="infer/digits",
    help="serve the held-out digits with the weights of train/digits, under any load",
    unit="request",
    unit_meaning="one request: one 8×8 image classified, from sending it to having its answer on the host",
    kind="inference",
    module="workloads.infer.digits",
    parameters=(
        Parameter(
            name="weights",
            default="",
            meaning="file of weights; left empty, those of the same session's train/digits",
            file=True,
        ),
        Parameter(
            name="concurrency",
            default=ByDevice(cpu=32, cuda=256),
            meaning="of a closed load: requests outstanding; each client sends its next one when it has its answer",
            minimum=1,
            maximum=100_000,
        ),
        Parameter(
            name="batch",
            default=ByDevice(cpu=16, cuda=64),
            meaning="requests that the server takes at once, at most",
            minimum=1,
            maximum=100_000,
            takes_memory=True,
        ),
        *LOAD,
        *BATCHING,
        PRECISION,
        *MACHINE,
    ),
    experiments=("double-batch", "bfloat16", "tf32", "cuda-graph"),
    knobs=("batch", "concurrency", "rate"),
    needs_weights=True,
)

MODEL = WorkloadEntry(
    name="infer/model",
    help="your own model, called under any load: a program of torch.export, or a Hugging Face folder",
    unit="sample",
    unit_meaning="one item of the batch that a request calls the model with; a model without a batch has one a call",
    kind="inference",
    module="workloads.infer.model",
    parameters=(
        Parameter(
            name="path",
            default="",
            meaning="what torch.export.save wrote (.pt2), or a folder that save_pretrained wrote (safetensors)",
            required=True,
            file=True,
        ),
        Parameter(
            name="inputs",
            default="",
            meaning="NumPy's .npz with an array for each input, by its name or in order; left empty, they are made up",
            file=True,
        ),
        Parameter(
            name="batch",
            default=0,
            meaning="items a request: the first dynamic dimension; 0 is what the program was exported with, or 8",
            minimum=0,
            maximum=1_000_000,
            takes_memory=True,
        ),
        Parameter(
            name="sequence",
            default=0,
            meaning="tokens an item: the second dynamic dimension; 0 is what the program was exported with, or 128",
            minimum=0,
            maximum=10_000_000,
            takes_memory=True,
        ),
        Parameter(
            name="concurrency",
            default=ByDevice(cpu=1, cuda=4),
            meaning="of a closed load: requests outstanding; each client sends its next one when it has its answer",
            minimum=1,
            maximum=100_000,
        ),
        Parameter(
            name="precision",
            default="model",
            meaning="of weights and inputs; model leaves it as it is, an exported program can only be left",
            choices=("model", "float32", "bfloat16", "float16"),
        ),
        Parameter(name="compile", default=False, meaning="whether torch.compile compiles the model first"),
        *LOAD,
        Parameter(name="graphs", default=False, meaning="whether a call is recorded as a CUDA graph, and replayed"),
        *MACHINE,
    ),
    experiments=("cuda-graph",),
    knobs=("concurrency", "rate"),
)
"""The user's own model."""

INFERENCE: Final = (DIGITS, INFER_GPT, INFER_RESNET, MODEL)
