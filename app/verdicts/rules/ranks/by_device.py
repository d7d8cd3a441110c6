"""What the devices of several ranks tell of them, where nobody measures the wait for others. Pure.

A rank that waits in a collective keeps its GPU busy with the kernel that waits, but neither its arithmetic units nor
its memory: what they do is the rank's own work. Times of a script's host say nothing, for it runs ahead.
"""

from __future__ import annotations

from statistics import median
from typing import Final

from app.verdicts.rules.device.roof import BUSY
from app.verdicts.rules.readings import UNITS, activity, gauge_evidence, over, reading
from app.verdicts.rules.telling import lost, share_evidence, share_text
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Verdict
from workloads.wire.gauges import GAUGES

_WORK: Final = (*UNITS, "dram_percent")
LEAST_WORK: Final = 5.0
"""Per cent: below it the difference of two devices is within what their counters round."""
LINKS: Final = {
    "nvlink_receive_bytes_per_s": 20e9,
    "nvlink_send_bytes_per_s": 20e9,
    "pcie_receive_bytes_per_s": 8e9,
    "pcie_send_bytes_per_s": 8e9,
}
"""Gauge → what makes it busy: gradients of 100 MB two hundred times a second over NVLink, or eighty over PCIe. Training
that hides its exchange has a tenth of it: 124 million gradients in each step of 67 ms are 7 GB/s."""
OWN_WORK: Final = 40.0
"""Per cent of arithmetic or memory, of which the exchange has a part: its kernels read and add what they move."""
MOST: Final = 0.5
"""Of the time: more is not claimed of what is concluded and not measured."""


def straggling_device(window: Window, least: float) -> Verdict | None:
    """One rank's device works more than the others by this part of its time or more; None also where nobody knows."""
    if len(window.gpus) != len(window.ranks):
        return None
    name = max(_WORK, key=lambda gauge: over(window, gauge) or 0.0)
    works = [reading(device, name) for device in window.gpus]
    known = [work for work in works if work is not None]
    if len(known) < max(2, len(works)) or max(known) < LEAST_WORK:
        return None
    place = max(range(len(known)), key=lambda at: known[at])
    usual = median(work for at, work in enumerate(known) if at != place)
    share = 1 - usual / known[place]
    if share < least or activity(window).busy is None:
        return None
    rank, device = sorted(window.ranks, key=lambda each: each.rank)[place].rank, window.gpus[place].device
    label = GAUGES[name].label
    return lost(
        window,
        "straggler",
        share=share,
        without="no wait for it",
        says=f"{device} of rank {rank} has {known[place] / max(0.1, usual):.1f} times the work of the others "
        f"({label} {known[place]:.0f} against {usual:.0f} %), which wait for it",
        evidence=(
            Evidence(name=f"{label} of rank {rank}", value=known[place], unit="%", source="gpm"),
            Evidence(name=f"{label} of the others", value=usual, unit="%", source="gpm"),
            share_evidence("work that others lack", share, limit=least, source="gpm"),
        ),
        try_this=f"look whether rank {rank} has larger batches or longer sequences (a sampler by length evens them), "
        "and at its device: nvidia-smi -q -d PERFORMANCE,CLOCK,TEMPERATURE",
        confidence="medium",
        rank=rank,
    )


def exchanging_devices(window: Window) -> Verdict | None:
    """All devices are busy, with next to no arithmetic and memory traffic, and their links carry a lot."""
    seen = activity(window)
    links = {name: value for name in LINKS if (value := over(window, name)) is not None}
    if seen.busy is None or seen.busy < BUSY or seen.arithmetic is None or seen.dram is None or not links:
        return None
    work, link = max(seen.arithmetic, seen.dram), max(links, key=lambda name: links[name] / LINKS[name])
    if work >= OWN_WORK or links[link] < LINKS[link]:
        return None
    share = min(MOST, (seen.busy - work) / 100)
    return lost(
        window,
        "communication-bound",
        share=share,
        without="no exchange",
        says=f"the devices are busy {share_text(seen.busy / 100)} of the time with little work of their own, and "
        f"{GAUGES[link].label} carries {links[link] / 1e9:.0f} GB/s",
        evidence=(
            *gauge_evidence(window, link, LINKS[link]),
            *gauge_evidence(window, "graphics_active_percent", BUSY),
            *gauge_evidence(window, seen.unit, OWN_WORK),
            *gauge_evidence(window, "dram_percent", OWN_WORK),
        ),
        try_this="more work for each exchange: a larger batch a rank, or model.no_sync() for most backwards",
        confidence="low",
        experiment="double-batch",
    )
