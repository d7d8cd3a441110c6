"""What holds a device's clock down: how often, how far, and against which limits. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from app.verdicts.rules.readings import FEWEST_READINGS, devices, reading
from app.verdicts.window import DeviceMeans, Window
from workloads.wire.frames import Evidence

POWER_CAP: Final = 0x004
SLOWDOWN: Final = 0x008
"""NVML sets it with 0x40 or 0x80; alone it is one of them that the device does not tell."""
SOFTWARE_THERMAL: Final = 0x020
HARDWARE_THERMAL: Final = 0x040
POWER_BRAKE: Final = 0x080
"""Bits of nvml.h, nvmlClocksEventReasons."""


class HeldDown(msgspec.Struct, frozen=True, kw_only=True):
    """One device whose clock a reason holds down."""

    device: DeviceMeans
    share: float
    """Of the readings that have the reason."""
    clock: float | None
    """Of the largest clock that the device has, 0 to 1."""

    def text(self) -> str:
        """`1,440 of 1,980 MHz`; empty where the device does not say."""
        mhz = reading(self.device, "sm_clock_mhz")
        most = self.device.facts.sm_clock_limit_mhz if self.device.facts else None
        return f"{mhz:,.0f} of {most:,} MHz" if mhz is not None and most else ""


def held_down(window: Window, mask: int) -> HeldDown | None:
    """The device that has one of these reasons most often; None where none has."""
    found = [
        HeldDown(device=device, share=share, clock=_clock(device))
        for device in devices(window)
        if (share := max((part for bit, part in device.reasons.items() if bit & mask), default=0.0)) > 0
    ]
    return max(found, key=lambda each: each.share, default=None)


def tells_reasons(window: Window) -> bool:
    """Whether the run's devices say why their clocks are down."""
    known = [device.counts.get("clock_event_reasons", 0) for device in devices(window)]
    return bool(known) and min(known) >= FEWEST_READINGS


def clock_evidence(found: HeldDown) -> tuple[Evidence, ...]:
    """The clock, what it could be, and what the board takes."""
    evidence = []
    for name, label, unit in (
        ("sm_clock_mhz", "SM clock", "MHz"),
        ("power_w", "power", "W"),
        ("power_limit_w", "power limit", "W"),
        ("temperature_c", "temperature", "°C"),
    ):
        value = reading(found.device, name)
        if value is None and name == "power_limit_w" and found.device.facts:
            value = found.device.facts.power_limit_w
        if value is not None:
            evidence.append(Evidence(name=label, value=value, unit=unit, source="nvml"))
    facts = found.device.facts
    if facts and facts.sm_clock_limit_mhz:
        evidence.append(Evidence(name="largest SM clock", value=facts.sm_clock_limit_mhz, unit="MHz", source="nvml"))
    return tuple(evidence)


def _clock(device: DeviceMeans) -> float | None:
    mhz = reading(device, "sm_clock_mhz")
    most = device.facts.sm_clock_limit_mhz if device.facts else None
    return mhz / most if mhz is not None and most else None
