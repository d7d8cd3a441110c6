"""A profile: some of the run's own next steps under `torch.profiler`, in a phase of their own, kept as a trace.

One step first tells how large a trace of many would be (and pays for what a profiler does at its first start); then
come as many as were asked for, or as many as fit. Perfetto and chrome://tracing read the file.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace
from torch.profiler import DeviceType, ProfilerActivity
from torch.profiler import profile as torch_profiler

from workloads.run import Length, Run
from workloads.trying.bench import Make
from workloads.trying.trace import Seen, TraceEvent, look_into
from workloads.wire.commands import TakeProfile
from workloads.wire.frames import Profile

QUIET: Final = "99"
"""Of the profiler's own log, which says on stderr that it starts and stops: above all of its levels."""
MARGIN: Final = 1.3
"""A trace may come out so many times larger than one of a single step said."""


def take_profile(run: Run, make: Make, order: TakeProfile, most: int | None) -> int:
    """Profile `order.steps` steps, `most` at most → how many were made, the one before them included.

    Of several ranks the first takes it; the others make the same steps.
    """
    wanted = order.steps if most is None else min(order.steps, most - 1)
    if wanted < 1:
        _tell(run, Profile(at_ns=time.monotonic_ns(), steps=0, reason="there are too few steps left to profile"))
        return 0
    run.phase("profile", f"profile of {wanted} steps")
    if run.rank:
        make(Length(run, 1, None))
        make(Length(run, wanted, None))
        return 1 + wanted
    began = time.monotonic_ns()
    os.environ.setdefault("KINETO_LOG_LEVEL", QUIET)
    try:
        with tempfile.TemporaryDirectory(dir=run.folder, prefix="profile-") as folder:
            size, _ = _profiled(run, make, 1, Path(folder))
            fitting = wanted if run.ranks > 1 else min(wanted, max(1, int(order.largest_bytes / (size * MARGIN))))
            size, seen = _profiled(run, make, fitting, Path(folder))
            frame = Profile(
                at_ns=began,
                steps=fitting,
                size_bytes=size,
                window_ns=seen.window_ns,
                device_busy_ns=seen.device_busy_ns,
                operators=seen.operators,
                gaps=seen.gaps,
                reason=_reason(order, wanted, fitting),
            )
            _tell(run, _kept(run, frame, Path(folder) / _TRACE, order.largest_bytes))
            return 1 + fitting
    except (OSError, RuntimeError) as error:  # a full disk, or a profiler that somebody else holds
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        _tell(run, Profile(at_ns=began, steps=0, reason=f"no profile could be taken: {reason}"))
        return 0


_TRACE: Final = "trace.json.gz"


def _profiled(run: Run, make: Make, steps: int, folder: Path) -> tuple[int, Seen]:
    """Make so many steps under the profiler → the size of the trace in `folder`, and what it says."""
    activities = [ProfilerActivity.CPU]
    if run.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with torch_profiler(activities=activities) as profiler:
        make(Length(run, steps, None))
    plain = folder / "trace.json"
    profiler.export_chrome_trace(str(plain))
    with plain.open("rb") as raw, gzip.open(folder / _TRACE, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(raw, packed)
    plain.unlink()
    inner: Any = profiler.profiler
    seen = look_into(inner.kineto_results.events(), on_device)
    return (folder / _TRACE).stat().st_size, seen


def on_device(event: TraceEvent) -> bool | None:
    """Whether it was on the device; None for a note about a stretch of it, and for memory's books."""
    kineto: Any = event
    if _said(kineto, "is_user_annotation") or _said(kineto, "is_hidden_event") or kineto.name() == "[memory]":
        return None
    return bool(kineto.device_type() != DeviceType.CPU)


def _said(event: Any, what: str) -> bool:
    """Not every torch has the question."""
    asked: Callable[[], bool] = getattr(event, what, lambda: False)
    return asked()


def _reason(order: TakeProfile, wanted: int, steps: int) -> str:
    if steps == order.steps:
        return ""
    if steps == wanted:
        return f"{steps} of {order.steps} steps: no more were left"
    return f"{steps} of {order.steps} steps: the trace of more would be larger than {order.largest_bytes / 2**20:g} MiB"


def _kept(run: Run, frame: Profile, trace: Path, largest_bytes: int) -> Profile:
    """The frame with the trace's name in the session folder; without one where it came out too large after all."""
    if frame.size_bytes > largest_bytes:
        reason = f"the trace of {frame.steps} steps is {frame.size_bytes / 2**20:.0f} MiB, and was not kept"
        return replace(frame, reason=reason)
    name = next(
        name for number in count(1) if not (run.folder / (name := f"profile-{run.order.run}-{number}.json.gz")).exists()
    )
    trace.replace(run.folder / name)
    return replace(frame, file=name)


def _tell(run: Run, frame: Profile) -> None:
    run.recorder.frame(frame)
