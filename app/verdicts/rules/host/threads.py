"""too-many-threads: more threads compute than there are processors, and wait for each other."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from app.text.numbers import counted
from app.verdicts.rules.occupied import OTHERS, crowded, others, processors, torch_threads
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.settings import setting
from app.verdicts.rules.telling import verdict
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

TOO_MANY: Final = 1.5
"""Threads of torch for one processor. torch takes one for each core by itself; an OpenMP region ends when its last
thread does, so that one thread more than there are processors can already double its time."""

BUSY: Final = 0.7
"""Of the processors, by the run itself: threads that sleep harm nobody. Where others crowd it, it gets no more."""

MANY_A_PROCESSOR: Final = 4
MANY: Final = 16
"""Threads of all its processes, for each processor and besides: where torch's own are not known. OpenMP of torch, of
numpy and of OpenCV each make as many as there are processors, and a CUDA process has some ten more."""

PRESSURE: Final = 40.0
"""Per cent of the last 10 s in which some task waited for a processor; with more threads than processors some always
does."""


def too_many_threads(window: Window) -> Verdict | Missing | None:
    """More threads of torch than there are processors; or all threads together are far more."""
    allowed, own = window.logical_processors, processors(window)
    if not allowed:
        return Missing("too-many-threads", "how many processors the workload may use is not known")
    if own is None:
        return Missing("too-many-threads", "CPU of the workload's own processes is not measured")
    if own < BUSY * allowed and not crowded(window):
        return None
    load = Evidence(name="processors of the run", value=own, limit=BUSY * allowed, source="proc")
    return _of_torch(window, allowed, load) or _of_all(window, allowed, load)


def _of_torch(window: Window, allowed: int, load: Evidence) -> Verdict | None:
    ranks, torch = max(1, len(window.ranks)), torch_threads(window)
    if torch is None or on_gpu(window) or torch * ranks < TOO_MANY * allowed:
        return None
    # Ranks may be on several hosts: that they wait for each other here has to be seen.
    if torch < TOO_MANY * allowed and window.host.means.get("cpu_pressure_percent", 0.0) < PRESSURE:
        return None
    count = Evidence(name="torch threads", value=torch * ranks, limit=TOO_MANY * allowed, source="torch")
    told = _told(window, f"torch computes with {torch * ranks}", allowed, (count, load), sure=True)
    if torch > 1:
        return told
    return replace(told, next=f"fewer processes at once, {allowed} at most: each computes with one thread already")


def _of_all(window: Window, allowed: int, load: Evidence) -> Verdict | None:
    count, pressure = window.worker.means.get("threads"), window.host.means.get("cpu_pressure_percent")
    limit = MANY_A_PROCESSOR * allowed + MANY
    if count is None or count < limit or pressure is None or pressure < PRESSURE:
        return None
    if (others(window) or 0.0) >= OTHERS * allowed:
        return None
    evidence = (
        Evidence(name="threads", value=count, limit=limit, source="proc"),
        Evidence(name="CPU pressure", value=pressure, unit="%", limit=PRESSURE, source="proc"),
        load,
    )
    return _told(window, f"the run has {count:.0f}", allowed, evidence, sure=False)


def _told(window: Window, says: str, allowed: int, evidence: tuple[Evidence, ...], *, sure: bool) -> Verdict:
    fitting = max(1, min(allowed, window.physical_cores or allowed) // max(1, len(window.ranks)))
    return verdict(
        window,
        "too-many-threads",
        severity="warning",
        says=f"{says} threads on {counted(allowed, 'processor')}",
        evidence=evidence,
        try_this=setting(
            window, "threads", fitting, f"torch.set_num_threads({fitting}), or OMP_NUM_THREADS={fitting} before it"
        )
        + ("" if sure else "; and one thread in each loader worker: cv2.setNumThreads(0), MKL_NUM_THREADS=1"),
        confidence="high" if sure else "medium",
    )
