"""infer/model: how fast, and how promptly, does this machine serve a model of the user's own?

A request is one call of the model with a whole batch. The loop is closed: `concurrency` clients have one request
out each, and send the next one the moment they have their answer. The inputs lie on the device from the start and
are the same every time; an answer is there when the model has computed it, and is not brought to the host. So this
is the model's own time, without its data's.

On CUDA several calls may be queued; the host asks over and over whether the oldest is done. There are no labels,
hence no accuracy: that the first answer holds NaN or infinity is said, and nothing else is claimed about it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch

from workloads.device import use_precision
from workloads.device_clock import RUN_AHEAD, DeviceEvent, elapsed_ns, timing_event
from workloads.infer.exported import load_exported
from workloads.infer.huggingface import load_folder
from workloads.infer.loaded import Loaded
from workloads.infer.work import work_of
from workloads.rows import RequestRow
from workloads.run import Length, Run
from workloads.timing import steady

DURATION_S: Final = 15.0
WARMUP: Final = {"cpu": 3, "cuda": 30}
"""Calls before measuring, unless the order says otherwise."""
ANSWERED: Final = 0

Call = Callable[[], object]


def run(run: Run) -> None:
    """Load the model, call it once to see that it works, and serve for as long as was ordered."""
    use_precision("float32", run.device)
    if run.integer("graphs") and run.device.type != "cuda":
        raise ValueError(f"graphs=true needs CUDA, and the run is on {run.device}")
    loaded = _load(run)
    run.parameters.update(loaded.sizes)
    with torch.inference_mode():
        _check_finite(_first(loaded.call, "the model"), run)
        run.started(work_of(loaded, run.log))
        loop = _ClosedLoop(run, _prepared(loaded, run), loaded.items)
        with steady():
            run.phase("warmup")
            loop.serve(Length(run, run.warmup_steps(WARMUP[run.device.type]), None))
            run.phase("measure")
            loop.serve(run.length(duration_s=DURATION_S))


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
    return _first(lambda: _recorded(call), "recording a CUDA graph") if run.integer("graphs") else call


def _recorded(call: Call) -> Call:
    """The call as a CUDA graph, which keeps its answer's memory; three calls before settle what is allocated once."""
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        answer = call()

    def replay() -> object:
        graph.replay()
        return answer

    return replay


def _first(call: Callable[[], Any], what: str) -> Any:
    """Do what may not work with a model that nobody knows. Raises ValueError, one line, but not for want of memory."""
    try:
        return call()
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, TypeError, ValueError, LookupError, AttributeError, AssertionError, ImportError) as error:
        if "can't allocate memory" in str(error):
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


class _UnderWay(NamedTuple):
    """A request that waits for its answer; on the CPU it has it at once."""

    sent_ns: int
    began: DeviceEvent | None = None
    ended: DeviceEvent | None = None


class _ClosedLoop:
    """Clients that wait for their answers, and the model."""

    def __init__(self, run: Run, call: Call, items: int) -> None:
        self._call, self._items, self._clients = call, items, run.integer("concurrency")
        self._record = run.recorder.row
        cuda = run.device.type == "cuda"
        self._events = [(timing_event(), timing_event()) for _ in range(RUN_AHEAD)] if cuda else []

    def serve(self, length: Length) -> None:
        """Every client sends at once; serve them until the length is over. Those that still wait are not recorded."""
        waiting = deque([time.monotonic_ns()] * self._clients)
        under_way: deque[_UnderWay] = deque()
        length.begin()
        while not length.over() or under_way:
            if waiting and len(under_way) < RUN_AHEAD and not length.over():
                under_way.append(self._submit(waiting.popleft(), length.done))
                length.done += 1
            ended = under_way[0].ended if under_way else None
            if under_way and (ended is None or ended.query()):
                waiting.append(self._answer(*under_way.popleft()))

    def _submit(self, sent_ns: int, number: int) -> _UnderWay:
        if not self._events:
            self._call()
            return _UnderWay(sent_ns)
        began, ended = self._events[number % RUN_AHEAD]
        began.record()
        self._call()
        ended.record()
        return _UnderWay(sent_ns, began, ended)

    def _answer(self, sent_ns: int, began: DeviceEvent | None, ended: DeviceEvent | None) -> int:
        """Record a request; its client sends the next one at this instant."""
        now = time.monotonic_ns()
        device = None if began is None or ended is None else elapsed_ns(began, ended)
        self._record(RequestRow(sent_ns, sent_ns, now, now, self._items, ANSWERED, device))
        return now
