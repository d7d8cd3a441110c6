"""The inference workloads as the catalogue knows them. Standard library and msgspec only."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, PRECISION, WorkloadEntry
from workloads.entries.resnet import INFER_RESNET
from workloads.parameters import ByDevice, Parameter

DIGITS = WorkloadEntry(
    name="infer/digits",
    help="serve the held-out digits with the weights of train/digits, in a closed loop",
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
            meaning="requests outstanding: each client sends its next one when it has its answer",
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
        PRECISION,
        *MACHINE,
    ),
    needs_weights=True,
)

GPT = WorkloadEntry(
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
        Parameter(
            name="size",
            default=ByDevice(cpu="tiny", cuda="small"),
            meaning="of seeded weights: 1 M, then GPT-2's own, 124 M, 355 M, 774 M, 1.56 B",
            choices=("tiny", "small", "medium", "large", "xl"),
        ),
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
            name="corpus",
            default="",
            file=True,
            meaning="folder of text files; left empty, the Python sources of the running standard library",
        ),
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
        Parameter(
            name="vocab",
            default=0,
            meaning="of seeded weights: entries of embedding and output layer; 0: 256 for tiny, 50,304 for the others",
            minimum=0,
            maximum=1_000_000,
        ),
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of weights and arithmetic; tf32 needs CUDA",
            choices=("float32", "tf32", "bfloat16"),
        ),
        *MACHINE,
    ),
)

MODEL = WorkloadEntry(
    name="infer/model",
    help="your own model, called again and again in a closed loop: a program of torch.export, or a Hugging Face folder",
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
            meaning="requests outstanding: each client sends its next one when it has its answer",
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
        Parameter(name="graphs", default=False, meaning="whether a call is recorded as a CUDA graph, and replayed"),
        *MACHINE,
    ),
)
"""The user's own model."""

INFERENCE: Final = (DIGITS, GPT, INFER_RESNET, MODEL)
