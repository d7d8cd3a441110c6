"""cpu-contention: others take processors that the run would use."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.occupied import OTHERS, all_processors, crowded, gpu_busy, others, processors, torch_threads
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.telling import LARGEST_SHARE, WORTH_TELLING, limit, lost, share_evidence, too_few
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

STEAL: Final = 0.1
"""Of all processors' time, taken by the hypervisor. Brendan Gregg's USE method counts any steal as saturation of the
machine below; a tenth of the speed is what is worth telling."""

PRESSURE: Final = 20.0
"""Per cent of the last 10 s in which some task waited for a processor (`some avg10` of /proc/pressure/cpu). Without
it nobody waits, however full the processors are: a run that uses one of two loses nothing to who uses the other."""


def cpu_contention(window: Window) -> Verdict | Missing | None:
    """The hypervisor or other processes take a part of the processors that the run would use."""
    steal = window.host.means.get("cpu_steal_percent", 0.0) / 100
    if steal >= STEAL:
        return lost(
            window,
            "cpu-contention",
            share=steal,
            without="no steal",
            says=f"the hypervisor gives {100 * steal:.0f} % of the processors' time to other machines",
            evidence=(share_evidence("CPU steal", steal, limit=STEAL, source="proc"),),
            try_this="a machine with processors of its own (dedicated, not burstable), or another time",
        )
    elsewhere, own, every = others(window), processors(window), all_processors(window)
    if elsewhere is None or own is None or not every:
        return Missing("cpu-contention", "the load of the host or of the workload's own processes is not measured")
    if not crowded(window):
        return too_few(window, "cpu-contention")
    pressure = window.host.means.get("cpu_pressure_percent")
    if pressure is None:
        why = window.host.absent.get("cpu_pressure_percent", "no reading")
        return Missing("cpu-contention", f"whether a task waits for a processor is not measured: {why}")
    return (
        _taken(window, own, elsewhere, every, pressure)
        if pressure >= limit(window, "cpu-contention", PRESSURE)
        else None
    )


def _taken(window: Window, own: float, elsewhere: float, every: int, pressure: float) -> Verdict | None:
    """What the run would get if the others were not there: at most their part too."""
    wanted = elsewhere + own
    threads = torch_threads(window)
    if threads is not None and own <= 1.05 * threads:
        # It may have no use for more: a run of one thread that has a processor loses nothing.
        wanted = min(wanted, threads)
    share = 1 - own / wanted if wanted > 0 else 0.0
    if on_gpu(window):
        busy = gpu_busy(window)
        share = min(elsewhere / (elsewhere + own), 1 - busy.share) if busy is not None else share
    waited = window.worker.means.get("cpu_wait_percent")
    if waited is not None:
        # Whoever sleeps, or waits for data, uses little of a processor and would use no more of an empty machine.
        share = min(share, waited / 100)
    if share < WORTH_TELLING:
        return None
    return lost(
        window,
        "cpu-contention",
        share=min(share, LARGEST_SHARE),
        without="all processors for the run",
        says=f"others keep {elsewhere:.1f} of {every} processors busy, the run gets {own:.1f}",
        evidence=(
            Evidence(name="processors taken by others", value=elsewhere, limit=OTHERS * every, source="psutil"),
            Evidence(name="processors of the run", value=own, source="proc"),
            Evidence(name="CPU pressure", value=pressure, unit="%", limit=PRESSURE, source="proc"),
            *([] if waited is None else [Evidence(name="run waits for one", value=waited, unit="%", source="proc")]),
        ),
        try_this="stop what else runs here (`top` names it), or keep processors for the run: taskset, a cpuset",
    )
