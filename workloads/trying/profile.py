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
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace
from torch.profiler import DeviceType, ProfilerActivity
from torch.profiler import profile as torch_profiler

from workloads.hook.profiling import OVERHEAD
from workloads.run import Length, Run
from workloads.trying.bench import Make
from workloads.trying.trace import Seen, TraceEvent, look_into
from workloads.wire.commands import TakeProfile
from workloads.wire.frames import Profile

QUIET: Final = "99"
"""Of the profiler's own log, which says on stderr that it starts and stops: above all of its levels."""
MARGIN: Final = 1.3
"""A trace may come out so many times larger than one of a single step said."""


class NoProfile(Exception):
    """In one line: why there is none. The run itself goes on."""


def take_profile(run: Run, make: Make, order: TakeProfile, most: int | None) -> int:
    """Profile `order.steps` steps, `most` at most → how many were made, the one before them included.

    Of several ranks the first takes it; the others make the same steps.
    """
    wanted = order.steps if most is None else min(order.steps, most - 1)
    if wanted < 1:
        _tell(run, Profile(at_ns=time.monotonic_ns(), steps=0, reason="there are too few steps left to profile"))
        return 0
    run.phase("profile", f"profile of {wanted} steps")
    taking = _Taking(run, make, order, wanted)
    if run.rank == 0:
        taking.take()
    taking.make_rest()
    return taking.made


_TRACE: Final = "trace.json.gz"


class _Taking:
    """One profile on its way: a step alone, and then the others."""

    def __init__(self, run: Run, make: Make, order: TakeProfile, wanted: int) -> None:
        self._run, self._make, self._order, self._wanted = run, make, order, wanted
        self._left = deque((1, wanted))
        self.made = 0

    def take(self) -> None:
        """Profile both and tell of it; or tell why not."""
        run, order, began = self._run, self._order, time.monotonic_ns()
        os.environ.setdefault("KINETO_LOG_LEVEL", QUIET)
        try:
            with _explained(), tempfile.TemporaryDirectory(dir=run.folder, prefix="profile-") as name:
                size, _ = self._profiled(Path(name))
                if run.ranks == 1:
                    self._left[0] = min(self._wanted, max(1, int(order.largest_bytes / (size * MARGIN))))
                steps = self._left[0]
                size, seen = self._profiled(Path(name))
                frame = Profile(
                    at_ns=began,
                    steps=steps,
                    size_bytes=size,
                    window_ns=seen.window_ns,
                    device_busy_ns=seen.device_busy_ns,
                    operators=seen.operators,
                    gaps=seen.gaps,
                    reason=_reason(order, self._wanted, steps) or self._blind(seen),
                )
                _tell(run, _kept(run, frame, Path(name) / _TRACE, order.largest_bytes))
        except NoProfile as error:
            _tell(run, Profile(at_ns=began, steps=0, reason=f"no profile could be taken: {error}"))

    def make_rest(self) -> None:
        """What several ranks have agreed to make, where it was not profiled."""
        while self._left and self._run.ranks > 1:
            self._make_next()

    def _blind(self, seen: Seen) -> str:
        if self._run.device.type == "cpu" or seen.device_busy_ns is not None:
            return ""
        return "the profiler saw nothing of the device: CUPTI may be missing, or another profiler holds it"

    def _make_next(self) -> None:
        steps = self._left.popleft()
        self._make(Length(self._run, steps, None))
        self.made += steps

    def _profiled(self, folder: Path) -> tuple[int, Seen]:
        """Make the next steps under the profiler → the size of the trace in `folder`, and what it says."""
        activities = [ProfilerActivity.CPU]
        if self._run.device.type == "cuda":
            activities.append(ProfilerActivity.CUDA)
        # Events of other cycles are kept, of which there are none: else torch warns that they are not.
        with torch_profiler(activities=activities, acc_events=True) as profiler:
            try:
                self._make_next()
            except (OSError, RuntimeError) as error:
                raise _RunFailed(error) from error
        plain = folder / "trace.json"
        profiler.export_chrome_trace(str(plain))
        with plain.open("rb") as raw, gzip.open(folder / _TRACE, "wb", compresslevel=6) as packed:
            shutil.copyfileobj(raw, packed)
        plain.unlink()
        inner: Any = profiler.profiler
        seen = look_into(inner.kineto_results.events(), on_device)
        return (folder / _TRACE).stat().st_size, seen


class _RunFailed(Exception):
    """The run itself has raised something; the profiler has not."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _explained() -> Iterator[None]:
    """A full disk, or a profiler that somebody else holds, is NoProfile; what the run raises is raised."""
    try:
        yield
    except _RunFailed as failed:
        raise failed.error from None
    except (OSError, RuntimeError) as error:
        raise NoProfile(next(iter(str(error).splitlines()), type(error).__name__)) from error


def on_device(event: TraceEvent) -> bool | None:
    """Whether it was on the device; None for a note about a stretch of it, for memory's books, and for overhead.

    Overhead, as CUPTI calls it, lies within the call that it delays, such as a launch into a full queue. Its number is
    of another kind than an operator's: kernels of the operator that has the same would count to it.
    """
    kineto: Any = event
    if _said(kineto, "is_user_annotation") or _said(kineto, "is_hidden_event") or kineto.name() == "[memory]":
        return None
    if _said(kineto, "activity_type") == "overhead" or kineto.name() in OVERHEAD:
        return None
    return bool(kineto.device_type() != DeviceType.CPU)


def _said(event: Any, what: str) -> object:
    """Not every torch has the question."""
    asked: Callable[[], object] = getattr(event, what, lambda: False)
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
