"""Every way in which a run can fail is one line and a remedy."""

from __future__ import annotations

import errno

import pytest
import torch

from workloads.catalog import complete, find_workload
from workloads.device import choose_device, use_precision
from workloads.failures import as_failure
from workloads.hook.processor_name import processor_name
from workloads.nocuda import NoCuda, explain_cuda
from workloads.wire.frames import Failure

TRAIN = find_workload("train/digits")

OUT_OF_MEMORY = (
    "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 139.81 GiB of which 3.25 GiB "
    "is free. Including non-PyTorch memory, this process has 136.00 GiB memory in use.\nSee the documentation"
)


def failure(error: BaseException) -> Failure:
    return as_failure(error, 1, TRAIN, complete(TRAIN, {}, "cuda"))


def test_cuda_out_of_memory_names_the_size_and_what_to_set_smaller() -> None:
    told = failure(torch.OutOfMemoryError(OUT_OF_MEMORY))
    assert told.kind == "cuda-out-of-memory"
    assert told.message == "the GPU is out of memory: 20.00 GiB were asked for, 3.25 GiB are free"
    assert "--set batch=128 (now 256)" in told.remedy


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (MemoryError(), "out-of-memory", "out of memory"),
        (
            RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8589934592 bytes."
            ),
            "out-of-memory",
            "8.0 GiB were asked for",
        ),
        (NoCuda("there is no NVIDIA driver on this machine"), "no-cuda", "no NVIDIA driver"),
        (
            RuntimeError("CUDA error: no kernel image is available for execution"),
            "no-cuda",
            "no kernels for this device",
        ),
        (ValueError("batch=0 is not allowed"), "bad-input", "batch=0 is not allowed"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full", "the disk is full"),
        (ModuleNotFoundError("No module named 'torch'"), "cannot-start", "torch"),
        (KeyError("pixels"), "crashed", "KeyError: 'pixels'"),
        (RuntimeError("first\nsecond"), "crashed", "RuntimeError: first"),
        (RuntimeError(), "crashed", "RuntimeError: no message"),
        (
            RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error. "),
            "killed",
            "a process that loads data (pid 7) is killed by signal: Bus error",
        ),
        (
            RuntimeError("DataLoader worker (pid(s) 7, 8) exited unexpectedly with exit code 1."),
            "killed",
            "a process that loads data (pid 7, 8) exited unexpectedly",
        ),
        (
            ValueError(
                "Caught ValueError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n"
                '  File "x.py", line 1, in f\nValueError: a.png cannot be read as an image: truncated\n'
            ),
            "bad-input",
            "a.png cannot be read as an image: truncated",
        ),
        (
            RuntimeError("InvalidCxxCompiler: No working C++ compiler found in cpp.cxx: (None,)"),
            "bad-input",
            "compile=true needs a C compiler",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value,
)
def test_an_exception_is_told_in_one_line(error: BaseException, kind: str, message: str) -> None:
    told = failure(error)
    assert told.kind == kind
    assert message in told.message
    assert "\n" not in told.message + told.remedy
    assert type(error).__name__ in told.detail


@pytest.mark.parametrize(
    ("torchs_words", "line"),
    [
        (
            "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
            "there is no NVIDIA driver",
        ),
        (
            "The NVIDIA driver on your system is too old (found version 11040). Please update",
            "it offers CUDA 11.4, this torch was built for CUDA 13.0",
        ),
        ("Torch not compiled with CUDA enabled", "built without CUDA"),
        ("No CUDA GPUs are available", "No CUDA GPUs are available"),
        ("", "does not say why"),
    ],
)
def test_why_there_is_no_cuda_is_one_line(torchs_words: str, line: str) -> None:
    told = explain_cuda(torchs_words, built_for="13.0")
    assert line in told
    assert "\n" not in told


def test_the_cpu_is_always_there_and_tf32_is_not() -> None:
    device, why = choose_device("cpu")
    assert (device.type, why) == ("cpu", "")
    assert processor_name()
    with pytest.raises(ValueError, match="--set precision=float32"):
        use_precision("tf32", device)
