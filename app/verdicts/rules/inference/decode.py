"""decode-bandwidth-bound: between two tokens all weights are read, and the memory is as fast as it can be."""

from __future__ import annotations

from typing import Final

from app.text.numbers import rate
from app.verdicts.rules.device.processor import NEVER_FROM_MEMORY
from app.verdicts.rules.device.roof import LARGEST_DRAM, SATURATED
from app.verdicts.rules.inference.serving import prefill_share, serves
from app.verdicts.rules.readings import gauge_evidence, on_gpu, over
from app.verdicts.rules.settings import doubled, parameter, setting
from app.verdicts.rules.telling import limit, share_evidence, share_text, too_few, verdict
from app.verdicts.window import RequestSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

MOST_OF_IT: Final = 0.5
"""Of the time of telling: the rest is prefill's."""


def decode_bandwidth_bound(window: Window) -> Verdict | Missing | None:
    """Bytes that a decode step must read, over the gap between tokens, are 60 % of the memory's bandwidth or more."""
    requests = serves(window)
    prefill = prefill_share(requests) if requests is not None else None
    if requests is None or prefill is None or not requests.gaps or not requests.gap_ns or 1 - prefill < MOST_OF_IT:
        return None
    if missing := too_few(window, "decode-bandwidth-bound"):
        return missing
    found = _reaches(window, requests, 1 - prefill)
    if found is None or isinstance(found, Missing):
        return found
    part, says, evidence = found
    return verdict(
        window,
        "decode-bandwidth-bound",
        says=says,
        evidence=(
            *evidence,
            share_evidence("time between tokens", 1 - prefill, limit=MOST_OF_IT, source="requests"),
            Evidence(name="mean gap", value=requests.gap_ns / requests.gaps, unit="ns", source="requests"),
        ),
        try_this=_next(window),
        bound=1 / (prefill + (1 - prefill) * part),
        better="decoding at the largest bandwidth",
        confidence="high",
        experiment="bfloat16" if window.precision == "float32" else "double-batch",
    )


def _reaches(
    window: Window, requests: RequestSums, decoding: float
) -> tuple[float, str, tuple[Evidence, ...]] | Missing | None:
    """Part of the bandwidth, in words, and its evidence; None where it is far from it, or caches give the bytes."""
    started = window.started
    step = started.bytes_per_decode_step if started else None
    most, of = _most(window)
    if step is not None and most is not None and requests.gap_ns and requests.gaps:
        moved = step / (requests.gap_ns / requests.gaps * 1e-9)
        part = moved / most
        if not limit(window, "decode-bandwidth-bound", SATURATED / 100) <= part <= NEVER_FROM_MEMORY:
            return None
        says = f"a decode step reads {rate(moved)}, {share_text(part)} of {of}"
        evidence = Evidence(
            name="bytes of decode steps", value=moved, unit="bytes/s", limit=SATURATED / 100 * most, source="counted"
        )
        return min(1.0, part), says, (evidence, *gauge_evidence(window, "dram_percent"))
    dram = over(window, "dram_percent") if on_gpu(window) else None
    if dram is None:
        lacks = "what a decode step reads" if step is None else "how fast the memory is: benchtop run probe/copy"
        return Missing("decode-bandwidth-bound", f"it is not known {lacks}")
    # A mean over the whole window, of which decoding is but a part.
    part = min(1.0, dram / LARGEST_DRAM / decoding)
    if dram < SATURATED * decoding:
        return None
    return (
        part,
        f"{share_text(dram / 100)} of DRAM bandwidth is used",
        gauge_evidence(window, "dram_percent", SATURATED),
    )


def _most(window: Window) -> tuple[float | None, str]:
    """The memory's bandwidth: as a copy reached it, else as its clock and width have it."""
    if window.roofline is not None and window.roofline.bytes_per_s:
        return window.roofline.bytes_per_s, "what a copy reached"
    facts = window.facts if on_gpu(window) else None
    return (facts.dram_limit_bytes_per_s if facts else None), "DRAM bandwidth"


def _next(window: Window) -> str:
    if parameter(window, "precision") == "float32":
        return setting(window, "precision", "bfloat16", "")
    line = "more sequences a step, which read the same weights; smaller weights: torchao's int8 or int4 weights only"
    return setting(window, "batch", doubled(window), line)
