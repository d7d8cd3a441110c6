"""input-bound: the loop waits for data, and the arithmetic with it."""

from __future__ import annotations

from app.verdicts.rules.host.input_cause import cause, cause_between
from app.verdicts.rules.host.input_lost import lost_to_input
from app.verdicts.rules.occupied import BETWEEN, Occupied, between_steps, exposed_wait, gpu_busy
from app.verdicts.rules.over_time.drift import drift
from app.verdicts.rules.ranks.straggler import lags_between
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.telling import WORTH_TELLING, limit, share_evidence, share_text, too_few
from app.verdicts.window import StepSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict


def input_bound(window: Window) -> Verdict | Missing | None:
    """The time in which a step waits for data and nothing computes is a tenth of it or more.

    On the CPU the wait is that time: one thing happens after the other. A GPU goes on with work that it was given
    before; only a wait that it spends idle counts, which is no more than its idle time.
    """
    steps = window.steps
    if steps is None:
        return None if window.requests is not None else too_few(window, "input-bound")
    if missing := too_few(window, "input-bound"):
        return missing
    busy = gpu_busy(window) if on_gpu(window) else None
    if by_hand := _made_by_hand(window, steps, busy):
        return by_hand
    if steps.data_wait_ns is None:
        seen = "between_steps_percent" in window.worker.means
        return None if seen else Missing("input-bound", "data wait is not measured: no DataLoader was seen in the loop")
    wait = share = steps.data_wait_share
    if on_gpu(window) and wait >= limit(window, "input-bound", WORTH_TELLING):
        if busy is None and steps.ahead_ns is None:
            return Missing("input-bound", "whether the GPU waits too: neither its activity nor its lag is measured")
        share = min(exposed_wait(steps) or 0.0, 1.0 if busy is None else 1 - busy.share)
    return _told(window, steps, wait, share, busy) if share >= limit(window, "input-bound", WORTH_TELLING) else None


def _made_by_hand(window: Window, steps: StepSums, busy: Occupied | None) -> Verdict | None:
    """Without a DataLoader: the time between two steps, in which a loop makes its batch, and little else takes long.

    Between two answers of a script that only infers, nobody asks: see generator-limited. Where one rank alone does more
    there, it does so for itself: see straggler.
    """
    between = between_steps(window)
    share = min(between, 1.0 if busy is None else 1 - busy.share)
    if (
        share < limit(window, "input-bound", BETWEEN)
        or window.requests is not None
        or not steps.trains
        or steps.data_wait_share >= between
        or isinstance(drift(window), Verdict)
        or lags_between(window)
    ):
        return None
    evidence = [share_evidence("between steps", between, limit=BETWEEN, source="torch")]
    if busy is not None:
        evidence.append(busy.evidence)
    return lost_to_input(
        window,
        cause_between(window, between),
        share=share,
        without="nothing between steps",
        says=f"{share_text(between)} of the time passes between the end of a step and the next forward",
        evidence=evidence,
        confidence="low",
    )


def _told(window: Window, steps: StepSums, wait: float, share: float, busy: Occupied | None) -> Verdict:
    idle = f", the GPU is idle {share_text(1 - busy.share)} of the time" if busy is not None else ""
    evidence: list[Evidence] = [share_evidence("data wait", wait, limit=WORTH_TELLING)]
    if busy is not None:
        evidence.append(busy.evidence)
    if steps.ahead_ns is not None:
        evidence.append(Evidence(name="device behind the host", value=steps.ahead_ns / steps.count, unit="ns"))
    return lost_to_input(
        window,
        cause(window, wait),
        share=share,
        says=f"{share_text(wait)} of the step waits for data{idle}",
        evidence=evidence,
        confidence="high" if busy is not None or not on_gpu(window) else "medium",
    )
