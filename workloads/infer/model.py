"""infer/model: how fast, and how promptly, does this machine serve a model of the user's own?

A request is one call of the model with a whole batch. Requests come as `load` says: see `load`. The inputs lie on the
device from the start and are the same every time; an answer is there when the model has computed it, and is not brought
to the host. So this is the model's own time, without its data's.

On CUDA several calls may be queued; the host asks over and over whether the oldest is done. There are no labels,
hence no accuracy: that the first answer holds NaN or infinity is said, and nothing else is claimed about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import torch

from workloads.cuda_graph import recorded
from workloads.device import use_precision
from workloads.device_clock import RUN_AHEAD
from workloads.failures import wants_memory
from workloads.infer.exported import load_exported
from workloads.infer.huggingface import load_folder
from workloads.infer.load.serving import Serving
from workloads.infer.load.settings import settle_calls
from workloads.infer.load.trials import Other
from workloads.infer.loaded import Loaded
from workloads.infer.ticket import Submit, Tickets
from workloads.infer.work import work_of
from workloads.run import Run
from workloads.timing import steady

WARMUP: Final = {"cpu": 3, "cuda": 30}
"""Calls before measuring, unless the order says otherwise."""

Call = Callable[[], object]


def run(run: Run) -> None:
    """Load the model, call it once to see that it works, and serve for as long as was ordered."""
    use_precision("float32", run.device)
    if run.integer("graphs") and run.device.type != "cuda":
        raise ValueError(f"graphs=true needs CUDA, and the run is on {run.device}")
    loaded = _load(run)
    run.parameters.update(loaded.sizes)
    serving = Serving(run, settle_calls(run), units=loaded.items)
    with torch.inference_mode():
        _check_finite(_first(loaded.call, "the model"), run)
        run.started(work_of(loaded, run.log))
        submit = _submit(_prepared(loaded, run), run.device)

        def build(other: Other, _: ExitStack) -> Submit:
            assert other.graphs
            return _submit(recorded(loaded.call), run.device)

        with steady():
            run.phase("warmup")
            serving.warm_up(submit, run.warmup_steps(WARMUP[run.device.type]))
            run.phase("measure")
            serving.measure(submit, build)


def _submit(call: Call, device: torch.device) -> Submit:
    tickets = Tickets(device, depth=RUN_AHEAD)
    return lambda _: tickets.queue(call)


def _load(run: Run) -> Loaded:
    path = Path(run.text("path"))
    if not run.text("path") or not path.exists():
        raise ValueError(f"path={run.text('path')} is not there: a program of torch.export, or a Hugging Face folder")
    return load_folder(path, run) if path.is_dir() else load_exported(path, run)


def _prepared(loaded: Loaded, run: Run) -> Call:
    """The call that is measured: compiled and recorded as was asked for."""
    call: Call = loaded.call
    if run.integer("compile"):
        compiled = torch.compile(loaded.module)
        call = lambda: compiled(*loaded.args, **loaded.kwargs)  # noqa: E731 - a call, as the others
        _first(call, "torch.compile")
    return _first(lambda: recorded(call), "recording a CUDA graph") if run.integer("graphs") else call


def _first(call: Callable[[], Any], what: str) -> Any:
    """Do what may not work with a model that nobody knows. Raises ValueError, one line, but not for want of memory."""
    try:
        return call()
    except (RuntimeError, TypeError, ValueError, LookupError, AttributeError, AssertionError, ImportError) as error:
        if wants_memory(error):
            raise
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ValueError(f"{what} fails: {said}") from error


def _check_finite(answer: object, run: Run) -> None:
    """Warn if the first answer holds NaN or infinity. Waits for the device: nothing is measured yet."""
    numbers = (tensor for tensor in _tensors(answer) if tensor.dtype.is_floating_point and tensor.dtype.itemsize > 1)
    if not all(torch.isfinite(tensor).all() for tensor in numbers):  # torch cannot ask this of 8-bit numbers
        run.log("the model's first answer holds NaN or infinity: its speed may not be that of useful work", "warning")


def _tensors(answer: object) -> Iterator[torch.Tensor]:
    if isinstance(answer, torch.Tensor):
        yield answer
    elif isinstance(answer, Mapping):
        for item in answer.values():
            yield from _tensors(item)
    elif isinstance(answer, list | tuple):
        for item in answer:
            yield from _tensors(item)
