"""thermally-throttled: the device is too hot, and lowers its clock."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.device.clocks import (
    HARDWARE_THERMAL,
    POWER_BRAKE,
    SLOWDOWN,
    SOFTWARE_THERMAL,
    clock_evidence,
    held_down,
    tells_reasons,
)
from app.verdicts.rules.readings import on_gpu, reading, why_absent
from app.verdicts.rules.telling import limit, share_evidence, share_text, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Missing, Verdict

OFTEN: Final = 0.1
"""Of the readings. A cooled device never has the reason (nvml.h: its temperature is above the largest it is made for),
so that a tenth is no chance; single readings may be of another load before."""


def thermally_throttled(window: Window) -> Verdict | Missing | None:
    """NVML's reasons SwThermalSlowdown, HwThermalSlowdown, or a hardware slowdown that is no power brake."""
    if not on_gpu(window):
        return None
    if not tells_reasons(window):
        return Missing("thermally-throttled", why_absent(window, "clock_event_reasons"))
    found = held_down(window, SOFTWARE_THERMAL | HARDWARE_THERMAL | SLOWDOWN)
    if found is None or found.share < limit(window, "thermally-throttled", OFTEN):
        return None
    reasons = found.device.reasons
    if reasons.get(POWER_BRAKE, 0.0) and not reasons.get(SOFTWARE_THERMAL, 0.0) + reasons.get(HARDWARE_THERMAL, 0.0):
        return None
    heat = reading(found.device, "temperature_c")
    hot = "" if heat is None else f" at {heat:.0f} °C"
    number = found.device.device.removeprefix("gpu")
    return verdict(
        window,
        "thermally-throttled",
        severity="critical" if found.clock is not None and found.clock < 1 / 2 else "warning",
        says=f"heat holds {found.device.device}'s clock in {share_text(found.share)} of the readings{hot}"
        + found.clock_text(),
        evidence=(
            share_evidence("readings with a thermal slowdown", found.share, limit=OFTEN, source="nvml"),
            *clock_evidence(found),
        ),
        try_this=f"look at fans and air flow; until then sudo nvidia-smi -i {number} -pl WATTS keeps the clock even",
        bound=found.bound,
        better="the largest clock",
        confidence="high",
    )
