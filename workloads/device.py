"""Which device a run takes, and in which precision. The only place that asks whether CUDA works.

It never leaves torch's own defaults for float32 in place: they differ from one release to the next.
"""

from __future__ import annotations

import warnings
from typing import Final

import torch

from workloads.hook.processor_name import processor_name
from workloads.nocuda import NoCuda, explain_cuda

DTYPES: Final = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}
"""Precision, as a parameter says it → the type that its numbers are stored in."""


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """`auto`, `cpu`, `cuda` or `cuda:N` → the device, and why it is the CPU although `auto` was said (else "").

    Raises NoCuda when CUDA was asked for by name and cannot be used.
    """
    if wanted == "cpu":
        return torch.device("cpu"), ""
    index = int(wanted.partition(":")[2] or 0)
    try:
        _try_cuda(index)
    except NoCuda as reason:
        if wanted != "auto":
            raise
        return torch.device("cpu"), str(reason)
    return torch.device("cuda", index), ""


def name_of(device: torch.device) -> str:
    """What the device calls itself: `NVIDIA H200`, or the processor's model."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return processor_name()


def use_precision(precision: str, device: torch.device) -> torch.autocast:
    """Set float32's arithmetic for this process, and give the autocast to compute under.

    `float32` is honest float32, `tf32` lets the tensor cores round its inputs to 10 bits of mantissa,
    `bfloat16` is autocast. Raises ValueError for tf32 without CUDA.
    """
    if precision == "tf32" and device.type != "cuda":
        raise ValueError(f"precision=tf32 needs CUDA, and the run is on {device}: --set precision=float32")
    rounding = "tf32" if precision == "tf32" else "ieee"
    # Compiling and exporting ask by the old names, and torch fails where those and the new ones say different things.
    torch.set_float32_matmul_precision("high" if rounding == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = rounding == "tf32"
    torch.backends.cuda.matmul.fp32_precision = rounding
    torch.backends.cudnn.conv.fp32_precision = rounding  # type: ignore[attr-defined]
    torch.backends.cudnn.rnn.fp32_precision = rounding  # type: ignore[attr-defined]
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")


def image_layout(device: torch.device) -> torch.memory_format:
    """How images and the weights of convolutions lie in memory: tensor cores want channels side by side.

    On a CPU that is no faster to serve with, and slower to train with.
    """
    return torch.channels_last if device.type == "cuda" else torch.contiguous_format


def _try_cuda(index: int) -> None:
    """Run something on the device. Raises NoCuda with the reason."""
    if torch.version.cuda is None:
        raise NoCuda(f"this torch ({torch.__version__}) is built without CUDA")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            count = torch.cuda.device_count()
            torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError, UserWarning) as error:
        raise NoCuda(explain_cuda(str(error), built_for=torch.version.cuda)) from error
    if index >= count:
        raise NoCuda(f"there is no cuda:{index}: torch sees {count} CUDA device{'' if count == 1 else 's'}")
    try:
        torch.zeros(1, device=torch.device("cuda", index)).add_(1)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise NoCuda(explain_cuda(str(error), built_for=torch.version.cuda)) from error
