"""power-capped: the board takes all the power that it may, and lowers its clock to stay there."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.device.clocks import POWER_BRAKE, POWER_CAP, HeldDown, clock_evidence, held_down, tells_reasons
from app.verdicts.rules.readings import on_gpu, why_absent
from app.verdicts.rules.telling import Severity, limit, share_evidence, share_text, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Missing, Verdict

OFTEN: Final = 0.5
"""Of the readings. Products of 8192³ on an H200 have the reason in every one; short peaks have it now and then."""
HALF_CLOCK: Final = 0.5
"""Of the largest clock. Those products leave 0.73 of it (1,440 of 1,980 MHz), which is how a board of 700 W is sold;
half of it is beyond what any load is known to do to a sound one at its own limit."""
LOWERED: Final = 0.98
"""Of the limit that the board comes with: it was set below it by hand. Drivers round limits to watts."""


def power_capped(window: Window) -> Verdict | Missing | None:
    """NVML's reason SwPowerCap, or the power brake of the machine, holds in half of the readings."""
    if not on_gpu(window):
        return None
    if not tells_reasons(window):
        return Missing("power-capped", why_absent(window, "clock_event_reasons"))
    found = held_down(window, POWER_CAP | POWER_BRAKE)
    if found is None or found.share < limit(window, "power-capped", OFTEN):
        return None
    severity, why, try_this = _judged(found)
    return verdict(
        window,
        "power-capped",
        severity=severity,
        says=f"{why} in {share_text(found.share)} of the readings{found.clock_text()}",
        evidence=(
            share_evidence("readings with a power cap", found.share, limit=OFTEN, source="nvml"),
            *clock_evidence(found),
        ),
        try_this=try_this,
        bound=found.bound,
        better="the largest clock",
        confidence="high",
    )


def _judged(found: HeldDown) -> tuple[Severity, str, str]:
    """Severity, what holds the clock, and what to try."""
    device = found.device
    facts = device.facts
    number = device.device.removeprefix("gpu")
    limit = found.power_limit_w
    default = facts.power_limit_default_w if facts else None
    if device.reasons.get(POWER_BRAKE, 0.0) >= OFTEN:
        return (
            "warning",
            "the machine's power brake holds the clock",
            "look at the machine's power supply and its alarms",
        )
    if limit and default and limit < LOWERED * default:
        why = f"the power limit, set to {limit:,.0f} of {default:,.0f} W, holds the clock"
        return "warning", why, f"sudo nvidia-smi -i {number} -pl {default:.0f}"
    if found.clock is not None and found.clock < HALF_CLOCK:
        try_this = (
            f"nvidia-smi -i {number} -q -d POWER,CLOCK: so low a clock at the board's own limit is not its load alone"
        )
        return "warning", "the power cap holds the clock", try_this
    watts = f" of {limit:,.0f} W" if limit else ""
    try_this = "nothing: a board full of products works so; fewer bits (bfloat16, float8) do more for each joule"
    return "info", f"the board's own cap{watts} holds the clock", try_this
