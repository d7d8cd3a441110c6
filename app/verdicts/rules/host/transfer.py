"""transfer-bound: the GPU stands still while data comes to it over the link from the host."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.occupied import Occupied, gpu_busy
from app.verdicts.rules.readings import devices, on_gpu
from app.verdicts.rules.settings import setting
from app.verdicts.rules.telling import WORTH_A_WARNING, WORTH_TELLING, limit, lost, share_evidence, share_text, too_few
from app.verdicts.window import DeviceMeans, Window
from workloads.wire.frames import DeviceFacts, Evidence, Missing, Verdict

LANE_BYTES_PER_S: Final = {1: 0.25e9, 2: 0.5e9, 3: 0.985e9, 4: 1.969e9, 5: 3.938e9, 6: 7.563e9}
"""One lane, one way, after line coding (PCI-SIG: 8b/10b up to generation 2, 128b/130b to 5, flits in 6)."""

REACHED: Final = 0.89
"""Of that, what large copies from pinned memory reach: 56.2 GB/s of 63.0 on an H200 behind generation 5 × 16."""

FULL: Final = 0.7
"""Of what can be reached: the link itself is the limit, and no other way of copying would help."""

PAGEABLE: Final = 0.1
"""Of the bytes: from here on they are worth pinning. The driver copies pageable memory to a buffer of its own first,
and the host waits for that (CUDA C++ Best Practices Guide, 10.1.1 Pinned Memory)."""


def transfer_bound(window: Window) -> Verdict | Missing | None:
    """Copies from the host take a tenth of the time or more in which the GPU computes nothing."""
    started = window.started
    if not on_gpu(window) or (started is not None and started.moves_over == "host-link"):
        return None
    if missing := too_few(window, "transfer-bound"):
        return missing
    copied, busy = _copying(window), gpu_busy(window)
    if copied is None:
        return Missing("transfer-bound", "neither copied bytes nor the link's rate are measured")
    share, evidence = copied
    if busy is None:
        missing = Missing("transfer-bound", "whether the GPU computes meanwhile: it tells no activity")
        return missing if share >= WORTH_TELLING else None
    exposed = min(share, 1 - busy.share)
    return (
        _told(window, share, exposed, busy, evidence)
        if exposed >= limit(window, "transfer-bound", WORTH_TELLING)
        else None
    )


def exposed_copies(window: Window) -> float:
    """Part of the time that copies take while the GPU computes nothing, as far as that is known; else 0."""
    copied, busy = _copying(window), gpu_busy(window)
    return 0.0 if copied is None or busy is None else min(copied[0], 1 - busy.share)


def link_bytes_per_s(facts: DeviceFacts | None) -> float | None:
    """What a link can carry one way, of the generation and width that it was trained to. None: the device does not say.

    An idle link is slower to save power, so that its generation is that of the device, and its width the present one.
    """
    if facts is None or facts.pcie_generation is None:
        return None
    width = facts.pcie_width_now or facts.pcie_width
    lane = LANE_BYTES_PER_S.get(facts.pcie_generation)
    return None if lane is None or width is None else lane * width * REACHED


def _copying(window: Window) -> tuple[float, list[Evidence]] | None:
    """Part of the time in which copies run, and the numbers that say so. None: not measured."""
    steps, found = window.steps, []
    evidence: list[Evidence] = []
    fastest = max(devices(window), key=_received, default=None)
    limit = link_bytes_per_s(fastest.facts) if fastest is not None else None
    rate = _received(fastest) if fastest is not None else -1.0
    if rate < 0 and steps is not None and steps.h2d_bytes is not None and steps.wall_ns:
        rate = steps.h2d_bytes / (steps.wall_ns * 1e-9)
    if limit is not None and rate >= 0:
        found.append(min(1.0, rate / limit))
        evidence.append(
            Evidence(name="PCIe in", value=rate, unit="bytes/s", limit=FULL * limit, source="gpm" if limit else "")
        )
    if steps is not None and steps.h2d_ns is not None and steps.wall_ns:
        # The host waits in a copy from pageable memory; one from pinned memory it only begins.
        found.append(steps.h2d_ns / steps.wall_ns)
        evidence.append(share_evidence("host in copies to the GPU", steps.h2d_ns / steps.wall_ns, limit=WORTH_TELLING))
    return (max(found), evidence) if found else None


def _received(gpu: DeviceMeans) -> float:
    return gpu.means.get("pcie_receive_bytes_per_s", -1.0)


def _told(window: Window, share: float, exposed: float, busy: Occupied, evidence: list[Evidence]) -> Verdict:
    steps = window.steps
    pageable = None
    if steps is not None and steps.h2d_bytes and steps.pageable_bytes is not None:
        pageable = steps.pageable_bytes / steps.h2d_bytes
        evidence.append(share_evidence("of the bytes from pageable memory", pageable, limit=PAGEABLE))
    link = next((one for one in evidence if one.name == "PCIe in"), None)
    says = f"copies to the GPU take {share_text(share)} of the time, it is idle {share_text(1 - busy.share)}"
    if pageable is not None and pageable >= PAGEABLE:
        says += ", from memory that is not pinned"
        advice = setting(window, "pin", True, "DataLoader(…, pin_memory=True) and batch.to(device, non_blocking=True)")
    elif link is not None and link.limit is not None and link.value >= link.limit:
        says += f": the link is full at {link.value / 1e9:.1f} GB/s"
        advice = "send less: uint8 or bfloat16 in the place of float32 and convert on the GPU, or keep the data there"
    else:
        advice = (
            "copy the next batch on a stream of its own (torch.cuda.Stream, non_blocking=True from pinned memory) "
            "while this one computes; or send less: uint8 or bfloat16, converted on the GPU"
        )
    return lost(
        window,
        "transfer-bound",
        share=exposed,
        without="copies hidden behind arithmetic",
        says=says,
        evidence=(*evidence, busy.evidence),
        try_this=advice,
        confidence="high" if pageable is not None else "medium",
        experiment="pinned-copies",
        warns=WORTH_A_WARNING,
    )
