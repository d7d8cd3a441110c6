"""A `torch.profiler` trace of some steps of the script, and what it says in short."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

LONGEST_NS = 20_000_000_000
"""A trace of long steps is cut short behind the step that reaches it."""
OPERATORS, GAPS = 15, 10
QUIET = "99"
"""Of the profiler's own log: above all of its levels."""
OVERHEAD = ("Command Buffer Full", "Activity Buffer Request", "Buffer Flush", "Instrumentation")
"""Kineto's names for what CUPTI calls overhead: no operators, though kernels are counted to them by a number alike."""
LONGEST_NAME = 1_000
"""Characters of the name of an operator: those of kernels that templates made may be far longer."""


class Profiling:
    """One trace: begins at the end of a step, ends `steps` later."""

    def __init__(self, here: Listening, order: dict[str, Any]) -> None:
        self._here = here
        self._steps = max(1, int(order.get("steps") or 10))
        self._largest = int(order.get("largest_bytes") or 64 << 20)
        self._folder = str(order["folder"])
        self._profile: Any = None
        self._began_ns = 0
        self._done = 0
        self._phase = ""

    def cannot(self, reason: str) -> None:
        """Say why there is none."""
        if self._phase:
            self._here.loop.resume(self._phase)
        self._tell(reason=reason)

    def step(self, now: int) -> bool:
        """A step ended → whether the profile is over."""
        loop, torch = self._here.loop, self._here.torch
        if self._profile is None:
            activities = [torch.profiler.ProfilerActivity.CPU]
            if torch.version.cuda is not None and torch.cuda.is_initialized():
                activities.append(torch.profiler.ProfilerActivity.CUDA)
            with _quiet():
                self._profile = _made(torch.profiler.profile, activities)
                self._profile.start()
            self._phase = loop.phase
            self._began_ns = loop.resume("profile", mark="profile")
            return False
        self._done += 1
        if self._done < self._steps and now - self._began_ns < LONGEST_NS:
            return False
        self._profile.stop()
        told = self._told(now)
        loop.resume(self._phase)
        self._tell(**told)
        return True

    def _told(self, now: int) -> dict[str, Any]:
        name = f"profile-{os.getpid()}-{self._began_ns // 1_000_000}.json.gz"
        path = os.path.join(self._folder, name)  # noqa: PTH118
        self._profile.export_chrome_trace(path)
        size = os.path.getsize(path)  # noqa: PTH202
        reason = "" if self._done == self._steps else f"cut short behind {self._done} steps, which took long enough"
        if size > self._largest:
            os.remove(path)  # noqa: PTH107
            reason = f"the trace of {self._done} steps has {size} bytes, more than {self._largest}: ask for fewer steps"
            name, size = "", 0
        busy, gaps = _busy(self._profile.events())
        return {
            "file": name,
            "size_bytes": size,
            "window_ns": now - self._began_ns,
            "device_busy_ns": busy,
            "operators": _operators(self._profile.key_averages()),
            "gaps": gaps,
            "reason": reason,
        }

    def _tell(self, **more: Any) -> None:
        at_ns = self._began_ns or time.monotonic_ns()
        self._here.loop.tell({"kind": "profile", "at_ns": at_ns, "steps": self._done, **more})


def _made(profile: Any, activities: list[Any]) -> Any:
    """Without the warning that of several cycles the last alone is kept; there is one. Old versions say nothing."""
    try:
        return profile(activities=activities, acc_events=True)
    except TypeError:
        return profile(activities=activities)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Kineto says on stderr that it starts and stops, unless this is in the environment as it is first started.

    Where the script has started it before, it has done so with the script's profiles and does it with this one.
    """
    name = "KINETO_LOG_LEVEL"
    own = name in os.environ
    os.environ.setdefault(name, QUIET)
    try:
        yield
    finally:
        if not own:
            os.environ.pop(name, None)


def _operators(averages: Any) -> list[list[Any]]:
    """Those with the most own time, on the device where any has some."""
    rows = []
    for each in averages:
        if each.key in OVERHEAD:
            continue
        device = getattr(each, "self_device_time_total", 0) or getattr(each, "self_cuda_time_total", 0)
        host_ns, device_ns = max(0, int(each.self_cpu_time_total * 1e3)), max(0, int(device * 1e3))
        rows.append([str(each.key)[:LONGEST_NAME], int(each.count), host_ns, device_ns or None])
    rows.sort(key=lambda row: (row[3] or 0, row[2]), reverse=True)
    return rows[:OPERATORS]


def _busy(events: Any) -> tuple[int | None, list[list[int]]]:
    """Time with anything on the device, and its longest gaps as [nanoseconds from the first event, length]."""
    on_device = sorted(
        (each.time_range.start, each.time_range.end) for each in events if "CUDA" in str(each.device_type)
    )
    if not on_device:
        return None, []
    first = min(each.time_range.start for each in events)
    busy, until, gaps = 0.0, on_device[0][0], []
    for start, end in on_device:
        if start > until:
            gaps.append([int((until - first) * 1e3), int((start - until) * 1e3)])
        busy += max(0.0, end - max(start, until))
        until = max(until, end)
    gaps.sort(key=lambda gap: -gap[1])
    return int(busy * 1e3), gaps[:GAPS]
