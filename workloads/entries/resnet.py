"""The image workloads as the catalogue knows them: the same nets and the same images to train and to serve."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, PRECISION, SHARD, WorkloadEntry
from workloads.entries.load import BATCHING, LOAD
from workloads.parameters import ByDevice, Parameter

_MODEL: Final = Parameter(
    name="model",
    default=ByDevice(cpu="resnet18", cuda="resnet50"),
    meaning="which net (ResNet-50 is v1.5: stride in the 3×3)",
    choices=("resnet18", "resnet50"),
)
_IMAGE: Final = Parameter(
    name="image",
    default=ByDevice(cpu=64, cuda=224),
    meaning="height and width of the images, pixels",
    minimum=32,
    maximum=1024,
    takes_memory=True,
)
_INPUT: Final = (
    Parameter(
        name="input",
        default="resident",
        meaning="resident: random images made once, on the device; synthetic: random images made on the host and "
        "copied; or a folder with a subfolder of images for each class",
        choices=("resident", "synthetic"),
        file=True,
    ),
    Parameter(
        name="workers",
        default=ByDevice(cpu=1, cuda=8),
        meaning="processes that make batches of synthetic or decoded images; 0: the run does it itself",
        minimum=0,
        maximum=256,
    ),
    Parameter(name="prefetch", default=2, meaning="batches that each of them may be ahead", minimum=1, maximum=64),
    Parameter(
        name="pin",
        default=ByDevice(cpu=False, cuda=True),
        meaning="put batches into pinned memory, so that their copy to the GPU can be queued",
    ),
)

TRAIN_RESNET: Final = WorkloadEntry(
    name="train/resnet",
    help="train a ResNet on random images, or on those in a folder",
    unit="sample",
    unit_meaning="one image through forward, backward and its share of the optimizer's step",
    kind="training",
    module="workloads.train.resnet",
    parameters=(
        Parameter(
            name="steps",
            default=ByDevice(cpu=100, cuda=300),
            meaning="steps to measure; --steps and --duration come before it",
            minimum=1,
            maximum=100_000_000,
        ),
        _MODEL,
        Parameter(
            name="batch",
            default=ByDevice(cpu=8, cuda=256),
            meaning="images a step",
            minimum=2,
            maximum=65_536,
            takes_memory=True,
        ),
        _IMAGE,
        *_INPUT,
        Parameter(
            name="learning_rate",
            default=ByDevice(cpu=0.01, cuda=0.1),
            meaning="of SGD, the same throughout",
            minimum=0.0,
            maximum=10.0,
        ),
        Parameter(name="momentum", default=0.9, meaning="of SGD", minimum=0.0, maximum=1.0),
        Parameter(name="weight_decay", default=0.0001, meaning="of SGD, on all weights", minimum=0.0, maximum=1.0),
        PRECISION,
        Parameter(
            name="compile",
            default=ByDevice(cpu=False, cuda=True),
            meaning="torch.compile of forward and backward; takes up to a minute before the first step",
        ),
        SHARD,
        *MACHINE,
    ),
    experiments=("resident-batch", "pinned-copies", "double-batch", "bfloat16", "tf32", "cuda-graph"),
    knobs=("batch", "precision", "workers"),
)

INFER_RESNET: Final = WorkloadEntry(
    name="infer/resnet",
    help="serve a ResNet under any load, with the weights of train/resnet or with random ones",
    unit="request",
    unit_meaning="one request: one image classified, from sending it to having its answer on the host",
    kind="inference",
    module="workloads.infer.resnet",
    parameters=(
        Parameter(
            name="weights",
            default="",
            meaning="file of weights; left empty, those of the same session's train/resnet, and else random ones",
            file=True,
        ),
        _MODEL,
        Parameter(
            name="batch",
            default=1,
            meaning="requests that the server takes at once, at most",
            minimum=1,
            maximum=65_536,
            takes_memory=True,
        ),
        Parameter(
            name="concurrency",
            default=0,
            meaning="of a closed load: requests outstanding; each client sends its next one when it has its answer; 0: "
            "one at batch 1 (latency), else two batches (throughput)",
            minimum=0,
            maximum=1_000_000,
        ),
        *LOAD,
        *BATCHING,
        _IMAGE,
        *_INPUT,
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of weights and arithmetic; tf32 needs CUDA",
            choices=("float32", "tf32", "bfloat16"),
        ),
        Parameter(
            name="fold",
            default=True,
            meaning="fold batch norm into the convolution before it, which changes nothing but rounding",
        ),
        Parameter(
            name="compile",
            default=ByDevice(cpu=False, cuda=True),
            meaning="torch.compile of the net; takes up to a minute before the first request",
        ),
        Parameter(
            name="graphs",
            default=ByDevice(cpu=False, cuda=True),
            meaning="record the net as a CUDA graph and replay it: one launch a batch; needs CUDA",
        ),
        *MACHINE,
    ),
    experiments=("resident-batch", "pinned-copies", "double-batch", "bfloat16", "tf32", "cuda-graph"),
    knobs=("batch", "concurrency", "rate"),
)
