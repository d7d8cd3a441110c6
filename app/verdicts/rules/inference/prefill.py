"""prefill-compute-bound: most of the time goes to reading prompts, and that is arithmetic at its limit."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.device.roof import SATURATED, under
from app.verdicts.rules.inference.serving import batch_size, prefill_share, serves
from app.verdicts.rules.readings import activity, gauge_evidence, on_gpu
from app.verdicts.rules.settings import parameter
from app.verdicts.rules.telling import limit, share_evidence, share_text, too_few, verdict
from app.verdicts.window import RequestSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

MOST_OF_IT: Final = 0.5
"""Of the time of telling: below, the gaps between tokens are what to look at."""
GOOD: Final = 0.4
"""Of the peak. Reading prompts is bound by arithmetic and telling by memory (vLLM, Optimization and tuning, chunked
prefill); Pope et al. (2022, Efficiently scaling transformer inference) reach 0.76 of the peak with large batches."""


def prefill_compute_bound(window: Window) -> Verdict | Missing | None:
    """TTFT is half of the time or more, and its operations come near the peak, or the arithmetic units are busy."""
    requests = serves(window)
    share = prefill_share(requests) if requests is not None else None
    if requests is None or share is None or share < MOST_OF_IT:
        return None
    if missing := too_few(window, "prefill-compute-bound"):
        return missing
    found = _reaches(window, requests, share)
    if found is None or isinstance(found, Missing):
        return found
    part, evidence, of = found
    return verdict(
        window,
        "prefill-compute-bound",
        says=f"{share_text(share)} of the time is the first token's, at {share_text(part)} of {of}",
        evidence=(
            share_evidence("time to the first token", share, limit=MOST_OF_IT, source="requests"),
            *evidence,
            Evidence(
                name="TTFT",
                value=(requests.ttft_ns or 0) / requests.count,
                unit="ns",
                source="requests",
            ),
        ),
        try_this="fewer tokens to read: keep the cache of what prompts share (prefix caching); smaller types (float8); "
        "chunked prefill keeps gaps short beside it",
        bound=1 / (1 - share + share * part),
        better=f"reading at {of}",
        confidence="high" if part >= SATURATED / 100 else "medium",
        experiment="bfloat16" if window.precision == "float32" else "",
    )


def _reaches(
    window: Window, requests: RequestSums, share: float
) -> tuple[float, tuple[Evidence, ...], str] | Missing | None:
    """Part of the peak, its evidence, and which peak; None where the peak is far."""
    flops, peak, of = _counted(window, requests)
    if flops is not None and peak is not None:
        part = flops / peak
        if part < limit(window, "prefill-compute-bound", GOOD):
            return None
        evidence = (
            Evidence(name="arithmetic of prefill", value=flops, unit="FLOP/s", limit=GOOD * peak, source="counted"),
        )
        return min(1.0, part), evidence, of
    seen = activity(window)
    if on_gpu(window) and seen.arithmetic is not None:
        # Means over the whole window, of which prefill is but a part.
        part = min(1.0, seen.arithmetic / 100 / share)
        if part < SATURATED / 100 or under(seen) == "memory":
            return None
        return part, gauge_evidence(window, seen.unit), "what the arithmetic units can do"
    return Missing("prefill-compute-bound", "neither the operations of a prompt nor the device's peak are known")


def _counted(window: Window, requests: RequestSums) -> tuple[float | None, float | None, str]:
    """Operations a second while prompts are read, and the peak. A request's operations go by its tokens."""
    started = window.started
    if started is None:
        return None, None, ""
    measured = window.roofline.flops_per_s.get(started.precision) if window.roofline else None
    peak, of = (measured, "the measured peak") if measured else (started.limit_flops_per_s, "the published peak")
    prompt, new = parameter(window, "prompt"), parameter(window, "new")
    if not started.flops_per_unit or not isinstance(prompt, int) or not isinstance(new, int) or not requests.ttft_ns:
        return None, peak, of
    reading = started.flops_per_unit * prompt / (prompt + new - 1)
    ttft_s = requests.ttft_ns / requests.count * 1e-9
    return reading * batch_size(requests) / ttft_s, peak, of
